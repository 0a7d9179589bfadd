#include "tools/device/rescue.hpp"

#include <string>
#include <system_error>

#include "tannha/server/data_dir.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view log_suffix = "-wal";

fs::path store_of(const fs::path& folder) {
  return folder / "device.db";
}
/// Unfinished; thrown away when it is found.
fs::path draft_of(const fs::path& folder) {
  return folder / "device.db.rescuing";
}
/// Complete, waiting for its place.
fs::path ready_of(const fs::path& folder) {
  return folder / "device.db.rescued";
}
fs::path damaged_of(const fs::path& folder, unsigned n) {
  return folder / ("device.db.damaged-" + std::to_string(n));
}
fs::path with(fs::path path, std::string_view suffix) {
  return path += suffix;
}

void remove_with_companions(const fs::path& path) {
  std::error_code ignored;
  for (const std::string_view suffix : {"", "-wal", "-shm", "-journal"}) {
    fs::remove(with(path, suffix), ignored);
  }
}

Result<void> move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(from, error)) return {};
  fs::rename(from, to, error);
  if (error) return fail(errc::store_io, from.filename().string() + ": " + error.message());
  return {};
}

}  // namespace

fs::path check_mark(const fs::path& folder) {
  return folder / "device.db.check";
}

void mark_damaged(const fs::path& folder) {
  std::error_code error;
  const bool again = fs::exists(damaged_of(folder, damaged_copies_max), error);
  const BytesView reason = as_bytes(again ? "" : "damaged");
  // On a disk that takes nothing more the damage is met, and marked, once again.
  (void)server::write_file_durably(check_mark(folder), reason, 0600).has_value();
}

bool is_marked_damaged(const fs::path& folder) {
  std::error_code error;
  const auto size = fs::file_size(check_mark(folder), error);
  return !error && size > 0;
}

Result<void> finish_rescue(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(ready_of(folder), error)) return {};
  unsigned n = 1;
  while (fs::exists(damaged_of(folder, n), error)) ++n;
  // Cut off between the two moves: the log of changes belongs to the file moved last.
  if (!fs::exists(store_of(folder), error) && n > 1) --n;
  TN_CHECK(move(store_of(folder), damaged_of(folder, n)));
  TN_CHECK(move(with(store_of(folder), log_suffix), with(damaged_of(folder, n), log_suffix)));
  fs::remove(with(store_of(folder), "-shm"), error);
  // Another file's log of changes would damage the new one: it must be gone for certain before.
  TN_CHECK(server::sync_folder(folder));
  TN_CHECK(move(ready_of(folder), store_of(folder)));
  fs::remove(check_mark(folder), error);
  return server::sync_folder(folder);
}

Result<SalvageReport> rescue(const fs::path& folder, Host& host, const Unlock& unlock) {
  remove_with_companions(draft_of(folder));
  auto report = salvage(store_of(folder).string(), draft_of(folder).string(), host, unlock);
  if (!report) {
    remove_with_companions(draft_of(folder));
    return report;
  }
  std::error_code error;
  if (fs::exists(with(draft_of(folder), log_suffix), error)) {
    return fail(errc::store_io, "the rescued store was not closed");
  }
  TN_CHECK(move(draft_of(folder), ready_of(folder)));
  TN_CHECK(server::sync_folder(folder));
  TN_CHECK(finish_rescue(folder));
  return report;
}

}  // namespace tannha::tools
