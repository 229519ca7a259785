#include "recur/tasks/adapt/adapt_learners.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/embedding.h"
#include "recur/ops/losses.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

int64_t ways_of(const AdaptModel& model, const Problem& problem) {
  return model.shape().is_class() ? std::ssize(problem.classes) : 0;
}

// The outputs that stand for classes of the problem.
Tensor first_outputs(const Tensor& outputs, int64_t ways) {
  const int last = outputs.rank() - 1;
  if (ways == 0 || outputs.size(last) == ways) return outputs;
  return slice(outputs, {last, 0}, ways);
}

// A problem as tensors. Where the shots' norms count for the queries, both are read together.
struct ProblemTensors {
  ExampleTensors shots, queries;
  AdaptBatch all;
  int64_t ways = 0;
};

ProblemTensors tensors_of(const AdaptModel& model, const Problem& problem) {
  std::vector<AdaptExample> all = problem.shots.examples;
  all.insert(all.end(), problem.queries.examples.begin(), problem.queries.examples.end());
  return {.shots = tensors_of(model, problem.shots),
          .queries = tensors_of(model, problem.queries),
          .all = model.batch(all),
          .ways = ways_of(model, problem)};
}

// Features of all examples, the shots first.
Tensor all_features(const AdaptModel& model, const ProblemTensors& problem, Mode mode) {
  return model.body()(problem.all, {.rows = problem.shots.size()}, mode);
}

Tensor query_features(const AdaptModel& model, const ProblemTensors& problem, Mode mode) {
  if (!model.body().normalises()) return model.body()(problem.queries.batch, {}, mode);
  const Tensor all = all_features(model, problem, mode);
  return rows(all, problem.shots.size(), all.size(0));
}

// --- Learners by gradients ---

Through through_of(const std::string& learner) {
  if (learner == "maml" || learner == "anil") return Through::kSecondOrder;
  return learner == "fomaml" ? Through::kFirstOrder : Through::kNothing;
}

Tensor shot_loss(const AdaptModel& model, const ExampleTensors& shots, int64_t ways, Mode mode) {
  return loss_of(model.head()(model.body()(shots.batch, {}, mode)), shots.targets, ways);
}

Learnt learn_by_steps(const AdaptModel& model, const AdaptOptions& options, const Problem& problem, Mode mode) {
  const AdaptLearnerOptions& o = options.learning;
  const InnerSteps how{.rate = *o.inner_rate, .steps = o.inner_steps, .through = through_of(o.learner)};
  const ProblemTensors tensors = tensors_of(model, problem);
  Tensor error;
  if (o.learner == "anil") {
    const Tensor features = all_features(model, tensors, mode);
    const int64_t shots = tensors.shots.size();
    const Tensor of_shots = rows(features, 0, shots), of_queries = rows(features, shots, features.size(0));
    const auto loss = [&] { return loss_of(model.head()(of_shots), tensors.shots.targets, tensors.ways); };
    error = with_parameters(model.head(), descended(model.head(), loss, how),
                            [&] { return loss_of(model.head()(of_queries), tensors.queries.targets, tensors.ways); });
  } else {
    const Tensors fast = descended(
        model, [&] { return shot_loss(model, tensors.shots, tensors.ways, mode); }, how);
    error = with_parameters(model, fast, [&] {
      return loss_of(model.head()(query_features(model, tensors, mode)), tensors.queries.targets, tensors.ways);
    });
  }
  return {.objective = error, .loss = error.item()};
}

// The gradient is the way from what was adapted back to the parameters (Nichol, Achiam and Schulman, "On first-order
// meta-learning algorithms", 2018). It adapts to shots and queries alike, as there.
Learnt learn_reptile(const AdaptModel& model, const AdaptOptions& options, const Problem& problem, Mode mode) {
  const AdaptLearnerOptions& o = options.learning;
  Examples all = problem.shots;
  all.examples.insert(all.examples.end(), problem.queries.examples.begin(), problem.queries.examples.end());
  all.classes.insert(all.classes.end(), problem.queries.classes.begin(), problem.queries.classes.end());
  const ExampleTensors examples = tensors_of(model, all);
  const int64_t ways = ways_of(model, problem);
  double error = 0;
  const auto loss = [&] {
    Tensor own = shot_loss(model, examples, ways, mode);
    error = own.item();
    return own;
  };
  const Tensors fast =
      descended(model, loss, {.rate = *o.inner_rate, .steps = o.inner_steps, .through = Through::kNothing});
  const Tensors parameters = model.parameters();
  Tensor total;
  for (size_t i = 0; i < fast.size(); ++i) {
    const Tensor term = sum(parameters[i] * (parameters[i].detach() - fast[i].detach()));
    total = total.defined() ? total + term : term;
  }
  return {.objective = total, .loss = error};
}

