#!/usr/bin/env bash
# recur audit: decisions of anybody in a table, and those of a model on its data.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

cat >decisions.csv <<'CSV'
name,sex,age,y,score
a,f,20,1,0.9
b,f,30,0,0.8
c,f,50,0,0.2
d,m,20,1,0.4
e,m,30,1,0.7
f,m,50,0,0.1
CSV
expect 0 audit decisions.csv --groups sex --label y --score score --samples 0 --privileged sex=m
grep -q '^selection_rate *0.6667 *0.3333 *0.5000$' out || fail "rates"
grep -q '^disparate_impact *aif360 *2.0000$' out || fail "gaps"
grep -q "'f' has 3 records: its rates say little" err || fail "no note of few records"
expect 0 audit decisions.csv --groups sex,age --bands age=40 --label y --score score --json
check_json out
expect 0 audit decisions.csv --groups sex --label y --score score --out figures.csv --quiet
[ -s err ] && fail "not quiet"
[ "$(head -1 figures.csv)" = "grouping,group,measure,definition,value,low,high,records" ] || fail "header"
grep -q '^sex,f,false_positive_rate,,0.5,' figures.csv || fail "figures"

expect_error 2 "there is no column 'race'" audit decisions.csv --groups race --label y --score score
expect_error 1 "expected a number to put into bands" audit decisions.csv --groups sex --bands sex=1 --score score
expect_error 2 "bands puts numbers together" audit <(awk 'BEGIN { print "g,p"; for (i = 0; i < 99; ++i) print i "," i % 2 }') \
  --groups g --prediction p
expect_error 2 "is read by this command" audit decisions.csv --groups sex --label y --score score --out decisions.csv
expect_error 1 "No such file" audit missing.csv --groups sex --score s

# A model, with groups by id from the data themselves and from a table of its own.
awk 'BEGIN {
  srand(3)
  print "id,t,x,place,class"
  for (i = 0; i < 60; ++i) for (t = 0; t < 6; ++t)
    printf "s%d,%d,%.3f,%d,%d\n", i, t, i % 2 + 0.8 * rand(), i % 3, i % 2
}' >train.csv
expect 0 train classify train.csv --hidden 8 --valid 0.2 --steps 60 --label-column class --out run
expect 0 audit run train.csv --groups place
grep -q 'groups are joined by id' err || fail "how they are joined"
grep -q '^by place$' out || fail "no table"
awk -F, 'NR > 1 && $2 == 0 { print $1 "," ($4 == 1 ? "old" : "young") }' train.csv | sed '1i id,band' >bands.csv
expect 0 audit run train.csv --groups band --groups-file bands.csv --threshold 0.4
grep -q "probability is 0.4 or more" err || fail "the threshold is not said"
sed 's/^s/z/' bands.csv >other.csv
expect_error 1 "none of the ids of the data is there" audit run train.csv --groups band --groups-file other.csv
expect_error 2 "a model decides by itself" audit run train.csv --groups place --score x
expect_error 2 "DATA is missing" audit run --groups place
