// Random numbers from the counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011). Every number is a pure function of (seed, stream, position), so bulk draws
// are the same bits for any number of threads or chunks, and the state of a generator is three integers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace recur {

// One block of Philox4x32-10: four random words from a 128-bit counter and a 64-bit key.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

class Random {
 public:
  // All there is to a generator; storing and setting it resumes the sequence exactly.
  struct State {
    uint64_t seed = 0;
    uint64_t stream = 0;
    uint64_t position = 0;  // 32-bit words drawn so far

    bool operator==(const State&) const = default;
    std::string to_string() const;                      // "philox4x32-10:SEED:STREAM:POSITION", decimal
    static State from_string(std::string_view string);  // throws Error when malformed
  };

  // Different streams of one seed are independent: one for the weights, one for each dropout layer, one for the data.
  explicit Random(uint64_t seed, uint64_t stream = 0) : state_{seed, stream, 0} {}
  explicit Random(const State& state) : state_(state) {}

  uint32_t bits();             // 32 uniform bits; takes one word
  float uniform();             // [0, 1), 24 bits; takes one word
  double uniform64();          // [0, 1), 53 bits; takes two words
  float normal();              // mean 0, standard deviation 1 (Box and Muller, 1958); takes one word
  uint64_t below(uint64_t n);  // uniform on 0 .. n-1 without bias, n > 0; takes two words, rarely more
  bool bernoulli(double p) { return uniform64() < p; }

  // Bulk draws; element i is what the i-th call of the single draw would give.
  void uniform(std::span<float> out);
  void normal(std::span<float> out);

  // Writes 1/keep with probability keep and 0 otherwise: the mask of inverted dropout. One word an element, for any
  // keep in [0, 1]; keep 0 gives zeros, keep 1 ones.
  void bernoulli_mask(std::span<float> out, float keep);

  // Puts the elements into a uniformly random order (Fisher and Yates).
  template <class T>
  void shuffle(std::span<T> values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

  // Passes over `words` words, in constant time.
  void skip(uint64_t words) { state_.position += words; }

  State state() const { return state_; }
  void set_state(const State& state) { *this = Random(state); }

 private:
  uint64_t bits64();

  State state_;
  // The block that holds the next word, computed when its first word is asked for: derived from state_, never stored.
  uint64_t cached_block_ = ~uint64_t{0};
  std::array<uint32_t, 4> cache_{};
};

}  // namespace recur
