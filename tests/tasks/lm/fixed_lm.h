// Language models whose every word is known beforehand.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/lm/lm_model.h"

namespace recur::testing {

// One that takes each symbol for as probable as `shares` say, whatever came before.
inline LmModel lm_of_shares(const std::vector<double>& shares) {
  Random random(1);
  LmModelOptions options;
  options.rnn.hidden = 3;
  LmModel model(options, std::ssize(shares), random);
  for (NamedTensor& each : model.named_parameters()) {
    each.value.copy_from(Tensor::zeros(each.value.shape()));
    if (each.name != "decoder.bias") continue;
    for (size_t i = 0; i < shares.size(); ++i) each.value.data<float>()[i] = static_cast<float>(std::log(shares[i]));
  }
  return model;
}

// Parameters drawn so large that what a model says hangs on all that came before.
inline LmModelOptions drawn_lm_options() {
  LmModelOptions options;
  options.rnn.hidden = 7;
  options.rnn.layers = 2;
  options.init_range = 1.5;
  return options;
}

inline LmModel drawn_lm(int64_t vocabulary, uint64_t seed = 4) {
  Random random(seed);
  return LmModel(drawn_lm_options(), vocabulary, random);
}

// One that is sure that each symbol is followed by the next, and the last by 1.
inline LmModel counting_lm(int64_t vocabulary) {
  Random random(1);
  LmModelOptions options;
  options.rnn.cell = "rnn";
  options.rnn.hidden = options.embedding = vocabulary;
  LmModel model(options, vocabulary, random);
  for (NamedTensor& each : model.named_parameters()) {
    each.value.copy_from(Tensor::zeros(each.value.shape()));
    const bool input = each.name == "embedding.weight" || each.name == "rnn.weight_ih_l0";
    if (!input && each.name != "decoder.weight") continue;
    float* w = each.value.data<float>();
    for (int64_t i = 0; i < vocabulary; ++i) {
      const int64_t next = i + 1 < vocabulary ? i + 1 : 1;
      w[(input ? i : next) * vocabulary + i] = input ? 2 : 9;
    }
  }
  return model;
}

inline std::unique_ptr<Tokenizer> tokenizer_of(const std::string& text, const TokenizerOptions& options = {}) {
  const TextSource source = TextSource::from_text("text", text);
  return fit_tokenizer(source, source.all(), options);
}

inline TokenizerOptions kind_of(const std::string& kind, bool line_ends = true) {
  TokenizerOptions options;
  options.kind = kind;
  options.line_end_symbol = line_ends;
  return options;
}

// -ln p of each symbol but the first, from the logits of the whole in one run, added up in f64.
inline std::vector<double> surprises(const LmModel& model, const std::vector<int32_t>& ids) {
  const auto steps = std::ssize(ids) - 1;
  const std::vector<int32_t> inputs(ids.begin(), ids.end() - 1);
  const auto out = model(Tensor::from(inputs, {steps, 1}), {.mode = Mode::evaluation()});
  const Tensor logits = model.logits(out.features);
  const int64_t V = logits.size(2);
  std::vector<double> result;
  for (int64_t t = 0; t < steps; ++t) {
    const auto row = logits.values<float>().subspan(static_cast<size_t>(t * V), static_cast<size_t>(V));
    double sum = 0;
    for (const float logit : row) sum += std::exp(static_cast<double>(logit));
    result.push_back(std::log(sum) - static_cast<double>(row[static_cast<size_t>(ids[t + 1])]));
  }
  return result;
}

}  // namespace recur::testing
