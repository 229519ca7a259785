#!/usr/bin/env bash
# Holds the mean of numbers, one of each run, against its bound. usage: tools/at_least.sh WHAT BOUND NUMBER...
set -euo pipefail
what=$1 bound=$2
shift 2
if [ $# = 0 ]; then
  echo "$what: there are no numbers" >&2
  exit 1
fi
printf '%s\n' "$@" | awk -v what="$what" -v bound="$bound" '
  { sum += $1; squares += $1 * $1; all = all " " $1 }
  END {
    mean = sum / NR
    deviation = NR > 1 ? sqrt((squares - NR * mean * mean > 0 ? squares - NR * mean * mean : 0) / (NR - 1)) : 0
    passed = mean >= bound
    printf "%s: %.4f +- %.4f (of%s), %s %s: %s\n", what, mean, deviation, all,
      passed ? "at least" : "less than", bound, passed ? "passed" : "FAILED"
    exit !passed
  }'
