#include "tests/support/random_evidence.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace tannha::test {
namespace {

using enum RecordType;
using Types = std::vector<RecordType>;

/// Who may write: a log and its actor. The first courier has gone on in a second log.
struct Writer {
  Hash log{};
  Id actor{};
};
constexpr auto writers = std::to_array<Writer>({
    {{0x11}, {0xc1}},
    {{0x12}, {0xc1}},
    {{0x13}, {0xc2}},  // couriers
    {{0x21}, {0x0f}},
    {{0x22}, {0x1f}},  // officers
    {{0x31}, {0xcc}},  // citizen
    {{0x41}, {0xdd}},  // dispatcher
    {{0x51}, {0xee}},  // registry
});
constexpr std::size_t couriers = 3;

std::vector<std::size_t> usual_writers(RecordType type) {
  switch (type) {
    case pickup_requested:
    case assigned:
    case payout_assigned:
      return {6};
    case citizen_bound:
    case registered:
    case payout_leased:
    case log_forked:
      return {7};
    case dispute_resolved:
    case accepted:
    case supplement_requested:
    case refused:
    case result_ready:
    case forwarded:
    case adjudicated:
      return {3, 4};
    case handover_accepted:
      return {0, 3, 4};
    case confirmed:
    case delivery_confirmed:
      return {0, 5};
    case note:
    case feedback:
      return {0, 3, 5};
    default:
      return {0, 1, 2};
  }
}

/// What a set is about. Seven records seldom meet when all types are equally likely.
const std::vector<Types> themes{
    {pickup_requested,
     assigned,
     citizen_bound,
     dossier_opened,
     fields_written,
     document_checked,
     attachment_added,
     fee_taken,
     sealed,
     confirmed,
     supplemented,
     handover_offered,
     handover_accepted,
     dispute_resolved,
     accepted,
     registered,
     supplement_requested,
     refused,
     result_ready,
     forwarded,
     delivery_attempted,
     delivered,
     delivery_confirmed,
     note,
     feedback,
     adjudicated,
     log_forked,
     payout_assigned,
     payout_leased,
     paid,
     payout_returned,
     RecordType{999}},
    {dossier_opened, assigned, fields_written, fields_written, fields_written, fields_written,
     document_checked, attachment_added, fee_taken},
    {sealed, handover_offered, handover_offered, handover_accepted, handover_accepted,
     handover_accepted, dispute_resolved, dispute_resolved, dispute_resolved, delivered,
     supplement_requested},
    {handover_accepted, accepted, registered, supplement_requested, supplemented, refused,
     result_ready, forwarded, sealed, confirmed, confirmed, delivered},
    {payout_assigned, payout_assigned, payout_leased, paid, payout_returned, attachment_added},
    {pickup_requested, assigned, citizen_bound, citizen_bound, dossier_opened, handover_offered,
     payout_assigned, note},
    {sealed, confirmed, confirmed, fee_taken},
};

/// How the records stand in the journal.
enum class Journal : std::uint8_t { complete, first_part, none, shuffled, with_equal_places };

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {
    theme_ = &themes[chance(random_, 40) ? 0 : pick(random_, themes.size())];
    journal_ = static_cast<Journal>(pick(random_, 5));
    doubtful_percent_ = chance(random_, 50) ? 0 : 30;
    odd_percent_ = chance(random_, 30) ? 0 : 15;
  }

  std::vector<Evidence> generate(std::size_t count) {
    begin();
    while (all_.size() < count) add((*theme_)[pick(random_, theme_->size())]);
    all_.resize(count);
    set_places();
    // The order of making must not help the fold.
    shuffle(all_, random_);
    return std::move(all_);
  }

 private:
  bool odd() { return chance(random_, odd_percent_); }

  /// Most sets begin in a way that lets what follows have an effect.
  void begin() {
    if (chance(random_, 30)) return;
    if (theme_ == &themes[4]) return add(payout_assigned);
    if (theme_ == &themes[2]) return add_dispute();
    if (chance(random_, 30)) add(pickup_requested);
    add(chance(random_, 50) ? dossier_opened : assigned);
  }

