#include "../support/protocol_world.hpp"
#include "require.hpp"

using namespace tannha;

namespace {

// One more level of nesting is the only thing that can make the form that leaves unreadable.
void require_readable(const Result<cose::Sign1>& message) {
  fuzz::require(message || message.error().code == errc::cbor_too_deep,
                "a message with a countersignature is readable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::World world;
  static const cose::Sign1 parent = *cose::decode_sign1(world.sealed.envelope);
  const BytesView input(data, size);
  if (const auto message = cose::decode_sign1(input)) {
    const bool valid = cose::verify_sign1(*message, world.courier_key.public_key()).has_value();
    const auto attached =
        cose::decode_sign1(cose::attach_countersignature(*message, world.countersignature));
    require_readable(attached);
    if (attached) {
      fuzz::require(attached->protected_bytes == message->protected_bytes &&
                        attached->payload == message->payload &&
                        attached->signature == message->signature,
                    "a countersignature changes nothing that is signed");
      fuzz::require(
          cose::verify_sign1(*attached, world.courier_key.public_key()).has_value() == valid,
          "a countersignature keeps the signature's validity");
    }
  }
  if (const auto countersignature = cose::decode_countersignature(input)) {
    const bool valid =
        cose::verify_countersignature(*countersignature, parent, world.citizen_key.public_key())
            .has_value();
    fuzz::require(!valid || countersignature->signature ==
                                cose::decode_countersignature(world.countersignature)->signature,
                  "nobody forges a countersignature");
    require_readable(cose::decode_sign1(cose::attach_countersignature(parent, input)));
  }
  return 0;
}
