#include "tests/crash/processes/acts.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <regex>
#include <stdexcept>

#include "tannha/engine/dossier.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* card =
    "037090100200||Nguyễn Văn An|01011990|Nam|Thôn Đoài, xã A, Ninh Bình|15042021";
constexpr const char* all_sent = "unsent: 0 bản ghi, 0 byte";

/// A person's command; `role` is also the name of the folder.
Words by(const std::string& role, Words words) {
  words.insert(words.begin(), {role, "--data", "{/" + role + "}"});
  return words;
}

std::string stage(Stage stage) {
  return std::string(vietnamese(stage));
}

void add_enrolment(std::vector<Act>& acts, const std::string& who, const std::string& name,
                   const std::string& role, const std::string& unit) {
  acts.push_back({.name = "OperatorMakesTicketFor" + name,
                  .who = "server",
                  .words = {"ticket", "--data", "{/server}", "--server", "{url}", "--role", role,
                            "--unit", unit, "--label", "thử " + role},
                  .is_online = true,
                  .is_struck = false,
                  .keep = Keep::first_line,
                  .fact = "link"});
  acts.push_back({.name = name + "Enrols",
                  .who = who,
                  .words = {"enrol", "--data", "{/" + who + "}", "{link}"},
                  .is_online = true,
                  .is_struck = who == "phone",
                  .keep = Keep::last_word,
                  .fact = who,
                  .question = by(who, {"status"}),
                  .answer = role});
}

void add_request(std::vector<Act>& acts) {
  acts.push_back({.name = "OperatorImportsCatalogue",
                  .who = "server",
                  .words = {"catalogue", "import", "curated", "--data", "{/server}"},
                  .question = {"catalogue", "search", "khai sinh", "--data", "{/server}"},
                  .answer = "1.001193"});
  add_enrolment(acts, "dispatch", "Dispatcher", "dispatcher", "H42");
  add_enrolment(acts, "phone", "Courier", "courier", "H42.101");
  add_enrolment(acts, "office", "Officer", "officer", "H42.101");
  acts.push_back({.name = "DispatcherTakesRequest",
                  .who = "dispatch",
                  .words = by("dispatch", {"request", "1.001193", "--unit", "H42.101", "--name",
                                           "Nguyễn Văn An", "--phone", "0912345678", "--address",
                                           "Thôn Đoài, xã A"}),
                  .keep = Keep::first_line,
                  .fact = "dossier",
                  .question = by("dispatch", {"show"}),
                  .answer = "1.001193"});
  acts.push_back({.name = "DispatcherAssigns",
                  .who = "dispatch",
                  .words = by("dispatch", {"assign", "{dossier}", "{phone}"}),
                  .question = by("dispatch", {"show", "{dossier}"}),
                  .answer = stage(Stage::assigned)});
  acts.push_back({.name = "DispatcherPushes",
                  .who = "dispatch",
                  .words = by("dispatch", {"sync"}),
                  .is_online = true,
                  .question = by("dispatch", {"status"}),
                  .answer = all_sent});
  acts.push_back({.name = "DispatcherMakesLink",
                  .who = "dispatch",
                  .words = by("dispatch", {"citizen-link", "{dossier}"}),
                  .is_online = true,
                  .is_struck = false,
                  .keep = Keep::first_line,
                  .fact = "link"});
  acts.push_back({.name = "CitizenEnrols",
                  .who = "citizen",
                  .words = {"enrol", "--data", "{/citizen}", "{link}"},
                  .is_online = true,
                  .question = by("citizen", {"status"}),
                  .answer = "citizen"});
  acts.push_back({.name = "CitizenPulls",
                  .who = "citizen",
                  .words = by("citizen", {"sync"}),
                  .is_online = true,
                  .is_struck = false});
  acts.push_back({.name = "CourierPullsFirstTime",
                  .who = "phone",
                  .words = by("phone", {"sync"}),
                  .is_online = true,
                  .question = by("phone", {"round"}),
                  .answer = "1 hồ sơ"});
}

void add_capture(std::vector<Act>& acts) {
  const Words show = by("phone", {"show", "{dossier}"});
  const auto add = [&](std::string name, Words words, std::string answer) {
    acts.push_back({.name = std::move(name),
                    .who = "phone",
                    .words = by("phone", std::move(words)),
                    .question = show,
                    .answer = std::move(answer)});
  };
  add("CourierOpens", {"open", "1.001193", "--request", "{dossier}"}, stage(Stage::collecting));
  add("CourierScansCard", {"scan", "{dossier}", card}, "037090100200");
  add("CourierWritesField", {"field", "{dossier}", "owner_phone", "0912 345 678"}, "owner_phone: ");
  add("CourierChecksPaper", {"tick", "{dossier}", "1", "--originals", "1"}, "giấy tờ 1: 1");
  for (const std::string line : {"2", "3", "4"}) {
    add("CourierChecksPaper" + line, {"tick", "{dossier}", line, "--certified", "1"},
        "giấy tờ " + line);
    acts.back().is_struck = false;
  }
  add("CourierTakesPhoto", {"photo", "{dossier}", "{/page.jpg}"}, "ảnh: [12] ");
  add("CourierTakesTwoPhotos", {"photo", "{dossier}", "{/page2.jpg}", "{/page3.jpg}"},
      "ảnh: [3-5] ");
  add("CourierTakesMoney", {"money", "{dossier}", "26000", "--kind", "postage"},
      "tiền: (26000|52000) ");
  add("CourierSeals", {"seal", "{dossier}", "NP-1001"}, stage(Stage::sealed));
  acts.back().keep = Keep::first_hash;
  acts.back().fact = "sealed";
}

