"""Symbols of texts, the language model, text classification and the tagger, from docs/formats.md."""
import math

import torch

from layers import attention_blocks, embedding, linear, pool, pool_last, recurrent, time_conv

_SPACES = " \t\r\f\v\n"
_MARKS = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def lower_case(text):
    """Latin (first two blocks), Greek and Cyrillic capitals."""
    out = []
    for c in text:
        code = ord(c)
        latin1 = 0xC0 <= code <= 0xDE and code != 0xD7
        latin = 0x100 <= code <= 0x17E and code not in (0x130, 0x131, 0x138, 0x149)
        greek = 0x391 <= code <= 0x3A9 and code != 0x3A2
        cyrillic = 0x400 <= code <= 0x42F
        out.append(c.lower() if code < 0x80 or latin1 or latin or greek or cyrillic else c)
    return "".join(out)


def _words(text):
    """The words of a text, and "\\n" for each line end."""
    out, word = [], ""
    for c in text + " ":
        if c not in _SPACES:
            word += c
            continue
        out += [word] if word else []
        out += ["\n"] if c == "\n" else []
        word = ""
    return out


class Tokenizer:
    def __init__(self, asset):
        self.asset, self.kind = asset, asset["kind"]
        if self.kind == "words":
            self.ids = {word: i for i, word in enumerate(asset["words"])}
            self.size = len(self.ids)
        else:
            self.ids = {symbol: i + 1 for i, symbol in enumerate(asset["symbols"])}  # 0: unknown
            self.size = len(self.ids) + 1

    @property
    def line_end(self):
        return self.ids["<eos>"] if self.kind == "words" and self.asset["line_end_symbol"] else None

    def encode(self, text):
        if self.kind != "words":
            symbols = text.encode() if self.kind == "bytes" else map(ord, text)
            return [self.ids.get(symbol, 0) for symbol in symbols]
        out = []
        for word in _words(text):
            if word == "\n":
                out += [] if self.line_end is None else [self.line_end]
            else:
                out.append(self.ids.get(lower_case(word) if self.asset["lower_case"] else word, self.ids["<unk>"]))
        return out


# --- lm ---------------------------------------------------------------------------------------------------------------


