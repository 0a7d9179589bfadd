#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "tannha/engine/admission.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/host.hpp"

namespace tannha::server {

/// The keys of a tenant, made once: whoever has them is the province.
struct Keys {
  exchange::Tenant tenant;
  Seed authority{};
  Seed journal{};
  Seed log{};
  LogIntro registry_log;
  Seed token_secret{};
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.tenant);
    v(2, s.authority);
    v(3, s.journal);
    v(4, s.log);
    v(5, s.registry_log);
    v(6, s.token_secret);
  }
};

/// Whether a folder of attachments is one server's or shared by the nodes of a registry.
enum class BlobsOf : std::uint8_t { one, several };

/// The server's folder:
///   registry.db        records, journal, feeds
///   blobs/ab/cdef…     attachments, each under the hash of its bytes
///   keys.cbor          the tenant's keys, mode 0600
///   admin.secret       bearer text for operators, mode 0600
///   catalogue.cbor     the procedure catalogue in force
///   lock               held while a server runs
class DataDir {
 public:
  /// Makes the folder when missing and locks it. Errors: store_busy (another server has it);
  /// store_read_only, store_io, store_full.
  /// @param blobs_of who else writes into blobs: with a registry on PostgreSQL, other nodes
  [[nodiscard]] static Result<DataDir> open(const std::filesystem::path& path,
                                            BlobsOf blobs_of = BlobsOf::one);
  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&&) = delete;
  ~DataDir();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string registry_path() const { return (path_ / "registry.db").string(); }
  [[nodiscard]] std::filesystem::path blobs_path() const { return path_ / "blobs"; }

  /// Reads the keys, or makes them for a new tenant. Errors: tenant_mismatch (the folder is another
  /// tenant's); store_corrupt; store errors.
  [[nodiscard]] Result<Keys> keys(const std::string& tenant_code, const std::string& tenant_name,
                                  Host& host);
  [[nodiscard]] Result<std::string> admin_secret(Host& host);
  /// An empty catalogue when there is none. Errors: catalogue_malformed, file_unreadable.
  [[nodiscard]] Result<Catalogue> catalogue();

 private:
  DataDir(std::filesystem::path path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}
  std::filesystem::path path_;
  int lock_fd_;
};

/// Reads the keys of a folder without locking it: for tools.
/// Errors: store_not_found, store_corrupt.
[[nodiscard]] Result<Keys> read_keys(const std::filesystem::path& path);
[[nodiscard]] Result<std::string> read_admin_secret(const std::filesystem::path& path);

/// Writes a file so that it is there whole or not at all, and durable on return: temporary file,
/// fsync, rename, fsync of the folder. Errors: store_full, store_read_only, store_io,
/// store_not_found (the folder).
/// @param scratch folder of the temporary file, on the same file system; empty: the file's own
[[nodiscard]] Result<void> write_file_durably(const std::filesystem::path& path, BytesView bytes,
                                              unsigned mode,
                                              const std::filesystem::path& scratch = {});
/// Makes a folder in one that is there, and its name durable; one that exists is fine. Errors: as
/// write_file_durably.
[[nodiscard]] Result<void> make_folder_durably(const std::filesystem::path& folder);
/// The same with all folders above it that are missing. Errors: as write_file_durably.
[[nodiscard]] Result<void> make_folders_durably(const std::filesystem::path& folder);
/// Removes what write_file_durably left in a scratch folder when its process was killed. Nobody may
/// be writing there what is as old as this. Errors: store_io.
[[nodiscard]] Result<void> remove_temporaries(const std::filesystem::path& folder,
                                              std::chrono::seconds age_min = {});
/// Makes new names in a folder durable. Errors: as write_file_durably.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);
/// Errors: store_not_found, file_unreadable; frame_too_large above `size_max`.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t size_max);

/// Opens the keys as the registry's own actor.
[[nodiscard]] RegistryActor make_actor(const Keys& keys);

}  // namespace tannha::server
