#!/usr/bin/env bash
# Tables as people have them: codes, dates, marks, zones, labels and levels come out as they went in, or are refused.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# has FILE PATTERN
has() {
  grep -qE -- "$2" "$1" || fail "no '$2' in $1"
}

# values COUNT TIME: a table of a week; TIME is the awk expression of a row's time.
values() {
  awk -v count="$1" 'BEGIN { print "time,y"; for (t = 0; t < count; ++t) printf "%s,%.3f\n", '"$2"', 50 + 10 * sin(t * 0.8976) }'
}
small=(--horizon 7 --context 14 --season 7 --hidden 4 --steps 2 --quiet)

# Compact dates are dates, and forecasts go on with the next.
values 60 'sprintf("%d%02d", 2000 + int(t / 12), t % 12 + 1)' >months.csv
expect 0 inspect months.csv
has out 'such as 200001, are taken for dates \(%Y%m\)'
expect 0 train forecast months.csv "${small[@]}" --out months
expect 0 predict months months.csv
has out '^1,1,2005-01-01,'

# A model of monthly steps takes no hourly data.
values 60 'sprintf("2020-01-%02d %d:00", 1 + int(t / 24), t % 24)' >hours.csv
expect 0 inspect hours.csv
has out '2020-01-01 to 2020-01-03 11:00:00, hourly'
expect_error 1 "its steps are hourly, but those of the model's training data were monthly" predict months hours.csv

# Zones are kept.
values 60 'sprintf("2020-01-%02dT%02d:00+02:00", 1 + int(t / 24), t % 24)' >zones.csv
expect 0 train forecast zones.csv "${small[@]}" --out zones
expect 0 predict zones zones.csv
has out '^1,1,2020-01-03 12:00:00\+02:00,'

# A stated format must fit.
values 60 'sprintf("%02d/%02d/2020 12:00 AM", 1 + int(t / 28), t % 28 + 1)' >us.csv
expect 0 inspect us.csv --time-format '%m/%d/%Y %I:%M %p'
has out '2020-01-01 to 2020-03-04, daily'
expect_error 2 "does not fit '01/13/2020 12:00 AM' in row 13" inspect us.csv --time-format '%d/%m/%Y %I:%M %p'
expect_error 2 'unknown directive %u' train forecast us.csv --time-format '%m/%d/%u' --out bad

# High values keep their digits: the forecast is within the week, and errors are those of its steps.
awk 'BEGIN { print "time,y"; for (t = 0; t < 120; ++t) printf "%d,%.4f\n", t, 100000000 + sin(t * 0.8976) }' >meter.csv
expect 0 inspect meter.csv
has out "channel 'y' is stored minus 100000000"
has out '^y  *value  *99999999\.'
expect 0 train forecast meter.csv "${small[@]}" --steps 150 --hidden 16 --lr 0.01 --valid 0.1 --out meter
expect 0 predict meter meter.csv
awk -F, 'NR > 1 && ($4 < 99999998 || $4 > 100000002) { exit 1 }' out || fail "predict: forecasts far off the values"
[ "$(awk -F, 'NR > 1 { print $4 }' out | sort -u | wc -l)" -gt 3 ] || fail "predict: the digits are lost"
expect 0 evaluate meter meter.csv --json
below "$(number rmse out)" 2
below "$(number smape out)" 0.001

# Counts are not below 0, and fractions are noted.
awk 'BEGIN { print "t,y"; for (t = 0; t < 60; ++t) print t "," (t == 12 ? -1 : t % 7) }' >below.csv
counts=(--decoder autoregressive --head negative_binomial --horizon 3 --context 6 --hidden 4 --steps 2 --quiet)
expect_error 1 "below.csv:2: step 13 (12) of series '1': expected a count of 0 or more with head = negative_binomial, got -1" \
  train forecast below.csv "${counts[@]}" --out counts
sed 's/,-1$/,1.5/' below.csv >fractions.csv
expect 0 train forecast fractions.csv "${counts[@]}" --out counts

# Decimal commas, True and False, ids in two columns.
{
  echo 'day;shop;item;sold;promo'
  awk 'BEGIN { for (s = 0; s < 2; ++s) for (i = 0; i < 2; ++i) for (t = 1; t <= 30; ++t)
    printf "%d;s%d;i%d;%d,%d;%s\n", t, s, i, 10 + t % 7, t % 10, t % 5 ? "False" : "True" }'
} >shops.csv
expect 0 inspect shops.csv
has out "decimals after the comma"
expect 0 train forecast shops.csv --id-column shop,item --time-column day --value-columns sold --past-columns promo \
  "${small[@]}" --out shops
