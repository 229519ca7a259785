# What the end-to-end tests share. They run in an empty folder, with the program's path in RECUR.
set -euo pipefail
export RECUR_THREADS=1

fail() {
  echo "failed: $*" >&2
  for file in out err; do
    if [ -s "$file" ]; then sed "s/^/  $file: /" "$file" | head -20 >&2; fi
  done
  exit 1
}

# expect CODE ARGUMENT...: runs recur into the files out and err and holds it to the exit code.
expect() {
  local want=$1 got=0
  shift
  "$RECUR" "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || fail "recur $*: exit code $got instead of $want"
}

# expect_error CODE PATTERN ARGUMENT...: and to one line of error that holds the pattern.
expect_error() {
  local code=$1 pattern=$2
  shift 2
  expect "$code" "$@"
  [ "$(wc -l <err)" = 1 ] || fail "recur $*: more or less than one line of error"
  grep -q '^recur: error: ' err || fail "recur $*: the error does not begin with recur: error:"
  grep -q -- "$pattern" err || fail "recur $*: no '$pattern' in the error"
}

# number KEY FILE: the first number behind "KEY": in a file of JSON.
number() {
  grep -oE "\"$1\":-?[0-9.e+-]+" "$2" | head -1 | sed 's/.*://'
}

# below VALUE BOUND
below() {
  awk -v value="$1" -v bound="$2" 'BEGIN { exit !(value != "" && value + 0 < bound + 0) }' || fail "$1 is not below $2"
}

# above VALUE BOUND
above() {
  awk -v value="$1" -v bound="$2" 'BEGIN { exit !(value != "" && value + 0 > bound + 0) }' || fail "$1 is not above $2"
}

# npy TYPE SHAPE BYTES: an array of zeros, such as npy '|u1' '(2, 8, 6, 3)' 288.
npy() {
  printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '$1', 'fortran_order': False, 'shape': $2, }"
  head -c "$3" /dev/zero
}

# Every line of the file must be a JSON text: values are folded into their arrays and objects until one is left.
check_json() {
  [ -s "$1" ] || fail "$1 is empty"
  awk '{
    s = $0
    gsub(/"([^"\\]|\\.)*"/, "S", s)
    gsub(/-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null/, "V", s)
    do {
      before = s
      gsub(/S:[SV]/, "P", s)
      gsub(/[{](P(,P)*)?[}]/, "V", s)
      gsub(/\[([SV](,[SV])*)?\]/, "V", s)
    } while (s != before)
    if (s != "V") { printf "line %d is no JSON: %s\n", NR, substr($0, 1, 200); bad = 1 }
  } END { exit bad }' "$1" || fail "$1 is no JSON"
}

# begins_from RUN KEY DATA TASK ARGUMENT...: a run that begins from RUN and learns next to nothing gives the same KEY on
# DATA. DATA are the words behind the model in evaluate.
begins_from() {
  local run=$1 key=$2 data=$3 before
  shift 3
  expect 0 train "$@" --from-model "$run" --steps 1 --lr 1e-30 --out begun --force
  grep -qh "the run begins from the model .*$run" out err || fail "train does not say what it begins from"
  # shellcheck disable=SC2086
  expect 0 evaluate "$run" $data --json
  before=$(number "$key" out)
  # shellcheck disable=SC2086
  expect 0 evaluate begun $data --json
  awk -v a="$before" -v b="$(number "$key" out)" 'BEGIN { d = a - b; exit !(a != "" && b != "" && d * d <= 1e-8 * (1 + a * a)) }' ||
    fail "$key of a run that begins from $run: $(number "$key" out) instead of $before"
}

# A text that a working model learns by heart within seconds.
easy_text() {
  awk 'BEGIN { for (i = 0; i < 600; ++i) print "abc abc abd" }'
}
