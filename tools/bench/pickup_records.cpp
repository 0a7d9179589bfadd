#include "tools/bench/pickup_records.hpp"

#include <array>
#include <boost/json.hpp>
#include <exception>
#include <iostream>
#include <random>
#include <sstream>

#include "tools/catalogue/file_contents.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t made_count = 10'000;
constexpr std::string_view applicant_prefix = "applicant_";

/// "to_khai 1 0 3" and "357e44… 211703": the words of one paper or photo, in this order.
constexpr std::array<std::string_view, 4> document_keys{"kind", "original", "certified", "pages"};
constexpr std::array<std::string_view, 2> photo_keys{"hash", "size"};

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

template <std::size_t N>
std::string words_of(const json::value& value, const std::array<std::string_view, N>& keys) {
  std::string out;
  for (const std::string_view key : keys) {
    if (!out.empty()) out += ' ';
    out += text_of(value.at(key));
  }
  return out;
}

/// Only the first word is a text.
template <std::size_t N>
json::object object_of(const std::string& words, const std::array<std::string_view, N>& keys) {
  json::object out;
  std::istringstream in(words);
  std::string word;
  for (std::size_t i = 0; i < N && in >> word; ++i) {
    out[keys[i]] = i == 0 ? json::value(word) : json::parse(word);
  }
  return out;
}

PickupRecord record_of(const json::object& line) {
  PickupRecord out;
  out.id = uuid_from_text(text_of(line.at("id"))).value_or(Id{});
  out.at_ms = line.at("at").to_number<std::uint64_t>();
  auto& items = out.fields.items;
  for (const auto& [key, value] : line) {
    if (key == "id" || key == "at") continue;
    if (key == "applicant") {
      for (const auto& [name, text] : value.as_object()) {
        items.push_back({std::string(applicant_prefix) + std::string(name), text_of(text)});
      }
    } else if (key == "documents") {
      for (const auto& one : value.as_array()) {
        items.push_back({"document", words_of(one, document_keys)});
      }
    } else if (key == "photos") {
      for (const auto& one : value.as_array()) items.push_back({"photo", words_of(one, photo_keys)});
    } else {
      items.push_back({std::string(key), text_of(value)});
    }
  }
  return out;
}

json::object line_of(const PickupRecord& record) {
  json::object out{{"id", uuid_text(record.id)}, {"at", record.at_ms}};
  out["documents"] = json::array();
  out["photos"] = json::array();
  for (const body::Field& field : record.fields.items) {
    if (field.name.starts_with(applicant_prefix)) {
      auto& applicant = out["applicant"];
      if (!applicant.is_object()) applicant.emplace_object();
      applicant.as_object()[field.name.substr(applicant_prefix.size())] = field.value;
    } else if (field.name == "document") {
      out["documents"].as_array().push_back(object_of(field.value, document_keys));
    } else if (field.name == "photo") {
      out["photos"].as_array().push_back(object_of(field.value, photo_keys));
    } else if (field.name == "fee") {
      out["fee"] = json::parse(field.value);
    } else {
      out[field.name] = field.value;
    }
  }
  return out;
}

std::string digits(std::mt19937_64& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + random() % 10);
  return out;
}

std::string hex_text(std::mt19937_64& random, std::size_t bytes) {
  Bytes out(bytes);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random());
  return to_hex(out);
}

