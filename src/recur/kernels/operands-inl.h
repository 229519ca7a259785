// What the operands of a product are. Sums are always vectors V in full precision.
//
// Element: an operand as tiles read it. Stored: what callers hold, values kept for backward and packed operands as an
// array of them; kAsItIs: whether numbers in memory are operands as they lie.
//
// A step of a product takes kDepth values of k: a row of the left operand holds them side by side, and so does a packed
// panel of the right one for each of its columns.
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_OPERANDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_OPERANDS_INL_H_
#undef RECUR_KERNELS_OPERANDS_INL_H_
#else
#define RECUR_KERNELS_OPERANDS_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "recur/base/bf16.h"
#include "recur/base/cpu.h"
#include "recur/kernels/amx.h"
#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/ref/scalar_math.h"
#include "recur/kernels/tiles.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// Of operands whose tiles are summed in vector registers.
struct InRegisters {
  static constexpr bool kInMatrixUnit = false;
  static constexpr int64_t kStepsAtOnce = 1;  // the depth of a product is filled up to so many
  struct Tiles {};                            // nothing to set up
};

// In the precision of the sums.
template <class V>
struct Plain : InRegisters {
  using Vector = V;
  using Element = typename V::Value;
  using Stored = Element;
  using Panel = V;
  static constexpr bool kAsItIs = true;
  static constexpr int64_t kDepth = 1;
  static constexpr int64_t kPanelSize = V::kCount;  // elements of one vector of a panel
  // Sums that the registers hold beside a step's operands.
  static constexpr int kSums = V::kCount >= 16 ? 24 : V::kCount == 8 ? 12 : 4;

  static HWY_INLINE Panel panel(const Element* at) { return V::load(at); }
  static HWY_INLINE Panel broadcast(const Element* at) { return V(*at); }
  static HWY_INLINE V multiply_add(Panel left, Panel right, V sum) { return fma(left, right, sum); }

  static HWY_INLINE V load(const Element* from, int64_t n) { return V::load(from, n); }
  static HWY_INLINE void store(const V& v, Element* to, int64_t n) { v.store(to, n); }
  // One vector of a panel, of which n columns are there, from `rows` (1 .. kDepth) rows `stride` apart.
  static HWY_INLINE void pack(const typename V::Value* from, int64_t, int64_t, int64_t n, Element* to) {
    (n > 0 ? V::load(from, n) : V()).store(to);
  }
};

// bf16, rounded to nearest even where it is made, summed in f32. `kNative` takes the CPU's own instructions for it
// (AVX512-BF16), which treat subnormal numbers as 0.
template <class V, bool kNative = false>
struct Half;

template <>
struct Half<Scalar<float>, false> : InRegisters {
  using Vector = Scalar<float>;
  using Element = bf16;
  using Stored = bf16;
  static constexpr bool kAsItIs = false;
  struct Panel {
    float even = 0, odd = 0;
  };
  static constexpr int64_t kDepth = 2;
  static constexpr int64_t kPanelSize = 2;
  static constexpr int kSums = 4;

  static Panel panel(const bf16* at) { return {static_cast<float>(at[0]), static_cast<float>(at[1])}; }
  static Panel broadcast(const bf16* at) { return panel(at); }
  static Vector multiply_add(Panel left, Panel right, Vector sum) {
    return left.even * right.even + left.odd * right.odd + sum.v;
  }
  static Vector load(const bf16* from, int64_t) { return static_cast<float>(*from); }
  static void store(Vector v, bf16* to, int64_t) { *to = bf16(v.v); }
  static void pack(const float* from, int64_t stride, int64_t rows, int64_t n, bf16* to) {
    to[0] = bf16(n > 0 ? from[0] : 0.0f);
    to[1] = bf16(n > 0 && rows > 1 ? from[stride] : 0.0f);
  }
};

template <bool kNative>
struct Half<Lanes, kNative> : InRegisters {
  using Vector = Lanes;
  using Element = bf16;
  using Stored = bf16;
  static constexpr bool kAsItIs = false;
  using WordTag = hn::RebindToUnsigned<FloatTag>;
  using Words = hn::Vec<WordTag>;
  struct Panel {
    Words pairs;  // the even value in the lower half
  };
  static constexpr int64_t kDepth = 2;
  static constexpr int64_t kPanelSize = 2 * kLanes;
  static constexpr int kSums = kNative ? 24 : kLanes >= 16 ? 16 : kLanes == 8 ? 6 : 4;

