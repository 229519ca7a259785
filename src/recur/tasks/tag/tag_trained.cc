#include "recur/tasks/tag/tag_trained.h"

#include <fmt/format.h>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/tag/tag_explain.h"
#include "recur/tasks/tag/tag_score.h"
#include "recur/tasks/task_measures.h"

namespace recur {

const TaskInfo& tag_info() {
  static const TaskInfo info{.name = "tag",
                             .summary = "Tagging: predicts a label for each word of a sentence",
                             .data = "sentences in CoNLL columns or CoNLL-U",
                             .unit = "tokens"};
  return info;
}

TagSizes sizes_of(const TagEncoder& encoder) {
  return {encoder.words().size(), encoder.characters().size(), encoder.tags().size()};
}

TaggedText read_tagged(const DataFiles& data, const TagOptions& options, const TagReading& how) {
  const std::string& format = options.use.format;
  TaggedText text = read_tagged_text(data, {.format = format == "auto" ? "" : format,
                                            .token = options.data.token,
                                            .tag = options.data.tag,
                                            .chosen = how.chosen,
                                            .need_tags = how.need_tags,
                                            .known_tags = how.known_tags,
                                            .most_tokens = options.use.most_tokens});
  for (const std::string& note : text.notes) log_info("{}", note);
  return text;
}

TagTrained::TagTrained(const TagOptions& options, TagEncoder encoder, Random& random)
    : TrainedOf(options), encoder_(std::move(encoder)), model_(options.model, sizes_of(encoder_), random) {}

Evaluation TagTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const TagExamples text = tag_examples(read_tagged(data, options_, {.chosen = false}));
  Evaluation result = measure(model_, encoder_, text, options_.use.batch, examples);
  add_baselines(result, measure_usual_tags(encoder_, text));
  return result;
}

std::vector<TaskMeasure> TagTrained::measures(const KeptRows& examples) const {
  std::vector<TaskMeasure> out{ratio_of("accuracy", numbers_of(examples, "correct"), numbers_of(examples, "tokens"))};
  if (examples.find("hits")) out.push_back(f1_of("span_f1", examples));
  return out;
}

void TagTrained::predict(const DataFiles& data, Sink& out) const {
  TaggedText text =
      read_tagged(data, options_, {.chosen = false, .need_tags = false, .known_tags = encoder_.tags().words()});
  text.tagged = false;  // tags that are there are not looked at
  write_tags(model_, encoder_, tag_examples(std::move(text)), options_.use.batch, out);
}

std::unique_ptr<ExplainableData> TagTrained::explainable(const DataFiles& data) const {
  TaggedText text =
      read_tagged(data, options_, {.chosen = false, .need_tags = false, .known_tags = encoder_.tags().words()});
  text.tagged = false;
  return std::make_unique<TagRecords>(*this, std::move(text));
}

Description TagTrained::describe() const {
  return {{"words", int64_t{encoder_.words().size()}},
          {"characters", int64_t{encoder_.characters().size()}},
          {"tags", int64_t{encoder_.tags().size()}},
          {"labels", fmt::format("{}", fmt::join(encoder_.tags().words(), ", "))},
          {"output", options_.model.output}};
}

}  // namespace recur
