#include "tools/bench/server.hpp"

#include <charconv>
#include <csignal>

#include "tannha/protocol/checkpoint.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/device/device.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::tools {
namespace {

server::SystemHost& host() {
  static server::SystemHost the_host;
  return the_host;
}

Result<Bytes> post(const std::string& url, const std::string& path, const std::string& bearer,
                   Bytes body) {
  HttpClient client(url);
  TN_TRY(HttpAnswer answer,
         client.send(HttpCall{
             .method = "POST", .path = path, .bearer = bearer, .body = std::move(body)}));
  if (answer.status != 200) {
    return fail(errc::server_reply_malformed, path + ": " + std::to_string(answer.status));
  }
  return std::move(answer.body);
}

}  // namespace

Id BenchPhone::new_salt() { return random_array<Id>(host()); }

Record BenchPhone::sign_encoded(const Id& subject, RecordType type, std::vector<Hash> refs,
                                Bytes body) {
  RecordHeader header;
  header.tenant = BenchServer::tenant;
  header.log_id = log_id;
  header.seq = next_seq;
  header.prev = head;
  header.subject = subject;
  header.type = type;
  header.refs = std::move(refs);
  header.beacon = beacon;
  header.claimed_ms = claimed_ms.value_or(host().now_ms());
  header.boot_id = boot_id;
  header.monotonic_ms = 1000 + next_seq * 10;
  Record record = sign_record(std::move(header), std::move(body), key);
  ++next_seq;
  head = record.hash;
  return record;
}

Result<std::unique_ptr<BenchServer>> BenchServer::start(const BenchOptions& options,
                                                        const std::filesystem::path& folder,
                                                        const std::vector<std::string>& arguments) {
  std::vector<std::string> words{options.tannhad.string(), "--data",    folder.string(),
                                 "--tenant",               tenant,      "--port",
                                 "0",                      "--checkpoint-store",
                                 (folder.string() + "-checkpoints"),
                                 // One phone here does the work of a province.
                                 "--quota-percent", "0"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto process = std::make_unique<Process>(words);
  while (const auto line = process->read_line()) {
    const std::size_t at = line->rfind(':');
    if (line->find("listens on") == std::string::npos || at == std::string::npos) continue;
    std::uint16_t port = 0;
    std::from_chars(line->data() + at + 1, line->data() + line->size(), port);
    return std::unique_ptr<BenchServer>(new BenchServer(std::move(process), port, folder));
  }
  return fail(errc::file_unreadable, options.tannhad.string() + " did not start");
}

std::string BenchServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

Result<BenchPhone> BenchServer::enrol(Role role, const std::string& unit) {
  exchange::TicketRequest request;
  request.role = role;
  request.unit = unit;
  request.label = "bench";
  TN_TRY(const std::string secret, server::read_admin_secret(folder_));
  TN_TRY(const exchange::TicketAnswer ticket, request_ticket(url(), secret, request));
  BenchPhone phone{.key = KeyPair::from_seed(random_array<Seed>(host())),
                   .intro = {},
                   .unit = unit,
                   .token = {},
                   .boot_id = random_array<Id>(host()),
                   .beacon = {}};
  phone.actor = ticket.actor;
  phone.intro.incarnation = random_array<Id>(host());
  exchange::EnrolRequest enrolment;
  enrolment.ticket = ticket.ticket;
  enrolment.public_key = phone.key.public_key();
  enrolment.incarnation = phone.intro.incarnation;
  enrolment.proof =
      phone.key.sign(exchange::enrol_statement(ticket.ticket, phone.intro.incarnation));
  TN_TRY(const Bytes answer, post(url(), "/v1/enrol", {}, fields::encode(enrolment)));
  TN_TRY(const auto enrolled, exchange::decode<exchange::EnrolAnswer>(answer));
  phone.intro.certificate = enrolled.certificate;
  phone.log_id = phone.intro.log_id();
  phone.head = phone.log_id;
  TN_CHECK(sign_in(phone));
  return phone;
}

Result<void> BenchServer::sign_in(BenchPhone& phone) {
  TN_TRY(const Bytes asked, post(url(), "/v1/challenge", {}, {}));
  TN_TRY(const auto challenge,
         fields::decode<exchange::Challenge>(asked, errc::server_reply_malformed));
  exchange::TokenRequest request;
  request.log = phone.intro;
  request.challenge = challenge.challenge;
  request.signature = phone.key.sign(exchange::token_statement(challenge.challenge, tenant));
  TN_TRY(const Bytes answer, post(url(), "/v1/token", {}, fields::encode(request)));
  TN_TRY(const auto token,
         fields::decode<exchange::TokenAnswer>(answer, errc::server_reply_malformed));
  phone.token = token.token;
  return {};
}

Result<Checkpoint> BenchServer::checkpoint() {
  TN_TRY(const server::Keys keys, server::read_keys(folder_));
  HttpClient client(url());
  TN_TRY(const HttpAnswer answer, client.send(HttpCall{.path = "/log/checkpoint"}));
  return open_checkpoint(as_text(answer.body), keys.tenant.origin, keys.tenant.journal_key);
}

void BenchServer::stop() {
  process_->signal(SIGTERM);
  process_->wait();
}

exchange::Request push_request(const BenchPhone& phone, std::span<const Record> records) {
  exchange::Request request;
  request.tenant = BenchServer::tenant;
  request.logs.push_back(phone.intro);
  for (const Record& record : records) request.records.push_back({record.envelope, record.body});
  request.slip_numbers_left = limits::lease_count;
  request.item_numbers_left = limits::lease_count;
  return request;
}

Bytes push_message(const BenchPhone& phone, std::span<const Record> records) {
  return fields::encode(push_request(phone, records));
}

std::vector<Record> door_dossier(BenchPhone& phone, std::uint64_t number) {
  const Id id = new_id(host());
  std::vector<Record> out;
  const auto add = [&](const auto& body) {
    out.push_back(phone.sign(id, body));
  };
  add(body::DossierOpened{.procedure = "1.001193",
                          .unit = phone.unit,
                          .channel = body::Channel::postal,
                          .service = body::ServiceKind::both,
                          .catalogue_version = {},
                          .procedure_case = {}});
  add(body::FieldsWritten{{{"owner_name", "Nguyễn Thị Minh Khai"},
                           {"owner_personal_number", "0371" + std::to_string(10'000'000 + number)}}});
  add(body::FieldsWritten{{{"owner_address", "Thôn Đoài, xã Hoa Lư, tỉnh Ninh Bình"}}});
  add(body::FieldsWritten{{{"owner_phone", "+84912345678"}}});
  for (std::uint32_t line = 1; line <= 5; ++line) {
    add(body::DocumentChecked{{.line = line,
                               .name = "Tờ khai đăng ký theo mẫu",
                               .originals = 1,
                               .certified_copies = line % 2,
                               .photocopies = 0}});
  }
  add(body::FeeTaken{.kind = body::MoneyKind::fee, .amount_dong = 50'000});
  return out;
}

SignedLoad sign_load(BenchPhone& phone, std::size_t exchanges, std::size_t dossiers) {
  SignedLoad load;
  for (std::size_t e = 0; e < exchanges; ++e) {
    std::vector<Record> records;
    for (std::size_t d = 0; d < dossiers; ++d) {
      for (Record& record : door_dossier(phone, e * dossiers + d)) {
        load.record_bytes += record.envelope.size() + record.body.size();
        records.push_back(std::move(record));
      }
    }
    load.records += records.size();
    load.requests.push_back(post_request("/v1/sync", phone.token, push_message(phone, records)));
  }
  return load;
}

}  // namespace tannha::tools
