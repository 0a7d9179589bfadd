#include "tannha/server/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t small_file_bytes_max = 64 * 1024;
constexpr std::size_t catalogue_bytes_max = 64 * 1024 * 1024;
constexpr std::string_view temporary_prefix = ".tmp-";
using namespace std::chrono_literals;
/// No file takes so long to be written, on any disk that is of use.
constexpr std::chrono::seconds shared_temporary_age_min = 1h;

std::unexpected<Error> system_error(const std::string& what) {
  const int number = errno;
  errc code = errc::store_io;
  if (number == ENOSPC || number == EDQUOT || number == EFBIG) code = errc::store_full;
  if (number == EACCES || number == EROFS || number == EPERM) code = errc::store_read_only;
  if (number == ENOENT) code = errc::store_not_found;
  return fail(code, what + ": " + std::strerror(number));
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result<void> write_all(int fd, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

Result<void> sync_folder(const fs::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok() || ::fsync(fd.get()) != 0) return system_error("folder");
  return {};
}

Result<void> make_folder_durably(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_error("folder");
  // Also when it was there: whoever made it may not have come to this line yet.
  return sync_folder(folder.parent_path());
}

Result<void> make_folders_durably(const fs::path& folder) {
  std::error_code error;
  const fs::path path = fs::absolute(folder / "", error).parent_path();
  if (!error && fs::is_directory(path, error)) {
    // As above; but where it has been for long, what it lies in may not be ours to read.
    (void)sync_folder(path.parent_path()).has_value();
    return {};
  }
  if (path.has_relative_path()) {
    TN_CHECK(make_folders_durably(path.parent_path()));
  }
  return make_folder_durably(path);
}

Result<void> write_file_durably(const fs::path& path, BytesView bytes, unsigned mode,
                                const fs::path& scratch) {
  static std::atomic<std::uint64_t> counter{0};
  // In containers, and on machines that share a folder, processes have the same numbers.
  static const std::string process = std::to_string(std::random_device()()) + "-" +
                                     std::to_string(::getpid()) + "-";
  const fs::path temporary = (scratch.empty() ? path.parent_path() : scratch) /
                             (std::string(temporary_prefix) + process + std::to_string(counter++));
  Result<void> written;
  {
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd.ok()) return system_error("create");
    written = write_all(fd.get(), bytes);
    if (written && ::fsync(fd.get()) != 0) written = system_error("fsync");
  }
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = system_error("rename");
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(path.parent_path());
}

Result<Bytes> read_file(const fs::path& path, std::size_t size_max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) {
    if (errno == ENOENT) return fail(errc::store_not_found, path.filename().string());
    return fail(errc::file_unreadable, path.filename().string());
  }
  Bytes out;
  std::array<std::uint8_t, 64 * 1024> piece{};
  for (;;) {
    const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(errc::file_unreadable, path.filename().string());
    if (n == 0) return out;
    out.insert(out.end(), piece.begin(), piece.begin() + n);
    if (out.size() > size_max) return fail(errc::frame_too_large, path.filename().string());
  }
}

Result<void> remove_temporaries(const fs::path& folder, std::chrono::seconds age_min) {
  std::error_code error;
  const fs::file_time_type until = fs::file_time_type::clock::now() - age_min;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with(temporary_prefix)) continue;
    // One that its writer has taken away meanwhile has no time any more.
    std::error_code gone;
    const fs::file_time_type written = fs::last_write_time(it->path(), gone);
    if (!gone && (age_min.count() == 0 || written <= until)) ::unlink(it->path().c_str());
  }
  if (error) return fail(errc::store_io, "folder: " + error.message());
  return {};
}

Result<DataDir> DataDir::open(const fs::path& path, BlobsOf blobs_of) {
  TN_CHECK(make_folders_durably(path / "blobs"));
  const fs::path lock = path / "lock";
  const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return system_error("lock");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return fail(errc::store_busy, "another server uses " + path.string());
  }
  DataDir dir(path, fd);
  // What a killed server was writing. The lock says that nobody writes here now; it says nothing
  // about the other nodes.
  TN_CHECK(remove_temporaries(dir.blobs_path(),
                              blobs_of == BlobsOf::several ? shared_temporary_age_min : 0s));
  return dir;
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

