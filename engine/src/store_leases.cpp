// Leased numbers: each is given once, and what is left of an expired lease goes back.

#include "tannha/engine/numbers.hpp"
#include "tannha/engine/store.hpp"

namespace tannha {
namespace {

using sqlite::arg;
using sqlite::Row;

std::uint64_t number_of(body::NumberKind kind) {
  return static_cast<std::uint64_t>(kind);
}

}  // namespace

Result<void> Store::put_lease(const body::LeaseGranted& lease, std::uint64_t expires_ms) {
  // Numbers that went back whole may come again in a later lease; nothing else that is here changes.
  return db_.run(
      "INSERT INTO lease(kind,prefix,first,count,expires_ms) VALUES(?,?,?,?,?) "
      "ON CONFLICT(kind,prefix,first) DO UPDATE SET count=excluded.count, used=0, "
      "expires_ms=excluded.expires_ms WHERE lease.expires_ms=-1",
      {arg(number_of(lease.kind)), arg(std::string_view(lease.prefix)),
       arg(std::uint64_t{lease.first}), arg(std::uint64_t{lease.count}), arg(expires_ms)});
}

Result<std::optional<std::string>> Store::take_number(body::NumberKind kind,
                                                      std::uint64_t server_now_ms) {
  struct Next {
    std::string prefix;
    std::uint64_t first{};
    std::uint64_t used{};
  };
  // With a time of 0 no lease has expired.
  TN_TRY(const auto& next,
         db_.one("SELECT prefix, first, used FROM lease WHERE kind=? AND used<count "
                 "AND (expires_ms=0 OR expires_ms>?) ORDER BY first LIMIT 1",
                 {arg(number_of(kind)), arg(server_now_ms)},
                 [](Row row) { return Next{row.text(0), row.number(1), row.number(2)}; }));
  if (!next) return std::optional<std::string>();
  TN_CHECK(db_.run("UPDATE lease SET used=used+1 WHERE kind=? AND prefix=? AND first=?",
                   {arg(number_of(kind)), arg(std::string_view(next->prefix)), arg(next->first)}));
  return std::optional<std::string>(
      format_number(kind, next->prefix, static_cast<std::uint32_t>(next->first + next->used)));
}

Result<std::uint32_t> Store::numbers_left(body::NumberKind kind, std::uint64_t server_now_ms) {
  TN_TRY(const auto& left, db_.one("SELECT ifnull(sum(count-used),0) FROM lease WHERE kind=? "
                                  "AND (expires_ms=0 OR expires_ms>?)",
                                  {arg(number_of(kind)), arg(server_now_ms)},
                                  [](Row row) { return row.number(0); }));
  return static_cast<std::uint32_t>(left.value_or(0));
}

Result<std::vector<LeaseRest>> Store::expired_leases(std::uint64_t server_now_ms) {
  return sqlite::collect<LeaseRest>(
      db_,
      "SELECT kind, prefix, first+used, count-used FROM lease "
      "WHERE used<count AND expires_ms<>0 AND expires_ms<=? ORDER BY kind, prefix, first",
      {arg(server_now_ms)}, [](Row row) -> Result<LeaseRest> {
        return LeaseRest{static_cast<body::NumberKind>(row.number(0)), row.text(1),
                         static_cast<std::uint32_t>(row.number(2)),
                         static_cast<std::uint32_t>(row.number(3))};
      });
}

Result<void> Store::close_lease(const LeaseRest& rest) {
  // By its end, which stays where it is however much of the lease was used in between.
  // One of which nothing was used is marked, so that its numbers may come again.
  return db_.run("UPDATE lease SET used=count, "
                 "expires_ms=CASE WHEN used=0 THEN -1 ELSE expires_ms END "
                 "WHERE kind=? AND prefix=? AND first+count=?",
                 {arg(number_of(rest.kind)), arg(std::string_view(rest.prefix)),
                  arg(std::uint64_t{rest.first} + rest.count)});
}

Result<void> Store::close_all_leases() {
  return db_.run("UPDATE lease SET used=count");
}

}  // namespace tannha
