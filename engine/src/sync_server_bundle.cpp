// The server side of bundles.

#include <set>

#include "tannha/engine/sync_server.hpp"
#include "tannha/protocol/media.hpp"

namespace tannha {

Result<PreparedBundle> prepare_bundle(BytesView bytes, const RegistryActor& actor) {
  PreparedBundle out;
  TN_TRY(out.bundle, open_bundle(bytes, actor.tenant.code, actor.bundle_key));
  const Authors authors =
      open_authors(out.bundle.logs, actor.tenant.code, actor.tenant.authority_key);
  out.records.reserve(out.bundle.records.size());
  for (exchange::Carried& carried : out.bundle.records) {
    out.records.push_back(prepare(std::move(carried), authors));
  }
  out.bundle.records.clear();
  std::erase_if(out.bundle.attachments, [](const BundleAttachment& a) {
    return blake2b_256(a.bytes) != a.hash || !check_attachment(a.bytes, a.media_type);
  });
  return out;
}

Result<SyncServer::Delivered> SyncServer::deliver_bundle(const PreparedBundle& prepared,
                                                         const Hash& sender) {
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(sender));
  if (!log) return fail(errc::certificate_unknown);

  Delivered delivered;
  BundleReceipts& receipts = delivered.receipts;
  receipts.tenant = actor_.tenant.code;
  receipts.maker = prepared.bundle.maker;
  receipts.journal_size = prepared.bundle.journal_size;
  Admission admission(registry_, actor_, due_, host_, releases_);
  for (const Prepared& record : prepared.records) {
    TN_TRY(exchange::Answer answer, admission.admit(record, sender));
    receipts.answers.push_back(std::move(answer));
  }
  TN_CHECK(admission.release_due());
  delivered.changed_audiences = admission.changed_audiences();
  delivered.code_messages = admission.code_messages();
  TN_TRY(delivered.is_any_due, registry_.is_any_due());

  // From here on the journal does not grow any more, so one checkpoint serves every proof.
  TN_TRY(delivered.head, head());
  const std::uint64_t size = delivered.head.size;
  for (exchange::Answer& answer : receipts.answers) TN_CHECK(settle(answer, size));
  if (receipts.journal_size > 0 && receipts.journal_size <= size) {
    TN_TRY(receipts.consistency, registry_.consistency(receipts.journal_size, size));
  }
  TN_CHECK(sort_attachments(prepared, delivered));
  return delivered;
}

// What was held may have been released by a later record of the same bundle, and whoever carries
// the receipts back brings no feed that would say so.
Result<void> SyncServer::settle(exchange::Answer& answer, std::uint64_t size) {
  if (!answer.leaf_index) return {};
  TN_TRY(answer.path, registry_.inclusion(*answer.leaf_index, size));
  TN_TRY(const std::optional<Evidence>& here, registry_.record(answer.record));
  if (!here) return fail(errc::store_corrupt, "record");
  (answer.standing ? *answer.standing : answer.verdict) = here->ruling.verdict;
  answer.reason.reset();
  if (here->ruling.reason) answer.reason = static_cast<std::uint16_t>(*here->ruling.reason);
  return {};
}

Result<void> SyncServer::sort_attachments(const PreparedBundle& prepared, Delivered& delivered) {
  std::set<Hash> seen;
  for (std::size_t i = 0; i < prepared.bundle.attachments.size(); ++i) {
    const BundleAttachment& attachment = prepared.bundle.attachments[i];
    TN_TRY(const auto& known, registry_.attachment(attachment.hash));
    // Only what a record names that has a receipt is stored, as with an upload.
    if (!known || known->size != attachment.bytes.size() ||
        known->media_type != attachment.media_type || !seen.insert(attachment.hash).second) {
      continue;
    }
    if (known->present) {
      delivered.receipts.attachments.push_back(attachment.hash);
    } else {
      delivered.wanted.push_back(i);
    }
  }
  return {};
}

Result<BundleReceipts> SyncServer::attachments_arrived(const PreparedBundle& prepared,
                                                       const Delivered& delivered) {
  BundleReceipts receipts = delivered.receipts;
  for (const std::size_t i : delivered.wanted) {
    const Hash& hash = prepared.bundle.attachments[i].hash;
    TN_CHECK(registry_.attachment_arrived(hash));
    receipts.attachments.push_back(hash);
  }
  return receipts;
}

}  // namespace tannha
