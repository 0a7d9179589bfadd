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
    case errc::too_many_requests: return 429;
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

// What an answer holds, as values and once more as bytes.
std::size_t memory_of(const exchange::Response& response) {
  constexpr std::size_t entry_bytes = 512;
  std::size_t bytes = (response.answers.size() + response.feed.size()) * entry_bytes;
  for (const auto& answer : response.answers) bytes += answer.path.size() * sizeof(Hash);
  for (const auto& entry : response.feed) {
    bytes += entry.path.size() * sizeof(Hash);
    if (!entry.carried) continue;
    bytes += entry.carried->envelope.size();
    if (entry.carried->body) bytes += entry.carried->body->size();
  }
  for (const auto& log : response.logs) bytes += log.certificate.size();
  return 2 * bytes;
}

RegistryActor with_codes(RegistryActor actor, const ServiceConfig& config) {
  actor.sends_codes = !config.messages_folder.empty();
  return actor;
}

// A frame is held as it came, decoded, and as records that are ready; a bundle grows later.
constexpr unsigned frame_memory_factor = 3;

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
  /// Takes whatever comes until join().
  template <class F>
  bool post_always(F work) {
    if (closed_) return false;
    boost::asio::post(pool_, std::move(work));
    return true;
  }
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
      actor_(with_codes(std::move(actor), config)),
      admin_secret_(std::move(admin_secret)),
      catalogue_(std::move(catalogue)),
      encoded_catalogue_(std::make_shared<const Bytes>(catalogue_.encode())),
      blobs_(std::move(blobs)),
      host_(host),
      tokens_(token_secret, host),
      sync_server_(
          registry_, actor_,
          [this](std::string_view procedure, body::Channel channel, std::uint64_t submitted_ms) {
            return due_date(catalogue_, calendar_, procedure, channel, submitted_ms);
          },
          host, catalogue_.version()),
      devices_(config.device_quota),
      addresses_(config.address_quota),
      pool_(std::make_unique<Pool>(config.verify_threads, config.verify_queue_max)),
      signer_(signer),
      committer_(registry_, metrics_, config.commit_queue_max, [this] { after_commit(); }) {
  if (actor_.sends_codes) {
    messages_ = std::make_unique<CodeMessages>(
        config_.messages_folder, [this](std::vector<Hash> kept) { note_kept(std::move(kept)); },
        [this] { ask_for_messages([] {}); });
  }
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
        put_messages(released->code_messages);
        tell(released->changed_audiences);
        if (released->is_any_due) release_due();
      });
}

void Service::stop() {
  // In this order: what the pool is working on, and what is put down, still reaches the committer.
  pool_->join();
  if (messages_) messages_->stop();
  committer_.stop();
}

std::expected<Terms, HttpResponse> Service::admit(const HttpRequest& head) {
  // With a token that has just run out the body is still read, so that the answer can be "sign in
  // again" and not "too large", which no retry would get past.
  const auto owner = tokens_.owner(head.bearer);
  if (head.path != "/healthz") {
    if (const auto wait_s = over_quota(owner, head.peer, head.content_length.value_or(0))) {
      return std::unexpected(refusal(Error{errc::too_many_requests, {}}, wait_s));
    }
  }
  Terms terms;
  terms.memory_factor = frame_memory_factor;
  terms.holder = owner ? std::string(as_text(*owner)) : head.peer;
  const bool is_file = head.method == "PUT" && head.path.starts_with(blob_path);
  const bool is_bundle = head.method == "POST" && head.path == "/v1/bundle";
  if (!is_file && head.method != "POST") return terms;
  terms.body_bytes_max = limits::frame_before_sign_in_bytes_max;
  if (!owner) return terms;
  // Without a length it is no phone's.
  const bool is_long = head.content_length.value_or(limits::frame_bytes_max) >
                       limits::push_bytes_target + limits::frame_before_sign_in_bytes_max;
  terms.use = is_file || is_bundle || is_long ? MemoryUse::file : MemoryUse::record;
  if (is_file || is_bundle) terms.memory_factor = 1;
  terms.body_bytes_max = is_file     ? limits::attachment_bytes_max
                         : is_bundle ? limits::bundle_bytes_max
                                     : limits::frame_bytes_max;
  return terms;
}

