#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tannha/engine/dossier_summary.hpp"
#include "tannha/engine/host.hpp"
#include "tannha/engine/store.hpp"
#include "tannha/protocol/bundle.hpp"
#include "tannha/protocol/crypto.hpp"

namespace tannha {

/// Who this device is, once enrolled.
struct Identity {
  exchange::Tenant tenant;
  LogIntro log;
  Hash log_id{};
  Certificate certificate;
  KeyPair key;
};

/// A record to be written.
struct Draft {
  Id subject{};
  RecordType type{};
  std::vector<Hash> refs;
  Bytes body;
};

/// One enrolled person's device: its store, its log, and the client side of synchronising. Sans-I/O
/// but for its SQLite file: requests and responses are handed over as values. One thread at a time;
/// one process at a time (store_busy otherwise).
///
/// A record is *saved* when the call that wrote it returns; it is *received* when its receipt has
/// been verified; it *counts* when its verdict says effective. Nothing deletes what is not
/// received.
class Replica {
 public:
  /// @param path the database file; made when missing, with a vault that `unlock` opens from then
  /// on. An `unlock` that names nothing opens an existing store locked.
  /// Errors: those of Store::open and Store::unlock.
  [[nodiscard]] static Result<Replica> open(const std::string& path, Host& host,
                                            const Unlock& unlock);
  /// The same of a store that is open already, by sqlite::Mode::exclusive.
  [[nodiscard]] static Result<Replica> open(Store store, Host& host, const Unlock& unlock);

  // The vault. While it is locked no key is in memory, identity() is nullptr, and everything that
  // needs a key or the inside of a record fails with vault_locked; what is stored stays as it is.
  /// Goes on where lock() left off. Errors: those of Store::unlock.
  [[nodiscard]] Result<void> unlock(const Unlock& unlock);
  void lock();
  [[nodiscard]] bool is_locked() const { return store_.is_locked(); }
  /// The person is there: puts off lock_if_idle().
  void touch() { store_.vault().touch(); }
  /// Locks when nobody touched it for limits::vault_idle_ms. @return whether it is locked now
  bool lock_if_idle();
  /// Another PIN or key from now on; everything stays. Errors: those of Vault::change.
  [[nodiscard]] Result<void> change_unlock(const Unlock& now, const Unlock& next);
  /// Errors: vault_locked, not_enrolled.
  [[nodiscard]] Result<void> ready() const;

  // Enrolment
  /// A device that is stranded (see Condition) is enrolled once more, for the same actor, and keeps
  /// what it has.
  /// Makes a key, stores it, and returns what to send to /v1/enrol. With the same ticket it returns
  /// the same key again, so that a lost answer costs nothing. Errors: vault_locked;
  /// already_enrolled; the store's.
  [[nodiscard]] Result<exchange::EnrolRequest> begin_enrolment(std::string_view ticket);
  /// The ticket of an enrolment that was begun and whose answer has not come; empty: none.
  /// Errors: vault_locked; the store's.
  [[nodiscard]] Result<std::string> begun_ticket();
  /// Errors: not_enrolled (no enrolment was begun); certificate_malformed, certificate_unknown,
  /// key_malformed (the certificate is for another key); the store's.
  [[nodiscard]] Result<void> finish_enrolment(const exchange::EnrolAnswer& answer);
  /// nullptr before enrolment and while locked.
  [[nodiscard]] const Identity* identity() const { return identity_ ? &*identity_ : nullptr; }
  [[nodiscard]] Result<exchange::TokenRequest> sign_in(BytesView challenge) const;

  // Writing
  /// Everything done through one Change is saved together by commit(), or not at all.
  class Change {
   public:
    /// @return the signed record, which is not saved yet
    [[nodiscard]] Result<Record> append(Draft draft);
    template <class B>
    [[nodiscard]] Result<Record> append(const Id& subject, std::vector<Hash> refs, const B& body) {
      return append(Draft{subject, B::type, std::move(refs),
                          body::encode(body, random_array<Id>(replica_->host_))});
    }
    /// Errors: attachment_empty, attachment_too_large, attachment_type_not_allowed; the store's.
    [[nodiscard]] Result<Hash> attach(BytesView bytes, std::string_view media_type);
    /// Errors: numbers_exhausted; the store's.
    [[nodiscard]] Result<std::string> take_number(body::NumberKind kind);
    [[nodiscard]] Result<void> commit();

