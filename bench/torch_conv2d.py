# Times convolutions of 3 x 3 by PyTorch (oneDNN) on one thread, as bench/conv2d.cc times ours.
#
# Run: torch_conv2d.py SECONDS N,C,H,W,O...
import statistics
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


def median_seconds(budget, call):
    call()
    times = []
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


budget = float(sys.argv[1])
for shape in sys.argv[2:]:
    n, c, h, width, o = map(int, shape.split(","))
    x, w, b = torch.randn(n, c, h, width), torch.randn(o, c, 3, 3), torch.randn(o)
    g = torch.randn(n, o, h, width)
    work = 2 * 9 * n * c * h * width * o
    with torch.no_grad():
        forward = median_seconds(budget, lambda: F.conv2d(x, w, b, padding=1))
    leaves = [t.requires_grad_(True) for t in (x, w, b)]
    training = median_seconds(budget, lambda: torch.autograd.grad(F.conv2d(x, w, b, padding=1), leaves, g))
    print(f"{shape},{work / forward / 1e9:.1f},{3 * work / training / 1e9:.1f}", flush=True)
