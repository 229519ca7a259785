#!/usr/bin/python3
"""Golden log-mel energies and cepstral coefficients of Kaldi's own code, by kaldi-native-fbank 1.23.0.

usage: build/peers/bin/pip install --target DIR --no-deps kaldi-native-fbank==1.23.0
       PYTHONPATH=DIR build/peers/bin/python tests/golden/make_spectral_golden.py     writes tests/golden/spectral_*.safetensors

input.x: samples in [-1, 1], a sweep in noise with a step in its mean; Kaldi is given 32768 times that. output.y [T, F], f32.
Without dither, energies or floors other than Kaldi's.
"""
import kaldi_native_fbank as knf
import torch

import golden


def signal(rate, seconds, seed):
    t = torch.arange(int(rate * seconds), dtype=torch.float64) / rate
    sweep = torch.sin(2 * torch.pi * (100 + rate * t) * t) * 0.3
    return (sweep + golden.Numbers(seed).normal(len(t), scale=0.02) + 0.05 * (t > seconds / 2)).float()


def make(name, kind, rate, seconds, bands, seed, window_ms=25.0, hop_ms=10.0, window="povey", low=20.0, high=0.0, emphasis=0.97,
         coefficients=13, lifter=22.0):
    o = knf.MfccOptions() if kind == "mfcc" else knf.FbankOptions()
    f, m = o.frame_opts, o.mel_opts
    f.samp_freq, f.dither, f.frame_length_ms, f.frame_shift_ms = rate, 0.0, window_ms, hop_ms
    f.window_type, f.preemph_coeff = "hanning" if window == "hann" else window, emphasis
    m.num_bins, m.low_freq, m.high_freq = bands, low, high
    o.use_energy = False
    if kind == "mfcc":
        o.num_ceps, o.cepstral_lifter = coefficients, lifter
    x = signal(rate, seconds, seed)
    machine = knf.OnlineMfcc(o) if kind == "mfcc" else knf.OnlineFbank(o)
    machine.accept_waveform(rate, (x * 32768).tolist())
    machine.input_finished()
    y = torch.stack([torch.tensor(machine.get_frame(i)) for i in range(machine.num_frames_ready)])
    golden.save("spectral_" + name, {"input.x": x, "output.y": y},
                dict(kind=kind, rate=rate, bands=bands, window_ms=window_ms, hop_ms=hop_ms, window=window, low_hz=low, high_hz=high,
                     pre_emphasis=emphasis, coefficients=coefficients, lifter=lifter, made_by="kaldi-native-fbank 1.23.0"))
    print(name, list(y.shape), float(y.min()), float(y.max()))


make("log_mel", "log_mel", 16000, 0.2, 80, 1)
make("log_mel_8k", "log_mel", 8000, 0.3, 40, 2, window_ms=32.0, hop_ms=12.5, window="hann", low=60.0, high=3600.0, emphasis=0.0)
make("mfcc", "mfcc", 16000, 0.2, 23, 3)
make("mfcc_hamming", "mfcc", 22050, 0.2, 40, 4, window="hamming", coefficients=20, lifter=0.0, high=-400.0)
