#!/usr/bin/python3
"""Golden numbers of PyTorch and SciPy for what speech synthesis is made of.

usage: build/peers/bin/python tests/golden/make_speech_golden.py     writes tests/golden/speech_*.safetensors

speech_stft: input.x [n] f32; output.spectrum [T, K, 2] by torch.stft; output.mel [T, F] of triangles on the scale 1127 ln(1 + f / 700).
speech_prediction: input.r [order + 1] f64 autocorrelations; output.a [order] by scipy.linalg.solve_toeplitz.
speech_located: a decoder with location-sensitive attention (Chorowski et al. 2015) that is told where it looked last and so far, written
out in PyTorch, f64: input.x [T, B, F], input.encoded [S, B, E], input.summary [B, E]; param.*; output.features, output.weights; the
gradients of sum(features * weight.features).
"""
import math

import scipy.linalg
import torch

import golden


def mel(f):
    return 1127 * math.log(1 + f / 700)


def stft(rate, window, hop, bands, samples, seed):
    size = 1 << (window - 1).bit_length()
    x = (torch.sin(torch.arange(samples) * 0.3) * 0.5 + golden.Numbers(seed).normal(samples, scale=0.05)).float()
    shape = torch.sin(math.pi * (torch.arange(window, dtype=torch.float64) + 0.5) / window) ** 2
    frames = -(-samples // hop)
    before = window // 2 - hop // 2
    padded = torch.nn.functional.pad(x.double(), (before, (frames - 1) * hop + window - before - samples))
    # The window first, zeros behind it, as no argument of torch.stft has it.
    cut = torch.stack([torch.nn.functional.pad(padded[t * hop:t * hop + window] * shape, (0, size - window)) for t in range(frames)])
    spectrum = torch.stft(cut.reshape(-1), size, size, size, torch.ones(size, dtype=torch.float64), center=False, return_complex=True).T
    magnitude = spectrum.abs() / (shape.sum() / 2)
    step = mel(rate / 2) / (bands + 1)
    triangles = torch.zeros(size // 2 + 1, bands, dtype=torch.float64)
    for k in range(size // 2):
        for b in range(bands):
            triangles[k, b] = max(0.0, 1 - abs(mel(k * rate / size) / step - (b + 1)))
    frames = torch.log(torch.clamp(magnitude @ triangles, min=1e-4))
    golden.save("speech_stft", {"input.x": x, "output.spectrum": torch.view_as_real(spectrum).float(), "output.mel": frames.float()},
                {"torch": torch.__version__, "rate": rate, "window": window, "hop": hop, "bands": bands})


def prediction(order, seed):
    x = golden.Numbers(seed).normal(200)
    x = torch.nn.functional.conv1d(x[None, None], torch.tensor([[[0.5, -0.3, 1.0, 0.8]]], dtype=torch.float64))[0, 0]
    r = torch.stack([(x[k:] * x[:len(x) - k]).sum() for k in range(order + 1)])
    a = torch.tensor(scipy.linalg.solve_toeplitz(r[:-1].numpy(), r[1:].numpy()))
    golden.save("speech_prediction", {"input.r": r, "output.a": a}, {"scipy": scipy.__version__})


def located(seed, steps=5, batch=2, source=6, F=3, E=4, H=5, D=3, O=4, taps=3, channels=10):
    numbers = golden.Numbers(seed)
    lengths = [source, 4]
    leaf = lambda *shape, scale=0.5: golden.leaf(numbers.normal(*shape, scale=scale), torch.float64)
    x, encoded, summary = leaf(steps, batch, F, scale=1), leaf(source, batch, E, scale=1), leaf(batch, E, scale=1)
    p = {"bridge.weight": leaf(2 * H, E), "bridge.bias": leaf(2 * H), "rnn.weight_ih_l0": leaf(4 * H, F + O), "rnn.weight_hh_l0": leaf(4 * H, H),
         "rnn.bias_ih_l0": leaf(4 * H), "rnn.bias_hh_l0": leaf(4 * H), "attention.query_weight": leaf(D, H), "attention.query_bias": leaf(D),
         "attention.key_weight": leaf(D, E), "attention.score_weight": leaf(1, D), "location.weight": leaf(channels, 2, taps),
         "location.bias": leaf(channels), "locate.weight": leaf(D, channels), "combine.weight": leaf(O, E + H), "combine.bias": leaf(O)}
    mask = torch.arange(source)[None, :] >= torch.tensor(lengths)[:, None]
    h, c = torch.tanh(summary @ p["bridge.weight"].T + p["bridge.bias"]).split(H, 1)
    fed = torch.zeros(batch, O, dtype=torch.float64)
    last = total = torch.zeros(batch, source, dtype=torch.float64)
    keys = encoded.transpose(0, 1) @ p["attention.key_weight"].T
    features, weights = [], []
    for t in range(steps):
        gates = torch.cat([x[t], fed], 1) @ p["rnn.weight_ih_l0"].T + p["rnn.bias_ih_l0"] + h @ p["rnn.weight_hh_l0"].T + p["rnn.bias_hh_l0"]
        i, f, g, o = gates.split(H, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        where = torch.nn.functional.conv1d(torch.stack([last, total], 1), p["location.weight"], p["location.bias"], padding=taps // 2)
        own = keys + where.transpose(1, 2) @ p["locate.weight"].T
        query = h @ p["attention.query_weight"].T + p["attention.query_bias"]
        score = torch.tanh(query[:, None] + own) @ p["attention.score_weight"][0]
        last = torch.softmax(score.masked_fill(mask, -math.inf), 1)
        total = total + last
        context = (last[:, None] @ encoded.transpose(0, 1))[:, 0]
        fed = torch.tanh(torch.cat([context, h], 1) @ p["combine.weight"].T + p["combine.bias"])
        features.append(fed)
        weights.append(last)
    features, weights = torch.stack(features), torch.stack(weights)
    weight = numbers.normal(*features.shape)
    (features * weight).sum().backward()
    tensors = {"input.x": x, "input.encoded": encoded, "input.summary": summary, "output.features": features, "output.weights": weights,
               "weight.features": weight, "grad.x": x.grad, "grad.encoded": encoded.grad}
    for key, value in p.items():
        tensors["param." + key] = value
        tensors["grad." + key] = value.grad
    golden.save("speech_located", tensors, {"torch": torch.__version__, "lengths": ",".join(map(str, lengths))})


torch.set_num_threads(1)
stft(8000, 200, 50, 12, 630, 21)
prediction(8, 22)
located(23)
