#!/usr/bin/env bash
# Holds the mean of numbers, one of each run, against its upper bound. usage: tools/mean_at_most.sh WHAT BOUND NUMBER...
set -euo pipefail
what=$1 bound=$2
shift 2
if [ $# = 0 ]; then
  echo "$what: there are no numbers" >&2
  exit 1
fi
printf '%s\n' "$@" | awk -v what="$what" -v bound="$bound" -v side="at most" -f "$(dirname "$0")/mean_against.awk"
