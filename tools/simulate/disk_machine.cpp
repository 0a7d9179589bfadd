#include "tools/simulate/disk_machine.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tannha::simulate {
namespace {

// A damaged file tells SQLite of gigabytes; a phone has no room for them.
constexpr std::uint64_t file_bytes_max = 8ULL * 1024 * 1024;
constexpr std::uint64_t sector = 512;
constexpr std::uint64_t page = 4096;

constexpr std::size_t index(DiskFault fault) {
  return static_cast<std::size_t>(fault);
}

bool spans_sectors(const DiskFile::Change& change) {
  return change.size > 0 && change.offset / sector != (change.offset + change.size - 1) / sector;
}

}  // namespace

std::string_view name(DiskFault fault) {
  static constexpr std::array<std::string_view, disk_fault_count> names{
      "read_error", "write_error",       "sync_error",   "full",  "lying_sync",
      "lost_write", "misdirected_write", "flipped_read", "crash", "dropped_write",
      "torn_write", "reordered_write",   "lost_entry"};
  return names.at(index(fault));
}

// Faults

bool DiskMachine::can_happen(DiskFault fault, Step step) {
  switch (fault) {
    case DiskFault::read_error:
    case DiskFault::flipped_read:
      return step == Step::read;
    case DiskFault::sync_error:
    case DiskFault::lying_sync:
      return step == Step::sync;
    case DiskFault::lost_write:
    case DiskFault::misdirected_write:
      return step == Step::write;
    case DiskFault::full:
      return step == Step::write || step == Step::create;
    case DiskFault::write_error:
    case DiskFault::crash:
      return step != Step::read;
    default:
      return false;
  }
}

std::uint64_t DiskMachine::operations(DiskFault fault) const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < step_count; ++i) {
    if (can_happen(fault, static_cast<Step>(i))) count += steps_[i];
  }
  return count;
}

void DiskMachine::note_plain() {
  const DiskRates& r = rates_;
  const bool has_rate = r.read_error > 0 || r.write_error > 0 || r.sync_error > 0 || r.full > 0 ||
                        r.lying_sync > 0 || r.lost_write > 0 || r.misdirected_write > 0 ||
                        r.flipped_read > 0 || r.capacity_bytes != DiskRates{}.capacity_bytes;
  is_plain_ = !is_down_ && !has_rate && std::ranges::none_of(plans_, [](const Plan& plan) {
    return plan.left > 0 || plan.stays;
  });
}

void DiskMachine::set_rates(const DiskRates& rates) {
  rates_ = rates;
  note_plain();
}
void DiskMachine::fail_at(DiskFault fault, std::uint64_t n, Lasts lasts) {
  plans_.at(index(fault)) = {n, lasts, false};
  note_plain();
}
void DiskMachine::heal() {
  rates_ = {};
  plans_ = {};
  note_plain();
}

bool DiskMachine::is_plain(Step step) {
  ++steps_[static_cast<std::size_t>(step)];
  return is_plain_;
}

bool DiskMachine::happens(DiskFault fault, double rate, bool may_stay) {
  Plan& plan = plans_[index(fault)];
  bool now = plan.stays;
  if (plan.left > 0 && --plan.left == 0) {
    now = true;
    plan.stays = plan.lasts == Lasts::for_ever;
  }
  if (!now && chance_.happens(rate)) {
    now = true;
    plan.stays = may_stay && chance_.happens(rates_.stays);
  }
  if (now) fire(fault);
  return now;
}

std::optional<Io> DiskMachine::failure(Step step) {
  goes_down_ = false;
  if (is_down_) return Io::error;
  if (step == Step::read) {
    return happens(DiskFault::read_error, rates_.read_error, true) ? std::optional(Io::error)
                                                                   : std::nullopt;
  }
  if (happens(DiskFault::crash, 0)) {
    is_down_ = true;
    goes_down_ = true;
    return Io::error;
  }
  if (happens(DiskFault::write_error, rates_.write_error, true)) return Io::error;
  if (step == Step::sync && happens(DiskFault::sync_error, rates_.sync_error, true)) {
    return Io::error;
  }
  if (can_happen(DiskFault::full, step) && happens(DiskFault::full, rates_.full, true)) {
    return Io::full;
  }
  return std::nullopt;
}

// A machine that goes down in the middle of an operation may have finished it; the pieces of a
// write are drawn at the power loss. An operation that fails otherwise has not happened.
bool DiskMachine::still_done() {
  return goes_down_ && chance_.happens(0.5);
}

// Reading and writing

