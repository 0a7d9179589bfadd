#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tannha/engine/replica.hpp"
#include "tannha/server/checkpoint_file.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/service.hpp"
#include "tannha/server/sqlite_registry.hpp"

/// The service as tannhad puts it together, driven through its Handler interface without sockets.
namespace tannha::server {

/// The value, or an exception that fails the test and names the error.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(name(result.error().code)) + " " + result.error().detail);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
/// The error, or errc{} when there is none.
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
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// A clock that stands, and randomness from a seed. Thread-safe.
class TestHost : public Host {
 public:
  /// Monday 2 March 2026, 08:00 in Viet Nam.
  static constexpr std::uint64_t start_ms = 1'772'413'200'000;

  explicit TestHost(std::uint64_t seed = 1);
  std::uint64_t now_ms() override { return now_ms_; }
  std::uint64_t monotonic_ms() override { return ++monotonic_ms_; }
  Id boot_id() override { return boot_id_; }
  void random(std::span<std::uint8_t> out) override;
  void advance_ms(std::uint64_t by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<std::uint64_t> now_ms_{start_ms};
  std::atomic<std::uint64_t> monotonic_ms_{0};
  std::mutex mutex_;
  std::mt19937_64 engine_;
  Id boot_id_{};
};

/// The device's end of a live connection.
class TestChannel : public LiveChannel {
 public:
  void send(Bytes message) override;
  void send_once(Bytes message) override { send(std::move(message)); }
  void signed_in(std::string, std::chrono::milliseconds valid) override { valid_for = valid; }
  [[nodiscard]] const std::string& peer() const override { return peer_address; }
  std::string peer_address = "192.0.2.1";
  std::atomic<std::chrono::milliseconds> valid_for{};
  void close(std::string_view reason) override;
  /// Waits for the next message. Throws when the channel is closed instead.
  exchange::LiveMessage receive();
  /// Waits for the end. @return its reason
  std::string wait_closed();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Bytes> messages_;
  std::optional<std::string> closed_;
};

/// A device: the engine's replica and the session token of its log.
struct Client {
  std::unique_ptr<Replica> replica;
  std::string token;

  [[nodiscard]] const Identity& me() const { return *replica->identity(); }
  /// A saved record that no rule on the device was asked about.
  template <class B>
  Record write(const Id& subject, std::vector<Hash> refs, const B& body) {
    auto change = must(replica->begin());
    Record record = must(change.append(subject, std::move(refs), body));
    must(change.commit());
    return record;
  }
  /// A dossier of somebody at the door.
  Id open_dossier();
  /// The header that the next record of this device has to have.
  [[nodiscard]] RecordHeader next_header(const Id& subject, RecordType type) const;
};

class ServiceWorld {
 public:
  explicit ServiceWorld(const ServiceConfig& config = {});
  /// Another machine with a copy of a stopped or idle server's folder, and the same store of
  /// checkpoints.
  ServiceWorld(const std::filesystem::path& data_to_copy,
               const std::filesystem::path& checkpoint_store);
  ~ServiceWorld();
  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  /// Asks and waits for the answer. Fails the test when there is a second one.
  HttpResponse ask(HttpRequest request);
  HttpResponse get(const std::string& path, const std::string& bearer = {});
  HttpResponse post(const std::string& path, Bytes body, const std::string& bearer = {});
  HttpResponse put(const std::string& path, Bytes body, const std::string& bearer = {});

  // As devices do it
  [[nodiscard]] exchange::TicketRequest ticket_for(Role role, std::string_view unit) const;
  std::string ticket(const exchange::TicketRequest& request, const std::string& bearer = {});
  /// A device that has not been enrolled.
  std::unique_ptr<Replica> new_replica();
  Client enrol(Role role, std::string_view unit);
  /// Asks for a challenge and answers it. @return the signed request
  exchange::TokenRequest sign(const Replica& replica);
  void sign_in(Client& client);
  /// One exchange with the device's own request. @return what was answered; received by the device
  exchange::Response sync(Client& client);
  /// Pushes records as they are.
  exchange::Response push(const Client& client, const std::vector<Record>& records);
  [[nodiscard]] static exchange::Request request(const Client& client,
                                                 const std::vector<Record>& records);
  /// Whether a new device of a new person gets everything done.
  bool good_traffic_goes_through();

  /// The value of a line of /metrics; throws when there is none.
  std::uint64_t metric(const std::string& name_and_labels);
  std::uint64_t refused(errc code);
  std::uint64_t not_effective(errc code);

  [[nodiscard]] Service& service() { return *service_; }
  [[nodiscard]] const RegistryActor& actor() const { return *actor_; }
  [[nodiscard]] const std::string& admin_secret() const { return admin_secret_; }
  [[nodiscard]] DataDir& data_dir() { return *data_dir_; }
  [[nodiscard]] std::filesystem::path checkpoint_store() const {
    return checkpoint_store_.empty() ? default_checkpoint_store(data_dir_->path())
                                     : checkpoint_store_;
  }
  TestHost host;
  /// Stops the service and starts it again on the same folder. @param meanwhile while it is stopped
  void restart(const std::function<void(Registry&)>& meanwhile = {});

 private:
  void start();

  const ServiceConfig config_;
  TempFolder folder_;
  std::filesystem::path checkpoint_store_;  ///< empty: the default
  std::optional<DataDir> data_dir_;
  std::optional<RegistryActor> actor_;
  std::string admin_secret_;
  std::unique_ptr<SqliteRegistry> registry_;
  std::unique_ptr<SqliteRegistry> reader_;
  std::unique_ptr<CheckpointFile> newest_;
  std::unique_ptr<CheckpointSigner> signer_;
  std::unique_ptr<Service> service_;
  int replicas_ = 0;
};

/// Notes that the device signs but does not save, one after the other.
[[nodiscard]] std::vector<Record> notes(ServiceWorld& world, const Client& author,
                                        const Id& dossier, std::size_t count);
/// A few bytes that pass for a photo, different for each number.
[[nodiscard]] Bytes photo(std::uint8_t number = 0);
[[nodiscard]] body::AttachmentAdded attachment_of(const Bytes& bytes);
/// Expects a refusal with this code and status, and both its sentences.
void expect_refusal(const HttpResponse& response, errc code, unsigned status);
[[nodiscard]] std::string text_of(const HttpResponse& response);

}  // namespace tannha::server
