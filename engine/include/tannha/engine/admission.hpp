#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tannha/engine/authority.hpp"
#include "tannha/engine/host.hpp"
#include "tannha/engine/one_time_code.hpp"
#include "tannha/engine/registry.hpp"

namespace tannha {

/// The registry as an actor: the keys with which the server side speaks, and whether it reaches
/// citizens.
struct RegistryActor {
  exchange::Tenant tenant;
  LogIntro log;          ///< of the registry's own records
  KeyPair log_key;
  KeyPair authority_key; ///< signs certificates
  KeyPair journal_key;   ///< signs checkpoints
  BoxKeyPair bundle_key; ///< opens bundles
  bool sends_codes = false;  ///< one-time codes go out
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
/// (dossier code, leases, proof of a fork, a device's next log). Used inside one Registry
/// transaction.
class Admission {
 public:
  /// Records that were waiting and that one admission looks at again, each with its whole dossier.
  /// The others stay due: what a device kept back and then sends must not stop everybody's work.
  static constexpr std::size_t releases_max = 256;

  Admission(Registry& registry, const RegistryActor& actor, const DuePolicy& due, Host& host,
            std::size_t releases = releases_max)
      : registry_(registry), actor_(actor), due_(due), host_(host), releases_left_(releases) {}

  /// @param sender log of the device that delivers; anyone enrolled may deliver anyone's records
  /// @return the answer without its inclusion path. Errors: the store's only; bad records are
  /// answers.
  [[nodiscard]] Result<exchange::Answer> admit(const Prepared& prepared, const Hash& sender);

  /// Grants numbers when the device runs low and has seen its last lease, and the payouts that were
  /// given to its courier. Nothing for a log in trouble.
  [[nodiscard]] Result<void> grant_leases(const LogEntry& log, const exchange::Request& request);

  /// Makes the certificate for a ticket, the log, and for a citizen the binding record.
  [[nodiscard]] Result<Bytes> enrol(const Ticket& ticket, const exchange::EnrolRequest& request);

  /// Gives the device behind a log a new one. The same request again gets the same log.
  struct Continued {
    std::optional<LogIntro> log;
    errc refused{};  ///< signature_invalid, log_revoked, certificate_expired, log_continued
  };
  [[nodiscard]] Result<Continued> continue_log(const Hash& log_id,
                                               const exchange::Continuation& request);

  /// Looks again at what is due, as far as this admission still may. @see Registry::is_any_due
  [[nodiscard]] Result<void> release_due();

  /// Rules on records that were held because an older program did not know their type: on as many
  /// as an admission may release, from this leaf on. @return where to go on; nothing: these were all
  [[nodiscard]] Result<std::optional<std::uint64_t>> reconsider_unknown_types(std::uint64_t leaf);

  /// By the registry's clock: not before the record's beacon, not after it was stored.
  [[nodiscard]] Result<ProvedWindow> window(const Record& record, std::uint64_t received_ms);

  /// Audiences whose feeds got entries: who is to be told.
  [[nodiscard]] const std::vector<std::string>& changed_audiences() const { return changed_; }
  /// Messages that are to go out once the transaction is durable, and are wanted until then.
  [[nodiscard]] const std::vector<CodeMessage>& code_messages() const { return code_messages_; }

 private:
  class RegistryFacts;
  /// Where a record stands in its log.
  struct Place {
    Ruling ruling;       ///< effective: nothing about its place speaks against it
    bool next = false;   ///< it goes on where the unbroken chain ends
    bool forks = false;  ///< its number is taken
  };

  Result<exchange::Answer> known(const Evidence& evidence);
  Result<exchange::Answer> reject(const Prepared& prepared, const Hash& sender, errc why);
  /// @param leaf none: it comes now
  Result<Place> place(const Record& record, const LogEntry& log,
                      std::optional<std::uint64_t> leaf);
  Result<Ruling> judge(const Record& record, const LogEntry& log);
  Result<Ruling> judge_content(const Record& record, const LogEntry& log);
  Result<bool> knows(const Beacon& beacon);
  Result<bool> is_one_too_many(const Record& record, const Ruling& ruling);
  Result<std::optional<Ruling>> check_references(const Record& record);
  Result<void> change(const Evidence& evidence, const LogEntry& log, const Ruling& ruling);
  Result<void> release(const Hash& arrived);
  Result<void> wait(const Record& record, const Ruling& ruling);
  Result<bool> reconsider(const Hash& hash);

  // What follows from a record (admission_effects.cpp)
  Result<void> take_effect(const Record& record, const LogEntry& log);
  Result<void> register_dossier(const Record& acceptance);
  Result<void> move_payouts(const LogEntry& from, const Hash& to);
  Result<void> assign(const Id& dossier, const Id& courier);
  Result<void> adjudicate(const Record& word, const LogEntry& officer);
  Result<void> revoke(const Record& revocation);
  Result<void> want_code(const Id& dossier);
  Result<void> note_fork(const Record& second);
  Result<void> feed(std::vector<std::string> audiences, const Hash& record);
  Result<void> tell(const Record& record, const Certificate& author, bool work);
  Result<void> tell_about_log(const Record& record, const Certificate& owner);
  Result<void> add_audience(const Id& dossier, const std::string& audience);
  Result<void> add_unit_audience(const Id& dossier, std::string_view unit);
  Result<void> grant_numbers(const LogEntry& log, const exchange::Request& request,
                             body::NumberKind kind, const std::string& prefix, std::uint32_t left);
  template <class B>
  Result<Record> write_own(const Id& subject, std::vector<Hash> refs, const B& body);

  Registry& registry_;
  const RegistryActor& actor_;
  const DuePolicy& due_;
  Host& host_;
  std::size_t releases_left_;
  bool releasing_ = false;
  std::vector<std::string> changed_;
  std::vector<CodeMessage> code_messages_;
  std::optional<Beacon> known_beacon_;  ///< the last one found to be right
  std::pair<std::uint64_t, std::uint64_t> beacon_ms_{};  ///< size and time of the last one asked for
};

/// The one feed of an actor: a unit's staff share theirs, couriers and citizens have their own.
[[nodiscard]] std::string audience_of(const Certificate& certificate);
[[nodiscard]] std::string actor_audience(const Id& actor);
[[nodiscard]] std::string citizen_audience(const Id& actor);

}  // namespace tannha
