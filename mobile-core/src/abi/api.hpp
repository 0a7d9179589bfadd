#pragma once

#include "api_answers.hpp"

/// The requests and events of the C ABI, as docs/core-api.md lists them. A request is named by its
/// "@type" and may carry a "@key" (session.hpp).
namespace tannha::core::api {

#define TN_API_TYPE(Type) static constexpr std::string_view name = #Type

// Requests: `Answer` is what comes back.

#define TN_REQUEST(Type, AnswerType)                 \
  static constexpr std::string_view name = #Type;    \
  using Answer = AnswerType

struct status {
  TN_REQUEST(status, Status);
  static void fields(auto&, auto&) {}
};
struct unlock {
  TN_REQUEST(unlock, Done);
  std::string pin;
  static void fields(auto& v, auto& s) { v("pin", s.pin); }
};
struct lock {
  TN_REQUEST(lock, Done);
  static void fields(auto&, auto&) {}
};
/// The person is there: an unused vault locks itself. What writes a record says so too.
struct touch {
  TN_REQUEST(touch, Done);
  static void fields(auto&, auto&) {}
};
/// The first PIN makes the vault.
struct setPin {
  TN_REQUEST(setPin, Done);
  std::optional<std::string> now;
  std::string next;
  static void fields(auto& v, auto& s) { v("now", s.now), v("next", s.next); }
};
/// Makes the vault with the platform's key alone: for whoever has no PIN.
struct makeVault {
  TN_REQUEST(makeVault, Done);
  static void fields(auto&, auto&) {}
};
/// Fills a new store, whose vault is made, with a made-up round that never leaves it.
struct train {
  TN_REQUEST(train, Done);
  static void fields(auto&, auto&) {}
};
/// Keeps attachments here until it is said otherwise, also after a restart; records always go.
struct holdFiles {
  TN_REQUEST(holdFiles, Done);
  bool hold{};
  static void fields(auto& v, auto& s) { v("hold", s.hold); }
};
struct enrol {
  TN_REQUEST(enrol, Done);
  std::string link;
  static void fields(auto& v, auto& s) { v("link", s.link); }
};
struct sync {
  TN_REQUEST(sync, Done);
  static void fields(auto&, auto&) {}
};
/// What to open for news: any message that comes there is a reason for `sync`.
struct live {
  TN_REQUEST(live, Live);
  static void fields(auto&, auto&) {}
};
struct newKey {
  TN_REQUEST(newKey, Done);
  static void fields(auto&, auto&) {}
};
struct dossiers {
  TN_REQUEST(dossiers, DossierList);
  static void fields(auto&, auto&) {}
};
struct round {
  TN_REQUEST(round, DossierList);
  static void fields(auto&, auto&) {}
};
struct queue {
  TN_REQUEST(queue, DossierList);
  static void fields(auto&, auto&) {}
};
struct dossier {
  TN_REQUEST(dossier, DossierView);
  Id id{};
  static void fields(auto& v, auto& s) { v("dossier", s.id); }
};
struct procedures {
  TN_REQUEST(procedures, ProcedureList);
  std::string text;
  std::uint32_t limit{};
  static void fields(auto& v, auto& s) { v("text", s.text), v("limit", s.limit); }
};
struct procedure {
  TN_REQUEST(procedure, ProcedureView);
  std::string code;
  static void fields(auto& v, auto& s) { v("code", s.code); }
};
struct addNote {
  TN_REQUEST(addNote, Written);
  Id dossier{};
  std::string text;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("text", s.text); }
};

/// Of an attachment that is not on this device; `fileHere` tells when it can be read.
struct fetchFile {
  TN_REQUEST(fetchFile, Done);
  Hash hash{};
  static void fields(auto& v, auto& s) { v("hash", s.hash); }
};

// The dispatcher's; a link for the citizen also the officer's
struct requestPickup {
  TN_REQUEST(requestPickup, Written);
  std::string procedure;
  std::string unit;
  body::ServiceKind service{};
  std::string owner;
  std::string phone;
  std::string address;
  std::optional<std::uint64_t> visit_from_ms;
  std::optional<std::uint64_t> visit_until_ms;
  static void fields(auto& v, auto& s) {
    v("procedure", s.procedure), v("unit", s.unit), v("service", s.service), v("owner", s.owner);
    v("phone", s.phone), v("address", s.address), v("visitFromMs", s.visit_from_ms);
    v("visitUntilMs", s.visit_until_ms);
  }
};
struct assign {
  TN_REQUEST(assign, Written);
  Id dossier{};
  Id courier{};
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("courier", s.courier); }
};
struct citizenLink {
  TN_REQUEST(citizenLink, Done);
  Id dossier{};
  static void fields(auto& v, auto& s) { v("dossier", s.dossier); }
};

