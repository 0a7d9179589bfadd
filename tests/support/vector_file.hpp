#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "tannha/protocol/bytes.hpp"

namespace tannha::test {

inline std::filesystem::path vector_path(const std::string& name) {
  return std::filesystem::path(TANNHA_SHARED_DIR) / "data/vectors" / name;
}

inline boost::json::value read_json(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  boost::json::parse_options options;
  // Vectors of edge cases hold strings that are not UTF-8.
  options.allow_invalid_utf8 = true;
  return boost::json::parse(text, {}, options);
}

inline std::string text_at(const boost::json::value& value, const char* key) {
  return std::string(value.at(key).as_string());
}

/// Bytes under a key that holds hexadecimal.
inline Bytes hex_at(const boost::json::value& value, const char* key) {
  const std::optional<Bytes> bytes = from_hex(text_at(value, key));
  EXPECT_TRUE(bytes.has_value()) << key;
  return bytes.value_or(Bytes{});
}

}  // namespace tannha::test

/// Skips the test by name when its vectors are not there.
#define TN_NEED_VECTORS(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "not there: " << (path).string()
