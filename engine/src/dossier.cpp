#include "tannha/engine/dossier.hpp"

#include <algorithm>
#include <limits>
#include <queue>
#include <span>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "tannha/protocol/heap_sort.hpp"

namespace tannha {
namespace {

using body::decode;

bool is_capture(RecordType type) {
  return type >= RecordType::dossier_opened && type <= RecordType::sealed;
}

/// Applies records one by one. Each step is safe on any record: what is allowed was decided by the
/// ruling, so a step here only checks that the body can be read.
class Folder {
 public:
  explicit Folder(const Id& id) { d_.id = id; }

  void apply(const Evidence& evidence) {
    const Record& record = evidence.record;
    record_ = &record;
    author_ = evidence.author;
    ruling_ = evidence.ruling;
    switch (record.header.type) {
      case RecordType::pickup_requested: return requested();
      case RecordType::assigned: return assigned();
      case RecordType::citizen_bound: return citizen_bound();
      case RecordType::dossier_opened: return opened();
      case RecordType::fields_written: return fields_written();
      case RecordType::document_checked: return document_checked();
      case RecordType::attachment_added: return attachment_added();
      case RecordType::fee_taken: return fee_taken();
      case RecordType::sealed: return sealed();
      case RecordType::confirmed: return confirmed();
      case RecordType::handover_offered: return offered();
      case RecordType::handover_accepted: return handed_over();
      case RecordType::dispute_resolved: return dispute_resolved();
      case RecordType::payout_assigned:
      case RecordType::payout_leased:
      case RecordType::paid:
      case RecordType::payout_returned: return payout();
      case RecordType::delivered:
        d_.delivered = record.hash;
        d_.links.push_back({record.hash, d_.last_link, Custodian::citizen});
        // Only officers end a dispute; a delivery in the midst of one does not. What was offered
        // before it and is taken now follows a link that has a successor.
        if (d_.disputed.empty()) {
          d_.custodian = Custodian::citizen;
          d_.last_link = record.hash;
        }
        d_.stage = Stage::returned;
        return;
      case RecordType::delivery_confirmed: d_.delivery_confirmed = true; return;
      case RecordType::delivery_attempted: ++d_.delivery_attempts; return;
      case RecordType::note:
      case RecordType::feedback: ++d_.notes; return;
      default: return decide();
    }
  }

  void note_head(const Evidence& evidence) {
    const RecordHeader& h = evidence.record.header;
    // A suggestion is no part of what was captured.
    if (h.type == RecordType::fields_written && evidence.author != d_.courier) return;
    if (is_capture(h.type)) heads_[h.log_id] = evidence.record.hash;
  }

  /// What is a sum over all records.
  void finish(const Dossier::Counts& counts) {
    d_.records = counts;
    d_.capture_heads.clear();
    for (const auto& [log, hash] : heads_) d_.capture_heads.push_back(hash);
    heap_sort(d_.capture_heads);
  }
  [[nodiscard]] const Dossier& state() const { return d_; }
  Dossier take() { return std::move(d_); }

 private:
  void raise(Stage stage) {
    if (d_.stage < stage) d_.stage = stage;
  }

