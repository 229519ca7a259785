// Data files, of which those in memory are made from arrays, texts and sentences; and files of tensors.
#include <fmt/format.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "array.h"
#include "binding.h"
#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/files/data_file.h"
#include "recur/io/safetensors.h"
#include "recur/io/tensor_views.h"

namespace recur::python {
namespace {

using Texts = std::vector<std::string>;
using Steps = nb::ndarray<nb::ro, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// What JSON lines say of sequences besides their values; each empty, or one for each sequence.
struct SequenceFacts {
  Texts ids, labels;
  std::vector<Texts> times, step_labels;
  std::map<std::string, std::string> keys;  // what a key is called, where it has another name than its own

  const std::string& key(const std::string& name) const {
    const auto found = keys.find(name);
    return found == keys.end() ? name : found->second;
  }
};

void append_text(std::string& out, const std::string& text) { out += Json(text).dump(); }

void append_key(std::string& out, const std::string& key) {
  out += out.ends_with('{') ? "" : ",";
  append_text(out, key);
  out += ':';
}

void append_texts(std::string& out, const std::string& key, const Texts& texts) {
  append_key(out, key);
  out += '[';
  for (const std::string& each : texts) {
    if (out.back() != '[') out += ',';
    append_text(out, each);
  }
  out += ']';
}

template <class T>
void append_channel(std::string& out, const T* values, size_t steps, size_t width, size_t sequence) {
  out += '[';
  for (size_t t = 0; t < steps; ++t) {
    if (t > 0) out += ',';
    const T value = values[t * width];
    if (std::isinf(value)) fail("sequence {}: the value of step {} is infinite", sequence + 1, t + 1);
    if (std::isnan(value)) {
      out += "null";
    } else {
      fmt::format_to(std::back_inserter(out), "{}", value);
    }
  }
  out += ']';
}

void append_channel(std::string& out, const Steps& values, size_t channel, size_t sequence) {
  const size_t steps = values.shape(0), width = values.shape(1);
  if (values.dtype() == nb::dtype<float>())
    append_channel(out, static_cast<const float*>(values.data()) + channel, steps, width, sequence);
  else if (values.dtype() == nb::dtype<double>())
    append_channel(out, static_cast<const double*>(values.data()) + channel, steps, width, sequence);
  else
    fail("sequence {}: expected an array of float32 or float64", sequence + 1);
}

void check_count(const char* what, size_t got, size_t expected) {
  if (got != 0 && got != expected) fail("{}: expected one for each of {} sequences, got {}", what, expected, got);
}

// Of two keys of one name only the last would count.
void check_channels(const Texts& channels, const SequenceFacts& facts) {
  Texts keys = channels;
  if (!facts.ids.empty()) keys.push_back(facts.key("id"));
  if (!facts.labels.empty()) keys.push_back(facts.key("label"));
  if (!facts.times.empty()) keys.push_back(facts.key("time"));
  if (!facts.step_labels.empty()) keys.push_back(facts.key("labels"));
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice != keys.end()) fail("channels: the name '{}' is there twice, or is that of another column", *twice);
}

// An object a line, as docs/data.md has it: an array for each channel.
std::string json_lines(const std::vector<Steps>& values, const Texts& channels, const SequenceFacts& facts) {
  check_count("ids", facts.ids.size(), values.size());
  check_count("labels", facts.labels.size(), values.size());
  check_count("times", facts.times.size(), values.size());
  check_count("step_labels", facts.step_labels.size(), values.size());
  check_channels(channels, facts);
  std::string out;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].shape(1) != channels.size())
      fail("sequence {}: expected {} channels, got {}", i + 1, channels.size(), values[i].shape(1));
    out += '{';
    if (!facts.ids.empty()) append_key(out, facts.key("id")), append_text(out, facts.ids[i]);
    if (!facts.labels.empty()) append_key(out, facts.key("label")), append_text(out, facts.labels[i]);
    if (!facts.times.empty()) append_texts(out, facts.key("time"), facts.times[i]);
    if (!facts.step_labels.empty()) append_texts(out, facts.key("labels"), facts.step_labels[i]);
    for (size_t c = 0; c < channels.size(); ++c) {
      append_key(out, channels[c]);
      append_channel(out, values[i], c, i);
    }
    out += "}\n";
  }
  return out;
}

std::string text_lines(const Texts& texts, const Texts& labels) {
  check_count("labels", labels.size(), texts.size());
  std::string out;
  for (size_t i = 0; i < texts.size(); ++i) {
    out += '{';
    if (!labels.empty()) append_key(out, "label"), append_text(out, labels[i]);
    append_key(out, "text");
    append_text(out, texts[i]);
    out += "}\n";
  }
  return out;
}

