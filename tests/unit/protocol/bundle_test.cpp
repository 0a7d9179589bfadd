#include "tannha/protocol/bundle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "../../support/protocol_world.hpp"
#include "../../support/random_seed.hpp"

namespace tannha {
namespace {

std::string code_of(const auto& result) {
  return result ? "none" : std::string(name(result.error().code));
}

constexpr std::size_t header_bytes = 3 + 1 + 1 + 3 + 4;  // of a bundle for "H42"

class BundleTest : public testing::Test {
 protected:
  [[nodiscard]] std::string opened(BytesView bytes, std::string_view tenant = "H42") const {
    return code_of(open_bundle(bytes, tenant, world_.bundle_key));
  }
  /// Any content under the seal of a sound bundle.
  [[nodiscard]] Bytes sealed(BytesView content) const {
    const Bytes box = *seal_box(world_.bundle_key.public_key(), content, test::World::ephemeral());
    Bytes out(bytes_.begin(), bytes_.begin() + header_bytes - 4);
    for (std::size_t i = 4; i-- > 0;) {
      out.push_back(static_cast<std::uint8_t>(box.size() >> (8 * i)));
    }
    out.insert(out.end(), box.begin(), box.end());
    return out;
  }
  [[nodiscard]] std::string opened_content(const Bundle& content) const {
    return opened(sealed(fields::encode(content)));
  }

  test::World world_;
  Bytes bytes_ = world_.bundle_bytes();
};

TEST_F(BundleTest, RefusesWhatIsCutOffAnywhere) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    EXPECT_EQ(opened(BytesView(bytes_).first(size)), "bundle_malformed") << size;
  }
}

TEST_F(BundleTest, RefusesBytesBehindTheSeal) {
  bytes_.push_back(0);
  EXPECT_EQ(opened(bytes_), "bundle_malformed");
}

