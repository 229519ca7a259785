#include "recur/data/clip_readers.h"

#include <cstdint>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/sequences/step_spill.h"

namespace recur::internal {
namespace {

// A clip without steps, of the file that the set takes next.
Sequence begun_clip(const ClipSource& clip, const SequenceSet& set) {
  Sequence s;
  s.id = clip.id;
  s.labels = {clip.label};
  s.place.file = static_cast<int32_t>(set.files.size());
  return s;
}

}  // namespace

void read_each(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to,
               const std::function<void(const ClipSource&, std::vector<float>&)>& read) {
  SequenceSet& set = to.set;
  StepSpill spill(set, options.series);
  for (const ClipSource& clip : clips) {
    Sequence s = begun_clip(clip, set);
    try {
      read(clip, s.values);
    } catch (const UsageError&) {
      throw;
    } catch (const Error& error) {
      to.faults.emplace_back(error.what());
      continue;
    }
    set.files.push_back(clip.place);
    set.sequences.push_back(std::move(s));
    spill.added(set.sequences.back());
  }
  spill.finish();
}

}  // namespace recur::internal
