"""Arrays, texts and sentences as data files in memory, which the library reads as it reads files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import _core
from ._core import DataFile, UsageError

# Paths, bytes, open files, arrays, lists of them: what there is no narrower type for.
Data = Any


def _is_frame(value: object) -> bool:
    return type(value).__module__.split(".")[0] == "pandas" and hasattr(value, "columns")


def _is_series(value: object) -> bool:
    return type(value).__module__.split(".")[0] == "pandas" and hasattr(value, "index") and not hasattr(value, "columns")


def _steps(value: Any) -> np.ndarray:
    """One sequence as an array [T, C] of float32 or float64."""
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise ValueError("Complex data not supported")
    if array.dtype != np.float32:
        array = array.astype(np.float64)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise UsageError(f"a sequence: expected an array [T] or [T, C], got {array.ndim} axes")
    return np.ascontiguousarray(array)


def _times(index: Any) -> list[str] | None:
    """The times of the rows of a pandas object; None where they are numbered from 0."""
    if type(index).__name__ == "RangeIndex":
        return None
    if hasattr(index, "to_timestamp"):  # periods: months, quarters
        index = index.to_timestamp()
    if hasattr(index, "tz"):
        return [time.isoformat() for time in index]
    if np.asarray(index).dtype.kind in "iuf":
        return [str(time) for time in index]
    return None


class Sequences:
    """Sequences of numbers on their way to the library: values [T, C] each, and what is known of them."""

    def __init__(self, data: Any, channels: Sequence[str] | None = None):
        self.channels = list(channels) if channels is not None else None
        self.times: list[list[str]] = []
        if isinstance(data, np.ndarray) and data.dtype != object or _is_frame(data):
            array = np.asarray(data)
            if array.ndim not in (2, 3):
                raise UsageError(f"sequences: expected an array [N, T] or [N, T, C], got {array.ndim} axes")
            items: Iterable[Any] = array
        else:
            items = data
        self.values = [self._add(item) for item in items]
        width = self.values[0].shape[1] if self.values else 1
        if self.channels is None:
            self.channels = ["x"] if width == 1 else [f"x{c + 1}" for c in range(width)]
        if self.times and len(self.times) != len(self.values):
            raise UsageError("sequences: either all have times or none")

    def _add(self, item: Any) -> np.ndarray:
        if _is_frame(item) or _is_series(item):
            times = _times(item.index)
            if times is not None:
                self.times.append(times)
            if _is_frame(item) and self.channels is None:
                self.channels = [str(name) for name in item.columns]
        return _steps(item)

    def file(
        self,
        *,
        ids: Sequence[str] = (),
        labels: Sequence[str] = (),
        times: Sequence[Sequence[str]] = (),
        step_labels: Sequence[Sequence[str]] = (),
        keys: dict[str, str] | None = None,
    ) -> DataFile:
        assert self.channels is not None
        return _core.sequences_file(
            self.values,
            self.channels,
            ids=list(ids),
            labels=list(labels),
            times=[list(each) for each in (times or self.times)],
            step_labels=[list(each) for each in step_labels],
            keys=keys or {},
        )


def sequences(
    data: Data,
    *,
    labels: Sequence[object] | None = None,
    ids: Sequence[object] | None = None,
    times: Sequence[Sequence[object]] | None = None,
    step_labels: Sequence[Sequence[object]] | None = None,
    channels: Sequence[str] | None = None,
) -> DataFile:
    """Sequences of numbers as a data file in memory.

    ``data`` is an array [N, T, C], or [N, T] of one channel, or a list of arrays [T, C] or [T], whose lengths may differ;
    pandas' frames [T, C] and series in the list bring the names of their channels and their times along. NaN is a missing
    value. ``labels`` has the class or value of each sequence, ``step_labels`` a class for each step. The keys of the
    records are called id, time, label, labels, and ``channels``: x, or x1, x2, ... of several.
    """
    return Sequences(data, channels).file(
        ids=[str(each) for each in ids or ()],
        labels=[str(each) for each in labels if labels is not None] if labels is not None else (),
        times=[[str(time) for time in each] for each in times or ()],
        step_labels=[[str(label) for label in each] for each in step_labels or ()],
    )


def texts(data: Iterable[str], labels: Iterable[object] | None = None) -> DataFile:
    """Texts as a data file in memory, with a label each if there are labels: records with the keys text and label."""
    return _core.texts_file(list(data), [] if labels is None else [str(label) for label in labels])


def sentences(data: Iterable[Sequence[str]], tags: Iterable[Sequence[str]] | None = None) -> DataFile:
    """Sentences in words as a data file in memory (CoNLL-U), with a tag for each word if there are tags."""
    return _core.sentences_file([list(each) for each in data], [] if tags is None else [list(each) for each in tags])


def _is_file(value: object) -> bool:
    return isinstance(value, (DataFile, str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(value, "read")


def _file(value: Any) -> DataFile:
    if isinstance(value, DataFile):
        return value
    if isinstance(value, (str, os.PathLike)):
        return DataFile(os.fspath(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return DataFile.from_memory("memory", bytes(value))
    content = value.read()
    name = getattr(value, "name", None)
    name = os.path.basename(name) if isinstance(name, str) else "memory"
    return DataFile.from_memory(name, content.encode() if isinstance(content, str) else bytes(content))


def _array_file(data: Any) -> DataFile:
    """Sequences of one length as an .npy file."""
    values = Sequences(data).values
    if len({each.shape for each in values}) != 1:
        raise UsageError("data: the model has learnt from an array, and takes sequences of one length at a time")
    content = io.BytesIO()
    np.save(content, np.stack(values))
    return DataFile.from_memory("memory.npy", content.getvalue())


def data_files(data: Data, model_columns: dict[str, Any] | None = None) -> list[DataFile]:
    """The data files that ``data`` stands for: one or several paths, bytes, open files, data files; or arrays.

    ``model_columns``: what the columns of a model's data are called, for arrays, which have no names.
    """
    if _is_file(data):
        return [_file(data)]
    if isinstance(data, (list, tuple)) and data and all(_is_file(each) for each in data):
        return [_file(each) for each in data]
    if not isinstance(data, (list, tuple, np.ndarray)) and not _is_frame(data):
        raise TypeError(f"data: expected paths, bytes, open files or arrays, got {type(data).__name__}")
    if len(data) == 0:
        raise UsageError("data: expected files or sequences, got none")
    columns = model_columns or {}
    if columns.get("array"):
        return [_array_file(data)]
    given = Sequences(data, columns.get("values") or None)
    more: dict[str, Any] = {}
    # A model whose data had ids and times asks for them: their numbers do.
    if columns.get("id"):
        more["ids"] = [str(i + 1) for i in range(len(given.values))]
    if columns.get("time") and not given.times:
        more["times"] = [[str(t) for t in range(len(each))] for each in given.values]
    keys = {role: columns[role] for role in ("id", "time") if columns.get(role)}
    return [given.file(keys=keys, **more)]
