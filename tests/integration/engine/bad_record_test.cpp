#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tannha/protocol/cose.hpp"
#include "tests/support/journey.hpp"

// Every way in which one record can be bad, all in one push together with good ones.
namespace tannha::test {
namespace {

/// A bad record and what is said of it. Without a receipt: it is kept, but not as a record.
struct Bad {
  std::string what;
  Record record;
  Ruling ruling;
  bool has_receipt;
};

Record with_version(const Record& record, std::uint64_t version, const KeyPair& key) {
  const auto message = must(cose::decode_sign1(record.envelope));
  cbor::Map payload = *must(cbor::decode(message.payload)).as_map();
  payload.at(0).second = cbor::Value(version);
  Record out = record;
  out.envelope = cose::sign1(message.protected_map, cbor::encode(cbor::Value(payload)), key);
  out.hash = sha256(out.envelope);
  return out;
}

class BadRecordTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  Id id = journey.sealed();
  Device& stranger = province.enrol(Role::courier, "H42");
  std::vector<Bad> bad;

  BadRecordTest() { province.sync(journey.courier); }

  Device& new_courier() { return province.enrol(Role::courier, "H42"); }
  Record note(Device& device, std::string text = "ghi chú") const {
    return forge(device, next_header(device, id), body::Note{std::move(text)});
  }
  void expect(std::string what, Record record, Ruling ruling) {
    bad.push_back({std::move(what), std::move(record), ruling, true});
  }
  void expect_rejected(std::string what, Record record, errc why) {
    bad.push_back({std::move(what), std::move(record), is_refused(why), false});
  }
  /// What the stranger writes next: each act follows the one before it, so that the chain is in
  /// order and only the act itself is wrong.
  template <class B>
  void expect_of_stranger(std::string what, std::vector<Hash> refs, const B& body, Ruling ruling) {
    RecordHeader header =
        stranger_head ? header_after(*stranger_head, id) : next_header(stranger, id);
    header.refs = std::move(refs);
    stranger_head = forge(stranger, header, body);
    expect(std::move(what), *stranger_head, ruling);
  }

  void add_unreadable();
  void add_unsigned();
  void add_out_of_place();
  void add_not_allowed();
  void add_false_confirmations();

