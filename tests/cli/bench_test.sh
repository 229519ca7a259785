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
expect 0 bench shapes.csv --seconds 0 --recompute 2 --mode train --json
grep -q '"peak_bytes":[1-9]' out || fail "no memory of training"
expect 0 bench shapes.csv --seconds 0 --ragged --precision bf16
grep -qE '^recur-bf16,lstm,2,1,3,2,4,5,train,1,[0-9]+\.[0-9]+,[0-9.]+$' out || fail "row of unequal lengths in bf16"

# Layers that are no cells.
printf 'cell,layers,bidir,T,B,I,H\nmingru,1,0,3,2,4,5\nmlstm,1,1,3,2,4,6\n' >scans.csv
expect 0 bench scans.csv --seconds 0
[ "$(wc -l <out)" = 5 ] || fail "not a row for each shape and mode"
grep -qE '^recur,mingru,1,0,3,2,4,5,train,1,[0-9]+\.[0-9]+,[0-9.]+$' out || fail "row of mingru"

expect 0 bench --probe --seconds 0
[ "$(head -1 out)" = f32_gflops,bf16_gflops,l2_gb_per_s ] || fail "header of the probe"
tail -1 out | grep -qE '^[1-9][0-9.]*,[1-9][0-9.]*,[1-9][0-9.]*$' || fail "row of the probe"
expect 0 bench --probe --seconds 0 --json
check_json out

# Streaming: one step of B streams, with weights in three formats.
printf 'cell,layers,bidir,T,B,I,H\nlstm,2,0,9,2,4,5\ngru,1,0,1,1,3,20\n' >steps.csv
for precision in f32 bf16 int8; do
  expect 0 bench steps.csv --seconds 0 --mode step --precision $precision
  [ "$(wc -l <out)" = 3 ] || fail "not a row for each shape"
  grep -qE '^recur(-[a-z0-9]+)?,lstm,2,0,1,2,4,5,step,1,[0-9]+\.[0-9]+,[0-9.]+$' out || fail "row of step"
done
expect_error 2 "int8: expected --mode step" bench steps.csv --precision int8
expect_error 1 "bidirectional" bench shapes.csv --mode step

printf 'cell,T\n' >header.csv
expect_error 1 "header.csv:1: expected the header" bench header.csv
printf 'cell,layers,bidir,T,B,I,H\nlstm,1,0,3,2,4,0\n' >zero.csv
expect_error 1 "zero.csv:2: column 7" bench zero.csv
printf 'cell,layers,bidir,T,B,I,H\nlstn,1,0,3,2,4,5\n' >cell.csv
expect_error 2 "lstm" bench cell.csv
