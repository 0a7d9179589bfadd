#pragma once

#include <string>
#include <string_view>

#include "tannha/protocol/bytes.hpp"

/// What sealed values of a store are bound to. Records and attachments are bound to their hashes.
namespace tannha {

[[nodiscard]] inline std::string place_of_secret(std::string_view key) {
  return "secret/" + std::string(key);
}
[[nodiscard]] inline std::string place_of_log(const Hash& id) {
  return "log/" + std::string(as_text(id));
}

[[nodiscard]] inline std::string place_of_summary(const Id& dossier) {
  return "summary/" + std::string(as_text(dossier));
}

}  // namespace tannha
