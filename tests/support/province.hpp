#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tannha/engine/admission.hpp"
#include "tannha/engine/calendar.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/checkpoint_signer.hpp"
#include "tannha/engine/host.hpp"
#include "tannha/engine/replica.hpp"
#include "tannha/engine/sync_server.hpp"
#include "tannha/server/sqlite_registry.hpp"

/// A whole province in one process and without sockets: the registry on SQLite, its sync server,
/// and any number of devices, each with its own clock and its own randomness from a seed.
namespace tannha {

// What a failed expectation prints.
void PrintTo(errc code, std::ostream* out);
void PrintTo(Verdict verdict, std::ostream* out);
void PrintTo(Stage stage, std::ostream* out);
void PrintTo(Custodian custodian, std::ostream* out);
void PrintTo(const Ruling& ruling, std::ostream* out);

namespace test {

/// The value, or an exception that fails the test and names the error.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(name(result.error().code)) + " " + result.error().detail);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
/// As must(), for something that has to be there.
template <class T>
T must_have(Result<std::optional<T>> result) {
  std::optional<T> found = must(std::move(result));
  if (!found) throw std::runtime_error("nothing there");
  return std::move(*found);
}
/// The error, or errc{} when there is none.
template <class T>
errc code_of(const Result<T>& result) {
  return result ? errc{} : result.error().code;
}

inline constexpr Ruling is_effective{Verdict::effective, std::nullopt};
inline Ruling is_held(errc why) {
  return {Verdict::held, why};
}
inline Ruling is_refused(errc why) {
  return {Verdict::refused, why};
}

[[nodiscard]] Ruling ruling_of(const exchange::Answer& answer);

class FakeHost : public Host {
 public:
  /// Monday 2 March 2026, 08:00 in Viet Nam.
  static constexpr std::uint64_t start_ms = 1'772'413'200'000;

  explicit FakeHost(std::uint64_t seed) : engine_(seed) { random(boot_id_); }

  std::uint64_t now_ms() override { return now_ms_; }
  std::uint64_t monotonic_ms() override { return ++monotonic_ms_; }
  Id boot_id() override { return boot_id_; }
  void random(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }

  void set_now_ms(std::uint64_t now_ms) { now_ms_ = now_ms; }
  void advance_ms(std::uint64_t by_ms) { now_ms_ += by_ms; }
  /// The monotonic clock alone: time that the device was on.
  void wait_ms(std::uint64_t by_ms) { monotonic_ms_ += by_ms; }
  void reboot() {
    random(boot_id_);
    monotonic_ms_ = 0;
  }

 private:
  std::mt19937_64 engine_;
  std::uint64_t now_ms_ = start_ms;
  std::uint64_t monotonic_ms_ = 0;
  Id boot_id_{};
};

/// A new folder under the system's temporary one, removed with everything in it at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Three procedures: 1.001193 by post in five working days with two countable lines, 1.000656 by
/// post on the same day with one line, 2.000001 not by post.
inline constexpr std::string_view birth_procedure = "1.001193";
inline constexpr std::string_view death_procedure = "1.000656";
inline constexpr std::string_view counter_procedure = "2.000001";
[[nodiscard]] Catalogue small_catalogue();

/// One person's device.
struct Device {
  explicit Device(std::uint64_t seed) : host(seed) {}
  Replica& operator*() { return *replica; }
  Replica* operator->() { return replica.get(); }
  [[nodiscard]] const Hash& log_id() const { return replica->identity()->log_id; }
  [[nodiscard]] const Id& actor() const { return replica->identity()->certificate.actor; }

  FakeHost host;
  /// What opens its store: a key of the platform, which costs no work.
  Unlock unlock{random_array<Seed>(host)};
  std::filesystem::path path;
  std::unique_ptr<Replica> replica;
};

enum class Fault { none, request_lost, response_lost };

struct SyncOptions {
  std::uint32_t pull_max = 200;  ///< 0: push only
  Fault fault = Fault::none;     ///< of the first exchange; nothing follows it then
};

class Province {
 public:
  /// @param folder of the registry; empty: one of its own
  explicit Province(std::uint64_t seed = 1, std::filesystem::path folder = {});

