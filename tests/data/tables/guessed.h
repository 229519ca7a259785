// What is guessed of the columns of a small table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "recur/data/sequences/read_sequences.h"
#include "recur/data/tables/guess_columns.h"

namespace recur {

inline GuessedColumns guessed(std::string text, const SequenceOptions& options = {}) {
  const OpenTable table = open_csv(DataFile::from_memory("a.csv", std::move(text)), options);
  return guess_columns(table.head, options, "a.csv");
}

inline Columns guess(std::string text, const SequenceOptions& options = {}) {
  return guessed(std::move(text), options).columns;
}

inline std::vector<std::string> notes_of(std::string text, const SequenceOptions& options = {}) {
  return guessed(std::move(text), options).notes;
}

// A table of rows that a function of their number gives.
template <class Row>
std::string table_of(std::string header, int rows, const Row& row) {
  for (int i = 0; i < rows; ++i) header += row(i) + "\n";
  return header;
}

}  // namespace recur
