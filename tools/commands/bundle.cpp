// tannha phone bundle …: what a device cannot send itself, in other people's hands.

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "tannha/protocol/bundle.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/data_dir.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

// So that one series of QR codes has no more parts than are permitted, at any size of a part.
constexpr std::size_t part_bytes_share = limits::bundle_parts_max * 7 / 10;

struct Args {
  std::string file, receipts;
  bool records_only = false;
  std::size_t chars = limits::bundle_part_chars_target;
};

/// "bundle.tnb", "bundle.tnb-2", …
std::string numbered(const std::string& path, std::size_t number) {
  return number == 1 ? path : path + "-" + std::to_string(number);
}

/// Another bundle may lie under the same name on the same memory card.
Result<void> write_new_file(const std::string& path, BytesView bytes) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return fail(errc::argument_invalid, path + " is there already");
  }
  return server::write_file_durably(std::filesystem::absolute(path), bytes, 0600);
}

/// The bundles or receipts in a file: the bytes of one, or lines as a scanner reads them.
Result<std::vector<Bytes>> read_wholes(const std::string& path) {
  auto bytes = server::read_file(path, limits::bundle_bytes_max);
  if (!bytes) {
    const bool large = bytes.error().code == errc::frame_too_large;
    return fail(large ? errc::frame_too_large : errc::file_unreadable, path);
  }
  if (!is_bundle_part(as_text(*bytes))) return std::vector<Bytes>{std::move(*bytes)};
  BundleJoiner joiner;
  std::vector<Bytes> out;
  std::string missing = "no part";
  std::string_view rest = as_text(*bytes);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find_first_not_of(" \r") == std::string_view::npos) continue;
    TN_TRY(auto progress, joiner.add(line));
    if (progress.complete) out.push_back(std::move(*progress.complete));
    missing = std::to_string(progress.have) + " of " + std::to_string(progress.of) + " parts";
  }
  if (out.empty()) return fail(errc::frame_malformed, missing);
  if (joiner.unfinished_count() > 0) {
    std::cout << "còn thiếu phần, chưa dùng / parts are missing, not used: "
              << joiner.unfinished_count() << "\n";
  }
  return out;
}

Result<void> write(Device& device, const Args& args) {
  std::size_t count = 0;
  const auto sink = [&](const Replica::MadeBundle& made) -> Result<void> {
    const std::string path = numbered(args.file, ++count);
    TN_CHECK(write_new_file(path, made.bytes));
    std::cout << "đã ghi / written: " << path << " (" << made.records << " bản ghi / records, "
              << made.attachments << " ảnh / photos, " << made.bytes.size() << " byte)\n";
    return {};
  };
  TN_CHECK(device.replica().make_bundle({.attachments = !args.records_only}, sink));
  std::cout << (count == 0 ? "không có gì chờ gửi / nothing is unsent\n"
                           : "chưa gửi gì: mọi thứ vẫn còn trên máy này / nothing is sent yet: "
                             "everything is still on this phone\n");
  return {};
}

// Nothing but the texts, so that another program can draw them.
Result<void> print_parts(Device& device, const Args& args) {
  const auto sink = [&](const Replica::MadeBundle& made) -> Result<void> {
    TN_TRY(const auto parts, bundle_parts(made.bytes, args.chars));
    for (const std::string& part : parts) std::cout << part << "\n";
    return {};
  };
  return device.replica().make_bundle(
      {.attachments = false, .bytes_max = (args.chars - 24) * part_bytes_share}, sink);
}

Result<void> tell_answers(const exchange::Tenant& tenant, BytesView bytes) {
  TN_TRY(const BundleReceipts receipts,
         open_bundle_receipts(bytes, tenant.code, tenant.journal_key));
  std::size_t duplicates = 0;
  std::size_t rejected = 0;
  for (const exchange::Answer& answer : receipts.answers) {
    if (answer.verdict == Verdict::duplicate) {
      ++duplicates;
    } else if (!answer.leaf_index) {
      ++rejected;
    }
  }
  std::cout << "máy chủ mới nhận / received now: "
            << receipts.answers.size() - duplicates - rejected
            << ", đã có từ trước / there before: " << duplicates
            << ", không được nhận / rejected: " << rejected
            << ", ảnh / photos: " << receipts.attachments.size() << "\n";
  return {};
}

Result<void> deliver(Device& device, const Args& args) {
  const Identity* me = device.replica().identity();
  if (!me) return fail(errc::not_enrolled);
  TN_TRY(std::vector<Bytes> bundles, read_wholes(args.file));
  const std::string out = args.receipts.empty() ? args.file + ".receipts" : args.receipts;
  std::size_t count = 0;
  for (Bytes& bundle : bundles) {
    TN_TRY(const Bytes receipts, device.deliver_bundle(std::move(bundle)));
    TN_CHECK(tell_answers(me->tenant, receipts));
    const std::string path = numbered(out, ++count);
    TN_CHECK(server::write_file_durably(std::filesystem::absolute(path), receipts, 0600));
    std::cout << "biên nhận / receipts: " << path
              << "\n  mang về cho máy đã tạo gói, nếu tiện / take them back to the phone that made "
                 "the bundle, if convenient\n";
  }
  return {};
}

Result<void> take_receipts(Device& device, const Args& args) {
  TN_TRY(const std::vector<Bytes> wholes, read_wholes(args.file));
  for (const Bytes& receipts : wholes) {
    TN_TRY(const Replica::ReceiptsReport report, device.replica().take_receipts(receipts));
    if (report.outdated) {
      std::cout << "máy này đã đồng bộ sau khi tạo gói; lần đồng bộ tới sẽ trả lời phần còn lại / "
                   "this phone has synchronised since; its next sync answers the rest\n";
      continue;
    }
    std::cout << "đã nhận biên nhận / receipts: " << report.received
              << ", ảnh / photos: " << report.attachments
              << ", không được nhận / rejected: " << report.rejected << "\n";
  }
  return {};
}

}  // namespace

void add_bundles(CLI::App* role, Command& command) {
  auto args = std::make_shared<Args>();
  auto* bundle = role->add_subcommand("bundle", "Unsent work as a file that others can deliver");
  bundle->require_subcommand(1);
  const auto add = [&](const char* name, const char* help,
                       Result<void> (*work)(Device&, const Args&)) {
    auto* s = bundle->add_subcommand(name, help);
    command.on(s, [&command, args, work]() -> Result<void> {
      TN_TRY(const auto device, command.device());
      return work(*device, *args);
    });
    return s;
  };
  auto* write_command = add("write", "Seal all that is unsent into a file; it stays here", write);
  write_command->add_option("FILE", args->file, "New file; further ones get a number")->required();
  write_command->add_flag("--records-only", args->records_only, "Leave the photos to later");
  add("parts", "Print the unsent records as texts for QR codes, one a line", print_parts)
      ->add_option("--chars", args->chars, "Characters of one text")
      ->check(CLI::Range(std::size_t{64}, limits::bundle_part_chars_max))
      ->capture_default_str();
  auto* deliver_command = add("deliver", "Send another device's bundle to the server", deliver);
  deliver_command->add_option("FILE", args->file, "A bundle, or its texts one a line")->required();
  deliver_command->add_option("--receipts", args->receipts, "Where to write the server's answer");
  add("receipts", "Take the server's answer to a bundle of this device", take_receipts)
      ->add_option("FILE", args->file, "What deliver has written")
      ->required();
}

}  // namespace tannha::tools
