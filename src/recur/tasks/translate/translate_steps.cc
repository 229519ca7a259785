#include "recur/tasks/translate/translate_steps.h"

#include "recur/autograd/node.h"

namespace recur {
namespace {

TranslateModel::Source read_quietly(const TranslateModel& model, const SourceBatch& sources) {
  const autograd::NoGrad no_grad;
  return model.read(sources, Mode::evaluation());
}

}  // namespace

TranslateSteps::TranslateSteps(const TranslateModel& model, const SourceBatch& sources, std::optional<int32_t> unknown)
    : TranslateSteps(model, read_quietly(model, sources), unknown) {}

TranslateSteps::TranslateSteps(const TranslateModel& model, const TranslateModel::Source& source,
                               std::optional<int32_t> unknown)
    : AttentionSteps({.symbols = model.target_symbols(),
                      .write =
                          [&model](const Tensor& symbols, const DecoderState& state, const AttentionMemory& memory) {
                            return model.write(symbols, state, memory, Mode::evaluation());
                          },
                      .logits = [&model](const Tensor& features) { return model.logits(features); }},
                     source.memory, source.first, unknown) {}

}  // namespace recur
