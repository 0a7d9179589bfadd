// A phone's side of synchronising: sessions of exchanges over a link that may do anything.

#include <algorithm>
#include <utility>

#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/fields.hpp"
#include "tools/simulate/lying_server.hpp"
#include "tools/simulate/phone.hpp"

namespace tannha::simulate {
namespace {

constexpr std::uint32_t exchanges_max = 60;
constexpr Ms patience = 30 * second;

Bytes as_message(const Result<Bytes>& reply) {
  Bytes message = reply ? *reply : fields::encode(exchange::make_refusal(reply.error().code));
  message.insert(message.begin(), reply ? answer_mark : refusal_mark);
  return message;
}

}  // namespace

void Phone::note_carried(const std::vector<Record>& records) {
  for (const Record& record : records) carried_.insert(record.hash);
}

void Phone::sync_until(Ms end, Ms mean_interval) {
  sync_end_ = end;
  world_.clock.in(rng_.waiting_ms(mean_interval), [this, end, mean_interval] {
    if (world_.clock.now() >= end || world_.healed) return;
    start_session();
    sync_until(end, mean_interval);
  });
}

void Phone::start_session() {
  if (!is_open() || log_id_ == Hash{} || session_.waiting) return;
  if (world_.clock.now() < away_until_) return;
  if (world_.has(Canary::forget_while_unsent)) clean_up();
  const auto retried = act("synchronises", [](Replica& r) { return r.store().retry_rejected(); });
  if (!retried || !is_open()) return;
  session_ = {};
  send_request();
}

// The bug: cleaning up asks whether the dossier is old, not whether the registry has it.
void Phone::clean_up() {
  if (!rng_.chance(0.05)) return;
  auto& db = replica_->store().database();
  (void)db.exec("PRAGMA foreign_keys=OFF").has_value();
  (void)db.exec("DELETE FROM record WHERE receipt IS NULL AND origin=0").has_value();
  (void)db.exec("PRAGMA foreign_keys=ON").has_value();
}

void Phone::send_request() {
  static constexpr std::uint32_t pull_sizes[] = {200, 200, 50, 10, 3, 0};
  const std::uint32_t pull_max = world_.healed ? 200 : pull_sizes[rng_.below(6)];
  const auto request = act("asks", [&](Replica& r) { return r.next_request(pull_max); });
  if (!request || !is_open()) return;
  const std::uint64_t number = next_number_++;
  session_.number = number;
  session_.waiting = true;
  session_.crossed = false;
  session_.cursor = request->cursor;
  ++session_.exchanges;
  ++exchanges_;
  world_.say(machine_, [&] {
    return "sends " + std::to_string(request->records.size()) + " records, cursor " +
           std::to_string(request->cursor);
  });
  send_to_server(number, exchange::encode_compact(*request));
  world_.clock.in(patience, [this, number] { timed_out(number); });
}

void Phone::send_to_server(std::uint64_t number, Bytes frame) {
  network_.send(link_, Way::to_server, std::move(frame), [this, number](const Bytes& arrived) {
    server_.exchange(log_id_, arrived, [this, number](const Result<Bytes>& reply) {
      Bytes message = as_message(reply);
      Tampering tampering;
      if (reply && !disk_lies_) {
        const bool keep = old_answer_.empty();
        if (auto spoiled =
                spoil(message, newest_checkpoint_, old_answer_, server_.actor(), world_, rng_)) {
          message = std::move(spoiled->message);
          tampering = std::move(spoiled->tampering);
          tampering.known = newest_checkpoint_.size;
        } else if (keep) {
          old_answer_ = message;
        }
      }
      network_.send(link_, Way::to_phone, std::move(message),
                    [this, number, tampering](const Bytes& answer) {
                      take_answer(number, answer, tampering);
                    });
    });
  });
}

void Phone::timed_out(std::uint64_t number) {
  if (!session_.waiting || session_.number != number) return;
  session_.waiting = false;
  answer_was_lost_ = true;
  world_.say(machine_, [] { return std::string("waited in vain"); });
}

void Phone::take_answer(std::uint64_t number, const Bytes& message, const Tampering& tampering) {
  // A phone that was set back since has to believe what it can no longer know to be a lie.
  if (tampering.fault && newest_checkpoint_.size < tampering.known) return;
  if (!is_open()) return;
  const bool current = session_.waiting && session_.number == number;
  if (!current) {
    // A client that is well made drops it; one that is not may hand it on, and nothing must break.
    if (!rng_.chance(world_.plan.rate(Fault::late_response))) return;
    world_.struck(Fault::late_response);
  } else {
    session_.waiting = false;
  }
  const BytesView content = BytesView(message).subspan(1);
  if (message.front() == refusal_mark) {
    const auto refusal = exchange::decode<exchange::Refusal>(content);
    if (refusal) take_refusal(current, static_cast<errc>(refusal->code));
    return;
  }
  auto response = exchange::decode<exchange::Response>(content);
  if (!response) {
    world_.checks.broken("protocol", machine_ + ": an answer cannot be read");
    return;
  }
  if (tampering.fault) world_.struck(*tampering.fault);
  take_response(current, std::move(*response), tampering);
}

void Phone::take_refusal(bool current, errc code) {
  world_.say(machine_, [&] { return "is refused: " + std::string(name(code)); });
  // The store's trouble is the registry's own and passes. Anything else is an honest phone turned
  // away.
  if (current && !is_store_error(code) && !disk_lies_) {
    world_.checks.broken("honest_phone_is_heard",
                         machine_ + ": its request was refused, " + std::string(name(code)));
  }
}

void Phone::take_response(bool current, exchange::Response response, const Tampering& tampering) {
  if (world_.has(Canary::cursor_skips_on_reconnect) && answer_was_lost_ && !response.feed.empty()) {
    // The bug: it remembers what it asked for last and takes that as read.
    response.feed.erase(response.feed.begin());
    if (response.feed.empty()) {
      (void)replica_->store().set_number("feed_cursor", response.cursor).has_value();
    }
  }
  if (world_.has(Canary::accept_rolled_back_server)) {
    // The bug: what the registry says now is believed, whatever it said before.
    (void)replica_->store().set_number("journal_size", 0).has_value();
  }
  const std::uint64_t life = life_;
  const auto report = act("reads the answer", [&](Replica& r) { return r.receive(response); });
  if (!report) {
    if (is_store_error(report.error().code) || is_store_error(unlock_failed_) || !is_open()) return;
    // One that has erased itself knows nobody any more.
    const auto now = replica_->condition();
    if (now && now->erased) return;
    return judge_refusal(current, report.error(), tampering);
  }
  if (!is_open() || life != life_) return;
  check_taken(response, tampering);
  if (current) {
    answer_was_lost_ = false;
    go_on(response, *report);
  } else {
    session_.crossed = session_.waiting;
  }
}

void Phone::judge_refusal(bool current, const Error& error, const Tampering& tampering) {
  if (disk_lies_) return;
  // Two answers that crossed: the older one's proof does not fit what is known by now.
  std::vector<errc> expected = tampering.expected;
  if (!current || tampering.fault) expected.push_back(errc::checkpoint_inconsistent);
  if (session_.crossed) expected.push_back(errc::checkpoint_inconsistent);
  if (!current) expected.push_back(errc::server_reply_malformed);
  world_.checks.require(std::ranges::find(expected, error.code) != expected.end(),
                        tampering.fault ? "lying_server_is_refused" : "honest_server_is_believed",
                        machine_ + ": an answer was refused with " + std::string(name(error.code)) +
                            " [" + error.detail + "]");
}

void Phone::check_taken(const exchange::Response& response, const Tampering& tampering) {
  if (disk_lies_) return;
  world_.checks.require(!tampering.fault || tampering.may_be_taken, "lying_server_is_refused",
                        machine_ + ": believed a registry that " +
                            std::string(tampering.fault ? name(*tampering.fault) : "lied"));
  const auto in_journal = [&](const Hash& record, std::uint64_t leaf) {
    const Fact* there = world_.journal.find(record);
    world_.checks.require(there && there->leaf == leaf, "receipts_in_journal",
                          machine_ + ": a receipt for " + brief(record) +
                              ", which is not in the journal at that place");
  };
  for (const exchange::Answer& a : response.answers) {
    if (a.leaf_index) in_journal(a.record, *a.leaf_index);
  }
  for (const exchange::FeedEntry& e : response.feed) {
    if (!e.forget) in_journal(e.record, e.leaf_index);
  }
  const auto now = replica_->checkpoint();
  // One that has erased itself knows no journal any more.
  if (!now || !replica_->identity()) return;
  world_.checks.require(now->size >= newest_checkpoint_.size, "checkpoint_monotone",
                        machine_ + ": its journal shrank");
  world_.checks.require(
      now->size <= world_.journal.size() && now->root == world_.journal.root(now->size),
      "checkpoint_consistent", machine_ + ": its journal is another one");
  newest_checkpoint_ = *now;
}

void Phone::go_on(const exchange::Response& response, const Replica::SyncReport& report) {
  world_.say(machine_, [&] {
    std::string line = std::to_string(report.received) + " are received, " +
                       std::to_string(report.pulled) + " came";
    const auto now = replica_->condition();
    if (now && now->continuing) line += ", wants another log";
    if (now && now->stranded) line += ", stranded";
    if (now && now->revoked) line += ", revoked";
    if (!report.moved) line += ", nothing has moved";
    return line + (report.more ? ", there is more" : "");
  });
  const bool moved = report.moved;
  // A store that was damaged may tell itself the same news for ever.
  if (moved && !disk_lies_) ++moves_;
  if (report.more && moved && session_.exchanges < exchanges_max) return send_request();
  if (report.more && !moved && world_.healed && !disk_lies_) {
    world_.checks.broken("liveness", machine_ + ": an exchange moves nothing and is not the last");
  }
  upload(response.wanted);
}

void Phone::upload(std::vector<Hash> wanted) {
  const auto pending = replica_->store().pending_attachments();
  if (!pending) return;
  // Whoever still holds a file sends it: the registry may have asked another phone for it.
  for (const auto& file : *pending) {
    if (std::ranges::find(wanted, file.hash) == wanted.end()) wanted.push_back(file.hash);
  }
  for (const Hash& hash : wanted) {
    auto bytes =
        act("sends file " + brief(hash), [&](Replica& r) { return r.store().attachment(hash); });
    if (!is_open()) return;
    if (!bytes || !*bytes) continue;
    if (rng_.chance(world_.plan.rate(Fault::upload_cut))) {
      world_.struck(Fault::upload_cut);
      continue;
    }
    network_.send(link_, Way::to_server, std::move(**bytes), [this, hash](const Bytes& arrived) {
      server_.upload(hash, arrived, [this, hash](const Result<Bytes>& stored) {
        if (!stored) return;
        network_.send(link_, Way::to_phone, Bytes{answer_mark}, [this, hash](const Bytes&) {
          if (!is_open()) return;
          (void)act("file " + brief(hash) + " has arrived", [&](Replica& r) {
            return r.store().attachment_stored(hash);
          }).has_value();
        });
      });
    });
  }
}

}  // namespace tannha::simulate