   private:
    friend class Replica;
    Change(Replica& replica, sqlite::Transaction transaction)
        : replica_(&replica), transaction_(std::move(transaction)) {}
    Replica* replica_;
    sqlite::Transaction transaction_;
  };
  /// Errors: vault_locked; not_enrolled; log_revoked (this device may not write any more); the
  /// store's.
  [[nodiscard]] Result<Change> begin();
  /// What a host may ask for twice, because it did not hear the answer, it names: a change that is
  /// committed under a key is found by it, as long as fewer than limits::done_keys_max came after.
  /// @param key of the next changes; none: they have no name
  void set_key(const std::optional<Id>& key) { change_key_ = key; }
  /// The last record of a change.
  struct Done {
    Id subject{};
    Hash record{};
  };
  [[nodiscard]] Result<std::optional<Done>> done(const Id& key);
  /// A countersignature (RFC 9338 v2) of this device's key over a record. Errors: not_enrolled.
  [[nodiscard]] Result<Bytes> countersign(const Record& record) const;

  // Reading
  [[nodiscard]] Result<Dossier> dossier(const Id& id);
  [[nodiscard]] Result<std::vector<Dossier>> dossiers();
  /// Everything about a dossier, in the order in which it came. Errors: dossier_unknown.
  [[nodiscard]] Result<std::vector<StoredRecord>> records(const Id& dossier);
  /// What a list says of the dossiers, in the order of dossiers(). Cost: of those that have not
  /// changed since they were listed, one small value each; of the others, their records.
  /// @param keep_min when so many had to be made from their records, they are kept: to make a few
  /// once more costs less than to wait for the disk
  [[nodiscard]] Result<std::vector<DossierSummary>> summaries(std::size_t keep_min = 16);
  [[nodiscard]] Result<std::optional<StoredRecord>> record(const Hash& hash);
  [[nodiscard]] Result<exchange::Holds> holds() { return store_.holds(); }
  /// How far the server's clock was ahead of this device's at the last contact; 0 before the first.
  /// Shown, never used to decide anything.
  [[nodiscard]] Result<std::int64_t> server_ahead_ms();
  /// The server's clock by this device's monotonic one since the last contact, or, after a restart,
  /// by its claimed clock; 0 before the first contact. For leases that end.
  [[nodiscard]] Result<std::uint64_t> server_now_ms();
  /// Whether the registry sends one-time codes, as it said at the last contact; before the first,
  /// yes.
  [[nodiscard]] Result<bool> may_have_codes();
  /// Size and root of the newest verified checkpoint; size 0 for none.
  [[nodiscard]] Result<Beacon> checkpoint();
  [[nodiscard]] Store& store() { return store_; }
  /// A new UUID version 7, for a dossier or a hand-over.
  [[nodiscard]] Id make_id() { return new_id(host_); }

  // Synchronising
  /// The next request: what is unsent, within limits. @param pull_max 0: push only
  [[nodiscard]] Result<exchange::Request> next_request(std::uint32_t pull_max);
  /// The request that will follow when `response`, the answer to `request`, has been received, so
  /// that it can be on its way meanwhile. Its answer may be received after that one only; to drop it
  /// is harmless. @return none: the next one depends on what receiving does
  [[nodiscard]] std::optional<exchange::Request> request_ahead(
      const exchange::Request& request, const exchange::Response& response) const;
  struct SyncReport {
    std::uint32_t received{};  ///< records that got their receipt now
    std::uint32_t rejected{};  ///< refused without a receipt: kept here
    std::uint32_t pulled{};    ///< new records from the registry
    bool moved = false;        ///< something has changed: if not, the next would be the same
    bool more = false;         ///< another exchange is worth making at once
  };
  /// Verifies everything first and then saves it in one transaction; on any error the store is
  /// as before. Errors: checkpoint_malformed, signature_invalid, checkpoint_inconsistent,
  /// receipt_invalid, certificate_unknown, server_reply_malformed; the store's. Handing in a
  /// response twice is harmless.
  [[nodiscard]] Result<SyncReport> receive(const exchange::Response& response);