TEST_F(BundleTest, NoticesEveryChangedBit) {
  ASSERT_EQ(opened(bytes_), "none");
  for (std::size_t i = 0; i < bytes_.size() * 8; ++i) {
    Bytes bad = bytes_;
    bad[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const std::size_t at = i / 8;
    const std::string expected = at == 3                ? "frame_version_unknown"
                                 : at >= 5 && at < 8 ? "bundle_not_for_us"
                                                     : "bundle_malformed";
    if (at == 4) {
      // With another length, other bytes are the tenant, or there are not enough of them.
      EXPECT_NE(opened(bad), "none") << i;
    } else {
      EXPECT_EQ(opened(bad), expected) << i;
    }
  }
}

TEST_F(BundleTest, RefusesAnotherTenantsBeforeItLooksUnderTheSeal) {
  EXPECT_EQ(opened(bytes_, "H43"), "bundle_not_for_us");
  EXPECT_EQ(opened(bytes_, "H4"), "bundle_not_for_us");
  EXPECT_EQ(opened(bytes_, ""), "bundle_not_for_us");
}

// Somebody writes our code in front of what was made for another province with the same key.
TEST_F(BundleTest, RefusesContentOfAnotherTenant) {
  Bundle content = world_.bundle();
  content.tenant = "H43";
  EXPECT_EQ(opened_content(content), "bundle_malformed");
}

TEST_F(BundleTest, RefusesWhatWasSealedToAnotherKey) {
  EXPECT_EQ(code_of(open_bundle(bytes_, "H42", test::box_key_of(6))), "bundle_malformed");
}

TEST_F(BundleTest, RefusesMoreBytesThanTheLimit) {
  Bundle content = world_.bundle();
  const std::size_t others = fields::encode(content).size();
  Bytes& photo = content.attachments[0].bytes;
  const std::size_t room = limits::bundle_bytes_max - bundle_overhead(content.tenant);
  // A longer byte string has a longer head: 5 bytes instead of 1.
  photo.resize(photo.size() + room - others - 4);
  ASSERT_EQ(fields::encode(content).size(), room);
  auto full = seal_bundle(content, world_.bundle_key.public_key(), test::World::ephemeral());
  ASSERT_TRUE(full);
  EXPECT_EQ(full->size(), limits::bundle_bytes_max);
  EXPECT_EQ(opened(*full), "none");
  full->push_back(0);
  EXPECT_EQ(opened(*full), "frame_too_large");
  photo.push_back(0);
  EXPECT_EQ(code_of(seal_bundle(content, world_.bundle_key.public_key(), {})), "frame_too_large");
}

TEST_F(BundleTest, RefusesContentThatIsNone) {
  EXPECT_EQ(opened(sealed({})), "bundle_malformed");
  EXPECT_EQ(opened(sealed(Bytes{0x80})), "bundle_malformed");
  EXPECT_EQ(opened(sealed(*from_hex("a1001801"))), "bundle_malformed");
  Bytes longer = fields::encode(world_.bundle());
  longer.push_back(0);
  EXPECT_EQ(opened(sealed(longer)), "bundle_malformed");
  Bundle later = world_.bundle();
  later.version = 2;
  EXPECT_EQ(opened_content(later), "frame_version_unknown");
}

TEST_F(BundleTest, RefusesTooManyOfAnything) {
  Bundle content = world_.bundle();
  content.records.assign(limits::exchange_records_max, {});
  content.logs.assign(limits::exchange_logs_max, {});
  content.attachments.assign(limits::exchange_records_max, {});
  EXPECT_EQ(opened_content(content), "none");
  Bundle more = content;
  more.records.emplace_back();
  EXPECT_EQ(opened_content(more), "too_many_records");
  more = content;
  more.logs.emplace_back();
  EXPECT_EQ(opened_content(more), "too_many_records");
  more = content;
  more.attachments.emplace_back();
  EXPECT_EQ(opened_content(more), "too_many_records");
}

// A later version may have added a field: it is not looked at, but it takes room.
TEST_F(BundleTest, RefusesMoreItemsThanTheLimit) {
  cbor::Map map = *fields::to_value(Bundle{.tenant = "H42"}).as_map();
  // The map, seven fields with their keys, and the array with its key.
  const std::size_t others = 1 + 2 * 7 + 2;
  map.emplace_back(100, cbor::Array(limits::message_items_max - others, cbor::Value(7)));
  EXPECT_EQ(opened(sealed(cbor::encode(cbor::Value(map)))), "none");
  map.back().second = cbor::Array(limits::message_items_max - others + 1, cbor::Value(7));
  EXPECT_EQ(opened(sealed(cbor::encode(cbor::Value(map)))), "bundle_malformed");
  // Items behind strings of every length are counted, too.
  cbor::Array strings;
  for (const std::size_t size : {0UL, 23UL, 24UL, 255UL, 256UL, 65'535UL, 65'536UL}) {
    strings.emplace_back(Bytes(size, 0xff));
    strings.emplace_back(std::string(size, 'a'));
  }
  strings.emplace_back(1.5);
  strings.emplace_back(std::uint64_t{1} << 40);
  strings.resize(limits::message_items_max - others, cbor::Value(7));
  map.back().second = strings;
  EXPECT_EQ(opened(sealed(cbor::encode(cbor::Value(map)))), "none");
  strings.emplace_back(7);
  map.back().second = strings;
  EXPECT_EQ(opened(sealed(cbor::encode(cbor::Value(map)))), "bundle_malformed");
}

TEST_F(BundleTest, IsNotSealedToAKeyThatIsNone) {
  EXPECT_EQ(code_of(seal_bundle(world_.bundle(), PublicKey{}, {})), "key_malformed");
}

TEST_F(BundleTest, OpensToWhatWasSealed) {
  const auto bundle = open_bundle(bytes_, "H42", world_.bundle_key);
  ASSERT_TRUE(bundle) << bundle.error().detail;
  EXPECT_EQ(fields::encode(*bundle), fields::encode(world_.bundle()));
  EXPECT_EQ(bytes_.size(), fields::encode(*bundle).size() + bundle_overhead("H42"));
}

TEST_F(BundleTest, ShowsNothingOfItsContentToWhoCarriesIt) {
  const std::string_view text = as_text(bytes_);
  EXPECT_EQ(text.find("photo"), std::string_view::npos);
  EXPECT_EQ(text.find("image/jpeg"), std::string_view::npos);
  EXPECT_EQ(text.find(as_text(world_.sealed.body)), std::string_view::npos);
  EXPECT_EQ(text.find(as_text(BytesView(world_.courier_log.log_id()))), std::string_view::npos);
}

class BundleReceiptsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string opened(BytesView bytes, std::string_view tenant = "H42") const {
    return code_of(open_bundle_receipts(bytes, tenant, world_.journal_key.public_key()));
  }
  test::World world_;
  Bytes bytes_ = sign_bundle_receipts(world_.bundle_receipts(), world_.journal_key);
};

