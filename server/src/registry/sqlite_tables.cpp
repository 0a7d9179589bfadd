// The registry's smaller tables: feeds, numbers, attachments, tickets.

#include "sqlite_rows.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/server/sqlite_registry.hpp"

namespace tannha::server {

using sqlite::arg;
using sqlite::collect;
using sqlite::first_of;
using sqlite::Row;

Result<Evidence> read_evidence(Row row) {
  auto record = decode_record(row.bytes(0), row.bytes(1));
  if (!record) return fail(record.error().code, "leaf " + std::to_string(row.number(5)));
  Evidence e;
  e.record = std::move(*record);
  e.author = row.array<Id>(2);
  e.ruling.verdict = static_cast<Verdict>(row.number(3));
  if (!row.is_null(4)) e.ruling.reason = static_cast<errc>(row.number(4));
  e.leaf_index = row.number(5);
  e.received_ms = row.number(6);
  return e;
}

Result<LogEntry> read_log(Row row) {
  LogEntry log;
  log.id = row.array<Hash>(0);
  TN_TRY(log.intro, fields::decode<LogIntro>(row.bytes(1), errc::store_corrupt));
  TN_TRY(log.certificate, read_certificate(log.intro.certificate));
  log.next_seq = row.number(2);
  log.head = row.array<Hash>(3);
  return log;
}

// Feeds

Result<void> SqliteRegistry::add_audience(const Id& dossier, std::string_view audience) {
  TN_CHECK(db_.run("INSERT OR IGNORE INTO audience VALUES(?,?)",
                   {arg(BytesView(dossier)), arg(audience)}));
  if (db_.changes() == 0) return {};
  return db_.run(
      "INSERT INTO feed(audience, leaf) "
      "SELECT ?, leaf FROM dossier_record WHERE dossier=? ORDER BY leaf",
      {arg(audience), arg(BytesView(dossier))});
}

Result<std::vector<std::string>> SqliteRegistry::audiences(const Id& dossier) {
  return collect<std::string>(db_, "SELECT audience FROM audience WHERE dossier=?",
                              {arg(BytesView(dossier))},
                              [](Row row) -> Result<std::string> { return row.text(0); });
}

Result<std::uint64_t> SqliteRegistry::feed(std::string_view audience, const Hash& record) {
  TN_CHECK(db_.run("INSERT INTO feed(audience, leaf) SELECT ?, leaf FROM record WHERE hash=?",
                   {arg(audience), arg(BytesView(record))}));
  return db_.last_row_id();
}

Result<std::vector<FeedItem>> SqliteRegistry::read_feed(std::string_view audience,
                                                        std::uint64_t after,
                                                        std::size_t count_max) {
  return collect<FeedItem>(
      db_,
      "SELECT r.envelope, r.body, r.author, r.verdict, r.reason, r.leaf, r.received_ms, f.position "
      "FROM feed f JOIN record r ON r.leaf=f.leaf WHERE f.audience=? AND f.position>? "
      "ORDER BY f.position LIMIT ?",
      {arg(audience), arg(after), arg(std::uint64_t{count_max})}, [](Row row) -> Result<FeedItem> {
        TN_TRY(Evidence evidence, read_evidence(row));
        return FeedItem{row.number(7), std::move(evidence)};
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

// Attachments

Result<void> SqliteRegistry::want_attachment(const body::AttachmentAdded& attachment,
                                             const Id& dossier, const Hash& log) {
  TN_CHECK(db_.run("INSERT OR IGNORE INTO attachment(hash,size,media_type,log) VALUES(?,?,?,?)",
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
