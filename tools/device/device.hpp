#pragma once

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "tannha/core/courier.hpp"
#include "tannha/core/server_answer.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/replica.hpp"
#include "tannha/engine/salvage.hpp"
#include "tools/device/device_host.hpp"
#include "tools/net/http_client.hpp"
#include "tools/net/patience.hpp"

namespace tannha::tools {

/// One person's device in a terminal: a folder with the engine's store, the catalogue, and the way
/// to the server. What an app does around the engine, this does too.
class Device {
 public:
  struct SyncSummary {
    std::uint32_t exchanges{};
    std::uint32_t received{};
    std::uint32_t rejected{};
    std::uint32_t pulled{};
    std::uint32_t attachments{};
    std::uint32_t unreadable{};  ///< attachments of this device that do not open
  };

  /// Opens the folder's store. A damaged one is put aside and what can be recovered of it goes on
  /// in its place: see rescued(). @param host must outlive this
  /// @param pin of its vault; empty: the key file opens it
  /// Errors: store_not_found when there is none; vault_locked (it needs a PIN, or the key file is
  /// gone); those of Replica::open; store_corrupt when nothing can be recovered.
  [[nodiscard]] static Result<std::unique_ptr<Device>> open(const std::filesystem::path& folder,
                                                            Host& host,
                                                            const std::string& pin = {});
  /// The same, and makes folder and store when they are missing. Errors: also those of
  /// make_folders_durably; pin_too_weak.
  [[nodiscard]] static Result<std::unique_ptr<Device>> open_or_make(
      const std::filesystem::path& folder, Host& host, const std::string& pin = {});

  /// What was recovered when this device was opened, if its store was damaged.
  [[nodiscard]] const std::optional<SalvageReport>& rescued() const { return rescued_; }
  /// Another PIN from now on, and no key file. @param pin the present one; empty: there is none
  /// Errors: those of Replica::change_unlock.
  [[nodiscard]] Result<void> set_pin(const std::string& pin, const std::string& next);
  [[nodiscard]] Result<bool> has_pin();

  [[nodiscard]] Replica& replica() { return replica_; }
  [[nodiscard]] const Catalogue& catalogue() const { return catalogue_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// The server's address is kept with the store. Errors: argument_invalid.
  [[nodiscard]] Result<void> set_server(const std::string& url);
  /// Enrols with a ticket. Safe to repeat with the same ticket. Errors: those of Replica and the
  /// network; whatever the server refuses with.
  [[nodiscard]] Result<void> enrol(const std::string& url, const std::string& ticket);

  /// Sends what is unsent, takes what is new, then sends attachments and renews the catalogue.
  /// What was done before an error stays done. Attachments that cannot be read are store_corrupt
  /// when all else is done. The error and its time are kept for status.
  [[nodiscard]] Result<SyncSummary> sync();
  /// A busy server is asked again for so long in all, as it says when to come; then its refusal is
  /// the error. @param wait sleeps; a test's own does not
  void set_patience(std::chrono::milliseconds in_all, Patience::Wait wait = {});
  /// Why the last sync failed; none when it did not.
  [[nodiscard]] Result<std::optional<errc>> last_error();

  /// Delivers another device's bundle. @return the signed receipts, to be carried back
  /// Errors: those of the network; whatever the server refuses with.
  [[nodiscard]] Result<Bytes> deliver_bundle(Bytes bundle);

  /// Asks the server for a citizen's ticket (dispatcher, officer). @return the link to open
  [[nodiscard]] Result<std::string> citizen_link(const Id& dossier);
  /// An attachment from this device or from the server.
  [[nodiscard]] Result<Bytes> attachment(const Hash& hash);

  /// The dossier that a text names: its dossier code, send slip, item code, or at least four
  /// characters of the beginning or end of its id. Errors: dossier_unknown; argument_invalid
  /// (several).
  [[nodiscard]] Result<Id> find(std::string_view text);

 private:
  Device(std::filesystem::path folder, std::unique_ptr<DeviceHost> host, Replica replica);
  Result<SyncSummary> sync_now();
  Result<void> sign_in();
  Result<HttpAnswer> call(HttpCall call);
  struct Exchanged {
    exchange::Request request;
    exchange::Response response;
  };
  /// The next exchange while this one's answer is stored; none when it did not work out.
  using Ahead = std::future<std::optional<Exchanged>>;
  Result<HttpAnswer> push(const exchange::Request& request);
  Result<Exchanged> exchange(Ahead& ahead);
  Ahead ask_ahead(const Exchanged& done);
  Result<void> upload(const std::vector<Hash>& wanted, SyncSummary& summary);
  /// Files that count and that the server neither confirmed nor asks for.
  Result<std::vector<Hash>> unconfirmed(const std::vector<Hash>& wanted);
  Result<void> renew_catalogue(const Hash& version);

  std::filesystem::path folder_;
  std::unique_ptr<DeviceHost> host_;  ///< before the replica, which uses it
  Replica replica_;
  std::optional<SalvageReport> rescued_;
  Catalogue catalogue_;
  std::unique_ptr<HttpClient> http_;
  std::string token_;
  Patience patience_;
  bool makes_smaller_ = true;  ///< what it pushes; false once the server has refused that
};

/// Asks for a ticket with the operator's secret.
[[nodiscard]] Result<exchange::TicketAnswer> request_ticket(const std::string& url,
                                                            const std::string& bearer,
                                                            const exchange::TicketRequest& request);

}  // namespace tannha::tools
