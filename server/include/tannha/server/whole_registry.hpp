#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tannha/engine/registry.hpp"

namespace tannha::server {

/// A registry that is read from one end to the other, by programs for operators. Everything is held
/// in memory: about a kilobyte a record.
class WholeRegistry : public Registry {
 public:
  /// Fixes what the following reads see; ended by rollback().
  [[nodiscard]] virtual Result<void> begin_read() = 0;
  // In the order of the journal, of enrolment, of arrival; attachments in no order.
  [[nodiscard]] virtual Result<std::vector<Evidence>> all_records() = 0;
  [[nodiscard]] virtual Result<std::vector<LogEntry>> all_logs() = 0;
  [[nodiscard]] virtual Result<std::vector<std::pair<Hash, Attachment>>> all_attachments() = 0;
  /// What came and was no record, as it came.
  struct Quarantined {
    Hash sender{};  ///< log
    errc reason{};
    Bytes envelope;
    Bytes body;
  };
  [[nodiscard]] virtual Result<std::vector<Quarantined>> all_quarantined() = 0;
  /// A stored node of the journal's tree: from JournalTree::stored_level on.
  /// Errors: store_corrupt when it is missing.
  [[nodiscard]] virtual Result<Hash> node(std::uint32_t level, std::uint64_t index) = 0;
  /// Whether record() finds the record of this leaf by its hash. A store that keeps its indices
  /// right by itself is not asked.
  [[nodiscard]] virtual Result<bool> is_found(const Hash& /*hash*/, std::uint64_t /*leaf*/) {
    return true;
  }
};

/// Opens a server's registry read-only. May run beside the server.
/// @param folder the server's, with its keys.cbor @param conninfo of PostgreSQL; empty: registry.db
/// Errors: store_not_found; those of SqliteRegistry::open and PostgresRegistry::open.
[[nodiscard]] Result<std::unique_ptr<WholeRegistry>> open_whole_registry(
    const std::filesystem::path& folder, const std::string& conninfo);

}  // namespace tannha::server
