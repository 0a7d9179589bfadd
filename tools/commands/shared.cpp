// Subcommands that every role has: sync, status, note, and parcels between devices.

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

class NoteTaker : public core::Actor {
 public:
  using Actor::Actor;
};

Result<void> status(Device& device) {
  const Identity* me = device.replica().identity();
  if (!me) {
    TN_TRY(const Replica::Condition condition, device.replica().condition());
    if (!condition.erased) return fail(errc::not_enrolled);
    std::cout << "máy này đã bị thu hồi và đã xóa sạch / this phone was revoked and has erased itself: "
              << std::ranges::find(revocation_reasons, *condition.erased,
                                   &decltype(revocation_reasons)::value_type::second)->first
              << "\nđã nộp trước khi xóa / handed in before: " << condition.erased_records
              << " bản ghi\n";
    return {};
  }
  std::cout << me->certificate.label << " (" << name(me->certificate.role) << ", "
            << me->certificate.unit << ", " << me->tenant.name << ")\n";
  TN_TRY(const std::vector<StoredRecord> all, device.replica().store().all());
  std::size_t own = 0;
  std::size_t received = 0;
  std::map<std::string_view, std::size_t> verdicts;
  for (const StoredRecord& r : all) {
    if (r.origin != Origin::own) continue;
    ++own;
    if (r.receipt) ++received;
    ++verdicts[name(r.evidence.ruling.verdict)];
  }
  std::cout << "trên máy này / on this phone: " << own << "\n"
            << "máy chủ đã nhận, có biên nhận / received, with receipt: " << received << "\n";
  for (const auto& [verdict, count] : verdicts) {
    std::cout << "  " << verdict << ": " << count << "\n";
  }
  TN_TRY(const exchange::Holds holds, device.replica().holds());
  std::cout << "chờ gửi / unsent: " << holds.records << " bản ghi, " << holds.attachment_bytes
            << " byte ảnh\n";
  for (const StoredRecord& r : all) {
    const Ruling& ruling = r.evidence.ruling;
    if (r.origin != Origin::own || !ruling.reason) continue;
    std::cout << "  " << name(r.evidence.record.header.type) << " "
              << short_id(r.evidence.record.header.subject) << ": " << name(ruling.verdict) << " ("
              << name(*ruling.reason) << ") — " << message(*ruling.reason, Language::vietnamese)
              << "\n";
  }
  TN_TRY(const auto slips, device.replica().store().numbers_left(body::NumberKind::send_slip));
  TN_TRY(const auto items, device.replica().store().numbers_left(body::NumberKind::item));
  if (me->certificate.role == Role::courier) {
    std::cout << "số phiếu gửi còn / slip numbers left: " << slips
              << ", số hiệu bưu gửi còn / item codes left: " << items << "\n";
  }
  TN_TRY(const std::int64_t server_ahead_ms, device.replica().server_ahead_ms());
  const std::int64_t minutes = server_ahead_ms / 60'000;
  if (minutes > 1 || minutes < -1) {
    std::cout << "đồng hồ máy này " << (minutes > 0 ? "chậm " : "nhanh ") << std::abs(minutes)
              << " phút so với máy chủ / this clock is " << (minutes > 0 ? "slow" : "fast") << "\n";
  }
  TN_TRY(const auto error, device.last_error());
  if (error) {
    std::cout << "lần đồng bộ gần nhất / last sync: " << message(*error, Language::vietnamese)
              << "\n";
  }
  return {};
}

}  // namespace

void add_sync(CLI::App* role, Command& command) {
  auto* sync = role->add_subcommand("sync", "Send what is unsent and take what is new");
  command.on(sync, [&command]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Device::SyncSummary s, device->sync());
    std::cout << "đã nhận biên nhận / receipts: " << s.received << ", mới / new: " << s.pulled
              << ", ảnh gửi / photos sent: " << s.attachments
              << ", không được nhận / rejected: " << s.rejected << "\n";
    return {};
  });
}

