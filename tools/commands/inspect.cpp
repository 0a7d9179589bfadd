// tannha inspect: the records of a store, for people.

#include <iostream>
#include <map>

#include "tannha/protocol/cbor.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/whole_registry.hpp"
#include "tools/commands/command.hpp"
#include "tools/device/unlock.hpp"

namespace tannha::tools {
namespace {

void print_record(const Evidence& e, bool with_body) {
  const RecordHeader& h = e.record.header;
  std::cout << (e.leaf_index ? std::to_string(*e.leaf_index) : "-") << "  "
            << to_hex(e.record.hash).substr(0, 16) << "  log " << to_hex(h.log_id).substr(0, 8)
            << " #" << h.seq << "  " << name(h.type) << "  " << uuid_text(h.subject) << "  "
            << local_time(h.claimed_ms) << "  " << name(e.ruling.verdict);
  if (e.ruling.reason) std::cout << " (" << name(*e.ruling.reason) << ")";
  std::cout << "\n";
  for (const Hash& ref : h.refs) std::cout << "      answers " << to_hex(ref).substr(0, 16) << "\n";
  if (!with_body) return;
  const auto value = cbor::decode(e.record.body);
  std::cout << "      " << (value ? cbor::diagnostic(*value) : "body withheld or unreadable")
            << "\n";
}

void print_log(const LogEntry& log) {
  std::cout << "log " << to_hex(log.id) << "  " << name(log.certificate.role) << "  "
            << log.certificate.unit << "  " << log.certificate.label << "  " << log.next_seq
            << " records";
  const LogState& state = log.state;
  if (state.forked_at) std::cout << "  forked at #" << *state.forked_at;
  if (state.revoked) std::cout << "  revoked (" << name_of(state.revoked->reason) << ")";
  if (state.continued_by) std::cout << "  goes on as " << to_hex(*state.continued_by).substr(0, 8);
  std::cout << "\n";
}

void print_quarantined(const server::WholeRegistry::Quarantined& item, bool with_body) {
  std::cout << "in quarantine  " << to_hex(sha256(item.envelope)).substr(0, 16) << "  from log "
            << to_hex(item.sender).substr(0, 8) << "  " << item.envelope.size() << " + "
            << item.body.size() << " bytes  (" << name(item.reason) << ")\n";
  if (with_body) {
    std::cout << "      " << to_hex(item.envelope) << "\n      " << to_hex(item.body) << "\n";
  }
}

Result<void> inspect_registry(const std::filesystem::path& folder, const std::string& conninfo,
                              bool with_body) {
  TN_TRY(const auto registry, server::open_whole_registry(folder, conninfo));
  TN_CHECK(registry->begin_read());
  TN_TRY(const std::vector<LogEntry> logs, registry->all_logs());
  for (const LogEntry& log : logs) print_log(log);
  TN_TRY(const std::vector<Evidence> records, registry->all_records());
  for (const Evidence& e : records) print_record(e, with_body);
  TN_TRY(const auto quarantined, registry->all_quarantined());
  for (const auto& item : quarantined) print_quarantined(item, with_body);
  std::map<errc, std::size_t> held;
  for (const Evidence& e : records) {
    if (e.ruling.verdict == Verdict::held && e.ruling.reason) ++held[*e.ruling.reason];
  }
  for (const auto& [reason, count] : held) {
    std::cout << count << " held: " << name(reason) << "\n";
  }
  std::cout << records.size() << " records, " << quarantined.size() << " in quarantine\n";
  return {};
}

Result<void> inspect_device(const std::filesystem::path& folder, bool with_body, Command& command) {
  TN_TRY(const std::string pin, command.pin());
  TN_TRY(Store store, open_to_read(folder, command.host(), pin));
  TN_TRY(const std::vector<StoredRecord> records, store.all());
  for (const StoredRecord& r : records) {
    std::cout << (r.receipt ? "received  " : "unsent    ");
    print_record(r.evidence, with_body);
  }
  std::cout << records.size() << " records\n";
  return {};
}

}  // namespace

void add_inspect(CLI::App& app, Command& command) {
  auto* inspect = app.add_subcommand("inspect", "Print the records of a server's or device's folder");
  auto folder = std::make_shared<std::string>();
  auto with_body = std::make_shared<bool>(false);
  inspect->add_option("FOLDER", *folder)->required();
  inspect->add_flag("--bodies", *with_body, "Print contents too: they hold personal data");
  auto registry = std::make_shared<std::string>();
  inspect->add_option("--registry", *registry,
                      "The server's registry on PostgreSQL: postgres://user@host/database");
  command.on(inspect, [folder, registry, with_body, &command]() -> Result<void> {
    const std::filesystem::path path(*folder);
    if (!registry->empty() || std::filesystem::exists(path / "registry.db")) {
      return inspect_registry(path, *registry, *with_body);
    }
    if (std::filesystem::exists(path / "device.db")) return inspect_device(path, *with_body, command);
    return fail(errc::store_not_found, *folder);
  });
}

}  // namespace tannha::tools
