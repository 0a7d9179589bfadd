#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>

#include "tests/crash/processes/acts.hpp"
#include "tests/crash/processes/promises.hpp"
#include "tests/crash/processes/strike.hpp"
#include "tests/support/random_seed.hpp"

// The server is struck while it starts, while people's devices work with it, and while it stops.
// Whatever a device has a receipt for must be there at once, before anything is sent again; after a
// restart everybody gets on.

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kills_a_scenario = 22;
constexpr std::size_t failures_a_scenario = 16;
constexpr std::size_t allocations_a_scenario = 6;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Everybody at once.
std::vector<Outcome> perform_all(const std::vector<Act>& acts, const Town& town) {
  std::vector<std::future<Outcome>> running;
  for (const Act& act : acts) {
    running.push_back(std::async(std::launch::async, [&act, &town] { return perform(act, town); }));
  }
  std::vector<Outcome> outcomes;
  for (auto& one : running) outcomes.push_back(one.get());
  return outcomes;
}

Act act(const std::string& name) {
  return *std::ranges::find(journey(), name, &Act::name);
}

class ServerCrashTest : public ::testing::Test {
 protected:
  /// Strikes the server at many points while `acts` are performed at the same time.
  void strike_all(const Town& before, std::vector<Act> acts) {
    acts_ = std::move(acts);
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE(test::seed_text(seed));
    std::mt19937_64 random(seed);
    const Watched calls = watch(before);
    ASSERT_GT(calls.points.size(), 0U) << "nothing is written";
    Plan plan = choose_points(calls, killing, kills_a_scenario, random);
    plan.add(choose_points(calls, failing, failures_a_scenario, random));
    report("points", plan, seed);
    const Plan memory = choose_allocations(calls, allocations_a_scenario, random);
    report("allocations", memory, seed);
    plan.add(memory);
    for (const Strike& s : plan.strikes) {
      SCOPED_TRACE(text(s));
      strike(before, s);
    }
    // Who comes first and what is committed together differs, and with it the number of calls.
    const auto wanted =
        std::ranges::count_if(plan.strikes, [](const Strike& s) { return kills(s.action); });
    EXPECT_GE(killed_ * 10, static_cast<std::size_t>(wanted) * 7);
  }