Io DiskMachine::read(const DiskFile& file, std::span<std::uint8_t> out, std::uint64_t offset) {
  const bool plain = is_plain(Step::read);
  if (!plain) {
    if (const auto failed = failure(Step::read)) return *failed;
  }
  const std::uint64_t there = offset >= file.now.size() ? 0 : file.now.size() - offset;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(there, out.size()));
  if (count > 0) std::memcpy(out.data(), file.now.data() + offset, count);
  if (!plain && count > 0 && happens(DiskFault::flipped_read, rates_.flipped_read)) {
    const std::uint64_t bit = chance_.below(std::uint64_t{count} * 8);
    out[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  if (count == out.size()) return Io::ok;
  std::memset(out.data() + count, 0, out.size() - count);
  return Io::short_read;
}

bool DiskMachine::has_room(const DiskFile& file, std::uint64_t end) const {
  if (end <= file.now.size()) return true;
  std::uint64_t used = end - file.now.size();
  for (const auto& [path, other] : now_) used += other->now.size();
  return used <= rates_.capacity_bytes;
}

void DiskMachine::apply(Bytes& content, const DiskFile& file, const DiskFile::Change& change,
                        std::uint64_t from, std::uint64_t to) {
  if (change.truncates) {
    content.resize(static_cast<std::size_t>(change.offset));
    return;
  }
  if (from == to) return;
  const std::uint64_t end = change.offset + to;
  if (content.size() < end) content.resize(static_cast<std::size_t>(end));
  std::memcpy(content.data() + change.offset + from,
              file.unsynced_bytes.data() + change.bytes_at + from,
              static_cast<std::size_t>(to - from));
}

void DiskMachine::change(DiskFile& file, BytesView data, std::uint64_t offset) {
  const DiskFile::Change change{offset, data.size(), file.unsynced_bytes.size(), false};
  file.unsynced_bytes.insert(file.unsynced_bytes.end(), data.begin(), data.end());
  file.unsynced.push_back(change);
  apply(file.now, file, change, 0, change.size);
}

Io DiskMachine::write(DiskFile& file, BytesView data, std::uint64_t offset) {
  if (offset + data.size() > file_bytes_max) return Io::full;
  if (!is_plain(Step::write)) {
    auto failed = failure(Step::write);
    if (!failed && !has_room(file, offset + data.size())) {
      failed = Io::full;
      fire(DiskFault::full);
    }
    if (failed) {
      if (still_done()) {
        change(file, data, offset);
      } else if (*failed == Io::full && data.size() >= sector && has_room(file, offset + sector)) {
        // The operating system writes what fits.
        change(file, data.first(sector), offset);
      }
      return *failed;
    }
    if (happens(DiskFault::lost_write, rates_.lost_write)) return Io::ok;
    if (happens(DiskFault::misdirected_write, rates_.misdirected_write)) {
      const std::uint64_t pages = std::max<std::uint64_t>(2, file.now.size() / page + 1);
      std::uint64_t other = chance_.below(pages) * page;
      if (other == offset) other = (other + page) % (pages * page);
      offset = other;
    }
  }
  change(file, data, offset);
  return Io::ok;
}

Io DiskMachine::truncate(DiskFile& file, std::uint64_t size) {
  if (size > file_bytes_max) return Io::full;
  const auto failed = is_plain(Step::truncate) ? std::nullopt : failure(Step::truncate);
  if (!failed || still_done()) {
    file.unsynced.push_back({size, 0, 0, true});
    file.now.resize(static_cast<std::size_t>(size));
  }
  return failed.value_or(Io::ok);
}

void DiskMachine::make_durable(DiskFile& file) {
  for (const DiskFile::Change& change : file.unsynced) {
    apply(file.durable, file, change, 0, change.size);
  }
  file.unsynced.clear();
  file.unsynced_bytes.clear();
}

// After a failed sync the operating system takes the pages for written, whether they were or not.
void DiskMachine::forget_some(DiskFile& file) {
  std::erase_if(file.unsynced, [this](const DiskFile::Change&) { return chance_.happens(0.5); });
}

Io DiskMachine::sync(DiskFile& file) {
  const bool plain = is_plain(Step::sync);
  const auto failed = plain ? std::nullopt : failure(Step::sync);
  if (failed && !still_done()) {
    if (!is_down_) forget_some(file);
    return *failed;
  }
  if (!failed && !plain && happens(DiskFault::lying_sync, rates_.lying_sync)) return Io::ok;
  make_durable(file);
  if (file.syncs_directory) sync_directory();
  file.syncs_directory = false;
  return failed.value_or(Io::ok);
}

// The directory

DiskMachine::File DiskMachine::find(std::string_view path) const {
  const auto found = now_.find(path);
  return found == now_.end() ? nullptr : found->second;
}

void DiskMachine::sync_directory() {
  if (unsynced_entries_.empty()) return;
  durable_ = now_;
  unsynced_entries_.clear();
}

Io DiskMachine::create(const std::string& path, File& out) {
  const auto failed = is_plain(Step::create) ? std::nullopt : failure(Step::create);
  if (!failed || still_done()) {
    out = std::make_shared<DiskFile>();
    out->path = path;
    now_[path] = out;
    unsynced_entries_.push_back({path, out});
  }
  return failed.value_or(Io::ok);
}

Io DiskMachine::remove(std::string_view path, bool sync_directory) {
  const auto failed = is_plain(Step::remove) ? std::nullopt : failure(Step::remove);
  if (!failed || still_done()) {
    const auto found = now_.find(path);
    if (found != now_.end()) {
      unsynced_entries_.push_back({found->first, nullptr});
      now_.erase(found);
    }
    if (sync_directory) this->sync_directory();
  }
  return failed.value_or(Io::ok);
}

void DiskMachine::put(std::string_view path, Bytes content) {
  auto& file = now_[std::string(path)];
  if (!file) file = std::make_shared<DiskFile>();
  file->path = path;
  file->durable = content;
  file->now = std::move(content);
  file->unsynced.clear();
  file->unsynced_bytes.clear();
  durable_[std::string(path)] = file;
  std::erase_if(unsynced_entries_, [&](const Entry& entry) { return entry.path == path; });
}

void DiskMachine::restore(const DiskSnapshot& snapshot) {
  ++life_;
  is_down_ = false;
  now_.clear();
  durable_.clear();
  unsynced_entries_.clear();
  for (const auto& [path, content] : snapshot) {
    put(name_ + path.substr(std::min(path.size(), path.find('/'))), content);
  }
  note_plain();
}

// Crashes

// The file system may have done any first part of what was asked for each name.
std::map<std::string, DiskMachine::File, std::less<>> DiskMachine::entries_after_power_loss() {
  auto entries = durable_;
  std::map<std::string, std::vector<File>, std::less<>> changes;
  for (Entry& entry : unsynced_entries_) changes[entry.path].push_back(entry.file);
  for (const auto& [path, states] : changes) {
    const std::uint64_t done = chance_.below(states.size() + 1);
    if (done < states.size()) fire(DiskFault::lost_entry);
    if (done == 0) continue;
    const File& last = states[static_cast<std::size_t>(done - 1)];
    if (last) {
      entries[path] = last;
    } else {
      entries.erase(path);
    }
  }
  return entries;
}

void DiskMachine::tear(Bytes& content, const DiskFile& file, const DiskFile::Change& change) {
  // Either the first sectors are there or any of them: disks write them in any order.
  const bool first_only = chance_.happens(0.5);
  std::uint64_t from = 0;
  bool kept = true;
  while (from < change.size) {
    const std::uint64_t to =
        std::min(change.size, ((change.offset + from) / sector + 1) * sector - change.offset);
    kept = chance_.happens(first_only ? 0.8 : 0.5) && (kept || !first_only);
    if (kept) apply(content, file, change, from, to);
    from = to;
  }
}

Bytes DiskMachine::content_after_power_loss(const DiskFile& file, double kept, double torn,
                                            bool in_order) {
  Bytes content = file.durable;
  std::vector<std::size_t> order(file.unsynced.size());
  std::iota(order.begin(), order.end(), 0);
  if (!in_order) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<std::size_t>(chance_.below(i))]);
    }
  }
  bool dropped_before = false;
  std::vector<char> is_kept(order.size());
  for (const std::size_t i : order) {
    const DiskFile::Change& change = file.unsynced[i];
    if (kept < 1 && !chance_.happens(kept)) {
      fire(DiskFault::dropped_write);
    } else if (spans_sectors(change) && chance_.happens(torn)) {
      fire(DiskFault::torn_write);
      tear(content, file, change);
    } else {
      apply(content, file, change, 0, change.size);
      is_kept[i] = 1;
    }
  }
  for (const char one : is_kept) {
    if (one && dropped_before) fire(DiskFault::reordered_write);
    dropped_before = dropped_before || !one;
  }
  return content;
}

