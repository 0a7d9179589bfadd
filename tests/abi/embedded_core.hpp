#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tannha/core/tannha.h"
#include "tannha/protocol/bytes.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::abi {

/// The core as an app has it: through the C ABI, with a network that the test can take away.
class EmbeddedCore {
 public:
  explicit EmbeddedCore(const std::filesystem::path& store, BytesView platform_key = {});
  ~EmbeddedCore();
  EmbeddedCore(const EmbeddedCore&) = delete;
  EmbeddedCore& operator=(const EmbeddedCore&) = delete;

  /// The answer's object; "@type" is "Error" where it is one.
  boost::json::object call(const boost::json::object& request);
  /// The same with a request that must succeed.
  boost::json::object must(const boost::json::object& request);
  boost::json::object add_file(const boost::json::object& begin, BytesView bytes);
  Bytes read_file(const std::string& hash);
  /// Carries the conversation to its end. @return the events' names
  std::vector<std::string> carry();
  /// Those of the last carry().
  [[nodiscard]] const std::vector<boost::json::object>& events() const { return events_; }
  /// The same, without a network.
  void without_network(bool is_gone) { has_no_network_ = is_gone; }
  /// The next answer is lost on its way.
  void lose_next_answer() { loses_next_ = true; }
  [[nodiscard]] std::uint32_t step();

 private:
  bool carry_one();

  tn_core* core_ = nullptr;
  std::unique_ptr<tools::HttpClient> http_;
  std::string base_;
  std::vector<boost::json::object> events_;
  bool has_no_network_ = false;
  bool loses_next_ = false;
};

}  // namespace tannha::abi