std::optional<std::uint32_t> Service::over_quota(const std::optional<Hash>& log_id,
                                                 const std::string& peer, std::uint64_t bytes) {
  const Quotas::Cost cost{.requests = 1, .bytes = bytes, .records = 0};
  const std::uint64_t now_ms = host_.monotonic_ms();
  if (log_id) return devices_.take(std::string(as_text(*log_id)), cost, now_ms);
  // Without a listener there is no address.
  if (peer.empty()) return std::nullopt;
  return addresses_.take(peer, cost, now_ms);
}

HttpResponse Service::refusal(const Error& error, std::optional<std::uint32_t> retry_after_s) {
  metrics_.refused(error.code);
  HttpResponse response;
  response.status = http_status(error.code);
  response.refused = error.code;
  note_failure(error);
  if (response.status == 503 || response.status == 429) {
    response.retry_after_s = retry_after_s.value_or(config_.retry_after_s);
  }
  exchange::Refusal words = exchange::make_refusal(error.code);
  words.retry_after_s = response.retry_after_s;
  response.body = fields::encode(words);
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
    const auto serve = path == "/v1/token"     ? &Service::token
                        : path == "/v1/enrol"   ? &Service::enrol
                        : path == "/v1/tickets" ? &Service::tickets
                                                : nullptr;
    const char* const event = path == "/v1/token"   ? "sign_in_refused"
                              : path == "/v1/enrol" ? "enrolment_refused"
                                                    : "ticket_refused";
    if (serve != nullptr) {
      Reply placed = in_strangers_place(reply);
      if (!placed) return reply(refusal(errc::overloaded));
      return (this->*serve)(std::move(request), noting(event, std::move(placed)));
    }
  } else if (request.method == "PUT" && path.starts_with(blob_path)) {
    return put_blob(std::move(request), std::move(reply));
  } else if (request.method == "GET") {
    if (path.starts_with(blob_path)) return get_blob(std::move(request), std::move(reply));
    if (path == "/v1/catalogue") return catalogue(request, reply);
    if (path == "/v1/tenant") return reply(cbor_response(fields::encode(actor_.tenant)));
    if (path == "/log/checkpoint") return checkpoint(reply);
    if (path.starts_with(tile_path_prefix)) {
      Reply placed = in_strangers_place(reply);
      if (!placed) return reply(refusal(errc::overloaded));
      return tile(request, std::move(placed));
    }
    if (path == "/healthz") return health(reply);
    if (path == "/readyz") return readiness(std::move(reply));
    if (path == "/metrics") {
      return reply(text_response("text/plain; version=0.0.4; charset=utf-8", metrics_page()));
    }
    if (path.starts_with(AppFiles::path_prefix)) {
      if (auto file = apps_.answer(request)) return reply(std::move(*file));
    }
    if (path == "/") return front_page(reply);
  }
  reply(refusal(errc::store_not_found));
}

bool Service::on_pool(std::function<void()> work) { return pool_->post(std::move(work)); }
std::size_t Service::pool_waiting() const { return pool_->waiting(); }

bool Service::on_pool_always(std::function<void()> work) {
  return pool_->post_always(std::move(work));
}

Handler::Reply Service::in_strangers_place(Reply reply) {
  std::shared_ptr<void> place(&strangers_at_work_, [this](void*) { --strangers_at_work_; });
  if (strangers_at_work_.fetch_add(1) >= config_.strangers_at_work_max) return {};
  return [place = std::move(place), reply = std::move(reply)](HttpResponse response) {
    reply(std::move(response));
  };
}

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
  auto shared = std::make_shared<Reply>(std::move(reply));
  // The two signatures cost more than all else that a stranger may ask for.
  const bool taken = on_pool_always([this, asked = std::move(*asked), shared] {
    check_token_request(asked, *shared);
  });
  if (!taken) (*shared)(refusal(errc::overloaded));
}

