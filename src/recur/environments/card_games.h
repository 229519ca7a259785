// Three games of memory with cards, as POPGym defines them (Morad, Kortvelesy, Bettini, Liwicki and Prorok, "POPGym:
// benchmarking partially observable reinforcement learning", 2023). A deck of 52 cards has 13 of each of four suits;
// only suits matter, and an action names one.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/environments/environment.h"

namespace recur {

// The suits (0 .. 3) of some decks, in the order in which they are dealt.
using Deck = std::vector<uint8_t>;
Deck shuffled_deck(int64_t decks, uint64_t seed);

// What the three have in common: a deck that is dealt from.
class CardGame : public Environment {
 public:
  void reset(uint64_t seed, std::span<float> observation) override;
  // With these cards instead, which must be as many.
  virtual void begin(Deck deck, std::span<float> observation);

 protected:
  CardGame(int64_t decks, int64_t features);

  int64_t cards() const { return 52 * decks_; }

  int64_t decks_;
  Deck deck_;
  int64_t dealt_ = 0;
};

// Name the suit of the card `back` - 1 deals before the present one: reward +-1 / (cards - back) from the step at which
// there is such a card, so that the best return is 1. An episode is cards - 1 steps.
class RepeatPrevious : public CardGame {
 public:
  RepeatPrevious(int64_t decks, int64_t back);
  Outcome step(std::span<const float> action, std::span<float> observation) override;

 private:
  int64_t back_;
};

// Name the suit of the first card at every step: reward +-1 / (cards - 1). An episode is cards - 1 steps.
class RepeatFirst : public CardGame {
 public:
  explicit RepeatFirst(int64_t decks);
  Outcome step(std::span<const float> action, std::span<float> observation) override;
};

// Watch all cards, then name their suits from the last to the first: reward +-1 / cards for each. Seen is whether to
// play or to watch, and a suit. An episode is 2 cards - 1 steps.
class Autoencode : public CardGame {
 public:
  explicit Autoencode(int64_t decks);
  void begin(Deck deck, std::span<float> observation) override;
  Outcome step(std::span<const float> action, std::span<float> observation) override;

 private:
  void see(uint8_t suit, std::span<float> observation) const;

  bool plays_ = false;
};

}  // namespace recur
