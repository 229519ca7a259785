#!/usr/bin/env bash
# A run that is stopped by a signal and resumed ends with the same bytes as one that was not; so does one that is
# repeated from its own config.toml.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

easy_text >text.txt
options=(text.txt --hidden 24 --layers 2 --dropout 0.2 --batch 8 --bptt 16 --steps 2000 --valid 0.1 --seed 7
  --set validate_every=500 --set log_every=5)
expect 0 train lm "${options[@]}" --out whole

# The metrics without what depends on the clock.
untimed() {
  sed -E 's/,"[a-z_]*(seconds|per_second|elapsed)":[^,}]*//g' "$1"
}

# stopped SIGNAL: trains until there is something to lose, sends the signal, and waits for a clean end.
stopped() {
  rm -rf cut
  "$RECUR" train lm "${options[@]}" --out cut >out 2>err &
  local pid=$! code=0
  for _ in $(seq 3000); do
    if [ -s cut/metrics.jsonl ] || ! kill -0 $pid 2>/dev/null; then break; fi
    sleep 0.01
  done
  kill -"$1" $pid || fail "the run ended before the signal"
  wait $pid || code=$?
  [ $code = 0 ] || fail "after SIG$1 the exit code is $code"
  grep -q 'recur resume cut' out || fail "the program does not say how to go on"
}

for signal in TERM INT; do
  stopped $signal
  expect 0 inspect cut
  expect 0 resume cut
  cmp whole/model.recur cut/model.recur || fail "resumed after SIG$signal, the model differs"
  cmp <(untimed whole/metrics.jsonl) <(untimed cut/metrics.jsonl) || fail "the metrics differ"
done

# A finished run can be given more to do.
expect 0 resume cut --steps 2020
expect 0 inspect cut --json
check_json out

# Everything that decides a run is in its configuration.
expect 0 train --config whole/config.toml --out again
cmp whole/model.recur again/model.recur || fail "repeated from its configuration, the model differs"
cmp <(tail -n +2 whole/config.toml) <(tail -n +2 again/config.toml) || fail "the configuration differs"

# Flags have more weight than the file, and --set stands between.
expect 0 train --config whole/config.toml --set hidden=12 --set seed=9 --hidden 10 --steps 5 --out other
grep -q '^hidden = 10$' other/config.toml || fail "the flag has no weight"
grep -q '^seed = 9$' other/config.toml || fail "--set has no weight"
grep -q '^layers = 2$' other/config.toml || fail "the file has no weight"
