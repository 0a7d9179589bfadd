#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tannha/engine/registry.hpp"
#include "tannha/protocol/checkpoint.hpp"

namespace tannha {

/// Keeps the newest signed checkpoint of one journal where no backup of the registry reaches
/// (ADR 10). Called from one thread at a time; other programs may use the same store.
/// Errors of all: store_full, store_read_only, store_io, store_busy, file_unreadable.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  /// The signed note; nothing in a new store.
  [[nodiscard]] virtual Result<std::optional<std::string>> read() = 0;
  /// Puts `next` in the place of `expected`, durable on return.
  /// @return false when something else stands there; nothing is changed then
  [[nodiscard]] virtual Result<bool> swap(const std::optional<std::string>& expected,
                                          const std::string& next) = 0;

 protected:
  CheckpointStore() = default;
};

/// For tests and simulations: lives as long as the object.
class MemoryCheckpointStore : public CheckpointStore {
 public:
  Result<std::optional<std::string>> read() override { return note_; }
  Result<bool> swap(const std::optional<std::string>& expected, const std::string& next) override {
    if (note_ != expected) return false;
    note_ = next;
    return true;
  }

 private:
  std::optional<std::string> note_;
};

/// Why a journal is not signed any more.
enum class JournalTrouble : std::uint8_t {
  damaged,      ///< what is stored is not what was written
  rolled_back,  ///< shorter than what was signed: an older copy was put back
  other_past,   ///< another history than what was signed: two servers, or a wrong copy
  other_store,  ///< the checkpoint store has a note that this journal's key did not sign
};

/// The complete subtrees of a journal's beginning, the largest first: enough to go on from there.
class JournalFrontier {
 public:
  /// Read from the stored nodes. Errors: the store's; store_corrupt when one is missing.
  [[nodiscard]] static Result<JournalFrontier> load(Registry& registry, std::uint64_t size);
  void push(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const Hash& root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
  mutable std::optional<Hash> root_;  ///< once it was asked for
};

/// Signs the journal's head, and never one that contradicts what it signed before. A signature
/// needs three things that agree: the tree kept in memory, the tree as it is stored, and the newest
/// signed checkpoint, which is stored apart before an answer leaves. When they do not agree it signs
/// nothing any more until the program is started again. One thread at a time.
class CheckpointSigner {
 public:
  /// All must outlive this. @param stored the registry as it was committed: a connection of its own
  /// where that reads what another one has written
  CheckpointSigner(Registry& stored, std::string origin, const KeyPair& key,
                   CheckpointStore& newest)
      : stored_(stored), origin_(std::move(origin)), key_(key), newest_(newest) {}

  /// Compares the journal with what was signed last, before anything new is written. Without a
  /// signed checkpoint the whole journal is computed again, otherwise what came after it.
  /// Errors: store_corrupt, and then trouble() says more; the stores', and advance() may go on.
  [[nodiscard]] Result<void> open();
  /// After each commit, before any answer of it leaves: one signature and one exchange in the store
  /// of checkpoints, none when the journal has not grown. Errors: as open().
  [[nodiscard]] Result<void> advance();
  /// Signs the head of a committed transaction, after advance(). Errors: those of advance() when the
  /// head was not signed; store_corrupt when the stored tree has another root at this size.
  [[nodiscard]] Result<std::string> sign(const Checkpoint& head);
  /// The newest signed note. Errors: those of advance().
  [[nodiscard]] Result<std::string> newest() const;

  /// Whether records may be taken in. Errors: store_corrupt.
  [[nodiscard]] Result<void> ready() const;
  [[nodiscard]] std::optional<JournalTrouble> trouble() const { return trouble_; }
  /// What an operator is told with it: sizes, no personal data.
  [[nodiscard]] const std::string& trouble_detail() const { return trouble_detail_; }
  /// How often a new checkpoint was put into the store.
  [[nodiscard]] std::uint64_t signed_count() const { return signed_count_; }

 private:
  [[nodiscard]] Result<void> try_advance();
  [[nodiscard]] Result<bool> put_newest(JournalFrontier grown);
  [[nodiscard]] Result<void> follow(const std::optional<std::string>& note);
  [[nodiscard]] Result<void> grow(JournalFrontier& frontier, std::uint64_t size);
  [[nodiscard]] std::unexpected<Error> stop(JournalTrouble trouble, std::string detail);
  /// What the store of the registry said; damage that it noticed itself stops the signer too.
  template <class T>
  [[nodiscard]] Result<T> checked(Result<T> read);

  Registry& stored_;
  const std::string origin_;
  const KeyPair key_;
  CheckpointStore& newest_;
  JournalFrontier frontier_;             ///< of what was signed last
  std::optional<std::string> note_;      ///< with this signature
  std::optional<std::string> expected_;  ///< what the store of checkpoints had
  std::optional<Error> unsigned_;        ///< why the newest head has no signature yet
  std::optional<JournalTrouble> trouble_;
  std::string trouble_detail_;
  std::uint64_t signed_count_ = 0;
};

}  // namespace tannha
