#include "tannha/protocol/checkpoint.hpp"

#include <gtest/gtest.h>

namespace tannha {
namespace {

constexpr std::string_view origin = "tannha.vn/H42";

class CheckpointTest : public testing::Test {
 protected:
  static KeyPair key_of(std::uint8_t fill) {
    init_crypto();
    Seed seed;
    seed.fill(fill);
    return KeyPair::from_seed(seed);
  }

  /// A note over any text, to reach the checks behind the signature.
  [[nodiscard]] std::string note_of(const std::string& text) const {
    Bytes id_input = to_bytes(as_bytes(origin));
    id_input.push_back('\n');
    id_input.push_back(1);
    const PublicKey& key = key_.public_key();
    id_input.insert(id_input.end(), key.begin(), key.end());
    Bytes blob = to_bytes(BytesView(sha256(id_input)).first(4));
    const Signature signature = key_.sign(as_bytes(text));
    blob.insert(blob.end(), signature.begin(), signature.end());
    return text + "\n\xe2\x80\x94 " + std::string(origin) + " " + to_base64(blob) + "\n";
  }

  [[nodiscard]] std::string error_of(std::string_view note) const {
    const Result<Checkpoint> opened = open_checkpoint(note, origin, key_.public_key());
    return opened ? "none" : std::string(name(opened.error().code));
  }

  KeyPair key_ = key_of(3);
  Checkpoint checkpoint_{std::string(origin), 20852163, sha256(as_bytes("root"))};
  std::string root_ = to_base64(checkpoint_.root);
};

TEST_F(CheckpointTest, RefusesOtherKeyAndOrigin) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  const auto other_key = open_checkpoint(note, origin, key_of(4).public_key());
  ASSERT_FALSE(other_key);
  EXPECT_EQ(other_key.error().code, errc::signature_invalid);
  const auto other_origin = open_checkpoint(note, "tannha.vn/H43", key_.public_key());
  ASSERT_FALSE(other_origin);
  EXPECT_EQ(other_origin.error().code, errc::signature_invalid);
}

TEST_F(CheckpointTest, RefusesSignedTextOfAnotherOrigin) {
  EXPECT_EQ(error_of(note_of("tannha.vn/H43\n1\n" + root_ + "\n")), "signature_invalid");
}

TEST_F(CheckpointTest, RefusesEveryChangedByteOfTheText) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  ASSERT_EQ(error_of(note), "none");
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string bad = note;
    bad[i] = bad[i] == '1' ? '2' : '1';
    EXPECT_NE(error_of(bad), "none") << i;
  }
}

TEST_F(CheckpointTest, RefusesEveryCut) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  for (std::size_t size = 0; size < note.size(); ++size) {
    EXPECT_EQ(error_of(std::string_view(note).substr(0, size)), "checkpoint_malformed") << size;
  }
}

TEST_F(CheckpointTest, RefusesMalformedTextThoughSigned) {
  const std::string name_line = std::string(origin) + "\n";
  const std::string root_line = root_ + "\n";
  for (const std::string& text :
       {"\n1\n" + root_line, name_line + "\n" + root_line, name_line + "01\n" + root_line,
        name_line + "-1\n" + root_line, name_line + "+1\n" + root_line,
        name_line + " 1\n" + root_line, name_line + "1 \n" + root_line,
        name_line + "1x\n" + root_line, name_line + "0x1\n" + root_line,
        name_line + "18446744073709551616\n" + root_line, name_line + "1\n",
        name_line + "1\n" + root_.substr(4) + "\n", name_line + "1\n" + root_ + "AAAA\n",
        name_line + "1\n" + root_.substr(0, 43) + "\n", name_line + "1\r\n" + root_line,
        name_line + "1\n" + root_line + "\nextension\n", std::string(name_line)}) {
    EXPECT_EQ(error_of(note_of(text)), "checkpoint_malformed") << text;
  }
}

TEST_F(CheckpointTest, RefusesMalformedSignatureLines) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  for (const std::string line :
       {"x\n", "\n", "- name AAAAAAA=\n", "\xe2\x80\x94 name\n", "\xe2\x80\x94  AAAAAAA=\n",
        "\xe2\x80\x94 name AAAA\n", "\xe2\x80\x94 name AAAAAA==\n", "\xe2\x80\x94 name AAAAAAA\n",
        "\xe2\x80\x94 name AAAAAAA= x\n", "\xe2\x80\x94 name AAAAAAA=", "\xff\n", "\t\n"}) {
    EXPECT_EQ(error_of(note + line), "checkpoint_malformed") << line;
  }
}

TEST_F(CheckpointTest, RefusesNoteWithoutSignatureOfTheKey) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  const std::string text = note.substr(0, note.find("\n\n") + 2);
  EXPECT_EQ(error_of(text), "checkpoint_malformed");
  EXPECT_EQ(error_of(text + "\xe2\x80\x94 witness AAAAAAA=\n"), "signature_invalid");
}

TEST_F(CheckpointTest, RoundTripsTheLargestAndLeastSize) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
    checkpoint_.size = size;
    const auto opened =
        open_checkpoint(sign_checkpoint(checkpoint_, key_), origin, key_.public_key());
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(*opened, checkpoint_);
  }
}

TEST_F(CheckpointTest, HasTheFormOfASignedNote) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  EXPECT_TRUE(note.starts_with(std::string(origin) + "\n20852163\n" + root_ + "\n\n\xe2\x80\x94 " +
                               std::string(origin) + " "));
  EXPECT_TRUE(note.ends_with("\n"));
  EXPECT_EQ(note, note_of(std::string(origin) + "\n20852163\n" + root_ + "\n"));
}

TEST_F(CheckpointTest, SkipsWitnessesBeforeAndAfter) {
  const std::string note = sign_checkpoint(checkpoint_, key_);
  const std::string witness = "\xe2\x80\x94 witness.example AAAAAAA=\n";
  EXPECT_EQ(error_of(note + witness), "none");
  std::string before = note;
  before.insert(note.find("\n\n") + 2, witness);
  EXPECT_EQ(error_of(before), "none");
}

TEST_F(CheckpointTest, PassesOverSignedExtensionLines) {
  const std::string text = std::string(origin) + "\n7\n" + root_ + "\nextension of another day\n";
  const auto opened = open_checkpoint(note_of(text), origin, key_.public_key());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->size, 7U);
}

}  // namespace
}  // namespace tannha
