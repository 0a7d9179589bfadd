#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>

#include "tannha/protocol/fields.hpp"
#include "tests/crash/harness.hpp"
#include "tests/crash/scenario.hpp"
#include "tests/support/random_seed.hpp"

/// Files that are not what was written: flipped bits, pages that are lost, old or swapped. Whatever
/// is read then is right or an error; nothing crashes.
namespace tannha::test {
namespace {

constexpr std::size_t page = 4096;

// What the undamaged store gave.
struct Truth {
  std::map<Hash, Bytes> bodies;  ///< of records, by hash
  bool is_whole = true;          ///< no other record was ever written
};

struct Tally {
  std::uint64_t stores = 0;
  std::uint64_t refused = 0;  ///< not even opened
  std::uint64_t failed = 0;   ///< a reader said an error
  std::uint64_t right = 0;    ///< a reader gave what is right, or no less than a part of it
  std::uint64_t altered_attachments = 0;
  std::set<errc> said;

  void print() const {
    std::printf(
        "[  damage  ] %llu stores, %llu refused, %llu reads failed, %llu were right, "
        "%llu altered attachments, errors said:",
        static_cast<unsigned long long>(stores), static_cast<unsigned long long>(refused),
        static_cast<unsigned long long>(failed), static_cast<unsigned long long>(right),
        static_cast<unsigned long long>(altered_attachments));
    for (const errc code : said) std::printf(" %s", std::string(name(code)).c_str());
    std::printf("\n");
  }
};

class Probe {
 public:
  Probe(const Truth& truth, Tally& tally) : truth_(truth), tally_(tally) {}

  template <class T>
  bool took(const Result<T>& result) {
    if (result) {
      ++tally_.right;
    } else {
      ++tally_.failed;
      tally_.said.insert(result.error().code);
    }
    return result.has_value();
  }

  void record(const Record& record) {
    ASSERT_EQ(sha256(record.envelope), record.hash);
    if (record.has_body()) {
      ASSERT_EQ(sha256(record.body), record.header.body_hash);
    }
    const auto known = truth_.bodies.find(record.hash);
    ASSERT_TRUE(!truth_.is_whole || known != truth_.bodies.end()) << "a record that nobody wrote";
    if (known != truth_.bodies.end() && record.has_body()) {
      ASSERT_EQ(record.body, known->second);
    }
  }

  void read(Phone& phone) {
    Store& store = phone.replica->store();
    const auto all = store.all();
    if (took(all)) {
      for (const StoredRecord& r : *all) record(r.evidence.record);
    }
    for (const auto& [hash, body] : truth_.bodies) {
      const auto found = store.record(hash);
      if (took(found) && *found) record((*found)->evidence.record);
    }
    const auto unsent = store.unsent(100, 1'000'000);
    if (took(unsent)) std::ranges::for_each(*unsent, [&](const Record& r) { record(r); });
    const auto attachments = store.all_attachments();
    if (took(attachments)) {
      for (const Hash& hash : *attachments) {
        const auto bytes = store.attachment(hash);
        if (took(bytes) && *bytes && blake2b_256(**bytes) != hash) ++tally_.altered_attachments;
      }
    }
    took(store.pending_attachments());
    took(store.holds());
    took(store.numbers_left(body::NumberKind::send_slip));
    took(phone.replica->checkpoint());
    const auto dossiers = phone.replica->dossiers();
    if (took(dossiers)) {
      for (const Dossier& d : *dossiers) EXPECT_FALSE(state_text(d).empty());
    }
    const auto request = phone.replica->next_request(10);
    if (took(request)) {
      EXPECT_FALSE(fields::encode(*request).empty());
    }
    write(phone);
  }

  // Work goes on, or is refused.
  void write(Phone& phone) {
    auto change = phone.replica->begin();
    if (!took(change)) return;
    took(change->take_number(body::NumberKind::item));
    const auto written = change->append(Id{7}, {}, body::Note{"ghi chú"});
    if (took(written)) took(change->commit());
  }

