#include "recur/base/random_bulk.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/base/random_bulk.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace recur::internal::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The 64-bit product of the lower half of each lane and a constant.
template <class D, class V>
HWY_INLINE V Product([[maybe_unused]] D d, V v, uint32_t constant) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Mul(hn::And(v, hn::Set(d, uint64_t{0xFFFFFFFF})), hn::Set(d, uint64_t{constant}));
#else
  const hn::Repartition<uint32_t, D> d32;
  return hn::MulEven(hn::BitCast(d32, v), hn::Set(d32, constant));
#endif
}

// Blocks lie one a 64-bit lane, each of the four counter words in the lower half of its lane. The upper halves hold
// leftovers of products: the multiplication ignores them, and the end masks them away.
void Words(uint64_t seed, uint64_t stream, uint64_t first, uint32_t* HWY_RESTRICT words) {
  const hn::CappedTag<uint64_t, kBatchBlocks> d;
  const auto low = hn::Set(d, uint64_t{0xFFFFFFFF});
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int i = 0; i < kBatchBlocks; i += lanes) {
    auto c0 = hn::Iota(d, first + static_cast<uint64_t>(i));
    auto c1 = hn::ShiftRight<32>(c0);
    auto c2 = hn::Set(d, stream), c3 = hn::Set(d, stream >> 32);
    uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      const auto p0 = Product(d, c0, 0xD2511F53), p1 = Product(d, c2, 0xCD9E8D57);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d, uint64_t{k0}));
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d, uint64_t{k1}));
      c1 = p1;
      c3 = p0;
    }
    const auto w01 = hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1));
    const auto w23 = hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3));
    hn::StoreInterleaved2(w01, w23, d, reinterpret_cast<uint64_t*>(words + 4 * i));
  }
}

void ToUniform(const uint32_t* HWY_RESTRICT words, float* HWY_RESTRICT out) {
  const hn::CappedTag<float, kBatchWords> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::RebindToSigned<decltype(d)> di;
  const auto unit = hn::Set(d, 0x1p-24f);
  for (size_t i = 0; i < kBatchWords; i += hn::Lanes(d)) {
    const auto upper = hn::BitCast(di, hn::ShiftRight<8>(hn::LoadU(du, words + i)));
    hn::StoreU(hn::Mul(hn::ConvertTo(d, upper), unit), d, out + i);
  }
}

void ToMask(const uint32_t* HWY_RESTRICT words, uint32_t threshold, float value, float* HWY_RESTRICT out) {
  const hn::CappedTag<float, kBatchWords> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const auto limit = hn::Set(du, threshold);
  const auto kept = hn::Set(d, value);
  for (size_t i = 0; i < kBatchWords; i += hn::Lanes(d)) {
    const auto keep = hn::Lt(hn::LoadU(du, words + i), limit);
    hn::StoreU(hn::IfThenElseZero(hn::RebindMask(d, keep), kept), d, out + i);
  }
}

}  // namespace recur::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur::internal {

HWY_EXPORT(Words);
HWY_EXPORT(ToUniform);
HWY_EXPORT(ToMask);

void random_words(uint64_t seed, uint64_t stream, uint64_t first, uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(Words)(seed, stream, first, words);
}

void words_to_uniform(const uint32_t* words, float* out) { HWY_DYNAMIC_DISPATCH(ToUniform)(words, out); }

void words_to_mask(const uint32_t* words, uint32_t threshold, float value, float* out) {
  HWY_DYNAMIC_DISPATCH(ToMask)(words, threshold, value, out);
}

}  // namespace recur::internal
#endif
