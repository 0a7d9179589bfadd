#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tannha/protocol/exchange.hpp"
#include "tools/bench/bench.hpp"
#include "tools/day/process.hpp"

namespace tannha::tools {

/// A device as far as a benchmark needs one: a key, its log's end, a token. It signs records and
/// keeps none.
struct BenchPhone {
  KeyPair key;
  LogIntro intro;
  Hash log_id{};
  Id actor{};
  std::string unit;
  std::string token;
  std::uint64_t next_seq = 0;
  Hash head{};
  Id boot_id{};
  std::optional<Beacon> beacon;  ///< goes into what it signs
  std::optional<std::uint64_t> claimed_ms = {};  ///< what its clock says; none: the time it is

  /// The next record of its log.
  template <class B>
  [[nodiscard]] Record sign(const Id& subject, const B& body, std::vector<Hash> refs = {}) {
    return sign_encoded(subject, B::type, std::move(refs), body::encode(body, new_salt()));
  }

 private:
  static Id new_salt();
  Record sign_encoded(const Id& subject, RecordType type, std::vector<Hash> refs, Bytes body);
};

/// tannhad on a new folder and a free port of this machine, its own process, as it is installed.
class BenchServer {
 public:
  static constexpr const char* tenant = "H42";

  /// @param folder its data; made. @param arguments more for its command line
  /// Errors: file_unreadable (it did not start).
  [[nodiscard]] static Result<std::unique_ptr<BenchServer>> start(
      const BenchOptions& options, const std::filesystem::path& folder,
      const std::vector<std::string>& arguments = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const;
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  /// Enrols a new device and signs it in. The network's errors, and the server's.
  [[nodiscard]] Result<BenchPhone> enrol(Role role, const std::string& unit);
  /// A new token for the same device.
  [[nodiscard]] Result<void> sign_in(BenchPhone& phone);
  /// The newest checkpoint, for the records of a phone to name.
  [[nodiscard]] Result<Checkpoint> checkpoint();
  /// Lets it finish, and waits for its end.
  void stop();

 private:
  BenchServer(std::unique_ptr<Process> process, std::uint16_t port, std::filesystem::path folder)
      : process_(std::move(process)), port_(port), folder_(std::move(folder)) {}

  std::unique_ptr<Process> process_;
  std::uint16_t port_;
  std::filesystem::path folder_;
};

/// An exchange of these records, and the same as bytes of the message.
[[nodiscard]] exchange::Request push_request(const BenchPhone& phone,
                                             std::span<const Record> records);
[[nodiscard]] Bytes push_message(const BenchPhone& phone, std::span<const Record> records);

/// The records of one dossier as they come from a door: the opening, what the card says, papers, the
/// fee. Every one about 400 bytes with its body.
inline constexpr std::size_t door_records = 10;
[[nodiscard]] std::vector<Record> door_dossier(BenchPhone& phone, std::uint64_t number);

/// Exchanges of this many dossiers of a door each, ready to be sent, and the bytes of their records.
struct SignedLoad {
  std::vector<Bytes> requests;
  std::uint64_t records{};
  std::uint64_t record_bytes{};
};
[[nodiscard]] SignedLoad sign_load(BenchPhone& phone, std::size_t exchanges, std::size_t dossiers);

}  // namespace tannha::tools
