"""The forecasters, from docs/formats.md: "forecast"."""
import datetime
import math

import torch

from layers import embedding, linear, recurrent
from random_numbers import normal
from series import MISSING, Scaler, number

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_DAY, _YEAR = 86400.0, 365.2425 * 86400.0
_LEAST = 1e-4  # of a spread


def seconds(cell):
    """A date as seconds since 1970."""
    return (datetime.datetime.fromisoformat(cell).replace(tzinfo=datetime.timezone.utc) - _EPOCH).total_seconds()


class Series:
    """A target column of one id, with the covariates of its rows."""

    def __init__(self, encoder, ident, channel, rows):
        targets = encoder.asset["targets"]
        known = [t for t, row in enumerate(rows) if any(row[name] != "" for name in targets)]
        self.values = [number(row[channel]) for row in rows[: known[-1] + 1]]
        self.rows = len(rows)
        self.past = [encoder.covariates(row)[: encoder.asset["past"]] for row in rows]
        self.ahead = encoder.ahead(rows)
        self.statics = encoder.statics(rows[0])
        key = f"{ident}\n{channel}"
        self.identity = encoder.identity(key, channel)
        self.scale = encoder.asset["scales"].get(key)


class Encoder:
    def __init__(self, model):
        self.asset, self.config = model.assets["series"], model.config
        self.columns = model.assets["columns"]
        self.scaler = Scaler(model.assets["covariate_scaler"])

    def covariates(self, row):
        cells = [self.scaler(c, number(row[name])) for c, name in enumerate(self.asset["covariates"])]
        return [0.0 if math.isnan(x) else x for x in cells]

    def cycles(self):
        """The cycles that the calendar shows, as (length of the step in seconds) allows."""
        if not self.config["calendar"] or self.asset["time_kind"] != 2:
            return []
        unit, count = self.asset["step_unit"], self.asset["step_count"]
        step = {0: _DAY, 2: count, 3: count * _YEAR / 12}[unit]
        limits = {"day": _DAY / 3, "week": 7 * _DAY / 3, "year": _YEAR / 3}
        shown = step * self.asset["calendar_steps"]
        return [name for name, limit in limits.items() if step <= limit and shown >= 6 * limit]

    def ahead(self, rows):
        """[R + H][A]: the calendar and the covariates known ahead."""
        out, cycles, past = [], self.cycles(), self.asset["past"]
        for t in range(len(rows) + self.config["horizon"]):
            cells = []
            if cycles:
                last = seconds(rows[min(t, len(rows) - 1)][self.columns["time"]])
                time = last + max(t - len(rows) + 1, 0) * self.asset["step_count"]
                now = _EPOCH + datetime.timedelta(seconds=time)
                day = (now.hour + now.minute / 60 + now.second / 3600) / 24
                place = {
                    "day": day,
                    "week": (now.isoweekday() % 7 + day) / 7,
                    "year": (now.timetuple().tm_yday - 1 + day) / 366,
                }
                for name in cycles:
                    angle = 2 * math.pi * place[name]
                    cells += [math.sin(angle), math.cos(angle)]
            known = len(self.asset["covariates"]) - past
            cells += self.covariates(rows[t])[past:] if t < len(rows) else [0.0] * known
            out.append(cells)
        return out

    def statics(self, row):
        out = []
        for column in self.asset["statics"]:
            cell = row[column["name"]]
            if column["words"]:
                out += [float(cell == word) for word in column["words"]]
                continue
            shift, scale = column["scale"]
            x = (number(cell) - shift) / scale
            out.append(0.0 if math.isnan(x) else x)
        return out

    def identity(self, key, channel):
        names = self.asset["identities"]
        name = channel if self.config["identity"] == "channel" else key
        return names.index(name) + 1 if name in names else 0


# --- heads ------------------------------------------------------------------------------------------------------------


