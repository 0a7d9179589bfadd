// Prints what must be the same on every machine: the worked examples of docs/protocol.md, signed
// records of every size, keys and signatures, and the state that the engine folds random evidence to. One compiler, one
// size of a pointer or one signedness of char that matters would show in the output, which is
// compared with expected.txt wherever this is built: natively, for wasm32, for ARM64.

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/unicode_text.hpp"
#include "tests/support/protocol_world.hpp"
#include "tests/support/random_evidence.hpp"
#include "tests/unit/protocol/protocol_examples.hpp"

namespace tannha::test {
namespace {

constexpr std::uint64_t set_count = 2000;
constexpr std::uint64_t sets_a_line = 50;
/// Each takes 64 of the 256 multiples of the base point for a key, and as many for a signature: that
/// one of them is never taken is out of the question.
constexpr std::uint64_t key_count = 500;

/// A hash of everything that was added.
class Digest {
 public:
  void add(BytesView bytes) {
    stream_.update(bytes);
    size_ += bytes.size();
  }
  [[nodiscard]] std::string text() {
    return to_hex(stream_.finish()) + " of " + std::to_string(size_) + " bytes";
  }

 private:
  Blake2bStream stream_;
  std::uint64_t size_ = 0;
};

void print(const std::string& label, const std::string& value) {
  std::printf("%s: %s\n", label.c_str(), value.c_str());
}

void print_examples() {
  for (const auto& [name, text] : protocol_examples()) {
    Digest digest;
    digest.add(as_bytes(text));
    print("example " + name, digest.text());
  }
}

// Signed, written, and read again as the one who receives them would.
void print_records() {
  const World world;
  for (std::size_t size = 0; size <= 2000; size += 50) {
    body::FieldsWritten body;
    body.items = {{"Họ và tên", std::string(size, 'a')}};
    const Record record = world.record_of(body);
    Digest digest;
    digest.add(record.envelope);
    digest.add(record.body);
    print("record " + std::to_string(size) + " " + to_hex(record.hash), digest.text());
  }
}

void print_keys() {
  Digest keys, boxes, signatures;
  for (std::uint64_t i = 0; i < key_count; ++i) {
    const Seed seed = sha256(as_bytes(std::to_string(i)));
    const KeyPair pair = KeyPair::from_seed(seed);
    keys.add(pair.public_key());
    boxes.add(BoxKeyPair::from_seed(seed).public_key());
    signatures.add(pair.sign(seed));
    if (!verify(pair.public_key(), seed, pair.sign(seed))) print("refused", std::to_string(i));
  }
  print("public keys", keys.text());
  print("public keys of boxes", boxes.text());
  print("signatures", signatures.text());
}

void print_states() {
  for (std::uint64_t first = 1; first <= set_count; first += sets_a_line) {
    Digest digest;
    for (std::uint64_t seed = first; seed < first + sets_a_line; ++seed) {
      std::mt19937_64 random(seed);
      const std::size_t count = 5 + pick(random, 60);
      const auto evidence = random_evidence(random(), count);
      digest.add(as_bytes(state_text(fold(random_dossier, evidence))));
    }
    print("states from seed " + std::to_string(first), digest.text());
  }
}

std::string utf8_of(std::uint32_t code_point) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xc0 | code_point >> 6), byte(0x80 | (code_point & 0x3f))};
  std::string out;
  if (code_point < 0x10000) {
    out += byte(0xe0 | code_point >> 12);
  } else {
    out += byte(0xf0 | code_point >> 18);
    out += byte(0x80 | (code_point >> 12 & 0x3f));
  }
  out += byte(0x80 | (code_point >> 6 & 0x3f));
  return out += byte(0x80 | (code_point & 0x3f));
}

// Every character alone and behind a letter, as names are normalised and searched.
void print_texts() {
  constexpr std::uint32_t plane = 0x10000;
  for (std::uint32_t first = 0; first < 17 * plane; first += plane) {
    Digest digest;
    for (std::uint32_t point = first; point < first + plane; ++point) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const std::string text = "ô" + utf8_of(point);
      digest.add(as_bytes(nfc(text).value_or("-")));
      digest.add(as_bytes(fold_for_search(text).value_or("-")));
    }
    print("texts from " + std::to_string(first), digest.text());
  }
}

}  // namespace
}  // namespace tannha::test

int main() {
  tannha::init_crypto();
  tannha::test::print_examples();
  tannha::test::print_records();
  tannha::test::print_keys();
  tannha::test::print_states();
  tannha::test::print_texts();
  return 0;
}
