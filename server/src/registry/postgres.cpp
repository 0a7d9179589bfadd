#include "postgres.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <numeric>

namespace tannha::server::postgres {
namespace {

// Answers to what is posted are some ten bytes each: far below what a socket holds, so that neither
// side ever waits for the other to read.
constexpr std::size_t pending_max = 200;
// As for what is sent: more than a socket takes at once would be waited for without an end. It also
// bounds the rows that wait in memory.
constexpr std::size_t sent_bytes_max = 64 * 1024;

errc to_errc(std::string_view state) {
  struct Mapping {
    std::string_view prefix;
    errc code;
  };
  // SQLSTATE, PostgreSQL 15 appendix A; the first prefix that fits.
  static constexpr std::array<Mapping, 16> mappings{{
      {"53100", errc::store_full},
      {"53200", errc::store_memory},
      {"53300", errc::store_busy},
      {"53400", errc::store_full},
      {"25006", errc::store_read_only},
      {"42501", errc::store_read_only},
      {"40", errc::store_busy},     // serialization failure, deadlock
      {"55P03", errc::store_busy},  // the lock was not there in time
      {"57014", errc::store_busy},  // cancelled, or the statement's time ran out
      {"57P03", errc::store_busy},  // starting, or recovering
      {"XX001", errc::store_corrupt},
      {"XX002", errc::store_corrupt},
      {"42P01", errc::store_corrupt},  // a table, a column, the schema is missing
      {"42703", errc::store_corrupt},
      {"3F000", errc::store_corrupt},
      {"22P03", errc::store_corrupt},
  }};
  for (const Mapping& mapping : mappings) {
    if (state.starts_with(mapping.prefix)) return mapping.code;
  }
  return errc::store_io;
}

std::string first_line(const char* text) {
  const std::string_view all = text ? text : "";
  return std::string(all.substr(0, all.find('\n')));
}

// The primary message may quote names, never bound values; the detail line may, so it is left out.
Error to_error(const pg_conn* connection, const pg_result* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (!state) return {errc::store_io, first_line(PQerrorMessage(connection))};
  return {to_errc(state), std::string(state) + " " + first_line(message)};
}

void put_big_endian(std::int64_t value, std::array<char, 8>& out) {
  auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = out.size(); i-- > 0; bits >>= 8U) {
    out[i] = static_cast<char>(bits & 0xffU);
  }
}

// libpq's three arrays for the values of one statement.
class Values {
 public:
  explicit Values(std::span<const Arg> args) : numbers_(args.size()) {
    for (const Arg& value : args) {
      const std::size_t at = data_.size();
      const char* data = nullptr;
      std::size_t size = 0;
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        put_big_endian(*number, numbers_[at]);
        data = numbers_[at].data();
        size = numbers_[at].size();
      } else if (const auto* bytes = std::get_if<BytesView>(&value)) {
        // A null pointer would be NULL; empty bytes are another thing.
        data = bytes->empty() ? "" : as_text(*bytes).data();
        size = bytes->size();
      }
      data_.push_back(data);
      sizes_.push_back(static_cast<int>(size));
      formats_.push_back(1);
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(data_.size()); }
  [[nodiscard]] const char* const* data() const { return data_.data(); }
  [[nodiscard]] const int* sizes() const { return sizes_.data(); }
  [[nodiscard]] std::size_t bytes() const {
    return std::accumulate(sizes_.begin(), sizes_.end(), std::size_t{0},
                           [](std::size_t sum, int size) {
                             return sum + static_cast<std::size_t>(size);
                           });
  }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::array<char, 8>> numbers_;
  std::vector<const char*> data_;
  std::vector<int> sizes_;
  std::vector<int> formats_;
};

// An array of one dimension in binary form (PostgreSQL's array_recv): dimensions, whether there are
// NULLs, the elements' type, how many, the first index; then each element's size and bytes.
constexpr std::size_t count_at = 12;
constexpr std::uint32_t type_bigint = 20;
constexpr std::uint32_t type_bytea = 17;

void put_32(std::uint32_t value, std::uint8_t* out) {
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(value >> shift);
}
void add_32(std::uint32_t value, Bytes& out) {
  out.resize(out.size() + sizeof value);
  put_32(value, out.data() + out.size() - sizeof value);
}
Bytes array_head(char type) {
  Bytes out;
  for (const std::uint32_t field :
       {std::uint32_t{1}, std::uint32_t{1}, type == 'n' ? type_bigint : type_bytea,
        std::uint32_t{0}, std::uint32_t{1}}) {
    add_32(field, out);
  }
  return out;
}
void set_count(Bytes& array, std::uint32_t count) { put_32(count, array.data() + count_at); }
void put_element(const Arg& value, Bytes& array) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    const auto bits = static_cast<std::uint64_t>(*number);
    add_32(sizeof bits, array);
    add_32(static_cast<std::uint32_t>(bits >> 32U), array);
    add_32(static_cast<std::uint32_t>(bits), array);
  } else if (const auto* bytes = std::get_if<BytesView>(&value)) {
    add_32(static_cast<std::uint32_t>(bytes->size()), array);
    array.insert(array.end(), bytes->begin(), bytes->end());
  } else {
    add_32(std::numeric_limits<std::uint32_t>::max(), array);
  }
}

