#include "tools/backup/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tannha/protocol/fields.hpp"
#include "tannha/server/blobs.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/sqlite_registry.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t note_bytes_max = 64 * 1024;

// Another hard link of the same file is no second copy, but neither is it a second chance for the
// disk to err: the bytes are read and hashed all the same.
Result<bool> link_from(server::Blobs& previous, server::Blobs& to, const Hash& hash) {
  if (!previous.get(hash)) return false;
  const fs::path target = to.path_of(hash);
  TN_CHECK(server::make_folder_durably(target.parent_path()));
  if (::link(previous.path_of(hash).c_str(), target.c_str()) != 0) return false;
  TN_CHECK(server::sync_folder(target.parent_path()));
  return true;
}

Result<void> copy_blobs(const std::vector<std::pair<Hash, Registry::Attachment>>& attachments,
                        server::Blobs from, server::Blobs to,
                        std::optional<server::Blobs> previous, BackupNote& note) {
  for (const auto& [hash, attachment] : attachments) {
    if (!attachment.present) continue;
    bool is_linked = false;
    if (previous) {
      TN_TRY(is_linked, link_from(*previous, to, hash));
    }
    if (!is_linked) {
      const auto bytes = from.get(hash);
      if (!bytes) {
        return fail(bytes.error().code == errc::store_not_found ? errc::store_corrupt
                                                                : bytes.error().code,
                    "attachment " + to_hex(hash).substr(0, 16) + ": " +
                        std::string(name(bytes.error().code)));
      }
      TN_CHECK(to.put(hash, *bytes));
    }
    ++note.attachments;
    note.attachment_bytes += attachment.size;
  }
  return {};
}

Result<void> make_target(const fs::path& to) {
  std::error_code error;
  if (fs::exists(to, error) && !fs::is_empty(to, error)) {
    return fail(errc::argument_invalid,
                "thư mục không trống / the folder is not empty: " + to.string());
  }
  return server::make_folders_durably(to / "blobs");
}

}  // namespace

Result<BackupNote> read_note(const fs::path& backup) {
  const auto bytes = server::read_file(backup / "backup.cbor", note_bytes_max);
  if (!bytes) {
    return fail(errc::store_corrupt, "bản sao không trọn vẹn / no whole backup: " + backup.string());
  }
  TN_TRY(BackupNote note, fields::decode<BackupNote>(*bytes, errc::store_corrupt));
  if (note.version != 1) return fail(errc::store_version_unknown, "backup.cbor");
  return note;
}

Result<void> copy_file_durably(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error) {
    const bool is_full = error == std::errc::no_space_on_device;
    return fail(is_full ? errc::store_full : errc::store_io, to.string() + ": " + error.message());
  }
  const int fd = ::open(to.c_str(), O_RDONLY | O_CLOEXEC);
  // For the owner of the account only, whoever made the file that was copied.
  const bool synced = fd >= 0 && ::fchmod(fd, 0600) == 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) return fail(errc::store_io, to.string());
  return {};
}

Result<BackupNote> make_backup(const fs::path& data, const fs::path& to, const fs::path& previous,
                               Host& host) {
  if (!fs::exists(data / "registry.db")) {
    return fail(errc::store_not_found,
                (data / "registry.db").string() +
                    " (sổ trên PostgreSQL: dùng công cụ của PostgreSQL / a registry on PostgreSQL is "
                    "saved by PostgreSQL's tools: docs/operations.md)");
  }
  TN_TRY(const server::Keys keys, server::read_keys(data));
  std::optional<server::Blobs> previous_blobs;
  if (!previous.empty()) {
    TN_TRY(const BackupNote before, read_note(previous));
    if (before.tenant != keys.tenant.code) {
      return fail(errc::tenant_mismatch, "the backup belongs to " + before.tenant);
    }
    previous_blobs.emplace(previous / "blobs");
  }
  TN_CHECK(make_target(to));
  TN_TRY(const auto registry, server::SqliteRegistry::open((data / "registry.db").string(),
                                                           sqlite::Mode::read_only));
  // One transaction, so that what is asked and what is copied is the same moment.
  TN_CHECK(registry->begin_read());
  BackupNote note;
  note.tenant = keys.tenant.code;
  note.made_ms = host.now_ms();
  TN_TRY(note.records, registry->journal_size());
  TN_TRY(note.root, registry->journal_root(note.records));
  TN_TRY(const auto attachments, registry->all_attachments());
  TN_CHECK(registry->copy_to((to / "registry.db").string()));
  registry->rollback();
  // A file is durable before the registry names it as present, and none is ever taken away.
  TN_CHECK(copy_blobs(attachments, server::Blobs(data / "blobs"), server::Blobs(to / "blobs"),
                      std::move(previous_blobs), note));
  for (const char* file : backup_files) {
    if (fs::exists(data / file)) {
      TN_CHECK(copy_file_durably(data / file, to / file));
    }
  }
  TN_CHECK(server::sync_folder(to));
  TN_CHECK(server::write_file_durably(to / "backup.cbor", fields::encode(note), 0600));
  return note;
}

}  // namespace tannha::tools
