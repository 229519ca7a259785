#!/usr/bin/python3
"""Golden numbers of PyTorch's multi-head attention over ragged keys, in f64.

usage: make_attention_golden.py          writes tests/golden/attention_multi_head*.safetensors

input.query [B, Q, D], input.memory [S, B, E], lengths of the memory in the metadata; output.context [B, Q, D], output.weights [B, Q, S],
the mean over heads; param.*; weight.context, the fixed weights of the scalar loss sum(context * weight); grad.* of it.
Run with the packages of tools/peers.txt: build/peers/bin/python tests/golden/make_attention_golden.py
"""
import torch

import golden


def make(name, heads, lengths, queries, width, memory, seed):
    numbers = golden.Numbers(seed)
    steps, batch = max(lengths), len(lengths)
    attention = torch.nn.MultiheadAttention(width, heads, kdim=memory, vdim=memory, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for parameter in attention.parameters():
            parameter.copy_(numbers.normal(*parameter.shape, scale=0.5))
    query = golden.leaf(numbers.normal(batch, queries, width), torch.float64)
    encoded = golden.leaf(numbers.normal(steps, batch, memory), torch.float64)
    mask = torch.arange(steps)[None, :] >= torch.tensor(lengths)[:, None]
    keys = encoded.transpose(0, 1)
    context, weights = attention(query, keys, keys, key_padding_mask=mask)
    weight = numbers.normal(*context.shape)
    (context * weight).sum().backward()
    tensors = {"input.query": query, "input.memory": encoded, "output.context": context, "output.weights": weights,
               "weight.context": weight, "grad.query": query.grad, "grad.memory": encoded.grad}
    for key, parameter in attention.named_parameters():
        tensors["param." + key.replace("out_proj.", "out_proj_")] = parameter
        tensors["grad." + key.replace("out_proj.", "out_proj_")] = parameter.grad
    golden.save(name, tensors, {"torch": torch.__version__, "heads": heads, "lengths": ",".join(map(str, lengths))})


torch.set_num_threads(1)
make("attention_multi_head", 2, [5, 2, 4], 3, 6, 5, 11)
make("attention_multi_head_full", 4, [3, 3], 1, 8, 3, 12)
