#include "cli/inspect.h"
#include "cli/output.h"
#include "cli/reported_run.h"
#include "recur/report/model_card.h"

namespace recur::cli {

void inspect_card(const std::string& path, const CardOptions& card, const Config& reading) {
  LoadedModel model = load_reported(path, reading);
  ReportRun run = reported(model);
  if (!card.data.empty()) run.evaluation = measured_on(model, card.data, {card.groups, card.positive, card.label});
  print(model_card(run, model.trained->info()));
}

}  // namespace recur::cli
