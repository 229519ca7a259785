#include "cli/observer.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "cli/facts.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/table.h"

namespace recur::cli {
namespace {

constexpr double kPlainSeconds = 10;      // between two plain lines
constexpr double kTerminalSeconds = 0.2;  // between two states of the rewriting line
constexpr double kLeastGap = 1;           // seconds between two validations that are shown
constexpr double kGapShare = 0.05;        // of the time so far, where that is more

std::string rate_text(double per_second) {
  if (per_second >= 999'500) return fmt::format("{:.2f}M", per_second / 1e6);
  if (per_second >= 9'995) return fmt::format("{:.0f}k", per_second / 1e3);
  return fmt::format("{:.0f}", per_second);
}

// Four places as long as they mean something.
std::string number_text(double value) {
  if (std::isnan(value)) return "none";
  return std::abs(value) < 1000 ? fmt::format("{:.4f}", value) : fmt::format("{:.5g}", value);
}

std::string metrics_text(const Evaluation& evaluation) {
  std::string out;
  for (const Metric& metric : evaluation.metrics) {
    out += fmt::format("{}{} {}", out.empty() ? "" : "  ", spaced(metric.name), number_text(metric.value));
  }
  return out;
}

// Shows progress at once. When nobody reads any more, the training goes on unseen: hours of work are not to be lost for
// a pager that was closed.
class Screen {
 public:
  void show(std::string_view text) {
    if (closed_) return;
    try {
      print(text);
      flush_output();
    } catch (const OutputClosed&) {
      closed_ = true;
    }
  }

 private:
  bool closed_ = false;
};

// Shows nothing.
class QuietObserver : public TrainObserver {
 public:
  QuietObserver(std::string folder, StopSignal& stop) : folder_(std::move(folder)), stop_(stop) {}

  void on_begin(const Training&) override {
    finish_messages();
    stop_.begin_training(folder_);
  }
  void on_end() override { stop_.end_training(); }

 protected:
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  StopSignal& stop_;
};

// For people.
class TextObserver : public QuietObserver {
 public:
  using QuietObserver::QuietObserver;

  void on_begin(const Training& training) override {
    QuietObserver::on_begin(training);
    next_.reset();
    if (std::exchange(has_begun_, true)) return;  // of a refit, all but the data is the same
    const Trained& trained = training.trained();
    unit_ = trained.info().unit;
    Description facts = {{"run", folder()}};
    if (!training.taken().empty()) facts.push_back({"data", training.taken()});
    facts.push_back({"parameters", trained.module().parameter_count()});
    for (const Fact& fact : trained.describe()) facts.push_back(fact);
    screen_.show(facts_text(facts) + "\n");
    if (training.has_validation()) screen_.show("validation results (* best so far, saved to the run folder):\n");
  }

  void on_step(const StepReport& report) override {
    if (!next_) next_ = report.elapsed + (terminal_ ? 0 : kPlainSeconds);  // a resumed run starts with time elapsed
    if (report.elapsed < *next_) return;
    next_ = report.elapsed + (terminal_ ? kTerminalSeconds : kPlainSeconds);
    const std::string line =
        fmt::format("step {}  epoch {:.2f}  loss {:.4f}  {} {}/s  {:.0f}%{}", report.step, report.epoch, report.loss,
                    rate_text(report.examples_per_second), unit_, 100 * report.progress,
                    report.remaining ? fmt::format("  {} left", human_duration(*report.remaining)) : "");
    terminal_ ? rewrite(line) : write(line);
  }

  // The first, then one a second, further apart in a long run, with the best one between them; the rest are in
  // metrics.jsonl.
  void on_validation(const ValidationReport& report) override {
    const std::string train = report.train_loss ? fmt::format("train {:.4f}", *report.train_loss) : "train      -";
    const std::string line =
        fmt::format("{:>7}  step {:>6}  epoch {:>6.2f}  {}  valid: {}{}", human_duration(report.elapsed), report.step,
                    report.epoch, train, metrics_text(report.evaluation), report.best ? "  *" : "");
    if (shown_at_ && report.elapsed - *shown_at_ < std::max(kLeastGap, kGapShare * report.elapsed)) {
      (report.best ? held_best_ : held_last_) = line;
      if (report.best) held_last_.clear();
      return;
    }
    show_held_best();
    held_last_.clear();
    write(line);
    shown_at_ = report.elapsed;
  }

  void on_end() override {
    QuietObserver::on_end();
    show_held_best();
    if (!held_last_.empty()) write(std::exchange(held_last_, {}));
  }

  void on_message(std::string_view message) override { write(message); }

 private:
  void show_held_best() {
    if (!held_best_.empty()) write(std::exchange(held_best_, {}));
  }

  void write(std::string_view line) { screen_.show(fmt::format("{}{}\n", terminal_ ? "\r\x1b[K" : "", line)); }

  void rewrite(std::string_view line) {
    winsize size{};
    const std::size_t width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79u;
    screen_.show(fmt::format("\r\x1b[K{}", line.substr(0, width)));
  }

  Screen screen_;
  std::string unit_;
  bool terminal_ = output_is_terminal();
  bool has_begun_ = false;
  std::optional<double> next_;
  std::optional<double> shown_at_;     // seconds, of the last validation that has a line
  std::string held_best_, held_last_;  // lines since then: of the best one, and of the last if that came later
};

Json metrics_json(const Evaluation& evaluation) {
  Json json = Json::object();
  for (const Metric& metric : evaluation.metrics) json[metric.name] = metric.value;
  return json;
}

class JsonObserver : public QuietObserver {
 public:
  using QuietObserver::QuietObserver;

  void on_begin(const Training& training) override {
    QuietObserver::on_begin(training);
    next_ = 1;  // a refit counts from 0 again
  }

  void on_step(const StepReport& report) override {
    if (report.elapsed < next_) return;
    next_ = report.elapsed + 1;
    write({{"event", "step"},
           {"step", report.step},
           {"epoch", report.epoch},
           {"loss", report.loss},
           {"lr", report.rate},
           {"gradient_norm", report.gradient_norm},
           {"examples_per_second", report.examples_per_second},
           {"elapsed", report.elapsed},
           {"progress", report.progress}});
  }

  void on_validation(const ValidationReport& report) override {
    write({{"event", "validation"},
           {"step", report.step},
           {"epoch", report.epoch},
           {"train_loss", report.train_loss ? Json(*report.train_loss) : Json(nullptr)},
           {"valid", metrics_json(report.evaluation)},
           {"best", report.best},
           {"elapsed", report.elapsed}});
  }

  void on_message(std::string_view message) override { write({{"event", "message"}, {"text", message}}); }

 private:
  void write(const Json& json) { screen_.show(json_line(json)); }

  Screen screen_;
  double next_ = 1;
};

// The model beside the baselines on the validation data.
std::string baselines_text(const Evaluation& best, const BaselineResults& baselines) {
  if (baselines.methods.empty()) return "";
  const std::string said = verdict(best, baselines);
  return fmt::format("\n{}{}\n", table_text(methods_table(best, baselines)), said.empty() ? "" : "\n" + said + "\n");
}

std::string_view end_name(TrainEnd end) {
  switch (end) {
    case TrainEnd::kFinished:
      return "finished";
    case TrainEnd::kEarly:
      return "early";
    case TrainEnd::kStopped:
      return "stopped";
  }
  return "";
}

}  // namespace

std::unique_ptr<TrainObserver> make_observer(const std::string& folder, const ProgressOptions& options,
                                             StopSignal& stop) {
  if (options.json) return std::make_unique<JsonObserver>(folder, stop);
  if (options.quiet) return std::make_unique<QuietObserver>(folder, stop);
  return std::make_unique<TextObserver>(folder, stop);
}

void print_result(const Run& run, const TrainResult& result, const std::string& folder,
                  const ProgressOptions& options) {
  if (options.json) {
    Json json = {{"event", "end"},
                 {"end", end_name(result.end)},
                 {"step", result.step},
                 {"epoch", result.epoch},
                 {"elapsed", result.elapsed},
                 {"run", folder},
                 {"task", run.settings().task}};
    if (result.best) {
      json["best"] = metrics_json(*result.best);
      json["best_step"] = result.best_step;
      if (result.refit_steps) json["refit_steps"] = *result.refit_steps;
      if (!result.baselines.methods.empty()) {
        json["methods"] = table_json(methods_table(*result.best, result.baselines));
        json["verdict"] = verdict(*result.best, result.baselines);
      }
    }
    print(json_line(json));
    return;
  }
  if (options.quiet && result.end != TrainEnd::kStopped) return;
  std::string out = output_is_terminal() && !options.quiet ? "\r\x1b[K" : "";
  if (!options.quiet) out += "\n";
  out += result.message + "\n";
  if (result.best && !options.quiet) {
    out += fmt::format("best on validation, at step {}: {}\n", result.best_step, metrics_text(*result.best));
    out += baselines_text(*result.best, result.baselines);
  }
  if (!options.quiet) out += fmt::format("the model is in {}\n", folder);
  print(out);
}

}  // namespace recur::cli
