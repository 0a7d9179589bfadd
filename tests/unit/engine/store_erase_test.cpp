#include <gtest/gtest.h>

#include <filesystem>

#include "tannha/engine/store.hpp"
#include "tests/support/province.hpp"

namespace tannha::test {
namespace {

using sqlite::Mode;

/// What a store erases, what it keeps, and when it refuses.
class StoreEraseTest : public testing::Test {
 protected:
  StoreEraseTest() { must(store.unlock(host, unlock)); }

  static constexpr Id first{1};
  static constexpr Id second{2};

  TempDir folder;
  std::string path = (folder.path() / "store.db").string();
  FakeHost host{1};
  Unlock unlock{Seed{9}};
  KeyPair key = [] {
    init_crypto();
    return KeyPair::from_seed(Seed{1});
  }();
  Store store = must(Store::open(path, Mode::exclusive));
  std::uint64_t next_seq = 0;

  template <class B>
  Evidence evidence(const Id& subject, const B& body) {
    RecordHeader header;
    header.tenant = "H42";
    header.log_id = Hash{5};
    header.seq = next_seq++;
    header.subject = subject;
    header.type = B::type;
    header.claimed_ms = 1000 + header.seq;
    return {sign_record(header, body::encode(body, Id{}), key), {}, std::nullopt, Id{3}, 0};
  }
  Hash add(const Evidence& e, bool received = true, Origin origin = Origin::own) {
    must(store.insert(e, origin));
    if (received) must(store.set_receipt({e.record.hash, 0, {}, ""}));
    return e.record.hash;
  }
  Hash note(const Id& dossier, bool received = true, Origin origin = Origin::own) {
    return add(evidence(dossier, body::Note{"bí mật"}), received, origin);
  }
  /// A photo in a dossier. @return its hash
  Hash photo_of(const Id& dossier, std::uint8_t number, bool stored = true) {
    const Hash hash = blake2b_256(photo(number));
    must(store.put_attachment(hash, photo(number), "image/jpeg"));
    if (stored) must(store.attachment_stored(hash));
    add(evidence(dossier,
                 body::AttachmentAdded{hash, 8, "image/jpeg", body::AttachmentRole::page, 0}));
    return hash;
  }
  Hash batch(const std::vector<Id>& dossiers) {
    body::HandoverOffered offer;
    offer.direction = body::Direction::to_desk;
    offer.unit = "H42.101";
    for (const Id& id : dossiers) offer.items.push_back({id, "PG-1", "RB1", Hash{}});
    return add(evidence(Id{99}, offer));
  }
  bool has_body(const Hash& record) {
    return must_have(store.record(record)).evidence.record.has_body();
  }
};

TEST_F(StoreEraseTest, WhatIsErasedIsNotInMemoryEither) {
  const Hash record = note(first);
  const Hash both = batch({first, second});
  const auto bodies = [&](const Id& id) {
    std::size_t count = 0;
    for (const Evidence& e : must(store.dossier(id))) count += e.record.has_body() ? 1U : 0U;
    return count;
  };
  EXPECT_EQ(bodies(first), 2U);
  ASSERT_TRUE(must(store.erase_dossier(first)));
  EXPECT_EQ(store.kept_count(), 0U);
  EXPECT_EQ(bodies(first), 1U) << "the batch is about another dossier too";
  EXPECT_FALSE(has_body(record));
  EXPECT_EQ(bodies(second), 1U);
  ASSERT_TRUE(must(store.erase_dossier(second)));
  EXPECT_EQ(store.kept_count(), 0U);
  EXPECT_FALSE(has_body(both));
  EXPECT_EQ(bodies(first), 0U);
  const Id third{3};
  note(third);
  EXPECT_EQ(bodies(third), 1U);
  must(store.erase_everything(false));
  EXPECT_EQ(store.kept_count(), 0U);
  EXPECT_EQ(bodies(third), 0U);
}

TEST_F(StoreEraseTest, SummaryGoesWithItsDossierAndNoOther) {
  // The record of a batch stays as it is, for the other dossier's sake.
  const Hash both = batch({first, second});
  const auto kept = [&] {
    std::vector<Id> out;
    must(store.database().each("SELECT dossier FROM summary ORDER BY dossier", {}, [&](auto row) {
      out.push_back(row.template array<Id>(0));
      return true;
    }));
    return out;
  };
  must(store.keep_summary(first, 1, as_bytes("bí mật")));
  must(store.keep_summary(second, 1, as_bytes("bí mật")));
  ASSERT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(has_body(both));
  EXPECT_EQ(kept(), std::vector<Id>{second});
  // A record of a batch is about each of its dossiers.
  must(store.keep_summary(first, 1, as_bytes("bí mật")));
  must(store.set_ruling(both, {Verdict::effective, std::nullopt}));
  EXPECT_TRUE(kept().empty());
  must(store.keep_summary(second, 1, as_bytes("bí mật")));
  ASSERT_TRUE(must(store.erase_dossier(second)));
  EXPECT_TRUE(kept().empty());
}

TEST_F(StoreEraseTest, RefusesWhileARecordHasNoReceipt) {
  note(first);
  photo_of(first, 1);
  for (const Origin origin : {Origin::own, Origin::carried}) {
    const Hash unsent = note(first, false, origin);
    const std::string before = dump(store);
    EXPECT_FALSE(must(store.erase_dossier(first)));
    EXPECT_EQ(dump(store), before);
    EXPECT_EQ(must(store.dossiers()), std::vector<Id>{first});
    // Rejected is not received either.
    must(store.set_ruling(unsent, is_refused(errc::signature_invalid)));
    EXPECT_FALSE(must(store.erase_dossier(first)));
    must(store.set_receipt({unsent, 0, {}, ""}));
  }
  note(first, false, Origin::feed);  // The registry's own needs none.
  EXPECT_TRUE(must(store.erase_dossier(first)));
}

TEST_F(StoreEraseTest, RefusesWhileABatchWithItHasNoReceipt) {
  note(first);
  body::HandoverOffered offer;
  offer.items = {{first, "", "", Hash{}}, {second, "", "", Hash{}}};
  offer.direction = body::Direction::to_desk;
  const Hash unsent = add(evidence(Id{99}, offer), false);
  EXPECT_FALSE(must(store.erase_dossier(first)));
  must(store.set_receipt({unsent, 0, {}, ""}));
  EXPECT_TRUE(must(store.erase_dossier(first)));
}

TEST_F(StoreEraseTest, RefusesWhileTheServerLacksAnAttachment) {
  note(first);
  const Hash pending = photo_of(first, 1, false);
  const std::string before = dump(store);
  EXPECT_FALSE(must(store.erase_dossier(first)));
  EXPECT_EQ(dump(store), before);
  EXPECT_TRUE(must(store.attachment(pending)));
  must(store.attachment_stored(pending));
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_FALSE(must(store.attachment(pending)));
}

TEST_F(StoreEraseTest, AnotherDossiersUnsentWorkDoesNotHinder) {
  note(first);
  note(second, false);
  photo_of(second, 1, false);
  EXPECT_TRUE(must(store.erase_dossier(first)));
}

TEST_F(StoreEraseTest, ErasesBodiesAndAttachmentsAndKeepsEnvelopes) {
  const Hash record = note(first);
  const Hash attachment = photo_of(first, 1);
  const Hash other = note(second);
  const Hash others_attachment = photo_of(second, 2);
  const auto head = must_have(store.head(Hash{5}));
  const Bytes envelope = must_have(store.record(record)).evidence.record.envelope;
  EXPECT_TRUE(must(store.erase_dossier(first)));
  const StoredRecord erased = must_have(store.record(record));
  EXPECT_TRUE(erased.erased);
  EXPECT_FALSE(erased.evidence.record.has_body());
  EXPECT_EQ(erased.evidence.record.envelope, envelope);
  EXPECT_TRUE(erased.receipt);
  EXPECT_FALSE(must(store.has_attachment(attachment)));
  EXPECT_TRUE(has_body(other));
  EXPECT_FALSE(must_have(store.record(other)).erased);
  EXPECT_TRUE(must(store.attachment(others_attachment)));
  EXPECT_EQ(must_have(store.head(Hash{5})).hash, head.hash);
  EXPECT_EQ(must(store.dossier(first)).size(), 2U);
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{second});
  EXPECT_TRUE(must(store.is_forgotten(first)));
  EXPECT_TRUE(must(store.erase_dossier(first))) << "again is harmless";
}

TEST_F(StoreEraseTest, BatchKeepsItsBodyUntilTheLastDossierIsForgotten) {
  note(first);
  note(second);
  const Hash offer = batch({first, second});
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(has_body(offer));
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{second});
  EXPECT_TRUE(must(store.erase_dossier(second)));
  EXPECT_FALSE(has_body(offer));
  EXPECT_TRUE(must(store.dossiers()).empty());
}

