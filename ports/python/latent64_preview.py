"""Decodes Latent64 previews (codes of versions 3 and 4), from docs/format.md alone: integers, no packages.

    python latent64_preview.py CODE [WIDTH [HEIGHT]] > preview.pam        CODE in base64url
    preview = decode(code, width=64)
"""
import base64
import os
import struct
import sys
from types import SimpleNamespace

MODELS = os.path.join(os.path.dirname(__file__), '..', '..', 'models')
DECODER_BINS = [os.path.join(MODELS, name, 'decoder.bin') for name in ('preview-0', 'preview')] # by number
TOTAL = 1 << 14
ASPECTS = [(1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16)]
ALPHA_BAND, ALPHA_SCALES = 6, [24, 22, 21, 19, 18, 17]

class CodecError(ValueError): pass
wrap = lambda value: (value + 2**31) % 2**32 - 2**31
def crc8(data):
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1) & 0xFF ^ (0x2F if crc & 0x80 else 0)
    return crc

power = lambda quarters: [4096, 3444, 2896, 2435][quarters & 3] >> (quarters >> 2)

class RangeDecoder:
    def __init__(self, data):
        self.rest, self.range = iter(data), 2**32 - 1
        self.offset = int.from_bytes(bytes(next(self.rest, 0) for _ in range(4)), 'big')

    def target(self):
        if self.offset // (self.range >> 14) >= TOTAL:
            raise CodecError('the payload holds a value that no encoder writes')
        return self.offset // (self.range >> 14)

    def consume(self, start, end):
        unit = self.range >> 14
        self.offset -= unit * start
        self.range = unit * (end - start)
        while self.range < 2**24:
            self.offset = self.offset * 256 + next(self.rest, 0)
            self.range *= 256

    def symbol(self, sizes):
        target, symbol, start = self.target(), 0, 0
        while target >= start + sizes[symbol]:
            start += sizes[symbol]
            symbol += 1
        self.consume(start, start + sizes[symbol])
        return symbol

    def bits(self, count):
        return sum(self.symbol([TOTAL // 2, TOTAL // 2]) << bit for bit in reversed(range(count)))

class Distribution:
    def __init__(self, template, quantizer, location, scale):
        self.template, self.quantizer, self.location, self.scale = template, quantizer, location, scale
        self.largest = 3 + ((1 << (scale >> 2)) >> 2) + (abs(location) >> 5)

    def below(self, distance):
        reach = (abs(distance) * power(self.scale & 3)) >> (self.scale >> 2)
        i = reach >> 10
        low, high = self.template[i:i + 2] if i < 32 else (TOTAL, TOTAL)
        share = low + (((high - low) * (reach & 1023)) >> 10)
        return TOTAL - share if distance < 0 else share

    def start(self, k):
        index, count = k + self.largest, 2 * self.largest + 1
        if index in (0, count):
            return index // count * TOTAL
        second = {0: -8, 1: 8}.get(k, 32 * k - 32 if k > 1 else 32 * k)
        edge = (second if self.quantizer else 32 * k - 16) + (3 if k > 0 else -3)
        return ((self.below(edge - self.location) * (TOTAL - count)) >> 14) + index

    def read(self, coder):
        target, k, beyond = coder.target(), -self.largest, self.largest + 1
        while beyond - k > 1:
            middle = (k + beyond) // 2
            k, beyond = (middle, beyond) if self.start(middle) <= target else (k, middle)
        coder.consume(self.start(k), self.start(k + 1))
        return k

def basis(u, x, size):
    if u == 0:
        return 1448
    turn = (2 * x + 1) * u % (4 * size)
    quarter, angle = turn // size, turn % size * 32768 // size
    angle = 32768 - angle if quarter & 1 else angle
    q = (angle * angle) >> 15
    cosine = 32768 - ((q * (40425 - ((q * (8292 - ((q * 636) >> 15))) >> 15))) >> 15)
    return (-cosine if quarter in (1, 2) else cosine) >> 4

def other_aspect(upright, octave, rest):
    return (16, (16 + rest) << octave)[::1 if upright else -1]

def picture_size(aspect, width, height):
    w, h = aspect
    side = lambda numerator, denominator: max(1, (2 * numerator + denominator) // (2 * denominator))
    if width is None and height is None:
        width, height = (32, None) if w >= h else (None, 32)
    return width or side(height * w, h), height or side(width * h, w)

def draw_plane(band, c, width, height):
    """Values of the plane, in 1/64 of a sample. [height][width]"""
    across = [[basis(u, x, width) for x in range(width)] for u in range(band)]
    rows = []
    for y in range(height):
        row, at = [0] * band, 0
        for v in range(band):
            down = basis(v, y, height)
            for u in range(band - v):
                row[u] += c[at] * down
                at += 1
        row = [wrap(value) >> 9 for value in row]
        rows.append([wrap(sum(row[u] * across[u][x] for u in range(band))) >> 14 for x in range(width)])
    return rows

class Decoder:
    def __init__(self, data, number):
        self.number, self.latents, self.components, luma, chroma, self.levels = number, *data[:5]
        self.bands = [luma, chroma, chroma]
        self.sizes = [band * (band + 1) // 2 for band in self.bands]
        count, parts = sum(self.sizes), self.latents * self.components
        at = 5
        for name, kind, size in (
            ('weights', 'b', self.latents * count), ('shifts', 'B', self.latents), ('bias', 'h', count),
            ('component_shares', 'B', self.components), ('level_shares', 'B', self.levels), ('error_shares', 'B', 16),
            ('locations', 'b', parts), ('scales', 'B', parts), ('template', 'H', 33)):
            setattr(self, name, struct.unpack_from('<%d%s' % (size, kind), data, at))
            at += struct.calcsize('<%d%s' % (size, kind))

    def unpack(self, code):
        if len(code) < 2 or crc8(code[:-1]) != code[-1]:
            raise CodecError('no preview, or an altered one')
        coder, p = RangeDecoder(code[:-1]), SimpleNamespace()
        mark = coder.symbol([TOTAL // 4] * 4), coder.symbol([[15360, 1024], [1024, 15360]][self.number])
        if mark != [(3, 0), (0, 1)][self.number]:
            raise CodecError('a preview of another version or number')
        has_alpha = coder.symbol([15360, 1024])
        shares = (self.level_shares, self.component_shares, self.error_shares)
        p.level, component, error = (coder.symbol([64 * share for share in s]) for s in shares)
        p.psnr_db = 12 + 2 * error
        kind = coder.symbol([2048, 2048, 2048, 3072, 2048, 1024, 1024, 3072])
        p.aspect = ASPECTS[kind] if kind < 7 else other_aspect(coder.bits(1), coder.bits(2), coder.bits(4))
        p.values, state = [], 0
        for d in range(self.latents):
            at, quantizer = component * self.latents + d, state >> 1
            location = (self.locations[at] * power(20 - p.level)) >> 7
            scale = min(47, self.scales[at] + p.level)
            k = Distribution(self.template, quantizer, location, scale).read(coder)
            steps = 2 * k - (quantizer if k > 0 else -quantizer if k < 0 else 0)
            p.values.append(steps * power(p.level))
            state = [0, 2, 2, 0, 1, 3, 3, 1][2 * state + (k & 1)]
        p.alpha = self.unpack_alpha(coder) if has_alpha else None
        return p

    def unpack_alpha(self, coder):
        fine = coder.bits(2)
        scales = [ALPHA_SCALES[u + v] + 4 * fine for v in range(ALPHA_BAND) for u in range(ALPHA_BAND - v)]
        return [Distribution(self.template, 0, 0, s).read(coder) * (16384 >> fine) for s in scales]

    def coefficients(self, values):
        shifted = [wrap(value << shift) for value, shift in zip(values, self.shifts)]
        count = len(self.bias)
        columns = [self.weights[j::count] for j in range(count)]
        sums = [sum(w * v for w, v in zip(column, shifted)) for column in columns]
        return [(wrap(s) >> 7) + 4 * b for s, b in zip(sums, self.bias)]

    def decode(self, code, width=None, height=None):
        p = self.unpack(code)
        width, height = picture_size(p.aspect, width, height)
        rest = iter(self.coefficients(p.values))
        planes = [draw_plane(band, [next(rest) for _ in range(size)], width, height)
                  for band, size in zip(self.bands, self.sizes)]
        alpha = draw_plane(ALPHA_BAND, p.alpha, width, height) if p.alpha else None
        rgba = bytearray()
        clamp = lambda value: max(0, min(255, value))
        for y in range(height):
            for x in range(width):
                grey, slope, side = 591 * planes[0][y][x] + 32768, 724 * planes[1][y][x], 418 * planes[2][y][x]
                rgba += bytes(clamp(wrap(v) >> 16) for v in (grey + side + slope, grey - 2 * side, grey + side - slope))
                rgba.append(clamp(128 + ((alpha[y][x] + 32) >> 6)) if alpha else 255)
        return SimpleNamespace(width=width, height=height, rgba=bytes(rgba), psnr_db=p.psnr_db)

def decode(code, width=None, height=None):
    """code: bytes or base64url -> width, height, rgba (bytes, row by row)"""
    code = base64.urlsafe_b64decode(code + '=' * (-len(code) % 4)) if isinstance(code, str) else code
    number = 0 if code[:1] >= b'\xc0' else 1
    with open(DECODER_BINS[number], 'rb') as file:
        return Decoder(file.read(), number).decode(code, width, height)

if __name__ == '__main__':
    picture = decode(sys.argv[1], *map(int, sys.argv[2:4]))
    header = 'P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n'
    sys.stdout.buffer.write((header % (picture.width, picture.height)).encode() + picture.rgba)
