// What becomes of the device's own log: forks and restored backups, a new key, revocation; and the
// housekeeping that follows from what the registry said.

#include <algorithm>

#include "carried.hpp"
#include "key_of.hpp"
#include "tannha/engine/replica.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr std::string_view key_continue = "continue";        ///< why: an errc, or 1 for no trouble
constexpr std::string_view key_stranded = "stranded";        ///< errc: another ticket is needed
constexpr std::string_view key_revoked = "revoked";          ///< body::RevocationReason
constexpr std::string_view key_erasing = "erasing";          ///< 1: the receipt is on its way
constexpr std::string_view key_erased_records = "erased_records";
constexpr std::string_view key_erased_attachments = "erased_attachments";
constexpr std::string_view key_was_revoked = "was_revoked";
constexpr std::string_view key_was_erased_records = "was_erased_records";
constexpr std::string_view key_rewound = "rewound";
constexpr std::string_view key_next_seed = "next_seed";
constexpr std::string_view key_next_incarnation = "next_incarnation";
constexpr std::uint64_t no_trouble = 1;
/// Every lease has ended by then.
constexpr std::uint64_t end_of_time_ms = 0x7fff'ffff'ffff'ffff;

}  // namespace

Result<Replica::Condition> Replica::condition() {
  Condition condition;
  TN_TRY(const std::uint64_t going_on, store_.number(key_continue));
  condition.continuing = going_on != 0;
  if (going_on > no_trouble) condition.why = static_cast<errc>(going_on);
  TN_TRY(const std::uint64_t stranded, store_.number(key_stranded));
  if (stranded != 0) condition.stranded = static_cast<errc>(stranded);
  TN_TRY(const std::uint64_t revoked, store_.number(key_revoked));
  if (revoked != 0) condition.revoked = static_cast<body::RevocationReason>(revoked);
  if (identity_) return condition;
  TN_TRY(condition.erased, why_empty(store_));
  TN_TRY(condition.erased_records, store_.number(key_was_erased_records));
  return condition;
}

Result<std::optional<body::RevocationReason>> Replica::why_empty(Store& store) {
  TN_TRY(const std::uint64_t reason, store.number(key_was_revoked));
  if (reason == 0) return std::nullopt;
  return static_cast<body::RevocationReason>(reason);
}

Result<void> Replica::must_continue(errc why) {
  return store_.set_number(key_continue, static_cast<std::uint64_t>(why));
}

// A certificate that the registry's clock, far ahead, had called expired.
Result<void> Replica::no_longer_expired(std::uint64_t server_ms) {
  TN_TRY(const Condition& now, condition());
  if (now.stranded != errc::certificate_expired ||
      server_ms > identity_->certificate.not_after_ms) {
    return {};
  }
  return store_.set_number(key_stranded, 0);
}

Result<void> Replica::return_leases(std::uint64_t expired_at_ms) {
  TN_TRY(const std::vector<LeaseRest>& rests, store_.expired_leases(expired_at_ms));
  for (const LeaseRest& rest : rests) {
    const body::LeaseReturned returned{rest.kind, rest.prefix, rest.first, rest.count};
    TN_CHECK(append(Draft{identity_->certificate.actor, RecordType::lease_returned, {},
                          body::encode(returned, random_array<Id>(host_))}));
    TN_CHECK(store_.close_lease(rest));
  }
  return {};
}

Result<void> Replica::rotate_key() {
  TN_CHECK(may_write());
  TN_TRY(const Condition& now, condition());
  if (now.stranded) return fail(*now.stranded);
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  // Numbers belong to a log: what is left of them does not go along.
  TN_CHECK(return_leases(end_of_time_ms));
  TN_CHECK(store_.set_number(key_continue, no_trouble));
  return transaction.commit();
}

Result<void> Replica::may_write() {
  TN_CHECK(ready());
  TN_TRY(const std::uint64_t revoked, store_.number(key_revoked));
  if (revoked != 0) return fail(errc::log_revoked);
  return {};
}

// Stored before it is sent: an answer that is lost costs a repetition, and no second log.
Result<Replica::Begun> Replica::next_identity() {
  TN_TRY(auto seed, store_.secret(key_next_seed));
  TN_TRY(auto incarnation, store_.secret(key_next_incarnation));
  if (!seed || !incarnation) {
    Seed made = random_array<Seed>(host_);
    seed = to_bytes(made);
    wipe(made);
    incarnation = to_bytes(random_array<Id>(host_));
    const auto save = [&]() -> Result<void> {
      TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
      TN_CHECK(store_.set_secret(key_next_seed, *seed));
      TN_CHECK(store_.set_secret(key_next_incarnation, *incarnation));
      return transaction.commit();
    };
    TN_CHECK(store_.with_reserve(save));
  }
  const auto key = key_of(std::move(*seed));
  const auto incarnation_array = to_array<Id>(*incarnation);
  if (!key || !incarnation_array) return fail(errc::store_corrupt, "next identity");
  return Begun{*key, *incarnation_array};
}

