#!/usr/bin/python3
"""Golden numbers of the LSTM with recurrent batch normalisation, in f64, as a loop over PyTorch's batch_norm.

usage: make_batch_norm_lstm_golden.py          writes tests/golden/batch_norm_lstm.safetensors

input.x [T, B, F]; param.*, by the names of the layer's parameters; STEPS statistics, which later steps share. Training:
train.y [T, B, H], weight.y of the scalar loss sum(y * weight.y), grad.* of it, and the running statistics that two runs
leave, stat.*; the first run starts them. Evaluation with those: eval.y. Cooijmans et al. (2017), eqs. 6 to 8, with the
gates in PyTorch's order i, f, g, o.
"""
import torch
import torch.nn.functional as F

import golden

T, B, INPUT, HIDDEN, STEPS = 5, 6, 3, 4, 3
NORMS = {"norm_ih": 4 * HIDDEN, "norm_hh": 4 * HIDDEN, "norm_c": HIDDEN}


def normalized(p, stats, name, z, step, training, first):
    row = min(step, STEPS - 1)
    mean, var = stats[name + ".running_mean"][row], stats[name + ".running_var"][row]
    bias = p.get(name + ".bias")
    # Each step's own row is started by its first batch; a row that steps share goes on from there.
    starts = first and step < STEPS
    return F.batch_norm(z, mean, var, p[name + ".weight"], bias, training, 1.0 if starts else 0.1, 1e-5)


def run(p, stats, x, training, first=False):
    h = torch.zeros(B, HIDDEN, dtype=torch.float64)
    c = torch.zeros(B, HIDDEN, dtype=torch.float64)
    out = []
    for t in range(T):
        gates = (normalized(p, stats, "norm_ih", x[t] @ p["weight_ih"].T, t, training, first)
                 + normalized(p, stats, "norm_hh", h @ p["weight_hh"].T, t, training, first) + p["bias"])
        i, f, g, o = gates.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(normalized(p, stats, "norm_c", c, t, training, first))
        out.append(h)
    return torch.stack(out)


def main():
    torch.set_num_threads(1)
    numbers = golden.Numbers(7)
    params = {"weight_ih": numbers.normal(4 * HIDDEN, INPUT), "weight_hh": numbers.normal(4 * HIDDEN, HIDDEN),
              "bias": numbers.normal(4 * HIDDEN)}
    for name, size in NORMS.items():
        params[name + ".weight"] = numbers.normal(size)
    params["norm_c.bias"] = numbers.normal(HIDDEN)
    stats = {}
    for name, size in NORMS.items():
        stats[name + ".running_mean"] = torch.zeros(STEPS, size, dtype=torch.float64)
        stats[name + ".running_var"] = torch.ones(STEPS, size, dtype=torch.float64)
    x, weight = numbers.normal(T, B, INPUT), numbers.normal(T, B, HIDDEN)
    leaves = {k: golden.leaf(v, torch.float64) for k, v in params.items()}
    x_leaf = golden.leaf(x, torch.float64)
    y = run(leaves, stats, x_leaf, True, True)
    (y * weight).sum().backward()
    run(leaves, stats, x_leaf + 0.5, True)
    tensors = {"input.x": x, "train.y": y, "weight.y": weight, "grad.x": x_leaf.grad, "eval.y": run(leaves, stats, x, False)}
    tensors.update({"param." + k: v for k, v in params.items()})
    tensors.update({"grad." + k: v.grad for k, v in leaves.items()})
    tensors.update({"stat." + k: v for k, v in stats.items()})
    golden.save("batch_norm_lstm", tensors, {"steps": STEPS, "torch": torch.__version__})


if __name__ == "__main__":
    main()
