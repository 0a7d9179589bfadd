#include "tests/crash/scenario.hpp"
#include "tests/support/journey.hpp"

namespace tannha::test {
namespace {

using Step = std::function<Result<void>(Phone&)>;

// The files of a device as they lie there while it runs, under the name of the phone.
DiskSnapshot files_of(const Device& device) {
  DiskSnapshot out;
  const std::string path = device.path.string();
  for (const auto& [name, content] : disk().snapshot(path.substr(0, path.find('/')))) {
    if (name.starts_with(path)) out.emplace(Phone::path + name.substr(path.size()), content);
  }
  return out;
}

Scenario<Phone> from(std::string name, const Device& device, std::vector<Step> steps) {
  return {std::move(name), files_of(device), device.host, device.unlock, std::move(steps)};
}

template <class T>
Result<void> done(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

core::Courier courier(Phone& phone) {
  static const Catalogue catalogue = small_catalogue();
  return {*phone.replica, catalogue};
}

Bytes big_photo(std::size_t size, std::uint8_t number) {
  Bytes out = photo(number);
  for (std::size_t i = out.size(); i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(i * 31 + i / 251));
  }
  return out;
}

Step note(const Id& id, std::size_t count) {
  return [=](Phone& phone) -> Result<void> {
    TN_TRY(auto change, phone.replica->begin());
    for (std::size_t i = 0; i < count; ++i) {
      TN_CHECK(change.append(id, {}, body::Note{"ghi chú " + std::to_string(i)}));
    }
    return change.commit();
  };
}

Step attach(std::size_t size, std::uint8_t number) {
  return [=](Phone& phone) -> Result<void> {
    TN_TRY(auto change, phone.replica->begin());
    TN_CHECK(change.attach(big_photo(size, number), "image/jpeg"));
    TN_CHECK(change.append(Id{9}, {}, body::Note{"ảnh"}));
    return change.commit();
  };
}

Step receive(const exchange::Response& response) {
  return [=](Phone& phone) { return done(phone.replica->receive(response)); };
}

exchange::Response answer(Province& province, Device& device) {
  return must(province.exchange(device.log_id(), must(device->next_request(200))));
}

// The same, but the server took none of it.
exchange::Response refusal(exchange::Response response) {
  for (exchange::Answer& one : response.answers) {
    one.verdict = Verdict::refused;
    one.reason = static_cast<std::uint16_t>(errc::record_malformed);
    one.leaf_index.reset();
    one.path.clear();
  }
  response.feed.clear();
  response.cursor = 0;
  return response;
}

class Builder {
 public:
  std::vector<Scenario<Phone>> build() {
    enrol();
    at_the_door();
    synchronise();
    hand_over();
    return std::move(out_);
  }

 private:
  void enrol() {
    Device& fresh = province_.new_device();
    // From the very beginning, before the store and its vault were made.
    disk().restore("province-new", {});
    fresh.replica.reset();
    const FakeHost host = fresh.host;
    fresh.path = "province-new/store.db";
    province_.restart(fresh);
    const std::string ticket = must(province_.ticket({Role::courier, "H42", {}, {}, ""})).ticket;
    const auto enrolled = must(province_.enrol(must(fresh->begin_enrolment(ticket))));
    out_.push_back({"a new store and the enrolment",
                    {},
                    host,
                    fresh.unlock,
                    {[=](Phone& phone) { return done(phone.replica->begin_enrolment(ticket)); },
                     [=](Phone& phone) { return phone.replica->finish_enrolment(enrolled); }}});
    must(fresh->finish_enrolment(enrolled));
    out_.push_back(
        from("the first answer, with numbers", fresh, {receive(answer(province_, fresh))}));
  }

  void at_the_door() {
    const Id id = journey_.collected();
    Device& device = journey_.courier;
    out_.push_back(from("a record", device, {note(id, 1)}));
    out_.push_back(from("three records in one change", device, {note(id, 3), note(id, 3)}));
    out_.push_back(from("a record with an attachment", device, {attach(40'000, 1)}));
    out_.push_back(from("numbers taken and the dossier sealed", device,
                        {[=](Phone& phone) { return done(courier(phone).seal(id, "SEAL-1")); }}));
    out_.push_back(from("a visit", device, visit()));
    out_.push_back(from("attachments beyond the cache, and the checkpoint", device,
                        {attach(2'600'000, 2), attach(2'600'000, 3), note(id, 1)}));
    out_.back().stride = 197;
    out_.push_back(
        from("everything read", device, {[](Phone& phone) { return phone.read_all(); }}));
  }

  static std::vector<Step> visit() {
    // The id that the first step draws is the same every time, like everything that is drawn.
    const auto id = std::make_shared<Id>();
    return {[=](Phone& phone) -> Result<void> {
              TN_TRY(*id, courier(phone).open({}, birth_procedure, body::ServiceKind::both));
              return {};
            },
            [=](Phone& phone) { return done(courier(phone).scan_card(*id, card)); },
            [=](Phone& phone) { return done(courier(phone).check_document(*id, 1, "", 1, 0, 0)); },
            [=](Phone& phone) {
              return done(courier(phone).add_photo(*id, photo(7), body::AttachmentRole::page, 1));
            },
            [=](Phone& phone) { return done(courier(phone).seal(*id, "SEAL-2")); },
            [=](Phone& phone) { return done(courier(phone).confirm_by_statement(*id, photo(8))); }};
  }

  void synchronise() {
    const Id id = must(journey_.as_dispatcher().request_pickup(Journey::request()));
    must(journey_.as_dispatcher().assign(id, journey_.courier.actor()));
    province_.sync(journey_.dispatcher);
    Device& device = journey_.courier;
    const DiskSnapshot before = files_of(device);
    const exchange::Response response = answer(province_, device);
    out_.push_back(from("answers and a feed", device, {receive(response), receive(response)}));
    out_.push_back(from("rejected records and another try", device,
                        {receive(refusal(response)),
                         [](Phone& phone) -> Result<void> {
                           Store& store = phone.replica->store();
                           TN_TRY(auto transaction, sqlite::Transaction::begin(store.database()));
                           TN_CHECK(store.retry_rejected());
                           return transaction.commit();
                         },
                         receive(response)}));
    must(device->receive(response));
    const Hash hash = must(device->store().pending_attachments()).front().hash;
    out_.push_back(
        from("an attachment stored, and wanted again", device,
             {[=](Phone& phone) { return phone.replica->store().attachment_stored(hash); },
              [=](Phone& phone) { return phone.replica->store().attachment_wanted(hash); }}));
    out_.push_back(from("a feed of old news", journey_.officer,
                        {receive(answer(province_, journey_.officer))}));
  }

  void hand_over() {
    const Id id = journey_.sealed();
    province_.sync(journey_.courier);
    const Record offer = must(journey_.as_courier().offer_handover(unit, {id}));
    const exchange::Parcel parcel = must(journey_.courier->make_parcel({offer.hash}));
    out_.push_back(from("a parcel and the hand-over", journey_.officer,
                        {[=](Phone& phone) { return done(phone.replica->take_parcel(parcel)); },
                         [=](Phone& phone) {
                           core::Officer officer(*phone.replica);
                           return done(officer.accept_handover(offer.hash, {}));
                         }}));
  }

  Province province_{1, "province"};
  Journey journey_{province_};
  std::vector<Scenario<Phone>> out_;
};

}  // namespace

const std::vector<Scenario<Phone>>& phone_scenarios() {
  disk();
  static const std::vector<Scenario<Phone>> all = Builder().build();
  return all;
}

}  // namespace tannha::test
