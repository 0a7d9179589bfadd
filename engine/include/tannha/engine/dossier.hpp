#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/body.hpp"
#include "tannha/protocol/record.hpp"
#include "tannha/protocol/verdict.hpp"

namespace tannha {

/// One record as the fold sees it.
struct Evidence {
  Record record;
  Ruling ruling;                            ///< provisional until the registry has spoken
  std::optional<std::uint64_t> leaf_index;  ///< place in the journal, when it has one
  Id author{};                              ///< the actor of the record's certificate
  std::uint64_t received_ms{};              ///< the registry's clock when it was stored; else 0
};

/// Where a dossier stands: domain.md §7's states.
enum class Stage : std::uint8_t {
  empty,             ///< nothing effective is known of it
  requested,
  assigned,
  collecting,
  sealed,            ///< phiếu gửi signed by the courier
  confirmed,         ///< … and by the citizen
  handed_over,       ///< biên bản giao nhận co-signed: the legal submission
  accepted,
  needs_supplement,
  supplemented,
  processing,
  refused,
  result_ready,
  returned,          ///< the result is with the citizen
};
[[nodiscard]] constexpr bool is_valid(Stage stage) { return stage <= Stage::returned; }
[[nodiscard]] std::string_view name(Stage stage);
[[nodiscard]] std::string_view vietnamese(Stage stage);

/// Disputed: two hand-overs follow the same link; nobody may act on the paper until two officers
/// say which one stands. A hand-over in the meantime joins the dispute.
enum class Custodian : std::uint8_t { citizen, courier, desk, disputed };
[[nodiscard]] constexpr bool is_valid(Custodian c) { return c <= Custodian::disputed; }
[[nodiscard]] std::string_view name(Custodian custodian);

/// A dossier: a pure function of the records about it. Claimed times are never read.
struct Dossier {
  /// A value and the record that wrote it. Several under one name are concurrent writes: all are
  /// shown until a record names them.
  struct FieldValue {
    Hash record{};
    std::string value;
    friend bool operator==(const FieldValue&, const FieldValue&) = default;
  };
  /// A value that is not in force: replaced by a later write, or proposed by somebody who does not
  /// own the field. Listed, so that nobody's entry disappears.
  struct ListedValue {
    std::string name;
    FieldValue value;
    friend bool operator==(const ListedValue&, const ListedValue&) = default;
  };
  /// One co-signed step of the paper's way. `follows`: the step before; none where the giver's
  /// program did not say.
  struct Link {
    Hash record{};
    std::optional<Hash> follows;
    Custodian to{};
    friend bool operator==(const Link&, const Link&) = default;
  };
  struct Resolution {
    Hash link{};
    Id officer{};
    friend bool operator==(const Resolution&, const Resolution&) = default;
  };
  /// A payment instead of a dossier: beneficiary and period belong to exactly one subject, and the
  /// lease to exactly one log.
  struct Payout {
    std::string unit;
    std::string beneficiary;
    std::string period;
    std::uint64_t amount_dong{};
    Id courier{};
    std::optional<Hash> leased_to;  ///< log
    std::optional<Hash> paid;
    bool returned = false;
    std::vector<Hash> leased_before{};  ///< logs from which the same device went on in that one
    friend bool operator==(const Payout&, const Payout&) = default;
  };
  struct Offer {
    Hash record{};
    body::Direction direction{};
    std::optional<Id> receiver;
    friend bool operator==(const Offer&, const Offer&) = default;
  };
  struct Counts {
    std::uint32_t effective{};
    std::uint32_t provisional{};
    std::uint32_t held{};
    std::uint32_t refused{};
    friend bool operator==(const Counts&, const Counts&) = default;
  };

  Id id{};
  Stage stage = Stage::empty;
  Counts records;

  // Request and assignment
  std::string procedure;
  std::string unit;
  std::optional<body::ServiceKind> service;
  std::optional<body::Applicant> requested_by;
  std::optional<Id> courier;
  std::optional<Hash> citizen_log;
  std::optional<Id> citizen;        ///< the actor of that log