// All problems at once, as one: the classes of each among those of all.
Learnt learn_pretrained(const AdaptModel& model, const Problem& problem, Mode mode) {
  Examples all = problem.shots;
  all.examples.insert(all.examples.end(), problem.queries.examples.begin(), problem.queries.examples.end());
  all.classes.insert(all.classes.end(), problem.queries.classes.begin(), problem.queries.classes.end());
  for (int32_t& each : all.classes) each = problem.numbers[static_cast<size_t>(each)];
  const ExampleTensors examples = tensors_of(model, all);
  const Tensor features = model.body()(examples.batch, {}, mode);
  const bool is_class = model.shape().is_class();
  const Tensor outputs = is_class ? model.classes()(features) : model.head()(features);
  const Tensor error = loss_of(outputs, examples.targets, is_class ? outputs.size(1) : 0);
  return {.objective = error, .loss = error.item()};
}

std::vector<Tensor> answers_by_steps(const AdaptModel& model, const AdaptOptions& options, const Problem& problem,
                                     const InnerSteps& how) {
  const Mode mode = Mode::evaluation();
  const ProblemTensors tensors = tensors_of(model, problem);
  std::vector<Tensor> out;
  if (options.learning.learner == "anil") {
    const Tensor features = all_features(model, tensors, mode);
    const int64_t shots = tensors.shots.size();
    const Tensor of_shots = rows(features, 0, shots), of_queries = rows(features, shots, features.size(0));
    const auto loss = [&] { return loss_of(model.head()(of_shots), tensors.shots.targets, tensors.ways); };
    descended(model.head(), loss, how, [&](const Tensors& fast) {
      out.push_back(with_parameters(model.head(), fast, [&] { return model.head()(of_queries); }));
    });
  } else {
    const auto loss = [&] { return shot_loss(model, tensors.shots, tensors.ways, mode); };
    descended(model, loss, how, [&](const Tensors& fast) {
      out.push_back(with_parameters(model, fast, [&] { return model.head()(query_features(model, tensors, mode)); }));
    });
  }
  for (Tensor& each : out) each = first_outputs(each, tensors.ways).detach();
  return out;
}

// --- Prototypes (Snell, Swersky and Zemel, "Prototypical networks for few-shot learning", 2017) ---

// The mean of the features [S, E] of each class -> [N, E].
Tensor prototypes_of(const Tensor& features, const Tensor& classes, int64_t ways) {
  const Tensor members = transpose(one_hot(classes, ways, features.dtype()), 0, 1);
  return matmul(members, features) / sum(members, 1, true);
}

// Minus the squared distances, up to what is the same for all classes of a query.
Tensor nearness(const Tensor& features, const Tensor& prototypes) {
  const Tensor lengths = reshape(sum(square(prototypes), 1), {1, prototypes.size(0)});
  return matmul(features, prototypes, {.trans_b = true}) * 2.0 - lengths;
}

Tensor answers_by_prototypes(const AdaptModel& model, const ProblemTensors& problem, Mode mode) {
  const Tensor features = all_features(model, problem, mode);
  const int64_t shots = problem.shots.size();
  const Tensor prototypes = prototypes_of(rows(features, 0, shots), problem.shots.targets, problem.ways);
  return nearness(rows(features, shots, features.size(0)), prototypes);
}

// --- Readers (Santoro et al., "Meta-learning with memory-augmented neural networks", 2016) ---

Tensor as_told(const AdaptModel& model, const Tensor& targets, DType dtype) {
  return model.shape().is_class() ? one_hot(targets, model.shape().outputs, dtype) : targets;
}

// What is asked and then told of each example, in turn: [2 n, F].
Tensor dialogue(const AdaptModel& model, const Tensor& features, const Tensor& targets) {
  const Tensor asked = model.asked(features), told = model.told(features, as_told(model, targets, features.dtype()));
  return reshape(stack({asked, told}, 1), {2 * features.size(0), asked.size(1)});
}

