#include <gtest/gtest.h>

#include <iostream>

#include "tests/crash/processes/acts.hpp"
#include "tests/crash/processes/promises.hpp"
#include "tests/crash/processes/strike.hpp"
#include "tests/support/random_seed.hpp"

// One dossier goes its whole way although nearly every command, and the server behind it, is struck
// several times in a row: what one crash leaves is what the next one meets.

namespace tannha::crash {
namespace {

// So many calls change files in most commands, and in a server that answers one.
constexpr std::uint64_t device_points = 45;
constexpr std::uint64_t server_points = 120;

class JourneyCrashTest : public ::testing::Test {
 protected:
  JourneyCrashTest() : random_(seed_) {}

  /// What is printed once and needed later can only be lost with the command: nobody strikes it.
  static bool may_be_struck(const Act& act) { return act.keep == Keep::nothing; }

  Strike draw(std::uint64_t points) {
    const std::size_t which = random_() % (killing.size() + failing.size());
    return {1 + random_() % points,
            which < killing.size() ? killing[which] : failing[which - killing.size()]};
  }

  /// Also what an earlier try has done may be the reason to refuse, in words.
  void expect_fair(const Outcome& outcome, const Strike& strike) {
    const bool is_refused = outcome.code == 1 && is_told(outcome.err);
    felt_ += std::size_t{is_refused || expect_end(outcome, strike)};
  }

  /// One try under a strike on the device, on the server, or on both.
  void try_struck(const Act& act, const Town& town) {
    const bool on_server = act.is_online && random_() % 2 == 0;
    const Strike server_strike = draw(server_points);
    const Strike strike = draw(device_points);
    SCOPED_TRACE(text(strike) + (on_server ? ", server " + text(server_strike) : ""));
    const auto server =
        act.is_online
            ? town.start(on_server ? struck(town / "server", server_strike) : std::string())
            : nullptr;
    const bool on_device = !on_server || random_() % 2 == 0;
    const Outcome hit =
        perform(act, town, on_device ? struck(town / act.who, strike) : std::string());
    if (on_device) {
      expect_fair(hit, strike);
    }
    if (on_server) {
      const int code = server->stop();
      expect_fair({code, "", server->complaint()}, server_strike);
    } else if (server) {
      EXPECT_EQ(server->stop(), 0);
    }
    expect_saved(town, act.who, hit.out);
  }

  void perform_well(const Act& act, Town& town) {
    const auto server = act.is_online ? town.open() : nullptr;
    const Outcome outcome = perform(act, town);
    // It may have been done under a strike; then it is refused, in words.
    EXPECT_TRUE(outcome.code == 0 || (may_be_struck(act) && is_told(outcome.err))) << outcome.err;
    if (outcome.code == 0) learn(act, town, outcome);
    if (server) {
      EXPECT_EQ(server->stop(), 0);
    }
  }

  void go_all_the_way() {
    Town town = Stories::before(journey().front().name).copy_to(Stories::spare());
    for (const Act& act : journey()) {
      SCOPED_TRACE(act.name);
      for (std::uint64_t i = may_be_struck(act) ? 1 + random_() % 3 : 0; i > 0; --i) {
        try_struck(act, town);
      }
      perform_well(act, town);
      ASSERT_FALSE(HasFailure());
    }
    for (const auto* who : {"phone", "office", "citizen", "dispatch"}) expect_saved(town, who, "");
    expect_sound_server(town);
    EXPECT_TRUE(is_done(journey().back(), town)) << "the citizen has no proof";
  }

  const std::uint64_t seed_ = test::random_seed();
  std::mt19937_64 random_;
  std::size_t felt_ = 0;
};

TEST_F(JourneyCrashTest, EndsWellHoweverOftenItIsStruck) {
  SCOPED_TRACE(test::seed_text(seed_));
  for (int i = is_full() ? 20 : 1; i > 0; --i) {
    go_all_the_way();
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(felt_, 5U);
  std::cout << "strikes felt: " << felt_ << ", " << test::seed_text(seed_) << std::endl;
}

}  // namespace
}  // namespace tannha::crash
