#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tests/crash/processes/acts.hpp"
#include "tests/crash/processes/strike.hpp"

// What a power cut would leave cannot be seen by killing a process: its writes are still in the
// system's memory. The order of its calls tells it. A file that gets its name before its content is
// on the disk can be empty after a power cut; a name that is not on the disk can be gone.

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

/// The order of one program's calls.
class Order {
 public:
  explicit Order(std::vector<Point> points) : points_(std::move(points)) {}

  [[nodiscard]] const std::vector<Point>& points() const { return points_; }
  /// The first call of this kind on this path from a place on.
  [[nodiscard]] std::optional<std::size_t> next(std::string_view call, const fs::path& path,
                                                std::size_t from = 0) const {
    for (std::size_t i = from; i < points_.size(); ++i) {
      if (points_[i].call == call && points_[i].path == path && points_[i].result >= 0) return i;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::size_t> last(std::string_view call, const fs::path& path,
                                                std::size_t before) const {
    std::optional<std::size_t> found;
    for (auto i = next(call, path); i && *i < before; i = next(call, path, *i + 1)) found = i;
    return found;
  }
  /// Where a file got this name.
  [[nodiscard]] std::optional<std::size_t> renamed_to(const fs::path& path) const {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (points_[i].call == "rename" && points_[i].new_path == path) return i;
    }
    return std::nullopt;
  }

 private:
  std::vector<Point> points_;
};

/// Whether the files that keep one another right are SQLite's own affair.
bool is_of_store(const fs::path& path) {
  return path.filename().string().find(".db") != std::string::npos;
}

void expect_renamed_whole(const Order& order, std::size_t at) {
  const Point& rename = order.points()[at];
  const auto written = order.last("write", rename.path, at);
  const auto synced = order.last("fsync", rename.path, at);
  EXPECT_TRUE(written) << "an empty file";
  EXPECT_TRUE(synced && written && *synced > *written) << "named before it was on the disk";
  EXPECT_TRUE(order.next("fsync", rename.new_path.parent_path(), at)) << "its name may be lost";
}

void expect_durable_names(const Order& order) {
  for (std::size_t i = 0; i < order.points().size(); ++i) {
    const Point& point = order.points()[i];
    SCOPED_TRACE(std::to_string(point.number) + " " + point.call + " " + point.path.string() + " " +
                 point.new_path.string());
    if (point.result < 0) continue;
    if (point.call == "rename") expect_renamed_whole(order, i);
    if (point.call == "mkdir") {
      EXPECT_TRUE(order.next("fsync", point.path.parent_path(), i)) << "the folder may be lost";
    }
    // A name that is given at once is for what may be empty or half, and goes away again.
    if (point.call == "create" && !is_of_store(point.path) && order.next("write", point.path, i)) {
      EXPECT_TRUE(point.path.filename().string().starts_with(".tmp-"));
    }
  }
}

class FileOrderTest : public ::testing::Test {
 protected:
  /// The calls of one act of the journey, in a folder that must be made first.
  Order order_of(const std::string& name) {
    const Act act = *std::ranges::find(journey(), name, &Act::name);
    Town town = Stories::before(name).copy_to(Stories::spare());
    const auto server = act.is_online ? town.open() : nullptr;
    const Outcome outcome = perform(act, town, watched(town.folder(), notes()));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Order(read_notes(notes()).points);
  }
  /// The calls of the server while one act is performed.
  Order order_of_server(const Town& town, const std::string& name) {
    const Act act = *std::ranges::find(journey(), name, &Act::name);
    const auto server = town.start(watched(town.folder(), notes()));
    EXPECT_TRUE(server->listens()) << server->complaint();
    const Outcome outcome = perform(act, town);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(server->stop(), 0);
    return Order(read_notes(notes()).points);
  }
  static fs::path notes() { return Stories::spare().string() + "-notes"; }
};

TEST_F(FileOrderTest, ImportedCatalogueIsOnTheDiskBeforeItHasItsName) {
  const Order order = order_of("OperatorImportsCatalogue");
  EXPECT_TRUE(order.renamed_to(Stories::spare() / "server/catalogue.cbor"));
  expect_durable_names(order);
}

TEST_F(FileOrderTest, ProofIsOnTheDiskBeforeItHasItsName) {
  const Order order = order_of("CitizenKeepsProof");
  EXPECT_TRUE(order.renamed_to(Stories::spare() / "citizen/proof"));
  expect_durable_names(order);
}

TEST_F(FileOrderTest, FolderOfANewDeviceIsOnTheDisk) {
  const Order order = order_of("CourierEnrols");
  EXPECT_TRUE(order.next("mkdir", Stories::spare() / "phone"));
  expect_durable_names(order);
}

TEST_F(FileOrderTest, ServersKeysAreOnTheDiskBeforeItsRegistryIsThere) {
  const Town town = Stories::before("OperatorImportsCatalogue").copy_to(Stories::spare());
  const fs::path folder = town / "server";
  const Order order = order_of_server(town, "OperatorMakesTicketForDispatcher");
  expect_durable_names(order);
  const auto registry = order.next("create", folder / "registry.db");
  ASSERT_TRUE(registry);
  // The registry without the keys would be of no use; the keys without the registry are.
  for (const auto* file : {"keys.cbor", "admin.secret"}) {
    const auto named = order.renamed_to(folder / file);
    ASSERT_TRUE(named) << file;
    const auto synced = order.next("fsync", folder, *named);
    EXPECT_TRUE(synced && *synced < *registry) << file;
  }
}

TEST_F(FileOrderTest, PhotoIsOnTheDiskBeforeTheRegistryHasIt) {
  const Town town = Stories::before("CourierPushes").copy_to(Stories::spare());
  const Order order = order_of_server(town, "CourierPushes");
  expect_durable_names(order);
  std::size_t photos = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < order.points().size(); ++i) {
    const Point& point = order.points()[i];
    if (point.call != "rename" || point.new_path.filename() == "checkpoint") continue;
    ++photos;
    const auto synced = order.next("fsync", point.new_path.parent_path(), i);
    ASSERT_TRUE(synced);
    last = *synced;
  }
  EXPECT_EQ(photos, 3U);
  // What says that the last one is here comes after it.
  EXPECT_TRUE(order.next("write", town / "server/registry.db-wal", last));
}

