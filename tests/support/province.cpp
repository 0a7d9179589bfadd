#include "tests/support/province.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <sstream>

#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/due_date.hpp"

namespace tannha {

void PrintTo(errc code, std::ostream* out) {
  *out << (code == errc{} ? std::string_view("no error") : name(code));
}
void PrintTo(Verdict verdict, std::ostream* out) {
  *out << name(verdict);
}
void PrintTo(Stage stage, std::ostream* out) {
  *out << name(stage);
}
void PrintTo(Custodian custodian, std::ostream* out) {
  *out << name(custodian);
}
void PrintTo(const Ruling& ruling, std::ostream* out) {
  *out << name(ruling.verdict);
  if (ruling.reason) *out << "(" << name(*ruling.reason) << ")";
}

namespace test {
namespace {

Procedure procedure(std::string_view code, std::string_view name, ProcedureTime time,
                    std::uint32_t line_count, PostalPolicy::Answer by_post) {
  Procedure p;
  p.code = code;
  p.name = name;
  p.level = "Cấp Xã";
  p.offers.push_back({Channel::postal, {std::move(time)}, {}});
  for (std::uint32_t i = 1; i <= line_count; ++i) {
    p.documents.push_back({i, DocumentLine::Kind::to_submit, "Giấy tờ phải nộp",
                           "Giấy tờ số " + std::to_string(i), 1, 0});
  }
  p.postal.submit = by_post;
  p.postal.return_result = by_post;
  return p;
}

RegistryActor make_actor(Host& host) {
  init_crypto();
  const auto new_key = [&host] { return KeyPair::from_seed(random_array<Seed>(host)); };
  const KeyPair log_key = new_key();
  const KeyPair authority = new_key();
  const KeyPair journal = new_key();
  const Certificate certificate{.tenant = "H42",
                                .actor = new_id(host),
                                .role = Role::registry,
                                .unit = "H42",
                                .public_key = log_key.public_key(),
                                .not_before_ms = host.now_ms(),
                                .not_after_ms = host.now_ms() + limits::certificate_life_ms,
                                .assurance = Assurance::software_key,
                                .scope = {},
                                .label = "registry"};
  // Without the host, so that the seeds of older tests still make what they made.
  const BoxKeyPair bundle = BoxKeyPair::from_seed(derive_seed(log_key.seed(), "bundle"));
  const exchange::Tenant tenant{.code = "H42",
                                .name = "Ninh Bình",
                                .origin = "tannha.vn/H42",
                                .authority_key = authority.public_key(),
                                .journal_key = journal.public_key(),
                                .bundle_key = bundle.public_key()};
  return RegistryActor{.tenant = tenant,
                       .log = {sign_certificate(certificate, authority), random_array<Id>(host)},
                       .log_key = log_key,
                       .authority_key = authority,
                       .journal_key = journal,
                       .bundle_key = bundle};
}

}  // namespace

Ruling ruling_of(const exchange::Answer& answer) {
  Ruling ruling{answer.verdict, std::nullopt};
  if (answer.reason) ruling.reason = static_cast<errc>(*answer.reason);
  return ruling;
}

TempDir::TempDir() {
  // In memory where there is such a folder: the store waits for the disk after every commit.
  const std::filesystem::path shm = "/dev/shm";
  const bool in_memory = ::access(shm.c_str(), W_OK) == 0;
  const auto parent = in_memory ? shm : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "tannha-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}
TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Catalogue small_catalogue() {
  using Unit = ProcedureTime::Unit;
  using Answer = PostalPolicy::Answer;
  return must(Catalogue::make({procedure(birth_procedure, "Đăng ký khai sinh",
                                         {5, Unit::working_day, "5 ngày"}, 2, Answer::yes),
                               procedure(death_procedure, "Đăng ký khai tử",
                                         {{}, Unit::same_day, "trong ngày"}, 1, Answer::yes),
                               procedure(counter_procedure, "Đăng ký kết hôn",
                                         {15, Unit::working_day, "15 ngày"}, 1, Answer::no)}));
}

Province::Province(std::uint64_t seed, std::filesystem::path folder)
    : folder_(std::move(folder)),
      host_(seed * 1000),
      seed_(seed * 1000),
      catalogue_(small_catalogue()),
      calendar_(WorkingCalendar::built_in()),
      actor_(make_actor(host_)) {
  actor_.sends_codes = true;
  if (folder_.empty()) {
    own_folder_ = std::make_unique<TempDir>();
    folder_ = own_folder_->path();
  }
  registry_ =
      must(server::SqliteRegistry::open((folder_ / "registry.db").string(), sqlite::Mode::shared));
  server_ = std::make_unique<SyncServer>(
      *registry_, actor_,
      [this](std::string_view code, body::Channel channel, std::uint64_t submitted_ms) {
        return server::due_date(catalogue_, calendar_, code, channel, submitted_ms);
      },
      host_, catalogue_.version());
  // The connection reads what it wrote: what another one would see is the server's test.
  signer_ = std::make_unique<CheckpointSigner>(*registry_, actor_.tenant.origin,
                                               actor_.journal_key, newest_checkpoint_);
  must(signer_->open());
  LogEntry own;
  own.intro = actor_.log;
  own.id = own.intro.log_id();
  own.head = own.id;
  must(registry_->begin());
  must(registry_->put_log(own));
  must(registry_->commit());
}

void Province::advance_ms(std::uint64_t by_ms) {
  host_.advance_ms(by_ms);
  for (const auto& device : devices_) device->host.advance_ms(by_ms);
}

Device& Province::new_device() {
  Device& device = *devices_.emplace_back(std::make_unique<Device>(++seed_));
  device.host.set_now_ms(host_.now_ms());
  device.path = folder_ / ("device-" + std::to_string(devices_.size()) + ".db");
  device.replica =
      std::make_unique<Replica>(must(Replica::open(device.path.string(), device.host, device.unlock)));
  return device;
}

void Province::restart(Device& device) {
  device.replica.reset();
  device.replica =
      std::make_unique<Replica>(must(Replica::open(device.path.string(), device.host, device.unlock)));
}

Result<exchange::TicketAnswer> Province::ticket(const exchange::TicketRequest& request,
                                                const std::optional<Hash>& asker) {
  must(registry_->begin());
  auto answer = server_->make_ticket(request, asker);
  if (answer) {
    must(registry_->commit());
  } else {
    registry_->rollback();
  }
  return answer;
}

Result<exchange::EnrolAnswer> Province::enrol(const exchange::EnrolRequest& request) {
  must(registry_->begin());
  auto enrolled = server_->enrol(request);
  if (!enrolled) {
    registry_->rollback();
    return std::unexpected(enrolled.error());
  }
  must(registry_->commit());
  return std::move(enrolled->answer);
}

Device& Province::enrol(Role role, std::string_view unit, const std::optional<Id>& scope,
                        const std::optional<Id>& actor) {
  Device& device = new_device();
  const exchange::TicketRequest request{role, std::string(unit), actor, scope, "test"};
  const auto answer = must(ticket(request));
  must(device->finish_enrolment(must(enrol(must(device->begin_enrolment(answer.ticket))))));
  return device;
}

Result<exchange::Response> Province::exchange(const Hash& sender,
                                              const exchange::Request& request) {
  TN_TRY(const PreparedExchange prepared,
         prepare_exchange(fields::encode(request), actor_.tenant.code,
                          actor_.authority_key.public_key()));
  TN_CHECK(registry_->begin());
  auto outcome = server_->exchange(prepared, sender);
  if (!outcome) {
    registry_->rollback();
    return std::unexpected(outcome.error());
  }
  TN_CHECK(registry_->commit());
  messages_.insert(messages_.end(), outcome->code_messages.begin(), outcome->code_messages.end());
  TN_TRY(outcome->response.checkpoint, sign(outcome->head));
  return exchange::decode<exchange::Response>(fields::encode(outcome->response));
}

Result<std::string> Province::sign(const Checkpoint& head) {
  TN_CHECK(signer_->advance());
  return signer_->sign(head);
}

Replica::SyncReport Province::sync(Device& device, const SyncOptions& options) {
  Replica::SyncReport total;
  // An outbox that does not drain is a failure, not a test that never ends.
  for (int i = 0; i < 200; ++i) {
    const exchange::Request request = must(device->next_request(options.pull_max));
    if (options.fault == Fault::request_lost) return total;
    const exchange::Response response = must(exchange(device.log_id(), request));
    if (options.fault == Fault::response_lost) return total;
    const Replica::SyncReport report = must(device->receive(response));
    total.received += report.received;
    total.rejected += report.rejected;
    total.pulled += report.pulled;
    if (!report.more) return total;
    if (options.pull_max == 0 && request.records.empty()) return total;
  }
  throw std::runtime_error("synchronising does not come to an end");
}

void Province::sync_all() {
  // Twice: what the last one pushed is news for the first.
  for (int round = 0; round < 2; ++round) {
    for (const auto& device : devices_) {
      if (device->replica->identity()) sync(*device);
    }
  }
}

exchange::Response Province::push(const Hash& sender, const std::vector<Record>& records,
                                  std::vector<LogIntro> logs) {
  exchange::Request request;
  request.tenant = actor_.tenant.code;
  request.logs = std::move(logs);
  for (const Record& record : records) {
    exchange::Carried carried{record.envelope, std::nullopt};
    if (record.has_body()) carried.body = record.body;
    request.records.push_back(std::move(carried));
  }
  return must(exchange(sender, request));
}

void Province::upload(Device& device) {
  for (const auto& pending : must(device->store().pending_attachments())) {
    // Refused, as tannhad refuses what no record names.
    if (!must(registry_->attachment(pending.hash))) continue;
    must(registry_->begin());
    must(registry_->attachment_arrived(pending.hash));
    must(registry_->commit());
    must(device->store().attachment_stored(pending.hash));
  }
}

Dossier Province::dossier(const Id& id) {
  return fold(id, must(registry_->dossier(id)));
}

Ruling Province::ruling(const Hash& record) {
  return must_have(registry_->record(record)).ruling;
}

Record forge(Device& device, RecordHeader header, Bytes body) {
  const Identity& me = *device->identity();
  header.tenant = me.tenant.code;
  header.log_id = me.log_id;
  header.claimed_ms = device.host.now_ms();
  header.boot_id = device.host.boot_id();
  header.monotonic_ms = device.host.monotonic_ms();
  return sign_record(std::move(header), std::move(body), me.key);
}

RecordHeader next_header(Device& device, const Id& subject) {
  const auto head = must(device->store().head(device.log_id()));
  RecordHeader header;
  header.seq = head ? head->next_seq : 0;
  header.prev = head ? head->hash : device.log_id();
  header.subject = subject;
  return header;
}

RecordHeader header_after(const Record& record, const Id& subject) {
  RecordHeader header;
  header.seq = record.header.seq + 1;
  header.prev = record.hash;
  header.subject = subject;
  return header;
}

namespace {

std::string text(const Hash& hash) {
  return to_hex(BytesView(hash).first(8));
}
std::string text(const Id& id) {
  return uuid_text(id);
}
std::string text(std::uint64_t n) {
  return std::to_string(n);
}
template <class T>
std::string text(const std::optional<T>& item) {
  return item ? text(*item) : "-";
}
template <class T>
std::string struct_text(const std::optional<T>& item) {
  return item ? to_hex(fields::encode(*item)) : "-";
}
template <class T>
std::string list_text(const std::vector<T>& items) {
  std::string out;
  for (const T& item : items) out += text(item) + ",";
  return out;
}
template <class E>
std::string enum_text(const std::optional<E>& item) {
  return item ? std::to_string(static_cast<int>(*item)) : "-";
}

}  // namespace

std::string dump(Store& store) {
  std::ostringstream out;
  for (const StoredRecord& r : must(store.all())) {
    out << text(r.evidence.record.hash) << " " << text(r.evidence.record.header.log_id) << "#"
        << r.evidence.record.header.seq << " body " << to_hex(r.evidence.record.body) << " "
        << text(r.evidence.author) << " origin " << static_cast<int>(r.origin) << " "
        << name(r.evidence.ruling.verdict) << " " << enum_text(r.evidence.ruling.reason) << " leaf "
        << text(r.evidence.leaf_index) << " receipt " << struct_text(r.receipt) << "\n";
  }
  for (const auto kind : {body::NumberKind::send_slip, body::NumberKind::item}) {
    out << "numbers " << must(store.numbers_left(kind)) << "\n";
  }
  for (const auto& a : must(store.pending_attachments())) out << "pending " << text(a.hash) << "\n";
  for (const char* sql : {"SELECT key, value FROM meta ORDER BY key",
                          "SELECT key, value FROM large ORDER BY key",
                          "SELECT key, value FROM secret ORDER BY key"}) {
    must(store.database().each(sql, {}, [&](sqlite::Row row) {
      out << row.text(0) << " = " << to_hex(row.bytes(1)) << "\n";
      return true;
    }));
  }
  return out.str();
}

Bytes photo(std::uint8_t number) {
  return {0xff, 0xd8, 0xff, 0xe0, number, 0x00, 0x10, 0x4a};
}

}  // namespace test
}  // namespace tannha
