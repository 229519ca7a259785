// Numbers of time steps, a row each, that may be more than fit into memory: what tasks make of their sequences once.
//
//   RowStore<float> rows({.width = 3, .purpose = "panel: cannot keep the values"});
//   const int64_t first = rows.append(values);        // [T, 3] row-major
//   std::vector<float> room;
//   use(rows.read(first + 10, first + 20, room));     // [10, 3]
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "recur/data/files/scratch_array.h"
#include "recur/data/files/scratch_file.h"

namespace recur {

struct RowStoreOptions {
  int64_t width = 1;                                      // W, numbers of a row
  std::string purpose = "steps: cannot keep the values";  // of the scratch file, in messages
  int64_t memory_bytes = 0;                               // more go to disk, all of them. 0: usual_memory_bytes()
};

// In memory up to a limit, on disk beyond it: what is read is the same. One thread writes, then any number may read.
template <class T>
class RowStore {
 public:
  static_assert(std::is_arithmetic_v<T>);

  explicit RowStore(RowStoreOptions options = {}) : options_(std::move(options)) {
    if (options_.memory_bytes <= 0) options_.memory_bytes = usual_memory_bytes();
  }

  int64_t rows() const { return rows_; }
  int64_t width() const { return options_.width; }
  bool in_memory() const { return disk_ == nullptr; }

  // Whole rows; returns the first one's number.
  int64_t append(std::span<const T> values) {
    const int64_t first = rows_;
    rows_ += count(values);
    if (!fits()) move_to_disk();
    if (in_memory()) {
      memory_.insert(memory_.end(), values.begin(), values.end());
    } else {
      disk_->write(bytes(first), std::as_bytes(values));
    }
    return first;
  }

  // More rows or fewer; new ones are zeros.
  void resize(int64_t rows) {
    rows_ = rows;
    if (!fits()) move_to_disk();
    in_memory() ? memory_.resize(static_cast<size_t>(rows * width())) : disk_->resize(bytes(rows));
  }

  // Replaces rows from `first` on, which must be there.
  void write(int64_t first, std::span<const T> values) {
    assert(first >= 0 && first + count(values) <= rows_);
    if (in_memory()) {
      std::ranges::copy(values, memory_.begin() + first * width());
    } else {
      disk_->write(bytes(first), std::as_bytes(values));
    }
  }

  // Rows begin .. end - 1, row-major: themselves where they are in memory, else read into `room`. Valid until `room` or
  // the rows change.
  std::span<const T> read(int64_t begin, int64_t end, std::vector<T>& room) const {
    assert(begin >= 0 && begin <= end && end <= rows_);
    const auto size = static_cast<size_t>((end - begin) * width());
    if (in_memory()) return std::span<const T>(memory_).subspan(static_cast<size_t>(begin * width()), size);
    room.resize(size);
    disk_->read(bytes(begin), std::as_writable_bytes(std::span(room)));
    return room;
  }

  // Calls visit(part, first) with rows begin .. end - 1 in order: at once where they are in memory, else in parts.
  template <class Visit>
  void for_each_part(int64_t begin, int64_t end, const Visit& visit) const {
    constexpr int64_t kPartValues = 1 << 18;
    const int64_t most = in_memory() ? end - begin : std::max<int64_t>(kPartValues / std::max<int64_t>(width(), 1), 1);
    std::vector<T> room;
    for (int64_t at = begin; at < end; at += most) visit(read(at, std::min(at + most, end), room), at);
  }

 private:
  int64_t bytes(int64_t rows) const { return rows * width() * static_cast<int64_t>(sizeof(T)); }
  int64_t count(std::span<const T> values) const {
    assert(width() > 0 ? std::ssize(values) % width() == 0 : values.empty());
    return width() > 0 ? std::ssize(values) / width() : 0;
  }
  bool fits() const { return bytes(rows_) <= options_.memory_bytes; }

  void move_to_disk() {
    if (!in_memory()) return;
    disk_ = std::make_unique<ScratchArray>(options_.purpose);
    disk_->write(0, std::as_bytes(std::span<const T>(memory_)));
    memory_ = {};
  }

  RowStoreOptions options_;
  int64_t rows_ = 0;
  std::vector<T> memory_;
  std::unique_ptr<ScratchArray> disk_;
};

}  // namespace recur
