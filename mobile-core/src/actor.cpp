#include "tannha/core/actor.hpp"

#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/unicode_text.hpp"

namespace tannha::core {
namespace {

/// What a device can know by itself. Where only the registry knows, it says what lets the record
/// go: the registry will have the last word.
class LocalFacts : public Facts {
 public:
  /// What kept the store from answering; a "no" means nothing then.
  Error error{};

  explicit LocalFacts(Replica& replica) : replica_(replica) {}

  const Record* record(const Hash& hash) override {
    auto stored = replica_.record(hash);
    if (!stored) error = stored.error();
    if (!stored || !*stored) return nullptr;
    record_ = std::move((*stored)->evidence.record);
    return &record_;
  }
  std::size_t missing_attachments(const Dossier&) override { return 0; }
  bool leased_to(const Hash&, body::NumberKind, std::string_view) override { return true; }
  bool used_elsewhere(const Id&, std::string_view) override { return false; }
  bool may_return(const Hash&, const body::LeaseReturned&) override { return true; }
  std::string unit_of_log(const Hash& log_id) override {
    const auto intro = replica_.store().log(log_id);
    if (!intro) error = intro.error();
    if (!intro || !*intro) return {};
    const auto certificate = read_certificate((*intro)->certificate);
    return certificate ? certificate->unit : std::string();
  }
  bool is_revoked(const Hash&) override { return true; }
  std::optional<Ruling> standing(const Hash& hash) override {
    const auto stored = replica_.record(hash);
    if (!stored) error = stored.error();
    if (!stored || !*stored) return std::nullopt;
    return (*stored)->evidence.ruling;
  }
  CodeCheck one_time_code(const Id&, const Hash&, std::string_view) override {
    return CodeCheck::unknown;
  }

 private:
  Replica& replica_;
  Record record_;
};

/// The dossier as it stands without one of its records.
Result<Dossier> fold_without(Replica& replica, const Id& id, const Hash& record) {
  TN_TRY(std::vector<Evidence> evidence, replica.store().dossier(id));
  std::erase_if(evidence, [&](const Evidence& e) { return e.record.hash == record; });
  return fold(id, evidence);
}

}  // namespace

Result<void> Actor::check(const Record& record, const Dossier* known) {
  LocalFacts facts(replica_);
  std::vector<Id> ids = body::dossiers(record);
  // A record about no dossier is ruled on too.
  const bool about_none = ids.empty();
  if (about_none) ids.push_back(record.header.subject);
  for (const Id& id : ids) {
    Dossier folded;
    const bool is_known = known && known->id == id;
    if (!about_none && !is_known) {
      TN_TRY(folded, fold_without(replica_, id, record.hash));
    }
    const Ruling ruling =
        rule(record, replica_.identity()->certificate, is_known ? *known : folded, facts);
    if (facts.error.code != errc{}) return std::unexpected(facts.error);
    if (ruling.verdict != Verdict::effective) {
      return fail(ruling.reason.value_or(errc::step_out_of_order),
                  std::string(name(record.header.type)) + " " + uuid_text(id));
    }
  }
  return {};
}

Result<std::string> Actor::typed(std::string_view text) {
  auto normal = nfc(text);
  if (!normal || normal->empty() || normal->size() > limits::text_bytes_max) {
    return fail(errc::argument_invalid, "text");
  }
  return std::move(*normal);
}

Result<Record> Actor::add_note(const Id& id, std::string_view text) {
  TN_TRY(std::string note, typed(text));
  return write(id, {}, body::Note{std::move(note)});
}

Result<Record> Actor::revoke(const Hash& log_id, body::RevocationReason reason,
                             std::optional<std::uint64_t> since_size) {
  TN_TRY(const auto& intro, replica_.store().log(log_id));
  if (!intro) return fail(errc::certificate_unknown);
  TN_TRY(const Certificate& certificate, read_certificate(intro->certificate));
  return write(certificate.actor, {}, body::LogRevoked{log_id, reason, since_size});
}

}  // namespace tannha::core
