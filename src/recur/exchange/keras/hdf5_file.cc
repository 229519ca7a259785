#include "recur/exchange/keras/hdf5_file.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "recur/base/child_process.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/io/little_endian.h"

namespace recur::keras {
namespace {

constexpr std::chrono::seconds kLimit{120};

// What a child process has read, as bytes: the number of datasets, then of each path, error, number of axes, their
// sizes and the values; then of each of kHdf5Attributes 1 and its text, or 0. Numbers take 8 bytes, texts stand behind
// their lengths.
class ToBytes {
 public:
  explicit ToBytes(const Hdf5Content& content) {
    add(content.datasets.size());
    for (const Hdf5Dataset& dataset : content.datasets) {
      add(dataset.path);
      add(dataset.error);
      if (dataset.error.empty()) add(dataset.values);
    }
    for (const char* key : kHdf5Attributes) {
      const auto found = content.attributes.find(key);
      add(found != content.attributes.end() ? 1 : 0);
      if (found != content.attributes.end()) add(found->second);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void add(uint64_t number) { append_little_endian(out_, number); }
  void add(const std::string& text) {
    add(text.size());
    out_ += text;
  }
  void add(const Tensor& values) {
    add(static_cast<uint64_t>(values.rank()));
    for (int64_t axis = 0; axis < values.rank(); ++axis) add(static_cast<uint64_t>(values.size(axis)));
    const auto numbers = values.values<float>();
    out_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
  }
  std::string out_;
};

// The reverse. The process that wrote them may have been taken over by its file, so nothing is believed.
class FromBytes {
 public:
  FromBytes(std::string_view name, std::string_view bytes) : name_(name), bytes_(bytes) {}

  Hdf5Content content() {
    Hdf5Content out;
    for (uint64_t left = number(); left > 0; --left) {
      Hdf5Dataset& dataset = out.datasets.emplace_back(Hdf5Dataset{.path = text(), .values = {}});
      dataset.error = text();
      if (dataset.error.empty()) dataset.values = values();
    }
    for (const char* key : kHdf5Attributes) {
      if (number() != 0) out.attributes[key] = text();
    }
    return out;
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size()) fail_damaged();
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  uint64_t number() { return load_little_endian<uint64_t>(std::as_bytes(std::span(take(sizeof(uint64_t))))); }
  std::string text() { return std::string(take(number())); }
  Tensor values() {
    constexpr uint64_t kMostAxes = 8, kLongestAxis = uint64_t{1} << 40;
    const uint64_t axes = number();
    if (axes > kMostAxes) fail_damaged();
    std::vector<int64_t> sizes;
    double count = 1;  // which cannot overflow
    for (uint64_t axis = 0; axis < axes; ++axis) {
      const uint64_t size = number();
      if (size > kLongestAxis) fail_damaged();
      count *= static_cast<double>(size);
      sizes.push_back(static_cast<int64_t>(size));
    }
    if (count > static_cast<double>(bytes_.size())) fail_damaged();
    const std::string_view from = take(static_cast<uint64_t>(count) * sizeof(float));
    Tensor out = Tensor::empty(Shape(sizes));
    std::memcpy(out.data<float>(), from.data(), from.size());
    return out;
  }
  [[noreturn]] void fail_damaged() const { fail("{}: the HDF5 file is damaged", name_); }

  std::string_view name_, bytes_;
};

Hdf5Content read_apart(const std::string& name, const std::string& bytes) {
  const std::string read = in_child_process([&] { return ToBytes(read_with_library(name, bytes)).take(); },
                                            name + ": the file is damaged: libhdf5", kLimit);
  return FromBytes(name, read).content();
}

}  // namespace

Hdf5File::Hdf5File(std::string name, Hdf5Content content) : name_(std::move(name)), content_(std::move(content)) {
  for (const Hdf5Dataset& each : content_.datasets) paths_.push_back(each.path);
}

Hdf5File Hdf5File::open(const std::string& path) {
  constexpr size_t kLargest = size_t{1} << 34;
  return from_memory(path, read_file(path, kLargest));
}

Hdf5File Hdf5File::from_memory(std::string name, const std::string& bytes) {
  Hdf5Content content = read_apart(name, bytes);
  return {std::move(name), std::move(content)};
}

Tensor Hdf5File::read(const std::string& path) const {
  const auto found = std::ranges::find(content_.datasets, path, &Hdf5Dataset::path);
  if (found == content_.datasets.end()) fail("{}: {}: there is no dataset that can be read", name_, path);
  if (!found->error.empty()) fail("{}", found->error);
  return found->values;
}

std::optional<std::string> Hdf5File::attribute(const std::string& name) const {
  const auto found = content_.attributes.find(name);
  return found == content_.attributes.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace recur::keras
