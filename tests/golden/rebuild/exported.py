"""Exported models in ONNX Runtime.

1. The cases of rebuild.py with the networks taken from `recur export --to onnx` in the place of those in PyTorch: data go
   through the preparation of docs/formats.md and ONNX Runtime, and must come out as `recur predict` and `recur evaluate`
   have them.
2. A matrix of cells, newer recurrences, blocks, directions, layers, tasks and options: the batches that `recur export --samples` wrote, with lengths 0, 1
   and more, and states, must come out as the program has them.
3. The networks of tests/golden/import, imported and exported: what the tool that wrote the file computed must come out,
   and the batches of `recur export --samples`.

Prints the largest difference of each, |ours - theirs| / max(1, |theirs|). Fails above 1e-5.

usage: exported.py RECUR FOLDER [NAME...]"""
import itertools
import json
import os
import subprocess
import sys

import numpy
import onnxruntime
import torch
from safetensors.numpy import load_file

import data
import forecast
import rebuild
import series
import text
import translate
from layers import CELLS

BAR = 1e-5
_RECUR = None


def _export(model, out, *options):
    done = subprocess.run([_RECUR, "export", model, "--out", out, *options], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"exported: recur export {model} {' '.join(options)}: {done.stderr}")


def _session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


_TYPES = {"tensor(float)": numpy.float32, "tensor(int32)": numpy.int32, "tensor(int64)": numpy.int64}


class Network:
    """The exported network of a model file; inputs and outputs by name. States that are not given are zeros."""

    def __init__(self, model, *options):
        out = os.path.splitext(model.path)[0] + "".join(options).replace("--", "_").replace(" ", "") + ".onnx"
        _export(model.path, out, *options)
        self.session = _session(out)

    def __call__(self, batch=1, **given):
        feed = {}
        for node in self.session.get_inputs():
            if node.name in given:
                feed[node.name] = numpy.asarray(given[node.name], _TYPES[node.type])
            else:  # a state
                assert node.name.startswith(("h_", "c_", "s2_", "s3_", "fed")), node.name
                feed[node.name] = numpy.zeros([batch] + node.shape[1:], numpy.float32)
        names = [node.name for node in self.session.get_outputs()]
        return {name: torch.from_numpy(value) for name, value in zip(names, self.session.run(None, feed))}


class ModelFile(rebuild.ModelFile):
    def __init__(self, path):
        super().__init__(path)
        self.path = path


class LanguageModel(text.LanguageModel):
    def __init__(self, model):
        super().__init__(model)
        self.network = Network(model)

    def _nats(self, ids):
        said = self.network(ids=numpy.array(ids[:-1])[:, None], lengths=[len(ids) - 1])["log_probabilities"][:, 0]
        return -said.double()[range(len(ids) - 1), ids[1:]]


class Classifier(series.Classifier):
    def __init__(self, model):
        super().__init__(model)
        self.network = Network(model)

    def __call__(self, example):
        if self.is_text:
            ids = self.encode.encode(text.classified_text(self.model, self.encode, example))
            most = self.model.config["most_steps"]
            if most and len(ids) > most:
                head = most // 4 if self.model.config["keep"] == "ends" else most
                ids = ids[:head] + ids[len(ids) - (most - head) :]
            given = {"ids": numpy.array(ids or [0])[:, None], "lengths": [len(ids)]}
            if "ngrams.mix" in self.model.tensors:
                given["path"] = text.ngram_scores(self.model, self.encode, example)[None]
        else:
            x = self.encode(example)
            given = {"x": x[:, None], "lengths": [len(x)]}
        out = self.network(**given)
        return (out["probabilities"][0] if "probabilities" in out else out["value"].flatten()).double().tolist()


class Tagger(text.Tagger):
    def __init__(self, model):
        super().__init__(model)
        self.network = Network(model)

    def _run(self, tokens):
        config = self.model.config
        keys = [text.lower_case(token) if config["lower_case"] else token for token in tokens]
        given = {"words": [[self.words.get(key, 0)] for key in keys], "lengths": [len(tokens)]}
        if config["characters"] != "none":
            distinct = list(dict.fromkeys(tokens))
            spelt = [[self.characters.get(c, 0) for c in token[:40]] for token in distinct]
            characters = numpy.zeros((max(map(len, spelt)), len(spelt)))
            for w, ids in enumerate(spelt):
                characters[: len(ids), w] = ids
            given |= {
                "characters": characters,
                "character_lengths": [len(ids) for ids in spelt],
                "word_at": [[distinct.index(token)] for token in tokens],
            }
        return self.network(**given)

    def _scores(self, tokens):
        return self._run(tokens)["scores"][:, 0].double()

    def predict(self, tokens):
        out = self._run(tokens)
        tags = out["tags"][:, 0].tolist()
        return [(self.tags[tag], out["probabilities"][t, 0, tag].item()) for t, tag in enumerate(tags)]


