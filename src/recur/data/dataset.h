// What a training run draws its examples from, wherever they are.
//
//   auto series = dataset_of(set);  // dataset_of.h: what readers give
//   auto encoded = transformed<Example, Sequence>(series, [&](const Sequence& s, Random&) { return encode(s); });
//   auto train = subset<Example>(encoded, train_indices);
//   BatchReader<Example> reader(train, {.batches = {.batch = 64, .seed = 7}});
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/files/loaded.h"

namespace recur {

// Const, and for any number of threads at a time.
template <class Example>
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual int64_t size() const = 0;
  virtual int64_t length(int64_t i) const = 0;  // T: what batches are planned by, known without loading
  // `random` is for what an example draws anew each time, such as a crop.
  virtual Loaded<Example> load(int64_t i, Random& random) const = 0;

  // load() waits for no disk: batches are then made when they are asked for, without a thread that reads ahead, and
  // their order need not care where examples lie.
  virtual bool in_memory() const = 0;
};

template <class Example>
using DatasetPtr = std::shared_ptr<const Dataset<Example>>;

// Every length(i), as BucketBatcher takes them.
template <class Example>
std::vector<int64_t> lengths_of(const Dataset<Example>& data) {
  std::vector<int64_t> lengths(static_cast<size_t>(data.size()));
  for (size_t i = 0; i < lengths.size(); ++i) lengths[i] = data.length(static_cast<int64_t>(i));
  return lengths;
}

// Those that `which` numbers, for a use that draws nothing.
template <class Example>
std::vector<Loaded<Example>> load_examples(const Dataset<Example>& data, std::span<const int32_t> which) {
  Random random(0);
  std::vector<Loaded<Example>> examples;
  examples.reserve(which.size());
  for (const int32_t i : which) examples.push_back(data.load(i, random));
  return examples;
}

// Examples that are all in memory; load() refers to them.
template <class Example>
DatasetPtr<Example> memory_dataset(std::vector<Example> examples, std::vector<int64_t> lengths) {
  class Memory : public Dataset<Example> {
   public:
    Memory(std::vector<Example> examples, std::vector<int64_t> lengths)
        : examples_(std::move(examples)), lengths_(std::move(lengths)) {}
    int64_t size() const override { return std::ssize(examples_); }
    int64_t length(int64_t i) const override { return lengths_[static_cast<size_t>(i)]; }
    Loaded<Example> load(int64_t i, Random&) const override {
      return Loaded<Example>::refer(examples_[static_cast<size_t>(i)]);
    }
    bool in_memory() const override { return true; }

   private:
    std::vector<Example> examples_;
    std::vector<int64_t> lengths_;
  };
  return std::make_shared<Memory>(std::move(examples), std::move(lengths));
}

// Examples that a function makes each time, from a file or from other data; it is called by several threads.
template <class Example>
DatasetPtr<Example> function_dataset(std::vector<int64_t> lengths, std::function<Example(int64_t, Random&)> load,
                                     bool in_memory) {
  class Made : public Dataset<Example> {
   public:
    Made(std::vector<int64_t> lengths, std::function<Example(int64_t, Random&)> load, bool in_memory)
        : lengths_(std::move(lengths)), load_(std::move(load)), in_memory_(in_memory) {}
    int64_t size() const override { return std::ssize(lengths_); }
    int64_t length(int64_t i) const override { return lengths_[static_cast<size_t>(i)]; }
    Loaded<Example> load(int64_t i, Random& random) const override { return Loaded<Example>(load_(i, random)); }
    bool in_memory() const override { return in_memory_; }

   private:
    std::vector<int64_t> lengths_;
    std::function<Example(int64_t, Random&)> load_;
    bool in_memory_;
  };
  return std::make_shared<Made>(std::move(lengths), std::move(load), in_memory);
}

// The examples of `which` alone, in that order: the part for training, or the part held out.
template <class Example>
DatasetPtr<Example> subset(DatasetPtr<Example> data, std::vector<int64_t> which) {
  class Subset : public Dataset<Example> {
   public:
    Subset(DatasetPtr<Example> data, std::vector<int64_t> which) : data_(std::move(data)), which_(std::move(which)) {}
    int64_t size() const override { return std::ssize(which_); }
    int64_t length(int64_t i) const override { return data_->length(which_[static_cast<size_t>(i)]); }
    Loaded<Example> load(int64_t i, Random& random) const override {
      return data_->load(which_[static_cast<size_t>(i)], random);
    }
    bool in_memory() const override { return data_->in_memory(); }

   private:
    DatasetPtr<Example> data_;
    std::vector<int64_t> which_;
  };
  return std::make_shared<Subset>(std::move(data), std::move(which));
}

// Each example changed on its way: encoded, or augmented with the numbers of `random`. Lengths stay.
template <class To, class From>
DatasetPtr<To> transformed(DatasetPtr<From> data, std::function<To(const From&, Random&)> change) {
  class Transformed : public Dataset<To> {
   public:
    Transformed(DatasetPtr<From> data, std::function<To(const From&, Random&)> change)
        : data_(std::move(data)), change_(std::move(change)) {}
    int64_t size() const override { return data_->size(); }
    int64_t length(int64_t i) const override { return data_->length(i); }
    Loaded<To> load(int64_t i, Random& random) const override {
      const Loaded<From> from = data_->load(i, random);
      return Loaded<To>(change_(*from, random));
    }
    bool in_memory() const override { return data_->in_memory(); }

   private:
    DatasetPtr<From> data_;
    std::function<To(const From&, Random&)> change_;
  };
  return std::make_shared<Transformed>(std::move(data), std::move(change));
}

}  // namespace recur