class LanguageModel:
    def __init__(self, model):
        self.model, self.tokenizer = model, Tokenizer(model.assets["vocabulary"])

    def _nats(self, ids):
        """Of each symbol but the first, from zero states on."""
        model = self.model
        x = embedding(model.tensors, "embedding", ids[:-1])[:, None]
        y = recurrent(model.under("rnn"), model.config, x)[0][:, 0]
        if "projection.weight" in model.tensors:
            y = linear(model.tensors, "projection", y)
        table = model.tensors["embedding.weight" if model.config["tie"] else "decoder.weight"]
        logits = torch.nn.functional.linear(y, table, model.tensors["decoder.bias"])
        return torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")

    def evaluate(self, text):
        ids = self.tokenizer.encode(text)
        if self.tokenizer.line_end is not None and not text.endswith("\n"):
            ids.append(self.tokenizer.line_end)
        targets = len(ids) - 1
        streams = min(max(targets // 1000, 1), self.model.config["eval_batch"])
        nats, begin = 0.0, 0
        for b in range(streams):
            length = targets // streams + (b < targets % streams)
            nats += self._nats(ids[begin : begin + length + 1]).sum().item()
            begin += length
        loss = nats / targets
        characters = len(text.encode()) if self.tokenizer.kind == "bytes" else len(text)
        return {
            "loss": loss,
            "perplexity": math.exp(loss),
            "bits_per_character": loss / math.log(2) * len(ids) / characters,
        }

    def _before_a_text(self):
        if self.tokenizer.line_end is not None:
            return self.tokenizer.line_end
        ids = self.tokenizer.encode("\n")
        known = ids and (self.tokenizer.kind == "words" or ids[-1] != 0)
        return ids[-1] if known else self.tokenizer.size - 1

    def predict(self, text):
        """(line, symbols, loss, perplexity) of each line with a symbol that is not only a line end."""
        rows = []
        for number, line in enumerate(text.splitlines(keepends=True), 1):
            ids = [self._before_a_text()] + self.tokenizer.encode(line)
            if line != "\n" and len(ids) > 1:
                loss = self._nats(ids).mean().item()
                rows.append((number, len(ids) - 1, loss, math.exp(loss)))
        return rows


# --- classify, of texts -----------------------------------------------------------------------------------------------


def _spaced(word):
    """Punctuation apart from the word it is written at."""
    if all(c in _MARKS for c in word):
        return word
    first, last = 0, len(word)
    while word[first] in _MARKS and word[first] != "'":
        first += 1
    while word[last - 1] in _MARKS:
        last -= 1
    return " ".join([*word[:first], word[first:last], *word[last:]])


def split_punctuation(text):
    out, word = "", ""
    for c in text:
        if c in _SPACES:
            out, word = out + (_spaced(word) if word else "") + c, ""
        else:
            word += c
    return out + (_spaced(word) if word else "")


def text_features(model, tokenizer, member, text):
    """The input of a classifier's layers: [T, E]."""
    config = model.config
    ids = tokenizer.encode(classified_text(model, tokenizer, text))
    most = config["most_steps"]
    if most and len(ids) > most:
        head = most // 4 if config["keep"] == "ends" else most
        ids = ids[:head] + ids[len(ids) - (most - head) :]
    x = embedding(member, "embedding", ids)
    if config["positions"] and len(ids):
        x = x + embedding(member, "positions", [min(t, config["positions"] - 1) for t in range(len(ids))])
    return x


def classified_text(model, tokenizer, text):
    if model.config["split_punctuation"] and tokenizer.kind == "words":
        text = split_punctuation(text)
    return text.replace("\n", " ")


def ngram_hash(data, seed):
    """Of bytes: 32 bits of FNV-1a with the bits spread by SplitMix64."""
    mask = (1 << 64) - 1
    h = 0xCBF29CE484222325 ^ seed
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & mask
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 & mask
    h = (h ^ h >> 27) * 0x94D049BB133111EB & mask
    return (h ^ h >> 31) & 0xFFFFFFFF


def text_ngrams(model, tokenizer, text):
    """Two sets of hashes: of words or symbols, and of characters or symbols at their places."""
    config, text = model.config, classified_text(model, tokenizer, text)
    words, characters = set(), set()
    if tokenizer.kind in ("chars", "bytes"):
        symbols = [c.encode() for c in text] if tokenizer.kind == "chars" else [bytes([b]) for b in text.encode()]
        for i in range(len(symbols)):
            for n in range(1, min(5, len(symbols) - i) + 1):
                run = b"".join(symbols[i : i + n])
                words.add(ngram_hash(run, 4))
                if config["positions"] and n <= 3:
                    characters.add(ngram_hash(b"%d\x1f" % i + run, 5))
        return words, characters
    found = "".join(" " if c in _SPACES else c for c in text).split(" ")
    found = [lower_case(word) if config["lower_case"] else word for word in found if word]
    for i, word in enumerate(found):
        words.add(ngram_hash(word.encode(), 1))
        if i:
            words.add(ngram_hash((found[i - 1] + "\x1f" + word).encode(), 2))
        marked = "<" + word + ">"
        for n in range(3, config["ngram_characters"] + 1):
            for k in range(len(marked) - n + 1):
                characters.add(ngram_hash(marked[k : k + n].encode(), 3))
    return words, characters


def ngram_scores(model, tokenizer, text):
    """[C] of the linear path."""
    weight = model.tensors["ngrams.weight"]
    scores = model.tensors["ngrams.bias"].clone()
    for hashes, share in zip(text_ngrams(model, tokenizer, text), (1, 0.5)):
        for h in hashes:
            scores = scores + share / max(len(hashes), 1) ** 0.5 * weight[:, h % weight.shape[1]]
    return scores


# --- tag --------------------------------------------------------------------------------------------------------------


class Tagger:
    def __init__(self, model):
        self.model, assets = model, model.assets
        self.words = {word: i for i, word in enumerate(assets["words"]["words"])}
        self.characters = {c: i for i, c in enumerate(assets["characters"])}
        self.tags = assets["tags"]

    def _spelt(self, token):
        ids = [self.characters.get(c, 0) for c in token[:40]]
        x = embedding(self.model.tensors, "speller.embedding", ids)
        if self.model.config["characters"] == "lstm":
            y = recurrent(self.model.under("speller.rnn"), {"cell": "lstm"}, x[:, None])[0][:, 0]
            return pool_last(y, True)
        conv = self.model.under("speller.conv")
        return torch.relu(time_conv(x, conv["weight"], conv["bias"], 1)).max(0).values

    def _scores(self, tokens):
        config, model = self.model.config, self.model
        keys = [lower_case(token) if config["lower_case"] else token for token in tokens]
        x = embedding(model.tensors, "words", [self.words.get(key, 0) for key in keys])
        if config["characters"] != "none":
            x = torch.cat([x, torch.stack([self._spelt(token) for token in tokens])], 1)
        y = recurrent(model.under("rnn"), config, x[:, None])[0][:, 0]
        return linear(model.tensors, "decoder", attention_blocks(model.under("blocks"), config, y))

    def _chain(self):
        crf = self.model.under("crf")
        return crf["transitions"], crf["start"], crf["end"]  # [from, to], [C], [C]

    def _log_sums(self, scores):
        """log of the sum over all labellings of exp(score)."""
        transitions, start, end = self._chain()
        alpha = start + scores[0]
        for row in scores[1:]:
            alpha = torch.logsumexp(alpha[:, None] + transitions, 0) + row
        return torch.logsumexp(alpha + end, 0)

    def _best(self, scores):
        transitions, start, end = self._chain()
        best, back = start + scores[0], []
        for row in scores[1:]:
            largest = (best[:, None] + transitions).max(0)
            back.append(largest.indices)
            best = largest.values + row
        path = [int((best + end).argmax())]
        for indices in reversed(back):
            path.append(int(indices[path[-1]]))
        return path[::-1]

    def predict(self, tokens):
        """(tag, probability) of each token."""
        scores = self._scores(tokens)
        if self.model.config["output"] != "crf":
            p = torch.softmax(scores, 1)
            return [(self.tags[int(row.argmax())], row.max().item()) for row in p]
        path = self._best(scores)
        scores = scores.clone().requires_grad_()
        (marginals,) = torch.autograd.grad(self._log_sums(scores), scores)
        return [(self.tags[tag], marginals[t, tag].item()) for t, tag in enumerate(path)]

    def nats(self, tokens, tags):
        """-log p of a sentence's tags."""
        scores, own = self._scores(tokens), [self.tags.index(tag) for tag in tags]
        if self.model.config["output"] != "crf":
            return torch.nn.functional.cross_entropy(scores, torch.tensor(own), reduction="sum").item()
        transitions, start, end = self._chain()
        score = start[own[0]] + end[own[-1]] + scores[range(len(own)), own].sum()
        score = score + sum(transitions[a, b] for a, b in zip(own, own[1:]))
        return (self._log_sums(scores) - score).item()