class Detector(series.Detector):
    def __init__(self, model):
        super().__init__(model)
        self.network = Network(model)

    def _run(self, x):
        out = self.network(x=x[:, None], lengths=[len(x)])
        method = self.model.config["method"]
        if method == "classify":
            return torch.logit(out["probabilities"][:, 0].double())
        return out["forecast" if method == "forecast" else "reconstruction"][:, 0].double()


class Diagnoser(series.Diagnoser):
    def __init__(self, model):
        super().__init__(model)
        self.network = Network(model)

    def __call__(self, measured, statics):
        values = self._in_steps(measured)
        for c in range(len(self.channels)):
            values[:, c] = self._scaled(values[:, c], self.assets["scales"][2 * c : 2 * c + 2])
        masks = (~values.isnan()).double()
        given = {"values": self._filled(values)[:, None], "masks": masks[:, None], "elapsed": self._elapsed(masks)[:, None]}
        scaled = [
            self._scaled(torch.tensor(value, dtype=torch.float64), self.assets["static_scales"][2 * s : 2 * s + 2])
            for s, value in enumerate(statics)
        ]
        if scaled:
            given["statics"] = torch.stack(scaled).nan_to_num(0.0)[None]
        return self.network(lengths=[len(values)], **given)["probabilities"][:, 0].double()


# --- forecast -----------------------------------------------------------------------------------------------------------


