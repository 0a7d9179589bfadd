#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tannha/server/journal_tree.hpp"
#include "tannha/server/whole_registry.hpp"

namespace tannha::server {

namespace postgres {
class Connection;
}  // namespace postgres

/// The registry on PostgreSQL 15 or later, for many nodes. Each tenant has a schema of its own in
/// the database (ADR 11). Any number of these may write: begin() locks the tenant's head row until
/// the transaction ends, so that leaves and feed positions follow each other without a gap in the
/// order of the commits. Writes are sent without waiting for each answer; commit() waits for all
/// of them.
///
/// A connection that is lost is an error (store_io) until rollback(); the next begin(), or the next
/// read outside a transaction, connects again. Whether a commit() that ended so took place is for
/// the next transaction to see: it waits until the lost one has come to an end.
///
/// Writes outside a transaction are refused.
class PostgresRegistry : public WholeRegistry {
 public:
  enum class Mode { write, read_only };
  /// Makes or migrates the tenant's schema when it may write.
  /// Errors: argument_invalid (no connection string); the store's, store_io when nobody is there;
  /// store_version_unknown; store_not_found (read-only, and there is none).
  /// @param conninfo as libpq has it: postgres://user@host/database, or key=value pairs
  /// @param tenant agency code
  [[nodiscard]] static Result<std::unique_ptr<PostgresRegistry>> open(std::string conninfo,
                                                                      std::string_view tenant,
                                                                      Mode mode);
  ~PostgresRegistry() override;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  std::uint64_t writes() const override { return writes_; }

  std::uint64_t generation() const override { return generation_; }
  Result<std::optional<LogEntry>> log(const Hash& id) override;
  Result<void> put_log(const LogEntry& log) override;
  Result<void> move_head(const Hash& log, std::uint64_t next_seq, const Hash& head) override;

  Result<std::optional<Evidence>> record(const Hash& hash) override;
  Result<void> set_log_state(const Hash& log, const LogState& state) override;
  Result<std::uint64_t> log_end(const Hash& log) override;
  Result<std::vector<Hash>> records_at(const Hash& log, std::uint64_t seq) override;
  Result<std::vector<Hash>> effective_since(const Hash& log, std::uint64_t leaf) override;
  Result<std::vector<Hash>> held_for(errc reason, std::uint64_t leaf,
                                     std::size_t count_max) override;
  Result<std::optional<std::uint64_t>> received_ms(std::uint64_t leaf) override;
  Result<std::uint64_t> vote(const Hash& record, const Id& officer) override;
  Result<std::uint64_t> append(const Evidence& evidence, std::span<const Id> dossiers) override;
  Result<void> set_ruling(const Hash& hash, const Ruling& ruling) override;
  Result<std::vector<Evidence>> dossier(const Id& id) override;
  Result<std::uint64_t> not_counting(const Id& dossier, const Hash& log,
                                     std::size_t count_max) override;
  Result<std::uint64_t> journal_size() override;
  Result<std::uint64_t> record_count() override;
  Result<std::vector<Hash>> journal_entries(std::uint64_t first, std::size_t count_max) override;
  Result<std::vector<Hash>> journal_nodes(std::uint32_t level, std::uint64_t first,
                                          std::size_t count_max) override;
  Result<Hash> journal_root(std::uint64_t size) override;
  Result<std::vector<Hash>> inclusion(std::uint64_t index, std::uint64_t size) override;
  Result<std::vector<Hash>> consistency(std::uint64_t old_size, std::uint64_t new_size) override;

  Result<void> wait_for(const Hash& missing, const Hash& waiting) override;
  Result<bool> is_any_waiting() override;
  Result<void> make_due(const Hash& arrived) override;
  Result<std::vector<Hash>> take_due(std::size_t count_max) override;
  Result<bool> is_any_due() override;

  Result<void> add_audience(const Id& dossier, std::string_view audience) override;
  Result<std::vector<std::string>> audiences(const Id& dossier) override;
  Result<void> remove_audience(const Id& dossier, std::string_view audience) override;
  Result<void> note_forgotten(const Hash& log, const Id& dossier, std::uint64_t at_ms) override;
  Result<std::vector<FeedItem>> read_feed_rest(std::string_view audience, std::uint64_t after,
                                               std::uint64_t until,
                                               std::size_t count_max) override;
  Result<std::uint64_t> feed_end(std::string_view audience) override;
  Result<std::vector<AudienceItem>> audience_before(std::string_view audience,
                                                    std::uint64_t place,
                                                    std::size_t count_max) override;
  Result<std::uint64_t> feed(std::string_view audience, const Hash& record) override;
  Result<std::vector<FeedItem>> read_feed(std::string_view audience, std::uint64_t after,
                                          std::size_t count_max) override;

