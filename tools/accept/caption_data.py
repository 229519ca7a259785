"""Writes the pictures of shared/data/flickr8k as PPM files, and a list of them and their captions for each part.

usage: caption_data.py FLICKR8K OUT     OUT/pictures/*.ppm, OUT/train.jsonl, OUT/dev.jsonl, OUT/test.jsonl
"""
import csv
import json
import lzma
import os
import struct
import sys
from collections import defaultdict


def main():
    data, out = sys.argv[1:]
    with lzma.open(os.path.join(data, "images_64x64_rgb_uint8.npy.xz")) as f:
        content = f.read()
    pixels = content[10 + struct.unpack("<H", content[8:10])[0]:]
    os.makedirs(os.path.join(out, "pictures"), exist_ok=True)
    with open(os.path.join(data, "images_index.csv"), newline="") as f:
        index = list(csv.DictReader(f))
    captions = defaultdict(list)
    with open(os.path.join(data, "captions_1000.csv"), newline="") as f:
        for row in csv.DictReader(f):
            captions[row["image"]].append(row["caption"])
    size = 64 * 64 * 3
    parts = {part: open(os.path.join(out, part + ".jsonl"), "w") for part in ("train", "dev", "test")}
    for row in index:
        if row["split"] not in parts:
            continue
        name, at = row["file"], int(row["row"]) * size
        path = os.path.join("pictures", os.path.splitext(name)[0] + ".ppm")
        with open(os.path.join(out, path), "wb") as f:
            f.write(b"P6\n64 64\n255\n" + pixels[at:at + size])
        parts[row["split"]].write(json.dumps({"image": path, "captions": captions[name]}) + "\n")
    for f in parts.values():
        f.close()


main()