void DiskMachine::crash(Crash how) {
  ++life_;
  if (!is_down_) fire(DiskFault::crash);
  is_down_ = false;
  note_plain();
  const bool power_loss = how == Crash::power_loss;
  if (power_loss) {
    now_ = entries_after_power_loss();
    unsynced_entries_.clear();
  }
  // The two ends are as likely as all between them: nothing reached the disk, or everything did.
  const std::uint64_t style = power_loss ? chance_.below(8) : 0;
  const double kept = style == 0 ? 0 : style == 1 ? 1 : chance_.share();
  const double torn = style < 2 ? 0 : chance_.share() / 2;
  for (auto& [path, file] : now_) {
    // The dead handles keep the old object, which is empty now: nothing is read of it any more.
    auto next = std::make_shared<DiskFile>();
    next->path = path;
    if (power_loss) {
      next->durable = content_after_power_loss(*file, kept, torn, style < 2);
      next->now = next->durable;
    } else {
      next->now = std::move(file->now);
      next->durable = std::move(file->durable);
      next->unsynced = std::move(file->unsynced);
      next->unsynced_bytes = std::move(file->unsynced_bytes);
    }
    for (Entry& entry : unsynced_entries_) {
      if (entry.file == file) entry.file = next;
    }
    for (auto& [durable_path, durable] : durable_) {
      if (durable == file) durable = next;
    }
    file = std::move(next);
  }
  if (power_loss) durable_ = now_;
}

}  // namespace tannha::simulate
