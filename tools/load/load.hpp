#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "tannha/protocol/result.hpp"

namespace tannha::tools {

/// Couriers who work without a pause, with real devices: stores on the disk, keys of their own,
/// every receipt verified before it counts.
struct LoadConfig {
  std::filesystem::path folder;  ///< a device a phone: phone-1, phone-2, …; kept afterwards
  std::string url;               ///< of the server, or of what stands before several
  std::string admin_secret;      ///< for the phones' tickets
  std::string unit;              ///< agency code, e.g. H42.101
  unsigned phones = 8;
  /// Milliseconds between two records of a phone.
  std::uint32_t pause_ms = 50;
  /// How long a phone goes on sending what is unsent when the work is over, in milliseconds.
  std::uint32_t drain_ms_max = 60'000;
};

/// What the phones saw.
struct LoadReport {
  std::uint64_t written{};       ///< records, each durable on its phone
  std::uint64_t acknowledged{};  ///< of those: with a receipt that was verified and stored
  std::uint64_t exchanges{};     ///< that were answered
  std::uint64_t broken{};        ///< syncs that ended with an error that may be repeated
  std::uint64_t pause_ms_max{};  ///< the longest time between two answered exchanges of one phone
  std::uint64_t pause_end_ms{};  ///< when that one ended, Unix milliseconds
};

/// Works until `is_over`. Writes a line to acknowledged.log in the folder for each sync that brought
/// receipts: Unix milliseconds, phone, records.
/// @param is_over asked by several threads @param ready called once, when every phone is enrolled
/// Errors: whatever a phone cannot repeat, or could not do until drain_ms_max.
[[nodiscard]] Result<LoadReport> run_load(const LoadConfig& config,
                                          const std::function<bool()>& is_over,
                                          const std::function<void()>& ready);

}  // namespace tannha::tools
