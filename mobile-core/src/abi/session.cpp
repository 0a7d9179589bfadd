#include "session.hpp"

#include <algorithm>

#include "tannha/core/training.hpp"
#include "tannha/protocol/media.hpp"

namespace tannha::core {
namespace {

constexpr std::string_view key_catalogue = "catalogue";
/// Events that nobody fetches: the oldest say what the newest say too.
constexpr std::size_t events_max = 64;
/// Others' files that are held at once, each of up to limits::attachment_bytes_max.
constexpr std::size_t fetched_max = 4;

template <class T>
std::string text_with_type(const T& value) {
  std::string text;
  json::Writer writer(text);
  writer("@type", T::name);
  T::fields(writer, value);
  writer.end();
  return text;
}

}  // namespace

api::ErrorInfo Session::info(const Error& error) {
  return {static_cast<std::uint64_t>(error.code),
          std::string(name(error.code)),
          error.detail,
          std::string(message(error.code, Language::vietnamese)),
          std::string(message(error.code, Language::english)),
          is_transient(error.code)};
}

std::string Session::text(const Error& error) { return text_with_type(info(error)); }

// Opening

Result<std::unique_ptr<Session>> Session::open(std::string_view options) {
  TN_TRY(const json::Value& object, json::parse(options));
  api::OpenOptions wanted;
  TN_CHECK(json::read(object, wanted));
  std::unique_ptr<Session> session(new Session(wanted.path));
  if (wanted.platform_key) {
    Seed key{};
    if (wanted.platform_key->size() != key.size()) {
      return fail(errc::argument_invalid, "platformKey");
    }
    std::ranges::copy(*wanted.platform_key, key.begin());
    session->platform_key_ = key;
  }
  TN_TRY(Store store, Store::open(wanted.path, sqlite::Mode::exclusive));
  TN_TRY(const auto& needs, Vault::needs(store.database()));
  if (!needs) {
    TN_TRY(session->emptied_, Replica::why_empty(store));
    return session;
  }
  Unlock unlock;
  // A PIN that is needed is asked for; what the platform keeps opens the rest at once.
  if (!needs->pin) unlock.platform_key = session->platform_key_;
  TN_TRY(Replica replica, Replica::open(std::move(store), session->host_, unlock));
  TN_CHECK(session->use(std::move(replica)));
  return session;
}

Result<void> Session::use(Replica replica) {
  replica_.emplace(std::move(replica));
  sync_.emplace(*replica_, host_);
  if (!replica_->is_locked() && replica_->identity()) sync_->start();
  return {};
}

Result<Replica*> Session::replica() {
  if (!replica_) return fail(errc::vault_locked, "no PIN yet");
  return &*replica_;
}

Result<const Catalogue*> Session::catalogue() {
  if (!catalogue_) {
    TN_TRY(Replica * const replica, this->replica());
    TN_TRY(auto bytes, replica->store().large_value(key_catalogue));
    auto opened = bytes ? Catalogue::open(std::move(*bytes)) : Catalogue();
    // One that cannot be read is fetched again; it holds nothing of ours.
    catalogue_.emplace(opened ? std::move(*opened) : Catalogue());
    sync_->set_catalogue(catalogue_->version());
  }
  return &*catalogue_;
}

// Calling

template <class R>
Result<std::string> Session::dispatch(const json::Value& object, std::size_t more) {
  R request;
  TN_CHECK(json::read(object, request, more));
  TN_TRY(const auto& answered, answer(request));
  if constexpr (std::is_same_v<typename R::Answer, api::Written> ||
                std::is_same_v<typename R::Answer, api::Scanned>) {
    written();
  }
  return text_with_type(answered);
}

Result<std::string> Session::call(std::string_view request) {
  TN_TRY(const json::Value& object, json::parse(request));
  const json::Value* const type = object.find("@type");
  std::string name;
  if (!type || !json::take(*type, name)) return fail(errc::argument_invalid, "@type");
  std::optional<Id> key;
  if (const json::Value* const named = object.find("@key")) {
    if (!json::take(*named, key.emplace())) return fail(errc::argument_invalid, "@key");
  }
  if (key && replica_) {
    TN_TRY(const auto& done, replica_->done(*key));
    if (done) return text_with_type(api::Written{done->subject, done->record});
  }
  Result<std::string> (Session::*answering)(const json::Value&, std::size_t) = nullptr;
  api::any_request([&]<class R>() {
    if (name != R::name) return false;
    answering = &Session::dispatch<R>;
    return true;
  });
  if (!answering) return fail(errc::argument_invalid, "unknown @type");
  if (replica_) replica_->set_key(key);
  auto result = (this->*answering)(object, key ? 2 : 1);
  if (replica_) replica_->set_key(std::nullopt);
  return result;
}

Result<Courier> Session::courier() {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(const Catalogue* const entries, catalogue());
  return Courier(*replica, *entries);
}

void Session::written() {
  replica_->touch();
  if (sync_) sync_->start_soon();
  tell(api::changed{});
}

// Events

template <class E>
void Session::tell(const E& event) {
  std::string text = text_with_type(event);
  // Said already, and not heard yet.
  if (!events_.empty() && events_.back() == text) return;
  if (events_.size() == events_max) events_.erase(events_.begin());
  events_.push_back(std::move(text));
}

std::string Session::receive() {
  if (events_.empty()) return {};
  std::string text = std::move(events_.front());
  events_.erase(events_.begin());
  return text;
}

void Session::take_event(SyncSession::Event event) {
  if (std::holds_alternative<SyncSession::Enrolled>(event)) return tell(api::enrolled{});
  if (std::holds_alternative<SyncSession::Changed>(event)) return tell(api::changed{});
  if (const auto* synced = std::get_if<SyncSession::Synced>(&event)) {
    return tell(api::synced{synced->received, synced->rejected, synced->pulled,
                            synced->attachments});
  }
  if (const auto* failed = std::get_if<SyncSession::Failed>(&event)) {
    return tell(api::syncFailed{info(failed->error), failed->next_try_ms});
  }
  if (const auto* got = std::get_if<SyncSession::GotLink>(&event)) {
    return tell(api::linkForCitizen{got->dossier, got->link});
  }
  if (auto* got = std::get_if<SyncSession::GotFile>(&event)) {
    const Hash hash = got->hash;
    if (fetched_.size() == fetched_max) fetched_.erase(fetched_.begin());
    fetched_.push_back(std::move(*got));
    return tell(api::fileHere{hash});
  }
  if (const auto* failed = std::get_if<SyncSession::ErrandFailed>(&event)) {
    return tell(api::errandFailed{failed->errand.citizen_of, failed->errand.file,
                                  info(failed->error)});
  }
  const auto& bytes = std::get<SyncSession::NewCatalogue>(event).bytes;
  auto decoded = Catalogue::decode(bytes);
  const auto stored =
      decoded ? replica_->store().set_large_value(key_catalogue, bytes)
              : Result<void>(std::unexpected(decoded.error()));
  if (!stored) return take_event(sync_->give_up(stored.error()));
  catalogue_.emplace(std::move(*decoded));
  sync_->set_catalogue(catalogue_->version());
  tell(api::changed{});
}

// Time

std::optional<std::uint64_t> Session::step() {
  if (!replica_) return std::nullopt;
  if (!replica_->is_locked() && replica_->lock_if_idle()) {
    locked();
  }
  sync_->step();
  std::optional<std::uint64_t> wait;
  const std::uint64_t now = host_.monotonic_ms();
  if (sync_->due_ms()) wait = std::max(*sync_->due_ms(), now) - now;
  if (!replica_->is_locked()) wait = std::min(wait.value_or(limits::vault_idle_ms),
                                              std::uint64_t{limits::vault_idle_ms});
  return wait;
}

// Others' files, and one that was being handed in, are as personal as what the vault seals.
void Session::locked() {
  sync_->abandon();
  blob_.reset();
  fetched_.clear();
  tell(api::locked{});
}

// The network

Session::SyncCall Session::sync_next() {
  if (!sync_ || replica_->is_locked()) return {};
  if (!catalogue_ && sync_->is_busy()) (void)catalogue();
  auto next = sync_->next();
  if (!next) {
    take_event(sync_->give_up(std::move(next.error())));
    return {};
  }
  if (!*next) return {};
  SyncSession::Call& call = **next;
  api::SyncCall head{call.number,       call.method,           call.url,      call.content_type,
                     call.content_encoding, call.bearer, call.timeout_ms};
  return {json::text_of(head), std::move(call.body)};
}

Result<void> Session::sync_answer(std::string_view head, BytesView body) {
  TN_TRY(const json::Value& object, json::parse(head));
  api::SyncHead read;
  TN_CHECK(json::read(object, read));
  if (!sync_ || replica_->is_locked()) return {};
  for (auto& event :
       sync_->answer({read.call, read.status, read.retry_after_s, body})) {
    take_event(std::move(event));
  }
  return let_go_if_emptied();
}

// A revoked device that has handed in everything has no vault any more: whoever is next makes one.
Result<void> Session::let_go_if_emptied() {
  TN_TRY(const auto& needs, Vault::needs(replica_->store().database()));
  if (needs) return {};
  TN_TRY(emptied_, Replica::why_empty(replica_->store()));
  blob_.reset();
  fetched_.clear();
  events_.clear();
  sync_.reset();
  replica_.reset();
  catalogue_.reset();
  tell(api::locked{});
  return {};
}

// Files

Result<std::uint32_t> Session::blob_begin(std::string_view begin) {
  blob_.reset();
  TN_TRY(const json::Value& object, json::parse(begin));
  api::BlobBegin read;
  TN_CHECK(json::read(object, read));
  if (read.size == 0) return fail(errc::attachment_empty);
  if (read.size > limits::attachment_bytes_max) return fail(errc::attachment_too_large);
  TN_CHECK(replica());
  blob_.emplace(Blob{++blobs_, std::move(read), {}});
  blob_->bytes.reserve(static_cast<std::size_t>(blob_->begin.size));
  return blob_->number;
}

Result<void> Session::blob_write(std::uint32_t blob, BytesView piece) {
  if (!blob_ || blob_->number != blob) return fail(errc::argument_invalid, "blob");
  if (piece.size() > blob_->begin.size - blob_->bytes.size()) {
    return fail(errc::attachment_too_large);
  }
  blob_->bytes.insert(blob_->bytes.end(), piece.begin(), piece.end());
  return {};
}

Result<std::string> Session::blob_end(std::uint32_t number) {
  if (!blob_ || blob_->number != number) return fail(errc::argument_invalid, "blob");
  const Blob blob = std::move(*blob_);
  blob_.reset();
  if (blob.bytes.size() != blob.begin.size) return fail(errc::argument_invalid, "size");
  TN_TRY(Replica * const replica, this->replica());
  if (blob.begin.key) {
    TN_TRY(const auto& done, replica->done(*blob.begin.key));
    if (done) return text_with_type(api::Written{done->subject, done->record});
  }
  replica->set_key(blob.begin.key);
  const auto answered = write_blob(blob);
  replica->set_key(std::nullopt);
  TN_CHECK(answered);
  written();
  return text_with_type(*answered);
}

Result<Bytes> Session::blob_read(std::string_view hash_text, std::uint64_t offset,
                                 std::size_t size_max) {
  Hash hash{};
  json::Value named;
  named.kind = json::Value::Kind::text;
  named.text = hash_text;
  if (!json::take(named, hash)) return fail(errc::argument_invalid, "hash");
  TN_TRY(Replica * const replica, this->replica());
  const auto piece_of = [&](BytesView bytes) {
    const auto first = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes.size()));
    return to_bytes(bytes.subspan(first, std::min(size_max, bytes.size() - first)));
  };
  const auto fetched = std::ranges::find(fetched_, hash, &SyncSession::GotFile::hash);
  if (fetched != fetched_.end()) return piece_of(fetched->bytes);
  TN_TRY(const auto& bytes, replica->store().attachment(hash));
  if (!bytes) return fail(errc::store_not_found);
  return piece_of(*bytes);
}