class Direct(forecast.Direct):
    def raw(self, series, origin, scale):
        config = self.config
        segment, horizon = config["segment"], config["horizon"]
        count, ahead_count = -(-min(config["context"], origin) // segment), -(-horizon // segment)
        begin = origin - count * segment
        values, missing = forecast.filled(series, begin, origin, scale.apply)
        steps = []
        for t in range(begin, origin):
            past = series.past[t] if 0 <= t < series.rows else [0.0] * len(series.past[0])
            ahead = series.ahead[t] if t >= 0 else [0.0] * len(series.ahead[0])
            steps.append([values[t - begin], missing[t - begin], *past, *ahead])
        given = {"segments": numpy.array(steps).reshape(count, 1, -1), "lengths": [count]}
        if config["highway"] > 0:
            given["recent"] = [[values[max(len(values) - back, 0)] for back in range(config["highway"], 0, -1)]]
        if "identity.weight" in self.tensors:
            given["identities"] = [series.identity]
        if "statics.weight" in self.tensors:
            given["statics"] = [series.statics]
        if "ahead.weight" in self.tensors:
            cells = series.ahead[origin : origin + horizon]
            cells = cells + [[0.0] * len(cells[0])] * (ahead_count * segment - horizon)
            given["ahead"] = numpy.array(cells).reshape(ahead_count, 1, -1)
        return self.network(**given)["raw"][0].double()


class Autoregressive(forecast.Autoregressive):
    def _step(self, series, *rest):
        self.identity = series.identity
        cells = super()._step(series, *rest)
        table = self.tensors.get("identity.weight")
        return cells if table is None else cells[: len(cells) - table.shape[1]]

    def run(self, x, states):
        """In the place of the recurrent layers and of the output layer: x [T, B, F] -> raw [T, B, W], states."""
        batch, names = x.shape[1], [n.name for n in self.network.session.get_inputs() if n.name[:2] in ("h_", "c_")]
        given = {} if states is None else dict(zip(names, itertools.chain(*states)))
        if "identity.weight" in self.tensors:
            given["identities"] = [self.identity] * batch
        out = self.network(batch, x=x, lengths=[len(x)] * batch, **given)
        return out["raw"].double(), [[out[name + "_after"] for name in names]]


def _recurrent(rnn, config, x, states=None):
    return rnn.run(x, states)


class Forecaster(forecast.Forecaster):
    def __init__(self, model):
        super().__init__(model)
        (member,) = self.members
        kinds = {forecast.Direct: Direct, forecast.Autoregressive: Autoregressive}
        member.__class__ = kinds[type(member)]
        member.network = Network(model)
        member.rnn = member


class Translator(translate.Translator):
    def __init__(self, model):
        super().__init__(model)
        self.encoder, self.decoder = Network(model, "--part", "encoder"), Network(model, "--part", "decoder")

    def nats(self, source, target):
        ids = self.source.encode(source) + [self.source.size]
        read = self.encoder(ids=numpy.array(ids)[:, None], lengths=[len(ids)])
        state = {name.removeprefix("first_").removesuffix("_after"): value for name, value in read.items()}
        if "keys" in state:
            state["lengths"] = [len(ids)]
        end, nats = self.target.size, []
        symbols = self.target.encode(target)
        for before, symbol in zip([end] + symbols, symbols + [end]):
            out = self.decoder(symbols=[before], **state)
            state |= {name.removesuffix("_after"): value for name, value in out.items() if name.endswith("_after")}
            nats.append(-out["log_probabilities"][0, symbol].item())
        return nats


# Those without a graph: several members, smoothing, f64, int8.
_WITHOUT = {"forecast_members", "forecast_counts", "forecast_esrnn", "forecast_esrnn_plain", "lm_int8", "lm_int8_projection"}


def replace_networks():
    rebuild.ModelFile = ModelFile
    for name in ("LanguageModel", "Classifier", "Tagger", "Detector", "Diagnoser", "Forecaster", "Translator"):
        setattr(rebuild, name, globals()[name])
    linear = forecast.linear
    forecast.recurrent = _recurrent
    forecast.linear = lambda tensors, name, y: y if name == "output" else linear(tensors, name, y)


# --- the matrix ---------------------------------------------------------------------------------------------------------


# Those of docs/recurrences.md, with options that go with each.
_RECURRENCES = {
    "mingru": [],
    "minlstm": [],
    "qrnn": [],
    "indrnn": [],
    "sru": [],
    "lru": [],
    "rg_lru": [],
    "griffin": [],
    "slstm": ["--set", "memory_heads=2"],
    "mlstm": ["--set", "memory_heads=2"],
    "delta": ["--set", "memory_heads=2"],
    "delta_negative": ["--set", "memory_heads=1"],
    "attention": ["--set", "memory_heads=2", "--set", "attention_window=5"],
}


def _recurrences(folder):
    """Each kind alone, stacked, in blocks, with cells, in both directions, a step at a time, and in each task."""
    small = ["--hidden", "8", "--batch", "4"]
    lm = [*small, "--bptt", "9", "--set", "tokens=chars"]
    demand = ["--set", "value_columns=sold", "--season", "4", "--horizon", "6"]
    labels = ["--set", f"labels_file={folder}/labels.csv", "--set", "label_columns=septic,kidney", "--set", "static_columns=Age"]
    for kind, own in _RECURRENCES.items():
        one = [*small, "--cell", kind, *own]
        two = [*one, "--layers", "2"]
        both = [*two, "--bidirectional"]
        mixed = ["--set", f"cells={kind},lstm,{kind}", "--set", "widths=8,6,4", *own]
        yield f"lm_{kind}", "lm", "text", [*lm, *one], []
        yield f"lm_{kind}_no_bias", "lm", "text", [*lm, *one, "--set", "bias=false"], []
        yield f"lm_{kind}_mixed", "lm", "text", [*lm, *mixed], []
        yield f"lm_{kind}_residual", "lm", "text", [*lm, *two, "--block", "residual"], []
        yield f"lm_{kind}_stateful", "lm", "text", [*lm, *two], ["--stateful"]
        yield f"lm_{kind}_feed_forward", "lm", "text", [*lm, *two, "--block", "feed_forward"], ["--stateful"]
        yield f"lm_{kind}_xlstm", "lm", "text", [*lm, *two, "--block", "xlstm"], ["--stateful"]
        xlstm_up = ["--set", "network=rnn", "--block", "xlstm_up", "--block-conv", "4"]
        yield f"classify_{kind}_xlstm_up", "classify", "series", [*both, *xlstm_up], []
        yield f"classify_{kind}", "classify", "series", [*both, "--set", "network=rnn"], []
        yield f"classify_{kind}_blocks", "classify", "series", [*both, "--set", "network=rnn", "--block", "feed_forward"], []
        yield f"tag_{kind}", "tag", "tags", one, []
        yield f"detect_{kind}", "detect", "waves", one, []
        yield f"detect_{kind}_blocks", "detect", "waves", [*both, "--block", "residual", "--set", "method=classify"], []
        for decoder in ("direct", "autoregressive"):
            yield f"forecast_{kind}_{decoder}", "forecast", "season", [*one, *demand, "--set", f"decoder={decoder}"], []
        yield f"diagnose_{kind}", "diagnose", "records", [*one, *labels], []
        for part in ("encoder", "decoder"):
            yield f"translate_{kind}_{part}", "translate", "pairs", one, ["--part", part]


def _matrix(folder):
    """(name, task, data, options of training, options of the export)"""
    yield from _recurrences(folder)
    lm, one = ["--hidden", "7", "--batch", "4", "--bptt", "9", "--set", "tokens=chars"], ["--stateful"]
    for cell, layers in itertools.product(CELLS, "12"):
        yield f"lm_{cell}_{layers}", "lm", "text", [*lm, "--cell", cell, "--layers", layers], []
    for cell in ("lstm", "gru"):
        yield f"lm_{cell}_stateful", "lm", "text", [*lm, "--cell", cell, "--layers", "2"], one
    for option in ("projection=5", "layer_norm=true", "zoneout=0.1", "bias=false", "tie=true", "cells=lstm,gru,rnn"):
        yield f"lm_{option}", "lm", "text", [*lm, "--set", option, *(["--set", "widths=6,5,4"] if "," in option else [])], []
    both = ["--hidden", "6", "--bidirectional", "--set", "network=rnn"]
    for cell, layers in itertools.product(CELLS, "12"):
        yield f"classify_{cell}_{layers}_both", "classify", "series", [*both, "--cell", cell, "--layers", layers], []
    for pooling in ("last", "mean", "max", "attention", "concat"):
        yield f"classify_{pooling}", "classify", "series", [*both, "--set", f"pooling={pooling}", "--set", "conv=5"], []
    for network in ("cnn", "lstm-fcn", "mlp"):
        yield f"classify_{network}", "classify", "series", ["--set", f"network={network}", "--set", "members=1"], []
    attending = ["--hidden", "8", "--set", "heads=2", "--set", "attention_blocks=2"]
    yield "classify_attending", "classify", "series", [*attending, "--bidirectional", "--set", "network=rnn"], []
    yield "classify_attending_lstm-fcn", "classify", "series", [*attending, "--set", "network=lstm-fcn"], []
    yield "tag_attending", "tag", "tags", attending, []
    for attention in ("additive", "dot", "general", "multi_head", "none"):
        options = ["--hidden", "8", "--set", f"attention={attention}", "--set", "heads=2", "--set", "attention_blocks=1"]
        if attention == "dot":
            options += ["--set", "bidirectional=false"]
        for part in ("encoder", "decoder"):
            yield f"translate_{attention}_{part}", "translate", "pairs", options, ["--part", part]


def _data(folder):
    def path(name):
        return os.path.join(folder, name)

    data.records(path("records.csv"), path("labels.csv"), 1, 40)
    data.tagged(path("tags.conll"), 1, 60)
    data.season(path("season.csv"), 1, 60)
    data.waves(path("waves.csv"), 1, 120, True)
    return {
        "text": data.text(path("text.txt"), 1, 60),
        "series": data.labelled_series(path("series.csv"), 1, 40, False),
        "pairs": data.pairs(path("pairs.tsv"), 1, 60),
        "records": path("records.csv"),
        "tags": path("tags.conll"),
        "season": path("season.csv"),
        "waves": path("waves.csv"),
    }


def _compare(path, samples):
    session, largest, count = _session(path), 0.0, 0
    values = load_file(samples)
    inputs = {node.name: _TYPES[node.type] for node in session.get_inputs()}
    names = [node.name for node in session.get_outputs()]
    for k in itertools.count():
        if not any(name.startswith(f"{k}.") for name in values):
            return largest, count
        feed = {name: values[f"{k}.input.{name}"].astype(dtype) for name, dtype in inputs.items()}
        for name, ours in zip(names, session.run(None, feed)):
            theirs = values[f"{k}.output.{name}"]
            assert ours.shape == theirs.shape, (path, name, ours.shape, theirs.shape)
            same = ours == theirs
            difference = numpy.abs(ours.astype(numpy.float64) - theirs) / numpy.maximum(1, numpy.abs(theirs))
            worst = numpy.where(same, 0, difference).max(initial=0)
            largest = max(largest, worst) if worst == worst else float("inf")
            count += ours.size


def run_matrix(folder, names):
    failed, worst, numbers, runs = [], 0.0, 0, 0
    paths = _data(folder)
    for name, task, source, options, export in _matrix(folder):
        if names and name not in names:
            continue
        run, out = os.path.join(folder, "run"), os.path.join(folder, name + ".onnx")
        train = [_RECUR, "train", task, paths[source], "--out", run, "--quiet", "--force", "--steps", "2", *options]
        done = subprocess.run(train, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"exported: {' '.join(train)}: {done.stderr}")
        samples = os.path.join(folder, name + ".safetensors")
        _export(run, out, "--samples", samples, "--check", "4", *export)
        largest, count = _compare(out, samples)
        worst, numbers, runs = max(worst, largest), numbers + count, runs + 1
        if not largest <= BAR:
            failed.append(f"{name} ({largest:.1e})")
    print(f"matrix: {runs} models, {numbers} numbers, largest difference {worst:.1e}, bar {BAR:.0e}", flush=True)
    return failed


# --- imported networks --------------------------------------------------------------------------------------------------

_IMPORTED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "import")
# Files that want to be told something, as tests/exchange/import_model_test.cc has it.
_TOLD = {
    "onnx_step.onnx": ["--input", "sr=16000", "--input", "x=1x12"],
    "rnn_relu.pt": ["--layers", "rnn:rnn_relu,fc"],
    "sentence.pt": ["--layers", "embed:embedding,norm,gru,last,hidden,batch_norm,relu,out,log_softmax"],
}


