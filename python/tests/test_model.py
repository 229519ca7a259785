"""Models: trained, loaded, used from any data and by any number of threads."""

import io
import logging
import pickle
import threading

import numpy as np
import pytest
from conftest import SMALL, waves

import recur


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    X, y = waves(20, seed=5)
    lines = ["id,step,x,label"]
    for i, (sequence, label) in enumerate(zip(X, y, strict=True)):
        lines += [f"s{i},{t},{value},{label}" for t, value in enumerate(sequence)]
    path = tmp_path_factory.mktemp("data") / "waves.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def model(csv):
    return recur.train("classify", csv, **SMALL, epochs=10)


def test_train_gives_a_model_that_predicts_paths_bytes_and_files(model, csv):
    table = model.predict(csv)
    assert table.columns == ["id", "label", "probability", "p.fast", "p.slow"] and len(table) == 20
    assert table["probability"].dtype == np.float64
    for data in [str(csv), [csv], csv.read_bytes(), io.BytesIO(csv.read_bytes()), io.StringIO(csv.read_text())]:
        assert list(model.predict(data)["label"]) == table["label"]
    with open(csv, "rb") as file:
        assert model.predict(file)["label"] == table["label"]
    rows = list(table)
    assert rows[0]["id"] == "s0" and isinstance(rows[0]["probability"], float)
    assert table.to_pandas().shape == (20, 5)


def test_arrays_are_as_files(model, csv):
    X, _ = waves(20, seed=5)
    np.testing.assert_allclose(model.predict(X)["p.fast"], model.predict(csv)["p.fast"], atol=1e-6)


def test_a_model_of_arrays_in_files_takes_arrays(tmp_path):
    X, y = waves(30, least=12, most=13)
    np.savez(tmp_path / "waves.npz", x=np.stack(X), y=(y == "fast").astype(int))
    model = recur.train("classify", tmp_path / "waves.npz", **SMALL, steps=10)
    assert len(model.predict(np.stack(X))) == 30
    with pytest.raises(recur.UsageError, match="one length"):
        model.predict([X[0], X[1][:5]])


def test_evaluate_has_metrics_and_tables(model, csv):
    result = model.evaluate(csv)
    assert result.examples == 20 and 0 <= result["accuracy"] <= 1
    assert {"classes", "confusion"} <= set(result.tables)
    assert result.tables["confusion"].columns[0] == "actual"


def test_says_what_it_is(model):
    assert model.task == "classify" and model.parameter_count > 100
    assert model.options["hidden"] == 16
    assert "step" in model.metadata and model.describe()
    assert any(option.name == "eval_batch" for option in model.use_options)
    assert sum(t.size for t in model.tensors().values()) >= model.parameter_count


def test_is_saved_pickled_and_loaded(model, csv, tmp_path):
    expected = model.predict(csv)["p.fast"]
    model.save(tmp_path / "m.recur")
    for other in [recur.load(tmp_path / "m.recur"), pickle.loads(pickle.dumps(model))]:
        np.testing.assert_array_equal(other.predict(csv)["p.fast"], expected)
    model.save(tmp_path / "int8.recur", int8=True)
    assert recur.load(tmp_path / "int8.recur").task == "classify"


def test_errors_have_the_text_of_the_program(model, tmp_path):
    with pytest.raises(recur.Error, match="no-such-file"):
        recur.load(tmp_path / "no-such-file")
    (tmp_path / "damaged.recur").write_bytes(b"x" * 100)
    with pytest.raises(recur.Error, match="damaged.recur"):
        recur.load(tmp_path / "damaged.recur")
    with pytest.raises(recur.UsageError, match="did you mean 'eval_batch'"):
        model.predict(b"id,x\n1,2\n", eval_bach=3)
    with pytest.raises(recur.UsageError, match="eval_batch"):
        model.predict(b"id,x\n1,2\n", eval_batch="many")
    with pytest.raises(ValueError, match="clasify.*did you mean 'classify'"):
        recur.train("clasify", b"")
    with pytest.raises(recur.UsageError, match="there is no option 'hiden'; did you mean 'hidden'"):
        recur.train("classify", b"", hiden=3)
    with pytest.raises(TypeError, match="data"):
        model.predict(3)


def test_many_threads_use_one_model(model, csv):
    expected = model.predict(csv)["p.fast"]
    found, failures = [], []

    def use():
        try:
            for _ in range(5):
                found.append(model.predict(csv)["p.fast"])
        except Exception as error:  # shown below
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(found) == 20
    for each in found:
        np.testing.assert_array_equal(each, expected)


def test_a_language_model_goes_on():
    text = ("the cat sat on the mat. " * 200).encode()
    seen = []
    model = recur.train(
        "lm", text, epochs=3, hidden=32, batch=4, bptt=20, lr=0.02, valid=0.1, on_progress=seen.append
    )
    assert model.result["end"] == "finished" and model.result["history"]
    said = model.generate("the ", length=20, temperature=0)
    assert isinstance(said, str) and len(said) >= 20
    assert model.generate("the ", length=20, seed=2) == model.generate("the ", length=20, seed=2)
    assert all(set(each) >= {"step", "loss"} for each in seen)


def test_a_translator_translates_texts():
    words = ["ab", "ba", "aab", "bba", "abab", "bb"] * 10
    pairs = "".join(f"{' '.join(w)}\t{' '.join(reversed(w))}\n" for w in words).encode()
    model = recur.train("translate", pairs, hidden=24, embedding=12, steps=60, lr=0.02)
    assert [len(text) > 0 for text in model.translate(["a b", "b b a"], beam=2)] == [True, True]
    with pytest.raises(recur.UsageError, match="one line"):
        model.translate(["a\nb"])
    with pytest.raises(recur.UsageError, match="does not translate"):
        recur.Model.translate(recur.train("lm", b"ab" * 100, steps=1, hidden=4), ["a"])


def test_a_session_takes_lines_as_they_come(gain_model):
    _, model = gain_model
    session = model.session()
    rows = session.take(",".join(["0.5"] * 8)) + session.take(",".join(["0.25"] * 8))
    assert [sorted(row) for row in rows] == [["step", "y1"]] * 2 or len(rows) == 2
    expected = model.predict([np.float32([[0.5] * 8, [0.25] * 8])])["y1"]
    np.testing.assert_allclose([row["y1"] for row in rows], expected, atol=1e-6)


def test_what_the_library_says_goes_to_logging(csv, caplog):
    with caplog.at_level(logging.INFO, logger="recur"):
        recur.train("classify", csv, **SMALL, steps=1)
    assert any(record.name == "recur" for record in caplog.records)


def test_threads_and_kernels_are_known():
    before = recur.threads()
    recur.set_threads(2)
    assert recur.threads() == 2
    recur.set_threads(before)
    with pytest.raises(ValueError):
        recur.set_threads(0)
    assert recur.kernels() and recur.__version__.count(".") == 2
    assert "classify" in recur.tasks()
    assert next(o for o in recur.task_options("lm") if o.name == "hidden").type == "integer"


def test_forecasts_hold_out_the_end_unless_told_not_to():
    y = [np.sin(np.arange(80) * 0.9) + 3]
    small = dict(horizon=7, season=7, hidden=8, steps=2)
    assert recur.train("forecast", y, **small).result["best"]["mase"] > 0
    assert recur.train("forecast", y, valid="none", **small).result["best"] is None
