"""Estimators: learning, shapes of data, pickling, what scikit-learn expects."""

import os
import pickle
import signal
import threading
import time

import numpy as np
import pandas
import pytest
from conftest import SMALL, waves
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import recur


@parametrize_with_checks(
    [
        recur.RecurrentClassifier(**SMALL, steps=60, batch=16),
        recur.RecurrentRegressor(network="mlp", mlp=[32], members=1, augment=["none"], dropout=0, steps=200, lr=0.02),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


def test_classifies_sequences_of_different_lengths(classifier):
    X, y = waves(60, seed=9)
    assert classifier.score(X, y) > 0.85
    probability = classifier.predict_proba(X)
    assert probability.shape == (60, 2)
    np.testing.assert_allclose(probability.sum(1), 1, atol=1e-5)
    assert list(classifier.classes_) == ["fast", "slow"]
    assert classifier.evaluate(X, y)["accuracy"] == pytest.approx(classifier.score(X, y))


def test_shapes_of_x_that_mean_the_same_give_the_same():
    random = np.random.default_rng(1)
    X = random.random((40, 12)).astype(np.float32)
    y = (X[:, 0] > X[:, 1]).astype(int)
    first = recur.RecurrentClassifier(**SMALL, steps=20).fit(X, y).predict_proba(X)
    for other in [X[:, :, np.newaxis], list(X), [row[:, np.newaxis] for row in X], pandas.DataFrame(X)]:
        if isinstance(other, pandas.DataFrame):
            other.columns = [f"t{t}" for t in range(12)]
        again = recur.RecurrentClassifier(**SMALL, steps=20).fit(other, y).predict_proba(other)
        np.testing.assert_array_equal(first, again)


def test_channels_and_their_names():
    X, y = waves(40, channels=3)
    frames = [pandas.DataFrame(each, columns=["a", "b", "c"]) for each in X]
    estimator = recur.RecurrentClassifier(**SMALL, steps=20).fit(frames, y)
    assert estimator.channels_ == ["a", "b", "c"]
    np.testing.assert_array_equal(estimator.predict(X), estimator.predict(frames))
    with pytest.raises(recur.Error, match="channels"):
        estimator.predict([each[:, :2] for each in X])
    with pytest.raises(recur.Error, match="'label' is there twice"):
        recur.RecurrentClassifier().fit([frame.rename(columns={"a": "label"}) for frame in frames], y)


def test_texts_are_classified():
    X = ["a fine and lovely film", "a dull and awful film"] * 30
    y = [1, 0] * 30
    estimator = recur.RecurrentClassifier(hidden=8, embedding=8, epochs=10, lr=0.02).fit(X, y)
    assert estimator.predict(["lovely", "awful"]).tolist() == [1, 0]


def test_regression_learns_the_mean_of_a_series():
    random = np.random.default_rng(1)
    X = [random.random(random.integers(5, 15)).astype(np.float32) for _ in range(200)]
    y = np.array([each.mean() * 10 - 3 for each in X])
    estimator = recur.RecurrentRegressor(**SMALL, epochs=30).fit(X, y)
    assert estimator.score(X, y) > 0.8


def test_options_are_refused_by_name_and_by_value():
    with pytest.raises(TypeError, match="there is no option 'hiden'; did you mean 'hidden'"):
        recur.RecurrentClassifier(hiden=3)
    X, y = waves(20)
    with pytest.raises(ValueError, match="cell"):
        recur.RecurrentClassifier(cell="lstn").fit(X, y)


def test_constructors_only_store_and_clone():
    estimator = recur.RecurrentClassifier(hidden=7, conv=[8])
    assert estimator.get_params()["hidden"] == 7
    assert clone(estimator).get_params() == estimator.get_params()
    assert "hidden=7" in repr(estimator)


def test_estimators_are_pickled(classifier):
    X, _ = waves(5, seed=3)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))


def test_works_within_scikit_learns_tools():
    X, y = waves(60, least=10, most=11)
    X = np.stack(X)
    small = recur.RecurrentClassifier(**SMALL, epochs=8)
    assert cross_val_score(small, X, y, cv=2).mean() > 0.5
    pipeline = make_pipeline(FunctionTransformer(np.negative), small).fit(X, y)
    assert pipeline.predict(X).shape == (60,)
    search = GridSearchCV(recur.RecurrentClassifier(**SMALL, steps=5), {"hidden": [4, 8]}, cv=2).fit(X, y)
    assert search.best_params_["hidden"] in (4, 8)


