#!/usr/bin/python3
"""Golden numbers of recurrences that PyTorch has no layer for, in f64, written step by step from their papers' formulas.

usage: make_scans_golden.py          writes tests/golden/scan_*.safetensors

input.x [T, B, F], lengths in the metadata; output.y [T, B, H], zeros in the padding; param.*, by the names of a layer's
parameters; weight.y, the fixed weights of the scalar loss sum(y * weight); grad.* of it. Nothing here is stabilised, scanned
or cut into chunks. Run with the packages of tools/peers.txt: build/peers/bin/python tests/golden/make_scans_golden.py
"""
import math

import torch
import torch.nn.functional as F

import golden

LENGTHS = [7, 4, 1]
INPUT, HIDDEN, HEADS = 3, 4, 2


def positive(x):
    return torch.where(x >= 0, x + 0.5, torch.sigmoid(x))


def mingru(p, xs):
    h = torch.zeros(HIDDEN, dtype=torch.float64)
    for x in xs:
        z, c = (p["weight_ih"] @ x + p["bias_ih"]).chunk(2)
        z = torch.sigmoid(z)
        h = (1 - z) * h + z * positive(c)
        yield h


def minlstm(p, xs):
    h = torch.zeros(HIDDEN, dtype=torch.float64)
    for x in xs:
        f, i, c = (p["weight_ih"] @ x + p["bias_ih"]).chunk(3)
        f, i = torch.sigmoid(f), torch.sigmoid(i)
        h = f / (f + i) * h + i / (f + i) * positive(c)
        yield h


def qrnn(p, xs):
    c, before = torch.zeros(HIDDEN, dtype=torch.float64), torch.zeros(INPUT, dtype=torch.float64)
    for x in xs:
        z, f, o = (p["weight_ih"] @ torch.cat([before, x]) + p["bias_ih"]).chunk(3)
        f = torch.sigmoid(f)
        c = f * c + (1 - f) * torch.tanh(z)
        before = x
        yield torch.sigmoid(o) * c


def indrnn(p, xs):
    h = torch.zeros(HIDDEN, dtype=torch.float64)
    for x in xs:
        h = torch.relu(p["weight_ih"] @ x + p["recurrent"] * h + p["bias_ih"])
        yield h


def sru(p, xs):
    c = torch.zeros(HIDDEN, dtype=torch.float64)
    forget_bias, reset_bias = p["bias_ih"].chunk(2)
    for x in xs:
        z, f, r, skip = (p["weight_ih"] @ x).chunk(4)
        f = torch.sigmoid(f + p["forget_peephole"] * c + forget_bias)
        r = torch.sigmoid(r + p["reset_peephole"] * c + reset_bias)
        c = f * c + (1 - f) * z
        yield r * c + (1 - r) * skip


def lru(p, xs):
    factor = torch.exp(torch.complex(-torch.exp(p["nu"]), torch.exp(p["theta"])))
    b = torch.complex(p["weight_ih"][:HIDDEN], p["weight_ih"][HIDDEN:])
    c = torch.complex(p["weight_out"][:, :HIDDEN], -p["weight_out"][:, HIDDEN:])
    h = torch.zeros(HIDDEN, dtype=torch.complex128)
    for x in xs:
        h = factor * h + torch.exp(p["gamma"]) * (b @ x.to(torch.complex128))
        yield (c @ h).real + p["weight_skip"] @ x


def rg_lru_steps(p, us):
    h = torch.zeros(HIDDEN, dtype=torch.float64)
    for u in us:
        r, i = torch.sigmoid(p["weight_gates"] @ u + p["bias_gates"]).chunk(2)
        a = torch.sigmoid(p["lambda"]) ** (8 * r)
        h = a * h + torch.sqrt(1 - a**2) * (i * u)
        yield h


def rg_lru(p, xs):
    yield from rg_lru_steps(p, [p["weight_ih"] @ x + p["bias_ih"] for x in xs])


def griffin(p, xs):
    u = torch.stack([p["weight_ih"] @ x + p["bias_ih"] for x in xs])  # [T, H]
    taps = p["weight_conv"].t()[:, None]  # [H, 1, 4]
    conv = F.conv1d(F.pad(u.t()[None], (3, 0)), taps, p["bias_conv"], groups=HIDDEN)[0].t()
    for x, h in zip(xs, rg_lru_steps(p, conv)):
        branch = F.gelu(p["weight_branch"] @ x + p["bias_branch"], approximate="tanh")
        yield p["weight_out"] @ (h * branch) + p["bias_out"]


