"""Layers and losses for networks of one's own. Sequences are time-major: [T, B, F]."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import _core, ops
from ._core import Stream, Tensor, UsageError, layer_kinds
from .tensors import load_tensors, save_tensors

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "BCEWithLogitsLoss",
    "BatchNorm",
    "CTCLoss",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "HuberLoss",
    "L1Loss",
    "LayerNorm",
    "Linear",
    "MSELoss",
    "Module",
    "Recurrent",
    "Sequential",
    "State",
    "detached",
    "layer_kinds",
]

#: The states of recurrent layers: of each layer and direction its tensors [B, ...]; of an LSTM h and c.
State = list[list[Tensor]]


class Module:
    """The base of layers and networks: parameters, buffers and children are found among its attributes.

    A network derives from it, makes its layers in ``__init__`` and says what it computes in ``forward``::

        class Tagger(recur.nn.Module):
            def __init__(self) -> None:
                self.rnn = recur.nn.LSTM(8, 32)
                self.head = recur.nn.Linear(32, 4)

            def forward(self, x):
                y, _ = self.rnn(x)
                return self.head(y)

    A tensor that requires a gradient is a parameter; lists and tuples of modules are children, too.
    """

    training: bool = True

    def forward(self, *inputs: Any, **more: Any) -> Any:
        """What the network computes."""
        raise NotImplementedError(f"{type(self).__name__}.forward")

    def __call__(self, *inputs: Any, **more: Any) -> Any:
        return self.forward(*inputs, **more)

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules among the attributes, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, (list, tuple)):
                for i, each in enumerate(value):
                    if isinstance(each, Module):
                        yield f"{name}.{i}", each

    def modules(self) -> Iterator[Module]:
        """This module and all that it is made of."""
        yield self
        for _, child in self.children():
            yield from child.modules()

    def _own_parameters(self) -> Iterator[tuple[str, Tensor]]:
        for name, value in vars(self).items():
            if isinstance(value, Tensor) and value.requires_grad:
                yield name, value

    def _own_buffers(self) -> Iterator[tuple[str, Tensor]]:
        return iter(())

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """The parameters with their names, children's behind their names and a dot."""
        for name, value in self._own_parameters():
            yield prefix + name, value
        for name, child in self.children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """What belongs to the model but is not trained, such as running means."""
        for name, value in self._own_buffers():
            yield prefix + name, value
        for name, child in self.children():
            yield from child.named_buffers(f"{prefix}{name}.")

    def parameters(self) -> list[Tensor]:
        """The parameters, for an optimiser."""
        return [value for _, value in self.named_parameters()]

    def _own_rate_factors(self) -> list[float]:
        return [1.0 for _ in self._own_parameters()]

    def rate_factors(self) -> list[float]:
        """For each of parameters(), by what its layer asks an optimiser to multiply the learning rate; 1 of most."""
        factors = self._own_rate_factors()
        for _, child in self.children():
            factors += child.rate_factors()
        return factors

    def state_dict(self) -> dict[str, Tensor]:
        """Parameters and buffers by their names; the tensors themselves, not copies."""
        return {**dict(self.named_parameters()), **dict(self.named_buffers())}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Overwrites parameters and buffers. Throws, having changed nothing, where names or shapes differ."""
        mine = self.state_dict()
        missing = [name for name in mine if name not in state]
        unknown = [name for name in state if name not in mine]
        if missing or unknown:
            raise UsageError(f"load_state_dict: missing: {missing}; not of this model: {unknown}")
        for name, tensor in mine.items():
            if tensor.shape != state[name].shape:
                raise UsageError(f"load_state_dict: {name}: expected shape {tensor.shape}, got {state[name].shape}")
        for name, tensor in mine.items():
            tensor.copy_(state[name])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes state_dict() to a safetensors file."""
        save_tensors(path, self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Reads what save() wrote."""
        self.load_state_dict(load_tensors(path))

    def train(self, mode: bool = True) -> Module:
        """The mode of training: dropout is on. Gives the module itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """The mode of use: the output depends on the input alone. Gives the module itself."""
        return self.train(False)

    def to(self, dtype: str) -> Module:
        """Converts parameters and buffers to float32 or float64, in place. Gives the module itself."""
        for module in self.modules():
            if isinstance(module, _Layer):
                module._core.to(dtype)
            elif any(True for _ in module._own_parameters()):
                raise UsageError(f"to: {type(module).__name__} has parameters of its own, which are not converted")
        return self

    def zero_grad(self) -> None:
        """Drops the gradients."""
        for parameter in self.parameters():
            parameter.grad = None


class _Layer(Module):
    """A layer of the library."""

    _core: Any

    def _own_parameters(self) -> Iterator[tuple[str, Tensor]]:
        yield from self._core.named_parameters()

    def _own_rate_factors(self) -> list[float]:
        return self._core.rate_factors()

    def _own_buffers(self) -> Iterator[tuple[str, Tensor]]:
        yield from self._core.named_buffers()

    def __getattr__(self, name: str) -> Any:
        # Parameters by PyTorch's names: linear.weight, lstm.weight_ih_l0.
        if not name.startswith("_"):
            for own, tensor in self._core.named_parameters() + self._core.named_buffers():
                if own == name:
                    return tensor
        raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")


class Linear(_Layer):
    """x [..., in] times a weight [out, in], plus a bias [out]. Starts uniform in +-1/sqrt(in)."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True):
        self._core = _core.Linear(in_features, out_features, bias)

    def forward(self, x: Tensor) -> Tensor:
        return self._core(x)


class Embedding(_Layer):
    """A table with a vector for each symbol: ids [...] in 0 .. V-1 -> [..., F]."""

    def __init__(self, vocabulary: int, features: int):
        self._core = _core.Embedding(vocabulary, features)

    def forward(self, ids: Tensor) -> Tensor:
        return self._core(ids)


class LayerNorm(_Layer):
    """Layer normalisation of x [..., F] with a learned scale and shift."""

    def __init__(self, features: int, epsilon: float = 1e-5):
        self._core = _core.LayerNorm(features, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        return self._core(x)


class BatchNorm(_Layer):
    """Batch normalisation of x [N, C, ...]; with ``renormalize`` by the running averages in training, too."""

    def __init__(self, channels: int, *, momentum: float = 0.1, epsilon: float = 1e-5, renormalize: bool = False):
        self._core = _core.BatchNorm(channels, momentum, epsilon, renormalize)

    def forward(self, x: Tensor) -> Tensor:
        return self._core(x, self.training)


class Recurrent(_Layer):
    """Recurrent layers of any kind that recur.nn.layer_kinds() names, in one or both directions.

    ``cell`` and ``cells`` choose the kind of all layers or of each. ``dropout`` is between layers;
    ``recurrent_dropout``, ``weight_drop`` and ``zoneout`` within them. More options: ``projection``, ``layer_norm``,
    ``block``, ``block_conv``, ``memory_heads``, ``locked_dropout``, ``zoneout_inner``, ``init``, ``chrono_steps``,
    ``forget_bias``, ``recompute`` (docs/recurrences.md).
    Parameters have PyTorch's names and gate order where PyTorch has the layer.
    """

    def __init__(
        self,
        input_features: int,
        hidden: int = 0,
        layers: int = 1,
        *,
        cell: str = "lstm",
        widths: Sequence[int] = (),
        cells: Sequence[str] = (),
        bidirectional: bool = False,
        dropout: float = 0.0,
        **options: Any,
    ):
        self._core = _core.Recurrent(
            input=input_features,
            hidden=hidden,
            layers=layers,
            cell=cell,
            widths=list(widths),
            cells=list(cells),
            bidirectional=bidirectional,
            dropout=dropout,
            **options,
        )
        self.input_features = input_features
        self.output_features: int = self._core.output_features

    def forward(
        self, x: Tensor, state: State | None = None, *, lengths: Sequence[int] | None = None
    ) -> tuple[Tensor, State]:
        """x [T, B, F] -> y [T, B, D H], zeros behind the end of a sequence, and the states after its last step.

        ``lengths`` has the steps of each of the B sequences, 0 to T; ``state`` is that of an earlier call, to go on from.
        """
        return self._core(x, [] if lengths is None else list(lengths), state or [], self.training)

    def zero_state(self, batch: int) -> State:
        """The states before the first step."""
        return self._core.zero_state(batch)

    def stream(self, streams: int = 1) -> Stream:
        """The layers one time step at a time, from NumPy to NumPy, with the weights as they are now."""
        return _core.stream_of_layers(self._core, streams)


def detached(state: State) -> State:
    """The same states outside any graph, as truncated back-propagation carries them to the next window."""
    return [[part.detach() for part in layer] for layer in state]


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997). Its states are h [B, H] and c [B, H]."""

    def __init__(self, input_features: int, hidden: int = 0, layers: int = 1, **options: Any):
        super().__init__(input_features, hidden, layers, cell="lstm", **options)


class GRU(Recurrent):
    """Gated recurrent units (Cho et al., 2014). Their state is h [B, H]."""

    def __init__(self, input_features: int, hidden: int = 0, layers: int = 1, **options: Any):
        super().__init__(input_features, hidden, layers, cell="gru", **options)


class RNN(Recurrent):
    """Plain recurrent layers with tanh (Elman, 1990). Their state is h [B, H]."""

    def __init__(self, input_features: int, hidden: int = 0, layers: int = 1, **options: Any):
        super().__init__(input_features, hidden, layers, cell="rnn", **options)


class Dropout(Module):
    """In training each element is 0 with probability p, else x / (1 - p)."""

    def __init__(self, p: float = 0.5):
        if not 0 <= p < 1:
            raise UsageError(f"Dropout: expected a probability in [0, 1), got {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return ops.dropout(x, self.p) if self.training and self.p > 0 else x


class Sequential(Module):
    """Modules and functions one behind the other; of recurrent layers the output goes on, not the state."""

    def __init__(self, *stages: Any):
        self.stages = list(stages)

    def forward(self, x: Any) -> Any:
        for stage in self.stages:
            x = stage(x)
            if isinstance(x, tuple):
                x = x[0]
        return x

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules among the stages, by their numbers."""
        for i, stage in enumerate(self.stages):
            if isinstance(stage, Module):
                yield str(i), stage


class CrossEntropyLoss(Module):
    """-log softmax(logits)[target] in nats: logits [..., V], targets whole numbers [...]; see ops.cross_entropy."""

    def __init__(self, *, ignored: int = -1, smoothing: float = 0.0, reduction: str = "mean"):
        self.ignored, self.smoothing, self.reduction = ignored, smoothing, reduction

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        return ops.cross_entropy(
            logits, targets, ignored=self.ignored, smoothing=self.smoothing, reduction=self.reduction
        )


class MSELoss(Module):
    """The squared error."""

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return ops.mse_loss(prediction, target, reduction=self.reduction)


class L1Loss(Module):
    """The absolute error."""

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return ops.l1_loss(prediction, target, reduction=self.reduction)


class HuberLoss(Module):
    """Half the squared error up to ``delta``, linear beyond (Huber, 1964)."""

    def __init__(self, *, delta: float = 1.0, reduction: str = "mean"):
        self.delta, self.reduction = delta, reduction

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return ops.huber_loss(prediction, target, delta=self.delta, reduction=self.reduction)


class BCEWithLogitsLoss(Module):
    """Cross-entropy of independent yes-or-no targets in [0, 1]."""

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        return ops.binary_cross_entropy_with_logits(logits, targets, reduction=self.reduction)


class CTCLoss(Module):
    """Connectionist temporal classification (Graves et al., 2006), the mean over the sequences; see ops.ctc_loss."""

    def __init__(self, *, blank: int = 0):
        self.blank = blank

    def forward(self, logits: Tensor, labels: Tensor, lengths: Tensor | None = None) -> Tensor:
        return ops.ctc_loss(logits, labels, lengths, self.blank).mean()
