#include <gtest/gtest.h>

#include <map>

#include "tannha/protocol/checkpoint.hpp"
#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/deflate.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/merkle.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

/// A world with a courier who has a dossier at the registry.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : courier(world.enrol(Role::courier, "H42.101")), dossier(courier.open_dossier()) {
    world.sync(courier);
  }
  /// A record that the device signs but does not save.
  Record signed_note(RecordHeader header, const KeyPair& key) {
    header.type = RecordType::note;
    return sign_record(std::move(header),
                       body::encode(body::Note{"x"}, random_array<Id>(world.host)), key);
  }
  RecordHeader next() { return courier.next_header(dossier, RecordType::note); }
  static RecordHeader after(const Record& record) {
    RecordHeader header = record.header;
    ++header.seq;
    header.prev = record.hash;
    return header;
  }
  /// Pushes a bad record and then a good one of another device in one frame. Only the first is
  /// not effective, for this reason, and it is counted.
  exchange::Answer push_with_a_good_one(const Record& bad, errc reason) {
    Client other = world.enrol(Role::courier, "H42.101");
    const Id id = other.open_dossier();
    exchange::Request request = must(other.replica->next_request(0));
    request.logs.push_back(courier.me().log);
    request.records.insert(request.records.begin(), {bad.envelope, bad.body});
    const std::uint64_t before = world.not_effective(reason);
    const HttpResponse answer =
        world.post("/v1/sync", fields::encode(request), courier.token);
    EXPECT_EQ(answer.status, 200U);
    auto response = must(exchange::decode<exchange::Response>(answer.body));
    EXPECT_EQ(response.answers.size(), 2U);
    EXPECT_EQ(response.answers.at(0).record, sha256(bad.envelope));
    EXPECT_EQ(response.answers.at(0).reason, static_cast<std::uint16_t>(reason))
        << name(static_cast<errc>(response.answers.at(0).reason.value_or(0)));
    EXPECT_EQ(response.answers.at(1).verdict, Verdict::effective) << uuid_text(id);
    EXPECT_EQ(world.not_effective(reason), before + 1);
    return response.answers.at(0);
  }
  static bool has_receipt(const exchange::Answer& answer) { return answer.leaf_index.has_value(); }

  ServiceWorld world;
  Client courier;
  Id dossier;
};

// Bad records in a good frame

TEST_F(ServiceTest, RefusesWronglySignedRecord) {
  const Record bad = signed_note(next(), KeyPair::from_seed(random_array<Seed>(world.host)));
  const auto answer = push_with_a_good_one(bad, errc::signature_invalid);
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_FALSE(has_receipt(answer));
}

TEST_F(ServiceTest, RefusesRecordWithAnotherBody) {
  Record bad = signed_note(next(), courier.me().key);
  bad.body = body::encode(body::Note{"y"}, random_array<Id>(world.host));
  const auto answer = push_with_a_good_one(bad, errc::body_mismatch);
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_FALSE(has_receipt(answer));
}

TEST_F(ServiceTest, HoldsRecordOutOfSequenceUntilThePredecessorComes) {
  const Record first = signed_note(next(), courier.me().key);
  const Record second = signed_note(after(first), courier.me().key);
  const auto answer = push_with_a_good_one(second, errc::predecessor_missing);
  EXPECT_EQ(answer.verdict, Verdict::held);
  EXPECT_TRUE(has_receipt(answer));
  EXPECT_EQ(world.push(courier, {first}).answers.at(0).verdict, Verdict::effective);
  const exchange::Response again = world.push(courier, {second});
  EXPECT_EQ(again.answers.at(0).verdict, Verdict::duplicate);
  EXPECT_EQ(again.answers.at(0).standing, Verdict::effective);
}

TEST_F(ServiceTest, HoldsForkedRecord) {
  const Record first = signed_note(next(), courier.me().key);
  world.push(courier, {first});
  const auto answer = push_with_a_good_one(signed_note(next(), courier.me().key),
                                           errc::log_forked);
  EXPECT_EQ(answer.verdict, Verdict::held);
  EXPECT_TRUE(has_receipt(answer));
}

