#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/engine/dossier.hpp"
#include "tannha/engine/sqlite.hpp"
#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/receipt.hpp"

namespace tannha {

/// How a record came to be on a device.
enum class Origin : std::uint8_t {
  own = 0,      ///< written here
  carried = 1,  ///< taken over from another device, to be delivered
  feed = 2,     ///< from the registry
};

struct StoredRecord {
  Evidence evidence;
  Origin origin{};
  std::optional<Receipt> receipt;
};

/// The rows of one device's database. Knows nothing of what they mean; every write happens inside
/// the caller's transaction. Nothing here deletes a record or an attachment.
class Store {
 public:
  /// Opens exclusively, makes or migrates the schema.
  /// Errors: those of sqlite::Database::open; store_version_unknown.
  [[nodiscard]] static Result<Store> open(const std::string& path, sqlite::Mode mode);

  [[nodiscard]] sqlite::Database& database() { return db_; }

  [[nodiscard]] Result<std::optional<Bytes>> value(std::string_view key);
  [[nodiscard]] Result<void> set_value(std::string_view key, BytesView value);
  [[nodiscard]] Result<std::uint64_t> number(std::string_view key);
  [[nodiscard]] Result<void> set_number(std::string_view key, std::uint64_t number);

  [[nodiscard]] Result<void> put_log(const LogIntro& intro);
  [[nodiscard]] Result<std::optional<LogIntro>> log(const Hash& id);

  /// @return false when the record was here already
  [[nodiscard]] Result<bool> insert(const Evidence& evidence, Origin origin);
  [[nodiscard]] Result<std::optional<StoredRecord>> record(const Hash& hash);
  /// The last record of a log by seq.
  struct Head {
    std::uint64_t next_seq = 0;
    Hash hash{};
  };
  [[nodiscard]] Result<std::optional<Head>> head(const Hash& log);
  [[nodiscard]] Result<void> set_ruling(const Hash& hash, const Ruling& ruling);
  [[nodiscard]] Result<void> set_receipt(const Receipt& receipt);
  /// Makes rejected records (refused, without a receipt) unsent again. @return how many
  [[nodiscard]] Result<std::uint64_t> retry_rejected();

  [[nodiscard]] Result<std::vector<Id>> dossiers();
  [[nodiscard]] Result<std::vector<Evidence>> dossier(const Id& id);
  /// All records, in the order in which they came.
  [[nodiscard]] Result<std::vector<StoredRecord>> all();

  /// Own and carried records without a receipt and without a verdict, oldest first.
  [[nodiscard]] Result<std::vector<Record>> unsent(std::size_t count_max, std::size_t bytes_max);
  [[nodiscard]] Result<exchange::Holds> holds();

  [[nodiscard]] Result<void> put_attachment(const Hash& hash, BytesView bytes,
                                            std::string_view media_type);
  [[nodiscard]] Result<std::optional<Bytes>> attachment(const Hash& hash);
  [[nodiscard]] Result<bool> has_attachment(const Hash& hash);
  [[nodiscard]] Result<std::vector<Hash>> all_attachments();
  struct PendingAttachment {
    Hash hash{};
    std::uint64_t size{};
    std::string media_type;
  };
  /// Not yet confirmed by the server, and the record that names them has a receipt.
  [[nodiscard]] Result<std::vector<PendingAttachment>> pending_attachments();
  [[nodiscard]] Result<void> attachment_stored(const Hash& hash);
  /// The server says that it does not have these.
  [[nodiscard]] Result<void> attachment_wanted(const Hash& hash);

  [[nodiscard]] Result<void> put_lease(const body::LeaseGranted& lease);
  /// The next unused number of a kind, marked used. Nothing when there is none.
  [[nodiscard]] Result<std::optional<std::string>> take_number(body::NumberKind kind);
  [[nodiscard]] Result<std::uint32_t> numbers_left(body::NumberKind kind);

 private:
  explicit Store(sqlite::Database db) : db_(std::move(db)) {}
  sqlite::Database db_;
};

}  // namespace tannha
