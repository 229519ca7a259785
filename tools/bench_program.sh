# Sourced, from the folder of the project, by scripts that run programs of bench/. Sets `work`, a folder that is removed at
# the end.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# bench_program NAME: compiles bench/NAME.cc with the library of the release build to $work/NAME.
bench_program() {
  local library=build/release/src/recur/librecur.a module optional=()
  if [ ! -f "$library" ]; then
    echo "bench: there is no $library; ./dev build makes it" >&2
    exit 1
  fi
  for module in libpng libjpeg sndfile hdf5-serial hdf5; do  # as CMakeLists.txt looks for them
    # shellcheck disable=SC2207
    optional+=($(pkg-config --silence-errors --libs "$module" || true))
  done
  "${CXX:-c++}" -std=c++20 -O2 -DFMT_SHARED -Isrc "bench/$1.cc" "$library" -lfmt -lz -llzma -lzstd -lsentencepiece \
    -lsentencepiece_train -lhwy -ltomlplusplus -pthread "${optional[@]}" -o "$work/$1"
}

# Sets `python` (PYTHON, or that of tools/packages.sh peers), and `with_torch`, empty where it has no PyTorch.
find_torch() {
  python=${PYTHON:-build/peers/bin/python} with_torch=yes
  if ! "$python" -c 'import torch' 2>/dev/null; then
    printf '!!! PyTorch is not compared: %s has none (tools/packages.sh peers, or set PYTHON)\n' "$python" >&2
    with_torch=
  fi
}

# The median of the numbers that it reads, one a line; 0 of none.
median() {
  sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else print 0 }'
}

# row LABEL OURS THEIRS ARGUMENT...: a program of bench_program and one of bench/ in Python in turn, `rounds` times, with the same
# arguments: a row of both medians in ms, and how many times faster ours is.
row() {
  local label=$1 ours=$2 theirs=$3 round a b=- ratio=-
  shift 3
  : >"$work/ours" >"$work/torch"
  for ((round = 0; round < rounds; ++round)); do
    ${RUNNER:-} "$work/$ours" "$@" >>"$work/ours"
    if [ -n "$with_torch" ]; then ${RUNNER:-} "$python" "bench/$theirs" "$@" >>"$work/torch"; fi
  done
  a=$(cut -d, -f2 "$work/ours" | median)
  if [ -n "$with_torch" ]; then
    b=$(cut -d, -f2 "$work/torch" | median)
    ratio=$(awk -v a="$b" -v b="$a" 'BEGIN { printf "%.2f", a / b }')
  fi
  echo "| $label | $a | $b | $ratio |"
}
