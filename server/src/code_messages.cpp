#include "tannha/server/code_messages.hpp"

#include "tannha/engine/calendar.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/log.hpp"

namespace tannha::server {
namespace {

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

Result<SendCode> code_messages(const std::filesystem::path& folder) {
  if (folder.empty()) return SendCode();
  TN_CHECK(make_folders_durably(folder));
  return SendCode([folder](const CodeMessage& message) {
    // One name for each record: what is repeated becomes no second message while the first waits.
    const auto file = folder / (to_hex(message.sent_on) + ".json");
    const auto kept = write_file_durably(file, as_bytes(json_of(message)), 0600);
    if (kept) return;
    log::write(log::Level::error, "message_not_kept", {{"code", name(kept.error().code)}});
  });
}

}  // namespace tannha::server
