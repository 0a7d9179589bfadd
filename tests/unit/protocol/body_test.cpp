#include "tannha/protocol/body.hpp"

#include <gtest/gtest.h>

#include "../../support/protocol_world.hpp"

namespace tannha::body {
namespace {

using cbor::Map;
using cbor::Value;

/// Fills every field with something that is not its default.
struct Filler {
  std::uint8_t next = 1;

  template <class T>
  void operator()(int, T& item) {
    fill(item);
  }
  template <class T>
  void fill(T& item) {
    if constexpr (fields::is_optional<T>::value) {
      fill(item.emplace());
    } else if constexpr (std::is_enum_v<T>) {
      item = static_cast<T>(2);
    } else if constexpr (std::same_as<T, bool>) {
      item = !item;
    } else if constexpr (std::unsigned_integral<T>) {
      item = static_cast<T>(next++ % 5 + 1);
    } else if constexpr (std::same_as<T, std::string>) {
      item = "chữ " + std::to_string(next++);
    } else if constexpr (std::same_as<T, Bytes>) {
      item = Bytes(3, next++);
    } else if constexpr (fields::is_byte_array<T>::value) {
      item.fill(next++);
    } else if constexpr (fields::is_vector<T>::value) {
      fill(item.emplace_back());
      fill(item.emplace_back());
    } else {
      T::fields(*this, item);
    }
  }
};

/// The keys of a body's fields that must be there.
struct Required {
  std::vector<int> keys;
  template <class T>
  void operator()(int key, const T&) {
    if (!fields::is_optional<T>::value) keys.push_back(key);
  }
};

std::string code_of(const auto& result) {
  return result ? "none" : std::string(name(result.error().code));
}

std::string checked(RecordType type, const Value& value) {
  return code_of(check(type, cbor::encode(value)));
}

template <class B>
class BodyTest : public testing::Test {
 protected:
  static B filled_body() {
    B body;
    Filler().fill(body);
    if constexpr (std::same_as<B, Confirmed>) body.code = "012345";
    return body;
  }
  static Value filled_value() { return *cbor::decode(encode(filled_body(), test::filled(0x5a))); }
};

using Bodies = testing::Types<PickupRequested, Assigned, LeaseGranted, CitizenBound, DossierOpened,
                              FieldsWritten, DocumentChecked, AttachmentAdded, FeeTaken, Sealed,
                              Confirmed, Supplemented, HandoverOffered, HandoverAccepted, Accepted,
                              Registered, SupplementRequested, Refused, ResultReady, Forwarded,
                              DeliveryAttempted, Delivered, DeliveryConfirmed, Note, Feedback>;
TYPED_TEST_SUITE(BodyTest, Bodies);

TYPED_TEST(BodyTest, RefusesMissingAndIllTypedFields) {
  Required required;
  const TypeParam item{};
  TypeParam::fields(required, item);
  for (const int key : required.keys) {
    SCOPED_TRACE(key);
    Map less = *this->filled_value().as_map();
    std::erase_if(less, [&](const auto& pair) { return pair.first.as_int() == key; });
    EXPECT_EQ(checked(TypeParam::type, Value(less)), "body_malformed");
    less.emplace_back(key, Value::null());
    EXPECT_EQ(checked(TypeParam::type, Value(less)), "body_malformed");
  }
}

TYPED_TEST(BodyTest, RefusesWhatIsNoMap) {
  EXPECT_EQ(checked(TypeParam::type, Value(cbor::Array{})), "body_malformed");
  EXPECT_EQ(code_of(check(TypeParam::type, {})), "cbor_truncated");
  EXPECT_EQ(code_of(decode<TypeParam>(*from_hex("a000"))), "cbor_trailing_bytes");
}

TYPED_TEST(BodyTest, IgnoresFieldsOfLaterVersions) {
  Value value = this->filled_value();
  value.set(99, "new");
  value.set("name", 1);
  EXPECT_EQ(checked(TypeParam::type, value), "none");
}

TYPED_TEST(BodyTest, RoundTrips) {
  const Bytes bytes = encode(this->filled_body(), test::filled(0x5a));
  EXPECT_EQ(code_of(check(TypeParam::type, bytes)), "none");
  const auto read = decode<TypeParam>(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(encode(*read, test::filled(0x5a)), bytes);
}

TYPED_TEST(BodyTest, SaltIsTheFirstField) {
  const Bytes bytes = encode(this->filled_body(), test::filled(0x5a));
  const auto value = cbor::decode(bytes);
  EXPECT_EQ(value->as_map()->front().first, Value(0));
  EXPECT_EQ(value->as_map()->front().second, Value(test::filled(0x5a)));
  EXPECT_NE(encode(this->filled_body(), test::filled(0x5b)), bytes);
}

TYPED_TEST(BodyTest, DossiersOfAWithheldBodyDoNotFail) {
  Record record;
  record.header.type = TypeParam::type;
  record.header.subject = test::filled(9);
  const bool batch = TypeParam::type == RecordType::handover_offered ||
                     TypeParam::type == RecordType::handover_accepted;
  const bool none = batch || TypeParam::type == RecordType::lease_granted;
  EXPECT_EQ(dossiers(record), none ? std::vector<Id>{} : std::vector<Id>{test::filled(9)});
}

TEST(BodyCheckTest, RefusesUnknownType) {
  const Bytes body = encode(Note{"x"}, test::filled(1));
  for (const unsigned number : {0U, 6U, 9U, 52U, 65535U}) {
    EXPECT_EQ(code_of(check(static_cast<RecordType>(number), body)), "record_type_unknown")
        << number;
  }
}

TEST(BodyCheckTest, RefusesMoreMoneyThanAnyDoorSees) {
  for (const std::uint64_t above : {0ULL, 1ULL}) {
    const std::uint64_t amount = limits::money_dong_max + above;
    const auto check_of = [](const auto& body) {
      return code_of(check(body.type, encode(body, test::filled(1))));
    };
    const std::string expected = above == 0 ? "none" : "body_malformed";
    EXPECT_EQ(check_of(FeeTaken{MoneyKind::fee, amount, true}), expected);
    PayoutAssigned assigned;
    assigned.amount_dong = amount;
    EXPECT_EQ(check_of(assigned), expected);
    Paid paid;
    paid.amount_dong = amount;
    EXPECT_EQ(check_of(paid), expected);
  }
}

TEST(BodyCheckTest, RefusesMoreFieldsAndLongerNamesThanAnyFormHas) {
  const auto check_of = [](const auto& body) {
    return code_of(check(body.type, encode(body, test::filled(1))));
  };
  FieldsWritten written;
  written.items.assign(limits::fields_written_max, {"owner_name", "A"});
  EXPECT_EQ(check_of(written), "none");
  written.items.push_back({"owner_name", "A"});
  EXPECT_EQ(check_of(written), "body_malformed");
  const auto named = [](std::size_t size) {
    return FieldsWritten{{{"owner_name", "A"}, {std::string(size, 'x'), "A"}}};
  };
  EXPECT_EQ(check_of(named(0)), "body_malformed");
  EXPECT_EQ(check_of(named(1)), "none");
  EXPECT_EQ(check_of(named(limits::field_name_bytes_max)), "none");
  EXPECT_EQ(check_of(named(limits::field_name_bytes_max + 1)), "body_malformed");
}

TEST(BodyCheckTest, RefusesMoreLinesThanAChecklistMayHave) {
  const auto check_of = [](const auto& body) {
    return code_of(check(body.type, encode(body, test::filled(1))));
  };
  for (const std::size_t above : {0U, 1U}) {
    const std::size_t count = limits::procedure_documents_max + above;
    const std::string expected = above == 0 ? "none" : "body_malformed";
    Sealed slip;
    slip.documents.resize(count);
    EXPECT_EQ(check_of(slip), expected);
    SupplementRequested asked;
    asked.items.resize(count);
    EXPECT_EQ(check_of(asked), expected);
  }
}

TEST(BodyCheckTest, RefusesEnumerationsOutsideTheirValues) {
  const auto fee = [](int kind) { return Map{{1, kind}, {2, 0}, {3, true}}; };
  EXPECT_EQ(checked(RecordType::fee_taken, fee(3)), "none");
  EXPECT_EQ(checked(RecordType::fee_taken, fee(0)), "body_malformed");
  EXPECT_EQ(checked(RecordType::fee_taken, fee(4)), "body_malformed");
  for (const int grade : {0, 4, 257}) {
    EXPECT_EQ(checked(RecordType::confirmed, Map{{1, grade}}), "body_malformed") << grade;
  }
}

TEST(BodyCheckTest, RefusesWhatIsNoOneTimeCode) {
  const auto by = [](int grade, const char* code) {
    return checked(RecordType::confirmed, Map{{1, grade}, {4, code}});
  };
  EXPECT_EQ(by(2, "012345"), "none");
  for (const char* code : {"", "12345", "1234567", "12345a", "１２"}) {
    EXPECT_EQ(by(2, code), "body_malformed") << code;
  }
  EXPECT_EQ(checked(RecordType::confirmed, Map{{1, 2}}), "body_malformed") << "no code";
  EXPECT_EQ(by(3, "012345"), "body_malformed") << "a code for another grade";
}

TEST(BodyCheckTest, RefusesSatisfactionOutsideItsScale) {
  for (int n = 0; n <= 6; ++n) {
    const bool good = n >= 1 && n <= 5;
    EXPECT_EQ(checked(RecordType::feedback, Map{{1, n}, {2, ""}}), good ? "none" : "body_malformed")
        << n;
  }
}

TEST(BodyCheckTest, RefusesNumbersBeyondTheirWidth) {
  const auto count = [](std::uint64_t n) {
    return Map{{1, Map{{1, n}, {2, ""}, {3, 0}, {4, 0}, {5, 0}}}};
  };
  EXPECT_EQ(checked(RecordType::document_checked, count(UINT32_MAX)), "none");
  EXPECT_EQ(checked(RecordType::document_checked, count(1ULL << 32)), "body_malformed");
}

TEST(BodyDossiersTest, BatchNamesItsDossiers) {
  const test::World world;
  HandoverOffered offer;
  offer.direction = Direction::to_desk;
  offer.items = {{test::filled(1), "", "", {}}, {test::filled(2), "", "", {}}};
  EXPECT_EQ(dossiers(world.record_of(offer)), (std::vector<Id>{test::filled(1), test::filled(2)}));
  const HandoverAccepted answer{{}, {test::filled(2)}, {test::filled(3)}};
  EXPECT_EQ(dossiers(world.record_of(answer)), (std::vector<Id>{test::filled(2), test::filled(3)}));
}

TEST(BodyDossiersTest, UnreadableBatchNamesNone) {
  const test::World world;
  Record record = world.record_of(HandoverOffered{.direction = Direction::to_desk});
  record.body = {0xff};
  EXPECT_TRUE(dossiers(record).empty());
}

}  // namespace
}  // namespace tannha::body
