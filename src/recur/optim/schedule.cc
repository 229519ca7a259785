#include "recur/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <span>

#include "recur/base/suggest.h"
#include "recur/optim/stored.h"

namespace recur {
namespace {

// The schedules that are a function of progress alone.
class Formula : public Schedule {
 public:
  explicit Formula(std::function<double(const Progress&)> formula) : formula_(std::move(formula)) {}
  double factor(const Progress& progress) const override { return formula_(progress); }

 private:
  std::function<double(const Progress&)> formula_;
};

// A straight line up to 1, times another schedule.
class Warmup : public Schedule {
 public:
  Warmup(int64_t steps, std::unique_ptr<Schedule> of) : steps_(steps), of_(std::move(of)) {}

  double factor(const Progress& at) const override {
    const double rise = at.step < steps_ ? static_cast<double>(at.step + 1) / static_cast<double>(steps_) : 1.0;
    return rise * of_->factor(at);
  }
  void observe(double metric) override { of_->observe(metric); }
  NamedTensors state() const override { return of_->state(); }
  void load_state(const NamedTensors& state) override { of_->load_state(state); }

 private:
  int64_t steps_;
  std::unique_ptr<Schedule> of_;
};

class Plateau : public Schedule {
 public:
  explicit Plateau(const ScheduleOptions& o)
      : o_(o), best_(std::numeric_limits<double>::infinity() * (o.maximize ? -1 : 1)) {}

  double factor(const Progress&) const override { return factor_; }

  void observe(double metric) override {
    const bool better = o_.maximize ? metric > best_ * (1 + o_.threshold) : metric < best_ * (1 - o_.threshold);
    bad_ = better ? 0 : bad_ + 1;
    if (better) best_ = metric;
    if (cooling_ > 0) {
      --cooling_;
      bad_ = 0;
    }
    if (bad_ <= o_.patience) return;
    factor_ = std::max(factor_ * o_.decay, o_.floor);
    cooling_ = o_.cooldown;
    bad_ = 0;
  }

  NamedTensors state() const override {
    return {{"factor", stored(factor_)}, {"best", stored(best_)}, {"bad", stored(bad_)}, {"cooling", stored(cooling_)}};
  }
  void load_state(const NamedTensors& state) override {
    check_stored("schedule", state, this->state());
    factor_ = stored_number(state, "factor");
    best_ = stored_number(state, "best");
    bad_ = stored_integer(state, "bad");
    cooling_ = stored_integer(state, "cooling");
  }

 private:
  ScheduleOptions o_;
  double factor_ = 1;
  double best_;
  int64_t bad_ = 0;      // observations in a row that were not better
  int64_t cooling_ = 0;  // observations left that do not count
};

using SchedulePtr = std::unique_ptr<Schedule>;

SchedulePtr formula(std::function<double(const Progress&)> f) { return std::make_unique<Formula>(std::move(f)); }

double power(double base, int64_t exponent) { return std::pow(base, static_cast<double>(exponent)); }

// How far training is, 0 .. 1; by steps, from the end of the warm-up on.
double share(const Progress& at, const ScheduleOptions& o) {
  if (o.total == 0) return at.share;
  return std::clamp(static_cast<double>(at.step - o.warmup) / static_cast<double>(o.total - o.warmup), 0.0, 1.0);
}

void check_total(const ScheduleOptions& o) {
  if (o.total != 0 && o.total <= o.warmup)
    fail_usage("schedule {}: total: expected more steps than the {} of the warm-up, got {}", o.name, o.warmup, o.total);
}

SchedulePtr make_constant(const ScheduleOptions&) {
  return formula([](const Progress&) { return 1.0; });
}

SchedulePtr make_step(const ScheduleOptions& o) {
  return formula([o](const Progress& at) { return power(o.decay, at.epoch / o.interval); });
}

SchedulePtr make_milestones(const ScheduleOptions& o) {
  return formula([o](const Progress& at) {
    return power(o.decay, std::count_if(o.milestones.begin(), o.milestones.end(),
                                        [&](int64_t epoch) { return epoch <= at.epoch; }));
  });
}

SchedulePtr make_exponential(const ScheduleOptions& o) {
  return formula([o](const Progress& at) { return power(o.decay, std::max<int64_t>(at.epoch + 1 - o.hold, 0)); });
}

SchedulePtr make_cosine(const ScheduleOptions& o) {
  check_total(o);
  return formula([o](const Progress& at) {
    return o.floor + (1 - o.floor) * 0.5 * (1 + std::cos(std::numbers::pi * share(at, o)));
  });
}

SchedulePtr make_linear(const ScheduleOptions& o) {
  check_total(o);
  return formula([o](const Progress& at) { return 1 - (1 - o.floor) * share(at, o); });
}

SchedulePtr make_plateau(const ScheduleOptions& o) { return std::make_unique<Plateau>(o); }

struct ScheduleKind {
  std::string_view name;
  SchedulePtr (*make)(const ScheduleOptions&);
};
constexpr ScheduleKind kSchedules[] = {
    {"constant", make_constant},       {"step", make_step},     {"milestones", make_milestones},
    {"exponential", make_exponential}, {"cosine", make_cosine}, {"linear", make_linear},
    {"plateau", make_plateau},
};

void check(const ScheduleOptions& o) {
  const auto at_least = [](const char* option, int64_t value, int64_t least) {
    if (value < least) fail_usage("schedule: {}: expected at least {}, got {}", option, least, value);
  };
  at_least("warmup", o.warmup, 0);
  at_least("total", o.total, 0);
  at_least("interval", o.interval, 1);
  at_least("hold", o.hold, 0);
  at_least("patience", o.patience, 0);
  at_least("cooldown", o.cooldown, 0);
  if (!(o.decay > 0 && o.decay <= 1)) fail_usage("schedule: decay: expected above 0 and at most 1, got {}", o.decay);
  if (!(o.floor >= 0 && o.floor <= 1)) fail_usage("schedule: floor: expected 0 to 1, got {}", o.floor);
  if (!(o.threshold >= 0 && o.threshold < 1)) fail_usage("schedule: threshold: expected 0 to 1, got {}", o.threshold);
}

}  // namespace

void Schedule::load_state(const NamedTensors& state) { check_stored("schedule", state, {}); }

std::unique_ptr<Schedule> make_schedule(const ScheduleOptions& o) {
  check(o);
  std::vector<std::string_view> names;
  for (const ScheduleKind& kind : kSchedules) {
    names.push_back(kind.name);
    if (kind.name != o.name) continue;
    SchedulePtr schedule = kind.make(o);
    return o.warmup == 0 ? std::move(schedule) : std::make_unique<Warmup>(o.warmup, std::move(schedule));
  }
  fail_usage("schedule: unknown name '{}'{}", o.name, did_you_mean(o.name, names));
}

}  // namespace recur
