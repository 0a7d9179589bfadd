#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/merkle.hpp"
#include "tests/support/journey.hpp"

namespace tannha::test {
namespace {

using exchange::Request;
using exchange::Response;

class SyncTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};

  Response answer(Device& device, std::uint32_t pull_max = 200) {
    return must(province.exchange(device.log_id(), must(device->next_request(pull_max))));
  }
  static void expect_unchanged(Device& device, const Response& response, errc why) {
    const std::string before = dump(device->store());
    EXPECT_EQ(code_of(device->receive(response)), why);
    EXPECT_TRUE(dump(device->store()) == before) << "the store has changed";
  }
  void add_notes(Device& device, const Id& id, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      write_unchecked(device, id, {}, body::Note{"số " + std::to_string(i)});
    }
  }
};

// What a device does not believe

TEST_F(SyncTest, RefusesWrongInclusionPathOfAnAnswer) {
  add_notes(journey.courier, journey.assigned(), 3);
  Response response = answer(journey.courier);
  ASSERT_FALSE(response.answers.at(1).path.empty());
  response.answers[1].path[0][0] ^= 1;
  expect_unchanged(journey.courier, response, errc::receipt_invalid);
}

TEST_F(SyncTest, RefusesAnswerUnderTheLeafOfAnotherRecord) {
  add_notes(journey.courier, journey.assigned(), 2);
  Response response = answer(journey.courier);
  std::swap(response.answers.at(0).leaf_index, response.answers.at(1).leaf_index);
  std::swap(response.answers.at(0).path, response.answers.at(1).path);
  expect_unchanged(journey.courier, response, errc::receipt_invalid);
}

TEST_F(SyncTest, RefusesVerdictWithoutReceipt) {
  add_notes(journey.courier, journey.assigned(), 1);
  Response response = answer(journey.courier);
  response.answers.at(0).leaf_index.reset();
  expect_unchanged(journey.courier, response, errc::receipt_invalid);
}

TEST_F(SyncTest, RefusesWrongInclusionPathOfTheFeed) {
  journey.assigned();
  Response response = answer(journey.officer);
  ASSERT_FALSE(response.feed.empty());
  response.feed.back().path[0][5] ^= 0x80;
  expect_unchanged(journey.officer, response, errc::receipt_invalid);
}

TEST_F(SyncTest, RefusesCheckpointOfAnotherKeyOrOrigin) {
  journey.assigned();
  Response response = answer(journey.officer);
  const Checkpoint real = must(open_checkpoint(response.checkpoint, province.actor().tenant.origin,
                                               province.actor().tenant.journal_key));
  response.checkpoint = sign_checkpoint(real, province.actor().authority_key);
  EXPECT_FALSE(journey.officer->receive(response));
  response.checkpoint =
      sign_checkpoint({"tannha.vn/H43", real.size, real.root}, province.actor().journal_key);
  EXPECT_FALSE(journey.officer->receive(response));
  response.checkpoint = "không";
  expect_unchanged(journey.officer, response, errc::checkpoint_malformed);
}

TEST_F(SyncTest, RefusesJournalThatShrank) {
  const Id id = journey.assigned();
  const Response old = answer(journey.officer);
  add_notes(journey.courier, id, 2);
  province.sync(journey.courier);
  province.sync(journey.officer);
  expect_unchanged(journey.officer, old, errc::checkpoint_inconsistent);
}

TEST_F(SyncTest, RefusesConsistencyProofThatIsWrongOrMissing) {
  const Id id = journey.assigned();
  province.sync(journey.officer);
  add_notes(journey.courier, id, 2);
  province.sync(journey.courier);
  Response response = answer(journey.officer);
  ASSERT_FALSE(response.consistency.empty());
  response.consistency[0][0] ^= 1;
  expect_unchanged(journey.officer, response, errc::checkpoint_inconsistent);
  response.consistency.clear();
  expect_unchanged(journey.officer, response, errc::checkpoint_inconsistent);
}

