#!/usr/bin/env bash
# Lists the C++ files of the repository, one a line; with arguments, those below the given folders.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git ls-files --cached --others --exclude-standard -- "$@" | grep -E '\.(h|cc)$' | while read -r file; do
  if [ -f "$file" ]; then echo "$file"; fi
done