// The courier's
struct openDossier {
  TN_REQUEST(openDossier, Written);
  std::optional<Id> dossier;
  std::string procedure;
  body::ServiceKind service{};
  std::optional<std::string> procedure_case;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("procedure", s.procedure), v("service", s.service);
    v("case", s.procedure_case);
  }
};
struct scanCard {
  TN_REQUEST(scanCard, Scanned);
  Id dossier{};
  std::string text;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("text", s.text); }
};
struct writeField {
  TN_REQUEST(writeField, Written);
  Id dossier{};
  std::string field;
  std::string value;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("field", s.field), v("value", s.value);
  }
};
struct checkDocument {
  TN_REQUEST(checkDocument, Written);
  Id dossier{};
  DocumentCountView count;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("count", s.count); }
};
struct takeMoney {
  TN_REQUEST(takeMoney, Written);
  Id dossier{};
  body::MoneyKind kind{};
  std::uint64_t amount_dong{};
  bool cash{};
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("kind", s.kind), v("amountDong", s.amount_dong), v("cash", s.cash);
  }
};
struct seal {
  TN_REQUEST(seal, Written);
  Id dossier{};
  std::string seal_no;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("sealNo", s.seal_no); }
};
struct supplement {
  TN_REQUEST(supplement, Written);
  Id dossier{};
  std::string text;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("text", s.text); }
};
struct offerHandover {
  TN_REQUEST(offerHandover, Written);
  std::string unit;
  std::vector<Id> dossiers;
  static void fields(auto& v, auto& s) { v("unit", s.unit), v("dossiers", s.dossiers); }
};
struct acceptReturn {
  TN_REQUEST(acceptReturn, Written);
  Hash offer{};
  static void fields(auto& v, auto& s) { v("offer", s.offer); }
};
struct attemptDelivery {
  TN_REQUEST(attemptDelivery, Written);
  Id dossier{};
  std::string reason;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("reason", s.reason); }
};
/// Whether a text is an S10 item code with a right check digit.
struct checkItemCode {
  TN_REQUEST(checkItemCode, Done);
  std::string text;
  static void fields(auto& v, auto& s) { v("text", s.text); }
};

struct confirmByCode {
  TN_REQUEST(confirmByCode, Written);
  Id dossier{};
  std::string code;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("code", s.code); }
};

// From phone to phone
struct makeParcel {
  TN_REQUEST(makeParcel, Parcel);
  std::vector<Hash> records;
  static void fields(auto& v, auto& s) { v("records", s.records); }
};
struct takeParcel {
  TN_REQUEST(takeParcel, Taken);
  std::string text;
  static void fields(auto& v, auto& s) { v("text", s.text); }
};

// The citizen's
struct confirm {
  TN_REQUEST(confirm, Written);
  Hash sealed{};
  static void fields(auto& v, auto& s) { v("sealed", s.sealed); }
};
struct confirmDelivery {
  TN_REQUEST(confirmDelivery, Written);
  Hash delivered{};
  static void fields(auto& v, auto& s) { v("delivered", s.delivered); }
};
struct rate {
  TN_REQUEST(rate, Written);
  Id dossier{};
  std::uint32_t satisfaction{};
  std::string text;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("satisfaction", s.satisfaction), v("text", s.text);
  }
};

// The officer's
struct acceptHandover {
  TN_REQUEST(acceptHandover, Written);
  Hash offer{};
  std::vector<Id> missing;
  static void fields(auto& v, auto& s) { v("offer", s.offer), v("missing", s.missing); }
};
struct accept {
  TN_REQUEST(accept, Written);
  Id dossier{};
  static void fields(auto& v, auto& s) { v("dossier", s.dossier); }
};
struct requestSupplement {
  TN_REQUEST(requestSupplement, Written);
  Id dossier{};
  std::vector<std::string> items;
  std::string reason;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("items", s.items), v("reason", s.reason);
  }
};
struct refuse {
  TN_REQUEST(refuse, Written);
  Id dossier{};
  std::string reason;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("reason", s.reason); }
};
struct forward {
  TN_REQUEST(forward, Written);
  Id dossier{};
  std::string step;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("step", s.step); }
};
struct finish {
  TN_REQUEST(finish, Written);
  Id dossier{};
  std::string result;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("result", s.result); }
};
struct offerReturn {
  TN_REQUEST(offerReturn, Written);
  std::vector<Id> dossiers;
  static void fields(auto& v, auto& s) { v("dossiers", s.dossiers); }
};
struct workItems {
  TN_REQUEST(workItems, WorkItems);
  static void fields(auto&, auto&) {}
};
struct adjudicate {
  TN_REQUEST(adjudicate, Written);
  Hash held{};
  body::Outcome outcome{};
  std::string reason;
  static void fields(auto& v, auto& s) {
    v("held", s.held), v("outcome", s.outcome), v("reason", s.reason);
  }
};
struct resolveDispute {
  TN_REQUEST(resolveDispute, Written);
  Id dossier{};
  Hash link{};
  std::string reason;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("link", s.link), v("reason", s.reason);
  }
};

