#include <gtest/gtest.h>

#include "tannha/protocol/merkle.hpp"
#include "tannha/protocol/tile.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

/// A journal of more than two full tiles.
class TileServiceTest : public ::testing::Test {
 protected:
  TileServiceTest() {
    Client courier = world.enrol(Role::courier, "H42.101");
    const Id dossier = courier.open_dossier();
    world.sync(courier);
    world.push(courier, notes(world, courier, dossier, 520));
    size = world.metric("tannha_journal_records");
  }
  HttpResponse tile(const std::string& path) { return world.get("/log/tile/" + path); }
  std::vector<Hash> hashes(const std::string& path, std::size_t count) {
    const HttpResponse answer = tile(path);
    EXPECT_EQ(answer.status, 200U) << path;
    EXPECT_EQ(answer.content_type, "application/octet-stream");
    return must(tlog::decode_hashes(answer.body, count));
  }
  static Hash top(std::vector<Hash> row) {
    std::vector<Hash> above;
    for (std::size_t i = 0; i + 1 < row.size(); i += 2) {
      above.push_back(merkle::node_hash(row[i], row[i + 1]));
    }
    return above.size() == 1 ? above.front() : top(std::move(above));
  }

  ServiceWorld world;
  std::uint64_t size = 0;
};

TEST_F(TileServiceTest, TilesAreThoseOfTheEntries) {
  ASSERT_GT(size, 512U);
  const auto first = hashes("0/000", 256);
  const auto second = hashes("0/001", 256);
  const auto entries = must(tlog::decode_entries(tile("entries/001").body, 256));
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(second[i], merkle::leaf_hash(entries[i]));
  EXPECT_EQ(hashes("1/000.p/2", 2), (std::vector{top(first), top(second)}));
  const auto width = static_cast<std::size_t>(size - 512);
  const std::string partial = ".p/" + std::to_string(width);
  const auto last = must(tlog::decode_entries(tile("entries/002" + partial).body, width));
  EXPECT_EQ(hashes("0/002" + partial, width).back(), merkle::leaf_hash(last.back()));
  // A partial tile is the beginning of the full one.
  EXPECT_EQ(hashes("0/001.p/3", 3), std::vector(second.begin(), second.begin() + 3));
}

TEST_F(TileServiceTest, FullTilesMayBeKeptForEver) {
  EXPECT_EQ(tile("0/000").cache_control, "public, max-age=31536000, immutable");
  EXPECT_EQ(tile("entries/000").cache_control, "public, max-age=31536000, immutable");
  EXPECT_EQ(tile("0/002.p/1").cache_control, "public, max-age=60");
  EXPECT_EQ(world.get("/log/checkpoint").cache_control, "no-cache");
}

TEST_F(TileServiceTest, WhatIsBeyondTheJournalIsUnknown) {
  const std::string beyond = std::to_string(size - 512 + 1);
  for (const std::string& path :
       {std::string("0/002"), "0/002.p/" + beyond, std::string("entries/002"),
        "entries/002.p/" + beyond, std::string("0/003.p/1"), std::string("1/000"),
        std::string("1/000.p/3"), std::string("2/000.p/1"), std::string("7/000.p/1"),
        std::string("63/000.p/1"), std::string("0/x018/x446/x744/x073/x709/x551/615"),
        std::string("entries/x018/x446/x744/x073/x709/x551/615.p/255")}) {
    expect_refusal(tile(path), errc::store_not_found, 404);
  }
}

TEST_F(TileServiceTest, MalformedAddressIsRefused) {
  for (const char* path : {"", "0", "0/0", "0/000.p/0", "0/000.p/256", "64/000", "entries",
                           "data/000", "0/x000/000"}) {
    expect_refusal(tile(path), errc::argument_invalid, 400);
  }
}

// An entry is a hash: nothing that a record says can be read from the tiles.
TEST_F(TileServiceTest, EntriesShowNothingButHashes) {
  const HttpResponse bundle = tile("entries/000");
  ASSERT_EQ(bundle.body.size(), 256U * 34U);
  SqliteRegistry& registry =
      *must(SqliteRegistry::open(world.data_dir().registry_path(), sqlite::Mode::read_only))
           .release();
  const std::unique_ptr<SqliteRegistry> owned(&registry);
  const auto records = must(registry.all_records());
  const auto entries = must(tlog::decode_entries(bundle.body, 256));
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(entries[i], records[i].record.hash);
}

}  // namespace
}  // namespace tannha::server
