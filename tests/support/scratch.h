// A folder of its own for each test, gone after it; whole files in and out; the message of what a call throws.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "recur/base/error.h"

namespace recur::testing {

class Scratch {
 public:
  Scratch() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + "." + test->name() + "." + std::to_string(::getpid());
    for (char& c : name) c = c == '/' ? '_' : c;
    folder_ = std::filesystem::path(::testing::TempDir()) / name;
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  // Writes a file of that name, making the folders it names; its path.
  std::filesystem::path put(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path folder_;
};

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  // Not truncated: some file systems flush a truncated file to the disk when it is closed, which takes milliseconds.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

// What `call` says when it throws an Expected; "" when it throws nothing. Other exceptions pass through.
template <class Expected = Error, class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const Expected& error) {
    return error.what();
  }
  return "";
}

inline std::filesystem::path Scratch::put(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories((*this / name).parent_path());
  write_bytes(*this / name, text);
  return *this / name;
}

}  // namespace recur::testing
