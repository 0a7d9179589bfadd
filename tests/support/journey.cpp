#include "tests/support/journey.hpp"

namespace tannha::test {

Journey::Journey(Province& p)
    : province(p),
      dispatcher(p.enrol(Role::dispatcher, "H42")),
      courier(p.enrol(Role::courier, "H42")),
      officer(p.enrol(Role::officer, unit)) {}

body::PickupRequested Journey::request() {
  body::PickupRequested request;
  request.procedure = birth_procedure;
  request.unit = unit;
  request.service = body::ServiceKind::both;
  request.applicant = {"Nguyễn Văn A", "0912345678", "Thôn 1, Xã B, Ninh Bình", std::nullopt};
  return request;
}

Id Journey::assigned() {
  const Id id = must(as_dispatcher().request_pickup(request()));
  must(as_dispatcher().assign(id, courier.actor()));
  province.sync(dispatcher);
  province.sync(courier);
  return id;
}

Id Journey::collected() {
  const Id id = assigned();
  core::Courier work = as_courier();
  must(work.open(id, birth_procedure, body::ServiceKind::both));
  must(work.scan_card(id, card));
  must(work.check_document(id, 1, "", 1, 0, 0));
  must(work.check_document(id, 2, "", 0, 1, 0));
  must(work.add_photo(id, photo(), body::AttachmentRole::page, 1));
  return id;
}

Id Journey::sealed() {
  const Id id = collected();
  must(as_courier().seal(id, "SEAL-1"));
  return id;
}

Device& Journey::let_in(const Id& dossier) {
  Device& citizen = province.enrol(Role::citizen, unit, dossier);
  province.sync(citizen);
  return citizen;
}

void Journey::give(Device& from, Device& to, const std::vector<Hash>& records) {
  const std::string text = exchange::parcel_text(must(from->make_parcel(records)));
  must(to->take_parcel(must(exchange::parcel_from_text(text))));
}

Record Journey::hand_over(const std::vector<Id>& bag) {
  const Record offer = must(as_courier().offer_handover(unit, bag));
  give(courier, officer, {offer.hash});
  return must(as_officer().accept_handover(offer.hash, {}));
}

Id Journey::at_desk() {
  const Id id = sealed();
  province.sync(courier);
  province.upload(courier);
  hand_over({id});
  province.sync_all();
  return id;
}

Id Journey::accepted() {
  const Id id = at_desk();
  must(as_officer().accept(id));
  province.sync_all();
  return id;
}

Record Journey::give_back(const Id& dossier) {
  const Record offer = must(as_officer().offer_return({dossier}));
  give(officer, courier, {offer.hash});
  return must(as_courier().accept_return(offer.hash));
}

Id Journey::on_its_way_back() {
  const Id id = accepted();
  must(as_officer().finish(id, "Giấy khai sinh"));
  province.sync_all();
  give_back(id);
  province.sync_all();
  return id;
}

}  // namespace tannha::test
