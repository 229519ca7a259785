#!/usr/bin/env bash
# Trains a character LSTM for about a minute on FILE, or on this repository's own sources, and lets it write.
# usage: tools/demo.sh [FILE]        (./dev demo builds the program first)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:-src}
run=build/demo
rm -rf "$run"
build/release/cli/recur train lm "$data" --valid 0.1 --out "$run" --time 1m
build/release/cli/recur generate "$run" --length 600 --temperature 0.7 --seed 1
