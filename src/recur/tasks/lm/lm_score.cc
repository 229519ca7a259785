#include "recur/tasks/lm/lm_score.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"

namespace recur {
namespace {

constexpr size_t kWindow = 256;  // keeps the memory of a long line small

// The sum of -ln p of each symbol but the first.
double nats(const LmModel& model, std::span<const int32_t> ids) {
  RecurrentState state;
  double sum = 0;
  for (size_t begin = 0; begin + 1 < ids.size(); begin += kWindow) {
    const size_t steps = std::min(kWindow, ids.size() - 1 - begin);
    const Shape shape{static_cast<int64_t>(steps), 1};
    auto out = model(Tensor::from(ids.subspan(begin, steps), shape), {.state = state, .mode = Mode::evaluation()});
    const Tensor targets = Tensor::from(ids.subspan(begin + 1, steps), shape);
    sum += model.loss(out.features, targets, {.reduction = Reduction::kSum}).item();
    state = std::move(out.state);
  }
  return sum;
}

class Scorer {
 public:
  Scorer(const LmModel& model, const Tokenizer& tokenizer, Sink& rows)
      : model_(model), tokenizer_(tokenizer), rows_(rows), first_(beginning_symbol(tokenizer)) {}

  void add(std::string_view text) {
    while (!text.empty()) {
      const size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
      line_ += text.substr(0, length);
      if (line_.ends_with('\n')) finish();
      text.remove_prefix(length);
    }
  }

  void finish() {
    if (line_.empty()) return;
    ++number_;
    ids_.assign(1, first_);
    tokenizer_.encode(line_, ids_);
    if (line_ != "\n" && ids_.size() > 1) put();
    line_.clear();
  }

 private:
  void put() const {
    const int64_t symbols = std::ssize(ids_) - 1;
    const double loss = nats(model_, ids_) / static_cast<double>(symbols);
    check_finite(loss, [&] { return fmt::format("line {}", number_); });
    const TableCell cells[] = {number_, symbols, loss, std::exp(loss)};
    rows_.row(cells);
  }

  const LmModel& model_;
  const Tokenizer& tokenizer_;
  Sink& rows_;
  int32_t first_;
  int64_t number_ = 0;
  std::string line_;
  std::vector<int32_t> ids_;
};

}  // namespace

void score_lines(const LmModel& model, const Tokenizer& tokenizer, const TextSource& source, Sink& rows) {
  const autograd::NoGrad no_grad;
  rows.columns({"line", "symbols", "loss", "perplexity"});
  Scorer scorer(model, tokenizer, rows);
  const auto score = [&](const TextBlock& block) {
    scorer.add(block.text);
    if (block.ends_file) scorer.finish();
    return true;
  };
  if (tokenizer.needs_utf8()) {
    source.for_each_utf8_block(source.all(), score);
  } else {
    source.for_each_block(source.all(), score);
  }
}

int32_t beginning_symbol(const Tokenizer& tokenizer) {
  if (tokenizer.line_end()) return *tokenizer.line_end();
  const std::vector<int32_t> ids = tokenizer.encode("\n");
  return ids.empty() || ids.back() == tokenizer.unknown() ? tokenizer.size() - 1 : ids.back();
}

}  // namespace recur
