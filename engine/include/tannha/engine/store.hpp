#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tannha/engine/dossier.hpp"
#include "tannha/engine/sqlite.hpp"
#include "tannha/engine/vault.hpp"
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
  bool erased = false;  ///< its body was here and is not any more
};

/// The rest of a lease: numbers that were granted and not given to anything.
struct LeaseRest {
  body::NumberKind kind{};
  std::string prefix;
  std::uint32_t first{};  ///< of the rest
  std::uint32_t count{};
  friend bool operator==(const LeaseRest&, const LeaseRest&) = default;
};

/// The rows of one device's database. Knows nothing of what they mean; every write happens inside
/// the caller's transaction, except where a function says that it makes its own.
///
/// What stays readable in the file is ids, order, state, numbers and envelopes, which hold salted
/// hashes. Bodies, attachments, certificates (they carry people's names) and secrets are sealed
/// under the vault's key. Functions marked *sealed* fail with vault_locked, before they do
/// anything, while the vault is locked; all others work then too.
///
/// Nothing here deletes a record. Bodies and attachments are erased only when the registry has
/// them: see erase_dossier and erase_everything. What is erased is overwritten in the file.
class Store {
 public:
  /// Opens, makes the schema in a new file. The vault is locked.
  /// Errors: those of sqlite::Database::open; store_version_unknown.
  [[nodiscard]] static Result<Store> open(const std::string& path, sqlite::Mode mode);

  [[nodiscard]] sqlite::Database& database() { return db_; }
  [[nodiscard]] Vault& vault() { return vault_; }
  [[nodiscard]] bool is_locked() const { return vault_.is_locked(); }
  /// Unlocks the vault; makes it when there is none and the store may be written.
  /// Errors: those of Vault::unlock and Vault::make. @param host must outlive this
  [[nodiscard]] Result<void> unlock(Host& host, const Unlock& unlock);
  /// Locks the vault, and wipes what is in memory of what was sealed.
  void lock();
  /// The same when nobody touched it for limits::vault_idle_ms. @return whether it is locked now
  bool lock_if_idle();

  // What is handed in, received and erased has room also on a full disk; what is new has not.
  /// Errors: store_full (there is no more room than is kept); the store's.
  [[nodiscard]] Result<void> keep_reserve() { return db_.keep_reserve(reserve_bytes); }
  /// Does a step that writes; once more with the reserve's room if the disk is full. Not inside a
  /// transaction, which a full disk may have ended: there it is done once.
  template <class F>
  [[nodiscard]] auto with_reserve(F step) -> decltype(step()) {
    auto done = step();
    if (done || done.error().code != errc::store_full || db_.in_transaction()) return done;
    (void)db_.give_up_reserve();
    const FewPages few(db_);
    return step();
  }

  /// Reads the whole file and looks whether its structure is sound: after a device went off in the
  /// middle of something. Errors: store_corrupt; the store's. Cost: reading everything once.
  [[nodiscard]] Result<void> check_file();

  // Small values
  [[nodiscard]] Result<std::optional<Bytes>> value(std::string_view key);
  /// All whose key begins with `prefix`, of ASCII, in any order.
  [[nodiscard]] Result<std::vector<Bytes>> values(std::string_view prefix);
  [[nodiscard]] Result<void> set_value(std::string_view key, BytesView value);
  // Large values stand apart: SQLite reads the whole of a value that it passes by on its way to
  // another one of the same table.
  [[nodiscard]] Result<std::optional<Bytes>> large_value(std::string_view key);
  [[nodiscard]] Result<void> set_large_value(std::string_view key, BytesView value);
  [[nodiscard]] Result<std::uint64_t> number(std::string_view key);
  [[nodiscard]] Result<void> set_number(std::string_view key, std::uint64_t number);
  /// Sealed. A value that nobody with the file may read, kept in two places, so that one damaged
  /// page does not cost a device its identity. Keys are apart from those of value().
  [[nodiscard]] Result<std::optional<Bytes>> secret(std::string_view key);
  [[nodiscard]] Result<void> set_secret(std::string_view key, BytesView value);  ///< Sealed.
  [[nodiscard]] Result<void> erase_secret(std::string_view key);

  // Logs. A device that goes on in a new log puts its old one here like anybody's, so that what is
  // unsent of it can still be introduced; unsent() and head() go by log id already.
  [[nodiscard]] Result<void> put_log(const LogIntro& intro);          ///< Sealed.
  [[nodiscard]] Result<std::optional<LogIntro>> log(const Hash& id);  ///< Sealed.
  [[nodiscard]] Result<std::vector<LogIntro>> all_logs();             ///< Sealed.

