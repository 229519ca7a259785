#!/usr/bin/env bash
# Acting with memory, by defaults: the T-maze of length 70 (at least 95 % right turns, of an agent without memory at most 60 %),
# cart-pole without velocities (475 of 500 at least; published 500), pendulum without velocity (-300 at least; published
# -218 +- 140), RepeatPrevious and RepeatFirst easy and PositionOnlyCartPole easy of POPGym (0.9 of 1 at least). Beside the
# middle four sb3-contrib's recurrent PPO with the same network and settings, where build/peers is there. SEEDS chooses seeds,
# WORLDS some of the environments; where they are named, of POPGym's harder ones RepeatFirst medium (0.86 at least) and RepeatPrevious
# medium in STEPS, three million (-0.315, as published of a GRU; an agent that guesses has -0.5). OPTIONS are added, as --cell gru.
# data:
set -euo pipefail
tools=$(dirname "$0")/..
peers=$tools/../build/peers/bin/python
export RECUR_THREADS=1
seeds=${SEEDS:-1}
read -r -a more <<<"${OPTIONS:-}"
evaluation=()

wanted() { [[ " ${WORLDS:-all} " == *" all "* || " $WORLDS " == *" $1 "* ]]; }
named() { [[ " ${WORLDS:-} " == *" $1 "* ]]; }

# learn METRIC NAME OPTION...: trains and evaluates once a seed, and prints the metric of each.
learn() {
  local metric=$1 name=$2 seed run begun
  shift 2
  for seed in $seeds; do
    run=$RECUR_OUT/$name-$seed
    begun=$(date +%s.%N)
    "$RECUR" train act --out "$run" --seed "$seed" "${more[@]}" "$@" >"$run.log"
    echo "$name seed $seed: $(awk -v a="$begun" -v b="$(date +%s.%N)" 'BEGIN { printf "%.0f s", b - a }')" >&2
    "$RECUR" evaluate "$run" "${evaluation[@]}" --json >"$run/test.json"
    "$tools"/number.sh "$metric" "$run/test.json"
  done
}

# hold SIDE WHAT BOUND METRIC NAME OPTION...
hold() {
  local side=$1 what=$2 bound=$3
  shift 3
  mapfile -t values < <(learn "$@")
  echo "$what: ${values[*]}"
  "$tools"/mean.sh "$side" "$what" "$bound" "${values[@]}"
}

# beside NAME: recurrent PPO of sb3-contrib with the configuration of the runs of that name.
beside() {
  local seed
  if [ ${#more[@]} -gt 0 ]; then return 0; fi  # it has an LSTM alone
  if [ ! -x "$peers" ]; then
    printf '!!! SKIPPED the comparison of %s: there is no build/peers (./dev peers)\n' "$1"
    return 0
  fi
  for seed in $seeds; do
    echo "$1 seed $seed, sb3-contrib: $(timeout "${PEER_SECONDS:-3600}" "$peers" "$tools/accept/act_peer.py" "$RECUR_OUT/$1-$seed/config.toml" "$seed" || echo "no result")"
  done
}

failed=()
check() { "$@" || failed+=("$2 $3"); }

if wanted t-maze; then
  check hold at_least "T-maze 70, right turns" 0.95 success_rate maze --env t-maze:70
  check hold at_most "T-maze 70 without memory, right turns" 0.6 success_rate blind --env t-maze:70 --cell none
fi
if wanted cart-pole; then
  check hold at_least "cart-pole without velocities, return" 475 return cart --env cart-pole:positions
  beside cart
fi
if wanted pendulum; then
  check hold at_least "pendulum without velocity, return" -300 return pendulum --env pendulum:positions
  beside pendulum
fi
if wanted repeat-previous; then
  check hold at_least "RepeatPrevious easy, return" 0.9 return previous --env repeat-previous
  beside previous
fi
if wanted repeat-first; then
  check hold at_least "RepeatFirst easy, return" 0.9 return first --env repeat-first
  beside first
fi
if named repeat-first:medium; then
  check hold at_least "RepeatFirst medium, return" 0.86 return first-medium --env repeat-first:medium --env-steps "${STEPS:-3000000}"
fi
if named repeat-previous:medium; then
  check hold at_least "RepeatPrevious medium, return" -0.315 return previous-medium --env repeat-previous:medium --env-steps "${STEPS:-3000000}"
fi
if wanted position-only-cart-pole; then
  check hold at_least "PositionOnlyCartPole easy, return" 0.9 return positions --env position-only-cart-pole
fi
if wanted gymnasium && [ -x "$peers" ]; then
  command="command:$peers $tools/../examples/gymnasium_environment.py CartPole-v1"
  evaluation=(--eval-env "$command")
  check hold at_least "CartPole-v1 by the line protocol, return" 400 return outside --env "$command" --env-steps 60000
  evaluation=()
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
