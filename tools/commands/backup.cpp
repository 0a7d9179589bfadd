// tannha backup, tannha restore: a server's folder, saved beside the running server and brought back.

#include "tools/backup/backup.hpp"

#include <iostream>

#include "tannha/server/checkpoint_file.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

struct Args {
  std::string from, to, previous, checkpoints;
};

void print(const BackupNote& note) {
  std::cout << note.records << " records, root " << to_hex(note.root) << ", " << note.attachments
            << " attachments (" << note.attachment_bytes << " bytes)\n";
}

Result<void> backup(const Args& args, Host& host) {
  TN_TRY(const BackupNote note, make_backup(args.from, args.to, args.previous, host));
  print(note);
  std::cout << "Bản sao có khoá của đơn vị: hãy mã hoá và cất giữ như một con dấu.\n"
               "The backup holds the province's keys: encrypt it, and keep it like a seal.\n";
  return {};
}

std::string too_old(const Restored& restored) {
  const std::string here = std::to_string(restored.note.records);
  const std::string there = std::to_string(*restored.signed_records);
  const std::string file = restored.checkpoint_file.string();
  return "\n  Bản sao nguyên vẹn nhưng CŨ: có " + here + " bản ghi, máy chủ đã ký đến " + there +
         ". Máy chủ chạy trên bản này sẽ cho đọc nhưng không nhận bản ghi.\n"
         "  Hãy khôi phục bản mới hơn: chính thư mục dữ liệu cuối cùng (registry.db cùng "
         "registry.db-wal) hoặc bản sao sau đó.\n"
         "  Chỉ khi phần mới hơn đã mất hẳn: báo sự cố, cất tệp " + file +
         " đi nơi khác; các máy đã thấy phần bị mất sẽ từ chối máy chủ này.\n"
         "  The backup is sound but OLD: it has " + here + " records, and the server has signed " +
         there + ". A server on it can be read and takes nothing in.\n"
         "  Bring back something newer: the last data folder itself (registry.db with "
         "registry.db-wal), or a later backup.\n"
         "  Only when the newer part is lost for good: report it and move the file " + file +
         " aside; devices that saw the lost part will refuse this server.\n  ";
}

Result<void> restore(const Args& args) {
  const std::filesystem::path checkpoints = args.checkpoints.empty()
                                                ? server::default_checkpoint_store(args.to)
                                                : std::filesystem::path(args.checkpoints);
  TN_TRY(const Restored restored, restore_backup(args.from, args.to, checkpoints));
  print(restored.note);
  if (restored.is_too_old()) return fail(errc::checkpoint_inconsistent, too_old(restored));
  if (restored.signed_records) {
    std::cout << "Đã tính lại tất cả; có đủ phần đã ký. Có thể khởi động máy chủ.\n"
                 "Everything was computed again; it has all that was signed ("
              << *restored.signed_records << " records). The server may be started.\n";
  } else {
    std::cout << "Đã tính lại tất cả. Ở đây không có điểm chốt để so sánh: không biết có bản mới hơn "
                 "không.\n"
                 "Everything was computed again. There is no checkpoint to compare it with ("
              << restored.checkpoint_file.string()
              << "): whether something newer was signed is not known here.\n";
  }
  return {};
}

}  // namespace

void add_backup(CLI::App& app, Command& command) {
  auto args = std::make_shared<Args>();
  auto* save = app.add_subcommand("backup", "Save a server's folder, also while it runs (SQLite)");
  save->add_option("--data", args->from, "Folder of the server")->required();
  save->add_option("--to", args->to, "New folder for the backup")->required();
  save->add_option("--previous", args->previous,
                   "An older backup on the same disk: its attachments are linked, not copied");
  command.on(save, [args, &command] { return backup(*args, command.host()); });

  auto* bring = app.add_subcommand("restore", "Bring a backup back, and prove it before it counts");
  bring->add_option("--from", args->from, "Folder of the backup")->required();
  bring->add_option("--to", args->to, "New folder for the server")->required();
  bring->add_option("--checkpoint-store", args->checkpoints,
                    "Folder of the newest signed checkpoint (default: tannha-checkpoints beside "
                    "--to)");
  command.on(bring, [args] { return restore(*args); });
}

}  // namespace tannha::tools
