#!/usr/bin/env bash
# The environment of peers is made from exact versions, once: again when the list has changed or making it failed.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

for list in peers python; do
  strange=$(grep -vE '^(#.*)?$|^[A-Za-z0-9._-]+==[A-Za-z0-9.]+( +# .*)?$' "$top/tools/$list.txt" || true)
  [ -z "$strange" ] || { echo "no exact version: $strange"; exit 1; }
  twice=$(sed -n 's/==.*//p' "$top/tools/$list.txt" | sort | uniq -d)
  [ -z "$twice" ] || { echo "twice: $twice"; exit 1; }
done

# A stand-in for Python makes environments whose pip keeps what it is asked for.
mkdir -p tree/tools
cp "$top/tools/peers.sh" tree/tools/
printf '# why\ntorch==2.0  # why\npybind11==3.1\nsetuptools==84.2\n' >tree/tools/peers.txt
cat >python <<EOF
#!/bin/bash
case "\$1 \$2" in
  "-m venv") mkdir -p "\$3/bin" && cp "$PWD/pip" "\$3/bin/pip" ;;
  "-c import ensurepip") [ ! -e "$PWD/no-ensurepip" ] ;;
  *) exit 1 ;;
esac
EOF
printf '#!/bin/bash\necho "$*" >>%q\n[ ! -e %q ]\n' "$PWD/calls" "$PWD/broken" >pip
chmod +x python pip
run() {
  rm -f calls
  PYTHON=$PWD/python tree/tools/peers.sh "$@" >out 2>err
}

run
[ "$(sed 's/--disable-pip-version-check //' calls)" = 'install --no-deps -r build/peers/tools.txt
install --no-deps --no-build-isolation --no-compile -r tools/peers.txt
check' ]
[ "$(cat tree/build/peers/tools.txt)" = $'pybind11==3.1\nsetuptools==84.2' ]
run
[ ! -e calls ]

printf 'nanobind==3.1\n' >tree/tools/python.txt
run python
[ "$(sed 's/--disable-pip-version-check //' calls)" = 'install --no-deps --no-build-isolation --no-compile -r tools/python.txt
check' ]
[ -e tree/build/python/made-from.txt ]

echo 'numpy==2.3' >>tree/tools/peers.txt
touch broken
if run; then exit 1; fi
grep -q 'peers: pip install .* failed' err
rm broken
run
[ -e calls ]
run
[ ! -e calls ]

echo 'scipy==1.17' >>tree/tools/peers.txt
touch no-ensurepip
if run; then exit 1; fi
grep -q 'tools/packages.sh peers installs what is missing' err
[ ! -e calls ]
