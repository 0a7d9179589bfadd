#include "tannha/server/code_messages.hpp"

#include <algorithm>
#include <utility>

#include "tannha/engine/calendar.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/log.hpp"

namespace tannha::server {
namespace {

constexpr std::chrono::seconds stop_time_max{2};
/// Hashes that are remembered, four megabytes of them.
constexpr std::size_t written_max = 65'536;

std::string two_digits(unsigned number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

/// Without diacritics: with them a text message holds seventy characters, and two cost twice.
std::string text_of(const CodeMessage& message) {
  const Date day = local_date(message.expires_ms);
  return "Tan Nha: ma xac nhan ho so cua ong/ba la " + message.code +
         ". Chi doc cho nhan vien buu dien sau khi da xem phieu gui ho so. Han: " +
         two_digits(static_cast<unsigned>(day.day())) + "/" +
         two_digits(static_cast<unsigned>(day.month())) + "/" +
         std::to_string(static_cast<int>(day.year())) + ".";
}

std::string json_of(const CodeMessage& message) {
  const auto line = [](std::string_view name, std::string_view value) {
    return "  " + log::json_text(name) + ": " + log::json_text(value);
  };
  return "{\n" + line("to", message.phone) + ",\n" + line("text", text_of(message)) + ",\n" +
         line("code", message.code) + ",\n" + line("dossier", uuid_text(message.dossier)) + ",\n" +
         "  \"expires_ms\": " + std::to_string(message.expires_ms) + "\n}\n";
}

}  // namespace

CodeMessages::CodeMessages(std::filesystem::path folder, Note note, Ask ask)
    : folder_(std::move(folder)), note_(std::move(note)), ask_(std::move(ask)) {}

CodeMessages::~CodeMessages() { stop(); }

void CodeMessages::start() {
  thread_ = std::thread([this] { run(); });
}

void CodeMessages::put(const std::vector<CodeMessage>& messages) {
  if (messages.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    const std::size_t room = queue_max - std::min(queue_max, queue_.size());
    const auto count = static_cast<std::ptrdiff_t>(std::min(room, messages.size()));
    queue_.insert(queue_.end(), messages.begin(), messages.begin() + count);
  }
  wake_.notify_one();
}

void CodeMessages::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!end_) end_ = Clock::now() + stop_time_max;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void CodeMessages::run() {
  for (Clock::time_point next_ask = Clock::now() + ask_again;;) {
    if (Clock::now() >= next_ask) {
      ask_();
      next_ask = Clock::now() + ask_again;
    }
    std::vector<CodeMessage> messages;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, next_ask, [this] { return end_ || !queue_.empty(); });
      if (queue_.empty() && end_) return;
      messages.swap(queue_);
    }
    std::vector<Hash> kept = write(messages);
    const bool may_be_more = kept.size() >= asked_max;
    if (!kept.empty()) note_(std::move(kept));
    if (may_be_more) next_ask = Clock::now();
  }
}

std::vector<Hash> CodeMessages::write(const std::vector<CodeMessage>& messages) {
  std::vector<Hash> kept;
  for (const CodeMessage& message : messages) {
    {
      const std::lock_guard lock(mutex_);
      if (end_ && Clock::now() >= *end_) break;
    }
    if (!written_.contains(message.sent_on)) {
      // One name for each record, on every node: what is repeated becomes no second message while
      // the first waits.
      const auto file = folder_ / (to_hex(message.sent_on) + ".json");
      const auto done = write_file_durably(file, as_bytes(json_of(message)), 0600);
      if (!done) {
        // The next would fare no better; all of them are asked for again.
        log::write(log::Level::error, "message_not_kept", {{"code", name(done.error().code)}});
        break;
      }
      if (written_.size() == written_max) written_.clear();
      written_.insert(message.sent_on);
    }
    kept.push_back(message.sent_on);
  }
  return kept;
}

}  // namespace tannha::server
