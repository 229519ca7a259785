# Training steps of the translator of bench/translate_step.cc, made of PyTorch's own layers, on one thread.
#
# Run: torch_translate.py PAIRS SECONDS [attention=general|dot|additive] [feeding=0|1] [hidden=N] [vocabulary=N]
#      [cell=gru|lstm] [layers=N] [precision=f32|bf16]
# bf16: autocast, that is products with bf16 operands and, of most layers, results in bf16.
# The encoder is packed, and of the targets only what is no padding meets the output layer, as ours does it. Without input
# feeding the decoder is one nn.GRU or nn.LSTM over all steps and attention two batched products; with it, cells in a loop.
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.manual_seed(1)
BATCH = 64


class Translator(nn.Module):
    def __init__(self, o):
        super().__init__()
        h = self.hidden = int(o.get("hidden", 320))
        self.kind = o.get("attention", "general")
        self.feeding = o.get("feeding", "1") == "1"
        self.lstm = o.get("cell", "gru") == "lstm"
        layers = int(o.get("layers", 1))
        v = int(o.get("vocabulary", 6000)) + 1
        self.embedding = nn.Embedding(v, h)
        kind, cell = (nn.LSTM, nn.LSTMCell) if self.lstm else (nn.GRU, nn.GRUCell)
        self.encoder = kind(h, h, layers, bidirectional=True, dropout=0.4 if layers > 1 else 0)
        self.bridge = nn.Linear(2 * h, layers * h * (2 if self.lstm else 1))
        if self.feeding:
            self.decoder = nn.ModuleList(cell(2 * h if i == 0 else h, h) for i in range(layers))
        else:
            self.decoder = kind(h, h, layers, dropout=0.4 if layers > 1 else 0)
        self.layers = layers
        if self.kind != "dot":
            self.key = nn.Linear(2 * h, h, bias=False)
        if self.kind == "additive":
            self.query = nn.Linear(h, h)
            self.score = nn.Linear(h, 1, bias=False)
        self.combine = nn.Linear(3 * h, h)
        self.output_bias = nn.Parameter(torch.zeros(v))
        nn.init.normal_(self.embedding.weight, 0, h**-0.5)

    def embed(self, ids):
        return F.dropout(self.embedding(ids) * self.hidden**0.5, 0.4)

    def attend(self, q, keys, values, padding):  # q [B, Q, h], keys [B, S, h], values [B, S, 2 h]
        if self.kind == "additive":
            scores = self.score(torch.tanh(self.query(q)[:, :, None] + keys[:, None])).squeeze(-1)
        else:
            scores = q @ keys.transpose(1, 2)
        return torch.softmax(scores.masked_fill(padding[:, None], -1e30), -1) @ values

    def features(self, q, context):
        return F.dropout(torch.tanh(self.combine(torch.cat([context, q], -1))), 0.4)

    def forward(self, source, lengths, inputs, targets):
        packed = pack_padded_sequence(self.embed(source), lengths, enforce_sorted=False)
        encoded, last = self.encoder(packed)
        encoded, _ = pad_packed_sequence(encoded)
        last = last[0] if self.lstm else last
        first = torch.tanh(self.bridge(torch.cat([last[-2], last[-1]], -1)))
        parts = [p.contiguous() for p in first.chunk(self.layers * (2 if self.lstm else 1), -1)]
        values = encoded.transpose(0, 1).contiguous()
        keys = self.key(values) if self.kind != "dot" else values
        padding = torch.arange(source.shape[0])[None] >= lengths[:, None]
        x = self.embed(inputs)
        if not self.feeding:
            state = (torch.stack(parts[0::2]), torch.stack(parts[1::2])) if self.lstm else torch.stack(parts)
            y, _ = self.decoder(x, state)
            q = y.transpose(0, 1)
            features = self.features(q, self.attend(q, keys, values, padding)).transpose(0, 1)
        else:
            states = list(zip(parts[0::2], parts[1::2])) if self.lstm else parts
            fed = x.new_zeros(x.shape[1], self.hidden)
            steps = []
            for t in range(x.shape[0]):
                y = torch.cat([x[t], fed], -1)
                for i, cell in enumerate(self.decoder):
                    y = F.dropout(y, 0.4) if i > 0 else y
                    states[i] = cell(y, states[i])
                    y = states[i][0] if self.lstm else states[i]
                context = self.attend(y[:, None], keys, values, padding)[:, 0]
                fed = self.features(y, context)
                steps.append(fed)
            features = torch.stack(steps)
        real = targets >= 0
        logits = F.linear(features[real], self.embedding.weight, self.output_bias)
        return F.cross_entropy(logits, targets[real], label_smoothing=0.1)


def batches(path, end):
    pairs, out = [], []
    for line in open(path):
        source, target = ([int(n) for n in side.split()] for side in line.split("\t"))
        pairs.append((source + [end], target))
        if len(pairs) < BATCH:
            continue
        lengths = torch.tensor([len(s) for s, _ in pairs])
        steps = max(len(t) for _, t in pairs) + 1
        source = torch.zeros(int(lengths.max()), BATCH, dtype=torch.long)
        inputs = torch.full((steps, BATCH), end)
        targets = torch.full((steps, BATCH), -1)
        for b, (s, t) in enumerate(pairs):
            source[: len(s), b] = torch.tensor(s)
            inputs[1 : len(t) + 1, b] = torch.tensor(t)
            targets[: len(t) + 1, b] = torch.tensor(t + [end])
        out.append((source, lengths, inputs, targets))
        pairs = []
    return out


def main():
    options = dict(word.split("=") for word in sys.argv[3:])
    model = Translator(options)
    data = batches(sys.argv[1], int(options.get("vocabulary", 6000)))
    adam = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    times, step, begin = [], 0, time.perf_counter()
    while not times or time.perf_counter() - begin < float(sys.argv[2]):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.get("precision") == "bf16"):
            loss = model(*data[step % len(data)])
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        adam.step()
        value = loss.item()
        if step >= len(data):
            times.append(1000 * (time.perf_counter() - start))
        step += 1
    print(f"torch,{statistics.median(times):.1f},{value:.3f}")


main()
