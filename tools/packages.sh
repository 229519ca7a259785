#!/usr/bin/env bash
# Installs what is missing of the named groups of packages.txt, and touches nothing when all is there. The groups peers
# and python have Python packages too: tools/peers.sh.
# usage: tools/packages.sh GROUP...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

finish() {
  case " $* " in *" python "*) tools/peers.sh python ;; esac
  case " $* " in *" peers "*) exec tools/peers.sh ;; esac
  exit 0
}

if ! command -v dpkg-query >/dev/null; then
  echo "packages: not a Debian system; packages.txt lists what is needed" >&2
  finish "$@"
fi

wanted=$(awk -v groups=" $* " '
  /^## / { sub(/:.*/, "", $2); take = index(groups, " " $2 " ") > 0; next }
  { sub(/#.*/, "") }
  take && NF { print $1 }' packages.txt | while IFS== read -r package command; do
  if [ -z "$command" ] || ! command -v "$command" >/dev/null; then echo "$package"; fi
done)
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=$(comm -23 <(sort -u <<<"$wanted") <(sort -u <<<"$installed") | xargs)
[ -n "$missing" ] || finish "$@"

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "packages: missing: $missing" >&2
    echo "packages: there is no sudo here; as root run: apt-get install --no-install-recommends $missing" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }

start=$SECONDS
echo "== packages: installing $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A package source that does not answer is no reason to stop: what matters is whether the packages can be had.
apt update >"$log" 2>&1 || { tail -n 3 "$log" >&2; echo "packages: apt-get update failed; trying all the same" >&2; }
# shellcheck disable=SC2086  # a list of names
if ! apt install --yes --no-install-recommends $missing >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "packages: apt-get could not install: $missing" >&2
  exit 1
fi
echo "== packages: done in $((SECONDS - start)) s"
rm -f "$log"
finish "$@"
