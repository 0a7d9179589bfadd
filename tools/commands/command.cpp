#include "tools/commands/command.hpp"

#include <cstdlib>
#include <iostream>
#include <iterator>

#include "tannha/engine/calendar.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/data_dir.hpp"
#include "tools/device/rescue.hpp"
#include "tools/device/staff.hpp"

namespace tannha::tools {

Command::Command(CLI::App& app) {
  app.add_option("--clock-file", clock_file_,
                 "Demonstrations only: a file with the time in Unix milliseconds");
  app.add_option("--clock-offset-ms", clock_offset_ms_,
                 "Demonstrations only: how wrong this device's clock is");
  app.add_option("--pin-file", pin_file_,
                 "File with this device's PIN; or set the environment variable TANNHA_PIN");
}

void Command::on(CLI::App* subcommand, std::function<Result<void>()> run) {
  subcommand->callback([this, run = std::move(run)] { chosen_ = run; });
}

int Command::run() {
  if (!chosen_) return 1;
  const Result<void> result = chosen_();
  if (result) return 0;
  tell(result.error());
  if (result.error().code == errc::store_corrupt && !folder_.empty()) {
    mark_damaged(folder_);
    std::cerr << "  Lệnh sau sẽ khôi phục những gì còn đọc được.\n"
                 "  The next command recovers what can still be read.\n";
  }
  return 1;
}

Host& Command::host() {
  if (!host_) host_ = std::make_unique<server::SystemHost>(clock_file_, clock_offset_ms_);
  return *host_;
}

Result<std::string> Command::pin() const {
  // Never as an argument: those are seen by everybody on the machine and kept in histories.
  if (pin_file_.empty()) {
    const char* set = std::getenv("TANNHA_PIN");
    return std::string(set ? set : "");
  }
  return read_pin(pin_file_);
}

Result<std::filesystem::path> Command::device_folder() const {
  if (staff_.empty()) return std::filesystem::path(data);
  return staff_folder(data, staff_);
}

Result<std::unique_ptr<Device>> Command::device() {
  TN_TRY(const std::filesystem::path folder, device_folder());
  TN_TRY(const std::string code, pin());
  folder_ = folder;
  TN_TRY(auto opened, Device::open(folder, host(), code));
  if (opened->rescued()) {
    for (const Language language : {Language::vietnamese, Language::english}) {
      for (const std::string& line : opened->rescued()->words(language)) {
        std::cerr << "  " << line << "\n";
      }
    }
  }
  return opened;
}

void Command::add_data(CLI::App* subcommand, const std::string& fallback) {
  subcommand->add_option("--data", data, "Folder of this device")
      ->default_val(fallback)
      ->capture_default_str();
}

void Command::add_staff(CLI::App* subcommand) {
  subcommand->add_option("--staff", staff_, "Whose folder under --data, on a phone that is shared");
}

void tell(const Error& error) {
  std::cerr << "tannha: " << name(error.code) << " (" << static_cast<unsigned>(error.code)
            << ")\n  " << message(error.code, Language::vietnamese) << "\n  "
            << message(error.code, Language::english) << "\n";
  if (!error.detail.empty()) std::cerr << "  [" << error.detail << "]\n";
}

std::string short_id(const Id& id) {
  const std::string text = uuid_text(id);
  return text.substr(text.size() - 8);
}

std::string local_time(std::uint64_t unix_ms) {
  const Date date = local_date(unix_ms);
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(local_time_of_day(unix_ms)).count();
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02u/%02u/%04d %02d:%02d",
                static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()),
                static_cast<int>(date.year()), static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return text.data();
}

namespace {

void print_case(const Dossier& d) {
  std::cout << (d.dossier_code.empty() ? "-" : d.dossier_code) << "  " << d.procedure << "  "
            << d.unit << "  " << vietnamese(d.stage);
  if (d.slip) std::cout << "  " << d.slip->send_slip_no << "  " << d.slip->item_id;
  if (d.paper_before_data()) std::cout << "  (giấy đã đến, dữ liệu chưa đến)";
}

}  // namespace

void print_line(const Dossier& d) {
  std::cout << short_id(d.id) << "  ";
  if (d.payout) {
    const Dossier::Payout& payout = *d.payout;
    std::cout << "chi trả " << payout.beneficiary << " kỳ " << payout.period << ": "
              << payout.amount_dong << " đồng, "
              << (payout.paid        ? "đã chi trả"
                  : payout.returned  ? "đã trả lại"
                  : payout.leased_to ? "chưa chi trả"
                                     : "chưa giao");
  } else {
    print_case(d);
  }
  if (d.records.provisional) std::cout << "  [" << d.records.provisional << " chưa gửi]";
  if (d.records.held) std::cout << "  [" << d.records.held << " chờ xem xét]";
  if (d.records.refused) std::cout << "  [" << d.records.refused << " bị từ chối]";
  std::cout << "\n";
}

