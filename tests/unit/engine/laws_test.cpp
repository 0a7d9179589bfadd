#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <tuple>

#include "tannha/engine/dossier.hpp"
#include "tests/support/random_evidence.hpp"
#include "tests/support/random_seed.hpp"
#include "tools/simulate/reference_fold.hpp"

// The laws of docs/merge.md that the fold alone has to keep, on random evidence. TANNHA_LAWS_SETS
// says how many sets are tried in every order (20 unless told; 1000 for a full run); of the longer
// sets a hundred times as many. A set that fails is the first one of a run with the seed printed.
namespace tannha::test {
namespace {

using Set = std::vector<Evidence>;

std::uint64_t set_count() {
  const char* text = std::getenv("TANNHA_LAWS_SETS");
  return text ? std::strtoull(text, nullptr, 10) : 20;
}
std::uint64_t long_set_count() {
  return 100 * set_count();
}

bool applies(const Evidence& e) {
  return e.ruling.verdict == Verdict::effective || e.ruling.verdict == Verdict::provisional;
}
std::string state_of(const Set& set) {
  return state_text(fold(random_dossier, set));
}

/// What counts of the set, in causal order.
Set applied_in_order(const Set& set) {
  Set applied;
  std::ranges::copy_if(set, std::back_inserter(applied), applies);
  Set ordered;
  for (const std::size_t i : causal_order(applied)) ordered.push_back(applied[i]);
  return ordered;
}

/// Calls `check` with sets of `least` to `most` records and the generator that made their size.
template <class Check>
void for_random_sets(std::uint64_t sets, std::size_t least, std::size_t most, Check check) {
  const std::uint64_t first = random_seed();
  for (std::uint64_t i = 0; i < sets && !testing::Test::HasFatalFailure(); ++i) {
    SCOPED_TRACE(seed_text(first + i));
    std::mt19937_64 random(first + i);
    const Set set = random_evidence(random(), least + pick(random, most - least + 1));
    check(set, random);
    if (testing::Test::HasFailure()) FAIL() << describe(set);
  }
}

/// A step of the paper's way: the states before and after one record, in causal order.
template <class Check>
void for_each_step(const Set& set, Check check) {
  const Set ordered = applied_in_order(set);
  Dossier before = fold(random_dossier, {});
  for (std::size_t n = 1; n <= ordered.size(); ++n) {
    const Set prefix(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(n));
    // The beginning of a cycle is none: its records would stand in another order.
    if (!std::ranges::is_sorted(causal_order(prefix))) return;
    const Dossier after = fold(random_dossier, prefix);
    check(before, ordered, n - 1, after);
    before = after;
  }
}

// --- L1 -----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L1ConvergenceInEveryOrder) {
  for_random_sets(set_count(), 5, 7, [](Set set, std::mt19937_64&) {
    const std::string expected = state_text(simulate::reference_fold(random_dossier, set));
    // Heap's way: each order comes from the one before by one exchange.
    std::vector<std::size_t> counter(set.size(), 0);
    ASSERT_EQ(state_of(set), expected);
    for (std::size_t i = 1; i < set.size();) {
      if (counter[i] == i) {
        counter[i++] = 0;
        continue;
      }
      std::swap(set[i % 2 == 0 ? 0 : counter[i]], set[i]);
      ASSERT_EQ(state_of(set), expected);
      ++counter[i];
      i = 1;
    }
  });
}

TEST(MergeLawsTest, L1ConvergenceOfLongSetsInShuffledOrders) {
  for_random_sets(long_set_count(), 8, 50, [](Set set, std::mt19937_64& random) {
    const std::string expected = state_text(simulate::reference_fold(random_dossier, set));
    for (int run = 0; run < 4; ++run) {
      ASSERT_EQ(state_of(set), expected);
      shuffle(set, random);
    }
  });
}

TEST(MergeLawsTest, L1CausalOrderIsTheOneByDefinition) {
  const auto hashes = [](const Set& set, const std::vector<std::size_t>& order) {
    std::string out;
    for (const std::size_t i : order) out += to_hex(set[i].record.hash) + "\n";
    return out;
  };
  for_random_sets(long_set_count(), 0, 30, [&](Set set, std::mt19937_64& random) {
    const std::string expected = hashes(set, simulate::reference_order(set));
    ASSERT_EQ(hashes(set, causal_order(set)), expected);
    shuffle(set, random);
    ASSERT_EQ(hashes(set, causal_order(set)), expected);
  });
}

TEST(MergeLawsTest, L1AFoldThatGoesOnIsTheFoldOfAll) {
  std::uint64_t went_on = 0;
  std::uint64_t refused = 0;
  for_random_sets(long_set_count(), 1, 30, [&](Set set, std::mt19937_64& random) {
    // As the registry gets them: each with the next index of the journal.
    shuffle(set, random);
    for (std::size_t i = 0; i < set.size(); ++i) set[i].leaf_index = i;
    const std::size_t begin = pick(random, set.size());
    DossierFold going_on(random_dossier, std::span(set).first(begin));
    for (std::size_t i = begin; i < set.size(); ++i) {
      if (!going_on.add(set[i])) {
        ++refused;
        going_on = DossierFold(random_dossier, std::span(set).first(i + 1));
      } else {
        ++went_on;
      }
      ASSERT_EQ(state_text(going_on.state()),
                state_text(fold(random_dossier, std::span(set).first(i + 1))));
    }
  });
  // Both ways were gone.
  EXPECT_GT(went_on, long_set_count());
  EXPECT_GT(refused, 0U);
}

TEST(MergeLawsTest, L1NodesThatLearntOfARecordAtAnotherTimeAgree) {
  for_random_sets(long_set_count() / 4, 5, 40, [](Set set, std::mt19937_64& random) {
    const std::string expected = state_of(set);
    for (Evidence& e : set) e.received_ms = random();
    ASSERT_EQ(state_of(set), expected);
  });
}

// --- L4 -----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L4EveryRecordIsCountedOnce) {
  for_random_sets(long_set_count() / 4, 0, 50, [](const Set& set, std::mt19937_64&) {
    std::map<Verdict, std::uint32_t> expected;
    for (const Evidence& e : set) ++expected[e.ruling.verdict];
    const Dossier::Counts c = fold(random_dossier, set).records;
    EXPECT_EQ(c.effective, expected[Verdict::effective]);
    EXPECT_EQ(c.provisional, expected[Verdict::provisional]);
    EXPECT_EQ(c.held, expected[Verdict::held]);
    EXPECT_EQ(c.effective + c.provisional + c.held + c.refused, set.size());
  });
}

