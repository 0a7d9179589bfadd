// The input is two bytes with the envelope's size, the envelope, and the body.

#include <algorithm>

#include "../support/protocol_world.hpp"
#include "require.hpp"

using namespace tannha;

namespace {

constexpr std::size_t signature_bytes = 64;

void check_record(const test::World& world, const Record& record) {
  fuzz::require(record.hash == sha256(record.envelope), "a record is named by its envelope");
  const std::vector<Id> about = body::dossiers(record);
  fuzz::require(about.size() <= record.body.size() + 1, "dossiers come from the body");
  if (verify_record(record, world.courier_key.public_key())) {
    fuzz::require(record.hash == world.opened.hash || record.hash == world.sealed.hash,
                  "nobody forges a record");
  }
  if (!record.has_body()) return;
  // A signature of another length is not wrong before it is verified.
  const Record again = sign_record(record.header, record.body, world.courier_key);
  if (again.envelope.size() != record.envelope.size()) return;
  fuzz::require(std::equal(record.envelope.begin(), record.envelope.end() - signature_bytes,
                           again.envelope.begin()),
                "a header has one encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::World world;
  if (size < 2) return 0;
  const BytesView rest(data + 2, size - 2);
  const std::size_t wanted = std::size_t{data[0]} * 256 + data[1];
  const BytesView envelope = rest.first(std::min(wanted, rest.size()));
  const BytesView content = rest.subspan(envelope.size());
  for (unsigned type = 0; type < 64; ++type) {
    const auto number = static_cast<RecordType>(type);
    const auto checked = body::check(number, content);
    fuzz::require(!checked || is_known(number), "only known bodies are read");
  }
  if (const auto record = decode_record(envelope, content)) check_record(world, *record);
  if (const auto record = decode_record(envelope, {})) check_record(world, *record);
  return 0;
}
