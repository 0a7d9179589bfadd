#include "tannha/protocol/compact.hpp"

#include <gtest/gtest.h>

#include "tests/support/protocol_world.hpp"

namespace tannha::exchange {
namespace {

using cbor::Map;
using cbor::Value;

constexpr std::int64_t key_compact = 13;

class CompactTest : public testing::Test {
 protected:
  /// Of one log: the same twice, another subject, references, a beacon that comes and stays.
  [[nodiscard]] Request request(std::size_t count = 6) const {
    Request out = world_.request();
    out.records.clear();
    Hash prev = world_.courier_log.log_id();
    for (std::size_t i = 0; i < count; ++i) {
      body::Note note{"ghi chú " + std::to_string(i)};
      RecordHeader header = world_.header_of(world_.courier_log, body::Note::type);
      header.seq = i;
      header.prev = prev;
      if (i % 3 == 1) header.subject = test::filled(static_cast<std::uint8_t>(i));
      if (i % 2 == 1) header.refs = {world_.opened.hash, world_.sealed.hash};
      if (i > 2) header.beacon = Beacon{i / 4, world_.opened.hash};
      // Clocks that step back are clocks.
      header.claimed_ms -= (i % 2) * 5'000'000;
      header.monotonic_ms = i == 4 ? 3 : i * 10;
      const Record record = sign_record(
          header, body::encode(note, test::filled(static_cast<std::uint8_t>(0x50 + i))),
          world_.courier_key);
      out.records.push_back(test::World::carried(record));
      prev = record.hash;
    }
    return out;
  }
  static bool is_compact(BytesView bytes) {
    return cbor::decode(bytes)->find(key_compact) != nullptr;
  }
  static void expect_round_trip(const Request& request, bool compact) {
    const Bytes bytes = encode_compact(request);
    EXPECT_EQ(is_compact(bytes), compact);
    const auto again = decode_request(bytes);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(fields::encode(*again), fields::encode(request));
  }
  static std::string code_of(const Result<Request>& result) {
    return result ? "none" : std::string(name(result.error().code));
  }
  /// The message with its compact part changed.
  template <class Change>
  static Bytes changed(const Request& request, Change change) {
    const Value value = *cbor::decode(encode_compact(request));
    Compact compact;
    EXPECT_TRUE(fields::from_value(*value.find(key_compact), compact));
    change(compact);
    Map map = *value.as_map();
    for (auto& [key, field] : map) {
      if (key.as_int() == key_compact) field = fields::to_value(compact);
    }
    return cbor::encode(Value(std::move(map)));
  }

