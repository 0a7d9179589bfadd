#include "tests/integration/server/service_world.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <sstream>

#include "tools/catalogue/curated.hpp"

namespace tannha::server {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "tannha-server-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

TestHost::TestHost(std::uint64_t seed) : engine_(seed) {
  init_crypto();
  random(boot_id_);
}
void TestHost::random(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
}

void TestChannel::send(Bytes message) {
  const std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
  changed_.notify_all();
}
void TestChannel::close(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  closed_ = reason;
  changed_.notify_all();
}
exchange::LiveMessage TestChannel::receive() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !messages_.empty(); });
  if (messages_.empty()) throw std::runtime_error("closed: " + *closed_);
  const Bytes message = std::move(messages_.front());
  messages_.pop_front();
  return must(fields::decode<exchange::LiveMessage>(message, errc::frame_malformed));
}
std::string TestChannel::wait_closed() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_.has_value(); });
  return *closed_;
}

Id Client::open_dossier() {
  const Id id = replica->make_id();
  write(id, {},
        body::DossierOpened{.procedure = "1.001193",
                            .unit = me().certificate.unit,
                            .channel = body::Channel::postal,
                            .service = body::ServiceKind::both,
                            .catalogue_version = {},
                            .procedure_case = {}});
  return id;
}

RecordHeader Client::next_header(const Id& subject, RecordType type) const {
  const auto head = must(replica->store().head(me().log_id));
  RecordHeader header;
  header.tenant = me().tenant.code;
  header.log_id = me().log_id;
  header.seq = head ? head->next_seq : 0;
  header.prev = head ? head->hash : me().log_id;
  header.subject = subject;
  header.type = type;
  return header;
}

ServiceWorld::ServiceWorld(const ServiceConfig& config) : config_(config) {
  data_dir_.emplace(must(DataDir::open(folder_ / "data")));
  start();
}
ServiceWorld::ServiceWorld(const fs::path& data_to_copy, const fs::path& checkpoint_store)
    : host(2), checkpoint_store_(checkpoint_store) {
  fs::copy(data_to_copy, folder_ / "data", fs::copy_options::recursive);
  data_dir_.emplace(must(DataDir::open(folder_ / "data")));
  start();
}
ServiceWorld::~ServiceWorld() = default;

void ServiceWorld::start() {
  const Keys keys = must(data_dir_->keys("H42", "Ninh Bình <&>", host));
  admin_secret_ = must(data_dir_->admin_secret(host));
  actor_.emplace(make_actor(keys));
  registry_ = must(SqliteRegistry::open(data_dir_->registry_path(), sqlite::Mode::shared));
  LogEntry log;
  log.intro = actor_->log;
  log.id = actor_->log.log_id();
  log.head = log.id;
  must(registry_->begin());
  must(registry_->put_log(log));
  must(registry_->commit());
  reader_ = must(SqliteRegistry::open(data_dir_->registry_path(), sqlite::Mode::read_only));
  newest_ = must(CheckpointFile::open(checkpoint_store(), actor_->tenant.journal_key));
  signer_ = std::make_unique<CheckpointSigner>(*reader_, actor_->tenant.origin,
                                               actor_->journal_key, *newest_);
  service_ = std::make_unique<Service>(config_, *registry_, *actor_, keys.token_secret,
                                       admin_secret_, must(tools::curated_catalogue()).catalogue,
                                       Blobs(data_dir_->blobs_path()), host, *signer_);
  if (must(service_->open_journal())) must(service_->upgrade());
  must(service_->open_messages());
}

void ServiceWorld::restart(const std::function<void(Registry&)>& meanwhile) {
  service_.reset();
  signer_.reset();
  reader_.reset();
  if (meanwhile) meanwhile(*registry_);
  registry_.reset();
  start();
}

HttpResponse ServiceWorld::ask(HttpRequest request) {
  // Kept by the handler too, so that an answer that comes twice finds it.
  auto promise = std::make_shared<std::promise<HttpResponse>>();
  auto answer = promise->get_future();
  auto answers = std::make_shared<std::atomic<int>>(0);
  service_->handle(std::move(request), [promise, answers](HttpResponse response) {
    if (++*answers > 1) {
      ADD_FAILURE() << "answered twice";
      return;
    }
    promise->set_value(std::move(response));
  });
  HttpResponse response = answer.get();
  // What a client would read, however it would be sent.
  if (response.shared_body) response.body = *response.shared_body;
  if (response.file) {
    response.body.resize(response.file->size());
    must(response.file->read(0, response.body));
  }
  return response;
}
HttpResponse ServiceWorld::get(const std::string& path, const std::string& bearer) {
  return ask({.method = "GET", .path = path, .query = {}, .bearer = bearer, .if_none_match = {},
              .body = {}});
}
HttpResponse ServiceWorld::post(const std::string& path, Bytes body, const std::string& bearer) {
  return ask({.method = "POST", .path = path, .query = {}, .bearer = bearer, .if_none_match = {},
              .body = std::move(body)});
}
HttpResponse ServiceWorld::put(const std::string& path, Bytes body, const std::string& bearer) {
  return ask({.method = "PUT", .path = path, .query = {}, .bearer = bearer, .if_none_match = {},
              .body = std::move(body)});
}

