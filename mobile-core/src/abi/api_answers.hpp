#pragma once

#include "words.hpp"

/// The answers of the C ABI, as docs/core-api.md lists them.
namespace tannha::core::api {

#define TN_API_TYPE(Type) static constexpr std::string_view name = #Type

// Answers

struct Done {
  TN_API_TYPE(Done);
  static void fields(auto&, auto&) {}
};
/// What went wrong, as conventions 3 says.
struct ErrorInfo {
  TN_API_TYPE(Error);
  std::uint64_t code{};
  std::string error;
  std::string detail;
  std::string vi;
  std::string en;
  bool transient{};
  static void fields(auto& v, auto& s) {
    v("code", s.code), v("error", s.error), v("detail", s.detail), v("vi", s.vi), v("en", s.en);
    v("transient", s.transient);
  }
};
struct Written {
  TN_API_TYPE(Written);
  Id dossier{};
  Hash record{};
  static void fields(auto& v, auto& s) { v("dossier", s.dossier), v("record", s.record); }
};
struct Scanned {
  TN_API_TYPE(Scanned);
  Id dossier{};
  Hash record{};
  std::vector<IdentityWarning> warnings;
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("record", s.record), v("warnings", s.warnings);
  }
};

struct Stock {
  TN_API_TYPE(Stock);
  std::uint32_t slips{};
  std::uint32_t items{};
  std::uint32_t to_seal{};
  bool low{};
  static void fields(auto& v, auto& s) {
    v("slips", s.slips), v("items", s.items), v("toSeal", s.to_seal), v("low", s.low);
  }
};
struct Me {
  TN_API_TYPE(Me);
  Role role{};
  std::string unit;
  std::string label;
  Id actor{};
  std::string tenant;
  std::string tenant_name;
  std::uint64_t certificate_until_ms{};
  std::optional<Id> scope;
  static void fields(auto& v, auto& s) {
    v("role", s.role), v("unit", s.unit), v("label", s.label), v("actor", s.actor);
    v("tenant", s.tenant), v("tenantName", s.tenant_name);
    v("certificateUntilMs", s.certificate_until_ms), v("scope", s.scope);
  }
};
/// The vault: `made` false before the first PIN.
struct Status {
  TN_API_TYPE(Status);
  bool made{};
  bool locked{};
  bool needs_pin{};
  std::optional<Me> me;
  std::string server;
  std::uint64_t unsent_records{};
  std::uint64_t unsent_files{};
  std::uint64_t unsent_bytes{};
  bool files_held{};  ///< they wait for a cheap link
  std::optional<std::uint64_t> oldest_unsent_ms;
  std::optional<Stock> stock;
  bool syncing{};
  std::optional<std::uint64_t> synced_ms;
  std::optional<std::uint64_t> next_try_ms;
  std::optional<ErrorInfo> sync_error;
  std::int64_t server_ahead_ms{};
  std::uint64_t procedures{};
  std::optional<ErrorInfo> trouble;
  std::optional<body::RevocationReason> revoked;
  static void fields(auto& v, auto& s) {
    v("made", s.made), v("locked", s.locked), v("needsPin", s.needs_pin), v("me", s.me);
    v("server", s.server), v("unsentRecords", s.unsent_records), v("unsentFiles", s.unsent_files);
    v("unsentBytes", s.unsent_bytes), v("filesHeld", s.files_held);
    v("oldestUnsentMs", s.oldest_unsent_ms), v("stock", s.stock);
    v("syncing", s.syncing), v("syncedMs", s.synced_ms), v("nextTryMs", s.next_try_ms);
    v("syncError", s.sync_error), v("serverAheadMs", s.server_ahead_ms);
    v("procedures", s.procedures), v("trouble", s.trouble), v("revoked", s.revoked);
  }
};

