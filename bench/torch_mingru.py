# Training steps of one minGRU layer in PyTorch, on one thread: a loop over time, and the scan in log-space of Feng et al.
# (2024, arXiv 2410.01201, appendix B). Forward and backward to the input and every parameter, as `recur bench` has it.
#
# Run: torch_mingru.py [T B I H [SECONDS [PEER ...]]]    prints rows like those of recur bench; PEER: loop, log-scan, lstm, gru
import statistics
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


def loop(x, weight, bias):
    z, c = F.linear(x, weight, bias).chunk(2, dim=-1)
    z = torch.sigmoid(z)
    a, b = 1 - z, z * torch.where(c >= 0, c + 0.5, torch.sigmoid(c))
    h = torch.zeros_like(b[0])
    out = []
    for a_t, b_t in zip(a.unbind(), b.unbind()):  # the gradient of a[t] would be as large as a
        h = a_t * h + b_t
        out.append(h)
    return torch.stack(out)


def log_scan(x, weight, bias):
    k, c = F.linear(x, weight, bias).chunk(2, dim=-1)
    log_z, log_a = -F.softplus(-k), -F.softplus(k)
    log_c = torch.where(c >= 0, torch.log(F.relu(c) + 0.5), -F.softplus(-c))
    passed = torch.cumsum(log_a, 0)
    return torch.exp(passed + torch.logcumsumexp(log_z + log_c - passed, 0))


def median(run, seconds):
    run()
    times, begin = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    steps, batch, features, hidden = map(int, sys.argv[1:5]) if len(sys.argv) > 4 else (4096, 8, 512, 512)
    seconds = float(sys.argv[5]) if len(sys.argv) > 5 else 1
    x = torch.randn(steps, batch, features, requires_grad=True)
    weight = (torch.randn(2 * hidden, features) / features**0.5).requires_grad_()
    bias = torch.zeros(2 * hidden, requires_grad=True)
    with torch.no_grad():
        near = (loop(x, weight, bias) - log_scan(x, weight, bias)).abs().max().item()
    print(f"# PyTorch {torch.__version__}; the two differ by at most {near:.1e}")
    print("peer,cell,layers,bidir,T,B,I,H,mode,threads,median_us")

    def of_layer(layer):
        return lambda: torch.autograd.grad(layer(x)[0].sum(), [x, *layer.parameters()])

    def of(run):
        return lambda: torch.autograd.grad(run(x, weight, bias).sum(), [x, weight, bias])

    peers = {"loop": ("torch-loop,mingru", of(loop)), "log-scan": ("torch-log-scan,mingru", of(log_scan)),
             "lstm": ("torch,lstm", of_layer(torch.nn.LSTM(features, hidden))),
             "gru": ("torch,gru", of_layer(torch.nn.GRU(features, hidden)))}
    for key in sys.argv[6:] or peers:
        name, run = peers[key]
        print(f"{name},1,0,{steps},{batch},{features},{hidden},train,1,{median(run, seconds) * 1e6:.0f}", flush=True)


main()