// The other order would leave a checkpoint of records that are not there, and a server that stops.
TEST_F(FileOrderTest, RecordsAreOnTheDiskBeforeTheirCheckpoint) {
  const Town town = Stories::before("CourierPushes").copy_to(Stories::spare());
  const Order order = order_of_server(town, "CourierPushes");
  const fs::path log = town / "server/registry.db-wal";
  std::size_t checkpoints = 0;
  for (std::size_t i = 0; i < order.points().size(); ++i) {
    const Point& point = order.points()[i];
    if (point.call != "rename" || point.new_path.filename() != "checkpoint") continue;
    ++checkpoints;
    const auto written = order.last("write", log, i);
    const auto synced = order.last("fsync", log, i);
    EXPECT_TRUE(written && synced && *synced > *written);
    EXPECT_TRUE(order.next("fsync", point.new_path.parent_path(), i));
  }
  EXPECT_GT(checkpoints, 0U);
}

// The same commits in a power cut: nothing is said before the write-ahead log is on the disk, so
// the last write to it is followed by a sync.
TEST_F(FileOrderTest, CommitIsOnTheDiskBeforeItIsSaid) {
  for (const std::string name : {"CourierTakesPhoto", "CourierSeals", "CitizenConfirms"}) {
    SCOPED_TRACE(name);
    const std::vector<Point> points = order_of(name).points();
    const auto is_of_log = [](const Point& p) {
      return p.call == "write" && p.path.filename().string().ends_with("-wal");
    };
    const auto last = std::find_if(points.rbegin(), points.rend(), is_of_log);
    ASSERT_NE(last, points.rend());
    ASSERT_NE(last, points.rbegin());
    const Point& next = *std::prev(last);
    EXPECT_EQ(next.call, "fsync");
    EXPECT_EQ(next.path, last->path);
  }
}

}  // namespace
}  // namespace tannha::crash
