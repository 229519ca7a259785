"""The random numbers that forecasts are drawn with, from docs/formats.md: "Random numbers"."""
import numpy

_MASK = 0xFFFFFFFF
_NORMAL = 1 << 63  # in the number of a block: its words make normals


def philox4x32(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [p1 >> 32 ^ c[1] ^ k[0], p1 & _MASK, p0 >> 32 ^ c[3] ^ k[1], p0 & _MASK]
        k = [(k[0] + 0x9E3779B9) & _MASK, (k[1] + 0xBB67AE85) & _MASK]
    return c


def normal(seed, position, stream=0):
    """Normal number `position` of a stream, in f32."""
    block, place = position // 4 | _NORMAL, position % 4
    counter = block & _MASK, block >> 32, stream & _MASK, stream >> 32
    words = philox4x32(counter, (seed & _MASK, seed >> 32))
    f32 = numpy.float32
    a, b = words[place & 2], words[(place & 2) + 1]
    u = min((f32(a) + f32(1)) * f32(2.0**-32), f32(1))
    radius = numpy.sqrt(f32(-2) * numpy.log(u))
    angle = f32(2) * f32(numpy.pi) * (f32(b >> 8) * f32(2.0**-24))
    return float(radius * (numpy.sin(angle) if place & 1 else numpy.cos(angle)))
