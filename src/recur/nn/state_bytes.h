// The state of a recurrent network as bytes, to be stored or sent. All numbers little endian:
//
//   8 bytes  "RECURST2"
//   u32      layers and directions
//   for each: u32 parts; for each of those: u32 type (0: f32, 1: f64), u32 rank, u64 of each axis, the elements
//
// Version 1, which is read too, had matrices only: "RECURST1", and u64 rows and u64 columns in the place of rank and
// axes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "recur/nn/recurrent.h"

namespace recur {

std::vector<std::byte> to_bytes(const RecurrentState& state);

// Throws Error for anything that to_bytes() does not produce. The network checks whether the state fits it.
RecurrentState state_from_bytes(std::span<const std::byte> bytes);

}  // namespace recur
