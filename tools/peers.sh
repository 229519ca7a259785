#!/usr/bin/env bash
# Makes the virtual environment build/peers, with the Python packages that measure us, from tools/peers.txt: the same
# versions every time. Touches nothing when it is there already, made from the same list.
# usage: tools/peers.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
list=tools/peers.txt home=build/peers
python=${PYTHON:-/usr/bin/python3}  # Debian's, whose version the list is for
made=$home/made-from.txt
if cmp -s "$list" "$made"; then exit 0; fi

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  echo "peers: $python cannot make virtual environments; tools/packages.sh peers installs what is missing" >&2
  exit 1
fi
start=$SECONDS
echo "== peers: making $home (about 7 GB)"
rm -rf "$home"
mkdir -p build
"$python" -m venv "$home"
log=$home/install.log
pip() {
  if ! "$home/bin/pip" --disable-pip-version-check "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "peers: pip $* failed; all it said is in $log" >&2
    exit 1
  fi
}
# Every package that any of them needs is in the list, so nothing is resolved. What builds from source does so with the
# listed tools, which come first.
grep -E '^(pybind11|setuptools)==' "$list" >"$home/tools.txt"
pip install --no-deps -r "$home/tools.txt"
pip install --no-deps --no-build-isolation --no-compile -r "$list"
pip check
cp "$list" "$made"
echo "== peers: done in $((SECONDS - start)) s"
