#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

// libpq's own types, in its .cpp only.
struct pg_conn;
struct pg_result;

/// libpq behind Result<>, in the shape of tannha/engine/sqlite.hpp. One thread at a time; every
/// statement is prepared once a connection. Columns are BIGINT and BYTEA only, whose binary forms
/// are the same everywhere: text is bytes too, so that neither the database's encoding nor a zero
/// byte in it can refuse a record, and it sorts as in SQLite.
/// Errors everywhere: store_full, store_read_only, store_io, store_corrupt, store_busy,
/// store_memory.
namespace tannha::server::postgres {

/// A bound value. Views must live until the call returns.
using Arg = std::variant<std::nullptr_t, std::int64_t, BytesView>;
[[nodiscard]] inline Arg arg(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}
[[nodiscard]] inline Arg arg(BytesView bytes) {
  return bytes;
}
[[nodiscard]] inline Arg arg(std::string_view text) {
  return as_bytes(text);
}
/// For LIMIT, which takes no negative number.
[[nodiscard]] Arg limit(std::size_t count);
using Args = std::initializer_list<Arg>;

/// A row of an answer; valid inside the callback only.
class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}
  [[nodiscard]] std::uint64_t number(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] BytesView bytes(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string(as_text(bytes(column))); }
  /// A digest or id column. Zero when the stored size is another: callers compare hashes anyway.
  template <class Array>
  [[nodiscard]] Array array(int column) const {
    return to_array<Array>(bytes(column)).value_or(Array{});
  }

 private:
  const pg_result* result_;
  int row_;
};

struct ConnectionCloser {
  void operator()(pg_conn* connection) const;
};
struct ResultCloser {
  void operator()(pg_result* result) const;
};

/// An INSERT of many rows at once, in which the server does the work of a statement once.
struct ManyRows {
  const char* sql;      ///< … SELECT … FROM unnest($1::bigint[],$2::bytea[] …): an array for a column
  const char* columns;  ///< 'n' a number, 'b' bytes, for each
};

/// How long any statement of the registry may take, in milliseconds: twice what it may wait for the
/// lock. The system's own signs of life (option_defaults) do not notice a server, or a forwarder,
/// that stands still and is not gone.
inline constexpr int patience_ms_default = 10'000;

/// One connection in libpq's pipeline mode. After an error every call is refused with the same one
/// until recovered(), as the server would refuse it; after a lost connection until connect().
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;  // libpq knows its address
  Connection& operator=(const Connection&) = delete;
  /// Connects anew, whatever was before. Errors: argument_invalid (no connection string); store_io
  /// (nobody there, not let in); store_busy (the server is starting or recovers).
  /// @param conninfo as libpq has it: postgres://… or key=value…; of several hosts the first one
  /// that lets us in and is what target_session_attrs asks for
  [[nodiscard]] Result<void> connect(const std::string& conninfo);
  [[nodiscard]] bool lost() const;
  void drop();
  /// How long a statement may take; an answer that has not come by then is a lost connection
  /// (store_io). Kept over connect(). @param ms milliseconds
  void set_patience(int ms) { patience_ms_ = ms; }

  /// Several statements without parameters; not inside post() … settle().
  [[nodiscard]] Result<void> script(const std::string& sql);
  /// Sends a statement and does not wait for its answer: its error is told by settle(), or by what
  /// is asked before. @param sql a string that stays: the statement is known by its address.
  [[nodiscard]] Result<void> post(const char* sql, std::span<const Arg> args);
  [[nodiscard]] Result<void> post(const char* sql, Args args = {}) {
    return post(sql, std::span<const Arg>(args.begin(), args.size()));
  }
  /// Like post(), but the row may wait for others of the same kind: until the next statement that
  /// is none of these. Rows of different kinds may come in another order. @param insert stays
  [[nodiscard]] Result<void> insert(const ManyRows& insert, Args row);
  /// Waits for everything that was posted. Errors: the first of them.
  [[nodiscard]] Result<void> settle();
  /// Posts and settles. @return rows changed
  [[nodiscard]] Result<std::uint64_t> run(const char* sql, Args args = {});
  /// Calls `row` for each row until it returns false.
  [[nodiscard]] Result<void> each(const char* sql, Args args, const std::function<bool(Row)>& row);
  /// Ends the standing error with a ROLLBACK of some kind; it stays when the connection is lost.
  [[nodiscard]] Result<void> recover(const char* rollback_sql);
  /// The error that stands, if any.
  [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }
  /// Waits until another connection notifies a channel that this one listens to, or `wake_fd` can be
  /// read. @return the payloads; none when woken
  [[nodiscard]] Result<std::vector<std::string>> wait_for_news(int wake_fd);
  /// Round trips so far.
  [[nodiscard]] std::uint64_t round_trips() const { return round_trips_; }

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
  using ResultPtr = std::unique_ptr<pg_result, ResultCloser>;
  [[nodiscard]] Result<void> connect_to_any(std::map<std::string, std::string> wanted);
  [[nodiscard]] Result<ResultPtr> finish();
  [[nodiscard]] Result<void> send(const char* sql, std::span<const Arg> args);
  [[nodiscard]] Result<void> send_rows();
  /// Whether the next answer can be read without waiting. False: the connection is lost.
  [[nodiscard]] bool wait_for_answer(std::chrono::steady_clock::time_point until);
  static void read_notice(void* self, const pg_result* notice);
  Error fail_with(Error error);

  std::unique_ptr<pg_conn, ConnectionCloser> connection_;
  std::optional<Error> failed_;
  std::unordered_map<const char*, std::string> names_;
  std::vector<const char*> named_now_;  ///< prepared by what is not settled yet
  std::uint64_t next_name_ = 0;
  std::size_t pending_ = 0;
  std::size_t sent_bytes_ = 0;  ///< with what is not answered yet
  /// Rows that wait: the columns as arrays in the server's binary form, but for their heads.
  struct Rows {
    const ManyRows* insert;
    std::uint32_t count = 0;
    std::vector<Bytes> columns;
  };
  std::vector<Rows> rows_;
  std::size_t row_bytes_ = 0;  ///< of all that wait
  std::uint64_t round_trips_ = 0;
  int patience_ms_ = patience_ms_default;
  bool is_unconfirmed_ = false;  ///< a commit that its standby has not confirmed
};

/// As sqlite::collect.
template <class T, class F>
[[nodiscard]] Result<std::vector<T>> collect(Connection& db, const char* sql, Args args, F map) {
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

}  // namespace tannha::server::postgres
