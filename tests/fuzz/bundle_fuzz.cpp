// The input is a sealed bundle, the content of one, signed receipts, and lines of a series.

#include <algorithm>

#include "../support/protocol_world.hpp"
#include "require.hpp"

using namespace tannha;

namespace {

void check_sealed(const test::World& world, BytesView bytes) {
  static const Bytes genuine = world.bundle_bytes();
  const auto bundle = open_bundle(bytes, test::World::tenant, world.bundle_key);
  fuzz::require(!bundle || std::ranges::equal(bytes, genuine), "a change of the seal is noticed");
  const auto receipts =
      open_bundle_receipts(bytes, test::World::tenant, world.journal_key.public_key());
  fuzz::require(!receipts || fields::encode(*receipts) == fields::encode(world.bundle_receipts()),
                "nobody forges receipts");
}

void check_content(const test::World& world, BytesView bytes) {
  const auto content = exchange::decode<Bundle>(bytes);
  if (!content) return;
  const auto sealed =
      seal_bundle(*content, world.bundle_key.public_key(), test::World::ephemeral());
  if (!sealed) return;
  const auto opened = open_bundle(*sealed, content->tenant, world.bundle_key);
  const bool too_many = !opened && opened.error().code == errc::too_many_records;
  fuzz::require(too_many || (opened && fields::encode(*opened) == fields::encode(*content)),
                "what is sealed is opened");
}

void check_series(BytesView bytes) {
  BundleJoiner joiner;
  std::string_view rest = as_text(bytes);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto progress = joiner.add(line);
    if (!progress) continue;
    fuzz::require(is_bundle_part(line), "only parts are taken");
    fuzz::require(progress->have >= 1 && progress->have <= progress->of &&
                      progress->of <= limits::bundle_parts_max,
                  "parts are counted");
    fuzz::require(!progress->complete || progress->have == progress->of, "complete is all");
  }
  const auto parts = bundle_parts(bytes, 64);
  if (!parts) return;
  std::optional<Bytes> whole;
  for (auto part = parts->rbegin(); part != parts->rend(); ++part) {
    const auto progress = joiner.add(*part);
    fuzz::require(progress.has_value(), "parts of a whole fit together");
    if (progress->complete) whole = progress->complete;
  }
  fuzz::require(whole && std::ranges::equal(*whole, bytes), "a series makes the whole again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::World world;
  const BytesView bytes(data, size);
  check_sealed(world, bytes);
  check_content(world, bytes);
  check_series(bytes);
  return 0;
}
