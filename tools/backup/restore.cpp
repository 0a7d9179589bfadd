#include <cstdio>

#include "tannha/protocol/checkpoint.hpp"
#include "tannha/server/blobs.hpp"
#include "tannha/server/checkpoint_file.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tools/audit/audit.hpp"
#include "tools/backup/backup.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> damaged(const std::string& problem) {
  return fail(errc::store_corrupt, "bản sao hỏng / the backup is damaged: " + problem);
}

Result<void> copy_all(const fs::path& from, const fs::path& to) {
  TN_CHECK(server::make_folders_durably(to / "blobs"));
  for (const char* file : {"registry.db", "keys.cbor", "admin.secret"}) {
    if (!fs::exists(from / file)) return damaged(std::string(file) + " is missing");
  }
  TN_CHECK(copy_file_durably(from / "registry.db", to / "registry.db"));
  for (const char* file : backup_files) {
    if (fs::exists(from / file)) {
      TN_CHECK(copy_file_durably(from / file, to / file));
    }
  }
  const auto registry = server::SqliteRegistry::open((to / "registry.db").string(),
                                                     sqlite::Mode::read_only);
  if (!registry) return damaged("registry.db: " + registry.error().detail);
  const auto attachments = (*registry)->all_attachments();
  if (!attachments) return damaged("registry.db: " + attachments.error().detail);
  server::Blobs source(from / "blobs");
  server::Blobs target(to / "blobs");
  for (const auto& [hash, attachment] : *attachments) {
    if (!attachment.present) continue;
    const auto bytes = source.get(hash);
    if (!bytes) {
      return damaged("attachment " + to_hex(hash).substr(0, 16) + ": " +
                     std::string(name(bytes.error().code)));
    }
    TN_CHECK(target.put(hash, *bytes));
  }
  return {};
}

// The database's own structure, then everything that it says, then whether that is what was saved.
Result<void> verify(const fs::path& folder, const BackupNote& note) {
  TN_TRY(sqlite::Database db, sqlite::Database::open((folder / "registry.db").string(),
                                                     sqlite::Mode::read_only));
  std::string structure;
  const auto checked = db.each("PRAGMA integrity_check(1)", {}, [&](sqlite::Row row) {
    structure = row.text(0);
    return false;
  });
  if (!checked) return damaged("registry.db: " + checked.error().detail);
  if (structure != "ok") return damaged("registry.db: " + structure);
  const auto audit = audit_registry(folder);
  if (!audit) return damaged(std::string(name(audit.error().code)) + " " + audit.error().detail);
  if (!audit->problems.empty()) return damaged(audit->problems.front());
  if (audit->records != note.records || audit->root != note.root ||
      audit->attachments != note.attachments ||
      audit->attachment_bytes != note.attachment_bytes) {
    return damaged("it is not what backup.cbor says");
  }
  return {};
}

Result<void> compare_with_signed(const fs::path& folder, const fs::path& checkpoints,
                                 Restored& restored) {
  TN_TRY(const server::Keys keys, server::read_keys(folder));
  restored.checkpoint_file =
      server::CheckpointFile::path_in(checkpoints, keys.tenant.journal_key);
  if (!fs::exists(restored.checkpoint_file)) return {};
  TN_TRY(const Bytes note, server::read_file(restored.checkpoint_file, 64 * 1024));
  const auto last = open_checkpoint(as_text(note), keys.tenant.origin, keys.tenant.journal_key);
  if (!last) return fail(last.error().code, restored.checkpoint_file.string());
  restored.signed_records = last->size;
  if (restored.is_too_old()) return {};
  TN_TRY(const auto registry, server::SqliteRegistry::open((folder / "registry.db").string(),
                                                           sqlite::Mode::read_only));
  TN_TRY(const Hash root, registry->journal_root(last->size));
  if (root != last->root) {
    return fail(errc::checkpoint_inconsistent,
                "bản sao có quá khứ khác với phần đã ký / the backup has another past than what was "
                "signed, at size " +
                    std::to_string(last->size));
  }
  return {};
}

}  // namespace

Result<Restored> restore_backup(const fs::path& from, const fs::path& to,
                                const fs::path& checkpoints) {
  Restored restored;
  TN_TRY(restored.note, read_note(from));
  // Beside it: a folder of this name is one that was verified.
  const fs::path whole = fs::absolute(to / "").parent_path();
  const fs::path staging = whole.string() + ".restoring";
  for (const fs::path& path : {whole, staging}) {
    if (fs::exists(path)) {
      return fail(errc::argument_invalid, "đã có / is there already: " + path.string());
    }
  }
  Result<void> done = copy_all(from, staging);
  if (done) done = verify(staging, restored.note);
  if (done) done = compare_with_signed(staging, checkpoints, restored);
  if (done && std::rename(staging.c_str(), whole.c_str()) != 0) {
    done = fail(errc::store_io, "rename " + staging.string());
  }
  if (done) done = server::sync_folder(whole.parent_path());
  if (!done) {
    // Copies, made by this call.
    std::error_code ignored;
    fs::remove_all(staging, ignored);
    return std::unexpected(done.error());
  }
  return restored;
}

}  // namespace tannha::tools