TEST(MergeLawsTest, L4EveryValueThatCountsIsListedInExactlyOnePlace) {
  using Value = std::tuple<std::string, Hash, std::string>;
  for_random_sets(long_set_count(), 5, 50, [](const Set& set, std::mt19937_64&) {
    std::multiset<Value> written;
    for (const Evidence& e : set) {
      if (!applies(e) || e.record.header.type != RecordType::fields_written) continue;
      const auto b = body::decode<body::FieldsWritten>(e.record.body);
      if (!b) continue;
      for (const body::Field& f : b->items) written.emplace(f.name, e.record.hash, f.value);
    }
    const Dossier d = fold(random_dossier, set);
    std::multiset<Value> listed;
    for (const auto& [name, values] : d.fields) {
      EXPECT_FALSE(values.empty());
      for (const auto& v : values) listed.emplace(name, v.record, v.value);
    }
    for (const auto* list : {&d.superseded, &d.suggestions}) {
      for (const auto& v : *list) listed.emplace(v.name, v.value.record, v.value.value);
    }
    EXPECT_TRUE(listed == written) << "written " << written.size() << ", listed " << listed.size();
  });
}

TEST(MergeLawsTest, L4WhatDoesNotCountChangesNothingButTheCounts) {
  for_random_sets(long_set_count() / 2, 5, 50, [](Set set, std::mt19937_64&) {
    Dossier with = fold(random_dossier, set);
    std::erase_if(set, [](const Evidence& e) { return !applies(e); });
    const Dossier without = fold(random_dossier, set);
    with.records = without.records;
    EXPECT_EQ(state_text(with), state_text(without));
  });
}

// --- L5 -----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L5ValueInForceIsReplacedOnlyByItsOwnerWhoNamesIt) {
  for_random_sets(long_set_count() / 4, 5, 25, [](const Set& set, std::mt19937_64&) {
    for_each_step(
        set, [](const Dossier& before, const Set& ordered, std::size_t at, const Dossier& after) {
          const Evidence& e = ordered[at];
          for (const auto& [name, values] : before.fields) {
            for (const Dossier::FieldValue& v : values) {
              const auto now = after.fields.find(name);
              if (now != after.fields.end() && std::ranges::count(now->second, v)) continue;
              EXPECT_EQ(e.record.header.type, RecordType::fields_written);
              EXPECT_TRUE(before.courier == e.author);
              EXPECT_TRUE(std::ranges::count(e.record.header.refs, v.record));
            }
          }
        });
  });
}

