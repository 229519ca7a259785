"""The library of Recur, which the package recur makes convenient."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import numpy as np


class Error(RuntimeError):
    """What was asked for cannot be done: a file that cannot be read, shapes that do not fit, a loss that became NaN."""


class UsageError(Error, ValueError):
    """The request itself is wrong: an unknown option, task or key. It is a ValueError and a recur.Error."""


class Tensor:
    """
    Numbers of one dtype in a row-major array of up to six axes, which operations never change.
    recur.tensor() makes one from a copy, recur.from_numpy() and recur.from_dlpack() without.
    """

    __array_priority__: int = 1000

    __array_ufunc__: None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""

    @property
    def dtype(self) -> str:
        """"float32", "float64", "bfloat16", "int32", "int64" or "uint8"."""

    @property
    def ndim(self) -> int:
        """The number of axes."""

    @property
    def size(self) -> int:
        """The number of elements."""

    def __repr__(self) -> str: ...

    def numpy(self) -> np.ndarray:
        """
        The same elements as a NumPy array, without a copy. Of a tensor that requires a gradient it is read-only:
        copy_() changes the values of a parameter.
        """

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """
        What numpy.asarray(tensor) gives: no copy, unless another dtype is asked for.
        """

    def __dlpack__(self, **how: Any) -> Any:
        """
        The same elements for another library, without a copy: torch.from_dlpack(tensor).
        """

    def __dlpack_device__(self) -> tuple[int, int]:
        """The processor, as DLPack says it."""

    def item(self) -> float:
        """The value of a tensor with one element."""

    def __float__(self) -> float: ...

    def tolist(self) -> Any:
        """The elements in nested lists."""

    def copy_(self, source: Tensor) -> Tensor:
        """
        Overwrites the elements by those of a tensor of the same shape; gives the tensor itself.
        """

    def clone(self) -> Tensor:
        """A copy of the elements, outside any graph."""

    def detach(self) -> Tensor:
        """Another handle on the same elements, outside any graph."""

    @property
    def requires_grad(self) -> bool:
        """
        Whether operations on this tensor are recorded. To be set of what is no result of an operation.
        """

    @requires_grad.setter
    def requires_grad(self, arg: bool, /) -> None: ...

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward() has added up; None before."""

    @grad.setter
    def grad(self, grad: Tensor | None) -> None: ...

    def backward(self) -> None:
        """
        Adds the gradient of this one value to the grad of every tensor it depends on that requires one, and frees
        the graph.
        """

    def requires_grad_(self, value: bool = True) -> Tensor:
        """Sets requires_grad and gives the tensor itself."""

    @overload
    def __add__(self, arg: Tensor, /) -> Tensor: ...

    @overload
    def __add__(self, arg: float, /) -> Tensor: ...

    @overload
    def __sub__(self, arg: Tensor, /) -> Tensor: ...

    @overload
    def __sub__(self, arg: float, /) -> Tensor: ...

    @overload
    def __mul__(self, arg: Tensor, /) -> Tensor: ...

    @overload
    def __mul__(self, arg: float, /) -> Tensor: ...

    @overload
    def __truediv__(self, arg: Tensor, /) -> Tensor: ...

    @overload
    def __truediv__(self, arg: float, /) -> Tensor: ...

    def __radd__(self, arg: float, /) -> Tensor: ...

    def __rsub__(self, arg: float, /) -> Tensor: ...

    def __rmul__(self, arg: float, /) -> Tensor: ...

    def __rtruediv__(self, arg: float, /) -> Tensor: ...

    def __neg__(self) -> Tensor: ...

    def __matmul__(self, arg: Tensor, /) -> Tensor: ...

    def __pow__(self, arg: float, /) -> Tensor: ...

    def reshape(self, *sizes: int) -> Tensor:
        """
        The same elements under another shape, without a copy. One size may be -1: it follows from the others.
        """

    def transpose(self, a: int = -2, b: int = -1) -> Tensor:
        """A copy with two axes exchanged, the last two unless others are named."""

    def permute(self, *axes: int) -> Tensor:
        """A copy whose axis k is axis axes[k] of this."""

    def to(self, dtype: str) -> Tensor:
        """
        The elements in another dtype: "float32", "float64", "bfloat16", "int32", ...
        """

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The sum of all, or along an axis."""

    def mean(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The mean of all, or along an axis."""

    def __getitem__(self, index: int | slice | tuple[int | slice, ...]) -> Tensor:
        """
        Whole numbers and slices of step 1, one for each of the first axes. Of the first axis they are views.
        """

    def __len__(self) -> int: ...

