#!/usr/bin/env bash
# A decision tree of scikit-learn on the census data "adult" (leaves of 10, depth 4, all 48,842 rows), audited by sex: every
# rate and gap as scikit-learn, Fairlearn and AIF360 have it, to 1e-9.
# data: adult
set -euo pipefail
tools=$(dirname "$0")/..
python=$tools/../build/peers/bin/python
if [ ! -x "$python" ]; then
  printf '\n!!! SKIPPED adult: there is no build/peers (tools/packages.sh peers)\n\n'
  exit 0
fi
"$python" "$tools/accept/adult_tree.py" "$RECUR_DATA/adult" "$RECUR_OUT" 2>"$RECUR_OUT/warnings" ||
  { cat "$RECUR_OUT/warnings" >&2; exit 1; }
"$RECUR" audit "$RECUR_OUT/decisions.csv" --groups sex --label income --prediction chosen --score score \
  --privileged sex=Male --samples 0 --out "$RECUR_OUT/ours.csv" --quiet
awk -F, 'NR == FNR { theirs[$1 "," $2 "," $3] = $4; next }
  FNR > 1 && (key = $2 "," $4 "," $3) in theirs {
    ++compared
    apart = $5 - theirs[key]
    if (apart < 0) apart = -apart
    if (apart > most) most = apart
    delete theirs[key]
  }
  END {
    for (key in theirs) if (key != "group,definition,measure") { print "not measured: " key; bad = 1 }
    printf "%d figures, largest difference %.1e\n", compared, most
    exit bad || most > 1e-9
  }' "$RECUR_OUT/theirs.csv" "$RECUR_OUT/ours.csv"
