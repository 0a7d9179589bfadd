#include "tannha/server/blobs.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "tannha/protocol/limits.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

class BlobsTest : public ::testing::Test {
 protected:
  Hash put(const Bytes& bytes) {
    const Hash hash = blake2b_256(bytes);
    must(blobs.put(hash, bytes));
    return hash;
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }
  TempFolder folder;
  Blobs blobs{folder.path()};
};

TEST_F(BlobsTest, SaysWhatIsNotThere) {
  EXPECT_EQ(code_of(blobs.get(Hash{1})), errc::store_not_found);
}

TEST_F(BlobsTest, SaysWhatIsDamaged) {
  const Hash hash = put(photo(1));
  for (const Bytes& damage : {photo(2), Bytes{}, Bytes(limits::attachment_bytes_max + 1)}) {
    must(write_file_durably(blobs.path_of(hash), damage, 0600));
    EXPECT_EQ(code_of(blobs.get(hash)), errc::store_corrupt) << damage.size();
  }
}

TEST_F(BlobsTest, FolderThatIsGoneIsAnErrorOfTheStore) {
  Blobs nowhere{folder / "gone"};
  const errc code = code_of(nowhere.put(blake2b_256(photo()), photo()));
  EXPECT_EQ(code, errc::store_not_found);
}

TEST_F(BlobsTest, FileInTheWayIsAnErrorOfTheStore) {
  const Hash hash = blake2b_256(photo());
  must(write_file_durably(blobs.path_of(hash).parent_path(), photo(), 0600));
  EXPECT_EQ(code_of(blobs.put(hash, photo())), errc::store_io);
}

TEST_F(BlobsTest, FailedWriteLeavesNothing) {
  // A limit on the size of files stands for the disk that is full.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Bytes large(5000, 1);
  const errc code = code_of(blobs.put(blake2b_256(large), large));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(code, errc::store_full);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(code_of(blobs.get(blake2b_256(large))), errc::store_not_found);
}

TEST_F(BlobsTest, SameBytesTwiceAreOneFile) {
  const Hash hash = put(photo());
  EXPECT_EQ(put(photo()), hash);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(must(blobs.get(hash)), photo());
}

TEST_F(BlobsTest, FilesAreTheOwnersOnly) {
  const Hash hash = put(photo());
  EXPECT_EQ(fs::status(blobs.path_of(hash)).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(BlobsTest, NameIsTheHash) {
  const Hash hash = blake2b_256(photo());
  const std::string hex = to_hex(hash);
  EXPECT_EQ(blobs.path_of(hash), folder.path() / hex.substr(0, 2) / hex.substr(2));
}

TEST_F(BlobsTest, TakesFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (std::uint8_t i = 0; i < 32; ++i) must(blobs.put(blake2b_256(photo(i)), photo(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files(), 32U);
  for (std::uint8_t i = 0; i < 32; ++i) EXPECT_EQ(must(blobs.get(blake2b_256(photo(i)))), photo(i));
}

}  // namespace
}  // namespace tannha::server
