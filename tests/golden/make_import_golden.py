"""Small models of PyTorch and Keras as their own tools write them, with what they compute: tests/golden/import/.

    build/peers/bin/python tests/golden/make_import_golden.py

NAME.pt, NAME.safetensors, NAME.keras, NAME.h5 hold a model; NAME.json its input x and output y as nested lists:
[T][F] and [T][O] of one sequence, of a model that gives one output [1][O].
"""
import collections
import json
import os

os.environ["KERAS_BACKEND"] = "torch"
import h5py
import keras
import numpy
import safetensors.torch
import torch

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
torch.manual_seed(1)
numpy.random.seed(1)
keras.utils.set_random_seed(1)


def path(name):
    return os.path.join(HERE, name)


def write_run(name, x, y):
    with open(path(name + ".json"), "w") as out:
        json.dump({"x": numpy.asarray(x, "float64").round(9).tolist(), "y": numpy.asarray(y, "float64").tolist()}, out)
        out.write("\n")


def inputs(steps, features):
    return torch.randn(steps, 1, features).mul(8).round().div(8)  # few digits, exact in f32


class Tagger(torch.nn.Module):
    def __init__(self, cell, features, hidden, outputs, **options):
        super().__init__()
        self.rnn = cell(features, hidden, **options)
        width = options.get("proj_size", 0) or hidden
        self.fc = torch.nn.Linear(width * (2 if options.get("bidirectional") else 1), outputs)

    def forward(self, x):
        return self.fc(self.rnn(x)[0])


