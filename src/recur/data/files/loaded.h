// What is in memory already, or was read from disk to be used once.
#pragma once

#include <optional>
#include <utility>

namespace recur {

// Refers to an object that lives in its data set, which must outlive the handle, or holds a copy of its own.
template <class T>
class Loaded {
 public:
  static Loaded refer(const T& in_memory) {
    Loaded loaded;
    loaded.place_ = &in_memory;
    return loaded;
  }
  explicit Loaded(T own) : own_(std::move(own)) {}

  const T& operator*() const { return own_ ? *own_ : *place_; }
  const T* operator->() const { return &**this; }
  bool owned() const { return own_.has_value(); }

 private:
  Loaded() = default;

  const T* place_ = nullptr;
  std::optional<T> own_;
};

}  // namespace recur
