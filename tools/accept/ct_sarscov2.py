"""CT slices for tools/accept/ct_sarscov2.sh: parts and noisy arrays, and what classical denoisers make of them.

usage: ct_sarscov2.py data FOLDER OUT COUNT      writes train.npy, valid.npy and, of COUNT test slices, clean.npy and NOISE.npy
       ct_sarscov2.py peers OUT NOISE            one line "METHOD PSNR SSIM" a method, the best by PSNR last

NOISE: gaussian15, gaussian25, gaussian50 (standard deviation in 1/255, not cut), salt5, salt10, salt20 (percent), mixed
(gaussian 15, cut, then 10 percent). Methods know the noise: those with a strength get the one that is best on the very slices that
they are measured on.
"""
import csv
import lzma
import sys

import numpy as np

SIGMA = {"gaussian15": 15, "gaussian25": 25, "gaussian50": 50, "mixed": 15}


def make_data(folder, out, count):
    with lzma.open(folder + "/ct_64x64_gray_uint8.npy.xz") as f:
        images = np.load(f)
    rows = list(csv.DictReader(open(folder + "/labels.csv")))
    part = {p: [int(r["row"]) for r in rows if r["split_in_repo"] == p] for p in ("train", "validation", "test")}
    np.save(out + "/train.npy", images[part["train"]])
    np.save(out + "/valid.npy", images[part["validation"][:100]])
    test = images[part["test"][::max(len(part["test"]) // count, 1)][:count]]
    np.save(out + "/clean.npy", test)
    rng = np.random.default_rng(1)
    x = test.astype(np.float64) / 255
    for sigma in (15, 25, 50):
        np.save(f"{out}/gaussian{sigma}.npy", (x + rng.normal(0, sigma / 255, x.shape)).astype(np.float32))

    def salt(clean, percent):
        drawn = rng.random(clean.shape)
        return np.where(drawn < percent / 200, 0, np.where(drawn < percent / 100, 1, clean))

    for percent in (5, 10, 20):
        np.save(f"{out}/salt{percent}.npy", salt(x, percent).astype(np.float32))
    np.save(f"{out}/mixed.npy", salt(np.clip(x + rng.normal(0, 15 / 255, x.shape), 0, 1), 10).astype(np.float32))


def methods(sigma):
    """(name, strengths, function of image and strength); strengths are tried in turn."""
    import bm3d
    from scipy.ndimage import median_filter
    from skimage.restoration import denoise_nl_means, denoise_tv_chambolle, denoise_wavelet

    around = [sigma * f for f in (0.75, 1, 1.25)] if sigma else [0.05, 0.1, 0.2, 0.3]
    yield "median", (3, 5), lambda x, k: median_filter(x, k, mode="nearest")
    yield "non-local means", around, lambda x, s: denoise_nl_means(x, patch_size=5, patch_distance=9, h=0.8 * s, sigma=s,
                                                                   fast_mode=False)
    yield "total variation", (0.03, 0.06, 0.1, 0.15, 0.2, 0.3), lambda x, w: denoise_tv_chambolle(x, weight=w)
    yield "wavelets", around, lambda x, s: denoise_wavelet(x, sigma=s, method="BayesShrink", mode="soft")
    yield "BM3D", around, lambda x, s: bm3d.bm3d(x, s)


def measure_peers(out, noise):
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    clean = np.load(out + "/clean.npy").astype(np.float64) / 255
    noisy = np.load(f"{out}/{noise}.npy").astype(np.float64)
    results = []
    for name, strengths, function in methods(SIGMA.get(noise, 0) / 255):
        best = None
        for strength in strengths:
            cleaned = [np.clip(function(x, strength), 0, 1) for x in noisy]
            psnr = float(np.mean([peak_signal_noise_ratio(c, y, data_range=1) for c, y in zip(clean, cleaned)]))
            ssim = float(np.mean([structural_similarity(c, y, data_range=1) for c, y in zip(clean, cleaned)]))
            best = max(best, (psnr, ssim)) if best else (psnr, ssim)
        results.append((best[0], best[1], name))
    for psnr, ssim, name in sorted(results):
        print(f"{name.replace(' ', '_')} {psnr:.3f} {ssim:.4f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "data":
        make_data(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        measure_peers(sys.argv[2], sys.argv[3])
