#include "recur/tasks/lm/lm_generate.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/utf8.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/lm/lm_score.h"

namespace recur {
namespace {

class Writer {
 public:
  Writer(const LmModel& model, const Tokenizer& tokenizer) : model_(model), tokenizer_(tokenizer) {}

  // Goes forward over the symbols; logits() is then of the one that follows.
  void read(std::span<const int32_t> ids) {
    constexpr size_t kWindow = 256;  // keeps the memory of a long prompt small
    for (size_t begin = 0; begin < ids.size(); begin += kWindow) {
      const auto part = ids.subspan(begin, std::min(kWindow, ids.size() - begin));
      auto out = model_(Tensor::from(part, {std::ssize(part), 1}), {.state = state_});
      state_ = std::move(out.state);
      if (begin + part.size() == ids.size()) take(model_.logits(row(out.features, out.features.size(0) - 1)));
    }
  }

  std::span<const float> logits() const { return logits_; }

 private:
  void take(const Tensor& logits) {  // [1, V]
    const Tensor numbers = logits.clone(DType::kF32);
    const auto values = numbers.values<float>();
    logits_.assign(values.begin(), values.end());
    const auto unknown = tokenizer_.unknown();
    if (unknown) logits_[static_cast<size_t>(*unknown)] = -std::numeric_limits<float>::infinity();
  }

  const LmModel& model_;
  const Tokenizer& tokenizer_;
  RecurrentState state_;
  std::vector<float> logits_;
};

std::vector<int32_t> encode_prompt(const Tokenizer& tokenizer, const std::string& prompt) {
  if (const size_t at = find_invalid_utf8(prompt); tokenizer.needs_utf8() && at != kNoPosition) {
    fail("prompt: invalid UTF-8 at offset {}", at);
  }
  std::vector<int32_t> ids = tokenizer.encode(prompt);
  const auto unknown = tokenizer.unknown() ? std::ranges::count(ids, *tokenizer.unknown()) : 0;
  if (unknown > 0) log_warning("prompt: {} of {} symbols are not in the model's vocabulary", unknown, ids.size());
  return ids;
}

}  // namespace

void generate_text(const LmModel& model, const Tokenizer& tokenizer, const GenerateOptions& options,
                   const TextSink& sink) {
  const autograd::NoGrad no_grad;
  Random random(options.seed);
  Writer writer(model, tokenizer);
  std::vector<int32_t> ids = encode_prompt(tokenizer, options.prompt);
  std::optional<int32_t> previous;
  if (ids.empty()) {
    ids = {beginning_symbol(tokenizer)};
  } else {
    previous = ids.back();
  }
  writer.read(ids);
  for (int64_t i = 0; i < options.length; ++i) {
    const int32_t next = sample(writer.logits(), options.sampling, random);
    if (!sink(tokenizer.piece(next, previous))) return;
    previous = next;
    if (i + 1 < options.length) writer.read({&next, 1});
  }
}

}  // namespace recur
