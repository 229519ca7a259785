#!/usr/bin/env bash
# The rows of bench are those of the other systems' programs.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

printf 'cell,layers,bidir,T,B,I,H\nlstm,2,1,3,2,4,5\ngru,1,0,2,1,3,4\nrnn,1,0,1,1,2,3\n' >shapes.csv
expect 0 bench shapes.csv --seconds 0
[ "$(head -1 out)" = peer,cell,layers,bidir,T,B,I,H,mode,threads,median_us,gflops ] || fail "header"
[ "$(wc -l <out)" = 7 ] || fail "not a row for each shape and mode"
grep -qE '^recur,lstm,2,1,3,2,4,5,infer,1,[0-9]+\.[0-9]+,[0-9.]+$' out || fail "row of infer"
grep -qE '^recur,gru,1,0,2,1,3,4,train,1,[0-9]+\.[0-9]+,[0-9.]+$' out || fail "row of train"
expect 0 bench shapes.csv --seconds 0 --mode train --json
check_json out
[ "$(wc -l <out)" = 3 ] || fail "not a row for each shape"

printf 'cell,T\n' >header.csv
expect_error 1 "header.csv:1: expected the header" bench header.csv
printf 'cell,layers,bidir,T,B,I,H\nlstm,1,0,3,2,4,0\n' >zero.csv
expect_error 1 "zero.csv:2: column 7" bench zero.csv
printf 'cell,layers,bidir,T,B,I,H\nlstn,1,0,3,2,4,5\n' >cell.csv
expect_error 2 "lstm" bench cell.csv