expect 0 predict shops shops.csv
has out '^s1/i0,1,31,'
rm -r months zones meter counts shops

# Codes are classes as they stand, and ids come back as they are.
awk 'BEGIN { print "id,t,x,label"; for (i = 0; i < 12; ++i) for (t = 0; t < 5; ++t)
  print "00" i "," t "," sin(t * (i % 3 + 1)) "," (i % 3 == 0 ? "00501" : i % 3 == 1 ? "501" : "1E5") }' >codes.csv
expect 0 train classify codes.csv --hidden 4 --steps 2 --quiet --out codes
expect 0 predict codes codes.csv
[ "$(head -1 out)" = 'id,label,probability,p.00501,p.501,p.1E5' ] || fail "classes: $(head -1 out)"
has out '^0011,'
printf '{"id": "007", "x": [0, NaN, 1.5]}\n{"id": "NA", "x": [1, 2, 3]}\n' >ids.jsonl
printf 'id,label\n007,a\nNA,b\n' >ids.csv
expect 0 inspect ids.jsonl --labels-file ids.csv
has out 'label: 2 classes: a 50.0%  b 50.0%'

# @targetLabel announces values.
awk 'BEGIN { print "@targetlabel true\n@data"; for (i = 0; i < 12; ++i) print i ",1,2,3:" i % 3 }' >targets.ts
expect 0 train classify targets.ts --hidden 4 --steps 2 --quiet --out targets
expect 0 evaluate targets targets.ts --json
has out '"rmse"'

# A column of anomalies is no channel.
awk 'BEGIN { print ",time,x,is_anomaly"; for (t = 0; t < 200; ++t)
  print t ",2020-01-01 " int(t / 60) ":" sprintf("%02d", t % 60) "," sin(t) "," (t == 150) }' >faults.csv
expect 0 inspect faults.csv
has out "column '#1' is left out: it counts the rows"
expect 0 train detect faults.csv --hidden 4 --steps 2 --quiet --out faults
expect 0 inspect faults
has out '^channels  *1$'
expect 0 evaluate faults faults.csv --json
has out '"auc"'
rm -r codes targets faults

# Latin-1 is read with a note, and the model can be saved.
printf 't,Temp \xb0C\n' >latin1.csv
awk 'BEGIN { for (t = 0; t < 100; ++t) print t "," sin(t) }' >>latin1.csv
expect 0 inspect latin1.csv
has out '1 line is not UTF-8 and was read as Latin-1'
expect 0 train detect latin1.csv --hidden 4 --steps 2 --quiet --out latin1

# Files of other programs, empty axes, sentinels, huge cells.
printf 'PAR1\x15\x00\x15' >frame.parquet
expect_error 1 'this is a Parquet file; save it as CSV' inspect frame.parquet
printf '\x00\x00\x0c\x02\x7f\xff\xff\xff\x00\x00\x00\x00' >empty.idx
expect_error 1 'an axis of the array is empty' inspect empty.idx
printf 't,x\n1,5\n2,-3.4e38\n3,6\n' >sentinel.csv
expect_error 1 "sentinel.csv:3: column 2 ('x'): '-3.4e38' is beyond the range" inspect sentinel.csv
expect 0 inspect sentinel.csv --missing -3.4e38
has out '33.3%'
{
  printf 'a,b\n'
  head -c 1000000 /dev/zero | tr '\0' x
  printf ',y\n'
} >huge.csv
expect_error 2 'no column of numbers' inspect huge.csv --layout long
[ "$(wc -c <err)" -lt 500 ] || fail "a huge cell is printed"
expect 0 inspect huge.csv # as texts, since it has no number
[ "$(wc -c <out)" -lt 500 ] || fail "a huge cell is printed"

# Pipes, CR line ends, tables whatever they are called.
expect 0 inspect <(printf 't,x\n1,2\n2,3\n')
has out '^sequences  1 of 2 steps'
printf 't,x\r1,2\r2,3\r3,4\r' >old.txt
expect 0 inspect old.txt
has out '^time +t: 1 to 3, every 1'
