#include "tools/audit/audit.hpp"

#include <map>
#include <optional>
#include <set>

#include "tannha/engine/store.hpp"
#include "tannha/protocol/merkle.hpp"
#include "tannha/server/blobs.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/journal_tree.hpp"
#include "tannha/server/system_host.hpp"
#include "tannha/server/whole_registry.hpp"
#include "tools/device/unlock.hpp"

namespace tannha::tools {
namespace {

std::string label(const Record& r) {
  return "record " + to_hex(r.hash).substr(0, 16) + " (log " +
         to_hex(r.header.log_id).substr(0, 8) + " #" + std::to_string(r.header.seq) + ")";
}

/// Follows each log from record to record. Where a log forked, each branch from where it left.
class Chains {
 public:
  /// @param may_hang its predecessor may be missing: that is the officers' question
  void add(const Record& r, bool may_hang = false) {
    Log& log = logs_[r.header.log_id];
    log.records.push_back({&r, may_hang});
    log.seq_of.emplace(r.hash, r.header.seq);
    ++log.count_at[r.header.seq];
  }
  /// Whether the log ends as its row says: a missing newest record leaves no gap.
  [[nodiscard]] bool ends_at(const LogEntry& entry) const {
    if (entry.next_seq == 0) return true;
    const auto log = logs_.find(entry.id);
    if (log == logs_.end()) return false;
    const auto head = log->second.seq_of.find(entry.head);
    return head != log->second.seq_of.end() && head->second + 1 == entry.next_seq;
  }
  void forked(const Hash& log, std::uint64_t at) { logs_[log].forked_at = at; }

  void check(Audit& audit) const {
    for (const auto& [id, log] : logs_) {
      for (const Link& link : log.records) check(id, log, link, audit);
    }
  }

 private:
  struct Link {
    const Record* record;
    bool may_hang;
  };
  struct Log {
    std::vector<Link> records;
    std::map<Hash, std::uint64_t> seq_of;
    std::map<std::uint64_t, std::size_t> count_at;
    std::optional<std::uint64_t> forked_at;
  };
  static bool follows(const Hash& id, const Log& log, const RecordHeader& h) {
    if (h.seq == 0) return h.prev == id;
    const auto before = log.seq_of.find(h.prev);
    return before != log.seq_of.end() && before->second + 1 == h.seq;
  }
  static void check(const Hash& id, const Log& log, const Link& link, Audit& audit) {
    const RecordHeader& h = link.record->header;
    const bool is_forked = log.forked_at && h.seq >= *log.forked_at;
    if (log.count_at.at(h.seq) > 1 && !is_forked) {
      audit.problems.push_back(label(*link.record) + ": another has its number");
    }
    if (!link.may_hang && !follows(id, log, h)) {
      audit.problems.push_back(label(*link.record) + ": does not continue its log");
    }
  }