/// From screen to camera.
void add_showing(std::vector<Act>& acts, const std::string& from, const std::string& to,
                 const std::string& record, const std::string& name, bool is_struck,
                 std::string answer) {
  acts.push_back({.name = name + "IsShown",
                  .who = from,
                  .words = by(from, {"parcel", "{" + record + "}"}),
                  .is_struck = false,
                  .keep = Keep::parcel,
                  .fact = record + "-parcel"});
  acts.push_back({.name = name + "IsTaken",
                  .who = to,
                  .words = by(to, {"take", "{/" + record + "-parcel}"}),
                  .is_struck = is_struck,
                  .question = by(to, {"show", "{dossier}"}),
                  .answer = std::move(answer)});
}

void add_confirmation(std::vector<Act>& acts) {
  add_showing(acts, "phone", "citizen", "sealed", "Slip", true, "bưu gửi");
  acts.back().answer = stage(Stage::sealed);
  acts.push_back({.name = "CitizenConfirms",
                  .who = "citizen",
                  .words = by("citizen", {"confirm", "{sealed}"}),
                  .keep = Keep::parcel,
                  .fact = "confirmation",
                  .question = by("citizen", {"show", "{dossier}"}),
                  .answer = stage(Stage::confirmed)});
  acts.push_back({.name = "CourierTakesConfirmation",
                  .who = "phone",
                  .words = by("phone", {"take", "{/confirmation}"}),
                  .question = by("phone", {"show", "{dossier}"}),
                  .answer = stage(Stage::confirmed)});
  acts.push_back({.name = "CourierPushes",
                  .who = "phone",
                  .words = by("phone", {"sync"}),
                  .is_online = true,
                  .question = by("phone", {"status"}),
                  .answer = all_sent});
}

void add_handover(std::vector<Act>& acts) {
  acts.push_back({.name = "CourierOffersBag",
                  .who = "phone",
                  .words = by("phone", {"handover", "H42.101", "{dossier}"}),
                  .keep = Keep::first_hash,
                  .fact = "offer",
                  .question = by("phone", {"status"}),
                  .answer = "unsent: [12] bản ghi"});
  acts.push_back({.name = "OfficerPulls",
                  .who = "office",
                  .words = by("office", {"sync"}),
                  .is_online = true,
                  .question = by("office", {"show", "{dossier}"}),
                  .answer = stage(Stage::confirmed)});
  add_showing(acts, "phone", "office", "offer", "Offer", true, "");
  acts.back().question = by("office", {"status"});
  acts.back().answer = "unsent: [12] bản ghi";
  const auto decide = [&](std::string name, Words words, Stage after) {
    acts.push_back({.name = std::move(name),
                    .who = "office",
                    .words = by("office", std::move(words)),
                    .is_online = true,
                    .question = by("office", {"show", "{dossier}"}),
                    .answer = stage(after)});
  };
  decide("OfficerTakesBag", {"take-handover", "{offer}"}, Stage::handed_over);
  decide("OfficerAccepts", {"accept", "{dossier}"}, Stage::accepted);
  decide("OfficerDecides", {"decide", "{dossier}", "Giấy khai sinh"}, Stage::result_ready);
  acts.push_back({.name = "OfficerReturns",
                  .who = "office",
                  .words = by("office", {"return", "{dossier}"}),
                  .is_online = true,
                  .is_struck = false,
                  .keep = Keep::first_hash,
                  .fact = "return"});
}

