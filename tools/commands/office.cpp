// tannha office: the officer at the one-stop desk.

#include <iostream>

#include "tannha/core/officer.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

using core::Officer;

/// A decision is only made when the registry has it, so each act synchronises before and after.
Result<void> decide(Command& command, const std::function<Result<Record>(Device&, Officer&)>& act) {
  TN_TRY(const auto device, command.device());
  Officer officer(device->replica());
  TN_CHECK(device->sync());
  TN_TRY(const Record record, or_unsaved(act(*device, officer)));
  TN_CHECK(device->sync());
  TN_TRY(const auto stored, device->replica().record(record.hash));
  const Ruling ruling = stored ? stored->evidence.ruling : Ruling{};
  std::cout << name(record.header.type) << " " << to_hex(record.hash) << ": "
            << name(ruling.verdict) << "\n";
  if (ruling.verdict != Verdict::effective) {
    return fail(ruling.reason.value_or(errc::step_out_of_order), "kept, but it does not count");
  }
  return {};
}

/// One decision for each held record of a dossier or a log, in the order in which they came.
Result<void> decide_all(Command& command, const std::string& dossier, const std::string& log,
                        body::Outcome outcome, const std::string& reason) {
  TN_TRY(const auto device, command.device());
  Officer officer(device->replica());
  TN_CHECK(device->sync());
  std::optional<Id> id;
  if (!dossier.empty()) {
    TN_TRY(id, device->find(dossier));
  }
  TN_TRY(const auto items, officer.work_items());
  std::vector<Record> decisions;
  for (const Officer::WorkItem& item : items) {
    const RecordHeader& h = item.record.header;
    if (id && h.subject != *id) continue;
    if (!log.empty() && (log.size() < 8 || !to_hex(h.log_id).starts_with(log))) continue;
    const auto decision = officer.adjudicate(item.record.hash, outcome, reason);
    std::cout << to_hex(item.record.hash) << " " << name(h.type) << ": ";
    if (decision) {
      decisions.push_back(*decision);
      std::cout << "đã ghi quyết định / decision written\n";
    } else {
      std::cout << message(decision.error().code, Language::vietnamese) << "\n";
    }
  }
  TN_CHECK(device->sync());
  std::size_t effective = 0;
  for (const Record& decision : decisions) {
    TN_TRY(const auto stored, device->replica().record(decision.hash));
    if (stored && stored->evidence.ruling.verdict == Verdict::effective) ++effective;
  }
  std::cout << effective << " / " << decisions.size()
            << " quyết định có hiệu lực / decisions are effective\n";
  return {};
}

/// Accepts what can be accepted of a bag, and says of the rest why not.
Result<void> accept_batch(Command& command, const std::string& offer_text) {
  TN_TRY(const auto device, command.device());
  TN_TRY(const Hash hash, find_record(*device, offer_text));
  TN_TRY(const auto offer, device->replica().record(hash));
  if (!offer) return fail(errc::store_not_found, "hand-over record");
  Officer officer(device->replica());
  std::vector<Record> decisions;
  for (const Id& id : body::dossiers(offer->evidence.record)) {
    const Result<Record> decision = officer.accept(id);
    if (decision) {
      decisions.push_back(*decision);
    } else {
      std::cout << short_id(id) << ": " << message(decision.error().code, Language::vietnamese)
                << "\n";
    }
  }
  TN_CHECK(device->sync());
  for (const Record& decision : decisions) {
    TN_TRY(const auto stored, device->replica().record(decision.hash));
    TN_TRY(const Dossier d, device->replica().dossier(decision.header.subject));
    const Ruling ruling = stored ? stored->evidence.ruling : Ruling{};
    std::cout << short_id(d.id) << ": " << name(ruling.verdict) << " " << d.dossier_code;
    if (ruling.reason) std::cout << " " << message(*ruling.reason, Language::vietnamese);
    std::cout << "\n";
  }
  return {};
}

}  // namespace

