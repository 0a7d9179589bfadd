// The PostgreSQL registry: connection, transactions, logs, records and journal.

#include "tannha/server/postgres_registry.hpp"

#include <random>

#include "postgres.hpp"
#include "postgres_schema.hpp"
#include "registry_rows.hpp"

namespace tannha::server {

using postgres::arg;
using postgres::collect;
using postgres::Connection;
using postgres::limit;
using postgres::Row;

namespace {

// A hundred million rows, from a disk.
constexpr int count_patience_ms = 10 * 60'000;

// Every query here has its index, and none needs statistics to find it.
constexpr const char* session_settings =
    "SET jit=off;"
    "SET enable_seqscan=off; SET enable_hashjoin=off; SET enable_mergejoin=off;"
    // As long as SqliteRegistry waits for a lock.
    "SELECT set_config('lock_timeout','5s',false) WHERE current_setting('lock_timeout')='0';"
    // commit() promises a disk. Which disks, and whether a standby's too, is the operator's to say.
    "SELECT set_config('synchronous_commit','on',false)"
    " WHERE current_setting('synchronous_commit')='off';";

// A node that is cut off while it holds the head row must not stop the others for longer than they
// wait for it. Between two statements of a transaction a node computes; it waits for nothing.
constexpr const char* writer_settings = "SET idle_in_transaction_session_timeout='5s';";
// A reader checks signatures meanwhile. One that is gone must not keep old rows for ever.
constexpr const char* reader_settings =
    "SET default_transaction_read_only=on; SET idle_in_transaction_session_timeout='1h';";

// Different for each object of each process on each machine.
std::string new_node_name() {
  std::random_device device;
  return std::to_string(device()) + "-" + std::to_string(device());
}

Result<Hash> read_hash(Row row) { return row.array<Hash>(0); }
std::uint64_t read_number(Row row) { return row.number(0); }

}  // namespace

// Connecting

std::string PostgresRegistry::schema_of(std::string_view tenant) {
  std::string schema = "tannha_";
  for (const char c : tenant) {
    if (c >= 'A' && c <= 'Z') {
      schema += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      schema += c;
    } else {
      schema += '_';
    }
  }
  return schema;
}

PostgresRegistry::PostgresRegistry(std::string conninfo, std::string schema, Mode mode)
    : conninfo_(std::move(conninfo)),
      schema_(std::move(schema)),
      node_name_(new_node_name()),
      mode_(mode),
      db_(std::make_unique<Connection>()),
      tree_([this](std::uint32_t level, std::uint64_t index) { return node(level, index); },
            [this](std::uint64_t first, std::size_t count_max) {
              return journal_entries(first, count_max);
            },
            mode == Mode::write) {}
PostgresRegistry::~PostgresRegistry() = default;

std::uint64_t PostgresRegistry::round_trips() const { return db_->round_trips(); }

Result<std::unique_ptr<PostgresRegistry>> PostgresRegistry::open(std::string conninfo,
                                                                 std::string_view tenant,
                                                                 Mode mode) {
  std::unique_ptr<PostgresRegistry> registry(
      new PostgresRegistry(std::move(conninfo), schema_of(tenant), mode));
  TN_CHECK(registry->connect());
  return registry;
}

Result<void> PostgresRegistry::connect() {
  tree_.forget();
  TN_CHECK(db_->connect(conninfo_));
  std::string settings = session_settings;
  settings += "SET search_path=" + schema_ + ";";
  settings += mode_ == Mode::read_only ? reader_settings : writer_settings;
  Result<void> ready = db_->script(settings);
  if (ready) ready = make_schema();
  if (!ready) db_->drop();
  return ready;
}

Result<void> PostgresRegistry::make_schema() {
  static constexpr const char* find =
      "SELECT (to_regnamespace(current_setting('search_path')) IS NOT NULL)::int::bigint, "
      "(to_regclass('migration') IS NOT NULL)::int::bigint";
  struct Found {
    bool schema = false;
    bool table = false;
  };
  const auto read_found = [](Row row) { return Found{row.number(0) == 1, row.number(1) == 1}; };
  const auto version = [this]() -> Result<std::uint64_t> {
    TN_TRY(const auto number,
           db_->one("SELECT coalesce(max(number),0) FROM migration", {}, read_number));
    if (*number > migrations.size()) return fail(errc::store_version_unknown);
    return *number;
  };
  TN_TRY(auto found, db_->one(find, {}, read_found));
  if (found->table) {
    TN_TRY(const std::uint64_t number, version());
    if (number == migrations.size()) return {};
  }
  if (mode_ == Mode::read_only) return fail(errc::store_not_found);

  // Two nodes that start together: the second one waits here, and then finds it done.
  // The transaction begins only then: what it knows of the catalogue is as of its beginning.
  TN_CHECK(db_->script("SELECT pg_advisory_lock(hashtext('" + schema_ + "'))"));
  TN_CHECK(db_->script("BEGIN"));
  TN_TRY(found, db_->one(find, {}, read_found));
  if (!found->schema) {
    TN_CHECK(db_->script("CREATE SCHEMA " + schema_));
  }
  if (!found->table) {
    TN_CHECK(db_->script("CREATE TABLE migration(number BIGINT PRIMARY KEY, "
                         "done_at TIMESTAMPTZ NOT NULL DEFAULT now())"));
  }
  TN_TRY(std::uint64_t number, version());
  while (number < migrations.size()) {
    TN_CHECK(db_->script(migrations.at(number)));
    TN_CHECK(db_->run("INSERT INTO migration(number) VALUES($1)", {arg(++number)}));
  }
  TN_CHECK(db_->script("COMMIT"));
  return db_->script("SELECT pg_advisory_unlock_all()");
}

Result<Connection*> PostgresRegistry::ready() {
  if (open_ == Open::nothing) {
    if (db_->lost()) {
      TN_CHECK(connect());
    } else if (db_->failed()) {
      TN_CHECK(db_->recover("ROLLBACK"));
    }
  }
  return db_.get();
}

Result<Connection*> PostgresRegistry::writer() {
  if (mode_ == Mode::read_only) return fail(errc::store_read_only);
  if (open_ != Open::writing) return fail(errc::store_io, "no transaction");
  ++writes_;
  return db_.get();
}

// Transactions

Result<void> PostgresRegistry::lock_head() {
  TN_TRY(Connection * db, ready());
  open_ = Open::writing;
  TN_CHECK(db->post("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"));
  std::uint64_t version = 0;
  TN_TRY(const auto head,
         db->one("SELECT size, feed_end, place_end, (SELECT max(number) FROM migration) "
                 "FROM head FOR UPDATE",
                 {}, [&](Row row) {
                   version = row.number(3);
                   return Head{row.number(0), row.number(1), row.number(2)};
                 }));
  if (!head) return fail(errc::store_corrupt, "head");
  // Another node has been brought up to date: what it stores now is not for this one to touch.
  if (version != migrations.size()) return fail(errc::store_version_unknown);
  if (*head != locked_) ++generation_;
  if (head->size < locked_.size) tree_.forget();
  locked_ = *head;
  head_ = *head;
  seen_.clear();
  newest_.reset();
  return {};
}

Result<void> PostgresRegistry::begin() {
  if (mode_ == Mode::read_only) return fail(errc::store_read_only);
  if (open_ != Open::nothing) return fail(errc::store_io, "a transaction is open");
  const bool was_connected = !db_->lost();
  Result<void> locked = lock_head();
  // A connection may have been lost since the last transaction; nothing of this one is done yet.
  if (!locked && was_connected && db_->lost()) {
    rollback();
    locked = lock_head();
  }
  if (!locked) {
    // The server has become a standby: another one is the primary, or will be.
    if (locked.error().code == errc::store_read_only) db_->drop();
    rollback();
  }
  return locked;
}

Result<void> PostgresRegistry::begin_read() {
  if (open_ != Open::nothing) return fail(errc::store_io, "a transaction is open");
  TN_TRY(Connection * db, ready());
  open_ = Open::reading;
  // The snapshot is taken by the first query.
  TN_CHECK(db->post("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  TN_CHECK(db->one("SELECT size FROM head", {}, read_number));
  return {};
}

Result<void> PostgresRegistry::commit() {
  TN_TRY(Connection * db, writer());
  if (head_ != locked_) {
    TN_CHECK(db->post("UPDATE head SET size=$1, feed_end=$2, place_end=$3",
                      {arg(head_.size), arg(head_.feed_end), arg(head_.place_end)}));
  }
  TN_CHECK(post_news());
  TN_CHECK(db->run("COMMIT"));
  open_ = Open::nothing;
  locked_ = head_;
  return {};
}

void PostgresRegistry::rollback() {
  if (open_ == Open::nothing) return;
  if (open_ == Open::writing) tree_.forget();
  newest_.reset();
  news_.clear();
  open_ = Open::nothing;
  // What cannot be rolled back must not be taken for the next transaction.
  if (!db_->recover("ROLLBACK")) db_->drop();
}

Result<void> PostgresRegistry::bind_to(const PublicKey& journal_key) {
  TN_TRY(Connection * db, writer());
  TN_TRY(const auto same,
         db->one("UPDATE head SET journal_key=coalesce(journal_key,$1) "
                 "RETURNING (journal_key=$1)::int::bigint",
                 {arg(BytesView(journal_key))}, read_number));
  if (same != 1U) return fail(errc::tenant_mismatch, "the registry has another journal key");
  return {};
}

// Other nodes hear it when the transaction is committed, and not otherwise.
Result<void> PostgresRegistry::post_news() {
  // PostgreSQL takes less than 8,000 bytes at a time.
  constexpr std::size_t payload_bytes_max = 7'000;
  std::string payload;
  const auto send = [&]() -> Result<void> {
    if (payload.empty()) return {};
    const std::string whole = node_name_ + payload;
    payload.clear();
    return db_->post("SELECT pg_notify(current_schema(), convert_from($1::bytea,'UTF8'))",
                     {arg(std::string_view(whole))});
  };
  for (const std::string& audience : news_) {
    payload += " " + to_hex(as_bytes(audience));
    if (payload.size() > payload_bytes_max) {
      TN_CHECK(send());
    }
  }
  news_.clear();
  return send();
}

Result<bool> PostgresRegistry::is_bound() {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto bound, db->one("SELECT (journal_key IS NOT NULL)::int::bigint FROM head", {},
                                   read_number));
  return bound == 1U;
}

// Logs

Result<std::optional<LogEntry>> PostgresRegistry::log(const Hash& id) {
  static const std::string sql = std::string(log_columns) + "WHERE id=$1";
  TN_TRY(Connection * db, ready());
  TN_TRY(auto logs, collect<LogEntry>(*db, sql.c_str(), {arg(BytesView(id))}, read_log<Row>));
  if (logs.empty()) return std::nullopt;
  return std::move(logs.front());
}

Result<void> PostgresRegistry::put_log(const LogEntry& log) {
  TN_TRY(Connection * db, writer());
  return db->post(
      "INSERT INTO log(id,intro,next_seq,head,enrolled) "
      "VALUES($1,$2,$3,$4,(SELECT coalesce(max(enrolled)+1,0) FROM log)) "
      "ON CONFLICT DO NOTHING",
      {arg(BytesView(log.id)), arg(BytesView(fields::encode(log.intro))), arg(log.next_seq),
       arg(BytesView(log.head))});
}

Result<void> PostgresRegistry::move_head(const Hash& log, std::uint64_t next_seq,
                                         const Hash& head) {
  TN_TRY(Connection * db, writer());
  return db->post("UPDATE log SET next_seq=$1, head=$2 WHERE id=$3",
                  {arg(next_seq), arg(BytesView(head)), arg(BytesView(log))});
}

Result<void> PostgresRegistry::set_log_state(const Hash& log, const LogState& state) {
  TN_TRY(Connection * db, writer());
  const postgres::Arg none = nullptr;
  const auto& revoked = state.revoked;
  return db->post(
      "UPDATE log SET forked_at=$1, revoked=$2, revoked_at=$3, revoked_since=$4, "
      "continued_by=$5, continued_at=$6 WHERE id=$7",
      {state.forked_at ? arg(*state.forked_at) : none,
       revoked ? arg(static_cast<std::uint64_t>(revoked->reason)) : none,
       revoked ? arg(revoked->at_size) : none,
       revoked && revoked->since_size ? arg(*revoked->since_size) : none,
       state.continued_by ? arg(BytesView(*state.continued_by)) : none,
       arg(state.continued_at_size), arg(BytesView(log))});
}

Result<void> PostgresRegistry::note_contact(const Hash& log, std::uint64_t at_ms,
                                            const exchange::Holds& holds) {
  TN_TRY(Connection * db, writer());
  return db->post(
      "UPDATE log SET contact_ms=$1, holds_records=$2, holds_bytes=$3, oldest_ms=$4 WHERE id=$5",
      {arg(at_ms), arg(holds.records), arg(holds.attachment_bytes),
       arg(holds.oldest_claimed_ms.value_or(0)), arg(BytesView(log))});
}

// Records

Result<std::optional<Evidence>> PostgresRegistry::record(const Hash& hash) {
  static const std::string sql = std::string(evidence_columns) + "WHERE hash=$1";
  TN_TRY(Connection * db, ready());
  TN_TRY(auto rows,
         collect<Evidence>(*db, sql.c_str(), {arg(BytesView(hash))}, read_evidence<Row>));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Result<std::vector<Hash>> PostgresRegistry::records_at(const Hash& log, std::uint64_t seq) {
  TN_TRY(Connection * db, ready());
  return collect<Hash>(*db, "SELECT hash FROM record WHERE log=$1 AND seq=$2 ORDER BY leaf",
                       {arg(BytesView(log)), arg(seq)}, read_hash);
}
Result<std::uint64_t> PostgresRegistry::log_end(const Hash& log) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto end, db->one("SELECT coalesce(max(seq)+1,0) FROM record WHERE log=$1",
                                 {arg(BytesView(log))}, read_number));
  return end.value_or(0);
}
Result<std::vector<Hash>> PostgresRegistry::effective_since(const Hash& log, std::uint64_t leaf) {
  TN_TRY(Connection * db, ready());
  return collect<Hash>(
      *db, "SELECT hash FROM record WHERE log=$1 AND leaf>=$2 AND verdict=0 ORDER BY leaf",
      {arg(BytesView(log)), arg(leaf)}, read_hash);
}
Result<std::vector<Hash>> PostgresRegistry::held_for(errc reason, std::uint64_t leaf,
                                                     std::size_t count_max) {
  TN_TRY(Connection * db, ready());
  return collect<Hash>(*db,
                       "SELECT hash FROM record WHERE verdict=2 AND reason=$1 AND leaf>=$2 "
                       "ORDER BY leaf LIMIT $3",
                       {arg(static_cast<std::uint64_t>(reason)), arg(leaf), limit(count_max)},
                       read_hash);
}
Result<std::optional<std::uint64_t>> PostgresRegistry::received_ms(std::uint64_t leaf) {
  TN_TRY(Connection * db, ready());
  return db->one("SELECT received_ms FROM record WHERE leaf=$1", {arg(leaf)}, read_number);
}

Result<std::uint64_t> PostgresRegistry::append(const Evidence& e, std::span<const Id> dossiers) {
  TN_TRY(Connection * db, writer());
  const std::uint64_t leaf = head_.size;
  const postgres::Arg none = nullptr;
  static constexpr postgres::ManyRows records{
      "INSERT INTO record(leaf,hash,log,seq,envelope,body,author,verdict,reason,received_ms) "
      "SELECT * FROM unnest($1::bigint[],$2::bytea[],$3::bytea[],$4::bigint[],$5::bytea[],"
      "$6::bytea[],$7::bytea[],$8::bigint[],$9::bigint[],$10::bigint[])",
      "nbbnbbbnnn"};
  TN_CHECK(db->insert(
      records,
      {arg(leaf), arg(BytesView(e.record.hash)), arg(BytesView(e.record.header.log_id)),
       arg(e.record.header.seq), arg(BytesView(e.record.envelope)), arg(BytesView(e.record.body)),
       arg(BytesView(e.author)), arg(static_cast<std::uint64_t>(e.ruling.verdict)),
       e.ruling.reason ? arg(static_cast<std::uint64_t>(*e.ruling.reason)) : none,
       arg(e.received_ms)}));
  static constexpr postgres::ManyRows dossier_records{
      "INSERT INTO dossier_record(dossier, log, leaf) "
      "SELECT * FROM unnest($1::bytea[],$2::bytea[],$3::bigint[]) ON CONFLICT DO NOTHING",
      "bbn"};
  for (const Id& dossier : dossiers) {
    TN_CHECK(db->insert(dossier_records, {arg(BytesView(dossier)),
                                          arg(BytesView(e.record.header.log_id)), arg(leaf)}));
    const auto seen = seen_.find(dossier);
    if (seen != seen_.end() && seen->second.leaves) seen->second.leaves->push_back(leaf);
  }
  static constexpr postgres::ManyRows tree_nodes{
      "INSERT INTO node SELECT * FROM unnest($1::bigint[],$2::bigint[],$3::bytea[])", "nnb"};
  TN_TRY(const auto nodes, tree_.append(leaf, e.record.hash));
  for (const merkle::Node& n : nodes) {
    TN_CHECK(db->insert(tree_nodes,
                        {arg(std::uint64_t{n.level}), arg(n.index), arg(BytesView(n.hash))}));
  }
  newest_ = {e.record.hash, leaf};
  ++head_.size;
  return leaf;
}

Result<void> PostgresRegistry::set_ruling(const Hash& hash, const Ruling& ruling) {
  TN_TRY(Connection * db, writer());
  const postgres::Arg none = nullptr;
  // Votes were given for the ruling that stood.
  TN_CHECK(db->post("DELETE FROM vote WHERE record=$1", {arg(BytesView(hash))}));
  return db->post("UPDATE record SET verdict=$1, reason=$2 WHERE hash=$3",
                  {arg(static_cast<std::uint64_t>(ruling.verdict)),
                   ruling.reason ? arg(static_cast<std::uint64_t>(*ruling.reason)) : none,
                   arg(BytesView(hash))});
}

Result<std::vector<Evidence>> PostgresRegistry::dossier(const Id& id) {
  static const std::string sql =
      std::string(evidence_columns) +
      "WHERE leaf IN (SELECT leaf FROM dossier_record WHERE dossier=$1) ORDER BY leaf";
  TN_TRY(Connection * db, ready());
  TN_TRY(auto records,
         collect<Evidence>(*db, sql.c_str(), {arg(BytesView(id))}, read_evidence<Row>));
  if (open_ == Open::writing) {
    auto& leaves = seen_[id].leaves.emplace();
    for (const Evidence& e : records) leaves.push_back(e.leaf_index.value_or(0));
  }
  return records;
}

Result<std::uint64_t> PostgresRegistry::not_counting(const Id& dossier, const Hash& log,
                                                     std::size_t count_max) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto count,
         db->one("SELECT count(*) FROM (SELECT 1 FROM dossier_record d JOIN record r "
                 "ON r.leaf=d.leaf WHERE d.dossier=$1 AND d.log=$2 AND r.verdict<>0 LIMIT $3) r",
                 {arg(BytesView(dossier)), arg(BytesView(log)), limit(count_max)}, read_number));
  return count.value_or(0);
}