TEST_F(BundleReceiptsTest, RefusesOtherBytesThanTheSignedOnes) {
  ASSERT_EQ(opened(bytes_), "none");
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    Bytes bad = bytes_;
    bad[i] ^= 1;
    EXPECT_NE(opened(bad), "none") << i;
  }
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    EXPECT_NE(opened(BytesView(bytes_).first(size)), "none") << size;
  }
}

TEST_F(BundleReceiptsTest, RefusesAnotherSignerTenantVersionOrSize) {
  const BundleReceipts receipts = world_.bundle_receipts();
  EXPECT_EQ(opened(sign_bundle_receipts(receipts, world_.authority_key)), "signature_invalid");
  EXPECT_EQ(opened(bytes_, "H43"), "tenant_mismatch");
  BundleReceipts other = receipts;
  other.version = 2;
  EXPECT_EQ(opened(sign_bundle_receipts(other, world_.journal_key)), "frame_version_unknown");
  EXPECT_EQ(opened(Bytes(limits::frame_bytes_max + 1)), "frame_too_large");
}

// The same key signs checkpoints, and could sign other messages: only this kind is one of receipts.
TEST_F(BundleReceiptsTest, RefusesMessagesOfAnotherKind) {
  EXPECT_EQ(opened(world_.courier_log.certificate), "cose_wrong_type");
  EXPECT_EQ(opened(world_.opened.envelope), "cose_wrong_type");
  const Bytes payload = fields::encode(world_.bundle_receipts());
  const cbor::Value header(cbor::Map{{cose::label_alg, cose::alg_ed25519}});
  EXPECT_EQ(opened(cose::sign1(header, payload, world_.journal_key)), "cose_wrong_type");
}

TEST_F(BundleReceiptsTest, OpensToWhatWasSigned) {
  const auto read = open_bundle_receipts(bytes_, "H42", world_.journal_key.public_key());
  ASSERT_TRUE(read);
  EXPECT_EQ(fields::encode(*read), fields::encode(world_.bundle_receipts()));
}

class BundlePartsTest : public testing::Test {
 protected:
  static Bytes some_bytes(std::size_t count, std::uint64_t seed = 1) {
    std::mt19937_64 random(seed);
    Bytes out(count);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
    return out;
  }
  static std::vector<std::string> parts_of(BytesView bytes, std::size_t chars_max = 600) {
    auto parts = bundle_parts(bytes, chars_max);
    EXPECT_TRUE(parts);
    return parts.value_or(std::vector<std::string>());
  }
  std::string added(std::string_view text) { return code_of(joiner_.add(text)); }

  BundleJoiner joiner_;
};

