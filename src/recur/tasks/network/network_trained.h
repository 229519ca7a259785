// An imported network, ready for use.
#pragma once

#include "recur/tasks/network/network_data.h"
#include "recur/tasks/network/network_model.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& network_info();

class NetworkTrained : public TrainedOf<NetworkTrained, NetworkOptions> {
 public:
  // The parameters are to be replaced. REQUIRES: check_stack() has accepted the options.
  explicit NetworkTrained(const NetworkOptions& options) : TrainedOf(options), model_(options.model) {}

  const TaskInfo& info() const override { return network_info(); }
  // Of the outputs beside target_columns: mean squared error ("loss"), mean absolute error, largest error.
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // A row of outputs y1 ... yO for each step, or for each sequence.
  void predict(const DataFiles& data, Sink& out) const override;
  std::unique_ptr<Session> session() const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  // Throws Error for layers that ONNX and the like have nothing for.
  TrainedGraph graph(const GraphRequest& request) const override;
  Description describe() const override;
  Assets assets() const override { return {}; }

  const NetworkModel& network() const { return model_; }
  NetworkModel& network() { return model_; }

 private:
  NetworkModel model_;
};

// "y1", "y2", ...
std::vector<std::string> output_names(int64_t count);

}  // namespace recur