// Every example of every problem is asked before it is told.
Learnt learn_by_reading(const AdaptModel& model, std::span<const Problem> problems, const ReadingOrders& orders,
                        Mode mode) {
  Tensors dialogues, targets;
  for (size_t p = 0; p < problems.size(); ++p) {
    const ProblemTensors tensors = tensors_of(model, problems[p]);
    Tensor features = all_features(model, tensors, mode);
    Tensor own = concat({tensors.shots.targets, tensors.queries.targets}, 0);
    if (p < orders.size() && !orders[p].empty()) {
      const Tensor order = Tensor::from(orders[p], {std::ssize(orders[p])});
      features = embedding(features, order);
      Tensors in_order;
      for (const int32_t i : orders[p]) in_order.push_back(rows(own, i, i + 1));
      own = concat(in_order, 0);
    }
    dialogues.push_back(dialogue(model, features, own));
    targets.push_back(own);
  }
  const Tensor y = model.reader()(stack(dialogues, 1), {.mode = mode}).y;
  const int64_t count = y.size(0) / 2, many = y.size(1);
  const Tensor asked = reshape(slice(reshape(y, {count, 2, many, y.size(2)}), {1, 0}, 1), {count, many, y.size(2)});
  const Tensor outputs = model.answers(asked), wanted = stack(targets, 1);
  const int64_t ways = ways_of(model, problems[0]), shots = problems[0].shots.size();
  Learnt learnt{.objective = loss_of(outputs, wanted, ways)};
  const autograd::NoGrad no_grad;
  learnt.loss = loss_of(rows(outputs, shots, count), rows(wanted, shots, count), ways).item();
  return learnt;
}

// A state of one stream for `count` of them.
RecurrentState repeated(const RecurrentState& state, int64_t count) {
  RecurrentState out = state;
  for (Tensors& layer : out.layers) {
    for (Tensor& each : layer) {
      std::vector<int64_t> sizes(each.shape().begin(), each.shape().end());
      sizes[0] = count;
      Tensor wide = Tensor::empty(Shape(sizes), each.dtype());
      for (int64_t b = 0; b < count; ++b) {
        std::memcpy(wide.bytes() + static_cast<size_t>(b) * each.byte_size(), std::as_const(each).bytes(),
                    each.byte_size());
      }
      each = wide;
    }
  }
  return out;
}

// Answers [Q, O] to features [Q, E] of readers that have all been told the same rows [2 S, F].
Tensor read_answers(const AdaptModel& model, const Tensor& told, const Tensor& features) {
  const Mode mode = Mode::evaluation();
  const int64_t count = features.size(0);
  const Tensor asked = model.asked(features);
  const auto state = model.reader()(reshape(told, {told.size(0), 1, told.size(1)}), {.mode = mode}).state;
  const Tensor y =
      model.reader()(reshape(asked, {1, count, asked.size(1)}), {.state = repeated(state, count), .mode = mode}).y;
  return model.answers(reshape(y, {count, y.size(2)}));
}

Tensor answers_by_reading(const AdaptModel& model, const ProblemTensors& problem) {
  const Tensor features = all_features(model, problem, Mode::evaluation());
  const int64_t shots = problem.shots.size();
  const Tensor told = dialogue(model, rows(features, 0, shots), problem.shots.targets);
  return read_answers(model, told, rows(features, shots, features.size(0)));
}

// All parameters of the model, those of its part replaced.
Tensors with_part(const AdaptModel& model, const Module& part, const Tensors& values) {
  Tensors all = model.parameters();
  const Tensors own = part.parameters();
  for (Tensor& each : all) {
    for (size_t i = 0; i < own.size(); ++i) {
      if (each.id() == own[i].id()) {
        each = values[i];
        break;
      }
    }
  }
  return all;
}

}  // namespace

ExampleTensors tensors_of(const AdaptModel& model, const Examples& examples) {
  ExampleTensors out{.batch = model.batch(examples.examples), .targets = {}};
  const int64_t count = examples.size();
  if (model.shape().is_class()) {
    out.targets = Tensor::from(examples.classes, {count});
    return out;
  }
  std::vector<float> targets;
  for (const AdaptExample& each : examples.examples) {
    targets.insert(targets.end(), each.target.begin(), each.target.end());
  }
  out.targets = Tensor::from(targets, {count, model.shape().outputs});
  if (model.dtype() != DType::kF32) out.targets = out.targets.clone(model.dtype());
  return out;
}

