#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tannha/protocol/receipt.hpp"
#include "tests/support/real_server.hpp"

/// People whose phones work while something happens to the server.
namespace tannha::process {

/// Where the server is at the moment, for phones on other threads.
class Shift {
 public:
  struct Place {
    std::string url;
    int number = 0;
  };

  void opened(const std::string& url);
  void end();
  /// A server other than number `old`; nothing when the shift is over.
  std::optional<Place> wait_for_other_than(int old);
  /// A phone has got on.
  void step();
  bool is_over();
  /// Steps since the server was opened. @return false when the phones do not get on any more
  bool wait_for_steps(int count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Place place_;
  int steps_ = 0;
  bool over_ = false;
};

/// A person who writes records and takes photos, and synchronises all the time. Remembers whatever
/// the server ever promised.
class BusyPhone {
 public:
  BusyPhone(RealServer& server, std::filesystem::path folder, Role role, std::uint64_t seed);

  void start(Shift& shift);
  void join() { thread_.join(); }
  /// At the end everything goes through, and nothing is held back.
  void drain(const std::string& url);
  void close() { device_.reset(); }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const std::map<Hash, std::vector<Receipt>>& receipts() const { return receipts_; }
  [[nodiscard]] const std::set<Hash>& photos() const { return photos_; }
  /// What must not happen to a phone, whatever happens to the server.
  [[nodiscard]] const std::vector<std::string>& trouble() const { return trouble_; }
  [[nodiscard]] std::uint64_t broken_syncs() const { return broken_syncs_; }

 private:
  void work(Shift& shift);
  void write_something();
  void open_dossier();
  void keep(const Record& record) { unproved_.insert(record.hash); }
  void note_promises();
  std::uint64_t random(std::uint64_t count) { return random_() % count; }

  server::SystemHost host_;
  std::filesystem::path folder_;
  std::unique_ptr<tools::Device> device_;
  std::mt19937_64 random_;
  std::vector<Id> dossiers_;
  std::set<Hash> unproved_;
  std::set<Hash> unsent_photos_;
  std::map<Hash, std::vector<Receipt>> receipts_;  ///< by record
  std::set<Hash> photos_;                          ///< once called stored by the server
  std::vector<std::string> trouble_;
  std::uint64_t broken_syncs_ = 0;
  std::thread thread_;
};

/// Three couriers and an officer.
[[nodiscard]] std::vector<std::unique_ptr<BusyPhone>> busy_phones(
    RealServer& server, const std::filesystem::path& folder, std::mt19937_64& random);

/// Expects that a server's folder, which nobody uses, has what the phones were promised, in the
/// journal that they were shown, and that every store is sound. Closes the phones.
void expect_promises_kept(const std::filesystem::path& server_folder,
                          const std::vector<std::unique_ptr<BusyPhone>>& phones);

}  // namespace tannha::process
