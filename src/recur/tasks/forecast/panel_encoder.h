// The preprocessing of forecasting, fitted on the training part: names, scales of covariates, the calendar, the level
// of each series. Stored in the model, so that later data are read the same way.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/data/tables/columns.h"
#include "recur/data/text/vocabulary.h"
#include "recur/tasks/forecast/calendar.h"
#include "recur/tasks/forecast/forecast_options.h"
#include "recur/tasks/forecast/panel_data.h"
#include "recur/tasks/trained.h"

namespace recur {

class PanelEncoder {
 public:
  // ends: of each sequence, the rows that belong to the training part. Options must have been chosen: none is "auto" or
  // 0. Throws Error where there is nothing to learn from.
  static PanelEncoder fit(const SequenceSet& set, std::span<const int64_t> ends, const ForecastDataOptions& options);

  // Throws Error when channels or static columns are others than in training.
  Panel encode(const SequenceSet& set) const;  // in memory
  // The same, or on disk where it would take more than usual_memory_bytes().
  PanelData encode_data(const SequenceSet& set) const;

  const Columns& columns() const { return columns_; }
  int64_t identities() const { return identities_.size() + 1; }  // rows of the table; 0 is unknown
  int64_t past_features() const { return past_; }
  int64_t ahead_features() const { return ahead_ + calendar_.features(); }
  int64_t static_features() const;
  // The names of the P + A features of a step: past covariates, calendar, covariates known ahead.
  std::vector<std::string> step_features() const;
  Description describe() const;

  Assets assets() const;
  PanelEncoder(const Assets& assets, const ForecastDataOptions& options);  // throws Error: they are untrusted input

 private:
  void read_series_facts(std::string_view text);  // of a model file
  // A static column is a number, or one of several words.
  struct Static {
    std::string name;
    Affine scale;
    Vocabulary words;  // empty: a number

    int64_t features() const { return words.size() > 0 ? words.size() : 1; }
  };

  explicit PanelEncoder(const ForecastDataOptions& options);
  void fit_statics(const SequenceSet& set);
  void fit_series(const SequenceSet& set, std::span<const int64_t> ends);
  void fit_covariates(const SequenceSet& set, std::span<const int64_t> ends);
  std::string series_key(const SequenceSet& set, const Sequence& s, int64_t channel) const;
  void check(const SequenceSet& set) const;
  void check_step(const SequenceSet& set) const;
  struct Rows;
  template <class Visit>
  void encode_rows(const SequenceSet& set, const Sequence& s, int64_t known, const Visit& visit) const;
  Panel encode_facts(const SequenceSet& set) const;
  Panel encode_in_memory(const SequenceSet& set, Panel facts) const;
  PanelData encode_on_disk(const SequenceSet& set, Panel facts) const;
  std::vector<float> encode_statics(const SequenceSet& set, const Sequence& s) const;

  int64_t horizon_;
  bool use_calendar_;
  std::string identity_;
  bool keeps_scales_;
  Columns columns_;
  std::vector<std::string> targets_, covariates_;  // the names of the channels, past before ahead
  int64_t past_ = 0, ahead_ = 0;                   // covariates of either role
  TimeKind time_kind_ = TimeKind::kNone;
  TimeStep step_;
  // Of the longest series in training. Older models do not say it, and have all cycles.
  int64_t calendar_steps_ = std::numeric_limits<int64_t>::max();
  Calendar calendar_;
  Scaler covariate_scaler_;
  std::vector<Static> statics_;
  Vocabulary identities_;
  std::map<std::string, Affine, std::less<>> scales_;  // by series_key()
};

// How often values come: as the file says, else as its times show.
TimeStep step_of(const SequenceSet& set);

}  // namespace recur
