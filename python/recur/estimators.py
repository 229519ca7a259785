"""Estimators in the manner of scikit-learn, over the training loop of the program.

Their options are the program's, by their names with underscores; what is None has the program's default, which may depend
on the data. A fit releases the GIL, and Ctrl-C ends it after the running step: KeyboardInterrupt follows, and the
estimator is fitted as far as it came.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from . import _core
from ._core import DataFile, UsageError
from ._data import Sequences, _is_frame, _is_series
from ._options import ClassifyOptions, ForecastOptions, OptionsBase, TagOptions
from .model import Evaluation, Model

__all__ = ["Forecaster", "RecurrentClassifier", "RecurrentRegressor", "Tagger"]

Progress = Callable[[dict[str, Any]], None]


def _fit(estimator: OptionsBase, file: DataFile, fixed: dict[str, Any], on_progress: Progress | None = None) -> None:
    """Trains and sets model_ and result_, also when the training was ended by Ctrl-C."""
    options = {**estimator.given_options(), **fixed}
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        try:
            result = _core.train(estimator._task, [file], [], run, options, on_progress)
        except KeyboardInterrupt:
            if os.path.exists(os.path.join(run, "model.recur")):
                _set_fitted(estimator, run, {"end": "stopped"})
            raise
        _set_fitted(estimator, run, result)


# Options that a part which is learnt from in passing has no use for: classes are settled, and there is no end to go to.
_OF_FITS = (
    *("classes", "valid"),
    *("epochs", "patience", "steps", "time"),
    *("decay_every", "hold", "milestones", "schedule", "warmup"),
)


def _learn_on(estimator: OptionsBase, file: DataFile, fixed: dict[str, Any]) -> None:
    """One pass over a further part of the data, from the model as it is."""
    given = {name: value for name, value in estimator.given_options().items() if name not in _OF_FITS}
    passing = {"epochs": 1, "schedule": "constant", "valid": "none"}
    with tempfile.TemporaryDirectory() as folder:
        first, run = os.path.join(folder, "first.recur"), os.path.join(folder, "run")
        estimator.model_.save(first)
        options = {**given, **passing, **fixed, "from_model": first}
        _set_fitted(estimator, run, _core.train(estimator._task, [file], [], run, options, None))


def _set_fitted(estimator: Any, run: str, result: dict[str, Any]) -> None:
    estimator.model_ = Model(run)
    estimator.result_ = result


def _is_text(X: Any) -> bool:
    """Whether X is a list, a series or an array of texts, one each."""
    if isinstance(X, str):
        raise ValueError("X: expected several texts, got one")
    if isinstance(X, np.ndarray):
        return X.ndim == 1 and (X.dtype.kind == "U" or X.dtype == object and len(X) > 0 and isinstance(X[0], str))
    if isinstance(X, (list, tuple)) or _is_series(X):
        return len(X) > 0 and all(isinstance(each, str) for each in X)
    return False


def _is_list_of_sequences(X: Any) -> bool:
    """Whether X is a list of arrays, or an array of three axes: what scikit-learn has no check for."""
    if isinstance(X, np.ndarray) and X.dtype != object:
        return X.ndim == 3
    if isinstance(X, np.ndarray):
        return X.ndim == 1 and len(X) > 0 and np.ndim(X[0]) > 0
    if not isinstance(X, (list, tuple)) or not X:
        return False
    if any(_is_frame(each) or _is_series(each) for each in X):
        return True
    axes = [np.ndim(each) for each in X]
    lengths = {np.shape(each)[0] for each, n in zip(X, axes, strict=True) if n > 0}
    return all(n > 0 for n in axes) and (max(axes) > 1 or len(lengths) > 1)


class _SequenceEstimator(ClassifyOptions):
    """What the classifier and the regressor have in common: X.

    X is a 2-D array or frame [N, T], N sequences of T steps of one channel; a 3-D array [N, T, C]; a list of arrays [T, C]
    or [T] whose lengths may differ; or a list of texts. NaN is a missing value.
    """

    channels_: list[str]
    n_features_in_: int
    model_: Model
    result_: dict[str, Any]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        if reset and y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        if _is_text(X) or _is_list_of_sequences(X):
            return X, None if y is None else column_or_1d(y, warn=True)
        kwargs = {"dtype": [np.float64, np.float32], "ensure_all_finite": "allow-nan", "reset": reset}
        if y is None:
            return validate_data(self, X, **kwargs), None
        return validate_data(self, X, y, **kwargs)

    def _file(self, X: Any, labels: Sequence[str], reset: bool) -> tuple[DataFile, dict[str, Any]]:
        """X and its labels as a file, and the options that say what it is."""
        if len(labels) and len(labels) != len(X):
            raise ValueError(f"X and y: expected as many labels as sequences, got {len(labels)} and {len(X)}")
        if _is_text(X):
            if reset:
                self.n_features_in_ = 1
            return _core.texts_file([str(text) for text in X], list(labels)), {"input": "text", "text_column": "text"}
        given = Sequences(X, None if reset else self.channels_)
        if reset:
            self.channels_ = list(given.channels or ())
            if not (isinstance(X, np.ndarray) and X.ndim == 2):
                self.n_features_in_ = len(self.channels_)
        return given.file(labels=labels), {"input": "series", "value_columns": given.channels}

    def _fit_labels(self, X: Any, labels: Sequence[str], fixed: dict[str, Any]) -> None:
        file, kind = self._file(X, labels, reset=True)
        _fit(self, file, {**kind, "label_column": "label", **fixed})

    def _learn_on_labels(self, X: Any, labels: Sequence[str], fixed: dict[str, Any]) -> None:
        file, kind = self._file(X, labels, reset=False)
        _learn_on(self, file, {**kind, "label_column": "label", **fixed})

    def _predicted(self, X: Any) -> Any:
        check_is_fitted(self, "model_")
        X, _ = self._checked(X, None, reset=False)
        return self.model_.predict(self._file(X, (), reset=False)[0])

    def evaluate(self, X: Any, y: Any) -> Evaluation:
        """All metrics of the task on X, with tables such as the confusion matrix."""
        check_is_fitted(self, "model_")
        X, y = self._checked(X, y, reset=False)
        return self.model_.evaluate(self._file(X, self._labels(y), reset=False)[0])

    def _labels(self, y: Any) -> list[str]:
        raise NotImplementedError


def _class_names(classes: np.ndarray) -> list[str]:
    """The classes as texts that the library reads as they are; numbered where that cannot be."""

    def text(value: Any) -> str:
        if isinstance(value, (float, np.floating)) and float(value).is_integer():
            return str(int(value))
        return str(value)

    names = [text(value) for value in classes]
    odd = any(name != name.strip() or name in ("", "?") or "." in name for name in names)
    return [f"class{k}" for k in range(len(names))] if odd or len(set(names)) < len(names) else names


class RecurrentClassifier(ClassifierMixin, _SequenceEstimator):
    """A classifier of sequences and of texts: the task classify.

    X of its methods is a 2-D array or frame [N, T], which is N sequences of T steps of one channel; a 3-D array [N, T, C];
    a list of arrays [T, C] or [T] whose lengths may differ; or a list of texts. NaN is a missing value. ``valid=0.1``
    holds out a tenth of each class and keeps the model that is best on it.
    """

    classes_: np.ndarray
    names_: list[str]

    def fit(self, X: Any, y: Any) -> RecurrentClassifier:
        """Trains on sequences X and their classes y [N]; gives the estimator itself."""
        return self._fit_classes(X, y, self.classes, {})

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> RecurrentClassifier:
        """Learns from a part of the data; gives the estimator itself.

        The first call fits: it settles the channels and their scaling or the vocabulary, the network and the classes,
        which are ``classes`` where they are given, and may be more than this part has. Each later call goes on from the
        model with one pass over its part, at the rate ``lr``. Also after ``fit``. Of texts and series the first call
        leaves out the linear path (``ngrams``, ``random_kernels``), which could not learn on, unless it is asked for.
        """
        if not hasattr(self, "model_"):
            path = {name: 0 for name in ("ngrams", "random_kernels") if getattr(self, name) is None}
            return self._fit_classes(X, y, self.classes if classes is None else classes, path)
        X, y = self._checked(X, y, reset=False)
        check_classification_targets(y)
        if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes: expected those of the first call, {self.classes_}, got {np.unique(classes)}")
        self._learn_on_labels(X, self._known_labels(y), {"target": "class"})
        return self

    def _fit_classes(self, X: Any, y: Any, classes: Any, fixed: dict[str, Any]) -> RecurrentClassifier:
        X, y = self._checked(X, y, reset=True)
        check_classification_targets(y)
        self.classes_ = np.unique(y if classes is None else classes)
        if len(self.classes_) < 2:
            raise ValueError("RecurrentClassifier: expected at least two classes, got 1 class")
        self.names_ = _class_names(self.classes_)
        named = {} if classes is None else {"classes": self.names_}
        self._fit_labels(X, self._known_labels(y), {"target": "class", **named, **fixed})
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class [N, K], in the order of classes_."""
        table = self._predicted(X)
        return np.stack([table["p." + name] for name in self.names_], axis=1)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each sequence [N]."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def _known_labels(self, y: Any) -> list[str]:
        strange = np.setdiff1d(y, self.classes_)
        if len(strange):
            raise ValueError(f"y: expected the classes {self.classes_}, got also {strange}")
        return self._labels(y)

    def _labels(self, y: Any) -> list[str]:
        known = dict(zip(self.classes_.tolist(), self.names_, strict=True))
        return [known.get(value, f"unknown {value}") for value in np.asarray(y).tolist()]