  test::World world_;
};

TEST_F(CompactTest, GivesTheSameBytesAgain) {
  expect_round_trip(request(), true);
  expect_round_trip(request(1), true);
  Request middle = request();
  // A push begins anywhere in a log, and may leave something out.
  middle.records.erase(middle.records.begin());
  expect_round_trip(middle, true);
  middle.records.erase(middle.records.begin() + 2);
  expect_round_trip(middle, true);
  std::swap(middle.records[0], middle.records[1]);
  expect_round_trip(middle, true);
  middle.records.push_back(middle.records.back());
  expect_round_trip(middle, true);
}

TEST_F(CompactTest, TakesRecordsOfSeveralLogs) {
  Request mixed = request(3);
  mixed.records.insert(mixed.records.begin() + 1, test::World::carried(world_.confirmed));
  expect_round_trip(mixed, true);
}

TEST_F(CompactTest, LeavesOutWhatCanBeWorkedOut) {
  const Request push = request(50);
  const std::size_t plain = fields::encode(push).size();
  EXPECT_LT(encode_compact(push).size(), plain / 2);
}

TEST_F(CompactTest, SendsPlainlyWhatItCannotSay) {
  expect_round_trip(request(0), false);
  Request withheld = request();
  withheld.records[2].body.reset();
  expect_round_trip(withheld, false);
  Request broken = request();
  broken.records[1].envelope.push_back(0);
  expect_round_trip(broken, false);
  Request other_body = request();
  (*other_body.records[1].body)[7] ^= 1;
  expect_round_trip(other_body, false);
  Request other_tenant = request();
  other_tenant.tenant = "H43";
  expect_round_trip(other_tenant, false);
  // A beacon, and then none.
  Request beacon_gone = request(4);
  beacon_gone.records.push_back(test::World::carried(world_.opened));
  expect_round_trip(beacon_gone, false);
}

TEST_F(CompactTest, ReadsPlainRequestsToo) {
  const auto plain = decode_request(fields::encode(request()));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->records.size(), 6U);
}

TEST_F(CompactTest, IsRefusedByWhoDoesNotKnowIt) {
  EXPECT_EQ(code_of(decode<Request>(encode_compact(request()))), "frame_version_unknown");
}

// Every envelope is made from what the message says: a changed word gives another record, and its
// signature says so.
TEST_F(CompactTest, TamperedRecordsDoNotVerify) {
  const PublicKey key = world_.courier_key.public_key();
  const auto verified = [&](const Bytes& bytes) {
    const auto read = decode_request(bytes);
    EXPECT_TRUE(read) << read.error().detail;
    std::size_t count = 0;
    for (const Carried& carried : read->records) {
      const auto record = decode_record(carried.envelope, *carried.body);
      EXPECT_TRUE(record);
      if (record && verify_record(*record, key)) ++count;
    }
    return count;
  };
  const Request push = request();
  EXPECT_EQ(verified(encode_compact(push)), 6U);
  // The first record is another one, so that what follows has another predecessor.
  EXPECT_EQ(verified(changed(push, [](Compact& c) { ++c.records[0].claimed_ms; })), 0U);
  EXPECT_EQ(verified(changed(push, [](Compact& c) { c.salts[0] ^= 1; })), 0U);
  EXPECT_EQ(verified(changed(push, [](Compact& c) { c.records[5].body.back() ^= 1; })), 5U);
  EXPECT_EQ(verified(changed(push, [](Compact& c) { c.records[4].subject = Id{}; })), 4U);
  EXPECT_EQ(verified(changed(push, [](Compact& c) { c.signatures[64 * 5] ^= 1; })), 5U);
  EXPECT_EQ(verified(changed(push, [](Compact& c) { c.records[5].seq = 9; })), 5U);
  EXPECT_EQ(verified(changed(push, [](Compact& c) { c.records[5].prev = Hash{}; })), 5U);
}

TEST_F(CompactTest, RefusesAnotherForm) {
  const Request push = request();
  const auto refused = [&](auto change) { return code_of(decode_request(changed(push, change))); };
  EXPECT_EQ(refused([](Compact& c) { c.signatures.pop_back(); }), "frame_malformed");
  EXPECT_EQ(refused([](Compact& c) { c.salts.push_back(0); }), "frame_malformed");
  EXPECT_EQ(refused([](Compact& c) { c.records.pop_back(); }), "frame_malformed");
  EXPECT_EQ(refused([](Compact& c) { c.records[0].body.clear(); }), "frame_malformed");
  Map map = *cbor::decode(encode_compact(push))->as_map();
  for (auto& [key, field] : map) {
    if (key.as_int() == 3) field = fields::to_value(push.records);
  }
  EXPECT_EQ(code_of(decode_request(cbor::encode(Value(map)))), "frame_malformed");
  std::erase_if(map, [](const auto& pair) { return pair.first.as_int() == key_compact; });
  EXPECT_EQ(code_of(decode_request(cbor::encode(Value(map)))), "frame_malformed");
  map[0].second = Value(std::uint64_t{3});
  EXPECT_EQ(code_of(decode_request(cbor::encode(Value(map)))), "frame_version_unknown");
}

TEST_F(CompactTest, CannotBecomeLargerThanAFrame) {
  const Request push = request(1);
  const auto grown = [&](std::size_t count, std::size_t body_bytes) {
    return code_of(decode_request(changed(push, [&](Compact& c) {
      c.records.resize(count, c.records[0]);
      c.records[0].body.resize(body_bytes);
      c.signatures.resize(count * 64);
      c.salts.resize(count * 16);
    })));
  };
  EXPECT_EQ(grown(limits::exchange_records_max, 10), "none");
  EXPECT_EQ(grown(limits::exchange_records_max + 1, 10), "too_many_records");
  EXPECT_EQ(grown(1, limits::frame_bytes_max - 1000), "none");
  EXPECT_EQ(grown(1, limits::frame_bytes_max - 100), "frame_too_large");
  // Each of them is small in the message.
  EXPECT_EQ(grown(1000, limits::frame_bytes_max - 200'000), "frame_too_large");
  // The tenant stands in every envelope.
  Map map = *cbor::decode(encode_compact(push))->as_map();
  for (auto& [key, field] : map) {
    if (key.as_int() == 1) field = Value(std::string(limits::agency_code_chars_max + 1, 'H'));
  }
  EXPECT_EQ(code_of(decode_request(cbor::encode(Value(map)))), "tenant_mismatch");
}

}  // namespace
}  // namespace tannha::exchange
