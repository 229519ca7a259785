// The base of all optimisers: their parameters, the loop over them, and a state that can be stored.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/kernels/optimizer.h"
#include "recur/tensor/named_tensors.h"

namespace recur {

// Parameters that are treated alike.
struct ParameterGroup {
  Tensors parameters = {};
  // Multiplies the optimiser's rate for this group, and its gradients in the norm that clipping uses, so that a group
  // of large gradients and a small rate does not dominate the norm.
  double rate_factor = 1;
  bool decay = true;  // whether weight decay applies
};
using ParameterGroups = std::vector<ParameterGroup>;

// Matrices with weight decay, then vectors (biases, the scales of norms) without.
ParameterGroups decay_matrices_only(const ParameterGroups& groups);
ParameterGroups decay_matrices_only(const Tensors& parameters);

// Updates parameters in place, using the gradients that backward() has stored in them. All are f32, or all f64. A
// parameter listed twice is updated once; one without a gradient is skipped. The result does not depend on the number
// of threads, and a step allocates nothing.
//
// The constructor moves the parameters into one array, in order. Handles on them stay valid; an alias() or a pointer
// taken before does not.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  const Tensors& parameters() const { return parameters_; }
  void zero_grad();
  void step();
  // The norm of all gradients, each times the rate factor of its group.
  double gradient_norm() const;
  // Clipping that norm and step() in one pass over the gradients, which are not changed. Returns the norm; if it is
  // not finite, no step is made.
  double clipped_step(double max_norm);
  int64_t steps() const { return steps_; }

  double rate() const { return rate_; }
  void set_rate(double rate);

  // Everything that the next step depends on besides the parameters: "step", "rate", and for each quantity the
  // optimiser keeps one tensor [N] over the elements of all parameters in order. The tensors share the optimiser's
  // memory.
  NamedTensors state() const;
  // Sets it, exactly. Throws, having changed nothing, when a tensor is missing, unknown or of another shape or dtype.
  void load_state(const NamedTensors& state);

  // Exchanges the parameters with their average over past steps, if the optimiser keeps one (see Asgd) and averaging
  // has begun. Stepping or storing is an error until they are exchanged back.
  void swap_average();

 protected:
  struct Settings {
    double rate;
    double weight_decay = 0;
    std::vector<std::string> kept = {};  // names of the quantities kept for each element
  };
  Optimizer(const ParameterGroups& groups, const Settings& settings);

  // A run of one parameter's elements, what is kept in the order of Settings::kept, and the rate of its group.
  template <class T>
  struct Run {
    kernels::Elements<T> elements;
    T rate;
  };
  // The rule itself. steps() already counts the step being taken. Called from several threads at once.
  virtual void update(const Run<float>& run) const = 0;
  virtual void update(const Run<double>& run) const = 0;
  // Once a step, after all updates.
  virtual void finish_step() {}

  // The average of the parameters over past steps, [N]; undefined where there is none.
  virtual Tensor average() { return {}; }

  // A number that belongs to the state.
  void register_counter(const std::string& name, int64_t* value) { counters_.push_back({name, value}); }
  // Kept quantity i of all parameters, [N].
  Tensor& kept(int i) { return kept_[static_cast<size_t>(i)].value; }
  // Calls f(parameter, its first element within [N]).
  template <class F>
  void for_each_parameter(F&& f) {
    for (size_t i = 0; i < parameters_.size(); ++i) f(parameters_[i], places_[i].offset);
  }

 private:
  struct Place {
    int64_t offset;  // within [N]
    double rate_factor;
    double decay;
  };
  struct Chunk {
    size_t parameter;
    int64_t begin, end;
  };
  struct Counter {
    std::string name;
    int64_t* value;
  };

  void add_group(const ParameterGroup& group, double weight_decay);
  void gather();
  void scaled_step(double scale);
  void check_not_swapped() const;
  void check_gradients() const;
  template <class T>
  void update_chunk(const Chunk& chunk, double scale);

  Tensors parameters_;
  std::vector<Place> places_;  // of each parameter
  std::vector<Chunk> chunks_;  // the grid that threads share
  Tensor values_;              // [N], which the parameters are parts of
  NamedTensors kept_;
  std::vector<Counter> counters_;
  int64_t elements_ = 0;
  int64_t steps_ = 0;
  double rate_;
  bool swapped_ = false;  // whether the average is in the parameters' place
};

// Swaps the average in for as long as it lives: around an evaluation.
class AverageScope {
 public:
  explicit AverageScope(Optimizer& optimizer) : optimizer_(optimizer) { optimizer_.swap_average(); }
  ~AverageScope() { optimizer_.swap_average(); }
  AverageScope(const AverageScope&) = delete;
  AverageScope& operator=(const AverageScope&) = delete;

 private:
  Optimizer& optimizer_;
};

}  // namespace recur
