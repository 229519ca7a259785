#!/usr/bin/env bash
# evaluate takes data from the standard input for -, of every task and kind of file, and says what it says of the file.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"
golden=$(dirname "${BASH_SOURCE[0]}")/../golden/v0.1

for pair in lm:lm.txt classify_text:classify_text.tsv classify_series:classify_series.csv tag:tag.conll \
  detect:detect.csv forecast:forecast.csv diagnose:diagnose.csv; do
  model=$golden/${pair%%:*}.recur data=$golden/data/${pair##*:}
  expect 0 evaluate "$model" "$data" --json --examples rows.csv
  mv out of_file
  mv rows.csv rows_of_file.csv
  "$RECUR" evaluate "$model" - --json --examples rows.csv <"$data" >out 2>err || fail "$pair from a file"
  cmp out of_file || fail "$pair: other metrics from the standard input"
  cmp rows.csv rows_of_file.csv || fail "$pair: other rows from the standard input"
  [ "$(wc -l <rows.csv)" -gt 3 ] || fail "$pair: no rows"
  [ "${pair%%:*}" != lm ] || continue # plain text must come unpacked
  gzip -c "$data" | "$RECUR" evaluate "$model" - --json >out 2>err || fail "$pair from a pipe, packed"
  cmp out of_file || fail "$pair: other metrics from a pipe"
done

cat "$golden/data/lm.txt" | "$RECUR" evaluate "$golden/lm.recur" - --json >out 2>err || fail "text from a pipe"
grep -q '"task":"lm","examples":1029,' out || fail "not all of the text from a pipe"
gzip -c "$golden/data/lm.txt" | "$RECUR" evaluate "$golden/lm.recur" - >out 2>err && fail "packed text was taken"
grep -q 'standard input is not text: it is compressed' err || fail "the error does not say that it is packed"

"$RECUR" evaluate "$golden/tag.recur" - </dev/null >out 2>err && fail "nothing was taken for data"
grep -q '^recur: error: standard input' err || fail "the error does not name the standard input"
printf '\nwe ODD\nsaw ODD\n' | "$RECUR" evaluate "$golden/tag.recur" - >out 2>err && fail "tags of another kind were taken"
grep -q '^recur: error: standard input:2' err || fail "the error does not name the line"
