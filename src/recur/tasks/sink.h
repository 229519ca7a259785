// The output of a task: rows of a table, pieces of text, pictures, sound. The program writes them to files or the
// terminal; the server sends them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "recur/base/error.h"

namespace recur {

using TableCell = std::variant<std::string, int64_t, double>;

// A small table of results: a confusion matrix, metrics by class.
struct Table {
  std::string name;  // "confusion"
  std::vector<std::string> columns;
  std::vector<std::vector<TableCell>> rows;  // a cell for each column
};

// Facts in the order to show them: {"vocabulary", 65}.
struct Fact {
  std::string name;
  TableCell value;
};
using Description = std::vector<Fact>;

// A picture as the bytes of its file.
struct Picture {
  std::string name;  // the file name, if the user has chosen one
  std::string bytes;
};

// Samples in [-1, 1], with interleaved channels.
struct Sound {
  std::string name;
  double rate = 0;  // time steps a second
  int64_t channels = 1;
  std::vector<float> samples;
};

// A sink accepts the kinds of output it supports and refuses others with an Error.
class Sink {
 public:
  virtual ~Sink() = default;

  virtual void columns(const std::vector<std::string>&) { refuse("rows"); }  // their names, once, before the rows
  virtual void row(std::span<const TableCell>) { refuse("rows"); }
  // A piece of a text that is being written, which may end within a code point. Returns false to stop it.
  virtual bool text(std::string_view) { refuse("text"); }
  virtual void picture(const Picture&) { refuse("pictures"); }
  virtual void sound(const Sound&) { refuse("sound"); }

 private:
  [[noreturn]] static void refuse(const char* what) { fail("this output does not accept {}", what); }
};

}  // namespace recur