  /// Two hand-overs that follow the same seal.
  void add_dispute() {
    add_body(body::Sealed{"PG-1", "RB1", "S", {}, {}, 5}, {}, 0);
    const Hash seal = all_.back().record.hash;
    for (const std::size_t officer : {3U, 4U}) {
      add_body(body::HandoverOffered{body::Direction::to_desk,
                                     "H42.101",
                                     std::nullopt,
                                     {{random_dossier, "", "", {}, seal}}},
               {seal}, officer - 3U);
      const Hash offer = all_.back().record.hash;
      add_body(body::HandoverAccepted{{}, {random_dossier}, {}}, {offer}, officer);
    }
  }

  Hash some(std::initializer_list<RecordType> types) {
    std::vector<Hash> found;
    for (const Evidence& e : all_) {
      if (std::ranges::count(types, e.record.header.type)) found.push_back(e.record.hash);
    }
    return found.empty() || odd() ? random_hash(random_) : found[pick(random_, found.size())];
  }
  std::vector<Hash> values_seen() {
    std::vector<Hash> refs;
    for (const Evidence& e : all_) {
      if (e.record.header.type == fields_written && chance(random_, 35)) {
        refs.push_back(e.record.hash);
      }
    }
    return refs;
  }
  std::string unit() { return odd() ? "" : chance(random_, 80) ? "H42.101" : "H42.102"; }
  std::string text(std::string_view name) { return std::string(name) + std::to_string(++serial_); }
  std::uint32_t small(std::size_t below) {
    return static_cast<std::uint32_t>(pick(random_, below));
  }
  template <class E>
  E one_to(std::size_t last) {
    return static_cast<E>(pick(random_, last) + 1);
  }
  Id some_courier() { return writers[pick(random_, couriers)].actor; }
  std::optional<Hash> link() {
    if (chance(random_, 25)) return std::nullopt;
    return some({sealed, handover_accepted});
  }

  template <class B>
  void add_body(const B& body, std::vector<Hash> refs, std::size_t writer) {
    Bytes bytes = body::encode(body, Id{});
    if (chance(random_, odd_percent_ / 5)) bytes.clear();
    if (chance(random_, odd_percent_ / 5)) bytes = {0xa0};
    put(B::type, std::move(bytes), std::move(refs), writer);
  }
  template <class B>
  void add_body(const B& body, std::vector<Hash> refs = {}) {
    add_body(body, std::move(refs), writer_of(B::type));
  }
  std::size_t writer_of(RecordType type) {
    if (odd()) return pick(random_, writers.size());
    const std::vector<std::size_t> usual = usual_writers(type);
    return usual[pick(random_, usual.size())];
  }

  void put(RecordType type, Bytes bytes, std::vector<Hash> refs, std::size_t writer) {
    Evidence e;
    RecordHeader& h = e.record.header;
    h.tenant = "H42";
    h.log_id = writers[writer].log;
    h.subject = random_dossier;
    h.type = type;
    h.seq = next_seq(h.log_id);
    if (odd() && !all_.empty()) refs.push_back(all_[pick(random_, all_.size())].record.hash);
    if (odd()) refs.push_back(random_hash(random_));
    if (odd() && !refs.empty()) refs.push_back(refs.front());
    h.refs = std::move(refs);
    h.claimed_ms = random_();
    e.record.hash = random_hash(random_);
    e.record.body = std::move(bytes);
    e.author = writers[writer].actor;
    e.ruling = ruling();
    all_.push_back(std::move(e));
  }
  /// Mostly the next one; sometimes a sibling or a gap. A low number that refers to what its own
  /// log wrote under a higher one closes a cycle.
  std::uint64_t next_seq(const Hash& log) {
    std::uint64_t& next = next_seq_[log];
    if (odd()) return next == 0 ? 0 : pick(random_, static_cast<std::size_t>(next));
    if (odd()) ++next;
    return next++;
  }
  Ruling ruling() {
    if (!chance(random_, doubtful_percent_)) return {Verdict::effective, std::nullopt};
    switch (pick(random_, 8)) {
      case 0:
      case 1:
        return {Verdict::held, errc::late_amendment};
      case 2:
        return {Verdict::held, errc::log_forked};
      case 3:
        return {Verdict::refused, errc::out_of_scope};
      case 4:
        return {Verdict::duplicate, std::nullopt};
      case 5:
        return {Verdict::waiting, errc::predecessor_missing};
      default:
        return {Verdict::provisional, std::nullopt};
    }
  }
  void set_places() {
    const std::size_t n = all_.size();
    const std::size_t part = n == 0 ? 0 : pick(random_, n + 1);
    std::vector<std::uint64_t> places;
    for (std::size_t i = 0; i < n; ++i) places.push_back(i);
    if (journal_ == Journal::shuffled) shuffle(places, random_);
    for (std::size_t i = 0; i < n; ++i) {
      if (journal_ == Journal::with_equal_places) places[i] = pick(random_, n / 2 + 1);
      const bool is_in = journal_ != Journal::none && (journal_ != Journal::first_part || i < part);
      if (is_in) all_[i].leaf_index = places[i];
    }
  }

