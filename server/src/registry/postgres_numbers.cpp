// The PostgreSQL registry's numbers: sequences, leases, what carries which.

#include "postgres.hpp"
#include "tannha/engine/numbers.hpp"
#include "tannha/server/postgres_registry.hpp"

namespace tannha::server {

using postgres::arg;
using postgres::Connection;
using postgres::Row;

namespace {

std::uint64_t read_number(Row row) { return row.number(0); }
postgres::Arg arg_of(body::NumberKind kind) { return arg(static_cast<std::uint64_t>(kind)); }

}  // namespace

Result<std::uint64_t> PostgresRegistry::take_numbers(std::string_view sequence,
                                                     std::uint32_t count) {
  TN_TRY(Connection * db, writer());
  TN_TRY(const auto next,
         db->one("INSERT INTO sequence AS s VALUES($1, 1+$2::bigint) "
                 "ON CONFLICT(name) DO UPDATE SET next=s.next+$2::bigint RETURNING next",
                 {arg(sequence), arg(std::uint64_t{count})}, read_number));
  if (!next) return fail(errc::store_corrupt, "sequence");
  return *next - count;
}

Result<void> PostgresRegistry::put_lease(const body::LeaseGranted& lease,
                                         std::uint64_t feed_position) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO lease VALUES($1,$2,$3,$4,$5,$6)",
                  {arg_of(lease.kind), arg(std::string_view(lease.prefix)),
                   arg(std::uint64_t{lease.first}), arg(std::uint64_t{lease.count}),
                   arg(BytesView(lease.log_id)), arg(feed_position)});
}

Result<std::uint64_t> PostgresRegistry::newest_lease(const Hash& log, body::NumberKind kind) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto newest,
         db->one("SELECT max(feed_position) FROM lease WHERE log=$1 AND kind=$2",
                 {arg(BytesView(log)), arg_of(kind)}, read_number));
  return newest.value_or(0);
}

Result<bool> PostgresRegistry::is_leased(const Hash& log, body::NumberKind kind,
                                         std::string_view prefix, std::uint32_t number) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto found,
         db->one("SELECT (log=$1 AND $2<first+count)::int::bigint FROM lease "
                 "WHERE kind=$3 AND prefix=$4 AND first<=$2 ORDER BY first DESC LIMIT 1",
                 {arg(BytesView(log)), arg(std::uint64_t{number}), arg_of(kind), arg(prefix)},
                 [](Row row) { return row.number(0) == 1; }));
  return found.value_or(false);
}

Result<std::optional<Id>> PostgresRegistry::number_user(std::string_view number) {
  TN_TRY(Connection * db, ready());
  return db->one("SELECT dossier FROM number WHERE number=$1", {arg(number)},
                 [](Row row) { return row.array<Id>(0); });
}
Result<void> PostgresRegistry::use_number(body::NumberKind kind, std::string_view number,
                                          const Id& dossier, const Hash& log) {
  TN_TRY(Connection * db, writer());
  return db->post("INSERT INTO number VALUES($1,$2,$3,$4) ON CONFLICT DO NOTHING",
                  {arg(number), arg_of(kind), arg(BytesView(dossier)), arg(BytesView(log))});
}
Result<std::uint64_t> PostgresRegistry::unused_numbers(const Hash& log, body::NumberKind kind) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto unused,
         db->one("SELECT (SELECT coalesce(sum(count),0)::bigint FROM lease "
                 "WHERE log=$1 AND kind=$2) - "
                 "(SELECT count(*) FROM number WHERE log=$1 AND kind=$2)",
                 {arg(BytesView(log)), arg_of(kind)}, read_number));
  return unused.value_or(0);
}

Result<bool> PostgresRegistry::may_return(const Hash& log, const body::LeaseReturned& rest) {
  TN_TRY(Connection * db, ready());
  const std::uint64_t end = std::uint64_t{rest.first} + rest.count;
  TN_TRY(const auto is_tail,
         db->one("SELECT 1 FROM lease WHERE kind=$1 AND prefix=$2 AND first<=$3 AND "
                 "first+count=$4 AND log=$5",
                 {arg_of(rest.kind), arg(std::string_view(rest.prefix)),
                  arg(std::uint64_t{rest.first}), arg(end), arg(BytesView(log))},
                 [](Row) { return true; }));
  if (!is_tail || rest.count == 0) return false;
  for (std::uint32_t n = rest.first; n < end; ++n) {
    TN_TRY(const auto user, number_user(format_number(rest.kind, rest.prefix, n)));
    if (user) return false;
  }
  return true;
}
Result<void> PostgresRegistry::return_lease(const Hash& log, const body::LeaseReturned& rest) {
  TN_TRY(Connection * db, writer());
  TN_CHECK(db->post("UPDATE lease SET count=$3-first WHERE kind=$1 AND prefix=$2 AND first<=$3 "
                    "AND first+count=$4 AND log=$5",
                    {arg_of(rest.kind), arg(std::string_view(rest.prefix)),
                     arg(std::uint64_t{rest.first}), arg(std::uint64_t{rest.first} + rest.count),
                     arg(BytesView(log))}));
  // A lease of which nothing is left would stand in the way of the next one of its first number.
  TN_CHECK(db->post("DELETE FROM lease WHERE kind=$1 AND prefix=$2 AND count=0",
                    {arg_of(rest.kind), arg(std::string_view(rest.prefix))}));
  return db->post("INSERT INTO returned VALUES($1,$2,$3,$4)",
                  {arg_of(rest.kind), arg(std::string_view(rest.prefix)),
                   arg(std::uint64_t{rest.first}), arg(std::uint64_t{rest.count})});
}
Result<std::optional<body::LeaseReturned>> PostgresRegistry::take_returned(
    body::NumberKind kind, std::string_view prefix, std::uint32_t count_max) {
  TN_TRY(Connection * db, writer());
  TN_TRY(auto rest, db->one("DELETE FROM returned WHERE kind=$1 AND prefix=$2 AND first="
                            "(SELECT min(first) FROM returned WHERE kind=$1 AND prefix=$2) "
                            "RETURNING first, count",
                            {arg_of(kind), arg(prefix)}, [&](Row row) {
                              return body::LeaseReturned{
                                  kind, std::string(prefix),
                                  static_cast<std::uint32_t>(row.number(0)),
                                  static_cast<std::uint32_t>(row.number(1))};
                            }));
  if (rest && rest->count > count_max) {
    TN_CHECK(db->post("INSERT INTO returned VALUES($1,$2,$3,$4)",
                      {arg_of(kind), arg(prefix), arg(std::uint64_t{rest->first} + count_max),
                       arg(std::uint64_t{rest->count - count_max})}));
    rest->count = count_max;
  }
  return rest;
}

}  // namespace tannha::server
