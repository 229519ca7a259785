#!/usr/bin/env bash
# Inspects data of every kind: what it says of them agrees with how they were made.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# holds PATTERN: the output has it.
holds() {
  grep -qE -- "$1" out || fail "no '$1' in the output"
}

printf 'date,x,wind\n2020-01-01,1,N\n2020-01-02,NA,S\n2020-01-04,3,N\n' >long.csv
expect 0 inspect long.csv
holds '^layout +long'
holds '^sequences +1 of 3 steps'
holds 'date: 2020-01-01 to 2020-01-04, .*' # two distances, each once: no step is shared by most
holds '^x +value +1 +2 +3 +33.3%'
holds 'column wind is left out: it is text'
expect 0 inspect long.csv --json
[ "$(number steps out)" = 3 ] || fail "steps"
holds '"kind":"series"'
holds '"time":"date"'

{
  echo 'clip,activity'
  for clip in 1 2 3; do echo "$clip,$([ $clip = 2 ] && echo run || echo walk)"; done
} >index.csv
printf '1,0,5\n1,1,6\n2,0,7\n3,0,8\n3,1,9\n' >clips.csv
gzip -k clips.csv
expect 0 inspect clips.csv.gz --id-column '#1' --time-column '#2' --labels-file index.csv --label-column activity
holds '^sequences +3 of 1 to 2 steps \(median 2\), 5 in all'
holds '^label +activity: 2 classes: walk 66.7%  run 33.3%'
holds 'every 1'

printf '@classLabel true a b\n@data\n1,2:10,20:a\n3:30:b\n' >case.ts
expect 0 inspect case.ts --json
[ "$(number longest out)" = 2 ] || fail "longest"
holds '"classes":\{"a":1,"b":1\}'

printf 'text,label\n"a film, and a good one",1\nnot worth the time it takes,0\n' >texts.csv
expect 0 inspect texts.csv
holds '^rows +2'
holds '2 different numbers: 0 50.0%  1 50.0%'
expect 0 inspect texts.csv --json
holds '"kind":"texts"'

printf 'a X\nb Y\n\nc X\n' >tags.conll
expect 0 inspect tags.conll
holds '^sentences +2'
holds '2 classes: X 66.7%  Y 33.3%'
printf '# id 1\na\tX\nb\tY\n\n# id 2\nc\tX\nd\tX\n' >tags.txt
expect 0 inspect tags.txt
holds '^sentences +2'
holds '2 classes: X 75.0%  Y 25.0%'
holds '2 lines that begin with # are taken for comments'
cp tags.txt tags.tsv
expect 0 inspect tags.tsv --json
holds '"kind":"tagged"'

printf 'clip,frame,x\na,0,5\na,1,6\nb,0,7\nb,1,8\n' >frames.csv
expect 0 inspect frames.csv
holds '^id +clip'
holds '^time +frame: 0 to 1, every 1'

mkdir -p folder/up folder/down
for i in 1 2 3; do
  printf 'x\n1\n2\n' >folder/up/$i.csv
  printf 'x\n2\n1\n' >folder/down/$i.csv
done
expect 0 inspect folder
holds '^sequences +6 of 2 steps'
holds 'folder: 2 classes: down 50.0%  up 50.0%'
holds '2 folders are classes, with these numbers of files: down \(3\), up \(3\)'

# A million columns take seconds.
awk 'BEGIN { for (row = 1; row <= 3; ++row) { printf "%d", row; for (i = 1; i < 1000000; ++i) printf ",%d", i % 7; print "" } }' >wide.csv
expect 0 inspect wide.csv
holds '^sequences +1 of 3 steps'
rm wide.csv

# What cannot be read is an error with its place.
printf 't,x\n1,2\n2,3,4\n' >broken.csv
expect_error 1 'broken.csv:3: expected 2 columns, got 3' inspect broken.csv
expect_error 2 "there is no column 'y', which an option names" inspect long.csv --value-columns y
expect_error 2 "there is no column 'y', which an option names" inspect texts.csv --label-column y
printf 't,x\n' >header.csv
expect_error 1 'header.csv: no' inspect header.csv
head -c 20 clips.csv.gz >cut.csv.gz
expect_error 1 'cut off' inspect cut.csv.gz

# What detect would make of a channel is said.
awk 'BEGIN { print "t,x,outlier"; for (t = 0; t < 40; ++t) print t "," t * t % 7 "," (t == 20) }' >marked.csv
expect 0 inspect marked.csv
grep -q "^note *detect takes column 'outlier' for the label of each step" out || fail "what detect takes is not said"
expect_error 2 "MODEL|RUN|DATA: expected a path, got ''" inspect ''

# What stands in front of a table of texts, symbols that make a table one of texts, clocks with a half of the day.
printf 'sep=;\n# by hand\ntext;label\na good film;1\na bad film;0\nfine work;1\nbad work;0\n' >sep.csv
expect 0 inspect sep.csv
holds '^rows +4$'
holds '^text column +text'
holds 'note +sep.csv: 2 lines in front of the table left out'
printf 'class,sequence\n1,0123\n0,1230\n1,2301\n' >symbols.csv
expect 0 inspect symbols.csv --tokens chars --text-column sequence
holds '^text column +sequence'
awk 'BEGIN { print "time,y"; for (t = 0; t < 24; ++t) printf "01/02/2020 %02d:00 %s,%d.5\n", t % 12 ? t % 12 : 12, t < 12 ? "AM" : "PM", t % 5 }' >clock.csv
expect 0 inspect clock.csv
holds '^series +clock.csv'
holds 'its dates may be %m/%d/%Y %I:%M %p or %d/%m/%Y %I:%M %p: set time_format to what they are'

# Compressed files are what they hold; plain text is not read from them, and a bomb is refused.
printf 'some plain words\nand more of them\n' | gzip >words.txt.gz
expect_error 1 'gzip' inspect words.txt.gz
awk 'BEGIN { print "x"; for (i = 0; i < 500000; ++i) print 11111 }' | gzip -9 >bomb.csv.gz
RECUR_UNPACKED_BYTES=100000 expect_error 1 'gzip data unpack to more than .* set RECUR_UNPACKED_BYTES to its size' \
  inspect bomb.csv.gz
expect 0 inspect bomb.csv.gz