// CoNLL-U, whose rows begin with a number, so that a word may begin with anything.
std::string conllu(const std::vector<Texts>& sentences, const std::vector<Texts>& tags) {
  check_count("tags", tags.size(), sentences.size());
  std::string out;
  const auto cell = [&](const std::string& text, size_t i, size_t t) {
    if (text.empty() || text.find_first_of(" \t\r\n") != text.npos)
      fail("sentence {}, word {}: expected a word without spaces, got '{}'", i + 1, t + 1, text);
    out += text;
  };
  for (size_t i = 0; i < sentences.size(); ++i) {
    if (!tags.empty() && tags[i].size() != sentences[i].size())
      fail("sentence {}: {} words and {} tags", i + 1, sentences[i].size(), tags[i].size());
    if (sentences[i].empty()) fail("sentence {}: expected a word, got none", i + 1);
    for (size_t t = 0; t < sentences[i].size(); ++t) {
      out += std::to_string(t + 1) + '\t';
      cell(sentences[i][t], i, t);
      out += "\t_\t";
      tags.empty() ? void(out += '_') : cell(tags[i][t], i, t);
      out += "\t_\t_\t_\t_\t_\t_\n";
    }
    out += '\n';
  }
  return out;
}

void bind_tensor_files(nb::module_& m) {
  m.def(
      "save_tensors",
      [](const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors,
         const std::map<std::string, std::string>& metadata) {
        std::vector<TensorView> views;
        for (const auto& [name, tensor] : tensors) views.push_back(view_of(name, tensor));
        write_safetensors(path, views, {metadata.begin(), metadata.end()});
      },
      nb::arg("path"), nb::arg("tensors"), nb::arg("metadata"), nb::call_guard<nb::gil_scoped_release>(),
      "Writes a safetensors file, whole or not at all.");
  m.def(
      "load_tensors",
      [](const std::string& path) {
        std::vector<std::pair<std::string, Tensor>> tensors;
        const SafetensorsFile file = SafetensorsFile::open(path);
        for (const TensorView& view : file.tensors()) tensors.emplace_back(view.name, tensor_of(view));
        return std::pair(std::move(tensors),
                         std::map<std::string, std::string>(file.metadata().begin(), file.metadata().end()));
      },
      nb::arg("path"), nb::call_guard<nb::gil_scoped_release>(), "The tensors and the metadata of a safetensors file.");
}

}  // namespace

void bind_files(nb::module_& m) {
  nb::class_<DataFile>(m, "DataFile", "A file of data, on the disk or in memory.")
      .def(
          "__init__", [](DataFile* self, const std::string& path) { new (self) DataFile(std::filesystem::path(path)); },
          nb::arg("path"))
      .def_static(
          "from_memory",
          [](const std::string& name, const nb::bytes& content) {
            return DataFile::from_memory(name, std::string(content.c_str(), content.size()));
          },
          nb::arg("name"), nb::arg("content"), "The content of a file, under the name that stands for it in errors.")
      .def(
          "content",
          [](const DataFile& file) {
            const std::string content = file.content(size_t{1} << 40);
            return nb::bytes(content.data(), content.size());
          },
          "All of it, unpacked.")
      .def_prop_ro(
          "name", [](const DataFile& file) { return file.name(); }, "Its path, or what stands for it.");
  m.def(
      "sequences_file",
      [](const std::vector<Steps>& values, const Texts& channels, const Texts& ids, const Texts& labels,
         const std::vector<Texts>& times, const std::vector<Texts>& step_labels,
         const std::map<std::string, std::string>& keys) {
        const nb::gil_scoped_release released;
        return DataFile::from_memory("memory.jsonl",
                                     json_lines(values, channels, {ids, labels, times, step_labels, keys}));
      },
      nb::arg("values"), nb::arg("channels"), nb::kw_only(), nb::arg("ids") = Texts{}, nb::arg("labels") = Texts{},
      nb::arg("times") = std::vector<Texts>{}, nb::arg("step_labels") = std::vector<Texts>{},
      nb::arg("keys") = std::map<std::string, std::string>{},
      nb::sig("def sequences_file(values: collections.abc.Sequence[numpy.ndarray], channels: "
              "collections.abc.Sequence[str], *, ids: collections.abc.Sequence[str] = [], labels: "
              "collections.abc.Sequence[str] = [], times: "
              "collections.abc.Sequence[collections.abc.Sequence[str]] = [], step_labels: "
              "collections.abc.Sequence[collections.abc.Sequence[str]] = [], keys: "
              "collections.abc.Mapping[str, str] = {}) -> DataFile"),
      "A file in memory of sequences [T, C] of float32 or float64, NaN where a value is missing. `keys` renames the "
      "keys\n"
      "id, label, time and labels.");
  m.def(
      "texts_file",
      [](const Texts& texts, const Texts& labels) {
        const nb::gil_scoped_release released;
        return DataFile::from_memory("memory.jsonl", text_lines(texts, labels));
      },
      nb::arg("texts"), nb::arg("labels") = Texts{},
      "A file in memory of texts, with a label each if there are labels.");
  m.def(
      "sentences_file",
      [](const std::vector<Texts>& sentences, const std::vector<Texts>& tags) {
        const nb::gil_scoped_release released;
        return DataFile::from_memory("memory.conllu", conllu(sentences, tags));
      },
      nb::arg("sentences"), nb::arg("tags") = std::vector<Texts>{},
      "A file in memory of sentences in words, with a tag for each word if there are tags.");
  bind_tensor_files(m);
}

}  // namespace recur::python
