#!/usr/bin/python3
"""Golden numbers of the transducer loss (Graves 2012) with the gradients of its logits, in f64.

usage: build/peers/bin/python tests/golden/make_transducer_golden.py     writes tests/golden/ops_transducer_loss.safetensors

torchaudio, whose rnnt_loss would be the other truth, has no release that loads beside this torch. So this is the recursion of the
paper, section 2.4, one point after the other, differentiated by PyTorch's autograd; equation numbers are the paper's. target [U, B]
is -1 behind the labels of a sequence; input.x [N, V] are the rows of the sequences one behind another, of each (t, u) with u the
faster; output.y [B] are the losses, grad.x the gradient of sum(output.y * weight.y).
"""
import torch

import golden

torch.set_num_threads(1)
V, BLANK = 7, 6
numbers = golden.Numbers(43)
labels = [[1, 2, 3], [4, 4, 4, 4], [], [0, 5, 0, 5, 0], [2], [int(k) for k in numbers.integers(6, 9)]]
steps = [12, 5, 4, 2, 1, 15]
x = golden.leaf(numbers.normal(sum(t * (len(own) + 1) for t, own in zip(steps, labels)), V, scale=2.0), torch.float64)


def loss(logits, own):
    """logits [T, U + 1, V]"""
    p = torch.log_softmax(logits, 2)
    T, U = p.shape[0], len(own)
    alpha = {}
    for t in range(T):
        for u in range(U + 1):
            ways = []
            if t > 0:
                ways.append(alpha[t - 1, u] + p[t - 1, u, BLANK])        # (16), first term
            if u > 0:
                ways.append(alpha[t, u - 1] + p[t, u - 1, own[u - 1]])   # (16), second term
            alpha[t, u] = torch.logsumexp(torch.stack(ways), 0) if ways else torch.zeros((), dtype=p.dtype)
    return -(alpha[T - 1, U] + p[T - 1, U, BLANK])                       # (17)


y, first = [], 0
for t, own in zip(steps, labels):
    rows = t * (len(own) + 1)
    y.append(loss(x[first:first + rows].reshape(t, len(own) + 1, V), own))
    first += rows
y = torch.stack(y)
width = max(map(len, labels))
target = torch.full((width, len(labels)), -1, dtype=torch.int64)
for b, own in enumerate(labels):
    target[:len(own), b] = torch.tensor(own, dtype=torch.int64)
weight = numbers.normal(len(labels))
(y * weight).sum().backward()
golden.save("ops_transducer_loss", {"input.x": x, "input.target": target, "input.steps": torch.tensor(steps), "output.y": y,
                                    "weight.y": weight, "grad.x": x.grad},
            {"op": "transducer_loss", "blank": BLANK, "dtype": "f64", "torch": torch.__version__})
print(y.tolist())
