#!/usr/bin/env bash
# On short sequences an LSTM solves the adding problem within seconds; the plot is written; wrong usage is told.
set -euo pipefail
program=$EXAMPLES/adding_problem

"$program" --cell lstm --length 10 --steps 3000 --plot lstm.svg >out
grep -q '^| LSTM | 1 | 10 | .* | yes |$' out
grep -q '</svg>' lstm.svg

# Too few steps: said in the table and by the exit code. A tanh network need not solve it.
code=0; "$program" --cell lstm --length 10 --steps 2 --plot short.svg >out || code=$?
[ $code = 1 ]
grep -q '| no |$' out
"$program" --cell rnn --length 10 --steps 2 --plot short.svg >out

# refuses EXPECTED ARGUMENT...
refuses() {
  local expected=$1 code=0
  shift
  "$program" "$@" >out 2>err || code=$?
  [ $code = 2 ] && grep -qF -- "$expected" err || { echo "adding_problem $*: exit code $code"; cat err; exit 1; }
}
refuses '--cell: expected lstm, rg_lru, rnn_relu or rnn, got "gru"' --cell gru
refuses '--length: expected a whole number from 2 to 1000000000, got "1"' --length 1
refuses '--steps: expected a whole number from 1 to 1000000000, got "many"' --steps many
refuses '--seed: expected a value after it' --seed
refuses 'unknown option --lenght' --lenght 20
"$program" --help | grep -q '^usage: adding_problem'