/// Where the records about a dossier are: on this phone only, received by the registry, counting.
struct Where {
  TN_API_TYPE(Where);
  std::uint32_t here{};
  std::uint32_t received{};
  std::uint32_t accepted{};
  std::uint32_t held{};
  std::uint32_t refused{};
  std::uint32_t files_here{};
  std::optional<ErrorInfo> why;
  static void fields(auto& v, auto& s) {
    v("here", s.here), v("received", s.received), v("accepted", s.accepted), v("held", s.held);
    v("refused", s.refused), v("filesHere", s.files_here), v("why", s.why);
  }
};
struct DossierLine {
  TN_API_TYPE(DossierLine);
  Id id{};
  Stage stage{};
  std::string procedure;
  std::string procedure_name;
  std::string unit;
  std::string owner;
  std::string phone;
  std::string address;
  std::optional<std::uint64_t> visit_from_ms;
  std::optional<std::uint64_t> visit_until_ms;
  Custodian custodian{};
  std::string send_slip_no;
  std::string item_id;
  std::string dossier_code;
  std::optional<std::uint64_t> due_ms;
  std::uint64_t money_dong{};
  std::uint64_t cash_dong{};
  std::uint32_t handovers{};
  std::uint32_t delivery_attempts{};
  std::optional<Hash> offer;  ///< waits for its receiver
  std::optional<body::Direction> offer_direction;
  bool citizen_bound{};
  Where where;
  static void fields(auto& v, auto& s) {
    v("id", s.id), v("stage", s.stage), v("procedure", s.procedure);
    v("procedureName", s.procedure_name), v("unit", s.unit), v("owner", s.owner);
    v("phone", s.phone), v("address", s.address), v("visitFromMs", s.visit_from_ms);
    v("visitUntilMs", s.visit_until_ms), v("custodian", s.custodian);
    v("sendSlipNo", s.send_slip_no), v("itemId", s.item_id), v("dossierCode", s.dossier_code);
    v("dueMs", s.due_ms), v("moneyDong", s.money_dong), v("cashDong", s.cash_dong);
    v("handovers", s.handovers), v("deliveryAttempts", s.delivery_attempts), v("offer", s.offer);
    v("offerDirection", s.offer_direction), v("citizenBound", s.citizen_bound);
    v("where", s.where);
  }
};
struct DossierList {
  TN_API_TYPE(DossierList);
  std::vector<DossierLine> dossiers;
  static void fields(auto& v, auto& s) { v("dossiers", s.dossiers); }
};

struct FieldView {
  TN_API_TYPE(Field);
  std::string field;
  std::vector<std::string> values;
  static void fields(auto& v, auto& s) { v("field", s.field), v("values", s.values); }
};
struct DocumentCountView {
  TN_API_TYPE(DocumentCount);
  std::uint32_t line{};
  std::string title;
  std::uint32_t originals{};
  std::uint32_t certified{};
  std::uint32_t photocopies{};
  static void fields(auto& v, auto& s) {
    v("line", s.line), v("title", s.title), v("originals", s.originals);
    v("certified", s.certified), v("photocopies", s.photocopies);
  }
};
struct DocumentLineView {
  TN_API_TYPE(DocumentLine);
  std::uint32_t line{};
  DocumentLine::Kind kind{};
  std::string case_text;
  std::string title;
  std::uint32_t originals{};
  std::uint32_t copies{};
  static void fields(auto& v, auto& s) {
    v("line", s.line), v("kind", s.kind), v("case", s.case_text), v("title", s.title);
    v("originals", s.originals), v("copies", s.copies);
  }
};
struct AttachmentView {
  TN_API_TYPE(Attachment);
  Hash hash{};
  std::uint64_t size{};
  std::string media_type;
  body::AttachmentRole role{};
  std::uint32_t line{};
  bool here{};
  static void fields(auto& v, auto& s) {
    v("hash", s.hash), v("size", s.size), v("mediaType", s.media_type), v("role", s.role);
    v("line", s.line), v("here", s.here);
  }
};
/// Whom the certificate of a record's log names.
struct Signer {
  TN_API_TYPE(Signer);
  Role role{};
  std::string unit;
  std::string label;
  static void fields(auto& v, auto& s) {
    v("role", s.role), v("unit", s.unit), v("label", s.label);
  }
};
struct RecordView {
  TN_API_TYPE(Record);
  Hash hash{};
  std::string type;
  Verdict verdict{};
  std::optional<ErrorInfo> why;
  bool received{};
  bool own{};
  std::uint64_t claimed_ms{};
  std::optional<std::uint64_t> received_ms;  ///< when the registry had it, by its receipt
  std::optional<Signer> signer;
  static void fields(auto& v, auto& s) {
    v("hash", s.hash), v("type", s.type), v("verdict", s.verdict), v("why", s.why);
    v("received", s.received), v("own", s.own), v("claimedMs", s.claimed_ms);
    v("receivedMs", s.received_ms), v("signer", s.signer);
  }
};
/// What the sealed record says, and a confirmation is about.
struct SlipView {
  TN_API_TYPE(Slip);
  std::string send_slip_no;
  std::string item_id;
  std::string seal_no;
  std::vector<DocumentCountView> documents;
  std::vector<Hash> photos;
  std::uint64_t money_dong{};
  static void fields(auto& v, auto& s) {
    v("sendSlipNo", s.send_slip_no), v("itemId", s.item_id), v("sealNo", s.seal_no);
    v("documents", s.documents), v("photos", s.photos), v("moneyDong", s.money_dong);
  }
};
/// Money that was taken at the door.
struct TakingView {
  TN_API_TYPE(Taking);
  Hash record{};
  body::MoneyKind kind{};
  std::uint64_t amount_dong{};
  bool cash{};
  static void fields(auto& v, auto& s) {
    v("record", s.record), v("kind", s.kind), v("amountDong", s.amount_dong), v("cash", s.cash);
  }
};
struct DossierView {
  TN_API_TYPE(Dossier);
  DossierLine line;
  std::optional<body::ServiceKind> service;
  std::vector<FieldView> values;
  std::vector<DocumentCountView> documents;
  std::vector<DocumentLineView> uncounted;
  std::vector<AttachmentView> attachments;
  std::vector<TakingView> takings;
  std::optional<Hash> sealed;
  std::string seal_no;
  std::optional<SlipView> slip;
  std::optional<body::Grade> confirmation;
  bool code_sent{};     ///< the citizen has a one-time code that is still good
  bool code_claimed{};  ///< one was typed for this slip; the registry has not compared it yet
  std::optional<Hash> delivered;
  bool delivery_confirmed{};
  std::vector<std::string> supplement_items;
  std::string refusal_reason;
  std::vector<Hash> disputed;  ///< hand-overs of an open dispute, of which one is to be chosen
  std::vector<RecordView> records;
  static void fields(auto& v, auto& s) {
    v("line", s.line), v("service", s.service), v("fields", s.values);
    v("documents", s.documents), v("uncounted", s.uncounted), v("attachments", s.attachments);
    v("takings", s.takings), v("sealed", s.sealed), v("sealNo", s.seal_no), v("slip", s.slip);
    v("confirmation", s.confirmation), v("codeSent", s.code_sent);
    v("codeClaimed", s.code_claimed), v("delivered", s.delivered);
    v("deliveryConfirmed", s.delivery_confirmed);
    v("supplementItems", s.supplement_items), v("refusalReason", s.refusal_reason);
    v("disputed", s.disputed), v("records", s.records);
  }
};