TEST_F(BundlePartsTest, RefusesTextThatIsNoPart) {
  for (const std::string text :
       {"", "TNB1", "TNB1/", "TNB1/1", "TNB1/1/", "TNB1/1/1/", "TNB1/1/1/01234567",
        "TNB1/1/1/01234567/", "TNB1/1/1/01234567/A", "TNB1/1/1/01234567/AA=",
        "TNB1/1/1/0123456/AAAA", "TNB1/1/1/012345678/AAAA", "TNB1/1/1/0123456G/AAAA",
        "TNB1/1/1/0123456A/AAAA", "TNB1/0/1/01234567/AAAA", "TNB1/2/1/01234567/AAAA",
        "TNB1/01/1/01234567/AAAA", "TNB1/1/01/01234567/AAAA", "TNB1/-1/1/01234567/AAAA",
        "TNB1/+1/1/01234567/AAAA", "TNB1/1/0/01234567/AAAA", "TNB1/1 /1/01234567/AAAA",
        "TNB1/99999999999999999999999/1/01234567/AAAA", "TNB2/1/1/01234567/AAAA",
        "tnb1/1/1/01234567/AAAA", " TNB1/1/1/01234567/AAAA", "TN1.AAAA"}) {
    EXPECT_EQ(added(text), "frame_malformed") << text;
  }
}

TEST_F(BundlePartsTest, RefusesTextOrSeriesAboveTheLimit) {
  const std::string head = "TNB1/1/2/01234567/";
  const std::size_t room = limits::bundle_part_chars_max - head.size();
  const std::string full = head + std::string(room / 4 * 4, 'A');
  EXPECT_EQ(added(full), "none");
  EXPECT_EQ(added(head + std::string(room + 1, 'A')), "frame_too_large");
  EXPECT_EQ(added("TNB1/1/1000/01234567/AAAA"), "none");
  EXPECT_EQ(added("TNB1/1/1001/01234567/AAAA"), "frame_too_large");
}

TEST_F(BundlePartsTest, RefusesPartSizeOutsideTheLimits) {
  const Bytes bytes = some_bytes(100);
  EXPECT_EQ(code_of(bundle_parts(bytes, 63)), "argument_invalid");
  EXPECT_EQ(code_of(bundle_parts(bytes, 64)), "none");
  EXPECT_EQ(code_of(bundle_parts(bytes, limits::bundle_part_chars_max)), "none");
  EXPECT_EQ(code_of(bundle_parts(bytes, limits::bundle_part_chars_max + 1)), "argument_invalid");
  EXPECT_EQ(code_of(bundle_parts({}, 600)), "argument_invalid");
}

TEST_F(BundlePartsTest, RefusesMorePartsThanTheLimit) {
  const std::size_t part_bytes = (64 - 24) / 4 * 3;
  EXPECT_EQ(parts_of(some_bytes(part_bytes * limits::bundle_parts_max), 64).size(),
            limits::bundle_parts_max);
  EXPECT_EQ(code_of(bundle_parts(some_bytes(part_bytes * limits::bundle_parts_max + 1), 64)),
            "frame_too_large");
}

TEST_F(BundlePartsTest, RefusesPartThatContradictsOneThatIsHere) {
  const std::vector<std::string> parts = parts_of(some_bytes(1000));
  ASSERT_GE(parts.size(), 2U);
  std::string other = parts[0];
  other.back() = other.back() == 'A' ? 'Q' : 'A';
  EXPECT_EQ(added(parts[0]), "none");
  EXPECT_EQ(added(other), "frame_malformed");
  // The first one stands: the series still comes to its end.
  std::optional<Bytes> whole;
  for (std::size_t i = 1; i < parts.size(); ++i) whole = joiner_.add(parts[i])->complete;
  EXPECT_EQ(whole, some_bytes(1000));
}

TEST_F(BundlePartsTest, ForgetsPartsThatDoNotMakeTheWhole) {
  const std::vector<std::string> parts = parts_of(some_bytes(600), 600);
  ASSERT_EQ(parts.size(), 2U);
  std::string wrong = parts[1];
  wrong[40] = wrong[40] == 'A' ? 'B' : 'A';
  EXPECT_EQ(added(parts[0]), "none");
  EXPECT_EQ(added(wrong), "frame_malformed");
  EXPECT_EQ(joiner_.add(parts[1])->have, 1U);
  EXPECT_EQ(joiner_.add(parts[0])->complete, some_bytes(600));
}

