"""The wheel is complete by itself."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]

USE = """
import recur, numpy, sys
assert "site-packages" in recur.__file__, recur.__file__
y, _ = recur.nn.LSTM(2, 3)(recur.zeros([4, 1, 2]))
assert y.shape == (4, 1, 3)
model = recur.train("lm", b"the cat sat on the mat. " * 100, steps=3, hidden=8)
assert model.generate("the ", length=5)
assert "sklearn" not in sys.modules
print("works")
"""


@pytest.mark.slow
def test_a_wheel_works_in_an_empty_environment(tmp_path):
    def run(*command, **more):
        result = subprocess.run([str(each) for each in command], capture_output=True, text=True, **more)
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
        return result.stdout

    tools = pathlib.Path(sys.executable).parent
    build = dict(os.environ)
    if shutil.which("ccache"):  # most of it has been compiled for the tests
        build.update(CMAKE_CXX_COMPILER_LAUNCHER="ccache", CXX="c++")
    wheel_command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    run(*wheel_command, "-w", tmp_path / "raw", ROOT, env=build)
    (raw,) = (tmp_path / "raw").glob("recur-*.whl")
    environment = {"PATH": f"{tools}:/usr/bin:/bin"}
    run(tools / "auditwheel", "repair", "-w", tmp_path / "whole", raw, env=environment)
    (wheel,) = (tmp_path / "whole").glob("recur-*manylinux*.whl")
    assert "is consistent with" in run(tools / "auditwheel", "show", wheel, env=environment)
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", wheel)
    assert run(python, "-c", USE, cwd=tmp_path) == "works\n"
    kept = ROOT / "build/wheelhouse"
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copy(wheel, kept)
