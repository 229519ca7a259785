"""Small models as PyTorch's own exporter writes them, with what ONNX Runtime computes: tests/golden/import/torch_*.onnx.

    build/peers/bin/python tests/golden/make_torch_onnx_golden.py

NAME.onnx is a model; NAME.json its input x and output y as nested lists: [T][F] and [T][O] of one sequence of a batch,
of a model that gives one output [1][O]. Those named torch_new_* are of the exporter that is the default today
(`dynamo=True`), the others of the older one.
"""
import json
import os
import warnings

import numpy
import onnx
import onnxruntime
import torch
from torch import nn

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
BATCH, STEPS = 2, 6
warnings.filterwarnings("ignore")
torch.manual_seed(1)


def inputs(*shape):
    return torch.randn(*shape).mul(8).round().div(8)  # few digits, exact in f32


class Sentence(nn.Module):
    """The last states of both directions of the upper layer, behind an embedding and a norm; first states are given."""

    def __init__(self):
        super().__init__()
        self.embed, self.norm = nn.Embedding(7, 3), nn.LayerNorm(3)
        self.rnn, self.head = nn.LSTM(3, 2, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(4, 2)

    def forward(self, ids):
        zeros = torch.zeros(4, ids.size(0), 2)
        _, (h, _) = self.rnn(self.norm(self.embed(ids)), (zeros, torch.zeros_like(zeros)))
        return self.head(torch.cat((h[-2], h[-1]), 1))


class Series(nn.Module):
    """Convolutions, one of them causal and one of groups, a residual GRU, and the last step."""

    def __init__(self):
        super().__init__()
        self.pad, self.conv = nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(2, 4, 3, dilation=2)
        self.batch, self.groups = nn.BatchNorm1d(4), nn.Conv1d(4, 4, 3, padding=1, groups=2)
        self.rnn, self.norm, self.head = nn.GRU(4, 4, batch_first=True), nn.LayerNorm(4), nn.Linear(4, 2)
        self.batch.running_mean.uniform_(-1, 1)
        self.batch.running_var.uniform_(0.5, 2)

    def forward(self, x):
        y = self.groups(nn.functional.gelu(self.batch(self.conv(self.pad(x.transpose(1, 2))))))
        y = y.transpose(1, 2)
        return self.head(self.norm(self.rnn(y)[0] + y)[:, -1])


class Scaled(nn.Module):
    """Numbers beside the input, before a convolution over more steps than there are."""

    def __init__(self):
        super().__init__()
        self.conv, self.rnn, self.head = nn.Conv1d(2, 3, 9, padding=4), nn.RNN(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        y = self.conv(((x - 0.5) / 2.0 * 3.0).transpose(1, 2)).transpose(1, 2)
        return self.head(self.rnn(y)[0])


class Cell(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell, self.head = cell(3, 4), nn.Linear(4, 2)

    def forward(self, x, *states):
        after = self.cell(x, states if len(states) > 1 else states[0])
        states = after if isinstance(after, tuple) else (after,)
        return self.head(states[0]), *states


def strip(path):
    """Without what the new exporter notes of the source, which are paths of this machine, among others."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
    for each in (model, model.graph, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del each.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)


def export(name, model, arguments, opset, names, axes=None):
    model.eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    path = os.path.join(HERE, name + ".onnx")
    if "_new_" in name:
        shapes = None if axes is None else ({axis: torch.export.Dim(each) for axis, each in axes.items()},)
        torch.onnx.export(model, arguments, path, dynamo=True, input_names=names, dynamic_shapes=shapes, opset_version=opset,
                          external_data=False, verbose=False)
        strip(path)
    else:
        dynamic = None if axes is None else {names[0]: axes}
        torch.onnx.export(model, arguments, path, dynamo=False, input_names=names, dynamic_axes=dynamic, opset_version=opset)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def write_run(name, x, y):
    with open(os.path.join(HERE, name + ".json"), "w") as out:
        json.dump({"x": numpy.asarray(x, "float64").tolist(), "y": numpy.asarray(y, "float64").tolist()}, out)
        out.write("\n")


def whole(name, model, x, opset):
    y = export(name, model, (x,), opset, ["x"], {0: "batch", 1: "time"}).run(None, {"x": x.numpy()})[0]
    write_run(name, x[1].reshape(STEPS, -1), y[1] if y.ndim == 3 else y[1:2])


def stepped(name, cell, names):
    # Each state is a tensor of its own: the new exporter takes one tensor that is given twice for one input.
    x, zeros = inputs(STEPS, 3), torch.zeros(1, 4)
    session = export(name, Cell(cell), (x[:1], *[zeros.clone() for _ in names]), 18 if "_new_" in name else 17, ["x", *names])
    states, rows = [zeros.numpy() for _ in names], []
    for step in x.numpy():
        y, *states = session.run(None, {"x": step[None], **dict(zip(names, states))})
        rows.append(y[0])
    write_run(name, x, rows)


whole("torch_sentence", Sentence(), torch.randint(0, 7, (BATCH, STEPS)), 17)
whole("torch_series", Series(), inputs(BATCH, STEPS, 2), 13)
stepped("torch_lstm_cell", nn.LSTMCell, ["h", "c"])
stepped("torch_gru_cell", nn.GRUCell, ["h"])
whole("torch_new_sentence", Sentence(), torch.randint(0, 7, (BATCH, STEPS)), 18)
whole("torch_new_series", Series(), inputs(BATCH, STEPS, 2), 20)
stepped("torch_new_lstm_cell", nn.LSTMCell, ["h", "c"])
stepped("torch_new_gru_cell", nn.GRUCell, ["h"])
stepped("torch_rnn_cell", nn.RNNCell, ["h"])
stepped("torch_new_rnn_cell", nn.RNNCell, ["h"])
whole("torch_scaled", Scaled(), inputs(BATCH, STEPS, 2), 17)
