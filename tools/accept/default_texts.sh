#!/usr/bin/env bash
# The first command on texts nobody has seen: defaults alone, one thread, one command a set, three seeds. Sets without
# parts of their own are tested on every tenth line, another one for each seed. Prints a table, also in
# RECUR_OUT/table.md: the mean of our test accuracies, fastText with pairs of words (Debian's fasttext; its passes chosen
# on a tenth of the training part; without it "-"), and our baseline naive Bayes. Each set must be at least both, their
# mean 2 points above fastText's, review_polarity at least 87 %, each training at most LIMIT seconds (300). SETS names
# some sets alone, SEEDS other seeds.
# data: sentiment review_polarity
set -euo pipefail
tools=$(dirname "$0")/..
limit=${LIMIT:-300}
seeds=${SEEDS:-1 2 3}
sentiment=$RECUR_DATA/sentiment
table=$RECUR_OUT/table.md
work=$RECUR_OUT/parts
mkdir -p "$work"
export RECUR_THREADS=1

# Lines "label text" of one file as fold SEED of ten.
fold() { # FILE SEED
  awk -v fold="$2" -v test="$work/test.txt" -v train="$work/train.txt" \
    '{ print > (NR % 10 == fold % 10 ? test : train) }' "$1"
}

# The documents of review_polarity as lines; a tenth by the number in their names.
reviews() { # SEED
  local unpacked=$RECUR_OUT/reviews
  if [ ! -d "$unpacked" ]; then
    mkdir "$unpacked"
    tar -xzf "$RECUR_DATA/review_polarity/review_polarity.tar.gz" -C "$unpacked"
  fi
  find "$unpacked" -name 'cv*.txt' | sort | while read -r file; do
    printf '%s %s\n' "$(basename "$(dirname "$file")")" "$(tr -s '\n\t ' ' ' <"$file")"
  done >"$work/all.txt"
  fold "$work/all.txt" "$1"
}

# Writes train.txt and test.txt, and valid.txt where the set has one.
parts() { # SET SEED
  rm -f "$work"/*.txt
  case $1 in
    SST-2 | SST-5)
      local kind=binary
      [ "$1" = SST-2 ] || kind=fine
      cp "$sentiment/stsa.$kind.train" "$work/train.txt"
      cp "$sentiment/stsa.$kind.dev" "$work/valid.txt"
      cp "$sentiment/stsa.$kind.test" "$work/test.txt"
      ;;
    TREC) cp "$sentiment/TREC.train.all" "$work/train.txt" && cp "$sentiment/TREC.test.all" "$work/test.txt" ;;
    MR) fold "$sentiment/rt-polarity.all" "$2" ;;
    CR) fold "$sentiment/custrev.all" "$2" ;;
    MPQA) fold "$sentiment/mpqa.all" "$2" ;;
    Subj) fold "$sentiment/subj.all" "$2" ;;
    review_polarity) reviews "$2" ;;
    *) echo "default_texts: unknown set $1" >&2 && exit 2 ;;
  esac
}

# Test accuracy of fastText; its passes are those that are best on a tenth of the training part.
fast_text() { # SEED
  command -v fasttext >/dev/null || return 0
  local each most=0 best=5 value
  # It does not shuffle, and some files have one class after the other.
  sed 's/^/__label__/' "$work/train.txt" | awk 'BEGIN { srand(1) } { print rand() "\t" $0 }' | sort | cut -f 2- >"$work/fast_train"
  sed 's/^/__label__/' "$work/test.txt" >"$work/fast_test"
  awk -v fit="$work/fast_fit" -v held="$work/fast_held" '{ print > (NR % 10 == 5 ? held : fit) }' "$work/fast_train"
  learn() { fasttext supervised -input "$1" -output "$work/fast" -wordNgrams 2 -epoch "$2" -thread 1 -seed "$3" &>/dev/null; }
  right() { fasttext test "$work/fast.bin" "$1" 1 | awk '$1 ~ /^P@1/ { print $2 }'; }
  for each in 5 10 25 50; do
    learn "$work/fast_fit" "$each" "$1"
    value=$(right "$work/fast_held")
    if awk "BEGIN { exit !($value > $most) }"; then most=$value best=$each; fi
  done
  learn "$work/fast_train" "$best" "$1"
  right "$work/fast_test"
}

mean() { printf '%s\n' "$@" | awk 'NF { s += $1; ++n } END { if (n) printf "%.4f", s / n; else print "-" }'; }

{
  echo "| set | ours, seeds $seeds | s | fastText | naive Bayes | |"
  echo "|---|---|---|---|---|---|"
} >"$table"
failed=0 all_ours=() all_fast=()
for set in ${SETS:-SST-2 SST-5 MR CR MPQA Subj TREC review_polarity}; do
  values=() fast=() bayes=() seconds=0
  for seed in $seeds; do
    parts "$set" "$seed"
    run=$RECUR_OUT/$set-$seed
    held=0.1
    [ ! -f "$work/valid.txt" ] || held=$work/valid.txt
    begun=$SECONDS
    if ! timeout --signal=KILL "$limit" "$RECUR" train classify "$work/train.txt" --valid "$held" --seed "$seed" \
      --out "$run" --quiet; then
      echo "$set, seed $seed: failed, or took more than $limit s" >&2
      failed=1
      continue
    fi
    seconds=$((seconds + SECONDS - begun))
    "$RECUR" evaluate "$run" "$work/test.txt" --json >"$run/test.json"
    values+=("$("$tools"/number.sh accuracy "$run/test.json")")
    bayes+=("$(sed -n 's/.*\["naive Bayes",\([0-9.]*\),.*/\1/p' "$run/test.json")")
    fast+=("$(fast_text "$seed")")
  done
  [ ${#values[@]} -gt 0 ] || continue
  ours=$(mean "${values[@]}") of_fast=$(mean "${fast[@]}") of_bayes=$(mean "${bayes[@]}")
  all_ours+=("$ours") all_fast+=("$of_fast")
  bar=$(printf '%s\n' "$of_fast" "$of_bayes" | awk '$1 > best { best = $1 } END { print best + 0 }')
  if [ "$set" = review_polarity ]; then bar=$(printf '%s\n' "$bar" 0.87 | sort -n | tail -n 1); fi
  verdict=passed
  "$tools"/mean.sh at_least "$set" "$bar" "${values[@]}" || { failed=1 verdict=below; }
  printf '| %s | **%s** (%s) | %d | %s | %s | %s |\n' "$set" "$ours" "${values[*]}" $((seconds / ${#values[@]})) \
    "$of_fast" "$of_bayes" "$verdict" >>"$table"
done
cat "$table"
if [ "${all_fast[0]:--}" != - ]; then
  bar=$(mean "${all_fast[@]}" | awk '{ print $1 + 0.02 }')
  "$tools"/mean.sh at_least "mean of the sets, 2 points above fastText" "$bar" "${all_ours[@]}" || failed=1
fi
exit $failed
