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

[[nodiscard]] Result<Bytes> read_whole_file(const std::string& path);
/// As text; - for standard input.
[[nodiscard]] Result<std::string> read_text(const std::string& path);
/// A PIN from a file or standard input, without the end of its line. Errors: file_unreadable.
[[nodiscard]] Result<std::string> read_pin(const std::string& path);
inline constexpr std::array<std::pair<const char*, body::RevocationReason>, 3> revocation_reasons{
    {{"retired", body::RevocationReason::retired},
     {"lost", body::RevocationReason::lost},
     {"compromised", body::RevocationReason::compromised}}};
[[nodiscard]] Result<Hash> parse_hash(const std::string& text);

}  // namespace tannha::tools
