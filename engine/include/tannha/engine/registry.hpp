#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/merkle.hpp"

namespace tannha {

/// What has happened to a log besides its records.
struct LogState {
  std::optional<std::uint64_t> forked_at;  ///< lowest seq that is known to be there twice
  struct Revocation {
    body::RevocationReason reason{};
    std::uint64_t at_size{};  ///< journal size when it took effect
    /// Compromised only: the key was in good hands while the journal was smaller.
    std::optional<std::uint64_t> since_size;
    friend bool operator==(const Revocation&, const Revocation&) = default;
  };
  std::optional<Revocation> revoked;
  std::optional<Hash> continued_by;           ///< the log in which its device goes on
  std::uint64_t continued_at_size{};          ///< journal size when that was decided
  friend bool operator==(const LogState&, const LogState&) = default;
};

/// A log as the registry knows it: who writes it and how far its unbroken chain reaches.
struct LogEntry {
  LogIntro intro;
  Hash id{};
  Certificate certificate;
  std::uint64_t next_seq = 0;  ///< the unbroken chain has the records below
  Hash head{};                 ///< hash of the last of them; the log id when there is none
  LogState state;
};

/// One entry of a feed.
struct FeedItem {
  std::uint64_t position{};
  Evidence evidence;          ///< not set when `forget` is
  bool history = false;       ///< told because the dossier came into the audience
  std::optional<Id> forget;   ///< the dossier left the audience
};

/// A dossier of an audience, by the order in which they came into it.
struct AudienceItem {
  std::uint64_t place{};  ///< greater: later
  Id dossier{};
};

struct Ticket {
  Hash token_hash{};  ///< SHA-256 of the token: the store cannot be used to enrol
  exchange::TicketRequest grant;
  Id actor{};
  std::uint64_t expires_ms{};
  std::optional<Hash> used_by;  ///< the log that was enrolled with it
};

/// The store of the server side: one port with several implementations that pass one contract suite
/// (tests/integration/registry). Called from one thread at a time. Everything between begin() and
/// commit() becomes durable together or not at all; after any error the caller rolls back.
/// The error of a write may be told later, at the latest by commit(); until then the write is seen,
/// or the error is.
/// Errors of all: store_full, store_read_only, store_io, store_corrupt, store_busy.
class Registry {
 public:
  virtual ~Registry() = default;

  [[nodiscard]] virtual Result<void> begin() = 0;
  /// Durable when it returns without an error.
  [[nodiscard]] virtual Result<void> commit() = 0;
  virtual void rollback() = 0;
  /// Grows with every write. A piece of work that fails and has written nothing needs no rollback.
  [[nodiscard]] virtual std::uint64_t writes() const = 0;

  /// Another number than at the last begin() when somebody else may have written since: what was
  /// remembered of the store is old. For a store with one writer always the same.
  [[nodiscard]] virtual std::uint64_t generation() const = 0;

  // Logs
  [[nodiscard]] virtual Result<std::optional<LogEntry>> log(const Hash& id) = 0;
  [[nodiscard]] virtual Result<void> put_log(const LogEntry& log) = 0;
  [[nodiscard]] virtual Result<void> move_head(const Hash& log, std::uint64_t next_seq,
                                               const Hash& head) = 0;

  [[nodiscard]] virtual Result<void> set_log_state(const Hash& log, const LogState& state) = 0;
  /// One more than the greatest number of a stored record of the log; 0: there is none.
  [[nodiscard]] virtual Result<std::uint64_t> log_end(const Hash& log) = 0;