  void requested() {
    const auto b = decode<body::PickupRequested>(record_->body);
    if (!b) return;
    d_.procedure = b->procedure;
    d_.unit = b->unit;
    d_.service = b->service;
    d_.requested_by = b->applicant;
    raise(Stage::requested);
  }
  void assigned() {
    const auto b = decode<body::Assigned>(record_->body);
    if (!b) return;
    d_.courier = b->courier;
    // Only where a slip is still to be confirmed, or once more.
    if (d_.stage < Stage::sealed || d_.stage == Stage::needs_supplement) code_sent();
    raise(Stage::assigned);
  }
  /// The registry sends the citizen a one-time code on this record.
  void code_sent() {
    if (!d_.requested_by || d_.requested_by->phone.empty()) return;
    d_.code_sent_on = record_->hash;
    d_.code_used = false;
  }
  void citizen_bound() {
    const auto b = decode<body::CitizenBound>(record_->body);
    // The first key stands: a second link must not make somebody else the citizen. The same citizen
    // may go on in a new log.
    if (!b || (d_.citizen && *d_.citizen != b->actor)) return;
    d_.citizen = b->actor;
    d_.citizen_log = b->log_id;
  }
  void opened() {
    const auto b = decode<body::DossierOpened>(record_->body);
    if (!b) return;
    d_.opened = record_->hash;
    d_.procedure = b->procedure;
    d_.unit = b->unit;
    d_.channel = b->channel;
    d_.service = b->service;
    // A dossier that nobody asked for in advance belongs to the courier who opened it.
    if (!d_.courier) d_.courier = author_;
    d_.catalogue_version = b->catalogue_version;
    raise(Stage::collecting);
  }
  void fields_written() {
    const auto b = decode<body::FieldsWritten>(record_->body);
    if (!b) return;
    for (const body::Field& item : b->items) {
      if (author_ != d_.courier) {
        d_.suggestions.push_back({item.name, {record_->hash, item.value}});
        continue;
      }
      auto& values = d_.fields[item.name];
      list_replaced(item.name, values);
      std::erase_if(d_.suggestions, [&](const Dossier::ListedValue& s) {
        if (s.name != item.name || !names(s.value.record)) return false;
        d_.superseded.push_back(s);
        return true;
      });
      values.push_back({record_->hash, item.value});
    }
  }
  [[nodiscard]] bool names(const Hash& record) const {
    return std::ranges::find(record_->header.refs, record) != record_->header.refs.end();
  }
  void list_replaced(const std::string& name, std::vector<Dossier::FieldValue>& values) {
    std::erase_if(values, [&](const Dossier::FieldValue& v) {
      if (!names(v.record)) return false;
      d_.superseded.push_back({name, v});
      return true;
    });
  }
  void document_checked() {
    const auto b = decode<body::DocumentChecked>(record_->body);
    if (b) d_.documents[b->count.line] = b->count;
  }
  void attachment_added() {
    const auto b = decode<body::AttachmentAdded>(record_->body);
    if (!b) return;
    const bool known = std::ranges::any_of(
        d_.attachments, [&](const body::AttachmentAdded& a) { return a.hash == b->hash; });
    if (!known) d_.attachments.push_back(*b);
  }
  void fee_taken() {
    const auto b = decode<body::FeeTaken>(record_->body);
    // What was written before amounts had a limit must not make the sum begin again at nothing.
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - d_.money_dong;
    if (b) d_.money_dong += std::min(b->amount_dong, room);
  }
  void sealed() {
    auto b = decode<body::Sealed>(record_->body);
    if (!b) return;
    d_.sealed = record_->hash;
    d_.slip = std::move(*b);
    d_.confirmation.reset();
    d_.code_claimed = false;
    if (d_.stage != Stage::needs_supplement) raise(Stage::sealed);
    // The papers of a supplement make the same way again.
    if (d_.custodian == Custodian::citizen || d_.stage == Stage::needs_supplement) {
      d_.links.push_back({record_->hash, std::nullopt, Custodian::courier});
      // During a dispute it is listed and moves nothing.
      if (!d_.disputed.empty()) return;
      d_.custodian = Custodian::courier;
      d_.last_link = record_->hash;
    }
  }
  void confirmed() {
    const auto b = decode<body::Confirmed>(record_->body);
    if (!b) return;
    const bool by_code = b->grade == body::Grade::one_time_code;
    // Until the registry has compared the code, it is what the courier says, and no grade yet.
    const bool claims = by_code && ruling_.verdict != Verdict::effective;
    if (by_code && !claims) code_used();
    // A confirmation is of the slip that it names: the slip of a supplement needs its own, also
    // where that slip came to count only afterwards.
    if (!d_.sealed || record_->header.refs.empty()) return;
    if (record_->header.refs.front() != *d_.sealed) return;
    raise(Stage::confirmed);
    if (claims) {
      d_.code_claimed = true;
      return;
    }
    // The better of two confirmations is shown; a weaker one never hides it.
    if (!d_.confirmation || b->grade < *d_.confirmation) d_.confirmation = b->grade;
  }
  /// Whichever slip it was for: another that came to count before it must not get the same code.
  void code_used() {
    const auto& refs = record_->header.refs;
    if (refs.size() == 2 && d_.code_sent_on == refs[1]) d_.code_used = true;
  }
  void offered() {
    const auto b = decode<body::HandoverOffered>(record_->body);
    if (!b || std::ranges::find(d_.answered_offers, record_->hash) != d_.answered_offers.end()) {
      return;
    }
    const auto item = std::ranges::find(b->items, d_.id, &body::HandoverItem::dossier);
    offers_[record_->hash] = {b->direction,
                              item == b->items.end() ? std::nullopt : item->custody};
    d_.offer = Dossier::Offer{record_->hash, b->direction, b->receiver};
    if (d_.unit.empty()) d_.unit = b->unit;
  }
  void handed_over() {
    const auto b = decode<body::HandoverAccepted>(record_->body);
    if (!b || record_->header.refs.empty()) return;
    const Hash& answered = record_->header.refs.front();
    d_.answered_offers.push_back(answered);
    if (std::ranges::find(b->taken, d_.id) == b->taken.end()) {
      // Not in the bag: it stays with the giver, who may offer it again.
      if (d_.offer && d_.offer->record == answered) d_.offer.reset();
      return;
    }
    const auto offer = offers_.find(answered);
    // The receiver signs: that tells which way the paper went where the offer does not count yet.
    const bool back = offer != offers_.end()
                          ? offer->second.direction == body::Direction::to_courier
                          : author_ == d_.courier;
    const Custodian to = back ? Custodian::courier : Custodian::desk;
    const std::optional<Hash> follows =
        offer != offers_.end() ? offer->second.follows : std::nullopt;
    d_.links.push_back({record_->hash, follows, to});
    ++d_.handovers;
    if (!back) raise(Stage::handed_over);
    if (d_.offer && d_.offer->record == answered) d_.offer.reset();
    // Two links that follow the same one: both are kept, and neither is believed; nor is one that
    // comes while officers have not said which stands.
    const bool elsewhere = follows && d_.last_link && *follows != *d_.last_link;
    if (elsewhere || !d_.disputed.empty()) {
      if (d_.disputed.empty()) d_.disputed.push_back(*d_.last_link);
      d_.disputed.push_back(record_->hash);
      d_.custodian = Custodian::disputed;
      return;
    }
    stands(d_.links.back());
  }
  void stands(const Dossier::Link& link) {
    d_.custodian = link.to;
    d_.custody = link.record;
    d_.last_link = link.record;
    d_.offer.reset();
  }
  void dispute_resolved() {
    const auto b = decode<body::DisputeResolved>(record_->body);
    if (!b || std::ranges::find(d_.disputed, b->link) == d_.disputed.end()) return;
    // Each officer has one word, the last one: nobody can undo what another has said.
    words_[author_] = b->link;
    const auto agree = std::ranges::count_if(
        words_, [&](const auto& word) { return word.second == b->link; });
    if (agree < 2) {
      d_.resolution = Dossier::Resolution{b->link, author_};
      return;
    }
    const auto link = std::ranges::find(d_.links, b->link, &Dossier::Link::record);
    if (link == d_.links.end()) return;
    d_.disputed.clear();
    d_.resolution.reset();
    words_.clear();
    stands(*link);
  }