TEST_F(ServiceTest, RefusesRecordOfALogThatWasNotEnrolled) {
  RecordHeader header = next();
  header.log_id = Hash{1};
  header.prev = Hash{1};
  header.seq = 0;
  const auto answer = push_with_a_good_one(signed_note(header, courier.me().key),
                                           errc::certificate_unknown);
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_FALSE(has_receipt(answer));
}

TEST_F(ServiceTest, HoldsRecordOfAnExpiredCertificate) {
  world.host.advance_ms(limits::certificate_life_ms + 1);
  world.sign_in(courier);
  const auto answer = push_with_a_good_one(signed_note(next(), courier.me().key),
                                           errc::certificate_expired);
  EXPECT_EQ(answer.verdict, Verdict::held);
  EXPECT_TRUE(has_receipt(answer));
}

TEST_F(ServiceTest, RefusesRecordOutOfScope) {
  Client other = world.enrol(Role::courier, "H42.101");
  RecordHeader header = other.next_header(dossier, RecordType::note);
  const Record bad = signed_note(header, other.me().key);
  const std::uint64_t before = world.not_effective(errc::out_of_scope);
  const exchange::Response response = world.push(other, {bad});
  EXPECT_EQ(response.answers.at(0).verdict, Verdict::refused);
  EXPECT_TRUE(has_receipt(response.answers.at(0)));
  EXPECT_EQ(world.not_effective(errc::out_of_scope), before + 1);
}

TEST_F(ServiceTest, HoldsRecordOfATypeOfTheFuture) {
  RecordHeader header = next();
  header.type = static_cast<RecordType>(999);
  const Record bad = sign_record(header, cbor::encode(cbor::Value(cbor::Map{{0, Bytes(16)}})),
                                 courier.me().key);
  const auto answer = push_with_a_good_one(bad, errc::record_type_unknown);
  EXPECT_EQ(answer.verdict, Verdict::held);
  EXPECT_TRUE(has_receipt(answer));
}

TEST_F(ServiceTest, RefusesRecordOfAVersionOfTheFuture) {
  const Record good = signed_note(next(), courier.me().key);
  const cose::Sign1 message = must(cose::decode_sign1(good.envelope));
  cbor::Map map = *must(cbor::decode(message.payload)).as_map();
  for (auto& [key, value] : map) {
    if (key == cbor::Value(0)) value = cbor::Value(2);
  }
  const Bytes envelope = cose::sign1(message.protected_map, cbor::encode(cbor::Value(map)),
                                     courier.me().key);
  Record bad = good;
  bad.envelope = envelope;
  const auto answer = push_with_a_good_one(bad, errc::record_version_unknown);
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_FALSE(has_receipt(answer));
}

TEST_F(ServiceTest, RefusesBytesThatAreNoRecord) {
  Record bad;
  bad.envelope = to_bytes(as_bytes("no record"));
  bad.body = {1};
  const std::uint64_t before = world.metric("tannha_records_total{verdict=\"refused\"}");
  const exchange::Response response = world.push(courier, {bad});
  EXPECT_EQ(response.answers.at(0).verdict, Verdict::refused);
  EXPECT_EQ(world.metric("tannha_records_total{verdict=\"refused\"}"), before + 1);
}

TEST_F(ServiceTest, TakesAsManyRecordsAsTheLimitSays) {
  exchange::Request request = ServiceWorld::request(courier, {});
  request.records.resize(limits::exchange_records_max);
  const HttpResponse answer = world.post("/v1/sync", fields::encode(request), courier.token);
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(must(exchange::decode<exchange::Response>(answer.body)).answers.size(),
            limits::exchange_records_max);
}

