#include "cli/man_pages.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/command.h"
#include "cli/use.h"
#include "recur/base/version.h"

namespace recur::cli {
namespace {

// Text as roff takes it: a minus stays one, a backslash is no command, nor is a line that begins with a dot.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool begins_line = out.empty() || out.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) out += "\\&";
    if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '~') {
      out += "\\(ti";
    } else {
      out += c;
    }
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

class Roff {
 public:
  Roff(const std::string& name, const std::string& date) {
    text_ = ".\\\" Made by recur docs man from the declarations of the options.\n";
    text_ += fmt::format(".TH {} 1 \"{}\" \"recur {}\" \"User Commands\"\n", roff(upper(name)), date, version());
  }

  void section(std::string_view title) { text_ += fmt::format(".SH {}\n", title); }
  void subsection(std::string_view title) { text_ += fmt::format(".SS {}\n", roff(title)); }
  void line(std::string_view text) { text_ += roff(text) + "\n"; }
  void lines(std::string_view text) { text_ += fmt::format(".nf\n{}\n.fi\n", roff(text)); }
  void paragraph() { text_ += ".PP\n"; }

  // An entry of a list.
  void entry(std::string_view bold, std::string_view italic, std::string_view meaning) {
    text_ += fmt::format(".TP\n\\fB{}\\fR", roff(bold));
    if (!italic.empty()) text_ += fmt::format(" \\fI{}\\fR", roff(italic));
    text_ += fmt::format("\n{}\n", roff(meaning));
  }

  // Under the headings of their sections, except where all have none but the usual one.
  void options(const std::vector<HelpOption>& options, bool headings) {
    std::string heading = headings ? "" : "Options";
    for (const HelpOption& option : options) {
      if (headings && option.section != heading) subsection(heading = option.section);
      entry(option.flag, option.placeholder, option.meaning);
    }
  }

  void see_also(const std::vector<CommandPage>& pages, std::string_view except) {
    section("SEE ALSO");
    std::string all = except == "recur" ? "" : ".BR recur (1)";
    for (const CommandPage& page : pages) {
      if (page.name == except) continue;
      all += fmt::format("{}.BR {} (1)", all.empty() ? "" : " ,\n", roff("recur-" + page.name));
    }
    text_ += all + "\n";
  }

  const std::string& text() const { return text_; }

 private:
  static std::string upper(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  std::string text_;
};

// Several lines of usage stand below each other.
std::string without_indent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' || !(out.empty() || out.ends_with('\n'))) out += c;
  }
  return out;
}

void exit_status(Roff& out) {
  out.section("EXIT STATUS");
  out.entry("0", "", "Success; also after a signal, if a run was saved.");
  out.entry("1", "", "Failure: a file that cannot be read, data that do not fit, a loss that is no number.");
  out.entry("2", "", "Wrong usage: an unknown command, task or option, or a value out of range.");
}

std::string command_page(const CommandPage& page, const std::vector<CommandPage>& all, const std::string& date) {
  Roff out("recur-" + page.name, date);
  out.section("NAME");
  out.line(fmt::format("recur-{} - {}", page.name, page.summary));
  out.section("SYNOPSIS");
  out.lines(without_indent(page.usage));
  out.section("DESCRIPTION");
  out.line(page.description);
  if (!page.footer.empty()) {
    out.paragraph();
    out.lines(page.footer);
  }
  out.section("OPTIONS");
  out.options(page.options, !page.tasks.empty());
  if (!page.tasks.empty()) out.section("OPTIONS OF THE TASKS");
  for (const TaskPage& task : page.tasks) {
    out.subsection(task.name);
    out.line(task.summary + ".");
    out.options(task.options, false);
  }
  exit_status(out);
  out.see_also(all, page.name);
  return out.text();
}

std::string program_page(const std::vector<CommandPage>& pages, const std::string& date) {
  Roff out("recur", date);
  out.section("NAME");
  out.line("recur - train, evaluate and run recurrent neural networks on sequences");
  out.section("SYNOPSIS");
  out.lines("recur COMMAND [ARGUMENT...]\nrecur COMMAND --help\nrecur --version");
  out.section("DESCRIPTION");
  out.line("Recur takes sequences from a file to a model that is trained, evaluated, explained and exported.");
  out.line("A MODEL is a .recur file or the folder of a run. Each command has a page of its own.");
  out.section("COMMANDS");
  for (const Command& command : commands()) out.entry(command.name, command.arguments, command.summary);
  out.section("TASKS");
  for (const TaskInfo& task : tasks()) {
    out.entry(task.name, "", fmt::format("{}. Data: {}.", task.summary, task.data.empty() ? "none" : task.data));
  }
  out.section("ENVIRONMENT");
  out.entry("RECUR_THREADS", "", "Number of threads where --threads does not say it; 1 if it is not set.");
  out.entry("RECUR_TARGET", "", "The highest instruction set to use: baseline, avx2, avx512 or amx.");
  out.entry("RECUR_KERNELS", "", "ref runs scalar code.");
  out.entry("RECUR_DATA_MEMORY", "", "Bytes of data that are held in memory; what is larger goes to files in TMPDIR.");
  out.entry("RECUR_UNPACKED_BYTES", "", "Bytes that a compressed file may unpack to.");
  out.section("FILES");
  out.line("The folder of a run holds");
  out.entry("config.toml", "", "every option, defaults included, which --config takes for another run;");
  out.entry("model.recur", "", "the model with the best validation result, which needs no other file;");
  out.entry("last.ckpt", "", "the latest checkpoint;");
  out.entry("metrics.jsonl", "", "the metrics of training and validation, an object a line.");
  exit_status(out);
  out.section("EXAMPLES");
  out.lines(
      "recur train lm book.txt --valid 0.1 --time 5m --out runs/book\n"
      "recur generate runs/book --prompt \"Once\" --length 400\n"
      "recur evaluate runs/book other.txt --json");
  out.see_also(pages, "recur");
  return out.text();
}

}  // namespace

std::vector<ManPage> man_pages(const std::vector<CommandPage>& pages, const std::string& date) {
  std::vector<ManPage> out{{"recur.1", program_page(pages, date)}};
  for (const CommandPage& page : pages) out.push_back({"recur-" + page.name + ".1", command_page(page, pages, date)});
  return out;
}

}  // namespace recur::cli
