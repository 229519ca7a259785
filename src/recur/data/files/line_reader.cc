#include "recur/data/files/line_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "recur/data/files/foreign_file.h"

namespace recur {
namespace {

constexpr size_t kChunkBytes = 1 << 18;

}  // namespace

bool LineReader::next(std::string_view& line) {
  if (line_ == 0) look_at_front();
  size_t end = 0;
  while ((end = std::string_view(buffer_.data(), end_).find(end_mark_, scanned_)) == std::string_view::npos) {
    scanned_ = end_;
    if (refill()) continue;
    if (begin_ == end_) return false;
    end = end_;
    break;
  }
  ++line_;
  line = std::string_view(buffer_).substr(begin_, end - begin_);
  begin_ = scanned_ = std::min(end + 1, end_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (const size_t nul = line.find('\0'); nul != std::string_view::npos) {
    fail_here("NUL byte at position {}: this is not a text file", nul + 1);
  }
  return true;
}

// More bytes behind those that have not been given; false at the end of the file.
bool LineReader::refill() {
  if (ended_) return false;
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  scanned_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  if (end_ > kLongestLine) {
    ++line_;
    fail_here("longer than {} bytes: this is not a table or text of lines", kLongestLine);
  }
  if (buffer_.size() < end_ + kChunkBytes) buffer_.resize(std::max(end_ + kChunkBytes, end_ * 2));
  const size_t count = stream_->read(std::span(buffer_).subspan(end_, kChunkBytes));
  end_ += count;
  ended_ = count == 0;
  return !ended_;
}

// What the first bytes say: of what program the file is, what its lines end with.
void LineReader::look_at_front() {
  while (end_ < kChunkBytes && refill()) continue;
  const auto text = std::string_view(buffer_).substr(0, end_);
  line_ = 1;  // for messages
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail_here("UTF-16 text; convert it to UTF-8");
  if (const std::string_view what = foreign_format(text.substr(0, kForeignHead)); !what.empty()) {
    fail("{}: this is {}", name_, what);
  }
  line_ = 0;
  if (text.starts_with("\xEF\xBB\xBF")) begin_ = scanned_ = 3;
  const bool old_mac = text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos;
  if (old_mac) end_mark_ = '\r';
}

}  // namespace recur
