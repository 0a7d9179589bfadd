// WebSockets on /v1/live: exchanges, and news.

#include "tannha/server/service.hpp"

namespace tannha::server {

void Service::live_opened(Channel channel) {
  const std::lock_guard lock(live_mutex_);
  live_.emplace(std::move(channel), Live{});
}

void Service::live_closed(const Channel& channel) {
  const std::lock_guard lock(live_mutex_);
  const auto it = live_.find(channel);
  if (it == live_.end()) return;
  leave_audience(channel, it->second);
  live_.erase(it);
}

void Service::leave_audience(const Channel& channel, const Live& live) {
  const auto audience = live.log_id ? audiences_.find(live.audience) : audiences_.end();
  if (audience == audiences_.end()) return;
  audience->second.erase(channel);
  if (audience->second.empty()) audiences_.erase(audience);
}

// On a thread of the pool: ten thousand who listen must not hold up the commits. What changes while
// they are being told is told with the next round.
void Service::tell(const std::vector<std::string>& audiences) {
  {
    const std::lock_guard lock(live_mutex_);
    for (const std::string& audience : audiences) {
      if (audiences_.contains(audience)) changed_.insert(audience);
    }
    if (changed_.empty() || telling_) return;
    telling_ = true;
  }
  (void)on_pool_always([this] { tell_all(); });
}

void Service::tell_all() {
  const Bytes message = fields::encode(exchange::LiveMessage{exchange::LiveKind::changed, 0, {}});
  std::vector<Channel> listeners;
  {
    const std::lock_guard lock(live_mutex_);
    for (const std::string& audience : changed_) {
      const auto found = audiences_.find(audience);
      if (found == audiences_.end()) continue;
      listeners.insert(listeners.end(), found->second.begin(), found->second.end());
    }
    changed_.clear();
    telling_ = false;
  }
  for (const Channel& channel : listeners) channel->send_once(message);
}

void Service::changed_elsewhere(const std::vector<std::string>& audiences) {
  if (!audiences.empty()) return tell(audiences);
  std::vector<std::string> all;
  {
    const std::lock_guard lock(live_mutex_);
    for (const auto& [audience, channels] : audiences_) all.push_back(audience);
  }
  tell(all);
}

void Service::refuse_live(const Channel& channel, std::uint64_t number, errc code,
                          std::optional<std::uint32_t> retry_after_s) {
  metrics_.refused(code);
  note_failure({code, {}});
  exchange::Refusal words = exchange::make_refusal(code);
  if (is_transient(code)) words.retry_after_s = retry_after_s.value_or(config_.retry_after_s);
  channel->send(fields::encode(exchange::LiveMessage{exchange::LiveKind::refusal, number,
                                                     fields::encode(words)}));
}

void Service::live_message(const Channel& channel, Bytes bytes,
                           std::shared_ptr<MemoryShare> memory) {
  std::optional<Hash> log_id;
  {
    const std::lock_guard lock(live_mutex_);
    const auto it = live_.find(channel);
    if (it != live_.end()) log_id = it->second.log_id;
  }
  const auto wait_s = over_quota(log_id, channel->peer(), bytes.size());
  // Nothing that a stranger says over its quota is looked at.
  if (wait_s && !log_id) {
    metrics_.refused(errc::too_many_requests);
    return channel->close(name(errc::too_many_requests));
  }
  auto message = fields::decode<exchange::LiveMessage>(bytes, errc::frame_malformed);
  bytes = {};
  if (!message) return refuse_live(channel, 0, message.error().code);
  // A client that goes on signed in is let sign in, whatever it has used up.
  if (message->kind == exchange::LiveKind::hello) return live_hello(channel, *message);
  if (!log_id) return refuse_live(channel, message->number, errc::token_invalid);
  if (message->kind != exchange::LiveKind::request) {
    return refuse_live(channel, message->number, errc::frame_malformed);
  }
  if (wait_s) return refuse_live(channel, message->number, errc::too_many_requests, wait_s);
  exchange(Frame{std::move(message->content), false, memory}, *log_id,
           [this, channel, memory, number = message->number](Result<Bytes> response) {
             if (!response) return refuse_live(channel, number, response.error().code);
             channel->send(fields::encode(exchange::LiveMessage{
                 exchange::LiveKind::response, number, std::move(*response)}));
           });
}

void Service::live_hello(const Channel& channel, const exchange::LiveMessage& hello) {
  const auto refuse = [this, channel](errc code) {
    metrics_.refused(code);
    channel->close(name(code));
  };
  const auto session = tokens_.check_session(as_text(hello.content));
  if (!session) return refuse(session.error().code);
  // A place of strangers is held until the answer, as by a request that signs in.
  const Reply place = in_strangers_place([](const HttpResponse&) {});
  if (!place) return refuse(errc::overloaded);
  auto audience = std::make_shared<std::string>();
  submit(
      [this, log_id = session->log_id, audience]() -> Result<void> {
        TN_TRY(const auto log, registry_.log(log_id));
        if (!log) return fail(errc::certificate_unknown);
        *audience = audience_of(log->certificate);
        return {};
      },
      [this, channel, audience, refuse, place, session = *session,
       number = hello.number](Result<void> done) {
        if (!done) return refuse(done.error().code);
        {
          const std::lock_guard lock(live_mutex_);
          const auto it = live_.find(channel);
          if (it == live_.end()) return;
          leave_audience(channel, it->second);
          it->second = Live{session.log_id, *audience};
          audiences_[*audience].insert(channel);
        }
        channel->signed_in(std::string(as_text(session.log_id)),
                           std::chrono::milliseconds(session.left_ms));
        channel->send(fields::encode(
            exchange::LiveMessage{exchange::LiveKind::welcome, number, {}}));
      });
}

}  // namespace tannha::server
