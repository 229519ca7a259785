"""Recurrent neural networks: models that are trained, evaluated and used from files or arrays.

Three levels, each of which is enough by itself:

* ``recur.load(path)`` opens a model of Recur, and ``recur.train(task, data)`` makes one, as the program ``recur`` does.
* ``recur.RecurrentClassifier``, ``RecurrentRegressor``, ``Forecaster`` and ``Tagger`` are estimators in the manner of
  scikit-learn, which they need.
* ``recur.Tensor``, ``recur.ops``, ``recur.nn`` and ``recur.optim`` are for loops of one's own.

What the library notes and warns of goes to the logger "recur" of the standard module logging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import nn, ops, optim
from ._core import Error, Stream, Tensor, UsageError, kernels, seed, set_threads, threads
from ._core import version as _version
from ._data import sentences, sequences, texts
from .model import Evaluation, Model, Table, load, task_options, tasks, train
from .tensors import from_dlpack, from_numpy, full, grad, load_tensors, no_grad, save_tensors, tensor, zeros

if TYPE_CHECKING:
    from .estimators import Forecaster, RecurrentClassifier, RecurrentRegressor, Tagger

__version__: str = _version()

_ESTIMATORS = ("Forecaster", "RecurrentClassifier", "RecurrentRegressor", "Tagger")

__all__ = [
    "Error",
    "Evaluation",
    "Forecaster",
    "Model",
    "RecurrentClassifier",
    "RecurrentRegressor",
    "Stream",
    "Table",
    "Tagger",
    "Tensor",
    "UsageError",
    "from_dlpack",
    "from_numpy",
    "full",
    "grad",
    "kernels",
    "load",
    "load_tensors",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "save_tensors",
    "seed",
    "sentences",
    "sequences",
    "set_threads",
    "task_options",
    "tasks",
    "tensor",
    "texts",
    "threads",
    "train",
    "zeros",
]


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second to import: not before somebody asks for what needs it.
    if name in _ESTIMATORS:
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'recur' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ESTIMATORS})
