// The list of tasks: one line each.
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/tasks/act/act_task.h"
#include "recur/tasks/adapt/adapt_task.h"
#include "recur/tasks/caption/caption_task.h"
#include "recur/tasks/classify/classify_task.h"
#include "recur/tasks/denoise/denoise_task.h"
#include "recur/tasks/detect/detect_task.h"
#include "recur/tasks/diagnose/diagnose_task.h"
#include "recur/tasks/forecast/forecast_task.h"
#include "recur/tasks/lm/lm_task.h"
#include "recur/tasks/network/network_task.h"
#include "recur/tasks/network/network_trained.h"
#include "recur/tasks/recognize/recognize_task.h"
#include "recur/tasks/synthesize/synthesize_task.h"
#include "recur/tasks/tag/tag_task.h"
#include "recur/tasks/task.h"
#include "recur/tasks/transcribe/transcribe_task.h"
#include "recur/tasks/translate/translate_task.h"

namespace recur {
namespace {

using Make = std::unique_ptr<Task> (*)();

template <class T>
std::unique_ptr<Task> make() {
  return std::make_unique<T>();
}

const std::vector<Make>& makers() {
  // A line each.
  // clang-format off
  static const std::vector<Make> list{
      make<LmTask>,
      make<ClassifyTask>,
      make<TagTask>,
      make<DetectTask>,
      make<ForecastTask>,
      make<DiagnoseTask>,
      make<TranslateTask>,
      make<TranscribeTask>,
      make<CaptionTask>,
      make<DenoiseTask>,
      make<SynthesizeTask>,
      make<RecognizeTask>,
      make<ActTask>,
      make<AdaptTask>,
  };
  // clang-format on
  return list;
}

}  // namespace

const std::vector<TaskInfo>& tasks() {
  static const std::vector<TaskInfo> list = [] {
    std::vector<TaskInfo> infos;
    for (const Make make_one : makers()) infos.push_back(make_one()->info());
    return infos;
  }();
  return list;
}

std::unique_ptr<Task> make_task(std::string_view name) {
  if (name == network_info().name) return make<NetworkTask>();  // of imported models alone, so that no list has it
  std::vector<std::string_view> known;
  for (size_t i = 0; i < tasks().size(); ++i) {
    if (tasks()[i].name == name) return makers()[i]();
    known.push_back(tasks()[i].name);
  }
  fail_usage("unknown task '{}'{}; the tasks are {}", name, did_you_mean(name, known), fmt::join(known, ", "));
}

}  // namespace recur
