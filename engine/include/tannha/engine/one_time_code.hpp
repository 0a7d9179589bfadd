#pragma once

#include <functional>
#include <string>

#include "tannha/protocol/crypto.hpp"

namespace tannha {

/// The code that goes to the citizen on a record: an assignment, or the request for a supplement.
/// It follows from the record and the registry's own secret, so that nothing has to be stored, any
/// node of the registry can compare it, and nobody who has all records can work it out.
/// @param registry the seed of its own log's key, which never leaves it
/// @return limits::one_time_code_digits digits
[[nodiscard]] std::string one_time_code(const Seed& registry, const Hash& sent_on);

/// What has to reach the citizen by a way that is neither the courier's nor ours.
struct CodeMessage {
  Id dossier{};
  Hash sent_on{};
  std::string phone;  ///< E.164
  std::string code;
  std::uint64_t expires_ms{};  ///< by the registry's clock
};
/// Called inside the registry's transaction, again with the same message when it is repeated: the
/// host keeps the message durably, once for each record, before it returns. It cannot fail: an
/// admission must not, because a text message does.
using SendCode = std::function<void(const CodeMessage&)>;

}  // namespace tannha
