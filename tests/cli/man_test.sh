#!/usr/bin/env bash
# Man pages: one of the program and one of each command, with every option of its help, and no complaint of man.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

expect_error 2 "\-\-out FOLDER is missing" docs man
expect_error 2 "expected YYYY-MM-DD, got 'today'" docs man --out man --date today
expect 0 docs man --out man --date 2026-01-31
grep -q '^\.TH RECUR 1 "2026-01-31" "recur [0-9.]*"' man/recur.1 || fail "no heading"

"$RECUR" | sed -n 's/^  recur \([a-z]*\) .*/\1/p' | sort -u >commands
for command in $(cat commands); do
  grep -q "^\\\\fB$command" man/recur.1 || fail "$command is not in recur.1"
  "$RECUR" "$command" --help | sed -n 's/^  --\([a-z0-9-]*\) .*/\1/p' | while read -r flag; do
    grep -qF "\\fB\\-\\-${flag//-/\\-}\\fR" "man/recur-$command.1" || fail "--$flag is not in recur-$command.1"
  done
done
# What tasks have beside the common options stands under their names.
awk '/^\.SS forecast/ { on = 1; next } /^\.SS/ { on = 0 } on' man/recur-train.1 | grep -F 'horizon' >/dev/null ||
  fail "--horizon is not among the options of forecast"
awk '/^\.SH OPTIONS$/ { on = 1; next } /^\.SH/ { on = 0 } on' man/recur-train.1 >common
! grep -qF 'horizon' common || fail "--horizon is among the options of all tasks"
[ "$(ls man | wc -l)" = $(($(wc -l <commands) + 1)) ] || fail "a page too many or too few"

if command -v mandoc >/dev/null; then
  mandoc -T lint -W warning man/*.1 >lint || { cp lint out; fail "mandoc complains"; }
else
  echo "NOT TESTED: man pages by mandoc, which is not installed"
fi
if command -v groff >/dev/null; then
  for page in man/*.1; do
    groff -man -Tutf8 -ww -z "$page" 2>warnings
    [ ! -s warnings ] || { cp warnings out; fail "groff complains of $page"; }
  done
else
  echo "NOT TESTED: man pages by groff, which is not installed"
fi