  void read(ServerNode& node) {
    server::SqliteRegistry& registry = *node.registry;
    const auto all = registry.all_records();
    if (took(all)) {
      for (const Evidence& e : *all) record(e.record);
    }
    for (const auto& [hash, body] : truth_.bodies) {
      const auto found = registry.record(hash);
      if (!took(found) || !*found) continue;
      record((*found)->record);
      took(registry.dossier((*found)->record.header.subject));
    }
    const auto logs = registry.all_logs();
    if (took(logs)) {
      for (const LogEntry& log : *logs) {
        const auto feed = registry.read_feed(audience_of(log.certificate), 0, 100);
        if (!took(feed)) continue;
        for (const FeedItem& item : *feed) {
          if (!item.forget) record(item.evidence.record);
        }
      }
    }
    const auto size = registry.journal_size();
    if (took(size) && *size > 0 && *size < 1'000'000) {
      took(registry.journal_root(*size));
      took(registry.inclusion(*size / 2, *size));
      took(registry.consistency(*size / 2 + 1, *size));
    }
    took(registry.all_attachments());
    took(registry.quarantined());
    took(node.server->head());
  }

 private:
  const Truth& truth_;
  Tally& tally_;
};

Truth truth_of(Phone& phone) {
  Truth truth;
  for (const StoredRecord& r : must(phone.replica->store().all())) {
    truth.bodies[r.evidence.record.hash] = r.evidence.record.body;
  }
  return truth;
}
Truth truth_of(ServerNode& node) {
  Truth truth;
  for (const Evidence& e : must(node.registry->all_records())) {
    truth.bodies[e.record.hash] = e.record.body;
  }
  return truth;
}

template <class Node>
class Damage {
 public:
  explicit Damage(const Scenario<Node>& s) : scenario_(s) {
    disk().heal(Node::machine);
    disk().restore(Node::machine, s.start);
    Node node(s);
    must(node.open());
    truth_ = truth_of(node);
    node.close();
    closed_ = disk().snapshot(Node::machine);
  }
  ~Damage() { tally_.print(); }
  Damage(const Damage&) = delete;
  Damage& operator=(const Damage&) = delete;

  /// @param with_log as a killed process left it; otherwise as after closing
  void each(std::uint64_t count, bool with_log, const std::function<void()>& harm) {
    for (std::uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("store " + std::to_string(i));
      disk().restore(Node::machine, with_log ? scenario_.start : closed_);
      harm();
      read();
    }
  }

  void read() {
    ++tally_.stores;
    Node node(scenario_);
    if (const auto opened = node.open(); !opened) {
      ++tally_.refused;
      tally_.said.insert(opened.error().code);
    } else {
      Probe(truth_, tally_).read(node);
    }
    node.close();
  }

  [[nodiscard]] const Scenario<Node>& scenario() const { return scenario_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] Truth& truth() { return truth_; }

 private:
  const Scenario<Node>& scenario_;
  Truth truth_;
  DiskSnapshot closed_;
  Tally tally_;
};

template <class Node>
const Scenario<Node>& everything_read(const std::vector<Scenario<Node>>& all) {
  return *std::ranges::find(all, std::string("everything read"), &Scenario<Node>::name);
}

class DamageTest : public testing::Test {
 protected:
  static std::uint64_t often(std::uint64_t lite) {
    return Effort::from_environment().is_full ? lite * 40 : lite;
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }

