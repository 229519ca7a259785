"""The stubs are those of the extension, and hold for the package."""

import inspect
import os
import pathlib
import re
import subprocess
import sys

import pytest

import recur
from recur import estimators

ROOT = pathlib.Path(__file__).parents[2]


def test_stubs_are_those_of_the_extension(tmp_path):
    subprocess.run(["bash", ROOT / "tools/python_stubs.sh", tmp_path], check=True)
    for name in ["_core.pyi", "_options.pyi"]:
        kept = (ROOT / "python/recur" / name).read_text()
        assert (tmp_path / name).read_text() == kept, f"{name} is old: tools/python_stubs.sh writes it"


# What stubtest says of nanobind's kinds of types and functions, whatever stands in a stub.
OF_NANOBIND = re.compile(
    r"^recur\._core\.\S+ ("
    r"is not a function"
    r"|is inconsistent, metaclass differs"
    r"|is a disjoint base at runtime.*"
    r"|is inconsistent, stub is a staticmethod but runtime is not"
    r'|is inconsistent, stub does not have \*args parameter "args"'  # of a class that Python does not make
    r")$"
)


@pytest.mark.slow
def test_stubtest_and_mypy_pass(tmp_path):
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\n[mypy-sklearn.*,pandas.*]\nignore_missing_imports = True\n")
    home = pathlib.Path(recur.__file__).parents[1]
    environment = {**os.environ, "MYPYPATH": str(home), "MYPY_CACHE_DIR": str(tmp_path / "cache")}

    def lines_of(*command):
        result = subprocess.run(
            [sys.executable, "-m", *command], env=environment, cwd=tmp_path, capture_output=True, text=True
        )
        return result.returncode, result.stdout.splitlines() + result.stderr.splitlines()

    allowed = ROOT / "python/tests/stubtest.txt"
    _, said = lines_of(
        "mypy.stubtest", "recur", "--concise", "--mypy-config-file", str(config), "--allowlist", str(allowed)
    )
    assert not [line for line in said if not OF_NANOBIND.match(line)]
    failed, said = lines_of("mypy", "--config-file", str(config), "-p", "recur")
    assert not failed, said


def test_everything_public_has_a_docstring():
    bare = []
    for module in [recur, recur.nn, recur.ops, recur.optim, estimators, recur._core]:
        for name in getattr(module, "__all__", [n for n in dir(module) if not n.startswith("_")]):
            value = getattr(module, name)
            if inspect.ismodule(value):
                continue
            if not getattr(value, "__doc__", None):
                bare.append(f"{module.__name__}.{name}")
            if inspect.isclass(value) and value.__module__.startswith("recur"):
                for key, member in vars(value).items():
                    if key.startswith("_") or key == "forward" or not (callable(member) or isinstance(member, property)):
                        continue
                    if not getattr(member, "__doc__", None):
                        bare.append(f"{module.__name__}.{name}.{key}")
    assert not bare
