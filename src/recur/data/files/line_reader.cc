#include "recur/data/files/line_reader.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace recur {
namespace {

constexpr size_t kChunkBytes = 1 << 18;

}  // namespace

bool LineReader::next(std::string_view& line) {
  size_t end = 0;
  while ((end = std::string_view(buffer_.data(), end_).find('\n', scanned_)) == std::string_view::npos) {
    scanned_ = end_;
    if (refill()) continue;
    if (begin_ == end_) return false;
    end = end_;
    break;
  }
  ++line_;
  if (line_ == 1) strip_mark();
  line = std::string_view(buffer_).substr(begin_, end - begin_);
  begin_ = scanned_ = std::min(end + 1, end_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (const size_t nul = line.find('\0'); nul != std::string_view::npos) {
    fail_here("NUL byte at position {}: this is no text file", nul + 1);
  }
  return true;
}

// More bytes behind those that have not been given; false at the end of the file.
bool LineReader::refill() {
  if (ended_) return false;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
            buffer_.begin());
  scanned_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  if (end_ > kLongestLine) {
    ++line_;
    fail_here("longer than {} bytes: this is no table or text of lines", kLongestLine);
  }
  if (buffer_.size() < end_ + kChunkBytes) buffer_.resize(std::max(end_ + kChunkBytes, end_ * 2));
  const size_t count = stream_->read(std::span(buffer_).subspan(end_, kChunkBytes));
  end_ += count;
  ended_ = count == 0;
  return !ended_;
}

void LineReader::strip_mark() {
  const auto text = std::string_view(buffer_).substr(begin_, end_ - begin_);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail_here("UTF-16 text; convert it to UTF-8");
  if (text.starts_with("\xEF\xBB\xBF")) begin_ += 3;
}

}  // namespace recur
