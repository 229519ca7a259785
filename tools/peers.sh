#!/usr/bin/env bash
# Makes a virtual environment from a list of exact versions: build/peers, with the Python packages that measure us, from
# tools/peers.txt; or build/python, with those that build and test our own package, from tools/python.txt. Touches nothing
# when it is there already, made from the same list.
# usage: tools/peers.sh [peers|python]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=${1:-peers}
list=tools/$name.txt home=build/$name
python=${PYTHON:-/usr/bin/python3}  # Debian's, whose version the list is for
made=$home/made-from.txt
if cmp -s "$list" "$made"; then exit 0; fi

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  echo "$name: $python cannot make virtual environments; tools/packages.sh $name installs what is missing" >&2
  exit 1
fi
start=$SECONDS
echo "== $name: making $home ($([ "$name" = peers ] && echo "about 7 GB" || echo "about 400 MB"))"
rm -rf "$home"
mkdir -p build
"$python" -m venv "$home"
log=$home/install.log
pip() {
  if ! "$home/bin/pip" --disable-pip-version-check "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "$name: pip $* failed; all it said is in $log" >&2
    exit 1
  fi
}
# Every package that any of them needs is in the list, so nothing is resolved. What builds from source does so with the
# listed tools, which come first.
if grep -E '^(pybind11|setuptools)==' "$list" >"$home/tools.txt"; then pip install --no-deps -r "$home/tools.txt"; fi
pip install --no-deps --no-build-isolation --no-compile -r "$list"
# pyctcdecode asks for NumPy 1, and works with 2.
broken=$("$home/bin/pip" --disable-pip-version-check check | grep -v -e '^No broken' -e '^pyctcdecode .*numpy<2' || true)
if [ -n "$broken" ]; then
  printf '%s: %s\n' "$name" "$broken" >&2
  exit 1
fi
cp "$list" "$made"
echo "== $name: done in $((SECONDS - start)) s"
