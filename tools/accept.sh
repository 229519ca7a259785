#!/usr/bin/env bash
# Runs the acceptance tests of tools/accept: NAME.sh for NAME, all without one. Most train on real data for
# minutes to hours and hold the result against a bound.
# Each script names the folders it needs in a line "# data: FOLDER..." and is run with RECUR (the program), EXAMPLES (the
# folder of the example programs), RECUR_DATA (the data's folder) and RECUR_OUT (an empty folder for its runs). Data that
# is not there is a loud skip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export RECUR=$PWD/build/release/cli/recur
export EXAMPLES=$PWD/build/release/examples
export RECUR_DATA=${RECUR_DATA:-$(dirname "$PWD")/shared/data}

accept() {
  local script=tools/accept/$1.sh folder
  for folder in $(sed -n 's/^# data: *//p' "$script"); do
    if [ ! -e "$RECUR_DATA/$folder" ]; then
      printf '\n!!! SKIPPED %s: there is no %s (set RECUR_DATA to the folder that holds %s)\n\n' \
        "$1" "$RECUR_DATA/$folder" "$folder"
      return 0
    fi
  done
  export RECUR_OUT=$PWD/build/accept/$1
  rm -rf "$RECUR_OUT"
  mkdir -p "$RECUR_OUT"
  printf '== accept %s\n' "$1"
  bash "$script"
}

all=$(find tools/accept -name '*.sh' -printf '%f\n' 2>/dev/null | sed 's/\.sh$//' | sort | xargs || true)
failed=()
for name in ${*:-$all}; do
  if [ ! -f "tools/accept/$name.sh" ]; then
    echo "accept: there is no tools/accept/$name.sh; there are: ${all:-none}" >&2
    exit 2
  fi
  accept "$name" || failed+=("$name")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "accept: failed: ${failed[*]}" >&2
  exit 1
fi