// The device itself

Result<api::Status> Session::answer(const api::status&) {
  api::Status out;
  out.made = replica_.has_value();
  out.locked = !replica_ || replica_->is_locked();
  if (!replica_) {
    out.revoked = emptied_;
    return out;
  }
  TN_TRY(const auto& needs, Vault::needs(replica_->store().database()));
  out.needs_pin = needs && needs->pin;
  TN_TRY(out.server, sync_->server());
  TN_TRY(const exchange::Holds& holds, replica_->holds());
  out.unsent_records = holds.records;
  TN_TRY(const auto& files, replica_->store().pending_attachments());
  out.unsent_files = files.size();
  out.unsent_bytes = holds.attachment_bytes;
  TN_TRY(out.files_held, sync_->holds_files());
  out.oldest_unsent_ms = holds.oldest_claimed_ms;
  out.syncing = sync_->is_busy();
  out.synced_ms = sync_->synced_ms();
  if (sync_->failed()) {
    out.sync_error = info(sync_->failed()->error);
    out.next_try_ms = sync_->failed()->next_try_ms;
  }
  TN_TRY(out.server_ahead_ms, replica_->server_ahead_ms());
  TN_TRY(const Replica::Condition& condition, replica_->condition());
  const auto trouble = condition.stranded ? condition.stranded : condition.why;
  if (trouble) out.trouble = info({*trouble, {}});
  out.revoked = condition.revoked ? condition.revoked : condition.erased;
  if (replica_->is_locked()) return out;
  TN_TRY(const Catalogue* const entries, catalogue());
  out.procedures = entries->count();
  const Identity* const identity = replica_->identity();
  if (!identity) return out;
  const Certificate& c = identity->certificate;
  out.me = api::Me{c.role,  c.unit,        c.label, c.actor, identity->tenant.code,
                   identity->tenant.name, c.not_after_ms, c.scope};
  if (c.role == Role::courier) {
    TN_TRY(const Courier::Stock& stock, Courier(*replica_, *entries).stock());
    out.stock = api::Stock{stock.send_slips, stock.items, stock.to_seal, stock.is_low()};
  }
  return out;
}