TEST_F(StoreEraseTest, AttachmentThatAnotherDossierNamesStays) {
  const Hash shared = photo_of(first, 1);
  photo_of(second, 1);
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(must(store.attachment(shared)));
  EXPECT_TRUE(must(store.erase_dossier(second)));
  EXPECT_FALSE(must(store.attachment(shared)));
}

TEST_F(StoreEraseTest, EveryKindOfAttachmentGoes) {
  std::vector<Hash> images;
  for (std::uint8_t i = 0; i < 3; ++i) {
    images.push_back(blake2b_256(photo(i)));
    must(store.put_attachment(images.back(), photo(i), "image/jpeg"));
    must(store.attachment_stored(images.back()));
  }
  body::Sealed slip;
  slip.attachments = {images[0]};
  add(evidence(first, slip));
  add(evidence(first, body::Confirmed{body::Grade::courier_statement, {}, images[1]}));
  add(evidence(first, body::Delivered{"can_cuoc", images[2]}));
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(must(store.all_attachments()).empty());
}

TEST_F(StoreEraseTest, BodyThatComesBackIsKeptAndItsDossierListedWhenItIsBack) {
  const Evidence e = evidence(first, body::Note{"bí mật"});
  add(e);
  Evidence withheld = e;
  withheld.record.body.clear();
  EXPECT_FALSE(must(store.insert(e, Origin::feed)));
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_FALSE(must(store.insert(withheld, Origin::feed)));
  EXPECT_TRUE(must(store.dossiers()).empty());
  EXPECT_TRUE(must(store.insert(e, Origin::feed)));
  const StoredRecord back = must_have(store.record(e.record.hash));
  EXPECT_EQ(back.evidence.record.body, e.record.body);
  EXPECT_FALSE(back.erased);
  EXPECT_EQ(back.origin, Origin::own) << "as it was";
  EXPECT_TRUE(back.receipt);
  must(store.cancel_forget(first));
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{first});
  EXPECT_FALSE(must(store.insert(e, Origin::feed)));
}

