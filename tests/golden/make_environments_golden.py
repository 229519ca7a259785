#!/usr/bin/env python3
"""Episodes of Gymnasium's and POPGym's environments: what is seen and the rewards of given actions.

usage: build/peers/bin/python tests/golden/make_environments_golden.py     writes tests/golden/environments.jsonl
Cart-pole and pendulum tell the state they begin from, the games their cards in the order of the deal.
"""
import json
import math
import os
import random

import gymnasium
import numpy as np
from popgym.envs.autoencode import AutoencodeEasy, AutoencodeMedium
from popgym.envs.position_only_cartpole import PositionOnlyCartPoleEasy
from popgym.envs.repeat_first import RepeatFirstEasy
from popgym.envs.repeat_previous import RepeatPreviousEasy, RepeatPreviousMedium


def single(numbers):
    return [float(np.format_float_positional(np.float32(x), unique=True)) for x in np.ravel(numbers)]


def episode(name, env, start, first, choose):
    """Steps to the end; `start` tells how the episode began, `choose` the action after an observation."""
    seen, actions, rewards, ends = [first], [], [], []
    while True:
        action = choose(seen[-1])
        observation, reward, terminated, truncated, _ = env.step(action)
        actions.append(np.ravel(action).tolist()[0])
        seen.append(observation)
        rewards.append(float(reward))
        ends.append([bool(terminated), bool(truncated)])
        if terminated or truncated:
            break
    return dict(environment=name, start=start, actions=actions, observations=[single(o) for o in seen],
                rewards=rewards, end=ends[-1])


def cart_poles():
    for seed in (1, 2, 3):
        for name, env in (("cart-pole", gymnasium.make("CartPole-v1")), ("position-only-cart-pole", PositionOnlyCartPoleEasy())):
            first, _ = env.reset(seed=seed)
            state = env.unwrapped.state.tolist()
            draw = random.Random(seed)
            lean = lambda o: o[1] if len(o) == 2 else o[2] + o[3]
            yield episode(name, env, state, first, lambda o: int(lean(o) > 0) if seed < 3 else draw.randrange(2))


def pendulums():
    for seed in (1, 2):
        env = gymnasium.make("Pendulum-v1")
        first, _ = env.reset(seed=seed)
        draw = random.Random(seed)
        # Torques that f32 has, in f64: so is all that follows from them. Some are beyond the limits.
        torque = lambda o: np.array([draw.randrange(-20, 21) / 8], dtype=np.float64)
        yield episode("pendulum", env, env.unwrapped.state.tolist(), first, torque)


def games():
    for name, make in (("repeat-previous", RepeatPreviousEasy), ("repeat-previous:medium", RepeatPreviousMedium),
                       ("repeat-first", RepeatFirstEasy), ("autoencode", AutoencodeEasy), ("autoencode:medium", AutoencodeMedium)):
        env = make()
        first, _ = env.reset(seed=5)
        cards = [int(c) for c in env.deck.suits_idx[env.deck.idx]][::-1]  # the deck deals from its end
        draw = random.Random(6)
        yield episode(name, env, cards, first, lambda o: draw.randrange(4))


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "environments.jsonl")
    with open(path, "w") as out:
        for each in [*cart_poles(), *pendulums(), *games()]:
            assert all(math.isfinite(r) for r in each["rewards"])
            out.write(json.dumps(each) + "\n")
