"""Models of Recur: loaded, trained, evaluated and used."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from . import _core
from ._core import ModelStream, Session, Tensor, UsageError
from ._data import Data, data_files

__all__ = ["Evaluation", "Model", "Option", "Table", "load", "task_options", "tasks", "train"]


class Table:
    """Rows that a model has written, by columns: ``table["label"]``.

    A column of numbers is an array, one of texts a list. Iterating gives a dictionary a row; ``to_pandas()`` a frame.
    """

    def __init__(self, columns: list[str], values: list[Any], pictures: dict[str, bytes] | None = None):
        self.columns = columns
        self.pictures = pictures or {}
        self._values = dict(zip(columns, values, strict=True))

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __len__(self) -> int:
        return len(self._values[self.columns[0]]) if self.columns else 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        lists = [value.tolist() if isinstance(value, np.ndarray) else value for value in self._values.values()]
        for row in zip(*lists, strict=True):
            yield dict(zip(self.columns, row, strict=True))

    def __repr__(self) -> str:
        return f"Table({len(self)} rows of {', '.join(self.columns)})"

    def to_pandas(self) -> Any:
        """The rows as a frame of pandas, which this needs."""
        import pandas

        return pandas.DataFrame(self._values)


@dataclass(frozen=True)
class Evaluation:
    """What evaluate() found: metrics by their usual names, and tables such as the confusion matrix."""

    examples: int
    metrics: dict[str, float]
    tables: dict[str, Table] = field(default_factory=dict, repr=False)
    verdict: str = ""

    def __getitem__(self, metric: str) -> float:
        return self.metrics[metric]


class Option(NamedTuple):
    """An option of a task, by the program's name for it."""

    name: str
    section: str
    type: str
    default: str
    choices: list[str]
    help: str


class Model:
    """A trained model, which any number of threads may use at once; the GIL is released while it computes.

    ``data`` of its methods are paths, bytes, open files, or arrays: [N, T, C], [N, T] of one channel, or a list of arrays
    [T, C] or [T] whose lengths may differ. ``recur.texts()``, ``recur.sentences()`` and ``recur.sequences()`` make data
    of texts, of words, and of sequences with more than values. ``options`` are those of the program, by their names with
    underscores: ``model.predict(data, beam=8)``.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._core = _core.Model(os.fspath(path))
        self._columns = self._data_columns()
        #: Of a model that train() has just made: how the training went.
        self.result: dict[str, Any] = {}

    def _data_columns(self) -> dict[str, Any]:
        """What the columns of its data are called; {"array": True} where they were an array without names."""
        assets = self._core.assets
        channels = json.loads(assets.get("channels", "{}")).get("channels", [])
        if channels and all(name == f"#{c + 1}" for c, name in enumerate(channels)):
            return {"array": True}
        return json.loads(assets.get("columns", "{}"))

    @property
    def task(self) -> str:
        """The name of its task: "classify"."""
        return self._core.task

    @property
    def metadata(self) -> dict[str, str]:
        """Where it comes from: the step, the metrics on validation data."""
        return self._core.facts

    @property
    def assets(self) -> dict[str, str]:
        """What it keeps of its training data besides numbers: vocabularies, scalers."""
        return self._core.assets

    @property
    def options(self) -> dict[str, Any]:
        """All options it was made with."""
        return tomllib.loads(self._core.options_toml)

    @property
    def use_options(self) -> list[Option]:
        """The options of predict() and evaluate()."""
        return [Option(*each) for each in self._core.use_options()]

    @property
    def parameter_count(self) -> int:
        """How many numbers were learnt."""
        return self._core.parameter_count

    def describe(self) -> dict[str, str | int | float]:
        """Facts about it, in the order to show them."""
        return dict(self._core.describe)

    def tensors(self) -> dict[str, Tensor]:
        """A copy of its parameters and buffers, by PyTorch's names where PyTorch has the layer."""
        return self._core.tensors()

    def __repr__(self) -> str:
        return f"Model(task={self.task!r}, parameters={self.parameter_count})"

    def predict(self, data: Data, **options: Any) -> Table:
        """The predictions for data: the rows that ``recur predict`` writes."""
        (columns, values), pictures = self._core.predict(data_files(data, self._columns), options)
        return Table(columns, values, pictures)

    def evaluate(self, data: Data, **options: Any) -> Evaluation:
        """The metrics on data that have the answers."""
        examples, metrics, tables, verdict = self._core.evaluate(data_files(data, self._columns), options)
        by_name = {}
        for name, columns, rows in tables:
            by_name[name] = Table(columns, [list(each) for each in zip(*rows, strict=True)] or [[] for _ in columns])
        return Evaluation(examples, metrics, by_name, verdict)

    def generate(self, prompt: str = "", **options: Any) -> str:
        """What a language model goes on with behind ``prompt``; options: length, temperature, top_k, top_p, seed."""
        return self._core.generate({"prompt": prompt, **options})

    def translate(self, sources: Iterable[str], **options: Any) -> list[str]:
        """The translations of texts by a model of the task translate; options: beam, length_penalty, ..."""
        if self.task != "translate":
            raise UsageError(f"a model of the task '{self.task}' does not translate")
        lines = list(sources)
        for i, line in enumerate(lines):
            if "\n" in line or "\r" in line:
                raise UsageError(f"translate: text {i + 1}: expected one line")
        content = "".join(line + "\n" for line in lines).encode()
        table = self.predict(_core.DataFile.from_memory("memory.txt", content), **options)
        return list(table["prediction"])

    def stream(self) -> ModelStream:
        """One time step at a time, from NumPy to NumPy: of a model of the task network, which ``recur import`` makes."""
        return _core.stream_of_model(self._core)

    def session(self, **options: Any) -> Session:
        """Predictions while the data arrive, line by line, or of sounds bytes by bytes, where the task has it."""
        return self._core.session(options)

    def save(self, path: str | os.PathLike[str], *, int8: bool = False) -> None:
        """Writes the model file, whole or not at all; with ``int8`` its matrices are rounded to 8-bit integers."""
        self._core.save(os.fspath(path), int8)

    def to_bytes(self) -> bytes:
        """The model file as bytes; models are pickled so."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.recur")
            self.save(path)
            with open(path, "rb") as file:
                return file.read()

    @staticmethod
    def from_bytes(content: bytes) -> Model:
        """The model of to_bytes()."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.recur")
            with open(path, "wb") as file:
                file.write(content)
            return Model(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.to_bytes(), self.result)