def from_dlpack(array: Any) -> Tensor:
    """
    A tensor over the memory of an array that speaks DLPack or the buffer protocol (NumPy, PyTorch), without a
    copy: row-major, writable, in memory of the processor.
    """

def zeros(shape: Sequence[int], dtype: str = 'float32') -> Tensor:
    """A tensor of zeros."""

def full(shape: Sequence[int], value: float, dtype: str = 'float32') -> Tensor:
    """A tensor of one value everywhere."""

def grad(outputs: Sequence[Tensor], inputs: Sequence[Tensor], grad_outputs: Sequence[Tensor] = [], create_graph: bool = False, retain_graph: bool = False) -> list[Tensor]:
    """
    The gradients of the sum of outputs, each weighted by its grad_output (ones), with respect to inputs. With
    create_graph they can be differentiated again, to any order.
    """

def is_recording() -> bool:
    """Whether this thread records operations for backward()."""

class NoGradScope:
    """Switches recording off; recur.no_grad() makes it convenient."""

    def __init__(self) -> None: ...

    def enter(self) -> None:
        """From here on nothing is recorded on this thread."""

    def exit(self) -> None:
        """Back to what was before enter()."""

def exp(x: Tensor) -> Tensor:
    """e^x."""

def log(x: Tensor) -> Tensor:
    """The natural logarithm."""

def sqrt(x: Tensor) -> Tensor:
    """The square root."""

def abs(x: Tensor) -> Tensor:
    """|x|, with gradient 0 at 0."""

def sign(x: Tensor) -> Tensor:
    """-1, 0 or 1, with gradient 0."""

def square(x: Tensor) -> Tensor:
    """x^2."""

def reciprocal(x: Tensor) -> Tensor:
    """1 / x."""

def sin(x: Tensor) -> Tensor:
    """The sine."""

def cos(x: Tensor) -> Tensor:
    """The cosine."""

def erf(x: Tensor) -> Tensor:
    """The error function."""

def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent."""

def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^-x)."""

def relu(x: Tensor) -> Tensor:
    """x above 0, else 0."""

def softplus(x: Tensor) -> Tensor:
    """log(1 + e^x)."""

def gelu(x: Tensor) -> Tensor:
    """
    x times the normal distribution function of x (Hendrycks and Gimpel, 2016).
    """

def silu(x: Tensor) -> Tensor:
    """x sigmoid(x)."""

def log_sigmoid(x: Tensor) -> Tensor:
    """log(sigmoid(x))."""

def maximum(a: Tensor, b: Tensor) -> Tensor:
    """The larger of each pair; the two are broadcast against each other."""

def minimum(a: Tensor, b: Tensor) -> Tensor:
    """The smaller of each pair; the two are broadcast against each other."""

def equal(a: Tensor, b: Tensor) -> Tensor:
    """1 where a is b, else 0, in their dtype."""

def less(a: Tensor, b: Tensor) -> Tensor:
    """1 where a < b, else 0, in their dtype."""

def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x above 0, else alpha (e^x - 1)."""

def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    """x above 0, else slope x."""

def clamp(x: Tensor, low: float, high: float) -> Tensor:
    """x, but at least low and at most high."""

def where(mask: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """a where mask is not 0, else b."""

def masked_fill(x: Tensor, mask: Tensor, value: float) -> Tensor:
    """x with value where mask is not 0."""

def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis."""

