"""The options of the estimators, which are those of the program: bases whose constructors store them.

Written by tools/python_stubs.sh into _options.pyi for editors and type checkers; here they come from the library itself.
"""

from __future__ import annotations

import inspect
from typing import Any

from sklearn.base import BaseEstimator

from . import _core

# What says where data stand in files. An estimator is given arrays.
_OF_FILES = {
    "charts chart data decision_groups decimal delimiter format future_columns header history id_column input",
    "label_column labels_file layout missing past_columns repeats sort_time static_columns tag target task",
    "text_column thousands time_column time_format token value_columns",
}
_LEFT_OUT = {name for line in _OF_FILES for name in line.split()}
_LEFT_OUT_SECTIONS = {"Groups", "Evaluation"}  # by columns of groups; predict() takes its options itself


def option_fields(task: str) -> list[tuple[str, str, str, str, list[str], str]]:
    """The options of a task that its estimator has."""
    return [f for f in _core.task_options(task) if f[0] not in _LEFT_OUT and f[1] not in _LEFT_OUT_SECTIONS]


class OptionsBase(BaseEstimator):
    """An estimator whose constructor takes the options of a task as keywords and stores them. None: the default."""

    _task: str = ""
    _names: tuple[str, ...] = ()

    def __init__(self, **options: Any):
        for name in options:
            if name not in self._names:
                hint = _core.did_you_mean(name, list(self._names))
                raise TypeError(f"{type(self).__name__}: there is no option '{name}'{hint}")
        for name in self._names:
            setattr(self, name, options.get(name))

    def given_options(self) -> dict[str, Any]:
        """The options that are not None."""
        return {name: getattr(self, name) for name in self._names if getattr(self, name) is not None}


def _with_options(cls: type[OptionsBase]) -> type[OptionsBase]:
    cls._names = tuple(sorted(field[0] for field in option_fields(cls._task)))

    def __init__(self: OptionsBase, **options: Any) -> None:
        OptionsBase.__init__(self, **options)

    keywords = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in cls._names]
    this = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    __init__.__signature__ = inspect.Signature([this, *keywords])  # type: ignore[attr-defined]
    __init__.__doc__ = "\n".join(
        ["Stores the options; None stands for the default. docs/options.md has them in tables.", ""]
        + [f"{key}: {kind}\n    {says}" for key, _, kind, _, _, says in sorted(option_fields(cls._task))]
    )
    cls.__init__ = __init__  # type: ignore[method-assign]
    return cls


@_with_options
class ClassifyOptions(OptionsBase):
    """The options of classification and regression."""

    _task = "classify"


@_with_options
class ForecastOptions(OptionsBase):
    """The options of forecasting."""

    _task = "forecast"


@_with_options
class TagOptions(OptionsBase):
    """The options of tagging."""

    _task = "tag"
