// How many bytes data may take, by the environment.
#pragma once

#include <cstdint>

namespace recur {

// Most bytes of values or texts that a data set holds in memory where its options leave it open: RECUR_DATA_MEMORY, or
// 256 MB. Throws UsageError for what is no number of bytes.
int64_t usual_memory_bytes();

// Bytes that a compressed file may unpack to, however small it is: RECUR_UNPACKED_BYTES, or 256 MB. Throws likewise.
int64_t unpacked_bytes_allowed();

}  // namespace recur