  // Records
  /// Sealed. A record whose body is not here, because it was erased or withheld, gets it back.
  /// @param receipt of a record that is new here; one that is here keeps what it has
  /// @return false when the record was here already and nothing was added
  [[nodiscard]] Result<bool> insert(const Evidence& evidence, Origin origin,
                                    const Receipt* receipt = nullptr);
  [[nodiscard]] Result<std::optional<StoredRecord>> record(const Hash& hash);  ///< Sealed.
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

  /// Without those that are forgotten.
  [[nodiscard]] Result<std::vector<Id>> dossiers();
  /// Whether any record about it is here, forgotten or not.
  [[nodiscard]] Result<bool> has_dossier(const Id& id);
  /// Sealed. Of a forgotten one the envelopes, with empty bodies.
  /// Cost: of the dossier that was read last, what was decoded is in memory.
  [[nodiscard]] Result<std::vector<Evidence>> dossier(const Id& id);
  /// Sealed. The same with everything that is stored of them.
  [[nodiscard]] Result<std::vector<StoredRecord>> records(const Id& dossier);
  /// How many decoded records are in memory for the next dossier() or records(): none after
  /// locking and after erasing.
  [[nodiscard]] std::size_t kept_count() const { return kept_.records.size(); }
  /// Sealed. Held records, in the order in which they came.
  [[nodiscard]] Result<std::vector<StoredRecord>> held();
  /// Sealed. Records about no dossier: about logs, leases, erasing.
  [[nodiscard]] Result<std::vector<StoredRecord>> about_no_dossier();
  /// Sealed. All records, in the order in which they came.
  [[nodiscard]] Result<std::vector<StoredRecord>> all();

  // Summaries: bytes that somebody derived from a dossier's records and wants to find again. They
  // are gone with any change of one of these records, with a new one, and with the dossier when it
  // is forgotten: triggers of the database see to that in the transaction of the change, so that
  // none can be stale, whatever writes.
  struct Summary {
    Id dossier{};
    /// As it is stored: the same bytes are the same summary. None: it has to be made (anew).
    std::optional<Bytes> sealed;
  };
  /// Sealed. For each of dossiers(), in the same order. @param version under which they were kept
  [[nodiscard]] Result<std::vector<Summary>> summaries(std::uint64_t version);
  /// Sealed. What was kept. @param summary has some
  [[nodiscard]] Result<Bytes> open_summary(const Summary& summary) const;
  /// Sealed.
  [[nodiscard]] Result<void> keep_summary(const Id& dossier, std::uint64_t version,
                                          BytesView bytes);

  /// Sealed. Own and carried records without a receipt and without a verdict, oldest first.
  [[nodiscard]] Result<std::vector<Record>> unsent(std::size_t count_max, std::size_t bytes_max);
  [[nodiscard]] Result<exchange::Holds> holds();
  /// Every own and carried record has its receipt, and the server has every attachment. A carried
  /// record whose log the registry does not know is answered with that: nobody can deliver it, so it
  /// stands in the way of nothing, and is kept while the device is in use.
  [[nodiscard]] Result<bool> is_clean();

  // Attachments
  [[nodiscard]] Result<void> put_attachment(const Hash& hash, BytesView bytes,
                                            std::string_view media_type);   ///< Sealed.
  [[nodiscard]] Result<std::optional<Bytes>> attachment(const Hash& hash);  ///< Sealed.
  [[nodiscard]] Result<bool> has_attachment(const Hash& hash);
  [[nodiscard]] Result<std::vector<Hash>> all_attachments();
  struct PendingAttachment {
    Hash hash{};
    std::uint64_t size{};
    std::string media_type;
    bool is_named{};  ///< a record that names it has a receipt: the registry takes it
  };
  /// Not yet confirmed by the server, whatever became of the records that name them.
  [[nodiscard]] Result<std::vector<PendingAttachment>> pending_attachments();
  [[nodiscard]] Result<void> attachment_stored(const Hash& hash);
  /// The server says that it does not have these.
  [[nodiscard]] Result<void> attachment_wanted(const Hash& hash);

