#!/usr/bin/env bash
# Holds a number of a JSON object against its bound. usage: tools/at_most.sh WHAT KEY FILE.json BOUND
set -euo pipefail
what=$1 key=$2 file=$3 bound=$4
value=$(sed -n "s/.*\"$key\": *\([-+0-9.eE]*\).*/\1/p" "$file" | head -n 1)
if [ -z "$value" ]; then
  echo "$what: $file has no number \"$key\"" >&2
  exit 1
fi
if awk -v value="$value" -v bound="$bound" 'BEGIN { exit !(value <= bound) }'; then
  echo "$what: $value, at most $bound: passed"
else
  echo "$what: $value, more than $bound: FAILED" >&2
  exit 1
fi