  // The device's own log
  struct Condition {
    bool continuing = false;       ///< asks for a new log at each contact, until it has one
    std::optional<errc> why;       ///< log_rewound, log_forked or log_broken; none: no trouble
    std::optional<errc> stranded;  ///< log_continued, certificate_expired: needs another ticket
    std::optional<body::RevocationReason> revoked;  ///< brings everything, then erases itself
    std::optional<body::RevocationReason> erased;   ///< why it is empty, until it is enrolled again
    std::uint64_t erased_records = 0;               ///< that were handed in before
  };
  [[nodiscard]] Result<Condition> condition();
  /// Why a store has no vault any more: its device was revoked, and all of it was handed in.
  [[nodiscard]] static Result<std::optional<body::RevocationReason>> why_empty(Store& store);
  /// Asks for a new key and log at the next contact. Unused numbers go back.
  /// Errors: vault_locked; not_enrolled; log_revoked; why it is stranded: that needs a ticket, and
  /// the key that goes with it may be on its way; the store's.
  [[nodiscard]] Result<void> rotate_key();
  /// Erases what is to be erased and may be: dossiers that left the round, and everything on a
  /// revoked device. receive() calls it; after uploads of attachments there may be more.
  /// Errors: vault_locked; not_enrolled; the store's. @return whether something was erased
  [[nodiscard]] Result<bool> tidy();

  // Device to device
  /// @param records hashes of records in this store
  [[nodiscard]] Result<exchange::Parcel> make_parcel(const std::vector<Hash>& records);
  /// Takes over another device's records, to show and to deliver them. Each is verified.
  /// @return those that are new or known, in order. Errors: those of decode_record and
  /// open_certificate; body_malformed (none came along); tenant_mismatch; certificate_unknown; signature_invalid;
  /// the store's. On any error nothing of the parcel is taken.
  [[nodiscard]] Result<std::vector<Record>> take_parcel(const exchange::Parcel& parcel);

  // Carried by others
  struct BundleOptions {
    bool attachments = true;
    /// Bytes of one bundle. A record or an attachment that alone needs more has a larger one.
    std::size_t bytes_max = limits::bundle_bytes_max;
  };
  struct MadeBundle {
    Bytes bytes;
    std::size_t records{};
    std::size_t attachments{};
  };
  /// Takes one bundle; an error ends the making and is returned.
  using BundleSink = std::function<Result<void>(MadeBundle)>;
  /// Seals everything unsent, own and carried, for anyone enrolled to deliver: records first, then
  /// attachments, in as many bundles as it needs; none when nothing is unsent. Changes nothing
  /// here: what is in a bundle is as unsent as before. Memory: all records, and about four times
  /// options.bytes_max.
  /// Errors: not_enrolled; bundle_not_supported; key_malformed; the store's; the sink's.
  [[nodiscard]] Result<void> make_bundle(const BundleOptions& options, const BundleSink& sink);
  struct ReceiptsReport {
    std::uint32_t received{};     ///< records that got their receipt now
    std::uint32_t rejected{};     ///< refused without a receipt: kept here
    std::uint32_t attachments{};  ///< now known to be at the registry
    /// This device has synchronised since it made the bundle, and took nothing from the receipts:
    /// whatever it still holds, its next exchange answers.
    bool outdated = false;
  };
  /// Takes the registry's answer to a bundle of this device. Verified like a response; on any error
  /// the store is as before. Harmless twice, and in any order. Errors: not_enrolled; those of
  /// open_bundle_receipts; bundle_not_for_us (another device's); those of receive().
  [[nodiscard]] Result<ReceiptsReport> take_receipts(BytesView bytes);

