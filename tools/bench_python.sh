#!/usr/bin/env bash
# Measures what Python adds: a streaming step, a fit beside the program's training, and how fast another thread of Python
# counts meanwhile. usage: tools/bench_python.sh (after tools/test_python.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONPATH=$PWD/build/release/python RECUR=$PWD/build/release/cli/recur
exec build/python/bin/python tools/bench_python.py