Result<std::optional<exchange::Continuation>> Replica::continuation() {
  TN_TRY(const Condition& now, condition());
  if (!now.continuing || now.stranded || now.revoked) {
    return std::optional<exchange::Continuation>();
  }
  TN_TRY(const Begun& next, next_identity());
  exchange::Continuation out;
  out.public_key = next.key.public_key();
  out.incarnation = next.incarnation;
  out.proof =
      next.key.sign(exchange::continuation_statement(identity_->log_id, next.incarnation));
  return std::optional<exchange::Continuation>(out);
}

// A device that cannot go on by itself is enrolled once more, and keeps what it has.
Result<exchange::EnrolRequest> Replica::begin_again(std::string_view ticket) {
  TN_TRY(const Condition& now, condition());
  if (!now.stranded) return fail(errc::already_enrolled);
  TN_TRY(const Begun& next, next_identity());
  exchange::EnrolRequest request;
  request.ticket = ticket;
  request.public_key = next.key.public_key();
  request.incarnation = next.incarnation;
  request.proof = next.key.sign(exchange::enrol_statement(ticket, next.incarnation));
  return request;
}

Result<void> Replica::finish_again(const exchange::EnrolAnswer& answer) {
  TN_TRY(const Condition& now, condition());
  if (!now.stranded) return fail(errc::already_enrolled);
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_TRY(const bool taken, take_continued({answer.certificate, Id{}}, false));
  if (!taken) return fail(errc::key_malformed, "the certificate is for another key");
  // What was lost of the old log comes with the bytes now.
  TN_CHECK(read_feed_anew());
  TN_CHECK(transaction.commit());
  return load_identity();
}

// Inside the caller's transaction. The identity in memory changes after its commit.
// @param introduced whether the answer names the incarnation too
Result<bool> Replica::take_continued(const LogIntro& next, bool introduced) {
  TN_TRY(auto seed, store_.secret(key_next_seed));
  TN_TRY(const auto& incarnation, store_.secret(key_next_incarnation));
  if (!seed || !incarnation) return false;  // A late copy of an answer that was taken already.
  const auto stored_key = key_of(std::move(*seed));
  const auto incarnation_array = to_array<Id>(*incarnation);
  if (!stored_key || !incarnation_array) return fail(errc::store_corrupt, "next identity");
  const KeyPair& key = *stored_key;
  // Or of an answer to another time: ours is still to come.
  if (introduced && next.incarnation != *incarnation_array) return false;
  TN_TRY(const Certificate& certificate,
         open_certificate(next.certificate, identity_->tenant.code,
                          identity_->tenant.authority_key));
  const Certificate& mine = identity_->certificate;
  if (!introduced && certificate.public_key != key.public_key()) return false;
  if (certificate.public_key != key.public_key() || certificate.actor != mine.actor ||
      certificate.role != mine.role || certificate.scope != mine.scope) {
    return fail(errc::server_reply_malformed, "continued as somebody else");
  }
  Seed own = key.seed();
  const auto became = become(own, *incarnation, next.certificate);
  wipe(own);
  TN_CHECK(became);
  TN_CHECK(store_.erase_secret(key_next_seed));
  TN_CHECK(store_.erase_secret(key_next_incarnation));
  return true;
}

// The old log stays known, so that what is unsent of it can be introduced.
Result<void> Replica::become(BytesView seed, BytesView incarnation, BytesView certificate) {
  if (identity_) TN_CHECK(store_.put_log(identity_->log));
  TN_CHECK(store_.close_all_leases());
  TN_CHECK(put_identity(seed, incarnation, certificate));
  TN_CHECK(store_.set_number(key_continue, 0));
  TN_CHECK(store_.set_number(key_rewound, 0));
  return store_.set_number(key_stranded, 0);
}

// @return whether this device has a record that the registry has not: then its feed is not read
// before it goes on in a new log, because what it has lost of its own comes with that only.
Result<bool> Replica::check_own_log(const exchange::Response& response) {
  // A late answer to what this device was before.
  if (!response.head || response.head->log_id != identity_->log_id) return has_all_own(response);
  if (response.revoked) {
    TN_CHECK(store_.set_number(key_revoked, static_cast<std::uint64_t>(*response.revoked)));
  }
  if (response.continuation_refused && !response.continued) {
    const auto why = static_cast<errc>(*response.continuation_refused);
    if (why == errc::log_continued || why == errc::certificate_expired) {
      TN_CHECK(store_.set_number(key_stranded, *response.continuation_refused));
    }
  }
  TN_TRY(const std::uint64_t salvaged, store_.number(key_rewound));
  errc trouble = salvaged == 0 ? errc{} : errc::log_rewound;
  if (trouble == errc{} && response.head->next_seq > 0) {
    TN_TRY(const auto& last, store_.record(response.head->hash));
    if (!last) trouble = errc::log_rewound;
  }
  if (trouble == errc{}) {
    TN_TRY(const bool whole, has_all_own(response));
    if (!whole) trouble = errc::log_forked;
  }
  if (trouble == errc{}) return true;
  TN_TRY(const Condition& now, condition());
  if (!now.continuing) TN_CHECK(must_continue(trouble));
  // Whoever cannot go on sees at least what others do; a new enrolment begins the feed anew.
  return now.stranded.has_value();
}

