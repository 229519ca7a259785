"""What Python adds to the library. For tools/bench_python.sh, which sets RECUR."""

import os
import pathlib
import resource
import subprocess
import tempfile
import threading
import time

import numpy as np
import recur
from recur import nn

STEPS, REPEATS = 20000, 15


def per_step(work) -> float:
    """The microseconds of processor time of a step in the quickest of several runs: others share the machine."""
    times = []
    for _ in range(REPEATS):
        start = time.thread_time()
        work()
        times.append((time.thread_time() - start) / STEPS * 1e6)
    return min(times)


def bench_stream(name: str, stream, features: int) -> None:
    xs = np.random.default_rng(1).random((STEPS, features)).astype(np.float32)
    x, out, step = xs[0].copy(), np.empty(stream.output_features, np.float32), stream.step

    def in_place():
        for _ in range(STEPS):
            step(x, out)

    def new_arrays():
        for _ in range(STEPS):
            step(x)

    within = per_step(lambda: stream.run(xs))
    print(
        f"{name}: C++ {within:.2f} us a step; from NumPy to NumPy {per_step(in_place):.2f} us into an array,"
        f" {per_step(new_arrays):.2f} us into a new one"
    )


def waves(count: int) -> tuple[list, list]:
    random = np.random.default_rng(1)
    fast = random.random(count) < 0.5
    sequences = [
        (np.sin(np.arange(100) * (0.9 if f else 0.6)) + random.random(100)).astype(np.float32) for f in fast
    ]
    return sequences, ["fast" if f else "slow" for f in fast]


OPTIONS = {"network": "rnn", "conv": [], "hidden": 96, "members": 1, "augment": ["none"], "epochs": 2, "batch": 32}


def seconds_of(work, who: int) -> tuple[float, float]:
    """Seconds by the clock and of processor time, of this process or of its children."""
    start, before = time.perf_counter(), resource.getrusage(who)
    work()
    after = resource.getrusage(who)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bench_fit(folder: pathlib.Path) -> None:
    X, y = waves(600)
    data = folder / "waves.jsonl"
    data.write_bytes(recur.sequences(X, labels=y).content())
    flags = [f"--set={key}={','.join(value) or '[]' if isinstance(value, list) else value}" for key, value in OPTIONS.items()]
    command = [os.environ["RECUR"], "train", "classify", data, "--out", folder / "run", "--force", "--quiet", *flags]
    program, fit = [], []
    for _ in range(3):
        run = lambda: subprocess.run(command, check=True, capture_output=True)  # noqa: E731
        program.append(seconds_of(run, resource.RUSAGE_CHILDREN))
        fit.append(seconds_of(lambda: recur.RecurrentClassifier(**OPTIONS).fit(X, y), resource.RUSAGE_SELF))
    best = [[min(each[i] for each in times) for i in (0, 1)] for times in (program, fit)]
    print(
        f"fit: the program {best[0][0]:.2f} s ({best[0][1]:.2f} s of processor time), RecurrentClassifier"
        f" {best[1][0]:.2f} s ({best[1][1]:.2f} s); the best of 3 each, in turns"
    )


def bench_counting(folder: pathlib.Path) -> None:
    """How fast a thread of Python counts while the program trains, which has no part in the GIL, and during a fit."""
    counted, going = [0], threading.Event()
    going.set()

    def count():
        while going.is_set():
            for _ in range(1000):
                pass
            counted[0] += 1000

    X, y = waves(600)
    data = folder / "waves.jsonl"
    options = {**OPTIONS, "epochs": None}
    flags = [f"--set={k}={','.join(v) or '[]' if isinstance(v, list) else v}" for k, v in options.items() if v is not None]
    command = [os.environ["RECUR"], "train", "classify", data, "--out", folder / "r", "--force", "--quiet", "--time", "2s"]
    thread = threading.Thread(target=count)
    thread.start()
    rates: list[list[float]] = [[], [], []]
    for _ in range(2):
        for rate, work in zip(
            rates,
            [
                lambda: time.sleep(2),
                lambda: subprocess.run([*command, *flags], check=True, capture_output=True),
                lambda: recur.RecurrentClassifier(**options, time=2).fit(X, y),
            ],
            strict=True,
        ):
            before, start = counted[0], time.perf_counter()
            work()
            rate.append((counted[0] - before) / (time.perf_counter() - start))
    going.clear()
    thread.join()
    alone, program, fit = map(max, rates)
    print(
        f"counting thread: {program / alone:.0%} of its rate beside the program, {fit / alone:.0%} during a fit:"
        f" {fit / program:.0%} ({len(os.sched_getaffinity(0))} cores)"
    )


bench_stream("LSTM 8 -> 32, layers", nn.LSTM(8, 32).stream(), 8)
with tempfile.TemporaryDirectory() as folder:
    net = nn.Sequential(nn.LSTM(8, 32), nn.Linear(32, 1))
    net.save(pathlib.Path(folder) / "w.safetensors")
    model = pathlib.Path(folder) / "m.recur"
    subprocess.run(
        [os.environ["RECUR"], "import", pathlib.Path(folder) / "w.safetensors", "--out", model],
        check=True,
        capture_output=True,
    )
    bench_stream("LSTM 8 -> 32 -> 1, model of the task network", recur.load(model).stream(), 8)
    bench_fit(pathlib.Path(folder))
    bench_counting(pathlib.Path(folder))
