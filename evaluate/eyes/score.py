"""Scores how pictures look: a line of JSON for each, {name, deltaE00, ssimulacra2, butteraugli, butteraugli3Norm, ssim, psnrDb}.

    python score.py REFERENCES PICTURES      two folders of PNGs of the same names; pictures are scaled bicubically

deltaE00: CIEDE2000 (Sharma et al. 2005), mean over pixels. ssim: luma, 7x7 windows. Butteraugli needs butteraugli_main
(Debian's libjxl-devtools) on PATH.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import ssimulacra2
from PIL import Image
from scipy.ndimage import uniform_filter


def to_lab(rgb):
    x = rgb / 255.0
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    xyz = linear @ matrix.T / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return 116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])


def delta_e00(first, second):
    (l1, a1, b1), (l2, a2, b2) = to_lab(first), to_lab(second)
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = h2 - h1
    turn = np.where(turn > 180, turn - 360, np.where(turn < -180, turn + 360, turn))
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(np.where(c1 * c2 == 0, 0, turn)) / 2)
    l, c, total = (l1 + l2) / 2, (c1 + c2) / 2, h1 + h2
    h = np.where(np.abs(h1 - h2) <= 180, total / 2, np.where(total < 360, (total + 360) / 2, (total - 360) / 2))
    h = np.where(c1 * c2 == 0, total, h)
    cos = lambda degrees: np.cos(np.radians(degrees))
    t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63)
    rotation = -np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2)))) * 2 * np.sqrt(c**7 / (c**7 + 25.0**7))
    dl = dl / (1 + 0.015 * (l - 50) ** 2 / np.sqrt(20 + (l - 50) ** 2))
    dc, dh = dc / (1 + 0.045 * c), dh / (1 + 0.015 * c * t)
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh).mean())


def ssim(first, second):
    weights = [0.299, 0.587, 0.114]
    a, b = first.astype(float) @ weights, second.astype(float) @ weights
    mean = lambda z: uniform_filter(z, 7)[3:-3, 3:-3]
    ma, mb, unbiased = mean(a), mean(b), 49 / 48
    va, vb = unbiased * (mean(a * a) - ma * ma), unbiased * (mean(b * b) - mb * mb)
    cov = unbiased * (mean(a * b) - ma * mb)
    c1, c2 = 6.5025, 58.5225
    return float((((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def butteraugli(reference, picture):
    words = subprocess.run(['butteraugli_main', reference, picture], capture_output=True, text=True, check=True).stdout.split()
    return float(words[0]), float(words[words.index('3-norm:') + 1])


def score(reference_path, picture_path, folder):
    reference, picture = (Image.open(path).convert('RGB') for path in (reference_path, picture_path))
    if picture.size != reference.size:
        picture = picture.resize(reference.size, Image.BICUBIC)
    scaled = os.path.join(folder, 'scaled.png')
    picture.save(scaled)
    first, second = np.asarray(reference), np.asarray(picture)
    largest, norm = butteraugli(reference_path, scaled)
    mse = ((first.astype(float) - second) ** 2).mean()
    return {
        'deltaE00': delta_e00(first, second),
        'ssimulacra2': float(ssimulacra2.compute_ssimulacra2(reference_path, scaled)),
        'butteraugli': largest,
        'butteraugli3Norm': norm,
        'ssim': ssim(first, second),
        'psnrDb': float(10 * np.log10(65025 / mse)),
    }


if __name__ == '__main__':
    references, pictures = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(pictures)):
            values = score(os.path.join(references, name), os.path.join(pictures, name), folder)
            print(json.dumps({'name': name, **values}), flush=True)
