// recur generate: a language model writes, piece by piece; a model of speech speaks, one of handwriting moves a pen.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/clipped_share.h"
#include "cli/command.h"
#include "cli/file_sink.h"
#include "cli/json.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/table_name.h"
#include "recur/base/error.h"
#include "recur/data/audio/wave_writer.h"
#include "recur/data/files/data_file.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

bool is_wave_extension(std::string extension) {
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return extension == ".wav" || extension == ".wave";
}

// What is generated. A text is printed piece by piece, or kept; a sound goes into a file, or as a wave file without an
// end to the standard output while it is being made; rows go to either.
class Written : public Sink {
 public:
  Written(const std::string& prompt, std::string out, bool json, Inputs inputs)
      : prompt_(prompt), out_(std::move(out)), json_(json), inputs_(std::move(inputs)), pictures_("", json, inputs_) {}

  void columns(const std::vector<std::string>& names) override {
    check_table_name("--out", out_);
    rows_ = std::make_unique<FileSink>(out_, json_, inputs_);
    rows_->columns(names);
  }
  void row(std::span<const TableCell> cells) override {
    rows_->row(cells);
    rows_->flush();
    ++count_;
  }

  bool text(std::string_view piece) override {
    if (!out_.empty()) fail_usage("--out: this model writes a text, which goes to the standard output");
    begin();
    text_ += piece;
    if (!json_) {
      print(piece);
      flush_output();
    }
    return true;
  }

  void picture(const Picture& picture) override { pictures_.picture(picture); }

  void sound(const Sound& sound) override {
    if (out_.empty() && (json_ || output_is_terminal())) {
      fail_usage("--out: expected a wave file for the sound, or the standard output led into a file or a pipe");
    }
    if (rate_ == 0) check_name();
    if (rate_ == 0 && out_.empty()) print(wave_header(static_cast<int64_t>(sound.rate), -1));
    rate_ = sound.rate;
    clipped_.add(sound.samples);
    count_ += static_cast<int64_t>(sound.samples.size());
    if (out_.empty()) {
      print(wave_samples(sound.samples));
      flush_output();
    } else {
      samples_.insert(samples_.end(), sound.samples.begin(), sound.samples.end());
    }
  }

  void finish() {
    if (rows_) {
      rows_->commit();
      return;
    }
    if (rate_ > 0) {
      if (!out_.empty()) write_output(out_, wave_file(samples_, static_cast<int64_t>(rate_)));
      clipped_.note();
      return;
    }
    begin();
    const bool whole_line = text_.empty() ? prompt_.ends_with('\n') : text_.ends_with('\n');
    if (!json_ && !whole_line) print("\n");
  }

  // What the JSON object says of it.
  void add_to(Json& json) const {
    if (rows_) {
      json.add("rows", count_);
      return;
    }
    if (rate_ == 0) {
      json.add("text", text_);
      return;
    }
    json.add("out", out_);
    json.add("sample_rate", static_cast<int64_t>(rate_));
    json.add("seconds", static_cast<double>(count_) / rate_);
    json.add("clipped", clipped_.share());
  }

 private:
  bool is_wave_name() const { return is_wave_extension(std::filesystem::path(out_).extension().string()); }

  // Another format would not be what the name says.
  void check_name() const {
    if (std::filesystem::path(out_).has_extension() && !is_wave_name()) {
      fail_usage("--out: the sound is written as a wave file: expected a name that ends with .wav, got {}", out_);
    }
  }

  // The prompt is shown once the model has accepted it.
  void begin() {
    if (!json_ && !std::exchange(begun_, true)) print(prompt_);
  }

  const std::string& prompt_;
  std::string out_;
  bool json_, begun_ = false;
  Inputs inputs_;
  FileSink pictures_;
  std::unique_ptr<FileSink> rows_;  // null: there are none
  std::string text_;
  double rate_ = 0;    // of the sound; 0: none has come
  int64_t count_ = 0;  // samples, or rows
  ClippedShare clipped_;
  std::vector<float> samples_;
};

}  // namespace

int run_generate(const Words& words) {
  GenerateOptions options;
  Config config(options);
  std::string model, input, out;
  bool json = false;
  Arguments arguments(
      "recur generate MODEL [-] [options]",
      "Generates text with a language model and prints each piece as soon as it is sampled, or speaks\n"
      "or writes the prompt with a model of the task synthesize. MODEL is a .recur file or a run folder. With -\n"
      "the prompt is read from the standard input. The same seed gives the same text.");
  // The task of the model decides which further flags there are.
  const std::string path = first_path(words);
  std::error_code ignored;
  std::unique_ptr<Trained> trained;
  if (!path.empty() && std::filesystem::exists(path, ignored)) trained = load_trained(path);
  if (trained) trained->declare_generate(config);
  arguments.positional("MODEL", model);
  arguments.positional("INPUT", input, /*required=*/false);
  arguments.config(config);
  arguments.text("--out", out, "FILE",
                 "File for the sound or the strokes, of synthesize (default: the standard output)");
  arguments.flag("--json", json, "Print one JSON object at the end");
  if (!arguments.parse(words)) return kDone;

  if (!input.empty() && input != "-") fail_usage("unexpected argument '{}'", input);
  constexpr size_t kMostPrompt = size_t{1} << 26;  // bytes
  if (input == "-" && config.find("prompt")->given)
    fail_usage("--prompt: expected the prompt here or with -, got both");
  if (input == "-") options.prompt = DataFile::standard_input().content(kMostPrompt);
  if (!trained || path != model) trained = load_trained(model);
  if (out == "-") out.clear();  // the standard output
  const Inputs inputs{.model = model,
                      .data = input.empty() ? std::vector<std::string>{} : std::vector<std::string>{"-"}};
  std::vector<Output> outputs{{"--out", out}};
  std::ranges::move(output_files(config), std::back_inserter(outputs));
  check_outputs(outputs, inputs.model, inputs.data);
  Written written(options.prompt, out, json, inputs);
  trained->generate(options, written);
  written.finish();
  if (json) {
    Json object{{"task", trained->info().name}, {"prompt", options.prompt}, {"seed", options.seed}};
    written.add_to(object);
    print(json_line(object));
  }
  return kDone;
}

}  // namespace recur::cli
