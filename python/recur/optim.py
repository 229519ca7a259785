"""Optimisers, clipping and learning-rate schedules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import _core
from ._core import Tensor
from .nn import Module

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "clip_norm",
    "clip_value",
    "gradient_norm",
]


def _taken(parameters: Iterable[Tensor] | Module) -> tuple[list[Tensor], list[float]]:
    """The parameters, and by what the learning rate of each is multiplied."""
    if isinstance(parameters, Module):
        return parameters.parameters(), parameters.rate_factors()
    given = list(parameters)
    return given, [1.0] * len(given)


class Optimizer:
    """Updates parameters in place by the gradients that backward() has stored in them.

    Given a module, an optimiser takes its parameters at the rates that its layers ask for: the angles of an LRU, for one,
    learn at a lower rate the longer its memory is. Given parameters alone, it takes all at the same rate.

    The parameters move into one array when an optimiser is made: take NumPy views of them afterwards.
    """

    def __init__(self, core: _core.Optimizer, parameters: list[Tensor]):
        self._core = core
        self.parameters = parameters

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._core.lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._core.lr = value

    @property
    def steps(self) -> int:
        """Updates so far."""
        return self._core.steps

    def zero_grad(self) -> None:
        """Drops the gradients."""
        self._core.zero_grad()

    def step(self, max_norm: float | None = None) -> float | None:
        """One update. With ``max_norm`` gradients are scaled to that norm at most, in the same pass; gives the norm before.

        In that norm each gradient counts times the rate factor of its parameter.
        """
        if max_norm is not None:
            return self._core.clipped_step(max_norm)
        self._core.step()
        return None

    def state_dict(self) -> dict[str, Tensor]:
        """A copy of what the next step depends on besides the parameters."""
        return dict(self._core.state())

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Goes on from what state_dict() gave, to the same bits."""
        self._core.load_state(list(state.items()))


class SGD(Optimizer):
    """Stochastic gradient descent."""

    def __init__(
        self,
        parameters: Iterable[Tensor] | Module,
        lr: float = 1e-2,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        given, factors = _taken(parameters)
        core = _core.make_optimizer(
            "sgd", given, factors, lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay
        )
        super().__init__(core, given)


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015); with ``amsgrad`` that of Reddi et al. (2018)."""

    _name = "adam"

    def __init__(
        self,
        parameters: Iterable[Tensor] | Module,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ):
        given, factors = _taken(parameters)
        core = _core.make_optimizer(
            self._name,
            given,
            factors,
            lr=lr,
            beta1=betas[0],
            beta2=betas[1],
            epsilon=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
        )
        super().__init__(core, given)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    _name = "adamw"


class RMSprop(Optimizer):
    """RMSprop (Tieleman and Hinton, 2012)."""

    def __init__(
        self,
        parameters: Iterable[Tensor] | Module,
        lr: float = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        centered: bool = False,
        weight_decay: float = 0.0,
    ):
        given, factors = _taken(parameters)
        core = _core.make_optimizer(
            "rmsprop",
            given,
            factors,
            lr=lr,
            alpha=alpha,
            epsilon=eps,
            momentum=momentum,
            centered=centered,
            weight_decay=weight_decay,
        )
        super().__init__(core, given)


class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011)."""

    def __init__(
        self, parameters: Iterable[Tensor] | Module, lr: float = 1e-2, *, eps: float = 1e-10, weight_decay: float = 0.0
    ):
        given, factors = _taken(parameters)
        core = _core.make_optimizer("adagrad", given, factors, lr=lr, epsilon=eps, weight_decay=weight_decay)
        super().__init__(core, given)


class Schedule:
    """Sets the learning rate of an optimiser, whose rate is the base, before each step.

    ``name``: constant; step (times ``decay`` every ``interval`` epochs); milestones (times ``decay`` at each of the epochs
    in ``milestones``); exponential (``hold`` epochs at the full rate, then times ``decay`` each epoch); cosine and linear
    (from 1 down to ``floor`` over ``total`` steps); plateau (times ``decay`` where the metric that observe() takes has not
    improved for more than ``patience`` observations). ``warmup``: steps of linear warm-up.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        name: str = "cosine",
        *,
        total: int = 0,
        warmup: int = 0,
        decay: float = 0.5,
        floor: float = 0.0,
        interval: int = 1,
        hold: int = 1,
        milestones: Sequence[int] = (),
        patience: int = 2,
        threshold: float = 1e-4,
        cooldown: int = 0,
        maximize: bool = False,
    ):
        self._core = _core.make_schedule(
            name,
            total=total,
            warmup=warmup,
            decay=decay,
            floor=floor,
            interval=interval,
            hold=hold,
            milestones=list(milestones),
            patience=patience,
            threshold=threshold,
            cooldown=cooldown,
            maximize=maximize,
        )
        self.optimizer = optimizer
        self.base = optimizer.lr
        self.steps = 0
        self.epoch = 0
        self._set()

    def _set(self) -> None:
        self.optimizer.lr = self.base * self._core.factor(self.steps, self.epoch)

    def step(self) -> None:
        """After a step of the optimiser: the rate of the next one."""
        self.steps += 1
        self._set()

    def end_epoch(self) -> None:
        """After a pass over the data, for schedules that go by epochs."""
        self.epoch += 1
        self._set()

    def observe(self, metric: float) -> None:
        """Takes a validation metric (plateau)."""
        self._core.observe(metric)
        self._set()


def clip_norm(parameters: Iterable[Tensor] | Module, max_norm: float) -> float:
    """Scales all gradients so that their norm is at most ``max_norm`` (Pascanu et al., 2013); gives the norm before."""
    return _core.clip_norm(_taken(parameters)[0], max_norm)


def clip_value(parameters: Iterable[Tensor] | Module, bound: float) -> None:
    """Limits each element of the gradients to +-``bound``."""
    _core.clip_value(_taken(parameters)[0], bound)


def gradient_norm(parameters: Iterable[Tensor] | Module) -> float:
    """The norm of all gradients together."""
    return _core.gradient_norm(_taken(parameters)[0])
