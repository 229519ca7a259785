// Problems to adapt to, each with a few examples of its own: drawn from classes or series, or made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recur/tasks/adapt/adapt_encoder.h"

namespace recur {

// Examples, and of classes the number of each's class within the problem, 0 .. N - 1.
struct Examples {
  std::vector<AdaptExample> examples;
  std::vector<int32_t> classes;

  int64_t size() const { return std::ssize(examples); }
};

struct Problem {
  std::string name;
  Examples shots = {}, queries = {};
  std::vector<std::string> classes = {};  // their names, of target = class
  std::vector<int32_t> numbers = {};      // of them, among all of the source
};

// How much is drawn, of each class or series.
struct Drawing {
  int64_t ways = 5, shots = 1, queries = 5;
};

// Any number of threads may draw.
class Problems {
 public:
  virtual ~Problems() = default;
  // The n-th problem, from 0, of a stream of a seed: the same each time.
  struct At {
    uint64_t seed = 1, stream = 0;
    int64_t number = 0;
  };
  virtual Problem draw(const Drawing& drawing, const At& at) const = 0;
  virtual int64_t categories() const = 0;  // that `numbers` count; 0: no end of them
};

// y = a sin(x - p) with a in [0.1, 5], p in [0, pi] and x in [-5, 5], as in Finn, Abbeel and Levine, "Model-agnostic
// meta-learning for fast adaptation of deep networks" (2017).
std::unique_ptr<Problems> sinusoid_problems();

struct CategoryOptions {
  bool classes = true;    // else a problem is one series
  bool ordered = false;   // of a series the shots come before the queries, without steps between them
  bool rotate = false;    // pictures turned by quarters are further classes
  int64_t channels = 1;   // of these pictures
  std::string hint = {};  // ends the error that no category has examples enough
};
// What an example of forecasts takes, as such a hint: "; an example is a window of 21 steps, ..."; else "".
std::string window_hint(const AdaptDataOptions& data);

// Of data. Categories with too few examples for `least` are left out, with a warning that names some; throws Error
// where fewer are left than a problem takes. `what` says whose they are: "the training data".
std::unique_ptr<Problems> category_problems(AdaptData data, const CategoryOptions& options, const Drawing& least,
                                            const std::string& what);

}  // namespace recur
