#include "tannha/engine/cached_registry.hpp"

#include <algorithm>

namespace tannha {
namespace {

// Bounds of what is remembered. When one is reached that part is begun anew: what is in use comes
// back with the next question.
constexpr std::size_t logs_max = 20'000;        ///< a country's couriers and desks
constexpr std::size_t audiences_max = 50'000;
constexpr std::size_t record_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t received_max = 4'096;
constexpr std::size_t folded_records_max = 50'000;  ///< about 1 KB each
constexpr std::size_t folds_max = 10'000;
/// When a device was last seen is known to the minute after a crash.
constexpr std::uint64_t contact_write_ms = 60'000;

template <class Container>
void make_room(Container& container, std::size_t count_max) {
  if (container.size() >= count_max) container.clear();
}

std::size_t bytes_of(const Evidence& evidence) {
  return sizeof(Evidence) + evidence.record.envelope.size() + evidence.record.body.size() +
         evidence.record.header.refs.size() * sizeof(Hash);
}

}  // namespace

// Transactions

void CachedRegistry::forget() {
  kept_ = {};
  moved_.clear();
}

Result<void> CachedRegistry::begin() {
  TN_CHECK(ForwardingRegistry::begin());
  if (const std::uint64_t now = generation(); now != generation_) {
    forget();
    generation_ = now;
  }
  auto size = journal_size();
  if (!size) {
    rollback();
    return std::unexpected(size.error());
  }
  size_at_begin_ = *size;
  return {};
}

Result<void> CachedRegistry::commit() {
  TN_CHECK(write_heads());
  TN_TRY(const std::uint64_t size, journal_size());
  const bool is_time =
      first_contact_ms_ && last_contact_ms_ >= *first_contact_ms_ + contact_write_ms;
  const bool write = is_time || contacts_.size() >= logs_max || size != size_at_begin_;
  if (write) TN_CHECK(write_contacts());
  TN_CHECK(ForwardingRegistry::commit());
  if (write) {
    contacts_.clear();
    first_contact_ms_.reset();
  }
  return {};
}

void CachedRegistry::rollback() {
  forget();
  ForwardingRegistry::rollback();
}

Result<void> CachedRegistry::write_heads() {
  for (const Hash& id : moved_) {
    const LogEntry& log = kept_.logs.at(id);
    TN_CHECK(ForwardingRegistry::move_head(id, log.next_seq, log.head));
  }
  moved_.clear();
  return {};
}

Result<void> CachedRegistry::write_contacts() {
  for (const auto& [log, contact] : contacts_) {
    TN_CHECK(ForwardingRegistry::note_contact(log, contact.at_ms, contact.holds));
  }
  return {};
}

// Logs

Result<std::optional<LogEntry>> CachedRegistry::log(const Hash& id) {
  if (const auto it = kept_.logs.find(id); it != kept_.logs.end()) return it->second;
  // Heads that are not written yet must not be lost with the room they take.
  TN_TRY(std::optional<LogEntry> log, ForwardingRegistry::log(id));
  if (!log) return log;
  if (kept_.logs.size() >= logs_max) {
    TN_CHECK(write_heads());
    kept_.logs.clear();
  }
  kept_.logs.emplace(id, *log);
  return log;
}

Result<void> CachedRegistry::put_log(const LogEntry& log) {
  return ForwardingRegistry::put_log(log);
}

Result<void> CachedRegistry::move_head(const Hash& log, std::uint64_t next_seq, const Hash& head) {
  const auto kept = kept_.logs.find(log);
  if (kept == kept_.logs.end()) return ForwardingRegistry::move_head(log, next_seq, head);
  kept->second.next_seq = next_seq;
  kept->second.head = head;
  moved_.insert(log);
  ++heads_moved_;
  return {};
}

Result<void> CachedRegistry::set_log_state(const Hash& log, const LogState& state) {
  if (const auto it = kept_.logs.find(log); it != kept_.logs.end()) it->second.state = state;
  return ForwardingRegistry::set_log_state(log, state);
}

Result<std::uint64_t> CachedRegistry::log_end(const Hash& log) {
  if (const auto it = kept_.log_ends.find(log); it != kept_.log_ends.end()) return it->second;
  TN_TRY(const std::uint64_t end, ForwardingRegistry::log_end(log));
  make_room(kept_.log_ends, logs_max);
  kept_.log_ends.emplace(log, end);
  return end;
}

Result<void> CachedRegistry::note_contact(const Hash& log, std::uint64_t at_ms,
                                          const exchange::Holds& holds) {
  contacts_[log] = {at_ms, holds};
  if (!first_contact_ms_) first_contact_ms_ = at_ms;
  last_contact_ms_ = at_ms;
  return {};
}

// Records

void CachedRegistry::keep(Evidence evidence) {
  if (kept_.record_bytes >= record_bytes_max) {
    kept_.records.clear();
    kept_.record_bytes = 0;
  }
  kept_.record_bytes += bytes_of(evidence);
  const Hash hash = evidence.record.hash;
  kept_.records.insert_or_assign(hash, std::move(evidence));
}

Result<std::optional<Evidence>> CachedRegistry::record(const Hash& hash) {
  if (const auto it = kept_.records.find(hash); it != kept_.records.end()) return it->second;
  TN_TRY(std::optional<Evidence> found, ForwardingRegistry::record(hash));
  if (found) keep(*found);
  return found;
}

Result<std::vector<Hash>> CachedRegistry::records_at(const Hash& log, std::uint64_t seq) {
  TN_TRY(const std::uint64_t end, log_end(log));
  if (seq >= end) return std::vector<Hash>();
  return ForwardingRegistry::records_at(log, seq);
}

Result<std::optional<std::uint64_t>> CachedRegistry::received_ms(std::uint64_t leaf) {
  if (const auto it = kept_.received_ms.find(leaf); it != kept_.received_ms.end()) {
    return it->second;
  }
  TN_TRY(const std::optional<std::uint64_t>& ms, ForwardingRegistry::received_ms(leaf));
  make_room(kept_.received_ms, received_max);
  if (ms) kept_.received_ms.emplace(leaf, *ms);
  return ms;
}

Result<std::uint64_t> CachedRegistry::append(const Evidence& evidence,
                                             std::span<const Id> dossiers) {
  TN_TRY(const std::uint64_t leaf, ForwardingRegistry::append(evidence, dossiers));
  kept_.journal_size = leaf + 1;
  const RecordHeader& h = evidence.record.header;
  if (const auto it = kept_.log_ends.find(h.log_id); it != kept_.log_ends.end()) {
    it->second = std::max(it->second, h.seq + 1);
  }
  Evidence stored = evidence;
  stored.leaf_index = leaf;
  for (const Id& id : dossiers) {
    const auto it = kept_.folds.find(id);
    if (it == kept_.folds.end()) continue;
    if (it->second.fold->add(stored)) {
      ++it->second.records;
      ++kept_.folded_records;
    } else {
      drop_fold(id);
    }
  }
  keep(std::move(stored));
  return leaf;
}

Result<void> CachedRegistry::set_ruling(const Hash& hash, const Ruling& ruling) {
  TN_TRY(const std::optional<Evidence>& evidence, record(hash));
  TN_CHECK(ForwardingRegistry::set_ruling(hash, ruling));
  if (!evidence) return {};
  kept_.records.at(hash).ruling = ruling;
  for (const Id& id : body::dossiers(evidence->record)) drop_fold(id);
  return {};
}

void CachedRegistry::drop_fold(const Id& id) {
  const auto it = kept_.folds.find(id);
  if (it == kept_.folds.end()) return;
  kept_.folded_records -= it->second.records;
  kept_.folds.erase(it);
}

Result<std::shared_ptr<const Dossier>> CachedRegistry::folded(const Id& id) {
  auto it = kept_.folds.find(id);
  if (it == kept_.folds.end()) {
    TN_TRY(const std::vector<Evidence>& evidence, ForwardingRegistry::dossier(id));
    if (kept_.folds.size() >= folds_max || kept_.folded_records >= folded_records_max) {
      kept_.folds.clear();
      kept_.folded_records = 0;
    }
    it = kept_.folds.emplace(id, Fold{std::make_shared<DossierFold>(id, evidence),
                                      evidence.size()}).first;
    kept_.folded_records += evidence.size();
  }
  const std::shared_ptr<DossierFold>& fold = it->second.fold;
  return std::shared_ptr<const Dossier>(fold, &fold->state());
}

Result<std::uint64_t> CachedRegistry::journal_size() {
  if (!kept_.journal_size) {
    TN_TRY(kept_.journal_size, ForwardingRegistry::journal_size());
  }
  return *kept_.journal_size;
}

Result<Hash> CachedRegistry::journal_root(std::uint64_t size) {
  if (!kept_.root || kept_.root->first != size) {
    TN_TRY(const Hash& root, ForwardingRegistry::journal_root(size));
    kept_.root = {size, root};
  }
  return kept_.root->second;
}

// Held records

Result<void> CachedRegistry::wait_for(const Hash& missing, const Hash& waiting) {
  kept_.is_any_waiting = true;
  return ForwardingRegistry::wait_for(missing, waiting);
}

Result<bool> CachedRegistry::is_any_waiting() {
  if (!kept_.is_any_waiting) {
    TN_TRY(kept_.is_any_waiting, ForwardingRegistry::is_any_waiting());
  }
  return *kept_.is_any_waiting;
}

Result<void> CachedRegistry::make_due(const Hash& arrived) {
  TN_TRY(const bool any, is_any_waiting());
  if (!any) return {};
  kept_.is_any_due.reset();
  return ForwardingRegistry::make_due(arrived);
}

Result<std::vector<Hash>> CachedRegistry::take_due(std::size_t count_max) {
  TN_TRY(const bool any, is_any_due());
  if (!any) return std::vector<Hash>();
  kept_.is_any_due.reset();
  kept_.is_any_waiting.reset();
  return ForwardingRegistry::take_due(count_max);
}

Result<bool> CachedRegistry::is_any_due() {
  if (!kept_.is_any_due) {
    TN_TRY(kept_.is_any_due, ForwardingRegistry::is_any_due());
  }
  return *kept_.is_any_due;
}

// Feeds

Result<void> CachedRegistry::add_audience(const Id& dossier, std::string_view audience) {
  TN_TRY(const std::vector<std::string>& known, audiences(dossier));
  if (std::ranges::find(known, audience) != known.end()) return {};
  kept_.audiences.at(dossier).emplace_back(audience);
  kept_.feed_ends.erase(std::string(audience));
  return ForwardingRegistry::add_audience(dossier, audience);
}

Result<std::vector<std::string>> CachedRegistry::audiences(const Id& dossier) {
  if (const auto it = kept_.audiences.find(dossier); it != kept_.audiences.end()) {
    return it->second;
  }
  TN_TRY(std::vector<std::string> found, ForwardingRegistry::audiences(dossier));
  make_room(kept_.audiences, audiences_max);
  kept_.audiences.emplace(dossier, found);
  return found;
}

Result<void> CachedRegistry::remove_audience(const Id& dossier, std::string_view audience) {
  kept_.audiences.erase(dossier);
  kept_.feed_ends.erase(std::string(audience));
  return ForwardingRegistry::remove_audience(dossier, audience);
}

Result<std::uint64_t> CachedRegistry::feed_end(std::string_view audience) {
  const std::string name(audience);
  if (const auto it = kept_.feed_ends.find(name); it != kept_.feed_ends.end()) return it->second;
  TN_TRY(const std::uint64_t end, ForwardingRegistry::feed_end(audience));
  make_room(kept_.feed_ends, audiences_max);
  kept_.feed_ends.emplace(name, end);
  return end;
}

Result<std::uint64_t> CachedRegistry::feed(std::string_view audience, const Hash& record) {
  TN_TRY(const std::uint64_t position, ForwardingRegistry::feed(audience, record));
  make_room(kept_.feed_ends, audiences_max);
  kept_.feed_ends.insert_or_assign(std::string(audience), position);
  return position;
}

Result<std::vector<FeedItem>> CachedRegistry::read_feed(std::string_view audience,
                                                        std::uint64_t after,
                                                        std::size_t count_max) {
  TN_TRY(const std::uint64_t end, feed_end(audience));
  if (after >= end) return std::vector<FeedItem>();
  return ForwardingRegistry::read_feed(audience, after, count_max);
}

// Payouts and attachments

Result<void> CachedRegistry::put_payout(const Id& payout, const Id& courier) {
  kept_.without_payouts.erase(courier);
  return ForwardingRegistry::put_payout(payout, courier);
}

Result<std::vector<Id>> CachedRegistry::unleased_payouts(const Id& courier,
                                                         std::size_t count_max) {
  if (kept_.without_payouts.contains(courier)) return std::vector<Id>();
  TN_TRY(std::vector<Id> found, ForwardingRegistry::unleased_payouts(courier, count_max));
  make_room(kept_.without_payouts, logs_max);
  if (found.empty() && count_max > 0) kept_.without_payouts.insert(courier);
  return found;
}

Result<void> CachedRegistry::want_attachment(const body::AttachmentAdded& attachment,
                                             const Id& dossier, const Hash& log) {
  kept_.without_wanted.erase(log);
  return ForwardingRegistry::want_attachment(attachment, dossier, log);
}

Result<std::vector<Hash>> CachedRegistry::wanted_attachments(const Hash& log,
                                                             std::size_t count_max) {
  if (kept_.without_wanted.contains(log)) return std::vector<Hash>();
  TN_TRY(std::vector<Hash> found, ForwardingRegistry::wanted_attachments(log, count_max));
  make_room(kept_.without_wanted, logs_max);
  if (found.empty() && count_max > 0) kept_.without_wanted.insert(log);
  return found;
}

}  // namespace tannha
