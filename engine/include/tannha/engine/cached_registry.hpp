#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "tannha/engine/forwarding_registry.hpp"

namespace tannha {

/// Remembers, over the ends of transactions, what the registry's logic asks for with every record
/// and every exchange, so that a record costs its own rows and an exchange with nothing new costs no
/// query. Everything is forgotten when a transaction is undone, and when somebody else has written (Registry::generation). What is remembered is bounded.
///
/// Heads of logs are written once a transaction, and when a device was last seen once a minute or together
/// with something else; both are seen here at once.
class CachedRegistry : public ForwardingRegistry {
 public:
  /// @param to must outlive this, and is written by nobody else in this process
  explicit CachedRegistry(Registry& to) : ForwardingRegistry(to) {}

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  std::uint64_t writes() const override { return ForwardingRegistry::writes() + heads_moved_; }

  Result<std::optional<LogEntry>> log(const Hash& id) override;
  Result<void> put_log(const LogEntry& log) override;
  Result<void> move_head(const Hash& log, std::uint64_t next_seq, const Hash& head) override;
  Result<void> set_log_state(const Hash& log, const LogState& state) override;
  Result<std::uint64_t> log_end(const Hash& log) override;

  Result<std::optional<Evidence>> record(const Hash& hash) override;
  Result<std::vector<Hash>> records_at(const Hash& log, std::uint64_t seq) override;
  Result<std::optional<std::uint64_t>> received_ms(std::uint64_t leaf) override;
  Result<std::uint64_t> append(const Evidence& evidence, std::span<const Id> dossiers) override;
  Result<void> set_ruling(const Hash& hash, const Ruling& ruling) override;
  Result<std::shared_ptr<const Dossier>> folded(const Id& id) override;
  Result<std::uint64_t> journal_size() override;
  Result<Hash> journal_root(std::uint64_t size) override;

  Result<void> wait_for(const Hash& missing, const Hash& waiting) override;
  Result<bool> is_any_waiting() override;
  Result<void> make_due(const Hash& arrived) override;
  Result<std::vector<Hash>> take_due(std::size_t count_max) override;
  Result<bool> is_any_due() override;

  Result<void> add_audience(const Id& dossier, std::string_view audience) override;
  Result<std::vector<std::string>> audiences(const Id& dossier) override;
  Result<void> remove_audience(const Id& dossier, std::string_view audience) override;
  Result<std::uint64_t> feed_end(std::string_view audience) override;
  Result<std::uint64_t> feed(std::string_view audience, const Hash& record) override;
  Result<std::vector<FeedItem>> read_feed(std::string_view audience, std::uint64_t after,
                                          std::size_t count_max) override;

  Result<void> put_payout(const Id& payout, const Id& courier) override;
  Result<std::vector<Id>> unleased_payouts(const Id& courier, std::size_t count_max) override;
  Result<void> want_attachment(const body::AttachmentAdded& attachment, const Id& dossier,
                               const Hash& log) override;
  Result<std::vector<Hash>> wanted_attachments(const Hash& log, std::size_t count_max) override;

  Result<void> note_contact(const Hash& log, std::uint64_t at_ms,
                            const exchange::Holds& holds) override;

 private:
  template <class Key, class Value>
  using Map = std::unordered_map<Key, Value, ArrayHasher>;
  template <class Key>
  using Set = std::unordered_set<Key, ArrayHasher>;
  struct Fold {
    std::shared_ptr<DossierFold> fold;
    std::size_t records{};
  };

  /// What is as the store has it, or will have it when this transaction is committed.
  struct Kept {
    Map<Hash, LogEntry> logs;
    Map<Hash, std::uint64_t> log_ends;
    Map<Hash, Evidence> records;
    std::size_t record_bytes = 0;
    std::map<std::uint64_t, std::uint64_t> received_ms;
    Map<Id, Fold> folds;
    std::size_t folded_records = 0;
    Map<Id, std::vector<std::string>> audiences;
    std::unordered_map<std::string, std::uint64_t> feed_ends;
    Set<Id> without_payouts;       ///< couriers: none is unleased
    Set<Hash> without_wanted;      ///< logs: no attachment is waited for
    std::optional<std::uint64_t> journal_size;
    std::optional<std::pair<std::uint64_t, Hash>> root;
    std::optional<bool> is_any_waiting;
    std::optional<bool> is_any_due;
  };
  struct Contact {
    std::uint64_t at_ms{};
    exchange::Holds holds;
  };

  void forget();
  void keep(Evidence evidence);
  void drop_fold(const Id& id);
  Result<void> write_heads();
  Result<void> write_contacts();

  Kept kept_;
  std::uint64_t heads_moved_ = 0;
  Set<Hash> moved_;  ///< logs whose head is not written yet
  Map<Hash, Contact> contacts_;
  std::optional<std::uint64_t> first_contact_ms_;  ///< of those that are not written yet
  std::uint64_t last_contact_ms_ = 0;
  std::optional<std::uint64_t> size_at_begin_;
  std::uint64_t generation_ = 0;
};

}  // namespace tannha
