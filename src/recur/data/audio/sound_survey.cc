#include "recur/data/audio/sound_survey.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <system_error>

#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr double kPiece = 0.02;    // seconds
constexpr double kSilent = 1e-4;   // -40 dB, of power
constexpr double kNothing = 1e-9;  // mean square of less than one step of 16 bits
constexpr float kFull = 0.9999f;
constexpr int64_t kManyFull = 10;

struct SoundFacts {
  std::string fault;
  int64_t rate = 0, channels = 0, bits = 0;
  double seconds = 0, silent = 0, silent_ends = 0;
  bool is_nothing = false, is_clipped = false;
};

SoundFacts facts_of(const DataFile& file) {
  SoundFacts out;
  const SoundFile read = read_sound(file);
  const std::vector<float>& samples = read.sound.samples;
  out.rate = read.sound.rate;
  out.channels = read.channels;
  out.bits = read.bits;
  out.seconds = static_cast<double>(samples.size()) / static_cast<double>(out.rate);
  const auto piece = std::max<size_t>(static_cast<size_t>(kPiece * static_cast<double>(out.rate)), 1);
  std::vector<double> powers;
  int64_t full = 0;
  for (size_t at = 0; at < samples.size(); at += piece) {
    const size_t end = std::min(at + piece, samples.size());
    double sum = 0;
    for (size_t i = at; i < end; ++i) {
      sum += static_cast<double>(samples[i]) * static_cast<double>(samples[i]);
      full += std::abs(samples[i]) >= kFull ? 1 : 0;
    }
    powers.push_back(sum / static_cast<double>(end - at));
  }
  const double loudest = *std::ranges::max_element(powers);
  out.is_nothing = loudest < kNothing;
  out.is_clipped = full >= kManyFull;
  const double least = std::max(loudest * kSilent, kNothing);
  const auto is_silent = [&](double power) { return power < least; };
  const double length = static_cast<double>(piece) / static_cast<double>(out.rate);
  out.silent = std::min(length * static_cast<double>(std::ranges::count_if(powers, is_silent)), out.seconds);
  const auto first = std::ranges::find_if_not(powers, is_silent);
  const auto last = std::find_if_not(powers.rbegin(), powers.rend(), is_silent);
  const auto ends = (first - powers.begin()) + (first == powers.end() ? 0 : last - powers.rbegin());
  out.silent_ends = std::min(length * static_cast<double>(ends), out.seconds);
  return out;
}

void add_text(const std::string& text, SoundSurvey& out) {
  if (text.empty()) return;
  ++out.texts;
  out.words += 1 + std::ranges::count(text, ' ');
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = std::max<size_t>(decode_utf8(text, at).bytes, 1);
    ++out.letters[text.substr(at, bytes)];
    ++out.characters;
    at += bytes;
  }
}

}  // namespace

SoundSurvey survey_sounds(const Transcripts& list) {
  std::vector<SoundFacts> facts(list.items.size());
  parallel_for(std::ssize(facts), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      try {
        facts[static_cast<size_t>(i)] = facts_of(list.items[static_cast<size_t>(i)].file);
      } catch (const Error& error) {
        facts[static_cast<size_t>(i)].fault = error.what();
      }
    }
  });
  SoundSurvey out;
  std::set<std::string> speakers;
  std::map<std::string, std::vector<std::string>> by_path;
  for (size_t i = 0; i < facts.size(); ++i) {
    const SoundFacts& own = facts[i];
    const Transcript& item = list.items[i];
    by_path[item.file.name()].push_back(item.name);
    if (!own.fault.empty()) {
      out.faults.push_back(own.fault);
      continue;
    }
    ++out.sounds;
    ++out.rates[own.rate];
    ++out.channels[own.channels];
    ++out.bits[own.bits];
    out.lengths.push_back(own.seconds);
    out.seconds += own.seconds;
    out.silent_seconds += own.silent;
    out.silent_ends += own.silent_ends;
    if (own.is_nothing) out.silent.push_back(item.name);
    if (own.is_clipped) out.clipped.push_back(item.name);
    add_text(item.text, out);
    if (!item.speaker.empty()) speakers.insert(item.speaker);
  }
  std::ranges::sort(out.lengths);
  out.speakers = std::ssize(speakers);
  for (auto& [path, names] : by_path) {
    if (names.size() > 1) out.twice.emplace(path, std::move(names));
  }
  return out;
}

bool looks_like_sounds(const DataFile& file) {
  if (is_sound_name(file.name())) return true;
  if (is_folder(file)) {
    std::error_code error;
    for (fs::recursive_directory_iterator at(file.name(), error), end; !error && at != end; at.increment(error)) {
      if (is_sound_name(at->path().string())) return true;
    }
    return false;
  }
  constexpr size_t kHead = 1 << 14, kRows = 5;
  const std::string head = file.head(kHead);
  std::string_view rest = head;
  for (size_t row = 0; row < kRows && !rest.empty(); ++row) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    for (size_t at = 0; at <= line.size();) {
      const size_t end = std::min(line.find_first_of("\t,;|\"", at), line.size());
      if (is_sound_name(trimmed(line.substr(at, end - at)))) return true;
      at = end + 1;
    }
  }
  return false;
}

}  // namespace recur
