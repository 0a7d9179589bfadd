#include <gtest/gtest.h>

#include <functional>

#include "tests/support/journey.hpp"
#include "tests/support/random_evidence.hpp"
#include "tests/support/random_seed.hpp"

// What lists are made of is kept beside the records, and never older than they are.
namespace tannha::test {
namespace {

std::string text_of(const DossierSummary& summary) {
  return uuid_text(summary.id) + " " + to_hex(fields::encode(summary));
}

/// From the records alone, whatever is kept.
std::vector<std::string> made_anew(Store& store) {
  std::vector<std::string> out;
  for (const Id& id : must(store.dossiers())) {
    const std::vector<Evidence> evidence = must(store.dossier(id));
    out.push_back(text_of(summarize(fold(id, evidence), evidence)));
  }
  return out;
}

/// As a list has it.
std::vector<std::string> listed(Replica& replica) {
  std::vector<std::string> out;
  for (const DossierSummary& summary : must(replica.summaries(1))) out.push_back(text_of(summary));
  return out;
}

std::string text_of(const StoredRecord& r) {
  const auto optional = [](const auto& value) {
    return value ? std::to_string(static_cast<std::uint64_t>(*value)) : std::string("none");
  };
  return to_hex(r.evidence.record.envelope) + " " + to_hex(r.evidence.record.body) + " " +
         std::to_string(static_cast<int>(r.evidence.ruling.verdict)) + " " +
         optional(r.evidence.ruling.reason) + " " + optional(r.evidence.leaf_index) + " " +
         to_hex(r.receipt ? fields::encode(*r.receipt) : Bytes()) + (r.erased ? " erased" : "");
}

/// The records about a dossier as they are read.
std::vector<std::string> records_of(Store& store, const Id& dossier) {
  std::vector<std::string> out;
  for (const StoredRecord& stored : must(store.records(dossier))) {
    const Record& record = stored.evidence.record;
    const Record decoded = must(decode_record(record.envelope, record.body));
    EXPECT_EQ(record.header, decoded.header);
    EXPECT_EQ(record.hash, decoded.hash);
    out.push_back(text_of(stored));
  }
  return out;
}

/// The same from the file alone, whatever is in memory.
std::vector<std::string> rows_of(Store& store, const Id& dossier) {
  std::vector<std::string> out;
  must(store.database().each(
      "SELECT envelope, body, hash, verdict, reason, leaf, receipt, erased FROM record "
      "JOIN dossier_record ON id=record WHERE dossier=? ORDER BY id",
      {sqlite::arg(BytesView(dossier))}, [&](sqlite::Row row) {
        StoredRecord r;
        r.evidence.record.envelope = to_bytes(row.bytes(0));
        if (!row.is_null(1)) {
          r.evidence.record.body = must(store.vault().unseal(row.bytes(2), row.bytes(1)));
        }
        if (!row.is_null(3)) r.evidence.ruling.verdict = static_cast<Verdict>(row.number(3));
        if (!row.is_null(4)) r.evidence.ruling.reason = static_cast<errc>(row.number(4));
        if (!row.is_null(5)) r.evidence.leaf_index = row.number(5);
        if (!row.is_null(6)) {
          r.receipt = must(fields::decode<Receipt>(row.bytes(6), errc::store_corrupt));
        }
        r.erased = row.number(7) != 0;
        out.push_back(text_of(r));
        return true;
      }));
  return out;
}

std::size_t count_kept(Store& store) {
  return must_have(store.database().one("SELECT count(*) FROM summary", {},
                                        [](sqlite::Row row) { return row.number(0); }));
}

class SummariesTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};

  static void expect_right(Device& device, const std::string& after) {
    if (device->is_locked()) return;
    EXPECT_EQ(listed(*device), made_anew(device->store())) << "after " << after;
  }
};

