// The PostgreSQL registry's smaller tables: held records, feeds, attachments, tickets.

#include "postgres.hpp"
#include "registry_rows.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/postgres_registry.hpp"

namespace tannha::server {

using postgres::arg;
using postgres::collect;
using postgres::Connection;
using postgres::limit;
using postgres::Row;

namespace {

Result<Hash> read_hash(Row row) { return row.array<Hash>(0); }
Result<Id> read_id(Row row) { return row.array<Id>(0); }
std::uint64_t read_number(Row row) { return row.number(0); }

}  // namespace

// Held records

Result<void> PostgresRegistry::wait_for(const Hash& missing, const Hash& waiting) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO waiting VALUES($1,$2) ON CONFLICT DO NOTHING",
                  {arg(BytesView(missing)), arg(BytesView(waiting))});
}

Result<bool> PostgresRegistry::is_any_waiting() {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto any,
         db->one("SELECT EXISTS(SELECT 1 FROM waiting)::int::bigint", {}, read_number));
  return any == 1U;
}

Result<void> PostgresRegistry::make_due(const Hash& arrived) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO due(place, missing, after) "
                  "SELECT coalesce((SELECT max(place) FROM due),0)+1, $1::bytea, ''::bytea "
                  "WHERE EXISTS(SELECT 1 FROM waiting WHERE missing=$1::bytea) "
                  "ON CONFLICT(missing) DO UPDATE SET place=excluded.place, after=excluded.after",
                  {arg(BytesView(arrived))});
}

// They are passed in the order of their hashes and never backwards, so that what begins to wait
// again while it is looked at cannot keep this going for ever.
Result<std::vector<Hash>> PostgresRegistry::take_due(std::size_t count_max) {
  struct Due {
    std::uint64_t place{};
    Hash missing{};
    Bytes after;
  };
  TN_TRY(Connection * db, writer());
  std::vector<Hash> taken;
  while (taken.empty() && count_max > 0) {
    TN_TRY(const auto due,
           db->one("SELECT place, missing, after FROM due ORDER BY place LIMIT 1", {},
                   [](Row row) {
                     return Due{row.number(0), row.array<Hash>(1), to_bytes(row.bytes(2))};
                   }));
    if (!due) break;
    const postgres::Arg missing = arg(BytesView(due->missing));
    const postgres::Arg after = arg(BytesView(due->after));
    TN_TRY(taken, collect<Hash>(*db,
                                "SELECT waiting FROM waiting WHERE missing=$1 AND waiting>$2 "
                                "ORDER BY waiting LIMIT $3",
                                {missing, after, limit(count_max)}, read_hash));
    if (taken.size() < count_max) {
      TN_CHECK(db->post("DELETE FROM due WHERE place=$1", {arg(due->place)}));
    } else {
      TN_CHECK(db->post("UPDATE due SET after=$1 WHERE place=$2",
                        {arg(BytesView(taken.back())), arg(due->place)}));
    }
    if (taken.empty()) continue;
    TN_CHECK(db->post("DELETE FROM waiting WHERE missing=$1 AND waiting>$2 AND waiting<=$3",
                      {missing, after, arg(BytesView(taken.back()))}));
  }
  return taken;
}

Result<bool> PostgresRegistry::is_any_due() {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto any,
         db->one("SELECT EXISTS(SELECT 1 FROM due)::int::bigint", {}, read_number));
  return any == 1U;
}

Result<std::uint64_t> PostgresRegistry::vote(const Hash& record, const Id& officer) {
  TN_TRY(Connection * db, writer());
  TN_CHECK(db->post("INSERT INTO vote VALUES($1,$2) ON CONFLICT DO NOTHING",
                    {arg(BytesView(record)), arg(BytesView(officer))}));
  TN_TRY(const auto count, db->one("SELECT count(*) FROM vote WHERE record=$1",
                                   {arg(BytesView(record))}, read_number));
  return count.value_or(0);
}

// What could not be stored as a record

