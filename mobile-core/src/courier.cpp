#include "tannha/core/courier.hpp"

#include <algorithm>

#include "tannha/protocol/card_text.hpp"
#include "tannha/protocol/heap_sort.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/media.hpp"
#include "tannha/protocol/personal_number.hpp"
#include "tannha/protocol/phone_number.hpp"

namespace tannha::core {
namespace {

constexpr std::string_view jpeg_type = "image/jpeg";
/// How far the registry's clock may be from what a device makes of it, on the side of the code.
constexpr std::uint64_t clock_tolerance_ms = 12ULL * 60 * 60 * 1000;

bool is_ours_to_do(const DossierSummary& d) {
  const bool at_the_door = d.stage >= Stage::requested && d.stage <= Stage::confirmed;
  const bool to_bring_back = d.custodian == Custodian::courier && d.handovers > 0;
  const bool offered_to_us = d.offer_direction == body::Direction::to_courier;
  return at_the_door || d.stage == Stage::needs_supplement || to_bring_back || offered_to_us ||
         d.to_pay;
}

/// dd/MM/yyyy, without the parts that the card does not have.
std::string birth_date_text(const BirthDate& date) {
  const auto two_digits = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n) + "/"; };
  std::string text;
  if (date.day) text += two_digits(static_cast<unsigned>(*date.day));
  if (date.month) text += two_digits(static_cast<unsigned>(*date.month));
  return text + std::to_string(static_cast<int>(date.year));
}

/// The records whose values a new write replaces: what this device shows under the name, and the
/// suggestions that it answers. A record names so many and no more; others may suggest without end,
/// and what is left over is answered by the next write.
std::vector<Hash> shown(const Dossier& d, const std::vector<body::Field>& items) {
  std::vector<Hash> refs;
  const auto name_it = [&](const Hash& record) {
    if (refs.size() == limits::record_refs_max) return;
    if (std::ranges::find(refs, record) == refs.end()) refs.push_back(record);
  };
  for (const body::Field& item : items) {
    const auto it = d.fields.find(item.name);
    if (it == d.fields.end()) continue;
    for (const Dossier::FieldValue& value : it->second) name_it(value.record);
  }
  for (const Dossier::ListedValue& suggestion : d.suggestions) {
    const auto answer = std::ranges::find(items, suggestion.name, &body::Field::name);
    if (answer != items.end()) name_it(suggestion.value.record);
  }
  heap_sort(refs);
  return refs;
}

}  // namespace

Result<std::vector<DossierSummary>> Courier::round() {
  TN_CHECK(replica().ready());
  TN_TRY(std::vector<DossierSummary> all, replica().summaries());
  const Id me = replica().identity()->certificate.actor;
  std::erase_if(all,
                [&](const DossierSummary& d) { return d.courier != me || !is_ours_to_do(d); });
  return all;
}

Result<Id> Courier::open(const std::optional<Id>& requested, std::string_view procedure,
                         body::ServiceKind service,
                         const std::optional<std::string>& procedure_case) {
  TN_CHECK(replica().ready());
  const Procedure* entry = catalogue_.find(procedure);
  if (!entry) return fail(errc::procedure_unknown);
  if (entry->postal.submit == PostalPolicy::Answer::no) return fail(errc::procedure_not_by_post);
  body::DossierOpened opened;
  opened.procedure = procedure;
  opened.unit = replica().identity()->certificate.unit;
  opened.channel = body::Channel::postal;
  opened.service = service;
  opened.catalogue_version = catalogue_.version();
  opened.procedure_case = procedure_case;
  const Id id = requested.value_or(replica().make_id());
  if (requested) {
    TN_TRY(const Dossier& d, dossier(*requested));
    opened.unit = d.unit;
  }
  TN_CHECK(write(id, {}, opened));
  return id;
}

