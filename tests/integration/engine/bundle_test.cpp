// Bundles from the phone that makes them to the registry, in other people's hands, and back.

#include "tannha/protocol/bundle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/journey.hpp"
#include "tests/support/random_seed.hpp"

namespace tannha::test {
namespace {

class BundleTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  Device& maker = journey.courier;
  Device& carrier = province.enrol(Role::courier, "H42");

  static std::vector<Replica::MadeBundle> make(Device& device,
                                               const Replica::BundleOptions& options = {}) {
    std::vector<Replica::MadeBundle> out;
    must(device->make_bundle(options, [&](Replica::MadeBundle made) -> Result<void> {
      out.push_back(std::move(made));
      return {};
    }));
    return out;
  }
  static Bytes make_one(Device& device, const Replica::BundleOptions& options = {}) {
    auto made = make(device, options);
    EXPECT_EQ(made.size(), 1U);
    return std::move(made.at(0).bytes);
  }
  [[nodiscard]] Bundle opened(BytesView bytes) const {
    return must(open_bundle(bytes, "H42", province.actor().bundle_key));
  }
  [[nodiscard]] Bytes sealed(const Bundle& bundle) const {
    return must(seal_bundle(bundle, province.actor().bundle_key.public_key(), Seed{1}));
  }
  /// As tannhad does it: records in one transaction, then the files, then the receipts.
  Result<Bytes> deliver(BytesView bytes, const Hash& sender) {
    TN_TRY(const PreparedBundle prepared, prepare_bundle(bytes, province.actor()));
    TN_CHECK(province.registry().begin());
    auto delivered = province.server().deliver_bundle(prepared, sender);
    if (!delivered) {
      province.registry().rollback();
      return std::unexpected(delivered.error());
    }
    TN_CHECK(province.registry().commit());
    TN_TRY(delivered->receipts.checkpoint, province.sign(delivered->head));
    for (const std::size_t i : delivered->wanted) {
      const BundleAttachment& attachment = prepared.bundle.attachments[i];
      EXPECT_EQ(blake2b_256(attachment.bytes), attachment.hash);
      ++stored_;
    }
    TN_CHECK(province.registry().begin());
    TN_TRY(const BundleReceipts receipts,
           province.server().attachments_arrived(prepared, *delivered));
    TN_CHECK(province.registry().commit());
    return sign_bundle_receipts(receipts, province.actor().journal_key);
  }
  Bytes deliver(BytesView bytes) { return must(deliver(bytes, carrier.log_id())); }
  [[nodiscard]] BundleReceipts read(BytesView receipts) const {
    return must(
        open_bundle_receipts(receipts, "H42", province.actor().journal_key.public_key()));
  }
  std::vector<Ruling> rulings(BytesView receipts) {
    std::vector<Ruling> out;
    for (const auto& answer : read(receipts).answers) out.push_back(ruling_of(answer));
    return out;
  }
  void expect_all_received(Device& device) {
    const exchange::Tenant& tenant = device->identity()->tenant;
    EXPECT_EQ(must(device->holds()).records, 0U);
    for (const StoredRecord& r : must(device->store().all())) {
      if (r.origin == Origin::feed) continue;
      ASSERT_TRUE(r.receipt);
      EXPECT_TRUE(verify_receipt(*r.receipt, tenant.origin, tenant.journal_key));
      EXPECT_EQ(r.evidence.ruling, province.ruling(r.evidence.record.hash));
    }
  }
  std::uint64_t journal_size() { return must(province.registry().journal_size()); }

  std::size_t stored_ = 0;  ///< files that the registry asked for
};

TEST_F(BundleTest, NothingIsMadeOrTakenBeforeEnrolment) {
  Device& fresh = province.new_device();
  EXPECT_EQ(code_of(fresh->make_bundle({}, {})), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->take_receipts({})), errc::not_enrolled);
}

