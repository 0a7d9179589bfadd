#include <gtest/gtest.h>

#include <algorithm>

#include "tests/crash/processes/acts.hpp"
#include "tests/crash/processes/promises.hpp"
#include "tests/crash/processes/strike.hpp"
#include "tests/support/random_seed.hpp"

// Every command of a dossier's journey is struck in the middle of its work: killed, refused disk
// space, given broken disks, left without memory. What it called saved must be there, nothing must
// be damaged, and the same command must work afterwards.

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kills_a_scenario = 12;
constexpr std::size_t failures_a_scenario = 6;
constexpr std::size_t allocations_a_scenario = 4;

class DeviceCrashTest : public ::testing::TestWithParam<Act> {
 protected:
  /// How the command works in the folder when nothing happens to it.
  Watched watch(const Town& before) {
    const Town town = before.copy_to(Stories::spare());
    const auto server = GetParam().is_online ? town.open() : nullptr;
    EXPECT_FALSE(is_done(GetParam(), town)) << "the question does not tell anything";
    const Outcome outcome =
        perform(GetParam(), town, watched(folder(town), Stories::spare().string() + "-notes"));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(is_done(GetParam(), town)) << "the question does not tell anything";
    return read_notes(Stories::spare().string() + "-notes");
  }
  static fs::path folder(const Town& town) { return town / GetParam().who; }

  void strike(const Town& before, const Strike& strike) {
    const Act& act = GetParam();
    const Town town = before.copy_to(Stories::spare());
    const auto server = act.is_online ? town.open() : nullptr;
    const Outcome hit = perform(act, town, struck(folder(town), strike));
    if (expect_end(hit, strike) && kills(strike.action)) ++killed_;
    const bool done = is_done(act, town);
    if (hit.code == 0) {
      EXPECT_TRUE(done) << "called done, and is not: " << hit.out;
    }
    expect_saved(town, act.who, hit.out);

    const Outcome again = perform(act, town);
    if (again.code != 0) {
      // Done once is enough: then it may be refused, in words.
      EXPECT_TRUE(done && again.code == 1 && is_told(again.err)) << again.code << again.err;
    }
    EXPECT_TRUE(is_done(act, town)) << again.out << again.err;
    expect_saved(town, act.who, hit.out + again.out);
    if (server) {
      EXPECT_EQ(server->stop(), 0) << server->complaint();
      expect_sound_server(town);
    }
  }

  std::size_t killed_ = 0;
};

TEST_P(DeviceCrashTest, KeepsWhatItSavedAndGoesOn) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  const Town& before = Stories::before(GetParam().name);
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
  // What a command does is nearly the same each time: a test whose strikes miss shows nothing.
  const auto wanted =
      std::ranges::count_if(plan.strikes, [](const Strike& s) { return kills(s.action); });
  EXPECT_GE(killed_ * 10, static_cast<std::size_t>(wanted) * 9);
}

std::vector<Act> struck_acts() {
  std::vector<Act> acts;
  for (const Act& act : journey()) {
    if (act.is_struck) acts.push_back(act);
  }
  return acts;
}

INSTANTIATE_TEST_SUITE_P(Journey, DeviceCrashTest, ::testing::ValuesIn(struck_acts()),
                         [](const auto& about) { return about.param.name; });

// While a device's store is made there is for a moment a journal which only a program that writes
// can take back.
TEST(NewDeviceCrashTest, KilledWhileItsStoreIsMadeHasNoneYetAndEnrols) {
  const Act act = *std::ranges::find(journey(), "CourierEnrols", &Act::name);
  const Town& before = Stories::before(act.name);
  const fs::path notes = Stories::spare().string() + "-notes";
  {
    const Town town = before.copy_to(Stories::spare());
    const auto server = town.open();
    ASSERT_EQ(perform(act, town, watched(town / act.who, notes)).code, 0);
  }
  std::size_t journals = 0;
  for (const Point& point : read_notes(notes).points) {
    if (!point.path.filename().string().starts_with("device.db")) continue;
    SCOPED_TRACE(std::to_string(point.number) + " " + point.call + " " + point.path.string());
    const Town town = before.copy_to(Stories::spare());
    const auto server = town.open();
    const fs::path folder = town / act.who;
    const Outcome hit = perform(act, town, struck(folder, {point.number, Action::kill_after}));
    expect_end(hit, {point.number, Action::kill_after});
    if (fs::exists(folder / "device.db-journal")) ++journals;
    const Outcome checked = process::tannha({"fsck", folder.string()});
    EXPECT_EQ(checked.code, 1);
    EXPECT_TRUE(checked.says("store_not_found")) << checked.err;
    EXPECT_TRUE(checked.says("never finished")) << checked.err;
    EXPECT_EQ(perform(act, town).code, 0);
    EXPECT_EQ(process::tannha({"fsck", folder.string()}).code, 0);
    if (point.call == "unlink") break;
  }
  EXPECT_GT(journals, 0U);
}

}  // namespace
}  // namespace tannha::crash
