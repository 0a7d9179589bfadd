#include "tannha/engine/salvage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"
#include "tests/support/random_seed.hpp"

namespace tannha::test {
namespace {

constexpr std::size_t page_bytes = 4096;

/// A courier's store with received and unsent work, closed. Its file can be damaged.
class SalvageTest : public testing::Test {
 protected:
  SalvageTest() {
    journey.at_desk();
    const Id unsent_dossier = journey.collected();
    for (std::uint8_t i = 0; i < 4; ++i) {
      Bytes big = photo(i);
      big.resize(20'000, i);
      must(journey.as_courier().add_photo(unsent_dossier, big, body::AttachmentRole::page, 1));
    }
    must(device.replica->store().set_value("server_url", as_bytes("http://máy chủ")));
    must(device.replica->store().set_large_value("catalogue", Bytes(9'000, 5)));
    original = must(device.replica->store().all());
    attachments = must(device.replica->store().all_attachments());
    log_id = device.log_id();
    numbers = must(device.replica->store().numbers_left(body::NumberKind::item));
    device.replica.reset();
    std::ifstream in(device.path, std::ios::binary);
    file.assign(std::istreambuf_iterator<char>(in), {});
  }

  /// What is put into the place of the device's file.
  void write(const std::string& bytes) const {
    std::ofstream(damaged, std::ios::binary | std::ios::trunc) << bytes;
    std::filesystem::remove(rescued);
  }
  Result<SalvageReport> salvage_now() {
    return salvage(damaged.string(), rescued.string(), device.host, device.unlock);
  }
  Store open_rescued() {
    Store store = must(Store::open(rescued.string(), sqlite::Mode::exclusive));
    must(store.unlock(device.host, device.unlock));
    return store;
  }
  bool is_unsent(const StoredRecord& r) { return !r.receipt && r.origin != Origin::feed; }
  /// Everything in the new store is as it was, and what is missing is counted.
  void expect_honest(const SalvageReport& report) {
    Store store = open_rescued();
    const auto found = must(store.all());
    std::size_t whole = 0;
    std::size_t unsent_found = 0;
    for (const StoredRecord& r : found) {
      const auto was = std::ranges::find(original, r.evidence.record.hash,
                                         [](const auto& o) { return o.evidence.record.hash; });
      ASSERT_NE(was, original.end());
      EXPECT_EQ(r.evidence.record.envelope, was->evidence.record.envelope);
      if (r.evidence.record.has_body()) {
        ++whole;
        EXPECT_EQ(r.evidence.record.body, was->evidence.record.body);
        if (is_unsent(*was)) ++unsent_found;
      } else {
        EXPECT_FALSE(is_unsent(*was)) << "could not be sent";
      }
      if (r.receipt) {
        EXPECT_EQ(*r.receipt, *was->receipt);
      }
    }
    EXPECT_EQ(report.records, whole);
    EXPECT_EQ(report.records + report.envelopes, found.size());
    EXPECT_EQ(found.size() + report.records_lost, original.size());
    const auto unsent = static_cast<std::size_t>(
        std::ranges::count_if(original, [&](const auto& o) { return is_unsent(o); }));
    EXPECT_GE(report.unsent_lost, unsent - unsent_found);
    const auto photos = must(store.all_attachments());
    EXPECT_EQ(report.attachments, photos.size());
    EXPECT_EQ(report.attachments + report.attachments_lost, attachments.size());
    for (const Hash& hash : photos) EXPECT_EQ(blake2b_256(*must(store.attachment(hash))), hash);
    EXPECT_EQ(must(store.number("rewound")), 1U);
    must(store.check_file());
  }

  Province province;
  Journey journey{province};
  Device& device = journey.courier;
  std::filesystem::path damaged = province.folder() / "damaged.db";
  std::filesystem::path rescued = province.folder() / "rescued.db";
  std::vector<StoredRecord> original;
  std::vector<Hash> attachments;
  Hash log_id{};
  std::uint32_t numbers = 0;
  std::string file;
};

TEST_F(SalvageTest, RefusesWhatIsNoDatabaseAtAll) {
  for (const std::string& bytes : {std::string(), std::string(10'000, 'x')}) {
    write(bytes);
    EXPECT_EQ(code_of(salvage_now()), errc::store_corrupt);
  }
  std::filesystem::remove(damaged);
  EXPECT_EQ(code_of(salvage_now()), errc::store_corrupt);
  EXPECT_FALSE(std::filesystem::exists(rescued));
}

TEST_F(SalvageTest, RefusesAnotherKey) {
  write(file);
  EXPECT_EQ(code_of(salvage(damaged.string(), rescued.string(), device.host, Unlock(Seed{1}))),
            errc::vault_locked);
  EXPECT_EQ(code_of(salvage(damaged.string(), rescued.string(), device.host, Unlock())),
            errc::vault_locked);
}

TEST_F(SalvageTest, WrongPinsAreCountedAndCostTheSameWaits) {
  const Unlock right("482915", argon2_minimum);
  const Unlock wrong("482916", argon2_minimum);
  province.restart(device);
  must(device->change_unlock(device.unlock, right));
  device.replica.reset();
  const auto try_with = [&](const Unlock& unlock) {
    return code_of(salvage(device.path.string(), rescued.string(), device.host, unlock));
  };
  for (std::uint32_t i = 0; i < limits::vault_free_tries; ++i) {
    EXPECT_EQ(try_with(wrong), errc::pin_wrong);
  }
  EXPECT_EQ(try_with(right), errc::pin_too_soon);
  EXPECT_FALSE(std::filesystem::exists(rescued));
  device.host.wait_ms(30'000);
  EXPECT_EQ(try_with(right), errc{});
}

TEST_F(SalvageTest, RefusesToWriteOverAnotherStore) {
  write(file);
  must(salvage_now());
  EXPECT_EQ(code_of(salvage_now()), errc::argument_invalid);
  EXPECT_EQ(open_rescued().all()->size(), original.size());
}

TEST_F(SalvageTest, SoundStoreIsCopiedWhole) {
  write(file);
  const SalvageReport report = must(salvage_now());
  expect_honest(report);
  EXPECT_TRUE(report.identity);
  EXPECT_EQ(report.records, original.size());
  EXPECT_EQ(report.records_lost + report.attachments_lost + report.receipts_lost, 0U);
  EXPECT_GT(report.attachments, 4U);
  {
    Store store = open_rescued();
    const auto found = must(store.all());
    for (std::size_t i = 0; i < original.size(); ++i) {
      EXPECT_EQ(found[i].evidence.record.hash, original[i].evidence.record.hash);
      EXPECT_EQ(found[i].origin, original[i].origin);
      EXPECT_EQ(found[i].receipt, original[i].receipt);
      EXPECT_EQ(found[i].evidence.ruling, original[i].evidence.ruling);
      EXPECT_EQ(found[i].evidence.leaf_index, original[i].evidence.leaf_index);
      EXPECT_EQ(found[i].evidence.author, original[i].evidence.author);
    }
    EXPECT_EQ(must(store.numbers_left(body::NumberKind::item)), numbers);
    EXPECT_EQ(must_have(store.large_value("catalogue")), Bytes(9'000, 5));
    EXPECT_EQ(must_have(store.value("server_url")), to_bytes(as_bytes("http://máy chủ")));
    EXPECT_EQ(must(store.number("feed_cursor")), 0U);
  }
  // And the device goes on with it.
  std::filesystem::rename(rescued, device.path);
  province.restart(device);
  EXPECT_EQ(device.log_id(), log_id);
  EXPECT_GT(must(device->checkpoint()).size, 0U);
  province.sync(device);
  province.upload(device);
  EXPECT_TRUE(must(device->store().is_clean()));
}

TEST_F(SalvageTest, AnyOnePageMayBeLost) {
  const std::size_t pages = file.size() / page_bytes;
  ASSERT_GT(pages, 30U);
  std::size_t unreadable = 0;
  std::size_t without_identity = 0;
  std::size_t trees = 0;
  for (const char filler : {'\0', '\xa5'}) {
    for (std::size_t page = 0; page < pages; ++page) {
      std::string bytes = file;
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page * page_bytes), page_bytes,
                  filler);
      write(bytes);
      const auto report = salvage_now();
      if (!report) {
        EXPECT_EQ(report.error().code, errc::store_corrupt);
        ++unreadable;
        continue;
      }
      SCOPED_TRACE("page " + std::to_string(page + 1));
      expect_honest(*report);
      // A page holds several small records. The one above them all is another matter.
      if (report->records_lost + report->envelopes > 8) ++trees;
      EXPECT_LE(report->attachments_lost, 8U);
      if (!report->identity) ++without_identity;
    }
  }
  EXPECT_EQ(without_identity, 0U) << "secrets are kept twice";
  EXPECT_LE(trees, 2U) << "the table's root page, each time";
  EXPECT_LE(unreadable, 2U * 3U) << "only the schema's own pages are without a second copy";
}

TEST_F(SalvageTest, EveryBitThatIsRecoveredIsProved) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed_text(seed));
  std::mt19937_64 random(seed);
  std::size_t lost = 0;
  for (int round = 0; round < 40; ++round) {
    std::string bytes = file;
    for (int i = 0; i < 30; ++i) {
      const std::size_t at = page_bytes * 2 + random() % (bytes.size() - page_bytes * 2);
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
    }
    write(bytes);
    const auto report = salvage_now();
    if (!report) continue;
    Store store = open_rescued();
    for (const StoredRecord& r : must(store.all())) {
      const auto was = std::ranges::find(original, r.evidence.record.hash,
                                         [](const auto& o) { return o.evidence.record.hash; });
      ASSERT_NE(was, original.end());
      if (r.evidence.record.has_body()) {
        EXPECT_EQ(r.evidence.record.body, was->evidence.record.body);
      }
    }
    lost += report->records_lost + report->envelopes + report->attachments_lost;
  }
  EXPECT_GT(lost, 0U) << "the damage must have hit something";
}

TEST_F(SalvageTest, TruncatedFileGivesWhatIsThere) {
  for (const std::size_t keep : {2U, 3U}) {
    write(file.substr(0, file.size() / 4 * keep / page_bytes * page_bytes));
    const auto report = salvage_now();
    if (!report) {
      EXPECT_EQ(report.error().code, errc::store_corrupt);
      continue;
    }
    EXPECT_GT(report->records + report->envelopes + report->attachments, 0U);
  }
}

TEST_F(SalvageTest, LostReceiptMeansSentAgain) {
  {
    Store store = must(Store::open(device.path.string(), sqlite::Mode::exclusive));
    must(store.database().exec(
        "UPDATE record SET receipt=x'00' WHERE origin=0 AND receipt IS NOT NULL"));
  }
  std::filesystem::copy_file(device.path, damaged);
  const SalvageReport report = must(salvage_now());
  EXPECT_GT(report.receipts_lost, 0U);
  std::filesystem::rename(rescued, device.path);
  province.restart(device);
  EXPECT_GE(province.sync(device).received, report.receipts_lost);
  EXPECT_EQ(must(device->holds()).records, 0U);
}

TEST_F(SalvageTest, WithoutIdentityItsRecordsAreDeliveredAfterEnrollingAgain) {
  {
    Store store = must(Store::open(device.path.string(), sqlite::Mode::exclusive));
    must(
        store.database().exec("UPDATE secret SET value=x'00' WHERE key='key_seed';"
                              "DELETE FROM secret_copy WHERE key='key_seed'"));
  }
  std::filesystem::copy_file(device.path, damaged);
  const SalvageReport report = must(salvage_now());
  EXPECT_FALSE(report.identity);
  std::filesystem::rename(rescued, device.path);
  province.restart(device);
  EXPECT_EQ(device->identity(), nullptr);
  const auto ticket = must(province.ticket({Role::courier, "H42", {}, {}, "lại"}));
  must(
      device->finish_enrolment(must(province.enrol(must(device->begin_enrolment(ticket.ticket))))));
  province.sync(device);
  EXPECT_EQ(must(device->holds()).records, 0U);
}

TEST_F(SalvageTest, TellsInWordsWhatIsSafeAndWhatIsLost) {
  const auto text = [](const SalvageReport& report, Language language) {
    std::string all;
    for (const std::string& line : report.words(language)) all += line + "\n";
    return all;
  };
  SalvageReport report{.identity = true, .records = 12, .attachments = 3};
  EXPECT_NE(text(report, Language::english).find("12 records and 3 photos were recovered"),
            std::string::npos);
  EXPECT_NE(text(report, Language::english).find("Nothing unsent was lost"), std::string::npos);
  EXPECT_NE(text(report, Language::vietnamese).find("Không mất gì chưa gửi"), std::string::npos);
  report.records_lost = 5;
  report.unsent_lost = 2;
  report.pending_lost = report.attachments_lost = 1;
  report.receipts_lost = 4;
  report.identity = false;
  for (const auto* part : {"3 records and 0 photos cannot be read here, but the server has them",
                           "2 records and 1 photos that cannot be read may not be at the server",
                           "4 receipts were damaged", "enrol again"}) {
    EXPECT_NE(text(report, Language::english).find(part), std::string::npos) << part;
  }
  EXPECT_EQ(report.words(Language::english).size(), report.words(Language::vietnamese).size());
}

}  // namespace
}  // namespace tannha::test
