#!/usr/bin/env bash
# Checks that every relative link of the Markdown pages names a file that exists, and that every page of docs/ is
# linked from somewhere. Prints each that fails; exit code 1 if any.
# usage: tools/check_docs.sh [ROOT]        (default: this repository)
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
bad=0
linked=$'\n'

mapfile -t pages < <(find . -name '*.md' -not -path './build*' -not -path './.git/*' -not -path './runs/*' | sort)
for page in "${pages[@]}"; do
  # Links in fenced code are text.
  while read -r link; do
    target=${link%%#*}
    case $link in *://* | mailto:* | '#'*) continue ;; esac
    path=$(realpath -m --relative-to=. "$(dirname "$page")/$target")
    if [ ! -e "$path" ]; then
      echo "$page: no such file: $link"
      bad=1
    fi
    [ "./$path" = "$page" ] || linked+=$path$'\n'
  done < <(awk '/^ *```/ { code = !code; next } !code' "$page" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//' || true)
done

for page in "${pages[@]}"; do
  case $page in ./docs/*) ;; *) continue ;; esac
  # A link to a folder covers the pages in it.
  if [[ $linked != *$'\n'"${page#./}"$'\n'* && $linked != *$'\n'"$(dirname "${page#./}")"$'\n'* ]]; then
    echo "$page: no page links to it"
    bad=1
  fi
done
exit $bad
