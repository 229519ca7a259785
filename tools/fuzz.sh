#!/usr/bin/env bash
# Runs every fuzz target for some seconds, from what earlier runs found on; inputs that fail stay in its folder.
# usage: tools/fuzz.sh SECONDS
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../build/fuzz"
failed=()
for program in fuzz/*_fuzz; do
  name=$(basename "$program")
  mkdir -p "corpus/$name"
  printf '== %s\n' "$name"
  "$program" -max_total_time="$1" -max_len=4096 -timeout=10 -artifact_prefix="corpus/$name-" "corpus/$name" \
    2>"corpus/$name.log" || failed+=("$name")
  tail -n 1 "corpus/$name.log"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzz: failed: ${failed[*]}; see build/fuzz/corpus/*.log" >&2
  exit 1
fi
