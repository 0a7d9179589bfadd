#include "tannha/engine/one_time_code.hpp"

#include "tannha/protocol/limits.hpp"

namespace tannha {

std::string one_time_code(const Seed& registry, const Hash& sent_on) {
  const Hash bytes = mac(derive_seed(registry, "one-time code"), sent_on);
  // Sixty-four bits onto a million codes: no code is noticeably likelier than another.
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | bytes[i];
  std::string code(limits::one_time_code_digits, '0');
  for (std::size_t i = code.size(); i-- > 0; number /= 10) {
    code[i] = static_cast<char>('0' + number % 10);
  }
  return code;
}

Result<std::optional<CodeMessage>> code_message(Registry& registry, const Seed& secret,
                                                const Hash& sent_on, std::uint64_t now_ms) {
  TN_TRY(const std::optional<Evidence>& sent, registry.record(sent_on));
  if (!sent) return std::nullopt;
  const std::uint64_t expires_ms = sent->received_ms + limits::one_time_code_life_ms;
  if (now_ms > expires_ms) return std::nullopt;
  const Id& id = sent->record.header.subject;
  TN_TRY(const std::shared_ptr<const Dossier>& dossier, registry.folded(id));
  if (dossier->code_sent_on != sent_on || dossier->code_used) return std::nullopt;
  // Asked for once more since, without a number.
  if (dossier->requested_by->phone.empty()) return std::nullopt;
  return CodeMessage{.dossier = id,
                     .sent_on = sent_on,
                     .phone = dossier->requested_by->phone,
                     .code = one_time_code(secret, sent_on),
                     .expires_ms = expires_ms};
}

}  // namespace tannha