TEST_F(SyncTest, RefusesAnotherHistoryUnderTheSameKeys) {
  // A second instance from the same seed: same keys and logs, other records.
  Province twin;
  Journey other{twin};
  other.dispatcher.host.advance_ms(1);
  journey.assigned();
  province.sync(journey.officer);
  other.assigned();
  add_notes(other.courier, other.assigned(), 4);
  twin.sync(other.courier);
  const Request request = must(journey.officer->next_request(200));
  const Response response = must(twin.exchange(journey.officer.log_id(), request));
  expect_unchanged(journey.officer, response, errc::checkpoint_inconsistent);
}

TEST_F(SyncTest, RefusesFeedRecordThatIsNotTheOneProved) {
  journey.assigned();
  Response response = answer(journey.officer);
  ASSERT_GE(response.feed.size(), 2u);
  response.feed[0].carried = response.feed[1].carried;
  expect_unchanged(journey.officer, response, errc::server_reply_malformed);
}

TEST_F(SyncTest, RefusesFeedBodyThatIsNotTheSignedOne) {
  journey.assigned();
  Response response = answer(journey.officer);
  response.feed.at(0).carried->body = body::encode(body::Note{"giả"}, Id{});
  expect_unchanged(journey.officer, response, errc::body_mismatch);
}

TEST_F(SyncTest, RefusesFeedRecordOfALogThatIsNotIntroduced) {
  journey.assigned();
  Response response = answer(journey.officer);
  ASSERT_FALSE(response.logs.empty());
  response.logs.clear();
  expect_unchanged(journey.officer, response, errc::certificate_unknown);
}

TEST_F(SyncTest, RefusesFeedRecordOfALogThatAnotherAuthorityLetIn) {
  journey.assigned();
  province.sync(journey.officer);
  Province abroad(77);
  Device& foreigner = abroad.enrol(Role::courier, "H42");
  const Record record = forge(foreigner, next_header(foreigner, Id{1}), body::Note{"từ nơi khác"});
  must(province.registry().begin());
  must(province.registry().append({record, is_effective, {}, Id{}, 0}, std::vector<Id>{Id{1}}));
  must(province.registry().feed("unit:" + std::string(unit), record.hash));
  must(province.registry().commit());
  Response response = answer(journey.officer);
  response.logs.push_back(foreigner->identity()->log);
  expect_unchanged(journey.officer, response, errc::certificate_unknown);
}

TEST_F(SyncTest, RefusesForgedRecordEvenWhenItStandsInTheJournal) {
  // What only the registry itself could do: the signature of the courier is not there.
  const Id id = journey.assigned();
  const RecordHeader header =
      forge(journey.courier, next_header(journey.courier, id), body::Note{"chưa từng viết"}).header;
  const Record forged = sign_record(header, body::encode(body::Note{"chưa từng viết"}, Id{}),
                                    province.actor().log_key);
  must(province.registry().begin());
  must(province.registry().append({forged, is_effective, {}, journey.courier.actor(), 0},
                                  std::vector<Id>{id}));
  must(province.registry().feed("unit:" + std::string(unit), forged.hash));
  must(province.registry().commit());
  expect_unchanged(journey.officer, answer(journey.officer), errc::signature_invalid);
}

TEST_F(SyncTest, RefusesLeaseOfNumbersThatCannotBeWritten) {
  const LogEntry log = must_have(province.registry().log(province.actor().log.log_id()));
  RecordHeader header;
  header.tenant = "H42";
  header.log_id = log.id;
  header.seq = log.next_seq;
  header.prev = log.head;
  header.subject = journey.courier.actor();
  header.type = RecordType::lease_granted;
  const body::LeaseGranted lease{journey.courier.log_id(), body::NumberKind::item, "R", 1, 50};
  const Record record = sign_record(header, body::encode(lease, Id{}), province.actor().log_key);
  must(province.registry().begin());
  must(province.registry().append({record, is_effective, {}, Id{}, 0}, {}));
  must(province.registry().feed(actor_audience(journey.courier.actor()), record.hash));
  must(province.registry().commit());
  expect_unchanged(journey.courier, answer(journey.courier), errc::server_reply_malformed);
}

TEST_F(SyncTest, RefusesVerdictInTheFeedThatIsNoVerdict) {
  journey.assigned();
  Response response = answer(journey.officer);
  response.feed.at(0).verdict = Verdict::waiting;
  expect_unchanged(journey.officer, response, errc::server_reply_malformed);
}

