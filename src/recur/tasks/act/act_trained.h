// A trained agent: network, environment, options.
#pragma once

#include "recur/tasks/act/act_model.h"
#include "recur/tasks/act/act_play.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& act_info();

class ActTrained : public TrainedOf<ActTrained, ActOptions> {
 public:
  // A new network. `options`: complete (choose_defaults()).
  ActTrained(const ActOptions& options, const EnvironmentSpec& spec, Random& random);

  const TaskInfo& info() const override { return act_info(); }
  // Both play in the environment that the options name; there are no data.
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override;

  const ActModel& network() const { return model_; }
  ActModel& network() { return model_; }

 private:
  PlayOptions to_play(const DataFiles& data, int64_t usual_episodes) const;

  ActModel model_;
};

// The spaces of an environment as an asset of the model, and back; throws Error for what is none.
std::string spec_text(const EnvironmentSpec& spec);
EnvironmentSpec parse_spec(const std::string& text);

}  // namespace recur