  // Records and journal
  [[nodiscard]] virtual Result<std::optional<Evidence>> record(const Hash& hash) = 0;
  /// The records of a log with this number; more than one: the log is forked.
  [[nodiscard]] virtual Result<std::vector<Hash>> records_at(const Hash& log,
                                                             std::uint64_t seq) = 0;
  /// Effective records of a log from this leaf on, in the journal's order.
  [[nodiscard]] virtual Result<std::vector<Hash>> effective_since(const Hash& log,
                                                                  std::uint64_t leaf) = 0;
  /// Records held for this reason from this leaf on, in the journal's order.
  [[nodiscard]] virtual Result<std::vector<Hash>> held_for(errc reason, std::uint64_t leaf,
                                                           std::size_t count_max) = 0;
  /// The registry's clock when the leaf was stored; nothing beyond the journal's end.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> received_ms(std::uint64_t leaf) = 0;
  /// Stores the record and appends it to the journal. @return its leaf index
  [[nodiscard]] virtual Result<std::uint64_t> append(const Evidence& evidence,
                                                     std::span<const Id> dossiers) = 0;
  [[nodiscard]] virtual Result<void> set_ruling(const Hash& hash, const Ruling& ruling) = 0;
  [[nodiscard]] virtual Result<std::vector<Evidence>> dossier(const Id& id) = 0;
  /// The same, folded; as it is until the next write.
  [[nodiscard]] virtual Result<std::shared_ptr<const Dossier>> folded(const Id& id) {
    TN_TRY(const std::vector<Evidence>& evidence, dossier(id));
    return std::make_shared<const Dossier>(fold(id, evidence));
  }
  /// How many records of the log about the dossier do not count; counted up to `count_max`.
  [[nodiscard]] virtual Result<std::uint64_t> not_counting(const Id& dossier, const Hash& log,
                                                           std::size_t count_max) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> journal_size() = 0;
  /// Stored records: journal_size() when none is missing. Reads an index: for when a server starts.
  [[nodiscard]] virtual Result<std::uint64_t> record_count() = 0;
  /// Hashes of the records with the leaves from `first` on, up to the first that is missing.
  [[nodiscard]] virtual Result<std::vector<Hash>> journal_entries(std::uint64_t first,
                                                                  std::size_t count_max) = 0;
  /// Complete nodes of one level of the journal's tree from a position on, up to the first that is
  /// missing. Level 0: the leaves.
  [[nodiscard]] virtual Result<std::vector<Hash>> journal_nodes(std::uint32_t level,
                                                                std::uint64_t first,
                                                                std::size_t count_max) = 0;
  [[nodiscard]] virtual Result<Hash> journal_root(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::vector<Hash>> inclusion(std::uint64_t index,
                                                            std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::vector<Hash>> consistency(std::uint64_t old_size,
                                                              std::uint64_t new_size) = 0;

  // Held records that wait for another one
  [[nodiscard]] virtual Result<void> wait_for(const Hash& missing, const Hash& waiting) = 0;
  [[nodiscard]] virtual Result<bool> is_any_waiting() = 0;
  /// The record has come, or was ruled on anew: what waits for it is due to be looked at again,
  /// after what was due before. Once more for the same record begins with the first again.
  [[nodiscard]] virtual Result<void> make_due(const Hash& arrived) = 0;
  /// Takes records that are due and wait for one and the same; they wait for it no more. One that
  /// begins to wait for it again is not due again by that. Nothing: nothing is due.
  [[nodiscard]] virtual Result<std::vector<Hash>> take_due(std::size_t count_max) = 0;
  [[nodiscard]] virtual Result<bool> is_any_due() = 0;

  // Held records that officers decide about
  /// An officer wants the record to count; until set_ruling(). @return how many different ones do
  [[nodiscard]] virtual Result<std::uint64_t> vote(const Hash& record, const Id& officer) = 0;

  // Feeds. An audience is "unit:<code>" or "actor:<uuid>".
  /// Adds the audience to the dossier; the first time, its whole history goes to that feed.
  [[nodiscard]] virtual Result<void> add_audience(const Id& dossier, std::string_view audience) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> audiences(const Id& dossier) = 0;
  /// Takes the dossier out of the audience, whose feed gets an entry that says so. Nothing happens
  /// when it was not in it.
  [[nodiscard]] virtual Result<void> remove_audience(const Id& dossier,
                                                     std::string_view audience) = 0;
  /// A device has erased the dossier as its feed asked.
  [[nodiscard]] virtual Result<void> note_forgotten(const Hash& log, const Id& dossier,
                                                    std::uint64_t at_ms) = 0;
  /// As read_feed, up to a position, but only what is about no dossier, for a unit also held work on
  /// a dossier that is not in its audience, and which dossiers have left the audience and are not in
  /// it again.
  [[nodiscard]] virtual Result<std::vector<FeedItem>> read_feed_rest(std::string_view audience,
                                                                     std::uint64_t after,
                                                                     std::uint64_t until,
                                                                     std::size_t count_max) = 0;
  /// Position of the feed's last entry; 0 when it has none.
  [[nodiscard]] virtual Result<std::uint64_t> feed_end(std::string_view audience) = 0;
  /// Dossiers of an audience from before a place, the latest first.
  [[nodiscard]] virtual Result<std::vector<AudienceItem>> audience_before(
      std::string_view audience, std::uint64_t place, std::size_t count_max) = 0;
  /// @return the new entry's position
  [[nodiscard]] virtual Result<std::uint64_t> feed(std::string_view audience,
                                                   const Hash& record) = 0;
  [[nodiscard]] virtual Result<std::vector<FeedItem>> read_feed(std::string_view audience,
                                                                std::uint64_t after,
                                                                std::size_t count_max) = 0;

  // Numbers
  /// Takes `count` consecutive numbers, from 1, of the named sequence. @return the first
  [[nodiscard]] virtual Result<std::uint64_t> take_numbers(std::string_view sequence,
                                                           std::uint32_t count) = 0;
  [[nodiscard]] virtual Result<void> put_lease(const body::LeaseGranted& lease,
                                               std::uint64_t feed_position) = 0;
  /// Position of the newest lease of this kind in its log's feed; 0 for none.
  [[nodiscard]] virtual Result<std::uint64_t> newest_lease(const Hash& log,
                                                           body::NumberKind kind) = 0;
  [[nodiscard]] virtual Result<bool> is_leased(const Hash& log, body::NumberKind kind,
                                               std::string_view prefix, std::uint32_t number) = 0;
  [[nodiscard]] virtual Result<std::optional<Id>> number_user(std::string_view number) = 0;
  [[nodiscard]] virtual Result<void> use_number(body::NumberKind kind, std::string_view number,
                                                const Id& dossier, const Hash& log) = 0;
  /// The lease's end from this number on goes back to the pool. Precondition: may_return().
  [[nodiscard]] virtual Result<void> return_lease(const Hash& log,
                                                  const body::LeaseReturned& rest) = 0;
  /// Whether the numbers are the end of one lease of this log, and no dossier carries one of them.
  [[nodiscard]] virtual Result<bool> may_return(const Hash& log,
                                                const body::LeaseReturned& rest) = 0;
  /// Takes up to `count_max` consecutive numbers that were given back. Nothing: the pool is empty.
  [[nodiscard]] virtual Result<std::optional<body::LeaseReturned>> take_returned(
      body::NumberKind kind, std::string_view prefix, std::uint32_t count_max) = 0;
  /// Numbers leased to a log that no dossier carries yet.
  [[nodiscard]] virtual Result<std::uint64_t> unused_numbers(const Hash& log,
                                                             body::NumberKind kind) = 0;

  // Attachments: the bytes are elsewhere
  /// The size and type that are named last are those that are waited for.
  [[nodiscard]] virtual Result<void> want_attachment(const body::AttachmentAdded& attachment,
                                                     const Id& dossier, const Hash& log) = 0;
  struct Attachment {
    std::uint64_t size{};
    std::string media_type;
    bool present = false;
  };
  [[nodiscard]] virtual Result<std::optional<Attachment>> attachment(const Hash& hash) = 0;
  [[nodiscard]] virtual Result<void> attachment_arrived(const Hash& hash) = 0;
  [[nodiscard]] virtual Result<std::vector<Hash>> wanted_attachments(const Hash& log,
                                                                     std::size_t count_max) = 0;
  /// Whether a record in this audience's dossiers names the attachment.
  [[nodiscard]] virtual Result<bool> attachment_in_audience(const Hash& hash,
                                                            std::string_view audience) = 0;

  // Payouts
  /// The payout is given to a courier, whose device has no lease for it yet.
  [[nodiscard]] virtual Result<void> put_payout(const Id& payout, const Id& courier) = 0;
  /// Payouts of a courier that no log has a lease for.
  [[nodiscard]] virtual Result<std::vector<Id>> unleased_payouts(const Id& courier,
                                                                 std::size_t count_max) = 0;
  /// Payouts of a courier that some log has or had a lease for.
  [[nodiscard]] virtual Result<std::vector<Id>> leased_payouts(const Id& courier) = 0;
  [[nodiscard]] virtual Result<void> payout_leased(const Id& payout) = 0;

  // Text messages with one-time codes, by the records on which they go out: what a message says
  // follows from the record. All inside a transaction.
  /// @return whether it was never wanted before: it goes out once
  [[nodiscard]] virtual Result<bool> want_code_message(const Hash& sent_on,
                                                       std::uint64_t now_ms) = 0;
  /// Wanted before this time and not kept yet, the oldest first. From now on they are wanted since
  /// `now_ms`: whoever else asks leaves them to this one for a while.
  [[nodiscard]] virtual Result<std::vector<Hash>> wanted_code_messages(std::uint64_t before_ms,
                                                                       std::uint64_t now_ms,
                                                                       std::size_t count_max) = 0;
  /// It is durable elsewhere.
  [[nodiscard]] virtual Result<void> code_message_kept(const Hash& sent_on) = 0;
  /// It was not kept and is of no use now; it may be wanted again.
  [[nodiscard]] virtual Result<void> drop_code_message(const Hash& sent_on) = 0;

  // What could not be stored as a record is kept as it came, with the reason.
  [[nodiscard]] virtual Result<void> quarantine(const Hash& sender, BytesView envelope,
                                                BytesView body, errc reason) = 0;

  // Enrolment
  [[nodiscard]] virtual Result<void> put_ticket(const Ticket& ticket) = 0;
  [[nodiscard]] virtual Result<std::optional<Ticket>> ticket(const Hash& token_hash) = 0;
  [[nodiscard]] virtual Result<void> use_ticket(const Hash& token_hash, const Hash& log) = 0;

  // What each device last said of itself
  [[nodiscard]] virtual Result<void> note_contact(const Hash& log, std::uint64_t at_ms,
                                                  const exchange::Holds& holds) = 0;

 protected:
  Registry() = default;
};

}  // namespace tannha
