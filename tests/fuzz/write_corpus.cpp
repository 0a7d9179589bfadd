// Writes the first inputs of every fuzz target: write_fuzz_corpus <corpus folder>. The folder is
// committed; this is run again when the protocol has changed.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "../support/protocol_world.hpp"
#include "tannha/protocol/compact.hpp"

namespace {

using namespace tannha;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}

  void add(const std::string& target, const std::string& name, BytesView bytes) {
    std::filesystem::create_directories(root_ / target);
    std::ofstream file(root_ / target / name, std::ios::binary);
    file << as_text(bytes);
    if (!file.flush()) failed_ = true;
  }
  void add(const std::string& target, const std::string& name, std::string_view text) {
    add(target, name, as_bytes(text));
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::filesystem::path root_;
  bool failed_ = false;
};

Bytes sized(const Record& record) {
  const std::size_t size = record.envelope.size();
  Bytes out{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  out.insert(out.end(), record.envelope.begin(), record.envelope.end());
  out.insert(out.end(), record.body.begin(), record.body.end());
  return out;
}

void add_binary(Corpus& corpus, const test::World& world) {
  corpus.add("cbor", "body", world.sealed.body);
  corpus.add("cbor", "numbers", *from_hex("880017181819010020f93c00f97e00fa7f7fffff"));
  corpus.add("cbor", "simple_and_tag", *from_hex("86f4f5f6f7f8ffc249010000000000000000"));
  corpus.add(
      "cbor", "map",
      cbor::encode(cbor::Map{{0, 1}, {-1, "a"}, {"b", cbor::Array{3, cbor::Map{}}}, {"c", "ể"}}));
  corpus.add("cbor", "envelope", world.opened.envelope);
  corpus.add("cose", "record", world.sealed.envelope);
  corpus.add("cose", "certificate", world.courier_log.certificate);
  corpus.add("cose", "countersignature", world.countersignature);
  corpus.add("cose", "attached",
             cose::attach_countersignature(*cose::decode_sign1(world.sealed.envelope),
                                           world.countersignature));
  corpus.add("record", "opened", sized(world.opened));
  corpus.add("record", "sealed", sized(world.sealed));
  corpus.add("record", "confirmed", sized(world.confirmed));
  corpus.add("exchange_request", "whole", fields::encode(world.request()));
  corpus.add("exchange_request", "compact", exchange::encode_compact(world.request()));
  corpus.add("exchange_request", "empty", fields::encode(exchange::Request{}));
  corpus.add("exchange_response", "whole", fields::encode(world.response()));
  corpus.add("exchange_response", "empty", fields::encode(exchange::Response{}));
}

void add_bundles(Corpus& corpus, const test::World& world) {
  const Bytes sealed = world.bundle_bytes();
  const auto parts = bundle_parts(sealed);
  std::string series;
  for (const std::string& part : *parts) series += part + "\n";
  corpus.add("bundle", "sealed", sealed);
  corpus.add("bundle", "content", fields::encode(world.bundle()));
  corpus.add("bundle", "empty", fields::encode(Bundle{}));
  corpus.add("bundle", "receipts",
             sign_bundle_receipts(world.bundle_receipts(), world.journal_key));
  corpus.add("bundle", "series", series);
}

void add_texts(Corpus& corpus, const test::World& world) {
  corpus.add("parcel", "whole", exchange::parcel_text(world.parcel()));
  corpus.add("parcel", "empty", exchange::parcel_text(exchange::Parcel{}));
  corpus.add("checkpoint", "note", world.note());
  corpus.add("checkpoint", "witness", world.note() + "\xe2\x80\x94 witness.example AAAAAAA=\n");
  corpus.add("card_text", "whole",
             "038095000001|171234567|Nguyễn Văn A|20021995|Nam|Thôn 1, Xã A, Tỉnh B|01012022");
  corpus.add("card_text", "no_day", "001195000002||Trần Thị B|00001995|Nữ||15072024||more");
  corpus.add("codes", "old", "000.00.06.H56-231027-0361");
  corpus.add("codes", "new", "H15.50.05.13-261008-0975");
  corpus.add("codes", "agency", "H56.22.17");
  corpus.add("codes", "agency_old", "000.17.22.H56");
  corpus.add("codes", "business", "0100109106-001");
  corpus.add("codes", "other", "Z01ABC");
  corpus.add("s10", "item", "RB000000014VN");
  corpus.add("s10", "typed", "rr 47312482 9 vn");
  corpus.add("phone_number", "mobile", "+84 (0)912 345 678");
  corpus.add("phone_number", "fixed", "(024) 3825-1234");
  corpus.add("phone_number", "service", "1900 54 54 81");
  corpus.add("phone_number", "old", "01234567890");
  corpus.add("canary", "seed", "TN1");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus <corpus folder>\n");
    return 2;
  }
  Corpus corpus(argv[1]);
  const test::World world;
  add_binary(corpus, world);
  add_bundles(corpus, world);
  add_texts(corpus, world);
  return corpus.failed() ? 1 : 0;
}
