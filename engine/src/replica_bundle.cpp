// Everything unsent as bundles for others to deliver, and what the registry answers to them.

#include <algorithm>
#include <set>

#include "tannha/engine/replica.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

// At most what the encoding adds to an item, and to a bundle without items.
constexpr std::size_t item_overhead = 80;
constexpr std::size_t bundle_fields_overhead = 160;

/// Fills one bundle after the other.
class Packer {
 public:
  Packer(const Identity& me, std::uint64_t journal_size, const Replica::BundleOptions& options,
         Host& host, const Replica::BundleSink& sink)
      : me_(me),
        journal_size_(journal_size),
        bytes_max_(std::min(options.bytes_max, limits::bundle_bytes_max)),
        host_(host),
        sink_(sink) {
    begin();
  }

  Result<void> add(Record record, std::optional<LogIntro> log) {
    const std::size_t log_bytes = log ? log->certificate.size() + item_overhead : 0;
    const std::size_t record_bytes = record.envelope.size() + record.body.size() + item_overhead;
    // A bundle that is begun for this record needs its log anew, so that the room is the same.
    TN_CHECK(make_room(record_bytes + log_bytes));
    if (log && introduced_.insert(record.header.log_id).second) {
      bytes_ += log_bytes;
      bundle_.logs.push_back(std::move(*log));
    }
    bytes_ += record_bytes;
    exchange::Carried carried;
    carried.envelope = std::move(record.envelope);
    if (!record.body.empty()) carried.body = std::move(record.body);
    bundle_.records.push_back(std::move(carried));
    return {};
  }

  /// Before the bytes are read: there may not be room for them beside a full bundle.
  Result<void> make_room_for(const Store::PendingAttachment& attachment) {
    return make_room(bytes_of(attachment));
  }
  void add(const Store::PendingAttachment& attachment, Bytes bytes) {
    bytes_ += bytes_of(attachment);
    bundle_.attachments.push_back({attachment.hash, attachment.media_type, std::move(bytes)});
  }

  Result<void> finish() {
    if (is_empty()) return {};
    Replica::MadeBundle made;
    made.records = bundle_.records.size();
    made.attachments = bundle_.attachments.size();
    TN_TRY(made.bytes,
           seal_bundle(bundle_, *me_.tenant.bundle_key, random_array<Seed>(host_)));
    begin();
    return sink_(std::move(made));
  }

 private:
  static std::size_t bytes_of(const Store::PendingAttachment& attachment) {
    return static_cast<std::size_t>(attachment.size) + attachment.media_type.size() +
           item_overhead;
  }
  [[nodiscard]] bool is_empty() const {
    return bundle_.records.empty() && bundle_.attachments.empty();
  }
  void begin() {
    bundle_ = Bundle{};
    bundle_.tenant = me_.tenant.code;
    bundle_.maker = me_.log_id;
    bundle_.journal_size = journal_size_;
    introduced_.clear();
    bytes_ = bundle_fields_overhead + bundle_overhead(me_.tenant.code);
  }
  Result<void> make_room(std::size_t bytes) {
    const bool full = bytes_ + bytes > bytes_max_ ||
                      bundle_.records.size() == limits::exchange_records_max ||
                      bundle_.attachments.size() == limits::exchange_records_max ||
                      bundle_.logs.size() == limits::exchange_logs_max;
    return full ? finish() : Result<void>();
  }

  const Identity& me_;
  const std::uint64_t journal_size_;
  const std::size_t bytes_max_;
  Host& host_;
  const Replica::BundleSink& sink_;
  Bundle bundle_;
  std::set<Hash> introduced_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<void> Replica::make_bundle(const BundleOptions& options, const BundleSink& sink) {
  TN_CHECK(ready());
  if (!identity_->tenant.bundle_key) return fail(errc::bundle_not_supported);
  TN_TRY(const Beacon& seen, checkpoint());
  Packer packer(*identity_, seen.size, options, host_, sink);
  TN_TRY(std::vector<StoredRecord> all, store_.all());
  for (StoredRecord& stored : all) {
    // Also what was rejected once: the next exchange would bring it again, too.
    if (stored.receipt || stored.origin == Origin::feed) continue;
    Record& record = stored.evidence.record;
    TN_TRY(std::optional<LogIntro> log, intro_of(record.header.log_id));
    TN_CHECK(packer.add(std::move(record), std::move(log)));
  }
  if (options.attachments) {
    TN_TRY(const auto& pending, store_.pending_attachments());
    for (const Store::PendingAttachment& attachment : pending) {
      TN_CHECK(packer.make_room_for(attachment));
      TN_TRY(auto bytes, store_.attachment(attachment.hash));
      if (bytes) packer.add(attachment, std::move(*bytes));
    }
  }
  return packer.finish();
}

Result<std::vector<exchange::Answer>> Replica::newer_answers(
    std::vector<exchange::Answer> answers, const Checkpoint& checkpoint) {
  std::vector<exchange::Answer> out;
  for (exchange::Answer& answer : answers) {
    TN_TRY(const auto& stored, store_.record(answer.record));
    if (stored && stored->receipt) {
      TN_TRY(const Checkpoint& before,
             open_checkpoint(stored->receipt->checkpoint, identity_->tenant.origin,
                             identity_->tenant.journal_key));
      if (before.size > checkpoint.size) continue;
    }
    out.push_back(std::move(answer));
  }
  return out;
}

Result<Replica::ReceiptsReport> Replica::take_receipts(BytesView bytes) {
  TN_CHECK(ready());
  TN_TRY(BundleReceipts receipts, open_bundle_receipts(bytes, identity_->tenant.code,
                                                       identity_->tenant.journal_key));
  if (receipts.maker != identity_->log_id) return fail(errc::bundle_not_for_us, "maker");
  ReceiptsReport report;
  TN_TRY(const Beacon& seen, checkpoint());
  if (seen.size != receipts.journal_size) {
    // What leads from the checkpoint of the time proves nothing about the one that is known now.
    report.outdated = true;
    return report;
  }
  exchange::Response response;
  response.checkpoint = std::move(receipts.checkpoint);
  response.consistency = std::move(receipts.consistency);
  TN_TRY(const Checkpoint& checkpoint, check_checkpoint(response));

  SyncReport sync;
  const std::set<Hash> arrived(receipts.attachments.begin(), receipts.attachments.end());
  TN_TRY(response.answers, newer_answers(std::move(receipts.answers), checkpoint));
  const auto save = [&]() -> Result<void> {
    sync = {};
    report.attachments = 0;
    TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
    TN_CHECK(take_answers(response, checkpoint, sync));
    TN_TRY(const auto& pending, store_.pending_attachments());
    for (const Store::PendingAttachment& attachment : pending) {
      if (!arrived.contains(attachment.hash)) continue;
      TN_CHECK(store_.attachment_stored(attachment.hash));
      ++report.attachments;
    }
    // The newest checkpoint known here stays the last exchange's: the receipts of several bundles
    // that were made together all begin there, and may be taken in any order.
    return transaction.commit();
  };
  TN_CHECK(store_.with_reserve(save));
  report.received = sync.received;
  report.rejected = sync.rejected;
  return report;
}

}  // namespace tannha
