// The client side of synchronising and of handing records from device to device.

#include <algorithm>
#include <set>

#include "carried.hpp"
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
constexpr std::string_view key_contact_server_ms = "contact_server_ms";
constexpr std::string_view key_contact_monotonic_ms = "contact_monotonic_ms";
constexpr std::string_view key_contact_boot = "contact_boot";
constexpr std::string_view key_snapshot = "snapshot";
constexpr std::string_view key_no_codes = "no_codes";
constexpr std::string_view key_behind = "feed_behind";
// Records of one pull while the disk is full.
constexpr std::uint32_t scarce_pull_max = 8;

// Of a device that has read nothing yet.
exchange::SnapshotPlace first_place() {
  return {.feed_end = 0,
          .before = exchange::snapshot_begin,
          .skip = 0,
          .done = false,
          .entries = 0};
}

Ruling ruling_of(Verdict verdict, const std::optional<std::uint16_t>& reason) {
  Ruling ruling{verdict, std::nullopt};
  if (reason) ruling.reason = static_cast<errc>(*reason);
  return ruling;
}

}  // namespace

Result<Beacon> Replica::checkpoint() {
  Beacon beacon;
  TN_TRY(beacon.size, store_.number(key_journal_size));
  TN_TRY(const auto& root, store_.value(key_journal_root));
  if (root) beacon.root = to_array<Hash>(*root).value_or(Hash{});
  return beacon;
}

Result<std::int64_t> Replica::server_ahead_ms() {
  TN_TRY(const std::uint64_t stored, store_.number(key_server_ahead_ms));
  return static_cast<std::int64_t>(stored);
}

// Since the last contact the device's monotonic clock has run, which nobody can set. After a
// restart there is only the claimed clock and what was known of its error.
Result<std::uint64_t> Replica::server_now_ms() {
  TN_TRY(const std::uint64_t then, store_.number(key_contact_server_ms));
  if (then == 0) return std::uint64_t{0};
  TN_TRY(const auto& boot, store_.value(key_contact_boot));
  if (boot && *boot == to_bytes(host_.boot_id())) {
    TN_TRY(const std::uint64_t ticks, store_.number(key_contact_monotonic_ms));
    return then + (host_.monotonic_ms() - ticks);
  }
  TN_TRY(const std::int64_t ahead, server_ahead_ms());
  // Whatever the clock claims, it is not before the last contact.
  return std::max(then, host_.now_ms() + static_cast<std::uint64_t>(ahead));
}

Result<bool> Replica::may_have_codes() {
  TN_TRY(const std::uint64_t none, store_.number(key_no_codes));
  return none == 0;
}

// @param newer the answer is certainly not a late one: then its time counts also when it is earlier,
// because the registry's clock had been ahead
Result<void> Replica::note_time(std::uint64_t server_ms, bool newer) {
  TN_TRY(const std::uint64_t then, store_.number(key_contact_server_ms));
  if (server_ms <= then && !newer) return {};  // A late answer, or the same again.
  TN_CHECK(store_.set_number(key_server_ahead_ms, server_ms - host_.now_ms()));
  TN_CHECK(store_.set_number(key_contact_server_ms, server_ms));
  TN_CHECK(store_.set_number(key_contact_monotonic_ms, host_.monotonic_ms()));
  return store_.set_value(key_contact_boot, host_.boot_id());
}

// A device that has never read its feed asks for what it has to do first.
Result<std::optional<exchange::SnapshotPlace>> Replica::snapshot_place() {
  using Place = std::optional<exchange::SnapshotPlace>;
  TN_TRY(const std::uint64_t cursor, store_.number(key_cursor));
  if (cursor > 0) return Place();
  TN_TRY(const auto& stored, store_.value(key_snapshot));
  if (!stored) {
    return Place(first_place());
  }
  TN_TRY(auto place, fields::decode<exchange::SnapshotPlace>(*stored, errc::store_corrupt));
  return place.done ? Place() : Place(place);
}

Result<std::optional<LogIntro>> Replica::intro_of(const Hash& log_id) {
  if (log_id == identity_->log_id) return std::optional<LogIntro>(identity_->log);
  return store_.log(log_id);
}

