#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "tannha/protocol/deflate.hpp"
#include "tannha/protocol/limits.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

// Refused requests: each with its own code, status, sentences and counter, and nobody else notices.

struct BadRequest {
  std::string title;
  errc code{};
  unsigned status{};
  std::function<HttpRequest(ServiceWorld&, Client& courier)> make;
};
void PrintTo(const BadRequest& bad, std::ostream* out) { *out << bad.title; }

std::string title_of(const ::testing::TestParamInfo<BadRequest>& one) { return one.param.title; }

HttpRequest call(std::string method, std::string path, Bytes body, std::string bearer) {
  return {.method = std::move(method),
          .path = std::move(path),
          .query = {},
          .bearer = std::move(bearer),
          .if_none_match = {},
          .body = std::move(body)};
}
HttpRequest sync_call(const Client& sender, Bytes body) {
  return call("POST", "/v1/sync", std::move(body), sender.token);
}
Bytes frame(const Client& sender) { return fields::encode(ServiceWorld::request(sender, {})); }

class BadRequestTest : public ::testing::TestWithParam<BadRequest> {};

TEST_P(BadRequestTest, IsRefusedCountedAndHarmless) {
  ServiceWorld world;
  Client courier = world.enrol(Role::courier, "H42.101");
  const HttpRequest request = GetParam().make(world, courier);
  const std::uint64_t before = world.refused(GetParam().code);
  expect_refusal(world.ask(request), GetParam().code, GetParam().status);
  EXPECT_EQ(world.refused(GetParam().code), before + 1);
  EXPECT_TRUE(world.good_traffic_goes_through());
}

HttpRequest too_many(ServiceWorld&, Client& courier) {
  exchange::Request request = ServiceWorld::request(courier, {});
  request.records.resize(limits::exchange_records_max + 1);
  return sync_call(courier, fields::encode(request));
}
HttpRequest too_many_logs(ServiceWorld&, Client& courier) {
  exchange::Request request = ServiceWorld::request(courier, {});
  request.logs.resize(limits::exchange_logs_max + 1);
  return sync_call(courier, fields::encode(request));
}
HttpRequest encoded(const Client& courier, std::string encoding, Bytes body) {
  HttpRequest request = sync_call(courier, std::move(body));
  request.content_encoding = std::move(encoding);
  return request;
}
Bytes truncated(const Client& courier) {
  Bytes bytes = frame(courier);
  bytes.pop_back();
  return bytes;
}
Bytes not_deterministic(const Client& courier) {
  // The map's head with its count in a byte of its own, where it would fit into the first.
  Bytes bytes = frame(courier);
  const auto count = static_cast<std::uint8_t>(bytes[0] & 0x1f);
  bytes[0] = 0xb8;
  bytes.insert(bytes.begin() + 1, count);
  return bytes;
}
template <class Change>
HttpRequest changed_frame(const Client& courier, Change change) {
  exchange::Request request = ServiceWorld::request(courier, {});
  change(request);
  return sync_call(courier, fields::encode(request));
}

