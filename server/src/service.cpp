#include "tannha/server/service.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>

#include "tannha/engine/log_standing.hpp"
#include "tannha/protocol/deflate.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/media.hpp"
#include "tannha/server/due_date.hpp"

namespace tannha::server {
namespace {

constexpr std::string_view sync_path = "/v1/sync";
constexpr std::string_view sync_encoding = "deflate";
constexpr std::string_view blob_path = "/v1/blobs/";
constexpr std::size_t small_frame_bytes_max = 200;
constexpr std::string_view tile_path_prefix = "/log/tile/";

HttpResponse cbor_response(Bytes body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

HttpResponse text_response(std::string_view type, std::string_view text) {
  HttpResponse response;
  response.content_type = type;
  response.body = to_bytes(as_bytes(text));
  return response;
}

unsigned http_status(errc code) {
  switch (code) {
    case errc::frame_too_large:
    case errc::attachment_too_large: return 413;
    case errc::token_invalid:
    case errc::challenge_invalid: return 401;
    case errc::role_not_allowed:
    case errc::out_of_scope:
    case errc::certificate_unknown:
    case errc::ticket_unknown:
    case errc::ticket_used:
    case errc::certificate_expired:
    case errc::log_revoked:
    case errc::log_forked:
    case errc::log_continued:
    case errc::ticket_expired: return 403;
    case errc::store_not_found: return 404;
    case errc::network_timeout: return 408;
    case errc::attachment_not_wanted: return 409;
    case errc::overloaded:
    case errc::store_full:
    case errc::store_read_only:
    case errc::store_busy:
    case errc::store_io:
    case errc::store_memory: return 503;
    case errc::store_corrupt: return 500;
    default: return 400;
  }
}

std::optional<Hash> blob_hash(std::string_view path) {
  if (!path.starts_with(blob_path)) return std::nullopt;
  const auto bytes = from_hex(path.substr(blob_path.size()));
  return bytes ? to_array<Hash>(*bytes) : std::nullopt;
}

}  // namespace

/// Threads for signature checks and file writes, behind a bounded count of waiting requests.
class Service::Pool {
 public:
  Pool(unsigned threads, std::size_t waiting_max) : pool_(threads), waiting_max_(waiting_max) {}