def test_seed_decides_the_bits():
    X, y = waves(30)
    one = recur.RecurrentClassifier(**SMALL, steps=10, seed=1).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(
        one, recur.RecurrentClassifier(**SMALL, steps=10, seed=1).fit(X, y).predict_proba(X)
    )
    assert not np.array_equal(one, recur.RecurrentClassifier(**SMALL, steps=10, seed=2).fit(X, y).predict_proba(X))


def test_validation_keeps_the_best_and_tells_its_course():
    X, y = waves(60)
    estimator = recur.RecurrentClassifier(**SMALL, epochs=4, valid=0.25).fit(X, y)
    history = estimator.result_["history"]
    assert len(history) >= 4 and "accuracy" in history[0]["metrics"]
    assert estimator.result_["best"] in [row["metrics"] for row in history if row["best"]]


def season(steps: int, phase: float = 0) -> np.ndarray:
    return 10 + 3 * np.sin(np.arange(steps) * 2 * np.pi / 7 + phase)


FORECAST = {"horizon": 7, "season": 7, "hidden": 16, "steps": 120, "lr": 0.01}


def test_forecasts_follow_the_season():
    y = np.stack([season(80), season(80, 1), season(80, 2)])
    forecaster = recur.Forecaster(**FORECAST).fit(y)
    ahead = forecaster.predict()
    assert ahead.shape == (3, 7)
    expected = np.stack([season(87)[80:], season(87, 1)[80:], season(87, 2)[80:]])
    assert np.abs(ahead - expected).mean() < 1  # the mean of a series misses by 1.9
    assert forecaster.predict_quantiles([0.1, 0.9]).shape == (3, 7, 2)
    assert forecaster.predict(season(50)).shape == (7,)
    assert forecaster.score(y) > -20
    again = pickle.loads(pickle.dumps(forecaster))
    np.testing.assert_array_equal(again.predict(), ahead)


def test_forecasts_of_frames_have_channels_and_dates():
    index = pandas.date_range("2024-01-01", periods=80, freq="D")
    frame = pandas.DataFrame({"a": season(80), "b": 2 * season(80, 1)}, index=index)
    forecaster = recur.Forecaster(**{**FORECAST, "steps": 40}).fit(frame)
    assert forecaster.predict().shape == (7, 2)
    assert forecaster.channels_ == ["a", "b"]
    ragged = [season(60), season(75)]
    assert recur.Forecaster(**{**FORECAST, "steps": 5}).fit(ragged).predict().shape == (2, 7)


def test_tags_words_by_their_endings():
    random = np.random.default_rng(1)
    endings = {"ing": "VERB", "ness": "NOUN", "ly": "ADV"}

    def corpus(count):
        X, y = [], []
        for _ in range(count):
            ends = random.choice(list(endings), random.integers(1, 6))
            X.append(["".join(chr(97 + c) for c in random.integers(0, 26, 3)) + end for end in ends])
            y.append([endings[end] for end in ends])
        return X, y

    X, y = corpus(100)
    tagger = recur.Tagger(hidden=32, epochs=20).fit(X, y)
    X, y = corpus(20)
    assert tagger.score(X, y) > 0.9
    assert [len(tags) for tags in tagger.predict(X)] == [len(words) for words in X]
    assert tagger.predict([["#ing", "_ly"]])[0][1] in endings.values()
    with pytest.raises(recur.Error, match="without spaces"):
        tagger.predict([["two words"]])
    with pytest.raises(ValueError, match="as many"):
        tagger.fit(X, y[:-1])


def parts_of(X, y, size):
    return [(X[at : at + size], y[at : at + size]) for at in range(0, len(X), size)]


def test_a_classifier_learns_on_from_parts_whose_classes_are_not_all_there():
    X, y = waves(240, seed=1)
    order = np.argsort(np.asarray(y) == "slow", kind="stable")  # the first part is of one class
    X, y = [X[i] for i in order], np.asarray(y)[order]
    classifier = recur.RecurrentClassifier(**SMALL, steps=20)
    with pytest.raises(ValueError, match="at least two classes"):
        clone(classifier).partial_fit(X[:60], y[:60])
    classifier.partial_fit(X[:60], y[:60], classes=["slow", "fast"])
    assert list(classifier.classes_) == ["fast", "slow"]
    assert set(classifier.predict(X)) == {"fast"}
    scaling = classifier.model_.assets
    mixed = np.random.default_rng(1).permutation(len(X))
    for pass_ in range(6):
        for part in parts_of(mixed, mixed, 60):
            classifier.partial_fit([X[i] for i in part[0]], y[part[0]])
    assert classifier.score(X, y) > 0.85
    assert {key: classifier.model_.assets[key] for key in ("targets", "columns")} == {
        key: scaling[key] for key in ("targets", "columns")
    }
    with pytest.raises(ValueError, match="got also .'odd'"):
        classifier.partial_fit(X[:2], ["fast", "odd"])
    with pytest.raises(ValueError, match="those of the first call"):
        classifier.partial_fit(X[:2], y[:2], classes=["a", "b"])
    with pytest.raises(recur.UsageError, match="hidden: expected"):
        classifier.set_params(hidden=5).partial_fit(X[:2], y[:2])


