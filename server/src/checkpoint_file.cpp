#include "tannha/server/checkpoint_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "tannha/server/data_dir.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t note_bytes_max = 64 * 1024;
constexpr std::size_t key_digits = 16;
constexpr int lock_attempts = 200;
constexpr std::chrono::milliseconds lock_pause{10};

class Locked {
 public:
  explicit Locked(int fd) : fd_(fd) {}
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked() {
    if (held_) ::flock(fd_, LOCK_UN);
  }
  /// Another server holds it for the two fsyncs of its own exchange.
  [[nodiscard]] Result<void> take() {
    for (int i = 0; i < lock_attempts; ++i) {
      if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
        held_ = true;
        return {};
      }
      if (errno != EWOULDBLOCK && errno != EINTR) break;
      std::this_thread::sleep_for(lock_pause);
    }
    return fail(errno == EWOULDBLOCK ? errc::store_busy : errc::store_io,
                std::string("checkpoint store: ") + std::strerror(errno));
  }

 private:
  int fd_;
  bool held_ = false;
};

}  // namespace

Result<std::unique_ptr<CheckpointFile>> CheckpointFile::open(const fs::path& folder,
                                                             const PublicKey& journal_key) {
  const fs::path own = path_in(folder, journal_key).parent_path();
  TN_CHECK(make_folders_durably(own));
  const int fd = ::open((own / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return fail(errno == EACCES || errno == EROFS ? errc::store_read_only : errc::store_io,
                "checkpoint store: " + std::string(std::strerror(errno)));
  }
  std::unique_ptr<CheckpointFile> file(new CheckpointFile(own / "checkpoint", fd));
  Locked lock(fd);
  TN_CHECK(lock.take());
  // Of a server that was killed; the lock says that nobody is writing now.
  TN_CHECK(remove_temporaries(own));
  return file;
}

fs::path CheckpointFile::path_in(const fs::path& folder, const PublicKey& journal_key) {
  return folder / to_hex(sha256(journal_key)).substr(0, key_digits) / "checkpoint";
}

CheckpointFile::~CheckpointFile() { ::close(lock_fd_); }

Result<std::optional<std::string>> CheckpointFile::read() {
  auto bytes = read_file(path_, note_bytes_max);
  if (!bytes && bytes.error().code == errc::store_not_found) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(as_text(*bytes));
}

Result<bool> CheckpointFile::swap(const std::optional<std::string>& expected,
                                  const std::string& next) {
  Locked lock(lock_fd_);
  TN_CHECK(lock.take());
  TN_TRY(const std::optional<std::string> here, read());
  if (here != expected) return false;
  TN_CHECK(write_file_durably(path_, as_bytes(next), 0600));
  return true;
}

fs::path default_checkpoint_store(const fs::path& data) {
  std::error_code error;
  const fs::path whole = fs::absolute(data / "", error).lexically_normal().parent_path();
  return whole.parent_path() / "tannha-checkpoints";
}

}  // namespace tannha::server
