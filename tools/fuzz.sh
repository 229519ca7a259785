#!/usr/bin/env bash
# Runs every fuzz target for some seconds, as many at once as there are processors, from what earlier runs found on and from
# files of the tests; inputs that fail stay in its folder. Prints what each target executed.
# usage: tools/fuzz.sh SECONDS [JOBS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../build/fuzz"

# Files of the tests that a target reads as they are: without them it hardly gets past the head of a format.
seeds() {
  local golden=../../tests/golden
  case $1 in
    torch_fuzz) echo "$golden"/import/*.pt ;;
    onnx_fuzz) echo "$golden"/import/*.onnx ;;
    model_json_fuzz) echo "$golden"/import/*.json ;;
    safetensors_fuzz) find $golden -name '*.safetensors' -size -8k ;;
  esac
}
# fuzz SECONDS PROGRAM
fuzz() {
  local name corpus size longest=4096
  name=$(basename "$2") corpus=corpus/$(basename "$2")
  mkdir -p "$corpus"
  for file in $(seeds "$name"); do
    cp "$file" "$corpus/"
    size=$(stat -c %s "$file")
    if ((size > longest)); then longest=$size; fi
  done
  if "$2" -max_total_time="$1" -max_len="$longest" -timeout=10 -artifact_prefix="$corpus-" "$corpus" 2>"$corpus.log"; then
    printf '== %s: %s\n' "$name" "$(tail -n 1 "$corpus.log")"
  else
    printf '== %s: FAILED, see build/fuzz/%s.log\n' "$name" "$corpus"
    return 1
  fi
}
export ASAN_OPTIONS=allocator_may_return_null=1  # libraries ask for what a file claims, and check the answer
export -f fuzz seeds

printf '%s\n' fuzz/*_fuzz | xargs -P "${2:-$(nproc)}" -I{} bash -c 'fuzz "$@"' fuzz "$1" {} || {
  echo "fuzz: failed" >&2
  exit 1
}
