#!/usr/bin/python3
"""Golden trajectories of PyTorch's optimisers, gradient clipping and learning-rate schedules, in f64.

usage: make_optim_golden.py          writes tests/golden/optim_*.safetensors

Optimisers: 10 steps on loss = 0.5 * sum(a * (w - t)^2) + 0.1 * sum(v^4) + 0.1 * sum(w) * sum(v), parameters w [4] and v [2, 3].
problem.{a, t}, initial.{w, v}; w and v: [10, ...], the parameters after each step; loss: [10], before each step.
Schedules: rate [N], the rate that step n = 0, 1, ... is taken with (for a plateau: epoch n, whose metric comes after it).
"""
import math

import torch

import golden

STEPS = 10
OPTIM = torch.optim
OPTIMISERS = {
    "sgd": (OPTIM.SGD, dict(lr=0.05)),
    "sgd_momentum": (OPTIM.SGD, dict(lr=0.05, momentum=0.9)),
    "sgd_dampening": (OPTIM.SGD, dict(lr=0.05, momentum=0.9, dampening=0.3)),
    "sgd_nesterov_decay": (OPTIM.SGD, dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.02)),
    "asgd": (OPTIM.ASGD, dict(lr=0.05, lambd=0.0, alpha=0.0, t0=4)),
    "adam": (OPTIM.Adam, dict(lr=0.1)),
    "adam_decay": (OPTIM.Adam, dict(lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.02)),
    "adam_amsgrad": (OPTIM.Adam, dict(lr=0.1, betas=(0.8, 0.9), amsgrad=True)),
    "adamw": (OPTIM.AdamW, dict(lr=0.1, weight_decay=0.05)),
    "rmsprop": (OPTIM.RMSprop, dict(lr=0.05)),
    "rmsprop_momentum": (OPTIM.RMSprop, dict(lr=0.05, alpha=0.9, momentum=0.5, weight_decay=0.02)),
    "rmsprop_centered": (OPTIM.RMSprop, dict(lr=0.05, alpha=0.9, centered=True)),
    "adagrad": (OPTIM.Adagrad, dict(lr=0.3)),
    "adagrad_decay": (OPTIM.Adagrad, dict(lr=0.3, lr_decay=0.1, weight_decay=0.02, initial_accumulator_value=0.1)),
}


def meta(name, arguments):
    return dict(arguments, name=name, dtype="f64", torch=torch.__version__)


def loss_of(w, v, a, t):
    return 0.5 * (a * (w - t) ** 2).sum() + 0.1 * (v**4).sum() + 0.1 * w.sum() * v.sum()


def optimisers():
    for name, (make, how) in OPTIMISERS.items():
        numbers = golden.Numbers(7)
        a, t = numbers.normal(4).abs() + 0.5, numbers.normal(4)
        w, v = (golden.leaf(numbers.normal(*s), torch.float64) for s in ((4,), (2, 3)))
        out = {"problem.a": a, "problem.t": t, "initial.w": w.clone(), "initial.v": v.clone()}
        optimiser = make([w, v], **how)
        ws, vs, losses, averages = [], [], [], []
        for _ in range(STEPS):
            optimiser.zero_grad()
            loss = loss_of(w, v, a, t)
            loss.backward()
            optimiser.step()
            ws.append(w.detach().clone())
            vs.append(v.detach().clone())
            losses.append(loss.detach())
            if name == "asgd":
                averages.append(optimiser.state[w]["ax"].clone())
        out.update({"w": torch.stack(ws), "v": torch.stack(vs), "loss": torch.stack(losses)})
        if averages:
            out["average.w"] = torch.stack(averages)
        golden.save("optim_" + name, out, meta(name, how))


def clipping():
    for bound in (0.5, 100.0):
        numbers = golden.Numbers(9)
        params = [golden.leaf(numbers.normal(*s), torch.float64) for s in ((3,), (2, 4))]
        out = {}
        for i, p in enumerate(params):
            p.grad = numbers.normal(*p.shape)
            out["before.%d" % i] = p.grad.clone()
        out["norm"] = torch.nn.utils.clip_grad_norm_(params, bound)
        for i, p in enumerate(params):
            out["after.%d" % i] = p.grad
        name = "clip_norm_%s" % ("cuts" if bound < 1 else "leaves")
        golden.save("optim_" + name, out, meta(name, dict(max_norm=bound)))


def rates(scheduler, optimiser, n, metrics=None):
    out = []
    for i in range(n):
        out.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step(metrics[i]) if metrics is not None else scheduler.step()
    return torch.tensor(out, dtype=torch.float64)


def warmup_cosine(step, warmup, total, floor):
    """Linear from 1/warmup to 1 over the first `warmup` steps, then half a cosine down to `floor` at step `total`."""
    if step < warmup:
        return (step + 1) / warmup
    along = min((step - warmup) / (total - warmup), 1.0)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * along))


def schedules():
    s = OPTIM.lr_scheduler
    plain = {
        "step": (lambda o, **k: s.StepLR(o, **k), dict(step_size=3, gamma=0.5), 12),
        "multistep": (lambda o, **k: s.MultiStepLR(o, **k), dict(milestones=[2, 5, 6], gamma=0.1), 10),
        "exponential": (lambda o, **k: s.ExponentialLR(o, **k), dict(gamma=0.9), 10),
        "cosine": (lambda o, **k: s.CosineAnnealingLR(o, **k), dict(T_max=10, eta_min=0.01), 11),
        "warmup_cosine": (lambda o, **k: s.LambdaLR(o, lambda n: warmup_cosine(n, **k)),
                          dict(warmup=4, total=16, floor=0.1), 20),
    }
    for name, (make, how, n) in plain.items():
        optimiser = OPTIM.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
        golden.save("optim_schedule_" + name, {"rate": rates(make(optimiser, **how), optimiser, n)},
                    meta(name, dict(how, lr=0.4)))
    metrics = [5.0, 4.0, 4.0, 4.0, 3.9999, 3.9998, 3.0, 3.1, 3.2, 3.3, 3.4, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    for name, how in {
        "plateau": dict(mode="min", factor=0.5, patience=2, threshold=1e-4),
        "plateau_cooldown": dict(mode="min", factor=0.1, patience=1, threshold=0.0, cooldown=2, min_lr=0.005),
        "plateau_max": dict(mode="max", factor=0.5, patience=1, threshold=0.0),
    }.items():
        optimiser = OPTIM.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
        scheduler = s.ReduceLROnPlateau(optimiser, **how)
        golden.save("optim_schedule_" + name,
                    {"rate": rates(scheduler, optimiser, len(metrics), metrics),
                     "metric": torch.tensor(metrics, dtype=torch.float64)},
                    meta(name, dict(how, lr=0.4)))


def main():
    golden.begin()
    optimisers()
    clipping()
    schedules()


if __name__ == "__main__":
    main()
