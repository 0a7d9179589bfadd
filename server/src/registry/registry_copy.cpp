#include "tannha/server/registry_copy.hpp"

#include <deque>

#include "postgres.hpp"
#include "registry_rows.hpp"
#include "tannha/engine/sqlite.hpp"
#include "tannha/server/sqlite_registry.hpp"

namespace tannha::server {

namespace {

constexpr std::uint64_t page_records = 1000;

struct Column {
  std::string name;
  bool is_number = false;
};

}  // namespace

/// One copy. What tables and columns there are is asked of the source: one that the target does not
/// have ends the copy, and none can be forgotten.
class RegistryCopy {
 public:
  RegistryCopy(sqlite::Database& from, PostgresRegistry& to)
      : from_(from), to_(to), db_(*to.db_) {}

  Result<CopyReport> run(SqliteRegistry& source) {
    TN_TRY(tables_, sqlite::collect<std::string>(
                        from_,
                        "SELECT name FROM sqlite_schema WHERE type='table' AND "
                        "name NOT LIKE 'sqlite_%' AND name NOT IN('moved', 'record_hash') ORDER BY name",
                        {}, [](sqlite::Row row) -> Result<std::string> { return row.text(0); }));
    TN_CHECK(check_empty());
    for (const std::string& table : tables_) {
      TN_CHECK(copy(table));
    }
    TN_CHECK(set_counters());
    for (const std::string& table : tables_) {
      TN_CHECK(compare(table));
    }
    TN_TRY(report_.records, source.journal_size());
    TN_TRY(report_.root, source.journal_root(report_.records));
    TN_CHECK(prove());
    report_.tables = tables_.size();
    return report_;
  }

 private:
  // Statements are known by their address, so their texts stay for as long as this.
  const char* keep(std::string sql) { return texts_.emplace_back(std::move(sql)).c_str(); }

  Result<void> check_empty() {
    const auto not_empty = fail(errc::argument_invalid, "target is not empty");
    if (to_.head_ != PostgresRegistry::Head{}) return not_empty;
    for (const std::string& table : tables_) {
      TN_TRY(const auto found, db_.one(keep("SELECT 1 FROM " + table + " LIMIT 1"), {},
                                       [](postgres::Row) { return true; }));
      if (found) return not_empty;
    }
    return {};
  }

