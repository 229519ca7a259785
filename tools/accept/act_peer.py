#!/usr/bin/env python3
"""Recurrent PPO of sb3-contrib, with the network and settings of a run of `recur train act`.

usage: act_peer.py CONFIG.toml SEED [STEPS]      prints one JSON object: return, return_deviation, steps_per_second
Of the environments, cart-pole and pendulum (Gymnasium) with and without velocities, and POPGym's by their names.
"""
import json
import sys
import time
import tomllib

import gymnasium
import numpy as np
import popgym  # noqa: F401, registers its environments
import torch
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecNormalize

NAMES = {"cart-pole": "CartPole-v1", "pendulum": "Pendulum-v1"}
GAMES = {"repeat-previous": "RepeatPrevious", "repeat-first": "RepeatFirst", "autoencode": "Autoencode",
         "position-only-cart-pole": "PositionOnlyCartPole"}


class Positions(gymnasium.ObservationWrapper):
    """Without velocities."""

    def __init__(self, world, kept):
        super().__init__(world)
        self.kept = kept
        box = world.observation_space
        self.observation_space = gymnasium.spaces.Box(box.low[kept], box.high[kept], dtype=np.float32)

    def observation(self, seen):
        return seen[self.kept]


def make(name):
    kind, _, variant = name.partition(":")
    if kind in GAMES:
        return lambda: gymnasium.wrappers.FlattenObservation(
            gymnasium.make("popgym-%s%s-v0" % (GAMES[kind], (variant or "easy").capitalize())))
    kept = {"cart-pole": [0, 2], "pendulum": [0, 1]}[kind]
    return lambda: Positions(gymnasium.make(NAMES[kind]), kept) if variant else gymnasium.make(NAMES[kind])


def main(path, seed, steps=None):
    torch.set_num_threads(1)
    with open(path, "rb") as file:
        o = tomllib.load(file)
    steps = int(steps or o["env_steps"])
    worlds = make_vec_env(make(o["env"]), n_envs=o["envs"], seed=seed)
    worlds = VecNormalize(worlds, norm_obs=o["normalize_observations"], norm_reward=o["normalize_rewards"], gamma=o["discount"])
    rate = float(o.get("lr", 0) if o.get("lr") not in (None, "none") else 1e-3)
    policy = dict(lstm_hidden_size=o["hidden"], net_arch=[], shared_lstm=o["shared"], enable_critic_lstm=not o["shared"],
                  activation_fn=torch.nn.Tanh)
    agent = RecurrentPPO("MlpLstmPolicy", worlds, learning_rate=lambda left: rate * 0.5 * (1 - np.cos(np.pi * left)),
                         n_steps=o["rollout"], batch_size=o["envs"] * o["rollout"] // o["minibatches"],
                         n_epochs=o["passes"], gamma=o["discount"], gae_lambda=o["gae"], clip_range=o["clip_range"],
                         ent_coef=o["entropy"], vf_coef=o["value_weight"], max_grad_norm=o["clip"], seed=seed,
                         policy_kwargs=policy, device="cpu")
    begun = time.time()
    agent.learn(steps)
    took = time.time() - begun
    worlds.training, worlds.norm_reward = False, False
    returns, state, starts = [], None, np.ones(worlds.num_envs, dtype=bool)
    sums, seen = np.zeros(worlds.num_envs), worlds.reset()
    while len(returns) < 100:
        actions, state = agent.predict(seen, state=state, episode_start=starts, deterministic=True)
        seen, rewards, starts, _ = worlds.step(actions)
        sums += rewards
        for b in np.flatnonzero(starts):
            returns.append(float(sums[b]))
            sums[b] = 0
    print(json.dumps({"return": float(np.mean(returns)), "return_deviation": float(np.std(returns)),
                      "steps_per_second": steps / took, "steps": steps}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
