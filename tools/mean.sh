#!/usr/bin/env bash
# Holds the mean of numbers, one of each run, against its bound.
# usage: tools/mean.sh at_least|at_most WHAT BOUND NUMBER...
set -euo pipefail
side=${1/_/ } what=$2 bound=$3
shift 3
if [ $# = 0 ]; then
  echo "$what: there are no numbers" >&2
  exit 1
fi
printf '%s\n' "$@" | awk -v what="$what" -v bound="$bound" -v side="$side" -f "$(dirname "$0")/mean_against.awk"