struct TimeView {
  TN_API_TYPE(TimeLimit);
  std::optional<std::uint32_t> count;
  ProcedureTime::Unit unit{};
  std::string text;
  static void fields(auto& v, auto& s) { v("count", s.count), v("unit", s.unit), v("text", s.text); }
};
struct FeeView {
  TN_API_TYPE(Fee);
  std::optional<std::uint64_t> amount_dong;
  ProcedureFee::Certainty certainty{};
  std::string text;
  static void fields(auto& v, auto& s) {
    v("amountDong", s.amount_dong), v("certainty", s.certainty), v("text", s.text);
  }
};
struct ProcedureLine {
  TN_API_TYPE(ProcedureLine);
  std::string code;
  std::string title;
  std::string field;
  PostalPolicy::Answer by_post{};
  static void fields(auto& v, auto& s) {
    v("code", s.code), v("title", s.title), v("field", s.field), v("byPost", s.by_post);
  }
};
struct ProcedureList {
  TN_API_TYPE(ProcedureList);
  std::vector<ProcedureLine> procedures;
  static void fields(auto& v, auto& s) { v("procedures", s.procedures); }
};
struct ProcedureView {
  TN_API_TYPE(Procedure);
  ProcedureLine line;
  PostalPolicy::Answer result_by_post{};
  bool presence_required{};
  std::string result;
  std::string decision;
  std::vector<TimeView> times;
  std::optional<FeeView> fee;
  std::vector<DocumentLineView> documents;
  static void fields(auto& v, auto& s) {
    v("line", s.line), v("resultByPost", s.result_by_post);
    v("presenceRequired", s.presence_required), v("result", s.result);
    v("decision", s.decision), v("times", s.times), v("fee", s.fee);
    v("documents", s.documents);
  }
};
/// A WebSocket's address and its first message. Empty: it is too early.
struct Live {
  TN_API_TYPE(Live);
  std::string url;
  Bytes hello;
  static void fields(auto& v, auto& s) { v("url", s.url), v("hello", s.hello); }
};
struct Parcel {
  TN_API_TYPE(Parcel);
  std::string text;
  static void fields(auto& v, auto& s) { v("text", s.text); }
};
struct Taken {
  TN_API_TYPE(Taken);
  std::vector<RecordView> records;
  std::optional<Id> dossier;
  static void fields(auto& v, auto& s) { v("records", s.records), v("dossier", s.dossier); }
};
struct WorkItem {
  TN_API_TYPE(WorkItem);
  Id dossier{};
  RecordView record;
  std::uint64_t officers_needed{};
  static void fields(auto& v, auto& s) {
    v("dossier", s.dossier), v("record", s.record), v("officersNeeded", s.officers_needed);
  }
};
struct WorkItems {
  TN_API_TYPE(WorkItems);
  std::vector<WorkItem> items;
  static void fields(auto& v, auto& s) { v("items", s.items); }
};

#undef TN_API_TYPE

}  // namespace tannha::core::api
