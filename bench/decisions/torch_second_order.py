#!/usr/bin/python3
"""Second derivatives through torch.nn.LSTM on the CPU: are they there, are they right, what do they cost?

usage: torch_second_order.py [T B F H]        needs python3-torch, libopenblas0-pthread; one thread
The second-order step is that of a gradient penalty: backward through |d sum(y^2) / dx|^2.
Each measurement of memory runs in a process of its own, since the peak of a process never falls.
"""
import os
import resource
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch

SIZES = [int(v) for v in sys.argv[1:5]] or [50, 32, 64, 128]


def first(model, x):
    model(x)[0].square().sum().backward()


def second(model, x):
    (g,) = torch.autograd.grad(model(x)[0].square().sum(), x, create_graph=True)
    g.square().sum().backward()


def measure(step, make=torch.nn.LSTM):
    T, B, F, H = SIZES
    torch.manual_seed(0)
    model, x = make(F, H), torch.randn(T, B, F, requires_grad=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    for _ in range(15):
        start = time.perf_counter()
        step(model, x)
        times.append(time.perf_counter() - start)
    return sorted(times)[7], (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def in_child(label, step, make=torch.nn.LSTM):
    sys.stdout.flush()
    if os.fork() == 0:
        seconds, mb = measure(step, make)
        print("%-38s %8.2f ms, peak memory + %.0f MB" % (label, seconds * 1e3, mb), flush=True)
        os._exit(0)
    os.wait()


def check(make, name):
    torch.manual_seed(0)
    model = make(3, 4).double()
    x = torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)
    try:
        ok = torch.autograd.gradgradcheck(lambda x, *_: model(x)[0], (x, *model.parameters()))
        print("gradgradcheck of %s in f64: %s" % (name, "passes" if ok else "fails"))
    except RuntimeError as error:
        print("gradgradcheck of %s in f64: %s" % (name, str(error).splitlines()[0]))


torch.set_num_threads(1)
print("torch", torch.__version__, "mkldnn", torch.backends.mkldnn.is_available())
for make in (torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN):
    check(make, make.__name__)
T, B, F, H = SIZES
print("T%d B%d F%d H%d, one thread" % (T, B, F, H))
in_child("first-order step", first)
in_child("second-order step", second)
x = torch.randn(2, 1, 3, requires_grad=True)
y = torch.nn.LSTM(3, 4)(x)[0]
seen, todo = set(), [y.grad_fn]
while todo:
    f = todo.pop()
    seen.add(type(f).__name__)
    todo += [g for g, _ in f.next_functions if g is not None]
print("backward nodes of one LSTM:", " ".join(sorted(seen)))