def torch_models():
    cases = {
        "lstm_two": (torch.nn.LSTM, dict(num_layers=2)),
        "lstm_both": (torch.nn.LSTM, dict(bidirectional=True)),
        "lstm_projected": (torch.nn.LSTM, dict(proj_size=3)),
        "gru_plain": (torch.nn.GRU, dict(bias=False)),
        "rnn_relu": (torch.nn.RNN, dict(nonlinearity="relu")),
    }
    for name, (cell, options) in cases.items():
        model = Tagger(cell, 3, 5, 2, **options)
        x = inputs(6, 3)
        torch.save(model.state_dict(), path(f"{name}.pt"))
        write_run(name, x[:, 0], model(x).detach()[:, 0])
        if name == "lstm_two":
            safetensors.torch.save_file(model.state_dict(), path("lstm_two.safetensors"))
            torch.save(model.state_dict(), path("legacy.pt"), _use_new_zipfile_serialization=False)
            torch.save({"epoch": 3, "model": model.state_dict(), "best": 0.5,
                        "optimizer": torch.optim.Adam(model.parameters()).state_dict()}, path("checkpoint.pt"))
            torch.save({"generator": model.state_dict(), "critic": model.state_dict()}, path("two_models.pt"))
            torch.save(model, path("module.pt"))
            torch.save(collections.OrderedDict((k, v.half()) for k, v in model.state_dict().items()), path("half.pt"))
            torch.save({k: v.bfloat16() for k, v in model.state_dict().items()}, path("brain.pt"))
            torch.save({k: v.double() for k, v in model.state_dict().items()}, path("double.pt"), pickle_protocol=4)

    class Sentence(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = torch.nn.Embedding(7, 4)
            self.norm = torch.nn.LayerNorm(4)
            self.gru = torch.nn.GRU(4, 6)
            self.hidden = torch.nn.Linear(6, 5)
            self.batch_norm = torch.nn.BatchNorm1d(5)
            self.out = torch.nn.Linear(5, 3)

        def forward(self, ids):
            h = self.gru(self.norm(self.embed(ids)))[0][-1]
            return torch.log_softmax(self.out(torch.relu(self.batch_norm(self.hidden(h)))), -1)

    model = Sentence()
    for p in model.parameters():
        p.data += 0.1 * torch.randn_like(p)
    model.batch_norm.running_mean.uniform_(-1, 1)
    model.batch_norm.running_var.uniform_(0.5, 2)
    model.eval()
    ids = torch.tensor([[1], [4], [0], [6], [2]])
    torch.save(model.state_dict(), path("sentence.pt"))
    write_run("sentence", ids, model(ids).detach())

    class Strided(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.Linear(2, 3)

    model = Strided()
    weight = torch.randn(2, 3).t()  # a view: its rows are not next to each other
    torch.save({"fc.weight": weight, "fc.bias": torch.arange(12.0)[3:9:2]}, path("strided.pt"))
    x = inputs(2, 2)
    write_run("strided", x[:, 0], (x @ weight.t() + torch.arange(12.0)[3:9:2])[:, 0])


def keras_models():
    layers = keras.layers
    cases = {
        "keras_lstm": [layers.Input((None, 3)), layers.LSTM(5, return_sequences=True), layers.Dropout(0.2),
                       layers.LSTM(4, return_sequences=True, use_bias=False), layers.Dense(2, activation="sigmoid")],
        "keras_gru": [layers.Input((None, 3)), layers.GRU(5, return_sequences=True),
                      layers.GRU(4, return_sequences=True, reset_after=False),
                      layers.TimeDistributed(layers.Dense(2)), layers.Activation("softmax")],
        "keras_both": [layers.Input((None, 3)), layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
                       layers.LayerNormalization(), layers.Bidirectional(layers.GRU(3)), layers.Dense(2)],
        "keras_text": [layers.Input((None,)), layers.Embedding(7, 4), layers.SimpleRNN(5, return_sequences=True),
                       layers.BatchNormalization(), layers.SimpleRNN(4, activation="relu"),
                       layers.Dense(3, activation="log_softmax")],
        "keras_conv": [layers.Input((None, 3)), layers.Conv1D(4, 3, padding="causal", activation="relu"),
                       layers.Conv1D(5, 2, strides=2, activation="elu"), layers.LSTM(4, return_sequences=True),
                       layers.Conv1D(3, 4, padding="same"), layers.LeakyReLU(negative_slope=0.1),
                       layers.Dense(1)],
    }
    for name, parts in cases.items():
        model = keras.Sequential(parts)
        for weight in model.weights:
            value = numpy.asarray(weight) + 0.1 * numpy.random.randn(*weight.shape)
            weight.assign(numpy.abs(value) + 0.2 if "variance" in weight.path else value)
        x = numpy.array([[1, 4, 0, 6, 2]]) if name == "keras_text" else inputs(9, 3).numpy().transpose(1, 0, 2)
        y = model.predict(x, verbose=0)[0]
        write_run(name, x[0][:, None] if name == "keras_text" else x[0], y if y.ndim == 2 else y[None])
        model.save(path(name + ".keras"))
        if name in ("keras_gru", "keras_both", "keras_text"):
            model.save(path(name + ".h5"))
        if name == "keras_lstm":
            # As DTLN's: weights by their names, without a configuration.
            model.save_weights(path("weights_only.weights.h5"))

    first = keras.Input((None, 3))
    row = layers.Dense(2)(layers.GRU(4, return_sequences=True)(first))
    model = keras.Model(first, row)
    x = inputs(4, 3).numpy().transpose(1, 0, 2)
    model.save(path("keras_functional.keras"))
    write_run("keras_functional", x[0], model.predict(x, verbose=0)[0])
    branch = layers.LSTM(3, return_sequences=True)(first)
    keras.Model(first, layers.Add()([branch, first])).save(path("keras_branch.keras"))


def hostile_files():
    """Weights that want to be read from elsewhere."""
    with h5py.File(path("outside.h5"), "w") as out:
        out["dense/dense/kernel:0"] = numpy.ones((2, 2), "float32")
        out.create_dataset("dense/dense/bias:0", (2,), "float32", external=[("/etc/passwd", 0, 8)])
    with h5py.File(path("linked.h5"), "w") as out:
        out["dense/dense/kernel:0"] = numpy.ones((2, 2), "float32")
        out["dense/dense/bias:0"] = h5py.ExternalLink("outside.h5", "/dense/dense/kernel:0")


if __name__ == "__main__":
    os.makedirs(HERE, exist_ok=True)
    torch_models()
    keras_models()
    hostile_files()