Result<api::Done> Session::answer(const api::unlock& request) {
  if (!replica_) return fail(errc::store_not_found);
  Unlock unlock(request.pin);
  unlock.platform_key = platform_key_;
  TN_CHECK(replica_->unlock(unlock));
  if (replica_->identity()) sync_->start();
  return api::Done{};
}

Result<api::Done> Session::answer(const api::lock&) {
  if (!replica_) return fail(errc::store_not_found);
  replica_->lock();
  locked();
  return api::Done{};
}

Result<api::Done> Session::make(const Unlock& unlock) {
  TN_TRY(Replica made, Replica::open(path_, host_, unlock));
  TN_CHECK(use(std::move(made)));
  return api::Done{};
}

Result<api::Done> Session::answer(const api::makeVault&) {
  if (replica_) return fail(errc::argument_invalid, "it is made");
  if (!platform_key_) return fail(errc::argument_invalid, "platformKey");
  return make(Unlock(*platform_key_));
}

// What an app asks by itself, when a timer or the server says so, does not show that anybody is there.
Result<api::Done> Session::answer(const api::touch&) {
  TN_TRY(Replica * const replica, this->replica());
  replica->touch();
  return api::Done{};
}

Result<api::Done> Session::answer(const api::setPin& request) {
  Unlock next(request.next);
  next.platform_key = platform_key_;
  if (!replica_) {
    TN_CHECK(check_pin(request.next));
    return make(next);
  }
  Unlock now;
  now.pin = request.now;
  now.platform_key = platform_key_;
  TN_CHECK(replica_->change_unlock(now, next));
  return api::Done{};
}

