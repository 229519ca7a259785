// Products of bf16 in a matrix unit, whose registers are "tiles" of 16 rows of 64 bytes: Intel's AMX, as its Software
// Developer's Manual describes it (volume 1, "Programming with Intel Advanced Matrix Extensions").
//
// Packed panels (operands-inl.h) lie as the unit wants them: a row of a tile is a step of a vector of columns, the
// pairs of k of each column side by side. All products over whole tiles of k: what is packed is filled up with zeros.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace recur::kernels {

inline constexpr int64_t kTileRows = 16;
inline constexpr int64_t kTileRowBytes = 64;
inline constexpr int64_t kTileDepth = kTileRowBytes / 2;  // values of k that one instruction multiplies

// The sizes of all tiles, as the unit reads them.
struct alignas(64) TileSizes {
  uint8_t palette = 1;    // of eight tiles, each of at most 16 rows of 64 bytes
  uint8_t start_row = 0;  // of an instruction that was interrupted
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};
static_assert(sizeof(TileSizes) == 64);

// A matrix unit: the CPU's (AmxUnit), or one that tests have in software. Tiles have numbers 0 to 7; strides are bytes.
template <class U>
concept TileUnit = requires(const TileSizes& sizes, const std::byte* from, std::byte* to, int64_t stride) {
  U::configure(sizes);                  // tiles are zero from then on
  U::template load<0>(from, stride);    // tile 0 = rows of memory
  U::template store<0>(to, stride);     // and back
  U::template multiply_add<0, 1, 2>();  // tile 0 += tile 1 times tile 2
  U::release();                         // tiles are free, until they are configured anew
};

// What Tiles::multiply multiplies: rows of the left operand and some vectors of a panel. Strides are bytes.
struct TileProduct {
  const void* left;  // [rows, depth]
  int64_t left_stride;
  const void* packed;  // [depth / 2] steps
  int64_t packed_stride;
  int64_t rows;   // 1 to kTileRows
  int64_t depth;  // values of k, a multiple of kTileDepth
  float* sums;    // [rows, vectors, kColumns]
};

// A thread's unit for the length of a kernel call. kColumns: columns of a vector, at most 16.
//
// An element's sum takes the same roundings in whichever row of whatever number of rows it is: its bits do not depend
// on how a product is cut. They are not those of a sum in registers, which adds up the pairs one after another.
template <TileUnit Unit, int64_t kColumns>
class Tiles {
 public:
  Tiles() = default;
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  ~Tiles() {
    if (rows_ != 0) Unit::release();
  }

  // sums += left times kVectors vectors of the panel.
  template <int kVectors>
  void multiply(const TileProduct& p) {
    static_assert(kVectors <= kLeft);
    assert(p.rows > 0 && p.rows <= kTileRows && p.depth % kTileDepth == 0);
    if (p.rows != rows_) configure(p.rows);
    multiply(p, std::make_integer_sequence<int, kVectors>());
  }

 private:
  static constexpr int64_t kVectorBytes = kColumns * 4;
  static_assert(kVectorBytes <= kTileRowBytes);
  // Sums are tiles 0 to 3. Panels take turns, so that one may be loaded while another is multiplied.
  static constexpr int kLeft = 4, kRight = 5, kRights = 3;

  void configure(int64_t rows) {
    TileSizes sizes;
    for (int tile = 0; tile < kRight + kRights; ++tile) {
      sizes.row_bytes[tile] = tile == kLeft ? kTileRowBytes : kVectorBytes;
      sizes.rows[tile] = static_cast<uint8_t>(tile < kRight ? rows : kTileRows);
    }
    Unit::configure(sizes);
    rows_ = rows;
  }

  template <int... j>
  static void multiply(const TileProduct& p, std::integer_sequence<int, j...>) {
    const auto *left = static_cast<const std::byte*>(p.left), *packed = static_cast<const std::byte*>(p.packed);
    auto* const sums = reinterpret_cast<std::byte*>(p.sums);
    constexpr int64_t kSumsStride = sizeof...(j) * kVectorBytes;
    (Unit::template load<j>(sums + j * kVectorBytes, kSumsStride), ...);
    for (int64_t k = 0; k < p.depth; k += kTileDepth) {
      Unit::template load<kLeft>(left, p.left_stride);
      (add<j>(packed + j * kVectorBytes, p.packed_stride), ...);
      left += kTileRowBytes;
      packed += kTileRows * p.packed_stride;
    }
    (Unit::template store<j>(sums + j * kVectorBytes, kSumsStride), ...);
  }

  template <int j>
  static void add(const std::byte* packed, int64_t stride) {
    constexpr int kTile = kRight + j % kRights;
    Unit::template load<kTile>(packed, stride);
    Unit::template multiply_add<j, kLeft, kTile>();
  }

  int64_t rows_ = 0;  // as configured, 0: not yet
};

}  // namespace recur::kernels