Result<exchange::Request> Replica::next_request(std::uint32_t pull_max) {
  TN_CHECK(ready());
  exchange::Request request;
  request.tenant = identity_->tenant.code;
  // On a full disk the answer has to fit into the room that was kept.
  const auto room = store_.keep_reserve();
  const bool scarce = !room && room.error().code == errc::store_full;
  const std::size_t share = scarce ? 8 : 1;
  if (scarce) pull_max = std::min(pull_max, scarce_pull_max);
  TN_TRY(std::vector<Record> records, store_.unsent(limits::push_records_target / share,
                                                    limits::push_bytes_target / share));
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
  TN_TRY(request.continuation, continuation());
  // What was lost of this device's own log is sent to its next one only.
  if (request.continuation) request.pull_max = 0;
  TN_TRY(const std::vector<Id>& forgotten, store_.forgotten());
  if (!forgotten.empty()) {
    const std::size_t count = std::min(forgotten.size(), limits::forgotten_max);
    request.forgotten.emplace(forgotten.begin(),
                              forgotten.begin() + static_cast<std::ptrdiff_t>(count));
  }
  TN_TRY(request.snapshot, snapshot_place());
  TN_TRY(request.holds, store_.holds());
  TN_TRY(const std::uint64_t now, server_now_ms());
  TN_TRY(request.slip_numbers_left, store_.numbers_left(body::NumberKind::send_slip, now));
  TN_TRY(request.item_numbers_left, store_.numbers_left(body::NumberKind::item, now));
  return request;
}

// What next_request() will ask when `response` has been taken in: nothing is to be sent, and where
// this answer ends the next one begins.
std::optional<exchange::Request> Replica::request_ahead(const exchange::Request& request,
                                                        const exchange::Response& response) const {
  const bool only_reads = request.records.empty() && !request.continuation && !request.forgotten;
  const bool stays = !response.continued && !response.revoked;
  if (!only_reads || !stays || !response.more || response.feed.empty() || !identity_) return {};
  const auto checkpoint = open_checkpoint(response.checkpoint, identity_->tenant.origin,
                                          identity_->tenant.journal_key);
  if (!checkpoint) return {};
  exchange::Request next = request;
  next.journal_size = checkpoint->size;
  next.cursor = response.cursor;
  if (response.snapshot) {
    if (!request.snapshot || request.cursor > 0) return {};
    next.snapshot = response.snapshot;
    if (response.snapshot->done) {
      next.snapshot.reset();
      next.cursor = response.snapshot->feed_end;
    }
  }
  return next;
}

