#!/usr/bin/env bash
# Sentences of a small grammar of ours, spoken by espeak-ng (Debian: espeak-ng), as a list and a folder of wave files.
# usage: espeak_voice.sh OUT COUNT SEED [small]        OUT/list.tsv: path, text. small: few words, sentences of two to four
set -euo pipefail
out=$1 count=$2 seed=$3 size=${4:-large}
if ! command -v espeak-ng >/dev/null; then
  echo "espeak_voice: there is no espeak-ng; Debian's package has that name" >&2
  exit 1
fi
mkdir -p "$out"
LC_ALL=C awk -v count="$count" -v seed="$seed" -v size="$size" '
  function below(n) { seed = seed * 16807 % 2147483647; return int(seed / 2147483647 * n) }
  function one(words,    list, n) { n = split(words, list, " "); return list[1 + below(n)] }
  function thing(    text) {
    text = one("the a this that my our her his") " "
    if (below(2)) text = text one("old young small large quiet loud red green blue yellow heavy light early late warm cold") " "
    return text one("farmer teacher doctor river garden window table letter horse bird winter summer morning evening market " \
                    "village mountain island bridge ship train story song question answer kitchen basket bottle candle mirror")
  }
  function sentence(    text) {
    text = thing() " " one("sees finds likes brings sells keeps paints follows watches remembers carries opens forgets needs " \
                           "wants moves hears leaves") " " thing()
    if (below(3) == 0) text = text " " one("near behind under before after without with beside") " " thing()
    if (below(4) == 0) text = text ", " one("and but so") " " thing() " " one("sleeps waits sings falls shines ends begins turns")
    return text (below(6) == 0 ? "?" : ".")
  }
  function few(    text, n) {
    for (n = 2 + below(3); n > 0; --n) text = text (text == "" ? "" : " ") one("red blue seven nine moon lake tiger paper")
    return text
  }
  BEGIN {
    if (seed % 2147483647 == 0) seed = 1
    for (k = 0; k < 20; ++k) below(2)
    while (made < count) {
      text = size == "small" ? few() : sentence()
      if (size != "small" && text in seen) continue
      seen[text] = 1
      printf "%d\t%s\n", ++made, text
    }
  }' >"$out/texts.tsv"
while IFS=$'\t' read -r number text; do
  espeak-ng -v en-us -s 150 -w "$out/$number.wav" -- "$text"
  printf '%s.wav\t%s\n' "$number" "$text"
done <"$out/texts.tsv" >"$out/list.tsv"
rm "$out/texts.tsv"
