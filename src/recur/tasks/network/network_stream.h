// Outputs of an imported network for samples as they arrive.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "recur/tasks/network/network_model.h"
#include "recur/tasks/sample_lines.h"
#include "recur/tasks/session.h"

namespace recur {

// A row for each sample: its series where there are several, its number in it from 1, and the outputs y1 ... yO. Of
// more series than max_ids the one that has been idle longest is forgotten, and begins anew when it comes back.
class NetworkSession : public Session {
 public:
  // Both must outlive it. Throws UsageError for a network that needs whole sequences.
  NetworkSession(const NetworkModel& model, const NetworkUseOptions& use);

  void take(const Chunk& chunk, Sink& out) override;

 private:
  using Ids = std::list<std::string>;
  struct Series {
    int64_t steps = 0;
    NetworkStream stream;
    Ids::iterator place;  // in order_
  };

  void begin(std::string_view line);
  Series& series_of(const std::string& id);

  const NetworkModel& model_;
  const NetworkUseOptions& use_;
  NetworkStream first_;               // of a new series
  std::optional<SampleLines> lines_;  // once the first line has named the columns
  bool begun_ = false;                // the names of the columns are out
  std::unordered_map<std::string_view, Series> series_;
  Ids order_;  // the ids of series_, the longest idle first
};

}  // namespace recur