// --- L7 -----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L7PaperMovesOnlyByStepsOfTheCustodyChain) {
  const std::set<RecordType> moving{RecordType::sealed, RecordType::handover_accepted,
                                    RecordType::dispute_resolved, RecordType::delivered};
  for_random_sets(long_set_count() / 4, 5, 25, [&](const Set& set, std::mt19937_64&) {
    for_each_step(
        set, [&](const Dossier& before, const Set& ordered, std::size_t at, const Dossier& after) {
          if (before.custodian != after.custodian || before.links != after.links) {
            EXPECT_TRUE(moving.contains(ordered[at].record.header.type));
          }
          EXPECT_TRUE(
              std::ranges::equal(before.links, std::span(after.links).first(before.links.size())))
              << "a link of the chain disappeared";
        });
  });
}

TEST(MergeLawsTest, L7NobodyHasThePaperWhileADisputeIsOpen) {
  for_random_sets(long_set_count(), 5, 50, [](const Set& set, std::mt19937_64&) {
    const Dossier d = fold(random_dossier, set);
    EXPECT_EQ(d.custodian == Custodian::disputed, !d.disputed.empty());
    EXPECT_NE(d.disputed.size(), 1U) << "it takes two";
    EXPECT_TRUE(!d.resolution || !d.disputed.empty());
  });
}

TEST(MergeLawsTest, L7DisputeEndsOnlyByTwoOfficersWhoNameTheSameLink) {
  for_random_sets(long_set_count() / 2, 5, 25, [](const Set& set, std::mt19937_64&) {
    std::map<Hash, std::set<Id>> words;  // since the open dispute began
    for_each_step(
        set, [&](const Dossier& before, const Set& ordered, std::size_t at, const Dossier& after) {
          const Evidence& e = ordered[at];
          if (before.disputed.empty()) {
            words.clear();
            return;
          }
          const auto word = body::decode<body::DisputeResolved>(e.record.body);
          const bool is_word = e.record.header.type == RecordType::dispute_resolved && word;
          if (is_word) words[word->link].insert(e.author);
          if (after.disputed.empty()) {
            ASSERT_TRUE(is_word);
            EXPECT_GE(words[word->link].size(), 2U);
            EXPECT_TRUE(after.last_link == word->link);
            EXPECT_TRUE(std::ranges::count(before.disputed, word->link));
          } else {
            EXPECT_TRUE(std::ranges::equal(
                before.disputed, std::span(after.disputed).first(before.disputed.size())));
          }
        });
  });
}

// --- L8 -----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L8LateAmendmentsThatAreHeldLeaveWhatWasAccepted) {
  for_random_sets(long_set_count() / 4, 5, 40, [](Set set, std::mt19937_64& random) {
    const Dossier seen = fold(random_dossier, set);
    Evidence acceptance;
    acceptance.record.header.type = RecordType::accepted;
    acceptance.record.header.log_id = {0x77};
    acceptance.record.hash = random_hash(random);
    acceptance.record.body = body::encode(body::Accepted{{}, seen.capture_heads}, Id{});
    acceptance.ruling.verdict = Verdict::effective;
    set.push_back(acceptance);
    const Dossier accepted = fold(random_dossier, set);
    for (int i = 0; i < 3; ++i) {
      Evidence late = acceptance;
      late.record.header.type = RecordType::fields_written;
      late.record.header.log_id = {0x11};
      late.record.header.seq = 1000 + static_cast<std::uint64_t>(i);
      for (const Evidence& e : set) late.record.header.refs.push_back(e.record.hash);
      late.record.hash = random_hash(random);
      late.record.body =
          body::encode(body::FieldsWritten{{{"owner_name", "khác"}, {"address", "khác"}}}, Id{});
      late.author = accepted.courier.value_or(Id{});
      late.ruling = {Verdict::held, errc::late_amendment};
      set.push_back(late);
    }
    Dossier after = fold(random_dossier, set);
    EXPECT_EQ(after.records.held, accepted.records.held + 3);
    after.records = accepted.records;
    EXPECT_EQ(state_text(after), state_text(accepted));
    EXPECT_TRUE(after.fields == seen.fields);
    EXPECT_TRUE(after.capture_heads == seen.capture_heads);
  });
}

