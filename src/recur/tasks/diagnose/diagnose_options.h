// The options of diagnosis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

// How measurements at any times become equal steps.
struct GridOptions {
  double step = 1;
  std::string origin = "first";
  std::string within = "mean";
  int64_t most_steps = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("step", step, "Length of a time step: in hours where times are dates or HH:MM, else in the unit of the times",
      Range{.min = 0, .max = 1e9, .open_min = true});
    v("origin", origin, "Where the steps of a record begin: at its first measurement, or at time 0 (not of dates)",
      OneOf{"first", "zero"});
    v("within", within, "Which value counts of several in one step", OneOf{"mean", "last"});
    v("most_steps", most_steps, "Longer records are cut to their first steps; 0: none is", Range{0, 1 << 20});
  }
};

// What stands where nothing was measured.
struct GapOptions {
  std::string fill = "forward";
  std::string normal_values = {};
  bool masks = true;
  bool elapsed = false;

  template <class Visitor>
  void visit(Visitor& v) {
    v("fill", fill,
      "A missing value is its channel's normal one (normal), or the last one measured and before the first the normal "
      "one (forward), or the next (forward_back, which looks ahead)",
      OneOf{"normal", "forward", "forward_back"});
    v("normal_values", normal_values,
      "Table with columns channel and value; channels it does not name have the mean of the training data");
    v("masks", masks, "One input more for each channel: 1 where it was measured");
    v("elapsed", elapsed, "One input more for each channel: the time since it was measured");
  }
};

struct DiagnoseDataOptions {
  std::vector<std::string> labels = {}, auxiliary = {};
  SeriesOptions series = {};
  GridOptions grid = {};
  GapOptions gaps = {};
  double clip = 3;
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    v("label_columns", labels, "What is to be predicted, each 0 or 1, no or yes; empty: found out");
    v("auxiliary_columns", auxiliary, "Labels that training alone has, to learn more from each record");
    series.visit(v);
    grid.visit(v);
    gaps.visit(v);
    v("clip_values", clip, "Values farther from normal than so many deviations are brought there; 0: none",
      Range{0, 1e9});
    v("batch", batch, "B, records of a step", Range{1, 1 << 20});
  }
};

struct DiagnoseModelOptions {
  bool decay = true;
  RecurrentOptions rnn{.cell = "gru", .hidden = 64};
  float dropout = 0.3f;
  float input_dropout = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range probability{.min = 0, .max = 1, .open_max = true};
    v("trainable_decay", decay,
      "Missing values go from the last one to the normal one, and h to 0, as fast as training finds (GRU-D, Che et al. "
      "2016)");
    visit_layers(v, rnn);
    v("dropout", dropout, "Of what the layers after the first and the output read", probability);
    v("input_dropout", input_dropout, "Of inputs, one mask a record", probability);
  }
};

struct DiagnoseLossOptions {
  double replication = 0.3;
  double auxiliary_weight = 1;
  std::string select = "auc";

  template <class Visitor>
  void visit(Visitor& v) {
    v("replication", replication,
      "Share of the loss that is the mean over all steps, the rest being the last one's (target replication, Lipton et "
      "al. 2015)",
      Range{0, 1});
    v("auxiliary_weight", auxiliary_weight, "Weight of each auxiliary label in the loss", Range{0, 1e6});
    v("select", select, "What validation chooses the model by; of several labels their mean",
      OneOf{"loss", "auc", "auprc"});
  }
};

// What counts each time a trained model is used.
struct DiagnoseUseOptions {
  std::string labels_file;
  int64_t bootstrap = 200;
  bool every_step = false;
  int64_t batch = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file, "Table with the labels of each id, where the data themselves have none");
    v("bootstrap", bootstrap, "Samples of the records that the intervals of metrics are found by; 0: no intervals",
      Range{0, 1 << 20});
    v("every_step", every_step, "Predictions of every step of a record, not of the last alone");
    v("eval_batch", batch, "Records evaluated side by side", Range{1, 1 << 20});
  }
};

struct DiagnoseOptions {
  DiagnoseDataOptions data;
  DiagnoseModelOptions model;
  DiagnoseLossOptions loss;
  DiagnoseUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Loss", loss);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