struct Option {
  const char* keyword;
  const char* value;
};
// Where the operator says nothing: a server that is gone is noticed within half a minute, and does
// not hold the committer for hours.
constexpr std::array<Option, 6> option_defaults{{{"connect_timeout", "10"},
                                                 {"keepalives_idle", "10"},
                                                 {"keepalives_interval", "5"},
                                                 {"keepalives_count", "3"},
                                                 {"tcp_user_timeout", "25000"},
                                                 {"application_name", "tannhad"}}};

// "a,,b": an empty one is libpq's default.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out(1);
  for (const char c : list) {
    if (c == ',') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

// What makes or changes tables may have much to rewrite.
constexpr int script_patience_ms = 10 * 60'000;
// Who only listens asks now and then whether somebody is still there.
constexpr int news_check_ms = 30'000;

}  // namespace

Arg limit(std::size_t count) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return arg(std::min<std::uint64_t>(count, most));
}

std::uint64_t Row::number(int column) const {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes(column)) value = value << 8U | byte;
  return value;
}
bool Row::is_null(int column) const { return PQgetisnull(result_, row_, column) == 1; }
BytesView Row::bytes(int column) const {
  return as_bytes(std::string_view(PQgetvalue(result_, row_, column),
                                   static_cast<std::size_t>(PQgetlength(result_, row_, column))));
}

void ConnectionCloser::operator()(pg_conn* connection) const { PQfinish(connection); }
void ResultCloser::operator()(pg_result* result) const { PQclear(result); }

Result<void> Connection::connect(const std::string& conninfo) {
  names_.clear();
  named_now_.clear();
  pending_ = 0;
  sent_bytes_ = 0;
  rows_.clear();
  row_bytes_ = 0;
  connection_.reset();
  // What cannot be read is not quoted: it may hold a password.
  PQconninfoOption* options = PQconninfoParse(conninfo.c_str(), nullptr);
  if (!options) return fail(errc::argument_invalid, "connection string");
  std::map<std::string, std::string> wanted;
  for (const Option& option : option_defaults) wanted[option.keyword] = option.value;
  for (const PQconninfoOption* o = options; o->keyword; ++o) {
    if (o->val) wanted[o->keyword] = o->val;
  }
  PQconninfoFree(options);
  TN_CHECK(connect_to_any(wanted));
  failed_.reset();
  PQsetNoticeReceiver(connection_.get(), read_notice, this);
  if (PQenterPipelineMode(connection_.get()) != 1) return fail(errc::store_io, "pipeline");
  return {};
}

// libpq goes on to the next host only where nobody answers, or is not what target_session_attrs
// asks for. One that takes the connection and ends it (a proxy before a server that is gone, a
// server that is full) must not keep us from the others.
Result<void> Connection::connect_to_any(std::map<std::string, std::string> wanted) {
  constexpr std::array<const char*, 3> lists{"host", "hostaddr", "port"};
  std::map<std::string, std::vector<std::string>> parts;
  std::size_t count = 1;
  for (const char* const list : lists) {
    if (!wanted.contains(list)) continue;
    parts[list] = split(wanted[list]);
    count = std::max(count, parts[list].size());
  }
  Error error{errc::store_io, {}};
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto& [list, values] : parts) {
      if (values.size() > 1) wanted[list] = i < values.size() ? values[i] : std::string();
    }
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : wanted) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    const auto begin = std::chrono::steady_clock::now();
    connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 0));
    if (PQstatus(connection_.get()) == CONNECTION_OK) return {};
    // Who has not answered in a second is not asked a second time.
    const bool is_busy =
        std::chrono::steady_clock::now() - begin < std::chrono::seconds(1) &&
        PQpingParams(keywords.data(), values.data(), 0) == PQPING_REJECT;
    error = {is_busy ? errc::store_busy : errc::store_io,
             first_line(PQerrorMessage(connection_.get()))};
    connection_.reset();
  }
  return std::unexpected(std::move(error));
}