TEST_F(StoreEraseTest, WithheldBodyIsAddedAndIndexedWhenItComes) {
  const Hash image = blake2b_256(photo());
  must(store.put_attachment(image, photo(), "image/jpeg"));
  must(store.attachment_stored(image));
  body::HandoverOffered offer;
  offer.direction = body::Direction::to_desk;
  offer.items = {{first, "", "", Hash{}}};
  for (const Evidence& whole :
       {evidence(Id{99}, offer), evidence(first, body::Delivered{"can_cuoc", image})}) {
    Evidence withheld = whole;
    withheld.record.body.clear();
    EXPECT_TRUE(must(store.insert(withheld, Origin::feed)));
    EXPECT_FALSE(must_have(store.record(whole.record.hash)).erased);
    EXPECT_TRUE(must(store.insert(whole, Origin::feed)));
  }
  EXPECT_EQ(must(store.dossier(first)).size(), 2U);
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_FALSE(must(store.has_attachment(image)));
}

TEST_F(StoreEraseTest, ForgettingGoesStepByStep) {
  note(first);
  note(second);
  const std::vector<Id> one{first};
  const std::vector<Id> none;
  EXPECT_EQ(must(store.forgets()), none);
  must(store.forget_acknowledged(first));
  must(store.want_forget(first));
  must(store.forget_acknowledged(first));  // Not done yet, so it says nothing.
  EXPECT_EQ(must(store.forgets()), one);
  EXPECT_EQ(must(store.forgotten()), none);
  EXPECT_EQ(must(store.dossiers()).size(), 2U) << "asked for is not erased";
  EXPECT_TRUE(must(store.erase_dossier(first)));
  must(store.forget_done(first));
  EXPECT_EQ(must(store.forgets()), none);
  EXPECT_EQ(must(store.forgotten()), one);
  must(store.forget_acknowledged(first));
  EXPECT_EQ(must(store.forgotten()), none);
  EXPECT_TRUE(must(store.is_forgotten(first)));
  // The registry lost the answer and asks again: it is told again.
  must(store.want_forget(first));
  EXPECT_EQ(must(store.forgets()), none);
  EXPECT_EQ(must(store.forgotten()), one);
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{second});
}