  Result<std::uint64_t> take_numbers(std::string_view sequence, std::uint32_t count) override;
  Result<void> put_lease(const body::LeaseGranted& lease, std::uint64_t feed_position) override;
  Result<std::uint64_t> newest_lease(const Hash& log, body::NumberKind kind) override;
  Result<bool> is_leased(const Hash& log, body::NumberKind kind, std::string_view prefix,
                         std::uint32_t number) override;
  Result<std::optional<Id>> number_user(std::string_view number) override;
  Result<void> use_number(body::NumberKind kind, std::string_view number, const Id& dossier,
                          const Hash& log) override;
  Result<void> return_lease(const Hash& log, const body::LeaseReturned& rest) override;
  Result<bool> may_return(const Hash& log, const body::LeaseReturned& rest) override;
  Result<std::optional<body::LeaseReturned>> take_returned(body::NumberKind kind,
                                                           std::string_view prefix,
                                                           std::uint32_t count_max) override;
  Result<void> put_payout(const Id& payout, const Id& courier) override;
  Result<std::vector<Id>> unleased_payouts(const Id& courier, std::size_t count_max) override;
  Result<std::vector<Id>> leased_payouts(const Id& courier) override;
  Result<void> payout_leased(const Id& payout) override;
  Result<std::uint64_t> unused_numbers(const Hash& log, body::NumberKind kind) override;

  Result<void> want_attachment(const body::AttachmentAdded& attachment, const Id& dossier,
                               const Hash& log) override;
  Result<std::optional<Attachment>> attachment(const Hash& hash) override;
  Result<void> attachment_arrived(const Hash& hash) override;
  Result<std::vector<Hash>> wanted_attachments(const Hash& log, std::size_t count_max) override;
  Result<bool> attachment_in_audience(const Hash& hash, std::string_view audience) override;

  Result<bool> want_code_message(const Hash& sent_on, std::uint64_t now_ms) override;
  Result<std::vector<Hash>> wanted_code_messages(std::uint64_t before_ms, std::uint64_t now_ms,
                                                 std::size_t count_max) override;
  Result<void> code_message_kept(const Hash& sent_on) override;
  Result<void> drop_code_message(const Hash& sent_on) override;

  Result<void> quarantine(const Hash& sender, BytesView envelope, BytesView body,
                          errc reason) override;

  Result<void> put_ticket(const Ticket& ticket) override;
  Result<std::optional<Ticket>> ticket(const Hash& token_hash) override;
  Result<void> use_ticket(const Hash& token_hash, const Hash& log) override;

  Result<void> note_contact(const Hash& log, std::uint64_t at_ms,
                            const exchange::Holds& holds) override;

  /// For a read-only registry.
  Result<void> begin_read() override;
  Result<std::vector<Evidence>> all_records() override;
  Result<std::vector<LogEntry>> all_logs() override;
  Result<std::vector<std::pair<Hash, Attachment>>> all_attachments() override;
  Result<std::vector<Quarantined>> all_quarantined() override;
  Result<Hash> node(std::uint32_t level, std::uint64_t index) override;

  /// Binds the registry to the key that signs its journal, when it is bound to none. Inside a
  /// transaction. Errors: tenant_mismatch when it is bound to another.
  [[nodiscard]] Result<void> bind_to(const PublicKey& journal_key);
  [[nodiscard]] Result<bool> is_bound();
  [[nodiscard]] Result<std::uint64_t> quarantined();
  /// With what this node signs its news to the others (PostgresNews).
  [[nodiscard]] const std::string& node_name() const { return node_name_; }
  /// The tenant's schema, and the channel of its news.
  [[nodiscard]] static std::string schema_of(std::string_view tenant);
  /// How often this has waited for the server so far.
  [[nodiscard]] std::uint64_t round_trips() const;

 private:
  /// The counters of the head row: ours alone while we hold its lock.
  struct Head {
    std::uint64_t size{};       ///< records in the journal
    std::uint64_t feed_end{};   ///< position of the last feed entry
    std::uint64_t place_end{};  ///< place of the last audience entry
    friend bool operator==(const Head&, const Head&) = default;
  };
  enum class Open { nothing, writing, reading };

  PostgresRegistry(std::string conninfo, std::string schema, Mode mode);
  Result<void> connect();
  Result<void> make_schema();
  Result<void> lock_head();
  /// For reads: connects again when that is what is missing.
  Result<postgres::Connection*> ready();
  Result<postgres::Connection*> writer();
  Result<void> post_news();
  Result<std::uint64_t> feed_leaf(std::string_view audience, std::uint64_t leaf, bool history);

  const std::string conninfo_;
  const std::string schema_;
  const std::string node_name_;
  const Mode mode_;
  std::unique_ptr<postgres::Connection> db_;
  Open open_ = Open::nothing;
  std::uint64_t generation_ = 0;  ///< grows when the head row is not as this node left it
  Head locked_;  ///< as the head row has it
  Head head_;    ///< as it will be
  /// Audiences whose feeds this transaction has written; too many do no harm.
  std::set<std::string, std::less<>> news_;
  /// What the open transaction has been told of a dossier, and need not wait for again.
  struct Seen {
    std::optional<std::set<std::string, std::less<>>> audiences;
    std::optional<std::vector<std::uint64_t>> leaves;  ///< of its records
  };
  std::unordered_map<Id, Seen, ArrayHasher> seen_;
  std::optional<std::pair<Hash, std::uint64_t>> newest_;  ///< the last record appended here
  std::uint64_t writes_ = 0;
  /// A node never changes once it is committed, whoever writes.
  JournalTree tree_;

  friend class RegistryCopy;
};

}  // namespace tannha::server
