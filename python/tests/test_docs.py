"""The code of docs/python.md and of the README runs from front to back, and gives what it shows."""

import contextlib
import io
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = {"docs/python.md": 10, "README.md": 1}  # and how many blocks there are at least


def blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of Python of a page, each with the output that a block of text right behind it shows."""
    text = (ROOT / page).read_text()
    return re.findall(r"```python\n(.*?)```\n(?:\n?```text\n(.*?)```\n)?", text, re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_code_of_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {"__name__": "page"}
    found = blocks(page)
    assert len(found) >= PAGES[page]
    for code, shown in found:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, page, "exec"), names)
        # Numbers differ in their last digits between processors: only where they stand is compared.
        number = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
        if shown:
            assert number.sub("#", out.getvalue()) == number.sub("#", shown), code
