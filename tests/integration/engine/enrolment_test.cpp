#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"

namespace tannha::test {
namespace {

class EnrolmentTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  exchange::TicketRequest request{Role::courier, "H42", {}, {}, "test"};
};

TEST_F(EnrolmentTest, RefusesUnknownTicket) {
  Device& device = province.new_device();
  EXPECT_EQ(code_of(province.enrol(must(device->begin_enrolment("AAAA")))), errc::ticket_unknown);
}

TEST_F(EnrolmentTest, RefusesProofOfAnotherKeyOrIncarnation) {
  Device& device = province.new_device();
  const auto ticket = must(province.ticket(request));
  const auto good = must(device->begin_enrolment(ticket.ticket));
  auto bad = good;
  bad.public_key = journey.courier->identity()->certificate.public_key;
  EXPECT_EQ(code_of(province.enrol(bad)), errc::signature_invalid);
  bad = good;
  bad.incarnation[0] ^= 1;
  EXPECT_EQ(code_of(province.enrol(bad)), errc::signature_invalid);
  EXPECT_TRUE(province.enrol(good)) << "a failed attempt does not use the ticket up";
}

TEST_F(EnrolmentTest, RefusesExpiredTicket) {
  Device& device = province.new_device();
  const auto ticket = must(province.ticket(request));
  EXPECT_EQ(ticket.expires_ms, FakeHost::start_ms + limits::ticket_life_ms);
  province.host().set_now_ms(ticket.expires_ms + 1);
  EXPECT_EQ(code_of(province.enrol(must(device->begin_enrolment(ticket.ticket)))),
            errc::ticket_expired);
  province.host().set_now_ms(ticket.expires_ms);
  EXPECT_TRUE(province.enrol(must(device->begin_enrolment(ticket.ticket))));
}

TEST_F(EnrolmentTest, TicketIsForOneKeyAndItsAnswerCanBeAskedForAgain) {
  Device& device = province.new_device();
  Device& thief = province.new_device();
  const auto ticket = must(province.ticket(request));
  const auto first = must(province.enrol(must(device->begin_enrolment(ticket.ticket))));
  EXPECT_EQ(code_of(province.enrol(must(thief->begin_enrolment(ticket.ticket)))),
            errc::ticket_used);
  // The answer was lost, the device restarted, and time has passed.
  province.restart(device);
  province.advance_ms(2 * limits::ticket_life_ms);
  const auto again = must(province.enrol(must(device->begin_enrolment(ticket.ticket))));
  EXPECT_EQ(again.certificate, first.certificate);
  must(device->finish_enrolment(again));
  EXPECT_EQ(device->identity()->certificate.role, Role::courier);
}

TEST_F(EnrolmentTest, RefusesTicketsThatNobodyMayAskFor) {
  const Id id = journey.assigned();
  const auto refused = [&](exchange::TicketRequest r, const std::optional<Hash>& asker) {
    return code_of(province.ticket(r, asker));
  };
  EXPECT_EQ(refused({Role::registry, "H42", {}, {}, ""}, {}), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::citizen, "H42", {}, {}, ""}, {}), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::courier, "H42", {}, id, ""}, {}), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::courier, "không", {}, {}, ""}, {}), errc::agency_code_malformed);
  EXPECT_EQ(refused(request, journey.dispatcher.log_id()), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, journey.courier.log_id()),
            errc::role_not_allowed);
  Device& elsewhere = province.enrol(Role::officer, other_unit);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, elsewhere.log_id()), errc::out_of_scope);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, Hash{1}), errc::certificate_unknown);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, journey.officer.log_id()), errc{});
}

TEST_F(EnrolmentTest, StaffCannotOpenAnotherActorsFeed) {
  const Id id = journey.assigned();
  exchange::TicketRequest citizen{Role::citizen, "", journey.courier.actor(), id, ""};
  EXPECT_EQ(code_of(province.ticket(citizen, journey.officer.log_id())), errc::role_not_allowed);
  // And where the operator names an actor, a citizen's feed is never a courier's.
  EXPECT_NE(citizen_audience(journey.courier.actor()), actor_audience(journey.courier.actor()));
}

TEST_F(EnrolmentTest, BoundDossierGetsNoSecondCitizen) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  const exchange::TicketRequest citizen{Role::citizen, "", {}, id, ""};
  // Two links were made before the first was used.
  const auto early = must(province.ticket(citizen, journey.officer.log_id()));
  const Device& real = journey.let_in(id);
  EXPECT_EQ(code_of(province.ticket(citizen, journey.officer.log_id())), errc::ticket_used);

  Device& impostor = province.new_device();
  EXPECT_EQ(code_of(province.enrol(must(impostor->begin_enrolment(early.ticket)))),
            errc::ticket_used);
  EXPECT_EQ(province.dossier(id).citizen_log, real.log_id()) << "the first key stands";
}

TEST_F(EnrolmentTest, OnlyALogInOrderLetsACitizenIn) {
  const Id id = journey.assigned();
  const auto asked_by = [&](const Device& device) {
    return code_of(province.ticket({Role::citizen, "", {}, id, ""}, device.log_id()));
  };
  const auto changed = [&](const Device& device, const auto& change) {
    LogState state = must_have(province.registry().log(device.log_id())).state;
    change(state);
    must(province.registry().set_log_state(device.log_id(), state));
  };
  Device& revoked = province.enrol(Role::officer, unit);
  changed(revoked, [](LogState& s) { s.revoked = {body::RevocationReason::retired, 1}; });
  EXPECT_EQ(asked_by(revoked), errc::log_revoked);
  Device& forked = province.enrol(Role::officer, unit);
  changed(forked, [](LogState& s) { s.forked_at = 0; });
  EXPECT_EQ(asked_by(forked), errc::log_forked);
  Device& continued = province.enrol(Role::dispatcher, unit);
  changed(continued, [](LogState& s) { s.continued_by = Hash{1}; });
  EXPECT_EQ(asked_by(continued), errc::log_continued);
  const std::uint64_t end = journey.officer->identity()->certificate.not_after_ms;
  province.host().set_now_ms(end);
  EXPECT_EQ(asked_by(journey.officer), errc{});
  province.host().set_now_ms(end + 1);
  EXPECT_EQ(asked_by(journey.officer), errc::certificate_expired);
}

TEST_F(EnrolmentTest, CitizensKeyIsOfTheDossiersUnitWhichCanRevokeIt) {
  const Id id = journey.assigned();
  const auto ticket =
      must(province.ticket({Role::citizen, std::string(other_unit), {}, id, ""},
                           journey.officer.log_id()));
  Device& citizen = province.new_device();
  must(citizen->finish_enrolment(
      must(province.enrol(must(citizen->begin_enrolment(ticket.ticket))))));
  EXPECT_EQ(citizen->identity()->certificate.unit, unit);
  province.sync(citizen);
  must(core::Citizen(*citizen).add_note(id, "xin chào"));
  province.sync(citizen);
  province.sync(journey.officer);
  must(journey.as_officer().revoke(citizen.log_id(), body::RevocationReason::lost));
  province.sync(journey.officer);
  EXPECT_TRUE(must_have(province.registry().log(citizen.log_id())).state.revoked);
}

TEST_F(EnrolmentTest, RefusesLongLabelAndUnit) {
  request.label = std::string(limits::label_bytes_max + 1, 'x');
  EXPECT_EQ(code_of(province.ticket(request, {})), errc::argument_invalid);
  request.label.resize(limits::label_bytes_max);
  EXPECT_EQ(code_of(province.ticket(request, {})), errc{});
}

}  // namespace
}  // namespace tannha::test
