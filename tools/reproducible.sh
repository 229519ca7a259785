#!/usr/bin/env bash
# Whether two builds of one commit give the same packages: clones what is committed into two folders with names of
# different length, packs in both, without ccache in the second, and compares the bytes.
# usage: tools/reproducible.sh FIRST SECOND        folders; one that has been packed already is taken as it is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for folder in "$1" "$2"; do  # both before the first is built, as another commit may come meanwhile
  [ -d "$folder/.git" ] || git clone -q . "$folder"
done
for folder in "$1" "$2"; do
  if [ ! -f "$folder/build/package/SHA256SUMS" ]; then
    if [ "$folder" = "$2" ]; then export RECUR_NO_CCACHE=1; fi
    "$folder/tools/package.sh" >/dev/null
  fi
done
echo "commit $(git -C "$1" rev-parse HEAD)"
if [ "$(git -C "$1" rev-parse HEAD)" != "$(git -C "$2" rev-parse HEAD)" ]; then
  echo "the folders have different commits" >&2
  exit 2
fi
diff "$1/build/package/SHA256SUMS" "$2/build/package/SHA256SUMS"
cat "$1/build/package/SHA256SUMS"
echo "reproducible: the same bytes"
