#pragma once

#include <array>

#include "json.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/body.hpp"
#include "tannha/protocol/personal_number.hpp"

/// The words that enumerations have in JSON.
namespace tannha::core::json {

#define TN_WORDS(Type, json_name, ...)                      \
  template <>                                               \
  struct Words<Type> {                                      \
    static constexpr std::string_view name = json_name;     \
    static constexpr auto all = std::to_array<Word<Type>>(__VA_ARGS__); \
  }

TN_WORDS(Stage, "Stage",
         {{Stage::empty, "empty"},
          {Stage::requested, "requested"},
          {Stage::assigned, "assigned"},
          {Stage::collecting, "collecting"},
          {Stage::sealed, "sealed"},
          {Stage::confirmed, "confirmed"},
          {Stage::handed_over, "handed_over"},
          {Stage::accepted, "accepted"},
          {Stage::needs_supplement, "needs_supplement"},
          {Stage::supplemented, "supplemented"},
          {Stage::processing, "processing"},
          {Stage::refused, "refused"},
          {Stage::result_ready, "result_ready"},
          {Stage::returned, "returned"}});
TN_WORDS(Custodian, "Custodian",
         {{Custodian::citizen, "citizen"},
          {Custodian::courier, "courier"},
          {Custodian::desk, "desk"},
          {Custodian::disputed, "disputed"}});
TN_WORDS(Role, "Role",
         {{Role::courier, "courier"},
          {Role::officer, "officer"},
          {Role::citizen, "citizen"},
          {Role::dispatcher, "dispatcher"},
          {Role::registry, "registry"}});
TN_WORDS(Verdict, "Verdict",
         {{Verdict::effective, "effective"},
          {Verdict::provisional, "provisional"},
          {Verdict::held, "held"},
          {Verdict::refused, "refused"},
          {Verdict::duplicate, "duplicate"},
          {Verdict::waiting, "waiting"}});
TN_WORDS(body::Channel, "Channel",
         {{body::Channel::direct, "direct"},
          {body::Channel::online, "online"},
          {body::Channel::postal, "postal"}});
TN_WORDS(body::ServiceKind, "ServiceKind",
         {{body::ServiceKind::send, "send"},
          {body::ServiceKind::receive_result, "receive_result"},
          {body::ServiceKind::both, "both"}});
TN_WORDS(body::AttachmentRole, "AttachmentRole",
         {{body::AttachmentRole::page, "page"},
          {body::AttachmentRole::card, "card"},
          {body::AttachmentRole::parcel, "parcel"},
          {body::AttachmentRole::signature_image, "signature_image"},
          {body::AttachmentRole::result, "result"}});
TN_WORDS(body::MoneyKind, "MoneyKind",
         {{body::MoneyKind::fee, "fee"},
          {body::MoneyKind::charge, "charge"},
          {body::MoneyKind::postage, "postage"}});
TN_WORDS(body::Grade, "Grade",
         {{body::Grade::countersigned, "countersigned"},
          {body::Grade::one_time_code, "one_time_code"},
          {body::Grade::courier_statement, "courier_statement"}});
TN_WORDS(body::Direction, "Direction",
         {{body::Direction::to_desk, "to_desk"}, {body::Direction::to_courier, "to_courier"}});
TN_WORDS(body::Outcome, "Outcome",
         {{body::Outcome::counts, "counts"}, {body::Outcome::does_not_count, "does_not_count"}});
TN_WORDS(body::RevocationReason, "RevocationReason",
         {{body::RevocationReason::retired, "retired"},
          {body::RevocationReason::lost, "lost"},
          {body::RevocationReason::compromised, "compromised"}});
TN_WORDS(DocumentLine::Kind, "DocumentKind",
         {{DocumentLine::Kind::to_submit, "to_submit"},
          {DocumentLine::Kind::to_present, "to_present"},
          {DocumentLine::Kind::note, "note"},
          {DocumentLine::Kind::other, "other"}});
TN_WORDS(ProcedureTime::Unit, "TimeUnit",
         {{ProcedureTime::Unit::working_day, "working_day"},
          {ProcedureTime::Unit::calendar_day, "calendar_day"},
          {ProcedureTime::Unit::hour, "hour"},
          {ProcedureTime::Unit::month, "month"},
          {ProcedureTime::Unit::prose, "prose"},
          {ProcedureTime::Unit::same_day, "same_day"}});
TN_WORDS(ProcedureFee::Certainty, "FeeCertainty",
         {{ProcedureFee::Certainty::stated, "stated"},
          {ProcedureFee::Certainty::set_elsewhere, "set_elsewhere"},
          {ProcedureFee::Certainty::not_given, "not_given"}});
TN_WORDS(PostalPolicy::Answer, "PostalAnswer",
         {{PostalPolicy::Answer::no, "no"},
          {PostalPolicy::Answer::yes, "yes"},
          {PostalPolicy::Answer::candidate, "candidate"}});
TN_WORDS(IdentityWarning, "IdentityWarning",
         {{IdentityWarning::province_unknown, "province_unknown"},
          {IdentityWarning::sex_differs, "sex_differs"},
          {IdentityWarning::birth_year_differs, "birth_year_differs"},
          {IdentityWarning::old_number_unclear, "old_number_unclear"},
          {IdentityWarning::address_missing, "address_missing"}});

#undef TN_WORDS

}  // namespace tannha::core::json