  // Forgetting: a dossier leaves the round. Asked for, erased here, told to the registry, known
  // there; each step is kept, so that a cut at any of them is made good by repeating it.
  [[nodiscard]] Result<void> want_forget(const Id& dossier);
  /// The dossier is in the round again, erased or not.
  [[nodiscard]] Result<void> cancel_forget(const Id& dossier);
  /// Something of it came although it was erased: it is shown until it is erased and told again.
  /// One that the registry did not ask to be forgotten is simply back.
  [[nodiscard]] Result<void> forget_again(const Id& dossier);
  /// The same for what only repeats what this device knew: it is not shown meanwhile.
  [[nodiscard]] Result<void> forget_again_unseen(const Id& dossier);
  /// It left the round before this device had anything of it: what still comes is not shown.
  [[nodiscard]] Result<void> forget_in_advance(const Id& dossier);
  /// Asked for, not erased yet.
  [[nodiscard]] Result<std::vector<Id>> forgets();
  /// Erases the bodies of the records about this dossier and the attachments that they name. A
  /// record that is also about a dossier that is still here keeps its body, and an attachment that
  /// such a dossier names stays. Envelopes stay: chain and receipts remain verifiable.
  /// @return false, and nothing is changed, while an own or carried record about it has no receipt
  /// (see is_clean), or the server does not have an attachment that is named in it
  [[nodiscard]] Result<bool> erase_dossier(const Id& dossier);
  [[nodiscard]] Result<void> forget_done(const Id& dossier);
  /// Erased, and the registry has not heard of it yet.
  [[nodiscard]] Result<std::vector<Id>> forgotten();
  [[nodiscard]] Result<void> forget_acknowledged(const Id& dossier);
  /// Whether it was erased and nothing of it came back.
  [[nodiscard]] Result<bool> is_forgotten(const Id& dossier);
  /// Erases all bodies, attachments, leases, foreign logs and the enrolment ticket; with keys also
  /// the identity and the vault's key, after which nothing that was sealed opens again and the
  /// vault is locked. Makes its own transaction. Errors: store_unsent, unless is_clean(); the
  /// store's.
  [[nodiscard]] Result<void> erase_everything(bool with_keys);

  // Leases. A time of 0 for the server's clock: do not look at expiry.
  /// @param expires_ms by the server's clock; 0: never
  [[nodiscard]] Result<void> put_lease(const body::LeaseGranted& lease, std::uint64_t expires_ms);
  /// The next unused number of a kind, marked used. Nothing when there is none.
  [[nodiscard]] Result<std::optional<std::string>> take_number(body::NumberKind kind,
                                                               std::uint64_t server_now_ms = 0);
  [[nodiscard]] Result<std::uint32_t> numbers_left(body::NumberKind kind,
                                                   std::uint64_t server_now_ms = 0);
  /// What is left of leases that have expired and are not closed.
  [[nodiscard]] Result<std::vector<LeaseRest>> expired_leases(std::uint64_t server_now_ms);
  /// The rest goes back to the pool: none of it is given from now on. Safe to repeat.
  [[nodiscard]] Result<void> close_lease(const LeaseRest& rest);
  [[nodiscard]] Result<void> close_all_leases();

 private:
  /// An answer to few records, in the log of changes and in the file.
  static constexpr std::size_t reserve_bytes = 2 * 1024 * 1024;
  /// Envelopes and bodies of Kept. More than a dossier has.
  static constexpr std::size_t kept_bytes_max = 1024 * 1024;
  /// While it lives, what is erased frees its pages without overwriting them, which takes as much
  /// room as it frees. keep_reserve() gives them back to the disk.
  class FewPages {
   public:
    explicit FewPages(sqlite::Database& db) : db_(db) {
      (void)db_.exec("PRAGMA secure_delete=FAST").has_value();
    }
    ~FewPages() { (void)db_.exec("PRAGMA secure_delete=ON").has_value(); }
    FewPages(const FewPages&) = delete;
    FewPages& operator=(const FewPages&) = delete;

   private:
    sqlite::Database& db_;
  };
  explicit Store(sqlite::Database db) : db_(std::move(db)) {}
  static const char* const summary_schema;
  static const char* const large_schema;
  [[nodiscard]] static Result<void> make_summaries(sqlite::Database& db);
  [[nodiscard]] Result<void> ready() const;
  /// Records of one dossier as they were decoded: whoever works on it reads them again and again.
  /// A hash stands for the same envelope and body for ever, and what may change of a record, that
  /// its body is erased included, is read from its row each time: so nothing here can be stale, and
  /// only what must not stay in memory has to be taken out, at locking and erasing.
  struct Kept {
    Id dossier{};
    std::unordered_map<Hash, Record, ArrayHasher> records;  ///< all with their bodies
    std::size_t bytes = 0;
  };
  void keep(const Record& record);
  /// Wipes the bodies.
  void drop_kept();
  [[nodiscard]] Result<Record> open_record(const sqlite::Row& row) const;
  [[nodiscard]] Result<StoredRecord> read_record(const sqlite::Row& row) const;
  [[nodiscard]] Result<bool> put_body_back(const Record& record, BytesView sealed);
  [[nodiscard]] Result<void> index(const Record& record, std::uint64_t row_id);

  sqlite::Database db_;
  Vault vault_;
  Kept kept_;
};

}  // namespace tannha
