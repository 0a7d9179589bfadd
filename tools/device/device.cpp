#include "tools/device/device.hpp"

#include <algorithm>
#include <utility>

#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/deflate.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/data_dir.hpp"
#include "tools/catalogue/store.hpp"
#include "tools/device/rescue.hpp"
#include "tools/device/unlock.hpp"

namespace tannha::tools {
namespace {

constexpr std::string_view database_name = "device.db";
constexpr std::string_view key_server = "server_url";
constexpr std::string_view key_last_error = "last_sync_error";
constexpr std::uint32_t pull_max = limits::pull_records_max;
// More exchanges than any backlog needs: a server that always has more must not hold a phone.
constexpr std::uint32_t exchanges_max = 10'000;
// Files that a server may put off in one go: each has cost the link all of its bytes.
constexpr unsigned uploads_put_off_max = 3;
// A link that is slower than this is no link: as the server sees it.
constexpr std::uint64_t bytes_per_second_min = 4 * 1024;
// In front of a terminal somebody waits.
constexpr std::chrono::seconds patience_default{60};

std::string id_digits(const Id& id) {
  std::string text = uuid_text(id);
  std::erase(text, '-');
  return text;
}

bool names(const Dossier& d, std::string_view text) {
  if (d.dossier_code == text) return true;
  if (d.slip && (d.slip->send_slip_no == text || d.slip->item_id == text)) return true;
  if (uuid_text(d.id) == text) return true;
  const std::string digits = id_digits(d.id);
  return text.size() >= 4 && (digits.starts_with(text) || digits.ends_with(text));
}

/// A log of changes that is still there says that the last process did not end in order; then the
/// file is looked over before it is used. The mark keeps that in mind until the file is known to be
/// sound or was rescued: a wrong PIN comes in between.
Result<void> check_after_unclean_end(const std::filesystem::path& folder) {
  std::error_code error;
  const std::string path = (folder / database_name).string();
  const bool is_marked = std::filesystem::exists(check_mark(folder), error);
  if (!is_marked && !std::filesystem::exists(path + "-wal", error)) return {};
  // Without the mark, on a full disk, the store is looked over this once.
  if (!is_marked) (void)server::write_file_durably(check_mark(folder), {}, 0600).has_value();
  {
    TN_TRY(Store store, Store::open(path, sqlite::Mode::exclusive));
    TN_CHECK(store.check_file());
  }
  std::filesystem::remove(check_mark(folder), error);
  return {};
}

Result<Replica> open_or_rescue(const std::filesystem::path& folder, Host& host,
                               const Unlock& unlock, std::optional<SalvageReport>& rescued) {
  const std::string path = (folder / database_name).string();
  if (is_marked_damaged(folder)) {
    {
      // A wrong PIN is for the store to count.
      const auto replica = Replica::open(path, host, unlock);
      if (!replica && replica.error().code != errc::store_corrupt) {
        return std::unexpected(replica.error());
      }
      if (replica && replica->is_locked()) return fail(errc::vault_locked);
    }
    auto report = rescue(folder, host, unlock);
    if (report) rescued = *report;
    // Without room for a second file the work goes on in the first.
    return Replica::open(path, host, unlock);
  }
  const auto checked = check_after_unclean_end(folder);
  if (checked) {
    auto replica = Replica::open(path, host, unlock);
    if (replica || replica.error().code != errc::store_corrupt) return replica;
  } else if (checked.error().code != errc::store_corrupt) {
    return std::unexpected(checked.error());
  }
  TN_TRY(rescued, rescue(folder, host, unlock));
  return Replica::open(path, host, unlock);
}

}  // namespace

Result<exchange::TicketAnswer> request_ticket(const std::string& url, const std::string& bearer,
                                              const exchange::TicketRequest& request) {
  HttpClient http(url);
  TN_TRY(const HttpAnswer answer, http.send({.method = "POST",
                                             .path = "/v1/tickets",
                                             .bearer = bearer,
                                             .body = fields::encode(request)}));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  return fields::decode<exchange::TicketAnswer>(answer.body, errc::server_reply_malformed);
}

Device::Device(std::filesystem::path folder, std::unique_ptr<DeviceHost> host, Replica replica)
    : folder_(std::move(folder)),
      host_(std::move(host)),
      replica_(std::move(replica)),
      patience_(*host_, patience_default) {}

void Device::set_patience(std::chrono::milliseconds in_all, Patience::Wait wait) {
  patience_ = Patience(*host_, in_all, std::move(wait));
}

Result<std::unique_ptr<Device>> Device::open_or_make(const std::filesystem::path& folder,
                                                     Host& host, const std::string& pin) {
  TN_CHECK(server::make_folders_durably(folder));
  TN_CHECK(finish_rescue(folder));
  std::error_code error;
  if (!std::filesystem::exists(folder / database_name, error)) {
    TN_TRY(const Unlock unlock, make_unlock(folder, pin, host));
    // Closed again at once: one opening at a time.
    TN_TRY([[maybe_unused]] const Replica made,
           Replica::open((folder / database_name).string(), host, unlock));
  }
  return open(folder, host, pin);
}

Result<std::unique_ptr<Device>> Device::open(const std::filesystem::path& folder, Host& host,
                                             const std::string& pin) {
  TN_CHECK(finish_rescue(folder));
  // A mistyped folder must not become an empty device.
  std::error_code error;
  if (!std::filesystem::exists(folder / database_name, error)) {
    return fail(errc::store_not_found, folder.string());
  }
  auto device_host = std::make_unique<DeviceHost>(host, folder);
  TN_TRY(const Unlock unlock, unlock_of(folder, pin));
  std::optional<SalvageReport> rescued;
  TN_TRY(Replica replica, open_or_rescue(folder, *device_host, unlock, rescued));
  if (replica.is_locked()) return fail(errc::vault_locked);
  std::unique_ptr<Device> device(new Device(folder, std::move(device_host), std::move(replica)));
  device->rescued_ = rescued;
  auto catalogue = load_catalogue(folder);
  // A catalogue that cannot be read is fetched again; it holds nothing of ours.
  if (catalogue) device->catalogue_ = std::move(*catalogue);
  TN_TRY(const auto url, device->replica_.store().value(key_server));
  if (url) device->http_ = std::make_unique<HttpClient>(std::string(as_text(*url)));
  return device;
}

Result<bool> Device::has_pin() {
  TN_TRY(const auto needs, Vault::needs(replica_.store().database()));
  return needs && needs->pin;
}

Result<void> Device::set_pin(const std::string& pin, const std::string& next) {
  TN_TRY(const Unlock now, unlock_of(folder_, pin));
  TN_CHECK(replica_.change_unlock(now, Unlock(next)));
  // A cut before this leaves a file that opens nothing.
  return remove_key_file(folder_);
}

Result<void> Device::set_server(const std::string& url) {
  if (!url.starts_with("http://")) return fail(errc::argument_invalid, "server address");
  TN_CHECK(replica_.store().set_value(key_server, as_bytes(url)));
  http_ = std::make_unique<HttpClient>(url);
  token_.clear();
  return {};
}

Result<void> Device::enrol(const std::string& url, const std::string& ticket) {
  TN_TRY(const exchange::EnrolRequest request, replica_.begin_enrolment(ticket));
  TN_CHECK(set_server(url));
  TN_TRY(const HttpAnswer answer, http_->send({.method = "POST",
                                               .path = "/v1/enrol",
                                               .body = fields::encode(request)}));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  TN_TRY(const auto enrolled, exchange::decode<exchange::EnrolAnswer>(answer.body));
  return replica_.finish_enrolment(enrolled);
}

Result<void> Device::sign_in() {
  TN_TRY(const HttpAnswer asked,
         patience_.send(*http_, {.method = "POST", .path = "/v1/challenge"}));
  TN_CHECK(core::check_answer(asked.status, asked.body));
  TN_TRY(const auto challenge, fields::decode<exchange::Challenge>(
                                   asked.body, errc::server_reply_malformed));
  TN_TRY(const exchange::TokenRequest request, replica_.sign_in(challenge.challenge));
  TN_TRY(const HttpAnswer answer, patience_.send(*http_, {.method = "POST",
                                                                .path = "/v1/token",
                                                                .body = fields::encode(request)}));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  TN_TRY(const auto token, fields::decode<exchange::TokenAnswer>(answer.body,
                                                                 errc::server_reply_malformed));
  token_ = token.token;
  return {};
}

// An expired token never costs a record or a try: the call is made again after signing in.
Result<HttpAnswer> Device::call(HttpCall call) {
  if (!http_ || !replica_.identity()) return fail(errc::not_enrolled);
  for (bool renewed = false;; renewed = true) {
    if (token_.empty()) TN_CHECK(sign_in());
    call.bearer = token_;
    TN_TRY(HttpAnswer answer, patience_.send(*http_, call));
    // 413: to a server that does not know the token, a stranger sends too much.
    if ((answer.status != 401 && answer.status != 413) || renewed) return answer;
    token_.clear();
  }
}

// A server of before, or something on the way to it, may not know what is made smaller: then it gets
// the same once more as it is, and everything after it too.
Result<HttpAnswer> Device::push(const exchange::Request& request) {
  if (makes_smaller_ && !request.records.empty()) {
    HttpCall smaller{
        .method = "POST", .path = "/v1/sync", .body = exchange::encode_compact(request)};
    if (smaller.body.size() >= deflate_bytes_min) {
      TN_TRY(smaller.body, deflate(smaller.body));
      smaller.headers.emplace_back("Content-Encoding", "deflate");
    }
    TN_TRY(HttpAnswer answer, call(std::move(smaller)));
    if (answer.status != 400 && answer.status != 415) return answer;
    makes_smaller_ = false;
  }
  return call({.method = "POST", .path = "/v1/sync", .body = fields::encode(request)});
}

Result<Device::Exchanged> Device::exchange(Ahead& ahead) {
  if (ahead.valid()) {
    if (auto done = ahead.get()) return std::move(*done);
  }
  TN_TRY(exchange::Request request, replica_.next_request(pull_max));
  TN_TRY(const HttpAnswer answer, push(request));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  TN_TRY(auto response, exchange::decode<exchange::Response>(answer.body));
  return Exchanged{std::move(request), std::move(response)};
}

// The server reads the next page while this one is verified and stored. Until the answer is taken
// out of `ahead`, or it is gone, nothing else may use the connection. Whatever goes wrong here will
// go wrong once more, and be told, when it is asked in its turn.
Device::Ahead Device::ask_ahead(const Exchanged& done) {
  auto request = replica_.request_ahead(done.request, done.response);
  if (!request || token_.empty()) return {};
  return std::async(
      std::launch::async,
      [this, request = std::move(*request), token = token_]() mutable -> std::optional<Exchanged> {
        const auto answer = http_->send({.method = "POST",
                                         .path = "/v1/sync",
                                         .bearer = std::move(token),
                                         .body = fields::encode(request)});
        if (!answer || answer->status != 200) return std::nullopt;
        auto response = exchange::decode<exchange::Response>(answer->body);
        if (!response) return std::nullopt;
        return Exchanged{std::move(request), std::move(*response)};
      });
}

Result<void> Device::upload(const std::vector<Hash>& wanted, SyncSummary& summary) {
  Result<void> later;
  unsigned put_off = 0;
  for (const Hash& hash : wanted) {
    auto bytes = replica_.store().attachment(hash);
    if (!bytes) {
      // A file that cannot be read, or that the server refuses, must not hold up the others.
      if (bytes.error().code != errc::store_corrupt) return std::unexpected(bytes.error());
      ++summary.unreadable;
      continue;
    }
    if (!*bytes) continue;
    TN_TRY(const HttpAnswer answer, call({.method = "PUT",
                                          .path = "/v1/blobs/" + to_hex(hash),
                                          .content_type = "application/octet-stream",
                                          .body = std::move(**bytes)}));
    if (auto stored = core::check_answer(answer.status, answer.body); !stored) {
      if (!is_transient(stored.error().code)) {
        ++summary.rejected;
        continue;
      }
      // A full server may have room for a smaller one; a busy one is not asked for ever.
      later = std::move(stored);
      if (++put_off == uploads_put_off_max) return later;
      continue;
    }
    TN_CHECK(replica_.store().attachment_stored(hash));
    ++summary.attachments;
  }
  return later;
}

// A server that was stopped between storing a file and saying so does not ask for it again, and
// one that another phone's record named first was never asked of us. Whoever still holds a file
// sends it, whether its record counts or not: the same bytes twice are one file.
Result<std::vector<Hash>> Device::unconfirmed(const std::vector<Hash>& wanted) {
  TN_TRY(const auto pending, replica_.store().pending_attachments());
  std::vector<Hash> out;
  for (const auto& attachment : pending) {
    // Before its record has arrived a file would be refused after all of it was sent.
    if (!attachment.is_named) continue;
    if (std::ranges::find(wanted, attachment.hash) == wanted.end()) out.push_back(attachment.hash);
  }
  return out;
}

Result<void> Device::renew_catalogue(const Hash& version) {
  if (version == catalogue_.version()) return {};
  TN_TRY(const HttpAnswer answer, call({.method = "GET", .path = "/v1/catalogue"}));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  TN_TRY(Catalogue catalogue, Catalogue::decode(answer.body));
  TN_CHECK(save_catalogue(folder_, catalogue));
  catalogue_ = std::move(catalogue);
  return {};
}

Result<Device::SyncSummary> Device::sync_now() {
  if (!http_ || !replica_.identity()) return fail(errc::not_enrolled);
  SyncSummary summary;
  TN_TRY([[maybe_unused]] const std::uint64_t retried, replica_.store().retry_rejected());
  bool asks_less = false;
  Ahead ahead;
  while (summary.exchanges < exchanges_max) {
    TN_TRY(const Exchanged done, exchange(ahead));
    const exchange::Response& response = done.response;
    ahead = asks_less ? Ahead() : ask_ahead(done);
    const Result<Replica::SyncReport> received = replica_.receive(response);
    // With its disk full, and its reserve in use since, the replica asks for less the next time.
    if (!received && received.error().code == errc::store_full &&
        !std::exchange(asks_less, true)) {
      ahead = {};
      continue;
    }
    TN_TRY(const Replica::SyncReport report, received);
    ++summary.exchanges;
    summary.received += report.received;
    summary.rejected += report.rejected;
    summary.pulled += report.pulled;
    if (report.more && report.moved) continue;
    ahead = {};
    // Unanswered records would be sent for ever.
    if (report.more) return fail(errc::server_reply_malformed, "no progress");
    const std::uint32_t before = summary.attachments;
    TN_CHECK(upload(response.wanted, summary));
    // A full list may have had more behind it.
    const bool more_wanted = response.wanted.size() == limits::wanted_attachments_max;
    if (more_wanted && summary.attachments > before) continue;
    TN_TRY(const std::vector<Hash> left, unconfirmed(response.wanted));
    TN_CHECK(upload(left, summary));
    TN_CHECK(renew_catalogue(response.catalogue));
    // What has been brought may be erased, if that was asked for; the receipt for it goes at once.
    if (!replica_.identity()) break;
    TN_CHECK(replica_.tidy());
    if (!replica_.identity()) break;
    TN_TRY(const exchange::Holds holds, replica_.holds());
    if (holds.records > 0 && report.moved) continue;
    break;
  }
  return summary;
}

Result<Device::SyncSummary> Device::sync() {
  Result<SyncSummary> summary = sync_now();
  if (summary && summary->unreadable > 0) {
    summary = fail(errc::store_corrupt, std::to_string(summary->unreadable) +
                                            " ảnh không đọc được / photos cannot be read");
  }
  const std::uint64_t code =
      summary ? 0 : static_cast<std::uint64_t>(summary.error().code);
  // The store's own trouble is the likelier reason to be here; it must not hide the first error.
  (void)replica_.store().set_number(key_last_error, code).has_value();
  return summary;
}

Result<std::optional<errc>> Device::last_error() {
  TN_TRY(const std::uint64_t code, replica_.store().number(key_last_error));
  if (code == 0) return std::optional<errc>();
  return std::optional<errc>(static_cast<errc>(code));
}

Result<Bytes> Device::deliver_bundle(Bytes bundle) {
  // A token that runs out on the way would cost all of the bytes once more.
  token_.clear();
  const std::chrono::seconds sending(bundle.size() / bytes_per_second_min);
  HttpCall bundle_call{.method = "POST", .path = "/v1/bundle", .body = std::move(bundle)};
  bundle_call.timeout += sending;
  TN_TRY(HttpAnswer answer, call(std::move(bundle_call)));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  return std::move(answer.body);
}

Result<std::string> Device::citizen_link(const Id& dossier) {
  TN_TRY(const Dossier d, replica_.dossier(dossier));
  exchange::TicketRequest request;
  request.role = Role::citizen;
  request.unit = d.unit;
  request.scope = dossier;
  request.label = "citizen";
  TN_TRY(const HttpAnswer answer, call({.method = "POST",
                                        .path = "/v1/tickets",
                                        .body = fields::encode(request)}));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  TN_TRY(const auto ticket, fields::decode<exchange::TicketAnswer>(answer.body,
                                                                   errc::server_reply_malformed));
  TN_TRY(const auto url, replica_.store().value(key_server));
  return core::enrolment_link(std::string(as_text(url.value_or(Bytes()))), ticket.ticket);
}

Result<Bytes> Device::attachment(const Hash& hash) {
  TN_TRY(auto own, replica_.store().attachment(hash));
  if (own) return std::move(*own);
  TN_TRY(HttpAnswer answer, call({.method = "GET", .path = "/v1/blobs/" + to_hex(hash)}));
  TN_CHECK(core::check_answer(answer.status, answer.body));
  if (blake2b_256(answer.body) != hash) return fail(errc::attachment_mismatch);
  return std::move(answer.body);
}

Result<Id> Device::find(std::string_view text) {
  TN_TRY(const std::vector<Dossier> all, replica_.dossiers());
  std::optional<Id> found;
  for (const Dossier& d : all) {
    if (!names(d, text)) continue;
    if (found) return fail(errc::argument_invalid, "several dossiers match; give more characters");
    found = d.id;
  }
  if (!found) return fail(errc::dossier_unknown);
  return *found;
}

}  // namespace tannha::tools