void Connection::drop() {
  connection_.reset();
  fail_with({errc::store_io, "connection lost"});
}

bool Connection::lost() const {
  return !connection_ || PQstatus(connection_.get()) != CONNECTION_OK;
}

// A commit whose wait for the standby somebody cancelled (an operator, a timeout of the role) is told
// as done, with a warning. It is on one disk only, and that is not what commit() promises.
void Connection::read_notice(void* self, const pg_result* notice) {
  const char* function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
  if (function && std::string_view(function) == "SyncRepWaitForLSN") {
    static_cast<Connection*>(self)->is_unconfirmed_ = true;
  }
}

bool Connection::wait_for_answer(std::chrono::steady_clock::time_point until) {
  pg_conn* const connection = connection_.get();
  while (PQisBusy(connection) == 1) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd fd{PQsocket(connection), POLLIN, 0};
    const int ready =
        left.count() > 0 ? ::poll(&fd, 1, static_cast<int>(left.count())) : 0;
    if (ready == 0) {
      fail_with({errc::store_io, "no answer in time"});
      connection_.reset();
      return false;
    }
    // What went wrong is told with the answer.
    if (ready > 0 && PQconsumeInput(connection) != 1) return true;
  }
  return true;
}

Error Connection::fail_with(Error error) {
  if (!failed_) failed_ = std::move(error);
  return *failed_;
}

Result<void> Connection::script(const std::string& sql) {
  TN_CHECK(settle());
  if (PQexitPipelineMode(connection_.get()) != 1) return fail(errc::store_io, "pipeline");
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) {
    return std::unexpected(
        fail_with({errc::store_io, first_line(PQerrorMessage(connection_.get()))}));
  }
  ++round_trips_;
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(script_patience_ms);
  Result<void> outcome;
  for (;;) {
    if (!wait_for_answer(until)) return std::unexpected(*failed_);
    const ResultPtr result(PQgetResult(connection_.get()));
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      outcome = std::unexpected(fail_with(to_error(connection_.get(), result.get())));
    }
  }
  if (PQenterPipelineMode(connection_.get()) != 1 && outcome) {
    return fail(errc::store_io, "pipeline");
  }
  return outcome;
}

Result<void> Connection::post(const char* sql, std::span<const Arg> args) {
  TN_CHECK(send_rows());
  return send(sql, args);
}

Result<void> Connection::insert(const ManyRows& insert, Args row) {
  if (failed_) return std::unexpected(*failed_);
  auto rows = std::ranges::find(rows_, &insert, &Rows::insert);
  if (rows == rows_.end()) {
    rows_.push_back({.insert = &insert, .columns = {}});
    rows = std::prev(rows_.end());
    for (const char* type = insert.columns; *type; ++type) {
      rows->columns.push_back(array_head(*type));
    }
  }
  ++rows->count;
  auto column = rows->columns.begin();
  for (const Arg& value : row) {
    const std::size_t before = column->size();
    put_element(value, *column);
    row_bytes_ += column->size() - before;
    ++column;
  }
  if (row_bytes_ < sent_bytes_max) return {};
  return send_rows();
}

Result<void> Connection::send_rows() {
  if (rows_.empty()) return {};
  const std::vector<Rows> all = std::exchange(rows_, {});
  row_bytes_ = 0;
  for (Rows rows : all) {
    std::vector<Arg> args;
    for (Bytes& column : rows.columns) {
      set_count(column, rows.count);
      args.push_back(arg(BytesView(column)));
    }
    TN_CHECK(send(rows.insert->sql, args));
  }
  return {};
}

Result<void> Connection::send(const char* sql, std::span<const Arg> args) {
  if (failed_) return std::unexpected(*failed_);
  if (!connection_) return fail(errc::store_io, "not connected");
  if (pending_ >= pending_max || sent_bytes_ >= sent_bytes_max) {
    TN_CHECK(finish());
  }
  pg_conn* const connection = connection_.get();
  std::string& name = names_[sql];
  if (name.empty()) {
    name = "s" + std::to_string(next_name_++);
    named_now_.push_back(sql);
    if (PQsendPrepare(connection, name.c_str(), sql, 0, nullptr) != 1) {
      return std::unexpected(fail_with({errc::store_io, first_line(PQerrorMessage(connection))}));
    }
    ++pending_;
  }
  const Values values(args);
  sent_bytes_ += values.bytes();
  if (PQsendQueryPrepared(connection, name.c_str(), values.count(), values.data(), values.sizes(),
                          values.formats(), 1) != 1) {
    return std::unexpected(fail_with({errc::store_io, first_line(PQerrorMessage(connection))}));
  }
  ++pending_;
  return {};
}