TEST_F(SummariesTest, KeepsWhatDidNotChangeAndMakesTheRestAnew) {
  const Id first = journey.sealed();
  const Id second = journey.sealed();
  Store& store = journey.courier->store();
  expect_right(journey.courier, "the first question");
  EXPECT_EQ(count_kept(store), 2U);
  must(journey.as_courier().add_note(first, "gọi lại chiều nay"));
  EXPECT_EQ(count_kept(store), 1U);
  const auto left = must(store.summaries(summary_version));
  ASSERT_EQ(left.size(), 2U);
  EXPECT_FALSE(left[0].sealed);
  EXPECT_TRUE(left[1].sealed);
  EXPECT_EQ(left[1].dossier, second);
  expect_right(journey.courier, "a note");
}

TEST_F(SummariesTest, OfAFewNoneIsKept) {
  journey.sealed();
  EXPECT_EQ(must(journey.courier->summaries()).size(), 1U);
  EXPECT_EQ(count_kept(journey.courier->store()), 0U);
}

TEST_F(SummariesTest, ChangeThatIsUndoneLeavesNothing) {
  const Id id = journey.sealed();
  expect_right(journey.courier, "the first question");
  {
    auto change = must(journey.courier->begin());
    must(change.append(id, {}, body::FeeTaken{body::MoneyKind::postage, 25'000, true}));
    expect_right(journey.courier, "a change that is not saved");
    EXPECT_EQ(must(journey.courier->summaries(1)).front().cash_dong, 25'000U);
    EXPECT_EQ(count_kept(journey.courier->store()), 0U);
  }
  EXPECT_EQ(must(journey.courier->summaries(1)).front().cash_dong, 0U);
  expect_right(journey.courier, "the change was dropped");
}

TEST_F(SummariesTest, AnotherVersionOrAnotherPlaceIsMadeAnew) {
  const Id first = journey.sealed();
  const Id second = journey.sealed();
  Store& store = journey.courier->store();
  expect_right(journey.courier, "the first question");
  sqlite::Database& db = store.database();
  must(db.run("UPDATE summary SET version=version+1"));
  for (const Store::Summary& s : must(store.summaries(summary_version))) EXPECT_FALSE(s.sealed);
  expect_right(journey.courier, "another program");
  // What was sealed for one dossier does not open for another.
  must(db.run("UPDATE summary SET bytes=(SELECT s.bytes FROM summary s WHERE s.dossier=?) "
              "WHERE dossier=?",
              {sqlite::arg(BytesView(first)), sqlite::arg(BytesView(second))}));
  expect_right(journey.courier, "a swap");
  must(store.keep_summary(first, summary_version, as_bytes("not CBOR")));
  expect_right(journey.courier, "nonsense");
}

TEST_F(SummariesTest, LockedVaultListsNothing) {
  journey.sealed();
  expect_right(journey.courier, "the first question");
  journey.courier->lock();
  EXPECT_EQ(code_of(journey.courier->summaries()), errc::vault_locked);
  must(journey.courier->unlock(journey.courier.unlock));
  expect_right(journey.courier, "unlocking");
}

TEST_F(SummariesTest, FullDiskKeepsNoneAndListsAll) {
  journey.sealed();
  Store& store = journey.courier->store();
  must(store.database().exec("CREATE TRIGGER full BEFORE INSERT ON summary BEGIN "
                             "SELECT raise(ABORT, 'full'); END"));
  expect_right(journey.courier, "nothing can be kept");
  EXPECT_EQ(count_kept(store), 0U);
  EXPECT_FALSE(store.database().in_transaction());
}

TEST_F(SummariesTest, StoreOfBeforeGetsThem) {
  journey.sealed();
  sqlite::Database& db = journey.courier->store().database();
  for (const char* name : {"more", "changed", "left", "forgotten"}) {
    must(db.exec(("DROP TRIGGER summary_of_" + std::string(name)).c_str()));
  }
  must(db.exec("DROP TABLE summary"));
  province.restart(journey.courier);
  expect_right(journey.courier, "a new program");
  EXPECT_EQ(count_kept(journey.courier->store()), 1U);
}

/// Whatever happens to devices, in any order.
class RandomDays : public SummariesTest {
 protected:
  void live(std::uint64_t seed, std::size_t steps) {
    random_.seed(seed);
    for (int i = 0; i < 4; ++i) ids_.push_back(journey.sealed());
    devices_ = {&journey.dispatcher, &journey.courier, &journey.officer, &second_};
    for (std::size_t i = 0; i < steps; ++i) {
      const Step& step = steps_[pick(random_, steps_.size())];
      const Id read_last = any();
      for (Device* device : devices_) {
        if (!(*device)->is_locked()) must((*device)->store().records(read_last));
      }
      step.run();
      for (Device* device : devices_) {
        expect_read_as_stored(*device, read_last, step.what);
        expect_right(*device, step.what);
      }
      if (HasFailure()) return;
    }
    EXPECT_GT(done_, steps / 10) << "too little of it was possible";
    for (Device* device : devices_) {
      province.restart(*device);
      expect_right(*device, "the last start");
    }
  }

 private:
  struct Step {
    const char* what;
    std::function<void()> run;
  };
  static void expect_read_as_stored(Device& device, const Id& dossier, const std::string& after) {
    Store& store = device->store();
    if (device->is_locked()) {
      EXPECT_EQ(store.kept_count(), 0U) << "after " << after;
      return;
    }
    EXPECT_EQ(records_of(store, dossier), rows_of(store, dossier)) << "after " << after;
  }
  [[nodiscard]] const Id& any() { return ids_[pick(random_, ids_.size())]; }
  [[nodiscard]] Device& device() { return *devices_[pick(random_, devices_.size())]; }
  [[nodiscard]] core::Courier courier() {
    return core::Courier(chance(random_, 70) ? *journey.courier : *second_, province.catalogue());
  }
  // Most steps make sense for some dossiers only: what is refused is as well.
  template <class T>
  void try_it(const Result<T>& result) {
    if (result) ++done_;
  }
  void sync(Device& device) {
    if (device->is_locked() || !device->identity()) return;
    const Fault fault = chance(random_, 20)   ? Fault::response_lost
                        : chance(random_, 20) ? Fault::request_lost
                                              : Fault::none;
    province.sync(device, {.pull_max = chance(random_, 30) ? 3U : 200U, .fault = fault});
    if (chance(random_, 50)) province.upload(device);
    if (device->identity()) try_it(device->tidy());
  }
  void dispute_or_hand_over() {
    if (journey.courier->is_locked() || journey.officer->is_locked()) return;
    const auto offer = courier().offer_handover(unit, {any(), any()});
    if (!offer) return;
    const auto parcel = journey.courier->make_parcel({offer->hash});
    if (!parcel || !journey.officer->take_parcel(*parcel)) return;
    try_it(journey.as_officer().accept_handover(offer->hash, {}));
  }
  void push_what_is_held() {
    if (journey.courier->is_locked() || !journey.courier->identity()) return;
    RecordHeader header = next_header(journey.courier, any());
    header.seq += 1 + pick(random_, 2);
    const Record gap = forge(journey.courier, header, body::Note{"khoảng trống"});
    province.push(journey.courier, {gap});
  }
  void adjudicate() {
    if (journey.officer->is_locked()) return;
    for (const auto& item : must(journey.as_officer().work_items())) {
      try_it(journey.as_officer().adjudicate(item.record.hash, body::Outcome::counts, "đúng"));
    }
  }
  void lease_payout() {
    if (journey.dispatcher->is_locked()) return;
    body::PayoutAssigned payout{.unit = std::string(unit),
                                .beneficiary = "NCC-" + std::to_string(++payouts_),
                                .period = "2026-03",
                                .amount_dong = 2'055'000,
                                .courier = first_actor_};
    const auto id = journey.as_dispatcher().assign_payout({}, payout);
    if (id) ids_.push_back(*id);
  }

  std::mt19937_64 random_;
  Device& second_ = province.enrol(Role::courier, unit);
  const Id first_actor_ = journey.courier.actor();
  const Id second_actor_ = second_.actor();
  std::vector<Id> ids_;
  std::vector<Device*> devices_;
  std::size_t payouts_ = 0;
  std::size_t done_ = 0;
  const std::vector<Step> steps_{
      {"a synchronisation", [this] { sync(device()); }},
      {"another synchronisation", [this] { sync(device()); }},
      {"everybody's synchronisation",
       [this] {
         for (Device* d : devices_) sync(*d);
       }},
      {"a request",
       [this] {
         const auto id = journey.as_dispatcher().request_pickup(Journey::request());
         if (!id) return;
         ids_.push_back(*id);
         try_it(journey.as_dispatcher().assign(*id, first_actor_));
       }},
      {"a payout", [this] { lease_payout(); }},
      {"another courier",
       [this] { try_it(journey.as_dispatcher().assign(any(), second_actor_)); }},
      {"opening",
       [this] { try_it(courier().open(any(), birth_procedure, body::ServiceKind::both)); }},
      {"a card", [this] { try_it(courier().scan_card(any(), card)); }},
      {"a field", [this] { try_it(courier().write_field(any(), "owner_name", "Trần Thị B")); }},
      {"a count", [this] { try_it(courier().check_document(any(), 1, "", 1, 0, 0)); }},
      {"a photo",
       [this] {
         const auto number = static_cast<std::uint8_t>(pick(random_, 200));
         try_it(courier().add_photo(any(), photo(number), body::AttachmentRole::page, 1));
       }},
      {"money",
       [this] {
         const bool cash = chance(random_, 50);
         try_it(courier().take_money(any(), body::MoneyKind::postage, 25'000, cash));
       }},
      {"a seal", [this] { try_it(courier().seal(any(), "SEAL-2")); }},
      {"a hand-over", [this] { dispute_or_hand_over(); }},
      {"an acceptance", [this] { try_it(journey.as_officer().accept(any())); }},
      {"a request for more",
       [this] {
         try_it(journey.as_officer().request_supplement(any(), {"Giấy chứng sinh"}, "thiếu"));
       }},
      {"a refusal", [this] { try_it(journey.as_officer().refuse(any(), "không thuộc")); }},
      {"a result", [this] { try_it(journey.as_officer().finish(any(), "Giấy khai sinh")); }},
      {"a record that is held", [this] { push_what_is_held(); }},
      {"an officer's word", [this] { adjudicate(); }},
      {"a second try", [this] { must(device()->store().retry_rejected()); }},
      {"a change that is dropped",
       [this] {
         Device& d = device();
         auto change = d->begin();
         if (!change) return;
         try_it(change->append(any(), {}, body::Note{"bỏ"}));
         must(d->summaries(1));
       }},
      {"locking", [this] { device()->lock(); }},
      {"unlocking",
       [this] {
         for (Device* d : devices_) {
           if ((*d)->is_locked()) try_it((*d)->unlock(d->unlock));
         }
       }},
      {"a restart", [this] { province.restart(device()); }},
      {"a new key", [this] { try_it(device()->rotate_key()); }},
      {"time", [this] { province.advance_ms(pick(random_, 3) * 86'400'000); }},
      {"leaving the round",
       [this] {
         if (!journey.courier->is_locked()) must(journey.courier->store().want_forget(any()));
       }},
  };
};

TEST_F(RandomDays, ListIsWhatRecordsSay) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed_text(seed));
  live(seed, 400);
}

TEST_F(SummariesTest, RevokedDeviceKeepsNone) {
  journey.sealed();
  province.sync(journey.courier);
  province.upload(journey.courier);
  expect_right(journey.courier, "sealing");
  EXPECT_EQ(count_kept(journey.courier->store()), 1U);
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(journey.courier.log_id(), body::RevocationReason::retired));
  province.sync_all();
  province.sync_all();
  EXPECT_EQ(must(journey.courier->condition()).erased, body::RevocationReason::retired);
  EXPECT_EQ(count_kept(journey.courier->store()), 0U);
}

}  // namespace
}  // namespace tannha::test