TEST_F(BundleTest, PhoneFromBeforeBundlesSaysSoAndStillSynchronises) {
  Device& old = province.new_device();
  const auto ticket = must(province.ticket({Role::courier, "H42", {}, {}, "test"}));
  auto answer = must(province.enrol(must(old->begin_enrolment(ticket.ticket))));
  answer.tenant.bundle_key.reset();
  must(old->finish_enrolment(answer));
  province.restart(old);
  write_unchecked(old, Id{1}, {}, body::Note{"ghi chú"});
  EXPECT_EQ(code_of(old->make_bundle({}, {})), errc::bundle_not_supported);
  province.sync(old);
  EXPECT_EQ(must(old->holds()).records, 0U);
}

TEST_F(BundleTest, ErrorOfWhoTakesTheBundleEndsTheMaking) {
  journey.sealed();
  int calls = 0;
  const auto sink = [&](const Replica::MadeBundle&) -> Result<void> {
    ++calls;
    return fail(errc::store_full);
  };
  EXPECT_EQ(code_of(maker->make_bundle({.attachments = true, .bytes_max = 2000}, sink)),
            errc::store_full);
  EXPECT_EQ(calls, 1);
}

TEST_F(BundleTest, NothingUnsentMakesNoBundle) {
  EXPECT_TRUE(make(maker).empty());
  journey.sealed();
  province.sync(maker);
  province.upload(maker);
  EXPECT_TRUE(make(maker).empty());
}

TEST_F(BundleTest, MakingChangesNothingOnThePhone) {
  journey.sealed();
  const std::string before = dump(maker->store());
  const auto made = make(maker);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].records, must(maker->holds()).records);
  EXPECT_EQ(made[0].attachments, 1U);
  EXPECT_EQ(dump(maker->store()), before);
}

TEST_F(BundleTest, ChangedBundleChangesNothingAtTheRegistry) {
  journey.sealed();
  const Bytes bytes = make_one(maker);
  const std::uint64_t before = journal_size();
  for (std::size_t i = 0; i < bytes.size(); i += 97) {
    Bytes bad = bytes;
    bad[i] ^= 1;
    EXPECT_FALSE(deliver(bad, carrier.log_id())) << i;
  }
  EXPECT_EQ(code_of(deliver(BytesView(bytes).first(bytes.size() - 1), carrier.log_id())),
            errc::bundle_malformed);
  EXPECT_EQ(journal_size(), before);
}

TEST_F(BundleTest, RegistryWithOtherKeysCannotOpenIt) {
  journey.sealed();
  Province other(2);
  EXPECT_EQ(code_of(prepare_bundle(make_one(maker), other.actor())), errc::bundle_malformed);
}

TEST_F(BundleTest, SenderWhoIsNotEnrolledDeliversNothing) {
  journey.sealed();
  const std::uint64_t before = journal_size();
  EXPECT_EQ(code_of(deliver(make_one(maker), Hash{1})), errc::certificate_unknown);
  EXPECT_EQ(journal_size(), before);
}

TEST_F(BundleTest, ForgedRecordsInsideCostNothingElse) {
  journey.sealed();
  Bundle bundle = opened(make_one(maker));
  const std::size_t genuine = bundle.records.size();
  // Rubbish; a true log's name under another key's signature; a log that was never enrolled.
  bundle.records.insert(bundle.records.begin(), exchange::Carried{Bytes{1, 2, 3}, {}});
  RecordHeader header = next_header(maker, Id{7});
  header.tenant = "H42";
  header.log_id = maker.log_id();
  header.type = RecordType::note;
  const Bytes body = body::encode(body::Note{"giả mạo"}, Id{1});
  const Record by_carrier = sign_record(header, body, carrier->identity()->key);
  bundle.records.insert(bundle.records.begin() + 3, {by_carrier.envelope, by_carrier.body});
  Province elsewhere(3);
  const Record foreign =
      write_unchecked(elsewhere.enrol(Role::courier, "H42"), Id{7}, {}, body::Note{"lạ"});
  bundle.records.push_back({foreign.envelope, foreign.body});

  const auto answers = read(deliver(sealed(bundle))).answers;
  ASSERT_EQ(answers.size(), genuine + 3);
  for (const std::size_t bad : {std::size_t{0}, std::size_t{3}, genuine + 2}) {
    EXPECT_EQ(answers[bad].verdict, Verdict::refused) << bad;
    EXPECT_FALSE(answers[bad].leaf_index) << bad;
  }
  EXPECT_EQ(std::ranges::count(answers, Verdict::effective, &exchange::Answer::verdict),
            static_cast<std::ptrdiff_t>(genuine));
}

