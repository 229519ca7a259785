// TensorBoard event files: scalars by step, which `tensorboard --logdir RUN` draws. docs/formats.md has the bytes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace recur {

// One new event file. A run that is resumed opens another one in the same folder; TensorBoard joins them.
class EventFile {
 public:
  // Seconds since 1970.
  using Clock = std::function<double()>;
  static double wall_clock();

  // Creates events.out.tfevents.<seconds since 1970>.recur in `folder`, with .1, .2, ... appended if that name is
  // taken. With `resume_step`, TensorBoard drops what earlier files say about this step and later ones. Throws Error.
  explicit EventFile(const std::filesystem::path& folder, std::optional<std::int64_t> resume_step = std::nullopt,
                     Clock clock = wall_clock);

  // Adds a point to the curve `tag`, UTF-8 such as "valid/loss"; values are stored in 32 bits. Throws Error.
  void scalar(std::string_view tag, double value, std::int64_t step);

  // Flushes the points to the system, so that other programs see them. The destructor does this too.
  void flush();

  const std::filesystem::path& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void write_record(std::string_view event);

  std::filesystem::path path_;
  Clock clock_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace recur