// Journal

Result<std::uint64_t> PostgresRegistry::journal_size() {
  if (open_ == Open::writing && !db_->failed()) return head_.size;
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto size, db->one("SELECT size FROM head", {}, read_number));
  if (!size) return fail(errc::store_corrupt, "head");
  return *size;
}

Result<std::uint64_t> PostgresRegistry::record_count() {
  TN_TRY(Connection * db, ready());
  // Counts every row, once at the start of a program.
  db->set_patience(count_patience_ms);
  const auto count = db->one("SELECT count(*) FROM record", {}, read_number);
  db->set_patience(postgres::patience_ms_default);
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<std::vector<Hash>> PostgresRegistry::journal_entries(std::uint64_t first,
                                                            std::size_t count_max) {
  TN_TRY(Connection * db, ready());
  return read_run_of_hashes(*db,
                            "SELECT leaf, hash FROM record WHERE leaf>=$1 ORDER BY leaf LIMIT $2",
                            {arg(first), postgres::limit(count_max)}, first);
}
Result<std::vector<Hash>> PostgresRegistry::journal_nodes(std::uint32_t level, std::uint64_t first,
                                                          std::size_t count_max) {
  if (level < JournalTree::stored_level) return tree_.run(level, first, count_max);
  TN_TRY(Connection * db, ready());
  return read_run_of_hashes(
      *db,
      "SELECT position, hash FROM node WHERE level=$1 AND position>=$2 ORDER BY position LIMIT $3",
      {arg(std::uint64_t{level}), arg(first), postgres::limit(count_max)}, first);
}

Result<Hash> PostgresRegistry::node(std::uint32_t level, std::uint64_t index) {
  TN_TRY(Connection * db, ready());
  TN_TRY(const auto hash, db->one("SELECT hash FROM node WHERE level=$1 AND position=$2",
                                  {arg(std::uint64_t{level}), arg(index)},
                                  [](Row row) { return row.array<Hash>(0); }));
  if (!hash) return fail(errc::store_corrupt, "journal node");
  return *hash;
}

Result<Hash> PostgresRegistry::journal_root(std::uint64_t size) { return tree_.root(size); }
Result<std::vector<Hash>> PostgresRegistry::inclusion(std::uint64_t index, std::uint64_t size) {
  return tree_.inclusion(index, size);
}
Result<std::vector<Hash>> PostgresRegistry::consistency(std::uint64_t old_size,
                                                        std::uint64_t new_size) {
  return tree_.consistency(old_size, new_size);
}

}  // namespace tannha::server