  void payout() {
    switch (record_->header.type) {
      case RecordType::payout_assigned:
        if (auto b = decode<body::PayoutAssigned>(record_->body)) {
          d_.unit = b->unit;
          d_.courier = b->courier;
          // Given to somebody else it stays the same payment: what was paid stays paid.
          const std::optional<Hash> paid = d_.payout ? d_.payout->paid : std::nullopt;
          d_.payout = Dossier::Payout{std::move(b->unit), std::move(b->beneficiary),
                                      std::move(b->period), b->amount_dong, b->courier,
                                      {}, paid, false, {}};
        }
        return;
      case RecordType::payout_leased:
        if (const auto b = decode<body::PayoutLeased>(record_->body); b && d_.payout) {
          // The registry leases it once more when its holder goes on in a new log.
          if (d_.payout->leased_to) d_.payout->leased_before.push_back(*d_.payout->leased_to);
          d_.payout->leased_to = b->log_id;
        }
        return;
      case RecordType::paid:
        if (d_.payout && !d_.payout->paid) d_.payout->paid = record_->hash;
        return;
      default:
        if (d_.payout) {
          d_.payout->leased_to.reset();
          d_.payout->leased_before.clear();
          d_.payout->returned = true;
        }
        return;
    }
  }

  void decide() {
    const RecordType type = record_->header.type;
    switch (type) {
      case RecordType::accepted:
        d_.acceptance = record_->hash;
        d_.stage = Stage::accepted;
        break;
      case RecordType::registered: return registered();
      case RecordType::supplement_requested:
        if (auto b = decode<body::SupplementRequested>(record_->body)) {
          d_.supplement = record_->hash;
          d_.supplement_items = std::move(b->items);
          ++d_.supplements_asked;
          code_sent();
          d_.stage = Stage::needs_supplement;
        }
        break;
      case RecordType::supplemented:
        d_.supplement.reset();
        d_.stage = Stage::supplemented;
        return;
      case RecordType::refused:
        if (auto b = decode<body::Refused>(record_->body)) d_.refusal_reason = b->reason;
        d_.stage = Stage::refused;
        break;
      case RecordType::result_ready:
        d_.result = record_->hash;
        d_.stage = Stage::result_ready;
        break;
      case RecordType::forwarded: d_.stage = Stage::processing; break;
      default: return;
    }
    d_.decision = record_->hash;
  }
  void registered() {
    auto b = decode<body::Registered>(record_->body);
    if (!b) return;
    d_.dossier_code = std::move(b->dossier_code);
    d_.due_ms = b->due_ms;
  }

