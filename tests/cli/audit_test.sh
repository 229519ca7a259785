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
grep -q "'f' has 3 records: its rates are unreliable" err || fail "no note of few records"
expect 0 audit decisions.csv --groups sex,age --bands age=40 --label y --score score --json
check_json out
expect 0 audit decisions.csv --groups sex --label y --score score --out figures.csv --quiet
[ -s err ] && fail "not quiet"
[ "$(head -1 figures.csv)" = "grouping,group,measure,definition,value,low,high,records" ] || fail "header"
grep -q '^sex,f,false_positive_rate,,0.5,' figures.csv || fail "figures"

expect_error 2 "there is no column 'race'" audit decisions.csv --groups race --label y --score score
expect_error 1 "expected a number to put into bands" audit decisions.csv --groups sex --bands sex=1 --score score
expect_error 2 "bands groups numbers" audit <(awk 'BEGIN { print "g,p"; for (i = 0; i < 99; ++i) print i "," i % 2 }') \
  --groups g --prediction p
expect_error 2 "which this command reads" audit decisions.csv --groups sex --label y --score score --out decisions.csv
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
expect_error 1 "got none of them" audit run train.csv --groups band --groups-file other.csv
expect_error 2 "they do not apply to a model" audit run train.csv --groups place --score x
expect_error 2 "DATA is missing" audit run --groups place

# Training that treats groups alike, and thresholds by group. The label hangs on a word, and on the group, which another
# word gives away.
biased() {
  awk -v seed="$1" 'BEGIN {
    srand(seed)
    print "text,sex,hired"
    for (i = 0; i < 400; ++i) {
      f = rand() < 0.4
      skilled = rand() < 0.5
      hired = rand() < (skilled ? 0.8 : 0.2) * (f ? 0.5 : 1)
      print (skilled ? "able" : "idle") (f ? " she" : " he") "," (f ? "f" : "m") "," (hired ? "yes" : "no")
    }
  }'
}
biased 1 >hired.csv
biased 2 >later.csv
# gap MODEL: how much more often one group is chosen than the other, from a probability of 0.4 on.
gap() {
  "$RECUR" audit "$1" later.csv --groups sex --threshold 0.4 --samples 0 --json 2>err >out || fail "audit $1"
  grep -o '\["sex","","demographic_parity_difference","fairlearn",[0-9.]*' out | grep -o '[0-9.]*$'
}
train=(train classify hired.csv --label-column hired --text-column text --hidden 8 --steps 150 --lr 0.01 --set min_count=1)
expect 0 "${train[@]}" --ngrams 0 --out plain
above "$(gap plain)" 0.2
for kind in reweighing balanced group-dro parity; do
  options=(--mitigate $kind --groups sex)
  [ $kind = parity ] && options+=(--mitigate-strength 5)
  expect 0 "${train[@]}" --ngrams 0 "${options[@]}" --out $kind
  grep -q "mitigation: $kind by sex: f ([0-9]*), m ([0-9]*)" err || fail "$kind is not said"
  gap $kind >gap.$kind
done
below "$(cat gap.reweighing)" 0.15
below "$(cat gap.parity)" 0.15
expect 0 inspect parity
grep -q '^mitigation  *parity by sex$' out || fail "inspect does not say what was done"
expect 0 "${train[@]}" --ngrams 0 --mitigate group-dro --groups sex --steps 100 --set schedule=constant --out part
expect 0 resume part --steps 150
expect 0 "${train[@]}" --ngrams 0 --mitigate group-dro --groups sex --set schedule=constant --out whole
cmp part/model.recur whole/model.recur || fail "the weights of the groups are lost when a run goes on"
expect_error 2 "groups: expected together with mitigate" "${train[@]}" --groups sex --out none
expect_error 2 "which this path does not support" "${train[@]}" --ngrams 4096 --mitigate parity --groups sex --out none
expect_error 2 "there is no column 'race'" "${train[@]}" --mitigate reweighing --groups race --out none