  void add(RecordType type);
  void add_request(RecordType type);
  void add_capture(RecordType type);
  void add_custody(RecordType type);
  void add_decision(RecordType type);
  void add_payout(RecordType type);

  std::mt19937_64 random_;
  const Types* theme_ = nullptr;
  Journal journal_{};
  unsigned doubtful_percent_ = 0;
  unsigned odd_percent_ = 0;
  std::vector<Evidence> all_;
  std::map<Hash, std::uint64_t> next_seq_;
  unsigned serial_ = 0;
};

void Generator::add(RecordType type) {
  if (type <= citizen_bound) return add_request(type);
  if (type <= supplemented) return add_capture(type);
  if (type <= dispute_resolved) return add_custody(type);
  if (type <= forwarded) return add_decision(type);
  if (type >= payout_assigned && type <= payout_returned) return add_payout(type);
  switch (type) {
    case delivery_attempted:
      return add_body(body::DeliveryAttempted{"vắng nhà"});
    case delivered:
      return add_body(body::Delivered{"can_cuoc", {}}, {some({result_ready})});
    case delivery_confirmed:
      return add_body(body::DeliveryConfirmed{}, {some({delivered})});
    case note:
      return add_body(body::Note{"ghi chú"});
    case feedback:
      return add_body(body::Feedback{5, "tốt"});
    case adjudicated:
      return add_body(body::Adjudicated{body::Outcome::counts, ""});
    case log_forked:
      return add_body(body::LogForked{writers[0].log, 1, {}, {}});
    default:
      return put(type, {0xa0}, {}, pick(random_, writers.size()));
  }
}

void Generator::add_request(RecordType type) {
  switch (type) {
    case pickup_requested: {
      body::PickupRequested b;
      b.procedure = text("P");
      b.unit = unit();
      b.service = one_to<body::ServiceKind>(3);
      b.applicant = {text("Nguyễn"), "+84912345678", "Cao Bằng", std::nullopt};
      return add_body(b);
    }
    case assigned:
      return add_body(body::Assigned{some_courier()});
    default:
      return add_body(body::CitizenBound{odd() ? Id{0xab} : Id{0xcc}, random_hash(random_)});
  }
}