  Dossier d_;
  const Record* record_ = nullptr;
  Id author_{};
  Ruling ruling_{};
  std::map<Hash, Hash> heads_;
  std::map<Id, Hash> words_;  // officers' last ones about the open dispute
  struct OfferTerms {
    body::Direction direction{};
    std::optional<Hash> follows;
  };
  std::map<Hash, OfferTerms> offers_;
};

}  // namespace

std::string Dossier::field(std::string_view field_name) const {
  const auto it = fields.find(std::string(field_name));
  return it != fields.end() && it->second.size() == 1 ? it->second.front().value : std::string();
}

namespace {

/// What has to come before what. The first nodes are the records. The others are joints, one
/// behind each number of a log: all siblings of a fork come after what was before them and before
/// what follows, at one edge for each.
struct Causes {
  std::vector<std::vector<std::size_t>> after;
  std::vector<std::size_t> waits_for;

  void edge(std::size_t from, std::size_t to) {
    after[from].push_back(to);
    ++waits_for[to];
  }
  std::size_t add_joint() {
    after.emplace_back();
    waits_for.push_back(0);
    return after.size() - 1;
  }
};

Causes causes_of(const std::vector<const Evidence*>& evidence) {
  const std::size_t n = evidence.size();
  Causes causes{std::vector<std::vector<std::size_t>>(n), std::vector<std::size_t>(n, 0)};
  std::unordered_map<Hash, std::size_t, ArrayHasher> by_hash;
  std::vector<std::size_t> by_log(n);
  for (std::size_t i = 0; i < n; ++i) {
    by_hash.emplace(evidence[i]->record.hash, i);
    by_log[i] = i;
  }
  const auto header = [&](std::size_t k) -> const RecordHeader& {
    return evidence[by_log[k]]->record.header;
  };
  heap_sort(by_log, {}, [&](std::size_t i) {
    const RecordHeader& h = evidence[i]->record.header;
    return std::tie(h.log_id, h.seq);
  });
  for (std::size_t begin = 0, end = 0; begin < n; begin = end) {
    const bool is_first = begin == 0 || header(begin - 1).log_id != header(begin).log_id;
    const std::size_t joint = causes.add_joint();
    for (end = begin; end < n && header(end).log_id == header(begin).log_id &&
                      header(end).seq == header(begin).seq;
         ++end) {
      if (!is_first) causes.edge(joint - 1, by_log[end]);
      causes.edge(by_log[end], joint);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (const Hash& ref : evidence[i]->record.header.refs) {
      const auto it = by_hash.find(ref);
      if (it != by_hash.end() && it->second != i) causes.edge(it->second, i);
    }
  }
  return causes;
}

/// @param cyclic set when there is a cycle, whose records come last
std::vector<std::size_t> order_of(const std::vector<const Evidence*>& evidence,
                                  bool* cyclic = nullptr) {
  const std::size_t n = evidence.size();
  Causes causes = causes_of(evidence);
  const auto key = [&](std::size_t i) {
    return std::pair(evidence[i]->leaf_index.value_or(std::numeric_limits<std::uint64_t>::max()),
                     evidence[i]->record.hash);
  };
  const auto later = [&](std::size_t a, std::size_t b) { return key(a) > key(b); };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
  for (std::size_t i = 0; i < n; ++i) {
    if (causes.waits_for[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  order.reserve(n);
  std::vector<std::size_t> done;
  while (!ready.empty()) {
    order.push_back(ready.top());
    done.push_back(ready.top());
    ready.pop();
    while (!done.empty()) {
      const std::size_t node = done.back();
      done.pop_back();
      for (const std::size_t next : causes.after[node]) {
        if (--causes.waits_for[next] != 0) continue;
        // Nothing is between a joint and the records behind it.
        if (next < n) {
          ready.push(next);
        } else {
          done.push_back(next);
        }
      }
    }
  }
  // A reference is a hash of what it names, so there is no cycle of honest making. A forged sibling
  // of a record can close one through the log's own order. What is left then follows by journal and
  // hash, so that it cannot hide anything.
  if (order.size() < n) {
    if (cyclic) *cyclic = true;
    std::vector<bool> taken(n, false);
    for (const std::size_t i : order) taken[i] = true;
    const std::size_t sorted = order.size();
    for (std::size_t i = 0; i < n; ++i) {
      if (!taken[i]) order.push_back(i);
    }
    heap_sort(std::span(order).subspan(sorted), {}, key);
  }
  return order;
}

}  // namespace

std::vector<std::size_t> causal_order(std::span<const Evidence> evidence) {
  std::vector<const Evidence*> all;
  for (const Evidence& e : evidence) all.push_back(&e);
  return order_of(all);
}

namespace {

// What does not count must not come between two records that do: a forged sibling of a record
// would otherwise stand between it and its successor.
bool counts_as_applied(const Evidence& evidence, Dossier::Counts& counts) {
  switch (evidence.ruling.verdict) {
    case Verdict::effective: ++counts.effective; return true;
    case Verdict::provisional: ++counts.provisional; return true;
    case Verdict::held: ++counts.held; return false;
    default: ++counts.refused; return false;
  }
}

std::vector<const Evidence*> applied_of(std::span<const Evidence> evidence,
                                        Dossier::Counts& counts) {
  std::vector<const Evidence*> applied;
  for (const Evidence& e : evidence) {
    if (counts_as_applied(e, counts)) applied.push_back(&e);
  }
  return applied;
}

}  // namespace

Dossier fold(const Id& id, std::span<const Evidence> evidence) {
  Dossier::Counts counts;
  const std::vector<const Evidence*> applied = applied_of(evidence, counts);
  Folder folder(id);
  for (const std::size_t i : order_of(applied)) {
    folder.apply(*applied[i]);
    folder.note_head(*applied[i]);
  }
  folder.finish(counts);
  return folder.take();
}

class DossierFold::Impl {
 public:
  Impl(const Id& id, std::span<const Evidence> evidence) : folder_(id) {
    const std::vector<const Evidence*> applied = applied_of(evidence, counts_);
    for (const std::size_t i : order_of(applied, &cyclic_)) apply(*applied[i]);
    folder_.finish(counts_);
  }

  bool add(const Evidence& evidence) {
    if (counts_as_applied(evidence, counts_)) {
      if (!comes_last(evidence.record)) return false;
      apply(evidence);
    }
    folder_.finish(counts_);
    return true;
  }

  [[nodiscard]] const Dossier& state() const { return folder_.state(); }

 private:
  // Its index is the greatest, so it comes last unless something that is here already follows from
  // it; and what is in a cycle comes behind everything.
  [[nodiscard]] bool comes_last(const Record& record) const {
    const auto last = last_seq_.find(record.header.log_id);
    return !cyclic_ && !referred_to_.contains(record.hash) &&
           (last == last_seq_.end() || last->second < record.header.seq);
  }
  void apply(const Evidence& evidence) {
    const RecordHeader& h = evidence.record.header;
    folder_.apply(evidence);
    folder_.note_head(evidence);
    std::uint64_t& last = last_seq_[h.log_id];
    last = std::max(last, h.seq);
    referred_to_.insert(h.refs.begin(), h.refs.end());
  }

  Folder folder_;
  Dossier::Counts counts_;
  bool cyclic_ = false;
  std::unordered_map<Hash, std::uint64_t, ArrayHasher> last_seq_;
  std::unordered_set<Hash, ArrayHasher> referred_to_;
};

DossierFold::DossierFold(const Id& id, std::span<const Evidence> evidence)
    : impl_(std::make_unique<Impl>(id, evidence)) {}
DossierFold::~DossierFold() = default;
DossierFold::DossierFold(DossierFold&&) noexcept = default;
DossierFold& DossierFold::operator=(DossierFold&&) noexcept = default;
bool DossierFold::add(const Evidence& evidence) { return impl_->add(evidence); }
const Dossier& DossierFold::state() const { return impl_->state(); }

}  // namespace tannha
