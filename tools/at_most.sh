#!/usr/bin/env bash
# Holds a number of a JSON object against its bound. usage: tools/at_most.sh WHAT KEY FILE.json BOUND
set -euo pipefail
what=$1 key=$2 file=$3 bound=$4
value=$("$(dirname "$0")"/number.sh "$key" "$file")
if awk -v value="$value" -v bound="$bound" 'BEGIN { exit !(value <= bound) }'; then
  echo "$what: $value, at most $bound: passed"
else
  echo "$what: $value, more than $bound: FAILED" >&2
  exit 1
fi