  static Bytes content(const std::string& path) {
    const BytesView bytes = disk().bytes(path);
    return {bytes.begin(), bytes.end()};
  }
  void flip(const std::string& path) {
    Bytes bytes = content(path);
    ASSERT_FALSE(bytes.empty());
    bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1U << below(8));
    disk().put(path, std::move(bytes));
  }
  void swap_pages(const std::string& path) {
    Bytes bytes = content(path);
    const auto from =
        bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() / page) * page);
    const auto to = bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() / page) * page);
    if (from != to) std::swap_ranges(from, from + page, to);
    disk().put(path, std::move(bytes));
  }
  void blank_page(const std::string& path) {
    Bytes bytes = content(path);
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() / page) * page);
    std::fill(at, at + page, std::uint8_t{0});
    disk().put(path, std::move(bytes));
  }
  void cut(const std::string& path) {
    Bytes bytes = content(path);
    bytes.resize(below(bytes.size()));
    disk().put(path, std::move(bytes));
  }

  /// What a store may say of damage: its own errors; that something which a lost row told is not
  /// there; and of the identity, whose certificate is signed, what is wrong with that.
  static void expect_named(const Tally& tally) {
    static const std::set<errc> lost{errc::not_enrolled, errc::dossier_unknown,
                                     errc::numbers_exhausted};
    for (const errc code : tally.said) {
      const bool is_of_store = code >= errc::store_full && code <= errc::store_memory;
      const bool is_of_certificate = code <= errc::tenant_mismatch;
      EXPECT_TRUE(is_of_store || is_of_certificate || lost.contains(code)) << name(code);
    }
  }

  template <class Node>
  void harm_everything(const Scenario<Node>& s) {
    SCOPED_TRACE(seed_text(seed_));
    const std::string file = Node::path;
    Damage<Node> damage(s);
    damage.each(often(300), false, [&] { flip(file); });
    damage.each(often(60), false, [&] { swap_pages(file); });
    damage.each(often(40), false, [&] { blank_page(file); });
    damage.each(often(30), false, [&] { cut(file); });
    damage.each(often(60), true, [&] { flip(file + "-wal"); });
    damage.each(often(20), true, [&] { cut(file + "-wal"); });
    EXPECT_GT(damage.tally().refused + damage.tally().failed, 20U);
    EXPECT_GT(damage.tally().right, 1000U);
    expect_named(damage.tally());
  }

  /// The disk does it by itself, in the middle of the work.
  template <class Node>
  void harm_by_disk(const std::vector<Scenario<Node>>& scenarios) {
    SCOPED_TRACE(seed_text(seed_));
    for (const Scenario<Node>& s : scenarios) {
      if (s.stride > 1 || s.start.empty()) continue;
      SCOPED_TRACE(s.name);
      Damage<Node> damage(s);
      damage.truth().is_whole = false;  // What was written before a step failed is not noted.
      for (const auto fault :
           {DiskFault::lost_write, DiskFault::misdirected_write, DiskFault::flipped_read}) {
        damage.each(often(6), true, [&] {
          disk().fail_at(Node::machine, fault, 1 + below(30), Lasts::once);
          Node node(s);
          bool works = node.open().has_value() && is_set_up(node);
          for (const auto& step : s.steps) works = works && step(node).has_value();
          if (works) note_written(damage.truth(), node);
          node.close();
          disk().heal(Node::machine);
          disk().crash(Node::machine, Crash::process_killed);
        });
      }
    }
  }
  // Without its identity a device is a new one, with which nobody would work.
  static bool is_set_up(const Phone& phone) { return phone.replica->identity() != nullptr; }
  static bool is_set_up(const ServerNode&) { return true; }

  template <class Node>
  static void note_written(Truth& truth, Node& node) {
    if constexpr (std::is_same_v<Node, Phone>) {
      const auto all = node.replica->store().all();
      if (!all) return;
      for (const auto& r : *all) truth.bodies[r.evidence.record.hash] = r.evidence.record.body;
    } else {
      const auto all = node.registry->all_records();
      if (!all) return;
      for (const auto& e : *all) truth.bodies[e.record.hash] = e.record.body;
    }
  }

 private:
  std::uint64_t seed_ = random_seed();
  std::mt19937_64 engine_{seed_};
};

}  // namespace

TEST_F(DamageTest, DamagedPhoneStoreReadsRightOrSaysAnError) {
  harm_everything(everything_read(phone_scenarios()));
}
TEST_F(DamageTest, DamagedRegistryReadsRightOrSaysAnError) {
  harm_everything(everything_read(registry_scenarios()));
}
TEST_F(DamageTest, PhoneStoreOnDiskThatLosesOrMisdirectsWritesNeverCrashes) {
  harm_by_disk(phone_scenarios());
}
TEST_F(DamageTest, RegistryOnDiskThatLosesOrMisdirectsWritesNeverCrashes) {
  harm_by_disk(registry_scenarios());
}

}  // namespace tannha::test