 private:
  std::optional<Record> stranger_head;
};

void BadRecordTest::add_unreadable() {
  Device& author = new_courier();
  Record record = note(author, "thật");
  record.body = note(author, "giả").body;
  expect_rejected("another body", record, errc::body_mismatch);
  record = note(author, "không có nội dung");
  record.body.clear();
  expect_rejected("no body", record, errc::body_malformed);
  record = note(author);
  record.envelope = {0x01, 0x02};
  record.hash = sha256(record.envelope);
  expect_rejected("no envelope", record, errc::cbor_trailing_bytes);
  expect_rejected("unknown version", with_version(note(author), 2, author->identity()->key),
                  errc::record_version_unknown);
}

void BadRecordTest::add_unsigned() {
  Device& author = new_courier();
  const KeyPair& key = author->identity()->key;
  const Record record = note(author);
  expect_rejected("signed by another key",
                  sign_record(record.header, record.body, stranger->identity()->key),
                  errc::signature_invalid);
  RecordHeader header = record.header;
  header.tenant = "H43";
  expect_rejected("another tenant", sign_record(header, record.body, key), errc::tenant_mismatch);
  header = record.header;
  header.log_id = Hash{9};
  expect_rejected("unknown log", sign_record(header, record.body, key), errc::certificate_unknown);
}

void BadRecordTest::add_out_of_place() {
  Device& gap = new_courier();
  RecordHeader header = next_header(gap, id);
  header.seq += 3;
  header.prev = Hash{7};
  expect("gap", forge(gap, header, body::Note{"x"}), is_held(errc::predecessor_missing));
  Device& broken = new_courier();
  header = next_header(broken, id);
  header.prev = Hash{7};
  expect("broken chain", forge(broken, header, body::Note{"x"}), is_held(errc::log_broken));
  Device& forked = new_courier();
  expect("one branch", note(forked, "một"), is_refused(errc::out_of_scope));
  expect("the other branch", note(forked, "hai"), is_held(errc::log_forked));
  Device& newer = new_courier();
  header = next_header(newer, id);
  header.type = static_cast<RecordType>(999);
  expect("unknown type", forge(newer, header, body::encode(body::Note{"x"}, Id{})),
         is_held(errc::record_type_unknown));
  Device& unread = new_courier();
  header = next_header(unread, id);
  header.type = RecordType::confirmed;
  expect("a body of another type", forge(unread, header, body::encode(body::Note{"x"}, Id{})),
         is_refused(errc::body_malformed));
}

void BadRecordTest::add_not_allowed() {
  const Hash sealed = *province.dossier(id).sealed;
  const Record slip = must_have(journey.courier->record(sealed)).evidence.record;
  expect_of_stranger("another courier's dossier", {}, body::FieldsWritten{{{"owner_name", "X"}}},
                     is_refused(errc::out_of_scope));
  expect_of_stranger("an officer's act by a courier", {}, body::Accepted{},
                     is_refused(errc::role_not_allowed));
  expect_of_stranger(
      "a courier confirms for the citizen", {sealed},
      body::Confirmed{body::Grade::countersigned, must(stranger->countersign(slip)), {}},
      is_refused(errc::role_not_allowed));
  expect_of_stranger("unknown reference", {Hash{3}}, body::Note{"x"},
                     is_held(errc::reference_missing));
  expect_of_stranger("a lease for oneself", {},
                     body::LeaseGranted{stranger.log_id(), body::NumberKind::item, "RB", 1, 50, {}},
                     is_refused(errc::role_not_allowed));
  expect_of_stranger("a bag of nothing", {},
                     body::HandoverOffered{body::Direction::to_desk, std::string(unit), {}, {}},
                     is_refused(errc::out_of_scope));
}

void BadRecordTest::add_false_confirmations() {
  const Hash sealed = *province.dossier(id).sealed;
  const Record slip = must_have(journey.courier->record(sealed)).evidence.record;
  const Id elsewhere = must(core::Courier(*stranger, province.catalogue())
                                .open({}, birth_procedure, body::ServiceKind::send));
  province.sync(stranger);
  Device& neighbour = journey.let_in(elsewhere);
  RecordHeader header = next_header(neighbour, id);
  header.refs = {sealed};
  expect("citizen of another dossier",
         forge(neighbour, header,
               body::Confirmed{body::Grade::countersigned, must(neighbour->countersign(slip)), {}}),
         is_refused(errc::out_of_scope));
  Device& citizen = journey.let_in(id);
  header = next_header(citizen, id);
  header.refs = {sealed};
  expect("countersigned by somebody else",
         forge(citizen, header,
               body::Confirmed{body::Grade::countersigned, must(stranger->countersign(slip)), {}}),
         is_refused(errc::countersignature_invalid));
  header = header_after(bad.back().record, id);
  header.refs = {sealed};
  expect("grade B without a server's code",
         forge(citizen, header, body::Confirmed{body::Grade::one_time_code, {}, {}, "123456"}),
         is_refused(errc::role_not_allowed));
}

TEST_F(BadRecordTest, EachGetsItsReasonAndTheGoodOnesOfTheSamePushGoThrough) {
  add_unreadable();
  add_unsigned();
  add_out_of_place();
  add_false_confirmations();
  add_not_allowed();

  // Good and bad by turns, in one push by a device that wrote none of the bad ones.
  std::vector<Record> all;
  Record good = note(journey.courier);
  for (const Bad& b : bad) {
    all.push_back(good);
    all.push_back(b.record);
    good = forge(journey.courier, header_after(good, id), body::Note{"tiếp"});
  }
  const exchange::Response response = province.push(journey.courier, all);
  ASSERT_EQ(response.answers.size(), all.size());
  const exchange::Tenant& tenant = province.actor().tenant;
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_bad = i % 2 == 1;
    SCOPED_TRACE(is_bad ? bad[i / 2].what : "good");
    const exchange::Answer& answer = response.answers[i];
    EXPECT_EQ(answer.record, all[i].hash);
    EXPECT_EQ(ruling_of(answer), is_bad ? bad[i / 2].ruling : is_effective);
    ASSERT_EQ(answer.leaf_index.has_value(), !is_bad || bad[i / 2].has_receipt);
    if (!answer.leaf_index) {
      ++rejected;
      continue;
    }
    const Receipt receipt{answer.record, *answer.leaf_index, answer.path, response.checkpoint};
    EXPECT_TRUE(verify_receipt(receipt, tenant.origin, tenant.journal_key));
  }
  EXPECT_EQ(must(province.registry().quarantined()), rejected) << "kept as they came";
  const Dossier d = province.dossier(id);
  EXPECT_EQ(d.field("owner_name"), "Nguyễn Văn A");
  EXPECT_EQ(d.notes, bad.size());
  EXPECT_FALSE(d.confirmation);
  EXPECT_EQ(d.custodian, Custodian::courier);
}

}  // namespace
}  // namespace tannha::test
