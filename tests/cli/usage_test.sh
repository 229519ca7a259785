#!/usr/bin/env bash
# Wrong requests end with one clear line, the right exit code, and nothing written.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
: >empty.txt
: >-dash.txt
cp text.txt "$(printf 'text\xff.txt')"
mkdir folder
mkfifo pipe
printf 'text\0text' >binary.dat
printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' >one.txt
printf 'good\nbad \xff\xfe\n' >latin.txt
printf 'hidden = 8\nhiden = 9\n' >typo.toml
printf 'hidden = "many"\n' >type.toml
printf 'task = "lm"\nhidden = \n' >syntax.toml
printf 'hello' >no_model.recur
awk 'BEGIN { printf "a"; for (i = 0; i < 200000; ++i) printf ".a"; print " = 1" }' >dots.toml
ls >before

# 2: the request is wrong.
expect_error 2 "TASK is missing; the tasks are lm" train
expect_error 2 "unknown task 'ln'; did you mean 'lm'" train ln text.txt
expect_error 2 "DATA is missing" train lm
expect_error 2 "unknown command '?\[31mred'" "$(printf '\033[31mred')"
expect_error 2 "unknown command 'trian'; did you mean 'train'" trian
expect_error 2 "unknown option --frobnicate" --frobnicate
expect_error 2 "unknown option --hiden; did you mean '--hidden'" train lm text.txt --hiden 3
expect_error 2 "unknown option --hiden; did you mean '--hidden'" train lm text.txt --hiden=3
expect_error 2 "hiden.*did you mean 'hidden'" train lm text.txt --set hiden=3
expect_error 2 "typo.toml:2.*did you mean 'hidden'" train lm text.txt --config typo.toml
expect_error 2 "type.toml:1.*expected integer" train lm text.txt --config type.toml
expect_error 2 "dots.toml:1.*keys are not grouped" train lm text.txt --config dots.toml
expect_error 2 "syntax.toml:2" train text.txt --config syntax.toml
expect_error 2 "expected key=value" train lm text.txt --set hidden
expect_error 2 "\-\-hidden: expected integer" train lm text.txt --hidden many
expect_error 2 "\-\-hidden: expected integer" train lm text.txt --hidden -5
expect_error 2 "\-\-dropout: expected number in \[0, 1)" train lm text.txt --dropout 1
expect_error 2 "\-\-hidden: a value is missing" train lm text.txt --hidden
expect_error 2 "expected one of .*did you mean 'lstm'" train lm text.txt --cell lsmt
expect_error 2 "\-\-time: expected duration" train lm text.txt --time soon
expect_error 2 "\-\-precision: expected one of" train lm text.txt --precision f31
expect_error 2 "MODEL is missing" generate
expect_error 2 "MODEL is missing" evaluate
expect_error 2 "RUN is missing" resume
expect_error 2 "unexpected argument 'more'" generate no_such_model more
expect_error 2 "top_p\|top-p" generate no_such_model --top-p 2

# 1: it cannot be done.
expect_error 1 "missing.txt" train lm missing.txt
expect_error 1 "empty.txt is empty" train lm empty.txt
expect_error 1 "no text files" train lm folder
: >pipe &
expect_error 1 "pipe is empty" train lm pipe
expect_error 1 "\-dash.txt is empty" train lm --quiet -- -dash.txt
expect_error 1 "not UTF-8" train lm "$(printf 'text\xff.txt')" --steps 1 --hidden 2 --batch 1 --out never
expect_error 1 "binary.dat is not text" train lm binary.dat
expect_error 1 "latin.txt.*9" train lm latin.txt
expect_error 1 "two different symbols" train lm one.txt
expect_error 1 "missing.txt" train lm text.txt --valid missing.txt
expect_error 1 "missing.toml" train lm text.txt --config missing.toml
expect_error 1 "no_model.recur" generate no_model.recur
expect_error 1 "no_such_model" generate no_such_model
expect_error 1 "no_such_model" evaluate no_such_model text.txt
expect_error 1 "no_such_run" resume no_such_run
expect_error 1 "missing.csv" bench missing.csv
expect_error 1 "no such file" inspect missing.txt
expect_error 1 "binary.dat is not text" inspect binary.dat

rm -f out err
ls | grep -v '^before$' | diff - <(grep -v '^before$' before) || fail "something was left behind"

# Help is no error, names every command, and knows each option's default.
expect 0
cp out overview
for command in train evaluate predict generate inspect resume bench; do
  grep -q "recur $command" overview || fail "$command is not in the overview"
  expect 0 $command --help
  grep -q "^usage: recur $command" out || fail "recur $command --help shows no usage"
done
expect 0 --help
diff out overview || fail "--help differs from no arguments"
expect 0 train lm --help
grep -q -- '--hidden N .*(default [0-9]*)' out || fail "the default of --hidden is not in the help"
expect 0 train --help
tasks=$(sed -n '/^Tasks:/,/^$/s/^  *\([a-z]*\)  .*/\1/p' out)
[ "$(wc -w <<<"$tasks")" -gt 10 ] || fail "few tasks in the help of train: $tasks"
for task in $tasks; do
  expect 0 train "$task" --help
done
expect 0 --version
head -1 out | grep -qE '^recur [0-9]+\.[0-9]+\.[0-9]+$' || fail "no version"
# What it was built from and with: a commit of git or unknown, and which libraries it could do without are in.
grep -qE '^commit +([0-9a-f]{7,}(\+changes)?|unknown)$' out || fail "no commit"
grep -qE '^compiler +(g\+\+|clang) [0-9]+' out || fail "no compiler"
grep -qE '^kernels +(ref|cpu)' out || fail "no instruction set"
grep -qE '^libraries +fmt [0-9.]+, Highway [0-9.]+, .*CLI11 [0-9.]+$' out || fail "a library without its version"
grep -qE '^optional .*(no libpng|libpng [0-9.]+), (no libjpeg|libjpeg [0-9.]+)' out || fail "no optional libraries"