  Result<void> copy(const std::string& table) {
    TN_TRY(const auto columns,
           sqlite::collect<Column>(
               from_, keep("PRAGMA table_info(" + table + ")"), {},
               [](sqlite::Row row) -> Result<Column> {
                 return Column{row.text(1), row.text(2) == "INTEGER"};
               }));
    std::string names;
    std::string places;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      names += (i ? "," : "") + columns[i].name;
      places += (i ? ",$" : "$") + std::to_string(i + 1);
    }
    const char* const insert =
        keep("INSERT INTO " + table + "(" + names + ") VALUES(" + places + ")");
    std::vector<postgres::Arg> values(columns.size());
    Result<void> state;
    TN_CHECK(from_.each(keep("SELECT " + names + " FROM " + table), {}, [&](sqlite::Row row) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const int at = static_cast<int>(i);
        if (row.is_null(at)) {
          values[i] = nullptr;
        } else if (columns[i].is_number) {
          values[i] = postgres::arg(row.number(at));
        } else {
          values[i] = row.bytes(at);
        }
      }
      state = db_.post(insert, values);
      ++report_.rows;
      return state.has_value();
    }));
    TN_CHECK(state);
    return db_.settle();
  }

  // The source's counters are in SQLite's own table: they outlive the rows they were given to.
  Result<std::uint64_t> counter(const std::string& table, const std::string& column) {
    TN_TRY(const auto value,
           from_.one(keep("SELECT max(ifnull((SELECT seq FROM sqlite_sequence WHERE name='" +
                          table + "'),0), ifnull((SELECT max(" + column + ") FROM " + table +
                          "),0))"),
                     {}, [](sqlite::Row row) { return row.number(0); }));
    return value.value_or(0);
  }

  Result<void> set_counters() {
    // There each feed has positions of its own: those that follow are greater than all.
    TN_TRY(const auto feed_end, from_.one("SELECT ifnull(max(position+count-1),0) FROM feed", {},
                                          [](sqlite::Row row) { return row.number(0); }));
    to_.head_.feed_end = feed_end.value_or(0);
    TN_TRY(to_.head_.place_end, counter("audience", "place"));
    TN_TRY(const auto size, db_.one("SELECT max(leaf)+1 FROM record", {},
                                    [](postgres::Row row) { return row.number(0); }));
    to_.head_.size = size.value_or(0);
    TN_CHECK(db_.one("SELECT setval(pg_get_serial_sequence('quarantine','id'), max(id)) "
                     "FROM quarantine",
                     {}, [](postgres::Row) { return true; }));
    return {};
  }

  Result<void> compare(const std::string& table) {
    const char* const count = keep("SELECT count(*) FROM " + table);
    TN_TRY(const auto there, from_.one(count, {}, [](sqlite::Row row) { return row.number(0); }));
    TN_TRY(const auto here, db_.one(count, {}, [](postgres::Row row) { return row.number(0); }));
    if (there != here) return fail(errc::store_corrupt, "rows of " + table);
    return {};
  }

  using Nodes = std::map<std::pair<std::uint32_t, std::uint64_t>, Hash>;

  // Each record from its bytes in the target, the tree over them, and every node as it was copied:
  // a wrong one would spoil proofs long after.
  Result<void> prove() {
    static const std::string sql =
        std::string(evidence_columns) + "WHERE leaf>=$1 ORDER BY leaf LIMIT $2";
    if (to_.head_.size != report_.records) return fail(errc::store_corrupt, "journal size");
    // The newest records leave no gap when they are missing; what spoke of them does.
    TN_TRY(const auto end,
           db_.one("SELECT greatest((SELECT coalesce(max(leaf)+1,0) FROM dossier_record), "
                   "(SELECT coalesce(max(leaf+count),0) FROM feed))",
                   {}, [](postgres::Row row) { return row.number(0); }));
    if (end.value_or(0) > report_.records) return fail(errc::store_corrupt, "newest records");
    Nodes nodes;
    const merkle::NodeReader read = [&](std::uint32_t level, std::uint64_t index) {
      return nodes[{level, index}];
    };
    for (std::uint64_t leaf = 0; leaf < report_.records;) {
      TN_TRY(const auto page, postgres::collect<Evidence>(
                                  db_, sql.c_str(),
                                  {postgres::arg(leaf), postgres::arg(page_records)},
                                  read_evidence<postgres::Row>));
      const std::uint64_t first = leaf;
      Nodes made;
      for (const Evidence& evidence : page) {
        if (evidence.leaf_index != leaf) break;
        const Hash hash = merkle::leaf_hash(evidence.record.hash);
        for (const merkle::Node& node : merkle::append(leaf, hash, read)) {
          // What lies below a complete subtree is not asked for again.
          if (node.level > 0) {
            nodes.erase({node.level - 1, 2 * node.index});
            nodes.erase({node.level - 1, 2 * node.index + 1});
          }
          nodes[{node.level, node.index}] = node.hash;
          if (node.level >= JournalTree::stored_level) made[{node.level, node.index}] = node.hash;
        }
        ++leaf;
      }
      if (leaf == first || leaf != first + page.size()) {
        return fail(errc::store_corrupt, "leaf " + std::to_string(leaf));
      }
      TN_CHECK(compare_nodes(first, leaf, made));
    }
    // A node beyond the end was made by a record that is not there any more.
    std::uint64_t node_count = 0;
    for (std::uint64_t rest = report_.records >> JournalTree::stored_level; rest > 0; rest /= 2) {
      node_count += rest;
    }
    TN_TRY(const auto stored_count, db_.one("SELECT count(*) FROM node", {}, [](postgres::Row row) {
             return row.number(0);
           }));
    if (stored_count != node_count) return fail(errc::store_corrupt, "nodes of the tree");
    if (merkle::root(report_.records, read) != report_.root) {
      return fail(errc::store_corrupt, "root of the records");
    }
    to_.tree_.forget();
    TN_TRY(const Hash root, to_.journal_root(report_.records));
    if (root != report_.root) return fail(errc::store_corrupt, "root of the tree");
    return {};
  }

  /// The nodes that the leaves from `first` to before `end` completed.
  Result<void> compare_nodes(std::uint64_t first, std::uint64_t end, const Nodes& made) {
    Nodes stored;
    for (std::uint32_t level = JournalTree::stored_level; end >> level > 0; ++level) {
      TN_CHECK(db_.each("SELECT position, hash FROM node WHERE level=$1 AND position>=$2 AND "
                        "position<$3",
                        {postgres::arg(std::uint64_t{level}), postgres::arg(first >> level),
                         postgres::arg(end >> level)},
                        [&](postgres::Row row) {
                          stored[{level, row.number(0)}] = row.array<Hash>(1);
                          return true;
                        }));
    }
    if (stored != made) {
      return fail(errc::store_corrupt, "tree before leaf " + std::to_string(end));
    }
    return {};
  }

  sqlite::Database& from_;
  PostgresRegistry& to_;
  postgres::Connection& db_;
  std::vector<std::string> tables_;
  std::deque<std::string> texts_;
  CopyReport report_;
};

Result<CopyReport> copy_registry(const std::string& sqlite_path, PostgresRegistry& target) {
  // Opened as a registry first: it knows its schema's version.
  TN_TRY(const auto source, SqliteRegistry::open(sqlite_path, sqlite::Mode::read_only));
  TN_CHECK(source->begin_read());
  TN_TRY(sqlite::Database from, sqlite::Database::open(sqlite_path, sqlite::Mode::read_only));
  TN_CHECK(from.run("BEGIN"));
  TN_CHECK(target.begin());
  Result<CopyReport> report = RegistryCopy(from, target).run(*source);
  if (report) {
    const Result<void> committed = target.commit();
    if (!committed) report = std::unexpected(committed.error());
  }
  if (!report) target.rollback();
  return report;
}

}  // namespace tannha::server
