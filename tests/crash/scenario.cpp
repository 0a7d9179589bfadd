#include "tests/crash/scenario.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/merkle.hpp"
#include "tannha/server/due_date.hpp"
#include "tests/support/random_seed.hpp"

namespace tannha::test {
namespace {

using sqlite::Database;
using sqlite::Mode;

// Statements are kept under their address, so a text that was built must live for ever.
const char* kept(std::string sql) {
  static std::set<std::string> all;
  return all.insert(std::move(sql)).first->c_str();
}

Result<std::vector<std::string>> texts(Database& db, const char* sql) {
  std::vector<std::string> out;
  TN_CHECK(db.each(sql, {}, [&](sqlite::Row row) {
    out.push_back(row.text(0));
    return true;
  }));
  return out;
}

Result<std::size_t> add_table(Database& db, const std::string& table, Blake2bStream& hash) {
  TN_TRY(const auto columns,
         texts(db, kept("SELECT name FROM pragma_table_info('" + table + "')")));
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ",") + column;
  std::size_t count = 0;
  TN_CHECK(db.each(kept("SELECT " + list + " FROM " + table), {}, [&](sqlite::Row row) {
    ++count;
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      const BytesView bytes = row.bytes(i);
      hash.update(as_bytes(row.is_null(i) ? "-" : std::to_string(bytes.size()) + ":"));
      hash.update(bytes);
    }
    return true;
  }));
  return count;
}

Result<void> check(Database& db) {
  TN_TRY(const auto integrity, texts(db, "PRAGMA integrity_check"));
  if (integrity != std::vector<std::string>{"ok"}) {
    return fail(errc::store_corrupt, "integrity: " + integrity.front());
  }
  TN_TRY(const auto orphans, texts(db, "PRAGMA foreign_key_check"));
  if (!orphans.empty()) return fail(errc::store_corrupt, "foreign key: " + orphans.front());
  return {};
}

}  // namespace

std::uint64_t disk_seed() {
  static const std::uint64_t seed = random_seed();
  return seed;
}

SimulatedDisk& disk() {
  static std::mt19937_64 engine(disk_seed());
  static SimulatedDisk* const one = [] {
    auto* made = new SimulatedDisk([] { return engine(); });
    made->make_default();
    return made;
  }();
  return *one;
}

