#!/usr/bin/env bash
# Rows of predictions as CSV and as JSON: cells that must be quoted, and numbers that read as what they are.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

printf 'a X\nb Y\n\nb Y\na X\n\n' >train.conll
expect 0 train tag train.conll --hidden 2 --set embedding=2 --set characters=none --epochs 1 --out run

# Tokens between tabs, which may hold what CSV has a meaning for.
printf 'a,b\tX\n"q"\tX\nplain\tY\n\nx y\tX\n\n' >new.conll
expect 0 predict run new.conll
cp out rows.csv
[ "$(sed -n 1p rows.csv)" = 'sentence,position,token,tag,probability' ] || fail "the header"
sed -n 2p rows.csv | grep -q '^1,1,"a,b",' || fail "a comma is not quoted"
sed -n 3p rows.csv | grep -q '^1,2,"""q""",' || fail "quotes are not doubled"
sed -n 4p rows.csv | grep -q '^1,3,plain,' || fail "a plain cell is quoted"
sed -n 5p rows.csv | grep -q '^2,1,x y,' || fail "a blank needs no quotes"
[ "$(wc -l <rows.csv)" = 5 ] || fail "a row a token"
grep -q "$(printf '\r')" rows.csv && fail "lines end with more than a line feed"

# The same as objects, a line each, with the same numbers.
expect 0 predict run new.conll --json
cp out rows.json
check_json rows.json
[ "$(wc -l <rows.json)" = 4 ] || fail "an object a token"
grep -q '"token":"a,b"' rows.json || fail "a comma in JSON"
grep -q '"token":"\\"q\\""' rows.json || fail "quotes in JSON"
head -1 rows.json | grep -qE '^\{"sentence":1,"position":1,"token":' || fail "the order of keys"
csv=$(sed -n 4p rows.csv | sed 's/.*,//')
json=$(sed -n 3p rows.json | grep -oE '"probability":[0-9.e+-]+' | sed 's/.*://')
[ "$csv" = "$json" ] || fail "probability: $csv in CSV, $json in JSON"
above "$csv" 0
below "$csv" 1

# The same into a file.
expect 0 predict run new.conll --out saved.csv
cmp -s saved.csv rows.csv || fail "--out holds other rows"
