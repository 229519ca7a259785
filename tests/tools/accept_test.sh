#!/usr/bin/env bash
# The acceptance runner runs a script with its folders, skips aloud without its data, and fails if one fails.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p tree/tools/accept data/corpus
cp "$top/tools/accept.sh" tree/tools/
echo '[ -d "$RECUR_DATA" ] && [ -d "$RECUR_OUT" ] && [ "$(basename "$RECUR")" = recur ] && echo good ran' \
  >tree/tools/accept/good.sh
printf '# data: corpus more\nexit 1\n' >tree/tools/accept/needy.sh
export RECUR_DATA=$PWD/data

tree/tools/accept.sh >out
grep -q 'good ran' out
grep -q "SKIPPED needy: there is no $RECUR_DATA/more" out

mkdir data/more
if tree/tools/accept.sh >out 2>err; then exit 1; fi
grep -q 'good ran' out
grep -q 'accept: failed: needy' err
tree/tools/accept.sh good

status=0
tree/tools/accept.sh nothing 2>err || status=$?
[ $status = 2 ]
grep -q 'there are: good needy' err
