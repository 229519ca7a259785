"""Reads a model file by hand, from docs/formats.md: "Safetensors", "Sealed files", "Model file"."""
import json
import struct
import tomllib

import numpy
import torch

_TYPES = {"F32": numpy.float32, "F64": numpy.float64, "I8": numpy.int8}


def _crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc32c_table()


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _text(string):
    data = string.encode()
    return struct.pack("<Q", len(data)) + data


def _checksum(metadata, tensors, data):
    parts = [_text(key) + _text(metadata[key]) for key in sorted(metadata) if key != "recur.checksum"]
    for name, entry in tensors.items():
        begin, end = entry["data_offsets"]
        shape = entry["shape"]
        parts += [_text(name), _text(entry["dtype"]), struct.pack(f"<{1 + len(shape)}Q", len(shape), *shape)]
        parts.append(data[begin:end])
    return "crc32c:%08x" % crc32c(b"".join(parts))


class ModelFile:
    """`tensors` by name, in f64; `task`; `config`, the options; `assets`, parsed from JSON."""

    def __init__(self, path):
        with open(path, "rb") as f:
            raw = f.read()
        (length,) = struct.unpack("<Q", raw[:8])
        header = json.loads(raw[8 : 8 + length])
        data = raw[8 + length :]
        metadata = header.pop("__metadata__")
        assert metadata["recur.kind"] == "model" and metadata["recur.version"] == "1", metadata
        assert metadata["recur.checksum"] == _checksum(metadata, header, data), f"{path}: checksum"
        self.task = metadata["task"]
        self.config = tomllib.loads(metadata["config"])
        self.assets = {key[7:]: json.loads(value) for key, value in metadata.items() if key.startswith("assets.")}
        self.tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            values = numpy.frombuffer(data[begin:end], _TYPES[entry["dtype"]]).reshape(entry["shape"])
            self.tensors[name] = torch.from_numpy(values.astype(numpy.float64))
        # Integers of 8 bits become numbers; the layers then round what these multiply.
        integers = [name for name, entry in header.items() if entry["dtype"] == "I8"]
        for name in integers:
            self.tensors[name] *= self.tensors.pop(name + ".scale")[:, None]
        self.config["int8"] = bool(integers)  # no option of the program

    def under(self, prefix):
        """The tensors whose names begin with "prefix.", by the rest of their names."""
        return {k[len(prefix) + 1 :]: v for k, v in self.tensors.items() if k.startswith(prefix + ".")}
