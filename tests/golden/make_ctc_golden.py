#!/usr/bin/python3
"""Golden numbers of PyTorch's CTC loss with the gradients of its logits, in f64.

usage: build/peers/bin/python tests/golden/make_ctc_golden.py     writes tests/golden/ops_ctc_loss.safetensors

Sequences of all kinds: repeated labels, as many steps as are needed at least, no labels, lengths shorter than T. target [S, B] is
-1 behind the labels of a sequence; output.y [B] are the losses of log_softmax(x), grad.x the gradient of sum(output.y * weight.y).
"""
import torch
import torch.nn.functional as fn

import golden

torch.set_num_threads(1)
T, B, V, BLANK = 30, 7, 9, 8
numbers = golden.Numbers(41)
x = golden.leaf(numbers.normal(T, B, V, scale=2.0), torch.float64)
labels = [[1, 2, 3], [4, 4, 4, 4], [], [0, 7, 0, 7, 0], [5] * 15, [int(k) for k in numbers.integers(8, 12)], [6]]
lengths = torch.tensor([30, 11, 4, 5, 29, 28, 1])
width = max(map(len, labels))
target = torch.full((width, B), -1, dtype=torch.int64)
for b, own in enumerate(labels):
    target[:len(own), b] = torch.tensor(own, dtype=torch.int64)
y = fn.ctc_loss(fn.log_softmax(x, 2), target.t().clamp(min=0), lengths, torch.tensor([len(own) for own in labels]), blank=BLANK,
                reduction="none")
weight = numbers.normal(B)
(y * weight).sum().backward()
golden.save("ops_ctc_loss", {"input.x": x, "input.target": target, "input.lengths": lengths, "output.y": y, "weight.y": weight,
                             "grad.x": x.grad}, {"op": "ctc_loss", "blank": BLANK, "dtype": "f64", "torch": torch.__version__})
print(y.tolist())
