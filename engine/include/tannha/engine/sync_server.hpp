#pragma once

#include <set>
#include <string>
#include <vector>

#include "tannha/engine/admission.hpp"
#include "tannha/protocol/bundle.hpp"
#include "tannha/protocol/checkpoint.hpp"

namespace tannha {

/// A request after everything that needs no store: decoding, certificates, signatures. Made on any
/// thread.
struct PreparedExchange {
  exchange::Request request;  ///< its records have been moved out
  std::vector<Prepared> records;
};

/// Errors, in order: frame_too_large; those of cbor::decode; frame_version_unknown;
/// frame_malformed; tenant_mismatch; too_many_records. Bad records are no error here.
[[nodiscard]] Result<PreparedExchange> prepare_exchange(BytesView frame, std::string_view tenant,
                                                        const PublicKey& authority);

/// A bundle after everything that needs no store: its seal, signatures, hashes of attachments. Made
/// on any thread.
struct PreparedBundle {
  Bundle bundle;  ///< without its records, and without attachments that are not what they claim
  std::vector<Prepared> records;
};

/// Errors: those of open_bundle. Bad records and attachments are no error here.
[[nodiscard]] Result<PreparedBundle> prepare_bundle(BytesView bytes, const RegistryActor& actor);

/// The server side of an exchange: stateless between calls, idempotent by record hash.
class SyncServer {
 public:
  /// All must outlive this. @param catalogue version told to devices
  /// @param releases records that one transaction looks at again
  SyncServer(Registry& registry, const RegistryActor& actor, DuePolicy due, Host& host,
             const Hash& catalogue, std::size_t releases = Admission::releases_max)
      : registry_(registry), actor_(actor), due_(std::move(due)), host_(host),
        catalogue_(catalogue), releases_(releases) {}

  struct Outcome {
    exchange::Response response;  ///< its checkpoint is empty
    Checkpoint head;  ///< where every path leads: CheckpointSigner::sign() after the commit
    std::vector<std::string> changed_audiences;
    std::vector<CodeMessage> code_messages;  ///< to be kept after the commit, then noted
    bool is_any_due = false;  ///< release_due() is to go on
  };
  /// Must run inside a registry transaction; the response may leave only after its commit.
  /// @param sender the signed-in log. Errors: the store's; certificate_unknown when the log is
  /// gone.
  [[nodiscard]] Result<Outcome> exchange(const PreparedExchange& prepared, const Hash& sender);

  struct Delivered {
    BundleReceipts receipts;  ///< for sign_bundle_receipts(); the checkpoint is empty
    Checkpoint head;          ///< as in Outcome
    /// Places in PreparedBundle::bundle.attachments. The caller makes these bytes durable and then
    /// calls attachments_arrived(); what it does not store is asked for again.
    std::vector<std::size_t> wanted;
    std::vector<std::string> changed_audiences;
    std::vector<CodeMessage> code_messages;  ///< as in Outcome
    bool is_any_due = false;  ///< release_due() is to go on
  };
  /// Admits a bundle's records as brought by `sender`. Idempotent: what is here already is answered
  /// as a duplicate. Must run inside a registry transaction; the receipts may leave only after its
  /// commit. @param sender the signed-in log that delivers, anyone's
  /// Errors: the store's; certificate_unknown when that log is gone.
  [[nodiscard]] Result<Delivered> deliver_bundle(const PreparedBundle& prepared,
                                                 const Hash& sender);
  /// Notes that the wanted attachments are stored. Must run inside a registry transaction.
  /// @return the receipts with them. Errors: the store's.
  [[nodiscard]] Result<BundleReceipts> attachments_arrived(const PreparedBundle& prepared,
                                                           const Delivered& delivered);

  /// Uses up a ticket. Must run inside a registry transaction.
  /// Errors: ticket_unknown, ticket_used, ticket_expired, signature_invalid; the store's.
  struct Enrolled {
    exchange::EnrolAnswer answer;
    std::vector<std::string> changed_audiences;
  };
  [[nodiscard]] Result<Enrolled> enrol(const exchange::EnrolRequest& request);

  /// Makes a ticket. Must run inside a registry transaction. @param asker none: the operator.
  /// Errors: role_not_allowed, out_of_scope, agency_code_malformed; the store's.
  [[nodiscard]] Result<exchange::TicketAnswer> make_ticket(const exchange::TicketRequest& request,
                                                           const std::optional<Hash>& asker);

  struct Released {
    std::vector<std::string> changed_audiences;
    std::vector<CodeMessage> code_messages;  ///< as in Outcome
    bool is_any_due = false;  ///< once more, in another transaction
  };
  /// Looks again at some of what waited for records that have come. Must run inside a registry
  /// transaction, when nobody else wants one. Errors: the store's.
  [[nodiscard]] Result<Released> release_due();

  /// Messages that were wanted before this time and are not kept yet, the oldest first; whoever asks
  /// next gets them when they are that old again. Those that are of no use now are dropped. Must run
  /// inside a registry transaction.
  /// @param count_max of those that are looked at
  [[nodiscard]] Result<std::vector<CodeMessage>> wanted_messages(std::uint64_t before_ms,
                                                                 std::size_t count_max);

  /// Rules on what an older program had to leave undecided, from a leaf on. Must run inside a
  /// registry transaction, when the server starts. @return where the next one goes on, if anywhere
  [[nodiscard]] Result<std::optional<std::uint64_t>> upgrade(std::uint64_t leaf);

  /// The head of the journal as it stands in this transaction.
  [[nodiscard]] Result<Checkpoint> head();

 private:
  /// An answer's feed while it is being filled.
  struct Pull {
    const LogEntry& sender;
    Admission& admission;
    exchange::Response& response;
    std::uint64_t size{};  ///< of the journal
    std::uint32_t count_max{};
    std::set<Hash> introduced;  ///< logs
    std::size_t bytes{};
  };
  static bool is_full(const Pull& pull);
  Result<void> add(Pull& pull, const Evidence& evidence, std::uint64_t position, bool with_bytes);
  static void add_forget(Pull& pull, const Id& dossier, std::uint64_t position);
  Result<void> read_feed(Pull& pull, std::uint64_t cursor);
  Result<void> read_snapshot(Pull& pull, exchange::SnapshotPlace place);
  Result<void> check_asker(const exchange::TicketRequest& request, const Hash& asker);
  Result<void> settle(exchange::Answer& answer, std::uint64_t size);
  Result<void> sort_attachments(const PreparedBundle& prepared, Delivered& delivered);

  Registry& registry_;
  const RegistryActor& actor_;
  DuePolicy due_;
  Host& host_;
  Hash catalogue_;
  std::size_t releases_;
};

}  // namespace tannha
