#pragma once

#include <optional>
#include <string>

#include "tannha/engine/registry.hpp"
#include "tannha/protocol/crypto.hpp"

namespace tannha {

/// The code that goes to the citizen on a record: an assignment, or the request for a supplement.
/// It follows from the record and the registry's own secret, so that it is stored nowhere, any node
/// of the registry can compare it, and nobody who has all records can work it out.
/// @param registry the seed of its own log's key, which never leaves it
/// @return limits::one_time_code_digits digits
[[nodiscard]] std::string one_time_code(const Seed& registry, const Hash& sent_on);

/// What has to reach the citizen by a way that is neither the courier's nor ours.
struct CodeMessage {
  Id dossier{};
  Hash sent_on{};
  std::string phone;  ///< E.164
  std::string code;
  std::uint64_t expires_ms{};  ///< by the registry's clock: its life from the record's reception
};
/// The message on a record, as long as its code can confirm a slip. Nothing: it is too old or used
/// up, a newer one has replaced it, or the record does not count.
/// @param secret as `registry` above. Errors: the store's.
[[nodiscard]] Result<std::optional<CodeMessage>> code_message(Registry& registry,
                                                              const Seed& secret,
                                                              const Hash& sent_on,
                                                              std::uint64_t now_ms);

}  // namespace tannha
