#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "tannha/engine/one_time_code.hpp"
#include "tannha/engine/registry.hpp"
#include "tools/simulate/checks.hpp"
#include "tools/simulate/fact.hpp"

namespace tannha::simulate {

/// One thing that the registry's logic did to its store.
struct Change {
  enum class Kind : std::uint8_t { log, head, append, ruling, lease };
  Kind kind{};
  LogEntry log;                 ///< log
  Hash log_id{};                ///< head
  Evidence evidence;            ///< append, with its leaf
  Hash record{};                ///< head, ruling
  Ruling ruling;
  body::LeaseGranted lease;
};

/// What the registry must hold, kept in memory from the changes it has committed, and what must be
/// true of it after every commit. Never forgets: what was committed once must be there for ever.
class JournalModel {
 public:
  /// @param checks told of what is broken; must outlive this
  explicit JournalModel(Checks& checks) : checks_(checks) {}

  /// A text message went out to the citizen.
  void sent(const CodeMessage& message) {
    checks_.require(find(message.sent_on) != nullptr, "message_follows_record",
                    "a code went out on a record that is not durable");
    codes_.insert_or_assign({message.dossier, message.sent_on}, message.code);
  }
  /// Null: none did.
  [[nodiscard]] const std::string* code_sent(const Id& dossier, const Hash& sent_on) const {
    const auto found = codes_.find({dossier, sent_on});
    return found == codes_.end() ? nullptr : &found->second;
  }

  /// A transaction became durable.
  void committed(const std::vector<Change>& changes);

  [[nodiscard]] std::uint64_t size() const { return facts_.size(); }
  /// The root that RFC 9162 gives the first `size` records.
  [[nodiscard]] Hash root(std::uint64_t size) const;
  [[nodiscard]] const Fact* find(const Hash& record) const;
  [[nodiscard]] const Certificate* certificate(const Hash& log) const;
  [[nodiscard]] std::vector<const Fact*> dossier(const Id& id) const;
  /// In the order in which they came up.
  [[nodiscard]] const std::vector<Id>& dossiers() const { return dossiers_; }
  [[nodiscard]] const std::deque<Fact>& facts() const { return facts_; }
  /// The unbroken chain of a log: hashes by seq.
  [[nodiscard]] const std::vector<Hash>& chain(const Hash& log) const;

  /// The log has been revoked by a record that counts.
  [[nodiscard]] bool is_revoked(const Hash& log) const;
  /// It is the revoked log, or one in which the revoked one's device has gone on by itself.
  [[nodiscard]] bool reaches(Hash revoked, const Hash& log) const;

  /// Nothing is held for want of something that is here, every fork is proved at its lowest place,
  /// and a paper that two hand-overs claim is disputed.
  void check_everything() const;

 private:
  struct Log {
    Certificate certificate;
    std::vector<Hash> chain;
  };
  void add(const Evidence& evidence);
  void grow_tree(const Hash& record);
  void rule(const Hash& record, const Ruling& ruling);
  void grant(const body::LeaseGranted& lease);
  void give_back(const body::LeaseReturned& rest);
  void move_head(const Hash& log, const Hash& record);
  void take_effect(const Fact& fact);
  void check_right(const Fact& fact, const Certificate& author);
  void check_chain(const Fact& fact);
  void check_beacon(const Fact& fact);
  void check_single(const Fact& fact);
  void check_code(const Fact& fact);
  [[nodiscard]] bool may_change(const Fact& fact, const Ruling& ruling) const;
  [[nodiscard]] bool was_voted_for(const Fact& fact, std::size_t officers) const;
  void check_waiting(const Fact& fact) const;
  void check_forks() const;
  void check_custody(const Id& dossier) const;

  Checks& checks_;
  std::deque<Fact> facts_;  ///< by leaf; addresses stay
  std::unordered_map<Hash, std::size_t, ArrayHasher> by_hash_;
  std::unordered_map<Id, std::vector<std::size_t>, ArrayHasher> by_dossier_;
  std::vector<Id> dossiers_;
  std::map<Hash, Log> logs_;
  std::vector<std::vector<Hash>> tree_;         ///< complete subtrees by level
  std::map<std::string, Id> numbers_;           ///< on effective slips and payouts
  std::map<Hash, std::vector<Hash>> answers_;   ///< to an offer: effective acceptances
  std::map<std::pair<Id, Hash>, std::string> codes_;  ///< that went out, by dossier and record
  std::vector<body::LeaseGranted> leases_;      ///< what nobody has given back
};

}  // namespace tannha::simulate
