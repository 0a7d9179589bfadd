// What the worker adds to the C ABI.

#include "tannha/core/tannha.h"
#include "tannha/protocol/errc.hpp"

/// An error in words: for functions that answer with a code alone, and where there is no core.
/// @param which 0: its name, 1: the sentence in Vietnamese, 2: in English
extern "C" __attribute__((visibility("default"))) void web_error_text(std::int32_t code,
                                                                       std::int32_t which,
                                                                       tn_bytes* text) {
  *text = {};
  if (code < 0 || code > UINT16_MAX || !tannha::is_known(static_cast<std::uint16_t>(code))) return;
  const auto error = static_cast<tannha::errc>(code);
  std::string_view words = tannha::name(error);
  if (which == 1) words = tannha::message(error, tannha::Language::vietnamese);
  if (which == 2) words = tannha::message(error, tannha::Language::english);
  *text = {reinterpret_cast<const std::uint8_t*>(words.data()), words.size()};
}