// Reads the answers to all that was sent. @return that of the last statement
Result<Connection::ResultPtr> Connection::finish() {
  pg_conn* const connection = connection_.get();
  ResultPtr last;
  if (failed_) return std::unexpected(*failed_);
  if (PQpipelineSync(connection) != 1) {
    return std::unexpected(fail_with({errc::store_io, first_line(PQerrorMessage(connection))}));
  }
  ++round_trips_;
  is_unconfirmed_ = false;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms_);
  bool nothing_before = false;
  for (;;) {
    if (!wait_for_answer(until)) return std::unexpected(*failed_);
    ResultPtr result(PQgetResult(connection));
    if (!result) {
      // Once ends a statement; twice says that nothing more will come.
      if (nothing_before || PQstatus(connection) != CONNECTION_OK) {
        fail_with({errc::store_io, first_line(PQerrorMessage(connection))});
        break;
      }
      nothing_before = true;
      continue;
    }
    nothing_before = false;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      last = std::move(result);
    } else if (status != PGRES_PIPELINE_ABORTED) {
      fail_with(to_error(connection, result.get()));
    }
  }
  pending_ = 0;
  sent_bytes_ = 0;
  if (is_unconfirmed_) fail_with({errc::store_io, "the standby has not confirmed the commit"});
  if (failed_) {
    // Which of them the server still prepared is not known; the next use takes a new name.
    for (const char* sql : named_now_) names_.erase(sql);
  }
  named_now_.clear();
  if (failed_) return std::unexpected(*failed_);
  return last;
}

Result<void> Connection::settle() {
  if (failed_) return std::unexpected(*failed_);
  if (!connection_) return fail(errc::store_io, "not connected");
  TN_CHECK(send_rows());
  if (pending_ == 0) return {};
  TN_CHECK(finish());
  return {};
}

Result<std::uint64_t> Connection::run(const char* sql, Args args) {
  TN_CHECK(post(sql, args));
  TN_TRY(const ResultPtr result, finish());
  const std::string_view count = PQcmdTuples(result.get());
  std::uint64_t changed = 0;
  for (const char digit : count) changed = changed * 10 + static_cast<std::uint64_t>(digit - '0');
  return changed;
}

Result<void> Connection::each(const char* sql, Args args, const std::function<bool(Row)>& row) {
  TN_CHECK(post(sql, args));
  TN_TRY(const ResultPtr result, finish());
  const int count = PQntuples(result.get());
  for (int i = 0; i < count; ++i) {
    if (!row(Row(result.get(), i))) break;
  }
  return {};
}

Result<std::vector<std::string>> Connection::wait_for_news(int wake_fd) {
  if (lost()) return fail(errc::store_io, "connection lost");
  pg_conn* const connection = connection_.get();
  std::vector<std::string> payloads;
  for (;;) {
    if (PQconsumeInput(connection) != 1) return fail(errc::store_io, "connection lost");
    // What the server says to nobody is read here, too: that it ends, for one.
    while (PGnotify* const notify = PQnotifies(connection)) {
      payloads.emplace_back(notify->extra);
      PQfreemem(notify);
    }
    if (lost()) return fail(errc::store_io, "connection lost");
    if (!payloads.empty()) return payloads;
    std::array<pollfd, 2> fds{{{PQsocket(connection), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    const int ready = ::poll(fds.data(), fds.size(), news_check_ms);
    if (ready < 0 && errno != EINTR) return fail(errc::store_io, "poll");
    if (ready == 0) {
      TN_CHECK(run("SELECT 1::bigint"));
    }
    if (fds[1].revents != 0) return payloads;
  }
}

Result<void> Connection::recover(const char* rollback_sql) {
  if (lost()) return fail(errc::store_io, "connection lost");
  rows_.clear();
  row_bytes_ = 0;
  // What was posted and never asked for is answered first; how does not matter any more.
  if (pending_ > 0) {
    failed_.reset();
    (void)finish().has_value();
    if (lost()) return std::unexpected(fail_with({errc::store_io, "connection lost"}));
  }
  failed_.reset();
  TN_CHECK(run(rollback_sql));
  return {};
}

}  // namespace tannha::server::postgres
