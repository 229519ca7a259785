// Records as networks read them, in their classes or series.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/io/data_checksum.h"
#include "recur/tasks/adapt/adapt_source.h"
#include "recur/tasks/classify/sequence_encoder.h"

namespace recur {

// One example of a problem: what is read, and what is to be said of it.
struct AdaptExample {
  std::vector<int32_t> symbols = {};  // [T] of a text
  std::vector<float> values = {};     // [T, F] otherwise; of a picture a row a step, its channels side by side
  int64_t steps = 0;                  // T
  std::vector<float> target = {};     // [O] of a forecast or value, scaled; empty of a class, and where it is not known
  int64_t record = 0;                 // of the source
  int64_t first = 0;                  // the step that the target begins with
};

// What all examples have in common.
struct AdaptShape {
  std::string target = "class";  // class, forecast or value
  bool text = false, picture = false;
  int64_t features = 0;  // V of texts, F of a step
  int64_t steps = 0;     // T of all of them; 0: any
  int64_t channels = 1;  // C of pictures, F = C times the width
  int64_t outputs = 0;   // O: N classes, or the numbers of a target
  float scale = 1;       // of pictures: what their values were divided by

  bool is_class() const { return target == "class"; }
  std::string to_text() const;
  static AdaptShape from_text(const std::string& json);  // throws Error: it is untrusted input
};

// A class, or a series.
struct AdaptCategory {
  std::string name;
  int64_t group = 0;                   // the file that it comes from, if problems keep to one
  std::vector<int32_t> examples = {};  // in their order
  uint32_t mark = 0;                   // tells it from others by what its examples are
};

struct AdaptData {
  std::vector<AdaptExample> examples;
  std::vector<AdaptCategory> categories;

  DataChecksum checksum() const;
};

// Which records are of which class, by labels (of target = class) or one by one.
struct AdaptClasses {
  std::vector<std::string> names;
  std::vector<int64_t> groups;
  std::vector<int64_t> of_record;
};
AdaptClasses classes_of(const AdaptSource& source, const AdaptDataOptions& options);

class AdaptEncoder {
 public:
  // `train`: the records of the training part. Of `options` the target and the network must have been chosen.
  AdaptEncoder(const AdaptSource& source, std::span<const int64_t> train, const AdaptOptions& options);
  AdaptEncoder(const Assets& assets, const AdaptOptions& options);  // throws Error: they are untrusted input

  const AdaptShape& shape() const { return shape_; }
  const Columns* columns() const { return sequences_ ? sequences_->columns() : nullptr; }
  // Whether it has learnt from files of pictures: those of arrays come as series of their rows.
  bool reads_picture_files() const { return !sequences_; }
  // The channel that is to be predicted from others, which data need not have for it; "" where there is none.
  std::string predicted_channel() const;
  TextColumns text_columns() const { return sequences_ ? sequences_->text_columns() : TextColumns{}; }
  Assets assets() const;
  Description describe() const;

  // The examples of a record: one, or of a series its windows or steps. With `need_target` those whose target is known.
  std::vector<AdaptExample> examples(const AdaptSource& source, int64_t record, bool need_target = true) const;
  // The last context of a series, whose target lies behind it; nothing of a series that is shorter.
  std::optional<AdaptExample> last(const AdaptSource& source, int64_t record) const;
  // The records `which`, by their classes.
  AdaptData encode(const AdaptSource& source, const AdaptClasses& classes, std::span<const int64_t> which) const;

  // Of target o: the name of its column, and a value in the data's own units.
  std::string target_name(int64_t o) const;
  double target_value(int64_t o, double scaled) const;

 private:
  AdaptExample whole(const AdaptSource& source, int64_t record) const;
  AdaptExample picture(const AdaptSource& source, int64_t record) const;
  float white() const;
  int64_t target_channel() const;
  void read_scaler();

  AdaptDataOptions options_;
  AdaptShape shape_;
  std::optional<SequenceEncoder> sequences_;  // of texts and series
  std::vector<Affine> maps_;                  // of the channels
};

// A square picture turned by quarters: values [n, C n].
std::vector<float> turned(const std::vector<float>& values, int64_t channels, int quarters);

}  // namespace recur
