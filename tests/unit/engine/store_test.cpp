#include "tannha/engine/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/province.hpp"

namespace tannha::test {
namespace {

using sqlite::Mode;

class StoreTest : public testing::Test {
 protected:
  TempDir folder;
  std::string path = (folder.path() / "store.db").string();
  FakeHost host{1};
  KeyPair key = [] {
    init_crypto();
    return KeyPair::from_seed(Seed{1});
  }();
  Unlock unlock{Seed{9}};
  std::uint64_t next_seq = 0;

  Store open() {
    Store store = must(Store::open(path, Mode::exclusive));
    must(store.unlock(host, unlock));
    return store;
  }
  errc open_code() { return code_of(Store::open(path, Mode::exclusive)); }

  Evidence evidence(const Id& dossier = Id{7}, std::size_t text_size = 10) {
    RecordHeader header;
    header.tenant = "H42";
    header.log_id = Hash{5};
    header.seq = next_seq++;
    header.subject = dossier;
    header.type = RecordType::note;
    header.claimed_ms = 1000 + header.seq;
    return {sign_record(header, body::encode(body::Note{std::string(text_size, 'x')}, Id{}), key),
            {},
            std::nullopt,
            Id{3},
            0};
  }
  static void change(Store& store, const auto& act) {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    act();
    must(transaction.commit());
  }
  static body::LeaseGranted lease(std::uint32_t first, std::uint32_t count) {
    return {Hash{5}, body::NumberKind::send_slip, "PG-H42-", first, count};
  }
};

TEST_F(StoreTest, RefusesNewerSchemaAndLeavesItAlone) {
  {
    Store store = open();
    must(store.set_number("n", 5));
    must(store.database().exec("PRAGMA user_version=2"));
  }
  EXPECT_EQ(open_code(), errc::store_version_unknown);
  EXPECT_EQ(open_code(), errc::store_version_unknown);
}

TEST_F(StoreTest, RefusesFileThatIsNoDatabase) {
  std::ofstream(path) << std::string(8192, 'x');
  EXPECT_EQ(open_code(), errc::store_corrupt);
}

TEST_F(StoreTest, RefusesSecondOpener) {
  Store store = open();
  EXPECT_EQ(open_code(), errc::store_busy);
  must(store.set_number("n", 1));
}

TEST_F(StoreTest, RefusesMissingFolder) {
  path = (folder.path() / "không có" / "store.db").string();
  EXPECT_EQ(open_code(), errc::store_not_found);
}

TEST_F(StoreTest, RefusesMissingStoreForReading) {
  EXPECT_EQ(code_of(Store::open(path, Mode::read_only)), errc::store_not_found);
}

TEST_F(StoreTest, RefusesFolderOrFileThatMayNotBeWritten) {
  // Root may write everywhere, so the test becomes nobody for a moment.
  constexpr uid_t nobody = 65534;
  const bool is_root = ::geteuid() == 0;
  if (is_root && ::seteuid(nobody) != 0) GTEST_SKIP() << "needs a user without rights";
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  open();
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
  if (is_root) {
    ASSERT_EQ(::seteuid(nobody), 0);
  }
  const errc existing = open_code();
  path = (folder.path() / "new.db").string();
  const errc missing = open_code();
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  EXPECT_EQ(existing, errc::store_read_only);
  EXPECT_EQ(missing, errc::store_read_only);
}

TEST_F(StoreTest, NamesDamagedRecordAsCorrupt) {
  Store store = open();
  const Evidence e = evidence();
  must(store.insert(e, Origin::own));
  must(store.database().exec("UPDATE record SET body=x'00'"));
  EXPECT_EQ(code_of(store.record(e.record.hash)), errc::store_corrupt);
  EXPECT_EQ(code_of(store.dossier(Id{7})), errc::store_corrupt);
  EXPECT_EQ(code_of(store.unsent(10, 1000)), errc::store_corrupt);
}

TEST_F(StoreTest, FullDiskIsSaidAndKeepsWhatWasSaved) {
  Store store = open();
  must(store.insert(evidence(), Origin::own));
  const auto pages = must_have(
      store.database().one("PRAGMA page_count", {}, [](sqlite::Row row) { return row.number(0); }));
  must(store.database().exec(("PRAGMA max_page_count=" + std::to_string(pages + 4)).c_str()));
  errc code{};
  std::size_t saved = 1;
  for (int i = 0; i < 100 && code == errc{}; ++i) {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    code = code_of(store.insert(evidence(Id{7}, 3000), Origin::own));
    if (code == errc{}) code = code_of(transaction.commit());
    if (code == errc{}) ++saved;
  }
  EXPECT_EQ(code, errc::store_full);
  EXPECT_EQ(must(store.all()).size(), saved);
  // The connection is usable again once there is room.
  must(store.database().exec("PRAGMA max_page_count=1000000"));
  must(store.insert(evidence(), Origin::own));
  // Another store in its place lets go of the file.
  store = must(Store::open((folder.path() / "other.db").string(), Mode::exclusive));
  EXPECT_EQ(must(open().all()).size(), saved + 1);
}

TEST_F(StoreTest, WriteThatIsNotCommittedLeavesNothing) {
  Store store = open();
  {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    must(store.insert(evidence(), Origin::own));
    must(store.put_attachment(Hash{1}, photo(), "image/jpeg"));
    must(store.set_number("n", 9));
  }
  EXPECT_TRUE(must(store.all()).empty());
  EXPECT_TRUE(must(store.pending_attachments()).empty());
  EXPECT_EQ(must(store.number("n")), 0u);
}

TEST_F(StoreTest, ReopeningKeepsEverything) {
  std::string before;
  {
    Store store = open();
    const Evidence own = evidence();
    const Evidence fed = evidence();
    change(store, [&] {
      must(store.insert(own, Origin::own));
      must(store.insert({fed.record, is_held(errc::late_amendment), 4, Id{3}, 0}, Origin::feed));
      must(store.insert(evidence(), Origin::carried));
      must(store.set_receipt({own.record.hash, 17, {Hash{1}, Hash{2}}, "note"}));
      must(store.set_ruling(own.record.hash, is_effective));
      must(store.put_attachment(Hash{1}, photo(), "image/jpeg"));
      must(store.put_lease(lease(1, 50), 0));
      must(store.take_number(body::NumberKind::send_slip));
      must(store.set_value("v", Bytes{1, 2, 3}));
    });
    before = dump(store);
  }
  Store store = open();
  EXPECT_EQ(dump(store), before);
  EXPECT_EQ(must(store.attachment(Hash{1})), photo());
}

TEST_F(StoreTest, RecordIsStoredOnce) {
  Store store = open();
  const Evidence e = evidence();
  EXPECT_TRUE(must(store.insert(e, Origin::own)));
  EXPECT_FALSE(must(store.insert(e, Origin::feed)));
  EXPECT_EQ(must(store.all()).size(), 1u);
  EXPECT_EQ(must_have(store.record(e.record.hash)).origin, Origin::own);
}

TEST_F(StoreTest, HeadIsTheHighestRecordOfTheLog) {
  Store store = open();
  EXPECT_FALSE(must(store.head(Hash{5})));
  const Evidence first = evidence();
  const Evidence second = evidence();
  must(store.insert(second, Origin::own));
  must(store.insert(first, Origin::own));
  EXPECT_EQ(must_have(store.head(Hash{5})).next_seq, 2u);
  EXPECT_EQ(must_have(store.head(Hash{5})).hash, second.record.hash);
  EXPECT_FALSE(must(store.head(Hash{6})));
}

TEST_F(StoreTest, UnsentAreOwnAndCarriedWithoutReceiptOldestFirst) {
  Store store = open();
  std::vector<Evidence> all;
  for (int i = 0; i < 5; ++i) all.push_back(evidence());
  must(store.insert(all[0], Origin::own));
  must(store.insert(all[1], Origin::feed));
  must(store.insert(all[2], Origin::carried));
  must(store.insert(all[3], Origin::own));
  must(store.insert(all[4], Origin::own));
  must(store.set_receipt({all[0].record.hash, 0, {}, ""}));
  must(store.set_ruling(all[3].record.hash, is_refused(errc::signature_invalid)));
  const auto unsent = must(store.unsent(10, 100'000));
  ASSERT_EQ(unsent.size(), 2u);
  EXPECT_EQ(unsent[0].hash, all[2].record.hash);
  EXPECT_EQ(unsent[1].hash, all[4].record.hash);
  EXPECT_EQ(must(store.unsent(1, 100'000)).size(), 1u);
  EXPECT_EQ(must(store.unsent(10, 1)).size(), 1u) << "one goes, however large it is";
  // What was rejected is still held, and says since when.
  const exchange::Holds holds = must(store.holds());
  EXPECT_EQ(holds.records, 3u);
  EXPECT_EQ(holds.oldest_claimed_ms, 1002u);
}

TEST_F(StoreTest, RecordOfADossierIsFoundUnderIt) {
  Store store = open();
  must(store.insert(evidence(Id{1}), Origin::own));
  must(store.insert(evidence(Id{2}), Origin::own));
  must(store.insert(evidence(Id{1}), Origin::own));
  EXPECT_EQ(must(store.dossiers()), (std::vector<Id>{Id{1}, Id{2}}));
  EXPECT_EQ(must(store.dossier(Id{1})).size(), 2u);
  EXPECT_TRUE(must(store.dossier(Id{3})).empty());
}

TEST_F(StoreTest, NumbersOfALeaseAreGivenOnceAndInOrder) {
  Store store = open();
  const auto kind = body::NumberKind::send_slip;
  EXPECT_FALSE(must(store.take_number(kind)));
  must(store.put_lease(lease(101, 2), 0));
  must(store.put_lease(lease(7, 1), 0));
  must(store.put_lease(lease(7, 1), 0));
  EXPECT_EQ(must(store.numbers_left(kind)), 3u);
  EXPECT_EQ(must(store.numbers_left(body::NumberKind::item)), 0u);
  EXPECT_EQ(must(store.take_number(kind)), "PG-H42-00000007");
  {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    EXPECT_EQ(must(store.take_number(kind)), "PG-H42-00000101");
  }
  EXPECT_EQ(must(store.take_number(kind)), "PG-H42-00000101") << "rolled back, so not given";
  EXPECT_EQ(must(store.take_number(kind)), "PG-H42-00000102");
  EXPECT_FALSE(must(store.take_number(kind)));
}

TEST_F(StoreTest, LeaseSeenAgainDoesNotGiveItsNumbersBack) {
  Store store = open();
  must(store.put_lease(lease(1, 5), 0));
  must(store.take_number(body::NumberKind::send_slip));
  must(store.put_lease(lease(1, 5), 0));
  EXPECT_EQ(must(store.numbers_left(body::NumberKind::send_slip)), 4u);
}

TEST_F(StoreTest, AttachmentIsPendingUntilTheServerHasIt) {
  Store store = open();
  must(store.put_attachment(Hash{1}, photo(), "image/jpeg"));
  must(store.put_attachment(Hash{1}, photo(), "image/jpeg"));
  EXPECT_EQ(must(store.holds()).attachment_bytes, photo().size());
  must(store.attachment_stored(Hash{1}));
  EXPECT_TRUE(must(store.pending_attachments()).empty());
  EXPECT_EQ(must(store.holds()).attachment_bytes, 0u);
  EXPECT_TRUE(must(store.attachment(Hash{1}))) << "kept all the same";
  must(store.attachment_wanted(Hash{1}));
  EXPECT_EQ(must(store.pending_attachments()).size(), 1u);
}

TEST_F(StoreTest, LeaseThatHasExpiredGivesNoNumbers) {
  Store store = open();
  const auto kind = body::NumberKind::send_slip;
  must(store.put_lease(lease(1, 5), 1000));
  must(store.put_lease(lease(101, 5), 0));
  EXPECT_EQ(must(store.numbers_left(kind, 999)), 10u);
  EXPECT_EQ(must(store.numbers_left(kind, 1000)), 5u);
  EXPECT_EQ(must(store.numbers_left(kind, 0)), 10u) << "0 is no time";
  EXPECT_EQ(must(store.take_number(kind, 999)), "PG-H42-00000001");
  EXPECT_EQ(must(store.take_number(kind, 1000)), "PG-H42-00000101");
  EXPECT_EQ(must(store.take_number(kind)), "PG-H42-00000002");
}

TEST_F(StoreTest, RestOfAnExpiredLeaseIsToldUntilItIsClosed) {
  Store store = open();
  const auto kind = body::NumberKind::send_slip;
  must(store.put_lease(lease(1, 5), 1000));
  must(store.put_lease(lease(101, 5), 2000));
  must(store.put_lease(lease(201, 5), 0));
  must(store.put_lease(lease(301, 1), 1000));
  for (int i = 0; i < 2; ++i) must(store.take_number(kind));
  EXPECT_TRUE(must(store.expired_leases(0)).empty());
  EXPECT_TRUE(must(store.expired_leases(999)).empty());
  const std::vector<LeaseRest> rests{{kind, "PG-H42-", 3, 3}, {kind, "PG-H42-", 301, 1}};
  EXPECT_EQ(must(store.expired_leases(1999)), rests);
  must(store.close_lease(rests[0]));
  must(store.close_lease(rests[0]));
  EXPECT_EQ(must(store.expired_leases(1999)), std::vector<LeaseRest>{rests[1]});
  EXPECT_EQ(must(store.take_number(kind)), "PG-H42-00000101") << "not of the closed one";
  must(store.put_lease(lease(1, 5), 9000));
  EXPECT_EQ(must(store.numbers_left(kind)), 4u + 5u + 1u) << "seen again it stays closed";
  must(store.close_all_leases());
  EXPECT_EQ(must(store.numbers_left(kind)), 0u);
  EXPECT_TRUE(must(store.expired_leases(9999)).empty());
}

TEST_F(StoreTest, DossierThatIsReadAgainHasWhatChangedMeanwhile) {
  Store store = open();
  const Evidence e = evidence();
  must(store.insert(e, Origin::own));
  const auto read = [&] {
    const auto records = must(store.records(Id{7}));
    EXPECT_EQ(store.kept_count(), records.size());
    return records;
  };
  EXPECT_EQ(read().size(), 1u);
  must(store.set_ruling(e.record.hash, {Verdict::refused, errc::log_forked}));
  EXPECT_EQ(read()[0].evidence.ruling, (Ruling{Verdict::refused, errc::log_forked}));
  EXPECT_EQ(must(store.retry_rejected()), 1u);
  EXPECT_EQ(read()[0].evidence.ruling.verdict, Verdict::provisional);
  must(store.set_receipt({e.record.hash, 12, {}, ""}));
  EXPECT_EQ(read()[0].evidence.leaf_index, 12u);
  EXPECT_TRUE(read()[0].receipt);
  const Evidence more = evidence();
  {
    const auto dropped = must(sqlite::Transaction::begin(store.database()));
    must(store.insert(more, Origin::own));
    EXPECT_EQ(read().size(), 2u);
  }
  EXPECT_EQ(must(store.records(Id{7})).size(), 1u);
  must(store.insert(more, Origin::own));
  EXPECT_EQ(read()[1].evidence.record.body, more.record.body);
  must(store.insert(evidence(Id{8}), Origin::own));
  EXPECT_EQ(must(store.records(Id{8})).size(), 1u);
  EXPECT_EQ(store.kept_count(), 1u) << "of one dossier only";
}

TEST_F(StoreTest, KeepsNoMoreInMemoryThanItMay) {
  Store store = open();
  constexpr std::size_t text_size = 8000;
  constexpr std::size_t count = 140;
  change(store, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      must(store.insert(evidence(Id{7}, text_size), Origin::own));
    }
  });
  EXPECT_EQ(must(store.records(Id{7})).size(), count);
  EXPECT_GT(store.kept_count(), 100u);
  EXPECT_LE(store.kept_count() * text_size, 1024u * 1024u);
  EXPECT_EQ(must(store.records(Id{7})).size(), count);
}

TEST_F(StoreTest, LockingLeavesNoRecordInMemory) {
  Store store = open();
  must(store.insert(evidence(), Origin::own));
  EXPECT_EQ(must(store.dossier(Id{7})).size(), 1u);
  EXPECT_EQ(store.kept_count(), 1u);
  store.lock();
  EXPECT_TRUE(store.is_locked());
  EXPECT_EQ(store.kept_count(), 0u);
  EXPECT_EQ(code_of(store.dossier(Id{7})), errc::vault_locked);
  must(store.unlock(host, unlock));
  EXPECT_EQ(must(store.dossier(Id{7})).size(), 1u);
}

TEST_F(StoreTest, WhileLockedTheInsideOfNothingIsShown) {
  const Evidence e = evidence();
  Store store = open();
  must(store.insert(e, Origin::own));
  must(store.put_attachment(Hash{1}, photo(), "image/jpeg"));
  must(store.put_lease(lease(1, 5), 0));
  const std::string before = dump(store);
  must(store.dossier(Id{7}));
  store.lock();
  EXPECT_TRUE(store.is_locked());
  EXPECT_EQ(code_of(store.insert(evidence(), Origin::own)), errc::vault_locked);
  EXPECT_EQ(code_of(store.record(e.record.hash)), errc::vault_locked);
  EXPECT_EQ(code_of(store.record(Hash{})), errc::vault_locked);
  EXPECT_EQ(code_of(store.dossier(Id{7})), errc::vault_locked);
  EXPECT_EQ(code_of(store.all()), errc::vault_locked);
  EXPECT_EQ(code_of(store.unsent(10, 1000)), errc::vault_locked);
  EXPECT_EQ(code_of(store.put_attachment(Hash{2}, photo(), "image/jpeg")), errc::vault_locked);
  EXPECT_EQ(code_of(store.attachment(Hash{1})), errc::vault_locked);
  EXPECT_EQ(code_of(store.secret("x")), errc::vault_locked);
  EXPECT_EQ(code_of(store.set_secret("x", Bytes{1})), errc::vault_locked);
  EXPECT_EQ(code_of(store.put_log({})), errc::vault_locked);
  EXPECT_EQ(code_of(store.log(Hash{})), errc::vault_locked);
  EXPECT_EQ(code_of(store.all_logs()), errc::vault_locked);
  // Order and state are there all the same.
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{Id{7}});
  EXPECT_EQ(must(store.holds()).records, 1u);
  EXPECT_EQ(must_have(store.head(Hash{5})).hash, e.record.hash);
  EXPECT_EQ(must(store.pending_attachments()).size(), 1u);
  EXPECT_EQ(must(store.numbers_left(body::NumberKind::send_slip)), 5u);
  EXPECT_FALSE(must(store.is_clean()));
  must(store.unlock(host, unlock));
  EXPECT_EQ(dump(store), before);
}

TEST_F(StoreTest, SealedValuesCannotChangePlaces) {
  Store store = open();
  const Evidence one = evidence();
  const Evidence other = evidence();
  must(store.insert(one, Origin::own));
  must(store.insert(other, Origin::own));
  must(store.put_attachment(Hash{1}, photo(1), "image/jpeg"));
  must(store.put_attachment(Hash{2}, photo(2), "image/jpeg"));
  must(store.set_secret("a", Bytes{1}));
  must(store.set_secret("b", Bytes{2}));
  must(store.database().exec(
      "UPDATE record SET body=(SELECT body FROM record ORDER BY id LIMIT 1);"
      "UPDATE attachment SET bytes=(SELECT bytes FROM attachment LIMIT 1);"
      "UPDATE secret SET value=(SELECT value FROM secret WHERE key='a')"));
  EXPECT_TRUE(must(store.record(one.record.hash)));
  EXPECT_EQ(code_of(store.record(other.record.hash)), errc::store_corrupt);
  EXPECT_EQ(must(store.secret("a")), Bytes{1});
  EXPECT_EQ(code_of(store.secret("b")), errc::store_corrupt);
  const bool first_opens = store.attachment(Hash{1}).has_value();
  EXPECT_NE(store.attachment(Hash{2}).has_value(), first_opens);
}

TEST_F(StoreTest, LargeValueStandsApart) {
  Store store = open();
  const Bytes many(100'000, 7);
  EXPECT_FALSE(must(store.large_value("many")));
  must(store.set_large_value("many", many));
  EXPECT_EQ(must(store.large_value("many")), many);
  EXPECT_FALSE(must(store.value("many")));
  must(store.set_large_value("many", Bytes{1}));
  EXPECT_EQ(must(store.large_value("many")), Bytes{1});
}

TEST_F(StoreTest, LargeValueOfAStoreOfBeforeIsReadWithoutWriting) {
  {
    Store store = open();
    must(store.database().exec("DROP TABLE large"));
    must(store.set_value("many", Bytes(100'000, 7)));
  }
  Store store = open();
  must(store.database().exec("PRAGMA query_only=ON"));
  EXPECT_EQ(must(store.large_value("many")), Bytes(100'000, 7));
  EXPECT_FALSE(must(store.large_value("none")));
  must(store.database().exec("PRAGMA query_only=OFF"));
  must(store.set_large_value("many", Bytes{1}));
  EXPECT_EQ(must(store.large_value("many")), Bytes{1});
  EXPECT_FALSE(must(store.value("many")));
}

TEST_F(StoreTest, SecretCanBeReplacedAndErased) {
  Store store = open();
  EXPECT_FALSE(must(store.secret("a")));
  must(store.set_secret("a", Bytes{1}));
  must(store.set_secret("a", Bytes{}));
  EXPECT_EQ(must(store.secret("a")), Bytes{});
  EXPECT_FALSE(must(store.value("a"))) << "keys apart";
  must(store.erase_secret("a"));
  EXPECT_FALSE(must(store.secret("a")));
}

TEST_F(StoreTest, RefusesAnotherKeyAndOpensWithItsOwn) {
  open();
  Store store = must(Store::open(path, Mode::exclusive));
  EXPECT_TRUE(store.is_locked());
  EXPECT_EQ(code_of(store.unlock(host, Unlock(Seed{8}))), errc::vault_locked);
  EXPECT_TRUE(store.is_locked());
  must(store.unlock(host, unlock));
}

TEST_F(StoreTest, ReadsOnlyWithAKeyOfThePlatform) {
  open();
  Store store = must(Store::open(path, Mode::read_only));
  must(store.unlock(host, unlock));
  EXPECT_TRUE(must(store.all()).empty());
}

}  // namespace
}  // namespace tannha::test