  /// @return false when too much waits already, or nothing more is taken
  template <class F>
  bool post(F work) {
    if (closed_) return false;
    if (waiting_.fetch_add(1) >= waiting_max_) {
      --waiting_;
      return false;
    }
    boost::asio::post(pool_, [this, work = std::move(work)]() mutable {
      work();
      --waiting_;
    });
    return true;
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  void join() {
    closed_ = true;
    pool_.join();
  }

 private:
  boost::asio::thread_pool pool_;
  const std::size_t waiting_max_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> closed_{false};
};

Service::Service(const ServiceConfig& config, Registry& registry, RegistryActor actor,
                 const Seed& token_secret, std::string admin_secret, Catalogue catalogue,
                 Blobs blobs, Host& host, CheckpointSigner& signer)
    : config_(config),
      registry_(registry),
      actor_(std::move(actor)),
      admin_secret_(std::move(admin_secret)),
      catalogue_(std::move(catalogue)),
      encoded_catalogue_(catalogue_.encode()),
      blobs_(std::move(blobs)),
      host_(host),
      tokens_(token_secret, host),
      sync_server_(
          registry_, actor_,
          [this](std::string_view procedure, body::Channel channel, std::uint64_t submitted_ms) {
            return due_date(catalogue_, calendar_, procedure, channel, submitted_ms);
          },
          host, catalogue_.version()),
      pool_(std::make_unique<Pool>(config.verify_threads, config.verify_queue_max)),
      signer_(signer),
      committer_(registry_, metrics_, config.commit_queue_max, [this] { after_commit(); }) {
  // The committer has no work yet, so that the registry may be asked here.
  if (const auto size = registry_.journal_size()) metrics_.journal_size = *size;
}

Service::~Service() { stop(); }

Result<void> Service::upgrade() {
  TN_TRY(const auto undecided, registry_.held_for(errc::record_type_unknown, 0, 1));
  // Nothing to write: a server whose disk is full still starts, and can be read.
  std::optional<std::uint64_t> next;
  if (!undecided.empty()) next = 0;
  while (next) {
    TN_CHECK(registry_.begin());
    const auto done = sync_server_.upgrade(*next);
    Result<void> result;
    if (!done) result = std::unexpected(done.error());
    if (result) result = registry_.commit();
    if (!result) {
      registry_.rollback();
      return result;
    }
    next = *done;
  }
  TN_TRY(const bool is_any_due, registry_.is_any_due());
  if (is_any_due) release_due();
  return {};
}

void Service::release_due() {
  auto released = std::make_shared<SyncServer::Released>();
  committer_.when_idle(
      [this, released]() -> Result<void> {
        TN_CHECK(journal_ready());
        TN_TRY(*released, sync_server_.release_due());
        return {};
      },
      [this, released](const Result<void>& done) {
        // A store in trouble is not asked again and again: the next exchange goes on, or the next
        // start.
        if (!done) return;
        tell(released->changed_audiences);
        if (released->is_any_due) release_due();
      });
}

void Service::stop() {
  // In this order: what the pool is working on still reaches the committer.
  pool_->join();
  committer_.stop();
}

std::size_t Service::body_bytes_max(const HttpRequest& head) {
  // With a token that has just run out the body is still read, so that the answer can be "sign in
  // again" and not "too large", which no retry would get past.
  const bool signed_in = tokens_.is_ours(head.bearer);
  if (head.method == "PUT" && head.path.starts_with(blob_path)) {
    return signed_in ? limits::attachment_bytes_max : limits::frame_before_sign_in_bytes_max;
  }
  if (head.method != "POST") return 0;
  if (signed_in && head.path == "/v1/bundle") return limits::bundle_bytes_max;
  return signed_in ? limits::frame_bytes_max : limits::frame_before_sign_in_bytes_max;
}

HttpResponse Service::refusal(const Error& error) {
  metrics_.refused(error.code);
  HttpResponse response = cbor_response(fields::encode(exchange::make_refusal(error.code)));
  response.status = http_status(error.code);
  response.refused = error.code;
  note_failure(error);
  if (response.status == 503) response.retry_after_s = config_.retry_after_s;
  return response;
}

HttpResponse Service::transport_error(unsigned status) {
  const errc code = status == 413 || status == 431 ? errc::frame_too_large
                    : status == 408                ? errc::network_timeout
                    : status == 503                ? errc::overloaded
                                                   : errc::frame_malformed;
  HttpResponse response = refusal(code);
  response.status = status;
  return response;
}

void Service::handle(HttpRequest request, Reply reply) {
  const std::string& path = request.path;
  const std::string& encoding = request.content_encoding;
  if (!encoding.empty() && (path != sync_path || encoding != sync_encoding)) {
    return reply(transport_error(415));
  }
  if (request.method == "POST") {
    if (path == sync_path) return sync(std::move(request), std::move(reply));
    if (path == "/v1/bundle") return bundle(std::move(request), std::move(reply));
    if (path == "/v1/challenge") return challenge(std::move(reply));
    if (path == "/v1/token") {
      return token(std::move(request), noting("sign_in_refused", std::move(reply)));
    }
    if (path == "/v1/enrol") {
      return enrol(std::move(request), noting("enrolment_refused", std::move(reply)));
    }
    if (path == "/v1/tickets") {
      return tickets(std::move(request), noting("ticket_refused", std::move(reply)));
    }
  } else if (request.method == "PUT" && path.starts_with(blob_path)) {
    return put_blob(std::move(request), std::move(reply));
  } else if (request.method == "GET") {
    if (path.starts_with(blob_path)) return get_blob(std::move(request), std::move(reply));
    if (path == "/v1/catalogue") return catalogue(request, reply);
    if (path == "/v1/tenant") return reply(cbor_response(fields::encode(actor_.tenant)));
    if (path == "/log/checkpoint") return checkpoint(std::move(reply));
    if (path.starts_with(tile_path_prefix)) return tile(request, std::move(reply));
    if (path == "/healthz") return health(reply);
    if (path == "/metrics") {
      return reply(text_response("text/plain; version=0.0.4; charset=utf-8", metrics_page()));
    }
    if (path == "/") return front_page(reply);
  }
  reply(refusal(errc::store_not_found));
}

bool Service::on_pool(std::function<void()> work) { return pool_->post(std::move(work)); }
std::size_t Service::pool_waiting() const { return pool_->waiting(); }

void Service::submit(Committer::Work work, Committer::Done done) {
  auto shared = std::make_shared<Committer::Done>(std::move(done));
  if (!committer_.submit(std::move(work), [shared](Result<void> r) { (*shared)(std::move(r)); })) {
    (*shared)(fail(errc::overloaded));
  }
}

// Enrolment and sign-in

void Service::challenge(Reply reply) {
  reply(cbor_response(fields::encode(exchange::Challenge{tokens_.make_challenge()})));
}

void Service::token(HttpRequest request, Reply reply) {
  auto asked = exchange::decode<exchange::TokenRequest>(request.body);
  if (!asked) return reply(refusal(asked.error()));
  const auto certificate = open_certificate(asked->log.certificate, actor_.tenant.code,
                                            actor_.tenant.authority_key);
  if (!certificate) return reply(refusal(certificate.error()));
  const Bytes statement = exchange::token_statement(asked->challenge, actor_.tenant.code);
  if (!verify(certificate->public_key, statement, asked->signature)) {
    return reply(refusal(errc::signature_invalid));
  }
  if (auto used = tokens_.use_challenge(asked->challenge); !used) {
    return reply(refusal(used.error()));
  }
  // A certificate alone is not enough: its log must have been enrolled here.
  const Hash log_id = asked->log.log_id();
  auto known = std::make_shared<bool>(false);
  submit(
      [this, log_id, known]() -> Result<void> {
        TN_TRY(const auto log, registry_.log(log_id));
        *known = log.has_value();
        return {};
      },
      [this, log_id, known, reply = std::move(reply)](Result<void> done) {
        if (!done) return reply(refusal(done.error()));
        if (!*known) return reply(refusal(errc::certificate_unknown));
        const Tokens::Token token = tokens_.make_token(log_id);
        reply(cbor_response(
            fields::encode(exchange::TokenAnswer{token.text, token.expires_ms})));
      });
}

void Service::enrol(HttpRequest request, Reply reply) {
  auto asked = exchange::decode<exchange::EnrolRequest>(request.body);
  if (!asked) return reply(refusal(asked.error()));
  auto enrolled = std::make_shared<SyncServer::Enrolled>();
  submit(
      [this, asked = std::move(*asked), enrolled]() -> Result<void> {
        TN_CHECK(journal_ready());
        TN_TRY(*enrolled, sync_server_.enrol(asked));
        return {};
      },
      [this, enrolled, reply = std::move(reply)](Result<void> done) {
        if (!done) return reply(refusal(done.error()));
        ++metrics_.devices_enrolled_total;
        tell(enrolled->changed_audiences);
        reply(cbor_response(fields::encode(enrolled->answer)));
      });
}

void Service::tickets(HttpRequest request, Reply reply) {
  std::optional<Hash> asker;
  if (!equal_constant_time(sha256(as_bytes(request.bearer)), sha256(as_bytes(admin_secret_)))) {
    auto log_id = tokens_.check_token(request.bearer);
    if (!log_id) return reply(refusal(log_id.error()));
    asker = *log_id;
  }
  auto asked = fields::decode<exchange::TicketRequest>(request.body, errc::frame_malformed);
  if (!asked) return reply(refusal(asked.error()));
  auto answer = std::make_shared<exchange::TicketAnswer>();
  submit(
      [this, asked = std::move(*asked), asker, answer]() -> Result<void> {
        TN_TRY(*answer, sync_server_.make_ticket(asked, asker));
        return {};
      },
      [this, answer, reply = std::move(reply)](Result<void> done) {
        if (!done) return reply(refusal(done.error()));
        reply(cbor_response(fields::encode(*answer)));
      });
}

// Exchanges

void Service::sync(HttpRequest request, Reply reply) {
  const auto log_id = tokens_.check_token(request.bearer);
  if (!log_id) return reply(refusal(log_id.error()));
  Frame frame{std::move(request.body), !request.content_encoding.empty()};
  exchange(std::move(frame), *log_id, [this, reply = std::move(reply)](Result<Bytes> r) {
    reply(r ? cbor_response(std::move(*r)) : refusal(r.error()));
  });
}

void Service::exchange(Frame sent, const Hash& sender, Respond respond) {
  auto shared = std::make_shared<Respond>(timed(std::move(respond)));
  // Nothing with a signature fits in so few bytes: going through another thread would cost more.
  const bool is_small = !sent.is_deflated && sent.bytes.size() <= small_frame_bytes_max;
  auto work = [this, sent = std::move(sent), sender, shared] {
    Bytes unpacked;
    if (sent.is_deflated) {
      auto inflated = inflate(sent.bytes, limits::frame_bytes_max);
      if (!inflated) return (*shared)(std::unexpected(inflated.error()));
      unpacked = std::move(*inflated);
    }
    const Bytes& frame = sent.is_deflated ? unpacked : sent.bytes;
    auto prepared = prepare_exchange(frame, actor_.tenant.code, actor_.tenant.authority_key);
    if (!prepared) return (*shared)(std::unexpected(prepared.error()));
    auto outcome = std::make_shared<SyncServer::Outcome>();
    submit(
        [this, sender, outcome, prepared = std::move(*prepared)]() -> Result<void> {
          TN_CHECK(journal_ready());
          TN_TRY(*outcome, sync_server_.exchange(prepared, sender));
          return {};
        },
        [this, outcome, shared](Result<void> done) {
          if (!done) return (*shared)(std::unexpected(done.error()));
          auto note = sign(outcome->head);
          if (!note) return (*shared)(std::unexpected(note.error()));
          outcome->response.checkpoint = std::move(*note);
          ++metrics_.exchanges_total;
          for (const exchange::Answer& answer : outcome->response.answers) {
            metrics_.answered(answer);
          }
          (*shared)(fields::encode(outcome->response));
          tell(outcome->changed_audiences);
          if (outcome->is_any_due) release_due();
        });
  };
  if (is_small) return work();
  const bool taken = pool_->post(std::move(work));
  if (!taken) (*shared)(fail(errc::overloaded));
}

// Attachments

void Service::put_blob(HttpRequest request, Reply reply) {
  if (auto log_id = tokens_.check_token(request.bearer); !log_id) {
    return reply(refusal(log_id.error()));
  }
  const auto hash = blob_hash(request.path);
  if (!hash) return reply(refusal(errc::frame_malformed));
  auto found = std::make_shared<std::optional<Registry::Attachment>>();
  submit(
      [this, hash, found]() -> Result<void> {
        TN_TRY(*found, registry_.attachment(*hash));
        return {};
      },
      [this, hash = *hash, found, bytes = std::move(request.body),
       reply = std::move(reply)](Result<void> done) mutable {
        if (!done) return reply(refusal(done.error()));
        // Only what a signed record names is stored, so the disk cannot be filled by strangers.
        if (!*found) return reply(refusal(errc::attachment_not_wanted));
        if ((*found)->present) return reply(HttpResponse{.status = 200});
        if (bytes.size() != (*found)->size) return reply(refusal(errc::attachment_mismatch));
        // The reply is kept here too, in case the pool does not take the work.
        auto shared = std::make_shared<Reply>(std::move(reply));
        const bool taken = pool_->post([this, hash, bytes = std::move(bytes), shared,
                                        type = (*found)->media_type]() mutable {
          if (blake2b_256(bytes) != hash) return (*shared)(refusal(errc::attachment_mismatch));
          if (auto allowed = check_attachment(bytes, type); !allowed) {
            return (*shared)(refusal(allowed.error()));
          }
          store_blob(hash, std::move(bytes), *shared);
        });
        if (!taken) (*shared)(refusal(errc::overloaded));
      });
}

void Service::store_blob(const Hash& hash, Bytes bytes, Reply reply) {
  if (auto stored = blobs_.put(hash, bytes); !stored) return reply(refusal(stored.error()));
  submit([this, hash]() -> Result<void> { return registry_.attachment_arrived(hash); },
         [this, size = bytes.size(), reply = std::move(reply)](Result<void> done) {
           if (!done) return reply(refusal(done.error()));
           ++metrics_.attachments_stored_total;
           metrics_.attachment_bytes_total += size;
           reply(HttpResponse{.status = 201});
         });
}

void Service::get_blob(HttpRequest request, Reply reply) {
  const auto log_id = tokens_.check_token(request.bearer);
  if (!log_id) return reply(refusal(log_id.error()));
  const auto hash = blob_hash(request.path);
  if (!hash) return reply(refusal(errc::frame_malformed));
  auto type = std::make_shared<std::string>();
  submit(
      [this, hash, log_id = *log_id, type]() -> Result<void> {
        TN_TRY(const auto log, registry_.log(log_id));
        if (!log) return fail(errc::certificate_unknown);
        if (!is_current(*log, host_.now_ms())) {
          return fail(log->state.revoked ? errc::log_revoked : errc::certificate_expired);
        }
        TN_TRY(const bool visible,
               registry_.attachment_in_audience(*hash, audience_of(log->certificate)));
        if (!visible) return fail(errc::store_not_found);
        TN_TRY(const auto attachment, registry_.attachment(*hash));
        if (!attachment || !attachment->present) return fail(errc::store_not_found);
        *type = attachment->media_type;
        return {};
      },
      [this, hash = *hash, type, reply = std::move(reply)](Result<void> done) mutable {
        if (!done) return reply(refusal(done.error()));
        // Not here: reading a large file would hold up every commit.
        auto shared = std::make_shared<Reply>(std::move(reply));
        const bool taken =
            pool_->post([this, hash, type, shared] { (*shared)(read_blob(hash, *type)); });
        if (!taken) (*shared)(refusal(errc::overloaded));
      });
}

HttpResponse Service::read_blob(const Hash& hash, const std::string& type) {
  auto bytes = blobs_.get(hash);
  if (!bytes) {
    // The registry says that it is here: a file that is gone is damage, and no unknown name.
    const bool gone = bytes.error().code == errc::store_not_found;
    return refusal(gone ? errc::store_corrupt : bytes.error().code);
  }
  HttpResponse response = cbor_response(std::move(*bytes));
  response.content_type = type;
  response.attachment = true;
  return response;
}

// Public reading

void Service::catalogue(const HttpRequest& request, const Reply& reply) {
  const std::string etag = "\"" + to_hex(catalogue_.version()) + "\"";
  HttpResponse response;
  response.etag = etag;
  if (request.if_none_match == etag) {
    response.status = 304;
  } else {
    response.body = encoded_catalogue_;
  }
  reply(std::move(response));
}

// Live updates

void Service::live_opened(std::shared_ptr<LiveChannel> channel) {
  const std::lock_guard lock(live_mutex_);
  live_.emplace(std::move(channel), Live{});
}

void Service::live_closed(const std::shared_ptr<LiveChannel>& channel) {
  const std::lock_guard lock(live_mutex_);
  live_.erase(channel);
}

void Service::tell(const std::vector<std::string>& audiences) {
  if (audiences.empty()) return;
  const std::set<std::string> changed(audiences.begin(), audiences.end());
  const Bytes message = fields::encode(exchange::LiveMessage{exchange::LiveKind::changed, 0, {}});
  const std::lock_guard lock(live_mutex_);
  for (const auto& [channel, live] : live_) {
    if (changed.contains(live.audience)) channel->send(message);
  }
}

void Service::changed_elsewhere(const std::vector<std::string>& audiences) {
  if (!audiences.empty()) return tell(audiences);
  std::vector<std::string> all;
  {
    const std::lock_guard lock(live_mutex_);
    for (const auto& [channel, live] : live_) {
      if (live.log_id) all.push_back(live.audience);
    }
  }
  tell(all);
}

void Service::live_message(const std::shared_ptr<LiveChannel>& channel, Bytes bytes) {
  const auto refuse = [this, channel](std::uint64_t number, errc code) {
    metrics_.refused(code);
    note_failure({code, {}});
    channel->send(fields::encode(exchange::LiveMessage{
        exchange::LiveKind::refusal, number, fields::encode(exchange::make_refusal(code))}));
  };
  auto message = fields::decode<exchange::LiveMessage>(bytes, errc::frame_malformed);
  if (!message) return refuse(0, message.error().code);
  if (message->kind == exchange::LiveKind::hello) return live_hello(channel, *message);
  std::optional<Hash> log_id;
  {
    const std::lock_guard lock(live_mutex_);
    const auto it = live_.find(channel);
    if (it != live_.end()) log_id = it->second.log_id;
  }
  if (!log_id) return refuse(message->number, errc::token_invalid);
  if (message->kind != exchange::LiveKind::request) {
    return refuse(message->number, errc::frame_malformed);
  }
  exchange(Frame{std::move(message->content), false}, *log_id,
           [channel, refuse, number = message->number](Result<Bytes> response) {
             if (!response) return refuse(number, response.error().code);
             channel->send(fields::encode(exchange::LiveMessage{
                 exchange::LiveKind::response, number, std::move(*response)}));
           });
}

void Service::live_hello(const std::shared_ptr<LiveChannel>& channel,
                         const exchange::LiveMessage& hello) {
  const auto log_id = tokens_.check_token(as_text(hello.content));
  if (!log_id) {
    metrics_.refused(log_id.error().code);
    return channel->close(name(log_id.error().code));
  }
  auto audience = std::make_shared<std::string>();
  submit(
      [this, log_id = *log_id, audience]() -> Result<void> {
        TN_TRY(const auto log, registry_.log(log_id));
        if (!log) return fail(errc::certificate_unknown);
        *audience = audience_of(log->certificate);
        return {};
      },
      [this, channel, audience, log_id = *log_id, number = hello.number](Result<void> done) {
        if (!done) {
          metrics_.refused(done.error().code);
          return channel->close(name(done.error().code));
        }
        {
          const std::lock_guard lock(live_mutex_);
          const auto it = live_.find(channel);
          if (it == live_.end()) return;
          it->second = Live{log_id, *audience};
        }
        channel->signed_in();
        channel->send(fields::encode(
            exchange::LiveMessage{exchange::LiveKind::welcome, number, {}}));
      });
}

}  // namespace tannha::server
