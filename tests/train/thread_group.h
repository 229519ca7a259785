// Ranks that are threads of one process, for tests of training together.
#pragma once

#include <barrier>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "recur/train/collective.h"

namespace recur::testing {

class ThreadGroup {
 public:
  explicit ThreadGroup(int ranks) : barrier_(ranks), shares_(static_cast<size_t>(ranks)) {}

  // Runs `work` as each rank in a thread of its own. Throws what one of them threw; the others do not wait for it.
  void run(const std::function<void(Collective&)>& work) {
    std::exception_ptr thrown;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks(); ++rank) {
      threads.emplace_back([&, rank] {
        try {
          Rank one(*this, rank);
          work(one);
        } catch (...) {
          const std::scoped_lock lock(mutex);
          if (!thrown) thrown = std::current_exception();
        }
        barrier_.arrive_and_drop();
      });
    }
    for (std::thread& each : threads) each.join();
    if (thrown) std::rethrow_exception(thrown);
  }

 private:
  int ranks() const { return static_cast<int>(shares_.size()); }

  struct Share {
    Tensors gradients;
    double weight = 0, value = 0;
  };

  class Rank : public Collective {
   public:
    Rank(ThreadGroup& group, int rank) : group_(group), rank_(rank) {}

    Shard shard() const override { return {.rank = rank_, .ranks = group_.ranks()}; }

    // Each rank puts its gradients down, then takes the mean of all: in the order of the ranks, so that all have the
    // same bits.
    void reduce(const Tensors& parameters, double weight) override {
      Share& own = share(rank_);
      own.weight = weight;
      own.gradients.clear();
      for (const Tensor& each : parameters) own.gradients.push_back(each.grad());
      wait();
      for (size_t i = 0; i < parameters.size(); ++i) {
        Tensor parameter = parameters[i];
        parameter.set_grad(mean(i, parameter.shape()));
      }
      wait();
    }

    double of_first(double value) override {
      if (rank_ == 0) share(0).value = value;
      wait();
      const double first = share(0).value;
      wait();
      return first;
    }

   private:
    Share& share(int rank) { return group_.shares_[static_cast<size_t>(rank)]; }
    void wait() { group_.barrier_.arrive_and_wait(); }

    Tensor mean(size_t i, const Shape& shape) {
      Tensor sum = Tensor::zeros(shape);
      float* to = sum.data<float>();
      double weight = 0;
      for (const Share& each : group_.shares_) weight += each.weight;
      for (const Share& each : group_.shares_) {
        if (!each.gradients[i].defined()) continue;
        const auto from = each.gradients[i].values<float>();
        for (size_t k = 0; k < from.size(); ++k) to[k] += from[k] * static_cast<float>(each.weight / weight);
      }
      return sum;
    }

    ThreadGroup& group_;
    int rank_;
  };

  std::barrier<> barrier_;
  std::vector<Share> shares_;
};

}  // namespace recur::testing
