#!/usr/bin/env bash
# Completion of commands, tasks, options, their values and files: run in bash, and in fish where it is installed; the
# script of zsh is read where that is.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect 0 docs completion bash
cp out recur.bash
expect_error 2 "one of bash zsh fish, got 'tcsh'" docs completion tcsh
expect_error 2 "KIND: expected one of options, man, completion" docs manual
mkdir runs
: >text.txt
# shellcheck source=/dev/null
source ./recur.bash

# completes WORD...: what bash offers for the last word, in a line. = stands alone, as bash cuts words at it.
completes() {
  COMP_WORDS=(recur "$@") COMP_CWORD=$#
  _recur
  echo "${COMPREPLY[*]}"
}
# is EXPECTED WORD...
is() {
  local expected=$1 got
  shift
  got=$(completes "$@" 2>/dev/null)
  [ "$got" = "$expected" ] || fail "recur $*: completed by '$got' instead of '$expected'"
}
# has WORD... : the last is among what completes those before
has() {
  local got=" $(completes "${@:1:$#-1}" 2>/dev/null) "
  [[ $got == *" ${!#} "* ]] || fail "recur ${*:1:$#-1}: '${!#}' is not among '$got'"
}
has_not() {
  if (has "$@") 2>/dev/null; then fail "recur ${*:1:$#-1}: '${!#}' is offered"; fi
}

is "train" tr
has "" predict
has "" --version
is "lm" train l
is "evaluate explain export" help e
is "--hidden" train lm --hid
is "--bias" train lm --bia
is "--no-bias" train lm --no-bia
is "--horizon" train forecast --horizo
is "" train lm --horizo
has train --lr-f --lr-floor
is "gru gru_reset_before" train lm --cell gru
is "gru gru_reset_before" train lm --cell = gru
is "bf16" train lm text.txt --precision b
is "" train lm --hidden ""
is "lstm,gru lstm,gru_reset_before" train lm --cells lstm,gru
is "hidden=" train lm --set hidd
is "gru gru_reset_before" train lm --set cell = gru
has_not train lm --set "" out=
is "text.txt" train lm te
is "runs" evaluate ru
is "runs" generate ru
is "text.txt" train lm --valid te
is "onnx" export text.txt --to on
is "encoder" export text.txt --part e
is "completion" docs c
is "zsh" docs completion z
has evaluate text.txt "" text.txt
has predict -- --json
has predict lm -- --eval-batch
has_not predict tag -- --no-such

# Nothing of what is declared is forgotten: every flag of every help is offered.
for command in train evaluate predict generate explain audit report inspect quantize export import resume bench docs; do
  "$RECUR" "$command" --help >help
  for flag in $(sed -n 's/^  \(--[a-z0-9-]*\) .*/\1/p' help); do
    has "$command" -- "$flag"
  done
done

for shell in zsh fish; do
  expect 0 docs completion "$shell"
  cp out "recur.$shell"
  if command -v "$shell" >/dev/null; then
    "$shell" -n "recur.$shell" || fail "$shell cannot read its completion"
  else
    echo "NOT TESTED: completion of $shell, which is not installed"
  fi
done
if command -v fish >/dev/null; then
  # offers WORDS EXPECTED: the first column of what fish offers.
  offers() {
    local got
    got=$(HOME=$PWD fish --no-config -c "source recur.fish; complete -C '$1'" | cut -f 1 | sort | xargs)
    [ "$got" = "$2" ] || fail "fish: '$1' is completed by '$got' instead of '$2'"
  }
  offers 'recur tr' train
  offers 'recur train l' lm
  offers 'recur train lm --hid' --hidden
  offers 'recur train lm --horizo' ''
  offers 'recur train forecast --horizo' --horizon
  offers 'recur train lm --cell gru' 'gru gru_reset_before'
  offers 'recur train lm --cells lstm,gru' 'lstm,gru lstm,gru_reset_before'
  offers 'recur docs completion z' zsh
  offers 'recur export text.txt --to on' onnx
fi
