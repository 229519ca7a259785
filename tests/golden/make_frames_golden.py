#!/usr/bin/python3
"""Golden numbers of PyTorch for the network that reads frames (nn/frame_encoder.h), in f64.

usage: make_frames_golden.py          writes tests/golden/frame_encoder.safetensors

input.x [N, H W C], row-major pictures; stages of Conv2d, BatchNorm2d (evaluation, with the running averages of
buffer.*), ReLU, residual blocks and MaxPool2d; the mean over all places: output.y [N, E]; param.*; weight.y, the fixed
weights of the scalar loss sum(y * weight); grad.* of it.
Run with the packages of tools/peers.txt: build/peers/bin/python tests/golden/make_frames_golden.py
"""
import torch

import golden

N, H, W, C, WIDTHS, BLOCKS = 3, 7, 6, 2, [3, 4], 1

numbers = golden.Numbers(21)
layers, convs, norms = [], torch.nn.ModuleList(), torch.nn.ModuleList()
before = C
for width in WIDTHS:
    for k in range(1 + 2 * BLOCKS):
        convs.append(torch.nn.Conv2d(before if k == 0 else width, width, 3, padding=1, dtype=torch.float64))
        norms.append(torch.nn.BatchNorm2d(width, dtype=torch.float64))
    before = width
with torch.no_grad():
    for parameter in [*convs.parameters(), *norms.parameters()]:
        parameter.copy_(numbers.normal(*parameter.shape, scale=0.5))
    for norm in norms:
        norm.running_mean.copy_(numbers.normal(*norm.running_mean.shape, scale=0.5))
        norm.running_var.copy_(numbers.normal(*norm.running_var.shape, scale=0.5) ** 2 + 0.5)
norms.eval()


def run(k, x):
    return norms[k](convs[k](x))


x = golden.leaf(numbers.normal(N, H * W * C), torch.float64)
h, k = x.reshape(N, H, W, C).permute(0, 3, 1, 2), 0
for _ in WIDTHS:
    h = torch.relu(run(k, h))
    k += 1
    for _ in range(BLOCKS):
        h = torch.relu(h + run(k + 1, torch.relu(run(k, h))))
        k += 2
    h = torch.nn.functional.max_pool2d(h, 2)
y = h.mean((2, 3))
weight = numbers.normal(*y.shape)
(y * weight).sum().backward()
tensors = {"input.x": x, "output.y": y, "weight.y": weight, "grad.x": x.grad}
for k in range(len(convs)):
    for module, name in ((convs[k], f"conv{k}"), (norms[k], f"norm{k}")):
        for key, parameter in module.named_parameters():
            tensors[f"param.{name}.{key}"] = parameter
            tensors[f"grad.{name}.{key}"] = parameter.grad
    tensors[f"param.norm{k}.running_mean"] = norms[k].running_mean
    tensors[f"param.norm{k}.running_var"] = norms[k].running_var
golden.save("frame_encoder", tensors, {"torch": torch.__version__, "height": H, "width": W, "channels": C})