TEST_F(SyncTest, RefusesCursorBeyondWhatCame) {
  journey.assigned();
  Response response = answer(journey.officer);
  ++response.cursor;
  expect_unchanged(journey.officer, response, errc::server_reply_malformed);
}

TEST_F(SyncTest, AnswerAboutUnknownRecordChangesNothing) {
  journey.assigned();
  province.sync(journey.officer);
  Response response = answer(journey.officer);
  exchange::Answer stray;
  stray.record = Hash{1};
  stray.verdict = Verdict::refused;
  response.answers.push_back(stray);
  const std::size_t count = must(journey.officer->store().all()).size();
  EXPECT_TRUE(journey.officer->receive(response));
  EXPECT_EQ(must(journey.officer->store().all()).size(), count);
}

// What the registry does not take

TEST_F(SyncTest, RefusesFrameOfAnotherTenantVersionOrShape) {
  const Request good = must(journey.courier->next_request(10));
  const PublicKey& authority = province.actor().tenant.authority_key;
  const auto refused = [&](const Request& r) {
    return code_of(prepare_exchange(fields::encode(r), "H42", authority));
  };
  EXPECT_EQ(refused(good), errc{});
  Request bad = good;
  bad.tenant = "H43";
  EXPECT_EQ(refused(bad), errc::tenant_mismatch);
  bad = good;
  bad.version = 3;
  EXPECT_EQ(refused(bad), errc::frame_version_unknown);
  EXPECT_EQ(code_of(prepare_exchange(Bytes{0xa0}, "H42", authority)), errc::frame_malformed);
  Bytes trailing = fields::encode(good);
  trailing.push_back(0);
  EXPECT_EQ(code_of(prepare_exchange(trailing, "H42", authority)), errc::cbor_trailing_bytes);
}

TEST_F(SyncTest, RefusesFrameLargerThanLimit) {
  const PublicKey& authority = province.actor().tenant.authority_key;
  EXPECT_EQ(code_of(prepare_exchange(Bytes(limits::frame_bytes_max + 1), "H42", authority)),
            errc::frame_too_large);
  // One string with its head of five bytes.
  const Bytes most = cbor::encode(cbor::Value(Bytes(limits::frame_bytes_max - 5)));
  ASSERT_EQ(most.size(), limits::frame_bytes_max);
  EXPECT_EQ(code_of(prepare_exchange(most, "H42", authority)), errc::frame_malformed);
}

TEST_F(SyncTest, RefusesMoreRecordsOrLogsThanLimit) {
  Request request = must(journey.courier->next_request(0));
  const PublicKey& authority = province.actor().tenant.authority_key;
  const auto code = [&] {
    return code_of(prepare_exchange(fields::encode(request), "H42", authority));
  };
  request.records.resize(limits::exchange_records_max);
  request.logs.resize(limits::exchange_logs_max);
  EXPECT_EQ(code(), errc{});
  request.records.resize(limits::exchange_records_max + 1);
  EXPECT_EQ(code(), errc::too_many_records);
  request.records.clear();
  request.logs.resize(limits::exchange_logs_max + 1);
  EXPECT_EQ(code(), errc::too_many_records);
  request.logs.clear();
  request.forgotten.emplace(limits::forgotten_max);
  EXPECT_EQ(code(), errc{});
  request.forgotten->emplace_back();
  EXPECT_EQ(code(), errc::too_many_records);
}

// Four megabytes of one-byte items would be 160 in memory.
TEST_F(SyncTest, RefusesMoreItemsThanLimitBeforeDecoding) {
  const Request request = must(journey.courier->next_request(0));
  cbor::Map map = *fields::to_value(request).as_map();
  map.emplace_back(1000, cbor::Array(limits::message_items_max, cbor::Value(0)));
  EXPECT_EQ(code_of(exchange::decode<Request>(cbor::encode(cbor::Value(map)))),
            errc::frame_too_large);
  map.back().second = cbor::Array(limits::message_items_max - 200, cbor::Value(0));
  EXPECT_EQ(code_of(exchange::decode<Request>(cbor::encode(cbor::Value(map)))), errc{});
}