TEST_F(BundleTest, RecordWithoutItsBodyOrCertificateIsJudgedAsInAnExchange) {
  journey.sealed();
  Bundle bundle = opened(make_one(maker));
  // The registry knows the log: the carried certificate is only a convenience.
  bundle.logs.clear();
  bundle.records.back().body.reset();
  const auto answers = read(deliver(sealed(bundle))).answers;
  EXPECT_EQ(ruling_of(answers.back()), is_refused(errc::body_malformed));
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
    EXPECT_EQ(ruling_of(answers[i]), is_effective) << i;
  }
}

TEST_F(BundleTest, ReceiptsThatTheCarrierChangedChangeNothing) {
  journey.sealed();
  const Bytes receipts = deliver(make_one(maker));
  const std::string before = dump(maker->store());
  BundleReceipts worse = read(receipts);
  for (auto& answer : worse.answers) answer.verdict = Verdict::refused;
  EXPECT_EQ(code_of(maker->take_receipts(sign_bundle_receipts(worse, carrier->identity()->key))),
            errc::signature_invalid);
  Bytes bad = receipts;
  bad[bad.size() / 2] ^= 1;
  EXPECT_FALSE(maker->take_receipts(bad));
  EXPECT_EQ(dump(maker->store()), before);
}

// Signed by the registry and wrong all the same: nothing is believed that is not proved.
TEST_F(BundleTest, ReceiptsWithoutProofChangeNothing) {
  journey.sealed();
  const BundleReceipts good = read(deliver(make_one(maker)));
  const std::string before = dump(maker->store());
  const auto taken = [&](const BundleReceipts& receipts) {
    return code_of(maker->take_receipts(
        sign_bundle_receipts(receipts, province.actor().journal_key)));
  };
  BundleReceipts bad = good;
  bad.answers[1].path[0][0] ^= 1;
  EXPECT_EQ(taken(bad), errc::receipt_invalid);
  bad = good;
  bad.answers[1].leaf_index.reset();
  EXPECT_EQ(taken(bad), errc::receipt_invalid);
  bad = good;
  bad.consistency.clear();
  EXPECT_EQ(taken(bad), errc::checkpoint_inconsistent);
  bad = good;
  bad.checkpoint.back() = ' ';
  EXPECT_EQ(taken(bad), errc::checkpoint_malformed);
  EXPECT_EQ(dump(maker->store()), before);
  EXPECT_EQ(taken(good), errc{});
}

TEST_F(BundleTest, ReceiptsOfAnotherPhoneAreRefused) {
  journey.sealed();
  const Bytes receipts = deliver(make_one(maker));
  EXPECT_EQ(code_of(carrier->take_receipts(receipts)), errc::bundle_not_for_us);
}

TEST_F(BundleTest, AnotherCourierDeliversAndBringsTheReceipts) {
  const Id id = journey.sealed();
  const exchange::Holds holds = must(maker->holds());
  const Bytes receipts = deliver(make_one(maker));
  EXPECT_EQ(province.dossier(id).stage, Stage::sealed);
  EXPECT_EQ(stored_, 1U);
  // Delivered is not received: only the receipts say so.
  EXPECT_EQ(must(maker->holds()).records, holds.records);

  const auto report = must(maker->take_receipts(receipts));
  EXPECT_EQ(report.received, holds.records);
  EXPECT_EQ(report.attachments, 1U);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_FALSE(report.outdated);
  expect_all_received(maker);
  EXPECT_EQ(must(maker->holds()).attachment_bytes, 0U);

  const std::uint64_t size = journal_size();
  EXPECT_EQ(province.sync(maker).received, 0U);
  expect_all_received(maker);
  EXPECT_GE(journal_size(), size);
  EXPECT_EQ(must(maker->take_receipts(receipts)).outdated, true);
}

