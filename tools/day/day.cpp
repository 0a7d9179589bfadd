#include "tools/day/day.hpp"

#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

#include "tannha/core/citizen.hpp"
#include "tannha/core/dispatcher.hpp"
#include "tannha/core/officer.hpp"
#include "tannha/engine/calendar.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/catalogue/curated.hpp"
#include "tools/catalogue/store.hpp"
#include "tools/commands/command.hpp"
#include "tools/day/plan.hpp"
#include "tools/day/process.hpp"
#include "tools/day/reconcile.hpp"
#include "tools/net/link.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A step of the day that did not go as it must.
struct DayFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
T must(Result<T> result, const std::string& what) {
  if (!result) {
    throw DayFailed(what + ": " + std::string(name(result.error().code)) + " [" +
                    result.error().detail + "]");
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
void require(bool holds, const std::string& what) {
  if (!holds) throw DayFailed(what);
}

/// Somebody with a device: its clock, its radio link, its folder.
struct Person {
  std::string title;
  fs::path folder;
  std::unique_ptr<server::SystemHost> host;
  std::unique_ptr<Link> link;  ///< none: on the office's own network
  std::string url;
  std::unique_ptr<Device> device;
  Id actor{};
};

/// A planned dossier and what became of it.
struct Case {
  PlannedDossier plan;
  Id id{};
  Person* citizen = nullptr;
  Hash sealed{};
};

class Day {
 public:
  explicit Day(const DayOptions& options) : options_(options), clock_(options.folder / "clock") {}

  int run() {
    fs::create_directories(options_.folder);
    start_server();
    morning();
    round();
    noon();
    desk();
    supplement_and_refusal();
    results();
    close();
    const bool good = report();
    if (good && !options_.once) stay();
    stop_server();
    return good ? 0 : 1;
  }

 private:
  // Telling and time

  void at(unsigned hour, unsigned minute, const std::string& what) {
    set_clock(hour, minute);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%02u:%02u", hour, minute);
    std::cout << text.data() << "  " << what << std::endl;
  }
  static void say(const std::string& what) { std::cout << "       " << what << std::endl; }

  void set_clock(unsigned hour, unsigned minute) {
    using namespace std::chrono;
    const Date monday = year{2026} / November / 23;
    const std::uint64_t now = unix_ms_of(monday, hours(hour) + minutes(minute));
    // Renamed into place, so that nobody reads half a number.
    std::ofstream(clock_.string() + ".new") << now << "\n";
    fs::rename(clock_.string() + ".new", clock_);
  }

  // Processes and people

  void start_server() {
    set_clock(6, 55);
    const fs::path folder = server_folder();
    fs::create_directories(folder);
    const ImportReport curated = must(curated_catalogue(), "curated catalogue");
    must(save_catalogue(folder, curated.catalogue), "save the catalogue");
    server_ = std::make_unique<Process>(std::vector<std::string>{
        (options_.programs / "tannhad").string(), "--data", folder.string(), "--tenant", "H42",
        "--tenant-name", "Ninh Bình (dữ liệu mẫu)", "--port", std::to_string(options_.port),
        "--clock-file", clock_.string()});
    const auto line = server_->read_line();
    const std::size_t at_url = line ? line->find("http://") : std::string::npos;
    require(at_url != std::string::npos, "tannhad did not start");
    url_ = line->substr(at_url);
    port_ = static_cast<std::uint16_t>(std::stoul(url_.substr(url_.rfind(':') + 1)));
    std::cout << "Tận Nhà: một ngày làm việc mẫu / one demonstration day, " << url_ << std::endl;
  }

  void stop_server() {
    server_->signal(SIGTERM);
    const int code = server_->wait();
    require(code == 0, "tannhad ended with " + std::to_string(code));
  }

  fs::path server_folder() const { return options_.folder / "server"; }

  Person& add_person(const std::string& title, bool on_radio, std::int64_t clock_offset_ms = 0) {
    auto person = std::make_unique<Person>();
    person->title = title;
    person->folder = options_.folder / title;
    person->host = std::make_unique<server::SystemHost>(clock_.string(), clock_offset_ms);
    if (on_radio) person->link = std::make_unique<Link>("127.0.0.1", port_);
    person->url = on_radio ? person->link->url() : url_;
    person->device = must(Device::open_or_make(person->folder, *person->host), title);
    people_.push_back(std::move(person));
    return *people_.back();
  }

  Person& add_staff(const std::string& title, Role role, const std::string& unit, bool on_radio,
                    std::int64_t clock_offset_ms = 0) {
    Person& person = add_person(title, on_radio, clock_offset_ms);
    exchange::TicketRequest request;
    request.role = role;
    request.unit = unit;
    request.label = title;
    const std::string secret = must(server::read_admin_secret(server_folder()), "admin secret");
    const auto ticket = must(request_ticket(url_, secret, request), "ticket for " + title);
    must(person.device->enrol(person.url, ticket.ticket), "enrol " + title);
    person.actor = ticket.actor;
    return person;
  }

  Device::SyncSummary sync(Person& person) {
    return must(person.device->sync(), "sync of " + person.title);
  }

  /// A sync that the network does not let through: must fail, say why, and lose nothing.
  void sync_fails(Person& person) {
    const exchange::Holds before = must(person.device->replica().holds(), "holds");
    const auto result = person.device->sync();
    require(!result && is_transient(result.error().code), person.title + ": sync must fail");
    const exchange::Holds after = must(person.device->replica().holds(), "holds");
    say(person.title + ": " + std::string(message(result.error().code, Language::vietnamese)) +
        " (" + std::to_string(after.records) + " bản ghi chờ gửi, trước đó " +
        std::to_string(before.records) + ")");
  }

  core::Courier courier(Person& person) {
    return core::Courier(person.device->replica(), person.device->catalogue());
  }
  Dossier at_courier(const Case& c) {
    return must(couriers_[c.plan.courier]->device->replica().dossier(c.id), "dossier");
  }
  Bytes photo() {
    return make_page({.is_colour = next_seed_ % 2 == 0, .seed = next_seed_++});
  }
  Bytes signature() { return make_thumbnail({.seed = next_seed_++}); }

  // 07:00 – 07:30, at the post office

  void morning() {
    at(7, 0, "Enrolling one dispatcher, two officers and three couriers by single-use tickets");
    dispatcher_ = &add_staff("dispatcher", Role::dispatcher, "H42", false);
    officers_["H42.101"] = &add_staff("officer-a", Role::officer, "H42.101", false);
    officers_["H42.102"] = &add_staff("officer-b", Role::officer, "H42.102", false);
    couriers_.push_back(&add_staff("courier-1", Role::courier, "H42.101", true));
    couriers_.push_back(&add_staff("courier-2", Role::courier, "H42.101", true));
    couriers_.push_back(&add_staff("courier-3", Role::courier, "H42.102", true, 4 * 3600 * 1000));

    at(7, 10, "The dispatcher takes the pickup requests and assigns them");
    core::Dispatcher dispatcher(dispatcher_->device->replica());
    for (PlannedDossier& plan : plan_day()) {
      Case& c = cases_.emplace_back();
      c.plan = std::move(plan);
      if (c.plan.walk_up) continue;
      c.id = must(dispatcher.request_pickup({.procedure = c.plan.procedure,
                                             .unit = c.plan.unit,
                                             .service = body::ServiceKind::both,
                                             .applicant = {.name = c.plan.name,
                                                           .phone = c.plan.phone,
                                                           .address = c.plan.address,
                                                           .personal_number = {}},
                                             .visit_from_ms = {},
                                             .visit_until_ms = {}}),
                  "pickup request");
      must(dispatcher.assign(c.id, couriers_[c.plan.courier]->actor), "assign");
    }
    sync(*dispatcher_);
    enrol_citizens();

    at(7, 20, "The couriers' phones pull their rounds, the catalogue and their numbers");
    for (Person* person : couriers_) {
      sync(*person);
      const auto round = must(courier(*person).round(), "round");
      say(person->title + ": " + std::to_string(round.size()) + " hồ sơ trong tuyến");
    }
  }

  void enrol_citizens() {
    std::size_t number = 0;
    for (Case& c : cases_) {
      if (!c.plan.has_phone) continue;
      const std::string link = must(dispatcher_->device->citizen_link(c.id), "citizen link");
      Person& citizen = add_person("citizen-" + std::to_string(++number), true);
      const core::EnrolmentLink parsed = must(core::parse_enrolment_link(link), "citizen link");
      must(citizen.device->enrol(citizen.url, parsed.ticket), "enrol " + citizen.title);
      sync(citizen);
      c.citizen = &citizen;
    }
    say(std::to_string(number) + " citizens opened their links and made their own keys");
  }

  // 07:30 – 11:30, at the doors, without a network

  void round() {
    at(7, 30, "The network is gone");
    for (const auto& person : people_) {
      if (person->link) person->link->set_up(false);
    }
    for (Person* person : couriers_) sync_fails(*person);
    std::vector<unsigned> visits(couriers_.size(), 0);
    for (Case& c : cases_) {
      const unsigned visit = visits[c.plan.courier]++;
      set_clock(7 + (40 + visit * 19) / 60, (40 + visit * 19) % 60);
      capture(c, c.plan.courier == 1 && visit == 4);
    }
    at(11, 20, "Thirty envelopes are sealed; nothing has been sent");
    for (Person* person : couriers_) {
      const exchange::Holds holds = must(person->device->replica().holds(), "holds");
      say(person->title + ": " + std::to_string(holds.records) + " bản ghi, " +
          std::to_string(holds.attachment_bytes / 1'000'000) + " MB ảnh trên máy");
    }
  }

  void capture(Case& c, bool killed) {
    Person& person = *couriers_[c.plan.courier];
    const auto request = c.plan.walk_up ? std::nullopt : std::optional<Id>(c.id);
    c.id = must(courier(person).open(request, c.plan.procedure, body::ServiceKind::both), "open");
    must(courier(person).scan_card(c.id, c.plan.card_text), "card");
    must(courier(person).write_field(c.id, "owner_phone", c.plan.phone), "phone");
    for (const DocumentLine& line : must(courier(person).uncounted(c.id), "checklist")) {
      must(courier(person).check_document(c.id, line.number, "", line.originals, line.copies, 0),
           "document");
    }
    std::vector<Bytes> photos;
    for (std::size_t i = 0; i < c.plan.photos; ++i) photos.push_back(photo());
    if (killed) photograph_and_die(person, c, photos);
    const Dossier so_far = must(person.device->replica().dossier(c.id), "dossier");
    for (std::size_t i = so_far.attachments.size(); i < photos.size(); ++i) {
      must(courier(person).add_photo(c.id, photos[i], body::AttachmentRole::page, 0), "photo");
    }
    if (c.plan.charge_dong > 0) {
      must(courier(person).take_money(c.id, body::MoneyKind::charge, c.plan.charge_dong, true),
           "charge");
    }
    must(courier(person).take_money(c.id, body::MoneyKind::postage, 26'000, true), "postage");
    seal(person, c);
  }

  void seal(Person& person, Case& c) {
    const std::string seal_no = "NP-" + std::to_string(++seals_);
    c.sealed = must(courier(person).seal(c.id, seal_no), "seal").hash;
    if (c.citizen) {
      confirm_by_qr(person, c);
    } else {
      must(courier(person).confirm_by_statement(c.id, signature()), "statement");
    }
  }

  /// Two phones without a network show each other codes; both end up with both signatures.
  void confirm_by_qr(Person& person, Case& c) {
    Replica& phone = person.device->replica();
    Replica& citizen = c.citizen->device->replica();
    const std::string slip = exchange::parcel_text(must(phone.make_parcel({c.sealed}), "parcel"));
    must(citizen.take_parcel(must(exchange::parcel_from_text(slip), "QR")), "citizen reads QR");
    const Record confirmed = must(core::Citizen(citizen).confirm(c.sealed), "confirm");
    const std::string answer =
        exchange::parcel_text(must(citizen.make_parcel({confirmed.hash}), "parcel"));
    must(phone.take_parcel(must(exchange::parcel_from_text(answer), "QR")), "courier reads QR");
  }

  /// The phone dies in the middle of taking photos. What it had called saved must be there.
  void photograph_and_die(Person& person, const Case& c, const std::vector<Bytes>& photos) {
    std::vector<std::string> arguments{(options_.programs / "tannha").string(), "--clock-file",
                                       clock_.string(), "phone", "--data", person.folder.string(),
                                       "photo", uuid_text(c.id)};
    const fs::path camera = options_.folder / "camera";
    fs::create_directories(camera);
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const fs::path file = camera / (std::to_string(i) + ".jpg");
      must(server::write_file_durably(file, photos[i], 0644), "camera");
      arguments.push_back(file.string());
    }
    person.device.reset();
    std::size_t saved = 0;
    {
      Process phone(arguments);
      while (saved < 3 && phone.read_line()) ++saved;
      phone.signal(SIGKILL);
      require(phone.wait() == 128 + SIGKILL, "the phone must have been killed");
    }
    person.device = must(Device::open(person.folder, *person.host), "after the kill");
    const Dossier d = must(person.device->replica().dossier(c.id), "dossier");
    require(saved == 3 && d.attachments.size() >= saved, "a saved photo is gone after SIGKILL");
    say(person.title + " was killed while capturing: " + std::to_string(saved) +
        " photos were called saved, " + std::to_string(d.attachments.size()) +
        " are there; it goes on");
    fs::remove_all(camera);
  }

  // 11:30 – 13:30

  void noon() {
    at(11, 30, "The network is back for two couriers; both lose it in the middle of a push");
    for (std::size_t i = 0; i < 2; ++i) {
      Person& person = *couriers_[i];
      person.link->set_up(true);
      person.link->cut_after(i == 0 ? 60'000 : 3'000'000);
      sync_fails(person);
      const Device::SyncSummary s = sync(person);
      say(person.title + " again: " + std::to_string(s.received) + " biên nhận, " +
          std::to_string(s.attachments) + " ảnh");
      require(person.link->cuts_count() > 0, "the connection must have been cut");
    }
    for (const Case& c : cases_) {
      if (!c.citizen || c.plan.courier == 2) continue;
      c.citizen->link->set_up(true);
      sync(*c.citizen);
    }
  }

  // 13:30 – 15:00, at the one-stop desks

  std::vector<Id> bag_of(std::size_t courier_index) const {
    std::vector<Id> bag;
    for (const Case& c : cases_) {
      if (c.plan.courier == courier_index) bag.push_back(c.id);
    }
    return bag;
  }

  /// Courier and officer count, and both sign, by codes on their screens.
  void hand_over(Person& person, Person& officer, const std::vector<Id>& bag,
                 const std::string& unit) {
    const Record offer = must(courier(person).offer_handover(unit, bag), "hand-over");
    const auto parcel = must(person.device->replica().make_parcel({offer.hash}), "parcel");
    const std::string text = exchange::parcel_text(parcel);
    must(officer.device->replica().take_parcel(must(exchange::parcel_from_text(text), "QR")), "QR");
    must(core::Officer(officer.device->replica()).accept_handover(offer.hash, {}), "countersign");
    sync(officer);
  }

  void accept_all(Person& officer) {
    sync(officer);
    std::size_t accepted = 0;
    core::Officer desk(officer.device->replica());
    for (const DossierSummary& line : must(desk.queue(), "queue")) {
      const Dossier d = must(desk.dossier(line.id), "dossier");
      if (d.acceptance || d.stage == Stage::refused || d.stage == Stage::needs_supplement) continue;
      if (set_aside_.contains(d.id)) continue;
      must(desk.accept(d.id), "accept");
      ++accepted;
    }
    sync(officer);
    for (const DossierSummary& line : must(desk.queue(), "queue")) {
      const Dossier d = must(desk.dossier(line.id), "dossier");
      require(!d.acceptance || !d.dossier_code.empty(), "an accepted dossier must get its code");
    }
    say(officer.title + " accepted " + std::to_string(accepted) + " dossiers");
  }

  void desk() {
    Person& a = *officers_.at("H42.101");
    Person& b = *officers_.at("H42.102");
    at(13, 35, "Desk A: two bags are counted and co-signed");
    sync(a);
    for (std::size_t i = 0; i < 2; ++i) {
      hand_over(*couriers_[i], a, bag_of(i), "H42.101");
      sync(*couriers_[i]);
    }
    at(13, 50, "Desk B: the bag is co-signed before its data have arrived");
    hand_over(*couriers_[2], b, bag_of(2), "H42.102");
    sync(b);
    std::size_t paper_first = 0;
    for (const Dossier& d : must(b.device->replica().dossiers(), "dossiers")) {
      if (d.paper_before_data()) ++paper_first;
    }
    require(paper_first == bag_of(2).size(), "the desk must see paper without data");
    say(std::to_string(paper_first) + " envelopes are at the desk, their data are not");
    at(14, 10, "Courier 3, whose clock is four hours ahead, finds a signal");
    couriers_[2]->link->set_up(true);
    sync(*couriers_[2]);
    for (const Case& c : cases_) {
      if (!c.citizen || c.plan.courier != 2) continue;
      c.citizen->link->set_up(true);
      sync(*c.citizen);
    }
    at(14, 20, "The officers accept; the registry gives each dossier its code and date");
    set_aside_ = {cases_[3].id, cases_[7].id};
    accept_all(a);
    accept_all(b);
  }

  void supplement_and_refusal() {
    Person& a = *officers_.at("H42.101");
    core::Officer desk(a.device->replica());
    Case& incomplete = cases_[3];
    Case& hopeless = cases_[7];
    at(14, 30, "One supplement is asked for, one dossier is refused");
    must(desk.request_supplement(incomplete.id, {"Bản sao chứng thực giấy tờ tùy thân"},
                                 "Thiếu giấy tờ phải xuất trình"),
         "supplement request");
    must(desk.refuse(hopeless.id, "Không thuộc thẩm quyền giải quyết"), "refusal");
    sync(a);

    at(15, 10, "The courier visits again and brings the missing paper");
    Person& person = *couriers_[incomplete.plan.courier];
    sync(person);
    const Dossier d = at_courier(incomplete);
    require(d.stage == Stage::needs_supplement && d.supplement_items.size() == 1,
            "the courier must see what is missing");
    must(courier(person).check_document(incomplete.id, 0, d.supplement_items.front(), 0, 1, 0),
         "supplement paper");
    must(courier(person).add_photo(incomplete.id, photo(), body::AttachmentRole::page, 0), "photo");
    seal(person, incomplete);
    must(courier(person).supplement(incomplete.id, "Đã bổ sung đủ"), "supplement");
    sync(person);
    at(15, 40, "Desk A takes the supplement and accepts");
    hand_over(person, a, {incomplete.id}, "H42.101");
    sync(person);
    set_aside_.clear();
    accept_all(a);
  }

  // 15:45 – 17:30

  void results() {
    Person& a = *officers_.at("H42.101");
    core::Officer desk(a.device->replica());
    Case& done = cases_[0];
    at(16, 0, "One result is ready; the desk gives it to the courier");
    must(desk.finish(done.id, "Giấy khai sinh"), "result");
    const Record offer = must(desk.offer_return({done.id}), "return");
    sync(a);
    Person& person = *couriers_[done.plan.courier];
    sync(person);
    must(courier(person).accept_return(offer.hash), "accept the return");
    at(16, 45, "The courier delivers it; the recipient signs on paper and with their own phone");
    const Record delivered = must(courier(person).deliver(done.id, "can_cuoc", signature()),
                                  "deliver");
    Replica& citizen = done.citizen->device->replica();
    sync(*done.citizen);
    const auto parcel = must(person.device->replica().make_parcel({delivered.hash}), "parcel");
    must(citizen.take_parcel(parcel), "citizen reads QR");
    must(core::Citizen(citizen).confirm_delivery(delivered.hash), "delivery confirmation");
    must(core::Citizen(citizen).rate(done.id, 5, "Nhanh và rõ ràng"), "rating");
    sync(person);
    sync(*done.citizen);
  }

  void close() {
    at(17, 20, "Close of the day: everybody synchronises once more");
    for (const auto& person : people_) sync(*person);
    for (const auto& person : people_) {
      const exchange::Holds holds = must(person->device->replica().holds(), "holds");
      require(holds.records == 0 && holds.attachment_bytes == 0,
              person->title + " still holds something unsent");
    }
    check_outcome();
  }

  /// The story must have happened: each thing the day is about, as the registry's own devices see it.
  void check_outcome() {
    std::map<Stage, std::size_t> stages;
    for (const Case& c : cases_) {
      const Dossier d =
          must(officers_.at(c.plan.unit)->device->replica().dossier(c.id), "dossier");
      ++stages[d.stage];
      require(d.records.held == 0 && d.records.refused == 0,
              "dossier " + short_id(c.id) + " has records that do not count");
      require(d.confirmation == (c.citizen ? body::Grade::countersigned
                                           : body::Grade::courier_statement),
              "dossier " + short_id(c.id) + " has the wrong grade of confirmation");
    }
    require(stages[Stage::accepted] == 28 && stages[Stage::refused] == 1 &&
                stages[Stage::returned] == 1,
            "28 accepted, 1 refused and 1 returned were expected");
    const Dossier returned =
        must(officers_.at("H42.101")->device->replica().dossier(cases_[0].id), "dossier");
    require(returned.delivery_confirmed, "the recipient's signature is missing");
  }

  bool report() {
    std::vector<fs::path> folders;
    for (const auto& person : people_) {
      folders.push_back(person->folder);
      person->device.reset();
    }
    const Reconciliation r = must(reconcile(server_folder(), folders), "reconcile");
    std::cout << "\n";
    for (const std::string& line : r.table) std::cout << line << "\n";
    for (const std::string& problem : r.problems) std::cout << "problem: " << problem << "\n";
    std::cout << "\n" << r.attachments << " photos compared byte by byte\n"
              << r.dossiers << " dossiers, " << r.records << " records, " << r.receipts_verified
              << " receipts verified, " << r.lost << " lost" << std::endl;
    return r.lost == 0 && r.without_receipt == 0 && r.problems.empty() &&
           r.dossiers == cases_.size() && r.records == r.receipts_verified;
  }

  void stay() {
    std::cout << "\nMáy chủ vẫn chạy / the server stays up. Open:\n"
              << "  " << url_ << "/                 trạng thái / status\n"
              << "  " << url_ << "/log/checkpoint   điểm chốt / the journal's signed head\n"
              << "  " << url_ << "/metrics          số đo / metrics\n"
              << "Look at a phone:   "
              << (options_.programs / "tannha").string() << " phone --data "
              << couriers_[0]->folder.string() << " show\n"
              << "Ctrl-C ends it." << std::endl;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    int signal = 0;
    sigwait(&signals, &signal);
  }

  const DayOptions options_;
  const fs::path clock_;
  std::unique_ptr<Process> server_;
  std::string url_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<Person>> people_;
  Person* dispatcher_ = nullptr;
  std::map<std::string, Person*> officers_;
  std::vector<Person*> couriers_;
  std::vector<Case> cases_;
  std::set<Id> set_aside_;
  std::uint64_t next_seed_ = 1;
  unsigned seals_ = 1000;
};

}  // namespace

int play_day(const DayOptions& options) {
  if (fs::exists(options.folder)) {
    tell({errc::argument_invalid, "the folder exists: " + options.folder.string()});
    return 1;
  }
  // Taken by sigwait at the end; blocked before any thread is started.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (!options.once) pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    return Day(options).run();
  } catch (const std::exception& e) {
    std::cout << std::flush;
    std::cerr << "the day failed: " << e.what() << "\n";
    return 1;
  }
}

}  // namespace tannha::tools
