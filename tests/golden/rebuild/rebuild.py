"""Trains small models with the program, rebuilds each in PyTorch from docs/formats.md and its file alone, and compares
what both say: f32 models, computed in f64 here. Prints the largest difference of each, |ours - theirs| / max(1, |theirs|),
of a forecast relative to the largest number of its row, which is rounded to f32 in units of the data. Fails above the bar.

usage: rebuild.py RECUR FOLDER [NAME...]"""
import csv
import json
import os
import subprocess
import sys

import torch

import data
from forecast import Forecaster
from layers import CELLS
from model_file import ModelFile
from series import Classifier, Detector, Diagnoser, Table
from text import LanguageModel, Tagger
from translate import Translator

BAR = 1e-6
# Where h lies close to a half of an integer, f32 and f64 round it to different ones.
INT8_BAR = 1e-4


class Case:
    def __init__(self, recur, folder, name):
        self.recur, self.folder = recur, os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.largest, self.compared, self.bar, self.model = 0.0, 0, BAR, self.path("run")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *arguments):
        done = subprocess.run([self.recur, *arguments], capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            sys.exit(f"rebuild: recur {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def train(self, task, train, *options, steps=40):
        flags = [option if option.startswith("--") else f"--set {option}" for option in options]
        flags = [part for flag in flags for part in flag.split(" ", 1)]
        self.run("train", task, train, "--out", self.path("run"), "--quiet", "--force", "--steps", str(steps), *flags)
        return ModelFile(self.path("run/model.recur"))

    def quantize(self):
        self.bar, self.model = INT8_BAR, self.path("int8.recur")
        self.run("quantize", self.path("run"), "--out", self.model)
        return ModelFile(self.model)

    def evaluate(self, test, *options):
        return json.loads(self.run("evaluate", self.model, test, "--json", *options))

    def predict(self, test, *options):
        self.run("predict", self.model, test, "--out", self.path("out.csv"), *options)
        with open(self.path("out.csv"), newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))

    def same(self, ours, theirs, what):
        if ours != theirs:
            sys.exit(f"rebuild: {self.folder}: {what}: expected {theirs!r}, got {ours!r}")

    def near(self, ours, theirs, size=1.0):
        theirs = float(theirs)
        difference = abs(ours - theirs) / max(size, abs(theirs))
        if not difference <= self.largest:  # nor a number at all
            self.largest = difference
        self.compared += 1


# --- lm -----------------------------------------------------------------------------------------------------------------


def lm(case, *options, int8=False):
    data.text(case.path("train.txt"), 1, 400)
    test = data.text(case.path("test.txt"), 2, 120, strange=True)
    model = case.train("lm", case.path("train.txt"), "--hidden 16", "--batch 4", "--bptt 20", *options)
    model = LanguageModel(case.quantize() if int8 else model)
    with open(test, encoding="utf-8", newline="") as f:
        content = f.read()
    theirs = case.evaluate(test)
    for name, value in model.evaluate(content).items():
        case.near(value, theirs[name])
    ours, rows = model.predict(content), case.predict(test)
    case.same(len(ours), len(rows), "lines")
    for (line, symbols, loss, perplexity), row in zip(ours, rows):
        case.same([line, symbols], [int(row["line"]), int(row["symbols"])], "line")
        case.near(loss, row["loss"])
        case.near(perplexity, row["perplexity"])


# --- classify -----------------------------------------------------------------------------------------------------------


def _classified(case, classifier, examples, rows):
    case.same(len(examples), len(rows), "rows")
    for example, row in zip(examples, rows):
        answer = classifier(example)
        if "value" in row:
            case.near(answer[0], row["value"])
            continue
        for name, p in zip(classifier.targets["classes"], answer):
            case.near(p, row["p." + name])


def classify_text(case, *options):
    data.labelled_texts(case.path("train.csv"), 1, 150)
    test = data.labelled_texts(case.path("test.csv"), 2, 40)
    model = case.train("classify", case.path("train.csv"), "--hidden 8", "--embedding 12", *options)
    with open(test, newline="", encoding="utf-8") as f:
        texts = [row["text"] for row in csv.DictReader(f)]
    _classified(case, Classifier(model), texts, case.predict(test))


def classify_series(case, *options, values=False):
    data.labelled_series(case.path("train.csv"), 1, 60, values)
    test = data.labelled_series(case.path("test.csv"), 2, 30, values)
    options = ["--static-columns age", "--hidden 8", *options]
    model = case.train("classify", case.path("train.csv"), *options)
    table = Table(test, model.assets["columns"])
    _classified(case, Classifier(model), list(table.sequences.values()), case.predict(test))


# --- tag ----------------------------------------------------------------------------------------------------------------


def tag(case, *options, spans=False):
    data.tagged(case.path("train.conll"), 1, 120, spans)
    test = data.tagged(case.path("test.conll"), 2, 40, spans)
    options = ["--hidden 8", "--embedding 10", "--set char_hidden=6", *options]
    tagger = Tagger(case.train("tag", case.path("train.conll"), *options))
    with open(test, encoding="utf-8") as f:
        sentences = [[line.split(" ") for line in part.split("\n")] for part in f.read().strip().split("\n\n")]
    rows, nats, tokens = iter(case.predict(test)), 0.0, 0
    for sentence in sentences:
        words = [word for word, _ in sentence]
        for word, (name, p) in zip(words, tagger.predict(words)):
            row = next(rows)
            case.same([word, name], [row["token"], row["tag"]], "tag")
            case.near(p, row["probability"])
        nats += tagger.nats(words, [name for _, name in sentence])
        tokens += len(words)
    case.near(nats / tokens, case.evaluate(test)["loss"])


# --- forecast -----------------------------------------------------------------------------------------------------------


def _forecast(case, train, test, options):
    model = case.train("forecast", train, "--hidden 8", "members=1", *options)
    forecaster = Forecaster(model)
    table = Table(test, model.assets["columns"])
    if forecaster.members[0].head.name in ("mae", "mse", "quantiles", "normal"):
        rows = case.predict(test)
        ours = forecaster.predict(table, [0.1, 0.5, 0.9])
        case.same(len(ours), len(rows), "rows")
        for (ident, channel, step, *values), row in zip(ours, rows):
            case.same([ident, channel, step], [row["id"], row.get("channel", channel), int(row["step"])], "row")
            for value, name in zip(values, ["mean", "q0.1", "q0.5", "q0.9"]):
                case.near(value, row[name], max(1.0, *map(abs, values)))
    case.near(forecaster.loss(table), case.evaluate(test)["loss"])


def forecast_panel(case, *options, dates=False):
    data.panel(case.path("train.csv"), 1, 70, 6, dates)
    test = data.panel(case.path("test.csv"), 2, 80, 6, dates)
    columns = ["value_columns=sold,stock", "past_columns=visitors", "future_columns=promotion", "static_columns=kind,size"]
    _forecast(case, case.path("train.csv"), test, ["horizon=5", "context=20", *columns, *options])


def forecast_season(case, *options, counts=False):
    data.season(case.path("train.csv"), 1, 60, counts)
    test = data.season(case.path("test.csv"), 1, 75, counts)
    columns = ["value_columns=sold", "id_column=id", "time_column=t", "season=4", "horizon=6"]
    _forecast(case, case.path("train.csv"), test, [*columns, *options])


# --- diagnose -----------------------------------------------------------------------------------------------------------


def diagnose(case, *options):
    data.records(case.path("train.csv"), case.path("labels.csv"), 1, 80)
    test = data.records(case.path("test.csv"), case.path("test_labels.csv"), 2, 30)
    columns = ["labels_file=labels.csv", "label_columns=septic,kidney", "auxiliary_columns=helps", "static_columns=Age"]
    model = case.train("diagnose", case.path("train.csv"), "--hidden 8", *columns, *options)
    names = model.assets["columns"]
    table = Table(test, names)
    diagnoser = Diagnoser(model)
    rows = iter(case.predict(test, "--every-step"))
    for record in table.sequences.values():
        cells = [(float(r[names["time"]]), r[names["parameter"]], float(r[names["value"]])) for r in record]
        statics = [next(v for _, n, v in cells if n == name) for name in model.assets["channels"]["statics"]]
        measured = [cell for cell in cells if cell[1] in diagnoser.channels]
        for step in diagnoser(measured, statics):
            row = next(rows)
            for name, p in zip(model.assets["labels"]["labels"], step.tolist()):
                case.near(p, row["p." + name])
    case.same(next(rows, None), None, "rows")


# --- detect -------------------------------------------------------------------------------------------------------------


def detect(case, *options, labelled=False):
    data.waves(case.path("train.csv"), 1, 240, labelled)
    data.waves(case.path("valid.csv"), 2, 180, True)
    test = data.waves(case.path("test.csv"), 3, 150, True)
    options = ["--hidden 8", f"--valid {case.path('valid.csv')}", *options]
    model = case.train("detect", case.path("train.csv"), *options)
    detector, rows = Detector(model), iter(case.predict(test))
    for record in Table(test, model.assets["columns"]).sequences.values():
        for score, anomaly in detector(record):
            row = next(rows)
            case.near(score, row["score"])
            case.same(anomaly, int(row["anomaly"]), "anomaly")
    case.same(next(rows, None), None, "rows")


# --- translate ----------------------------------------------------------------------------------------------------------


def translate(case, *options):
    data.pairs(case.path("train.tsv"), 1, 150)
    test = data.pairs(case.path("test.tsv"), 2, 40)
    translator = Translator(case.train("translate", case.path("train.tsv"), "--hidden 8", "--embedding 6", *options))
    theirs = case.evaluate(test, "--examples", case.path("rows.csv"), "--beam", "1")
    with open(case.path("rows.csv"), newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    total, symbols = 0.0, 0
    for row in rows:
        nats = translator.nats(row["source"], row["target"])
        case.near(sum(nats) / len(nats), row["loss"])
        total, symbols = total + sum(nats), symbols + len(nats)
    case.near(total / symbols, theirs["loss"])


def one_layer_each(cells):
    """The options of a stack of these cells, each narrower than the one before it."""
    cells = list(cells)
    widths = [str(len(cells) + 5 - k) for k in range(len(cells))]
    return "widths=" + ",".join(widths), "cells=" + ",".join(cells)


CASES = {
    "lm_chars": lambda c: lm(c, "--layers 2"),
    "lm_words_tied": lambda c: lm(c, "tokens=words", "min_count=2", "lower_case=true", "tie=true", "embedding=12", "cell=gru"),
    "lm_words_projection": lambda c: lm(c, "tokens=words", "projection=6", "line_end_symbol=false"),
    "lm_bytes_cells": lambda c: lm(c, "tokens=bytes", "zoneout=0.1", "zoneout_inner=0.2", *one_layer_each(CELLS)),
    "lm_layer_norm": lambda c: lm(c, "layer_norm=true", *one_layer_each(reversed(CELLS))),
    "lm_int8": lambda c: lm(c, "cells=lstm,gru_reset_before,lstm_peephole", "widths=40,32,16", int8=True),
    "lm_int8_projection": lambda c: lm(c, "projection=6", "embedding=30", int8=True),
    "classify_words": lambda c: classify_text(c, "pooling=attention"),
    "classify_chars": lambda c: classify_text(c, "tokens=chars", "pooling=concat", "conv=6", "members=2", "positions=9"),
    "classify_last": lambda c: classify_text(c, "pooling=last", "cell=rnn_relu", "layers=2", "most_steps=6"),
    "classify_series": lambda c: classify_series(
        c, "network=rnn", "conv=6,8", "kernels=5,4", "stride=2", "scaler=robust", "members=2"
    ),
    "classify_lstm_fcn": lambda c: classify_series(c, "filters=20,6,5", "filter_stride=2", "members=2"),
    "classify_cnn": lambda c: classify_series(c, "network=cnn", "filters=6,5,4", "members=1"),
    "classify_mlp": lambda c: classify_series(c, "network=mlp", "mlp=9,8", "members=1"),
    "classify_values": lambda c: classify_series(c, "network=rnn", "pooling=max", "scaler=minmax", "cell=gru", "members=1", values=True),
    "classify_attending": lambda c: classify_text(c, "attention_blocks=2", "heads=2", "pooling=attention"),
    "classify_attending_lstm_fcn": lambda c: classify_series(
        c, "filters=20,6,5", "members=2", "attention_blocks=1", "pooling=concat"
    ),
    "tag_attending": lambda c: tag(c, "output=crf", "attention_blocks=2", "heads=2", spans=True),
    "tag_crf": lambda c: tag(c, "output=crf", spans=True),
    "tag_softmax": lambda c: tag(c, "characters=conv", "output=softmax", "lower_case=false", "cell=gru"),
    "forecast_direct": lambda c: forecast_panel(c, "highway=6", "attention=true", "segment=4", dates=True),
    "forecast_members": lambda c: forecast_panel(c, "scaler=standard", "center=standard", "members=2", "cell=lstm"),
    "forecast_log": lambda c: forecast_season(c, "log=true", "head=student", "identity=series"),
    "forecast_deepar": lambda c: forecast_panel(c, "decoder=autoregressive", dates=True),
    "forecast_counts": lambda c: forecast_season(
        c, "decoder=autoregressive", "head=negative_binomial", "precision=f64", counts=True  # log-gamma is large for f32
    ),
    "forecast_points": lambda c: forecast_season(c, "decoder=autoregressive", "head=mae", "layers=2", "center=last"),
    "forecast_esrnn": lambda c: forecast_season(c, "decoder=smoothing", "static_columns=size"),
    "forecast_esrnn_plain": lambda c: forecast_season(c, "decoder=smoothing", "--season 1", "head=mse", "cell=lstm"),
    "diagnose_decay": lambda c: diagnose(c, "layers=2"),
    "diagnose_fill": lambda c: diagnose(
        c, "trainable_decay=false", "cell=lstm", "fill=forward_back", "elapsed=true", "within=last", "step=0.5", "most_steps=12"
    ),
    "translate_general": lambda c: translate(c, "tokens=chars", "target_tokens=words"),
    "translate_additive": lambda c: translate(c, "attention=additive", "layers=2", "cell=gru", "tie=false"),
    "translate_dot": lambda c: translate(c, "attention=dot", "bidirectional=false", "input_feeding=false", "cell=rnn"),
    "translate_multi_head": lambda c: translate(
        c, "attention=multi_head", "heads=2", "joint_vocabulary=true", "tokens=chars", "target_tokens=chars"
    ),
    "translate_attending": lambda c: translate(c, "attention_blocks=2", "heads=2", "tokens=chars", "target_tokens=chars"),
    "translate_none": lambda c: translate(c, "attention=none", "tokens=bytes", "target_tokens=chars"),
    "detect_forecast": lambda c: detect(c, "layers=2"),
    "detect_reconstruct": lambda c: detect(c, "method=reconstruct", "window=32"),
    "detect_classify": lambda c: detect(c, "method=classify", "bidirectional=true", "window=40", "warm_up=3", labelled=True),
}


def main():
    torch.set_num_threads(1)
    recur, folder, *names = sys.argv[1:]
    failed = []
    for name in names or CASES:
        case = Case(recur, folder, name)
        CASES[name](case)
        print(f"{name:22} {case.compared:6d} numbers, largest difference {case.largest:.1e}, bar {case.bar:.0e}", flush=True)
        if not case.largest <= case.bar:
            failed.append(name)
    if failed:
        sys.exit(f"rebuild: above the bar: {', '.join(failed)}")


if __name__ == "__main__":
    main()
