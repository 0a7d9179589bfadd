// The journal: its checkpoint, its tiles, and what is said when it is not signed any more.

#include <chrono>

#include "tannha/protocol/tile.hpp"
#include "tannha/server/log.hpp"
#include "tannha/server/service.hpp"

namespace tannha::server {
namespace {

constexpr std::string_view tile_path_prefix = "/log/tile/";
constexpr std::string_view plain_text = "text/plain; charset=utf-8";

HttpResponse plain_response(unsigned status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.content_type = plain_text;
  response.body = to_bytes(as_bytes(text));
  return response;
}

struct Words {
  std::string_view vietnamese, english;
};

Words what_happened(JournalTrouble trouble) {
  switch (trouble) {
    case JournalTrouble::damaged:
      return {"Sổ nhật ký đã lưu không còn đúng như lúc ghi (ổ đĩa hoặc bộ nhớ lỗi, hoặc mất dòng).",
              "The stored journal is not what was written (disk, memory, or lost rows)."};
    case JournalTrouble::rolled_back:
      return {"Sổ nhật ký ngắn hơn phần máy chủ này đã ký: một bản sao cũ đã được khôi phục.",
              "The journal is shorter than what this server has signed: an older copy was restored."};
    case JournalTrouble::other_past:
      return {"Sổ nhật ký có quá khứ khác với phần đã ký: có hai máy chủ cùng ghi, hoặc sai bản sao.",
              "The journal has another past than what was signed: two servers write, or this is the "
              "wrong copy."};
    case JournalTrouble::other_store: break;
  }
  return {"Kho điểm chốt có một điểm chốt không phải do khoá của sổ nhật ký này ký.",
          "The checkpoint store has a checkpoint that this journal's key did not sign."};
}

Words what_to_do(JournalTrouble trouble) {
  switch (trouble) {
    case JournalTrouble::damaged:
      return {"Chạy: tannha fsck THƯ_MỤC. Khởi động lại; nếu vẫn báo thế này, hãy khôi phục bản sao mới "
              "nhất còn nguyên của thư mục dữ liệu.",
              "Run: tannha fsck FOLDER. Start again; if it is still said, put back the newest sound "
              "copy of the data folder."};
    case JournalTrouble::rolled_back:
      return {"Khôi phục bản mới nhất của thư mục dữ liệu (registry.db cùng registry.db-wal) rồi khởi "
              "động lại. Chỉ khi phần mới hơn đã mất hẳn: báo sự cố, cất tệp checkpoint đi nơi khác; "
              "các máy đã thấy phần bị mất sẽ từ chối máy chủ này.",
              "Put back the newest copy of the data folder (registry.db with registry.db-wal) and "
              "start again. Only when the newer part is lost for good: report it and move the file "
              "'checkpoint' aside; devices that saw the lost part will refuse this server."};
    case JournalTrouble::other_past:
      return {"Dừng mọi máy chủ khác của đơn vị này; giữ lại thư mục dữ liệu đã ký điểm chốt mới nhất, "
              "không xoá thư mục nào, và báo sự cố.",
              "Stop every other server of this tenant; go on with the data folder that signed the "
              "newest checkpoint, delete none, and report it."};
    case JournalTrouble::other_store: break;
  }
  return {"Kiểm tra tùy chọn --checkpoint-store; khôi phục tệp checkpoint nếu tệp bị hỏng.",
          "Check the option --checkpoint-store; put the file 'checkpoint' back if it is damaged."};
}

std::string_view name_of(JournalTrouble trouble) {
  switch (trouble) {
    case JournalTrouble::damaged: return "damaged";
    case JournalTrouble::rolled_back: return "rolled_back";
    case JournalTrouble::other_past: return "other_past";
    case JournalTrouble::other_store: break;
  }
  return "other_store";
}

std::string words_of(JournalTrouble trouble, const std::string& detail) {
  const Words happened = what_happened(trouble);
  const Words next = what_to_do(trouble);
  std::string out(happened.vietnamese);
  out.append(" (").append(detail).append(")\n");
  out.append("Máy chủ ngừng nhận bản ghi và không ký gì thêm; không mất dữ liệu trên các máy.\n");
  out.append(next.vietnamese).append("\n");
  out.append(happened.english).append(" (").append(detail).append(")\n");
  out.append("No record is taken in and nothing is signed; nothing is lost on the devices.\n");
  out.append(next.english).append("\n");
  return out;
}

}  // namespace

Result<bool> Service::open_journal() {
  const Result<void> opened = signer_.open();
  note_journal();
  if (signer_.trouble()) return false;
  // A disk that is full now may have room for the next checkpoint.
  if (!opened && !is_transient(opened.error().code)) return std::unexpected(opened.error());
  metrics_.checkpoints_total = signer_.signed_count();
  return true;
}

void Service::after_commit() {
  if (signer_.trouble()) return;
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t signed_before = signer_.signed_count();
  const Result<void> done = signer_.advance();
  if (const std::uint64_t now = signer_.signed_count(); now != signed_before) {
    metrics_.checkpoint_duration_s.observe(std::chrono::steady_clock::now() - begin);
    metrics_.checkpoints_total = now;
  }
  if (!done && !signer_.trouble()) {
    log::write(log::Level::error, "checkpoint_failed",
               {{"code", name(done.error().code)}, {"detail", done.error().detail}});
    const std::lock_guard lock(trouble_mutex_);
    trouble_ = "Không ghi được điểm chốt / the checkpoint cannot be stored: " +
               std::string(name(done.error().code)) + "\n";
    return;
  }
  note_journal();
}

void Service::note_journal() {
  const auto trouble = signer_.trouble();
  const std::string words = trouble ? words_of(*trouble, signer_.trouble_detail()) : "";
  {
    const std::lock_guard lock(trouble_mutex_);
    if (trouble_ == words) return;
    trouble_ = words;
  }
  if (!trouble) return log::write(log::Level::info, "checkpoint_works_again");
  metrics_.journal_stopped = 1;
  log::write(log::Level::error, "journal_stopped",
             {{"reason", name_of(*trouble)}, {"what_to_do", words}});
}

Result<void> Service::journal_ready() const {
  if (metrics_.journal_stopped != 0) return fail(errc::store_corrupt, "journal");
  return {};
}

Result<std::string> Service::sign(const Checkpoint& head) {
  auto note = signer_.sign(head);
  if (!note) note_journal();
  return note;
}

void Service::checkpoint(Reply reply) {
  submit([]() -> Result<void> { return {}; },
         [this, reply = std::move(reply)](Result<void> done) {
           if (!done) return reply(refusal(done.error()));
           const auto note = signer_.newest();
           if (!note) return reply(refusal(note.error()));
           HttpResponse response = plain_response(200, *note);
           response.cache_control = "no-cache";
           reply(std::move(response));
         });
}

void Service::tile(const HttpRequest& request, Reply reply) {
  const auto parsed =
      tlog::parse_tile_path(std::string_view(request.path).substr(tile_path_prefix.size()));
  if (!parsed) return reply(refusal(parsed.error()));
  const tlog::Tile tile = *parsed;
  const std::uint32_t level = tile.level.value_or(0) * tlog::tile_height;
  // There is no journal so long, and no such node in a store's numbers.
  if (level >= 63 || tile.index >= (std::uint64_t{1} << (63 - level)) / tlog::tile_width_max) {
    return reply(refusal(errc::store_not_found));
  }
  auto hashes = std::make_shared<std::vector<Hash>>();
  submit(
      [this, tile, level, hashes]() -> Result<void> {
        const std::uint64_t first = tile.index * tlog::tile_width_max;
        if (tile.level) {
          TN_TRY(*hashes, registry_.journal_nodes(level, first, tile.width));
        } else {
          TN_TRY(*hashes, registry_.journal_entries(first, tile.width));
        }
        return {};
      },
      [this, tile, hashes, reply = std::move(reply)](Result<void> done) {
        if (!done) return reply(refusal(done.error()));
        if (hashes->size() != tile.width) return reply(refusal(errc::store_not_found));
        HttpResponse response;
        response.content_type = "application/octet-stream";
        response.body = tile.level ? tlog::encode_hashes(*hashes) : tlog::encode_entries(*hashes);
        // A partial tile never changes either, but nobody asks for it once the journal has grown.
        response.cache_control =
            tile.is_full() ? "public, max-age=31536000, immutable" : "public, max-age=60";
        reply(std::move(response));
      });
}

void Service::health(const Reply& reply) {
  std::string trouble;
  {
    const std::lock_guard lock(trouble_mutex_);
    trouble = trouble_;
  }
  reply(trouble.empty() ? plain_response(200, "ok\n") : plain_response(503, trouble));
}

}  // namespace tannha::server