  std::map<Hash, Log> logs_;
};

void check_signature(const Record& r, const PublicKey* key, Audit& audit) {
  if (!key) {
    audit.problems.push_back(label(r) + ": its log is not known");
  } else if (!verify_record(r, *key)) {
    audit.problems.push_back(label(r) + ": wrong signature");
  }
}

Result<void> check_journal(server::WholeRegistry& registry, const std::vector<Evidence>& records,
                           Audit& audit) {
  std::map<std::pair<std::uint32_t, std::uint64_t>, Hash> computed;
  const merkle::NodeReader read = [&](std::uint32_t level, std::uint64_t index) {
    return computed[{level, index}];
  };
  std::uint64_t leaf = 0;
  for (const Evidence& e : records) {
    if (e.leaf_index != leaf) audit.problems.push_back(label(e.record) + ": a leaf is missing");
    for (const merkle::Node& n : merkle::append(leaf, merkle::leaf_hash(e.record.hash), read)) {
      computed[{n.level, n.index}] = n.hash;
      if (n.level < server::JournalTree::stored_level) continue;
      const auto stored = registry.node(n.level, n.index);
      if (!stored || *stored != n.hash) {
        audit.problems.push_back("journal node " + std::to_string(n.level) + "/" +
                                 std::to_string(n.index) + " differs");
      }
    }
    TN_TRY(const bool is_found, registry.is_found(e.record.hash, leaf));
    if (!is_found) audit.problems.push_back(label(e.record) + ": the index of hashes lacks it");
    ++leaf;
  }
  audit.root = merkle::root(leaf, read);
  const auto stored_root = registry.journal_root(leaf);
  if (!stored_root || *stored_root != audit.root) {
    audit.problems.emplace_back("the journal's root differs");
  }
  return {};
}

}  // namespace

Result<Audit> audit_registry(const std::filesystem::path& folder, const std::string& conninfo) {
  TN_TRY(const server::Keys keys, server::read_keys(folder));
  TN_TRY(const auto registry, server::open_whole_registry(folder, conninfo));
  // One transaction, so that a running server's later records are not seen half.
  TN_CHECK(registry->begin_read());
  Audit audit;
  TN_TRY(const std::vector<LogEntry> logs, registry->all_logs());
  std::map<Hash, PublicKey> keys_by_log;
  for (const LogEntry& log : logs) {
    const auto certificate = open_certificate(log.intro.certificate, keys.tenant.code,
                                              keys.tenant.authority_key);
    if (!certificate || log.intro.log_id() != log.id) {
      audit.problems.push_back("log " + to_hex(log.id).substr(0, 8) + ": wrong certificate");
      continue;
    }
    keys_by_log.emplace(log.id, certificate->public_key);
  }
  audit.logs = logs.size();

  TN_TRY(const std::vector<Evidence> records, registry->all_records());
  // A decision takes a ruling's reason away, so what was decided is remembered.
  std::set<Hash> decided;
  for (const Evidence& e : records) {
    if (e.record.header.type != RecordType::adjudicated) continue;
    decided.insert(e.record.header.refs.begin(), e.record.header.refs.end());
  }
  Chains chains;
  std::set<Hash> revoked;
  for (const LogEntry& log : logs) {
    if (log.state.forked_at) chains.forked(log.id, *log.state.forked_at);
    if (log.state.revoked) revoked.insert(log.id);
  }
  for (const Evidence& e : records) {
    const auto key = keys_by_log.find(e.record.header.log_id);
    check_signature(e.record, key == keys_by_log.end() ? nullptr : &key->second, audit);
    // Gaps are held, not damage. A revocation gives the records that it holds a reason of its own.
    chains.add(e.record, e.ruling.reason == errc::log_broken ||
                             e.ruling.reason == errc::log_forked ||
                             e.ruling.reason == errc::predecessor_missing ||
                             decided.contains(e.record.hash) ||
                             revoked.contains(e.record.header.log_id));
  }
  audit.records = records.size();
  chains.check(audit);
  for (const LogEntry& log : logs) {
    if (chains.ends_at(log)) continue;
    audit.problems.push_back("log " + to_hex(log.id).substr(0, 8) + ": its newest record is missing");
  }
  TN_CHECK(check_journal(*registry, records, audit));

  server::Blobs blobs(folder / "blobs");
  TN_TRY(const auto attachments, registry->all_attachments());
  for (const auto& [hash, attachment] : attachments) {
    if (!attachment.present) continue;
    const auto bytes = blobs.get(hash);
    if (!bytes || bytes->size() != attachment.size) {
      audit.problems.push_back("attachment " + to_hex(hash).substr(0, 16) +
                               ": missing or damaged");
      continue;
    }
    ++audit.attachments;
    audit.attachment_bytes += bytes->size();
  }
  registry->rollback();
  return audit;
}

Result<Audit> audit_device(const std::filesystem::path& folder, const std::string& pin) {
  server::SystemHost host;
  TN_TRY(Store store, open_to_read(folder, host, pin));
  Audit audit;
  TN_CHECK(store.database().each("PRAGMA integrity_check(20)", {}, [&](sqlite::Row row) {
    if (row.text(0) != "ok") audit.problems.push_back("device.db: " + row.text(0));
    return true;
  }));
  TN_TRY(const auto tenant_bytes, store.secret("tenant"));
  TN_TRY(const auto own_certificate, store.secret("certificate"));
  if (!tenant_bytes || !own_certificate) return fail(errc::not_enrolled);
  TN_TRY(const auto tenant,
         fields::decode<exchange::Tenant>(*tenant_bytes, errc::store_corrupt));
  TN_TRY(const Certificate me,
         open_certificate(*own_certificate, tenant.code, tenant.authority_key));

  TN_TRY(const std::vector<StoredRecord> records, store.all());
  Chains chains;
  std::map<Hash, PublicKey> keys;
  for (const StoredRecord& stored : records) {
    const Record& r = stored.evidence.record;
    const PublicKey* key = nullptr;
    if (stored.origin == Origin::own) chains.add(r);
    if (const auto known = keys.find(r.header.log_id); known != keys.end()) {
      key = &known->second;
    } else {
      TN_TRY(const auto intro, store.log(r.header.log_id));
      if (intro) {
        const auto opened =
            open_certificate(intro->certificate, tenant.code, tenant.authority_key);
        if (opened) key = &keys.emplace(r.header.log_id, opened->public_key).first->second;
      }
    }
    // The log that the device writes now is introduced by its identity.
    if (!key && stored.origin == Origin::own) key = &me.public_key;
    check_signature(r, key, audit);
    if (!stored.receipt) continue;
    if (stored.receipt->record != r.hash ||
        !verify_receipt(*stored.receipt, tenant.origin, tenant.journal_key)) {
      audit.problems.push_back(label(r) + ": its receipt is not valid");
    } else {
      ++audit.receipts;
    }
  }
  audit.records = records.size();
  audit.logs = keys.size() + 1;
  chains.check(audit);
  TN_TRY(const auto attachments, store.all_attachments());
  for (const Hash& hash : attachments) {
    TN_TRY(const auto bytes, store.attachment(hash));
    if (!bytes || blake2b_256(*bytes) != hash) {
      audit.problems.push_back("attachment " + to_hex(hash).substr(0, 16) + ": damaged");
      continue;
    }
    ++audit.attachments;
    audit.attachment_bytes += bytes->size();
  }
  return audit;
}

}  // namespace tannha::tools
