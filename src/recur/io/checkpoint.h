// Checkpoints: named tensors and values in one file, from which a run continues to the same bits.
//
// A checkpoint is a sealed file (sealed_file.h) of kind "checkpoint". Values stand in its metadata as JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/io/safetensors.h"

namespace recur {

// Collects a state and saves it. Every part of a run adds its own under names with a prefix, such as "adam.step".
class StateWriter {
 public:
  // The data is not copied: it must stay until save().
  void tensor(TensorView view) { tensors_.push_back(std::move(view)); }

  // Values and tensors have separate names. Reals are stored exactly, including NaN; text is UTF-8. Throws Error for a
  // name that is already used or begins with "recur.", and for text that is not UTF-8.
  void integer(const std::string& key, std::int64_t value);
  void real(const std::string& key, double value);
  void text(const std::string& key, std::string_view value);
  void words(const std::string& key, std::span<const std::uint64_t> values);
  void reals(const std::string& key, std::span<const double> values);

  // Writes the file; an older one of this name stays until the new one is on the disk. Throws Error.
  void save(const std::filesystem::path& path) const;

 private:
  void add(const std::string& key, std::string json);

  std::vector<TensorView> tensors_;
  std::map<std::string, std::string, std::less<>> values_;
};

// A saved state. Everything asked for that is missing or of another type throws Error naming file, key, expected and
// got.
class StateReader {
 public:
  // Throws Error when the file is no checkpoint or is damaged.
  static StateReader open(const std::filesystem::path& path);

  bool has(std::string_view key) const { return file_.metadata().contains(key); }
  std::int64_t integer(std::string_view key) const;
  double real(std::string_view key) const;
  std::string text(std::string_view key) const;
  std::vector<std::uint64_t> words(std::string_view key) const;
  std::vector<double> reals(std::string_view key) const;

  // The tensor of this name; its data stays as long as a copy of this reader.
  const TensorView& tensor(std::string_view name) const { return file_.at(name); }
  const SafetensorsFile& file() const { return file_; }

 private:
  explicit StateReader(SafetensorsFile file) : file_(std::move(file)) {}

  SafetensorsFile file_;
};

}  // namespace recur
