// Prints what must be the same on every machine: the worked examples of docs/protocol.md, signed
// records of every size, and the state that the engine folds random evidence to. One compiler, one
// size of a pointer or one signedness of char that matters would show in the output, which is
// compared with expected.txt wherever this is built: natively, for wasm32, for ARM64.

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

#include "tannha/engine/dossier.hpp"
#include "tests/support/protocol_world.hpp"
#include "tests/support/random_evidence.hpp"
#include "tests/unit/protocol/protocol_examples.hpp"

namespace tannha::test {
namespace {

constexpr std::uint64_t set_count = 2000;
constexpr std::uint64_t sets_a_line = 50;

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

}  // namespace
}  // namespace tannha::test

int main() {
  tannha::init_crypto();
  tannha::test::print_examples();
  tannha::test::print_records();
  tannha::test::print_states();
  return 0;
}
