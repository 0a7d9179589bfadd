#pragma once

#include <cstdint>
#include <string_view>

#include "tannha/protocol/bytes.hpp"

/// The few writing steps that cbor.cpp and the fixed structures of cose.cpp share, so that a
/// payload goes into what is signed without a Value in between.
namespace tannha::cbor {

enum class Major : std::uint8_t {
  unsigned_integer = 0,
  negative_integer = 1,
  byte_string = 2,
  text_string = 3,
  array = 4,
  map = 5,
  tag = 6,
  simple_or_float = 7,
};

/// Appends an initial byte and its argument in the shortest form.
void put_head(Bytes& out, Major major, std::uint64_t argument);
void put_byte_string(Bytes& out, BytesView bytes);
void put_text_string(Bytes& out, std::string_view text);

}  // namespace tannha::cbor