  /// A second courier, who has photos, too.
  static Town with_second_courier(const Town& before) {
    const Town town = before.copy_to(Stories::spare().string() + "-two");
    const auto server = town.open();
    const auto second = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {"phone", "--data", (town / "second").string()});
      return must_work(std::move(words));
    };
    const Outcome ticket =
        must_work({"ticket", "--data", (town / "server").string(), "--server", Town::url(),
                   "--role", "courier", "--unit", "H42.102", "--label", "thử hai"});
    must_work({"enrol", "--data", (town / "second").string(), ticket.lines().at(0)});
    second({"sync"});
    const std::string opened = second({"open", "1.001193"}).lines().at(0);
    const std::string id = opened.substr(opened.rfind(' ') + 1);
    second({"photo", id, (town / "page2.jpg").string(), (town / "sign.jpg").string()});
    second({"note", id, "hai"});
    EXPECT_EQ(server->stop(), 0);
    return town;
  }

 private:
  static Outcome must_work(std::vector<std::string> words) {
    Outcome outcome = process::tannha(std::move(words));
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    return outcome;
  }

  Watched watch(const Town& before) {
    const Town town = before.copy_to(Stories::spare());
    const fs::path notes = Stories::spare().string() + "-notes";
    const auto server = town.start(watched(town / "server", notes));
    EXPECT_TRUE(server->listens());
    for (const Outcome& outcome : perform_all(acts_, town)) {
      EXPECT_EQ(outcome.code, 0) << outcome.err;
    }
    EXPECT_EQ(server->stop(), 0);
    return read_notes(notes);
  }

  void strike(const Town& before, const Strike& strike) {
    const Town town = before.copy_to(Stories::spare());
    const bool was_new = !fs::exists(town / "server/registry.db");
    const auto struck_server = town.start(struck(town / "server", strike));
    const bool listened = struck_server->listens();
    if (listened) {
      for (const Outcome& outcome : perform_all(acts_, town)) expect_told(outcome);
      const bool is_over = !kills(strike.action) && !is_lasting(strike.action);
      // A server that met trouble once, and has memory, works on as if nothing had happened.
      if (is_over && !is_of_memory(strike.action)) expect_all_done(town);
    }
    const int code = struck_server->stop();
    const bool felt = expect_end({code, "", struck_server->complaint()}, strike);
    if (felt && kills(strike.action)) ++killed_;
    // Before anybody sends anything again.
    if (listened || !was_new) expect_sound_server(town);
    const std::string keys = content(town / "server/keys.cbor");
    const std::string secret = content(town / "server/admin.secret");

    const auto server = town.start();
    ASSERT_TRUE(server->listens()) << server->complaint();
    expect_all_done(town);
    EXPECT_EQ(server->stop(), 0);
    expect_sound_server(town);
    for (const Act& act : acts_) expect_saved(town, act.who, "");
    // A province that has its keys never gets others.
    if (!keys.empty()) {
      EXPECT_EQ(content(town / "server/keys.cbor"), keys);
    }
    if (!secret.empty()) {
      EXPECT_EQ(content(town / "server/admin.secret"), secret);
    }
  }

  static void expect_told(const Outcome& outcome) {
    if (outcome.code == 0) return;
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    EXPECT_TRUE(is_told(outcome.err)) << outcome.err;
  }
  void expect_all_done(const Town& town) {
    for (const Outcome& outcome : perform_all(acts_, town)) expect_told(outcome);
    for (const Act& act : acts_) {
      SCOPED_TRACE(act.name);
      EXPECT_TRUE(act.question.empty() || is_done(act, town));
    }
  }

  std::vector<Act> acts_;
  std::size_t killed_ = 0;
};

TEST_F(ServerCrashTest, FirstStart) {
  strike_all(Stories::before("OperatorMakesTicketForDispatcher"),
             {act("OperatorMakesTicketForDispatcher")});
}

TEST_F(ServerCrashTest, RestartWithWriteAheadLog) {
  const Town town = Stories::before("CourierPushes").copy_to(Stories::spare().string() + "-wal");
  const auto server = town.open();
  EXPECT_EQ(perform(act("CourierPushes"), town).code, 0);
  server->kill();
  ASSERT_GT(fs::file_size(town / "server/registry.db-wal"), 0U);
  strike_all(town, {act("OfficerPulls")});
}

TEST_F(ServerCrashTest, Ticket) {
  strike_all(Stories::before("OperatorMakesTicketForCourier"),
             {act("OperatorMakesTicketForCourier")});
}

TEST_F(ServerCrashTest, Enrolment) {
  strike_all(Stories::before("CourierEnrols"), {act("CourierEnrols")});
}

TEST_F(ServerCrashTest, FirstPullWithNumbers) {
  strike_all(Stories::before("CourierPullsFirstTime"), {act("CourierPullsFirstTime")});
}

TEST_F(ServerCrashTest, TwoCouriersPushRecordsAndPhotos) {
  const Town town = with_second_courier(Stories::before("CourierPushes"));
  Act second = act("CourierPushes");
  second.who = "second";
  second.words = {"phone", "--data", "{/second}", "sync"};
  second.question = {"phone", "--data", "{/second}", "status"};
  strike_all(town, {act("CourierPushes"), second});
}

TEST_F(ServerCrashTest, OfficerTakesBag) {
  strike_all(Stories::before("OfficerTakesBag"), {act("OfficerTakesBag")});
}

TEST_F(ServerCrashTest, OfficerAccepts) {
  strike_all(Stories::before("OfficerAccepts"), {act("OfficerAccepts")});
}

TEST_F(ServerCrashTest, CitizenPushes) {
  strike_all(Stories::before("CitizenPushes"), {act("CitizenPushes")});
}

}  // namespace
}  // namespace tannha::crash
