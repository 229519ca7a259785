// Descriptions of tasks, models and data as text and JSON.
#pragma once

#include <string>
#include <string_view>

#include "cli/json.h"
#include "cli/table.h"
#include "recur/base/config.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur::cli {

std::string real_text(double value, int digits);   // significant digits; "none" of NaN
std::string cell_text(const TableCell& cell);      // for people
std::string facts_text(const Description& facts);  // a line each
Json cell_json(const TableCell& cell);
Json facts_json(const Description& facts);
std::string table_text(const Table& table);
Json table_json(const Table& table);  // {"columns": [..], "rows": [[..], ..]}

// A fact of a model file, which keeps texts: a number when it reads as one.
std::string fact_text(const std::string& value);  // for people
Json fact_json(const std::string& value);

// Options by their keys; a list is an array, a duration a text, and what is not set null.
Json options_json(const Config& config);
void add_changed_options(Facts& facts, const Config& config);  // those that differ from their defaults

}  // namespace recur::cli