def _imported():
    names = {name.rsplit(".", 1)[0]: name for name in sorted(os.listdir(_IMPORTED)) if not name.endswith(".json")}
    return [name for stem, name in names.items() if os.path.exists(os.path.join(_IMPORTED, stem + ".json"))]


def _compare_run(path, run):
    session = _session(path)
    given = session.get_inputs()[0]
    x = numpy.array(run["x"])[:, None]
    y = session.run(None, {given.name: (x[:, :, 0] if given.name == "ids" else x).astype(_TYPES[given.type])})[0]
    want = numpy.array(run["y"])
    y = y.reshape(want.shape).astype(numpy.float64)
    return (numpy.abs(y - want) / numpy.maximum(1, numpy.abs(want))).max()


def run_imported(folder, names):
    failed, worst, count = [], 0.0, 0
    for name in _imported():
        if names and "network" not in names and name not in names:
            continue
        model, out = os.path.join(folder, "imported.recur"), os.path.join(folder, f"imported_{name}.onnx")
        words = [_RECUR, "import", os.path.join(_IMPORTED, name), "--out", model, "--quiet", *_TOLD.get(name, [])]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"exported: {' '.join(words)}: {done.stderr}")
        samples = os.path.join(folder, f"imported_{name}.safetensors")
        _export(model, out, "--samples", samples, "--check", "3")
        with open(os.path.join(_IMPORTED, name.rsplit(".", 1)[0] + ".json")) as run:
            largest = max(_compare(out, samples)[0], _compare_run(out, json.load(run)))
        worst, count = max(worst, largest), count + 1
        if not largest <= BAR:
            failed.append(f"{name} ({largest:.1e})")
    print(f"network: {count} imported models, largest difference {worst:.1e}, bar {BAR:.0e}", flush=True)
    return failed


def main():
    global _RECUR
    torch.set_num_threads(1)
    _RECUR, folder, *names = sys.argv[1:]
    rebuild.BAR = BAR
    replace_networks()
    failed = run_imported(folder, names) + run_matrix(folder, names)
    for name, run in rebuild.CASES.items():
        if name in _WITHOUT or (names and name not in names):
            continue
        case = rebuild.Case(_RECUR, folder, name)
        case.bar = BAR
        run(case)
        print(f"{name:22} {case.compared:6d} numbers, largest difference {case.largest:.1e}, bar {case.bar:.0e}", flush=True)
        if not case.largest <= case.bar:
            failed.append(name)
    if failed:
        sys.exit(f"exported: above the bar: {', '.join(failed)}")


if __name__ == "__main__":
    main()
