#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite behind Result<>. One thread at a time; every statement is prepared once and kept.
/// Errors everywhere: store_full, store_read_only, store_io, store_corrupt, store_busy,
/// store_memory, store_not_found (opening only).
///
/// After some errors SQLite undoes the whole transaction by itself. Every later statement is then
/// refused with the same error until a rollback, so that nothing of it can be saved alone.
namespace tannha::sqlite {

/// A bound value. Views must live until the call returns.
using Arg = std::variant<std::nullptr_t, std::int64_t, BytesView, std::string_view>;
[[nodiscard]] inline Arg arg(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}
[[nodiscard]] inline Arg arg(BytesView bytes) {
  return bytes;
}
[[nodiscard]] inline Arg arg(std::string_view text) {
  return text;
}
using Args = std::initializer_list<Arg>;

/// The current row; valid inside the callback only.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::uint64_t number(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] BytesView bytes(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// A digest or id column. Zero when the stored size is another: callers compare hashes anyway.
  template <class Array>
  [[nodiscard]] Array array(int column) const {
    return to_array<Array>(bytes(column)).value_or(Array{});
  }

 private:
  sqlite3_stmt* statement_;
};

enum class Mode {
  exclusive,  ///< read and write; no other process may open the file, which can shrink
  shared,     ///< read and write, the only writer and the only one that checkpoints; others read
  read_only,  ///< never writes, never checkpoints
};

class Database {
 public:
  /// WAL, synchronous=FULL, foreign keys on, hardened. In the writing modes the file is made when
  /// it is missing, and whatever it shows is durable: also what a process that was killed had
  /// written and not synced, on a full disk too.
  [[nodiscard]] static Result<Database> open(const std::string& path, Mode mode);
  /// The same, and makes the schema in a new file. @param version of the schema, from 1
  /// Errors: also store_version_unknown (made by another version); store_not_found (read-only, and
  /// there is no schema, or whoever made the file was cut off).
  [[nodiscard]] static Result<Database> open(const std::string& path, Mode mode, const char* schema,
                                             std::uint64_t version);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// One or more statements without parameters: schemas.
  [[nodiscard]] Result<void> exec(const char* sql);
  /// @param sql a string literal: the statement is cached under its address.
  [[nodiscard]] Result<void> run(const char* sql, Args args = {});
  /// Ends the open transaction, if any, without its changes. Needs no memory.
  void rollback();
  /// Calls `row` for each row until it returns false.
  [[nodiscard]] Result<void> each(const char* sql, Args args, const std::function<bool(Row)>& row);
  /// Rows changed by the last run().
  [[nodiscard]] std::uint64_t changes() const;
  /// Rows changed since this was opened.
  [[nodiscard]] std::uint64_t total_changes() const;
  [[nodiscard]] std::uint64_t last_row_id() const;
  /// What this transaction overwrites or deletes shall not be found in the log of changes (WAL)
  /// either: the next commit of a Transaction empties it.
  void clear_wal_at_commit() { clear_wal_ = true; }
  [[nodiscard]] bool in_transaction() const;

  /// Copies the whole database as this connection sees it, in an open transaction as it was at its
  /// beginning, into a new file, while others may go on writing. Durable on return, the file's name
  /// in its folder excepted. @param path where no file is yet
  [[nodiscard]] Result<void> copy_to(const std::string& path);

  // Room for what must be written when the disk is full: a file beside the database ("-reserve")
  // that is really there, and that goes when its room is needed. A database in memory needs none.
  /// Makes it unless it is there, after the pages that are free in the database were given back.
  /// @param size_bytes the same every time
  [[nodiscard]] Result<void> keep_reserve(std::size_t size_bytes);
  /// @return whether there was one
  bool give_up_reserve();
  /// Makes the file as large as the open transaction needs it. Otherwise what is saved in the log
  /// of changes might find no room in the database, and the log could never begin anew.
  [[nodiscard]] Result<void> take_room();
  /// Gives the database's free pages back to the disk, a few at a time, so that it takes little
  /// room itself. @param pages_min does nothing when fewer are free
  [[nodiscard]] Result<void> shrink(std::uint64_t pages_min);

  /// The first row through `map`, or nothing.
  template <class F>
  [[nodiscard]] auto one(const char* sql, Args args, F map)
      -> Result<std::optional<std::invoke_result_t<F, Row>>> {
    std::optional<std::invoke_result_t<F, Row>> out;
    TN_CHECK(each(sql, args, [&](Row row) {
      out = map(row);
      return false;
    }));
    return out;
  }

 private:
  struct Closer {
    void operator()(sqlite3* db) const;
  };
  explicit Database(sqlite3* db) : db_(db) {}
  [[nodiscard]] Result<sqlite3_stmt*> prepare(const char* sql, Args args);
  [[nodiscard]] Result<void> check_not_undone(std::string_view sql);

  std::optional<Error> undone_by_;  ///< the error with which SQLite undid the open transaction
  std::unique_ptr<sqlite3, Closer> db_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  bool clear_wal_ = false;
  bool has_reserve_ = false;  ///< known to be there
  friend class Transaction;
};

/// The rows through `map`, which returns a Result; when one cannot be read the store is corrupt,
/// and the detail says what `map` said.
template <class T, class F>
[[nodiscard]] Result<std::vector<T>> collect(Database& db, const char* sql, Args args, F map) {
  std::vector<T> out;
  Result<void> state;
  TN_CHECK(db.each(sql, args, [&](Row row) {
    Result<T> item = map(row);
    if (!item) {
      state = fail(errc::store_corrupt,
                   std::string(name(item.error().code)) + " " + item.error().detail);
      return false;
    }
    out.push_back(std::move(*item));
    return true;
  }));
  TN_CHECK(state);
  return out;
}

template <class T>
[[nodiscard]] std::optional<T> first_of(std::vector<T> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

/// Rolls back unless committed. Not nested.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Database& db);
  Transaction(Transaction&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// Durable when it returns without an error.
  [[nodiscard]] Result<void> commit();

 private:
  explicit Transaction(Database& db) : db_(&db) {}
  Database* db_;
};

}  // namespace tannha::sqlite
