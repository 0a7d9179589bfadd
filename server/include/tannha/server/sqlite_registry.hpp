#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tannha/engine/sqlite.hpp"
#include "tannha/server/hash_index.hpp"
#include "tannha/server/journal_tree.hpp"
#include "tannha/server/whole_registry.hpp"

namespace tannha::server {

/// The registry on embedded SQLite: the default, nothing to install. One instance writes and
/// checkpoints; others may open the file read-only.
class SqliteRegistry : public WholeRegistry {
 public:
  /// Makes or migrates the schema. Errors: the store's; store_version_unknown; store_not_found
  /// (read-only, and there is none).
  /// To write: also store_moved.
  [[nodiscard]] static Result<std::unique_ptr<SqliteRegistry>> open(const std::string& path,
                                                                    sqlite::Mode mode);
  /// Whether it has moved to another store: who would write on here would make a second journal.
  [[nodiscard]] static Result<bool> has_moved(const std::string& path);
  /// Closes the registry for writers, or opens it again. Durable on return. Nobody may be using it.
  [[nodiscard]] static Result<void> set_moved(const std::string& path, bool moved);

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  std::uint64_t writes() const override { return db_.total_changes() + feed_writes_; }

  std::uint64_t generation() const override { return 0; }
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

  /// Copies the file: sqlite::Database::copy_to().
  [[nodiscard]] Result<void> copy_to(const std::string& path) { return db_.copy_to(path); }

  Result<void> begin_read() override;
  Result<std::vector<Evidence>> all_records() override;
  Result<std::vector<LogEntry>> all_logs() override;
  Result<std::vector<std::pair<Hash, Attachment>>> all_attachments() override;
  Result<std::vector<Quarantined>> all_quarantined() override;
  Result<Hash> node(std::uint32_t level, std::uint64_t index) override;
  Result<bool> is_found(const Hash& hash, std::uint64_t leaf) override;
  [[nodiscard]] Result<std::uint64_t> quarantined();

 private:
  /// @param writes false: every answer about the tree is read from the store
  SqliteRegistry(sqlite::Database db, bool writes);
  Result<std::vector<Hash>> run_of_hashes(const char* sql, sqlite::Args args, std::uint64_t first);

  /// Consecutive positions of one feed with consecutive leaves; none while `count` is 0.
  struct Run {
    std::uint64_t position{};
    std::uint64_t count{};
    std::uint64_t leaf{};
    bool history = false;
  };
  struct Feed {
    std::uint64_t end{};  ///< the last position
    Run run;              ///< not written yet
  };
  static constexpr std::size_t feeds_kept_max = 20'000;
  Result<Feed*> feed_of(std::string_view audience);
  Result<std::uint64_t> feed_leaf(std::string_view audience, std::uint64_t leaf, bool history);
  Result<void> write_run(std::string_view audience, const Run& run);
  Result<void> write_runs();

  sqlite::Database db_;
  HashIndex by_hash_;
  JournalTree tree_;
  const bool writes_;  ///< false: what is remembered of feeds may be old
  std::map<std::string, Feed, std::less<>> feeds_;
  std::vector<std::string> fed_;  ///< feeds with a run that is not written yet
  std::uint64_t feed_writes_ = 0;
  std::optional<std::pair<Hash, std::uint64_t>> newest_;  ///< the last record appended here
};

}  // namespace tannha::server
