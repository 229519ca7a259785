"""Completes the type stubs of the Python package. For tools/python_stubs.sh, which names the folder."""

import pathlib
import sys

import recur
from recur import _options

TYPES = {
    "boolean": "bool",
    "integer": "int",
    "number": "float",
    "duration": "str | float",
    "text": "str",
    "list of integers": "Sequence[int]",
    "list of texts": "Sequence[str]",
}


def core_stub(text: str) -> str:
    """What stubgen has written, but for what it does not know."""
    # The errors call themselves recur.Error, but live in the extension.
    errors = "".join(
        f'\n\nclass {error.__name__}({bases}):\n    """{error.__doc__}"""\n'
        for error, bases in [(recur.Error, "RuntimeError"), (recur.UsageError, "Error, ValueError")]
    )
    imported = "from recur import Error as Error, UsageError as UsageError\n"
    assert imported in text
    # Within the class Tensor the word numpy is a method.
    text = text.replace("import numpy\n", "import numpy as np\n").replace("numpy.ndarray", "np.ndarray")
    return text.replace("\n" + imported, errors)


def options_stub() -> str:
    """The options of the estimators with their types."""
    lines = [
        '"""The options of the estimators. Written by tools/python_stubs.sh."""\n',
        "from collections.abc import Sequence\nfrom typing import Any\n\nfrom sklearn.base import BaseEstimator\n",
        "def option_fields(task: str) -> list[tuple[str, str, str, str, list[str], str]]: ...\n",
        "class OptionsBase(BaseEstimator):\n    _task: str\n    _names: tuple[str, ...]",
        "    def __init__(self, **options: Any) -> None: ...",
        "    def given_options(self) -> dict[str, Any]: ...",
    ]
    for cls in (_options.ClassifyOptions, _options.ForecastOptions, _options.TagOptions):
        # `valid` is a fraction here: an estimator is given arrays.
        types = {
            key: "float" if key == "valid" else TYPES[kind]
            for key, _, kind, *_ in sorted(_options.option_fields(cls._task))
        }
        lines.append(f"\nclass {cls.__name__}(OptionsBase):")
        lines += [f"    {key}: {kind} | None" for key, kind in types.items()]
        lines.append("    def __init__(\n        self,\n        *,")
        lines += [f"        {key}: {kind} | None = None," for key, kind in types.items()]
        lines.append("    ) -> None: ...")
    return "\n".join(lines) + "\n"


folder = pathlib.Path(sys.argv[1])
core = folder / "_core.pyi"
core.write_text(core_stub(core.read_text()))
(folder / "_options.pyi").write_text(options_stub())
