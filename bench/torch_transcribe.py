# What bench/transcribe_step.cc does, made of PyTorch's own layers and losses, on one thread; torchaudio has no release for
# this PyTorch, so that the transducer's loss is a loop over the anti-diagonals of its lattice. The search is pyctcdecode's.
#
# Run: torch_transcribe.py step|loss|beam SECONDS [output=ctc|transducer] [hidden=N] [layers=N] [beam=N] [out=FILE]
import logging
import statistics
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.manual_seed(1)
SOUNDS, FEATURES, SYMBOLS = 8, 80, 28
BLANK = SYMBOLS - 1
FRAMES = [180 + 30 * b for b in range(SOUNDS)]
LENGTHS = [20 + 4 * b for b in range(SOUNDS)]


def transducer_loss(logits, labels, steps, lengths):
    """logits [B, T, U + 1, V] padded; labels [B, U]. The sum over the batch of -ln p."""
    log_p = F.log_softmax(logits, -1)
    B, T, U1, _ = log_p.shape
    blank = log_p[..., BLANK]  # [B, T, U + 1]
    say = log_p[:, :, :-1].gather(3, labels[:, None, :, None].expand(B, T, U1 - 1, 1))[..., 0]  # [B, T, U]
    # Diagonal n holds the points with t + u = n, by u.
    low = logits.new_full((B, 1), -1e30)
    alpha = torch.cat([logits.new_zeros(B, 1), low.expand(B, U1 - 1)], 1)
    ends = {}
    last = [s - 1 + u for s, u in zip(steps, lengths)]
    for n in range(T + U1 - 1):
        if n > 0:
            u = torch.arange(U1)
            t_wait = (n - 1 - u).clamp(0, T - 1)  # from (t - 1, u) by a blank
            wait = alpha + blank[:, t_wait, u]
            wait = torch.where((n - 1 - u >= 0) & (n - 1 - u < T - 1), wait, low)
            t_say = (n - u[1:]).clamp(0, T - 1)  # from (t, u - 1) by its label
            said = alpha[:, :-1] + say[:, t_say, u[1:] - 1]
            said = torch.where((n - u[1:] >= 0) & (n - u[1:] < T), said, low)
            alpha = torch.logaddexp(wait, torch.cat([low, said], 1))
        for b in range(B):
            if last[b] == n:
                ends[b] = alpha[b, lengths[b]] + blank[b, steps[b] - 1, lengths[b]]
    return -torch.stack([ends[b] for b in range(B)]).sum()


class Transcriber(nn.Module):
    def __init__(self, o):
        super().__init__()
        h = int(o.get("hidden", 160))
        self.output = o.get("output", "ctc")
        self.convs = nn.ModuleList([nn.Conv1d(FEATURES, 64, 11, 2, 5), nn.Conv1d(64, 64, 11, 1, 5)])
        self.norms = nn.ModuleList([nn.BatchNorm1d(64), nn.BatchNorm1d(64)])
        self.rnn = nn.LSTM(64, h, int(o.get("layers", 2)), bidirectional=True, dropout=0.3)
        if self.output == "ctc":
            self.linear = nn.Linear(2 * h, SYMBOLS)
        else:
            self.embedding = nn.Embedding(SYMBOLS, 64)
            self.predict = nn.LSTM(64, h)
            self.sound, self.said, self.linear = nn.Linear(2 * h, h), nn.Linear(h, h, bias=False), nn.Linear(h, SYMBOLS)

    def forward(self, x, texts):
        for conv, norm in zip(self.convs, self.norms):
            x = F.relu(norm(conv(x)))
        steps = [(n + 1) // 2 for n in FRAMES]
        x = F.dropout(x.permute(2, 0, 1), 0.3)
        y, _ = self.rnn(pack_padded_sequence(x, torch.tensor(steps), enforce_sorted=False))
        y = F.dropout(pad_packed_sequence(y)[0], 0.3)
        if self.output == "ctc":
            log_p = F.log_softmax(self.linear(y), -1)
            return F.ctc_loss(log_p, torch.cat(texts), torch.tensor(steps), torch.tensor(LENGTHS), BLANK, reduction="sum")
        labels = nn.utils.rnn.pad_sequence(texts)  # [U, B]
        before = torch.cat([torch.full((1, SOUNDS), BLANK), labels])
        said = self.predict(F.dropout(self.embedding(before), 0.3))[0]
        joint = torch.tanh(self.sound(y).transpose(0, 1)[:, :, None] + self.said(said).transpose(0, 1)[:, None])
        return transducer_loss(self.linear(joint), labels.T, steps, LENGTHS)


def times_of(seconds, f):
    f()
    times, begin = [], time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        f()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def texts_of():
    return [torch.randint(0, BLANK, (n,)) for n in LENGTHS]


def time_step(seconds, o):
    model, x, texts = Transcriber(o), torch.randn(SOUNDS, FEATURES, FRAMES[-1]), texts_of()
    adam = torch.optim.Adam(model.parameters(), 1e-3, fused=True)

    def step():
        adam.zero_grad()
        loss = model(x, texts)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        adam.step()
        return loss.item()

    return times_of(seconds, step)


def time_loss(seconds):
    steps = [n // 2 for n in FRAMES]
    logits = torch.randn(SOUNDS, steps[-1], LENGTHS[-1] + 1, SYMBOLS, requires_grad=True)
    labels = nn.utils.rnn.pad_sequence(texts_of()).T

    def run():
        logits.grad = None
        transducer_loss(logits, labels, steps, LENGTHS).backward()

    return times_of(seconds, run)


def time_beam(seconds, o):
    logging.disable(logging.WARNING)  # of what it can do without
    from pyctcdecode import build_ctcdecoder

    sounds = numpy.fromfile(o["out"], numpy.float32).reshape(-1, 140, SYMBOLS)
    decoder = build_ctcdecoder([chr(ord("a") + i) for i in range(26)] + [" ", ""])
    at = 0

    def search():
        nonlocal at
        decoder.decode(sounds[at % len(sounds)], beam_width=int(o.get("beam", 5)), beam_prune_logp=-1e9, token_min_logp=-7)
        at += 1

    return times_of(seconds, search)


def main():
    what, seconds = sys.argv[1], float(sys.argv[2])
    o = dict(word.split("=") for word in sys.argv[3:])
    ms = {"step": lambda: time_step(seconds, o), "loss": lambda: time_loss(seconds), "beam": lambda: time_beam(seconds, o)}[what]()
    print(f"torch,{ms:.3f}")


main()