Result<Checkpoint> Replica::check_checkpoint(const exchange::Response& response) {
  TN_TRY(Checkpoint checkpoint,
         open_checkpoint(response.checkpoint, identity_->tenant.origin,
                         identity_->tenant.journal_key));
  TN_TRY(const Beacon& seen, this->checkpoint());
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
    TN_TRY(const auto& stored, store_.record(answer.record));
    // An answer about something that is not here says nothing about what is.
    if (!stored) continue;
    const Verdict verdict = answer.standing.value_or(answer.verdict);
    if (verdict > Verdict::refused) continue;
    // What waited may have been released since, without the journal growing: a late copy of the
    // answer that it waits is older than what the feed brought from the same checkpoint.
    const bool decided = stored->receipt && stored->evidence.ruling.verdict != Verdict::held;
    if (verdict == Verdict::held && decided && stored->receipt->checkpoint == response.checkpoint) {
      continue;
    }
    if (answer.leaf_index) {
      TN_CHECK(merkle::verify_inclusion(*answer.leaf_index, checkpoint.size,
                                        merkle::leaf_hash(answer.record), answer.path,
                                        checkpoint.root));
      if (!stored->receipt) ++report.received;
      TN_CHECK(store_.set_receipt(
          {answer.record, *answer.leaf_index, answer.path, response.checkpoint, answer.window}));
    } else if (verdict != Verdict::refused) {
      return fail(errc::receipt_invalid, "a verdict without a receipt");
    } else {
      ++report.rejected;
    }
    const Ruling ruling = ruling_of(verdict, answer.reason);
    TN_CHECK(store_.set_ruling(answer.record, ruling));
    TN_CHECK(note_own_ruling(stored->evidence.record, ruling));
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

Result<void> Replica::take_entry(const exchange::FeedEntry& entry, const Receipt& receipt,
                                 FeedLogs& logs, SyncReport& report) {
  if (entry.verdict > Verdict::refused) return fail(errc::server_reply_malformed, "verdict");
  const Ruling ruling = ruling_of(entry.verdict, entry.reason);
  TN_TRY(const auto& here, store_.record(entry.record));
  if (here) {
    TN_CHECK(store_.set_ruling(entry.record, ruling));
    TN_CHECK(note_own_ruling(here->evidence.record, ruling));
    TN_CHECK(store_.set_receipt(receipt));
  }
  if (!entry.carried) return {};  // Our own: the registry knows that we have it.

  TN_TRY(Record record, decode_carried(*entry.carried));
  if (record.hash != entry.record) return fail(errc::server_reply_malformed, "hash");
  const auto log = logs.find(record.header.log_id);
  if (log == logs.end()) return fail(errc::certificate_unknown);
  FeedLog& by = log->second;
  if (!by.author) {
    TN_TRY(by.author, author(*by.intro));
    TN_CHECK(store_.put_log(*by.intro));
  }
  const Certificate* certificate = by.author;
  if (!here) TN_CHECK(verify_record(record, certificate->public_key));
  TN_TRY(const bool added, store_.insert({record, ruling, entry.leaf_index, certificate->actor, 0},
                                         Origin::feed, &receipt));
  TN_CHECK(note_return(record, added, certificate->actor != identity_->certificate.actor));
  if (added) ++report.pulled;
  return here ? Result<void>() : take_lease(record, *certificate, ruling);
}

// An actor's own records come for ever, also those about dossiers that have left; what others wrote
// about this one dossier comes to those only whose round it is in.
Result<void> Replica::note_return(const Record& record, bool added, bool by_others) {
  const std::vector<Id> dossiers = body::dossiers(record);
  const bool is_back = by_others && dossiers.size() == 1;
  for (const Id& dossier : dossiers) {
    if (is_back) {
      TN_CHECK(store_.cancel_forget(dossier));
    } else if (added && record.has_body()) {
      TN_CHECK(store_.forget_again_unseen(dossier));
    }
  }
  return {};
}

Result<void> Replica::take_lease(const Record& record, const Certificate& author,
                                 const Ruling& ruling) {
  if (record.header.type != RecordType::lease_granted || author.role != Role::registry ||
      ruling.verdict != Verdict::effective) {
    return {};
  }
  TN_TRY(const auto& lease, body::decode<body::LeaseGranted>(record.body));
  if (lease.log_id != identity_->log_id) return {};
  if (!is_sound(lease)) return fail(errc::server_reply_malformed, "lease");
  return store_.put_lease(lease, lease.expires_ms.value_or(0));
}

Result<void> Replica::take_feed(const exchange::Response& response, const Checkpoint& checkpoint,
                                SyncReport& report) {
  FeedLogs logs;
  for (const LogIntro& intro : response.logs) logs.emplace(intro.log_id(), FeedLog{&intro});
  merkle::Inclusions inclusions(checkpoint.size, checkpoint.root);
  TN_TRY(const std::uint64_t cursor, store_.number(key_cursor));
  for (const exchange::FeedEntry& entry : response.feed) {
    // A late copy: it would bring back what was forgotten since.
    if (!response.snapshot && entry.position <= cursor) continue;
    if (entry.forget) {
      // A device whose feed begins anew may still have what left the round meanwhile; most have
      // not, and have nothing to report. Their own old records about it may come further on.
      bool here = true;
      if (response.snapshot) {
        TN_TRY(here, store_.has_dossier(*entry.forget));
      }
      TN_CHECK(here ? store_.want_forget(*entry.forget)
                    : store_.forget_in_advance(*entry.forget));
      continue;
    }
    TN_CHECK(inclusions.verify(entry.leaf_index, merkle::leaf_hash(entry.record), entry.path));
    const Receipt receipt{entry.record, entry.leaf_index, entry.path, response.checkpoint,
                          entry.window};
    TN_CHECK(take_entry(entry, receipt, logs, report));
  }
  return {};
}

// Whether the answer's feed begins where this device's ends. A late answer, to what a device asked
// before it was set back, would leave a gap that nobody would ever fill.
Result<bool> Replica::goes_on(const exchange::Response& response) {
  if (!response.snapshot) {
    TN_TRY(const std::uint64_t cursor, store_.number(key_cursor));
    return response.after <= cursor;
  }
  TN_TRY(const auto& place, snapshot_place());
  return place && response.asked && fields::encode(*place) == fields::encode(*response.asked);
}

Result<bool> Replica::is_behind() {
  TN_TRY(const std::uint64_t behind, store_.number(key_behind));
  return behind != 0;
}

Result<void> Replica::read_feed_anew() {
  TN_CHECK(store_.set_number(key_cursor, 0));
  return store_.set_value(key_snapshot, fields::encode(first_place()));
}

// Only what came can have been read: a cursor beyond it would hide records for ever.
Result<void> Replica::move_cursor(const exchange::Response& response) {
  TN_TRY(std::uint64_t cursor, store_.number(key_cursor));
  if (response.snapshot) {
    if (response.cursor > cursor || response.snapshot->entries != response.feed.size()) {
      return fail(errc::server_reply_malformed, "cursor");
    }
    if (cursor > 0) return {};  // A late block: the snapshot is complete.
    if (response.snapshot->done) cursor = response.snapshot->feed_end;
    TN_CHECK(store_.set_value(key_snapshot, fields::encode(*response.snapshot)));
    return store_.set_number(key_cursor, cursor);
  }
  if (!response.feed.empty()) cursor = std::max(cursor, response.feed.back().position);
  if (response.cursor > cursor) return fail(errc::server_reply_malformed, "cursor");
  return store_.set_number(key_cursor, cursor);
}

Result<Replica::Taken> Replica::take_response(const exchange::Response& response,
                                              const Checkpoint& checkpoint) {
  Taken taken;
  TN_TRY(const Beacon& seen, this->checkpoint());
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_CHECK(take_answers(response, checkpoint, taken.report));
  TN_TRY(taken.may_read, check_own_log(response));
  TN_TRY(const bool fits, goes_on(response));
  taken.reads_feed = taken.may_read && fits;
  if (taken.reads_feed) {
    TN_CHECK(take_feed(response, checkpoint, taken.report));
    TN_CHECK(move_cursor(response));
    TN_CHECK(store_.set_number(key_behind, response.more ? 1 : 0));
  }
  if (response.continued) {
    TN_TRY(taken.continued, take_continued(*response.continued, true));
  }
  for (const Hash& hash : response.wanted) TN_CHECK(store_.attachment_wanted(hash));
  if (response.forgotten) {
    for (const Id& id : *response.forgotten) TN_CHECK(store_.forget_acknowledged(id));
  }
  TN_CHECK(store_.set_number(key_journal_size, checkpoint.size));
  TN_CHECK(store_.set_value(key_journal_root, checkpoint.root));
  TN_CHECK(store_.set_number(key_no_codes, response.no_codes.value_or(false) ? 1 : 0));
  const bool newer = checkpoint.size > seen.size;
  TN_CHECK(note_time(response.server_ms, newer));
  if (newer) TN_CHECK(no_longer_expired(response.server_ms));
  if (!taken.continued) TN_CHECK(keep_house(response.server_ms));
  TN_CHECK(transaction.commit());
  return taken;
}

Result<Replica::SyncReport> Replica::receive(const exchange::Response& response) {
  TN_CHECK(ready());
  TN_TRY(const Checkpoint& checkpoint, check_checkpoint(response));
  TN_TRY(const Condition& before, condition());
  TN_TRY(const std::uint64_t read_before, store_.number(key_cursor));
  const Hash log = identity_->log_id;
  TN_TRY(const auto& head_before, store_.head(log));
  TN_TRY(Taken taken,
         store_.with_reserve([&] { return take_response(response, checkpoint); }));
  SyncReport& report = taken.report;
  const bool continued = taken.continued;
  if (continued) TN_CHECK(load_identity());
  TN_TRY(const bool erased, tidy());
  if (!identity_) return report;  // The last of it was erased.
  TN_TRY(const auto& head_now, store_.head(log));
  // Numbers that go back, the receipt for what was erased.
  const bool wrote = head_now && (!head_before || head_now->next_seq > head_before->next_seq);
  TN_TRY(const std::vector<Record>& left, store_.unsent(1, limits::push_bytes_target));
  TN_TRY(const Condition& now, condition());
  TN_TRY(const std::uint64_t read_now, store_.number(key_cursor));
  // A request to go on that was made and not answered would not be answered the next time either.
  const bool will_continue =
      now.continuing && !before.continuing && !now.stranded && !now.revoked;
  const bool block = response.snapshot && read_before == 0 && taken.reads_feed;
  report.moved = report.received + report.rejected + report.pulled > 0 || read_now > read_before ||
                 block || continued || will_continue || erased || wrote;
  report.more = (response.more && taken.may_read) || !left.empty() || continued || will_continue;
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
  TN_CHECK(store_.keep_reserve());
  std::map<Hash, const LogIntro*> logs;
  for (const LogIntro& intro : parcel.logs) logs.emplace(intro.log_id(), &intro);
  std::vector<Record> taken;
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  for (const exchange::Carried& carried : parcel.records) {
    TN_TRY(Record record, decode_carried(carried));
    // Without its body it could be neither shown nor delivered, and would stand in the way of the
    // whole one.
    if (!record.has_body()) return fail(errc::body_malformed);
    // The registry would turn it away for ever, and what is undelivered stops every erasing.
    if (record.header.tenant != identity_->tenant.code) return fail(errc::tenant_mismatch);
    const auto intro = logs.find(record.header.log_id);
    if (intro == logs.end()) return fail(errc::certificate_unknown);
    TN_TRY(const Certificate* certificate, author(*intro->second));
    TN_CHECK(verify_record(record, certificate->public_key));
    TN_CHECK(store_.put_log(*intro->second));
    TN_TRY(const bool added, store_.insert({record, {}, std::nullopt, certificate->actor, 0},
                                           Origin::carried));
    if (added) {
      for (const Id& dossier : body::dossiers(record)) TN_CHECK(store_.forget_again(dossier));
    }
    taken.push_back(std::move(record));
  }
  TN_CHECK(store_.database().take_room());
  TN_CHECK(transaction.commit());
  return taken;
}

}  // namespace tannha
