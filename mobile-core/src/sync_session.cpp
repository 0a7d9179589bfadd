#include "tannha/core/sync_session.hpp"

#include <algorithm>

#include "tannha/core/server_answer.hpp"
#include "tannha/core/training.hpp"
#include "tannha/engine/retry.hpp"
#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/deflate.hpp"

namespace tannha::core {
namespace {

constexpr std::string_view key_server = "server_url";
constexpr std::string_view key_last_error = "last_sync_error";
constexpr std::string_view key_hold_files = "hold_files";
constexpr std::string_view binary = "application/octet-stream";

// What is written within this time goes in one exchange.
constexpr std::uint64_t soon_ms = 2'000;
// Without anything to send, news are looked for as often as this.
constexpr std::uint64_t look_ms = 15 * 60'000;
// A link that is slower than this is no link: as the server sees it.
constexpr std::uint64_t bytes_per_second_min = 4 * 1024;
constexpr std::uint64_t timeout_ms_min = 30'000;
// More exchanges than any backlog needs: a server that always has more must not hold a phone.
constexpr std::uint32_t exchanges_max = 10'000;
// Files that a server may put off in one go: each has cost the link all of its bytes.
constexpr std::uint32_t put_off_max = 3;

/// Whether the same is worth trying by itself. Of the codes that are not transient the server's own
/// trouble is the one that passes.
bool may_pass(errc code) {
  return is_transient(code) || code == errc::server_refused || code == errc::server_reply_malformed;
}

}  // namespace

Result<std::string> SyncSession::server() {
  TN_TRY(const auto& url, replica_.store().value(key_server));
  return std::string(as_text(url.value_or(Bytes())));
}

Bytes SyncSession::live_hello() const {
  if (token_.empty()) return {};
  return fields::encode(exchange::LiveMessage{exchange::LiveKind::hello, 1,
                                              to_bytes(as_bytes(token_))});
}

// Starting

Result<void> SyncSession::enrol(std::string_view link) {
  TN_TRY(const EnrolmentLink& parsed, parse_enrolment_link(link));
  TN_TRY([[maybe_unused]] const auto begun, replica_.begin_enrolment(parsed.ticket));
  TN_CHECK(replica_.store().set_value(key_server, as_bytes(parsed.url)));
  ticket_ = parsed.ticket;
  token_.clear();
  abandon();
  step_ = Step::enrol;
  return {};
}

void SyncSession::start() {
  due_ms_.reset();
  if (is_training(replica_)) return;
  if (step_ != Step::nothing) {
    is_again_ = true;
    return;
  }
  step_ = Step::exchange;
  exchanges_ = 0;
  asks_less_ = false;
  summary_ = {};
}

void SyncSession::run(Errand errand) {
  if (is_training(replica_)) return;
  errands_.push_back(std::move(errand));
  if (step_ != Step::nothing) return;
  due_ms_.reset();
  step_ = Step::errand;
}

// What has waited meanwhile goes on.
void SyncSession::end_errand() {
  errands_.erase(errands_.begin());
  if (!errands_.empty()) return;
  step_ = Step::nothing;
  if (std::exchange(is_again_, false)) {
    start();
  } else if (failed_) {
    wait_ms(retry_wait_ms(std::nullopt, failures_, host_));
  } else {
    wait_ms(look_ms);
  }
}

void SyncSession::start_soon() {
  if (step_ != Step::nothing) {
    is_again_ = true;
    return;
  }
  // After a failure the wait that was agreed on stands.
  const std::uint64_t at = host_.monotonic_ms() + soon_ms;
  if (!failed_ && (!due_ms_ || *due_ms_ > at)) due_ms_ = at;
}

Result<void> SyncSession::hold_files(bool hold) {
  Store& store = replica_.store();
  return store.with_reserve([&] { return store.set_number(key_hold_files, hold ? 1 : 0); });
}
Result<bool> SyncSession::holds_files() {
  TN_TRY(const std::uint64_t hold, replica_.store().number(key_hold_files));
  if (hold == 0) return false;
  // A revoked device hands in everything and erases itself: that waits for nothing.
  TN_TRY(const Replica::Condition& condition, replica_.condition());
  return !condition.revoked;
}

void SyncSession::step() {
  if (!due_ms_ || host_.monotonic_ms() < *due_ms_ || is_awaited_) return;
  due_ms_.reset();
  if (step_ == Step::nothing) start();
}

void SyncSession::abandon() {
  is_awaited_ = false;
  sign_in_ = SignIn::nothing;
}

void SyncSession::wait_ms(std::uint64_t ms) { due_ms_ = host_.monotonic_ms() + ms; }

// Asking

Result<std::optional<SyncSession::Call>> SyncSession::next() {
  if (step_ == Step::nothing || is_awaited_ || replica_.is_locked()) return std::optional<Call>();
  // An exercise never leaves the device, whatever was begun.
  if (is_training(replica_)) return std::optional<Call>();
  // A busy server has said when to come again.
  if (due_ms_ && host_.monotonic_ms() < *due_ms_) return std::optional<Call>();
  due_ms_.reset();
  TN_TRY(Call call, make_call());
  TN_TRY(const std::string& url, server());
  call.url.insert(0, url);
  call.number = ++last_number_;
  call.timeout_ms = timeout_ms_min + 1000 * (call.body.size() / bytes_per_second_min);
  given_up_ms_ = host_.monotonic_ms() + call.timeout_ms;
  is_awaited_ = true;
  return std::optional<Call>(std::move(call));
}

Result<SyncSession::Call> SyncSession::make_call() {
  Call call{.method = "POST", .content_type = std::string(binary)};
  if (step_ == Step::enrol) {
    TN_TRY(const auto& request, replica_.begin_enrolment(ticket_));
    call.url = "/v1/enrol";
    call.body = fields::encode(request);
    return call;
  }
  if (token_.empty()) {
    if (sign_in_ == SignIn::token) {
      TN_TRY(const auto& request, replica_.sign_in(challenge_));
      call.url = "/v1/token";
      call.body = fields::encode(request);
      return call;
    }
    sign_in_ = SignIn::challenge;
    call.url = "/v1/challenge";
    return call;
  }
  switch (step_) {
    case Step::errand: return make_errand();
    case Step::exchange: return make_exchange();
    case Step::upload: return make_upload();
    default:
      call.method = "GET";
      call.url = "/v1/catalogue";
      call.bearer = token_;
      return call;
  }
}

Result<SyncSession::Call> SyncSession::make_exchange() {
  const std::size_t most = asks_less_ ? limits::pull_records_max / 8 : limits::pull_records_max;
  TN_TRY(const exchange::Request& request,
         replica_.next_request(static_cast<std::uint32_t>(most)));
  Call call{.method = "POST", .url = "/v1/sync", .bearer = token_,
            .content_type = std::string(binary)};
  was_smaller_ = makes_smaller_ && !request.records.empty();
  if (!was_smaller_) {
    call.body = fields::encode(request);
    return call;
  }
  call.body = exchange::encode_compact(request);
  if (call.body.size() >= deflate_bytes_min) {
    TN_TRY(call.body, deflate(call.body));
    call.content_encoding = "deflate";
  }
  return call;
}

Result<SyncSession::Call> SyncSession::make_upload() {
  Call call{.method = "PUT", .url = "/v1/blobs/" + to_hex(uploads_.back()), .bearer = token_,
            .content_type = std::string(binary)};
  TN_TRY(auto bytes, replica_.store().attachment(uploads_.back()));
  if (bytes) call.body = std::move(*bytes);
  return call;
}

Result<SyncSession::Call> SyncSession::make_errand() {
  Call call{.method = "GET", .bearer = token_, .content_type = std::string(binary)};
  const Errand& errand = errands_.front();
  if (errand.file) {
    call.url = "/v1/blobs/" + to_hex(*errand.file);
    return call;
  }
  const Id id = errand.citizen_of.value_or(Id());
  TN_TRY(const Dossier& d, replica_.dossier(id));
  exchange::TicketRequest request;
  request.role = Role::citizen;
  request.unit = d.unit;
  request.scope = id;
  request.label = "citizen";
  call.method = "POST";
  call.url = "/v1/tickets";
  call.body = fields::encode(request);
  return call;
}

// Taking what came

std::vector<SyncSession::Event> SyncSession::answer(const Answer& answer) {
  if (!is_awaited_ || answer.number != last_number_) return {};
  is_awaited_ = false;
  if (answer.status != 0 && is_busy() && core::is_busy(answer.status, answer.body)) {
    wait_ms(retry_wait_ms(answer.retry_after_s, ++busy_, host_));
    return {};
  }
  busy_ = 0;
  auto events = take(answer);
  if (events) return std::move(*events);
  std::vector<Event> out;
  out.push_back(give_up(std::move(events.error())));
  return out;
}

SyncSession::Event SyncSession::give_up(Error error) {
  if (step_ == Step::errand) {
    sign_in_ = SignIn::nothing;
    ErrandFailed failed{errands_.front(), std::move(error)};
    end_errand();
    return failed;
  }
  const bool was_enrolling = step_ == Step::enrol;
  step_ = Step::nothing;
  sign_in_ = SignIn::nothing;
  is_again_ = false;
  Failed failed{std::move(error), std::nullopt};
  if (!was_enrolling) {
    // The store's own trouble is the likelier reason to be here; it must not hide the first error.
    const auto code = static_cast<std::uint64_t>(failed.error.code);
    (void)replica_.store().set_number(key_last_error, code).has_value();
    // Whatever it was is tried again: soon what passes by itself, and rarely what somebody mends.
    const std::uint64_t wait = may_pass(failed.error.code)
                                   ? retry_wait_ms(std::nullopt, ++failures_, host_)
                                   : look_ms;
    wait_ms(wait);
    failed.next_try_ms = host_.now_ms() + wait;
  }
  failed_ = failed;
  return failed;
}

Result<std::vector<SyncSession::Event>> SyncSession::take(const Answer& answer) {
  if (answer.status == 0) {
    // A host that has waited as long as it was told to had a server that took the call and was
    // silent.
    const bool waited = host_.monotonic_ms() >= given_up_ms_;
    return fail(waited ? errc::network_timeout : errc::network_unreachable);
  }
  if (step_ == Step::enrol) return take_enrolment(answer);
  if (sign_in_ != SignIn::nothing) return take_sign_in(answer);
  // An expired token never costs a record or a try. 413: to a server that does not know the token,
  // a stranger sends too much.
  if ((answer.status == 401 || answer.status == 413) && !token_is_new_) {
    token_.clear();
    return std::vector<Event>();
  }
  token_is_new_ = false;
  switch (step_) {
    case Step::errand: return take_errand(answer);
    case Step::exchange: return take_exchange(answer);
    case Step::upload: return take_upload(answer);
    case Step::catalogue: return take_catalogue(answer);
    default: return std::vector<Event>();
  }
}

Result<std::vector<SyncSession::Event>> SyncSession::take_sign_in(const Answer& answer) {
  const SignIn was = std::exchange(sign_in_, SignIn::nothing);
  TN_CHECK(check_answer(answer.status, answer.body));
  if (was == SignIn::challenge) {
    TN_TRY(const auto& challenge, fields::decode<exchange::Challenge>(
                                     answer.body, errc::server_reply_malformed));
    challenge_ = challenge.challenge;
    sign_in_ = SignIn::token;
    return std::vector<Event>();
  }
  TN_TRY(const auto& token,
         fields::decode<exchange::TokenAnswer>(answer.body, errc::server_reply_malformed));
  token_ = token.token;
  token_is_new_ = true;
  return std::vector<Event>();
}

Result<std::vector<SyncSession::Event>> SyncSession::take_enrolment(const Answer& answer) {
  TN_CHECK(check_answer(answer.status, answer.body));
  TN_TRY(const auto& enrolled, exchange::decode<exchange::EnrolAnswer>(answer.body));
  TN_CHECK(replica_.finish_enrolment(enrolled));
  step_ = Step::nothing;
  ticket_.clear();
  failed_.reset();
  errands_.clear();
  start();
  return std::vector<Event>{Enrolled{}};
}

Result<std::vector<SyncSession::Event>> SyncSession::take_errand(const Answer& answer) {
  TN_CHECK(check_answer(answer.status, answer.body));
  const Errand errand = errands_.front();
  std::vector<Event> events;
  if (errand.file) {
    if (blake2b_256(answer.body) != *errand.file) return fail(errc::attachment_mismatch);
    events.emplace_back(GotFile{*errand.file, to_bytes(answer.body)});
  } else {
    TN_TRY(const auto& ticket, fields::decode<exchange::TicketAnswer>(
                                  answer.body, errc::server_reply_malformed));
    TN_TRY(const std::string& url, server());
    events.emplace_back(
        GotLink{errand.citizen_of.value_or(Id()), enrolment_link(url, ticket.ticket)});
  }
  end_errand();
  return events;
}

Result<std::vector<SyncSession::Event>> SyncSession::take_exchange(const Answer& answer) {
  // A server of before, or something on the way to it, may not know what is made smaller: then it
  // gets the same once more as it is, and everything after it too.
  if (was_smaller_ && (answer.status == 400 || answer.status == 415)) {
    makes_smaller_ = false;
    return std::vector<Event>();
  }
  TN_CHECK(check_answer(answer.status, answer.body));
  TN_TRY(const auto& response, exchange::decode<exchange::Response>(answer.body));
  if (exchanges_++ == 0) {
    TN_TRY([[maybe_unused]] const auto retried, replica_.store().retry_rejected());
  }
  const auto received = replica_.receive(response);
  // With its disk full, and its reserve in use since, the replica asks for less the next time.
  if (!received && received.error().code == errc::store_full &&
      !std::exchange(asks_less_, true)) {
    return std::vector<Event>();
  }
  TN_TRY(const Replica::SyncReport& report, received);
  summary_.received += report.received;
  summary_.rejected += report.rejected;
  summary_.pulled += report.pulled;
  moved_ = report.moved;
  std::vector<Event> events;
  if (report.moved) events.emplace_back(Changed{});
  if (report.more && report.moved && exchanges_ < exchanges_max) return events;
  // Unanswered records would be sent for ever.
  if (report.more) return fail(errc::server_reply_malformed, "no progress");
  catalogue_wanted_ = response.catalogue;
  put_off_ = 0;
  TN_CHECK(plan_uploads(response.wanted));
  if (!uploads_.empty()) {
    step_ = Step::upload;
    return events;
  }
  TN_TRY(auto more, after_uploads());
  std::ranges::move(more, std::back_inserter(events));
  return events;
}

// A server that was stopped between storing a file and saying so does not ask for it again, and one
// that another phone's record named first was never asked of us. Whoever still holds a file sends
// it, whether its record counts or not: the same bytes twice are one file.
Result<void> SyncSession::plan_uploads(const std::vector<Hash>& wanted) {
  uploads_.clear();
  may_want_more_ = false;
  TN_TRY(const bool hold, holds_files());
  if (hold) return {};
  for (const Hash& hash : wanted) {
    TN_TRY(const bool is_here, replica_.store().has_attachment(hash));
    if (is_here) uploads_.push_back(hash);
  }
  // A full list may have had more behind it.
  may_want_more_ = wanted.size() == limits::wanted_attachments_max && !uploads_.empty();
  TN_TRY(const auto& pending, replica_.store().pending_attachments());
  for (const auto& attachment : pending) {
    // Before its record has arrived a file would be refused after all of it was sent.
    if (!attachment.is_named) continue;
    if (std::ranges::find(uploads_, attachment.hash) == uploads_.end()) {
      uploads_.push_back(attachment.hash);
    }
  }
  std::ranges::reverse(uploads_);
  return {};
}

Result<std::vector<SyncSession::Event>> SyncSession::take_upload(const Answer& answer) {
  const Hash hash = uploads_.back();
  const auto stored = check_answer(answer.status, answer.body);
  uploads_.pop_back();
  std::vector<Event> events;
  if (stored) {
    TN_CHECK(replica_.store().attachment_stored(hash));
    ++summary_.attachments;
    events.emplace_back(Changed{});
  } else if (is_transient(stored.error().code)) {
    // A full server may have room for a smaller one; a busy one is not asked for ever.
    if (++put_off_ == put_off_max || uploads_.empty()) return std::unexpected(stored.error());
  } else {
    // A file that the server refuses must not hold up the others.
    ++summary_.rejected;
  }
  TN_TRY(const bool hold, holds_files());
  if (hold) {
    uploads_.clear();
    may_want_more_ = false;
  }
  if (!uploads_.empty()) return events;
  TN_TRY(auto more, after_uploads());
  std::ranges::move(more, std::back_inserter(events));
  return events;
}

Result<std::vector<SyncSession::Event>> SyncSession::after_uploads() {
  step_ = Step::exchange;
  if (std::exchange(may_want_more_, false)) return std::vector<Event>();
  if (catalogue_wanted_ != catalogue_) {
    step_ = Step::catalogue;
    return std::vector<Event>();
  }
  return finish();
}

Result<std::vector<SyncSession::Event>> SyncSession::take_catalogue(const Answer& answer) {
  TN_CHECK(check_answer(answer.status, answer.body));
  std::vector<Event> events{NewCatalogue{to_bytes(answer.body)}};
  TN_TRY(auto more, finish());
  std::ranges::move(more, std::back_inserter(events));
  return events;
}

Result<std::vector<SyncSession::Event>> SyncSession::finish() {
  // What has been brought may be erased, if that was asked for; the receipt for it goes at once.
  bool goes_on = std::exchange(is_again_, false);
  if (replica_.identity()) {
    TN_TRY(const bool erased, replica_.tidy());
    TN_TRY(const exchange::Holds& holds, replica_.holds());
    goes_on = goes_on || erased || (holds.records > 0 && moved_);
  }
  if (replica_.identity() && goes_on && exchanges_ < exchanges_max) {
    step_ = Step::exchange;
    return std::vector<Event>();
  }
  step_ = errands_.empty() ? Step::nothing : Step::errand;
  failures_ = 0;
  failed_.reset();
  TN_CHECK(replica_.store().set_number(key_last_error, 0));
  synced_ms_ = host_.now_ms();
  if (step_ == Step::nothing) wait_ms(look_ms);
  return std::vector<Event>{std::exchange(summary_, {})};
}

}  // namespace tannha::core
