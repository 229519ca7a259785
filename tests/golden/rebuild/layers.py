"""The parts of the networks, from docs/formats.md: "Networks". Sequences are read one by one, so nothing is padded."""
import inspect

import torch


def embedding(tensors, name, ids):
    return tensors[name + ".weight"][torch.tensor(ids, dtype=torch.long)]


def linear(tensors, name, x):
    return torch.nn.functional.linear(x, tensors[name + ".weight"], tensors.get(name + ".bias"))


# --- recurrent layers -----------------------------------------------------------------------------------------------

_TORCH = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN, "rnn_relu": torch.nn.RNN}


def _torch_layer(cell, p, x, states):
    """PyTorch's own layer, with the file's tensors by their own names."""
    hidden = p["weight_ih"].shape[0] // {"lstm": 4, "gru": 3}.get(cell, 1)
    options = {"bias": "bias_ih" in p}
    if "weight_hr" in p:
        options["proj_size"] = p["weight_hr"].shape[0]
    if cell == "rnn_relu":
        options["nonlinearity"] = "relu"
    layer = _TORCH[cell](p["weight_ih"].shape[1], hidden, **options).double()
    layer.load_state_dict({name + "_l0": value for name, value in p.items()})
    before = [s[None] for s in states]
    with torch.no_grad():
        y, after = layer(x, tuple(before) if cell == "lstm" else before[0])
    return y, [s[0] for s in after] if cell == "lstm" else [after[0]]


def _normal(x, norm):
    """Layer norm with the scale norm[0] and the shift norm[1]; x itself without one."""
    return x if norm is None else torch.nn.functional.layer_norm(x, x.shape[-1:], norm[0], norm[1], 1e-5)


def _rounded(x):
    """Rows of x [..., F] as 127ths of their largest element, in f32 as the program does."""
    x = x.float()
    largest = x.abs().amax(-1, keepdim=True)
    scale = largest / 127
    integers = torch.round(x * (127 / largest))  # a half to the even one
    return torch.where(scale > 1e-36, integers * scale.double(), 0.0).double()


class _Step:
    """One step of a layer: its products with bias and norm. With int8 what the weights multiply is rounded."""

    def __init__(self, cell, p, int8):
        self.cell, self.p, self.int8 = cell, p, int8

    def linear(self, x, weight, bias=None):
        return torch.nn.functional.linear(_rounded(x) if self.int8 else x, weight, bias)

    def input(self, x):
        return _normal(self.linear(x, self.p["weight_ih"], self.p.get("bias_ih")), self.p.get("norm_ih"))

    def project(self, h):
        return self.linear(h, self.p["weight_hr"]) if "weight_hr" in self.p else h

    def product(self, h, begin=None, end=None):
        bias, norm = self.p.get("bias_hh"), self.p.get("norm_hh")
        out = self.linear(h, self.p["weight_hh"][begin:end], None if bias is None else bias[begin:end])
        return _normal(out, None if norm is None else norm[:, begin:end])

    def output(self, o, c):
        return o * torch.tanh(_normal(c, self.p.get("norm_inner")))

    def __call__(self, x, states):
        return getattr(self, self.cell)(self.input(x), *states)


class _Cells(_Step):
    """The arithmetic of each cell, by its name: of x and the states before the step, those after it."""

    def rnn(self, x, h):
        return [torch.tanh(x + self.product(h))]

    def rnn_relu(self, x, h):
        return [torch.relu(x + self.product(h))]

    def lstm(self, x, h, c):
        i, f, g, o = (x + self.product(h)).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return [self.output(torch.sigmoid(o), c), c]

    def lstm_peephole(self, x, h, c):
        i, f, g, o = (x + self.product(h)).chunk(4, -1)
        p_i, p_f, p_o = self.p["peephole"]
        c = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
        return [self.output(torch.sigmoid(o + p_o * c), c), c]

    def lstm_coupled(self, x, h, c):
        f, g, o = (x + self.product(h)).chunk(3, -1)
        f = torch.sigmoid(f)
        c = f * c + (1 - f) * torch.tanh(g)
        return [self.output(torch.sigmoid(o), c), c]

    def gru(self, x, h):
        (x_r, x_z, x_n), (h_r, h_z, h_n) = x.chunk(3, -1), self.product(h).chunk(3, -1)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
        return [(1 - z) * n + z * h]

    def gru_reset_before(self, x, h):
        (x_r, x_z, x_n), size = x.chunk(3, -1), h.shape[-1]
        h_r, h_z = self.product(h, 0, 2 * size).chunk(2, -1)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + self.product(torch.sigmoid(x_r + h_r) * h, 2 * size, 3 * size))
        return [(1 - z) * n + z * h]


CELLS = tuple(name for name in vars(_Cells) if not name.startswith("_"))


def _stepped_layer(step, x, states, zoneouts, decay):
    outputs = []
    for t in range(x.shape[0]):
        before = list(states)
        if decay is not None:
            before[0] = before[0] * decay[t]
        states = step(x[t], before)
        states[0] = step.project(states[0])
        states = [z * old + (1 - z) * new for z, old, new in zip(zoneouts, before, states)]
        outputs.append(states[0])
    return torch.stack(outputs), states


def zero_states(cell, p, batch):
    """Of h, as wide as its weights, and of c, as wide as what a projection reads, if the cell has one."""
    h = p["weight_hh"].shape[1]
    widths = {"h": h, "c": p["weight_hr"].shape[1] if "weight_hr" in p else h}
    states = list(inspect.signature(getattr(_Cells, cell)).parameters)[2:]  # behind self and x
    return [torch.zeros(batch, widths[name], dtype=torch.float64) for name in states]


