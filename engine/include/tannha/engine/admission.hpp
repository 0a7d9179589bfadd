#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tannha/engine/authority.hpp"
#include "tannha/engine/host.hpp"
#include "tannha/engine/registry.hpp"

namespace tannha {

/// The registry as an actor: the keys with which the server side speaks.
struct RegistryActor {
  exchange::Tenant tenant;
  LogIntro log;          ///< of the registry's own records
  KeyPair log_key;
  KeyPair authority_key; ///< signs certificates
  KeyPair journal_key;   ///< signs checkpoints
  BoxKeyPair bundle_key; ///< opens bundles
};

/// Gives the due date of a dossier, or why there is none. Pure; from catalogue and calendar.
using DuePolicy = std::function<Result<std::uint64_t>(std::string_view procedure,
                                                      body::Channel channel,
                                                      std::uint64_t submitted_ms)>;

/// A pushed record after the part of the work that needs no store: decoding and its signature.
struct Prepared {
  Hash hash{};            ///< of the envelope as it came
  exchange::Carried carried;
  Result<Record> record = fail(errc::record_malformed);
  bool verified = false;  ///< the signature was checked with an introduced certificate
};
/// The certificates that a sender introduced and the authority signed, by log id.
using Authors = std::map<Hash, Certificate>;
[[nodiscard]] Authors open_authors(std::span<const LogIntro> logs, std::string_view tenant,
                                   const PublicKey& authority);
/// A record whose log is not among the authors is verified later.
[[nodiscard]] Prepared prepare(exchange::Carried carried, const Authors& authors);

/// Decides on records, in the registry's order: chain, certificate, authority; stores them with
/// their ruling; releases what waited for them; writes the registry's own records that follow
/// (dossier code, leases, binding of a citizen). Used inside one Registry transaction.
class Admission {
 public:
  Admission(Registry& registry, const RegistryActor& actor, const DuePolicy& due, Host& host)
      : registry_(registry), actor_(actor), due_(due), host_(host) {}

  /// @param sender log of the device that delivers; anyone enrolled may deliver anyone's records
  /// @return the answer without its inclusion path. Errors: the store's only; bad records are
  /// answers.
  [[nodiscard]] Result<exchange::Answer> admit(const Prepared& prepared, const Hash& sender);

  /// Grants numbers when the device runs low and has seen its last lease.
  [[nodiscard]] Result<void> grant_leases(const LogEntry& log, const exchange::Request& request);

  /// Makes the certificate for a ticket, the log, and for a citizen the binding record.
  [[nodiscard]] Result<Bytes> enrol(const Ticket& ticket, const exchange::EnrolRequest& request);

  /// Audiences whose feeds got entries: who is to be told.
  [[nodiscard]] const std::vector<std::string>& changed_audiences() const { return changed_; }

 private:
  class RegistryFacts;

  Result<exchange::Answer> known(const Evidence& evidence);
  Result<exchange::Answer> reject(const Prepared& prepared, const Hash& sender, errc why);
  Result<Ruling> place(const Record& record, const LogEntry& log);
  Result<Ruling> judge(const Record& record, const LogEntry& log);
  Result<std::optional<Ruling>> check_references(const Record& record);
  Result<void> take_effect(const Record& record, const LogEntry& log);
  Result<void> register_dossier(const Record& acceptance);
  Result<void> release(const Hash& arrived);
  Result<void> wait(const Record& record, const Ruling& ruling);
  Result<bool> reconsider(const Hash& hash);
  Result<void> tell(const Record& record, const Certificate& author);
  Result<void> add_audience(const Id& dossier, const std::string& audience);
  Result<void> add_unit_audience(const Id& dossier, std::string_view unit);
  template <class B>
  Result<std::pair<Record, std::uint64_t>> write_own(const Id& subject, std::vector<Hash> refs,
                                                     const B& body);

  Registry& registry_;
  const RegistryActor& actor_;
  const DuePolicy& due_;
  Host& host_;
  std::vector<std::string> changed_;
};

/// The one feed of an actor: a unit's staff share theirs, couriers and citizens have their own.
[[nodiscard]] std::string audience_of(const Certificate& certificate);
[[nodiscard]] std::string actor_audience(const Id& actor);
[[nodiscard]] std::string citizen_audience(const Id& actor);

}  // namespace tannha