Tensor loss_of(const Tensor& outputs, const Tensor& targets, int64_t ways) {
  if (ways == 0) return mse(outputs, targets);
  return cross_entropy(first_outputs(outputs, ways), targets);
}

Learnt learn(const AdaptModel& model, const AdaptOptions& options, std::span<const Problem> problems,
             const ReadingOrders& orders, Mode mode) {
  const std::string& learner = options.learning.learner;
  if (learner == "reader") return learn_by_reading(model, problems, orders, mode);
  Learnt all;
  for (const Problem& problem : problems) {
    Learnt one;
    if (learner == "prototypes") {
      const ProblemTensors tensors = tensors_of(model, problem);
      one.objective = loss_of(answers_by_prototypes(model, tensors, mode), tensors.queries.targets, tensors.ways);
      one.loss = one.objective.item();
    } else if (learner == "reptile") {
      one = learn_reptile(model, options, problem, mode);
    } else if (learner == "pretrained") {
      one = learn_pretrained(model, problem, mode);
    } else {
      one = learn_by_steps(model, options, problem, mode);
    }
    all.objective = all.objective.defined() ? all.objective + one.objective : one.objective;
    all.loss += one.loss;
  }
  const auto count = static_cast<double>(problems.size());
  return {.objective = all.objective / count, .loss = all.loss / count};
}

std::vector<Tensor> answers(const AdaptModel& model, const AdaptOptions& options, const Problem& problem,
                            const InnerSteps& how) {
  const autograd::NoGrad no_grad;
  const std::string& learner = options.learning.learner;
  if (options.is_gradient()) return answers_by_steps(model, options, problem, how);
  const ProblemTensors tensors = tensors_of(model, problem);
  const Tensor out = learner == "reader" ? answers_by_reading(model, tensors)
                                         : answers_by_prototypes(model, tensors, Mode::evaluation());
  return {first_outputs(out, tensors.ways)};
}

Fit fitted_to(const AdaptModel& model, const AdaptOptions& options, const Examples& shots, int64_t ways,
              const InnerSteps& how) {
  const autograd::NoGrad no_grad;
  const Mode mode = Mode::evaluation();
  const ExampleTensors tensors = tensors_of(model, shots);
  Fit fit{.parameters = model.parameters(), .parts = {}, .losses = {}};
  if (options.is_gradient()) {
    // Features change with the parameters, but not where the head alone does.
    const bool head_alone = options.learning.learner == "anil";
    const Tensor fixed = head_alone ? model.body()(tensors.batch, {}, mode) : Tensor();
    const auto loss = [&] {
      return head_alone ? loss_of(model.head()(fixed), tensors.targets, ways) : shot_loss(model, tensors, ways, mode);
    };
    const Module& part = head_alone ? static_cast<const Module&>(model.head()) : model;
    const Tensors fast = descended(
        part, loss, how, [&](const Tensors& now) { fit.losses.push_back(with_parameters(part, now, loss).item()); });
    fit.parameters = with_part(model, part, fast);
  }
  const Tensor features = with_parameters(model, fit.parameters, [&] {
    return model.body()(tensors.batch, {.kept = model.body().normalises() ? &fit.parts.norms : nullptr}, mode);
  });
  if (options.learning.learner == "prototypes") fit.parts.prototypes = prototypes_of(features, tensors.targets, ways);
  if (options.learning.learner == "reader") fit.parts.told = dialogue(model, features, tensors.targets);
  return fit;
}

Tensor fitted_answers(const AdaptModel& model, const AdaptOptions& options, std::span<const AdaptExample> examples) {
  const autograd::NoGrad no_grad;
  const FittedParts& parts = model.fitted();
  const AdaptNorms norms{.given = model.body().normalises() ? &parts.norms : nullptr};
  const Tensor features = model.body()(model.batch(examples), norms, Mode::evaluation());
  const std::string& learner = options.learning.learner;
  Tensor out;
  if (learner == "prototypes") {
    out = nearness(features, parts.prototypes);
  } else if (learner == "reader") {
    out = read_answers(model, parts.told, features);
  } else {
    out = model.head()(features);
  }
  return first_outputs(out, model.sizes().fitted->classes);
}

}  // namespace recur
