#include "tools/day/reconcile.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>

#include "tannha/engine/store.hpp"
#include "tannha/protocol/unicode_text.hpp"
#include "tannha/server/blobs.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/system_host.hpp"
#include "tannha/server/whole_registry.hpp"
#include "tools/audit/audit.hpp"
#include "tools/commands/command.hpp"
#include "tools/device/unlock.hpp"

namespace tannha::tools {
namespace {

using server::WholeRegistry;

/// How often each record is in the journal, by what the journal itself says.
using Counts = std::map<Hash, std::uint64_t>;

Result<void> compare_device(const std::filesystem::path& folder, const std::string& pin,
                            const server::Keys& keys, WholeRegistry& registry,
                            const Counts& in_journal, server::Blobs& blobs,
                            Reconciliation& out) {
  server::SystemHost host;
  TN_TRY(Store store, open_to_read(folder, host, pin));
  const std::string who = folder.filename().string() + ": ";
  TN_TRY(const std::vector<StoredRecord> records, store.all());
  for (const StoredRecord& mine : records) {
    if (mine.origin != Origin::own) continue;
    ++out.records;
    const Record& r = mine.evidence.record;
    TN_TRY(const auto theirs, registry.record(r.hash));
    const bool same = theirs && theirs->record.envelope == r.envelope &&
                      (mine.erased || theirs->record.body == r.body);
    if (!same) {
      ++out.lost;
      out.problems.push_back(who + "record " + to_hex(r.hash).substr(0, 16) + " is not there");
      continue;
    }
    TN_TRY(const std::vector<Hash> beside, registry.records_at(r.header.log_id, r.header.seq));
    const auto count = in_journal.find(r.hash);
    if (beside.size() != 1 || (count != in_journal.end() && count->second != 1)) {
      ++out.doubled;
      out.problems.push_back(who + "record " + to_hex(r.hash).substr(0, 16) + " is there twice");
    }
    if (mine.receipt && mine.receipt->record == r.hash &&
        verify_receipt(*mine.receipt, keys.tenant.origin, keys.tenant.journal_key)) {
      ++out.receipts_verified;
      if (theirs->leaf_index == mine.receipt->leaf_index && count != in_journal.end()) {
        ++out.found;
      } else {
        ++out.lost;
        out.problems.push_back(who + "record " + to_hex(r.hash).substr(0, 16) +
                               " is not where its receipt says");
      }
    } else {
      ++out.without_receipt;
      out.problems.push_back(who + "record " + to_hex(r.hash).substr(0, 16) + " has no receipt");
    }
  }
  TN_TRY(const std::vector<Hash> attachments, store.all_attachments());
  for (const Hash& hash : attachments) {
    ++out.attachments;
    TN_TRY(const auto mine, store.attachment(hash));
    const auto theirs = blobs.get(hash);
    if (!mine || !theirs || *mine != *theirs) {
      ++out.lost;
      out.problems.push_back(who + "photo " + to_hex(hash).substr(0, 16) + " is not there");
    }
  }
  return {};
}

std::string column(std::string text, std::size_t width) {
  // Width in letters, not in bytes: Vietnamese letters have up to three.
  std::size_t letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  if (letters < width) text.append(width - letters, ' ');
  return text;
}

std::string table_line(const Dossier& d) {
  const std::string grade =
      d.confirmation ? std::string(1, "ABC"[static_cast<unsigned>(*d.confirmation) - 1]) : "-";
  return column(short_id(d.id), 10) + column(d.dossier_code.empty() ? "-" : d.dossier_code, 22) +
         column(d.procedure, 10) + column(d.unit, 9) + column(std::string(vietnamese(d.stage)), 20) +
         column(std::string(name(d.custodian)), 9) + column(grade, 4) +
         column(std::to_string(d.attachments.size()), 5) +
         column(std::to_string(d.records.effective), 8) +
         (d.due_ms ? local_time(*d.due_ms) : std::string("-"));
}

}  // namespace

Result<Reconciliation> reconcile(const std::filesystem::path& server_folder,
                                 const std::vector<std::filesystem::path>& devices,
                                 const std::string& conninfo, const std::string& pin) {
  TN_TRY(const server::Keys keys, server::read_keys(server_folder));
  TN_TRY(const auto registry, server::open_whole_registry(server_folder, conninfo));
  TN_CHECK(registry->begin_read());
  TN_TRY(const std::vector<Evidence> records, registry->all_records());
  Counts in_journal;
  for (const Evidence& e : records) ++in_journal[e.record.hash];
  server::Blobs blobs(server_folder / "blobs");
  Reconciliation out;
  for (const auto& folder : devices) {
    TN_CHECK(compare_device(folder, pin, keys, *registry, in_journal, blobs, out));
  }

  std::set<Id> ids;
  for (const Evidence& e : records) {
    for (const Id& id : body::dossiers(e.record)) ids.insert(id);
  }
  out.dossiers = ids.size();
  out.table.push_back(column("Mã tạm", 10) + column("Mã hồ sơ", 22) + column("Thủ tục", 10) +
                      column("Đơn vị", 9) + column("Trạng thái", 20) + column("Đang giữ", 9) +
                      column("XN", 4) + column("Ảnh", 5) + column("Bản ghi", 8) + "Hẹn trả");
  for (const Id& id : ids) {
    TN_TRY(const std::vector<Evidence> evidence, registry->dossier(id));
    const Dossier d = fold(id, evidence);
    out.table.push_back(table_line(d));
    if (d.records.held + d.records.refused > 0) {
      out.problems.push_back("dossier " + short_id(id) + ": " + std::to_string(d.records.held) +
                             " held, " + std::to_string(d.records.refused) + " refused");
    }
  }
  registry->rollback();
  TN_TRY(const Audit audit, audit_registry(server_folder, conninfo));
  for (const std::string& problem : audit.problems) out.problems.push_back("registry: " + problem);
  return out;
}

}  // namespace tannha::tools
