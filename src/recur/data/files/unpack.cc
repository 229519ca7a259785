#include "recur/data/files/unpack.h"

#include <lzma.h>
#include <zstd.h>

#define ZLIB_CONST  // zlib does not write into its input
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/byte_limits.h"

namespace recur::internal {
namespace {

// Numbers and texts shrink to a third or a tenth; more than this only what repeats itself without end.
constexpr uint64_t kLargestExpansion = 200;
constexpr uint64_t kWindowBytes = uint64_t{128} << 20;  // of xz and zstd: what their strongest usual levels need

// First the bytes that were read ahead, then the rest.
class Rejoined : public ByteStream {
 public:
  Rejoined(std::string head, std::unique_ptr<ByteStream> rest) : head_(std::move(head)), rest_(std::move(rest)) {}

  size_t read(std::span<char> out) override {
    if (at_ == head_.size()) return rest_->read(out);
    const size_t count = std::min(out.size(), head_.size() - at_);
    std::memcpy(out.data(), head_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string head_;
  size_t at_ = 0;
  std::unique_ptr<ByteStream> rest_;
};

// What a decoder did with some bytes.
struct Decoded {
  size_t taken = 0;    // of the input
  size_t given = 0;    // into the output
  bool ended = false;  // between two compressed streams, where the input may end
};

// The loop that the three formats share; Decoder wraps the library of one:
//   Decoded decode(std::span<const char> in, bool last, std::span<char> out);   throws Error for damage
template <class Decoder>
class Unpacked : public ByteStream {
 public:
  Unpacked(std::unique_ptr<ByteStream> packed, std::string name)
      : packed_(std::move(packed)), name_(std::move(name)), decoder_(name_) {}

  size_t read(std::span<char> out) override {
    for (;;) {
      if (begin_ == end_ && !exhausted_) refill();
      if (begin_ == end_ && ended_) return 0;
      const Decoded step = decoder_.decode(std::span(buffer_).subspan(begin_, end_ - begin_), exhausted_, out);
      begin_ += step.taken;
      unpacked_bytes_ += step.given;
      ended_ = step.ended;
      check_expansion();
      if (step.given > 0) return step.given;
      if (begin_ == end_ && exhausted_ && !ended_) fail("{}: its {} data are cut off", name_, Decoder::kFormat);
    }
  }

 private:
  void refill() {
    begin_ = 0;
    end_ = packed_->read(buffer_);
    exhausted_ = end_ == 0;
    packed_bytes_ += end_;
  }

  void check_expansion() const {
    if (unpacked_bytes_ <= allowed_ || unpacked_bytes_ / kLargestExpansion <= packed_bytes_) return;
    fail(
        "{}: {} bytes of {} data unpack to more than {} bytes, {} times as many: it may be a decompression bomb; if "
        "you trust the file, unpack it or set RECUR_UNPACKED_BYTES to its size",
        name_, packed_bytes_, Decoder::kFormat, unpacked_bytes_, kLargestExpansion);
  }

  std::unique_ptr<ByteStream> packed_;
  std::string name_;
  Decoder decoder_;
  std::array<char, 1 << 16> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what is left in the buffer
  bool exhausted_ = false;      // nothing is left to refill it with
  bool ended_ = false;
  uint64_t packed_bytes_ = 0, unpacked_bytes_ = 0;
  uint64_t allowed_ = static_cast<uint64_t>(unpacked_bytes_allowed());  // whatever the file's size
};

class Gzip {
 public:
  static constexpr std::string_view kFormat = "gzip";

  explicit Gzip(std::string name) : name_(std::move(name)) {
    constexpr int kGzipHeader = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipHeader) != Z_OK) fail("{}: no memory to unpack it", name_);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { inflateEnd(&stream_); }

  Decoded decode(std::span<const char> in, bool, std::span<char> out) {
    // Members may follow each other; zeros behind the last are padding of tapes and block devices.
    if (ended_) {
      const size_t zeros = static_cast<size_t>(std::ranges::find_if(in, [](char c) { return c != 0; }) - in.begin());
      if (zeros > 0) return {.taken = zeros, .ended = true};
      if (!in.empty()) inflateReset(&stream_);
    }
    stream_.next_in = reinterpret_cast<const Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(std::min(out.size(), kMostAtOnce));
    const size_t room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      fail("{}: its gzip data are damaged ({})", name_, stream_.msg ? stream_.msg : "zlib");
    }
    ended_ = status == Z_STREAM_END;
    return {in.size() - stream_.avail_in, room - stream_.avail_out, ended_};
  }

