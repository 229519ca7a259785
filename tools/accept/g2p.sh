#!/usr/bin/env bash
# Spelling to sounds of the SIGMORPHON shared tasks, official splits: 15 languages of 3600 words, mean word error of at most 17 %
# (the tasks' LSTM 16.84), and English of 33,344 words, at most 42 % (41.94). LANGUAGES chooses some of them.
# data: g2p_sigmorphon
set -euo pipefail
tools=$(dirname "$0")/..
data=$RECUR_DATA/g2p_sigmorphon

# The syllables of Korean become letters (NFD); the sounds stay as they are.
decomposed() {
  xz -dc "$1" | python3 -c 'import sys, unicodedata
for line in sys.stdin:
    word, sounds = line.rstrip("\n").split("\t")
    print(unicodedata.normalize("NFD", word), sounds, sep="\t")'
}

# word_error LANGUAGE OPTION...: trains, and prints the share of test words with an error, of SEEDS (1).
word_error() {
  local language=$1 seed run part own=$data
  shift
  if [ "$language" = kor ]; then
    own=$RECUR_OUT
    for part in train dev test; do decomposed "$data/kor_$part.tsv.xz" | xz >"$own/kor_$part.tsv.xz"; done
  fi
  for seed in ${SEEDS:-1}; do
    run=$RECUR_OUT/$language-$seed
    "$RECUR" train translate "$own/${language}_train.tsv.xz" --valid "$own/${language}_dev.tsv.xz" --out "$run" \
      --tokens chars --target-tokens words --seed "$seed" "$@" >"$RECUR_OUT/$language-$seed.log"
    "$RECUR" evaluate "$run" "$own/${language}_test.tsv.xz" --json >"$run/test.json"
    "$tools"/number.sh exact_match "$run/test.json" | awk '{ print 1 - $1 }'
  done
}

small=(--hidden 192 --embedding 96 --dropout 0.4 --batch 32 --lr 0.003 --clip 2 --epochs 60 --select exact_match --beam 8)
errors=()
for language in ${LANGUAGES:-ady arm bul dut fre geo gre hin hun ice jpn kor lit rum vie}; do
  [ "$language" != eng_us ] || continue
  for each in $(word_error "$language" "${small[@]}"); do
    echo "$language: word error $each"
    errors+=("$each")
  done
done
failed=0
[ ${#errors[@]} = 0 ] || "$tools"/mean.sh at_most "g2p word error" 0.17 "${errors[@]}" || failed=1
if [[ " ${LANGUAGES:-eng_us} " == *" eng_us "* ]]; then
  mapfile -t errors < <(word_error eng_us --hidden 256 --embedding 128 --dropout 0.3 --lr 0.002 --clip 2 --epochs 20 --select exact_match --beam 8)
  "$tools"/mean.sh at_most "g2p English word error" 0.42 "${errors[@]}" || failed=1
fi
exit $failed