TEST_F(SyncTest, RefusesSenderThatIsNotEnrolled) {
  const Request request = must(journey.courier->next_request(0));
  EXPECT_EQ(code_of(province.exchange(Hash{1}, request)), errc::certificate_unknown);
}

// Safe to repeat at any point

TEST_F(SyncTest, LostResponseCostsNothing) {
  const Id id = journey.assigned();
  add_notes(journey.courier, id, 3);
  province.sync(journey.courier, {.fault = Fault::response_lost});
  const std::uint64_t size = must(province.registry().journal_size());
  const std::string state = state_text(province.dossier(id));
  EXPECT_EQ(must(journey.courier->holds()).records, 3u);

  const auto report = province.sync(journey.courier);
  EXPECT_EQ(report.received, 3u);
  EXPECT_EQ(must(province.registry().journal_size()), size);
  EXPECT_EQ(state_text(province.dossier(id)), state);
  EXPECT_EQ(must(journey.courier->holds()).records, 0u);
  for (const StoredRecord& r : must(journey.courier->store().all())) EXPECT_TRUE(r.receipt);
}

TEST_F(SyncTest, LostRequestCostsNothing) {
  add_notes(journey.courier, journey.assigned(), 3);
  province.sync(journey.courier, {.fault = Fault::request_lost});
  EXPECT_EQ(must(journey.courier->holds()).records, 3u);
  EXPECT_EQ(province.sync(journey.courier).received, 3u);
}

TEST_F(SyncTest, ResponseMayBeHandedInTwice) {
  add_notes(journey.courier, journey.assigned(), 2);
  const Response response = answer(journey.courier);
  must(journey.courier->receive(response));
  const std::string before = dump(journey.courier->store());
  must(journey.courier->receive(response));
  EXPECT_EQ(dump(journey.courier->store()), before);
}

TEST_F(SyncTest, RecordDeliveredBySomebodyElseIsADuplicateOfItsAuthor) {
  const Id id = journey.assigned();
  add_notes(journey.courier, id, 1);
  const Record note = must(journey.courier->store().unsent(1, 1000)).at(0);
  journey.give(journey.courier, journey.officer, {note.hash});
  EXPECT_EQ(province.sync(journey.officer).received, 1u);
  EXPECT_EQ(province.sync(journey.courier).received, 1u);
  const auto receipt = must_have(journey.courier->record(note.hash)).receipt;
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->leaf_index, must_have(journey.officer->record(note.hash)).receipt->leaf_index);
}

TEST_F(SyncTest, RejectedRecordIsKeptAndCanBeTriedAgain) {
  const Id id = journey.assigned();
  add_notes(journey.courier, id, 2);
  const Record note = must(journey.courier->store().unsent(1, 1000)).at(0);
  Response response = answer(journey.courier, 0);
  exchange::Answer& first = response.answers.at(0);
  first.verdict = Verdict::refused;
  first.reason = static_cast<std::uint16_t>(errc::record_version_unknown);
  first.leaf_index.reset();
  const auto report = must(journey.courier->receive(response));
  EXPECT_EQ(report.rejected, 1u);
  EXPECT_EQ(report.received, 1u);
  EXPECT_EQ(must_have(journey.courier->record(note.hash)).evidence.ruling,
            is_refused(errc::record_version_unknown));
  EXPECT_EQ(must(journey.courier->holds()).records, 1u) << "still held, without a receipt";
  EXPECT_TRUE(must(journey.courier->next_request(0)).records.empty());

  EXPECT_EQ(must(journey.courier->store().retry_rejected()), 1u);
  EXPECT_EQ(province.sync(journey.courier).received, 1u);
  EXPECT_EQ(must(journey.courier->holds()).records, 0u);
}

TEST_F(SyncTest, PushOnlyLeavesTheFeedWhereItWas) {
  const Id id = journey.assigned();
  add_notes(journey.dispatcher, id, 2);
  province.sync(journey.dispatcher);
  add_notes(journey.courier, id, 1);
  auto report = province.sync(journey.courier, {.pull_max = 0});
  EXPECT_EQ(report.received, 1u);
  EXPECT_EQ(report.pulled, 0u);
  EXPECT_EQ(province.sync(journey.courier).pulled, 2u);
}