  [[nodiscard]] const Catalogue& catalogue() const { return catalogue_; }
  [[nodiscard]] server::SqliteRegistry& registry() { return *registry_; }
  [[nodiscard]] const RegistryActor& actor() const { return actor_; }
  [[nodiscard]] SyncServer& server() { return *server_; }
  /// The signed note of an answer, after the commit.
  [[nodiscard]] Result<std::string> sign(const Checkpoint& head);
  /// The registry's clock.
  [[nodiscard]] FakeHost& host() { return host_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  void advance_ms(std::uint64_t by_ms);  ///< every clock

  // Enrolment
  /// A device that is not enrolled, with an empty store.
  Device& new_device();
  [[nodiscard]] Result<exchange::TicketAnswer> ticket(const exchange::TicketRequest& request,
                                                      const std::optional<Hash>& asker = {});
  [[nodiscard]] Result<exchange::EnrolAnswer> enrol(const exchange::EnrolRequest& request);
  Device& enrol(Role role, std::string_view unit, const std::optional<Id>& scope = {},
                const std::optional<Id>& actor = {});
  /// Closes and opens the device's store, as after a restart.
  void restart(Device& device);

  // Synchronising
  /// Through the wire's bytes and inside one transaction, as tannhad does it.
  [[nodiscard]] Result<exchange::Response> exchange(const Hash& sender,
                                                    const exchange::Request& request);
  /// Exchanges until nothing is left on either side.
  Replica::SyncReport sync(Device& device, const SyncOptions& options = {});
  void sync_all();
  /// Pushes records as they are, whoever wrote them, and nothing else.
  exchange::Response push(const Hash& sender, const std::vector<Record>& records,
                          std::vector<LogIntro> logs = {});
  exchange::Response push(const Device& sender, const std::vector<Record>& records,
                          std::vector<LogIntro> logs = {}) {
    return push(sender.log_id(), records, std::move(logs));
  }
  /// Brings the device's attachments to the registry.
  void upload(Device& device);

  /// What was sent to citizens, oldest first.
  [[nodiscard]] const std::vector<CodeMessage>& messages() const { return messages_; }

  // What the registry has
  [[nodiscard]] Dossier dossier(const Id& id);
  [[nodiscard]] Ruling ruling(const Hash& record);

 private:
  std::unique_ptr<TempDir> own_folder_;
  std::filesystem::path folder_;
  FakeHost host_;
  std::uint64_t seed_;
  Catalogue catalogue_;
  WorkingCalendar calendar_;
  RegistryActor actor_;
  std::vector<CodeMessage> messages_;
  std::unique_ptr<server::SqliteRegistry> registry_;
  std::unique_ptr<SyncServer> server_;
  MemoryCheckpointStore newest_checkpoint_;
  std::unique_ptr<CheckpointSigner> signer_;
  std::vector<std::unique_ptr<Device>> devices_;
};

/// Signs a record with the device's key without saving it there: for what an honest device would
/// not write. `header` gives seq, prev, subject, type and refs; the rest is filled in.
[[nodiscard]] Record forge(Device& device, RecordHeader header, Bytes body);
template <class B>
[[nodiscard]] Record forge(Device& device, RecordHeader header, const B& body) {
  header.type = B::type;
  return forge(device, std::move(header), body::encode(body, random_array<Id>(device.host)));
}
/// The header of the record that this device would write next.
[[nodiscard]] RecordHeader next_header(Device& device, const Id& subject);
/// The header of the record after another one of the same log.
[[nodiscard]] RecordHeader header_after(const Record& record, const Id& subject);

/// A saved record that no rule on the device was asked about.
template <class B>
Record write_unchecked(Device& device, const Id& subject, std::vector<Hash> refs, const B& body) {
  auto change = must(device->begin());
  Record record = must(change.append(subject, std::move(refs), body));
  must(change.commit());
  return record;
}

/// Everything a device's store holds, as text.
[[nodiscard]] std::string dump(Store& store);

/// A few bytes that pass for a photo, different for each number.
[[nodiscard]] Bytes photo(std::uint8_t number = 0);

}  // namespace test
}  // namespace tannha