// A record of this device's log that is not here was written by a copy of the device.
Result<bool> Replica::has_all_own(const exchange::Response& response) {
  // Whose records are carried is introduced; most answers carry none of this log.
  const bool introduced =
      std::ranges::find(response.logs, identity_->log_id, &LogIntro::log_id) != response.logs.end();
  for (const exchange::FeedEntry& entry : response.feed) {
    if (entry.forget || (entry.carried && !introduced)) continue;
    if (entry.carried) {
      const auto record = decode_carried(*entry.carried);
      if (!record || record->header.log_id != identity_->log_id) continue;
    }
    TN_TRY(const auto& here, store_.record(entry.record));
    if (!here) return false;
  }
  return true;
}

Result<void> Replica::note_own_ruling(const Record& record, const Ruling& ruling) {
  if (record.header.log_id != identity_->log_id || ruling.verdict != Verdict::held) return {};
  if (ruling.reason == errc::log_forked || ruling.reason == errc::log_broken) {
    return must_continue(*ruling.reason);
  }
  if (ruling.reason == errc::log_continued) {
    return store_.set_number(key_stranded, static_cast<std::uint64_t>(errc::log_continued));
  }
  return {};
}

// Inside the transaction of a received answer.
Result<void> Replica::keep_house(std::uint64_t server_ms) {
  TN_TRY(const Condition& now, condition());
  if (!now.revoked && !now.stranded && !now.continuing) {
    TN_CHECK(return_leases(server_ms));
    if (identity_->certificate.not_after_ms < server_ms + limits::certificate_renewal_ms) {
      TN_CHECK(return_leases(end_of_time_ms));
      TN_CHECK(store_.set_number(key_continue, no_trouble));
    }
  }
  return {};
}

Result<bool> Replica::tidy() {
  TN_CHECK(ready());
  TN_TRY(const bool erased, store_.with_reserve([&] { return erase_what_may_be(); }));
  // Where a phone has no other room left, what was erased is the room for the next dossier.
  constexpr std::uint64_t pages_worth_it = 256;
  if (erased) (void)store_.database().shrink(pages_worth_it).has_value();
  (void)store_.keep_reserve().has_value();
  return erased;
}

Result<bool> Replica::erase_what_may_be() {
  TN_TRY(const std::vector<Id>& wanted, store_.forgets());
  bool something = false;
  // Further on in the feed it may have come back, with what was written about it since.
  TN_TRY(const bool behind, is_behind());
  for (const Id& dossier : wanted) {
    if (behind) break;
    TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
    TN_TRY(const bool erased, store_.erase_dossier(dossier));
    if (erased) TN_CHECK(store_.forget_done(dossier));
    TN_CHECK(transaction.commit());
    something |= erased;
  }
  TN_TRY(const bool more, go_on_erasing());
  // Nor does memory keep what a list said of it.
  if (something || more) listed_.clear();
  return something || more;
}

// A revoked device: first everything is brought, then everything is erased but the key, which signs
// that it was done, and when the registry has that receipt the key goes too.
Result<bool> Replica::go_on_erasing() {
  TN_TRY(const Condition& now, condition());
  if (!now.revoked) return false;
  TN_TRY(const bool clean, store_.is_clean());
  if (!clean) return false;
  TN_TRY(const std::uint64_t erasing, store_.number(key_erasing));
  if (erasing != 0) {
    TN_CHECK(store_.erase_everything(true));
    lock();
    return true;
  }
  TN_TRY(body::Erased receipt, count_for_receipt());
  TN_CHECK(store_.erase_everything(false));
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_CHECK(append(Draft{identity_->certificate.actor, RecordType::erased, {},
                        body::encode(receipt, random_array<Id>(host_))}));
  TN_CHECK(store_.set_number(key_erasing, 1));
  TN_CHECK(transaction.commit());
  return true;
}

// Counted once: after a crash in mid-erasing there would be less to count.
Result<body::Erased> Replica::count_for_receipt() {
  body::Erased receipt;
  TN_TRY(receipt.records, store_.number(key_erased_records));
  TN_TRY(receipt.attachments, store_.number(key_erased_attachments));
  if (receipt.records != 0 || receipt.attachments != 0) return receipt;
  TN_TRY(const std::vector<StoredRecord>& all, store_.all());
  for (const StoredRecord& stored : all) {
    if (stored.evidence.record.has_body()) ++receipt.records;
  }
  TN_TRY(const std::vector<Hash>& attachments, store_.all_attachments());
  receipt.attachments = attachments.size();
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_CHECK(store_.set_number(key_erased_records, receipt.records));
  TN_CHECK(store_.set_number(key_erased_attachments, receipt.attachments));
  TN_CHECK(transaction.commit());
  return receipt;
}

}  // namespace tannha