void add_status(CLI::App* role, Command& command) {
  auto* status_command = role->add_subcommand("status", "What is here, received, accepted");
  command.on(status_command, [&command]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    return status(*device);
  });
  auto* show = role->add_subcommand("show", "One dossier in full, or a line for each");
  auto dossier = std::make_shared<std::string>();
  show->add_option("DOSSIER", *dossier, "Code, slip number, item code or part of its id");
  command.on(show, [&command, dossier]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    if (dossier->empty()) {
      TN_TRY(const std::vector<Dossier> all, device->replica().dossiers());
      for (const Dossier& d : all) print_line(d);
      return {};
    }
    TN_TRY(const Id id, device->find(*dossier));
    TN_TRY(const Dossier d, device->replica().dossier(id));
    print(d);
    return {};
  });
}

void add_note(CLI::App* role, Command& command) {
  struct Args {
    std::string dossier, text;
  };
  auto args = std::make_shared<Args>();
  auto* note = role->add_subcommand("note", "Add a note to a dossier");
  note->add_option("DOSSIER", args->dossier)->required();
  note->add_option("TEXT", args->text)->required();
  command.on(note, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Id id, device->find(args->dossier));
    TN_CHECK(NoteTaker(device->replica()).add_note(id, args->text));
    std::cout << "đã lưu / saved\n";
    return {};
  });
}

/// A log that this device knows, by as much of its id as lists show.
Result<Hash> find_log(Store& store, const std::string& beginning) {
  constexpr std::size_t least = 8;
  TN_TRY(const std::vector<LogIntro> logs, store.all_logs());
  std::optional<Hash> found;
  for (const LogIntro& log : logs) {
    if (beginning.size() < least || !to_hex(log.log_id()).starts_with(beginning)) continue;
    if (found) return fail(errc::argument_invalid, "several logs begin so");
    found = log.log_id();
  }
  if (!found) return fail(errc::certificate_unknown, beginning);
  return *found;
}

void add_revoke(CLI::App* role, Command& command) {
  struct Args {
    std::string log;
    body::RevocationReason reason{};
    std::optional<std::uint64_t> since;
  };
  auto args = std::make_shared<Args>();
  auto* revoke = role->add_subcommand("revoke", "Revoke a device: its records stop counting");
  revoke->add_option("LOG", args->log, "Log id of the device, or its beginning")->required();
  revoke->add_option("REASON", args->reason)
      ->required()
      ->transform(CLI::Transformer(std::map<std::string, body::RevocationReason>(
          revocation_reasons.begin(), revocation_reasons.end())));
  revoke->add_option("--since", args->since,
                     "Compromised: journal size up to which the key was in good hands");
  command.on(revoke, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Hash log, find_log(device->replica().store(), args->log));
    TN_CHECK(NoteTaker(device->replica()).revoke(log, args->reason, args->since));
    TN_CHECK(device->sync());
    std::cout << "đã thu hồi / revoked\n";
    return {};
  });
}

void add_parcels(CLI::App* role, Command& command) {
  auto hashes = std::make_shared<std::vector<std::string>>();
  auto* give = role->add_subcommand("parcel", "Print records as text for another device's camera");
  give->add_option("RECORD", *hashes, "Record hashes")->required();
  command.on(give, [&command, hashes]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    std::vector<Hash> records;
    for (const std::string& text : *hashes) {
      TN_TRY(records.emplace_back(), parse_hash(text));
    }
    TN_TRY(const exchange::Parcel parcel, device->replica().make_parcel(records));
    std::cout << exchange::parcel_text(parcel) << "\n";
    return {};
  });
  auto file = std::make_shared<std::string>("-");
  auto* take = role->add_subcommand("take", "Take over another device's records, to deliver them");
  take->add_option("FILE", *file, "Text of the parcel; - for standard input");
  command.on(take, [&command, file]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const std::string text, read_text(*file));
    TN_TRY(const exchange::Parcel parcel, exchange::parcel_from_text(text));
    TN_TRY(const std::vector<Record> records, device->replica().take_parcel(parcel));
    for (const Record& r : records) {
      std::cout << to_hex(r.hash) << "  " << name(r.header.type) << "  "
                << short_id(r.header.subject) << "\n";
    }
    return {};
  });
}

}  // namespace tannha::tools