TEST_F(StoreEraseTest, ForgettingIsCalledOffWhenTheDossierIsBack) {
  note(first);
  must(store.want_forget(first));
  must(store.cancel_forget(first));
  EXPECT_TRUE(must(store.forgets()).empty());
  EXPECT_TRUE(must(store.erase_dossier(first)));
  must(store.want_forget(first));
  must(store.cancel_forget(first));
  EXPECT_TRUE(must(store.forgotten()).empty());
}

TEST_F(StoreEraseTest, ForgottenDossierThatIsBackIsNotReportedAsErased) {
  const Evidence e = evidence(first, body::Note{"x"});
  add(e);
  must(store.want_forget(first));
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(must(store.insert(e, Origin::feed)));
  EXPECT_EQ(must(store.forgotten()), std::vector<Id>{first}) << "one record of it is not all of it";
  must(store.forget_again(first));
  EXPECT_EQ(must(store.forgets()), std::vector<Id>{first});
  must(store.cancel_forget(first));
  EXPECT_TRUE(must(store.forgotten()).empty());
  EXPECT_TRUE(must(store.forgets()).empty());
}

TEST_F(StoreEraseTest, WhatOnlyRepeatsItselfIsErasedAgainUnseen) {
  const Evidence e = evidence(first, body::Note{"x"});
  add(e);
  must(store.want_forget(first));
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(must(store.insert(e, Origin::feed)));
  must(store.forget_again_unseen(first));
  EXPECT_TRUE(must(store.dossiers()).empty());
  EXPECT_EQ(must(store.forgets()), std::vector<Id>{first});
  EXPECT_TRUE(must(store.erase_dossier(first)));
  EXPECT_TRUE(must(store.forgets()).empty());
  EXPECT_FALSE(must_have(store.record(e.record.hash)).evidence.record.has_body());
  EXPECT_EQ(must(store.forgotten()), std::vector<Id>{first});
  // Somebody hands over something new about it.
  must(store.forget_again(first));
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{first});
}

TEST_F(StoreEraseTest, CleanIsWhenEverythingIsAtTheServer) {
  EXPECT_TRUE(must(store.is_clean()));
  note(first, false, Origin::feed);
  EXPECT_TRUE(must(store.is_clean()));
  const Hash rejected = note(first, false);
  must(store.set_ruling(rejected, is_refused(errc::signature_invalid)));
  EXPECT_FALSE(must(store.is_clean()));
  must(store.set_receipt({rejected, 0, {}, ""}));
  EXPECT_TRUE(must(store.is_clean()));
  const Hash pending = photo_of(first, 1, false);
  EXPECT_FALSE(must(store.is_clean()));
  must(store.attachment_stored(pending));
  EXPECT_TRUE(must(store.is_clean()));
}

