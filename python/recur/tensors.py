"""Tensors: made of arrays, saved, loaded and differentiated."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from . import _core
from ._core import Tensor, from_dlpack, full, zeros

__all__ = ["from_dlpack", "from_numpy", "full", "grad", "load_tensors", "no_grad", "save_tensors", "tensor", "zeros"]

_DTYPES = {"float32", "float64", "int32", "int64", "uint8"}


def tensor(data: Any, dtype: str | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of ``data``: a number, nested lists, an array. Numbers of Python become float32 or int32."""
    if isinstance(data, Tensor):
        made = data.clone()
        if dtype is not None and made.dtype != dtype:
            made = made.to(dtype).detach()
        return made.requires_grad_() if requires_grad else made
    array = np.asarray(data)
    if dtype in _DTYPES:
        array = array.astype(dtype)
    elif not hasattr(data, "dtype") or array.dtype.name not in _DTYPES:
        array = array.astype({"f": "float32", "i": "int32", "b": "uint8"}.get(array.dtype.kind, "float32"))
    made = from_dlpack(np.array(array, order="C", copy=True))
    if dtype is not None and dtype not in _DTYPES:  # bfloat16, or what there is not
        made = made.to(dtype)
    return made.requires_grad_() if requires_grad else made


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor over the memory of a NumPy array, without a copy: what one writes, the other reads.

    The array must be row-major, writable, and of float32, float64, int32, int64 or uint8.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected an array, got {type(array).__name__}")
    if array.dtype.name not in _DTYPES:
        raise TypeError(f"from_numpy: expected float32, float64, int32, int64 or uint8, got {array.dtype}")
    if not array.flags.c_contiguous:
        raise ValueError("from_numpy: expected a row-major array; numpy.ascontiguousarray(array) makes one")
    if not array.flags.writeable:
        raise ValueError("from_numpy: expected a writable array; recur.tensor(array) copies one that is not")
    return from_dlpack(array)


@contextlib.contextmanager
def no_grad() -> Iterator[None]:
    """Within it (``with recur.no_grad():``) nothing is recorded for backward() on this thread; a decorator, too."""
    scope = _core.NoGradScope()
    scope.enter()
    try:
        yield
    finally:
        scope.exit()


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    *,
    grad_outputs: Sequence[Tensor] = (),
    create_graph: bool = False,
    retain_graph: bool = False,
) -> list[Tensor]:
    """The gradients of the sum of ``outputs``, each weighted by its grad_output, with respect to ``inputs``.

    With ``create_graph`` they can be differentiated again, to any order, through recurrent layers too.
    """
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    return _core.grad(outputs, inputs, list(grad_outputs), create_graph, retain_graph)


def save_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes tensors with names, such as a state_dict(), to a safetensors file: whole or not at all."""
    _core.save_tensors(os.fspath(path), list(tensors.items()), dict(metadata or {}))


def load_tensors(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The tensors of a safetensors file by their names. A file that is damaged is a recur.Error."""
    return dict(_core.load_tensors(os.fspath(path))[0])
