#include "tannha/server/checkpoint_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

class CheckpointFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<CheckpointFile> open() {
    return must(CheckpointFile::open(folder / "apart", KeyPair::from_seed(Seed{1}).public_key()));
  }
  TempFolder folder;
};

TEST_F(CheckpointFileTest, IsExchangedOnlyAgainstWhatStandsThere) {
  const auto file = open();
  EXPECT_EQ(must(file->read()), std::nullopt);
  EXPECT_FALSE(must(file->swap("a", "b")));
  EXPECT_TRUE(must(file->swap({}, "a")));
  EXPECT_FALSE(must(file->swap({}, "b")));
  EXPECT_FALSE(must(file->swap("b", "c")));
  EXPECT_EQ(must(file->read()), "a");
  EXPECT_TRUE(must(file->swap("a", "b")));
  EXPECT_EQ(must(open()->read()), "b");
}

TEST_F(CheckpointFileTest, OtherJournalHasAnotherFile) {
  must(open()->swap({}, "a"));
  const auto other = must(
      CheckpointFile::open(folder / "apart", KeyPair::from_seed(Seed{2}).public_key()));
  EXPECT_EQ(must(other->read()), std::nullopt);
}

TEST_F(CheckpointFileTest, KilledServerLeavesNothingBehind) {
  const auto file = open();
  must(file->swap({}, "a"));
  std::ofstream(file->path().parent_path() / ".tmp-1-1") << "half a note";
  EXPECT_EQ(must(open()->read()), "a");
  EXPECT_FALSE(std::filesystem::exists(file->path().parent_path() / ".tmp-1-1"));
}

TEST_F(CheckpointFileTest, OfManyAtOnceOneWins) {
  must(open()->swap({}, "0"));
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int i = 1; i < 5; ++i) {
    threads.emplace_back([&, i] {
      if (must(open()->swap("0", std::to_string(i)))) ++won;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_F(CheckpointFileTest, DefaultIsBesideTheDataFolder) {
  EXPECT_EQ(default_checkpoint_store("/srv/tannha/H42"), "/srv/tannha/tannha-checkpoints");
  EXPECT_EQ(default_checkpoint_store("/srv/tannha/H42/"), "/srv/tannha/tannha-checkpoints");
  EXPECT_EQ(default_checkpoint_store("/srv/tannha/./x/../H42"), "/srv/tannha/tannha-checkpoints");
  EXPECT_EQ(default_checkpoint_store("srv"),
            std::filesystem::current_path() / "tannha-checkpoints");
}

TEST_F(CheckpointFileTest, FolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder / "apart") << "a file";
  EXPECT_FALSE(
      CheckpointFile::open(folder / "apart", KeyPair::from_seed(Seed{1}).public_key()).has_value());
}

}  // namespace
}  // namespace tannha::server