// The same push in every form: the first is stored, and the others are the same records again.
TEST_F(ServiceTest, TakesRecordsThatWereMadeSmaller) {
  for (int i = 0; i < 20; ++i) courier.write(dossier, {}, body::Note{"số " + std::to_string(i)});
  const exchange::Request request = must(courier.replica->next_request(0));
  ASSERT_GE(request.records.size(), 20U);
  const Bytes compact = exchange::encode_compact(request);
  ASSERT_LT(compact.size(), fields::encode(request).size());
  const auto push = [&](Bytes body, const std::string& encoding) {
    const HttpResponse answer = world.ask({.method = "POST",
                                           .path = "/v1/sync",
                                           .query = {},
                                           .bearer = courier.token,
                                           .if_none_match = {},
                                           .content_encoding = encoding,
                                           .body = std::move(body)});
    EXPECT_EQ(answer.status, 200U);
    return must(exchange::decode<exchange::Response>(answer.body)).answers;
  };
  const auto expect_all = [&](const std::vector<exchange::Answer>& answers, Verdict verdict) {
    ASSERT_EQ(answers.size(), request.records.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      EXPECT_EQ(answers[i].record, sha256(request.records[i].envelope));
      EXPECT_EQ(answers[i].verdict, verdict);
    }
  };
  expect_all(push(must(deflate(compact)), "deflate"), Verdict::effective);
  expect_all(push(compact, ""), Verdict::duplicate);
  expect_all(push(must(deflate(fields::encode(request))), "deflate"), Verdict::duplicate);
  expect_all(push(fields::encode(request), ""), Verdict::duplicate);
}

TEST_F(ServiceTest, SaysSoWhenARecordComesAgain) {
  const Record note = signed_note(next(), courier.me().key);
  const exchange::Answer first = world.push(courier, {note}).answers.at(0);
  const exchange::Answer again = world.push(courier, {note}).answers.at(0);
  EXPECT_EQ(again.verdict, Verdict::duplicate);
  EXPECT_EQ(again.leaf_index, first.leaf_index);
  EXPECT_EQ(world.metric("tannha_records_total{verdict=\"duplicate\"}"), 1U);
}

// Limits before the body is read

TEST_F(ServiceTest, LimitsBodiesByWhoSendsThem) {
  const auto limit = [&](const std::string& method, const std::string& path,
                         const std::string& bearer) {
    HttpRequest head;
    head.method = method;
    head.path = path;
    head.bearer = bearer;
    return world.service().admit(head).value().body_bytes_max;
  };
  const std::string blob = "/v1/blobs/" + to_hex(Hash{});
  EXPECT_EQ(limit("POST", "/v1/sync", courier.token), limits::frame_bytes_max);
  EXPECT_EQ(limit("PUT", blob, courier.token), limits::attachment_bytes_max);
  EXPECT_EQ(limit("POST", "/v1/sync", ""), limits::frame_before_sign_in_bytes_max);
  EXPECT_EQ(limit("POST", "/v1/sync", "forged"), limits::frame_before_sign_in_bytes_max);
  EXPECT_EQ(limit("PUT", blob, ""), limits::frame_before_sign_in_bytes_max);
  EXPECT_EQ(limit("GET", "/", courier.token), 0U);
  EXPECT_EQ(limit("DELETE", blob, courier.token), 0U);
  // Whoever was signed in a moment ago is told to sign in again, not that it sends too much.
  world.host.advance_ms(limits::token_life_ms + 1);
  EXPECT_EQ(limit("POST", "/v1/sync", courier.token), limits::frame_bytes_max);
}

TEST_F(ServiceTest, WordsTransportErrors) {
  const std::map<unsigned, errc> codes{{400, errc::frame_malformed},
                                       {408, errc::network_timeout},
                                       {413, errc::frame_too_large},
                                       {415, errc::frame_malformed},
                                       {431, errc::frame_too_large},
                                       {503, errc::overloaded}};
  for (const auto& [status, code] : codes) {
    const std::uint64_t before = world.refused(code);
    expect_refusal(world.service().transport_error(status), code, status);
    EXPECT_EQ(world.refused(code), before + 1);
  }
}

