// What a Session writes: the calls of the courier, the citizen and the officer.

#include "session.hpp"
#include "tannha/protocol/s10.hpp"

namespace tannha::core {
namespace {

api::Written of(const Record& record) { return {record.header.subject, record.hash}; }

Result<api::Written> of(const Result<Record>& record) {
  if (!record) return std::unexpected(record.error());
  return of(*record);
}

}  // namespace

// What is the same for every call is no template: a phone loads this over a bad network.
Result<api::Written> Session::as_courier(Result<Record> (*work)(Courier&, const void*),
                                         const void* with) {
  TN_TRY(Courier courier, this->courier());
  return of(work(courier, with));
}
template <class F>
Result<api::Written> Session::as_courier(const F& work) {
  return as_courier(
      [](Courier& c, const void* with) { return (*static_cast<const F*>(with))(c); }, &work);
}

Result<api::Written> Session::as_officer(Result<Record> (*work)(Officer&, const void*),
                                         const void* with) {
  TN_TRY(Replica * const replica, this->replica());
  Officer officer(*replica);
  return of(work(officer, with));
}
template <class F>
Result<api::Written> Session::as_officer(const F& work) {
  return as_officer(
      [](Officer& o, const void* with) { return (*static_cast<const F*>(with))(o); }, &work);
}

Result<api::Written> Session::answer(const api::addNote& r) {
  return as_courier([&](Courier& c) { return c.add_note(r.dossier, r.text); });
}

// Before the door

Result<api::Written> Session::answer(const api::requestPickup& r) {
  TN_TRY(Replica * const replica, this->replica());
  body::PickupRequested asked;
  asked.procedure = r.procedure;
  asked.unit = r.unit;
  asked.service = r.service;
  asked.applicant = {r.owner, r.phone, r.address, std::nullopt};
  asked.visit_from_ms = r.visit_from_ms;
  asked.visit_until_ms = r.visit_until_ms;
  TN_TRY(const Id id, Dispatcher(*replica).request_pickup(std::move(asked)));
  TN_TRY(const auto& evidence, replica->store().dossier(id));
  return api::Written{id, evidence.empty() ? Hash() : evidence.front().record.hash};
}
Result<api::Written> Session::answer(const api::assign& r) {
  TN_TRY(Replica * const replica, this->replica());
  return of(Dispatcher(*replica).assign(r.dossier, r.courier));
}

// At the door

Result<api::Written> Session::answer(const api::openDossier& r) {
  TN_TRY(Courier courier, this->courier());
  TN_TRY(const Id id, courier.open(r.dossier, r.procedure, r.service, r.procedure_case));
  TN_TRY(const Dossier& d, courier.dossier(id));
  return api::Written{id, d.opened.value_or(Hash())};
}

Result<api::Scanned> Session::answer(const api::scanCard& r) {
  TN_TRY(Courier courier, this->courier());
  TN_TRY(const Courier::Scan& scan, courier.scan_card(r.dossier, r.text));
  return api::Scanned{r.dossier, scan.record.hash, scan.warnings};
}

Result<api::Written> Session::answer(const api::writeField& r) {
  return as_courier([&](Courier& c) { return c.write_field(r.dossier, r.field, r.value); });
}
Result<api::Written> Session::answer(const api::checkDocument& r) {
  return as_courier([&](Courier& c) {
    return c.check_document(r.dossier, r.count.line, r.count.title, r.count.originals,
                            r.count.certified, r.count.photocopies);
  });
}
Result<api::Written> Session::answer(const api::takeMoney& r) {
  return as_courier(
      [&](Courier& c) { return c.take_money(r.dossier, r.kind, r.amount_dong, r.cash); });
}
Result<api::Written> Session::answer(const api::seal& r) {
  return as_courier([&](Courier& c) { return c.seal(r.dossier, r.seal_no); });
}
Result<api::Written> Session::answer(const api::supplement& r) {
  return as_courier([&](Courier& c) { return c.supplement(r.dossier, r.text); });
}

Result<api::Done> Session::answer(const api::checkItemCode& r) {
  TN_CHECK(parse_s10(r.text));
  return api::Done{};
}

Result<api::Written> Session::write_blob(const Blob& blob) {
  const api::BlobBegin& b = blob.begin;
  switch (b.use) {
    case api::BlobUse::photo:
      if (!b.role) return fail(errc::argument_invalid, "role");
      return as_courier([&](Courier& c) {
        return c.add_photo(b.dossier, blob.bytes, *b.role, b.line.value_or(0));
      });
    case api::BlobUse::confirm_by_statement:
      return as_courier(
          [&](Courier& c) { return c.confirm_by_statement(b.dossier, blob.bytes); });
    case api::BlobUse::deliver:
      if (!b.document) return fail(errc::argument_invalid, "document");
      return as_courier(
          [&](Courier& c) { return c.deliver(b.dossier, *b.document, blob.bytes); });
  }
  return fail(errc::argument_invalid, "use");
}

Result<api::Written> Session::answer(const api::confirmByCode& r) {
  return as_courier([&](Courier& c) { return c.confirm_by_code(r.dossier, r.code); });
}

// At the desk, and on the way back

Result<api::Written> Session::answer(const api::offerHandover& r) {
  return as_courier([&](Courier& c) { return c.offer_handover(r.unit, r.dossiers); });
}
Result<api::Written> Session::answer(const api::acceptReturn& r) {
  return as_courier([&](Courier& c) { return c.accept_return(r.offer); });
}
Result<api::Written> Session::answer(const api::attemptDelivery& r) {
  return as_courier([&](Courier& c) { return c.attempt_delivery(r.dossier, r.reason); });
}

// From phone to phone

Result<api::Parcel> Session::answer(const api::makeParcel& r) {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(const auto& parcel, replica->make_parcel(r.records));
  return api::Parcel{exchange::parcel_text(parcel)};
}

Result<api::Taken> Session::answer(const api::takeParcel& r) {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(const auto& parcel, exchange::parcel_from_text(r.text));
  TN_TRY(const auto& records, replica->take_parcel(parcel));
  api::Taken out;
  for (const Record& record : records) {
    TN_TRY(out.records.emplace_back(), view(record.hash));
    out.dossier = record.header.subject;
  }
  written();
  return out;
}

// The citizen's

Result<api::Written> Session::answer(const api::confirm& r) {
  TN_TRY(Replica * const replica, this->replica());
  return of(Citizen(*replica).confirm(r.sealed));
}
Result<api::Written> Session::answer(const api::confirmDelivery& r) {
  TN_TRY(Replica * const replica, this->replica());
  return of(Citizen(*replica).confirm_delivery(r.delivered));
}
Result<api::Written> Session::answer(const api::rate& r) {
  constexpr std::uint32_t satisfaction_max = 5;
  if (r.satisfaction > satisfaction_max) return fail(errc::argument_invalid, "satisfaction");
  TN_TRY(Replica * const replica, this->replica());
  return of(Citizen(*replica).rate(r.dossier, static_cast<std::uint8_t>(r.satisfaction), r.text));
}

// The officer's

Result<api::Written> Session::answer(const api::acceptHandover& r) {
  return as_officer([&](Officer& o) { return o.accept_handover(r.offer, r.missing); });
}
Result<api::Written> Session::answer(const api::accept& r) {
  return as_officer([&](Officer& o) { return o.accept(r.dossier); });
}
Result<api::Written> Session::answer(const api::requestSupplement& r) {
  return as_officer([&](Officer& o) { return o.request_supplement(r.dossier, r.items, r.reason); });
}
Result<api::Written> Session::answer(const api::refuse& r) {
  return as_officer([&](Officer& o) { return o.refuse(r.dossier, r.reason); });
}
Result<api::Written> Session::answer(const api::forward& r) {
  return as_officer([&](Officer& o) { return o.forward(r.dossier, r.step); });
}
Result<api::Written> Session::answer(const api::finish& r) {
  return as_officer([&](Officer& o) { return o.finish(r.dossier, r.result); });
}
Result<api::Written> Session::answer(const api::offerReturn& r) {
  return as_officer([&](Officer& o) { return o.offer_return(r.dossiers); });
}
Result<api::Written> Session::answer(const api::adjudicate& r) {
  return as_officer([&](Officer& o) { return o.adjudicate(r.held, r.outcome, r.reason); });
}
Result<api::Written> Session::answer(const api::resolveDispute& r) {
  return as_officer([&](Officer& o) { return o.resolve_dispute(r.dossier, r.link, r.reason); });
}

}  // namespace tannha::core
