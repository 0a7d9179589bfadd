#include <gtest/gtest.h>

#include <fstream>

#include "tannha/engine/dossier.hpp"
#include "tests/support/real_server.hpp"
#include "tools/photo/jpeg_generator.hpp"

// One dossier from the request to the result in the citizen's hand, every step a command as a
// person types it.

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view card =
    "037090100200||Nguyễn Văn An|01011990|Nam|Thôn Đoài, xã A, Ninh Bình|15042021";

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The first word of 64 hexadecimal digits: the hash of the record that was written.
std::string hash_in(const std::string& text) {
  std::string word;
  for (const char c : text + " ") {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      word += c;
    } else if (word.size() == 64) {
      return word;
    } else {
      word.clear();
    }
  }
  return {};
}

class JourneyTest : public ::testing::Test {
 protected:
  JourneyTest() : server_(made(folder_ / "server")) {
    write_file(folder_ / "page.jpg", as_text(tools::make_page({.width = 400, .height = 600})));
    write_file(folder_ / "sign.jpg", as_text(tools::make_thumbnail({.seed = 7})));
  }
  static fs::path made(const fs::path& folder) {
    make_server_folder(folder);
    return folder;
  }

  /// Runs a command of a role; it must succeed. @return what it prints
  std::string act(const std::string& role, std::vector<std::string> arguments) {
    const Outcome outcome = attempt(role, std::move(arguments));
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    return outcome.out;
  }
  Outcome attempt(const std::string& role, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {role, "--data", (folder_ / role).string()});
    return tannha(std::move(arguments));
  }

  /// @return the actor's id
  std::string enrol(const std::string& role, const std::string& as, const std::string& unit) {
    const Outcome ticket =
        tannha({"ticket", "--data", (folder_ / "server").string(), "--server", server_.url(),
                "--role", as, "--unit", unit, "--label", "thử " + as});
    EXPECT_EQ(ticket.code, 0) << ticket.err;
    const Outcome enrolled =
        tannha({"enrol", "--data", (folder_ / role).string(), ticket.lines().at(0)});
    EXPECT_EQ(enrolled.code, 0) << enrolled.err;
    return enrolled.lines().at(0).substr(enrolled.lines().at(0).rfind(' ') + 1);
  }

  /// From screen to camera.
  void show(const std::string& from, const std::string& to, const std::string& hash) {
    write_file(folder_ / "qr", act(from, {"parcel", hash}));
    act(to, {"take", (folder_ / "qr").string()});
  }

  void expect_stage(const std::string& role, Stage stage) {
    const std::string line = act(role, {"show", id_});
    EXPECT_NE(line.find(vietnamese(stage)), std::string::npos) << role << ": " << line;
  }

  void request_and_assign() {
    enrol("dispatch", "dispatcher", "H42");
    const std::string courier = enrol("phone", "courier", "H42.101");
    enrol("office", "officer", "H42.101");
    id_ = act("dispatch", {"request", "1.001193", "--unit", "H42.101", "--name", "Nguyễn Văn An",
                           "--phone", "0912345678", "--address", "Thôn Đoài, xã A"});
    id_.pop_back();
    act("dispatch", {"assign", id_, courier});
    act("dispatch", {"sync"});
    std::string link = act("dispatch", {"citizen-link", id_});
    link.pop_back();
    const Outcome enrolled = tannha({"enrol", "--data", (folder_ / "citizen").string(), link});
    EXPECT_EQ(enrolled.code, 0) << enrolled.err;
    act("citizen", {"sync"});
    act("phone", {"sync"});
    EXPECT_NE(act("phone", {"round"}).find("1 hồ sơ"), std::string::npos);
  }

  /// @return hash of the sealed record
  std::string capture_and_seal() {
    act("phone", {"open", "1.001193", "--request", id_});
    act("phone", {"scan", id_, std::string(card)});
    act("phone", {"field", id_, "owner_phone", "0912 345 678"});
    for (const std::string line : {"1", "2"}) act("phone", {"tick", id_, line, "--originals", "1"});
    for (const std::string line : {"3", "4"}) act("phone", {"tick", id_, line, "--certified", "1"});
    act("phone", {"photo", id_, (folder_ / "page.jpg").string()});
    act("phone", {"money", id_, "26000", "--kind", "postage"});
    const std::string sealed = hash_in(act("phone", {"seal", id_, "NP-1001"}));
    EXPECT_FALSE(sealed.empty());
    return sealed;
  }

  void hand_over_and_accept() {
    act("phone", {"sync"});
    act("citizen", {"sync"});
    expect_stage("citizen", Stage::confirmed);
    const std::string offer = hash_in(act("phone", {"handover", "H42.101", id_}));
    act("office", {"sync"});
    show("phone", "office", offer);
    act("office", {"take-handover", offer});
    act("office", {"accept", id_});
    expect_stage("office", Stage::accepted);
    EXPECT_NE(act("office", {"show", id_}).find("H42.101-"), std::string::npos) << "no code";
  }

  void return_and_deliver() {
    act("office", {"decide", id_, "Giấy khai sinh"});
    const std::string back = hash_in(act("office", {"return", id_}));
    act("phone", {"sync"});
    act("phone", {"accept-return", back});
    const std::string delivered = hash_in(
        act("phone", {"deliver", id_, "can_cuoc", (folder_ / "sign.jpg").string()}));
    act("phone", {"sync"});
    act("citizen", {"sync"});
    act("citizen", {"confirm-delivery", delivered});
    act("citizen", {"rate", id_, "5", "--text", "Nhanh"});
    act("citizen", {"sync"});
    for (const std::string role : {"citizen", "phone", "office", "dispatch"}) {
      act(role, {"sync"});
      expect_stage(role, Stage::returned);
    }
  }

  TempFolder folder_;
  RealServer server_;
  std::string id_;
};