TEST(ServiceOverloadTest, SaysWhenToComeAgain) {
  ServiceWorld world({.verify_threads = 1, .verify_queue_max = 0});
  Client courier = world.enrol(Role::courier, "H42.101");
  const auto request = fields::encode(ServiceWorld::request(courier, {}));
  const HttpResponse answer = world.post("/v1/sync", request, courier.token);
  expect_refusal(answer, errc::overloaded, 503);
  EXPECT_EQ(answer.retry_after_s, ServiceConfig{}.retry_after_s);
  EXPECT_EQ(world.refused(errc::overloaded), 1U);
}

TEST(ServiceOverloadTest, FullCommitQueueIsSaidToo) {
  ServiceWorld world({.commit_queue_max = 0});
  expect_refusal(world.get("/log/tile/0/000.p/1"), errc::overloaded, 503);
  EXPECT_EQ(world.get("/healthz").status, 200U);
  EXPECT_EQ(world.get("/readyz").status, 503U);
}

TEST_F(ServiceTest, AnswersAfterStopThatItIsOverloaded) {
  world.service().stop();
  expect_refusal(world.get("/log/tile/0/000.p/1"), errc::overloaded, 503);
  // And what goes over the threads for signatures.
  expect_refusal(world.post("/v1/sync", fields::encode(ServiceWorld::request(courier, {})),
                            courier.token),
                 errc::overloaded, 503);
}

// Attachments

TEST_F(ServiceTest, StoresAnAttachmentOnceAndGivesItToItsAudience) {
  const Bytes jpeg = photo(7);
  courier.write(dossier, {}, attachment_of(jpeg));
  EXPECT_EQ(world.sync(courier).wanted, std::vector<Hash>{blake2b_256(jpeg)});
  const std::string path = "/v1/blobs/" + to_hex(blake2b_256(jpeg));
  expect_refusal(world.get(path, courier.token), errc::store_not_found, 404);
  EXPECT_EQ(world.put(path, jpeg, courier.token).status, 201U);
  EXPECT_EQ(world.put(path, jpeg, courier.token).status, 200U);
  EXPECT_TRUE(world.sync(courier).wanted.empty());
  EXPECT_EQ(world.metric("tannha_attachments_stored_total"), 1U);
  EXPECT_EQ(world.metric("tannha_attachment_bytes_total"), jpeg.size());

  const HttpResponse got = world.get(path, courier.token);
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.body, jpeg);
  EXPECT_EQ(got.content_type, "image/jpeg");
  EXPECT_TRUE(got.attachment);
  EXPECT_EQ(world.get(path, world.enrol(Role::officer, "H42.101").token).body, jpeg);
  EXPECT_EQ(world.get(path, world.enrol(Role::dispatcher, "H42").token).body, jpeg);
}

TEST_F(ServiceTest, HidesAttachmentsFromOthers) {
  const Bytes jpeg = photo(7);
  courier.write(dossier, {}, attachment_of(jpeg));
  world.sync(courier);
  const std::string path = "/v1/blobs/" + to_hex(blake2b_256(jpeg));
  EXPECT_EQ(world.put(path, jpeg, courier.token).status, 201U);
  const std::uint64_t before = world.refused(errc::store_not_found);
  expect_refusal(world.get(path, world.enrol(Role::officer, "H42.102").token),
                 errc::store_not_found, 404);
  expect_refusal(world.get(path, world.enrol(Role::courier, "H42.101").token),
                 errc::store_not_found, 404);
  EXPECT_EQ(world.refused(errc::store_not_found), before + 2);
}

