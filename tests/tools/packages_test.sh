#!/usr/bin/env bash
# The installer asks apt for what is missing of the groups named, as root or with sudo, and for nothing else: not for a
# package whose command is there. For the group peers it has the Python packages made too.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p tree/tools bin
cp "$top/tools/packages.sh" tree/tools/
printf '# all\n## build: first\nhere  # why\nmissing # why\n\nhalf\n## lint: second\nother\n' >tree/packages.txt
printf '## peers: third\nhere\nnode=node-command  # why\nnpm=npm-command\n' >>tree/packages.txt

# Stand-ins for the system: what they are asked for is kept in the file "calls".
stand_in() {
  printf '#!/bin/bash\n%s\n' "$2" >"bin/$1"
  chmod +x "bin/$1"
}
for tool in bash awk sed sort comm xargs mktemp tail rm dirname env echo grep; do ln -s "$(type -P "$tool")" "bin/$tool"; done
calls=$PWD/calls
stand_in dpkg-query 'printf "installed here\nconfig-files half\n"'
stand_in apt-get "echo \"apt-get \$*\" >>$calls"
stand_in id 'echo 0'
run() {
  rm -f "$calls"
  PATH=$PWD/bin tree/tools/packages.sh "$@" >out 2>err
}

run build
[ "$(cat "$calls")" = $'apt-get -qq update\napt-get -qq install --yes --no-install-recommends half missing' ]
run build lint
tail -n 1 "$calls" | grep -q ' half missing other$'

stand_in dpkg-query 'printf "installed here\ninstalled half\ninstalled missing\n"'
run build
[ ! -e "$calls" ]

stand_in npm-command 'exit 1'
printf '#!/bin/bash\necho peers.sh >>%s\n' "$calls" >tree/tools/peers.sh
chmod +x tree/tools/peers.sh
run peers
[ "$(cat "$calls")" = $'apt-get -qq update\napt-get -qq install --yes --no-install-recommends node\npeers.sh' ]
stand_in node-command 'exit 1'
run peers build
[ "$(cat "$calls")" = peers.sh ]

stand_in id 'echo 1000'
if run lint; then exit 1; fi
[ ! -e "$calls" ]
grep -q 'as root run: apt-get install --no-install-recommends other' err

stand_in sudo "echo sudo >>$calls; exec \"\$@\""
run lint
[ "$(tr '\n' ' ' <"$calls")" = 'sudo apt-get -qq update sudo apt-get -qq install --yes --no-install-recommends other ' ]

stand_in apt-get "echo \"\$*\" | grep -vq install"
if run lint; then exit 1; fi
grep -q 'could not install: other' err
