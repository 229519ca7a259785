#!/usr/bin/env bash
# Checks formatting, include arrows, text, links and, last as it is slow, clang-tidy on what is not a test.
# Exit code 1 if anything is found.
# usage: tools/lint.sh        (./dev lint installs the tools first)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=()
tools/format.sh --dry-run || bad+=(format)
tools/check_includes.sh || bad+=(includes)
tools/check_text.sh || bad+=(text)
tools/check_docs.sh || bad+=(docs)

# A build that also checks each file, so that a second run checks only what changed.
if [ .clang-tidy -nt build/lint/build.ninja ]; then rm -rf build/lint; fi
cmake --preset lint -Wno-dev --log-level=WARNING >/dev/null
cmake --build --preset lint -- --quiet -k 0 || bad+=(clang-tidy)

if [ ${#bad[@]} -gt 0 ]; then
  echo "lint: failed: ${bad[*]}" >&2
  exit 1
fi
echo "lint: clean"