def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    """The logarithm of softmax(x), without overflow."""

def logsumexp(x: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) along an axis, without overflow."""

def dropout(x: Tensor, p: float) -> Tensor:
    """
    Each element is 0 with probability p, else x / (1 - p). recur.seed() sets the random numbers.
    """

def cross_entropy(logits: Tensor, targets: Tensor, *, ignored: int = -1, smoothing: float = 0.0, reduction: str = 'mean') -> Tensor:
    """
    -log softmax(logits)[target] in nats: logits [..., V], targets whole numbers [...]. Targets that are `ignored`
    do not count; `smoothing` is label smoothing.
    """

def binary_cross_entropy_with_logits(logits: Tensor, targets: Tensor, *, reduction: str = 'mean') -> Tensor:
    """
    -t log(s) - (1 - t) log(1 - s) with s = sigmoid(logits) and targets t in [0, 1].
    """

def mse_loss(prediction: Tensor, target: Tensor, *, reduction: str = 'mean') -> Tensor:
    """The squared error."""

def l1_loss(prediction: Tensor, target: Tensor, *, reduction: str = 'mean') -> Tensor:
    """The absolute error."""

def huber_loss(prediction: Tensor, target: Tensor, *, delta: float = 1.0, reduction: str = 'mean') -> Tensor:
    """Half the squared error up to delta, linear beyond (Huber, 1964)."""

def ctc_loss(logits: Tensor, labels: Tensor, lengths: Tensor | None = None, blank: int = 0) -> Tensor:
    """
    Connectionist temporal classification (Graves et al., 2006), in nats: [B]. logits [T, B, V], labels int32 [S, B]
    with -1 behind the last of a sequence, lengths int64 [B].
    """

def max(x: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """The largest along an axis; the gradient goes to the first of equals."""

def min(x: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """The smallest along an axis; the gradient goes to the first of equals."""

def argmax(x: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """The position of the largest along an axis, int32."""

def argmin(x: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """The position of the smallest along an axis, int32."""

def variance(x: Tensor, axis: int, unbiased: bool = True, keepdims: bool = False) -> Tensor:
    """
    The mean squared distance from the mean along an axis, over n - 1 if unbiased.
    """

def cumsum(x: Tensor, axis: int, reversed: bool = False) -> Tensor:
    """Running sums along an axis."""

def norm(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The Euclidean length of all elements, or along an axis."""

def matmul(a: Tensor, b: Tensor, *, trans_a: bool = False, trans_b: bool = False) -> Tensor:
    """
    a [..., M, K] times b [..., K, N]; trans_a and trans_b exchange the last two axes before.
    """

def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x [..., F] times weight [H, F] transposed, plus bias [H]."""

def layer_norm(x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None, epsilon: float = 1e-05) -> Tensor:
    """
    Each row of the last axis to mean 0 and variance 1, times weight plus bias (Ba, Kiros and Hinton, 2016).
    """

def embedding(weight: Tensor, ids: Tensor) -> Tensor:
    """The rows of weight [V, F...] that ids name."""

def gather(x: Tensor, axis: int, index: Tensor) -> Tensor:
    """The elements of x along an axis that index names."""

def one_hot(ids: Tensor, classes: int, dtype: str = 'float32') -> Tensor:
    """A 1 at the position of each id."""

def arange(n: int, dtype: str = 'int32') -> Tensor:
    """0, 1, ... n - 1."""

def concat(parts: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Tensors joined along an axis."""

