#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/result.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/device/device.hpp"

namespace tannha::tools {

/// What every subcommand shares: where its data are, its clock, and the way its outcome is told.
class Command {
 public:
  explicit Command(CLI::App& app);

  /// Registers what runs when this subcommand is chosen.
  void on(CLI::App* subcommand, std::function<Result<void>()> run);
  /// Runs the chosen subcommand. @return the exit code: 0, or 1 with the error told on stderr
  int run();

  [[nodiscard]] Host& host();
  /// From --pin-file or the environment variable TANNHA_PIN; empty when neither is given.
  /// Errors: file_unreadable.
  [[nodiscard]] Result<std::string> pin() const;
  /// The device in --data.
  [[nodiscard]] Result<std::unique_ptr<Device>> device();
  /// Adds --data with a default.
  void add_data(CLI::App* subcommand, const std::string& fallback);
  /// Adds --staff: whose folder under --data.
  void add_staff(CLI::App* subcommand);
  /// --data, or the person's folder under it. Errors: argument_invalid.
  [[nodiscard]] Result<std::filesystem::path> device_folder() const;

  std::string data;

 private:
  std::string clock_file_;
  std::string pin_file_;
  std::string staff_;
  std::filesystem::path folder_;  ///< of the device that was opened
  std::int64_t clock_offset_ms_ = 0;
  std::unique_ptr<server::SystemHost> host_;
  std::function<Result<void>()> chosen_;
};

void add_catalogue(CLI::App& app, Command& command);
void add_enrol(CLI::App& app, Command& command);
void add_phone(CLI::App& app, Command& command);
void add_dispatch(CLI::App& app, Command& command);
void add_office(CLI::App& app, Command& command);
void add_citizen(CLI::App& app, Command& command);
void add_inspect(CLI::App& app, Command& command);
void add_fsck(CLI::App& app, Command& command);
void add_audit(CLI::App& app, Command& command);
void add_bench(CLI::App& app, Command& command);
void add_backup(CLI::App& app, Command& command);
void add_registry(CLI::App& app, Command& command);
void add_day(CLI::App& app, Command& command);
void add_simulate(CLI::App& app, Command& command);

/// Tells an error on stderr: its code, both sentences, and the detail.
void tell(const Error& error);

// Subcommands that every role has.
void add_sync(CLI::App* role, Command& command);
void add_status(CLI::App* role, Command& command);
void add_note(CLI::App* role, Command& command);
/// Revoking a device: for officers and dispatchers.
void add_revoke(CLI::App* role, Command& command);
void add_bundles(CLI::App* role, Command& command);
void add_parcels(CLI::App* role, Command& command);
/// pin set, pin change; staff, staff-remove.
void add_vault(CLI::App* role, Command& command);

// Printing.
[[nodiscard]] std::string short_id(const Id& id);
[[nodiscard]] std::string local_time(std::uint64_t unix_ms);
void print(const Dossier& dossier);
void print_line(const Dossier& dossier);
/// The hand-overs of an open dispute; nothing when there is none.
void print_dispute(const Dossier& dossier);

[[nodiscard]] Result<Bytes> read_whole_file(const std::string& path);
/// As text; - for standard input.
[[nodiscard]] Result<std::string> read_text(const std::string& path);
/// A PIN from a file or standard input, without the end of its line. Errors: file_unreadable.
[[nodiscard]] Result<std::string> read_pin(const std::string& path);
inline constexpr std::array<std::pair<const char*, body::RevocationReason>, 3> revocation_reasons{
    {{"retired", body::RevocationReason::retired},
     {"lost", body::RevocationReason::lost},
     {"compromised", body::RevocationReason::compromised}}};
[[nodiscard]] const char* name_of(body::RevocationReason reason);
/// The hash of a record on this device, by at least eight of its first digits; all 64 need no
/// record here. Errors: argument_invalid (too short, several); store_not_found.
[[nodiscard]] Result<Hash> find_record(Device& device, const std::string& text);
/// All 64 digits of a hash; nothing for anything else.
[[nodiscard]] std::optional<Hash> whole_hash(const std::string& text);
/// An amount in đồng as people write it: digits, in groups of three with dots if at all.
/// Errors: argument_invalid.
[[nodiscard]] Result<std::uint64_t> parse_dong(std::string_view text);
/// "1.250.000"
[[nodiscard]] std::string dong_text(std::uint64_t amount);

/// For a call that writes: what refused it is told as something that was not saved. The sentence of
/// a rule is written for a record that is kept.
template <class T>
[[nodiscard]] Result<T> or_unsaved(Result<T> written) {
  if (written) return written;
  Error error = std::move(written).error();
  const auto number = static_cast<unsigned>(error.code);
  const bool is_store = number >= static_cast<unsigned>(errc::store_full) && number < 80;
  if (!is_store) {
    error.detail = "CHƯA LƯU GÌ / NOTHING WAS SAVED" +
                   (error.detail.empty() ? std::string() : ": " + error.detail);
  }
  return std::unexpected(std::move(error));
}

}  // namespace tannha::tools
