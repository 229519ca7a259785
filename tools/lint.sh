#!/usr/bin/env bash
# Checks formatting, include arrows, text, links and, last as it is slow, clang-tidy over FILEs (all of src, cli,
# bench and examples without). Exit code 1 if anything is found.
# usage: tools/lint.sh [FILE...]        (./dev lint installs the tools first)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=()
tools/format.sh --dry-run || bad+=(format)
tools/check_includes.sh || bad+=(includes)
tools/check_text.sh || bad+=(text)
tools/check_docs.sh || bad+=(docs)

cmake --preset dev -Wno-dev --log-level=WARNING >/dev/null
files=("$@")
if [ $# = 0 ]; then
  # What the build does not compile has no flags to be checked with.
  mapfile -t files < <(tools/sources.sh src cli bench examples | grep '\.cc$' | while read -r file; do
    if grep -qF "\"$PWD/$file\"" build/dev/compile_commands.json; then echo "$file"; fi
  done)
fi
# clang-tidy counts what it does not show; that is noise.
printf '%s\0' "${files[@]}" |
  xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build/dev --quiet 2> >(grep -vE '^[0-9]+ warnings? ' >&2) || bad+=(clang-tidy)

if [ ${#bad[@]} -gt 0 ]; then
  echo "lint: failed: ${bad[*]}" >&2
  exit 1
fi
echo "lint: clean"