/// Of the same form and about as varied.
json::object made_line(std::mt19937_64& random, std::uint64_t at_ms) {
  static constexpr std::array family{"Nguyễn", "Trần", "Lê",  "Phạm", "Hoàng", "Phan",
                                     "Vũ",     "Võ",   "Đặng", "Bùi",  "Hồ",    "Ngô"};
  static constexpr std::array middle{"Văn", "Thị", "Hữu", "Hồng", "Thanh", "Minh"};
  static constexpr std::array given{"Phúc", "An", "Hà", "Lan", "Sơn", "Tâm", "Bình", "Khai"};
  static constexpr std::array place{"Thôn Đoài", "Ấp Tân Lập", "Buôn Ea Nao", "Bản Nà Pán"};
  static constexpr std::array commune{"xã Thường Tín", "xã Đồng Văn", "phường Đại Mỗ", "xã Hoa Lư"};
  static constexpr std::array paper{"to_khai", "van_ban_uy_quyen", "giay_bao_tu",
                                    "giay_to_tuy_than", "giay_chung_sinh"};
  const auto one_of = [&](const auto& list) { return std::string(list[random() % list.size()]); };
  Id id{};
  for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(random());
  for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(at_ms >> (40 - 8 * i));
  json::array documents;
  for (std::uint64_t i = 1 + random() % 3; i > 0; --i) {
    documents.push_back(json::object{{"kind", one_of(paper)},
                                     {"original", random() % 2},
                                     {"certified", random() % 2},
                                     {"pages", 1 + random() % 4}});
  }
  return {{"id", uuid_text(id)},
          {"device", "dev-00" + digits(random, 2)},
          {"at", at_ms},
          {"procedure", "1.00" + digits(random, 4)},
          {"applicant", json::object{{"name", one_of(family) + " " + one_of(middle) + " " +
                                                  one_of(given)},
                                     {"personal_number", "0" + digits(random, 11)},
                                     {"phone", "+849" + digits(random, 8)},
                                     {"address", one_of(place) + ", " + one_of(commune)}}},
          {"documents", std::move(documents)},
          {"photos", json::array{json::object{{"hash", hex_text(random, 32)},
                                              {"size", 200'000 + random() % 600'000}}}},
          {"fee", (random() % 4) * 50'000},
          {"item", "RB" + digits(random, 9) + "VN"},
          {"status", "sealed"}};
}

std::vector<json::object> made_lines() {
  constexpr std::uint64_t seed = 20'251'201;
  std::mt19937_64 random(seed);
  std::vector<json::object> out;
  std::uint64_t at_ms = 1'764'550'800'000;
  for (std::size_t i = 0; i < made_count; ++i) {
    at_ms += 2'000 + random() % 4'000;
    out.push_back(made_line(random, at_ms));
  }
  return out;
}

fs::path find_beside_or_above() {
  std::error_code error;
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    const fs::path file = folder / "shared" / "data" / "pickup-records.jsonl.gz";
    if (fs::exists(file, error)) return file;
    if (folder == folder.parent_path()) break;
  }
  return {};
}

Result<std::vector<json::object>> read_lines(const fs::path& file) {
  TN_TRY(Bytes packed, read_file(file, file_bytes_max));
  TN_TRY(const FileContents contents, decompress(std::move(packed), file_bytes_max));
  if (contents.truncated || contents.damaged) return fail(errc::catalogue_malformed, "gzip");
  std::vector<json::object> out;
  std::istringstream in{std::string(as_text(contents.bytes))};
  for (std::string line; std::getline(in, line);) {
    boost::system::error_code failed;
    json::value value = json::parse(line, failed);
    if (failed || !value.is_object()) return fail(errc::catalogue_malformed, line);
    out.push_back(std::move(value.as_object()));
  }
  return out;
}

}  // namespace

Result<std::vector<PickupRecord>> pickup_records(const fs::path& file) {
  const fs::path found = file.empty() ? find_beside_or_above() : file;
  std::vector<json::object> lines;
  if (found.empty()) {
    std::cerr << "no pickup-records.jsonl.gz: a set of the same kind is made\n";
    lines = made_lines();
  } else {
    TN_TRY(lines, read_lines(found));
  }
  std::vector<PickupRecord> out;
  out.reserve(lines.size());
  try {
    for (const json::object& line : lines) {
      out.push_back(record_of(line));
      if (line_of(out.back()) != line) {
        return fail(errc::catalogue_malformed, "lost: " + json::serialize(line));
      }
    }
  } catch (const std::exception& unexpected) {
    return fail(errc::catalogue_malformed, std::string(unexpected.what()));
  }
  return out;
}

}  // namespace tannha::tools