Result<void> PostgresRegistry::quarantine(const Hash& sender, BytesView envelope, BytesView body,
                                          errc reason) {
  struct Kept {
    std::uint64_t records{};
    std::uint64_t bytes{};
  };
  TN_TRY(Connection * db, writer());
  TN_TRY(const auto kept,
         db->one("SELECT count(*), coalesce(sum(length(envelope)+length(body)),0)::bigint "
                 "FROM quarantine WHERE sender=$1",
                 {arg(BytesView(sender))},
                 [](Row row) { return Kept{row.number(0), row.number(1)}; }));
  if (kept && (kept->records >= limits::quarantine_records_max ||
               kept->bytes + envelope.size() + body.size() > limits::quarantine_bytes_max)) {
    return {};
  }
  return db->post(
      "INSERT INTO quarantine(sender,hash,envelope,body,reason) VALUES($1,$2,$3,$4,$5) "
      "ON CONFLICT DO NOTHING",
      {arg(BytesView(sender)), arg(BytesView(sha256(envelope))), arg(envelope), arg(body),
       arg(static_cast<std::uint64_t>(reason))});
}
Result<std::uint64_t> PostgresRegistry::quarantined() {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto count, db->one("SELECT count(*) FROM quarantine", {}, read_number));
  return count.value_or(0);
}

// Feeds

// Of a dossier that the transaction has read, the answers are known, and nobody waits for them.
Result<void> PostgresRegistry::add_audience(const Id& dossier, std::string_view audience) {
  TN_TRY(Connection * db, writer());
  Seen& seen = seen_[dossier];
  if (!seen.audiences) TN_CHECK(audiences(dossier));
  if (!seen.audiences->emplace(audience).second) return {};
  if (!seen.leaves) {
    TN_TRY(seen.leaves,
           collect<std::uint64_t>(
               *db, "SELECT leaf FROM dossier_record WHERE dossier=$1 ORDER BY leaf",
               {arg(BytesView(dossier))},
               [](Row row) -> Result<std::uint64_t> { return row.number(0); }));
  }
  static constexpr postgres::ManyRows rows{
      "INSERT INTO audience SELECT * FROM unnest($1::bigint[],$2::bytea[],$3::bytea[])", "nbb"};
  TN_CHECK(db->insert(rows, {arg(++head_.place_end), arg(BytesView(dossier)), arg(audience)}));
  news_.emplace(audience);
  for (const std::uint64_t leaf : *seen.leaves) TN_CHECK(feed_leaf(audience, leaf, true));
  return {};
}

Result<std::vector<std::string>> PostgresRegistry::audiences(const Id& dossier) {
  TN_TRY(Connection * db, ready());
  TN_TRY(auto found, collect<std::string>(
                         *db, "SELECT audience FROM audience WHERE dossier=$1 ORDER BY audience",
                         {arg(BytesView(dossier))},
                         [](Row row) -> Result<std::string> { return row.text(0); }));
  if (open_ == Open::writing) seen_[dossier].audiences.emplace(found.begin(), found.end());
  return found;
}

Result<std::uint64_t> PostgresRegistry::feed(std::string_view audience, const Hash& record) {
  TN_TRY(Connection * db, writer());
  std::optional<std::uint64_t> leaf;
  if (newest_ && newest_->first == record) {
    leaf = newest_->second;
  } else {
    TN_TRY(leaf, db->one("SELECT leaf FROM record WHERE hash=$1", {arg(BytesView(record))},
                         read_number));
  }
  if (!leaf) return fail(errc::store_corrupt, "feed");
  return feed_leaf(audience, *leaf, false);
}

Result<std::uint64_t> PostgresRegistry::feed_leaf(std::string_view audience, std::uint64_t leaf,
                                                  bool history) {
  static constexpr postgres::ManyRows rows{
      "INSERT INTO feed(position, audience, leaf, history) "
      "SELECT * FROM unnest($1::bigint[],$2::bytea[],$3::bigint[],$4::bigint[])",
      "nbnn"};
  TN_CHECK(db_->insert(rows, {arg(head_.feed_end + 1), arg(audience), arg(leaf),
                              arg(std::uint64_t{history ? 1U : 0U})}));
  news_.emplace(audience);
  return ++head_.feed_end;
}

Result<std::vector<FeedItem>> PostgresRegistry::read_feed(std::string_view audience,
                                                          std::uint64_t after,
                                                          std::size_t count_max) {
  static const std::string sql =
      std::string(feed_rows) + "ORDER BY f.position, r.leaf LIMIT $3";
  TN_TRY(Connection * db, ready());
  return collect<FeedItem>(*db, sql.c_str(), {arg(audience), arg(after), limit(count_max)},
                           read_item<Row>);
}