def slstm(p, xs):
    d = HIDDEN // HEADS
    zeros = torch.zeros(HIDDEN, dtype=torch.float64)
    h, c, n = zeros, zeros, zeros
    block = torch.zeros(4 * HIDDEN, HIDDEN, dtype=torch.float64)
    for gate in range(4):
        for head in range(HEADS):
            rows, columns = slice(gate * HIDDEN + head * d, gate * HIDDEN + (head + 1) * d), slice(head * d, (head + 1) * d)
            mask = torch.zeros_like(block)
            mask[rows, columns] = 1
            block = block + mask * F.pad(p["weight_hh"], (head * d, HIDDEN - (head + 1) * d))
    for x in xs:
        z, i, f, o = (p["weight_ih"] @ x + p["bias_ih"] + block @ h).chunk(4)
        i, f = torch.exp(i), torch.sigmoid(f)
        c = f * c + i * torch.tanh(z)
        n = f * n + i
        h = torch.sigmoid(o) * c / n
        yield h


def mlstm(p, xs):
    d = p["bias_ih"].numel() // 4 // HEADS
    memory = [torch.zeros(d, d, dtype=torch.float64) for _ in range(HEADS)]
    normaliser = [torch.zeros(d, dtype=torch.float64) for _ in range(HEADS)]
    for x in xs:
        q, k, v, o = (p["weight_ih"] @ x + p["bias_ih"]).chunk(4)
        i, f = (p["weight_gates"] @ x + p["bias_gates"]).chunk(2)
        y = []
        for n in range(HEADS):
            own = slice(n * d, (n + 1) * d)
            key = k[own] / math.sqrt(d)
            memory[n] = torch.sigmoid(f[n]) * memory[n] + torch.exp(i[n]) * torch.outer(v[own], key)
            normaliser[n] = torch.sigmoid(f[n]) * normaliser[n] + torch.exp(i[n]) * key
            y.append(memory[n] @ q[own] / torch.clamp((normaliser[n] @ q[own]).abs(), min=1.0))
        yield torch.sigmoid(o) * torch.cat(y)


def delta(p, xs, most=1):
    d = HIDDEN // HEADS
    memory = [torch.zeros(d, d, dtype=torch.float64) for _ in range(HEADS)]
    for x in xs:
        q, k, v, o = (p["weight_ih"] @ x + p["bias_ih"]).chunk(4)
        a, b = (p["weight_gates"] @ x + p["bias_gates"]).chunk(2)
        y = []
        for n in range(HEADS):
            own = slice(n * d, (n + 1) * d)
            query, key = (F.silu(t[own]) / torch.sqrt((F.silu(t[own]) ** 2).sum() + 1e-6) for t in (q, k))
            alpha = torch.exp(-torch.exp(p["log_rate"][n]) * F.softplus(a[n]))
            beta = most * torch.sigmoid(b[n])
            erase = torch.eye(d, dtype=torch.float64) - beta * torch.outer(key, key)
            memory[n] = alpha * memory[n] @ erase + beta * torch.outer(F.silu(v[own]), key)
            y.append(memory[n] @ query)
        yield F.silu(o) * torch.cat(y)


def delta_negative(p, xs):
    yield from delta(p, xs, most=2)


def norm(p, name, x):
    return F.layer_norm(x, (HIDDEN,), p[name + ".weight"], p[name + ".bias"])


def affine(p, name, x):
    return p[name + ".weight"] @ x + p[name + ".bias"]


def inner(p):
    return {key.removeprefix("inner."): value for key, value in p.items() if key.startswith("inner.")}


def entered_block(p, xs, layer):
    """What a block adds to, and what its layer makes of the norm of that, step by step."""
    entered = [affine(p, "enter", x) for x in xs]
    return zip(entered, layer(inner(p), [norm(p, "norm", u) for u in entered]))


def block_mingru(p, xs):
    """A feed-forward block around minGRU."""
    for u, h in entered_block(p, xs, mingru):
        y = u + affine(p, "leave", h)
        yield y + affine(p, "narrow", F.gelu(affine(p, "wide", norm(p, "feed_norm", y)), approximate="tanh"))


def xlstm_slstm(p, xs):
    """An xLSTM block around sLSTM."""
    for u, h in entered_block(p, xs, slstm):
        y = u + affine(p, "leave", F.group_norm(h[None], HEADS, p["weight_heads"])[0])
        normal = norm(p, "feed_norm", y)
        yield y + affine(p, "narrow", F.gelu(affine(p, "gate", normal), approximate="tanh") * affine(p, "wide", normal))


def xlstm_up_mlstm(p, xs):
    """An xLSTM block around mLSTM, which has twice the units and reads a convolution of four steps."""
    entered = [affine(p, "enter", x) for x in xs]
    normal = [norm(p, "norm", u) for u in entered]
    up = [affine(p, "up", n) for n in normal]
    read = [F.silu(p["bias_conv"] + sum(p["weight_conv"][3 - k] * up[t - k] for k in range(min(t, 3) + 1)))
            for t in range(len(xs))]
    for u, n, c, h in zip(entered, normal, read, mlstm(inner(p), read)):
        given = F.group_norm(h[None], HEADS, p["weight_heads"])[0] + p["weight_skip"] * c
        yield u + affine(p, "leave", given * F.silu(affine(p, "up_gate", n)))


