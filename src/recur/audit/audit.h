// An audit: the rates of every group, the gaps between them, and how sure both are.
#pragma once

#include <string>
#include <vector>

#include "recur/audit/decisions.h"
#include "recur/tasks/metrics/bootstrap.h"
#include "recur/tasks/sink.h"

namespace recur {

struct AuditOptions {
  std::vector<std::string> privileged = {};  // "race=White": compare others with this group, as AIF360 does
  bool intersections = true;                 // also of several groupings at once
  BootstrapOptions bootstrap = {};           // samples 0: no intervals
};

struct Audit {
  // Every figure, a row each: "grouping", "group" ("" of a gap, "all" of all records), "measure", "definition",
  // "value", "low", "high", "records", and "time" where there are decisions by time. Cells are empty where a figure is
  // undefined.
  Table figures;
  // The same for people: a table of the rates of each grouping's groups and one of its gaps, then both of each time.
  std::vector<Table> tables;
  std::vector<std::string> notes;  // on groups too small to say much, and records left out
};

// REQUIRES: at least one grouping. Throws UsageError for a privileged group that is not there, Error for a grouping of
// fewer than two groups.
Audit audit(const Decisions& decisions, const AuditOptions& options);

}  // namespace recur