Result<std::vector<FeedItem>> PostgresRegistry::read_feed_rest(std::string_view audience,
                                                               std::uint64_t after,
                                                               std::uint64_t until,
                                                               std::size_t count_max) {
  static const std::string sql =
      std::string(feed_rows) +
      "AND f.position+coalesce(r.leaf-f.leaf,0)<=$3 AND NOT EXISTS"
      "(SELECT 1 FROM dossier_record d WHERE d.leaf=r.leaf AND "
      "(substring(f.audience from 1 for 5)<>'unit:'::bytea OR "
      "EXISTS(SELECT 1 FROM audience a WHERE a.dossier=d.dossier AND a.audience=f.audience))) "
      "AND NOT EXISTS(SELECT 1 FROM audience a WHERE a.dossier=f.forget AND a.audience=f.audience) "
      "ORDER BY f.position, r.leaf LIMIT $4";
  TN_TRY(Connection * db, ready());
  return collect<FeedItem>(*db, sql.c_str(),
                           {arg(audience), arg(after), arg(until), limit(count_max)},
                           read_item<Row>);
}

Result<void> PostgresRegistry::remove_audience(const Id& dossier, std::string_view audience) {
  TN_TRY(Connection * db, writer());
  TN_TRY(const std::uint64_t removed,
         db->run("DELETE FROM audience WHERE dossier=$1 AND audience=$2",
                 {arg(BytesView(dossier)), arg(audience)}));
  if (removed == 0) return {};
  seen_.erase(dossier);
  news_.emplace(audience);
  return db->post("INSERT INTO feed(position, audience, forget) VALUES($1,$2,$3)",
                  {arg(++head_.feed_end), arg(audience), arg(BytesView(dossier))});
}
Result<void> PostgresRegistry::note_forgotten(const Hash& log, const Id& dossier,
                                              std::uint64_t at_ms) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO forgotten VALUES($1,$2,$3) "
                  "ON CONFLICT(log, dossier) DO UPDATE SET at_ms=excluded.at_ms",
                  {arg(BytesView(log)), arg(BytesView(dossier)), arg(at_ms)});
}
Result<std::uint64_t> PostgresRegistry::feed_end(std::string_view audience) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto end, db->one("SELECT max(position+count-1) FROM feed WHERE audience=$1",
                                 {arg(audience)}, read_number));
  return end.value_or(0);
}
Result<std::vector<AudienceItem>> PostgresRegistry::audience_before(std::string_view audience,
                                                                    std::uint64_t place,
                                                                    std::size_t count_max) {
  TN_TRY(Connection * db, ready());
  return collect<AudienceItem>(
      *db,
      "SELECT place, dossier FROM audience WHERE audience=$1 AND place<$2 "
      "ORDER BY place DESC LIMIT $3",
      {arg(audience), arg(place), limit(count_max)}, [](Row row) -> Result<AudienceItem> {
        return AudienceItem{row.number(0), row.array<Id>(1)};
      });
}

// Payouts

Result<void> PostgresRegistry::put_payout(const Id& payout, const Id& courier) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO payout(id, courier) VALUES($1,$2) "
                  "ON CONFLICT(id) DO UPDATE SET courier=excluded.courier, leased=0",
                  {arg(BytesView(payout)), arg(BytesView(courier))});
}
Result<std::vector<Id>> PostgresRegistry::unleased_payouts(const Id& courier,
                                                           std::size_t count_max) {
  TN_TRY(Connection * db, ready());
  return collect<Id>(*db,
                     "SELECT id FROM payout WHERE courier=$1 AND leased=0 ORDER BY id LIMIT $2",
                     {arg(BytesView(courier)), limit(count_max)}, read_id);
}
Result<std::vector<Id>> PostgresRegistry::leased_payouts(const Id& courier) {
  TN_TRY(Connection * db, ready());
  return collect<Id>(*db, "SELECT id FROM payout WHERE courier=$1 AND leased=1 ORDER BY id",
                     {arg(BytesView(courier))}, read_id);
}
Result<void> PostgresRegistry::payout_leased(const Id& payout) {
  TN_TRY(Connection * db, writer());
  return db->post("UPDATE payout SET leased=1 WHERE id=$1", {arg(BytesView(payout))});
}

// Attachments

Result<void> PostgresRegistry::want_attachment(const body::AttachmentAdded& attachment,
                                               const Id& dossier, const Hash& log) {
  TN_TRY(Connection * db, writer());
  TN_CHECK(db->post("INSERT INTO attachment AS a(hash,size,media_type,log) VALUES($1,$2,$3,$4) "
                    "ON CONFLICT(hash) DO UPDATE SET size=excluded.size, "
                    "media_type=excluded.media_type WHERE a.present=0",
                    {arg(BytesView(attachment.hash)), arg(attachment.size),
                     arg(std::string_view(attachment.media_type)), arg(BytesView(log))}));
  static constexpr postgres::ManyRows rows{
      "INSERT INTO attachment_dossier SELECT * FROM unnest($1::bytea[],$2::bytea[]) "
      "ON CONFLICT DO NOTHING",
      "bb"};
  return db->insert(rows, {arg(BytesView(attachment.hash)), arg(BytesView(dossier))});
}