void add_delivery(std::vector<Act>& acts) {
  const auto sync = [&](const std::string& name, const std::string& who) {
    acts.push_back({.name = name,
                    .who = who,
                    .words = by(who, {"sync"}),
                    .is_online = true,
                    .is_struck = false});
  };
  sync("CourierPullsResult", "phone");
  acts.push_back({.name = "CourierAcceptsReturn",
                  .who = "phone",
                  .words = by("phone", {"accept-return", "{return}"}),
                  .question = by("phone", {"status"}),
                  .answer = "unsent: [12] bản ghi"});
  acts.push_back({.name = "CourierDelivers",
                  .who = "phone",
                  .words = by("phone", {"deliver", "{dossier}", "can_cuoc", "{/sign.jpg}"}),
                  .keep = Keep::first_hash,
                  .fact = "delivered",
                  .question = by("phone", {"show", "{dossier}"}),
                  .answer = "ảnh: [45] "});
  sync("CourierPushesDelivery", "phone");
  sync("CitizenPullsDelivery", "citizen");
  acts.push_back({.name = "CitizenConfirmsDelivery",
                  .who = "citizen",
                  .words = by("citizen", {"confirm-delivery", "{delivered}"}),
                  .question = by("citizen", {"status"}),
                  .answer = "unsent: [12] bản ghi"});
  acts.push_back({.name = "CitizenRates",
                  .who = "citizen",
                  .words = by("citizen", {"rate", "{dossier}", "5", "--text", "Nhanh"}),
                  .question = by("citizen", {"status"}),
                  .answer = "unsent: [23] bản ghi"});
  acts.push_back({.name = "CitizenPushes",
                  .who = "citizen",
                  .words = by("citizen", {"sync"}),
                  .is_online = true,
                  .question = by("citizen", {"status"}),
                  .answer = all_sent});
  acts.push_back({.name = "CitizenKeepsProof",
                  .who = "citizen",
                  .words = by("citizen", {"receipt", "{sealed}", "{/citizen/proof}"}),
                  .question = by("citizen", {"verify", "{/citizen/proof}"}),
                  .answer = "valid: record"});
}

std::string filled(const std::string& word, const Town& town) {
  if (!word.starts_with('{') || !word.ends_with('}')) return word;
  const std::string name = word.substr(1, word.size() - 2);
  if (name.starts_with('/')) return (town.folder() / name.substr(1)).string();
  return name == "url" ? Town::url() : town.fact(name);
}

Words filled(Words words, const Town& town) {
  for (std::string& word : words) word = filled(word, town);
  return words;
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

const std::vector<Act>& journey() {
  static const std::vector<Act> acts = [] {
    std::vector<Act> all;
    add_request(all);
    add_capture(all);
    add_confirmation(all);
    add_handover(all);
    add_delivery(all);
    return all;
  }();
  return acts;
}

Words words_of(const Act& act, const Town& town) {
  return filled(act.words, town);
}

Outcome perform(const Act& act, const Town& town, const std::string& limits) {
  return process::tannha(words_of(act, town), limits);
}

void PrintTo(const Act& act, std::ostream* out) {
  *out << act.name;
}

void learn(const Act& act, Town& town, const Outcome& outcome) {
  const auto lines = outcome.lines();
  switch (act.keep) {
    case Keep::nothing:
      return;
    case Keep::first_line:
      return town.learn(act.fact, lines.at(0));
    case Keep::last_word:
      return town.learn(act.fact, lines.at(0).substr(lines.at(0).rfind(' ') + 1));
    case Keep::first_hash:
      return town.learn(act.fact, hashes_in(outcome.out).at(0));
    case Keep::parcel:
      return write_file(town / act.fact, outcome.out);
  }
}

bool is_done(const Act& act, const Town& town) {
  const Outcome said = process::tannha(filled(act.question, town));
  const bool done = said.code == 0 && std::regex_search(said.out, std::regex(act.answer));
  if (!done) std::cout << said.out << said.err;
  return done;
}

Stories::Stories() {
  fs::create_directories(folder_ / "0");
  towns_.emplace_back(folder_ / "0");
  for (std::uint64_t i = 1; i <= 3; ++i) {
    write_file(folder_ / "0" / (i == 1 ? "page.jpg" : "page" + std::to_string(i) + ".jpg"),
               as_text(tools::make_page({.width = 200, .height = 300, .seed = i})));
  }
  write_file(folder_ / "0" / "sign.jpg", as_text(tools::make_thumbnail({.seed = 7})));
}

Stories& Stories::get() {
  static Stories stories;
  return stories;
}

const Town& Stories::after(std::size_t count) {
  while (towns_.size() <= count) {
    const Act& act = journey().at(towns_.size() - 1);
    Town next = towns_.back().copy_to(folder_ / std::to_string(towns_.size()));
    const auto server = act.is_online ? next.open() : nullptr;
    const Outcome outcome = perform(act, next);
    if (outcome.code != 0) throw std::runtime_error(act.name + ": " + outcome.out + outcome.err);
    learn(act, next, outcome);
    if (server && server->stop() != 0) throw std::runtime_error("tannhad did not stop well");
    towns_.push_back(std::move(next));
  }
  return towns_.at(count);
}

const Town& Stories::before(const std::string& act) {
  const auto found = std::ranges::find(journey(), act, &Act::name);
  if (found == journey().end()) throw std::runtime_error("no such act: " + act);
  return get().after(static_cast<std::size_t>(found - journey().begin()));
}

const Town& Stories::end() {
  return get().after(journey().size());
}

fs::path Stories::spare() {
  return get().folder_ / "spare";
}

}  // namespace tannha::crash
