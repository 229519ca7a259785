#include "recur/tasks/lm/lm_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/tasks/lm/lm_score.h"

namespace recur {
namespace {

constexpr const char* kSequence = "sequence";

// Symbols that a message cannot show as they are, and how they are written: a line end is '\\n'.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kEscapes{
    {{"\n", "\\n"}, {"\r", "\\r"}, {"\t", "\\t"}}};

std::string escaped(const std::string& piece) {
  const auto at = std::ranges::find(kEscapes, piece, &decltype(kEscapes)::value_type::first);
  return at == kEscapes.end() ? piece : std::string(at->second);
}
std::string unescaped(const std::string& name) {
  const auto at = std::ranges::find(kEscapes, name, &decltype(kEscapes)::value_type::second);
  return at == kEscapes.end() ? name : std::string(at->first);
}

// The symbols before the one that is explained are read behind a line end, which is no part of the record.
class LmRecord : public Explainable {
 public:
  LmRecord(const LmTrained& model, ReadRecord read, Tensor first)
      : Explainable(std::move(read)), model_(model), first_(std::move(first)) {}

  Tensor score(const Tensor& x) const override {
    const Tensor features = model_.network().evaluate(behind_line_end(x));
    if (sequence_.empty()) {
      return class_score(model_.network().logits(row(features, features.size(0) - 1)), symbol_, probability_);
    }
    const int64_t steps = std::ssize(sequence_), batch = x.size(1);
    std::vector<int32_t> expected;
    for (const int32_t symbol : sequence_) expected.insert(expected.end(), static_cast<size_t>(batch), symbol);
    const Tensor logits = model_.network().logits(rows(features, 0, steps));
    return -sum(cross_entropy(logits, Tensor::from(expected, {steps, batch}), {.reduction = Reduction::kNone}), 0);
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    return {{.name = "rnn", .network = model_.network().rnn(), .x = behind_line_end(x), .before = 1}};
  }

  void choose_symbol(const ExplainTarget& target, std::optional<int32_t> actual) {
    const Tokenizer& tokenizer = model_.tokenizer();
    probability_ = target.probability;
    read_.scale = scale_of(target);
    if (!target.name.empty()) {
      std::vector<int32_t> ids = tokenizer.encode(target.name);
      if (ids.size() != 1 || ids[0] == tokenizer.unknown()) ids = tokenizer.encode(unescaped(target.name));
      if (ids.size() != 1 || ids[0] == tokenizer.unknown()) {
        fail_usage("target: expected one symbol of the model's vocabulary ({}), got {}", tokenizer.kind(),
                   quoted_cell(target.name));
      }
      symbol_ = ids[0];
    } else if (actual) {
      symbol_ = *actual;
    } else {
      const autograd::NoGrad no_grad;
      const Tensor x = reshape(read_.x, {read_.steps(), 1, read_.features()});
      const Tensor features = model_.network().evaluate(behind_line_end(x));
      symbol_ = best_class(model_.network().logits(row(features, features.size(0) - 1)));
    }
    read_.target = fmt::format("symbol {} behind {} symbols",
                               quoted_cell(escaped(tokenizer.piece(static_cast<int32_t>(symbol_), {}))), read_.steps());
  }

  void choose_sequence(std::vector<int32_t> symbols) {
    sequence_ = std::move(symbols);
    read_.scale = "log-probability";
    read_.target = "all symbols";
  }

 private:
  // [T + 1, B, E]
  Tensor behind_line_end(const Tensor& x) const {
    const Tensor first = Tensor::zeros({1, x.size(1), x.size(2)}, x.dtype()) + first_;
    return concat({first, x}, 0);
  }

  const LmTrained& model_;
  Tensor first_;  // [E], of the line end
  int64_t symbol_ = 0;
  std::vector<int32_t> sequence_;
  bool probability_ = false;
};

}  // namespace

LmRecords::LmRecords(const LmTrained& model, const TextSource& source) : model_(model) {
  std::string line;
  int64_t number = 0;
  const auto finish = [&] {
    if (line.empty()) return;
    ++number;
    if (line.ends_with('\n')) line.pop_back();
    Line one{.number = number, .symbols = model.tokenizer().encode(line)};
    if (!line.empty() && model.tokenizer().line_end() && !one.symbols.empty() &&
        one.symbols.back() == *model.tokenizer().line_end()) {
      one.symbols.pop_back();
    }
    if (!line.empty()) lines_.push_back(std::move(one));
    line.clear();
  };
  const auto take = [&](const TextBlock& block) {
    std::string_view text = block.text;
    while (!text.empty()) {
      const size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
      line += text.substr(0, length);
      if (line.ends_with('\n')) finish();
      text.remove_prefix(length);
    }
    if (block.ends_file) finish();
    return true;
  };
  if (model.tokenizer().needs_utf8()) {
    source.for_each_utf8_block(source.all(), take);
  } else {
    source.for_each_block(source.all(), take);
  }
}

std::unique_ptr<Explainable> LmRecords::record(int64_t i, const ExplainTarget& target) const {
  const Line& line = lines_[static_cast<size_t>(i)];
  const Tokenizer& tokenizer = model_.tokenizer();
  const bool whole = target.name == kSequence;
  if (whole && target.step) fail_usage("step: not possible with the target 'sequence', which covers all symbols");
  if (line.symbols.empty()) fail_empty_record("line " + std::to_string(line.number), std::to_string(line.number));
  // The symbol of a step is explained by those before it; there are none before the first.
  const int64_t last = step_of(target, std::ssize(line.symbols), std::ssize(line.symbols));
  if (last == 0) fail_usage("step: the first symbol of a line has no symbols before it that could explain it");
  const std::vector<int32_t> seen(line.symbols.begin(), line.symbols.begin() + last);
  ReadRecord read;
  Tensor first;
  {
    const autograd::NoGrad no_grad;
    const Tensor& table = model_.network().embedding().weight;
    const auto vectors = [&](const std::vector<int32_t>& ids) {
      return model_.network().embedding()(Tensor::from(ids, {std::ssize(ids)})).detach();
    };
    read.x = vectors(seen);
    read.mean = Tensor::zeros(read.x.shape(), read.x.dtype()) + mean(table, 0);
    if (const auto unknown = tokenizer.unknown()) {
      read.padding = vectors(std::vector<int32_t>(seen.size(), *unknown));
    }
    first = row(vectors({beginning_symbol(tokenizer)}), 0);
  }
  read.id = std::to_string(line.number);
  read.channels = {"token"};
  read.channel_of.assign(static_cast<size_t>(read.features()), 0);
  std::optional<int32_t> before;
  for (const int32_t id : seen) {
    read.tokens.push_back(tokenizer.piece(id, before));
    before = id;
  }
  auto record = std::make_unique<LmRecord>(model_, std::move(read), std::move(first));
  if (whole) {
    record->choose_sequence(seen);
  } else {
    record->choose_symbol(target, target.step ? std::optional(line.symbols[static_cast<size_t>(last)]) : std::nullopt);
  }
  return record;
}

}  // namespace recur
