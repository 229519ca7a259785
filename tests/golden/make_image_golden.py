#!/usr/bin/python3
"""Golden qualities of pictures: PSNR and SSIM of scikit-image, the 3 x 3 median filter of SciPy.

usage: build/peers/bin/python tests/golden/make_image_golden.py     writes tests/golden/image_quality.json

cases: [{channels, height, width, a, b, psnr, ssim, median}]; a and b are [C, H, W] in hundredths, so that they are the same in
any precision, and the median is that of a. SSIM by scikit-image's defaults with data_range 1; the channels are averaged.
"""
import json
import os

import numpy as np
from scipy.ndimage import median_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    rng = np.random.default_rng(5)
    cases = []
    for channels, height, width in [(1, 7, 7), (1, 16, 11), (3, 9, 20), (1, 40, 40), (1, 5, 8)]:
        smooth = np.cumsum(rng.normal(0, 4, (channels, height, width)), axis=2) + 50
        a = np.clip(np.round(smooth), 0, 100)
        b = np.clip(np.round(a + rng.normal(0, 9, a.shape)), 0, 100)
        a1, b1 = (a / 100).astype(np.float32).astype(np.float64), (b / 100).astype(np.float32).astype(np.float64)
        window = min(7, (min(height, width) - 1) // 2 * 2 + 1)
        cases.append({
            "channels": channels, "height": height, "width": width,
            "a": a.astype(int).ravel().tolist(), "b": b.astype(int).ravel().tolist(),
            "psnr": float(peak_signal_noise_ratio(a1, b1, data_range=1)),
            "ssim": float(structural_similarity(a1, b1, data_range=1, channel_axis=0, win_size=window)),
            "median": np.stack([median_filter(plane, 3, mode="nearest") for plane in a]).astype(int).ravel().tolist(),
        })
    with open(os.path.join(HERE, "image_quality.json"), "w") as f:
        json.dump({"cases": cases}, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
