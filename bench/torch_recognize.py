# What bench/recognize_step.cc does, made of PyTorch's own layers, on one thread. Its batch normalisation has no renormalisation.
#
# Run: torch_recognize.py SECONDS [clips=N] [frames=N] [side=N] [channels=1|3] [hidden=N]
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
CLASSES, WIDTHS, DROPOUT = 10, (16, 32, 64), 0.3


def layer(fan_in, fan_out):
    return nn.Sequential(nn.Conv2d(fan_in, fan_out, 3, padding=1), nn.BatchNorm2d(fan_out))


class Recognizer(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        stages, fan_in = [], channels
        for width in WIDTHS:
            stages.append(nn.ModuleList([layer(fan_in, width), layer(width, width), layer(width, width)]))
            fan_in = width
        self.stages = nn.ModuleList(stages)
        self.rnn = nn.LSTM(fan_in, hidden, bidirectional=True)
        self.linear = nn.Linear(2 * hidden, CLASSES)

    def forward(self, x):  # [T, B, C, H, W]
        frames, clips = x.shape[:2]
        h = x.flatten(0, 1)
        for first, inner, outer in self.stages:
            h = F.relu(first(h))
            h = F.max_pool2d(F.relu(h + outer(F.relu(inner(h)))), 2)
        h = F.dropout(h.mean((2, 3)).reshape(frames, clips, -1), DROPOUT)
        y = self.rnn(F.dropout(h, DROPOUT))[0].mean(0)
        return self.linear(F.dropout(y, DROPOUT))


def main():
    seconds = float(sys.argv[1])
    o = {"clips": 16, "frames": 16, "side": 32, "channels": 1, "hidden": 128}
    o.update((key, int(value)) for key, value in (word.split("=") for word in sys.argv[2:]))
    model = Recognizer(o["channels"], o["hidden"])
    x = torch.randn(o["frames"], o["clips"], o["channels"], o["side"], o["side"])
    target = torch.randint(0, CLASSES, (o["clips"],))
    adam = torch.optim.Adam(model.parameters(), 1e-3, fused=True)

    def step():
        adam.zero_grad()
        F.cross_entropy(model(x), target).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        adam.step()

    step()
    times, begin = [], time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    print(f"torch,{statistics.median(times):.3f}")


main()
