#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tannha/engine/registry.hpp"

/// What every store of the server side must do, written against the port alone. A new
/// implementation adds an INSTANTIATE_TEST_SUITE_P with its factory.
namespace tannha::registry_contract {

struct Factory {
  std::string title;
  /// Opens the store in a folder, and makes it when it is missing.
  std::function<std::unique_ptr<Registry>(const std::filesystem::path& folder)> open;
  /// A second connection that only reads, beside the one that writes.
  std::function<std::unique_ptr<Registry>(const std::filesystem::path& folder)> open_reader;
};
inline void PrintTo(const Factory& factory, std::ostream* out) { *out << factory.title; }

// Values that the tests share.
inline constexpr Id dossier{1};
inline constexpr Id other_dossier{2};
inline constexpr std::string_view desk = "unit:H42.101";
inline constexpr std::string_view courier = "actor:x";

using Hashes = std::vector<Hash>;

inline constexpr auto slip = body::NumberKind::send_slip;
inline constexpr auto item = body::NumberKind::item;

[[nodiscard]] body::LeaseGranted lease(const Hash& log, body::NumberKind kind, std::uint32_t first,
                                       std::uint32_t count);
[[nodiscard]] body::AttachmentAdded attachment(std::uint8_t number);

/// The value, or an exception that fails the test and names the error.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(name(result.error().code)) + " " + result.error().detail);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
template <class T>
errc code_of(const Result<T>& result) {
  return result ? errc{} : result.error().code;
}

/// A new folder under the system's temporary one, removed with everything in it at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Somebody who signs records of one log.
class Author {
 public:
  explicit Author(std::uint8_t number);
  [[nodiscard]] const LogEntry& log() const { return log_; }
  [[nodiscard]] const Hash& id() const { return log_.id; }
  /// The next record of the log, as the registry stores it.
  Evidence note(const Id& subject, Ruling ruling = {Verdict::effective, std::nullopt});

 private:
  KeyPair key_;
  LogEntry log_;
};

class RegistryContractTest : public ::testing::TestWithParam<Factory> {
 protected:
  RegistryContractTest() : registry(GetParam().open(folder.path())) {}
  void reopen() {
    registry.reset();
    registry = GetParam().open(folder.path());
  }
  /// Runs `work` in a transaction of its own.
  template <class F>
  void commit(F work) {
    must(registry->begin());
    work();
    must(registry->commit());
  }
  /// Appends in a transaction of its own. @return the leaf
  std::uint64_t append(const Evidence& evidence, const std::vector<Id>& dossiers) {
    std::uint64_t leaf = 0;
    commit([&] { leaf = must(registry->append(evidence, dossiers)); });
    return leaf;
  }
  [[nodiscard]] std::vector<Hash> feed_of(std::string_view audience, std::uint64_t after = 0,
                                          std::size_t count_max = 1000);

  TempFolder folder;
  std::unique_ptr<Registry> registry;
};

}  // namespace tannha::registry_contract
