"""Streams: a step from NumPy to NumPy."""

import numpy as np
import pytest

import recur
from recur import nn


def test_a_stream_is_the_whole_run_step_by_step():
    lstm = nn.LSTM(8, 32, 2)
    x = np.random.default_rng(1).random((6, 8)).astype(np.float32)
    whole, _ = lstm.eval()(recur.tensor(x[:, np.newaxis]))
    stream = lstm.stream()
    out = np.empty(32, np.float32)
    for t in range(6):
        assert stream.step(x[t], out) is out
        np.testing.assert_allclose(out, whole.detach().numpy()[t, 0], atol=1e-6)
    fork, state = stream.copy(), stream.state
    again = fork.step(x[0])
    np.testing.assert_array_equal(stream.step(x[0]), again)
    stream.state = state
    np.testing.assert_array_equal(stream.step(x[0]), again)
    stream.reset()
    np.testing.assert_allclose(stream.step(x[0]), whole.detach().numpy()[0, 0], atol=1e-6)


def test_streams_side_by_side():
    stream = nn.GRU(2, 3).stream(streams=4)
    assert stream.step(np.zeros((4, 2), np.float32)).shape == (4, 3)
    assert (stream.input_features, stream.output_features, stream.streams) == (2, 3, 4)


def test_a_model_of_the_task_network_is_stepped(gain_model):
    net, model = gain_model
    x = np.random.default_rng(1).random((5, 8)).astype(np.float32)
    whole = net.eval()(recur.tensor(x[:, np.newaxis])).detach().numpy()[:, 0]
    stream = model.stream()
    steps = np.stack([stream.step(row) for row in x])
    np.testing.assert_allclose(steps, whole, atol=1e-5)
    np.testing.assert_allclose(model.predict([x])["y1"], whole[:, 0], atol=1e-5)
    copy = stream.copy()
    np.testing.assert_array_equal(copy.step(x[0]), stream.step(x[0]))


def test_what_is_no_float32_is_refused_by_name():
    stream = nn.LSTM(2, 3).stream()
    with pytest.raises(TypeError, match="x: expected a row-major array of float32"):
        stream.step(np.zeros(2))
    with pytest.raises(TypeError):
        stream.step([1.0, 2.0])
    with pytest.raises(recur.Error):
        stream.step(np.zeros(3, np.float32))
    out = np.empty(3, np.float32)
    out.flags.writeable = False
    with pytest.raises((BufferError, ValueError)):
        stream.step(np.zeros(2, np.float32), out)


def test_models_without_steps_say_so(classifier):
    with pytest.raises(recur.UsageError, match="classify"):
        classifier.model_.stream()
