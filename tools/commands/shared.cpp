// Subcommands that every role has: sync, status, note, and parcels between devices.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>

#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

class NoteTaker : public core::Actor {
 public:
  using Actor::Actor;
};

void tell_both(std::string_view head, errc code) {
  std::cout << head << message(code, Language::vietnamese) << "\n  "
            << message(code, Language::english) << "\n";
}

/// What this device can do now, and what its person must do.
Result<void> print_condition(Device& device) {
  // A device that was revoked and has brought everything has no identity any more.
  if (!device.replica().identity()) return {};
  TN_TRY(const Replica::Condition now, device.replica().condition());
  if (now.revoked) {
    tell_both("! ", errc::log_revoked);
    std::cout << "  đồng bộ đến khi gửi hết / synchronise until everything is brought\n";
  } else if (now.stranded) {
    tell_both("! ", *now.stranded);
    std::cout << "  xin phiếu mới, rồi đăng ký lại máy này / ask for a new ticket, then enrol this "
                 "device again\n";
  } else if (now.continuing) {
    std::cout << "! máy sẽ ghi tiếp trong chuỗi mới sau lần đồng bộ tới / goes on in a new log "
                 "after the next sync\n";
    if (now.why) tell_both("  ", *now.why);
  }
  return {};
}

/// Own records that were received and do not count, and photos that are still here only.
Result<void> print_pending(Device& device) {
  if (!device.replica().identity()) return {};
  TN_TRY(const std::vector<StoredRecord> all, device.replica().store().all());
  std::size_t held = 0;
  std::size_t refused = 0;
  for (const StoredRecord& r : all) {
    if (r.origin != Origin::own) continue;
    if (r.evidence.ruling.verdict == Verdict::held) ++held;
    if (r.evidence.ruling.verdict == Verdict::refused) ++refused;
  }
  if (held + refused > 0) {
    std::cout << "! chờ cán bộ xem xét / held for an officer: " << held
              << ", bị từ chối / refused: " << refused << " (xem / see: status)\n";
  }
  TN_TRY(const auto pending, device.replica().store().pending_attachments());
  if (pending.empty()) return {};
  std::cout << "! ảnh chưa gửi / photos not sent: " << pending.size()
            << ", gửi ở lần đồng bộ tới / with the next sync\n";
  return {};
}

Result<void> status(Device& device) {
  const Identity* me = device.replica().identity();
  if (!me) {
    TN_TRY(const Replica::Condition condition, device.replica().condition());
    if (!condition.erased) return fail(errc::not_enrolled);
    std::cout << "máy này đã bị thu hồi và đã xóa sạch / this phone was revoked and has erased itself: "
              << name_of(*condition.erased)
              << "\nđã nộp trước khi xóa / handed in before: " << condition.erased_records
              << " bản ghi\n";
    return {};
  }
  std::cout << me->certificate.label << " (" << name(me->certificate.role) << ", "
            << me->certificate.unit << ", " << me->tenant.name << ")\n"
            << "chuỗi / log: " << to_hex(me->log_id) << "\n";
  TN_CHECK(print_condition(device));
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
  TN_CHECK(print_pending(device));
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
    TN_CHECK(print_condition(*device));
    return print_pending(*device);
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
    TN_CHECK(or_unsaved(NoteTaker(device->replica()).add_note(id, args->text)));
    std::cout << "đã lưu / saved\n";
    return {};
  });
}

/// A log that this device knows, by as much of its id as lists show.
Result<Hash> find_log(Store& store, const std::string& beginning) {
  if (const auto whole = whole_hash(beginning)) return *whole;
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

/// A log that this device has never seen, too: a lost phone may have written nothing yet. Then the
/// registry alone knows whose it is, and whether this actor may.
Result<Record> revoke_log(Device& device, const Hash& log, body::RevocationReason reason,
                          const std::optional<std::uint64_t>& since) {
  Replica& replica = device.replica();
  TN_TRY(const auto known, replica.store().log(log));
  if (known) return NoteTaker(replica).revoke(log, reason, since);
  TN_TRY(auto change, replica.begin());
  TN_TRY(Record record, change.append(replica.identity()->certificate.actor, {},
                                      body::LogRevoked{log, reason, since}));
  TN_CHECK(change.commit());
  return record;
}

/// The devices whose logs this one knows: whatever wrote something that came here.
Result<void> print_devices(Device& device) {
  const Identity* me = device.replica().identity();
  if (!me) return fail(errc::not_enrolled);
  Store& store = device.replica().store();
  std::map<Hash, std::uint64_t> last_ms;
  TN_TRY(const std::vector<StoredRecord> records, store.all());
  for (const StoredRecord& r : records) {
    std::uint64_t& last = last_ms[r.evidence.record.header.log_id];
    last = std::max(last, r.evidence.record.header.claimed_ms);
  }
  TN_TRY(const std::vector<LogIntro> logs, store.all_logs());
  for (const LogIntro& log : logs) {
    const auto certificate =
        open_certificate(log.certificate, me->tenant.code, me->tenant.authority_key);
    if (!certificate) continue;
    const auto last = last_ms.find(log.log_id());
    std::cout << certificate->label << "  " << name(certificate->role) << "  "
              << certificate->unit << "  " << to_hex(log.log_id()) << "  "
              << (last == last_ms.end() ? "-" : local_time(last->second)) << "\n";
  }
  return {};
}

void add_revoke(CLI::App* role, Command& command) {
  struct Args {
    std::string log;
    body::RevocationReason reason{};
    std::optional<std::uint64_t> since;
  };
  auto args = std::make_shared<Args>();
  auto* devices = role->add_subcommand("devices", "Devices known here, their logs, last records");
  command.on(devices, [&command]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    return print_devices(*device);
  });
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
    TN_TRY(const Record written, or_unsaved(revoke_log(*device, log, args->reason, args->since)));
    TN_CHECK(device->sync());
    TN_TRY(const auto stored, device->replica().record(written.hash));
    const Ruling ruling = stored ? stored->evidence.ruling : Ruling{};
    if (ruling.verdict != Verdict::effective) {
      return fail(ruling.reason.value_or(errc::certificate_unknown), "not revoked");
    }
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
      TN_TRY(records.emplace_back(), find_record(*device, text));
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
