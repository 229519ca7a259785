// A translator as two graphs: one reads sources, the other writes a symbol.
#include <fmt/format.h>

#include <string>

#include "recur/decode/flat_state.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/tasks/trained_graph.h"
#include "recur/tasks/translate/translate_trained.h"

namespace recur {
namespace {

// What the names of the member's inputs and outputs begin with: nothing where it is the only one.
std::string prefix_of(const TranslateEnsemble& model, size_t member) {
  return model.members().size() == 1 ? "" : fmt::format("member{}_", member);
}

// What the decoder needs beside its state, which both graphs name alike.
struct Memory {
  int64_t keys = 0, values = 0;  // features
};

TrainedGraph encoder_graph(const TranslateEnsemble& model, int64_t symbols) {
  GraphOutline outline(model);
  outline.symbols("ids", {"S", "B"}, symbols, "source symbols by their numbers, the end symbol last");
  outline.lengths("lengths", "B", "S", "symbols of each source, 0 to S");
  for (size_t k = 0; k < model.members().size(); ++k) {
    const std::string prefix = prefix_of(model, k);
    if (model.attends()) {
      outline.output(prefix + "keys", "input of the decoder");
      outline.output(prefix + "values", "input of the decoder");
    }
    outline.output_states(model.members()[k].decoder().rnn(), prefix + "first_");
  }
  return std::move(outline).trace([&](const Tensors& in) {
    Tensors all;
    for (const TranslateModel& member : model.members()) {
      const auto source = member.read({.ids = in[0], .lengths = to_lengths(in[1])}, Mode::evaluation());
      if (source.memory.keys.defined()) all.insert(all.end(), {source.memory.keys, source.memory.values});
      for (const Tensor& part : flat_state(source.first.rnn)) all.push_back(part);
    }
    return all;
  });
}

// The sizes of keys and values, of a source of one symbol.
Memory memory_of(const TranslateModel& model) {
  const autograd::NoGrad no_grad;
  const auto source = model.read({.ids = Tensor::zeros({1, 1}, DType::kI32), .lengths = {1}}, Mode::evaluation());
  if (!source.memory.keys.defined()) return {};
  return {source.memory.keys.size(2), source.memory.values.size(2)};
}

// Where a member's inputs stand.
struct DecoderInputs {
  size_t states = 0, fed = 0, keys = 0, attended = 0;
};

DecoderInputs outline_inputs(GraphOutline& outline, const TranslateModel& model, const std::string& prefix) {
  const AttentionDecoder& decoder = model.decoder();
  DecoderInputs at{.states = outline.states(decoder.rnn(), prefix)};
  if (decoder.feeds()) {
    at.fed = outline.numbers(prefix + "fed", {"B", decoder.output_features()},
                             prefix + "fed_after of the call before, zeros at first");
  }
  if (decoder.attends()) {
    const Memory sizes = memory_of(model);
    at.keys = outline.numbers(prefix + "keys", {"B", "S", sizes.keys}, "of the encoder");
    outline.numbers(prefix + "values", {"B", "S", sizes.values}, "of the encoder");
  }
  if (decoder.locates()) {
    at.attended = outline.numbers(prefix + "attended", {"B", "S", 2},
                                  prefix +
                                      "attended_after of the call before, zeros at first: the last attention "
                                      "weights and their sum");
  }
  return at;
}

void outline_outputs(GraphOutline& outline, const TranslateModel& model, const std::string& prefix) {
  const AttentionDecoder& decoder = model.decoder();
  outline.output_states(decoder.rnn(), prefix);
  if (decoder.feeds()) outline.output(prefix + "fed_after", prefix + "fed of the next call");
  if (decoder.locates()) outline.output(prefix + "attended_after", prefix + "attended of the next call");
}

TrainedGraph decoder_graph(const TranslateEnsemble& model) {
  const auto& members = model.members();
  GraphOutline outline(model);
  outline.symbols("symbols", {"B"}, members.front().target_symbols(), "the symbol before, the end symbol at first");
  std::vector<DecoderInputs> places;
  for (size_t k = 0; k < members.size(); ++k) {
    places.push_back(outline_inputs(outline, members[k], prefix_of(model, k)));
  }
  const size_t lengths =
      model.attends() ? outline.lengths("lengths", "B", "S", "symbols of each source, as the encoder got them") : 0;
  outline.output("log_probabilities", "natural logarithms of the probabilities of the next symbol");
  for (size_t k = 0; k < members.size(); ++k) outline_outputs(outline, members[k], prefix_of(model, k));
  if (model.attends()) outline.output("weights", "attention weight of each source symbol");
  outline.note("The search for the best translation is not in the graph.");
  return std::move(outline).trace([&](const Tensors& in) {
    Tensors log_probabilities, weights, states;
    const auto first = [](const Tensor& x) { return reshape(x, {x.size(1), x.size(2)}); };
    for (size_t k = 0; k < members.size(); ++k) {
      const AttentionDecoder& decoder = members[k].decoder();
      const DecoderInputs& at = places[k];
      DecoderState state{.rnn = states_of(in, at.states, decoder.rnn()), .fed = {}};
      if (decoder.feeds()) state.fed = in[at.fed];
      if (decoder.locates()) state.attended = in[at.attended];
      AttentionMemory memory;
      if (decoder.attends()) memory = {in[at.keys], in[at.keys + 1], cast(in[lengths], DType::kI32)};
      const auto out = members[k].write(reshape(in[0], {1, in[0].size(0)}), state, memory, Mode::evaluation());
      log_probabilities.push_back(first(log_softmax(cast(members[k].logits(out.features), DType::kF32))));
      for (const Tensor& part : flat_state(out.state.rnn)) states.push_back(part);
      if (decoder.feeds()) states.push_back(out.state.fed);
      if (decoder.locates()) states.push_back(out.state.attended);
      if (decoder.attends()) weights.push_back(first(out.weights));
    }
    Tensors all{log_mean_exp(log_probabilities)};
    all.insert(all.end(), states.begin(), states.end());
    if (weights.size() == 1) all.push_back(weights.front());
    if (weights.size() > 1) all.push_back(mean(stack(weights), 0));
    return all;
  });
}

}  // namespace

TrainedGraph TranslateTrained::graph(const GraphRequest& request) const {
  const std::vector<std::string> parts{"encoder", "decoder"};
  const std::string part = part_of(request, info().name, parts);
  refuse_stateful(request, "the decoder of a translator is one step already");
  TrainedGraph graph = part == "encoder" ? encoder_graph(model_, encoder_.source_symbols()) : decoder_graph(model_);
  graph.parts = parts;
  return graph;
}

}  // namespace recur