def stack(parts: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Tensors of one shape along a new axis."""

def split(x: Tensor, axis: int, sizes: Sequence[int]) -> list[Tensor]:
    """Parts of these sizes along an axis."""

def flip(x: Tensor, axis: int) -> Tensor:
    """The order along an axis reversed."""

def tile(x: Tensor, axis: int, count: int) -> Tensor:
    """a b -> a b a b."""

def repeat(x: Tensor, axis: int, count: int) -> Tensor:
    """a b -> a a b b."""

def broadcast_to(x: Tensor, shape: Sequence[int]) -> Tensor:
    """x repeated to a shape."""

class Module:
    """A layer of the library: named parameters and buffers."""

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """
        The parameters by their names, which are PyTorch's where it has the layer.
        """

    def rate_factors(self) -> list[float]:
        """
        For each parameter, by what the layer asks an optimiser to multiply its learning rate.
        """

    def named_buffers(self) -> list[tuple[str, Tensor]]:
        """What belongs to the layer but is not trained, such as running means."""

    def to(self, dtype: str) -> None:
        """Converts parameters and buffers in place."""

class Linear(Module):
    """x [..., in] times a weight, plus a bias."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None: ...

    def __call__(self, x: Tensor) -> Tensor: ...

class Embedding(Module):
    """A table with a vector for each symbol."""

    def __init__(self, vocabulary: int, features: int) -> None: ...

    def __call__(self, ids: Tensor) -> Tensor: ...

class LayerNorm(Module):
    """Layer normalisation with a learned scale and shift."""

    def __init__(self, features: int, epsilon: float = 1e-05) -> None: ...

    def __call__(self, x: Tensor) -> Tensor: ...

class BatchNorm(Module):
    """Batch normalisation with a learned scale and shift."""

    def __init__(self, channels: int, momentum: float = 0.1, epsilon: float = 1e-05, renormalize: bool = False) -> None: ...

    def __call__(self, x: Tensor, training: bool = True) -> Tensor: ...

class Recurrent(Module):
    """Recurrent layers, in one or both directions."""

    def __init__(self, **options: Any) -> None: ...

    def __call__(self, x: Tensor, lengths: Sequence[int] = [], state: Sequence[Sequence[Tensor]] = [], training: bool = True) -> tuple[Tensor, list[list[Tensor]]]:
        """
        x [T, B, F] -> (y [T, B, D H], the states after each sequence's last step).
        """

    def zero_state(self, batch: int) -> list[list[Tensor]]:
        """
        The states before the first step: of each layer and direction its tensors [B, ...].
        """

    @property
    def input_features(self) -> int:
        """F."""

    @property
    def output_features(self) -> int:
        """The features of y."""

def layer_kinds() -> list[tuple[str, str]]:
    """
    The kinds of layers that a recurrent stack can be made of, each with a few words.
    """

class Stream:
    """
    Recurrent layers one time step at a time; made by the method stream() of a layer. The weights
    are those of that moment.
    """

    def step(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """
        One time step: x, an array of float32, in; the output into `out`, or into a new array. Gives the output.
        One thread at a time may use a stream; copies are independent.
        """

    def run(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """
        Several time steps, one after the other: x [T, ...] of float32 in, the outputs [T, ...] into `out` or a new array.
        """

    def reset(self) -> None:
        """Back to zero states, as in the beginning."""

    @property
    def state(self) -> list[list[Tensor]]:
        """
        The states after the last step, of each layer its tensors [B, ...]. Setting them goes on from there.
        """

    @state.setter
    def state(self, arg: Sequence[Sequence[Tensor]], /) -> None: ...

    def copy(self) -> Stream:
        """Another stream that goes on from here; the two share the weights."""

    def __copy__(self) -> Stream: ...

    @property
    def input_features(self) -> int:
        """F."""

    @property
    def output_features(self) -> int:
        """H."""

    @property
    def streams(self) -> int:
        """B, streams side by side."""

class ModelStream:
    """A model one time step at a time; made by Model.stream()."""

    def step(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """
        One time step: x, an array of float32, in; the output into `out`, or into a new array. Gives the output.
        One thread at a time may use a stream; copies are independent.
        """

    def run(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """
        Several time steps, one after the other: x [T, ...] of float32 in, the outputs [T, ...] into `out` or a new array.
        """

    def reset(self) -> None:
        """Back to the beginning."""

    def copy(self) -> ModelStream:
        """Another stream that goes on from here."""

    def __copy__(self) -> ModelStream: ...

    @property
    def input_features(self) -> int:
        """F."""

    @property
    def output_features(self) -> int:
        """O."""

def stream_of_layers(layers: Recurrent, streams: int = 1) -> Stream:
    """A stream of recurrent layers, with the weights as they are now."""

def stream_of_model(model: Model) -> ModelStream:
    """
    A stream of a model that gives an output for each step and looks at nothing behind it.
    """

class Optimizer:
    """Updates parameters in place by their gradients."""

    def step(self) -> None:
        """One update, by the gradients that backward() has stored."""

    def clipped_step(self, max_norm: float) -> float:
        """
        The update with gradients scaled to a norm of at most max_norm, in one pass. Gives the norm before; where it
        is not finite, no update is made.
        """

    def zero_grad(self) -> None:
        """Drops the gradients."""

    @property
    def lr(self) -> float:
        """The learning rate."""

    @lr.setter
    def lr(self, arg: float, /) -> None: ...

    @property
    def steps(self) -> int:
        """Updates so far."""

    def state(self) -> list[tuple[str, Tensor]]:
        """A copy of what the next step depends on besides the parameters."""

    def load_state(self, state: Sequence[tuple[str, Tensor]]) -> None:
        """Goes on from what state() gave."""

def make_optimizer(name: str, parameters: Sequence[Tensor], rate_factors: Sequence[float], *, lr: float | None = None, weight_decay: float = 0.0, decay_vectors: bool = True, momentum: float = 0.0, nesterov: bool = False, beta1: float | None = None, beta2: float | None = None, alpha: float | None = None, epsilon: float | None = None, centered: bool = False, amsgrad: bool = False) -> Optimizer:
    """
    sgd, asgd, adam, adamw, rmsprop or adagrad; recur.optim has a class for each.
    """

def clip_norm(parameters: Sequence[Tensor], max_norm: float) -> float:
    """
    Scales all gradients so that their norm is at most max_norm (Pascanu et al., 2013); gives the norm before.
    """

def clip_value(parameters: Sequence[Tensor], bound: float) -> None:
    """Limits each element of the gradients to +-bound."""

def gradient_norm(parameters: Sequence[Tensor]) -> float:
    """The norm of all gradients together."""

class Schedule:
    """The learning rate of each step as a fraction of the base rate."""

    def factor(self, step: int, epoch: int = 0, share: float = 0.0) -> float:
        """
        The fraction after so many steps and epochs; `share` of the whole training is used up.
        """

    def observe(self, metric: float) -> None:
        """Takes a validation metric (plateau)."""

def make_schedule(name: str, *, total: int = 0, warmup: int = 0, decay: float = 0.5, floor: float = 0.0, interval: int = 1, hold: int = 1, milestones: Sequence[int] = [], patience: int = 2, threshold: float = 0.0001, cooldown: int = 0, maximize: bool = False) -> Schedule:
    """
    constant, step, milestones, exponential, cosine, linear or plateau; recur.optim.Schedule has what they mean.
    """

class DataFile:
    """A file of data, on the disk or in memory."""

    def __init__(self, path: str) -> None: ...

    @staticmethod
    def from_memory(name: str, content: bytes) -> DataFile:
        """The content of a file, under the name that stands for it in errors."""

    def content(self) -> bytes:
        """All of it, unpacked."""

    @property
    def name(self) -> str:
        """Its path, or what stands for it."""

def sequences_file(values: Sequence[np.ndarray], channels: Sequence[str], *, ids: Sequence[str] = [], labels: Sequence[str] = [], times: Sequence[Sequence[str]] = [], step_labels: Sequence[Sequence[str]] = [], keys: Mapping[str, str] = {}) -> DataFile:
    """
    A file in memory of sequences [T, C] of float32 or float64, NaN where a value is missing. `keys` renames the keys
    id, label, time and labels.
    """

def texts_file(texts: Sequence[str], labels: Sequence[str] = []) -> DataFile:
    """A file in memory of texts, with a label each if there are labels."""

def sentences_file(sentences: Sequence[Sequence[str]], tags: Sequence[Sequence[str]] = []) -> DataFile:
    """
    A file in memory of sentences in words, with a tag for each word if there are tags.
    """

def save_tensors(path: str, tensors: Sequence[tuple[str, Tensor]], metadata: Mapping[str, str]) -> None:
    """Writes a safetensors file, whole or not at all."""

def load_tensors(path: str) -> tuple[list[tuple[str, Tensor]], dict[str, str]]:
    """The tensors and the metadata of a safetensors file."""

class Session:
    """Predictions while the data arrive; made by Model.session()."""

    def take(self, chunk: str | bytes) -> list[dict[str, Any]]:
        """
        Takes the next line, or of sounds the next bytes, and gives the rows that it completes.
        """

    def finish(self) -> list[dict[str, Any]]:
        """Behind the last chunk: the rows that were waiting for more."""

class Model:
    """A trained model; recur.Model makes it convenient."""

    def __init__(self, path: str) -> None: ...

    @property
    def task(self) -> str:
        """The name of its task."""

    @property
    def describe(self) -> list[tuple[str, str | int | float]]:
        """Facts, in the order to show them."""

    @property
    def facts(self) -> dict[str, str]:
        """Where it comes from: step, metrics."""

    @property
    def assets(self) -> dict[str, str]:
        """What it keeps of its data besides numbers: vocabularies, scalers."""

    @property
    def options_toml(self) -> str:
        """All its options, TOML."""

    @property
    def parameter_count(self) -> int:
        """How many numbers were learnt."""

    def use_options(self) -> list[tuple[str, str, str, str, list[str], str]]:
        """
        The options of predict and evaluate: (key, section, type, default, choices, help).
        """

    def tensors(self) -> dict[str, Tensor]:
        """A copy of its parameters and buffers."""

    def save(self, path: str, int8: bool = False) -> None:
        """
        Writes the model file, whole or not at all; with int8 its matrices rounded to 8-bit integers.
        """

    def predict(self, data: Sequence[DataFile], options: dict[str, Any]) -> tuple[tuple[list[str], list[Any]], dict[str, bytes]]:
        """((the names of the columns, the columns), pictures by name)."""

    def evaluate(self, data: Sequence[DataFile], options: dict[str, Any]) -> tuple[int, dict[str, float], list[tuple[str, list[str], list[list[Any]]]], str]:
        """(number of examples, metrics, tables, verdict)."""

    def generate(self, options: dict[str, Any]) -> str:
        """The text that a language model goes on with."""

    def session(self, options: dict[str, Any]) -> Session:
        """Predictions while the data arrive."""

def train(task: str, data: Sequence[DataFile], valid: Sequence[DataFile], folder: str, options: dict[str, Any], on_progress: Callable[[dict[str, Any]], None] | None = None, force: bool = False) -> dict[str, Any]:
    """
    Trains as the program does, into the folder of a run. Ctrl-C ends it after the running step; the model so far is
    then in the folder.
    """

def task_options(task: str) -> list[tuple[str, str, str, str, list[str], str]]:
    """All options of training: (key, section, type, default, choices, help)."""

def task_use_options(task: str) -> list[tuple[str, str, str, str, list[str], str]]:
    """
    The options of prediction and evaluation: (key, section, type, default, choices, help).
    """

def tasks() -> list[tuple[str, str, str]]:
    """The tasks: (name, summary, what its data are)."""

def version() -> str:
    """The version of the library."""

def kernels() -> str:
    """Which instruction set the kernels use on this processor."""

def did_you_mean(word: str, known: Sequence[str]) -> str:
    """"; did you mean 'hidden'?" of the nearest known word, or nothing."""

def threads() -> int:
    """
    How many threads an op may use: RECUR_THREADS of the environment, or 1.
    """

def set_threads(n: int) -> None:
    """Sets how many threads an op may use, 1 to 1024, for the whole process."""

def seed(seed: int) -> None:
    """
    Sets the seed of the random numbers of this thread: initial values of layers, dropout.
    """