  // Captured at the door
  std::optional<Hash> opened;
  std::optional<body::Channel> channel;
  Hash catalogue_version{};
  std::map<std::string, std::vector<FieldValue>> fields;
  std::vector<ListedValue> superseded;                     ///< in the order of replacement
  std::vector<ListedValue> suggestions;                    ///< others' values, not answered yet
  std::map<std::uint32_t, body::DocumentCount> documents;  ///< by checklist line
  std::vector<body::AttachmentAdded> attachments;          ///< each hash once
  std::uint64_t money_dong{};
  std::optional<Hash> sealed;
  std::optional<body::Sealed> slip;
  std::optional<body::Grade> confirmation;
  std::optional<Hash> code_sent_on;  ///< the record on which the citizen was sent the newest code
  bool code_used = false;            ///< that code confirmed a slip: it is good for no other
  bool code_claimed = false;         ///< one was typed for this slip; not compared yet
  std::vector<Hash> capture_heads;  ///< last effective capture record of each log, sorted

  // Custody
  Custodian custodian = Custodian::citizen;
  std::optional<Offer> offer;       ///< one-sided: waits for its receiver
  std::vector<Hash> answered_offers;
  std::uint32_t handovers{};
  std::optional<Hash> custody;      ///< the last co-signed hand-over that moved it
  std::vector<Link> links;          ///< every seal and hand-over that moved it, or claims to have
  std::optional<Hash> last_link;    ///< the one that the next must follow
  std::vector<Hash> disputed;       ///< the links of an open dispute: what stood, and what came since
  std::optional<Resolution> resolution;  ///< one officer's word about it; two are needed

  // Decisions
  std::optional<Hash> decision;     ///< the one that the next decision must name
  std::optional<Hash> acceptance;
  std::string dossier_code;
  std::optional<std::uint64_t> due_ms;
  std::optional<Hash> supplement;   ///< the open request
  std::vector<std::string> supplement_items;
  std::uint32_t supplements_asked{};
  std::string refusal_reason;
  std::optional<Hash> result;

  // Return
  std::uint32_t delivery_attempts{};
  std::optional<Hash> delivered;
  bool delivery_confirmed = false;
  std::uint32_t notes{};
  std::optional<Payout> payout;

  /// Envelope at the desk, data not here: a normal state with an owner.
  [[nodiscard]] bool paper_before_data() const { return custodian == Custodian::desk && !opened; }
  /// The single value of a field; empty when there is none or several.
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// Every field of the state, one a line: equal states give equal bytes.
[[nodiscard]] std::string state_text(const Dossier& dossier);

/// Folds the records about one dossier. @param evidence each record once, in any order; the result
/// does not depend on it. Applied are the effective and provisional ones, in causal order: a record
/// comes after what it refers to and after every record of its log with a lower number; of those
/// that may come next, first the one with the smallest (journal index or infinity, hash). What
/// follows from a cycle comes last, by the same key. Cost: n log n.
[[nodiscard]] Dossier fold(const Id& id, std::span<const Evidence> evidence);

/// A fold that goes on: for whoever gets the records about a dossier one after another.
class DossierFold {
 public:
  /// @param evidence as for fold()
  DossierFold(const Id& id, std::span<const Evidence> evidence);
  ~DossierFold();
  DossierFold(DossierFold&&) noexcept;
  DossierFold& operator=(DossierFold&&) noexcept;

  /// Goes on with a record whose journal index is greater than those of all before.
  /// @return false when it does not come last in causal order: this is of no use any more then, and
  /// a new one has to be made from all records
  [[nodiscard]] bool add(const Evidence& evidence);
  /// What fold() gives for the same records; until the next add().
  [[nodiscard]] const Dossier& state() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// All records, whatever their verdict, in causal order as above: indices into `evidence`.
[[nodiscard]] std::vector<std::size_t> causal_order(std::span<const Evidence> evidence);

}  // namespace tannha
