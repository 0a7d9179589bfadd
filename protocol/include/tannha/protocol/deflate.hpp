#pragma once

#include <cstddef>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// Bytes made smaller for the way: the zlib format (RFC 1950), which HTTP calls "deflate" and which
/// a browser's CompressionStream makes. Nothing is kept from one call to the next.
namespace tannha {

/// What is smaller is sent as it is: it saves less than a packet.
inline constexpr std::size_t deflate_bytes_min = 1024;

/// Errors: store_memory.
[[nodiscard]] Result<Bytes> deflate(BytesView bytes);

/// The bytes again. What would become larger than it may is given up at that point, so that it costs
/// no more memory or time than the largest that is allowed.
/// @param bytes_max of the result
/// Errors: frame_too_large (more come out); frame_malformed (damaged, cut off, or something stands
/// behind); store_memory.
[[nodiscard]] Result<Bytes> inflate(BytesView bytes, std::size_t bytes_max);

}  // namespace tannha