TEST_F(ServiceTest, RevokedLogReadsNoAttachment) {
  const Bytes jpeg = photo(7);
  courier.write(dossier, {}, attachment_of(jpeg));
  world.sync(courier);
  const std::string path = "/v1/blobs/" + to_hex(blake2b_256(jpeg));
  EXPECT_EQ(world.put(path, jpeg, courier.token).status, 201U);
  Client lost = world.enrol(Role::officer, "H42.101");
  EXPECT_EQ(world.get(path, lost.token).status, 200U);
  Client dispatcher = world.enrol(Role::dispatcher, "H42");
  dispatcher.write(lost.me().certificate.actor, {},
                   body::LogRevoked{lost.me().log_id, body::RevocationReason::lost, {}});
  world.sync(dispatcher);
  expect_refusal(world.get(path, lost.token), errc::log_revoked, 403);
}

TEST_F(ServiceTest, FileThatIsGoneOrDamagedIsNoUnknownName) {
  const Bytes jpeg = photo(7);
  courier.write(dossier, {}, attachment_of(jpeg));
  world.sync(courier);
  const std::string path = "/v1/blobs/" + to_hex(blake2b_256(jpeg));
  EXPECT_EQ(world.put(path, jpeg, courier.token).status, 201U);
  const auto file = Blobs(world.data_dir().blobs_path()).path_of(blake2b_256(jpeg));
  must(write_file_durably(file, photo(8), 0600));
  expect_refusal(world.get(path, courier.token), errc::store_corrupt, 500);
  std::filesystem::remove(file);
  expect_refusal(world.get(path, courier.token), errc::store_corrupt, 500);
}

// Public reading

TEST_F(ServiceTest, CheckpointIsSignedAndGrows) {
  const auto open = [&] {
    const HttpResponse response = world.get("/log/checkpoint");
    EXPECT_EQ(response.status, 200U);
    EXPECT_TRUE(response.content_type.starts_with("text/plain"));
    return must(open_checkpoint(text_of(response), world.actor().tenant.origin,
                                world.actor().tenant.journal_key));
  };
  const Checkpoint before = open();
  EXPECT_GT(before.size, 0U);
  const Record note = signed_note(next(), courier.me().key);
  exchange::Request request = ServiceWorld::request(courier, {note});
  request.journal_size = before.size;
  const HttpResponse answer = world.post("/v1/sync", fields::encode(request), courier.token);
  const auto response = must(exchange::decode<exchange::Response>(answer.body));
  const Checkpoint after = open();
  EXPECT_EQ(after.size, before.size + 1);
  EXPECT_TRUE(merkle::verify_consistency(before.size, after.size, before.root, after.root,
                                         response.consistency)
                  .has_value());
}

TEST_F(ServiceTest, TenantSaysWhoseItIs) {
  const HttpResponse response = world.get("/v1/tenant");
  EXPECT_EQ(must(fields::decode<exchange::Tenant>(response.body, errc::frame_malformed)),
            world.actor().tenant);
}

TEST_F(ServiceTest, CatalogueIsSentOnlyWhenItChanged) {
  const HttpResponse whole = world.get("/v1/catalogue");
  EXPECT_EQ(whole.status, 200U);
  const Catalogue catalogue = must(Catalogue::decode(whole.body));
  EXPECT_NE(catalogue.find("1.001193"), nullptr);
  EXPECT_EQ(whole.etag, "\"" + to_hex(catalogue.version()) + "\"");
  const HttpResponse same = world.ask({.method = "GET",
                                       .path = "/v1/catalogue",
                                       .query = {},
                                       .bearer = {},
                                       .if_none_match = whole.etag,
                                       .body = {}});
  EXPECT_EQ(same.status, 304U);
  EXPECT_TRUE(same.body.empty());
}

TEST_F(ServiceTest, HealthIsOk) {
  const HttpResponse response = world.get("/healthz");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(text_of(response), "ok\n");
}

TEST_F(ServiceTest, ReadyIsSaidAfterACommit) {
  const std::uint64_t before = world.metric("tannha_commits_total");
  EXPECT_EQ(text_of(world.get("/readyz")), "ready\n");
  EXPECT_EQ(world.metric("tannha_commits_total"), before + 1);
}