def test_parts_of_texts_go_on_after_a_fit():
    X, y = ["a fine and lovely film", "a dull and awful film"] * 30, [1, 0] * 30
    classifier = recur.RecurrentClassifier(hidden=8, embedding=8, epochs=2, lr=0.02).fit(X, y)
    before = classifier.evaluate(X, y)["loss"]
    for _ in range(3):
        classifier.partial_fit([*X, "an unknown word"], [*y, 1])
    assert classifier.evaluate(X, y)["loss"] < before
    assert classifier.predict(["lovely", "awful"]).tolist() == [1, 0]


def test_a_regressor_learns_on_in_the_scaling_of_its_first_part():
    random = np.random.default_rng(1)
    X = [random.random(random.integers(5, 15)).astype(np.float32) for _ in range(300)]
    y = np.array([each.mean() * 10 - 3 for each in X])
    regressor = recur.RecurrentRegressor(**SMALL, epochs=2)
    regressor.partial_fit(X[:60], y[:60])
    before = regressor.score(X, y)
    for _ in range(4):
        for part, values in parts_of(X, y, 60):
            regressor.partial_fit(part, values)
    assert regressor.score(X, y) > max(before, 0.7)


def test_forecasters_and_taggers_learn_on():
    forecaster = recur.Forecaster(**{**FORECAST, "steps": 20}).partial_fit(season(80))
    before = forecaster.score(season(87))
    for _ in range(2):
        forecaster.partial_fit([season(80), season(80, 1)])
    assert forecaster.score(season(87)) > before
    assert forecaster.predict().shape == (2, 7)  # of the series of the last call
    X, y = [["walking", "slowly"], ["kindness"]] * 10, [["VERB", "ADV"], ["NOUN"]] * 10
    tagger = recur.Tagger(hidden=8, epochs=1).partial_fit(X, y)
    before = tagger.evaluate(X, y)["loss"]
    tagger.partial_fit([*X, ["darkness"]], [*y, ["NOUN"]])
    assert tagger.evaluate(X, y)["loss"] < before
    with pytest.raises(recur.Error, match="'ADJ' was not seen"):
        tagger.partial_fit([["blue"]], [["ADJ"]])


def test_a_fit_begins_from_a_model_file(tmp_path):
    X, y = waves(60)
    first = recur.RecurrentClassifier(**SMALL, steps=60).fit(X, y)
    first.model_.save(tmp_path / "first.recur")
    second = recur.RecurrentClassifier(from_model=tmp_path / "first.recur", steps=1, lr=1e-30).fit(X, y)
    np.testing.assert_array_equal(second.predict_proba(X), first.predict_proba(X))


def counts_per_second(work) -> tuple[float, float]:
    """How fast another thread of Python counts alone, and while work is done."""
    counted, going = [0], threading.Event()
    going.set()

    def count():
        while going.is_set():
            for _ in range(1000):
                pass
            counted[0] += 1000

    thread = threading.Thread(target=count)
    thread.start()
    rates = []
    for each in (lambda: time.sleep(0.5), work):
        before, start = counted[0], time.perf_counter()
        each()
        rates.append((counted[0] - before) / (time.perf_counter() - start))
    going.clear()
    thread.join()
    return rates[0], rates[1]


def test_a_fit_lets_other_threads_run():
    X, y = waves(100)
    alone, beside = counts_per_second(lambda: recur.RecurrentClassifier(**SMALL, time=1).fit(X, y))
    # With the GIL held it would be 0; how near 1 it comes depends on how many cores are free.
    assert beside > 0.3 * alone


def test_ctrl_c_ends_a_fit_after_the_running_step():
    X, y = waves(100)
    estimator = recur.RecurrentClassifier(**SMALL, time=60)
    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    assert time.monotonic() - start < 20
    assert estimator.result_["end"] == "stopped" and estimator.predict(X).shape == (100,)


def test_errors_of_callbacks_end_the_training():
    def refuse(progress):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        recur.train("lm", b"the cat sat on the mat. " * 200, hidden=8, time=60, on_progress=refuse)