  static HWY_INLINE Panel panel(const bf16* at) {
    return {hn::LoadU(WordTag(), reinterpret_cast<const uint32_t*>(at))};
  }
  static HWY_INLINE Panel broadcast(const bf16* at) {
    uint32_t pair;
    std::memcpy(&pair, at, sizeof(pair));
    return {hn::Set(WordTag(), pair)};
  }
  static HWY_INLINE Lanes multiply_add(Panel left, Panel right, Lanes sum) {
#if HWY_TARGET == HWY_AVX3
    if constexpr (kNative) {
      // Not by the intrinsic, which would need all callers to be compiled for AVX512-BF16.
      __m512 total = sum.v.raw;
      asm("vdpbf16ps %2, %1, %0" : "+v"(total) : "v"(left.pairs.raw), "v"(right.pairs.raw));
      return hn::Vec<FloatTag>{total};
    }
#endif
    return fma(odd(left), odd(right), fma(even(left), even(right), sum));
  }

  static HWY_INLINE Lanes load(const bf16* from, int64_t n) {
    const hn::Rebind<uint16_t, WordTag> half;
    if (n >= kLanes) {
      const auto bits = hn::LoadU(half, reinterpret_cast<const uint16_t*>(from));
      return hn::BitCast(FloatTag(), hn::ShiftLeft<16>(hn::PromoteTo(WordTag(), bits)));
    }
    HWY_ALIGN float part[kLanes] = {};
    for (int64_t i = 0; i < n; ++i) part[i] = static_cast<float>(from[i]);
    return Lanes::load(part);
  }

  static HWY_INLINE void store(Lanes v, bf16* to, int64_t n) {
#if HWY_TARGET == HWY_AVX3
    if constexpr (kNative) {
      __m256i bits;
      asm("vcvtneps2bf16 %1, %0" : "=v"(bits) : "v"(v.v.raw));
      const auto mask = static_cast<__mmask16>(n >= kLanes ? 0xffff : (1u << n) - 1);
      _mm256_mask_storeu_epi16(to, mask, bits);
      return;
    }
#endif
    const hn::Rebind<uint16_t, WordTag> half;
    HWY_ALIGN uint16_t part[kLanes];
    hn::StoreU(hn::DemoteTo(half, hn::BitCast(IntTag(), hn::ShiftRight<16>(rounded(v)))), half,
               n >= kLanes ? reinterpret_cast<uint16_t*>(to) : part);
    for (int64_t i = 0; i < (n >= kLanes ? 0 : n); ++i) to[i].bits = part[i];
  }

  // v rounded to bf16.
  static HWY_INLINE Lanes round(Lanes v) { return hn::BitCast(FloatTag(), hn::And(rounded(v), upper())); }

  static HWY_INLINE void pack(const float* from, int64_t stride, int64_t rows, int64_t n, bf16* to) {
    const Words low = hn::ShiftRight<16>(rounded(Lanes::load(from, n)));
    const Words high = rows > 1 ? hn::And(rounded(Lanes::load(from + stride, n)), upper()) : hn::Zero(WordTag());
    hn::StoreU(hn::Or(low, high), WordTag(), reinterpret_cast<uint32_t*>(to));
  }

 private:
  static HWY_INLINE Words upper() { return hn::Set(WordTag(), 0xffff0000u); }
  static HWY_INLINE Lanes even(const Panel& p) { return hn::BitCast(FloatTag(), hn::ShiftLeft<16>(p.pairs)); }
  static HWY_INLINE Lanes odd(const Panel& p) { return hn::BitCast(FloatTag(), hn::And(p.pairs, upper())); }

  // The bits of v, rounded so that the upper half is its bf16.
  static HWY_INLINE Words rounded(Lanes v) {
    const Words bits = hn::BitCast(WordTag(), v.v), one = hn::Set(WordTag(), 1u);
    const Words up = hn::Add(hn::Set(WordTag(), 0x7fffu), hn::And(hn::ShiftRight<16>(bits), one));
    const auto is_nan = hn::RebindMask(WordTag(), hn::Ne(v.v, v.v));
    return hn::IfThenElse(is_nan, hn::Set(WordTag(), 0x7fc00000u), hn::Add(bits, up));
  }
};