H, I = HIDDEN, INPUT
MEMORY = {"weight_ih": (4 * H, I), "bias_ih": (4 * H,), "weight_gates": (2 * HEADS, I), "bias_gates": (2 * HEADS,)}
RG_LRU = {"weight_ih": (H, I), "bias_ih": (H,), "weight_gates": (2 * H, H), "bias_gates": (2 * H,), "lambda": (H,)}
DELTA = MEMORY | {"log_rate": (HEADS,)}
BLOCK = {"enter.weight": (H, I), "enter.bias": (H,), "norm.weight": (H,), "norm.bias": (H,), "leave.weight": (H, H),
         "leave.bias": (H,), "feed_norm.weight": (H,), "feed_norm.bias": (H,)}
BETWEEN = 8  # units of an xLSTM block's feed-forward part: 4/3 H, and a multiple of 8
KINDS = {
    mingru: {"weight_ih": (2 * H, I), "bias_ih": (2 * H,)},
    minlstm: {"weight_ih": (3 * H, I), "bias_ih": (3 * H,)},
    qrnn: {"weight_ih": (3 * H, 2 * I), "bias_ih": (3 * H,)},
    lru: {"nu": (H,), "theta": (H,), "gamma": (H,), "weight_ih": (2 * H, I), "weight_out": (H, 2 * H), "weight_skip": (H, I)},
    rg_lru: RG_LRU,
    griffin: RG_LRU | {"weight_branch": (H, I), "bias_branch": (H,), "weight_conv": (4, H), "bias_conv": (H,),
                       "weight_out": (H, H), "bias_out": (H,)},
    slstm: {"weight_ih": (4 * H, I), "weight_hh": (4 * H, H // HEADS), "bias_ih": (4 * H,)},
    mlstm: MEMORY,
    delta: DELTA,
    delta_negative: DELTA,
    block_mingru: {"enter.weight": (H, I), "enter.bias": (H,), "norm.weight": (H,), "norm.bias": (H,),
                   "inner.weight_ih": (2 * H, H), "inner.bias_ih": (2 * H,), "leave.weight": (H, H), "leave.bias": (H,),
                   "feed_norm.weight": (H,), "feed_norm.bias": (H,), "wide.weight": (2 * H, H), "wide.bias": (2 * H,),
                   "narrow.weight": (H, 2 * H), "narrow.bias": (H,)},
    # Behind the others, whose seeds go by their number.
    indrnn: {"weight_ih": (H, I), "bias_ih": (H,), "recurrent": (H,)},
    sru: {"weight_ih": (4 * H, I), "bias_ih": (2 * H,), "forget_peephole": (H,), "reset_peephole": (H,)},
    xlstm_slstm: BLOCK | {"inner.weight_ih": (4 * H, H), "inner.weight_hh": (4 * H, H // HEADS), "inner.bias_ih": (4 * H,),
                          "weight_heads": (H,), "wide.weight": (BETWEEN, H), "wide.bias": (BETWEEN,),
                          "gate.weight": (BETWEEN, H), "gate.bias": (BETWEEN,), "narrow.weight": (H, BETWEEN),
                          "narrow.bias": (H,)},
    xlstm_up_mlstm: {"enter.weight": (H, I), "enter.bias": (H,), "norm.weight": (H,), "norm.bias": (H,),
                     "up.weight": (2 * H, H), "up.bias": (2 * H,), "up_gate.weight": (2 * H, H), "up_gate.bias": (2 * H,),
                     "weight_conv": (4, 2 * H), "bias_conv": (2 * H,), "inner.weight_ih": (8 * H, 2 * H),
                     "inner.bias_ih": (8 * H,), "inner.weight_gates": (2 * HEADS, 2 * H), "inner.bias_gates": (2 * HEADS,),
                     "weight_heads": (2 * H,), "weight_skip": (2 * H,), "leave.weight": (H, 2 * H), "leave.bias": (H,)},
}


def make(run, shapes, seed):
    numbers = golden.Numbers(seed)
    parameters = {key: golden.leaf(numbers.normal(*shape, scale=0.5), torch.float64) for key, shape in shapes.items()}
    steps, batch = max(LENGTHS), len(LENGTHS)
    x = golden.leaf(numbers.normal(steps, batch, INPUT), torch.float64)
    columns = []
    for b, length in enumerate(LENGTHS):
        y = torch.stack(list(run(parameters, list(x[:length, b]))))
        columns.append(F.pad(y, (0, 0, 0, steps - length)))
    y = torch.stack(columns, 1)
    weight = numbers.normal(*y.shape)
    (y * weight).sum().backward()
    tensors = {"input.x": x, "output.y": y, "weight.y": weight, "grad.x": x.grad}
    for key, parameter in parameters.items():
        tensors["param." + key] = parameter
        tensors["grad." + key] = parameter.grad
    golden.save("scan_" + run.__name__, tensors,
                {"torch": torch.__version__, "lengths": ",".join(map(str, LENGTHS)), "hidden": HIDDEN, "heads": HEADS})


torch.set_num_threads(1)
for number, (kind, parameter_shapes) in enumerate(KINDS.items()):
    make(kind, parameter_shapes, 100 + number)
