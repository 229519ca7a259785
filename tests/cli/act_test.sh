#!/usr/bin/env bash
# Learns to act in a small maze, plays in it, is resumed to the same bytes, and talks to an environment that is a script.
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

small=(--envs 16 --rollout 32 --hidden 16 --encoder 8 --passes 4 --minibatches 2 --lr 0.005)
expect 0 train act --env t-maze:4 "${small[@]}" --env-steps 25000 --out maze
grep -q 'environment t-maze:4: 3 features; 4 choices' out || fail "what the environment is"
expect 0 evaluate maze --json
check_json out
grep -q '"task":"act"' out || fail "task"
above "$(number success_rate out)" 0.95
above "$(number return out)" 3.7
begins_from maze return '' act --env t-maze:4
expect 0 evaluate maze --eval-episodes 7 --examples rows.csv
[ "$(wc -l <rows.csv)" = 8 ] || fail "evaluate: a row for each episode"
expect 0 predict maze --eval-episodes 3
grep -q '^episode,step,seen_1,seen_2,seen_3,action,probability,value,reward,end$' out || fail "predict: columns"
[ "$(grep -c 'terminated, success' out)" = 3 ] || fail "predict: three episodes that succeed"
expect 0 predict maze --json --eval-env t-maze:6
check_json out
expect 0 inspect maze
expect 0 inspect maze/model.recur
grep -q '^environment  *t-maze:4$' out || fail "inspect: the environment"

# Without memory it cannot know which way to turn.
expect 0 train act --env t-maze:4 "${small[@]}" --cell none --env-steps 25000 --out blind
expect 0 evaluate blind --json
below "$(number success_rate out)" 0.75

# Stopped and resumed.
cart=(--env cart-pole:positions --envs 4 --rollout 64 --hidden 16 --steps 300 --set checkpoint_every=0s --seed 3)
expect 0 train act "${cart[@]}" --out whole
"$RECUR" train act "${cart[@]}" --out cut >out 2>err &
pid=$!
for _ in $(seq 3000); do
  if [ "$(wc -l <cut/metrics.jsonl 2>/dev/null || echo 0)" -ge 2 ] || ! kill -0 $pid 2>/dev/null; then break; fi
  sleep 0.01
done
kill -INT $pid || fail "the run ended before the signal"
wait $pid || fail "stopped: exit code"
grep -q 'recur resume cut' out || fail "the program does not say how to go on"
expect 0 resume cut
cmp whole/model.recur cut/model.recur || fail "resumed, the model differs"

# Given more to do, in steps of the environment.
expect 0 train act --env cart-pole:positions --envs 4 --rollout 64 --hidden 16 --env-steps 1000 --out short
expect 0 resume short --env-steps 2000
above "$(tail -n 1 short/metrics.jsonl | grep -o '"epoch":[0-9.]*' | cut -d: -f2)" 0.199
cp short/model.recur ended
expect 0 resume short --env-steps 2000
cmp ended short/model.recur || fail "resume --env-steps: went on after the end"
expect_error 2 'no effect on a run with --steps; raise that' resume cut --env-steps 200000

# Another program as environment: it rewards the action that it showed a step before.
cat >world.sh <<'END'
echo '{"observation": {"n": 2}, "action": {"n": 2}}'
while read -r line; do
  case $line in
    *reset*) seed=${line#*:}; x=$((${seed%\}} % 9973)); t=0; shown=$((x % 2)); echo "{\"observation\": $shown}" ;;
    *) a=${line#*:}; a=${a%\}}; reward=$((a == shown)); x=$(((x * 421 + 1663) % 7875)); t=$((t + 1))
       shown=$((x / 7 % 2)); end=$([ $t = 10 ] && echo true || echo false)
       echo "{\"observation\": $shown, \"reward\": $reward, \"terminated\": $end}" ;;
  esac
done
END
expect 0 train act --env 'command:sh world.sh' --envs 4 --rollout 20 --hidden 8 --encoder 8 --env-steps 4000 --lr 0.01 --out script
expect 0 evaluate script --eval-env 'command:sh world.sh' --eval-episodes 10 --json
above "$(number return out)" 9
expect_error 2 'set --eval-env to the program to run' evaluate script
echo 'exit 3' >dead.sh
expect_error 1 "environment 'command:sh dead.sh': at its beginning: the program ended with exit code 3" \
  train act --env 'command:sh dead.sh' --out dead
sed 's/: $reward,/: null,/' world.sh >null.sh
expect_error 1 'episode 1, step 1: reward: expected a number in .-1e+12, 1e+12., got nan' \
  train act --env 'command:sh null.sh' --out null

expect_error 2 "unknown environment 'cart-pool'; did you mean 'cart-pole'" train act --env cart-pool --out none
expect_error 2 'env: expected an environment, one of t-maze' train act --out none
expect_error 2 "the task 'act' reads no files" train act words.txt --env t-maze --out none
expect_error 2 "the task 'act' reads no files" train act --env t-maze --valid 0.1 words.txt --out none
expect_error 2 'valid: the task' train act --env t-maze --valid 0.1 --out none
expect_error 2 'reads no files' evaluate maze words.txt
expect_error 2 "cannot generate" generate maze
[ ! -e none ] || fail "a refused run left a folder"
