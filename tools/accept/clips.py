#!/usr/bin/env python3
"""Clips for the acceptance tests of `recognize`, from the data as they were collected.

usage: clips.py msr|jhmdb|hapt|hapt12|hapt_stream|sfinge|sfinge_stream DATA OUT

Writes arrays or lists that `recur train recognize` reads into OUT: train and test; and fit and valid, the training part
divided by its people (or instances), by which options are chosen.
"""
import csv
import lzma
import pathlib
import sys

import numpy as np


def rows_of(path):
    with open(path, newline="") as lines:
        return list(csv.DictReader(lines))


def array_of(path):
    with lzma.open(path) as packed:
        return np.load(packed)


def save(path, clips, labels):
    """Clips [T, ...] of one shape of frames side by side, with NaN behind the end of the shorter ones."""
    longest = max(len(clip) for clip in clips)
    x = np.full((len(clips), longest) + clips[0].shape[1:], np.nan, np.float32)
    for i, clip in enumerate(clips):
        x[i, : len(clip)] = clip
    np.savez(path, x=x, y=np.asarray(labels), lengths=np.asarray([len(clip) for clip in clips]))


def save_frames(path, clips, labels):
    """The same with a label a frame, NaN behind the end."""
    longest = max(len(clip) for clip in clips)
    y = np.full((len(clips), longest), np.nan, np.float32)
    for i, each in enumerate(labels):
        y[i, : len(each)] = each
    save(path, clips, np.zeros(len(clips)))
    with np.load(path) as arrays:
        x, lengths = arrays["x"], arrays["lengths"]
    np.savez(path, x=x, y=y, lengths=lengths)


def msr(data, out):
    """MSR Action3D, the 557 clips of papers, cross-subject; a file a clip, and lists of all classes and of each action set."""
    joints = array_of(data / "joints_mm_int16.npy.xz").astype(np.float32).T.reshape(-1, 20, 3) / 1000
    names = {row["action"]: row["name"] for row in rows_of(data / "actions.csv")}
    (out / "clips").mkdir(exist_ok=True)
    lists = {}
    for row in rows_of(data / "index.csv"):
        if row["used_in_cvpr12"] != "1":
            continue
        begin = int(row["start"])
        np.save(out / "clips" / (row["clip"] + ".npy"), joints[begin : begin + int(row["frames"])])
        part = row["cross_subject_split"]
        line = f"clips/{row['clip']}.npy,{names[row['action']]}"
        for group in ["all"] + [name for name in ("AS1", "AS2", "AS3") if row[name] == "1"]:
            lists.setdefault((group, part), []).append(line)
            if part == "train":
                inner = "valid" if row["subject"] in ("3", "9") else "fit"
                lists.setdefault((group, inner), []).append(line)
    for (group, part), lines in lists.items():
        (out / f"{group}_{part}.csv").write_text("path,label\n" + "\n".join(lines) + "\n")


def jhmdb(data, out):
    """JHMDB skeletons: 15 joints in two dimensions, three official splits."""
    poses = array_of(data / "poses_float32.npy.xz")
    index = rows_of(data / "index.csv")
    labels = sorted({row["label"] for row in index})
    for split in ("1", "2", "3"):
        parts = {}
        for number, row in enumerate(index):
            begin = int(row["start"])
            clip = (poses[begin : begin + int(row["frames"])], labels.index(row["label"]))
            part = row["split" + split]
            parts.setdefault(part, []).append(clip)
            if part == "train":
                parts.setdefault("valid" if number % 5 == 0 else "fit", []).append(clip)
        for part, clips in parts.items():
            save(out / f"{part}{split}.npz", [clip for clip, _ in clips], [label for _, label in clips])


VALID_USERS = {"5", "14", "22", "28"}


def hapt_segments(data):
    signals = array_of(data / "signals_int16.npy.xz").astype(np.float32).T
    signals[:, :3] /= 720
    signals[:, 3:] *= 0.0175
    for row in rows_of(data / "segments.csv"):
        begin = int(row["start"])
        yield row, signals[begin : begin + int(row["samples"])]


