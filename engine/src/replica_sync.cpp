// The client side of synchronising and of handing records from device to device.

#include <algorithm>
#include <set>

#include "tannha/engine/numbers.hpp"
#include "tannha/engine/replica.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/merkle.hpp"

namespace tannha {
namespace {

constexpr std::string_view key_cursor = "feed_cursor";
constexpr std::string_view key_journal_size = "journal_size";
constexpr std::string_view key_journal_root = "journal_root";
constexpr std::string_view key_server_ahead_ms = "server_ahead_ms";

Ruling ruling_of(Verdict verdict, const std::optional<std::uint16_t>& reason) {
  Ruling ruling{verdict, std::nullopt};
  if (reason) ruling.reason = static_cast<errc>(*reason);
  return ruling;
}

}  // namespace

Result<Beacon> Replica::checkpoint() {
  Beacon beacon;
  TN_TRY(beacon.size, store_.number(key_journal_size));
  TN_TRY(const auto root, store_.value(key_journal_root));
  if (root) beacon.root = to_array<Hash>(*root).value_or(Hash{});
  return beacon;
}

Result<std::int64_t> Replica::server_ahead_ms() {
  TN_TRY(const std::uint64_t stored, store_.number(key_server_ahead_ms));
  return static_cast<std::int64_t>(stored);
}

Result<std::optional<LogIntro>> Replica::intro_of(const Hash& log_id) {
  if (log_id == identity_->log_id) return std::optional<LogIntro>(identity_->log);
  return store_.log(log_id);
}

Result<exchange::Request> Replica::next_request(std::uint32_t pull_max) {
  TN_CHECK(ready());
  exchange::Request request;
  request.tenant = identity_->tenant.code;
  TN_TRY(std::vector<Record> records,
         store_.unsent(limits::push_records_target, limits::push_bytes_target));
  std::set<Hash> introduced;
  for (Record& record : records) {
    const Hash log_id = record.header.log_id;
    if (introduced.insert(log_id).second) {
      TN_TRY(std::optional<LogIntro> intro, intro_of(log_id));
      if (intro) request.logs.push_back(std::move(*intro));
    }
    exchange::Carried carried;
    carried.envelope = std::move(record.envelope);
    if (!record.body.empty()) carried.body = std::move(record.body);
    request.records.push_back(std::move(carried));
  }
  TN_TRY(request.cursor, store_.number(key_cursor));
  TN_TRY(request.journal_size, store_.number(key_journal_size));
  request.pull_max = pull_max;
  TN_TRY(request.holds, store_.holds());
  TN_TRY(request.slip_numbers_left, store_.numbers_left(body::NumberKind::send_slip));
  TN_TRY(request.item_numbers_left, store_.numbers_left(body::NumberKind::item));
  return request;
}

Result<Checkpoint> Replica::check_checkpoint(const exchange::Response& response) {
  TN_TRY(Checkpoint checkpoint,
         open_checkpoint(response.checkpoint, identity_->tenant.origin,
                         identity_->tenant.journal_key));
  TN_TRY(const Beacon seen, this->checkpoint());
  // The first one ever, or the same once more: a response may be handed in twice.
  if (seen.size == 0 || (checkpoint.size == seen.size && checkpoint.root == seen.root)) {
    return checkpoint;
  }
  if (checkpoint.size < seen.size) return fail(errc::checkpoint_inconsistent, "journal shrank");
  TN_CHECK(merkle::verify_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root,
                                      response.consistency));
  return checkpoint;
}

Result<void> Replica::take_answers(const exchange::Response& response,
                                   const Checkpoint& checkpoint, SyncReport& report) {
  for (const exchange::Answer& answer : response.answers) {
    TN_TRY(const auto stored, store_.record(answer.record));
    // An answer about something that is not here says nothing about what is.
    if (!stored) continue;
    const Verdict verdict = answer.standing.value_or(answer.verdict);
    if (verdict > Verdict::refused) continue;
    if (answer.leaf_index) {
      TN_CHECK(merkle::verify_inclusion(*answer.leaf_index, checkpoint.size,
                                        merkle::leaf_hash(answer.record), answer.path,
                                        checkpoint.root));
      if (!stored->receipt) ++report.received;
      TN_CHECK(store_.set_receipt(
          {answer.record, *answer.leaf_index, answer.path, response.checkpoint}));
    } else if (verdict != Verdict::refused) {
      return fail(errc::receipt_invalid, "a verdict without a receipt");
    } else {
      ++report.rejected;
    }
    TN_CHECK(store_.set_ruling(answer.record, ruling_of(verdict, answer.reason)));
  }
  return {};
}

Result<const Certificate*> Replica::author(const LogIntro& intro) {
  const Hash id = intro.log_id();
  const auto known = authors_.find(id);
  if (known != authors_.end()) return &known->second;
  TN_TRY(Certificate certificate,
         open_certificate(intro.certificate, identity_->tenant.code,
                          identity_->tenant.authority_key));
  return &authors_.insert_or_assign(id, std::move(certificate)).first->second;
}

