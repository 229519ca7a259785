#include "recur/environments/card_games.h"

#include <algorithm>
#include <utility>

#include "recur/base/random.h"

namespace recur {
namespace {

constexpr int64_t kSuits = 4;

void see_suit(uint8_t suit, std::span<float> observation) {
  std::ranges::fill(observation, 0.0f);
  observation[suit] = 1;
}

}  // namespace

Deck shuffled_deck(int64_t decks, uint64_t seed) {
  Deck deck(static_cast<size_t>(52 * decks));
  for (size_t i = 0; i < deck.size(); ++i) deck[i] = static_cast<uint8_t>(i % kSuits);
  Random random(seed);
  random.shuffle(std::span(deck));
  return deck;
}

CardGame::CardGame(int64_t decks, int64_t features)
    : Environment({.features = features, .actions = {.choices = kSuits}}), decks_(decks) {}

void CardGame::reset(uint64_t seed, std::span<float> observation) { begin(shuffled_deck(decks_, seed), observation); }

void CardGame::begin(Deck deck, std::span<float> observation) {
  deck_ = std::move(deck);
  dealt_ = 1;
  see_suit(deck_[0], observation);
}

RepeatPrevious::RepeatPrevious(int64_t decks, int64_t back) : CardGame(decks, kSuits), back_(back) {}

Outcome RepeatPrevious::step(std::span<const float> action, std::span<float> observation) {
  Outcome out;
  if (dealt_ >= back_) {
    const bool right = choice_of(action) == deck_[static_cast<size_t>(dealt_ - back_)];
    out.reward = (right ? 1.0 : -1.0) / static_cast<double>(cards() - back_);
  }
  see_suit(deck_[static_cast<size_t>(dealt_++)], observation);
  out.terminated = dealt_ == cards();
  return out;
}

RepeatFirst::RepeatFirst(int64_t decks) : CardGame(decks, kSuits) {}

Outcome RepeatFirst::step(std::span<const float> action, std::span<float> observation) {
  Outcome out;
  out.reward = (choice_of(action) == deck_[0] ? 1.0 : -1.0) / static_cast<double>(cards() - 1);
  see_suit(deck_[static_cast<size_t>(dealt_++)], observation);
  out.terminated = dealt_ == cards();
  return out;
}

Autoencode::Autoencode(int64_t decks) : CardGame(decks, 2 + kSuits) {}

void Autoencode::begin(Deck deck, std::span<float> observation) {
  deck_ = std::move(deck);
  dealt_ = 1;
  plays_ = false;
  see(deck_[0], observation);
}

void Autoencode::see(uint8_t suit, std::span<float> observation) const {
  observation[0] = plays_ ? 1.0f : 0.0f;
  observation[1] = plays_ ? 0.0f : 1.0f;
  see_suit(suit, observation.subspan(2));
}

// While it watches dealt_ grows, while it plays it shrinks: the card to name is always the one before dealt_.
Outcome Autoencode::step(std::span<const float> action, std::span<float> observation) {
  Outcome out;
  if (!plays_) {
    const uint8_t suit = deck_[static_cast<size_t>(dealt_++)];
    plays_ = dealt_ == cards();
    see(suit, observation);
    return out;
  }
  const bool right = choice_of(action) == deck_[static_cast<size_t>(--dealt_)];
  out.reward = (right ? 1.0 : -1.0) / static_cast<double>(cards());
  out.terminated = dealt_ == 0;
  see(0, observation);
  return out;
}

}  // namespace recur