class Head:
    """raw [..., W] of a step. Distributions are drawn from; quantiles and points stand for themselves."""

    def __init__(self, config):
        self.name = config["head"]
        self.width = {"mae": 1, "mse": 1, "quantiles": config["quantiles"], "student": 3}.get(self.name, 2)
        self.locations = self.width if self.name == "quantiles" else 1
        self.draws = self.name not in ("mae", "mse", "quantiles")

    def spread(self, raw):
        """[W] -> values that are equally likely."""
        return sorted(raw.tolist())

    def draw(self, raw, drawn):
        """`drawn`: a standard normal number."""
        if not self.draws:
            return raw[0].item()
        assert self.name == "normal", "only normal numbers are drawn here"
        return raw[0].item() + (torch.nn.functional.softplus(raw[1]).item() + _LEAST) * drawn

    def loss(self, raw, target, scale):
        raw, y = raw.unbind(-1), target
        soft = lambda x: torch.nn.functional.softplus(x) + _LEAST
        if self.name == "mae":
            return (raw[0] - y).abs()
        if self.name == "mse":
            return (raw[0] - y).square()
        if self.name == "quantiles":
            levels = torch.arange(1, self.width + 1, dtype=torch.float64) / (self.width + 1)
            error = y[..., None] - torch.stack(raw, -1)
            return 2 * torch.maximum(levels * error, (levels - 1) * error).mean(-1)
        if self.name == "normal":
            return -torch.distributions.Normal(raw[0], soft(raw[1])).log_prob(y)
        if self.name == "student":
            freedom = torch.nn.functional.softplus(raw[2]) + 2
            return -torch.distributions.StudentT(freedom, raw[0], soft(raw[1])).log_prob(y)
        y = (y * scale).clamp(min=0)
        m, r = soft(raw[0]) * scale, math.sqrt(scale) / soft(raw[1])
        choices = torch.lgamma(y + 1) + torch.lgamma(r) - torch.lgamma(y + r)
        return choices + r * torch.log(m / r + 1) + y * torch.log(r / m + 1)


def quantile(values, p):
    """Of equally likely values, sorted."""
    at = min(max(p * (len(values) + 1) - 1, 0), len(values) - 1)
    below = int(at)
    share = at - below
    return values[below] if share == 0 else (1 - share) * values[below] + share * values[below + 1]


# --- windows ----------------------------------------------------------------------------------------------------------


class WindowScale:
    """z = (log?(y) - shift) / scale, of a window that begins its forecast at `origin`."""

    def __init__(self, config, series, origin):
        self.log = config["log"]
        end = min(origin, len(series.values))
        own = lambda begin: [
            math.log(y) if self.log else y for y in series.values[max(begin, 0) : end] if not math.isnan(y)
        ]
        past = own(end - config["context"]) or [0.0]
        mean, size = sum(past) / len(past), sum(map(abs, past)) / len(past)
        deviation = math.sqrt(sum((y - mean) ** 2 for y in past) / len(past))
        positive = lambda x: x if x > 0 else 1.0
        standard = series.scale
        if standard is None or self.log:
            every = own(0) or [0.0]
            middle = sum(every) / len(every)
            standard = [middle, positive(math.sqrt(sum((y - middle) ** 2 for y in every) / len(every)))]
        self.shift = {"none": 0.0, "last": past[-1], "mean": mean, "standard": standard[0]}[config["center"]]
        self.scale = {
            "none": 1.0,
            "mean": positive(size),
            "standard": standard[1],
            "deviation": positive(deviation if deviation > 1e-4 * size else size),
        }[config["scaler"]]

    def apply(self, y):
        return ((math.log(y) if self.log else y) - self.shift) / self.scale

    def invert(self, z):
        y = z * self.scale + self.shift
        return math.exp(y) if self.log else y


def filled(series, begin, end, apply):
    """Values and masks of steps begin .. end - 1: what is missing as the value before, at the beginning as the first."""
    values, missing = [], []
    for t in range(begin, end):
        y = series.values[t] if 0 <= t < len(series.values) else MISSING
        missing.append(float(math.isnan(y)))
        values.append((values[-1] if values else 0.0) if math.isnan(y) else apply(y))
    if 0.0 in missing:
        first = missing.index(0.0)
        values[:first] = [values[first]] * first
    return values, missing


