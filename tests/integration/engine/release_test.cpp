// What waited for a record is looked at again in parts: a device that kept its first record back
// must not stop the whole province when it sends it at last.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/journey.hpp"

namespace tannha::test {
namespace {

constexpr std::size_t most = Admission::releases_max;

class ReleaseTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  std::vector<Id> dossiers{journey.assigned(), journey.assigned(), journey.assigned(),
                           journey.assigned(), journey.assigned(), journey.assigned()};

  /// Notes of one log, each about another dossier than the one before.
  std::vector<Record> chain(Device& device, std::size_t count) {
    std::vector<Record> notes;
    for (std::size_t i = 0; i < count; ++i) {
      const Id& about = dossiers[i % dossiers.size()];
      const RecordHeader header =
          i == 0 ? next_header(device, about) : header_after(notes.back(), about);
      notes.push_back(forge(device, header, body::Note{std::to_string(i)}));
    }
    return notes;
  }
  /// Sends everything but the first.
  void keep_first_back(const Device& device, const std::vector<Record>& notes) {
    for (std::size_t i = 1; i < notes.size(); i += 500) {
      const auto end = notes.begin() + static_cast<std::ptrdiff_t>(std::min(i + 500, notes.size()));
      province.push(device, {notes.begin() + static_cast<std::ptrdiff_t>(i), end});
    }
    ASSERT_EQ(effective(notes), 0U);
  }
  std::size_t effective(const std::vector<Record>& records) {
    return static_cast<std::size_t>(std::ranges::count_if(records, [&](const Record& record) {
      const auto found = must(province.registry().record(record.hash));
      return found && found->ruling == is_effective;
    }));
  }
  /// What the server does by itself. @return whether more is to do
  bool go_on(SyncServer& server) {
    must(province.registry().begin());
    const SyncServer::Released released = must(server.release_due());
    must(province.registry().commit());
    EXPECT_EQ(released.is_any_due, must(province.registry().is_any_due()));
    return released.is_any_due;
  }
};

TEST_F(ReleaseTest, AThousandThatWaitedAreReleasedInPartsAndNoneIsForgotten) {
  const std::vector<Record> notes = chain(journey.courier, 1001);
  keep_first_back(journey.courier, notes);
  const exchange::Response response = province.push(journey.courier, {notes.front()});
  EXPECT_EQ(ruling_of(response.answers.at(0)), is_effective);
  std::size_t before = effective(notes);
  EXPECT_EQ(before, most + 1);
  // Whoever comes next goes on with it, and with no more of it.
  for (int i = 0; i < 3; ++i) {
    province.push(journey.officer, {});
    const std::size_t now = effective(notes);
    EXPECT_LE(now - before, most);
    EXPECT_TRUE(now > before || now == notes.size());
    before = now;
  }
  EXPECT_EQ(before, notes.size());
  province.push(journey.officer, {});
  EXPECT_FALSE(must(province.registry().is_any_due()));
}

TEST_F(ReleaseTest, OneExchangeReleasesNoMoreHoweverManyRecordsItBrings) {
  Device& second = province.enrol(Role::dispatcher, unit);
  const std::vector<Record> notes = chain(journey.courier, 400);
  const std::vector<Record> others = chain(second, 400);
  keep_first_back(journey.courier, notes);
  keep_first_back(second, others);
  province.push(journey.dispatcher, {notes.front(), others.front()});
  EXPECT_EQ(effective(notes) + effective(others), most + 2);
}

TEST_F(ReleaseTest, ServerGoesOnByItselfAndSaysWhoIsToBeTold) {
  const std::vector<Record> notes = chain(journey.courier, most + 10);
  keep_first_back(journey.courier, notes);
  province.push(journey.courier, {notes.front()});
  must(province.registry().begin());
  const SyncServer::Released released = must(province.server().release_due());
  must(province.registry().commit());
  EXPECT_FALSE(released.is_any_due);
  for (const std::string& audience :
       {actor_audience(journey.courier.actor()), "unit:" + std::string(unit)}) {
    EXPECT_NE(std::ranges::find(released.changed_audiences, audience),
              released.changed_audiences.end())
        << audience;
  }
  EXPECT_EQ(effective(notes), notes.size());
}

TEST_F(ReleaseTest, WhatWasUndoneIsDoneAgain) {
  const std::vector<Record> notes = chain(journey.courier, most + 10);
  keep_first_back(journey.courier, notes);
  province.push(journey.courier, {notes.front()});
  const std::size_t before = effective(notes);
  must(province.registry().begin());
  must(province.server().release_due());
  province.registry().rollback();
  EXPECT_EQ(effective(notes), before);
  EXPECT_TRUE(must(province.registry().is_any_due()));
  EXPECT_FALSE(go_on(province.server()));
  EXPECT_EQ(effective(notes), notes.size());
}

TEST_F(ReleaseTest, RecordsThatComeInBetweenFindTheirPlace) {
  const std::vector<Record> notes = chain(journey.courier, 2 * most);
  std::vector<Record> early = notes;
  early.resize(most + 100);
  keep_first_back(journey.courier, early);
  province.push(journey.courier, {notes.front()});
  // The log's unbroken chain has not been followed to its end when the rest comes.
  province.push(journey.courier, {notes.begin() + static_cast<std::ptrdiff_t>(early.size()),
                                  notes.end()});
  while (go_on(province.server())) {
  }
  EXPECT_EQ(effective(notes), notes.size());
  const auto log = must_have(province.registry().log(journey.courier.log_id()));
  EXPECT_EQ(log.head, notes.back().hash);
}

// L1, L3: the parts in which it is done change nothing about the end.
TEST_F(ReleaseTest, OneAtATimeComesToTheSameEnd) {
  // Each names two before it, of the same log and of another.
  const Record root = forge(journey.dispatcher, next_header(journey.dispatcher, dossiers[0]),
                            body::Note{"gốc"});
  std::vector<Record> ladder{root};
  for (std::size_t i = 0; i < 40; ++i) {
    RecordHeader header = i == 0 ? next_header(journey.courier, dossiers[0])
                                 : header_after(ladder.back(), dossiers[0]);
    header.refs = {ladder.back().hash};
    if (i > 0) header.refs.push_back(ladder[ladder.size() / 2].hash);
    ladder.push_back(forge(journey.courier, header, body::Note{std::to_string(i)}));
  }
  std::vector<Record> waiting(ladder.begin() + 1, ladder.end());
  std::ranges::reverse(waiting);
  province.push(journey.courier, waiting);
  SyncServer slow(province.registry(), province.actor(), {}, province.host(), Hash{}, 1);
  must(province.registry().begin());
  const auto prepared = must(prepare_exchange(
      fields::encode(exchange::Request{.tenant = province.actor().tenant.code,
                                       .records = {{root.envelope, root.body}}}),
      province.actor().tenant.code, province.actor().tenant.authority_key));
  const auto outcome = must(slow.exchange(prepared, journey.dispatcher.log_id()));
  must(province.registry().commit());
  EXPECT_TRUE(outcome.is_any_due);
  std::size_t steps = 0;
  while (go_on(slow) && ++steps < 1000) {
  }
  EXPECT_GT(steps, 30U);
  EXPECT_EQ(effective(ladder), ladder.size());
}

// The journal does not grow when something is released, so that an answer from before and the feed
// from after lead to one checkpoint.
TEST_F(ReleaseTest, LateCopyOfAnAnswerDoesNotBringTheWaitBack) {
  const Record root = forge(journey.dispatcher, next_header(journey.dispatcher, dossiers[0]),
                            body::Note{"gốc"});
  province.sync(journey.courier);
  auto change = must(journey.courier->begin());
  const Record waiting = must(change.append(dossiers[0], {root.hash}, body::Note{"chờ"}));
  must(change.commit());
  province.sync(journey.courier);
  const auto verdict = [&] {
    return must_have(journey.courier->record(waiting.hash)).evidence.ruling.verdict;
  };
  ASSERT_EQ(verdict(), Verdict::held);

  SyncServer busy(province.registry(), province.actor(), {}, province.host(), Hash{}, 0);
  const auto exchange = [&](const Device& sender, const Record& record) {
    const auto prepared = must(prepare_exchange(
        fields::encode(exchange::Request{.tenant = province.actor().tenant.code,
                                         .records = {{record.envelope, record.body}}}),
        province.actor().tenant.code, province.actor().tenant.authority_key));
    must(province.registry().begin());
    auto outcome = must(busy.exchange(prepared, sender.log_id()));
    must(province.registry().commit());
    outcome.response.checkpoint = sign_checkpoint(outcome.head, province.actor().journal_key);
    return outcome.response;
  };
  exchange(journey.dispatcher, root);
  const exchange::Response late = exchange(journey.courier, waiting);
  ASSERT_EQ(late.answers.front().standing, Verdict::held);
  while (go_on(province.server())) {
  }
  province.sync(journey.courier);
  ASSERT_EQ(verdict(), Verdict::effective);
  must(journey.courier->receive(late));
  EXPECT_EQ(verdict(), Verdict::effective);
}

}  // namespace
}  // namespace tannha::test
