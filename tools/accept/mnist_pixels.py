#!/usr/bin/env python3
"""Images of an IDX file as series of single pixels, row by row or in a random order.

usage: mnist_pixels.py IMAGES.idx.gz OUT.idx [SEED]      with SEED the pixels of every image are in the same random order
"""
import gzip
import operator
import random
import struct
import sys


def main():
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    with gzip.open(sys.argv[1]) as file:
        kind, count, height, width = struct.unpack(">IIII", file.read(16))
        pixels = file.read()
    if kind != 0x803 or len(pixels) != count * height * width:
        raise SystemExit("mnist_pixels: %s is no IDX file of images of bytes" % sys.argv[1])
    size = height * width
    if len(sys.argv) == 4:
        order = list(range(size))
        random.Random(int(sys.argv[3])).shuffle(order)
        place = operator.itemgetter(*order)
        pixels = b"".join(bytes(place(pixels[i : i + size])) for i in range(0, len(pixels), size))
    with open(sys.argv[2], "wb") as out:
        out.write(struct.pack(">IIII", kind, count, size, 1) + pixels)


main()