Result<Courier::Scan> Courier::scan_card(const Id& id, std::string_view text) {
  TN_TRY(const CardText& card, parse_card_text(text));
  body::FieldsWritten written;
  const auto put = [&](std::string name, std::string value) {
    if (!value.empty()) written.items.push_back({std::move(name), std::move(value)});
  };
  put("owner_name", card.name);
  put("owner_personal_number", card.personal_number.digits);
  put("owner_birth_date", birth_date_text(card.birth_date));
  put("owner_sex", card.sex == Sex::female ? "Nữ" : "Nam");
  put("owner_address", card.address);
  if (card.old_number) put("owner_old_number", card.old_number->digits);
  put("card_text_hash", to_hex(card.raw_hash));
  TN_TRY(const Dossier& d, dossier(id));
  Scan scan;
  TN_TRY(scan.record, write(id, shown(d, written.items), written, &d));
  scan.warnings = card.warnings;
  return scan;
}

Result<Record> Courier::write_field(const Id& id, std::string_view name, std::string_view value) {
  body::Field field;
  TN_TRY(field.name, typed(name));
  if (field.name.size() > limits::field_name_bytes_max) {
    return fail(errc::argument_invalid, "name");
  }
  TN_TRY(field.value, typed(value));
  if (name == "owner_phone") {
    TN_TRY(const auto& phone, parse_phone_number(value));
    field.value = phone.e164;
  } else if (name == "owner_personal_number") {
    TN_TRY(const auto& number, parse_personal_number(value));
    field.value = number.digits;
  }
  TN_TRY(const Dossier& d, dossier(id));
  const body::FieldsWritten written{{field}};
  return write(id, shown(d, written.items), written, &d);
}

Result<Record> Courier::check_document(const Id& id, std::uint32_t line, std::string_view name,
                                       std::uint32_t originals, std::uint32_t certified,
                                       std::uint32_t photocopies) {
  TN_TRY(const Dossier& d, dossier(id));
  body::DocumentCount count{line, std::string(name), originals, certified, photocopies};
  if (line != 0) {
    const Procedure* entry = catalogue_.find(d.procedure);
    if (!entry || line > entry->documents.size()) {
      return fail(errc::argument_invalid, "no such line in the checklist");
    }
    count.name = entry->documents[line - 1].name;
  }
  TN_TRY(count.name, typed(count.name));
  return write(id, {}, body::DocumentChecked{std::move(count)}, &d);
}

Result<Record> Courier::add_photo(const Id& id, BytesView jpeg, body::AttachmentRole role,
                                  std::uint32_t line) {
  if (sniff_media_type(jpeg) != jpeg_type) return fail(errc::not_a_jpeg);
  TN_TRY(auto change, replica().begin());
  TN_TRY(const Hash& hash, change.attach(jpeg, jpeg_type));
  TN_TRY(Record record, write(change, id, {},
                              body::AttachmentAdded{.hash = hash,
                                                    .size = jpeg.size(),
                                                    .media_type = std::string(jpeg_type),
                                                    .role = role,
                                                    .line = line}));
  TN_CHECK(change.commit());
  return record;
}

Result<Record> Courier::take_money(const Id& id, body::MoneyKind kind, std::uint64_t amount_dong,
                                   bool cash) {
  if (amount_dong > limits::money_dong_max) return fail(errc::argument_invalid, "amount");
  return write(id, {}, body::FeeTaken{kind, amount_dong, cash});
}

Result<std::vector<DocumentLine>> Courier::uncounted(const Id& id) {
  TN_TRY(const Dossier& d, dossier(id));
  const Procedure* entry = catalogue_.find(d.procedure);
  if (!entry) return fail(errc::procedure_unknown);
  return uncounted(d, *entry);
}

std::vector<DocumentLine> Courier::uncounted(const Dossier& d, const Procedure& procedure) {
  std::vector<DocumentLine> lines;
  for (const DocumentLine& line : procedure.documents) {
    const bool countable = line.kind == DocumentLine::Kind::to_submit ||
                           line.kind == DocumentLine::Kind::to_present;
    if (countable && !d.documents.contains(line.number)) lines.push_back(line);
  }
  return lines;
}