class RecurrentRegressor(RegressorMixin, _SequenceEstimator):
    """A real value for each sequence or text: the task classify with ``target = value``. X as of RecurrentClassifier."""

    def fit(self, X: Any, y: Any) -> RecurrentRegressor:
        """Trains on sequences X and their values y [N]; gives the estimator itself."""
        X, y = self._checked(X, y, reset=True)
        self._fit_labels(X, self._labels(y), {"target": "value"})
        return self

    def partial_fit(self, X: Any, y: Any) -> RecurrentRegressor:
        """Learns from a part of the data; gives the estimator itself.

        The first call fits: it settles the channels or the vocabulary, the network, and the scaling of channels and
        values. Each later call goes on from the model with one pass over its part, at the rate ``lr``. Also after
        ``fit``.
        """
        if not hasattr(self, "model_"):
            return self.fit(X, y)
        X, y = self._checked(X, y, reset=False)
        self._learn_on_labels(X, self._labels(y), {"target": "value"})
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The value of each sequence [N]."""
        return self._predicted(X)["value"]

    def _labels(self, y: Any) -> list[str]:
        values = np.asarray(y, dtype=np.float64)
        if not np.isfinite(values).all():
            raise ValueError("y: Input contains NaN or infinity")
        return [repr(float(value)) for value in values]


class Forecaster(ForecastOptions):
    """The next steps of series: the task forecast. One model learns from all series.

    y of its methods is one series [T]; N series of one length [N, T]; a list of series [T], or [T, C] of C channels, whose
    lengths may differ; or a series or frame of pandas, whose columns are channels and whose dates count. ``horizon`` is the
    number of steps ahead, ``season`` the length of a season, ``valid``, 0.1 unless it is set, the part of each series
    that is held out at its end ("none": nothing).
    """

    channels_: list[str]
    model_: Model
    result_: dict[str, Any]

    def _sequences(self, y: Any, channels: Sequence[str] | None) -> tuple[Sequences, bool]:
        """The series, and whether it is one by itself."""
        one = _is_frame(y) or _is_series(y) or isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype != object
        one = one or isinstance(y, (list, tuple)) and len(y) > 0 and all(np.ndim(each) == 0 for each in y)
        given = Sequences([y] if one else y, channels)
        if not given.values:
            raise ValueError("y: expected at least one series, got none")
        return given, one

    def fit(self, y: Any, X: None = None) -> Forecaster:
        """Trains on series; gives the estimator itself."""
        if X is not None:
            raise UsageError("Forecaster: covariates X are not taken; recur.train(\"forecast\", ...) has them")
        given, self._one = self._sequences(y, None)
        self.channels_ = list(given.channels or ())
        _fit(self, *self._learnt_from(given))
        return self

    def partial_fit(self, y: Any, X: None = None) -> Forecaster:
        """Learns from further series, or from what came after; gives the estimator itself.

        The first call fits. Each later call goes on from the model with one pass over its series, at the rate ``lr``,
        which are then those that predict() follows.
        """
        if X is not None or not hasattr(self, "model_"):
            return self.fit(y, X)
        given, self._one = self._sequences(y, self.channels_)
        _learn_on(self, *self._learnt_from(given))
        return self

    def _learnt_from(self, given: Sequences) -> tuple[DataFile, dict[str, Any]]:
        """The series as a file, and the options that say what it is."""
        columns: dict[str, Any] = {"value_columns": self.channels_, "id_column": "id"}
        if given.times:
            columns["time_column"] = "time"
        self._file = given.file(ids=[f"series {i + 1}" for i in range(len(given.values))])
        return self._file, columns

    def _table(self, y: Any, options: dict[str, Any]) -> tuple[Any, bool]:
        check_is_fitted(self, "model_")
        if y is None:
            return self.model_.predict(self._file, **options), self._one
        given, one = self._sequences(y, self.channels_)
        return self.model_.predict(given.file(ids=[f"series {i + 1}" for i in range(len(given.values))]), **options), one

    def _shaped(self, values: np.ndarray, table: Any, one: bool) -> np.ndarray:
        steps = int(table["step"].max())
        shaped = values.reshape(-1, len(self.channels_), steps)
        shaped = shaped[:, 0] if len(self.channels_) == 1 else shaped.swapaxes(1, 2)
        return shaped[0] if one else shaped

    def predict(self, y: Any = None, **options: Any) -> np.ndarray:
        """The mean of each of the next steps: [N, H], or [N, H, C] of several channels, without N for a single series.

        They follow y, or the series that fit() was given.
        """
        table, one = self._table(y, options)
        return self._shaped(table["mean"], table, one)

    def predict_quantiles(self, levels: Sequence[float] = (0.1, 0.5, 0.9), y: Any = None, **options: Any) -> np.ndarray:
        """The quantiles of each of the next steps, in a last axis: [N, H, Q], or [N, H, C, Q]."""
        names = [f"{level:g}" for level in levels]
        table, one = self._table(y, {"levels": ",".join(names), **options})
        return np.stack([self._shaped(table["q" + name], table, one) for name in names], axis=-1)

    def evaluate(self, y: Any, **options: Any) -> Evaluation:
        """The errors of forecasts of the last steps of each series, beside those of naive methods; option: backtest."""
        check_is_fitted(self, "model_")
        given, _ = self._sequences(y, self.channels_)
        return self.model_.evaluate(given.file(ids=[f"series {i + 1}" for i in range(len(given.values))]), **options)

    def score(self, y: Any, X: None = None) -> float:
        """Minus the sMAPE, in percent, of forecasts of the last steps of each series: higher is better."""
        return -self.evaluate(y)["smape"]

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "_file" in state:
            state["_file"] = state["_file"].content()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_file" in state:
            state = {**state, "_file": DataFile.from_memory("memory.jsonl", state["_file"])}
        super().__setstate__(state)


class Tagger(TagOptions):
    """A tag for each word: the task tag. Sentences are lists of words."""

    model_: Model
    result_: dict[str, Any]

    def fit(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> Tagger:
        """Trains on sentences X and the tags y of their words; gives the estimator itself."""
        if len(X) != len(y):
            raise ValueError(f"X and y: expected as many lists of tags as sentences, got {len(y)} and {len(X)}")
        self.classes_ = np.unique([tag for tags in y for tag in tags])
        _fit(self, _core.sentences_file([list(each) for each in X], [list(each) for each in y]), {"format": "conllu"})
        return self

    def partial_fit(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> Tagger:
        """Learns from further sentences; gives the estimator itself.

        The first call fits, and settles words and tags. Each later call goes on from the model with one pass over its
        sentences, at the rate ``lr``; other words are unknown to it, and other tags are an error.
        """
        if not hasattr(self, "model_"):
            return self.fit(X, y)
        if len(X) != len(y):
            raise ValueError(f"X and y: expected as many lists of tags as sentences, got {len(y)} and {len(X)}")
        file = _core.sentences_file([list(each) for each in X], [list(each) for each in y])
        _learn_on(self, file, {"format": "conllu"})
        return self

    def predict(self, X: Sequence[Sequence[str]]) -> list[list[str]]:
        """The tags of the words of each sentence."""
        check_is_fitted(self, "model_")
        if not len(X):
            return []
        table = self.model_.predict(_core.sentences_file([list(each) for each in X]), format="conllu")
        tags = iter(table["tag"])
        return [[next(tags) for _ in sentence] for sentence in X]

    def evaluate(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> Evaluation:
        """All metrics of the task: accuracy, F1, and of tags that mark spans those of spans."""
        check_is_fitted(self, "model_")
        file = _core.sentences_file([list(each) for each in X], [list(each) for each in y])
        return self.model_.evaluate(file, format="conllu")

    def score(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> float:
        """The share of words with the right tag."""
        return self.evaluate(X, y)["accuracy"]