Result<Rows> inspect(std::string_view machine, std::string_view path) {
  constexpr std::string_view copy = "inspected";
  disk().copy(machine, copy);
  const std::string of_copy = std::string(copy) + std::string(path.substr(path.find('/')));
  TN_TRY(Database db, Database::open(of_copy, Mode::exclusive));
  TN_CHECK(check(db));
  Rows rows;
  Blake2bStream hash;
  TN_TRY(const auto tables,
         texts(db, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name"));
  for (const std::string& table : tables) {
    hash.update(as_bytes(table));
    TN_TRY(const std::size_t count, add_table(db, table, hash));
    rows.counts += table + " " + std::to_string(count) + " ";
  }
  rows.hash = hash.finish();
  return rows;
}

// The phone

Result<void> Phone::open() {
  TN_TRY(Replica opened, Replica::open(path, host, keys));
  replica = std::make_unique<Replica>(std::move(opened));
  return {};
}

Result<void> Phone::read_all() {
  Store& store = replica->store();
  TN_TRY(const auto records, store.all());
  Hash prev = replica->identity() ? replica->identity()->log_id : Hash{};
  std::uint64_t seq = 0;
  for (const StoredRecord& r : records) {
    const Record& record = r.evidence.record;
    if (r.origin == Origin::own) {
      if (record.header.seq != seq++ || record.header.prev != prev) {
        return fail(errc::log_broken, "own log");
      }
      prev = record.hash;
    }
    TN_TRY(const auto again, store.record(record.hash));
    if (!again || again->evidence.record.envelope != record.envelope) {
      return fail(errc::store_not_found, "record by its hash");
    }
  }
  TN_CHECK(replica->dossiers());
  TN_CHECK(store.holds());
  TN_CHECK(store.pending_attachments());
  TN_CHECK(store.numbers_left(body::NumberKind::item));
  TN_CHECK(store.numbers_left(body::NumberKind::send_slip));
  TN_TRY(const auto attachments, store.all_attachments());
  for (const Hash& hash : attachments) {
    TN_TRY(const auto bytes, store.attachment(hash));
    if (!bytes || blake2b_256(*bytes) != hash) return fail(errc::attachment_mismatch);
  }
  if (replica->identity()) TN_CHECK(replica->next_request(10));
  return {};
}

void Phone::verify(const Beacon& newest) {
  must(read_all());
  EXPECT_EQ(must(replica->checkpoint()), newest);
}

// The server

const RegistryActor* ServerNode::actor = nullptr;
const DuePolicy* ServerNode::due = nullptr;

Result<void> ServerNode::open() {
  static const Hash catalogue = small_catalogue().version();
  TN_TRY(registry, server::SqliteRegistry::open(path, Mode::shared));
  server = std::make_unique<SyncServer>(*registry, *actor, *due, host, catalogue);
  return {};
}

void ServerNode::close() {
  server.reset();
  registry.reset();
}

Result<Beacon> ServerNode::beacon() {
  TN_TRY(const std::uint64_t size, registry->journal_size());
  TN_TRY(const Hash root, registry->journal_root(size));
  return Beacon{size, root};
}

Result<void> ServerNode::read_all() {
  TN_TRY(const auto records, registry->all_records());
  std::map<Hash, std::uint64_t> next;
  for (const Evidence& e : records) {
    TN_TRY(const auto again, registry->record(e.record.hash));
    if (!again || again->record.envelope != e.record.envelope) {
      return fail(errc::store_not_found, "record by its hash");
    }
    TN_CHECK(registry->dossier(e.record.header.subject));
  }
  TN_TRY(const auto logs, registry->all_logs());
  for (const LogEntry& log : logs) {
    TN_CHECK(registry->read_feed(audience_of(log.certificate), 0, 1000));
    TN_CHECK(registry->wanted_attachments(log.id, 100));
    TN_CHECK(registry->unused_numbers(log.id, body::NumberKind::item));
    TN_CHECK(registry->newest_lease(log.id, body::NumberKind::send_slip));
  }
  TN_CHECK(registry->all_attachments());
  TN_CHECK(registry->quarantined());
  return {};
}

void ServerNode::verify(const Beacon& signed_before) {
  must(read_all());
  std::vector<Hash> leaves;
  for (const Evidence& e : must(registry->all_records())) {
    EXPECT_EQ(e.leaf_index, leaves.size());
    leaves.push_back(merkle::leaf_hash(e.record.hash));
  }
  const std::function<Hash(std::uint32_t, std::uint64_t)> node = [&](std::uint32_t level,
                                                                     std::uint64_t index) -> Hash {
    if (level == 0) return leaves.at(index);
    return merkle::node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
  };
  ASSERT_LE(signed_before.size, leaves.size());
  EXPECT_EQ(merkle::root(signed_before.size, node), signed_before.root);
  EXPECT_EQ(must(registry->journal_root(signed_before.size)), signed_before.root);
  EXPECT_EQ(must(registry->journal_root(leaves.size())), merkle::root(leaves.size(), node));
  for (const LogEntry& log : must(registry->all_logs())) {
    if (log.next_seq == 0) continue;
    EXPECT_EQ(must_have(registry->record(log.head)).record.header.seq, log.next_seq - 1);
  }
}

Result<void> ServerNode::transact(const std::function<Result<void>()>& act) {
  TN_CHECK(registry->begin());
  Result<void> result = act();
  if (result) result = registry->commit();
  if (!result) registry->rollback();
  return result;
}

Result<void> ServerNode::exchange(const exchange::Request& request, const Hash& sender) {
  TN_TRY(const PreparedExchange prepared,
         prepare_exchange(fields::encode(request), actor->tenant.code,
                          actor->authority_key.public_key()));
  return transact([&]() -> Result<void> {
    TN_CHECK(server->exchange(prepared, sender));
    return {};
  });
}

}  // namespace tannha::test
