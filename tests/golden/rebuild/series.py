"""Series as the networks read them, classification of series, and detection, from docs/formats.md."""
import csv
import itertools
import math

import numpy
import torch

from layers import attention_blocks, conv_stack, linear, pool, pool_last, recurrent
from text import Tokenizer, ngram_scores, text_features

MISSING = float("nan")


def number(cell):
    """A cell of a table, as the program keeps values: in f32."""
    return MISSING if cell == "" else float(numpy.float32(float(cell)))


class Table:
    """A table of the layout "long": rows by sequence, in the order in which ids come."""

    def __init__(self, path, columns):
        with open(path, newline="") as f:
            self.rows = list(csv.DictReader(f))
        self.ids = list(dict.fromkeys(row[columns["id"]] for row in self.rows)) if columns["id"] else ["1"]
        self.sequences = {i: [r for r in self.rows if not columns["id"] or r[columns["id"]] == i] for i in self.ids}


class Scaler:
    """y = (x - shift) / scale of each channel; "none" has neither list."""

    def __init__(self, asset):
        self.shift, self.scale = asset["shift"], asset["scale"]

    def __call__(self, c, x):
        return (x - self.shift[c]) / self.scale[c] if self.shift else x


class SeriesEncoder:
    def __init__(self, assets):
        channels = assets["channels"]
        self.channels, self.gaps, self.statics = channels["channels"], channels["gaps"], channels["statics"]
        self.scaler, self.static_scaler = Scaler(assets["scaler"]), Scaler(assets["static_scaler"])

    def values(self, rows):
        """[T, C] scaled, NaN where missing."""
        cells = [[self.scaler(c, number(row[name])) for c, name in enumerate(self.channels)] for row in rows]
        return torch.tensor(cells, dtype=torch.float64).reshape(len(rows), len(self.channels))

    def __call__(self, rows):
        """[T, F]: channels, gaps, statics."""
        values = self.values(rows)
        statics = [self.static_scaler(s, number(rows[0][name])) for s, name in enumerate(self.statics)]
        parts = [values.nan_to_num(0.0), values[:, self.gaps].isnan().double()]
        parts.append(torch.tensor(statics, dtype=torch.float64).nan_to_num(0.0).expand(len(rows), len(statics)))
        return torch.cat(parts, 1)


# --- classify ---------------------------------------------------------------------------------------------------------


def kernel_scores(model, x):
    """Scores [C] of the linear path of random kernels for inputs x [T, F]."""
    channels = model.tensors["random_kernels.kernels.channels"].to(x)
    thresholds = model.tensors["random_kernels.kernels.thresholds"].to(x)
    widths = model.tensors["random_kernels.kernels.widths"].to(x)
    taps = torch.full((84, 1, 9), -1.0).to(x)
    for kernel, places in enumerate(itertools.combinations(range(9), 3)):
        taps[kernel, 0, list(places)] = 2
    features = []
    for d in range(len(channels)):
        sums = channels[d] @ x.T
        z = torch.nn.functional.conv1d(sums[None], taps, padding=4 * 2**d, dilation=2**d, groups=84)[0]
        above = torch.sigmoid((z[:, None] - thresholds[d][:, :, None]) / widths[d][:, None, None])
        features.append(above.mean(2).flatten())
    weight, bias = (model.tensors[f"random_kernels.{name}"].to(x) for name in ("weight", "bias"))
    return weight @ torch.cat(features) + bias


class Classifier:
    def __init__(self, model):
        self.model = model
        self.is_text = "vocabulary" in model.assets
        self.encode = Tokenizer(model.assets["vocabulary"]) if self.is_text else SeriesEncoder(model.assets)
        self.targets = model.assets["targets"]
        members = model.config["members"]
        self.members = [model.tensors] if members == 1 else [model.under(str(k)) for k in range(members)]

    def _output(self, member, example):
        config = self.model.config
        below = lambda prefix: {k[len(prefix) + 1 :]: v for k, v in member.items() if k.startswith(prefix + ".")}
        x = text_features(self.model, self.encode, member, example) if self.is_text else self.encode(example)
        network = config.get("network", "rnn")
        if network == "mlp":
            steps = config["mlp_steps"]
            y = torch.nn.functional.pad(x[:steps], (0, 0, 0, max(steps - len(x), 0))).flatten()
            for k in range(len(config["mlp"])):
                y = torch.relu(linear(member, f"mlp{k}", y))
            return linear(member, "decoder", y)
        read = []
        if network in ("rnn", "lstm-fcn"):
            front = conv_stack(below("conv"), [config["stride"]], x)
            y = recurrent(below("rnn"), config, front[:, None])[0][:, 0] if len(front) else front.new_zeros(0, 1)
            y = attention_blocks(below("blocks"), config, y)
            read.append(pool(below("pooling.attention"), config["pooling"], y, config["bidirectional"]))
        if network in ("cnn", "lstm-fcn"):
            read.append(pool({}, "mean", conv_stack(below("fcn"), [config["filter_stride"], 1], x), False))
        return linear(member, "decoder", torch.cat(read))

    def __call__(self, example):
        """The probability of each class, or [value]. `example`: a text, or the rows of a series."""
        outputs = [self._output(member, example) for member in self.members]
        if "classes" in self.targets:
            p = torch.stack([torch.softmax(y, 0) for y in outputs]).mean(0)
            if "ngrams.mix" in self.model.tensors:
                network, path = self.model.tensors["ngrams.mix"]
                p = torch.softmax(network * p.log() + path * ngram_scores(self.model, self.encode, example), 0)
            if "random_kernels.mix" in self.model.tensors:
                network, path = self.model.tensors["random_kernels.mix"]
                p = torch.softmax(network * p.log() + path * kernel_scores(self.model, self.encode(example)), 0)
            return p.tolist()
        y = torch.stack(outputs).mean(0).item()
        return [y * self.targets["scale"] + self.targets["shift"]]


