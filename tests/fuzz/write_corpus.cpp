// Writes the first inputs of every fuzz target: write_fuzz_corpus <corpus folder>. The folder is
// committed; this is run again when the protocol has changed.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// A request for each line: `name` and the fields that follow it.
std::string calls(char who, const std::vector<std::pair<const char*, const char*>>& requests) {
  std::string series(1, who);
  for (const auto& [name, fields] : requests) {
    series += "c{\"@type\":\"" + std::string(name) + "\"" + fields + "}\n";
  }
  return series;
}

// Who: 0, 1 and 2 in abi_fuzz.cpp are a courier, an officer and a citizen.
void add_calls(Corpus& corpus) {
  constexpr char courier = '0';
  constexpr char officer = '1';
  constexpr char citizen = '2';
  corpus.add("abi", "courier_looks", calls(courier, {{"status", ""},
                                                     {"dossiers", ""},
                                                     {"round", ""},
                                                     {"dossier", R"(,"dossier":"$3")"},
                                                     {"procedures", R"(,"text":"sinh","limit":5)"},
                                                     {"procedure", R"(,"code":"1.001193")"},
                                                     {"live", ""}}));
  corpus.add(
      "abi", "courier_collects",
      calls(courier,
            {{"openDossier", R"(,"procedure":"1.000656","service":"both")"},
             {"addNote", R"(,"dossier":"$4","text":"Gõ cửa \ud83d\ude00")"},
             {"scanCard", R"(,"dossier":"$4","text":"038095000001||A|20021995|Nam|X|01012022")"},
             {"writeField", R"(,"dossier":"$4","field":"owner_phone","value":"0912345678")"},
             {"checkDocument", R"(,"dossier":"$4","count":{"line":1,"title":"","originals":1,)"
                               R"("certified":0,"photocopies":2})"},
             {"takeMoney", R"(,"dossier":"$4","kind":"fee","amountDong":8000,"cash":true)"},
             {"seal", R"(,"dossier":"$4","sealNo":"NP-1")"},
             {"seal", R"(,"@key":"01890a5d-ac96-774b-bcce-b302099a8057","dossier":"$3",)"
                      R"("sealNo":"NP-2")"}}));
  corpus.add("abi", "courier_hands_over",
             calls(courier, {{"offerHandover", R"(,"unit":"H42.101","dossiers":["$0","$1","$2"])"},
                             {"acceptReturn", R"(,"offer":"#5")"},
                             {"attemptDelivery", R"(,"dossier":"$0","reason":"Vắng nhà")"},
                             {"supplement", R"(,"dossier":"$1","text":"Đủ")"},
                             {"checkItemCode", R"(,"text":"RB000000014VN")"},
                             {"makeParcel", R"(,"records":["#0","#1"])"},
                             {"takeParcel", R"(,"text":"TN1")"}}));
  corpus.add("abi", "officer",
             calls(officer, {{"queue", ""},
                             {"workItems", ""},
                             {"acceptHandover", R"(,"offer":"#3","missing":["$1"])"},
                             {"accept", R"(,"dossier":"$0")"},
                             {"requestSupplement", R"(,"dossier":"$1","items":["A"],"reason":"B")"},
                             {"refuse", R"(,"dossier":"$1","reason":"B")"},
                             {"forward", R"(,"dossier":"$2","step":"B")"},
                             {"finish", R"(,"dossier":"$2","result":"Giấy khai sinh")"},
                             {"offerReturn", R"(,"dossiers":["$2"])"},
                             {"adjudicate", R"(,"held":"#1","outcome":"counts","reason":"B")"},
                             {"resolveDispute", R"(,"dossier":"$0","link":"#2","reason":"B")"}}));
  corpus.add("abi", "citizen",
             calls(citizen, {{"dossier", R"(,"dossier":"$0")"},
                             {"confirm", R"(,"sealed":"#6")"},
                             {"confirm", R"(,"sealed":"#7")"},
                             {"confirm", R"(,"sealed":"#8")"},
                             {"confirmDelivery", R"(,"delivered":"#7")"},
                             {"rate", R"(,"dossier":"$0","satisfaction":5,"text":"Tốt")"}}));
  corpus.add("abi", "vault", calls(courier, {{"setPin", R"(,"next":"111111")"},
                                             {"lock", ""},
                                             {"round", ""},
                                             {"unlock", R"(,"pin":"1")"},
                                             {"enrol", R"(,"link":"http://h/#aaaa")"},
                                             {"newKey", ""}}));
  corpus.add("abi", "photo",
             "0b{\"use\":\"photo\",\"dossier\":\"$0\",\"size\":8,\"role\":\"page\",\"line\":1}\n"
             "w\xff\xd8\xff\xe0" "AAAA\ne\n"
             "b{\"use\":\"confirm_by_statement\",\"dossier\":\"$1\",\"size\":3}\nwAB\ne\n"
             "b{\"use\":\"deliver\",\"dossier\":\"$2\",\"size\":4,\"document\":\"can_cuoc\"}\n"
             "w\xff\xd8\xff\xe0\ne\nr#C\nr#D\nrx\n");
  corpus.add("abi", "sync",
             "0c{\"@type\":\"sync\"}\ns\na{\"call\":@,\"status\":200}\tA\nv\nt\ns\n"
             "a{\"call\":@,\"status\":503,\"retryAfterS\":1}\nv\nv\nt\nc{\"@type\":\"sync\"}\ns\n"
             "a{\"call\":@,\"status\":0}\nv\na{\"call\":9,\"status\":401}\tB\n");
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
  add_calls(corpus);
  return corpus.failed() ? 1 : 0;
}
