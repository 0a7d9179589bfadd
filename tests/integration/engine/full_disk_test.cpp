#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/support/journey.hpp"
#include "tools/simulate/disk.hpp"

// A phone whose disk takes nothing more still brings what it has, and gets room from that.
namespace tannha::test {
namespace {

using simulate::SimulatedDisk;

Bytes big_photo(std::size_t size, std::uint8_t number) {
  Bytes out = photo(number);
  std::uint32_t state = number;
  while (out.size() < size) {
    state = state * 1664525 + 1013904223;
    out.push_back(static_cast<std::uint8_t>(state >> 24U));
  }
  return out;
}

class FullDiskTest : public testing::Test {
 protected:
  FullDiskTest() {
    // The registry and everybody else stay on the real disk.
    std::ifstream file(phone.path, std::ios::binary);
    disk.put(path, Bytes(std::istreambuf_iterator<char>(file), {}));
    phone.path = path;
    disk.make_default();
    province.restart(phone);
  }
  ~FullDiskTest() override { phone.replica.reset(); }

  Id opened() {
    const Id id = journey.assigned();
    must(journey.as_courier().open(id, birth_procedure, body::ServiceKind::both));
    return id;
  }
  Result<void> photograph(const Id& id, std::uint8_t number, std::size_t size = 200'000) {
    TN_TRY(auto change, phone->begin());
    const Bytes jpeg = big_photo(size, number);
    TN_TRY(const Hash hash, change.attach(jpeg, "image/jpeg"));
    TN_CHECK(change.append(
        id, {},
        body::AttachmentAdded{hash, jpeg.size(), "image/jpeg", body::AttachmentRole::page, 1}));
    return change.commit();
  }
  Result<void> note() {
    TN_TRY(auto change, phone->begin());
    TN_CHECK(change.append(Id{9}, {}, body::Note{std::string(2000, 'x')}));
    return change.commit();
  }
  std::uint64_t used() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, content] : disk.snapshot("phone")) bytes += content.size();
    return bytes;
  }
  /// Whatever else is on the phone has taken the rest.
  void fill() {
    disk.set_rates("phone", {.capacity_bytes = used()});
    errc code{};
    for (int i = 0; i < 2000 && code == errc{}; ++i) code = code_of(note());
    ASSERT_EQ(code, errc::store_full);
  }
  void give_away(const Id& id) {
    must(journey.as_dispatcher().assign(id, other.actor()));
    province.sync(journey.dispatcher);
  }
  /// As a host does that tries once more what a full disk stopped.
  void sync() {
    unsigned failed = 0;
    for (int i = 0; i < 500; ++i) {
      const auto request = must(phone->next_request(200));
      const auto report =
          phone->receive(must(province.exchange(phone.log_id(), request)));
      if (!report && code_of(report) == errc::store_full && ++failed == 1) continue;
      if (!must(report).more || !phone->identity()) return;
    }
    FAIL() << "no end";
  }
  void bring_everything() {
    sync();
    province.upload(phone);
    must(phone->tidy());
    sync();
  }

  SimulatedDisk disk{[n = std::uint64_t{7}]() mutable {
                       return n = n * 6364136223846793005U + 1442695040888963407U;
                     },
                     "full-disk-test"};
  Province province;
  Journey journey{province};
  Device& other = province.enrol(Role::courier, "H42");
  Device& phone = move_out(journey.courier);
  const std::string path = "phone/device.db";

 private:
  static Device& move_out(Device& device) {
    device.replica.reset();
    return device;
  }
};

TEST_F(FullDiskTest, FullPhoneBringsEverythingAndHasRoomAgain) {
  const Id left = opened();
  const Id stays = opened();
  for (std::uint8_t n = 1; n <= 5; ++n) must(photograph(left, n));
  must(photograph(stays, 6));
  fill();
  const auto here = must(phone->store().all()).size();
  EXPECT_EQ(code_of(photograph(stays, 7)), errc::store_full);
  EXPECT_EQ(must(phone->store().all()).size(), here) << "nothing of it was saved";

  give_away(left);
  bring_everything();
  EXPECT_EQ(must(phone->holds()).records, 0U);
  EXPECT_EQ(must(phone->store().dossiers()), std::vector<Id>{stays});
  EXPECT_EQ(must(phone->store().all_attachments()).size(), 1U);
  must(photograph(stays, 8));
  bring_everything();
  EXPECT_EQ(must(phone->holds()).records, 0U);
}

TEST_F(FullDiskTest, LastRoomIsForBringingAndNotForMore) {
  const Id stays = opened();
  must(photograph(stays, 1));
  fill();
  bring_everything();
  EXPECT_EQ(must(phone->holds()).records, 0U);
  province.restart(phone);
  const auto here = must(phone->store().all()).size();
  std::size_t saved = 0;
  while (saved < 2000 && note()) ++saved;
  EXPECT_LT(saved, 2000U);
  EXPECT_EQ(must(phone->store().all()).size(), here + saved);
  // However often it is filled, it can be brought.
  for (int i = 0; i < 5; ++i) {
    bring_everything();
    EXPECT_EQ(must(phone->holds()).records, 0U);
    while (note()) ++saved;
  }
  disk.heal("phone");
  must(note());
}

TEST_F(FullDiskTest, PhotographThatIsLargerThanTheReserveIsErasedTooAndNothingOfItStays) {
  const Id left = opened();
  must(photograph(left, 1, 3'000'000));
  const auto bytes_of = must_have(phone->store().database().one(
      "SELECT bytes FROM attachment", {}, [](sqlite::Row row) { return to_bytes(row.bytes(0)); }));
  fill();
  give_away(left);
  bring_everything();
  EXPECT_TRUE(must(phone->store().all_attachments()).empty());
  must(note());
  const auto middle = bytes_of.begin() + 1'500'000;
  for (const auto& [name, content] : disk.snapshot("phone")) {
    EXPECT_EQ(std::search(content.begin(), content.end(), middle, middle + 64), content.end())
        << name;
  }
}

TEST_F(FullDiskTest, RevokedPhoneIsErasedOnAFullDisk) {
  const Id id = opened();
  for (std::uint8_t n = 1; n <= 5; ++n) must(photograph(id, n));
  fill();
  sync();
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(phone.log_id(), body::RevocationReason::lost));
  province.sync(journey.dispatcher);
  for (int i = 0; i < 5 && phone->identity(); ++i) {
    sync();
    if (!phone->identity()) break;
    province.upload(phone);
    must(phone->tidy());
  }
  EXPECT_FALSE(phone->identity());
}

}  // namespace
}  // namespace tannha::test
