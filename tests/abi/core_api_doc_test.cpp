// docs/core-api.md lists what the code takes and gives. With TANNHA_WRITE_DOC=1 it is written anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "api.hpp"

namespace tannha::core {
namespace {

using json::Description;

std::string path() { return std::string(TANNHA_SOURCE_DIR) + "/docs/core-api.md"; }

std::string read_doc() {
  std::ifstream file(path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_fields(std::ostream& out, const Description& type) {
  if (type.fields.empty()) {
    out << "no fields\n\n";
    return;
  }
  out << "| field | type | |\n|---|---|---|\n";
  for (const auto& field : type.fields) {
    out << "| `" << field.name << "` | " << field.type << " |"
        << (field.is_optional ? " optional |" : " |") << "\n";
  }
  out << "\n";
}

std::string made() {
  json::Descriptions types;
  std::ostringstream out;
  out << "\n## Requests\n\n";
  api::any_request([&]<class R>() {
    json::Descriptions own;
    own.add<R>();
    types.add<typename R::Answer>();
    out << "### `" << R::name << "` → `" << R::Answer::name << "`\n\n";
    for (const Description& type : own.all) {
      if (type.name == R::name) write_fields(out, type);
    }
    // What only a request speaks of is described too.
    types.add<R>();
    types.all.pop_back();
    return false;
  });
  out << "## Events\n\n";
  const auto beside = [&]<class T>() {
    types.add<T>();
    out << "### `" << T::name << "`\n\n";
    write_fields(out, types.all.back());
    types.all.pop_back();
  };
  beside.operator()<api::changed>();
  beside.operator()<api::enrolled>();
  beside.operator()<api::synced>();
  beside.operator()<api::syncFailed>();
  beside.operator()<api::locked>();
  beside.operator()<api::linkForCitizen>();
  beside.operator()<api::fileHere>();
  beside.operator()<api::errandFailed>();
  out << "## Beside them\n\n";
  beside.operator()<api::OpenOptions>();
  beside.operator()<api::SyncCall>();
  beside.operator()<api::SyncHead>();
  beside.operator()<api::BlobBegin>();
  types.add<api::ErrorInfo>();
  out << "## Types\n\n";
  for (const Description& type : types.all) {
    if (!type.words.empty()) continue;
    out << "### `" << type.name << "`\n\n";
    write_fields(out, type);
  }
  out << "## Words\n\n";
  for (const Description& type : types.all) {
    if (type.words.empty()) continue;
    out << "### `" << type.name << "`\n\n";
    for (std::size_t i = 0; i < type.words.size(); ++i) {
      out << (i == 0 ? "`" : ", `") << type.words[i] << "`";
    }
    out << "\n\n";
  }
  return std::move(out).str();
}

TEST(CoreApiDocTest, ListsWhatTheCodeTakesAndGives) {
  std::string doc = read_doc();
  const std::string open = "<!-- types: made from the code -->\n";
  const std::size_t begin = doc.find(open);
  const std::size_t end = doc.find("<!-- end -->");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t first = begin + open.size();
  if (std::getenv("TANNHA_WRITE_DOC") != nullptr) {
    doc.replace(first, end - first, made());
    std::ofstream(path(), std::ios::binary) << doc;
    return;
  }
  EXPECT_EQ(doc.substr(first, end - first), made())
      << "run with TANNHA_WRITE_DOC=1 if the change is meant";
}

}  // namespace
}  // namespace tannha::core