Result<std::optional<Registry::Attachment>> PostgresRegistry::attachment(const Hash& hash) {
  TN_TRY(Connection * db, ready());
  return db->one("SELECT size, media_type, present FROM attachment WHERE hash=$1",
                 {arg(BytesView(hash))}, [](Row row) {
                   return Attachment{row.number(0), row.text(1), row.number(2) != 0};
                 });
}
Result<void> PostgresRegistry::attachment_arrived(const Hash& hash) {
  TN_TRY(Connection * db, writer());
  return db->post("UPDATE attachment SET present=1 WHERE hash=$1", {arg(BytesView(hash))});
}
Result<std::vector<Hash>> PostgresRegistry::wanted_attachments(const Hash& log,
                                                               std::size_t count_max) {
  TN_TRY(Connection * db, ready());
  return collect<Hash>(
      *db, "SELECT hash FROM attachment WHERE log=$1 AND present=0 ORDER BY hash LIMIT $2",
      {arg(BytesView(log)), limit(count_max)}, read_hash);
}
Result<bool> PostgresRegistry::attachment_in_audience(const Hash& hash,
                                                      std::string_view audience) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto found,
         db->one("SELECT 1 FROM attachment_dossier d JOIN audience a ON a.dossier=d.dossier "
                 "WHERE d.hash=$1 AND a.audience=$2 LIMIT 1",
                 {arg(BytesView(hash)), arg(audience)}, [](Row) { return true; }));
  return found.value_or(false);
}

// Text messages

Result<bool> PostgresRegistry::want_code_message(const Hash& sent_on, std::uint64_t now_ms) {
  TN_TRY(Connection * db, writer());
  TN_TRY(const std::uint64_t rows,
         db->run("INSERT INTO code_message(record, wanted_ms) VALUES($1,$2) "
                 "ON CONFLICT(record) DO NOTHING",
                 {arg(BytesView(sent_on)), arg(now_ms)}));
  return rows == 1;
}
Result<std::vector<Hash>> PostgresRegistry::wanted_code_messages(std::uint64_t before_ms,
                                                                 std::uint64_t now_ms,
                                                                 std::size_t count_max) {
  TN_TRY(Connection * db, writer());
  TN_TRY(const std::vector<Hash> wanted,
         collect<Hash>(*db,
                       "SELECT record FROM code_message WHERE kept=0 AND wanted_ms<$1 "
                       "ORDER BY wanted_ms, record LIMIT $2",
                       {arg(before_ms), limit(count_max)}, read_hash));
  for (const Hash& sent_on : wanted) {
    TN_CHECK(db->post("UPDATE code_message SET wanted_ms=$1 WHERE record=$2",
                      {arg(now_ms), arg(BytesView(sent_on))}));
  }
  return wanted;
}
Result<void> PostgresRegistry::drop_code_message(const Hash& sent_on) {
  TN_TRY(Connection * db, writer());
  return db->post("DELETE FROM code_message WHERE record=$1 AND kept=0",
                  {arg(BytesView(sent_on))});
}
Result<void> PostgresRegistry::code_message_kept(const Hash& sent_on) {
  TN_TRY(Connection * db, writer());
  return db->post("UPDATE code_message SET kept=1 WHERE record=$1", {arg(BytesView(sent_on))});
}

// Tickets

Result<void> PostgresRegistry::put_ticket(const Ticket& ticket) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO ticket(token_hash,request,actor,expires_ms) VALUES($1,$2,$3,$4)",
                  {arg(BytesView(ticket.token_hash)), arg(BytesView(fields::encode(ticket.grant))),
                   arg(BytesView(ticket.actor)), arg(ticket.expires_ms)});
}
Result<std::optional<Ticket>> PostgresRegistry::ticket(const Hash& token_hash) {
  TN_TRY(Connection * db, ready());
  TN_TRY(auto tickets,
         collect<Ticket>(
             *db, "SELECT request, actor, expires_ms, used_by FROM ticket WHERE token_hash=$1",
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
  if (tickets.empty()) return std::nullopt;
  return std::move(tickets.front());
}
Result<void> PostgresRegistry::use_ticket(const Hash& token_hash, const Hash& log) {
  TN_TRY(Connection * db, writer());
  return db->post("UPDATE ticket SET used_by=$1 WHERE token_hash=$2",
                  {arg(BytesView(log)), arg(BytesView(token_hash))});
}

}  // namespace tannha::server
