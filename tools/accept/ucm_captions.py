"""UCM-Captions for ucm_captions.sh.

usage: ucm_captions.py data UCM_CAPTIONS OUT    OUT/pictures/*.png, OUT/{train,val,test}.jsonl and OUT/classes_{train,val,test}.csv
       ucm_captions.py score OUT CLASSES        scores of the most frequent training caption of each test image's true class, and of the
                                                class that CLASSES (what recognize predicts, in the order of classes_test.csv) gives it
"""
import collections
import contextlib
import csv
import io
import json
import lzma
import os
import sys

PARTS = ("train", "val", "test")


def write_data(data, out):
    from PIL import Image

    captions = collections.defaultdict(list)
    with lzma.open(os.path.join(data, "captions.tsv.xz"), "rt") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            captions[row["image"]].append(row["caption"])
    os.makedirs(os.path.join(out, "pictures"), exist_ok=True)
    lists = {part: open(os.path.join(out, part + ".jsonl"), "w") for part in PARTS}
    classes = {part: open(os.path.join(out, "classes_" + part + ".csv"), "w") for part in PARTS}
    for f in classes.values():
        print("path,label", file=f)
    sheets = {}
    with open(os.path.join(data, "images.csv"), newline="") as f:
        for row in csv.DictReader(f):
            sheet = sheets.setdefault(row["file"], Image.open(os.path.join(data, row["file"])))
            x, y = int(row["x"]), int(row["y"])
            path = os.path.join("pictures", row["image"] + ".png")
            sheet.crop((x, y, x + 64, y + 64)).save(os.path.join(out, path))
            print(json.dumps({"image": path, "captions": captions[row["image"]]}), file=lists[row["split"]])
            print(path, row["class_name"], sep=",", file=classes[row["split"]])


def read_part(out, part):
    """Captions and class of each image, in order."""
    with open(os.path.join(out, part + ".jsonl")) as f:
        captions = [json.loads(line)["captions"] for line in f]
    with open(os.path.join(out, "classes_" + part + ".csv"), newline="") as f:
        return captions, [row["label"] for row in csv.DictReader(f)]


def plain(text):
    """Words as recur counts them: lower case, without punctuation."""
    return " ".join("".join(c if c.isalnum() or c in "'-" else " " for c in text.lower()).split())


def score(out, predictions):
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider

    usual = collections.defaultdict(collections.Counter)
    for captions, label in zip(*read_part(out, "train")):
        usual[label].update(plain(caption) for caption in captions)
    usual = {label: counts.most_common(1)[0][0] for label, counts in usual.items()}
    captions, true = read_part(out, "test")
    with open(predictions, newline="") as f:
        predicted = [row["label"] for row in csv.DictReader(f)]
    assert len(predicted) == len(true)
    right = sum(a == b for a, b in zip(predicted, true)) / len(true)
    references = {i: [plain(caption) for caption in each] for i, each in enumerate(captions)}
    for name, labels in (("true class", true), (f"predicted class ({100 * right:.1f} % right)", predicted)):
        said = {i: [usual[label]] for i, label in enumerate(labels)}
        with contextlib.redirect_stdout(io.StringIO()):
            bleu, cider = Bleu(4).compute_score(references, said)[0], Cider().compute_score(references, said)[0]
        print(f"the most frequent caption of the {name}: BLEU-4 {100 * bleu[3]:.1f}, CIDEr-D {100 * cider:.1f}")


if sys.argv[1] == "data":
    write_data(*sys.argv[2:])
else:
    score(*sys.argv[2:])
