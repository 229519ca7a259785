#include "recur/tasks/act/act_training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/tasks/act/act_defaults.h"
#include "recur/tasks/act/act_objective.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

constexpr int64_t kEpoch = 10'000;  // environment steps
constexpr uint64_t kValidationStream = 18;

ActTrained new_agent(const ActOptions& options, const EnvironmentSpec& spec, uint64_t seed) {
  Random random(seed, kInitialValues);
  return ActTrained(options, spec, random);
}

// What a run learns from is no file but the rules of its environment.
DataChecksum checksum_of(const ActOptions& options) {
  DataChecksum checksum;
  checksum.add(options.world.env);
  return checksum;
}

// The pieces of a minibatch that this process learns from.
std::vector<int64_t> share_of(const std::vector<int64_t>& group, const Shard& shard) {
  std::vector<int64_t> own;
  for (auto i = static_cast<size_t>(shard.rank); i < group.size(); i += static_cast<size_t>(shard.ranks)) {
    own.push_back(group[i]);
  }
  return own;
}

struct Spread {
  double mean = 0, deviation = 1;
};

// Of the advantages of all steps of some pieces.
Spread spread_of(const Rollout& rollout, const std::vector<int64_t>& pieces) {
  constexpr double kLeast = 1e-8;
  double count = 0, sum = 0, squares = 0;
  const auto each_step = [&](auto&& f) {
    for (const int64_t p : pieces) {
      const Piece& piece = rollout.pieces[static_cast<size_t>(p)];
      for (int64_t t = 0; t < piece.steps; ++t) {
        f(static_cast<double>(rollout.advantages[rollout.row(piece.begin + t, piece.agent)]));
      }
    }
  };
  each_step([&](double x) { ++count, sum += x; });
  const double mean = sum / count;
  each_step([&](double x) { squares += (x - mean) * (x - mean); });
  return {mean, std::sqrt(squares / std::max(count - 1, 1.0)) + kLeast};
}

}  // namespace

ActTraining::ActTraining(const ActOptions& options, const EnvironmentSpec& spec, const TrainingStart& start)
    : TrainingOf(new_agent(options, spec, start.seed)),
      shard_(start.shard),
      seed_(start.seed),
      player_(options, start.seed),
      order_(start.seed, kOrderStream),
      dropout_(start.seed + static_cast<uint64_t>(start.shard.rank), kDropoutStream) {
  keep_checksum(checksum_of(options));
}

BatchSizes ActTraining::sizes() const {
  const EnvironmentSpec& spec = player_.spec();
  return {.features = spec.features, .drawn = spec.actions.size(), .dtype = trained_.network().dtype()};
}

int64_t ActTraining::minibatches() const { return std::ssize(groups_) * *learning().passes; }

double ActTraining::default_epochs() const {
  return static_cast<double>(*learning().env_steps) / static_cast<double>(kEpoch);
}

std::optional<double> ActTraining::default_rate() const { return usual_rate(trained_.options(), player_.spec()); }

double ActTraining::epoch() const {
  const double all = static_cast<double>(std::max<int64_t>(minibatches(), 1));
  const double left = groups_.empty() ? 0 : 1 - static_cast<double>(next_) / all;
  return (static_cast<double>(played_) - left * static_cast<double>(rollout_.size())) / static_cast<double>(kEpoch);
}

void ActTraining::begin_pass() {
  order_of_pass_.resize(rollout_.pieces.size());
  std::iota(order_of_pass_.begin(), order_of_pass_.end(), int64_t{0});
  order_.shuffle(std::span(order_of_pass_));
  groups_ = groups_of(rollout_, order_of_pass_, *learning().minibatches);
}

double ActTraining::mean_return() const {
  const std::vector<double>& returns = player_.last_returns();
  if (returns.empty()) return 0;
  return std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
}

// The loss that is told is minus the mean return of the last episodes, as an evaluation tells it: that of the objective
// means nothing from one rollout to the next.
TrainingStep ActTraining::step(bool) {
  ActModel& model = trained_.network();
  if (groups_.empty() || next_ == minibatches()) {
    rollout_ = player_.play(model);
    played_ += rollout_.size();
    next_ = 0;
    begin_pass();
  } else if (next_ % std::ssize(groups_) == 0) {
    begin_pass();
  }
  const std::vector<int64_t>& group = groups_[static_cast<size_t>(next_ % std::ssize(groups_))];
  std::vector<int64_t> own = share_of(group, shard_);
  const bool has_share = !own.empty();
  if (!has_share) own = {group[0]};
  const PieceBatch batch = batch_of(rollout_, own, sizes());
  Tensor advantages = batch.advantages;
  if (learning().normalize_advantages) {
    const Spread spread = spread_of(rollout_, group);
    advantages = (advantages - spread.mean) / spread.deviation;
  }
  const auto out = model(batch.x, batch.lengths, batch.state, Mode::training(dropout_));
  const Tensor objective = act_objective(out, model.log_deviation(), batch, advantages, learning());
  const int64_t all = minibatches(), steps = rollout_.size();
  const int64_t examples = (next_ + 1) * steps / all - next_ * steps / all;
  ++next_;
  return {.objective = has_share ? objective : objective * 0.0,
          .weight = has_share ? static_cast<double>(batch.steps) : 0,
          .loss = -mean_return(),
          .examples = shard_.rank == 0 ? examples : 0,
          .ends_epoch = next_ == all};
}

Evaluation ActTraining::validate() {
  const ActOptions& options = trained_.options();
  return measured(recur::play(trained_.network(), {.env = options.world.env,
                                                   .environment = {.timeout = options.world.timeout},
                                                   .episodes = *learning().valid_episodes,
                                                   .seed = seed_,
                                                   .stream = kValidationStream,
                                                   .sample = options.use.sample,
                                                   .batch = options.use.batch,
                                                   .most_steps = options.world.episode_steps.value_or(0),
                                                   .worlds = &validated_in_}));
}

void ActTraining::save_state(StateWriter& state) const {
  state.integer("task.played", played_);
  state.integer("task.next", next_);
  state.text("task.order", order_.state().to_string());
  state.text("task.dropout", dropout_.state().to_string());
  state.words("task.pass", std::vector<uint64_t>(order_of_pass_.begin(), order_of_pass_.end()));
  player_.save(state, "task.player");
  save(state, "task.rollout", rollout_);
}

void ActTraining::load_state(const StateReader& state) {
  player_.load(state, "task.player", trained_.network());
  played_ = state.integer("task.played");
  next_ = state.integer("task.next");
  order_.set_state(Random::State::from_string(state.text("task.order")));
  dropout_.set_state(Random::State::from_string(state.text("task.dropout")));
  rollout_ = load_rollout(state, "task.rollout", sizes());
  const std::vector<uint64_t> order = state.words("task.pass");
  order_of_pass_.assign(order.begin(), order.end());
  std::vector<int64_t> sorted = order_of_pass_;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int64_t>(i) || sorted.size() != rollout_.pieces.size()) {
      fail("task.pass: expected the {} pieces of the rollout in some order", rollout_.pieces.size());
    }
  }
  groups_.clear();
  if (!order_of_pass_.empty()) groups_ = groups_of(rollout_, order_of_pass_, *learning().minibatches);
  if (next_ < 0 || next_ > minibatches()) fail("task.next: expected a minibatch of {}, got {}", minibatches(), next_);
}

}  // namespace recur