INSTANTIATE_TEST_SUITE_P(
    Frames, BadRequestTest,
    ::testing::Values(
        BadRequest{"TooLarge", errc::frame_too_large, 413,
                   [](ServiceWorld&, Client& c) {
                     return sync_call(c, Bytes(limits::frame_bytes_max + 1));
                   }},
        BadRequest{"Empty", errc::cbor_truncated, 400,
                   [](ServiceWorld&, Client& c) { return sync_call(c, {}); }},
        BadRequest{"Truncated", errc::cbor_truncated, 400,
                   [](ServiceWorld&, Client& c) { return sync_call(c, truncated(c)); }},
        BadRequest{"TrailingByte", errc::cbor_trailing_bytes, 400,
                   [](ServiceWorld&, Client& c) {
                     Bytes bytes = frame(c);
                     bytes.push_back(0);
                     return sync_call(c, std::move(bytes));
                   }},
        BadRequest{"NotDeterministic", errc::cbor_not_deterministic, 400,
                   [](ServiceWorld&, Client& c) { return sync_call(c, not_deterministic(c)); }},
        BadRequest{"WrongVersion", errc::frame_version_unknown, 400,
                   [](ServiceWorld&, Client& c) {
                     return changed_frame(c, [](exchange::Request& r) { r.version = 3; });
                   }},
        BadRequest{"FieldMissing", errc::frame_malformed, 400,
                   [](ServiceWorld&, Client& c) {
                     return sync_call(c, cbor::encode(cbor::Value(cbor::Map{{0, 1}})));
                   }},
        BadRequest{"OtherTenant", errc::tenant_mismatch, 400,
                   [](ServiceWorld&, Client& c) {
                     return changed_frame(c, [](exchange::Request& r) { r.tenant = "H43"; });
                   }},
        BadRequest{"CompactWithoutRecords", errc::frame_malformed, 400,
                   [](ServiceWorld&, Client& c) {
                     return changed_frame(c, [](exchange::Request& r) { r.version = 2; });
                   }},
        BadRequest{"Bomb", errc::frame_too_large, 413,
                   [](ServiceWorld&, Client& c) {
                     return encoded(c, "deflate", *deflate(Bytes(limits::frame_bytes_max + 1)));
                   }},
        BadRequest{"DeflateCutOff", errc::frame_malformed, 400,
                   [](ServiceWorld&, Client& c) {
                     Bytes bytes = *deflate(frame(c));
                     bytes.pop_back();
                     return encoded(c, "deflate", std::move(bytes));
                   }},
        BadRequest{"NotDeflate", errc::frame_malformed, 400,
                   [](ServiceWorld&, Client& c) { return encoded(c, "deflate", frame(c)); }},
        BadRequest{"UnknownEncoding", errc::frame_malformed, 415,
                   [](ServiceWorld&, Client& c) { return encoded(c, "br", frame(c)); }},
        BadRequest{"TwoEncodings", errc::frame_malformed, 415,
                   [](ServiceWorld&, Client& c) {
                     return encoded(c, "deflate, deflate", *deflate(*deflate(frame(c))));
                   }},
        BadRequest{"EncodedElsewhere", errc::frame_malformed, 415,
                   [](ServiceWorld&, Client& c) {
                     HttpRequest request = call("POST", "/v1/tickets", {}, c.token);
                     request.content_encoding = "deflate";
                     return request;
                   }},
        BadRequest{"EncodedByAStranger", errc::token_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     HttpRequest request = encoded(c, "deflate", *deflate(frame(c)));
                     request.bearer.clear();
                     return request;
                   }},
        BadRequest{"TooManyRecords", errc::too_many_records, 400, too_many},
        BadRequest{"TooManyLogs", errc::too_many_records, 400, too_many_logs}),
    title_of);

std::string forged(std::string token) {
  token[3] = token[3] == 'A' ? 'B' : 'A';
  return token;
}
HttpRequest expired(ServiceWorld& world, const Client& c, Bytes body) {
  world.host.advance_ms(limits::token_life_ms + 1);
  return sync_call(c, std::move(body));
}

// A body that is too large is no reason to tell a device anything but "sign in again": after that
// it gets through, after "too large" it never would.
INSTANTIATE_TEST_SUITE_P(
    Tokens, BadRequestTest,
    ::testing::Values(
        BadRequest{"None", errc::token_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     return call("POST", "/v1/sync", frame(c), "");
                   }},
        BadRequest{"Forged", errc::token_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     return call("POST", "/v1/sync", frame(c), forged(c.token));
                   }},
        BadRequest{"ForgedWithLargeBody", errc::token_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     return call("POST", "/v1/sync", Bytes(limits::frame_bytes_max + 1),
                                 forged(c.token));
                   }},
        BadRequest{"Expired", errc::token_invalid, 401,
                   [](ServiceWorld& w, Client& c) { return expired(w, c, frame(c)); }},
        BadRequest{"ExpiredWithLargeBody", errc::token_invalid, 401,
                   [](ServiceWorld& w, Client& c) {
                     return expired(w, c, Bytes(limits::frame_bytes_max));
                   }},
        BadRequest{"NotBase64", errc::token_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     return call("POST", "/v1/sync", frame(c), "a.b.c");
                   }},
        BadRequest{"ForAttachment", errc::token_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     return call("PUT", "/v1/blobs/" + to_hex(Hash{}), photo(), forged(c.token));
                   }},
        BadRequest{"ForReadingAttachment", errc::token_invalid, 401,
                   [](ServiceWorld&, Client&) {
                     return call("GET", "/v1/blobs/" + to_hex(Hash{}), {}, "");
                   }},
        BadRequest{"ForTicket", errc::token_invalid, 401,
                   [](ServiceWorld& w, Client&) {
                     return call("POST", "/v1/tickets",
                                 fields::encode(w.ticket_for(Role::courier, "H42.101")),
                                 w.admin_secret() + "x");
                   }}),
    title_of);

HttpRequest enrol_call(const exchange::EnrolRequest& request) {
  return call("POST", "/v1/enrol", fields::encode(request), "");
}
HttpRequest token_call(const exchange::TokenRequest& request) {
  return call("POST", "/v1/token", fields::encode(request), "");
}