expect 0 audit plain hired.csv --groups sex --samples 0 --equalize --model-out fair.recur
grep -q 'every group has true positive rate' err || fail "the rates are not said"
expect 0 inspect fair.recur
grep -q "^thresholds  *of 'yes' by sex, with equal odds" out || fail "inspect: no thresholds"
expect 0 predict fair.recur later.csv
[ "$(head -1 out)" = 'id,label,probability,p.no,p.yes,decision' ] || fail "predict: no decision"
cp out first
expect 0 predict fair.recur later.csv
cmp out first || fail "decisions differ from time to time"
expect 0 audit fair.recur later.csv --groups sex --samples 0
grep -q 'thresholds of its group say so' err || fail "the audit does not say who decides"
cut -d, -f1 later.csv >no_group.csv
expect_error 2 "there is no column 'sex', by which the model decides: set decision_groups" predict fair.recur no_group.csv --quiet
sed 's/,f,/,x,/' later.csv >other_group.csv
expect_error 1 "no threshold for the group 'x'" predict fair.recur other_group.csv --quiet
expect_error 2 "--model-out FILE must be given together" audit plain hired.csv --groups sex --equalize
expect_error 2 "expected a model" audit decisions.csv --groups sex --score score --equalize --model-out no.recur
# Groups of a table of their own, for the thresholds too.
awk -F, 'NR > 1 { print NR - 1 "," $2 }' later.csv | sed '1i id,sex' >sexes.csv
cut -d, -f1,3 later.csv >apart.csv
expect 0 audit plain apart.csv --groups sex --groups-file sexes.csv --samples 0 --equalize --model-out apart.recur
grep -q sexes.csv apart.recur && fail "the model keeps a path"
expect_error 2 "set decision_groups" predict apart.recur apart.csv --quiet
expect 0 predict apart.recur apart.csv --decision-groups sexes.csv --quiet

# Only models that warn early decide before the end of a record.
expect_error 2 "times: expected a model of records" audit decisions.csv --groups sex --score score --times 3
expect_error 2 "times: expected rising numbers above 0, got '2' after 3" audit plain later.csv --groups sex --times 3,2
expect_error 2 "times: thresholds by group (equalize) are for the end" audit plain later.csv --groups sex --times 3 \
  --equalize --model-out times.recur
[ -e times.recur ] && fail "a model was written before the refusal"
expect_error 2 "times: expected a model that warns early" audit plain later.csv --groups sex --times 3 --quiet

# Terms that change places: the model has learnt what "she" gives away.
printf '# people\nhe,she\nable\tidle\nking,queen\n' >pairs.csv
expect 0 audit plain later.csv --swap pairs.csv --out moved.csv
grep -q '400 of 400 texts have a term' err || fail "swap: how many texts is not said"
grep -q 'no text has a term of king / queen' err || fail "swap: the terms that are nowhere are not said"
grep -q '^he / she  *400 ' out || fail "swap: no row of a pair"
grep -q '^the texts that move furthest$' out || fail "swap: no texts"
[ "$(head -1 moved.csv)" = "pair,measure,value,low,high,texts" ] || fail "swap: header"
expect 0 audit plain later.csv --swap <(echo he,she) --json --quiet
check_json out
[ -s err ] && fail "swap: not quiet"
below "$(grep -o '"mean_difference",-[0-9.]*' out | head -1 | grep -o -- '-.*')" -0.02
echo he >pairs.bad
expect_error 1 "pairs.bad:1: expected two terms" audit plain later.csv --swap pairs.bad --quiet
echo xyzzy,plugh >pairs.none
expect_error 1 "none of 400 texts has one of the terms" audit plain later.csv --swap pairs.none --quiet
expect_error 2 "expected one of both" audit plain later.csv --swap pairs.csv --groups sex
expect_error 2 "swap: expected a model" audit decisions.csv --swap pairs.csv
expect_error 2 "expected texts, got series" audit run train.csv --swap pairs.csv --quiet
expect_error 2 "would overwrite" audit plain later.csv --swap pairs.csv --out pairs.csv
