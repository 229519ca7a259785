#!/usr/bin/env bash
# Measures the kernels over shapes. usage: tools/bench.sh [SHAPES.csv]        (./dev bench builds the program first)
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../build/release/cli/recur" bench "$@"
