"""The translator, from docs/formats.md: what the loss of a pair is."""
import torch

from layers import attention_blocks, embedding, linear, pool_last, recurrent
from text import Tokenizer


class Translator:
    def __init__(self, model):
        self.model, self.config = model, model.config
        self.source = Tokenizer(model.assets["source_vocabulary"])
        self.target = Tokenizer(model.assets.get("target_vocabulary", model.assets["source_vocabulary"]))

    def _embed(self, table, ids):
        scale = self.config["tie"] and table == "target"
        x = embedding(self.model.tensors, table, ids)
        return x * x.shape[1] ** 0.5 if scale else x

    def _attention(self, y, memory):
        """The context of y [D] over the memory [S, E]."""
        p, kind = self.model.under("decoder.attention"), self.config["attention"]
        if kind == "multi_head":
            own = torch.nn.MultiheadAttention(len(y), self.config["heads"], kdim=memory.shape[1], vdim=memory.shape[1]).double()
            own.load_state_dict({name.replace("out_proj_", "out_proj."): value for name, value in p.items()})
            with torch.no_grad():
                return own(y[None], memory, memory)[0][0]
        if kind == "additive":
            asked = p["query_weight"] @ y + p["query_bias"]
            scores = torch.tanh(asked + memory @ p["key_weight"].T) @ p["score_weight"][0]
        else:
            scores = (memory if kind == "dot" else memory @ p["key_weight"].T) @ y
        return torch.softmax(scores, 0) @ memory

    def nats(self, source, target):
        """-ln p of each symbol of the target and of its end."""
        tensors, config = self.model.tensors, self.config
        attends = config["attention"] != "none"
        table = "target" if config["joint_vocabulary"] else "source"
        ids = self.source.encode(source) + [self.source.size]
        memory = recurrent(self.model.under("encoder"), config, self._embed(table, ids)[:, None])[0][:, 0]
        made = torch.tanh(linear(tensors, "decoder.bridge", pool_last(memory, config["bidirectional"])))
        memory = attention_blocks(self.model.under("blocks"), config, memory)
        rnn = self.model.under("decoder.rnn")
        states, at = [], 0
        for layer in range(sum(name.startswith("weight_ih_l") for name in rnn)):
            size = rnn[f"weight_hh_l{layer}"].shape[1]
            states.append([])
            for _ in range(2 if config["cell"] == "lstm" else 1):
                states[-1].append(made[None, at : at + size])
                at += size
        end, nats = self.target.size, []
        fed = torch.zeros(len(tensors["decoder.combine.bias"]), dtype=torch.float64)
        symbols = self.target.encode(target)
        for before, symbol in zip([end] + symbols, symbols + [end]):
            x = self._embed("target", [before])[0]
            if config["input_feeding"] and attends:
                x = torch.cat([x, fed])
            y, states = recurrent(rnn, {"cell": config["cell"]}, x[None, None], states)
            y = y[0, 0]
            joined = torch.cat([self._attention(y, memory), y]) if attends else y
            fed = torch.tanh(linear(tensors, "decoder.combine", joined))
            weight = tensors["target.weight" if config["tie"] else "output.weight"]
            scores = torch.nn.functional.linear(fed, weight, tensors["output.bias"])
            nats.append(-torch.log_softmax(scores, 0)[symbol].item())
        return nats