Result<void> Replica::take_entry(const exchange::FeedEntry& entry,
                                 const std::map<Hash, const LogIntro*>& logs, SyncReport& report) {
  if (entry.verdict > Verdict::refused) return fail(errc::server_reply_malformed, "verdict");
  const Ruling ruling = ruling_of(entry.verdict, entry.reason);
  TN_TRY(const auto here, store_.record(entry.record));
  if (here) return store_.set_ruling(entry.record, ruling);
  if (!entry.carried) return {};  // Our own, from before this device was set up anew.

  TN_TRY(Record record,
         decode_record(entry.carried->envelope,
                       entry.carried->body ? BytesView(*entry.carried->body) : BytesView()));
  if (record.hash != entry.record) return fail(errc::server_reply_malformed, "hash");
  const auto intro = logs.find(record.header.log_id);
  if (intro == logs.end()) return fail(errc::certificate_unknown);
  TN_TRY(const Certificate* certificate, author(*intro->second));
  TN_CHECK(verify_record(record, certificate->public_key));
  TN_CHECK(store_.put_log(*intro->second));
  TN_CHECK(store_.insert({record, ruling, entry.leaf_index, certificate->actor, 0}, Origin::feed));
  ++report.pulled;
  if (record.header.type == RecordType::lease_granted && certificate->role == Role::registry &&
      ruling.verdict == Verdict::effective) {
    TN_TRY(const auto lease, body::decode<body::LeaseGranted>(record.body));
    if (lease.log_id == identity_->log_id) {
      if (!is_sound(lease)) return fail(errc::server_reply_malformed, "lease");
      TN_CHECK(store_.put_lease(lease, 0));
    }
  }
  return {};
}

Result<void> Replica::take_feed(const exchange::Response& response, const Checkpoint& checkpoint,
                                SyncReport& report) {
  std::map<Hash, const LogIntro*> logs;
  for (const LogIntro& intro : response.logs) logs.emplace(intro.log_id(), &intro);
  for (const exchange::FeedEntry& entry : response.feed) {
    TN_CHECK(merkle::verify_inclusion(entry.leaf_index, checkpoint.size,
                                      merkle::leaf_hash(entry.record), entry.path,
                                      checkpoint.root));
    TN_CHECK(take_entry(entry, logs, report));
    TN_CHECK(store_.set_receipt(
        {entry.record, entry.leaf_index, entry.path, response.checkpoint}));
  }
  return {};
}

Result<Replica::SyncReport> Replica::receive(const exchange::Response& response) {
  TN_CHECK(ready());
  TN_TRY(const Checkpoint checkpoint, check_checkpoint(response));
  // Only what came can have been read: a cursor beyond it would hide records for ever.
  TN_TRY(std::uint64_t cursor, store_.number(key_cursor));
  if (!response.feed.empty()) cursor = std::max(cursor, response.feed.back().position);
  if (response.cursor > cursor) return fail(errc::server_reply_malformed, "cursor");
  SyncReport report;
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_CHECK(take_answers(response, checkpoint, report));
  TN_CHECK(take_feed(response, checkpoint, report));
  for (const Hash& hash : response.wanted) TN_CHECK(store_.attachment_wanted(hash));
  TN_CHECK(store_.set_number(key_cursor, cursor));
  TN_CHECK(store_.set_number(key_journal_size, checkpoint.size));
  TN_CHECK(store_.set_value(key_journal_root, checkpoint.root));
  TN_CHECK(store_.set_number(key_server_ahead_ms, response.server_ms - host_.now_ms()));
  TN_CHECK(transaction.commit());
  TN_TRY(const std::vector<Record> left, store_.unsent(1, limits::push_bytes_target));
  report.more = response.more || !left.empty();
  return report;
}

Result<exchange::Parcel> Replica::make_parcel(const std::vector<Hash>& records) {
  TN_CHECK(ready());
  exchange::Parcel parcel;
  std::set<Hash> introduced;
  for (const Hash& hash : records) {
    TN_TRY(auto stored, store_.record(hash));
    if (!stored) return fail(errc::store_not_found, "record");
    Record& record = stored->evidence.record;
    const Hash& log_id = record.header.log_id;
    if (introduced.insert(log_id).second) {
      TN_TRY(std::optional<LogIntro> intro, intro_of(log_id));
      if (intro) parcel.logs.push_back(std::move(*intro));
    }
    exchange::Carried carried;
    carried.envelope = std::move(record.envelope);
    if (!record.body.empty()) carried.body = std::move(record.body);
    parcel.records.push_back(std::move(carried));
  }
  return parcel;
}

Result<std::vector<Record>> Replica::take_parcel(const exchange::Parcel& parcel) {
  TN_CHECK(ready());
  std::map<Hash, const LogIntro*> logs;
  for (const LogIntro& intro : parcel.logs) logs.emplace(intro.log_id(), &intro);
  std::vector<Record> taken;
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  for (const exchange::Carried& carried : parcel.records) {
    TN_TRY(Record record,
           decode_record(carried.envelope, carried.body ? BytesView(*carried.body) : BytesView()));
    // Without its body it could be neither shown nor delivered, and would stand in the way of the
    // whole one.
    if (!record.has_body()) return fail(errc::body_malformed);
    const auto intro = logs.find(record.header.log_id);
    if (intro == logs.end()) return fail(errc::certificate_unknown);
    TN_TRY(const Certificate* certificate, author(*intro->second));
    TN_CHECK(verify_record(record, certificate->public_key));
    TN_CHECK(store_.put_log(*intro->second));
    TN_CHECK(store_.insert({record, {}, std::nullopt, certificate->actor, 0}, Origin::carried));
    taken.push_back(std::move(record));
  }
  TN_CHECK(transaction.commit());
  return taken;
}

}  // namespace tannha
