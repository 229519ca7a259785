#!/usr/bin/env bash
# The demo runs through on a text of one's own and shows the three losses.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
DEMO_TIME=2 DEMO_RUN=$PWD/run bash "$(dirname "${BASH_SOURCE[0]}")/../../tools/demo.sh" text.txt >out 2>err || fail "the demo failed"
for name in unigram 5-gram LSTM; do
  grep -q "^  $name  *[0-9]" out || fail "no loss of $name"
done
grep -q 'abc abc abd' out || fail "it has not learnt to write"