void Service::check_token_request(const exchange::TokenRequest& asked, const Reply& reply) {
  const auto certificate = open_certificate(asked.log.certificate, actor_.tenant.code,
                                            actor_.tenant.authority_key);
  if (!certificate) return reply(refusal(certificate.error()));
  const Bytes statement = exchange::token_statement(asked.challenge, actor_.tenant.code);
  if (!verify(certificate->public_key, statement, asked.signature)) {
    return reply(refusal(errc::signature_invalid));
  }
  if (auto used = tokens_.use_challenge(asked.challenge); !used) {
    return reply(refusal(used.error()));
  }
  // A certificate alone is not enough: its log must have been enrolled here.
  const Hash log_id = asked.log.log_id();
  auto known = std::make_shared<bool>(false);
  submit(
      [this, log_id, known]() -> Result<void> {
        TN_TRY(const auto log, registry_.log(log_id));
        *known = log.has_value();
        return {};
      },
      [this, log_id, known, reply](Result<void> done) {
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
  Frame frame{std::move(request.body), !request.content_encoding.empty(),
              std::move(request.memory)};
  exchange(std::move(frame), *log_id, [this, reply = std::move(reply)](Result<Bytes> r) {
    reply(r ? cbor_response(std::move(*r)) : refusal(r.error()));
  });
}

// What comes out of a few bytes takes as much room as if it had come so.
Result<Bytes> Service::unpacked(const Frame& frame) {
  TN_TRY(Bytes bytes, inflate(frame.bytes, limits::frame_bytes_max));
  const auto& memory = frame.memory;
  if (memory && !memory->cover(memory->bytes() + bytes.size() * frame_memory_factor)) {
    return fail(errc::overloaded);
  }
  return bytes;
}

void Service::exchange(Frame sent, const Hash& sender, Respond respond) {
  auto shared = std::make_shared<Respond>(timed(std::move(respond)));
  // Nothing with a signature fits in so few bytes: going through another thread would cost more.
  const bool is_small = !sent.is_deflated && sent.bytes.size() <= small_frame_bytes_max;
  auto work = [this, sent = std::move(sent), sender, shared]() mutable {
    if (sent.is_deflated) {
      auto bytes = unpacked(sent);
      if (!bytes) return (*shared)(std::unexpected(bytes.error()));
      sent.bytes = std::move(*bytes);
    }
    const Bytes& frame = sent.bytes;
    const std::shared_ptr<MemoryShare>& memory = sent.memory;
    auto prepared = prepare_exchange(frame, actor_.tenant.code, actor_.tenant.authority_key);
    if (!prepared) return (*shared)(std::unexpected(prepared.error()));
    devices_.spend(std::string(as_text(sender)), {.records = prepared->records.size()},
                   host_.monotonic_ms());
    auto outcome = std::make_shared<SyncServer::Outcome>();
    submit(
        [this, sender, outcome, memory, request_bytes = memory ? memory->bytes() : 0,
         prepared = std::move(*prepared)]() -> Result<void> {
          TN_CHECK(journal_ready());
          TN_TRY(*outcome, sync_server_.exchange(prepared, sender));
          // Undone while it still can be, it comes again: an answer must have room.
          if (memory) memory->becomes(MemoryUse::answer);
          if (memory && !memory->cover(request_bytes + memory_of(outcome->response))) {
            *outcome = {};
            return fail(errc::overloaded);
          }
          return {};
        },
        [this, outcome, shared](Result<void> done) {
          if (!done) return (*shared)(std::unexpected(done.error()));
          put_messages(outcome->code_messages);
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

// Public reading

void Service::catalogue(const HttpRequest& request, const Reply& reply) {
  const std::string etag = "\"" + to_hex(catalogue_.version()) + "\"";
  HttpResponse response;
  response.etag = etag;
  if (request.if_none_match == etag) {
    response.status = 304;
  } else {
    response.shared_body = encoded_catalogue_;
  }
  reply(std::move(response));
}

}  // namespace tannha::server
