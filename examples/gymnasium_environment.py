#!/usr/bin/env python3
"""Any Gymnasium environment for `recur train act`: --env 'command:python3 examples/gymnasium_environment.py CartPole-v1'.

usage: gymnasium_environment.py NAME [MODULE] [KEY=VALUE...]   MODULE is imported first, such as one that registers NAME
"""
import importlib
import json
import sys

import gymnasium
from gymnasium.spaces import Box, Discrete, flatdim, flatten


def main(name, *rest):
    options = dict(word.split("=", 1) for word in rest if "=" in word)
    for module in (word for word in rest if "=" not in word):
        importlib.import_module(module)
    world = gymnasium.make(name, **{key: json.loads(value) for key, value in options.items()})
    space, actions = world.observation_space, world.action_space
    tell = lambda answer: print(json.dumps(answer), flush=True)
    seen = lambda observation: flatten(space, observation).astype(float).tolist()
    if isinstance(actions, Discrete):
        tell({"observation": {"size": flatdim(space)}, "action": {"n": int(actions.n)}})
    elif isinstance(actions, Box):
        limits = [[float(x) if abs(x) < 1e30 else None for x in side.ravel()] for side in (actions.low, actions.high)]
        tell({"observation": {"size": flatdim(space)}, "action": {"low": limits[0], "high": limits[1]}})
    else:
        sys.exit("actions of kind %s are not supported" % type(actions).__name__)
    for line in sys.stdin:
        asked = json.loads(line)
        if "reset" in asked:
            tell({"observation": seen(world.reset(seed=asked["reset"])[0])})
            continue
        step = asked["step"]
        action = actions.start + step if isinstance(actions, Discrete) else actions.dtype.type(step).reshape(actions.shape)
        observation, reward, terminated, truncated, _ = world.step(action)
        tell({"observation": seen(observation), "reward": float(reward), "terminated": bool(terminated), "truncated": bool(truncated)})


if __name__ == "__main__":
    main(*sys.argv[1:])