# --- detect -----------------------------------------------------------------------------------------------------------


class Detector:
    def __init__(self, model):
        self.model, self.encode = model, SeriesEncoder(model.assets)
        self.calibration = model.assets["calibration"]

    def _run(self, x):
        """Outputs [T, O] of the inputs of a sequence, or of a window of it."""
        model, config = self.model, self.model.config
        y = recurrent(model.under("rnn"), config, x[:, None])[0][:, 0]
        if config["method"] == "reconstruct":
            code = linear(model.tensors, "code", pool_last(y, config["bidirectional"]))
            y = recurrent(model.under("decoder"), config, code.expand(len(x), 1, len(code)))[0][:, 0]
        return linear(model.tensors, "head", y)

    def outputs(self, rows):
        x, config = self.encode(rows), self.model.config
        if config["method"] == "forecast":  # at each step it knows the steps before
            x = torch.cat([torch.zeros_like(x[:1]), x[:-1]])
        whole = config["method"] != "reconstruct" and not config["bidirectional"]
        window = len(x) if whole else config["window"]
        return torch.cat([self._run(part) for part in x.split(window)])

    def __call__(self, rows):
        """(score, anomaly) of each step, or of the whole sequence."""
        config, outputs = self.model.config, self.outputs(rows)
        if config["method"] == "classify":
            scores = torch.sigmoid(outputs[:, 0])
        else:
            errors = (outputs - self.encode.values(rows)) / torch.tensor(self.calibration["scale"]).double()
            present = (~errors.isnan()).sum(1)
            scores = torch.sqrt(errors.nan_to_num(0.0).square().sum(1) / present.clamp(min=1))
        scores[: config["warm_up"]] = 0
        if config["level"] == "sequences":
            scores = scores.max()[None] if config["sequence_score"] == "max" else scores.mean()[None]
        return [(score, int(score > self.calibration["threshold"])) for score in scores.tolist()]


# --- diagnose ---------------------------------------------------------------------------------------------------------


class Diagnoser:
    def __init__(self, model):
        self.model, self.assets = model, model.assets["channels"]
        self.labels = model.assets["labels"]
        self.channels = self.assets["channels"]

    def _in_steps(self, measured):
        """`measured`: (time, channel, value) in order of time -> [T, C], NaN where missing."""
        config = self.model.config
        origin = 0 if config["origin"] == "zero" else measured[0][0]
        cells = {}
        for time, channel, value in measured:
            step = math.floor((time - origin) / config["step"] + 1e-9)
            if config["most_steps"] and step >= config["most_steps"]:
                break
            cells.setdefault((step, self.channels.index(channel)), []).append(value)
        last = max(step for step, _ in cells)
        out = torch.full((last + 1, len(self.channels)), MISSING, dtype=torch.float64)
        for (step, c), values in cells.items():
            out[step, c] = values[-1] if config["within"] == "last" else sum(values) / len(values)
        return out

    def _scaled(self, x, scales):
        clip = self.model.config["clip_values"]
        y = (x - scales[0]) / scales[1]
        return y.clamp(-clip, clip) if clip > 0 else y

    def _filled(self, values):
        fill = self.model.config["fill"]
        values = values.clone()
        if fill != "normal":
            for t in range(1, len(values)):
                values[t] = torch.where(values[t].isnan(), values[t - 1], values[t])
        if fill == "forward_back":
            for t in range(len(values) - 2, -1, -1):
                values[t] = torch.where(values[t].isnan(), values[t + 1], values[t])
        return values.nan_to_num(0.0)

    def _elapsed(self, masks):
        """Steps since the last measurement before each step, in units of the usual number."""
        elapsed = torch.zeros_like(masks)
        for t in range(1, len(masks)):
            elapsed[t] = 1 + (1 - masks[t - 1]) * elapsed[t - 1]
        return elapsed / torch.tensor(self.assets["usual_elapsed"], dtype=torch.float64)

    def __call__(self, measured, statics):
        """The probability of each label at each step [T, L], of a record's measurements and static values."""
        model, config = self.model, self.model.config
        values = self._in_steps(measured)
        for c in range(len(self.channels)):
            values[:, c] = self._scaled(values[:, c], self.assets["scales"][2 * c : 2 * c + 2])
        masks = (~values.isnan()).double()
        values, elapsed = self._filled(values), self._elapsed(masks)
        if config["trainable_decay"]:
            fade = model.under("fade_inputs")
            keep = torch.exp(-torch.relu(elapsed * fade["weight"] + fade["bias"]))
            values = values * (masks + (1 - masks) * keep)
        scaled = [
            self._scaled(torch.tensor(value, dtype=torch.float64), self.assets["static_scales"][2 * s : 2 * s + 2])
            for s, value in enumerate(statics)
        ]
        parts = [values] + ([masks] if config["masks"] else []) + ([elapsed] if config["elapsed"] else [])
        parts += [value.nan_to_num(0.0).expand(len(values), 1) for value in scaled]
        decay = None
        if config["trainable_decay"]:
            layers = sum(name.startswith("weight_ih") for name in model.under("rnn"))
            decay = [torch.exp(-torch.relu(linear(model.tensors, f"fade_state_l{k}", elapsed))) for k in range(layers)]
            decay = [d[:, None] for d in decay]
        y = recurrent(model.under("rnn"), config, torch.cat(parts, 1)[:, None], decay=decay)[0][:, 0]
        predicted = len(self.labels["labels"]) - self.labels["auxiliary"]
        return torch.sigmoid(linear(model.tensors, "decoder", y))[:, :predicted]