TEST_F(StoreEraseTest, RefusesToEraseEverythingWhileSomethingIsUnsent) {
  note(first);
  const Hash unsent = note(second, false);
  must(store.set_secret("key_seed", Seed{1}));
  const std::string before = dump(store);
  for (const bool with_keys : {false, true}) {
    EXPECT_EQ(code_of(store.erase_everything(with_keys)), errc::store_unsent);
    EXPECT_EQ(dump(store), before);
  }
  EXPECT_FALSE(store.is_locked());
  must(store.set_receipt({unsent, 0, {}, ""}));
  photo_of(second, 1, false);
  EXPECT_EQ(code_of(store.erase_everything(true)), errc::store_unsent);
}

TEST_F(StoreEraseTest, ErasesEverythingButTheIdentity) {
  const Hash record = note(first);
  photo_of(second, 1);
  must(store.set_secret("ticket", as_bytes("vé")));
  must(store.set_secret("key_seed", Seed{1}));
  const body::LeaseGranted lease{Hash{5}, body::NumberKind::item, "RB", 1, 50};
  must(store.put_lease(lease, 0));
  must(store.put_log({Bytes{1}, Id{2}}));
  must(store.erase_everything(false));
  EXPECT_FALSE(has_body(record));
  EXPECT_TRUE(must(store.all_attachments()).empty());
  EXPECT_TRUE(must(store.dossiers()).empty());
  EXPECT_TRUE(must(store.all_logs()).empty());
  EXPECT_FALSE(must(store.secret("ticket")));
  EXPECT_TRUE(must(store.secret("key_seed")));
  EXPECT_EQ(must_have(store.head(Hash{5})).next_seq, next_seq);
  must(store.put_lease(lease, 0));
  EXPECT_EQ(must(store.numbers_left(body::NumberKind::item)), 0U) << "not given a second time";
}

TEST_F(StoreEraseTest, ErasesTheKeysToo) {
  const Hash record = note(first);
  must(store.set_secret("key_seed", Seed{1}));
  must(store.erase_everything(true));
  EXPECT_TRUE(store.is_locked());
  EXPECT_EQ(code_of(store.record(record)), errc::vault_locked);
  EXPECT_EQ(must_have(store.head(Hash{5})).hash, record);
  must(store.unlock(host, Unlock(Seed{4})));  // A new vault, for whoever is next.
  EXPECT_FALSE(must(store.secret("key_seed")));
  EXPECT_FALSE(has_body(record));
}

TEST_F(StoreEraseTest, CommitThatErasesEmptiesTheLogOfChanges) {
  const auto wal_size = [&] { return std::filesystem::file_size(path + "-wal"); };
  note(first);
  EXPECT_GT(wal_size(), 0U);
  {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    EXPECT_TRUE(must(store.erase_dossier(first)));
    must(transaction.commit());
  }
  EXPECT_EQ(wal_size(), 0U);
  {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    note(second);
    must(transaction.commit());
  }
  EXPECT_GT(wal_size(), 0U) << "only then";
}

TEST_F(StoreEraseTest, EraseThatIsNotCommittedErasesNothing) {
  const Hash record = note(first);
  const Hash attachment = photo_of(first, 1);
  {
    auto transaction = must(sqlite::Transaction::begin(store.database()));
    EXPECT_TRUE(must(store.erase_dossier(first)));
  }
  EXPECT_TRUE(has_body(record));
  EXPECT_TRUE(must(store.attachment(attachment)));
  EXPECT_EQ(must(store.dossiers()), std::vector<Id>{first});
}

}  // namespace
}  // namespace tannha::test
