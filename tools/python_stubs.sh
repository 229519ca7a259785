#!/usr/bin/env bash
# Writes the type stubs of the Python package, python/recur/_core.pyi and _options.pyi, from the extension that
# tools/test_python.sh has built. usage: tools/python_stubs.sh [FOLDER]        (default: python/recur)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-python/recur}
export PYTHONPATH=$PWD/build/release/python
build/python/bin/python -m nanobind.stubgen -q -P -m recur._core -o "$folder/_core.pyi"
build/python/bin/python tools/python_stubs.py "$folder"