def hapt_windows(data, out, classes):
    """Windows of 128 samples, every 64th, of nine channels: those of UCI HAR, filtered segment by segment."""
    from scipy.signal import butter, filtfilt, medfilt

    noise = butter(3, 20 / 25)
    gravity = butter(3, 0.3 / 25)
    parts = {}
    for row, segment in hapt_segments(data):
        if int(row["activity"]) > classes or int(row["windows"]) == 0:
            continue
        clean = np.stack([medfilt(channel, 3) for channel in segment.T], 1)
        clean = filtfilt(*noise, clean, axis=0)
        body = clean[:, :3] - filtfilt(*gravity, clean[:, :3], axis=0)
        nine = np.concatenate([body, clean[:, 3:], clean[:, :3]], 1).astype(np.float32)
        for window in range(int(row["windows"])):
            clip = (nine[64 * window : 64 * window + 128], int(row["activity"]))
            parts.setdefault(row["split"], []).append(clip)
            if row["split"] == "train":
                parts.setdefault("valid" if row["user"] in VALID_USERS else "fit", []).append(clip)
    for part, clips in parts.items():
        save(out / f"{part}.npz", [clip for clip, _ in clips], [label for _, label in clips])


def hapt(data, out):
    hapt_windows(data, out, 6)


def hapt12(data, out):
    hapt_windows(data, out, 12)


def hapt_stream(data, out, every=4):
    """Recordings, whose frames have the labels of their segments, at 12.5 frames a second."""
    recordings = {}
    for row, segment in hapt_segments(data):
        frames = len(segment) // every
        mean = segment[: frames * every].reshape(frames, every, 6).mean(1)
        parts = recordings.setdefault(row["experiment"], {"row": row, "x": [], "y": []})
        parts["x"].append(mean)
        parts["y"].append(np.full(frames, int(row["activity"])))
    for part in ("train", "test", "fit", "valid"):
        chosen = []
        for recording in recordings.values():
            row = recording["row"]
            own = row["split"] if part in ("train", "test") else "valid" if row["user"] in VALID_USERS else "fit"
            if own == part and (part in ("train", "test") or row["split"] == "train"):
                chosen.append(recording)
        clips = [np.concatenate(recording["x"]) for recording in chosen]
        save_frames(out / f"{part}.npz", clips, [np.concatenate(recording["y"]) for recording in chosen])


def sfinge_frames(data):
    joints = array_of(data / "joints_mm_int16.npy.xz").astype(np.float32).T.reshape(-1, 20, 3)
    joints[:, 1:] += joints[:, :1]
    return joints, rows_of(data / "index.csv")


def sfinge(data, out):
    """The 468 clips, five folds by the number of the instance; of each training part the next fold is for validation."""
    joints, index = sfinge_frames(data)
    clips = []
    for row in index:
        if row["part"] == "clip":
            begin = int(row["start"])
            number = int(row["name"].split("_")[1])
            clips.append((joints[begin : begin + int(row["frames"])], int(row["gesture"]), number % 5))
    for fold in range(5):
        parts = {
            f"train{fold}": [clip for clip in clips if clip[2] != fold],
            f"test{fold}": [clip for clip in clips if clip[2] == fold],
            f"fit{fold}": [clip for clip in clips if clip[2] not in (fold, (fold + 1) % 5)],
            f"valid{fold}": [clip for clip in clips if clip[2] == (fold + 1) % 5],
        }
        for part, chosen in parts.items():
            save(out / f"{part}.npz", [clip for clip, _, _ in chosen], [label for _, label, _ in chosen])


def sfinge_stream(data, out):
    """The 72 sequences with their annotations: 48 to learn from, of which every fourth for validation, and 24 to test on."""
    joints, index = sfinge_frames(data)
    events = {}
    with open(data / "sequencesGT.csv") as lines:
        for line in lines:
            numbers = [int(cell) for cell in line.strip().split(",") if cell.strip()]
            events[numbers[0]] = [numbers[i : i + 3] for i in range(2, 2 + 3 * numbers[1], 3)]
    parts = {}
    for row in index:
        if row["part"] == "clip":
            continue
        number = int("".join(c for c in row["name"] if c.isdigit()))
        begin = int(row["start"])
        clip = joints[begin : begin + int(row["frames"])]
        labels = np.zeros(len(clip), int)
        for gesture, first, last in events[number]:
            labels[first : last + 1] = gesture
        part = "test" if number % 3 == 0 else "train"
        parts.setdefault(part, []).append((clip, labels))
        if part == "train":
            parts.setdefault("valid" if number % 4 == 0 else "fit", []).append((clip, labels))
    for part, clips in parts.items():
        save_frames(out / f"{part}.npz", [clip for clip, _ in clips], [labels for _, labels in clips])


def main():
    kinds = {f.__name__: f for f in (msr, jhmdb, hapt, hapt12, hapt_stream, sfinge, sfinge_stream)}
    if len(sys.argv) != 4 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    kinds[sys.argv[1]](pathlib.Path(sys.argv[2]), out)


main()
