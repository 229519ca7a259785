#!/bin/sh
# What apt would put on an empty Debian for each set of packages, in MB, less what any C++ program needs.
# usage: installed_size.sh           (needs apt's package lists: apt-get update)
set -eu
closure() {
  apt-get -s -o Dir::State::status=/dev/null --no-install-recommends install "$@" | awk '/^Inst/ {print $2}' | sort -u
}
base=$(mktemp)
set_of=$(mktemp)
trap 'rm -f "$base" "$set_of"' EXIT
closure libstdc++6 >"$base"
size() {
  closure "$@" | comm -23 - "$base" >"$set_of"
  kb=$(xargs apt-cache show --no-all-versions <"$set_of" | awk '/^Installed-Size:/ {s += $2} END {print s}')
  printf '%-60s %4d packages %7.1f MB\n' "$*" "$(wc -l <"$set_of")" "$(echo "$kb" | awk '{print $1 / 1024}')"
}
size libtorch1.13
size libtorch1.13 libopenblas0-pthread
size python3-torch libopenblas0-pthread
size libtorch-dev libopenblas0-pthread
size libdnnl2
size libdnnl2 libhwy1 libfmt9 libsentencepiece0