TEST_F(BundleTest, AnyRoleDelivers) {
  const Id id = journey.sealed();
  Device& citizen = province.enrol(Role::citizen, unit, id);
  const Bytes bytes = make_one(maker);
  for (Device* sender : {&citizen, &journey.officer, &journey.dispatcher, &maker}) {
    EXPECT_EQ(read(must(deliver(bytes, sender->log_id()))).answers.size(),
              must(maker->holds()).records);
  }
  EXPECT_EQ(province.dossier(id).stage, Stage::sealed);
}

TEST_F(BundleTest, DeliveredTwiceChangesNothing) {
  const Id id = journey.sealed();
  const Bytes bytes = make_one(maker);
  const Bytes first = deliver(bytes);
  const std::uint64_t size = journal_size();
  const std::string before = state_text(province.dossier(id));
  const Bytes second = must(deliver(bytes, journey.officer.log_id()));
  EXPECT_EQ(journal_size(), size);
  EXPECT_EQ(state_text(province.dossier(id)), before);
  EXPECT_EQ(stored_, 1U);
  for (const auto& answer : read(second).answers) {
    EXPECT_EQ(answer.verdict, Verdict::duplicate);
    EXPECT_EQ(answer.standing, Verdict::effective);
    EXPECT_TRUE(answer.leaf_index);
  }
  EXPECT_EQ(read(second).attachments, read(first).attachments);
  // The receipts of either are worth the same.
  EXPECT_GT(must(maker->take_receipts(second)).received, 0U);
  expect_all_received(maker);
  EXPECT_EQ(must(maker->take_receipts(first)).received, 0U);
  expect_all_received(maker);
}

TEST_F(BundleTest, WithoutReceiptsTheNextExchangeGivesThem) {
  journey.sealed();
  const std::uint64_t holds = must(maker->holds()).records;
  deliver(make_one(maker));
  const std::uint64_t size = journal_size();
  EXPECT_EQ(province.sync(maker).received, holds);
  expect_all_received(maker);
  EXPECT_EQ(journal_size(), size);
}

TEST_F(BundleTest, AfterThePhoneSynchronisedItselfItChangesNothing) {
  const Id id = journey.sealed();
  const Bytes bytes = make_one(maker);
  province.sync(maker);
  const std::uint64_t size = journal_size();
  const std::string before = state_text(province.dossier(id));
  const Bytes receipts = deliver(bytes);
  EXPECT_EQ(journal_size(), size);
  EXPECT_EQ(state_text(province.dossier(id)), before);
  const std::string phone = dump(maker->store());
  EXPECT_TRUE(must(maker->take_receipts(receipts)).outdated);
  EXPECT_EQ(dump(maker->store()), phone);
}

TEST_F(BundleTest, HalfOfItMayBeThereAlready) {
  const Id id = journey.sealed();
  const Bytes bytes = make_one(maker);
  std::vector<Record> half = must(maker->store().unsent(3, 1'000'000));
  ASSERT_EQ(half.size(), 3U);
  province.push(maker, half);
  const auto answers = read(deliver(bytes)).answers;
  ASSERT_GT(answers.size(), 3U);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].verdict, i < 3 ? Verdict::duplicate : Verdict::effective) << i;
  }
  EXPECT_EQ(province.dossier(id).stage, Stage::sealed);
}

TEST_F(BundleTest, CarriedRecordsTravelOnWithTheirLogs) {
  const Id id = journey.sealed();
  province.sync(maker);
  const Record offer = must(journey.as_courier().offer_handover(unit, {id}));
  Journey::give(maker, journey.officer, {offer.hash});
  const Record taken = must(journey.as_officer().accept_handover(offer.hash, {}));
  const Bytes bytes = make_one(journey.officer);
  EXPECT_EQ(opened(bytes).logs.size(), 2U);
  const Bytes receipts = deliver(bytes);
  EXPECT_EQ(province.ruling(offer.hash), is_effective);
  EXPECT_EQ(province.ruling(taken.hash), is_effective);
  must(journey.officer->take_receipts(receipts));
  expect_all_received(journey.officer);
}

