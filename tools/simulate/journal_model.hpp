#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "tannha/engine/registry.hpp"
#include "tools/simulate/checks.hpp"
#include "tools/simulate/reference.hpp"

namespace tannha::simulate {

/// One thing that the registry's logic did to its store.
struct Change {
  enum class Kind : std::uint8_t { log, append, ruling, lease };
  Kind kind{};
  LogEntry log;                 ///< log
  Evidence evidence;            ///< append, with its leaf
  Hash record{};                ///< ruling
  Ruling ruling;
  body::LeaseGranted lease;
};

/// What the registry must hold, kept in memory from the changes it has committed, and what must be
/// true of it after every commit. Never forgets: what was committed once must be there for ever.
class JournalModel {
 public:
  /// @param checks told of what is broken; must outlive this @param operator_key of certificates
  explicit JournalModel(Checks& checks) : checks_(checks) {}

  /// A transaction became durable.
  void committed(const std::vector<Change>& changes);

  [[nodiscard]] std::uint64_t size() const { return facts_.size(); }
  /// The root that RFC 9162 gives the first `size` records.
  [[nodiscard]] Hash root(std::uint64_t size) const;
  [[nodiscard]] const Fact* find(const Hash& record) const;
  [[nodiscard]] const Certificate* certificate(const Hash& log) const;
  [[nodiscard]] std::vector<const Fact*> dossier(const Id& id) const;
  [[nodiscard]] std::vector<Id> dossiers() const;
  [[nodiscard]] const std::deque<Fact>& facts() const { return facts_; }
  /// The unbroken chain of a log: hashes by seq.
  [[nodiscard]] const std::vector<Hash>& chain(const Hash& log) const;
  /// Two records were seen for one place of the log, or one that does not continue it.
  [[nodiscard]] bool is_forked(const Hash& log) const;

  /// Nothing is held for want of something that is here.
  void check_nothing_waits_in_vain() const;

 private:
  struct Log {
    Certificate certificate;
    std::vector<Hash> chain;
    bool forked = false;
  };
  void add(const Evidence& evidence);
  void rule(const Hash& record, const Ruling& ruling);
  void grant(const body::LeaseGranted& lease);
  void take_place(Fact& fact);
  void take_effect(const Fact& fact);
  void check_number(const Fact& fact);
  void take_back(const body::LeaseReturned& rest);

  Checks& checks_;
  std::deque<Fact> facts_;  ///< by leaf; addresses stay
  std::unordered_map<Hash, std::size_t, ArrayHasher> by_hash_;
  std::unordered_map<Id, std::vector<std::size_t>, ArrayHasher> by_dossier_;
  std::vector<Id> dossiers_;  ///< in the order in which they came up
  std::map<Hash, Log> logs_;
  std::vector<std::vector<Hash>> tree_;  ///< complete subtrees by level
  std::map<std::string, Id> numbers_;    ///< on effective slips
  std::vector<body::LeaseGranted> leases_;
};

/// Whether the record has its place in its log's chain, whatever was decided about it.
[[nodiscard]] bool is_in_place(const Ruling& ruling);

}  // namespace tannha::simulate