TEST_F(JourneyTest, DossierGoesFromRequestToReturned) {
  request_and_assign();
  const std::string sealed = capture_and_seal();
  show("phone", "citizen", sealed);
  const std::string confirmed = act("citizen", {"confirm", sealed});
  write_file(folder_ / "qr", confirmed);
  act("phone", {"take", (folder_ / "qr").string()});
  hand_over_and_accept();
  return_and_deliver();

  // The citizen's proof needs nobody, and cannot be changed.
  const fs::path receipt = folder_ / "receipt";
  act("citizen", {"receipt", sealed, receipt.string()});
  EXPECT_EQ(server_.stop(), 0);
  const Outcome valid = attempt("citizen", {"verify", receipt.string()});
  EXPECT_EQ(valid.code, 0) << valid.err;
  EXPECT_TRUE(valid.says("hợp lệ / valid")) << valid.out;
  EXPECT_TRUE(valid.says(sealed)) << valid.out;
  const std::string whole = read_file(receipt);
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 16) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write_file(receipt, changed);
    EXPECT_EQ(attempt("citizen", {"verify", receipt.string()}).code, 1) << "byte " << at;
  }
  write_file(receipt, whole.substr(0, whole.size() / 2));
  EXPECT_EQ(attempt("citizen", {"verify", receipt.string()}).code, 1);

  for (const std::string name : {"server", "phone", "office", "citizen", "dispatch"}) {
    const Outcome inspected = tannha({"inspect", (folder_ / name).string()});
    EXPECT_EQ(inspected.code, 0) << inspected.err;
    EXPECT_TRUE(inspected.says(sealed.substr(0, 16))) << name << inspected.out;
    const Outcome checked = tannha({"fsck", (folder_ / name).string()});
    EXPECT_EQ(checked.code, 0) << name << checked.out << checked.err;
    EXPECT_TRUE(checked.says(", 0 problems")) << checked.out;
  }
}

TEST_F(JourneyTest, RefusedDecisionIsSaidAndKept) {
  request_and_assign();
  act("office", {"sync"});
  // Nothing was handed over yet: the rules say so before anything is signed.
  const Outcome early = attempt("office", {"accept", id_});
  EXPECT_EQ(early.code, 1);
  EXPECT_TRUE(early.says(message(errc::step_out_of_order, Language::vietnamese))) << early.err;
  EXPECT_TRUE(early.says(message(errc::step_out_of_order, Language::english))) << early.err;
  // The citizen has used the link: nobody gets a second one for this dossier.
  const Outcome again = attempt("dispatch", {"citizen-link", id_});
  EXPECT_EQ(again.code, 1);
  EXPECT_TRUE(again.says("ticket_used")) << again.err;
}

TEST_F(JourneyTest, WithoutNetworkEverythingIsKeptAndSentLater) {
  request_and_assign();
  EXPECT_EQ(server_.stop(), 0);
  const std::string sealed = capture_and_seal();
  const Outcome offline = attempt("phone", {"sync"});
  EXPECT_EQ(offline.code, 1);
  EXPECT_TRUE(offline.says(message(errc::network_unreachable, Language::vietnamese)))
      << offline.err;
  EXPECT_TRUE(offline.says(message(errc::network_unreachable, Language::english))) << offline.err;
  EXPECT_NE(act("phone", {"status"}).find(message(errc::network_unreachable, Language::vietnamese)),
            std::string::npos);
  EXPECT_NE(act("phone", {"parcel", sealed}).find("TN1."), std::string::npos);
}

}  // namespace
}  // namespace tannha::process
