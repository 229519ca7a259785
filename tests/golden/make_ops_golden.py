#!/usr/bin/python3
"""Golden numbers of PyTorch's losses, norms, convolutions, pooling, softmax, embedding and GELU, with gradients, in f64.

usage: make_ops_golden.py            writes tests/golden/ops_*.safetensors
Every file holds input.*, param.*, output.y, weight.y (absent for scalar outputs) and grad.* of sum(output.y * weight.y);
the metadata hold the op and its arguments. Image layout is PyTorch's: [B, C, W] and [B, C, height, width].
"""
import torch
import torch.nn.functional as fn

import golden

F64 = torch.float64


class Case:
    """One op: leaves are named with their kind ('input' or 'param') and get gradients."""

    def __init__(self, name, seed, **arguments):
        self.name, self.arguments = name, arguments
        self.numbers = golden.Numbers(seed)
        self.tensors, self.leaves = {}, {}

    def leaf(self, kind, name, *shape, scale=1.0):
        t = golden.leaf(self.numbers.normal(*shape, scale=scale), F64)
        self.leaves[name] = t
        self.tensors[kind + "." + name] = t
        return t

    def constant(self, kind, name, t):
        self.tensors[kind + "." + name] = t.clone()
        return t

    def finish(self, y):
        self.tensors["output.y"] = y
        if y.dim() > 0:
            weight = self.numbers.normal(*y.shape)
            self.tensors["weight.y"] = weight
            y = (y * weight).sum()
        y.backward()
        for name, t in self.leaves.items():
            self.tensors["grad." + name] = t.grad
        golden.save("ops_" + self.name, self.tensors, dict(self.arguments, dtype="f64", torch=torch.__version__))


def losses(seed):
    for reduction in ("mean", "sum", "none"):
        c = Case("cross_entropy_" + reduction, seed, op="cross_entropy", reduction=reduction, ignore_index=-1)
        x = c.leaf("input", "x", 6, 5)
        target = c.constant("input", "target", torch.tensor([1, -1, 4, 0, -1, 2]))
        c.finish(fn.cross_entropy(x, target, ignore_index=-1, reduction=reduction))
    c = Case("cross_entropy_smooth", seed + 1, op="cross_entropy", reduction="mean", label_smoothing=0.1)
    x = c.leaf("input", "x", 6, 5)
    target = c.constant("input", "target", torch.tensor([1, 3, 4, 0, 0, 2]))
    c.finish(fn.cross_entropy(x, target, label_smoothing=0.1))


def norms(seed):
    c = Case("layer_norm", seed, op="layer_norm", eps=1e-5)
    x, g, b = c.leaf("input", "x", 3, 4, 7), c.leaf("param", "weight", 7), c.leaf("param", "bias", 7)
    c.finish(fn.layer_norm(x, (7,), g, b, eps=1e-5))
    for shape, label in (((6, 3), "1d"), ((4, 3, 5), "1d_series"), ((2, 3, 4, 5), "2d")):
        for training in (True, False):
            c = Case("batch_norm_%s_%s" % (label, "train" if training else "eval"), seed + 1, op="batch_norm",
                     training=int(training), momentum=0.1, eps=1e-5)
            x, g, b = c.leaf("input", "x", *shape), c.leaf("param", "weight", 3), c.leaf("param", "bias", 3)
            mean = c.numbers.normal(3)
            var = c.numbers.normal(3).abs() + 0.5
            c.constant("input", "running_mean", mean)
            c.constant("input", "running_var", var)
            y = fn.batch_norm(x, mean, var, g, b, training=training, momentum=0.1, eps=1e-5)
            c.constant("output", "running_mean", mean)
            c.constant("output", "running_var", var)
            c.finish(y)