// --- L10 ----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L10NoClaimedTimeChangesTheState) {
  for_random_sets(long_set_count() / 2, 5, 50, [](Set set, std::mt19937_64& random) {
    const std::string expected = state_of(set);
    std::vector<std::uint64_t> times;
    for (const Evidence& e : set) times.push_back(e.record.header.claimed_ms);
    shuffle(times, random);
    for (std::size_t i = 0; i < set.size(); ++i) set[i].record.header.claimed_ms = times[i];
    ASSERT_EQ(state_of(set), expected) << "permuted";
    for (Evidence& e : set) {
      RecordHeader& h = e.record.header;
      h.claimed_ms = chance(random, 50) ? 0 : random();
      h.monotonic_ms = random();
      for (std::uint8_t& byte : h.boot_id) byte = static_cast<std::uint8_t>(random());
      h.beacon = Beacon{random(), random_hash(random)};
    }
    ASSERT_EQ(state_of(set), expected) << "replaced";
  });
}

// --- L13 ----------------------------------------------------------------------------------------

TEST(MergeLawsTest, L13PaymentThatCountsIsNeverForgotten) {
  for_random_sets(long_set_count() / 4, 5, 25, [](const Set& set, std::mt19937_64&) {
    for_each_step(set, [](const Dossier& before, const Set&, std::size_t, const Dossier& after) {
      if (!before.payout || !before.payout->paid) return;
      ASSERT_TRUE(after.payout);
      EXPECT_TRUE(after.payout->paid == before.payout->paid);
    });
  });
}

// --- What the random sets are worth -------------------------------------------------------------

bool ended_a_dispute(const Dossier& d, const Set& set) {
  return d.disputed.empty() && d.links.size() > 1 && std::ranges::any_of(set, [&](auto& e) {
           if (e.record.header.type != RecordType::dispute_resolved || !applies(e)) return false;
           const auto b = body::decode<body::DisputeResolved>(e.record.body);
           return b && b->link == d.last_link;
         });
}
bool has_fork(const Set& set) {
  std::set<std::pair<Hash, std::uint64_t>> numbers;
  for (const Evidence& e : set) numbers.emplace(e.record.header.log_id, e.record.header.seq);
  return numbers.size() < set.size();
}
/// Whether a record stands before one that it refers to.
bool has_cycle(const Set& set) {
  std::set<Hash> all;
  for (const Evidence& e : set) all.insert(e.record.hash);
  std::set<Hash> taken;
  for (const std::size_t i : causal_order(set)) {
    for (const Hash& ref : set[i].record.header.refs) {
      if (all.contains(ref) && !taken.contains(ref)) return true;
    }
    taken.insert(set[i].record.hash);
  }
  return false;
}

TEST(MergeLawsTest, RandomSetsReachEveryPartOfTheState) {
  std::map<std::string, int> seen;
  for (int i = 0; i <= static_cast<int>(Stage::returned); ++i) {
    seen[std::string(name(static_cast<Stage>(i)))] = 0;
  }
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const Set set = random_evidence(seed, 2 + seed % 49);
    const Dossier d = fold(random_dossier, set);
    ++seen[std::string(name(d.stage))];
    seen["with the citizen"] += d.custodian == Custodian::citizen && d.delivered;
    seen["with the courier"] += d.custodian == Custodian::courier;
    seen["at the desk"] += d.custodian == Custodian::desk;
    seen["disputed"] += d.custodian == Custodian::disputed;
    seen["word about a dispute"] += d.resolution.has_value();
    seen["ended dispute"] += ended_a_dispute(d, set);
    seen["superseded"] += !d.superseded.empty();
    seen["suggestions"] += !d.suggestions.empty();
    seen["concurrent values"] +=
        std::ranges::any_of(d.fields, [](const auto& entry) { return entry.second.size() > 1; });
    seen["confirmation"] += d.confirmation.has_value();
    seen["offer"] += d.offer.has_value();
    seen["open supplement"] += d.supplement.has_value();
    seen["citizen"] += d.citizen.has_value();
    seen["paper before data"] += d.paper_before_data();
    seen["paid"] += d.payout && d.payout->paid;
    seen["given back"] += d.payout && d.payout->returned;
    seen["fork"] += has_fork(set);
    seen["cycle"] += has_cycle(set);
  }
  for (const auto& [what, count] : seen) EXPECT_GT(count, 5) << what;
}

}  // namespace
}  // namespace tannha::test
