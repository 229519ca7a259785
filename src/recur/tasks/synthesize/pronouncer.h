// Words become phonemes: a model of the task translate that is part of a speaker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "recur/nn/module.h"
#include "recur/tasks/translate/translate_trained.h"

namespace recur {

struct Pronunciation {
  std::vector<std::string> phonemes;  // may be none
  int64_t unknown_letters = 0;        // of the word, which are left out
};

// As a module it has buffers alone: they are in the speaker's file, and are not trained further. Const: any number of
// threads may use one.
class Pronouncer : public Module {
 public:
  explicit Pronouncer(const TranslateTrained& model);
  // From a model file or a run. Throws Error for one of another task.
  static std::shared_ptr<const Pronouncer> read(const std::filesystem::path& path);

  // What a speaker's file has of it besides the tensors, under names of its own.
  Assets assets() const;
  // With new tensors, which the caller replaces; null where the assets have none. `elements` are those of the file.
  // Both are untrusted input.
  static std::shared_ptr<const Pronouncer> restore(const Assets& assets, int64_t elements);

  // Of each word; deterministic, and kept. A word is read in the case whose letters the model knows: as it is, in small
  // letters or in capitals, the first of which leaves the fewest out.
  std::vector<Pronunciation> operator()(std::span<const std::string> words) const;

  // A pronunciation as the model writes it, cut into its symbols: between blanks, or, where its targets are characters,
  // each but blanks.
  std::vector<std::string> symbols_of(std::string_view pronunciation) const;

  int64_t network_parameters() const { return model_.network().parameter_count(); }

 private:
  Pronunciation readable(const std::string& word, std::string& known) const;
  std::vector<Pronunciation> pronounced(std::span<const std::string> words) const;

  TranslateTrained model_;
  TranslateOptions search_;  // how a word is pronounced
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Pronunciation> kept_;
};

}  // namespace recur