DataDir::~DataDir() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

Result<Keys> read_keys(const fs::path& path) {
  TN_TRY(const Bytes bytes, read_file(path / "keys.cbor", small_file_bytes_max));
  return fields::decode<Keys>(bytes, errc::store_corrupt);
}

Result<std::string> read_admin_secret(const fs::path& path) {
  TN_TRY(const Bytes bytes, read_file(path / "admin.secret", small_file_bytes_max));
  std::string text(as_text(bytes));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return fail(errc::store_corrupt, "admin.secret");
  return text;
}

Result<Keys> DataDir::keys(const std::string& tenant_code, const std::string& tenant_name,
                           Host& host) {
  auto existing = read_keys(path_);
  if (existing) {
    if (existing->tenant.code != tenant_code) {
      return fail(errc::tenant_mismatch, "the folder belongs to " + existing->tenant.code);
    }
    return existing;
  }
  if (existing.error().code != errc::store_not_found) return existing;
  // A registry without its keys is not a new tenant: new keys would orphan every record in it.
  if (fs::exists(registry_path())) return fail(errc::store_corrupt, "keys.cbor is missing");

  Keys keys;
  keys.authority = random_array<Seed>(host);
  keys.journal = random_array<Seed>(host);
  keys.log = random_array<Seed>(host);
  keys.token_secret = random_array<Seed>(host);
  keys.tenant.code = tenant_code;
  keys.tenant.name = tenant_name;
  keys.tenant.origin = "tannha.vn/" + tenant_code;
  keys.tenant.authority_key = KeyPair::from_seed(keys.authority).public_key();
  keys.tenant.journal_key = KeyPair::from_seed(keys.journal).public_key();
  const std::uint64_t now = host.now_ms();
  const Certificate certificate{
      .tenant = tenant_code,
      .actor = new_id(host),
      .role = Role::registry,
      .unit = tenant_code,
      .public_key = KeyPair::from_seed(keys.log).public_key(),
      .not_before_ms = now,
      .not_after_ms = now + 10 * limits::certificate_life_ms,
      .assurance = Assurance::software_key,
      .scope = {},
      .label = "registry",
  };
  keys.registry_log = {sign_certificate(certificate, KeyPair::from_seed(keys.authority)),
                       random_array<Id>(host)};
  TN_CHECK(write_file_durably(path_ / "keys.cbor", fields::encode(keys), 0600));
  return keys;
}

Result<std::string> DataDir::admin_secret(Host& host) {
  auto existing = read_admin_secret(path_);
  if (existing || existing.error().code != errc::store_not_found) return existing;
  const std::string secret = to_base64url(random_array<Hash>(host));
  TN_CHECK(write_file_durably(path_ / "admin.secret", as_bytes(secret + "\n"), 0600));
  return secret;
}

Result<Catalogue> DataDir::catalogue() {
  auto bytes = read_file(path_ / "catalogue.cbor", catalogue_bytes_max);
  if (!bytes) {
    if (bytes.error().code == errc::store_not_found) return Catalogue();
    return std::unexpected(bytes.error());
  }
  return Catalogue::decode(*bytes);
}

RegistryActor make_actor(const Keys& keys) {
  // Made from a secret that is there, so that folders from before bundles can open them too, and a
  // restored keys.cbor opens what was sealed before. From the registry's own log: that seed never
  // leaves the server, while the journal's and the authority's may move into hardware one day.
  const BoxKeyPair bundle_key =
      BoxKeyPair::from_seed(derive_seed(keys.log, "tannha bundle key v1"));
  RegistryActor actor{.tenant = keys.tenant,
                      .log = keys.registry_log,
                      .log_key = KeyPair::from_seed(keys.log),
                      .authority_key = KeyPair::from_seed(keys.authority),
                      .journal_key = KeyPair::from_seed(keys.journal),
                      .bundle_key = bundle_key};
  actor.tenant.bundle_key = bundle_key.public_key();
  return actor;
}

}  // namespace tannha::server
