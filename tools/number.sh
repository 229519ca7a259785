#!/usr/bin/env bash
# Prints a number of a JSON object. usage: tools/number.sh KEY FILE.json
set -euo pipefail
value=$(sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2" | head -n 1)
if [ -z "$value" ]; then
  echo "$2 has no number \"$1\"" >&2
  exit 1
fi
echo "$value"