TEST_F(BundleTest, WhatWasRejectedOnceIsInTheBundle) {
  journey.sealed();
  Bundle bundle = opened(make_one(maker));
  for (auto& record : bundle.records) record.body.reset();
  EXPECT_GT(must(maker->take_receipts(deliver(sealed(bundle)))).rejected, 0U);
  EXPECT_TRUE(must(maker->store().unsent(1, 1)).empty());
  EXPECT_EQ(opened(make_one(maker)).records.size(), bundle.records.size());
}

TEST_F(BundleTest, MakersExpiredCertificateHoldsAsInAnExchange) {
  journey.sealed();
  const Bytes bytes = make_one(maker);
  province.advance_ms(maker->identity()->certificate.not_after_ms);
  const Bytes receipts = deliver(bytes);
  for (const Ruling& ruling : rulings(receipts)) {
    EXPECT_TRUE(ruling == is_held(errc::certificate_expired) ||
                ruling == is_held(errc::reference_missing));
  }
  EXPECT_EQ(must(maker->take_receipts(receipts)).received, rulings(receipts).size());
}

// Attachments

TEST_F(BundleTest, OnlyFilesThatARecordNamesAreStored) {
  journey.sealed();
  Bundle bundle = opened(make_one(maker));
  ASSERT_EQ(bundle.attachments.size(), 1U);
  const BundleAttachment good = bundle.attachments[0];
  const Bytes stray = photo(99);
  BundleAttachment changed = good;
  changed.bytes.back() ^= 1;
  BundleAttachment other_type = good;
  other_type.media_type = "image/png";
  bundle.attachments = {{blake2b_256(stray), "image/jpeg", stray}, changed, other_type, good, good};
  const auto receipts = read(deliver(sealed(bundle)));
  EXPECT_EQ(stored_, 1U);
  EXPECT_EQ(receipts.attachments, std::vector<Hash>{good.hash});
  EXPECT_FALSE(must(province.registry().attachment(blake2b_256(stray))));
}

TEST_F(BundleTest, FileOfARecordThatDoesNotCountIsStoredToo) {
  const Id id = journey.collected();
  province.sync(maker);
  province.upload(maker);
  must(journey.as_dispatcher().assign(id, province.enrol(Role::courier, "H42").actor()));
  province.sync(journey.dispatcher);
  must(journey.as_courier().add_photo(id, photo(7), body::AttachmentRole::page, 2));
  const auto receipts = read(deliver(make_one(maker)));
  EXPECT_EQ(receipts.answers.front().verdict, Verdict::refused);
  EXPECT_EQ(receipts.attachments, std::vector<Hash>{blake2b_256(photo(7))});
}

TEST_F(BundleTest, FilesWithoutTheirRecordsWaitForAnotherDelivery) {
  journey.sealed();
  const Bytes bytes = make_one(maker);
  Bundle files = opened(bytes);
  files.records.clear();
  EXPECT_TRUE(read(deliver(sealed(files))).attachments.empty());
  EXPECT_EQ(stored_, 0U);
  must(maker->take_receipts(deliver(bytes)));
  EXPECT_EQ(stored_, 1U);
  EXPECT_EQ(must(maker->holds()).attachment_bytes, 0U);
}

TEST_F(BundleTest, RecordsOnlyLeavesTheFilesToLater) {
  journey.sealed();
  const Bytes bytes = make_one(maker, {.attachments = false});
  EXPECT_TRUE(opened(bytes).attachments.empty());
  must(maker->take_receipts(deliver(bytes)));
  EXPECT_EQ(must(maker->holds()).records, 0U);
  EXPECT_GT(must(maker->holds()).attachment_bytes, 0U);
  const Bytes rest = make_one(maker);
  EXPECT_TRUE(opened(rest).records.empty());
  EXPECT_EQ(opened(rest).attachments.size(), 1U);
}