Result<Record> Courier::seal(const Id& id, std::string_view seal_no) {
  TN_TRY(const Dossier& d, dossier(id));
  if (d.documents.empty() || d.field("owner_name").empty()) return fail(errc::dossier_incomplete);
  if (d.documents.size() > limits::procedure_documents_max) return fail(errc::record_too_large);
  TN_TRY(auto change, replica().begin());
  body::Sealed slip;
  TN_TRY(slip.send_slip_no, change.take_number(body::NumberKind::send_slip));
  TN_TRY(slip.item_id, change.take_number(body::NumberKind::item));
  TN_TRY(slip.seal_no, typed(seal_no));
  for (const auto& [line, count] : d.documents) slip.documents.push_back(count);
  // The slip names the photos that this device can deliver. One that was lost with another device
  // must not keep the dossier incomplete for ever.
  for (const body::AttachmentAdded& a : d.attachments) {
    TN_TRY(const bool is_here, replica().store().has_attachment(a.hash));
    if (is_here) slip.attachments.push_back(a.hash);
  }
  slip.money_dong = d.money_dong;
  TN_TRY(Record record, write(change, id, d.capture_heads, slip));
  TN_CHECK(change.commit());
  return record;
}

Result<Hash> Courier::attach_signature(Replica::Change& change, const Id& id,
                                       const std::vector<Hash>& refs, BytesView jpeg) {
  if (sniff_media_type(jpeg) != jpeg_type) return fail(errc::not_a_jpeg);
  TN_TRY(const Hash& image, change.attach(jpeg, jpeg_type));
  TN_CHECK(write(change, id, refs,
                 body::AttachmentAdded{.hash = image,
                                       .size = jpeg.size(),
                                       .media_type = std::string(jpeg_type),
                                       .role = body::AttachmentRole::signature_image,
                                       .line = 0}));
  return image;
}

Result<Record> Courier::confirm_by_statement(const Id& id, BytesView signature_jpeg) {
  TN_TRY(const Dossier& d, dossier(id));
  if (!d.sealed) return fail(errc::step_out_of_order);
  TN_TRY(auto change, replica().begin());
  TN_TRY(const Hash& image, attach_signature(change, id, {}, signature_jpeg));
  TN_TRY(Record record, write(change, id, {*d.sealed},
                              body::Confirmed{.grade = body::Grade::courier_statement,
                                              .countersignature = {},
                                              .signature_image = image,
                                              .code = {}}));
  TN_CHECK(change.commit());
  return record;
}

Result<bool> Courier::has_good_code(const Dossier& d) {
  if (!d.code_sent_on || d.code_used) return false;
  TN_TRY(const bool may_have_one, replica().may_have_codes());
  if (!may_have_one) return false;
  TN_TRY(const auto& sent, replica().record(*d.code_sent_on));
  // When the registry got it, nobody else can say; without that the registry is left to judge.
  if (!sent || !sent->receipt || !sent->receipt->window) return true;
  TN_TRY(const std::uint64_t now, replica().server_now_ms());
  return now <= sent->receipt->window->not_after_ms + limits::one_time_code_life_ms +
                    clock_tolerance_ms;
}

Result<Record> Courier::confirm_by_code(const Id& id, std::string_view code) {
  TN_TRY(const Dossier& d, dossier(id));
  if (!d.sealed || !d.code_sent_on) return fail(errc::step_out_of_order);
  std::string digits;
  for (const char c : code) {
    if (c >= '0' && c <= '9') digits += c;
    else if (c != ' ') return fail(errc::argument_invalid, "code");
  }
  if (digits.size() != limits::one_time_code_digits) return fail(errc::argument_invalid, "code");
  TN_TRY(const bool is_good, has_good_code(d));
  if (!is_good) return fail(d.code_used ? errc::code_used : errc::code_expired);
  return write(id, {*d.sealed, *d.code_sent_on},
               body::Confirmed{.grade = body::Grade::one_time_code,
                               .countersignature = {},
                               .signature_image = {},
                               .code = std::move(digits)});
}

Result<Record> Courier::supplement(const Id& id, std::string_view text) {
  TN_TRY(const Dossier& d, dossier(id));
  if (!d.supplement) return fail(errc::step_out_of_order);
  TN_TRY(std::string words, typed(text));
  return write(id, {*d.supplement}, body::Supplemented{std::move(words)});
}