void print_dispute(const Dossier& d) {
  if (d.disputed.empty()) return;
  std::cout << "  tranh chấp giao nhận, cần " << limits::officers_for_exceptions
            << " cán bộ cùng chọn một / hand-over in dispute, " << limits::officers_for_exceptions
            << " officers must choose the same one:\n";
  for (const Hash& link : d.disputed) std::cout << "    " << to_hex(link) << "\n";
}

void print(const Dossier& d) {
  print_line(d);
  if (d.requested_by) {
    std::cout << "  yêu cầu: " << d.requested_by->name << ", " << d.requested_by->phone << ", "
              << d.requested_by->address << "\n";
  }
  for (const auto& [field, values] : d.fields) {
    std::cout << "  " << field << ":";
    for (const auto& value : values) std::cout << " " << value.value << (values.size() > 1 ? " |" : "");
    std::cout << "\n";
  }
  for (const auto& [line, count] : d.documents) {
    std::cout << "  giấy tờ " << line << ": " << count.originals << " bản chính, "
              << count.certified_copies << " chứng thực, " << count.photocopies << " bản chụp: "
              << count.name << "\n";
  }
  std::cout << "  ảnh: " << d.attachments.size() << "  tiền: " << d.money_dong
            << " đồng  đang giữ: " << name(d.custodian);
  if (d.confirmation) {
    std::cout << "  xác nhận mức " << "ABC"[static_cast<unsigned>(*d.confirmation) - 1];
  }
  if (d.due_ms) std::cout << "  hẹn trả: " << local_time(*d.due_ms);
  std::cout << "\n";
  for (const std::string& item : d.supplement_items) std::cout << "  cần bổ sung: " << item << "\n";
  print_dispute(d);
  if (!d.refusal_reason.empty()) std::cout << "  lý do từ chối: " << d.refusal_reason << "\n";
}

Result<Bytes> read_whole_file(const std::string& path) {
  auto bytes = server::read_file(path, limits::attachment_bytes_max);
  if (bytes) return bytes;
  const errc code = bytes.error().code == errc::frame_too_large ? errc::attachment_too_large
                                                                : errc::file_unreadable;
  return fail(code, path);
}

Result<std::string> read_text(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  TN_TRY(const Bytes bytes, read_whole_file(path));
  return std::string(as_text(bytes));
}

Result<std::string> read_pin(const std::string& path) {
  TN_TRY(std::string text, read_text(path));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

const char* name_of(body::RevocationReason reason) {
  return std::ranges::find(revocation_reasons, reason,
                           &decltype(revocation_reasons)::value_type::second)
      ->first;
}

std::optional<Hash> whole_hash(const std::string& text) {
  const auto bytes = from_hex(text);
  return bytes ? to_array<Hash>(*bytes) : std::nullopt;
}

Result<Hash> find_record(Device& device, const std::string& text) {
  if (const auto whole = whole_hash(text)) return *whole;
  constexpr std::size_t least = 8;
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() < least || text.find_first_not_of(digits) != std::string::npos) {
    return fail(errc::argument_invalid,
                "mã bản ghi: ít nhất 8 chữ số / a record hash: at least its first 8 digits");
  }
  std::optional<Hash> found;
  TN_TRY(const std::vector<StoredRecord> all, device.replica().store().all());
  for (const StoredRecord& stored : all) {
    const Hash& hash = stored.evidence.record.hash;
    if (!to_hex(hash).starts_with(text)) continue;
    if (found) {
      return fail(errc::argument_invalid, "nhiều bản ghi / several records begin with " + text);
    }
    found = hash;
  }
  if (!found) return fail(errc::store_not_found, "bản ghi / record " + text);
  return *found;
}

Result<std::uint64_t> parse_dong(std::string_view text) {
  const auto wrong = fail(errc::argument_invalid,
                          "số tiền: 1 đến 10.000.000.000 đồng, chỉ gồm chữ số / amount: 1 to "
                          "10.000.000.000 đồng, digits only, e.g. 8000 or 1.250.000");
  const bool has_groups = text.find('.') != std::string_view::npos;
  std::uint64_t amount = 0;
  std::size_t since_dot = 0;
  bool first_group = true;
  for (const char c : text) {
    if (c == '.') {
      if (first_group ? since_dot == 0 || since_dot > 3 : since_dot != 3) return wrong;
      first_group = false;
      since_dot = 0;
      continue;
    }
    if (c < '0' || c > '9') return wrong;
    amount = amount * 10 + static_cast<std::uint64_t>(c - '0');
    if (amount > limits::money_dong_max) return wrong;
    ++since_dot;
  }
  if (amount == 0 || (has_groups && since_dot != 3)) return wrong;
  return amount;
}

std::string dong_text(std::uint64_t amount) {
  std::string text = std::to_string(amount);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ".");
  return text;
}

}  // namespace tannha::tools
