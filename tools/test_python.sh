#!/usr/bin/env bash
# Builds the extension of the Python package in build/release and runs the tests of python/tests with it; needs
# tools/packages.sh python.
# usage: tools/test_python.sh [fast] [PYTEST ARGUMENT...]        fast: without a wheel and type checkers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=build/python/bin/python
if ! "$python" -c 'import nanobind, numpy, pytest' 2>/dev/null; then
  echo "test python: SKIPPED: build/python lacks what builds and tests the package; tools/packages.sh python makes it" >&2
  exit 77
fi
marks=()
if [ "${1:-}" = fast ]; then
  marks=(-m "not slow")
  shift
fi
cmake -B build/release -DRECUR_BUILD_PYTHON=ON -DPython_EXECUTABLE="$PWD/$python" -Wno-dev --log-level=WARNING >/dev/null
cmake --build build/release --target recur_python
RECUR=$PWD/build/release/cli/recur PYTHONPATH=$PWD/build/release/python "$python" -m pytest -q "${marks[@]}" "$@"
