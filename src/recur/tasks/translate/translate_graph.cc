// A translator as two graphs: one reads sources, the other writes a symbol.
#include "recur/decode/flat_state.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/trained_graph.h"
#include "recur/tasks/translate/translate_trained.h"

namespace recur {
namespace {

// What the decoder needs beside its state, which both graphs name alike.
struct Memory {
  int64_t keys = 0, values = 0;  // features
};

TrainedGraph encoder_graph(const TranslateModel& model, int64_t symbols) {
  GraphOutline outline(model);
  outline.symbols("ids", {"S", "B"}, symbols, "source symbols by their numbers, the end symbol last");
  outline.lengths("lengths", "B", "S", "symbols of each source, 0 to S");
  if (model.decoder().attends()) {
    outline.output("keys", "input of the decoder");
    outline.output("values", "input of the decoder");
  }
  outline.output_states(model.decoder().rnn(), "first_");
  return std::move(outline).trace([&](const Tensors& in) {
    const auto source = model.read({.ids = in[0], .lengths = to_lengths(in[1])}, Mode::evaluation());
    Tensors all;
    if (source.memory.keys.defined()) all = {source.memory.keys, source.memory.values};
    for (const Tensor& part : flat_state(source.first.rnn)) all.push_back(part);
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

TrainedGraph decoder_graph(const TranslateModel& model) {
  const AttentionDecoder& decoder = model.decoder();
  const Memory sizes = memory_of(model);
  GraphOutline outline(model);
  outline.symbols("symbols", {"B"}, model.target_symbols(), "the symbol before, the end symbol at first");
  const size_t states = outline.states(decoder.rnn());
  const size_t fed = decoder.feeds() ? outline.numbers("fed", {"B", decoder.output_features()},
                                                       "fed_after of the call before, zeros at first")
                                     : 0;
  size_t keys = 0;
  if (decoder.attends()) {
    keys = outline.numbers("keys", {"B", "S", sizes.keys}, "of the encoder");
    outline.numbers("values", {"B", "S", sizes.values}, "of the encoder");
    outline.lengths("lengths", "B", "S", "symbols of each source, as the encoder got them");
  }
  const size_t attended = decoder.locates()
                              ? outline.numbers("attended", {"B", "S", 2},
                                                "attended_after of the call before, zeros at first: the last attention "
                                                "weights and their sum")
                              : 0;
  outline.output("log_probabilities", "natural logarithms of the probabilities of the next symbol");
  outline.output_states(decoder.rnn());
  if (decoder.feeds()) outline.output("fed_after", "fed of the next call");
  if (decoder.locates()) outline.output("attended_after", "attended of the next call");
  if (decoder.attends()) outline.output("weights", "attention weight of each source symbol");
  outline.note("The search for the best translation is not in the graph.");
  return std::move(outline).trace([&](const Tensors& in) {
    DecoderState state{.rnn = states_of(in, states, decoder.rnn()), .fed = {}};
    if (decoder.feeds()) state.fed = in[fed];
    if (decoder.locates()) state.attended = in[attended];
    AttentionMemory memory;
    if (decoder.attends()) memory = {in[keys], in[keys + 1], cast(in[keys + 2], DType::kI32)};
    const auto out = model.write(reshape(in[0], {1, in[0].size(0)}), state, memory, Mode::evaluation());
    const Tensor said = log_softmax(cast(model.logits(out.features), DType::kF32));
    const auto first = [](const Tensor& x) { return reshape(x, {x.size(1), x.size(2)}); };
    Tensors all{first(said)};
    for (const Tensor& part : flat_state(out.state.rnn)) all.push_back(part);
    if (decoder.feeds()) all.push_back(out.state.fed);
    if (decoder.locates()) all.push_back(out.state.attended);
    if (decoder.attends()) all.push_back(first(out.weights));
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