 private:
  Replica(Store store, Host& host) : store_(std::move(store)), host_(host) {}
  /// The key and incarnation of an enrolment that was begun.
  struct Begun {
    KeyPair key;
    Id incarnation{};
  };
  Result<std::optional<Begun>> begun();
  Result<void> load_identity();
  Result<std::optional<LogIntro>> intro_of(const Hash& log_id);
  Result<const Certificate*> author(const LogIntro& intro);
  Result<Checkpoint> check_checkpoint(const exchange::Response& response);
  /// What a response has changed, once it is saved.
  struct Taken {
    SyncReport report;
    bool may_read = false;
    bool reads_feed = false;
    bool continued = false;
  };
  Result<Taken> take_response(const exchange::Response& response, const Checkpoint& checkpoint);
  Result<void> take_answers(const exchange::Response& response, const Checkpoint& checkpoint,
                            SyncReport& report);
  /// Without the answers of records whose receipt is newer.
  Result<std::vector<exchange::Answer>> newer_answers(std::vector<exchange::Answer> answers,
                                                      const Checkpoint& checkpoint);
  Result<void> take_feed(const exchange::Response& response, const Checkpoint& checkpoint,
                         SyncReport& report);
  /// A log that a response introduces, opened and stored when its first record comes.
  struct FeedLog {
    const LogIntro* intro = nullptr;
    const Certificate* author = nullptr;
  };
  using FeedLogs = std::map<Hash, FeedLog>;
  Result<void> take_entry(const exchange::FeedEntry& entry, const Receipt& receipt, FeedLogs& logs,
                          SyncReport& report);
  Result<void> note_return(const Record& record, bool added, bool by_others);
  Result<void> take_lease(const Record& record, const Certificate& author, const Ruling& ruling);
  Result<void> move_cursor(const exchange::Response& response);
  Result<void> note_time(std::uint64_t server_ms, bool newer);
  Result<void> no_longer_expired(std::uint64_t server_ms);
  Result<std::optional<exchange::SnapshotPlace>> snapshot_place();
  /// Writes a record inside the open transaction.
  Result<Record> append(Draft draft);
  /// A kept summary that was opened: what did not change is not opened again for the next list.
  struct Listed {
    Bytes sealed;
    DossierSummary summary;
  };
  std::optional<Listed> read(const Store::Summary& kept);
  Result<void> keep(const std::vector<DossierSummary>& made);
  /// A change that is found by its key. Numbers ascend without end.
  struct NamedChange {
    std::uint64_t number{};
    Id key{};
    Done done;
    static void fields(auto& v, auto& s) {
      v(1, s.number), v(2, s.key), v(3, s.done.subject), v(4, s.done.record);
    }
  };
  /// Inside the open transaction. @return what to remember after its commit
  Result<std::optional<NamedChange>> note_done();
  void remember(const NamedChange& named);
  Result<void> load_done();

  // replica_log.cpp
  Result<void> may_write();
  Result<void> must_continue(errc why);
  Result<void> return_leases(std::uint64_t expired_at_ms);
  Result<std::optional<exchange::Continuation>> continuation();
  Result<Begun> next_identity();
  Result<exchange::EnrolRequest> begin_again(std::string_view ticket);
  Result<void> finish_again(const exchange::EnrolAnswer& answer);
  Result<void> read_feed_anew();
  Result<bool> take_continued(const LogIntro& next, bool introduced);
  Result<void> become(BytesView seed, BytesView incarnation, BytesView certificate);
  Result<void> put_identity(BytesView seed, BytesView incarnation, BytesView certificate);
  Result<bool> check_own_log(const exchange::Response& response);
  Result<bool> goes_on(const exchange::Response& response);
  /// Whether there was more of the feed than could be read.
  Result<bool> is_behind();
  Result<bool> has_all_own(const exchange::Response& response);
  Result<void> note_own_ruling(const Record& record, const Ruling& ruling);
  Result<void> keep_house(std::uint64_t server_ms);
  Result<bool> erase_what_may_be();
  Result<bool> go_on_erasing();
  Result<body::Erased> count_for_receipt();

  Store store_;
  Host& host_;
  std::optional<Identity> identity_;
  std::optional<Id> change_key_;
  Done last_written_;
  std::optional<std::vector<NamedChange>> done_;  ///< in any order; none: not read yet
  std::map<Hash, Certificate> authors_;  ///< opened certificates by log id
  std::map<Id, Listed> listed_;          ///< what the last list was made of
};

}  // namespace tannha
