// What lies in a device's files: a whole dossier's journey, and then a search for every word of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "tests/support/journey.hpp"

namespace tannha::test {
namespace {

constexpr std::string_view pin = "482915";
constexpr std::string_view staff_name = "Trần Thị Bưu Tá";
constexpr std::string_view note_text = "Bà ngoại đang nằm viện, gọi cửa sau";
constexpr std::string_view officer_note = "Đã đối chiếu sổ hộ tịch năm 1990";
constexpr std::string_view attempt_reason = "Cả nhà đi ăn cưới ở quê";
constexpr std::string_view result_text = "Giấy khai sinh của Nguyễn Thị Bé";

/// Bytes of a photo that no other file has.
Bytes long_photo(std::uint64_t seed) {
  FakeHost noise(seed);
  Bytes bytes = test::photo();
  const auto more = random_array<std::array<std::uint8_t, 9000>>(noise);
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Everything that a device has on its disk.
std::string files_of(const Device& device) {
  std::string all;
  for (const char* suffix : {"", "-wal", "-journal", "-shm"}) {
    all += read_file(device.path.string() + suffix);
  }
  return all;
}

bool holds(const std::string& files, BytesView what) {
  return files.find(as_text(what)) != std::string::npos;
}

class AtRestTest : public testing::Test {
 protected:
  AtRestTest() {
    // The courier's label is a name, and the lock a PIN.
    Device& device = journey.courier;
    const auto made =
        must(province.ticket({Role::courier, "H42", {}, {}, std::string(staff_name)}));
    ticket_ = made.ticket;
    device.replica.reset();
    std::filesystem::remove(device.path);
    device.unlock = Unlock(std::string(pin), argon2_minimum);
    province.restart(device);
    const auto request = must(device->begin_enrolment(ticket_));
    while_enrolling_ = files_of(device);
    must(device->finish_enrolment(must(province.enrol(request))));
  }

  /// From the request to the result at the door, with every kind of text and photo.
  void live_a_day() {
    dossier_ = journey.assigned();
    core::Courier work = journey.as_courier();
    must(work.open(dossier_, birth_procedure, body::ServiceKind::both));
    must(work.scan_card(dossier_, card));
    must(work.write_field(dossier_, "owner_phone", "0987654321"));
    must(work.check_document(dossier_, 1, "", 1, 0, 0));
    must(work.check_document(dossier_, 2, "", 0, 1, 0));
    must(work.add_photo(dossier_, page_, body::AttachmentRole::page, 1));
    must(work.add_note(dossier_, note_text));
    listed_ = sealed_summaries();
    must(work.seal(dossier_, "NIÊM-PHONG-77"));
    must(work.confirm_by_statement(dossier_, signature_));
    province.sync(journey.courier);
    province.upload(journey.courier);
    journey.hand_over({dossier_});
    province.sync_all();
    must(journey.as_officer().add_note(dossier_, officer_note));
    must(journey.as_officer().accept(dossier_));
    province.sync_all();
    must(journey.as_officer().finish(dossier_, std::string(result_text)));
    province.sync_all();
    journey.give_back(dossier_);
    must(journey.as_courier().attempt_delivery(dossier_, std::string(attempt_reason)));
    province.sync_all();
    province.upload(journey.courier);
    province.sync_all();
  }

  /// Whatever a finder of the phone must not read.
  std::map<std::string, Bytes> secrets() {
    const auto words = [](std::string_view text) { return to_bytes(as_bytes(text)); };
    std::map<std::string, Bytes> out{
        {"name", words("Nguyễn Văn A")},
        {"phone", words("0912345678")},
        {"phone, as the person said it", words("0987654321")},
        {"address", words("Thôn 1, Xã B")},
        {"card", words(card)},
        {"personal number", words("001090000001")},
        {"old number", words("012345678")},
        {"birthday", words("01011990")},
        {"note", words(note_text)},
        {"officer's note", words(officer_note)},
        {"reason", words(attempt_reason)},
        {"result", words(result_text)},
        {"seal", words("NIÊM-PHONG-77")},
        {"staff's name", words(staff_name)},
        {"pin", words(pin)},
        {"ticket", words(ticket_)},
        {"photo's first bytes", Bytes(page_.begin(), page_.begin() + 24)},
        {"photo's middle", Bytes(page_.begin() + 4000, page_.begin() + 4024)},
        {"signature's middle", Bytes(signature_.begin() + 4000, signature_.begin() + 4024)},
        {"field name", words("owner_phone")},
    };
    for (Device* device : {&journey.courier, &journey.dispatcher, &journey.officer}) {
      if (!device->replica->identity()) continue;
      out["key seed " + device->path.filename().string()] =
          to_bytes(device->replica->identity()->key.seed());
    }
    return out;
  }
  void expect_nothing_readable(const std::map<std::string, Bytes>& secrets, const char* when) {
    for (const Device* device : {&journey.courier, &journey.dispatcher, &journey.officer}) {
      const std::string files = files_of(*device);
      ASSERT_GT(files.size(), 50'000U);
      for (const auto& [what, bytes] : secrets) {
        EXPECT_FALSE(holds(files, bytes))
            << what << " " << when << " in " << device->path.filename();
      }
    }
  }
  /// The middle of each sealed body and attachment that is about the dossier.
  /// What lists are made of, as it lies in the store.
  std::vector<Bytes> sealed_summaries() {
    must(journey.courier->summaries(1));
    return sealed_values({"SELECT bytes FROM summary"});
  }
  std::vector<Bytes> sealed_values(
      std::initializer_list<const char*> columns = {
          "SELECT body FROM record WHERE body IS NOT NULL", "SELECT bytes FROM attachment",
          "SELECT bytes FROM summary"}) {
    std::vector<Bytes> out;
    for (const char* sql : columns) {
      must(journey.courier->store().database().each(sql, {}, [&](sqlite::Row row) {
        const BytesView sealed = row.bytes(0);
        out.push_back(to_bytes(sealed.subspan(sealed.size() / 2 - 8, 16)));
        return true;
      }));
    }
    return out;
  }
  std::size_t count_found(const std::vector<Bytes>& values) {
    const std::string files = files_of(journey.courier);
    return static_cast<std::size_t>(
        std::ranges::count_if(values, [&](const Bytes& b) { return holds(files, b); }));
  }

  Province province;
  Journey journey{province};
  std::vector<Bytes> listed_;
  Bytes page_ = long_photo(1);
  Bytes signature_ = long_photo(2);
  std::string ticket_;
  std::string while_enrolling_;
  Id dossier_{};
};

TEST_F(AtRestTest, SearchFindsWhatIsNotSealed) {
  live_a_day();
  // The control: the same values, left open in the same files.
  std::size_t found = 0;
  const auto all = secrets();
  for (const auto& [what, bytes] : all) {
    must(journey.courier->store().set_value("control " + what, bytes));
    EXPECT_TRUE(holds(files_of(journey.courier), bytes)) << what;
    ++found;
  }
  EXPECT_EQ(found, all.size());
  province.restart(journey.courier);
  for (const auto& [what, bytes] : all) {
    EXPECT_TRUE(holds(files_of(journey.courier), bytes)) << what << " after closing";
  }
}

TEST_F(AtRestTest, NothingPersonalIsReadableInTheFiles) {
  live_a_day();
  const auto all = secrets();
  // It is all there, for whoever has the PIN.
  const Dossier d = must(journey.courier->dossier(dossier_));
  ASSERT_EQ(d.requested_by->name, "Nguyễn Văn A");
  ASSERT_EQ(must(journey.courier->store().attachment(blake2b_256(page_))), page_);
  expect_nothing_readable(all, "while open");
  for (Device* device : {&journey.courier, &journey.dispatcher, &journey.officer}) {
    province.restart(*device);
  }
  expect_nothing_readable(all, "after closing and opening");
  EXPECT_FALSE(holds(while_enrolling_, as_bytes(ticket_))) << "while it was still needed";
  EXPECT_FALSE(
      holds(while_enrolling_, all.at("key seed " + journey.courier.path.filename().string())));
}

TEST_F(AtRestTest, NothingPersonalIsReadableAfterAChangeOfPin) {
  live_a_day();
  auto all = secrets();
  const Unlock next("730164", argon2_minimum);
  must(journey.courier->change_unlock(journey.courier.unlock, next));
  journey.courier.unlock = next;
  all["new pin"] = to_bytes(as_bytes("730164"));
  expect_nothing_readable(all, "after a change of PIN");
  province.restart(journey.courier);
  EXPECT_TRUE(must(journey.courier->dossier(dossier_)).requested_by);
}

TEST_F(AtRestTest, ForgottenDossierIsGoneToTheLastSealedByte) {
  live_a_day();
  Store& store = journey.courier->store();
  ASSERT_EQ(sealed_summaries().size(), 1U);
  const auto values = sealed_values();
  ASSERT_GT(values.size(), 15U);
  ASSERT_EQ(listed_.size(), 1U) << "what was listed in the morning";
  EXPECT_EQ(count_found(values), values.size()) << "the search works on sealed bytes too";
  {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    must(store.want_forget(dossier_));
    ASSERT_TRUE(must(store.erase_dossier(dossier_)));
    must(store.forget_done(dossier_));
    must(transaction.commit());
  }
  // What remains is about no dossier: leases.
  const auto left = sealed_values();
  EXPECT_LE(left.size(), 6U);
  EXPECT_EQ(count_found(values), left.size());
  EXPECT_EQ(count_found(listed_), 0U);
  expect_nothing_readable(secrets(), "after forgetting");
  EXPECT_EQ(code_of(journey.courier->dossier(dossier_)), errc::dossier_unknown);
  EXPECT_TRUE(must(journey.as_courier().round()).empty());
  EXPECT_EQ(must(store.forgotten()), std::vector<Id>{dossier_});
  // The log goes on, and the device works on another dossier.
  const Id another = journey.sealed();
  province.sync(journey.courier);
  EXPECT_EQ(must(journey.courier->holds()).records, 0U);
  EXPECT_EQ(must(journey.courier->dossiers()).size(), 1U);
  EXPECT_EQ(must(journey.courier->dossiers()).front().id, another);
}

TEST_F(AtRestTest, ErasedDeviceHoldsNothingAndNothingUnsentIsErased) {
  live_a_day();
  Store& store = journey.courier->store();
  const auto values = sealed_values();
  const Record unsent = must(journey.as_courier().add_note(dossier_, note_text));
  EXPECT_EQ(code_of(store.erase_everything(true)), errc::store_unsent);
  EXPECT_TRUE(must_have(store.record(unsent.hash)).evidence.record.has_body());
  province.sync(journey.courier);
  const auto all = secrets();
  must(store.erase_everything(true));
  journey.courier->lock();
  EXPECT_EQ(count_found(values), 0U);
  expect_nothing_readable(all, "after erasing");
  province.restart(journey.courier);  // With a new vault: whoever enrols here next.
  EXPECT_EQ(journey.courier->identity(), nullptr);
  EXPECT_TRUE(must(journey.courier->dossiers()).empty());
  EXPECT_EQ(count_found(values), 0U);
}

TEST_F(AtRestTest, StaffOnOnePhoneCannotOpenEachOthersStores) {
  Device& other = province.enrol(Role::courier, "H42");
  const Unlock others_pin("730164", argon2_minimum);
  must(other->change_unlock(other.unlock, others_pin));
  other.replica.reset();
  journey.courier.replica.reset();
  FakeHost& host = journey.courier.host;
  const auto open_code = [&](const Device& device, const Unlock& unlock) {
    return code_of(Replica::open(device.path.string(), host, unlock));
  };
  EXPECT_EQ(open_code(other, journey.courier.unlock), errc::pin_wrong);
  EXPECT_EQ(open_code(journey.courier, others_pin), errc::pin_wrong);
  EXPECT_EQ(open_code(other, other.unlock), errc::vault_locked) << "the key before the PIN";
  EXPECT_EQ(open_code(other, others_pin), errc{});
  EXPECT_EQ(open_code(journey.courier, journey.courier.unlock), errc{});
}

}  // namespace
}  // namespace tannha::test
