#!/usr/bin/env bash
# Makes reports of small runs and opens them in a browser, and runs exported models there: tests/web/check_page.mjs and
# check_models.mjs say what they are held to.
# usage: tools/web.sh        (./dev test web builds the program and installs the browser first)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recur=$PWD/build/release/cli/recur
packages=build/web
mkdir -p "$packages"
if ! cmp -s tests/web/package.json "$packages/package.json"; then
  cp tests/web/package.json "$packages/package.json"
  (cd "$packages" && npm install --silent --no-audit --no-fund)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
awk 'BEGIN {
  srand(1)
  print "text,sex,label"
  for (i = 0; i < 120; ++i) print (rand() < 0.5 ? "a fine" : "a poor") " film," (rand() < 0.5 ? "f" : "m") "," (i % 2 ? "yes" : "no")
}' >texts.csv
awk 'BEGIN { print "t,x"; for (t = 0; t < 200; ++t) print t "," 10 + sin(t / 3) }' >series.csv
train=(--quiet --seed 1)
"$recur" train classify texts.csv --label-column label --text-column text --valid 0.3 --hidden 4 --steps 20 \
  --set log_every=1 --set trace_gradients=5 --out texts "${train[@]}"
"$recur" train classify texts.csv --label-column label --text-column text --hidden 8 --steps 20 --out wide "${train[@]}"
"$recur" train forecast series.csv --horizon 6 --valid 0.2 --hidden 4 --steps 20 --out series "${train[@]}"
"$recur" report texts --data texts.csv --groups sex --out one.html --quiet
"$recur" report texts wide --data texts.csv --out two.html --quiet
"$recur" report series --data series.csv --out fan.html --quiet
"$recur" train lm texts.csv --hidden 8 --layers 2 --cells lstm,gru --batch 4 --bptt 20 --steps 20 --out letters "${train[@]}"
mkdir models
for run in texts series letters; do
  "$recur" export "$run" --to onnx --out "models/$run.onnx" --samples "models/$run.safetensors" >export.log
done
cp "$OLDPWD"/tests/web/*.mjs "$OLDPWD/$packages"
cd "$OLDPWD/$packages"
node check_page.mjs "$work"/one.html "$work"/two.html "$work"/fan.html
node check_models.mjs "$work"/models