def _one_direction(cell, p, x, states, config, decay):
    zoneouts = [config.get("zoneout", 0), config.get("zoneout_inner", 0)]
    int8 = config.get("int8", False) and decay is None
    plain = decay is None and not int8 and not any(zoneouts) and not any(name.startswith("norm") for name in p)
    if plain and cell in _TORCH:
        return _torch_layer(cell, p, x, states)
    return _stepped_layer(_Cells(cell, p, int8), x, states, zoneouts, decay)


def recurrent(tensors, config, x, states=None, decay=None):
    """The stack of layers over x [T, B, F], no sequence shorter than T. `tensors`: those under "rnn.", or a stack's other
    name. Returns y [T, B, D H] and the states of each layer and direction; `decay`: of each layer, [T, B, H]."""
    after, layer = [], 0
    while f"weight_ih_l{layer}" in tensors:
        cells = config.get("cells") or []
        cell = cells[layer] if cells else config.get("cell", "lstm")
        sides = []
        for side in ("", "_reverse"):
            suffix = f"_l{layer}{side}"
            if "weight_ih" + suffix not in tensors:
                continue
            p = {k[: -len(suffix)]: v for k, v in tensors.items() if k.endswith(suffix)}
            before = states[len(after)] if states else zero_states(cell, p, x.shape[1])
            now = x.flip(0) if side else x
            y, state = _one_direction(cell, p, now, before, config, decay[layer] if decay else None)
            sides.append(y.flip(0) if side else y)
            after.append(state)
        x = torch.cat(sides, -1)
        layer += 1
    return x, after


# --- self-attention ------------------------------------------------------------------------------------------------


def _rotated(x):
    """x [T, heads, d]: the features (i, i + d / 2) of step t are turned by t / 10000^(2 i / d)."""
    half = x.shape[2] // 2
    slowness = 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    turn = torch.polar(torch.ones(1, dtype=torch.float64), torch.arange(len(x), dtype=torch.float64)[:, None, None] * slowness)
    turned = torch.complex(x[..., :half], x[..., half:]) * turn
    return torch.cat([turned.real, turned.imag], -1)


def attention_blocks(tensors, config, x):
    """x [T, F] through block0, block1, ... and the last norm; `tensors`: those under "blocks.", none: x itself."""
    if not tensors or len(x) == 0:
        return x
    named = lambda prefix: {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
    norm = lambda p, name, y: torch.nn.functional.layer_norm(y, y.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-5)
    block = 0
    while p := named(f"block{block}."):
        y, heads = norm(p, "attention_norm", x), config["heads"]
        q, k, v = (linear(p, name, y).reshape(len(x), heads, -1) for name in ("query", "key", "value"))
        q, k, v = _rotated(q).transpose(0, 1), _rotated(k).transpose(0, 1), v.transpose(0, 1)
        a = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + linear(p, "joined", a.transpose(0, 1).reshape(x.shape))
        x = x + linear(p, "narrow", torch.nn.functional.gelu(linear(p, "wide", norm(p, "feed_norm", x))))
        block += 1
    return norm(tensors, "norm", x)


# --- convolution and pooling ----------------------------------------------------------------------------------------


def time_conv(x, weight, bias, stride):
    """x [T, C] -> [ceil(T / stride), O], zeros before and after: (K - 1) / 2 before, rounded down."""
    kernel, steps = weight.shape[2], -(-x.shape[0] // stride)
    before = (kernel - 1) // 2
    after = max((steps - 1) * stride + kernel - x.shape[0] - before, 0)
    padded = torch.nn.functional.pad(x.T[None], (before, after))
    return torch.nn.functional.conv1d(padded, weight, bias, stride)[0].T[:steps]


def conv_stack(tensors, strides, x):
    """Convolution, batch norm with the running moments, ReLU, squeeze-and-excite if any: conv0, norm0, squeeze0, conv1,
    ... `strides`: of each layer, the last for all that follow."""
    k = 0
    while f"conv{k}.weight" in tensors:
        stride = strides[min(k, len(strides) - 1)]
        x = time_conv(x, tensors[f"conv{k}.weight"], tensors[f"conv{k}.bias"], stride)
        mean, var = tensors[f"norm{k}.running_mean"], tensors[f"norm{k}.running_var"]
        x = (x - mean) / torch.sqrt(var + 1e-5) * tensors[f"norm{k}.weight"] + tensors[f"norm{k}.bias"]
        x = torch.relu(x)
        if f"squeeze{k}.squeeze.weight" in tensors and len(x):
            squeezed = torch.relu(tensors[f"squeeze{k}.squeeze.weight"] @ x.mean(0))
            x = x * torch.sigmoid(tensors[f"squeeze{k}.excite.weight"] @ squeezed)
        k += 1
    return x


def pool_last(y, bidirectional):
    half = y.shape[1] // 2
    return torch.cat([y[-1, :half], y[0, half:]]) if bidirectional else y[-1]


def pool(tensors, kind, y, bidirectional):
    """y [T, F] -> [F], of "concat" [3 F]; zeros of an empty sequence."""
    if y.shape[0] == 0:
        return y.new_zeros(y.shape[1] * (3 if kind == "concat" else 1))
    if kind == "attention":
        weights = torch.softmax(linear(tensors, "score", torch.tanh(linear(tensors, "hidden", y))), 0)
        return (weights * y).sum(0)
    last, largest, mean = pool_last(y, bidirectional), y.max(0).values, y.mean(0)
    return {"last": last, "max": largest, "mean": mean, "concat": torch.cat([last, largest, mean])}[kind]
