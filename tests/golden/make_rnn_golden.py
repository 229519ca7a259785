#!/usr/bin/python3
"""Golden numbers of PyTorch's recurrent layers: outputs, final states and all gradients, in f32 and f64.

usage: make_rnn_golden.py            writes tests/golden/rnn_*.safetensors
Loss: sum(y * weight.y) + sum(hT * weight.h) + sum(cT * weight.c). Ragged cases go through pack_padded_sequence;
input.x holds noise behind each sequence's end, output.y zeros.
"""
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import golden

T, B, F, H = 5, 3, 4, 5
RAGGED = [3, 5, 1]
MAKE = {
    "rnn_tanh": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="tanh", **k),
    "rnn_relu": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="relu", **k),
    "lstm": torch.nn.LSTM,
    "gru": torch.nn.GRU,
}


def cases():
    for cell in MAKE:
        for layers in (1, 2, 3):
            for bidirectional in (False, True):
                # every depth and direction once, half of them ragged
                ragged = (layers + bidirectional) % 2 == 0
                yield dict(cell=cell, layers=layers, bidirectional=bidirectional, proj=0, ragged=ragged, states=True)
        yield dict(cell=cell, layers=1, bidirectional=True, proj=0, ragged=True, states=False)
    for layers, bidirectional, ragged in ((1, False, False), (2, True, True), (3, False, True)):
        yield dict(cell="lstm", layers=layers, bidirectional=bidirectional, proj=3, ragged=ragged, states=True)


def name_of(c):
    parts = [c["cell"].replace("rnn_", ""), "l%d" % c["layers"], "bi" if c["bidirectional"] else "uni"]
    if c["proj"]:
        parts.append("proj%d" % c["proj"])
    if c["ragged"]:
        parts.append("ragged")
    if not c["states"]:
        parts.append("nostate")
    return "rnn_" + "_".join(parts)


def run(c, seed, dtype):
    numbers = golden.Numbers(seed)
    proj = {"proj_size": c["proj"]} if c["proj"] else {}
    model = MAKE[c["cell"]](F, H, c["layers"], bidirectional=c["bidirectional"], **proj).to(dtype)
    out = {}
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(numbers.normal(*p.shape, scale=0.4))
            out["param." + name] = p.clone()
    D = 1 + c["bidirectional"]
    width = c["proj"] or H
    x = golden.leaf(numbers.normal(T, B, F), dtype)
    h0 = golden.leaf(numbers.normal(c["layers"] * D, B, width), dtype)
    c0 = golden.leaf(numbers.normal(c["layers"] * D, B, H), dtype)
    is_lstm = c["cell"] == "lstm"
    out["input.x"] = x
    if c["states"]:
        out["input.h0"] = h0
        if is_lstm:
            out["input.c0"] = c0
    lengths = RAGGED if c["ragged"] else [T] * B
    source = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False) if c["ragged"] else x
    state = ((h0, c0) if is_lstm else h0) if c["states"] else None
    y, final = model(source, state)
    if c["ragged"]:
        y, _ = pad_packed_sequence(y, total_length=T)
    finals = dict(zip("hc", final)) if is_lstm else {"h": final}
    out["output.y"] = y
    out["weight.y"] = numbers.normal(*y.shape).to(dtype)
    loss = (y * out["weight.y"]).sum()
    for key, value in finals.items():
        out["output." + key + "T"] = value
        out["weight." + key] = numbers.normal(*value.shape).to(dtype)
        loss = loss + (value * out["weight." + key]).sum()
    loss.backward()
    out["output.loss"] = loss
    out["grad.x"] = x.grad
    for name, p in model.named_parameters():
        out["grad." + name] = p.grad
    if c["states"]:
        out["grad.h0"] = h0.grad
        if is_lstm:
            out["grad.c0"] = c0.grad
    return out, lengths


def main():
    golden.begin()
    for seed, c in enumerate(cases()):
        for dtype, label in ((torch.float32, "f32"), (torch.float64, "f64")):
            tensors, lengths = run(c, seed, dtype)
            golden.save(
                name_of(c) + "_" + label,
                tensors,
                dict(cell=c["cell"], layers=c["layers"], bidirectional=int(c["bidirectional"]), proj=c["proj"],
                     lengths=",".join(map(str, lengths)), T=T, B=B, F=F, H=H, states=int(c["states"]), dtype=label,
                     torch=torch.__version__),
            )


if __name__ == "__main__":
    main()