 private:
  static constexpr size_t kMostAtOnce = size_t{1} << 30;  // zlib counts in 32 bits

  std::string name_;
  z_stream stream_{};
  bool ended_ = false;
};

// Deflate data without a header, whose end is where they say.
class RawDeflate {
 public:
  static constexpr std::string_view kFormat = "compressed";

  explicit RawDeflate(std::string name) : name_(std::move(name)) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) fail("{}: no memory to unpack it", name_);
  }
  RawDeflate(const RawDeflate&) = delete;
  RawDeflate& operator=(const RawDeflate&) = delete;
  ~RawDeflate() { inflateEnd(&stream_); }

  Decoded decode(std::span<const char> in, bool, std::span<char> out) {
    if (ended_) return {.taken = in.size(), .ended = true};
    stream_.next_in = reinterpret_cast<const Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(std::min(out.size(), size_t{1} << 30));
    const size_t room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      fail("{}: its compressed data are damaged", name_);
    ended_ = status == Z_STREAM_END;
    return {in.size() - stream_.avail_in, room - stream_.avail_out, ended_};
  }

 private:
  std::string name_;
  z_stream stream_{};
  bool ended_ = false;
};

class Xz {
 public:
  static constexpr std::string_view kFormat = "xz";

  explicit Xz(std::string name) : name_(std::move(name)) {
    if (lzma_stream_decoder(&stream_, kWindowBytes, LZMA_CONCATENATED) != LZMA_OK) {
      fail("{}: no memory to unpack it", name_);
    }
  }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;
  ~Xz() { lzma_end(&stream_); }

  Decoded decode(std::span<const char> in, bool last, std::span<char> out) {
    stream_.next_in = reinterpret_cast<const uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(out.data());
    stream_.avail_out = out.size();
    const lzma_ret status = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
    if (status == LZMA_MEMLIMIT_ERROR)
      fail("{}: its xz data ask for more than {} bytes of memory", name_, kWindowBytes);
    if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR) {
      fail("{}: its xz data are damaged", name_);
    }
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, status == LZMA_STREAM_END};
  }

 private:
  std::string name_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Zstd {
 public:
  static constexpr std::string_view kFormat = "zstd";

  explicit Zstd(std::string name) : name_(std::move(name)), context_(ZSTD_createDStream()) {
    if (context_ == nullptr) fail("{}: no memory to unpack it", name_);
  }

  Decoded decode(std::span<const char> in, bool, std::span<char> out) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    // The library refuses windows above 128 MB by itself.
    const size_t left = ZSTD_decompressStream(context_.get(), &output, &input);
    if (ZSTD_isError(left)) fail("{}: its zstd data are damaged ({})", name_, ZSTD_getErrorName(left));
    return {input.pos, output.pos, left == 0};
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* context) const { ZSTD_freeDStream(context); }
  };

  std::string name_;
  std::unique_ptr<ZSTD_DStream, Free> context_;
};

}  // namespace

std::unique_ptr<ByteStream> inflated(std::unique_ptr<ByteStream> packed, std::string name) {
  return std::make_unique<Unpacked<RawDeflate>>(std::move(packed), std::move(name));
}

std::unique_ptr<ByteStream> unpacked(std::unique_ptr<ByteStream> packed, std::string head, std::string name) {
  const std::string magic = head;
  auto whole = std::make_unique<Rejoined>(std::move(head), std::move(packed));
  if (magic.starts_with("\x1F\x8B")) return std::make_unique<Unpacked<Gzip>>(std::move(whole), std::move(name));
  if (magic.starts_with("\xFD\x37zXZ")) return std::make_unique<Unpacked<Xz>>(std::move(whole), std::move(name));
  if (magic.starts_with("\x28\xB5\x2F\xFD")) return std::make_unique<Unpacked<Zstd>>(std::move(whole), std::move(name));
  return whole;
}

}  // namespace recur::internal