// bf16 where the CPU has no products of it: rounded where they are made, multiplied as the f32 that they are. Only what
// is kept for backward is bf16 in memory.
template <class V>
struct Rounded : Plain<V> {
  using typename Plain<V>::Element;
  using Stored = bf16;
  static constexpr bool kAsItIs = false;

  static HWY_INLINE void store(const V& v, Element* to, int64_t n) { Half<V>::round(v).store(to, n); }
  static HWY_INLINE void store(const V& v, bf16* to, int64_t n) { Half<V>::store(v, to, n); }
  static HWY_INLINE V load(const bf16* from, int64_t n) { return Half<V>::load(from, n); }
  static HWY_INLINE void pack(const Element* from, int64_t, int64_t, int64_t n, Element* to) {
    (n > 0 ? Half<V>::round(V::load(from, n)) : V(0)).store(to);
  }
};

// Packed operands, which callers hold as what is stored: `count` elements take so many of it.
template <class P>
constexpr int64_t stored(int64_t count) {
  return count * static_cast<int64_t>(sizeof(typename P::Element)) / static_cast<int64_t>(sizeof(typename P::Stored));
}
template <class P>
HWY_INLINE const typename P::Element* packed_of(const typename P::Stored* at) {
  return reinterpret_cast<const typename P::Element*>(at);
}
template <class P>
HWY_INLINE typename P::Element* packed_of(typename P::Stored* at) {
  return reinterpret_cast<typename P::Element*>(at);
}

// As Base, an instance of Half, in products through the tiles of a matrix unit (tiles.h).
template <class Base, class Unit>
struct Tiled : Base {
  static constexpr bool kInMatrixUnit = true;
  static constexpr int64_t kStepsAtOnce = kernels::kTileDepth / Base::kDepth;
  using Tiles = kernels::Tiles<Unit, Base::Vector::kCount>;
};

// The vectors of the instruction set or, where its registers hold one number, the reference's, which are compiled
// anyway.
using Widest = std::conditional_t<(kLanes > 1), Lanes, Scalar<float>>;

#if HWY_TARGET == HWY_AVX3 && HWY_ARCH_X86_64
using NativeHalf = Half<Lanes, true>;
using AmxHalf = Tiled<NativeHalf, kernels::AmxUnit>;
#endif

// What f.operator()<P>() returns for the fastest P of this machine with operands in bf16.
template <class F>
auto with_fastest_half(const F& f) {
#if HWY_TARGET == HWY_AVX3 && HWY_ARCH_X86_64
  if (kernels::use_amx()) return f.template operator()<AmxHalf>();
  if (has_bf16_products()) return f.template operator()<NativeHalf>();
#endif
  if constexpr (kLanes > 1)
    return f.template operator()<Rounded<Lanes>>();
  else
    return f.template operator()<Half<Scalar<float>>>();
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

// F(P); for all operands of an instruction set. The reference's belong to the one that every CPU has.
#undef RECUR_FOR_EACH_OPERANDS
#undef RECUR_FOR_EACH_VECTOR_OPERANDS
#undef RECUR_FOR_EACH_NATIVE_OPERANDS
#undef RECUR_FOR_EACH_SCALAR_OPERANDS
#if HWY_TARGET == HWY_SCALAR
#define RECUR_FOR_EACH_VECTOR_OPERANDS(F)
#else
#define RECUR_FOR_EACH_VECTOR_OPERANDS(F) F(Plain<Lanes>) F(Rounded<Lanes>)
#endif
#if HWY_TARGET == HWY_AVX3 && HWY_ARCH_X86_64
#define RECUR_FOR_EACH_NATIVE_OPERANDS(F) F(NativeHalf) F(AmxHalf)
#else
#define RECUR_FOR_EACH_NATIVE_OPERANDS(F)
#endif
#if HWY_TARGET == HWY_STATIC_TARGET
#define RECUR_FOR_EACH_SCALAR_OPERANDS(F) F(Plain<Scalar<float>>) F(Plain<Scalar<double>>) F(Half<Scalar<float>>)
#else
#define RECUR_FOR_EACH_SCALAR_OPERANDS(F)
#endif
#define RECUR_FOR_EACH_OPERANDS(F) \
  RECUR_FOR_EACH_VECTOR_OPERANDS(F) RECUR_FOR_EACH_NATIVE_OPERANDS(F) RECUR_FOR_EACH_SCALAR_OPERANDS(F)

#endif  // toggled guard