void add_office(CLI::App& app, Command& command) {
  auto* office = app.add_subcommand("office", "The officer at the one-stop desk");
  office->require_subcommand(1);
  command.add_data(office, "./tannha-office");
  struct Args {
    std::string dossier, text, offer, log;
    std::vector<std::string> items, dossiers;
    bool accept = false;
  };
  auto args = std::make_shared<Args>();

  auto* queue = office->add_subcommand("queue", "Dossiers of the unit, by deadline");
  command.on(queue, [&command]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const auto all, Officer(device->replica()).queue());
    for (const DossierSummary& d : all) {
      TN_TRY(const Dossier dossier, device->replica().dossier(d.id));
      print_line(dossier);
    }
    return {};
  });

  auto* take = office->add_subcommand("take-handover", "Countersign a counted bag");
  take->add_option("OFFER", args->offer, "Hash of the courier's hand-over record")->required();
  take->add_option("--missing", args->dossiers, "Dossiers whose envelope was not in the bag");
  take->add_flag("--accept", args->accept, "Accept each dossier whose data are here, too");
  command.on(take, [&command, args]() -> Result<void> {
    TN_CHECK(decide(command, [args](Device& device, Officer& officer) -> Result<Record> {
      TN_TRY(const Hash offer, find_record(device, args->offer));
      std::vector<Id> missing;
      for (const std::string& text : args->dossiers) {
        TN_TRY(missing.emplace_back(), device.find(text));
      }
      return officer.accept_handover(offer, missing);
    }));
    return args->accept ? accept_batch(command, args->offer) : Result<void>();
  });

  const auto on_dossier = [&](const char* name, const char* help, auto act) {
    auto* s = office->add_subcommand(name, help);
    s->add_option("DOSSIER", args->dossier)->required();
    command.on(s, [&command, args, act] {
      return decide(command, [args, act](Device& device, Officer& officer) -> Result<Record> {
        TN_TRY(const Id id, device.find(args->dossier));
        return act(officer, id, *args);
      });
    });
    return s;
  };
  on_dossier("accept", "Accept a complete dossier: the registry gives code and date",
             [](Officer& o, const Id& id, const Args&) { return o.accept(id); });
  auto* supplement = on_dossier(
      "supplement", "Ask for everything that is missing, once",
      [](Officer& o, const Id& id, const Args& a) { return o.request_supplement(id, a.items, a.text); });
  supplement->add_option("REASON", args->text)->required();
  supplement->add_option("--item", args->items, "What is missing; may be repeated")->required();
  on_dossier("refuse", "Refuse with a reason", [](Officer& o, const Id& id, const Args& a) {
    return o.refuse(id, a.text);
  })->add_option("REASON", args->text)->required();
  on_dossier("forward", "Pass to the next step", [](Officer& o, const Id& id, const Args& a) {
    return o.forward(id, a.text);
  })->add_option("STEP", args->text)->required();
  on_dossier("decide", "Record the result", [](Officer& o, const Id& id, const Args& a) {
    return o.finish(id, a.text);
  })->add_option("RESULT", args->text)->required();

  auto* work = office->add_subcommand("work", "Held records, and who has to decide about them");
  command.on(work, [&command]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const auto items, Officer(device->replica()).work_items());
    for (const Officer::WorkItem& item : items) {
      std::cout << to_hex(item.record.hash) << " " << name(item.record.header.type) << " "
                << short_id(item.record.header.subject) << " " << name(item.reason) << ": "
                << message(item.reason, Language::vietnamese);
      if (item.officers_needed > 0) {
        std::cout << " (" << item.officers_needed << " cán bộ / officers)";
      }
      std::cout << "\n";
    }
    TN_TRY(const std::vector<Dossier> all, device->replica().dossiers());
    for (const Dossier& d : all) {
      if (d.disputed.empty()) continue;
      print_line(d);
      print_dispute(d);
    }
    return {};
  });
  const auto on_held = [&](const char* name, const char* help, body::Outcome outcome) {
    auto* s = office->add_subcommand(name, help);
    s->add_option("RECORD", args->offer, "Hash of the held record, or its beginning")->required();
    s->add_option("REASON", args->text, "In words; with --dossier or --log all that is needed");
    s->add_option("--dossier", args->dossier, "In place of RECORD: all that is held of a dossier");
    s->add_option("--log", args->log, "In place of RECORD: all that is held of a log");
    command.on(s, [&command, args, outcome]() -> Result<void> {
      if (!args->dossier.empty() || !args->log.empty()) {
        // The only word is the reason then.
        if (!args->text.empty()) return fail(errc::argument_invalid, "RECORD, --dossier or --log");
        return decide_all(command, args->dossier, args->log, outcome, args->offer);
      }
      return decide(command, [args, outcome](Device& device, Officer& officer) -> Result<Record> {
        TN_TRY(const Hash held, find_record(device, args->offer));
        return officer.adjudicate(held, outcome, args->text);
      });
    });
  };
  on_held("count", "Let a held record count", body::Outcome::counts);
  on_held("reject", "Say that a held record does not count", body::Outcome::does_not_count);
  auto* resolve = office->add_subcommand("resolve", "Say which of two hand-overs stands");
  resolve->add_option("DOSSIER", args->dossier)->required();
  resolve->add_option("LINK", args->offer, "Hash of the hand-over that stands")->required();
  resolve->add_option("REASON", args->text)->required();
  command.on(resolve, [&command, args] {
    return decide(command, [args](Device& device, Officer& officer) -> Result<Record> {
      TN_TRY(const Id id, device.find(args->dossier));
      TN_TRY(const Hash link, find_record(device, args->offer));
      return officer.resolve_dispute(id, link, args->text);
    });
  });
  add_revoke(office, command);

  auto* back = office->add_subcommand("return", "Give results to their courier");
  back->add_option("DOSSIERS", args->dossiers)->required();
  command.on(back, [&command, args] {
    return decide(command, [args](Device& device, Officer& officer) -> Result<Record> {
      std::vector<Id> ids;
      for (const std::string& text : args->dossiers) {
        TN_TRY(ids.emplace_back(), device.find(text));
      }
      return officer.offer_return(ids);
    });
  });
  add_sync(office, command);
  add_status(office, command);
  add_note(office, command);
  add_bundles(office, command);
  add_parcels(office, command);
}

}  // namespace tannha::tools