# --- decoders ---------------------------------------------------------------------------------------------------------


class Direct:
    def __init__(self, tensors, config):
        self.tensors, self.config, self.head = tensors, config, Head(config)
        self.rnn = {k[4:]: v for k, v in tensors.items() if k.startswith("rnn.")}

    def raw(self, series, origin, scale):
        """[H, W]."""
        config, tensors = self.config, self.tensors
        segment, horizon = config["segment"], config["horizon"]
        count, ahead_count = -(-min(config["context"], origin) // segment), -(-horizon // segment)
        begin = origin - count * segment
        values, missing = filled(series, begin, origin, scale.apply)
        nothing = [0.0] * len(series.past[0]), [0.0] * len(series.ahead[0])
        steps = []
        for t in range(begin, origin):
            past = series.past[t] if 0 <= t < series.rows else nothing[0]
            ahead = series.ahead[t] if t >= 0 else nothing[1]
            steps.append([values[t - begin], missing[t - begin], *past, *ahead])
        x = torch.tensor(steps, dtype=torch.float64).reshape(count, 1, -1)
        read, states = recurrent(self.rnn, config, torch.relu(linear(tensors, "input", x)))
        y = self._ahead(series, origin, ahead_count, states)
        if config["attention"]:
            y = self._attend(read[:, 0], y)
        raw = linear(tensors, "output", y).reshape(ahead_count * segment, self.head.width)[:horizon]
        if config["highway"] > 0:
            recent = [values[max(len(values) - back, 0)] for back in range(config["highway"], 0, -1)]
            level = linear(tensors, "highway", torch.tensor(recent, dtype=torch.float64))
            raw = torch.cat([raw[:, : self.head.locations] + level[:, None], raw[:, self.head.locations :]], 1)
        return raw

    def _ahead(self, series, origin, count, states):
        """One step from the state after the past, of each segment ahead: [M, H]."""
        tensors, segment, horizon = self.tensors, self.config["segment"], self.config["horizon"]
        x = tensors["place"]
        if "identity.weight" in tensors:
            x = x + embedding(tensors, "identity", [series.identity])
        if "statics.weight" in tensors:
            x = x + linear(tensors, "statics", torch.tensor(series.statics, dtype=torch.float64))
        if "ahead.weight" in tensors:
            cells = series.ahead[origin : origin + horizon]
            cells = cells + [[0.0] * len(cells[0])] * (count * segment - horizon)
            x = x + linear(tensors, "ahead", torch.tensor(cells, dtype=torch.float64).reshape(count, -1))
        states = [[part.expand(count, -1) for part in layer] for layer in states]
        return recurrent(self.rnn, self.config, x[None], states)[0][0]

    def _attend(self, read, y):
        weights = torch.softmax(y @ read.T / math.sqrt(y.shape[1]), 1)
        return torch.tanh(linear(self.tensors, "attention", torch.cat([y, weights @ read], 1)))

    def paths(self, series, origin, samples, drawn):
        """[S][H] in units of the data."""
        scale = WindowScale(self.config, series, origin)
        raw = self.raw(series, origin, scale)
        steps = [[scale.invert(z) for z in self.head.spread(row)] for row in raw]
        return [list(path) for path in zip(*steps)]

    def loss(self, series, origin):
        """The loss of each known step of the horizon."""
        scale = WindowScale(self.config, series, origin)
        return _losses(self.head, self.raw(series, origin, scale), series, origin, scale.apply, scale.scale)


def _losses(head, raw, series, origin, apply, scale):
    out = []
    for h, row in enumerate(raw):
        y = series.values[origin + h] if origin + h < len(series.values) else MISSING
        if not math.isnan(y):
            out.append(head.loss(row, torch.tensor(apply(y), dtype=torch.float64), scale).item())
    return out


class Autoregressive:
    def __init__(self, tensors, config):
        self.tensors, self.config, self.head = tensors, config, Head(config)
        self.rnn = {k[4:]: v for k, v in tensors.items() if k.startswith("rnn.")}

    def _step(self, series, origin, t, values, missing, begin):
        at = t - begin
        cells = [values[at - lag] for lag in self.config["lags"]] + [missing[at - 1]]
        cells += series.past[t - 1] if t <= origin else [0.0] * len(series.past[0])
        cells += series.ahead[t] + series.statics
        if "identity.weight" in self.tensors:
            cells = cells + self.tensors["identity.weight"][series.identity].tolist()
        return cells

    def _begin(self, series, origin, ahead):
        scale = WindowScale(self.config, series, origin)
        first = max(origin - self.config["context"], 1)
        begin = first - max(self.config["lags"])
        return scale, first, begin, *filled(series, begin, origin + ahead, scale.apply)

    def loss(self, series, origin):
        horizon = self.config["horizon"]
        scale, first, begin, values, missing = self._begin(series, origin, horizon)
        steps = [
            self._step(series, origin, t, values, missing, begin) for t in range(first, origin + horizon)
        ]
        x = torch.tensor(steps, dtype=torch.float64)[:, None]
        raw = linear(self.tensors, "output", recurrent(self.rnn, self.config, x)[0][:, 0])[-horizon:]
        return _losses(self.head, raw, series, origin, scale.apply, scale.scale)

    def paths(self, series, origin, samples, drawn):
        scale, first, begin, values, missing = self._begin(series, origin, 0)
        samples = samples if self.head.draws else 1
        steps = [self._step(series, origin, t, values, missing, begin) for t in range(first, origin)]
        states = None
        if steps:
            states = recurrent(self.rnn, self.config, torch.tensor(steps, dtype=torch.float64)[:, None])[1]
            states = [[part.expand(samples, -1).contiguous() for part in layer] for layer in states]
        memory = [list(values) for _ in range(samples)]
        paths = [[] for _ in range(samples)]
        for h in range(self.config["horizon"]):
            step = [
                self._step(series, origin, origin + h, own, missing + [0.0] * h, begin) for own in memory
            ]
            y, states = recurrent(self.rnn, self.config, torch.tensor(step, dtype=torch.float64)[None], states)
            for k, raw in enumerate(linear(self.tensors, "output", y[0])):
                own, path = memory[k], paths[k]
                own.append(self.head.draw(raw, drawn(h, k)))
                path.append(scale.invert(own[-1]))
        return paths


class Smoothing:
    def __init__(self, tensors, config):
        self.tensors, self.config, self.head = tensors, config, Head(config)

    def _factors(self, series, begin):
        """Of level and season, and the first seasonal factors."""
        season = self.config["season"]
        all_ = self.tensors["common"] + self.tensors["series.weight"][series.identity]
        if season == 1:
            return torch.sigmoid(all_[0]).item(), 0.0, [1.0]
        first = torch.exp(all_[2:]).tolist()
        turn = begin % season
        return torch.sigmoid(all_[0]).item(), torch.sigmoid(all_[1]).item(), first[turn:] + first[:turn]

    def _run(self, series, origin):
        """raw [H, W] and what it is relative to, [H], both of the logarithm of y / mean; and the mean."""
        config, size = self.config, self.config["segment"]
        steps = max(min(config["context"], origin), size)
        values, _ = filled(series, origin - steps, origin, lambda y: y)
        mean = sum(values) / steps
        y = [value / mean for value in values]
        a, g, seasons = self._factors(series, origin - steps)
        levels = []
        for t, value in enumerate(y):
            level = value / seasons[t] if config["season"] > 1 else value
            levels.append(level if t == 0 else a * level + (1 - a) * levels[-1])
            seasons.append(g * value / levels[-1] + (1 - g) * seasons[t] if config["season"] > 1 else 1.0)
        rest = [math.log(value / s) for value, s in zip(y, seasons)]
        rows = [
            [r - math.log(levels[t]) for r in rest[t - size + 1 : t + 1]] + series.statics
            for t in range(size - 1, steps)
        ]
        out = self._stack(torch.tensor(rows, dtype=torch.float64))
        hidden = torch.tanh(linear(self.tensors, "hidden", out[-1]))
        raw = linear(self.tensors, "output", hidden).reshape(config["horizon"], self.head.width)
        last = steps - 1
        base = [
            math.log(levels[last]) + math.log(seasons[last + 1 + h % config["season"]])
            for h in range(config["horizon"])
        ]
        return raw, base, mean

    def _stack(self, x):
        """Layer k reads each residue of the steps modulo its dilation by itself; all but the first are residual."""
        y = x
        for k, dilation in enumerate(self.config["dilations"]):
            prefix = f"rnn.{k}."
            own = {name[len(prefix) :]: v for name, v in self.tensors.items() if name.startswith(prefix)}
            out = [None] * len(y)
            for r in range(min(dilation, len(y))):
                part = recurrent(own, self.config, y[r::dilation][:, None])[0][:, 0]
                for i, row in enumerate(part):
                    out[r + i * dilation] = row
            y = torch.stack(out) if k == 0 else y + torch.stack(out)
        return y

    def paths(self, series, origin, samples, drawn):
        raw, base, mean = self._run(series, origin)
        steps = [[mean * math.exp(z + b) for z in self.head.spread(row)] for row, b in zip(raw, base)]
        return [list(path) for path in zip(*steps)]

    def loss(self, series, origin):
        raw, base, mean = self._run(series, origin)
        out = []
        for h, (row, b) in enumerate(zip(raw, base)):
            y = series.values[origin + h] if origin + h < len(series.values) else MISSING
            if y > 0:
                target = torch.tensor(math.log(y / mean) - b, dtype=torch.float64)
                out.append(self.head.loss(row, target, 1.0).item())
        return out


class Forecaster:
    def __init__(self, model):
        kinds = {"direct": Direct, "autoregressive": Autoregressive, "smoothing": Smoothing}
        self.config, self.encoder = model.config, Encoder(model)
        count = model.config["members"]
        own = [model.tensors] if count == 1 else [model.under(str(k)) for k in range(count)]
        self.members = [kinds[model.config["decoder"]](tensors, model.config) for tensors in own]

    def series(self, table):
        targets = self.encoder.asset["targets"]
        return [
            (i, channel, Series(self.encoder, i, channel, rows))
            for i, rows in table.sequences.items()
            for channel in targets
        ]

    def _paths(self, series, origin, drawn):
        """Quantiles of several members are averaged one by one."""
        of_each = [m.paths(series, origin, self.config["samples"], drawn) for m in self.members]
        return [[sum(values) / len(values) for values in zip(*paths)] for paths in zip(*of_each)]

    def predict(self, table, levels):
        """(id, channel, step, mean, quantiles...) of the steps after the end of each series."""
        rows, every, samples = [], self.series(table), self.config["samples"]
        for b, (ident, channel, series) in enumerate(every):
            # Steps are drawn one after another, each of all windows and paths of a batch, which here is all.
            drawn = lambda h, k: normal(self.config["sample_seed"], (h * len(every) + b) * samples + k)
            paths = self._paths(series, len(series.values), drawn)
            for h, values in enumerate(zip(*paths)):
                ordered = sorted(values)
                row = [sum(values) / len(values)] + [quantile(ordered, p) for p in levels]
                rows.append((ident, channel, h + 1, *row))
        return rows

    def loss(self, table):
        """The mean loss of the last window of each series."""
        out = []
        for member in self.members:
            for _, _, series in self.series(table):
                out += member.loss(series, len(series.values) - self.config["horizon"])
        return sum(out) / len(out)
