#include "tannha/engine/checkpoint_signer.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace tannha {
namespace {

/// Entries that are held in memory at once.
constexpr std::size_t piece_count = 4096;
/// How often another server may be faster before the answer is "busy".
constexpr int attempts_max = 8;

std::string sizes(std::uint64_t here, std::uint64_t was) {
  return std::to_string(here) + " < " + std::to_string(was);
}

}  // namespace

Result<JournalFrontier> JournalFrontier::load(Registry& registry, std::uint64_t size) {
  JournalFrontier out;
  std::uint64_t first = 0;
  while (first < size) {
    const auto level = static_cast<std::uint32_t>(std::bit_width(size - first) - 1);
    TN_TRY(const std::vector<Hash>& node, registry.journal_nodes(level, first >> level, 1));
    if (node.empty()) return fail(errc::store_corrupt, "journal node");
    out.peaks_.push_back(node.front());
    first += std::uint64_t{1} << level;
  }
  out.size_ = size;
  out.root_.reset();
  return out;
}

void JournalFrontier::push(const Hash& leaf) {
  Hash node = leaf;
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = merkle::node_hash(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
  root_.reset();
}

const Hash& JournalFrontier::root() const {
  if (root_) return *root_;
  root_ = peaks_.empty() ? merkle::empty_root() : peaks_.back();
  for (std::size_t i = peaks_.size(); i > 1; --i) {
    root_ = merkle::node_hash(peaks_[i - 2], *root_);
  }
  return *root_;
}

std::unexpected<Error> CheckpointSigner::stop(JournalTrouble trouble, std::string detail) {
  trouble_ = trouble;
  trouble_detail_ = std::move(detail);
  return fail(errc::store_corrupt, trouble_detail_);
}

template <class T>
Result<T> CheckpointSigner::checked(Result<T> read) {
  if (!read && read.error().code == errc::store_corrupt) {
    return stop(JournalTrouble::damaged, read.error().detail);
  }
  return read;
}

Result<void> CheckpointSigner::ready() const {
  if (trouble_) return fail(errc::store_corrupt, trouble_detail_);
  return {};
}

Result<void> CheckpointSigner::open() {
  TN_TRY(const std::uint64_t size, checked(stored_.journal_size()));
  TN_TRY(const std::uint64_t count, checked(stored_.record_count()));
  // More than that another node may have written in between.
  if (count < size) {
    return stop(JournalTrouble::damaged, "records are missing: " + sizes(count, size));
  }
  TN_TRY(const std::optional<std::string>& note, newest_.read());
  TN_CHECK(follow(note));
  return advance();
}

// Takes over what the store of checkpoints says, when the stored journal has that too.
Result<void> CheckpointSigner::follow(const std::optional<std::string>& note) {
  expected_ = note;
  // Whoever took the note away has not changed what this program signed.
  if (!note) return {};
  const auto last = open_checkpoint(*note, origin_, key_.public_key());
  if (!last) return stop(JournalTrouble::other_store, std::string(name(last.error().code)));
  TN_TRY(const std::uint64_t size, checked(stored_.journal_size()));
  if (size < last->size) return stop(JournalTrouble::rolled_back, sizes(size, last->size));
  TN_TRY(JournalFrontier frontier, checked(JournalFrontier::load(stored_, last->size)));
  if (frontier.root() != last->root) {
    return stop(JournalTrouble::other_past, "size " + std::to_string(last->size));
  }
  if (note_ && last->size < frontier_.size()) return {};
  frontier_ = std::move(frontier);
  note_ = *note;
  return {};
}

Result<void> CheckpointSigner::grow(JournalFrontier& frontier, std::uint64_t size) {
  while (frontier.size() < size) {
    const std::size_t count =
        static_cast<std::size_t>(std::min<std::uint64_t>(size - frontier.size(), piece_count));
    TN_TRY(const std::vector<Hash>& entries,
           checked(stored_.journal_entries(frontier.size(), count)));
    if (entries.empty()) {
      return stop(JournalTrouble::damaged, "no record " + std::to_string(frontier.size()));
    }
    for (const Hash& record : entries) frontier.push(merkle::leaf_hash(record));
  }
  return {};
}

Result<void> CheckpointSigner::advance() {
  TN_CHECK(ready());
  Result<void> done = try_advance();
  unsigned_.reset();
  if (!done) unsigned_ = done.error();
  return done;
}

Result<void> CheckpointSigner::try_advance() {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    TN_TRY(const std::uint64_t size, checked(stored_.journal_size()));
    if (size < frontier_.size()) {
      return stop(JournalTrouble::rolled_back, sizes(size, frontier_.size()));
    }
    if (note_ && size == frontier_.size()) return {};
    JournalFrontier grown = frontier_;
    TN_CHECK(grow(grown, size));
    // The nodes were computed when the records came; both must say the same of what is stored now.
    TN_TRY(const Hash& root, checked(stored_.journal_root(size)));
    if (root != grown.root()) {
      return stop(JournalTrouble::damaged, "other root at size " + std::to_string(size));
    }
    TN_TRY(const bool put, put_newest(std::move(grown)));
    if (put) return {};
    // Another server of this journal was faster. It is right only when our journal has what it
    // signed.
    TN_TRY(const std::optional<std::string>& other, newest_.read());
    TN_CHECK(follow(other));
  }
  return fail(errc::store_busy, "checkpoint");
}

Result<bool> CheckpointSigner::put_newest(JournalFrontier grown) {
  std::string note = sign_checkpoint({origin_, grown.size(), grown.root()}, key_);
  TN_TRY(const bool put, newest_.swap(expected_, note));
  if (!put) return false;
  frontier_ = std::move(grown);
  expected_ = note;
  note_ = std::move(note);
  ++signed_count_;
  return true;
}

Result<std::string> CheckpointSigner::newest() const {
  TN_CHECK(ready());
  if (note_) return *note_;
  return fail(unsigned_ ? unsigned_->code : errc::store_busy, "checkpoint");
}

Result<std::string> CheckpointSigner::sign(const Checkpoint& head) {
  TN_CHECK(ready());
  if (head.size > frontier_.size() || !note_) {
    return fail(unsigned_ ? unsigned_->code : errc::store_busy, "checkpoint");
  }
  Hash root = frontier_.root();
  if (head.size < frontier_.size()) {
    // An earlier answer of the same transaction.
    TN_TRY(root, checked(stored_.journal_root(head.size)));
  }
  if (head.origin != origin_ || head.root != root) {
    return stop(JournalTrouble::damaged, "other root at size " + std::to_string(head.size));
  }
  return head.size == frontier_.size() ? *note_ : sign_checkpoint(head, key_);
}

}  // namespace tannha
