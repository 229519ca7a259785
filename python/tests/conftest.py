"""What the tests share. They need pytest and the packages of tools/python.txt."""

import numpy as np
import pytest


def waves(count: int, seed: int = 1, channels: int = 1, least: int = 10, most: int = 30) -> tuple[list, np.ndarray]:
    """Noisy waves of two frequencies, of different lengths, and which of the two each is."""
    random = np.random.default_rng(seed)
    sequences, fast = [], random.random(count) < 0.5
    for i in range(count):
        t = np.arange(random.integers(least, most))[:, np.newaxis] + np.arange(channels)
        wave = np.sin(random.random() * 6 + t * (0.9 if fast[i] else 0.6)) + random.random(t.shape) * 0.5
        sequences.append(wave.astype(np.float32) if channels > 1 else wave[:, 0].astype(np.float32))
    return sequences, np.where(fast, "fast", "slow")


SMALL = {"network": "rnn", "conv": [], "hidden": 16, "members": 1, "bidirectional": False, "augment": ["none"], "lr": 0.02}


@pytest.fixture(scope="session")
def classifier():
    """A small classifier that has learnt the waves."""
    import recur

    X, y = waves(120)
    return recur.RecurrentClassifier(**SMALL, epochs=15).fit(X, y)


@pytest.fixture(scope="session")
def gain_model(tmp_path_factory):
    """A model of the task network: LSTM 8 -> 32 and an affine layer, as `recur import` makes it."""
    import os
    import subprocess

    import recur

    folder = tmp_path_factory.mktemp("network")
    program = os.environ.get("RECUR")
    if not program:
        pytest.fail("RECUR must name the program, which makes a model of the task network: ./dev test python sets it")
    recur.seed(3)
    net = recur.nn.Sequential(recur.nn.LSTM(8, 32), recur.nn.Linear(32, 1))
    net.save(folder / "weights.safetensors")
    subprocess.run(
        [program, "import", folder / "weights.safetensors", "--out", folder / "model.recur"], check=True, capture_output=True
    )
    return net, recur.load(folder / "model.recur")
