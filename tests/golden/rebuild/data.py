"""Small seeded data for every task, with what is hard to get right: gaps, unknown words, dates, static columns."""
import math
import random

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _word(r):
    return "".join(r.choice(_LETTERS) for _ in range(2 + int(r.random() * 6)))


def _write(path, lines):
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    return path


def text(path, seed, lines, strange=False):
    """Sentences with capitals, accents and empty lines; strange ones have words and characters of their own."""
    words = [_word(random.Random(k)) for k in range(60)] + ["Ärger", "élan", "ΩMEGA", "Москва"]
    r, out = random.Random(seed), []
    for k in range(lines):
        row = [r.choice(words) for _ in range(int(r.random() * 9))]
        if row and r.random() < 0.5:
            row[0] = row[0].capitalize()
        if strange and k % 5 == 0:
            row += ["ƒremd", "日本"]
        out.append(" ".join(row) + ("." if row else ""))
    return _write(path, out)


def labelled_texts(path, seed, rows):
    r, out = random.Random(seed), ["text,label"]
    for _ in range(rows):
        good = r.random() < 0.5
        words = [r.choice(["good", "Fine", "it's", "re-use"] if good else ["bad", "Poor", "(well)", "..."])]
        words += [_word(random.Random(int(r.random() * 30))) for _ in range(int(r.random() * 12))]
        r.shuffle(words)
        out.append('"' + " ".join(words) + (', done!"' if r.random() < 0.5 else '"') + "," + ("yes" if good else "no"))
    return _write(path, out)


def labelled_series(path, seed, count, values=False):
    """Two channels, one with gaps, and a static number; the label is a class or a value."""
    r, out = random.Random(seed), ["id,step,x,y,age,label"]
    for i in range(count):
        fast, phase, steps = r.random() < 0.5, r.random() * 6, 5 + int(r.random() * 12)
        age, target = 20 + 60 * r.random(), r.random()
        for t in range(steps):
            x = math.sin(phase + t * (0.9 if fast else 0.5)) + (target if values else 0)
            y = "" if r.random() < 0.2 else f"{50 + 10 * r.random() + (5 if fast else 0):.2f}"
            label = f"{3 + 2 * target:.4f}" if values else ("fast" if fast else "slow")
            out.append(f"s{i},{t},{x + 0.3 * r.random():.3f},{y},{age:.1f},{label}")
    return _write(path, out)


def pairs(path, seed, count):
    """Words, and the same in the other order with an é behind each, between tabs."""
    r, out = random.Random(seed), []
    for _ in range(count):
        words = [_word(random.Random(int(r.random() * 30))) for _ in range(1 + int(r.random() * 4))]
        out.append(" ".join(words) + "\t" + " ".join(word + "é" for word in reversed(words)))
    return _write(path, out)


def tagged(path, seed, sentences, spans=False):
    r, out = random.Random(seed), []
    ends, tags = ["ing", "ness", "ly"], ["VERB", "NOUN", "ADV"]
    for _ in range(sentences):
        inside = False
        for _ in range(1 + int(r.random() * 7)):
            if spans:
                inside = r.random() < (0.5 if inside else 0.3)
                tag = "O" if not inside else ("I-X" if out and out[-1].endswith("-X") else "B-X")
                word = (_word(r).capitalize() if inside else _word(random.Random(int(r.random() * 40)))) + "é" * inside
            else:
                k = int(3 * r.random())
                word, tag = _word(r) + ends[k], tags[k]
            out.append(f"{word} {tag}")
        out.append("")
    return _write(path, out)


def panel(path, seed, steps, horizon, dates=False, gaps=True):
    """Three shops: two targets with gaps, a past covariate, one known ahead, static columns of words and of numbers."""
    r, out = random.Random(seed), ["id,time,sold,stock,visitors,promotion,kind,size"]
    months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for i in range(3):
        level, kind = 20 + 100 * r.random(), ["big", "small", "big"][i]
        size = 1 + 3 * r.random()
        for t in range(steps + horizon):
            day, month = t, 0
            while day >= months[month]:
                day, month = day - months[month], month + 1
            time = f"2023-{month + 1:02d}-{day + 1:02d}" if dates else str(t + 1)
            promotion = int(r.random() < 0.15)
            sold = level * (1 + 0.4 * math.sin(t * 2 * math.pi / 7)) * (1.5 if promotion else 1) * (1 + 0.1 * r.random())
            stock = level * (2 + 0.3 * r.random())
            cells = [f"{sold:.2f}", f"{stock:.1f}", f"{10 * r.random():.2f}"]
            if gaps:
                cells = ["" if r.random() < 0.05 else cell for cell in cells]
            if t >= steps:
                cells = ["", "", ""]
            out.append(f"s{i},{time},{','.join(cells)},{promotion},{kind},{size:.2f}")
    return _write(path, out)


def season(path, seed, steps, counts=False):
    """Positive series of one target with a season, and a static column; counts are whole numbers."""
    r, out = random.Random(seed), ["id,t,sold,size"]
    for i in range(4):
        level, size = 10 + 50 * r.random(), r.random()
        for t in range(steps):
            sold = level * (1 + 0.4 * math.sin(t * 2 * math.pi / 4)) * (1 + 0.2 * r.random())
            out.append(f"s{i},{t + 1},{int(sold) if counts else round(sold, 2)},{size:.3f}")
    return _write(path, out)


def records(path, labels_path, seed, count):
    """Observations at irregular times, several in a step, outliers, and two labels with one that only helps."""
    r, out, labels = random.Random(seed), ["id,time,parameter,value"], ["id,septic,kidney,helps"]
    for i in range(count):
        septic, kidney = r.random() < 0.4, r.random() < 0.3
        labels.append(f"p{i},{int(septic)},{int(kidney)},{int(r.random() < 0.5)}")
        out.append(f"p{i},0,Age,{40 + 40 * r.random():.0f}")
        t = 0.1 + r.random()
        while t < 8:
            out.append(f"p{i},{t:.2f},HR,{80 + 30 * r.random() + 4 * septic * t:.1f}")
            if r.random() < 0.3:
                lactate = 900 if r.random() < 0.05 else 1 + 2 * r.random() + septic * t / 8
                out.append(f"p{i},{t:.2f},Lactate,{lactate:.2f}")
            if r.random() < (0.5 if kidney else 0.1):
                out.append(f"p{i},{t:.2f},Creatinine,{0.8 + 0.6 * r.random():.2f}")
            t += 0.1 + r.random()
    _write(labels_path, labels)
    return _write(path, out)


def waves(path, seed, steps, faults):
    """Two channels of two sequences, with gaps; faulty ones have labels."""
    r, out = random.Random(seed), ["id,t,x,y" + (",label" if faults else "")]
    for i in range(2):
        for t in range(steps):
            fault = faults and t % 60 >= 50
            y = math.cos(t / 4 + 2 * fault) + 0.1 * r.random()
            cells = [f"s{i}", str(t), f"{math.sin(t / 4) + 0.1 * r.random():.3f}", "" if r.random() < 0.1 else f"{y:.3f}"]
            out.append(",".join(cells) + (f",{int(fault)}" if faults else ""))
    return _write(path, out)
