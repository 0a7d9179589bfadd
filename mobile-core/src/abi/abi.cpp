// The C ABI: bytes and codes around a Session.

#include <cstdlib>
#include <new>
#include <optional>

#include "session.hpp"
#include "tannha/core/tannha.h"

using tannha::Bytes;
using tannha::BytesView;
using tannha::errc;
using tannha::Error;
using tannha::Result;
using tannha::as_bytes;
using tannha::core::Session;

static_assert(static_cast<int>(errc::argument_invalid) == 125 &&
              static_cast<int>(errc::store_busy) == 74, "codes are part of the ABI");

struct tn_core {
  std::unique_ptr<Session> session;  ///< none: opening has failed with `error`
  std::optional<Error> error;        ///< of the last function that failed
  std::string text;  ///< what was handed out last
  Bytes bytes;
};

namespace {

std::string_view view(const char* text, std::size_t size) {
  return text ? std::string_view(text, size) : std::string_view();
}

/// @return the error's code, after keeping why for tn_last_error()
std::int32_t failed(tn_core* core, Error error) {
  core->error = std::move(error);
  return static_cast<std::int32_t>(core->error->code);
}

void hand_out(tn_bytes* out, BytesView bytes) {
  if (out) *out = {bytes.data(), bytes.size()};
}

std::int32_t hand_out(tn_core* core, tn_bytes* out, Result<std::string> answer) {
  const std::int32_t code = answer ? 0 : failed(core, answer.error());
  core->text = answer ? std::move(*answer) : Session::text(answer.error());
  hand_out(out, as_bytes(core->text));
  return code;
}

/// The session, or why there is none.
Result<Session*> session_of(tn_core* core) {
  if (!core->session) return std::unexpected(*core->error);
  return core->session.get();
}

}  // namespace

// Arguments that are not as the header says are the host's mistake, and are told like any other.
extern "C" {

uint32_t tn_abi_version(void) { return TN_ABI_VERSION; }

uint8_t* tn_alloc(size_t size) {
  return static_cast<uint8_t*>(std::malloc(size == 0 ? 1 : size));
}

void tn_free(uint8_t* bytes) { std::free(bytes); }

int32_t tn_open(const char* options, size_t size, tn_core** core) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  *core = new (std::nothrow) tn_core;
  if (!*core) return static_cast<int32_t>(errc::store_memory);
  auto session = Session::open(view(options, size));
  if (session) {
    (*core)->session = std::move(*session);
    return 0;
  }
  return failed(*core, session.error());
}

void tn_close(tn_core* core) { delete core; }

int32_t tn_last_error(tn_core* core, tn_bytes* error) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  core->text = core->error ? Session::text(*core->error) : std::string();
  hand_out(error, as_bytes(core->text));
  return 0;
}

int32_t tn_call(tn_core* core, const char* request, size_t size, tn_bytes* answer) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  const auto session = session_of(core);
  if (!session) return hand_out(core, answer, std::unexpected(session.error()));
  return hand_out(core, answer, (*session)->call(view(request, size)));
}

int32_t tn_receive(tn_core* core, tn_bytes* event) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  const auto session = session_of(core);
  if (!session) return hand_out(core, event, std::unexpected(session.error()));
  return hand_out(core, event, (*session)->receive());
}

int32_t tn_step(tn_core* core, uint32_t* wait_ms) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  if (!wait_ms) return failed(core, {errc::argument_invalid, "wait_ms"});
  *wait_ms = UINT32_MAX;
  const auto session = session_of(core);
  if (!session) return failed(core, session.error());
  const auto wait = (*session)->step();
  if (wait && *wait < UINT32_MAX) *wait_ms = static_cast<uint32_t>(*wait);
  return 0;
}

int32_t tn_sync_next(tn_core* core, tn_bytes* call, tn_bytes* body) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  hand_out(call, {});
  hand_out(body, {});
  const auto session = session_of(core);
  if (!session) return failed(core, session.error());
  auto next = (*session)->sync_next();
  core->text = std::move(next.head);
  core->bytes = std::move(next.body);
  hand_out(call, as_bytes(core->text));
  hand_out(body, core->bytes);
  return 0;
}

int32_t tn_sync_answer(tn_core* core, const char* head, size_t size, const uint8_t* body,
                       size_t body_size) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  const auto session = session_of(core);
  if (!session) return failed(core, session.error());
  const BytesView bytes = body ? BytesView(body, body_size) : BytesView();
  const auto done = (*session)->sync_answer(view(head, size), bytes);
  return done ? 0 : failed(core, done.error());
}

int32_t tn_blob_begin(tn_core* core, const char* begin, size_t size, uint32_t* blob) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  if (!blob) return failed(core, {errc::argument_invalid, "blob"});
  const auto session = session_of(core);
  if (!session) return failed(core, session.error());
  const auto number = (*session)->blob_begin(view(begin, size));
  if (!number) return failed(core, number.error());
  *blob = *number;
  return 0;
}

int32_t tn_blob_write(tn_core* core, uint32_t blob, const uint8_t* piece, size_t size) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  const auto session = session_of(core);
  if (!session) return failed(core, session.error());
  const auto done = (*session)->blob_write(blob, piece ? BytesView(piece, size) : BytesView());
  return done ? 0 : failed(core, done.error());
}

int32_t tn_blob_end(tn_core* core, uint32_t blob, tn_bytes* answer) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  const auto session = session_of(core);
  if (!session) return hand_out(core, answer, std::unexpected(session.error()));
  return hand_out(core, answer, (*session)->blob_end(blob));
}

int32_t tn_blob_read(tn_core* core, const char* hash, size_t size, uint64_t offset,
                     size_t size_max, tn_bytes* piece) {
  if (!core) return static_cast<int32_t>(errc::argument_invalid);
  hand_out(piece, {});
  const auto session = session_of(core);
  if (!session) return failed(core, session.error());
  auto bytes = (*session)->blob_read(view(hash, size), offset, size_max);
  if (!bytes) return failed(core, bytes.error());
  core->bytes = std::move(*bytes);
  hand_out(piece, core->bytes);
  return 0;
}

}  // extern "C"
