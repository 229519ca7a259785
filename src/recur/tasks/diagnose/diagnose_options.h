// The options of diagnosis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/groups/mitigation.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

// How irregularly timed measurements are put into equal time steps.
struct GridOptions {
  double step = 1;
  std::string origin = "first";
  std::string within = "mean";
  int64_t most_steps = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("step", step, "Length of a time step, in hours if times are dates or HH:MM, else in the unit of the times",
      Range{.min = 0, .max = 1e9, .open_min = true});
    v("origin", origin, "Where the steps of a record begin: at its first measurement, or at time 0 (not for dates)",
      OneOf{"first", "zero"});
    v("within", within, "How several measurements in one step are combined", OneOf{"mean", "last"});
    v("most_steps", most_steps, "Maximum record length in steps; longer records are truncated; 0: no limit",
      Range{0, 1 << 20});
  }
};

// Imputation of missing values.
struct GapOptions {
  std::string fill = "forward";
  std::string normal_values = {};
  bool masks = true;
  bool elapsed = false;

  template <class Visitor>
  void visit(Visitor& v) {
    v("fill", fill,
      "Imputation of missing values: normal (normal value of the channel), forward (last measured value, else normal) "
      "or forward_back (also the next measured value, which looks ahead)",
      OneOf{"normal", "forward", "forward_back"});
    v("normal_values", normal_values,
      "Table with columns channel and value; the normal value of other channels is the mean of the training data");
    v("masks", masks, "Extra input for each channel: 1 if it was measured in this step, else 0");
    v("elapsed", elapsed, "Extra input for each channel: time since its last measurement");
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
    v("label_columns", labels,
      "Columns of the labels to predict, each 0 or 1, no or yes; empty: inferred from the data");
    v("auxiliary_columns", auxiliary, "Columns of auxiliary labels, which only training uses (multi-task learning)");
    series.visit(v);
    grid.visit(v);
    gaps.visit(v);
    v("clip_values", clip, "Clip values to this many standard deviations around the normal value; 0 disables clipping",
      Range{0, 1e9});
    v("batch", batch, "B, batch size in records", Range{1, 1 << 20});
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
      "Learnt decay of missing values to the normal value and of h to 0 (GRU-D, Che et al. 2016)");
    visit_layers(v, rnn);
    v("dropout", dropout,
      "Dropout probability on the inputs of the output layer and of all recurrent layers but the first", probability);
    v("input_dropout", input_dropout, "Dropout probability of the inputs, one mask per record", probability);
  }
};

struct DiagnoseLossOptions {
  double replication = 0.3;
  double auxiliary_weight = 1;
  std::string select = "auc";

  template <class Visitor>
  void visit(Visitor& v) {
    v("replication", replication,
      "Target replication: weight of the mean loss over all steps; the loss of the last step has the rest (Lipton et "
      "al. 2015)",
      Range{0, 1});
    v("auxiliary_weight", auxiliary_weight, "Weight of each auxiliary label in the loss", Range{0, 1e6});
    v("select", select, "Validation metric by which the best model is chosen, averaged over the labels",
      OneOf{"loss", "auc", "auprc"});
  }
};

// Options of prediction and evaluation.
struct DiagnoseUseOptions {
  std::string labels_file, decision_groups;
  int64_t bootstrap = 200;
  bool every_step = false;
  int64_t batch = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file, "Table with the labels of each id, if the data contain none");
    v("bootstrap", bootstrap, "Number of bootstrap samples for the confidence intervals of metrics; 0: no intervals",
      Range{0, 1 << 20});
    v("every_step", every_step, "Predict at every step of a record, not only at the last");
    v("decision_groups", decision_groups,
      "Table with the groups of each record, for a model with thresholds by group; default: the data");
    v("eval_batch", batch, "Batch size of evaluation, in records", Range{1, 1 << 20});
  }
};

struct DiagnoseOptions {
  DiagnoseDataOptions data;
  DiagnoseModelOptions model;
  DiagnoseLossOptions loss;
  MitigationOptions groups;
  DiagnoseUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Loss", loss);
    v.section("Groups", groups);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