void Generator::add_capture(RecordType type) {
  switch (type) {
    case dossier_opened: {
      body::DossierOpened b;
      b.procedure = text("P");
      b.unit = unit();
      b.channel = one_to<body::Channel>(3);
      b.service = one_to<body::ServiceKind>(3);
      b.catalogue_version = random_hash(random_);
      return add_body(b);
    }
    case fields_written: {
      body::FieldsWritten b;
      std::size_t i = pick(random_, 3);
      if (!odd()) ++i;
      for (; i > 0; --i) {
        b.items.push_back(
            {std::array{"owner_name", "address", "phone"}[pick(random_, 3)], text("giá trị ")});
      }
      return add_body(b, values_seen());
    }
    case document_checked:
      return add_body(body::DocumentChecked{{small(3), text("giấy "), small(4), small(4), 0}});
    case attachment_added:
      return add_body(body::AttachmentAdded{Hash{static_cast<std::uint8_t>(small(4))}, small(900),
                                            "image/jpeg", one_to<body::AttachmentRole>(5),
                                            small(3)});
    case fee_taken:
      return add_body(body::FeeTaken{one_to<body::MoneyKind>(3), small(90'000), true});
    case sealed:
      return add_body(body::Sealed{text("PG-"), text("RB"), "S", {}, {}, small(9000)});
    case confirmed: {
      // Drawn one after the other, as everywhere here: compilers evaluate arguments in any order.
      body::Confirmed b{one_to<body::Grade>(3), {}, {}, {}};
      std::vector<Hash> refs{some({sealed})};
      if (b.grade == body::Grade::one_time_code) {
        b.code = "123456";
        refs.push_back(some({assigned, supplement_requested}));
      }
      return add_body(b, std::move(refs));
    }
    default:
      return add_body(body::Supplemented{"đủ"}, {some({supplement_requested})});
  }
}

void Generator::add_custody(RecordType type) {
  if (type == handover_offered) {
    body::HandoverOffered b;
    b.direction = one_to<body::Direction>(2);
    b.unit = unit();
    if (chance(random_, 50)) b.receiver = some_courier();
    b.items.push_back({odd() ? Id{9} : random_dossier, "", "", {}, link()});
    if (odd()) b.items.push_back({random_dossier, "", "", {}, link()});
    return add_body(b, {some({sealed, result_ready})});
  }
  if (type == handover_accepted) {
    body::HandoverAccepted b;
    (chance(random_, 85) ? b.taken : b.missing).push_back(random_dossier);
    std::vector<Hash> refs;
    if (!odd()) refs.push_back(some({handover_offered}));
    return add_body(b, std::move(refs));
  }
  // One of the two newest links, so that officers agree now and then.
  body::DisputeResolved b{some({handover_accepted}), "đã đối chiếu"};
  std::size_t behind = pick(random_, 2);
  for (std::size_t k = all_.size(); k-- > 0 && !odd();) {
    if (all_[k].record.header.type != handover_accepted) continue;
    b.link = all_[k].record.hash;
    if (behind-- == 0) break;
  }
  add_body(b, {b.link});
}

void Generator::add_decision(RecordType type) {
  const std::vector<Hash> seen{some({handover_accepted, accepted, supplement_requested})};
  switch (type) {
    case accepted:
      return add_body(body::Accepted{}, seen);
    case registered: {
      body::Registered b;
      b.dossier_code = text("H42.101-260302-");
      if (chance(random_, 70)) b.due_ms = small(100'000);
      return add_body(b, {some({accepted})});
    }
    case supplement_requested:
      return add_body(body::SupplementRequested{{}, {text("thiếu ")}, "thiếu giấy"}, seen);
    case refused:
      return add_body(body::Refused{{}, text("lý do ")}, seen);
    case result_ready:
      return add_body(body::ResultReady{{}, "xong"}, seen);
    default:
      return add_body(body::Forwarded{{}, "thẩm định", {}}, seen);
  }
}

void Generator::add_payout(RecordType type) {
  switch (type) {
    case payout_assigned: {
      body::PayoutAssigned b;
      b.unit = unit();
      b.beneficiary = "HT123";
      b.period = odd() ? "2026-12" : "2026-11";
      b.amount_dong = 2'000'000;
      b.courier = some_courier();
      return add_body(b);
    }
    case payout_leased:
      return add_body(body::PayoutLeased{writers[pick(random_, couriers)].log});
    case paid:
      return add_body(body::Paid{2'000'000, "can_cuoc", {}}, {some({payout_leased})});
    default:
      return add_body(body::PayoutReturned{"đi vắng"}, {some({payout_leased})});
  }
}

std::string short_hex(const Hash& hash) {
  return to_hex(hash).substr(0, 8);
}

}  // namespace

std::vector<Evidence> random_evidence(std::uint64_t seed, std::size_t count) {
  return Generator(seed).generate(count);
}

std::string describe(std::span<const Evidence> evidence) {
  std::string out;
  for (const std::size_t i : causal_order(evidence)) {
    const Evidence& e = evidence[i];
    const RecordHeader& h = e.record.header;
    out += short_hex(e.record.hash) + " log " + to_hex(h.log_id).substr(0, 2) + "/" +
           std::to_string(h.seq) + " by " + uuid_text(e.author).substr(0, 2) + " leaf " +
           (e.leaf_index ? std::to_string(*e.leaf_index) : "-") + " " +
           std::string(name(e.ruling.verdict)) + " " + std::string(name(h.type)) + " refs";
    for (const Hash& ref : h.refs) out += " " + short_hex(ref);
    out += " body " + std::to_string(e.record.body.size()) + "\n";
  }
  return out;
}

std::size_t pick(std::mt19937_64& random, std::size_t n) {
  return static_cast<std::size_t>(random() % n);
}
bool chance(std::mt19937_64& random, unsigned percent) {
  return random() % 100 < percent;
}
Hash random_hash(std::mt19937_64& random) {
  Hash hash{};
  for (std::uint8_t& byte : hash) byte = static_cast<std::uint8_t>(random());
  return hash;
}

}  // namespace tannha::test
