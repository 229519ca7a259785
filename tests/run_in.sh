#!/usr/bin/env bash
# Runs a test script in an empty folder. usage: run_in.sh FOLDER SCRIPT
set -euo pipefail
rm -rf "$1"
mkdir -p "$1"
cd "$1"
exec bash "$2"
