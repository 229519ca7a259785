// The command line of an example: pairs of an option and its value.
#pragma once

#include <recur/recur.h>

#include <charconv>
#include <concepts>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

namespace examples {

// A number of `least` to a billion; throws UsageError.
template <class Number>
Number number(const std::string& option, const std::string& text, Number least) {
  constexpr auto kMost = Number(1e9);
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least) || !(value <= kMost)) {
    recur::fail_usage("{}: expected a {}number from {} to {}, got \"{}\"", option,
                      std::integral<Number> ? "whole " : "", least, kMost, text);
  }
  return value;
}

// Calls take(option, value), which says whether there is such an option, for each pair.
template <class Take>
void for_each_option(const std::vector<std::string>& words, Take&& take) {
  for (size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size()) recur::fail_usage("{}: expected a value after it", words[i]);
    if (!take(words[i], words[i + 1])) recur::fail_usage("unknown option {}", words[i]);
  }
}

// The exit code of run(words), with what it throws as a message; --help prints `help`.
template <class Run>
int main_of(const char* name, const char* help, int argc, char** argv, Run&& run) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words == std::vector<std::string>{"--help"}) {
    std::printf("%s", help);
    return 0;
  }
  try {
    return run(words);
  } catch (const recur::UsageError& error) {
    std::fprintf(stderr, "%s: %s\n%s", name, error.what(), help);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace examples