/// Calls `f.template operator()<Request>()` for each, until one returns true.
bool any_request(auto&& f) {
  return [&]<class... R>(std::tuple<R...>*) {
    return (f.template operator()<R>() || ...);
  }(static_cast<std::tuple<
        status, unlock, lock, touch, setPin, makeVault, train, holdFiles, enrol, sync, live, newKey, dossiers, round, queue, dossier,
        procedures, procedure, addNote, fetchFile, requestPickup, assign, citizenLink, openDossier, scanCard, writeField, checkDocument, takeMoney,
        seal, supplement, offerHandover, acceptReturn, attemptDelivery, checkItemCode, makeParcel,
        takeParcel, confirmByCode, confirm, confirmDelivery, rate, acceptHandover, accept, requestSupplement,
        refuse, forward, finish, offerReturn, workItems, adjudicate, resolveDispute>*>(nullptr));
}

// Events

/// Dossiers may look otherwise than before.
struct changed {
  TN_API_TYPE(changed);
  static void fields(auto&, auto&) {}
};
struct enrolled {
  TN_API_TYPE(enrolled);
  static void fields(auto&, auto&) {}
};
struct synced {
  TN_API_TYPE(synced);
  std::uint32_t received{};
  std::uint32_t rejected{};
  std::uint32_t pulled{};
  std::uint32_t files{};
  static void fields(auto& v, auto& s) {
    v("received", s.received), v("rejected", s.rejected), v("pulled", s.pulled);
    v("files", s.files);
  }
};
/// @param nextTryMs none: somebody has to do something first
struct syncFailed {
  TN_API_TYPE(syncFailed);
  ErrorInfo error;
  std::optional<std::uint64_t> next_try_ms;
  static void fields(auto& v, auto& s) { v("error", s.error), v("nextTryMs", s.next_try_ms); }
};
struct locked {
  TN_API_TYPE(locked);
  static void fields(auto&, auto&) {}
};
struct linkForCitizen {
  TN_API_TYPE(linkForCitizen);
  Id dossier{};
  std::string link;
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("link", s.link); }
};
struct fileHere {
  TN_API_TYPE(fileHere);
  Hash hash{};
  static void fields(auto& v, auto& s) { v("hash", s.hash); }
};
/// `citizenLink` or `fetchFile` did not work out; it is not tried again by itself.
struct errandFailed {
  TN_API_TYPE(errandFailed);
  std::optional<Id> dossier;
  std::optional<Hash> hash;
  ErrorInfo error;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("hash", s.hash), v("error", s.error);
  }
};

// Beside them

struct OpenOptions {
  TN_API_TYPE(OpenOptions);
  std::string path;
  std::optional<Bytes> platform_key;
  static void fields(auto& v, auto& s) { v("path", s.path), v("platformKey", s.platform_key); }
};
struct SyncCall {
  TN_API_TYPE(SyncCall);
  std::uint64_t call{};
  std::string method;
  std::string url;
  std::string content_type;
  std::string content_encoding;
  std::string bearer;
  std::uint64_t timeout_ms{};
  static void fields(auto& v, auto& s) {
    v("call", s.call), v("method", s.method), v("url", s.url), v("contentType", s.content_type);
    v("contentEncoding", s.content_encoding), v("bearer", s.bearer), v("timeoutMs", s.timeout_ms);
  }
};
/// @param status of HTTP; 0: no answer came
struct SyncHead {
  TN_API_TYPE(SyncHead);
  std::uint64_t call{};
  std::uint32_t status{};
  std::optional<std::uint32_t> retry_after_s;
  static void fields(auto& v, auto& s) {
    v("call", s.call), v("status", s.status), v("retryAfterS", s.retry_after_s);
  }
};
enum class BlobUse : std::uint8_t { photo, confirm_by_statement, deliver };
}  // namespace tannha::core::api

namespace tannha::core::json {
template <>
struct Words<api::BlobUse> {
  static constexpr std::string_view name = "BlobUse";
  static constexpr auto all = std::to_array<Word<api::BlobUse>>(
      {{api::BlobUse::photo, "photo"},
       {api::BlobUse::confirm_by_statement, "confirm_by_statement"},
       {api::BlobUse::deliver, "deliver"}});
};
}  // namespace tannha::core::json

namespace tannha::core::api {
struct BlobBegin {
  TN_API_TYPE(BlobBegin);
  BlobUse use{};
  Id dossier{};
  std::uint64_t size{};
  std::optional<body::AttachmentRole> role;
  std::optional<std::uint32_t> line;
  std::optional<std::string> document;
  std::optional<Id> key;
  static void fields(auto& v, auto& s) {
    v("use", s.use), v("dossier", s.dossier), v("size", s.size), v("role", s.role);
    v("line", s.line), v("document", s.document), v("key", s.key);
  }
};

#undef TN_API_TYPE
#undef TN_REQUEST

}  // namespace tannha::core::api
