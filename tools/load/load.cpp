#include "tools/load/load.hpp"

#include <fstream>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tannha/core/courier.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/device/device.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::tools {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A dossier of the day has about as many records (README: 566 records, 30 dossiers).
constexpr std::uint64_t records_a_dossier = 19;
constexpr std::uint64_t photo_place = 3;
// A phone of ours has a person before it; one that retries at once would add to the trouble.
constexpr milliseconds retry_pause{250};
constexpr const char* procedure = "1.001193";

/// What all phones write into.
class Log {
 public:
  explicit Log(const std::filesystem::path& path) : file_(path, std::ios::app) {}
  void line(std::uint64_t at_ms, const std::string& who, std::uint64_t records) {
    const std::lock_guard lock(mutex_);
    file_ << at_ms << ' ' << who << ' ' << records << std::endl;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

class Phone {
 public:
  Phone(const LoadConfig& config, unsigned number, Log& log)
      : config_(config),
        name_("phone-" + std::to_string(number)),
        log_(log),
        photos_(std::uint64_t{number} << 32U) {}

  Result<void> enrol() {
    TN_TRY(device_, Device::open_or_make(config_.folder / name_, host_));
    if (!device_->replica().identity()) {
      exchange::TicketRequest request;
      request.role = Role::courier;
      request.unit = config_.unit;
      request.label = name_;
      TN_TRY(const auto ticket, request_ticket(config_.url, config_.admin_secret, request));
      TN_CHECK(device_->enrol(config_.url, ticket.ticket));
    }
    TN_CHECK(device_->set_server(config_.url));
    TN_TRY([[maybe_unused]] const auto summary, device_->sync());
    return {};
  }

  Result<void> work(const std::function<bool()>& is_over) {
    answered_ = Clock::now();
    while (!is_over()) {
      TN_CHECK(write_one());
      TN_TRY(const bool done, sync());
      std::this_thread::sleep_for(done ? milliseconds(config_.pause_ms) : retry_pause);
    }
    const auto until = Clock::now() + milliseconds(config_.drain_ms_max);
    for (;;) {
      TN_TRY(const bool done, sync());
      TN_TRY(const exchange::Holds holds, device_->replica().holds());
      if (done && holds.records == 0) break;
      if (Clock::now() > until) return fail(errc::network_timeout, name_ + ": unsent records");
      std::this_thread::sleep_for(retry_pause);
    }
    return count();
  }

  LoadReport report;

 private:
  Result<void> write_one() {
    core::Courier courier(device_->replica(), device_->catalogue());
    if (!dossier_ || report.written % records_a_dossier == 0) {
      TN_TRY(dossier_, courier.open({}, procedure, body::ServiceKind::both));
      ++report.written;
      return {};
    }
    if (report.written % records_a_dossier == photo_place) {
      const Bytes jpeg = make_page({.width = 600, .height = 800, .seed = ++photos_});
      TN_CHECK(courier.add_photo(*dossier_, jpeg, body::AttachmentRole::page, 0));
    } else {
      TN_CHECK(courier.add_note(*dossier_, "ghi chú " + std::to_string(report.written)));
    }
    ++report.written;
    return {};
  }

  /// @return whether an exchange was answered; errors that no repetition can mend
  Result<bool> sync() {
    const auto summary = device_->sync();
    if (!summary) {
      ++report.broken;
      if (is_transient(summary.error().code)) return false;
      return fail(summary.error().code, name_ + ": " + summary.error().detail);
    }
    if (summary->rejected > 0) return fail(errc::server_refused, name_ + ": a record");
    const auto now = Clock::now();
    const auto pause = static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(now - answered_).count());
    answered_ = now;
    if (pause > report.pause_ms_max) {
      report.pause_ms_max = pause;
      report.pause_end_ms = host_.now_ms();
    }
    report.exchanges += summary->exchanges;
    if (summary->received > 0) log_.line(host_.now_ms(), name_, summary->received);
    return true;
  }

  /// From the store, as it is after everything: a receipt is there only when it was verified.
  Result<void> count() {
    TN_TRY(const std::vector<StoredRecord> records, device_->replica().store().all());
    report.written = 0;
    for (const StoredRecord& r : records) {
      if (r.origin != Origin::own) continue;
      ++report.written;
      if (r.receipt) ++report.acknowledged;
    }
    return {};
  }

  const LoadConfig& config_;
  const std::string name_;
  Log& log_;
  server::SystemHost host_;
  std::unique_ptr<Device> device_;
  std::optional<Id> dossier_;
  std::uint64_t photos_;
  Clock::time_point answered_;
};

void add(LoadReport& sum, const LoadReport& one) {
  sum.written += one.written;
  sum.acknowledged += one.acknowledged;
  sum.exchanges += one.exchanges;
  sum.broken += one.broken;
  if (one.pause_ms_max > sum.pause_ms_max) {
    sum.pause_ms_max = one.pause_ms_max;
    sum.pause_end_ms = one.pause_end_ms;
  }
}

}  // namespace

Result<LoadReport> run_load(const LoadConfig& config, const std::function<bool()>& is_over,
                            const std::function<void()>& ready) {
  Log log(config.folder / "acknowledged.log");
  std::vector<std::unique_ptr<Phone>> phones;
  for (unsigned i = 1; i <= config.phones; ++i) {
    phones.push_back(std::make_unique<Phone>(config, i, log));
    TN_CHECK(phones.back()->enrol());
  }
  ready();
  std::mutex mutex;
  Result<void> outcome;
  {
    std::vector<std::jthread> threads;
    for (const auto& phone : phones) {
      threads.emplace_back([&, phone = phone.get()] {
        const Result<void> done = phone->work(is_over);
        const std::lock_guard lock(mutex);
        if (!done && outcome) outcome = done;
      });
    }
  }
  TN_CHECK(outcome);
  LoadReport sum;
  for (const auto& phone : phones) add(sum, phone->report);
  return sum;
}

}  // namespace tannha::tools
