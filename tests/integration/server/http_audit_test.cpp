#include "tools/audit/http_audit.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/merkle.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::tools {
namespace {

using server::code_of;
using server::must;
using server::ServiceWorld;

/// An auditor on the other end of a wire that may lie.
class HttpAuditTest : public ::testing::Test {
 protected:
  HttpAuditTest() : courier(world.enrol(Role::courier, "H42.101")), dossier(courier.open_dossier()) {
    world.sync(courier);
    grow(300);
  }
  void grow(std::size_t count) {
    world.push(courier, server::notes(world, courier, dossier, count));
  }
  Result<HttpAudit> audit(const std::optional<RememberedCheckpoint>& before = {}) {
    return audit_over_http(
        [this](const std::string& path) -> Result<HttpAnswer> {
          server::HttpResponse from = world.get(path);
          HttpAnswer answer;
          answer.status = from.status;
          answer.body = std::move(from.body);
          if (lie) lie(path, answer);
          return answer;
        },
        before);
  }
  /// What is fetched under this address is another.
  void replace(const std::string& wanted, std::function<void(HttpAnswer&)> change) {
    lie = [wanted, change](const std::string& path, HttpAnswer& answer) {
      if (path == wanted) change(answer);
    };
  }
  /// Signed by the registry itself: a lie that only the tree can show.
  std::string signed_note(std::uint64_t size, const Hash& root) {
    return sign_checkpoint({world.actor().tenant.origin, size, root}, world.actor().journal_key);
  }

  ServiceWorld world;
  server::Client courier;
  Id dossier;
  std::function<void(const std::string&, HttpAnswer&)> lie;
};

TEST_F(HttpAuditTest, SignedRootThatTheEntriesDoNotGiveIsFound) {
  const HttpAudit good = must(audit());
  Hash root = good.checkpoint.root;
  root[0] ^= 1;
  replace("/log/checkpoint", [&](HttpAnswer& answer) {
    answer.body = to_bytes(as_bytes(signed_note(good.checkpoint.size, root)));
  });
  EXPECT_EQ(code_of(audit()), errc::store_corrupt);
}

TEST_F(HttpAuditTest, MissingTileIsFound) {
  for (const char* path : {"/log/tile/0/000", "/log/tile/entries/000", "/log/tile/1/000.p/1"}) {
    replace(path, [](HttpAnswer& answer) { answer.status = 404; });
    const auto found = audit();
    EXPECT_EQ(code_of(found), errc::store_not_found) << path;
    EXPECT_NE(found.error().detail.find(path), std::string::npos);
  }
}

TEST_F(HttpAuditTest, TileThatIsNotThatOfItsEntriesIsFound) {
  replace("/log/tile/0/000", [](HttpAnswer& answer) { answer.body[40] ^= 1; });
  EXPECT_EQ(code_of(audit()), errc::store_corrupt);
  replace("/log/tile/entries/000", [](HttpAnswer& answer) { answer.body[40] ^= 1; });
  EXPECT_EQ(code_of(audit()), errc::store_corrupt);
  replace("/log/tile/entries/000", [](HttpAnswer& answer) { answer.body.pop_back(); });
  EXPECT_EQ(code_of(audit()), errc::server_reply_malformed);
}

TEST_F(HttpAuditTest, RolledBackJournalIsFound) {
  const std::string old = server::text_of(world.get("/log/checkpoint"));
  grow(303);
  const HttpAudit before = must(audit());
  replace("/log/checkpoint",
          [&](HttpAnswer& answer) { answer.body = to_bytes(as_bytes(old)); });
  const auto found = audit(before.remember);
  EXPECT_EQ(code_of(found), errc::checkpoint_inconsistent);
  EXPECT_NE(found.error().detail.find("rolled back"), std::string::npos);
}

TEST_F(HttpAuditTest, OtherPastIsFound) {
  HttpAudit before = must(audit());
  before.remember.note = signed_note(before.checkpoint.size - 7, Hash{1});
  EXPECT_EQ(code_of(audit(before.remember)), errc::checkpoint_inconsistent);
  before.remember.note = signed_note(before.checkpoint.size, Hash{1});
  EXPECT_EQ(code_of(audit(before.remember)), errc::checkpoint_inconsistent);
}

TEST_F(HttpAuditTest, OtherKeyIsFound) {
  RememberedCheckpoint before = must(audit()).remember;
  before.key = KeyPair::from_seed(Seed{9}).public_key();
  before.note.clear();
  EXPECT_EQ(code_of(audit(before)), errc::signature_invalid);
}

TEST_F(HttpAuditTest, ServerThatDoesNotAnswerIsNoSoundJournal) {
  replace("/log/checkpoint", [](HttpAnswer& answer) { answer.status = 500; });
  EXPECT_EQ(code_of(audit()), errc::server_refused);
}

TEST_F(HttpAuditTest, GrowingJournalContinuesWhatWasSeen) {
  const HttpAudit first = must(audit());
  EXPECT_FALSE(first.before.has_value());
  EXPECT_EQ(first.tiles, 5U) << "two bundles, two tiles of leaves, one above";
  grow(620);
  const auto remembered = must(RememberedCheckpoint::parse(first.remember.text()));
  const HttpAudit second = must(audit(remembered));
  EXPECT_EQ(second.before, first.checkpoint);
  EXPECT_GT(second.checkpoint.size, first.checkpoint.size);
  EXPECT_EQ(must(audit(second.remember)).checkpoint, second.checkpoint);
}

TEST_F(HttpAuditTest, WhatIsRememberedIsReadStrictly) {
  const RememberedCheckpoint good = must(audit()).remember;
  EXPECT_EQ(must(RememberedCheckpoint::parse(good.text())).note, good.note);
  std::string text = good.text();
  for (const std::string& bad :
       {std::string(), std::string("a"), std::string("a+b+c"), text.substr(1),
        "x" + text, text.substr(0, text.find('\n') - 4)}) {
    EXPECT_EQ(code_of(RememberedCheckpoint::parse(bad)), errc::checkpoint_malformed) << bad;
  }
}

}  // namespace
}  // namespace tannha::tools
