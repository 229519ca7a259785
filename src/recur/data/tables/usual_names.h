// What columns are called whose roles nobody has said, in small letters.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace recur::internal {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 15> kIdNames{"id",        "item_id", "series",  "series_id", "series_name",
                                                    "unique_id", "record",  "subject", "recordid",  "record_id",
                                                    "clip",      "patient", "unit",    "sequence",  "case_id"};
constexpr std::array<std::string_view, 8> kTimeNames{"time", "date", "timestamp", "datetime",
                                                     "ds",   "t",    "time_step", "step"};
// Where they are numbers, these may be parts of a date, and do not grow with every row.
constexpr std::array<std::string_view, 4> kPartNames{"month", "day", "year", "hour"};
// Parts of a date, as a word of a name. They start again with the next greater part, within one series.
constexpr std::array<std::string_view, 21> kDateWords{"year", "yr",   "month",  "mnth",    "mon",    "day",  "hour",
                                                      "hr",   "min",  "minute", "quarter", "season", "week", "weekday",
                                                      "dow",  "date", "dteday", "period",  "hours",  "wk",   "qtr"};
// These count steps and are no dates, whatever their digits.
constexpr std::array<std::string_view, 3> kCounterNames{"t", "time_step", "step"};
constexpr std::array<std::string_view, 2> kLabelNames{"label", "class"};
// Of steps, where anomalies are looked for and the cells say no more than yes or no.
constexpr std::array<std::string_view, 10> kAnomalyNames{"anomaly",     "is_anomaly", "anomalous", "outlier",
                                                         "is_outlier",  "fault",      "is_fault",  "attack",
                                                         "changepoint", "labels"};
// Of columns with the numbers of the rows, as data frames write them.
constexpr std::array<std::string_view, 8> kRowNames{"index", "unnamed: 0", "no",     "no.",
                                                    "row",   "row_id",     "rownum", "nr"};
constexpr std::array<std::string_view, 4> kParameterNames{"parameter", "variable", "channel", "measurement"};
constexpr std::array<std::string_view, 1> kValueNames{"value"};

// Whether the name has one of the words, between blanks, points and the like.
bool has_word(std::string_view name, Names words);

}  // namespace recur::internal
