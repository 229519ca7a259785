#!/usr/bin/env bash
# The commands that a page shows run as they stand there, and print what it shows, whatever the numbers.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

docs=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs" && pwd)
PATH=$(dirname "$RECUR"):$PATH

# split PAGE: its commands, which stand behind "$ ", into the file commands and the lines below them into shown.
split() {
  local line command="" inside="" output=""
  : >commands
  : >shown
  while IFS= read -r line; do
    if [[ $line == '```'* ]]; then
      inside=$([ -n "$inside" ] || echo yes)
      output=""
    elif [ -n "$command" ]; then
      command+=$'\n'$line
    elif [ -n "$inside" ] && [[ $line == '$ '* ]]; then
      command=${line:2}
    elif [ -n "$output" ]; then
      echo "$line" >>shown
    fi
    if [ -n "$command" ] && [[ $command != *\\ ]] && bash -n <<<"$command" 2>/dev/null; then
      echo "$command" >>commands
      command=""
      output=yes
    fi
  done <"$1"
}

# Numbers differ between processors in their last digits, so that only where they stand is compared.
mask() {
  sed -E 's/ +\.\.\.$//; s/-?[0-9]+(,[0-9]{3})*(\.[0-9]+)?(e-?[0-9]+)?/#/g; s/ +/ /g; /^\.\.\.$/d; /^$/d' "$1"
}

for page in classify tag diagnose forecast detect translate transcribe synthesize recognize caption denoise explain import export adapt; do
  rm -rf "$page"
  mkdir "$page"
  cd "$page"
  split "$docs/$page.md"
  [ -s commands ] || fail "docs/$page.md shows no command"
  [ -s shown ] || fail "docs/$page.md shows no output"
  bash -e commands >out 2>err || fail "docs/$page.md: a command failed"
  ! grep -qv '^recur: note: ' err || fail "docs/$page.md: something but notes on the standard error output"
  mask out >printed
  mask shown | while IFS= read -r line; do
    grep -qE "^$(sed 's/[][\.*^$(){}?+|]/\\&/g' <<<"$line")( .*)?$" printed || fail "docs/$page.md: nothing printed looks like: $line"
  done
  cd ..
done
