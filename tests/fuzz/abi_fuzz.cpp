// A series of calls of the C ABI, on the store of a courier, an officer or a citizen in mid-work.
// The first byte says whose; then each line is a call, and its first character says which:
//
//   c JSON     tn_call            b JSON  tn_blob_begin      s         tn_sync_next
//   w BYTES    tn_blob_write      e       tn_blob_end        a JSON TAB BYTES  tn_sync_answer
//   r HASH     tn_blob_read       t       tn_step            v         tn_receive
//
// `$0` to `$9` stand for the ids of the store's dossiers, `#0` to `#9` and `#A` to `#Z` for hashes
// of its records and files, which are not the same in every run; `@` in the head of an answer for
// the number of the call under way.

#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "tannha/core/tannha.h"
#include "tests/support/journey.hpp"

namespace tannha::fuzz {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view key_catalogue = "catalogue";
constexpr std::int32_t code_store_corrupt = static_cast<std::int32_t>(errc::store_corrupt);
constexpr std::size_t calls_max = 64;

/// A folder in memory that goes with the process.
class Folder {
 public:
  Folder() {
    std::string pattern = "/dev/shm/tannha-fuzz-XXXXXX";
    require(::mkdtemp(pattern.data()) != nullptr, "a folder");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string_view text_of(tn_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

/// What the core says is a JSON object that names its type.
json::object object_of(tn_bytes bytes) {
  boost::system::error_code error;
  json::value value = json::parse(text_of(bytes), error);
  require(!error && value.is_object(), "an object of JSON");
  return std::move(value.as_object());
}
json::object typed_object_of(tn_bytes bytes) {
  json::object object = object_of(bytes);
  const json::value* type = object.if_contains("@type");
  require(type != nullptr && type->is_string(), "a type");
  return object;
}

void check_error(const json::object& object, std::int32_t code) {
  require(object.at("@type") == "Error", "an error where the code is not 0");
  require(object.at("code") == code, "the same code");
  require(!object.at("vi").as_string().empty(), "a sentence");
  require(code != code_store_corrupt, "a store that nothing has damaged");
}

void check_answer(tn_bytes answer, std::int32_t code) {
  const json::object object = typed_object_of(answer);
  if (code != 0) return check_error(object, code);
  require(object.at("@type") != "Error", "an answer where the code is 0");
}

/// One core on a store, and a call a line.
class Series {
 public:
  Series(const fs::path& store, const std::string& platform_key) {
    const json::object options{{"path", store.string()}, {"platformKey", platform_key}};
    const std::string text = json::serialize(options);
    require(tn_open(text.data(), text.size(), &core_) == 0, "the store opens");
  }
  ~Series() { tn_close(core_); }
  Series(const Series&) = delete;
  Series& operator=(const Series&) = delete;

  json::object call(std::string_view request) {
    tn_bytes answer{};
    const std::int32_t code = tn_call(core_, request.data(), request.size(), &answer);
    check_answer(answer, code);
    return object_of(answer);
  }

  void run(std::string_view line) {
    if (line.empty()) return;
    const std::string_view rest = line.substr(1);
    tn_bytes out{};
    switch (line[0]) {
      case 'c':
        call(rest);
        break;
      case 'b':
        check_code(tn_blob_begin(core_, rest.data(), rest.size(), &blob_));
        break;
      case 'w':
        check_code(tn_blob_write(core_, blob_, as_bytes(rest).data(), rest.size()));
        break;
      case 'e':
        blob_end();
        break;
      case 'r':
        check_code(tn_blob_read(core_, rest.data(), rest.size(), line.size() % 5, 7, &out));
        require(out.size <= 7, "no more than asked for");
        break;
      case 's':
        sync_next();
        break;
      case 'a':
        sync_answer(rest);
        break;
      case 't': {
        std::uint32_t wait_ms = 0;
        check_code(tn_step(core_, &wait_ms));
        break;
      }
      default:
        check_code(tn_receive(core_, &out));
        if (out.size > 0) typed_object_of(out);
    }
  }

 private:
  void blob_end() {
    tn_bytes answer{};
    const std::int32_t code = tn_blob_end(core_, blob_, &answer);
    check_answer(answer, code);
  }

  void sync_next() {
    tn_bytes head{};
    tn_bytes body{};
    check_code(tn_sync_next(core_, &head, &body));
    if (head.size == 0) return;
    const json::object call = object_of(head);
    number_ = call.at("call").to_number<std::uint64_t>();
    require(!call.at("url").as_string().empty(), "where to send it");
  }

  /// The head names the call that is under way, except where it says a number itself.
  void sync_answer(std::string_view rest) {
    const std::size_t tab = rest.find('\t');
    std::string head(rest.substr(0, tab));
    const std::size_t place = head.find('@');
    if (place != std::string::npos) head.replace(place, 1, std::to_string(number_));
    const std::string_view body = tab == rest.npos ? std::string_view() : rest.substr(tab + 1);
    check_code(tn_sync_answer(core_, head.data(), head.size(), as_bytes(body).data(), body.size()));
  }

  void check_code(std::int32_t code) {
    if (code == 0) return;
    tn_bytes error{};
    require(tn_last_error(core_, &error) == 0, "why");
    check_error(typed_object_of(error), code);
  }

  tn_core* core_ = nullptr;
  std::uint32_t blob_ = 0;
  std::uint64_t number_ = 0;
};

/// A store as it is at the beginning of every series, and what lies in it.
struct Person {
  fs::path store;
  std::string platform_key;
  std::vector<std::string> dossiers;
  std::vector<std::string> hashes;
};

/// The store in the process's folder that a series works on.
class Scene {
 public:
  Scene() {
    const std::uint64_t now_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch())
            .count());
    {
      test::Province province(1, folder_.path());
      province.advance_ms(now_ms - test::FakeHost::start_ms);
      test::Journey journey(province);
      journey.on_its_way_back();
      journey.accepted();
      journey.at_desk();
      const Id sealed = journey.sealed();
      province.sync(journey.courier);
      test::Device& citizen = journey.let_in(sealed);
      journey.collected();
      std::size_t at = 0;
      for (test::Device* device : {&journey.courier, &journey.officer, &citizen}) {
        test::must((*device)->store().set_large_value(key_catalogue, province.catalogue().encode()));
        people_[at].store = device->path;
        people_[at++].platform_key = to_base64(*device->unlock.platform_key);
      }
    }
    for (Person& person : people_) look_into(person);
  }

  /// A new copy of somebody's store. @return who
  const Person& begin(std::uint8_t choice) {
    const Person& person = people_[choice % people_.size()];
    copy(person.store, work());
    return person;
  }
  [[nodiscard]] fs::path work() const { return folder_.path() / "work.db"; }

 private:
  static void copy(const fs::path& from, const fs::path& to) {
    for (const char* more : {"", "-wal", "-shm"}) {
      std::error_code ignored;
      fs::remove(to.string() + more, ignored);
    }
    fs::copy_file(from, to);
  }

  static void look_into(Person& person) {
    Series series(person.store, person.platform_key);
    const json::object all = series.call(R"({"@type":"dossiers"})");
    for (const json::value& line : all.at("dossiers").as_array()) {
      const std::string id(line.at("id").as_string());
      const json::object dossier =
          series.call(json::serialize(json::object{{"@type", "dossier"}, {"dossier", id}}));
      person.dossiers.push_back(id);
      for (const char* list : {"records", "attachments"}) {
        for (const json::value& one : dossier.at(list).as_array()) {
          person.hashes.emplace_back(one.at("hash").as_string());
        }
      }
    }
    require(!person.dossiers.empty() && !person.hashes.empty(), "a store in mid-work");
  }

  Folder folder_;
  std::array<Person, 3> people_;
};

std::string with_names(std::string_view line, const Person& person) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    const bool is_digit = next >= '0' && next <= '9';
    const std::size_t number =
        is_digit ? static_cast<std::size_t>(next - '0') : 10 + static_cast<std::size_t>(next - 'A');
    if (line[i] == '$' && is_digit && number < person.dossiers.size()) {
      out += person.dossiers[number];
    } else if (line[i] == '#' && (is_digit || (next >= 'A' && next <= 'Z')) &&
               number < person.hashes.size()) {
      out += person.hashes[number];
    } else {
      out += line[i];
      continue;
    }
    ++i;
  }
  return out;
}

}  // namespace
}  // namespace tannha::fuzz

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::Scene scene;
  if (size == 0) return 0;
  const fuzz::Person& person = scene.begin(data[0]);
  fuzz::Series series(scene.work(), person.platform_key);
  std::string_view rest = as_text(BytesView(data + 1, size - 1));
  for (std::size_t call = 0; call < fuzz::calls_max && !rest.empty(); ++call) {
    const std::size_t end = rest.find('\n');
    series.run(fuzz::with_names(rest.substr(0, end), person));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  }
  // Whatever was asked, the next one is answered.
  const auto status = series.call(R"({"@type":"status"})");
  fuzz::require(status.at("@type") == "Status", "a status after all that");
  return 0;
}