def convolutions(seed):
    for name, x_shape, w_shape, how in (
        ("conv1d_plain", (2, 3, 9), (4, 3, 3), {}),
        ("conv1d_stride_pad", (2, 3, 10), (4, 3, 3), dict(stride=2, padding=2)),
        ("conv1d_dilation", (2, 3, 11), (4, 3, 3), dict(dilation=3, padding=1)),
        ("conv1d_groups", (2, 4, 9), (6, 2, 4), dict(groups=2, stride=3, padding=1)),
        ("conv1d_depthwise", (2, 3, 8), (3, 1, 3), dict(groups=3, padding=1)),
        ("conv2d_plain", (2, 3, 6, 7), (4, 3, 3, 2), {}),
        ("conv2d_stride_pad", (2, 3, 7, 6), (4, 3, 3, 3), dict(stride=(2, 1), padding=(1, 2))),
        ("conv2d_dilation", (1, 2, 8, 9), (3, 2, 2, 3), dict(dilation=(3, 2), padding=(0, 1))),
        ("conv2d_groups", (2, 4, 5, 5), (6, 2, 3, 3), dict(groups=2, stride=2, padding=1)),
    ):
        c = Case(name, seed, op=name.split("_")[0], **how)
        x, w = c.leaf("input", "x", *x_shape), c.leaf("param", "weight", *w_shape)
        b = c.leaf("param", "bias", w_shape[0])
        c.finish((fn.conv1d if len(x_shape) == 3 else fn.conv2d)(x, w, b, **how))


def pools(seed):
    for name, shape, call, how in (
        ("max_pool1d", (2, 3, 9), fn.max_pool1d, dict(kernel_size=3, stride=2, padding=1)),
        ("max_pool2d", (2, 3, 6, 7), fn.max_pool2d, dict(kernel_size=(2, 3), stride=(2, 1), padding=(1, 1))),
        ("max_pool2d_dilation", (1, 2, 7, 7), fn.max_pool2d, dict(kernel_size=2, stride=2, dilation=2)),
        ("avg_pool1d", (2, 3, 9), fn.avg_pool1d, dict(kernel_size=3, stride=2, padding=1)),
        ("avg_pool1d_exclude_pad", (2, 3, 9), fn.avg_pool1d,
         dict(kernel_size=3, stride=2, padding=1, count_include_pad=False)),
        ("avg_pool2d", (2, 3, 6, 7), fn.avg_pool2d, dict(kernel_size=(2, 3), stride=(2, 1), padding=(1, 1))),
        ("avg_pool2d_exclude_pad", (2, 3, 6, 7), fn.avg_pool2d,
         dict(kernel_size=(2, 3), stride=(2, 1), padding=(1, 1), count_include_pad=False)),
    ):
        c = Case(name, seed, op="_".join(name.split("_")[:2]), **how)
        c.finish(call(c.leaf("input", "x", *shape), **how))


def rest(seed):
    for op in ("softmax", "log_softmax"):
        for dim in (-1, 1):
            c = Case("%s_%s" % (op, "last" if dim == -1 else "middle"), seed, op=op, dim=dim)
            c.finish(getattr(fn, op)(c.leaf("input", "x", 3, 5, 4, scale=3.0), dim=dim))
    c = Case("embedding", seed, op="embedding")
    index = c.constant("input", "index", torch.tensor([[1, 4, 1], [0, 1, 6]]))
    c.finish(fn.embedding(index, c.leaf("param", "weight", 7, 3)))
    c = Case("embedding_padding", seed, op="embedding", padding_idx=1)
    c.constant("input", "index", index)
    c.finish(fn.embedding(index, c.leaf("param", "weight", 7, 3), padding_idx=1))
    for approximate in ("none", "tanh"):
        c = Case("gelu_" + approximate, seed, op="gelu", approximate=approximate)
        c.finish(fn.gelu(c.leaf("input", "x", 4, 9, scale=2.0), approximate=approximate))


def main():
    golden.begin()
    for i, group in enumerate((losses, norms, convolutions, pools, rest)):
        group(1000 + 10 * i)


if __name__ == "__main__":
    main()