TEST_F(BundlePartsTest, NoPartIsLongerThanAsked) {
  for (const std::size_t chars : {64UL, 65UL, 67UL, 100UL, 600UL, 2953UL}) {
    for (const std::size_t count : {1UL, 30UL, 31UL, 999UL, 29'000UL}) {
      const Bytes bytes = some_bytes(count);
      std::optional<Bytes> whole;
      for (const std::string& part : parts_of(bytes, chars)) {
        EXPECT_LE(part.size(), chars);
        EXPECT_TRUE(is_bundle_part(part));
        const auto progress = joiner_.add(part);
        ASSERT_TRUE(progress);
        if (progress->complete) whole = progress->complete;
      }
      EXPECT_EQ(whole, bytes) << chars << " " << count;
      joiner_ = {};
    }
  }
}

TEST_F(BundlePartsTest, ReadsOverSpaceAndLineEndsBehind) {
  const std::vector<std::string> parts = parts_of(some_bytes(10));
  EXPECT_EQ(joiner_.add(parts[0] + " \r\n")->complete, some_bytes(10));
}

TEST_F(BundlePartsTest, GivesTheWholeOnceAndSaysThatItIsComplete) {
  const std::vector<std::string> parts = parts_of(some_bytes(1000));
  for (const std::string& part : parts) EXPECT_EQ(added(part), "none");
  const auto again = joiner_.add(parts[0]);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->complete);
  EXPECT_EQ(again->have, parts.size());
  EXPECT_EQ(again->of, parts.size());
}

TEST_F(BundlePartsTest, JoinsMixedSeriesInAnyOrderWithRepetitions) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const std::size_t count = 1 + random() % limits::bundle_joins_max;
    std::vector<Bytes> wholes;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
      wholes.push_back(some_bytes(1 + random() % 3000, random()));
      for (const std::string& part : parts_of(wholes.back(), 64 + random() % 600)) {
        texts.push_back(part);
        if (random() % 3 == 0) texts.push_back(part);
      }
    }
    std::ranges::shuffle(texts, random);
    BundleJoiner joiner;
    std::vector<Bytes> joined;
    for (const std::string& text : texts) {
      auto progress = joiner.add(text);
      ASSERT_TRUE(progress) << progress.error().detail;
      EXPECT_GE(progress->have, 1U);
      EXPECT_LE(progress->have, progress->of);
      if (progress->complete) joined.push_back(std::move(*progress->complete));
    }
    std::ranges::sort(wholes);
    std::ranges::sort(joined);
    EXPECT_EQ(joined, wholes);
  }
}

TEST_F(BundlePartsTest, ForgetsTheSeriesThatGotNothingForLongest) {
  std::vector<std::vector<std::string>> series;
  for (std::size_t i = 0; i <= limits::bundle_joins_max; ++i) {
    series.push_back(parts_of(some_bytes(600, i)));
    ASSERT_EQ(series.back().size(), 2U);
  }
  EXPECT_EQ(added(series[0][0]), "none");
  EXPECT_EQ(added(series[1][0]), "none");
  // Touched again, so that the second is now the one that got nothing for longest.
  EXPECT_EQ(added(series[0][0]), "none");
  for (std::size_t i = 2; i < series.size(); ++i) EXPECT_EQ(added(series[i][0]), "none");
  EXPECT_EQ(joiner_.unfinished_count(), limits::bundle_joins_max);
  EXPECT_TRUE(joiner_.add(series[0][1])->complete);
  EXPECT_EQ(joiner_.unfinished_count(), limits::bundle_joins_max - 1);
  EXPECT_EQ(joiner_.add(series[1][1])->have, 1U);
}

}  // namespace
}  // namespace tannha
