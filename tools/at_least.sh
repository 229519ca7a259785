#!/usr/bin/env bash
# Holds the mean of numbers, one of each run, against its bound. usage: tools/at_least.sh WHAT BOUND NUMBER...
set -euo pipefail
what=$1 bound=$2
shift 2
if [ $# = 0 ]; then
  echo "$what: there are no numbers" >&2
  exit 1
fi
printf '%s\n' "$@" | awk -v what="$what" -v bound="$bound" -v side="at least" -f "$(dirname "$0")/mean_against.awk"