exchange::TicketRequest ServiceWorld::ticket_for(Role role, std::string_view unit) const {
  exchange::TicketRequest request;
  request.role = role;
  request.unit = unit;
  request.label = "thử";
  return request;
}
std::string ServiceWorld::ticket(const exchange::TicketRequest& request,
                                 const std::string& bearer) {
  const HttpResponse answer =
      post("/v1/tickets", fields::encode(request), bearer.empty() ? admin_secret_ : bearer);
  return must(fields::decode<exchange::TicketAnswer>(answer.body, errc::server_reply_malformed))
      .ticket;
}

std::unique_ptr<Replica> ServiceWorld::new_replica() {
  const fs::path path = folder_ / ("device-" + std::to_string(++replicas_) + ".db");
  return std::make_unique<Replica>(must(Replica::open(path.string(), host, Unlock(Seed{1}))));
}

Client ServiceWorld::enrol(Role role, std::string_view unit) {
  Client client{new_replica(), {}};
  const auto request = must(client.replica->begin_enrolment(ticket(ticket_for(role, unit))));
  const HttpResponse answer = post("/v1/enrol", fields::encode(request));
  const auto enrolled = must(exchange::decode<exchange::EnrolAnswer>(answer.body));
  must(client.replica->finish_enrolment(enrolled));
  sign_in(client);
  return client;
}

exchange::TokenRequest ServiceWorld::sign(const Replica& replica) {
  const HttpResponse asked = post("/v1/challenge", {});
  const auto challenge =
      must(fields::decode<exchange::Challenge>(asked.body, errc::server_reply_malformed));
  return must(replica.sign_in(challenge.challenge));
}
void ServiceWorld::sign_in(Client& client) {
  const HttpResponse answer = post("/v1/token", fields::encode(sign(*client.replica)));
  client.token =
      must(fields::decode<exchange::TokenAnswer>(answer.body, errc::server_reply_malformed)).token;
}

exchange::Response ServiceWorld::sync(Client& client) {
  const auto request = must(client.replica->next_request(200));
  const HttpResponse answer = post("/v1/sync", fields::encode(request), client.token);
  auto response = must(exchange::decode<exchange::Response>(answer.body));
  must(client.replica->receive(response));
  return response;
}

exchange::Request ServiceWorld::request(const Client& client, const std::vector<Record>& records) {
  exchange::Request request;
  request.tenant = client.me().tenant.code;
  request.logs.push_back(client.me().log);
  for (const Record& record : records) request.records.push_back({record.envelope, record.body});
  return request;
}
exchange::Response ServiceWorld::push(const Client& client, const std::vector<Record>& records) {
  const HttpResponse answer =
      post("/v1/sync", fields::encode(request(client, records)), client.token);
  return must(exchange::decode<exchange::Response>(answer.body));
}

std::vector<Record> notes(ServiceWorld& world, const Client& author, const Id& dossier,
                          std::size_t count) {
  std::vector<Record> out;
  RecordHeader header = author.next_header(dossier, RecordType::note);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(sign_record(header, body::encode(body::Note{"x"}, random_array<Id>(world.host)),
                              author.me().key));
    ++header.seq;
    header.prev = out.back().hash;
  }
  return out;
}

bool ServiceWorld::good_traffic_goes_through() {
  Client courier = enrol(Role::courier, "H42.101");
  const Id id = courier.open_dossier();
  courier.write(id, {}, body::Note{"ghi chú"});
  const exchange::Response response = sync(courier);
  bool effective = response.answers.size() == 2;
  for (const exchange::Answer& answer : response.answers) {
    effective = effective && answer.verdict == Verdict::effective;
  }
  return effective && must(courier.replica->holds()).records == 0;
}

std::uint64_t ServiceWorld::metric(const std::string& name_and_labels) {
  std::istringstream text(text_of(get("/metrics")));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(name_and_labels + " ")) {
      return std::stoull(line.substr(name_and_labels.size() + 1));
    }
  }
  throw std::runtime_error("no metric " + name_and_labels);
}
std::uint64_t ServiceWorld::refused(errc code) {
  return metric("tannha_requests_refused_total{reason=\"" + std::string(name(code)) + "\"}");
}
std::uint64_t ServiceWorld::not_effective(errc code) {
  return metric("tannha_records_not_effective_total{reason=\"" + std::string(name(code)) + "\"}");
}

Bytes photo(std::uint8_t number) { return {0xff, 0xd8, 0xff, 0xe0, number, 0x00, 0x10, 0x4a}; }

body::AttachmentAdded attachment_of(const Bytes& bytes) {
  return {.hash = blake2b_256(bytes),
          .size = bytes.size(),
          .media_type = "image/jpeg",
          .role = body::AttachmentRole::page,
          .line = 0};
}

void expect_refusal(const HttpResponse& response, errc code, unsigned status) {
  EXPECT_EQ(response.status, status);
  const auto refusal = exchange::decode<exchange::Refusal>(response.body);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->code, static_cast<std::uint16_t>(code))
      << "got " << name(static_cast<errc>(refusal->code)) << ", not " << name(code);
  EXPECT_EQ(refusal->english, message(code, Language::english));
  EXPECT_EQ(refusal->vietnamese, message(code, Language::vietnamese));
  EXPECT_EQ(response.retry_after_s.has_value(), status == 503 || status == 429);
  EXPECT_EQ(refusal->retry_after_s, response.retry_after_s);
}

std::string text_of(const HttpResponse& response) {
  return std::string(as_text(response.body));
}

}  // namespace tannha::server
