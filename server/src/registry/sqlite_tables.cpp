// The registry's smaller tables: feeds, numbers, attachments, tickets.

#include "registry_rows.hpp"
#include "tannha/engine/numbers.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/server/sqlite_registry.hpp"

namespace tannha::server {

using sqlite::arg;
using sqlite::collect;
using sqlite::first_of;
using sqlite::Row;

// Feeds

Result<void> SqliteRegistry::add_audience(const Id& dossier, std::string_view audience) {
  TN_CHECK(db_.run("INSERT OR IGNORE INTO audience(dossier, audience) VALUES(?,?)",
                   {arg(BytesView(dossier)), arg(audience)}));
  if (db_.changes() == 0) return {};
  TN_TRY(const std::vector<std::uint64_t> leaves,
         collect<std::uint64_t>(db_, "SELECT leaf FROM dossier_record WHERE dossier=? ORDER BY leaf",
                                {arg(BytesView(dossier))},
                                [](Row row) -> Result<std::uint64_t> { return row.number(0); }));
  for (const std::uint64_t leaf : leaves) TN_CHECK(feed_leaf(audience, leaf, true));
  return {};
}

Result<std::vector<std::string>> SqliteRegistry::audiences(const Id& dossier) {
  return collect<std::string>(db_, "SELECT audience FROM audience WHERE dossier=?",
                              {arg(BytesView(dossier))},
                              [](Row row) -> Result<std::string> { return row.text(0); });
}

Result<std::uint64_t> SqliteRegistry::feed(std::string_view audience, const Hash& record) {
  if (newest_ && newest_->first == record) return feed_leaf(audience, newest_->second, false);
  TN_TRY(const auto leaf, by_hash_.leaf_of(record));
  if (!leaf) return fail(errc::store_corrupt, "feed");
  return feed_leaf(audience, *leaf, false);
}

Result<SqliteRegistry::Feed*> SqliteRegistry::feed_of(std::string_view audience) {
  const auto known = feeds_.find(audience);
  if (known != feeds_.end() && writes_) return &known->second;
  TN_TRY(const auto end, db_.one("SELECT position+count-1 FROM feed WHERE audience=? "
                                 "ORDER BY position DESC LIMIT 1",
                                 {arg(audience)}, [](Row row) { return row.number(0); }));
  if (feeds_.size() >= feeds_kept_max) {
    TN_CHECK(write_runs());
    feeds_.clear();
  }
  return &feeds_.insert_or_assign(std::string(audience), Feed{.end = end.value_or(0), .run = {}})
              .first->second;
}

Result<std::uint64_t> SqliteRegistry::feed_leaf(std::string_view audience, std::uint64_t leaf,
                                                bool history) {
  TN_TRY(Feed * const feed, feed_of(audience));
  ++feed_writes_;
  const std::uint64_t position = ++feed->end;
  Run& run = feed->run;
  if (run.count > 0 && run.leaf + run.count == leaf && run.history == history) {
    ++run.count;
    return position;
  }
  if (run.count == 0) {
    fed_.emplace_back(audience);
  } else {
    TN_CHECK(write_run(audience, run));
  }
  run = {.position = position, .count = 1, .leaf = leaf, .history = history};
  return position;
}

Result<void> SqliteRegistry::write_run(std::string_view audience, const Run& run) {
  return db_.run("INSERT INTO feed(audience, position, count, leaf, history) VALUES(?,?,?,?,?)",
                 {arg(audience), arg(run.position), arg(run.count), arg(run.leaf),
                  arg(std::uint64_t{run.history})});
}

Result<void> SqliteRegistry::write_runs() {
  for (const std::string& audience : fed_) {
    Run& run = feeds_.find(audience)->second.run;
    TN_CHECK(write_run(audience, run));
    run = {};
  }
  fed_.clear();
  return {};
}

Result<std::vector<FeedItem>> SqliteRegistry::read_feed(std::string_view audience,
                                                        std::uint64_t after,
                                                        std::size_t count_max) {
  static const std::string sql = std::string(feed_rows) + "ORDER BY f.position, r.leaf LIMIT $3";
  TN_CHECK(write_runs());
  return collect<FeedItem>(db_, sql.c_str(),
                           {arg(audience), arg(after), arg(std::uint64_t{count_max})},
                           read_item<Row>);
}

Result<std::vector<FeedItem>> SqliteRegistry::read_feed_rest(std::string_view audience,
                                                             std::uint64_t after,
                                                             std::uint64_t until,
                                                             std::size_t count_max) {
  static const std::string sql =
      std::string(feed_rows) +
      "AND f.position+coalesce(r.leaf-f.leaf,0)<=$3 AND NOT EXISTS"
      "(SELECT 1 FROM dossier_record d WHERE d.leaf=r.leaf AND (f.audience NOT LIKE 'unit:%' OR "
      "EXISTS(SELECT 1 FROM audience a WHERE a.dossier=d.dossier AND a.audience=f.audience))) "
      "AND NOT EXISTS(SELECT 1 FROM audience a WHERE a.dossier=f.forget AND a.audience=f.audience) "
      "ORDER BY f.position, r.leaf LIMIT $4";
  TN_CHECK(write_runs());
  return collect<FeedItem>(
      db_, sql.c_str(), {arg(audience), arg(after), arg(until), arg(std::uint64_t{count_max})},
      read_item<Row>);
}

Result<void> SqliteRegistry::remove_audience(const Id& dossier, std::string_view audience) {
  TN_CHECK(db_.run("DELETE FROM audience WHERE dossier=? AND audience=?",
                   {arg(BytesView(dossier)), arg(audience)}));
  if (db_.changes() == 0) return {};
  TN_CHECK(write_runs());
  TN_TRY(Feed * const feed, feed_of(audience));
  return db_.run("INSERT INTO feed(audience, position, forget) VALUES(?,?,?)",
                 {arg(audience), arg(++feed->end), arg(BytesView(dossier))});
}
Result<void> SqliteRegistry::note_forgotten(const Hash& log, const Id& dossier,
                                            std::uint64_t at_ms) {
  return db_.run("INSERT OR REPLACE INTO forgotten VALUES(?,?,?)",
                 {arg(BytesView(log)), arg(BytesView(dossier)), arg(at_ms)});
}
Result<std::uint64_t> SqliteRegistry::feed_end(std::string_view audience) {
  TN_TRY(const Feed* const feed, feed_of(audience));
  return feed->end;
}
Result<std::vector<AudienceItem>> SqliteRegistry::audience_before(std::string_view audience,
                                                                  std::uint64_t place,
                                                                  std::size_t count_max) {
  return collect<AudienceItem>(
      db_,
      "SELECT place, dossier FROM audience WHERE audience=? AND place<? "
      "ORDER BY place DESC LIMIT ?",
      {arg(audience), arg(place), arg(std::uint64_t{count_max})},
      [](Row row) -> Result<AudienceItem> {
        return AudienceItem{row.number(0), row.array<Id>(1)};
      });
}

// Numbers

Result<std::uint64_t> SqliteRegistry::take_numbers(std::string_view sequence, std::uint32_t count) {
  TN_CHECK(db_.run(
      "INSERT INTO sequence VALUES(?1, 1+?2) ON CONFLICT(name) DO UPDATE SET next=next+?2",
      {arg(sequence), arg(std::uint64_t{count})}));
  TN_TRY(const auto next, db_.one("SELECT next FROM sequence WHERE name=?", {arg(sequence)},
                                  [](Row row) { return row.number(0); }));
  if (!next) return fail(errc::store_corrupt, "sequence");
  return *next - count;
}

Result<void> SqliteRegistry::put_lease(const body::LeaseGranted& lease,
                                       std::uint64_t feed_position) {
  return db_.run("INSERT INTO lease VALUES(?,?,?,?,?,?)",
                 {arg(static_cast<std::uint64_t>(lease.kind)), arg(std::string_view(lease.prefix)),
                  arg(std::uint64_t{lease.first}), arg(std::uint64_t{lease.count}),
                  arg(BytesView(lease.log_id)), arg(feed_position)});
}

Result<std::uint64_t> SqliteRegistry::newest_lease(const Hash& log, body::NumberKind kind) {
  TN_TRY(const auto newest,
         db_.one("SELECT ifnull(max(feed_position),0) FROM lease WHERE log=? AND kind=?",
                 {arg(BytesView(log)), arg(static_cast<std::uint64_t>(kind))},
                 [](Row row) { return row.number(0); }));
  return newest.value_or(0);
}

Result<bool> SqliteRegistry::is_leased(const Hash& log, body::NumberKind kind,
                                       std::string_view prefix, std::uint32_t number) {
  TN_TRY(const auto found,
         db_.one("SELECT log=? AND ?<first+count FROM lease WHERE kind=? AND prefix=? AND first<=? "
                 "ORDER BY first DESC LIMIT 1",
                 {arg(BytesView(log)), arg(std::uint64_t{number}),
                  arg(static_cast<std::uint64_t>(kind)), arg(prefix), arg(std::uint64_t{number})},
                 [](Row row) { return row.number(0) == 1; }));
  return found.value_or(false);
}

Result<std::optional<Id>> SqliteRegistry::number_user(std::string_view number) {
  return db_.one("SELECT dossier FROM number WHERE number=?", {arg(number)},
                 [](Row row) { return row.array<Id>(0); });
}
Result<void> SqliteRegistry::use_number(body::NumberKind kind, std::string_view number,
                                        const Id& dossier, const Hash& log) {
  return db_.run("INSERT OR IGNORE INTO number VALUES(?,?,?,?)",
                 {arg(number), arg(static_cast<std::uint64_t>(kind)), arg(BytesView(dossier)),
                  arg(BytesView(log))});
}
Result<std::uint64_t> SqliteRegistry::unused_numbers(const Hash& log, body::NumberKind kind) {
  TN_TRY(const auto unused,
         db_.one("SELECT (SELECT ifnull(sum(count),0) FROM lease WHERE log=?1 AND kind=?2) - "
                 "(SELECT count(*) FROM number WHERE log=?1 AND kind=?2)",
                 {arg(BytesView(log)), arg(static_cast<std::uint64_t>(kind))},
                 [](Row row) { return row.number(0); }));
  return unused.value_or(0);
}

Result<bool> SqliteRegistry::may_return(const Hash& log, const body::LeaseReturned& rest) {
  const auto kind = static_cast<std::uint64_t>(rest.kind);
  const std::uint64_t end = std::uint64_t{rest.first} + rest.count;
  TN_TRY(const auto is_tail,
         db_.one("SELECT 1 FROM lease WHERE kind=? AND prefix=? AND first<=? AND first+count=? "
                 "AND log=?",
                 {arg(kind), arg(std::string_view(rest.prefix)), arg(std::uint64_t{rest.first}),
                  arg(end), arg(BytesView(log))},
                 [](Row) { return true; }));
  if (!is_tail || rest.count == 0) return false;
  for (std::uint32_t n = rest.first; n < end; ++n) {
    TN_TRY(const auto user, number_user(format_number(rest.kind, rest.prefix, n)));
    if (user) return false;
  }
  return true;
}
Result<void> SqliteRegistry::return_lease(const Hash& log, const body::LeaseReturned& rest) {
  const auto kind = static_cast<std::uint64_t>(rest.kind);
  TN_CHECK(db_.run("UPDATE lease SET count=?-first WHERE kind=? AND prefix=? AND first<=? AND "
                   "first+count=? AND log=?",
                   {arg(std::uint64_t{rest.first}), arg(kind), arg(std::string_view(rest.prefix)),
                    arg(std::uint64_t{rest.first}), arg(std::uint64_t{rest.first} + rest.count),
                    arg(BytesView(log))}));
  // A lease of which nothing is left would stand in the way of the next one of its first number.
  TN_CHECK(db_.run("DELETE FROM lease WHERE kind=? AND prefix=? AND count=0",
                   {arg(kind), arg(std::string_view(rest.prefix))}));
  return db_.run("INSERT INTO returned VALUES(?,?,?,?)",
                 {arg(kind), arg(std::string_view(rest.prefix)), arg(std::uint64_t{rest.first}),
                  arg(std::uint64_t{rest.count})});
}
Result<std::optional<body::LeaseReturned>> SqliteRegistry::take_returned(body::NumberKind kind,
                                                                         std::string_view prefix,
                                                                         std::uint32_t count_max) {
  const auto kind_number = static_cast<std::uint64_t>(kind);
  TN_TRY(auto rest, db_.one("SELECT first, count FROM returned WHERE kind=? AND prefix=? "
                            "ORDER BY first LIMIT 1",
                            {arg(kind_number), arg(prefix)}, [&](Row row) {
                              return body::LeaseReturned{
                                  kind, std::string(prefix),
                                  static_cast<std::uint32_t>(row.number(0)),
                                  static_cast<std::uint32_t>(row.number(1))};
                            }));
  if (!rest) return rest;
  TN_CHECK(db_.run("DELETE FROM returned WHERE kind=? AND prefix=? AND first=?",
                   {arg(kind_number), arg(prefix), arg(std::uint64_t{rest->first})}));
  if (rest->count > count_max) {
    TN_CHECK(db_.run("INSERT INTO returned VALUES(?,?,?,?)",
                     {arg(kind_number), arg(prefix), arg(std::uint64_t{rest->first} + count_max),
                      arg(std::uint64_t{rest->count - count_max})}));
    rest->count = count_max;
  }
  return rest;
}

// Payouts

Result<void> SqliteRegistry::put_payout(const Id& payout, const Id& courier) {
  return db_.run("INSERT OR REPLACE INTO payout(id, courier) VALUES(?,?)",
                 {arg(BytesView(payout)), arg(BytesView(courier))});
}
Result<std::vector<Id>> SqliteRegistry::unleased_payouts(const Id& courier,
                                                         std::size_t count_max) {
  return collect<Id>(db_, "SELECT id FROM payout WHERE courier=? AND leased=0 ORDER BY id LIMIT ?",
                     {arg(BytesView(courier)), arg(std::uint64_t{count_max})},
                     [](Row row) -> Result<Id> { return row.array<Id>(0); });
}
Result<std::vector<Id>> SqliteRegistry::leased_payouts(const Id& courier) {
  return collect<Id>(db_, "SELECT id FROM payout WHERE courier=? AND leased=1 ORDER BY id",
                     {arg(BytesView(courier))},
                     [](Row row) -> Result<Id> { return row.array<Id>(0); });
}
Result<void> SqliteRegistry::payout_leased(const Id& payout) {
  return db_.run("UPDATE payout SET leased=1 WHERE id=?", {arg(BytesView(payout))});
}

// Attachments

Result<void> SqliteRegistry::want_attachment(const body::AttachmentAdded& attachment,
                                             const Id& dossier, const Hash& log) {
  TN_CHECK(db_.run("INSERT INTO attachment(hash,size,media_type,log) VALUES(?,?,?,?) "
                   "ON CONFLICT(hash) DO UPDATE SET size=excluded.size, "
                   "media_type=excluded.media_type WHERE present=0",
                   {arg(BytesView(attachment.hash)), arg(attachment.size),
                    arg(std::string_view(attachment.media_type)), arg(BytesView(log))}));
  return db_.run("INSERT OR IGNORE INTO attachment_dossier VALUES(?,?)",
                 {arg(BytesView(attachment.hash)), arg(BytesView(dossier))});
}

Result<std::optional<Registry::Attachment>> SqliteRegistry::attachment(const Hash& hash) {
  return db_.one("SELECT size, media_type, present FROM attachment WHERE hash=?",
                 {arg(BytesView(hash))}, [](Row row) {
                   return Attachment{row.number(0), row.text(1), row.number(2) != 0};
                 });
}
Result<void> SqliteRegistry::attachment_arrived(const Hash& hash) {
  return db_.run("UPDATE attachment SET present=1 WHERE hash=?", {arg(BytesView(hash))});
}
Result<std::vector<Hash>> SqliteRegistry::wanted_attachments(const Hash& log,
                                                             std::size_t count_max) {
  return collect<Hash>(db_, "SELECT hash FROM attachment WHERE log=? AND present=0 LIMIT ?",
                       {arg(BytesView(log)), arg(std::uint64_t{count_max})},
                       [](Row row) -> Result<Hash> { return row.array<Hash>(0); });
}
Result<bool> SqliteRegistry::attachment_in_audience(const Hash& hash, std::string_view audience) {
  TN_TRY(const auto found,
         db_.one("SELECT 1 FROM attachment_dossier d JOIN audience a ON a.dossier=d.dossier "
                 "WHERE d.hash=? AND a.audience=? LIMIT 1",
                 {arg(BytesView(hash)), arg(audience)}, [](Row) { return true; }));
  return found.value_or(false);
}
Result<std::vector<std::pair<Hash, Registry::Attachment>>> SqliteRegistry::all_attachments() {
  using Item = std::pair<Hash, Attachment>;
  return collect<Item>(db_, "SELECT hash, size, media_type, present FROM attachment", {},
                       [](Row row) -> Result<Item> {
                         return Item{row.array<Hash>(0),
                                     {row.number(1), row.text(2), row.number(3) != 0}};
                       });
}

// Text messages. A store of an older program gets its table with the first of them: a disk that is
// full by then keeps nobody from opening it.

Result<bool> SqliteRegistry::want_code_message(const Hash& sent_on, std::uint64_t now_ms) {
  TN_CHECK(db_.exec(code_message_table));
  TN_CHECK(db_.run("INSERT OR IGNORE INTO code_message(record, wanted_ms) VALUES(?,?)",
                   {arg(BytesView(sent_on)), arg(now_ms)}));
  return db_.changes() == 1;
}
Result<std::vector<Hash>> SqliteRegistry::wanted_code_messages(std::uint64_t before_ms,
                                                               std::uint64_t now_ms,
                                                               std::size_t count_max) {
  TN_CHECK(db_.exec(code_message_table));
  TN_TRY(const std::vector<Hash> wanted,
         collect<Hash>(db_,
                       "SELECT record FROM code_message WHERE kept=0 AND wanted_ms<? "
                       "ORDER BY wanted_ms, record LIMIT ?",
                       {arg(before_ms), arg(std::uint64_t{count_max})},
                       [](Row row) -> Result<Hash> { return row.array<Hash>(0); }));
  for (const Hash& sent_on : wanted) {
    TN_CHECK(db_.run("UPDATE code_message SET wanted_ms=? WHERE record=?",
                     {arg(now_ms), arg(BytesView(sent_on))}));
  }
  return wanted;
}
Result<void> SqliteRegistry::drop_code_message(const Hash& sent_on) {
  return db_.run("DELETE FROM code_message WHERE record=? AND kept=0", {arg(BytesView(sent_on))});
}
Result<void> SqliteRegistry::code_message_kept(const Hash& sent_on) {
  return db_.run("UPDATE code_message SET kept=1 WHERE record=?", {arg(BytesView(sent_on))});
}

// Tickets

Result<void> SqliteRegistry::put_ticket(const Ticket& ticket) {
  return db_.run("INSERT INTO ticket(token_hash,request,actor,expires_ms) VALUES(?,?,?,?)",
                 {arg(BytesView(ticket.token_hash)), arg(BytesView(fields::encode(ticket.grant))),
                  arg(BytesView(ticket.actor)), arg(ticket.expires_ms)});
}
Result<std::optional<Ticket>> SqliteRegistry::ticket(const Hash& token_hash) {
  TN_TRY(auto tickets,
         collect<Ticket>(
             db_, "SELECT request, actor, expires_ms, used_by FROM ticket WHERE token_hash=?",
             {arg(BytesView(token_hash))}, [&](Row row) -> Result<Ticket> {
               Ticket ticket;
               ticket.token_hash = token_hash;
               TN_TRY(ticket.grant, fields::decode<exchange::TicketRequest>(row.bytes(0),
                                                                            errc::store_corrupt));
               ticket.actor = row.array<Id>(1);
               ticket.expires_ms = row.number(2);
               if (!row.is_null(3)) ticket.used_by = row.array<Hash>(3);
               return ticket;
             }));
  return first_of(std::move(tickets));
}
Result<void> SqliteRegistry::use_ticket(const Hash& token_hash, const Hash& log) {
  return db_.run("UPDATE ticket SET used_by=? WHERE token_hash=?",
                 {arg(BytesView(log)), arg(BytesView(token_hash))});
}

}  // namespace tannha::server
