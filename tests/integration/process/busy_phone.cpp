#include "tests/integration/process/busy_phone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tannha/core/courier.hpp"
#include "tannha/server/blobs.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tools/audit/audit.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::process {

void Shift::opened(const std::string& url) {
  const std::lock_guard lock(mutex_);
  place_ = {url, place_.number + 1};
  steps_ = 0;
  changed_.notify_all();
}
void Shift::end() {
  const std::lock_guard lock(mutex_);
  over_ = true;
  changed_.notify_all();
}
std::optional<Shift::Place> Shift::wait_for_other_than(int old) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return over_ || place_.number != old; });
  if (over_) return std::nullopt;
  return place_;
}
void Shift::step() {
  const std::lock_guard lock(mutex_);
  ++steps_;
  changed_.notify_all();
}
bool Shift::is_over() {
  const std::lock_guard lock(mutex_);
  return over_;
}
bool Shift::wait_for_steps(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return steps_ >= count; });
}

BusyPhone::BusyPhone(RealServer& server, std::filesystem::path folder, Role role,
                     std::uint64_t seed)
    : folder_(std::move(folder)),
      device_(server.enrol(folder_, host_, role, "H42.101")),
      random_(seed) {
  must(device_->sync(), "first sync");
}

void BusyPhone::start(Shift& shift) {
  thread_ = std::thread([this, &shift] {
    try {
      work(shift);
    } catch (const std::exception& e) {
      trouble_.emplace_back(e.what());
    }
  });
}

void BusyPhone::work(Shift& shift) {
  auto place = shift.wait_for_other_than(0);
  if (place) must(device_->set_server(place->url));
  while (place && !shift.is_over()) {
    write_something();
    shift.step();
    const auto summary = device_->sync();
    note_promises();
    if (summary) {
      if (summary->rejected > 0) trouble_.emplace_back("a record or photo was rejected");
      shift.step();
      continue;
    }
    ++broken_syncs_;
    if (!is_transient(summary.error().code)) {
      trouble_.push_back("sync: " + std::string(name(summary.error().code)));
    }
    place = shift.wait_for_other_than(place->number);
    if (place) must(device_->set_server(place->url));
  }
}

void BusyPhone::open_dossier() {
  core::Courier courier(device_->replica(), device_->catalogue());
  dossiers_.push_back(must(courier.open({}, "1.001193", body::ServiceKind::both), "open"));
  for (const Evidence& e : must(device_->replica().store().dossier(dossiers_.back()))) {
    keep(e.record);
  }
}

void BusyPhone::write_something() {
  core::Courier courier(device_->replica(), device_->catalogue());
  const bool is_courier = device_->replica().identity()->certificate.role == Role::courier;
  if (!is_courier) dossiers_ = must(device_->replica().store().dossiers());
  if (is_courier && (dossiers_.empty() || random(4) == 0)) open_dossier();
  if (dossiers_.empty()) return;
  const std::size_t recent = std::min<std::size_t>(dossiers_.size(), 3);
  const Id id = dossiers_[dossiers_.size() - 1 - random(recent)];
  for (std::uint64_t i = random(6); i > 0; --i) {
    keep(must(courier.add_note(id, "ghi chú " + std::to_string(random_())), "note"));
  }
  for (std::uint64_t i = is_courier ? random(3) : 0; i > 0; --i) {
    const Bytes jpeg = tools::make_page({.width = 600, .height = 800, .seed = random_()});
    keep(must(courier.add_photo(id, jpeg, body::AttachmentRole::page, 0), "photo"));
    unsent_photos_.insert(blake2b_256(jpeg));
  }
}

void BusyPhone::note_promises() {
  std::erase_if(unproved_, [this](const Hash& hash) {
    const auto stored = must(device_->replica().record(hash));
    if (!stored) throw std::runtime_error("a saved record is gone from the phone");
    if (!stored->receipt) return false;
    receipts_[hash].push_back(*stored->receipt);
    return true;
  });
  must(device_->replica().store().database().each(
      "SELECT hash FROM attachment WHERE stored_by_server=1", {}, [this](sqlite::Row row) {
        const Hash hash = row.array<Hash>(0);
        unsent_photos_.erase(hash);
        photos_.insert(hash);
        return true;
      }));
}

void BusyPhone::drain(const std::string& url) {
  must(device_->set_server(url));
  must(device_->sync(), "last sync");
  note_promises();
  const exchange::Holds holds = must(device_->replica().holds());
  EXPECT_EQ(holds.records, 0U);
  EXPECT_EQ(holds.attachment_bytes, 0U);
  EXPECT_TRUE(unproved_.empty());
  EXPECT_TRUE(unsent_photos_.empty());
}

std::vector<std::unique_ptr<BusyPhone>> busy_phones(RealServer& server,
                                                    const std::filesystem::path& folder,
                                                    std::mt19937_64& random) {
  std::vector<std::unique_ptr<BusyPhone>> phones;
  for (int i = 0; i < 4; ++i) {
    phones.push_back(std::make_unique<BusyPhone>(server, folder / ("phone-" + std::to_string(i)),
                                                 i == 3 ? Role::officer : Role::courier,
                                                 random()));
  }
  return phones;
}

namespace {

void expect_kept(const BusyPhone& phone, const server::Keys& keys,
                 server::SqliteRegistry& registry, server::Blobs& blobs) {
  for (const auto& [hash, receipts] : phone.receipts()) {
    const auto record = must(registry.record(hash));
    ASSERT_TRUE(record.has_value()) << "lost: " << to_hex(hash);
    for (const Receipt& receipt : receipts) {
      EXPECT_EQ(receipt.record, hash);
      EXPECT_EQ(record->leaf_index, receipt.leaf_index);
      const auto head = verify_receipt(receipt, keys.tenant.origin, keys.tenant.journal_key);
      ASSERT_TRUE(head.has_value());
      EXPECT_EQ(must(registry.journal_root(head->size)), head->root);
    }
  }
  for (const Hash& photo : phone.photos()) {
    EXPECT_TRUE(blobs.get(photo).has_value()) << "lost: " << to_hex(photo);
    const auto row = must(registry.attachment(photo));
    EXPECT_TRUE(row && row->present);
  }
}

}  // namespace

void expect_promises_kept(const std::filesystem::path& server_folder,
                          const std::vector<std::unique_ptr<BusyPhone>>& phones) {
  const server::Keys keys = must(server::read_keys(server_folder));
  const auto registry = must(server::SqliteRegistry::open((server_folder / "registry.db").string(),
                                                          sqlite::Mode::read_only));
  server::Blobs blobs(server_folder / "blobs");
  for (const auto& phone : phones) {
    SCOPED_TRACE(phone->folder().filename().string());
    EXPECT_EQ(phone->trouble(), std::vector<std::string>());
    expect_kept(*phone, keys, *registry, blobs);
    phone->close();
    const tools::Audit audit = must(tools::audit_device(phone->folder()));
    EXPECT_EQ(audit.problems, std::vector<std::string>());
  }
  for (const auto& entry : std::filesystem::directory_iterator(server_folder / "blobs")) {
    EXPECT_TRUE(entry.is_directory()) << "left over: " << entry.path();
  }
  const tools::Audit audit = must(tools::audit_registry(server_folder));
  EXPECT_EQ(audit.problems, std::vector<std::string>());
}

}  // namespace tannha::process
