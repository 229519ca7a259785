"""What the golden-number scripts share: a safetensors writer and seeded numbers.

safetensors: 8 bytes little-endian header length, a JSON header {name: {dtype, shape, data_offsets}}, the raw data.
"""
import json
import os
import struct

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
_DTYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.int32: "I32", torch.uint8: "U8"}


def save(name, tensors, metadata):
    """Writes tests/golden/NAME.safetensors; tensors in order of name, metadata values as strings."""
    header = {"__metadata__": {k: str(v) for k, v in sorted(metadata.items())}}
    chunks, offset = [], 0
    for key in sorted(tensors):
        t = tensors[key].detach().contiguous()
        raw = t.numpy().tobytes()
        header[key] = {"dtype": _DTYPES[t.dtype], "shape": list(t.shape), "data_offsets": [offset, offset + len(raw)]}
        chunks.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name + ".safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


class Numbers:
    """Seeded f64 numbers that are exact in f32 too, so that both precisions start from the same values."""

    def __init__(self, seed):
        self.gen = torch.Generator().manual_seed(seed)

    def normal(self, *shape, scale=1.0):
        return (torch.randn(*shape, generator=self.gen, dtype=torch.float64) * scale).float().double()

    def integers(self, high, *shape):
        return torch.randint(high, shape, generator=self.gen)


def leaf(t, dtype):
    """A copy in `dtype` that gradients are taken at."""
    return t.to(dtype).clone().requires_grad_(True)


def begin():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    assert torch.__version__.startswith("1.13"), torch.__version__
