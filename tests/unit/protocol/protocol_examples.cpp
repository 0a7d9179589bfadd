#include "protocol_examples.hpp"

#include <algorithm>

#include "../../support/protocol_world.hpp"
#include "tannha/protocol/compact.hpp"

namespace tannha::test {
namespace {

/// Lines of "label: value"; long values stand below their label.
class Text {
 public:
  Text& text(std::string_view label, std::string_view value) {
    out_ += std::string(label) + ": " + std::string(value) + "\n";
    return *this;
  }
  Text& number(std::string_view label, std::uint64_t value) {
    return text(label, std::to_string(value));
  }
  Text& hex(std::string_view label, BytesView bytes) { return below(label, to_hex(bytes), 64); }
  /// Characters as they are, broken into lines that do not count.
  Text& below(std::string_view label, std::string_view value, std::size_t width) {
    out_ += std::string(label) + ":\n";
    broken("  ", value, width);
    return *this;
  }
  /// A map in diagnostic notation, each key on a new line.
  Text& map(std::string_view label, BytesView encoded) {
    const auto value = cbor::decode(encoded);
    out_ += std::string(label) + ", in diagnostic notation:\n  {\n";
    for (const auto& [key, item] : *value->as_map()) {
      broken("    ", cbor::diagnostic(key) + ": " + cbor::diagnostic(item) + ",", 90);
    }
    out_ += "  }\n";
    return *this;
  }
  Text& verbatim(std::string_view text) {
    out_ += text;
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  static bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

  void broken(std::string_view indent, std::string_view value, std::size_t width) {
    while (!value.empty()) {
      std::size_t count = std::min(width, value.size());
      while (count < value.size() && !begins_character(value[count])) --count;
      out_ += std::string(indent) + std::string(value.substr(0, count)) + "\n";
      value.remove_prefix(count);
    }
  }

  std::string out_;
};

std::string key_example(const World& world) {
  Text out;
  const auto key = [&](std::string_view name, const KeyPair& pair) {
    out.text(std::string(name) + " seed", to_hex(pair.seed()));
    out.text(std::string(name) + " public key", to_hex(pair.public_key()));
  };
  key("authority", world.authority_key);
  key("journal", world.journal_key);
  key("courier", world.courier_key);
  key("citizen", world.citizen_key);
  Seed bundle_seed;
  bundle_seed.fill(5);
  out.text("bundle seed", to_hex(bundle_seed));
  return out.text("bundle public key", to_hex(world.bundle_key.public_key())).take();
}

Text& message(Text& out, BytesView bytes) {
  const auto sign1 = cose::decode_sign1(bytes);
  out.map("protected header", sign1->protected_bytes);
  out.map("payload", sign1->payload);
  out.hex("protected header", sign1->protected_bytes);
  out.hex("payload", sign1->payload);
  out.hex("Sig_structure", cose::to_be_signed(sign1->protected_bytes, {}, sign1->payload));
  return out.hex("signature", sign1->signature);
}

std::string certificate_example(const World& world) {
  Text out;
  return message(out, world.courier_log.certificate)
      .hex("certificate", world.courier_log.certificate)
      .take();
}

std::string log_id_example(const World& world) {
  Text out;
  const auto log = [&](std::string_view name, const LogIntro& intro) {
    out.text(std::string(name) + " certificate SHA-256", to_hex(sha256(intro.certificate)));
    out.text(std::string(name) + " incarnation", to_hex(intro.incarnation));
    out.text(std::string(name) + " log id", to_hex(intro.log_id()));
  };
  log("courier", world.courier_log);
  log("citizen", world.citizen_log);
  return out.take();
}

std::string record_example(const Record& record) {
  Text out;
  out.map("body", record.body);
  out.hex("body", record.body);
  message(out, record.envelope);
  out.hex("envelope", record.envelope);
  out.number("envelope size", record.envelope.size());
  return out.text("hash", to_hex(record.hash)).take();
}

std::string countersignature_example(const World& world) {
  const auto parent = cose::decode_sign1(world.sealed.envelope);
  const auto signature = cose::decode_countersignature(world.countersignature);
  Text out;
  out.text("parent", to_hex(world.sealed.hash));
  out.map("protected header", signature->protected_bytes);
  out.hex("Countersign_structure",
          cose::to_be_countersigned(*parent, signature->protected_bytes, {}));
  out.hex("COSE_Countersignature", world.countersignature);
  const Bytes attached = cose::attach_countersignature(*parent, world.countersignature);
  return out.hex("the parent with label 11, as it leaves the system", attached).take();
}

std::string compact_example(const World& world) {
  exchange::Request request = world.request();
  request.records.push_back(World::carried(world.sealed));
  const Bytes bytes = exchange::encode_compact(request);
  return Text().map("Request", bytes).hex("Request", bytes).take();
}

std::string refusal_example() {
  const Bytes bytes = fields::encode(exchange::make_refusal(errc::token_invalid));
  return Text().map("Refusal", bytes).hex("Refusal", bytes).take();
}

std::string live_example() {
  const Bytes hello = fields::encode(
      exchange::LiveMessage{exchange::LiveKind::hello, 1, to_bytes(as_bytes("the-token"))});
  const Bytes changed = fields::encode(exchange::LiveMessage{exchange::LiveKind::changed, 0, {}});
  return Text().hex("hello", hello).hex("changed", changed).take();
}

std::string statement_example(const World& world) {
  const Bytes challenge(56, 0x77);
  const Bytes token = exchange::token_statement(challenge, World::tenant);
  const Bytes enrol = exchange::enrol_statement("ticket", world.courier_log.incarnation);
  return Text()
      .hex("challenge", challenge)
      .hex("token statement", token)
      .hex("courier's signature", world.courier_key.sign(token))
      .text("ticket", "ticket")
      .hex("enrolment statement", enrol)
      .hex("courier's proof", world.courier_key.sign(enrol))
      .take();
}

template <class M>
std::string message_example(std::string_view name, const M& item) {
  const Bytes bytes = fields::encode(item);
  return Text().map(name, bytes).hex(name, bytes).take();
}

std::string journal_example(const World& world) {
  Text out;
  const std::vector<Hash> leaves = world.leaves();
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    out.text("leaf " + std::to_string(i), to_hex(leaves[i]));
  }
  out.text("node of leaves 0 and 1", to_hex(merkle::node_hash(leaves[0], leaves[1])));
  return out.text("root", to_hex(world.checkpoint().root)).take();
}

std::string bundle_example(const World& world) {
  const Bytes content = fields::encode(world.bundle());
  const Bytes bytes = world.bundle_bytes();
  Text out;
  out.hex("content, a Bundle", content);
  out.text("ephemeral seed", to_hex(World::ephemeral()));
  out.hex("bundle", bytes);
  const auto parts = bundle_parts(bytes);
  for (std::size_t i = 0; i < parts->size(); ++i) {
    out.below("part " + std::to_string(i + 1) + ", one line", (*parts)[i], 88);
  }
  return out.take();
}

std::string bundle_receipts_example(const World& world) {
  const BundleReceipts receipts = world.bundle_receipts();
  return Text()
      .map("payload, BundleReceipts", fields::encode(receipts))
      .hex("message", sign_bundle_receipts(receipts, world.journal_key))
      .take();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> protocol_examples() {
  const World world;
  const std::string parcel = exchange::parcel_text(world.parcel());
  return {
      {"keys", key_example(world)},
      {"certificate", certificate_example(world)},
      {"log_id", log_id_example(world)},
      {"record.dossier_opened", record_example(world.opened)},
      {"record.sealed", record_example(world.sealed)},
      {"countersignature", countersignature_example(world)},
      {"record.confirmed", record_example(world.confirmed)},
      {"journal", journal_example(world)},
      {"checkpoint", Text().verbatim(world.note()).take()},
      {"receipt", message_example("Receipt", world.receipt())},
      {"exchange.request", message_example("Request", world.request())},
      {"exchange.request_compact", compact_example(world)},
      {"exchange.response", message_example("Response", world.response())},
      {"exchange.refusal", refusal_example()},
      {"statements", statement_example(world)},
      {"live", live_example()},
      {"parcel", Text().below("text, one line", parcel, 88).take()},
      {"bundle", bundle_example(world)},
      {"bundle_receipts", bundle_receipts_example(world)},
  };
}

}  // namespace tannha::test