INSTANTIATE_TEST_SUITE_P(
    Enrolment, BadRequestTest,
    ::testing::Values(
        BadRequest{"UnknownTicket", errc::ticket_unknown, 403,
                   [](ServiceWorld& w, Client&) {
                     return enrol_call(must(w.new_replica()->begin_enrolment("no such ticket")));
                   }},
        BadRequest{"UsedTicket", errc::ticket_used, 403,
                   [](ServiceWorld& w, Client&) {
                     const auto ticket = w.ticket(w.ticket_for(Role::courier, "H42.101"));
                     const auto first = must(w.new_replica()->begin_enrolment(ticket));
                     EXPECT_EQ(w.ask(enrol_call(first)).status, 200U);
                     return enrol_call(must(w.new_replica()->begin_enrolment(ticket)));
                   }},
        BadRequest{"ExpiredTicket", errc::ticket_expired, 403,
                   [](ServiceWorld& w, Client&) {
                     const auto ticket = w.ticket(w.ticket_for(Role::courier, "H42.101"));
                     w.host.advance_ms(limits::ticket_life_ms + 1);
                     return enrol_call(must(w.new_replica()->begin_enrolment(ticket)));
                   }},
        BadRequest{"WrongProof", errc::signature_invalid, 400,
                   [](ServiceWorld& w, Client&) {
                     const auto ticket = w.ticket(w.ticket_for(Role::courier, "H42.101"));
                     auto request = must(w.new_replica()->begin_enrolment(ticket));
                     request.proof[0] ^= 1;
                     return enrol_call(request);
                   }},
        BadRequest{"Malformed", errc::cbor_truncated, 400,
                   [](ServiceWorld&, Client&) { return call("POST", "/v1/enrol", {}, ""); }}),
    title_of);

INSTANTIATE_TEST_SUITE_P(
    SignIn, BadRequestTest,
    ::testing::Values(
        BadRequest{"WrongSignature", errc::signature_invalid, 400,
                   [](ServiceWorld& w, Client& c) {
                     auto request = w.sign(*c.replica);
                     request.signature[0] ^= 1;
                     return token_call(request);
                   }},
        BadRequest{"ReplayedChallenge", errc::challenge_invalid, 401,
                   [](ServiceWorld& w, Client& c) {
                     const auto request = w.sign(*c.replica);
                     EXPECT_EQ(w.ask(token_call(request)).status, 200U);
                     return token_call(request);
                   }},
        BadRequest{"LateAnswer", errc::challenge_invalid, 401,
                   [](ServiceWorld& w, Client& c) {
                     const auto request = w.sign(*c.replica);
                     w.host.advance_ms(limits::challenge_life_ms + 1);
                     return token_call(request);
                   }},
        BadRequest{"OwnChallenge", errc::challenge_invalid, 401,
                   [](ServiceWorld&, Client& c) {
                     return token_call(must(c.replica->sign_in(Bytes(56, 1))));
                   }},
        BadRequest{"OtherLogWithTheCertificate", errc::certificate_unknown, 403,
                   [](ServiceWorld& w, Client& c) {
                     auto request = w.sign(*c.replica);
                     request.log.incarnation[0] ^= 1;
                     return token_call(request);
                   }},
        BadRequest{"CertificateOfAnotherAuthority", errc::certificate_unknown, 403,
                   [](ServiceWorld& w, Client& c) {
                     auto request = w.sign(*c.replica);
                     request.log.certificate = sign_certificate(
                         c.me().certificate, KeyPair::from_seed(random_array<Seed>(w.host)));
                     return token_call(request);
                   }}),
    title_of);

HttpRequest ticket_call(const exchange::TicketRequest& request, std::string bearer) {
  return call("POST", "/v1/tickets", fields::encode(request), std::move(bearer));
}

INSTANTIATE_TEST_SUITE_P(
    Tickets, BadRequestTest,
    ::testing::Values(
        BadRequest{"ByCourier", errc::role_not_allowed, 403,
                   [](ServiceWorld& w, Client& c) {
                     auto request = w.ticket_for(Role::citizen, "");
                     request.scope = c.open_dossier();
                     w.sync(c);
                     return ticket_call(request, c.token);
                   }},
        BadRequest{"ForStaffByOfficer", errc::role_not_allowed, 403,
                   [](ServiceWorld& w, Client&) {
                     return ticket_call(w.ticket_for(Role::officer, "H42.101"),
                                        w.enrol(Role::officer, "H42.101").token);
                   }},
        BadRequest{"ForDossierOfAnotherUnit", errc::out_of_scope, 403,
                   [](ServiceWorld& w, Client& c) {
                     auto request = w.ticket_for(Role::citizen, "");
                     request.scope = c.open_dossier();
                     w.sync(c);
                     return ticket_call(request, w.enrol(Role::officer, "H42.102").token);
                   }},
        BadRequest{"ForTheRegistryItself", errc::role_not_allowed, 403,
                   [](ServiceWorld& w, Client&) {
                     return ticket_call(w.ticket_for(Role::registry, "H42"), w.admin_secret());
                   }},
        BadRequest{"ForCitizenWithoutDossier", errc::role_not_allowed, 403,
                   [](ServiceWorld& w, Client&) {
                     return ticket_call(w.ticket_for(Role::citizen, ""), w.admin_secret());
                   }},
        BadRequest{"ForNoAgency", errc::agency_code_malformed, 400,
                   [](ServiceWorld& w, Client&) {
                     return ticket_call(w.ticket_for(Role::courier, "xã A"), w.admin_secret());
                   }}),
    title_of);