TEST_F(SyncTest, LongOutboxDrainsInSeveralPushes) {
  const Id id = journey.assigned();
  add_notes(journey.courier, id, limits::push_records_target + 1);
  EXPECT_EQ(must(journey.courier->next_request(0)).records.size(), limits::push_records_target);
  const auto report = province.sync(journey.courier);
  EXPECT_EQ(report.received, limits::push_records_target + 1);
  EXPECT_EQ(must(journey.courier->holds()).records, 0u);
}

TEST_F(SyncTest, LargeRecordsAreCutIntoSeveralPushesAndNoneIsStuck) {
  const Id id = journey.assigned();
  const std::string large(60'000, 'x');
  for (int i = 0; i < 8; ++i) write_unchecked(journey.courier, id, {}, body::Note{large});
  const Request request = must(journey.courier->next_request(0));
  EXPECT_LT(request.records.size(), 8u);
  EXPECT_GE(request.records.size(), 1u);
  EXPECT_LE(fields::encode(request).size(), limits::push_bytes_target + 2000);
  EXPECT_EQ(province.sync(journey.courier).received, 8u);
}

// Feeds

TEST_F(SyncTest, FeedComesInPiecesOfOne) {
  const Id id = journey.assigned();
  add_notes(journey.dispatcher, id, 5);
  province.sync(journey.dispatcher);
  province.sync(journey.officer, {.pull_max = 1});
  EXPECT_EQ(state_text(must(journey.officer->dossier(id))), state_text(province.dossier(id)));
  EXPECT_EQ(province.sync(journey.officer).pulled, 0u);
}

// A device that asks for the next page while it stores this one asks what it would have asked later.
TEST_F(SyncTest, AsksAheadWhatItWouldAskInTurn) {
  const Id id = journey.assigned();
  add_notes(journey.dispatcher, id, 7);
  province.sync(journey.dispatcher);
  Device& officer = journey.officer;
  std::size_t ahead = 0;
  for (bool more = true; more;) {
    const exchange::Request request = must(officer->next_request(2));
    const Response response = must(province.exchange(officer.log_id(), request));
    const auto next = officer->request_ahead(request, response);
    // Its answer may be made before this one is stored, and the journal may grow in between.
    std::optional<Response> early;
    if (next) early = must(province.exchange(officer.log_id(), *next));
    more = must(officer->receive(response)).more;
    if (!next) continue;
    ++ahead;
    EXPECT_EQ(fields::encode(*next), fields::encode(must(officer->next_request(2))));
    EXPECT_TRUE(more);
    more = must(officer->receive(*early)).more;
    if (ahead == 2) {
      add_notes(journey.dispatcher, id, 3);
      province.sync(journey.dispatcher);
    }
  }
  EXPECT_GT(ahead, 2U);
  EXPECT_EQ(state_text(must(officer->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(SyncTest, DoesNotAskAheadWhenSomethingIsToBeSent) {
  const Id id = journey.assigned();
  add_notes(journey.dispatcher, id, 5);
  province.sync(journey.dispatcher);
  add_notes(journey.officer, id, 1);
  const exchange::Request request = must(journey.officer->next_request(2));
  ASSERT_FALSE(request.records.empty());
  const Response response = must(province.exchange(journey.officer.log_id(), request));
  ASSERT_TRUE(response.more);
  EXPECT_FALSE(journey.officer->request_ahead(request, response));
}

// An answer to what was asked ahead is worth nothing without the one before it.
TEST_F(SyncTest, RefusesAnEarlyAnswerWithoutTheOneBefore) {
  const Id id = journey.assigned();
  add_notes(journey.dispatcher, id, 7);
  province.sync(journey.dispatcher);
  Device& officer = journey.officer;
  const exchange::Request request = must(officer->next_request(2));
  const Response response = must(province.exchange(officer.log_id(), request));
  const auto next = officer->request_ahead(request, response);
  ASSERT_TRUE(next);
  const Response early = must(province.exchange(officer.log_id(), *next));
  EXPECT_EQ(must(officer->receive(early)).pulled, 0U);
  province.sync(officer);
  EXPECT_EQ(state_text(must(officer->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(SyncTest, StrangersSeeNothing) {
  journey.sealed();
  province.sync(journey.courier);
  Device& stranger = province.enrol(Role::courier, "H42");
  Device& elsewhere = province.enrol(Role::officer, other_unit);
  province.sync(stranger);
  province.sync(elsewhere);
  EXPECT_TRUE(must(stranger->dossiers()).empty());
  EXPECT_TRUE(must(elsewhere->dossiers()).empty());
}

TEST_F(SyncTest, WhoComesToADossierLaterGetsItsWholeHistory) {
  const Id id = journey.collected();
  province.sync(journey.courier);
  Device& successor = province.enrol(Role::courier, "H42");
  Device& citizen = journey.let_in(id);
  EXPECT_EQ(state_text(must(citizen->dossier(id))), state_text(province.dossier(id)));
  province.sync(successor);
  EXPECT_TRUE(must(successor->dossiers()).empty());

  must(journey.as_dispatcher().assign(id, successor.actor()));
  add_notes(journey.courier, id, 1);
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  province.sync(successor);
  EXPECT_EQ(state_text(must(successor->dossier(id))), state_text(province.dossier(id)));
  EXPECT_EQ(province.dossier(id).records.refused, 1u) << "no longer the first courier's";
}

TEST_F(SyncTest, NewAudienceGetsEachRecordOnce) {
  const Id id = journey.assigned();
  Device& citizen = province.enrol(Role::citizen, unit, id);
  for (Device* device : {&journey.officer, &citizen}) {
    std::set<Hash> seen;
    for (const auto& entry : answer(*device).feed) {
      EXPECT_TRUE(seen.insert(entry.record).second) << "twice at " << entry.position;
    }
    EXPECT_GE(seen.size(), 2u);
  }
}

// A newer registry lets it count; this program, on the author's phone and on a reader's, is older.
TEST_F(SyncTest, EffectiveRecordOfAnUnknownTypeDoesNoHarmOnAnOlderPhone) {
  const Id id = journey.collected();
  RecordHeader header = next_header(journey.courier, id);
  header.type = static_cast<RecordType>(999);
  const Record future =
      forge(journey.courier, header, cbor::encode(cbor::Value(cbor::Map{{0, Bytes(16)}})));
  must(journey.courier->store().insert({future, {}, {}, journey.courier.actor(), 0}, Origin::own));
  const Record note = write_unchecked(journey.courier, id, {future.hash}, body::Note{"sau nó"});
  province.push(journey.courier, must(journey.courier->store().unsent(200, 1'000'000)));
  ASSERT_EQ(province.ruling(future.hash), is_held(errc::record_type_unknown));
  must(province.registry().begin());
  must(province.registry().set_ruling(future.hash, is_effective));
  must(province.registry().set_ruling(note.hash, is_effective));
  must(province.registry().commit());
  for (Device* device : {&journey.courier, &journey.officer}) {
    province.sync(*device);
    const Dossier d = must((*device)->dossier(id));
    EXPECT_EQ(must_have((*device)->record(future.hash)).evidence.ruling, is_effective);
    EXPECT_EQ(d.notes, 1U);
    EXPECT_EQ(state_text(d), state_text(province.dossier(id)));
  }
  // Work goes on behind it.
  must(journey.as_courier().seal(id, "SEAL-1"));
  province.sync(journey.courier);
  EXPECT_EQ(province.dossier(id).stage, Stage::sealed);
}

TEST_F(SyncTest, LaterVerdictReachesTheAuthor) {
  const Id id = journey.assigned();
  const Record first = write_unchecked(journey.courier, id, {}, body::Note{"một"});
  const Record second = write_unchecked(journey.courier, id, {}, body::Note{"hai"});
  province.push(journey.courier, {second});
  const auto held = must(province.exchange(journey.courier.log_id(), [&] {
    Request request = must(journey.courier->next_request(200));
    request.records.clear();
    return request;
  }()));
  must(journey.courier->receive(held));
  EXPECT_EQ(must_have(journey.courier->record(second.hash)).evidence.ruling,
            is_held(errc::predecessor_missing));
  province.sync(journey.courier);
  EXPECT_EQ(must_have(journey.courier->record(first.hash)).evidence.ruling, is_effective);
  EXPECT_EQ(must_have(journey.courier->record(second.hash)).evidence.ruling, is_effective);
}

}  // namespace
}  // namespace tannha::test
