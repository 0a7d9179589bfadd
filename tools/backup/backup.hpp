#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tannha/engine/host.hpp"
#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// Saving a server's folder with its SQLite registry, and bringing it back. The checkpoint folder is
/// in no backup: it is what an old one is recognised by (ADR 10).
namespace tannha::tools {

/// What a backup says of itself, in its file backup.cbor. Written last: a folder without it is no
/// backup.
struct BackupNote {
  std::uint64_t version = 1;
  std::string tenant;
  std::uint64_t made_ms{};  ///< Unix
  std::uint64_t records{};  ///< of the journal
  Hash root{};              ///< of the journal
  std::uint64_t attachments{};
  std::uint64_t attachment_bytes{};
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.version);
    v(2, s.tenant);
    v(3, s.made_ms);
    v(4, s.records);
    v(5, s.root);
    v(6, s.attachments);
    v(7, s.attachment_bytes);
  }
};

/// Makes a backup while a server may be running on the folder: the registry as it is at one moment,
/// every attachment that it names as present, the keys, the secret and the catalogue. Each attachment
/// is hashed on the way.
/// @param to a folder that is not there or empty
/// @param previous an older backup on the same disk, or empty: what it has is linked, not copied
/// Errors: argument_invalid (`to` is in use, `previous` is no backup); store_not_found (no SQLite
/// registry there); store_corrupt (an attachment is missing or damaged); the stores'.
[[nodiscard]] Result<BackupNote> make_backup(const std::filesystem::path& data,
                                             const std::filesystem::path& to,
                                             const std::filesystem::path& previous, Host& host);

/// What a restored folder is worth.
struct Restored {
  BackupNote note;
  /// Of the newest signed checkpoint; nothing when the checkpoint folder has none of this journal.
  std::optional<std::uint64_t> signed_records;
  std::filesystem::path checkpoint_file;  ///< where it is, or would be
  /// What was signed is more than the backup has: no server will go on with it.
  [[nodiscard]] bool is_too_old() const { return signed_records > note.records; }
};

/// Brings a backup back into a new folder, which appears under its name only after everything in it
/// was computed again: every hash, signature, chain, node of the tree and attachment.
/// @param to a folder that is not there
/// @param checkpoints the checkpoint folder; it is read only
/// Errors: argument_invalid (`to` is there); store_corrupt (no whole backup, or damaged: the detail
/// names the first problem; nothing is left at `to`); checkpoint_inconsistent (another past than what
/// was signed; nothing is left); the stores'.
[[nodiscard]] Result<Restored> restore_backup(const std::filesystem::path& from,
                                              const std::filesystem::path& to,
                                              const std::filesystem::path& checkpoints);

/// Errors: store_corrupt when the folder is no whole backup.
[[nodiscard]] Result<BackupNote> read_note(const std::filesystem::path& backup);

/// The files that are no attachments and not the registry; the catalogue may be missing.
inline constexpr const char* backup_files[] = {"keys.cbor", "admin.secret", "catalogue.cbor"};

/// A copy of mode 0600 that is durable on return, its name in the folder excepted. Errors: the
/// store's.
[[nodiscard]] Result<void> copy_file_durably(const std::filesystem::path& from,
                                             const std::filesystem::path& to);

}  // namespace tannha::tools