// Several bundles

TEST_F(BundleTest, AnswersSayWhatStandsAfterTheWholeBundle) {
  journey.sealed();
  Bundle bundle = opened(make_one(maker));
  std::ranges::reverse(bundle.records);
  for (const Ruling& ruling : rulings(deliver(sealed(bundle)))) EXPECT_EQ(ruling, is_effective);
}

TEST_F(BundleTest, OlderReceiptsDoNotTakeBackWhatNewerOnesSaid) {
  journey.sealed();
  const Bytes whole = make_one(maker);
  Bundle late = opened(whole);
  late.records.erase(late.records.begin());
  const Bytes older = deliver(sealed(late));
  EXPECT_EQ(rulings(older).at(0), is_held(errc::predecessor_missing));
  const Bytes newer = deliver(whole);
  must(maker->take_receipts(newer));
  expect_all_received(maker);
  must(maker->take_receipts(older));
  expect_all_received(maker);
}

TEST_F(BundleTest, NoBundleIsLargerThanAsked) {
  for (int i = 0; i < 3; ++i) journey.sealed();
  const std::size_t records = must(maker->holds()).records;
  for (const std::size_t bytes_max : {std::size_t{1500}, std::size_t{2000}, std::size_t{9000}}) {
    std::size_t sum = 0;
    for (const auto& made : make(maker, {.attachments = true, .bytes_max = bytes_max})) {
      EXPECT_LE(made.bytes.size(), bytes_max);
      EXPECT_EQ(opened(made.bytes).records.size(), made.records);
      sum += made.records;
    }
    EXPECT_EQ(sum, records);
  }
}

TEST_F(BundleTest, RecordThatAloneNeedsMoreHasItsOwnBundle) {
  journey.sealed();
  const auto made = make(maker, {.attachments = true, .bytes_max = 1});
  EXPECT_EQ(made.size(), must(maker->holds()).records + 1);
  for (const auto& one : made) EXPECT_EQ(one.records + one.attachments, 1U);
}

TEST_F(BundleTest, MoreRecordsThanOneExchangeTakesMakeSeveral) {
  auto change = must(maker->begin());
  for (std::size_t i = 0; i <= limits::exchange_records_max; ++i) {
    must(change.append(Id{1}, {}, body::Note{"ghi chú"}));
  }
  must(change.commit());
  const auto made = make(maker);
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].records, limits::exchange_records_max);
  EXPECT_EQ(made[1].records, 1U);
}

TEST_F(BundleTest, AnyOrderOfSeveralEndsTheSame) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed_text(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 10; ++round) {
    const Id id = journey.sealed();
    std::vector<Replica::MadeBundle> made =
        make(maker, {.attachments = true, .bytes_max = 1500 + random() % 3000});
    // Some twice, all in any order, by anybody, and the phone synchronises itself now and then.
    for (std::size_t i = made.size(); i-- > 0;) {
      if (random() % 3 == 0) made.push_back(made[i]);
    }
    std::ranges::shuffle(made, random);
    std::vector<Bytes> receipts;
    for (const auto& one : made) {
      Device& sender = random() % 2 == 0 ? carrier : journey.officer;
      receipts.push_back(must(deliver(one.bytes, sender.log_id())));
    }
    EXPECT_EQ(province.dossier(id).stage, Stage::sealed);
    EXPECT_EQ(province.dossier(id).records.held, 0U);
    const bool synchronises = random() % 3 == 0;
    if (synchronises) province.sync(maker);
    std::ranges::shuffle(receipts, random);
    for (const Bytes& one : receipts) {
      EXPECT_EQ(must(maker->take_receipts(one)).outdated, synchronises);
    }
    EXPECT_EQ(must(maker->holds()).records, 0U);
    province.sync(maker);
    province.upload(maker);
    expect_all_received(maker);
  }
}

}  // namespace
}  // namespace tannha::test