def _unpickled(content: bytes, result: dict[str, Any]) -> Model:
    model = Model.from_bytes(content)
    model.result = result
    return model


def load(path: str | os.PathLike[str]) -> Model:
    """Opens a model file, or the model in the folder of a run. What is damaged is a recur.Error."""
    return Model(path)


def tasks() -> dict[str, str]:
    """The tasks that train() knows, each with a line of what it is for."""
    return {name: summary for name, summary, _ in _core.tasks()}


def task_options(task: str) -> list[Option]:
    """The options of training a task, as ``recur train TASK --help`` lists them."""
    return [Option(*each) for each in _core.task_options(task)]


def train(
    task: str,
    data: Data = (),
    *,
    valid: Data = None,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    on_progress: Callable[[dict[str, Any]], None] | None = None,
    **options: Any,
) -> Model:
    """Trains as ``recur train`` does and gives the model: the best one on validation data, where there are any.

    ``valid`` is a fraction of the data to hold out, "none" or data to validate on, ``out`` the folder of the run, which
    is kept and may be resumed if the data are files; without it nothing is left on the disk. ``on_progress`` is called
    about every 50 ms with the step, the loss and so on. The GIL is released meanwhile, and Ctrl-C ends the training
    after the running step, with KeyboardInterrupt; a run in ``out`` has its checkpoint then.
    """
    if isinstance(valid, (int, float)) and not isinstance(valid, bool):
        options["valid"], valid = str(float(valid)), None
    elif isinstance(valid, str) and valid == "none":
        options["valid"], valid = valid, None
    files = [] if isinstance(data, (list, tuple)) and not data else data_files(data)
    valid_files = [] if valid is None else data_files(valid)
    if out is not None:
        result = _core.train(task, files, valid_files, os.fspath(out), options, on_progress, force)
        return _made(os.fspath(out), result)
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        return _made(run, _core.train(task, files, valid_files, run, options, on_progress))


def _made(folder: str, result: dict[str, Any]) -> Model:
    model = Model(folder)
    model.result = result
    return model