// Whether the page is of the format is tested with Prometheus' own tool: operations/metrics_test.cpp
TEST_F(ServiceTest, MetricsShowEveryReasonFromTheStart) {
  const HttpResponse response = world.get("/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(text_of(response).ends_with("\n"));
  for (const errc code : all_errc()) {
    EXPECT_EQ(world.refused(code), 0U);
    EXPECT_EQ(world.not_effective(code), 0U);
  }
}

TEST_F(ServiceTest, GaugeOfTheJournalIsRightFromTheStart) {
  const std::uint64_t size = world.metric("tannha_journal_records");
  EXPECT_GT(size, 0U);
  world.restart();
  EXPECT_EQ(world.metric("tannha_journal_records"), size);
}

TEST_F(ServiceTest, FrontPageEscapesAndCounts) {
  const HttpResponse response = world.get("/");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  const std::string page = text_of(response);
  EXPECT_NE(page.find("Ninh Bình &lt;&amp;&gt; (H42)"), std::string::npos);
  EXPECT_NE(page.find("href=\"/log/checkpoint\""), std::string::npos);
  EXPECT_NE(page.find("lang=\"vi\""), std::string::npos);
  EXPECT_NE(page.find("<td>" + std::to_string(world.metric("tannha_journal_records")) + "</td>"),
            std::string::npos);
}

// Enrolment

TEST_F(ServiceTest, SameDeviceMayAskForItsCertificateAgain) {
  const auto replica = world.new_replica();
  const auto request = must(
      replica->begin_enrolment(world.ticket(world.ticket_for(Role::courier, "H42.101"))));
  const HttpResponse first = world.post("/v1/enrol", fields::encode(request));
  const HttpResponse again = world.post("/v1/enrol", fields::encode(request));
  EXPECT_EQ(first.status, 200U);
  EXPECT_EQ(again.body, first.body);
}

TEST_F(ServiceTest, TokensOutliveARestart) {
  world.restart();
  EXPECT_EQ(world.post("/v1/sync", fields::encode(ServiceWorld::request(courier, {})),
                       courier.token)
                .status,
            200U);
}

// Before it stands a record of a type that is still unknown.
TEST_F(ServiceTest, NewerProgramRulesOnWhatAnOlderOneDidNotKnow) {
  RecordHeader header = next();
  header.type = static_cast<RecordType>(999);
  const Record future = sign_record(header, cbor::encode(cbor::Value(cbor::Map{{0, Bytes(16)}})),
                                    courier.me().key);
  world.push(courier, {future});
  const Record note = signed_note(after(future), courier.me().key);
  ASSERT_EQ(world.push(courier, {note}).answers.at(0).verdict, Verdict::effective);
  world.restart([&](Registry& registry) {
    must(registry.begin());
    must(registry.set_ruling(note.hash, {Verdict::held, errc::record_type_unknown}));
    must(registry.commit());
  });
  Client officer = world.enrol(Role::officer, "H42.101");
  world.sync(officer);
  EXPECT_EQ(must(officer.replica->dossier(dossier)).notes, 1U);
  EXPECT_EQ(must(officer.replica->record(future.hash))->evidence.ruling.verdict, Verdict::held);
}

TEST_F(ServiceTest, OfficerLetsACitizenIn) {
  Client officer = world.enrol(Role::officer, "H42.101");
  auto request = world.ticket_for(Role::citizen, "");
  request.scope = dossier;
  Client citizen{world.new_replica(), {}};
  const auto asked = must(citizen.replica->begin_enrolment(world.ticket(request, officer.token)));
  const HttpResponse answer = world.post("/v1/enrol", fields::encode(asked));
  const auto enrolled = must(exchange::decode<exchange::EnrolAnswer>(answer.body));
  must(citizen.replica->finish_enrolment(enrolled));
  world.sign_in(citizen);
  world.sync(citizen);
  EXPECT_EQ(must(citizen.replica->dossier(dossier)).stage, Stage::collecting);
}

}  // namespace
}  // namespace tannha::server