Result<api::Done> Session::answer(const api::train&) {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(Catalogue made, make_training(*replica, host_));
  TN_CHECK(replica->store().set_large_value(key_catalogue, made.encode()));
  catalogue_.emplace(std::move(made));
  tell(api::changed{});
  return api::Done{};
}

Result<api::Done> Session::answer(const api::holdFiles& request) {
  TN_CHECK(replica());
  TN_TRY(const bool held, sync_->holds_files());
  TN_CHECK(sync_->hold_files(request.hold));
  if (held && !request.hold && replica_->ready()) sync_->start();
  if (held != request.hold) tell(api::changed{});
  return api::Done{};
}

Result<api::Done> Session::answer(const api::enrol& request) {
  TN_CHECK(replica());
  TN_CHECK(sync_->enrol(request.link));
  return api::Done{};
}

Result<api::Done> Session::answer(const api::fetchFile& request) {
  TN_TRY(Replica * const replica, this->replica());
  TN_CHECK(replica->ready());
  sync_->run({{}, request.hash});
  return api::Done{};
}

Result<api::Done> Session::answer(const api::citizenLink& request) {
  TN_TRY(Replica * const replica, this->replica());
  TN_CHECK(replica->dossier(request.dossier));
  sync_->run({request.dossier, {}});
  return api::Done{};
}

Result<api::Done> Session::answer(const api::sync&) {
  TN_TRY(Replica * const replica, this->replica());
  TN_CHECK(replica->ready());
  sync_->start();
  return api::Done{};
}

Result<api::Live> Session::answer(const api::live&) {
  TN_TRY(Replica * const replica, this->replica());
  TN_CHECK(replica->ready());
  api::Live out;
  out.hello = sync_->live_hello();
  if (out.hello.empty()) return out;
  TN_TRY(const std::string& server, sync_->server());
  // "http" becomes "ws", and "https" "wss".
  out.url = "ws" + server.substr(std::string_view("http").size()) + "/v1/live";
  return out;
}

Result<api::Done> Session::answer(const api::newKey&) {
  TN_TRY(Replica * const replica, this->replica());
  // An exercise has no registry that could give it another log, and would lose its numbers.
  if (is_training(*replica)) return fail(errc::not_enrolled);
  TN_CHECK(replica->rotate_key());
  sync_->start();
  return api::Done{};
}

}  // namespace tannha::core