/// Pushes a record that names the file. @return the call that sends `sent` under its name
HttpRequest blob_call(ServiceWorld& world, Client& courier, const body::AttachmentAdded& named,
                      Bytes sent) {
  const Id id = courier.open_dossier();
  courier.write(id, {}, named);
  const exchange::Response response = world.sync(courier);
  EXPECT_EQ(response.answers.back().verdict, Verdict::effective);
  EXPECT_EQ(response.wanted, std::vector<Hash>{named.hash});
  return call("PUT", "/v1/blobs/" + to_hex(named.hash), std::move(sent), courier.token);
}

INSTANTIATE_TEST_SUITE_P(
    Attachments, BadRequestTest,
    ::testing::Values(
        BadRequest{"NotWanted", errc::attachment_not_wanted, 409,
                   [](ServiceWorld&, Client& c) {
                     return call("PUT", "/v1/blobs/" + to_hex(blake2b_256(photo())), photo(),
                                 c.token);
                   }},
        BadRequest{"OtherBytes", errc::attachment_mismatch, 400,
                   [](ServiceWorld& w, Client& c) {
                     return blob_call(w, c, attachment_of(photo(1)), photo(2));
                   }},
        BadRequest{"OtherSize", errc::attachment_mismatch, 400,
                   [](ServiceWorld& w, Client& c) {
                     Bytes longer = photo(1);
                     longer.push_back(0);
                     return blob_call(w, c, attachment_of(photo(1)), longer);
                   }},
        BadRequest{"NoBytesOfSome", errc::attachment_mismatch, 400,
                   [](ServiceWorld& w, Client& c) {
                     return blob_call(w, c, attachment_of(photo(1)), {});
                   }},
        BadRequest{"NotAJpeg", errc::attachment_type_not_allowed, 400,
                   [](ServiceWorld& w, Client& c) {
                     const Bytes page = to_bytes(as_bytes("<script>alert(1)</script>"));
                     return blob_call(w, c, attachment_of(page), page);
                   }},
        BadRequest{"OtherMediaType", errc::attachment_type_not_allowed, 400,
                   [](ServiceWorld& w, Client& c) {
                     auto named = attachment_of(photo());
                     named.media_type = "text/html";
                     return blob_call(w, c, named, photo());
                   }},
        BadRequest{"NameThatIsNoHash", errc::frame_malformed, 400,
                   [](ServiceWorld&, Client& c) {
                     return call("PUT", "/v1/blobs/../keys.cbor", photo(), c.token);
                   }},
        BadRequest{"ReadNameThatIsNoHash", errc::frame_malformed, 400,
                   [](ServiceWorld&, Client& c) {
                     return call("GET", "/v1/blobs/../keys.cbor", {}, c.token);
                   }},
        BadRequest{"ReadUnknown", errc::store_not_found, 404,
                   [](ServiceWorld&, Client& c) {
                     return call("GET", "/v1/blobs/" + to_hex(Hash{}), {}, c.token);
                   }}),
    title_of);

INSTANTIATE_TEST_SUITE_P(
    Paths, BadRequestTest,
    ::testing::Values(
        BadRequest{"Unknown", errc::store_not_found, 404,
                   [](ServiceWorld&, Client& c) { return call("GET", "/v2/sync", {}, c.token); }},
        BadRequest{"OtherMethod", errc::store_not_found, 404,
                   [](ServiceWorld&, Client& c) { return call("GET", "/v1/sync", {}, c.token); }},
        BadRequest{"Delete", errc::store_not_found, 404,
                   [](ServiceWorld&, Client& c) {
                     return call("DELETE", "/v1/blobs/" + to_hex(Hash{}), {}, c.token);
                   }}),
    title_of);

}  // namespace
}  // namespace tannha::server
