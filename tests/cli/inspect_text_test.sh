#!/usr/bin/env bash
# What is said of a text, counted by hand.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# is KEY VALUE: the JSON in out has it.
is() {
  [ "$(number "$1" out)" = "$2" ] || fail "$1: $(number "$1" out) instead of $2"
}

# One character of two bytes, a tab, a CRLF, an empty line, and a last line without an end.
printf 'the c\303\244t\tthe\r\n\n x' >a.txt
expect 0 inspect a.txt --json
check_json out
is files 1
is bytes 17
is lines 3
is longest_line 14
is words 4
is different_words 3
is different_bytes 11
is characters 16
is different_characters 10
is bytes_not_utf8 0
expect 0 inspect a.txt
grep -qE '^encoding +UTF-8' out || fail "encoding"
grep -q "'the' 50.0%" out || fail "the most frequent word"

# Files add up, and a line ends with its file.
printf 'the end' >b.txt
expect 0 inspect a.txt b.txt --json
is files 2
is lines 4
is words 6
is different_words 4

# Each byte that belongs to no character counts as one, and the first five are named by their file.
printf 'ab\377\376c\303' >odd.txt
expect 0 inspect odd.txt --json
is characters 6
is different_characters 3
is bytes_not_utf8 3
is offset 2
printf '\377\377\377\377\377\377\377' >many.txt
expect 0 inspect b.txt many.txt --json
is bytes_not_utf8 7
[ "$(grep -o '"offset":' out | wc -l)" = 5 ] || fail "more or less than five places"
[ "$(grep -o '"file":"many.txt"' out | wc -l)" = 5 ] || fail "places in another file"
expect 0 inspect odd.txt
grep -q 'not UTF-8: 3 bytes' out || fail "encoding"

# Objects in one array are as lines of them, and a pipe is as a file.
printf '[\n {"t": 1, "x": 0.5},\n {"t": 2, "x": 1.5}\n]\n' >rows.json
expect 0 inspect rows.json
grep -q '^sequences  1 of 2 steps' out || fail "an array of objects is no series"
printf 'text,label\ngood,1\nbad,0\n' >short.csv
expect 0 inspect <(cat short.csv)
grep -q '^rows *2' out || fail "a pipe of texts is not read"
expect 0 inspect <(cat a.txt)
grep -q '^text ' out || fail "a pipe of plain text is not read"
printf '{"open": \n' >other.json
expect 0 inspect other.json
grep -q '^text ' out || fail "JSON of another kind is no text"
