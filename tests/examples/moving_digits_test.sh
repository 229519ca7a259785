#!/usr/bin/env bash
# On drawn digits both networks learn in seconds to be better than where they start, the convolutional LSTM better than a copy;
# they have equal numbers of parameters; the picture is written; a seed gives the same table; wrong usage is told.
set -euo pipefail
program=$EXAMPLES/moving_digits
small=(--hidden 10 --batch 4 --test 8 --rate 0.01)

"$program" "${small[@]}" --steps 1 --rate 1e-9 --out start >start.md 2>/dev/null
"$program" "${small[@]}" --steps 60 --out first >table.md 2>/dev/null
cat table.md
awk -F ' *[|] *' '
  FNR == NR { start[$2] = $6; next }
  { parameters[$2] = $3; entropy[$2] = $6; ssim[$2] = $11 }
  function bad(what) { print what; exit 1 }
  END {
    ratio = parameters["LSTM"] / parameters["ConvLSTM"]
    if (ratio < 0.98 || ratio > 1.02) bad("numbers of parameters differ: " ratio)
    for (name in parameters) if (parameters[name] + 0 > 0 && !(entropy[name] < start[name])) bad(name " does not learn from " start[name])
    if (!(entropy["ConvLSTM"] < 0.7 * entropy["copy of the last frame"])) bad("the ConvLSTM is not below a copy")
    if (!(entropy["mean frame"] > 0 && ssim["ConvLSTM"] > 0)) bad("a figure is missing")
  }' start.md table.md
[ "$(head -c 4 first/moving_digits.png | od -An -tx1 | tr -d ' ')" = 89504e47 ]

# Any number of threads gives the same.
"$program" "${small[@]}" --steps 3 --threads 1 --out once >one 2>/dev/null
"$program" "${small[@]}" --steps 3 --threads 2 --out twice >two 2>/dev/null
without_time() { cut -d'|' -f2-4,6- "$1"; }
diff <(without_time one) <(without_time two)
cmp once/moving_digits.png twice/moving_digits.png

"$program" "${small[@]}" --steps 2 --network lstm --out alone >out 2>/dev/null
grep -q '^| LSTM ' out
! grep -q ConvLSTM out

# refuses CODE EXPECTED ARGUMENT...
refuses() {
  local expected_code=$1 expected=$2 code=0
  shift 2
  "$program" "$@" >out 2>err || code=$?
  [ $code = "$expected_code" ] && grep -qF -- "$expected" err || { echo "moving_digits $*: exit code $code"; cat err; exit 1; }
}
refuses 2 '--network: expected conv_lstm or lstm, got "gru"' --network gru
refuses 2 '--hidden: expected a whole number from 1 to 1000000000, got "0"' --hidden 0
refuses 2 '--minutes: expected a number from 0.001 to 1000000000, got "soon"' --minutes soon
refuses 2 '--seed: expected a value after it' --seed
refuses 2 'unknown option --hiden' --hiden 2
refuses 2 '--test-digits: expected --digits, too' --test-digits digits
refuses 1 'nothing.idx' --digits nothing.idx
"$program" --help | grep -q '^usage: moving_digits'