Result<Record> Courier::offer_handover(std::string_view unit, const std::vector<Id>& bag) {
  if (bag.empty() || bag.size() > limits::record_refs_max) {
    return fail(errc::argument_invalid, "bag");
  }
  body::HandoverOffered offer;
  offer.direction = body::Direction::to_desk;
  offer.unit = unit;
  std::vector<Hash> refs;
  for (const Id& id : bag) {
    TN_TRY(const Dossier& d, dossier(id));
    if (!d.sealed || !d.slip) return fail(errc::step_out_of_order, "not sealed " + uuid_text(id));
    offer.items.push_back(
        {id, d.slip->send_slip_no, d.slip->item_id, *d.sealed, d.last_link});
    refs.push_back(*d.sealed);
  }
  return write(replica().make_id(), std::move(refs), offer);
}

Result<Record> Courier::accept_return(const Hash& offer) {
  TN_TRY(const auto& stored, replica().record(offer));
  if (!stored) return fail(errc::store_not_found, "hand-over record");
  const Record& paper = stored->evidence.record;
  TN_TRY(const auto& terms, body::decode<body::HandoverOffered>(paper.body));
  body::HandoverAccepted answer;
  for (const body::HandoverItem& item : terms.items) answer.taken.push_back(item.dossier);
  TN_TRY(answer.countersignature, replica().countersign(paper));
  return write(paper.header.subject, {offer}, answer);
}

Result<Record> Courier::attempt_delivery(const Id& id, std::string_view reason) {
  TN_TRY(std::string words, typed(reason));
  TN_TRY(const Dossier& d, dossier(id));
  if (!d.custody) return fail(errc::step_out_of_order);
  return write(id, {*d.custody}, body::DeliveryAttempted{std::move(words)});
}

Result<Record> Courier::deliver(const Id& id, std::string_view document, BytesView signature_jpeg) {
  TN_TRY(const Dossier& d, dossier(id));
  if (!d.decision || !d.custody) return fail(errc::step_out_of_order);
  // Both are named, so that the delivery waits for the desk's records when ours arrive first.
  const std::vector<Hash> refs{d.result.value_or(*d.decision), *d.custody};
  TN_TRY(std::string shown_document, typed(document));
  TN_TRY(auto change, replica().begin());
  TN_TRY(const Hash& image, attach_signature(change, id, refs, signature_jpeg));
  TN_TRY(Record record,
         write(change, id, refs, body::Delivered{std::move(shown_document), image}));
  TN_CHECK(change.commit());
  return record;
}

bool Courier::Stock::is_low() const {
  const std::uint32_t left = std::min(send_slips, items);
  return left < limits::lease_low_water || left < to_seal;
}

Result<Courier::Stock> Courier::stock() {
  Stock stock;
  TN_TRY(const std::uint64_t now, replica().server_now_ms());
  TN_TRY(stock.send_slips, replica().store().numbers_left(body::NumberKind::send_slip, now));
  TN_TRY(stock.items, replica().store().numbers_left(body::NumberKind::item, now));
  TN_TRY(const std::vector<DossierSummary>& all, round());
  for (const DossierSummary& d : all) {
    if (!d.sealed && !d.is_payout) ++stock.to_seal;
  }
  return stock;
}

Result<Record> Courier::pay(const Id& id, std::string_view document, BytesView signature_jpeg) {
  TN_TRY(const Dossier& d, dossier(id));
  if (!d.payout) return fail(errc::step_out_of_order);
  TN_TRY(std::string shown_document, typed(document));
  TN_TRY(auto change, replica().begin());
  TN_TRY(const Hash& image, attach_signature(change, id, {}, signature_jpeg));
  TN_TRY(Record record, write(change, id, {},
                              body::Paid{.amount_dong = d.payout->amount_dong,
                                         .recipient_document = std::move(shown_document),
                                         .signature_image = image}));
  TN_CHECK(change.commit());
  return record;
}

Result<Record> Courier::return_payout(const Id& id, std::string_view reason) {
  TN_TRY(std::string words, typed(reason));
  return write(id, {}, body::PayoutReturned{std::move(words)});
}

}  // namespace tannha::core
