// What opens a phone in the terminal, who shares it, and what happens when its file is damaged.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tannha/core/courier.hpp"
#include "tannha/protocol/limits.hpp"
#include "tests/support/real_server.hpp"
#include "tools/audit/audit.hpp"
#include "tools/device/rescue.hpp"
#include "tools/device/staff.hpp"
#include "tools/device/unlock.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

constexpr const char* pin = "482915";
constexpr const char* other_pin = "730164";

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}
std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void expect_told(const Outcome& outcome, errc code) {
  EXPECT_EQ(outcome.code, 1) << outcome.out;
  EXPECT_TRUE(outcome.err.find(std::string(name(code)) + " (") != std::string::npos)
      << name(code) << " expected: " << outcome.err;
}
std::string with_pin(const std::string& digits) {
  return "export TANNHA_PIN=" + digits;
}

class VaultCommandTest : public ::testing::Test {
 protected:
  VaultCommandTest() {
    make_server_folder(folder_ / "server");
    server_ = std::make_unique<RealServer>(folder_ / "server");
  }

  /// An enrolled courier with one dossier, two notes and one photo, nothing of it sent.
  Id begin(const fs::path& device) {
    auto phone = server_->enrol(device, host_, Role::courier, "H42.101");
    must(phone->sync());
    core::Courier courier(phone->replica(), phone->catalogue());
    const Id id = must(courier.open({}, "1.001193", body::ServiceKind::both));
    must(courier.add_note(id, "một"));
    must(courier.add_note(id, "hai"));
    must(courier.add_photo(id, tools::make_page({.width = 600, .height = 800, .seed = 1}),
                           body::AttachmentRole::page, 0));
    return id;
  }
  Outcome phone(std::vector<std::string> arguments, const std::string& before = {}) {
    arguments.insert(arguments.begin(), {"phone", "--data", phone_.string()});
    return tannha(std::move(arguments), before);
  }

  server::SystemHost host_;
  TempFolder folder_;
  fs::path phone_ = folder_ / "phone";
  std::unique_ptr<RealServer> server_;
};

TEST_F(VaultCommandTest, KeyFileIsItsOwnersAndNothingOpensWithoutIt) {
  begin(phone_);
  struct stat info{};
  ASSERT_EQ(::stat((phone_ / "keystore.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(info.st_size, 32);
  EXPECT_EQ(phone({"status"}).code, 0);
  const std::string key = read_file(phone_ / "keystore.key");
  fs::remove(phone_ / "keystore.key");
  expect_told(phone({"status"}), errc::vault_locked);
  expect_told(phone({"status"}, with_pin(pin)), errc::vault_locked);
  EXPECT_FALSE(fs::exists(phone_ / "keystore.key")) << "a new one would hide the loss";
  write_file(phone_ / "keystore.key", std::string(32, 'x'));
  expect_told(phone({"status"}), errc::vault_locked);
  write_file(phone_ / "keystore.key", "short");
  expect_told(phone({"status"}), errc::file_unreadable);
  write_file(phone_ / "keystore.key", key);
  EXPECT_EQ(phone({"status"}).code, 0);
}

TEST_F(VaultCommandTest, PinTakesTheKeyFilesPlaceAndCanBeChanged) {
  begin(phone_);
  const fs::path pin_file = folder_ / "pin";
  write_file(pin_file, "123456\n");
  expect_told(phone({"pin", "set", pin_file.string()}), errc::pin_too_weak);
  write_file(pin_file, std::string(pin) + "\n");
  expect_told(phone({"pin", "change", pin_file.string()}), errc::argument_invalid);
  EXPECT_EQ(phone({"pin", "set", pin_file.string()}).code, 0);
  EXPECT_FALSE(fs::exists(phone_ / "keystore.key"));
  expect_told(phone({"status"}), errc::vault_locked);
  expect_told(phone({"status"}, with_pin(other_pin)), errc::pin_wrong);
  EXPECT_EQ(phone({"status"}, with_pin(pin)).code, 0);
  EXPECT_EQ(
      tannha({"--pin-file", pin_file.string(), "phone", "--data", phone_.string(), "status"}).code,
      0);
  // And so do the commands that only look.
  for (const std::string command : {"fsck", "inspect"}) {
    expect_told(tannha({command, phone_.string()}), errc::vault_locked);
    EXPECT_EQ(tannha({command, phone_.string()}, with_pin(pin)).code, 0);
  }
  write_file(folder_ / "new", other_pin);
  expect_told(phone({"pin", "set", (folder_ / "new").string()}, with_pin(pin)),
              errc::argument_invalid);
  EXPECT_EQ(phone({"pin", "change", (folder_ / "new").string()}, with_pin(pin)).code, 0);
  expect_told(phone({"status"}, with_pin(pin)), errc::pin_wrong);
  EXPECT_EQ(phone({"sync"}, with_pin(other_pin)).code, 0);
}

TEST_F(VaultCommandTest, PhoneThatIsMadeWithAPinHasNoKeyFile) {
  {
    const auto made = must(tools::Device::open_or_make(phone_, host_, pin));
    EXPECT_FALSE(fs::exists(phone_ / "keystore.key"));
  }
  EXPECT_EQ(tools::Device::open(phone_, host_).error().code, errc::vault_locked);
  EXPECT_EQ(tools::Device::open_or_make(folder_ / "weak", host_, "111111").error().code,
            errc::pin_too_weak);
}

TEST_F(VaultCommandTest, WrongPinsAreCountedFromOneCommandToTheNext) {
  must(tools::Device::open_or_make(phone_, host_, pin));
  for (std::uint32_t i = 0; i < limits::vault_free_tries; ++i) {
    expect_told(phone({"status"}, with_pin(other_pin)), errc::pin_wrong);
  }
  expect_told(phone({"status"}, with_pin(pin)), errc::pin_too_soon);
  expect_told(tannha({"fsck", phone_.string()}, with_pin(pin)), errc::pin_too_soon);
}

TEST_F(VaultCommandTest, StaffShareAPhoneWithoutSharingAnythingElse) {
  begin(phone_ / "an");
  begin(phone_ / "bình");
  {
    const Outcome list = phone({"staff"});
    EXPECT_EQ(list.code, 0) << list.err;
    EXPECT_TRUE(list.says("an: chờ gửi / unsent: 4 bản ghi")) << list.out;
    EXPECT_TRUE(list.says("bình: chờ gửi / unsent: 4 bản ghi"));
    EXPECT_TRUE(list.says("2 người / people"));
  }
  // One's key does not open the other's store.
  const std::string key = read_file(phone_ / "bình" / "keystore.key");
  write_file(phone_ / "bình" / "keystore.key", read_file(phone_ / "an" / "keystore.key"));
  expect_told(phone({"--staff", "bình", "status"}), errc::vault_locked);
  write_file(phone_ / "bình" / "keystore.key", key);

  expect_told(phone({"staff-remove", "an"}), errc::argument_invalid);
  expect_told(phone({"staff-remove", "an", "--yes"}), errc::store_unsent);
  EXPECT_EQ(phone({"--staff", "an", "status"}).code, 0) << "nothing was erased";
  EXPECT_EQ(phone({"--staff", "an", "sync"}).code, 0);
  EXPECT_TRUE(phone({"staff"}).says("an: chờ gửi / unsent: 0 bản ghi, 0 byte"));
  const Outcome numbers = phone({"staff-remove", "an", "--yes"});
  expect_told(numbers, errc::argument_invalid);
  EXPECT_TRUE(numbers.says("unused numbers go with it")) << numbers.err;
  EXPECT_TRUE(fs::exists(phone_ / "an"));
  EXPECT_EQ(phone({"staff-remove", "an", "--yes", "--anyway"}).code, 0);
  EXPECT_FALSE(fs::exists(phone_ / "an"));
  expect_told(phone({"staff-remove", "an"}), errc::store_not_found);
  EXPECT_EQ(phone({"--staff", "bình", "sync"}).code, 0);
  for (const std::string bad : {"..", ".", "bình/..", "/tmp"}) {
    expect_told(phone({"staff-remove", bad}), errc::argument_invalid);
    expect_told(phone({"--staff", bad, "status"}), errc::argument_invalid);
  }
}

TEST_F(VaultCommandTest, StoreInUseIsListedAndNotRemoved) {
  begin(phone_ / "an");
  const auto held = must(tools::Device::open(phone_ / "an", host_));
  EXPECT_TRUE(phone({"staff"}).says("an: đang dùng"));
  expect_told(phone({"staff-remove", "an"}), errc::store_busy);
}

TEST_F(VaultCommandTest, PersonIsErasedOnlyWithTheirOwnPin) {
  begin(phone_ / "an");
  write_file(folder_ / "pin", pin);
  EXPECT_EQ(phone({"--staff", "an", "pin", "set", (folder_ / "pin").string()}).code, 0);
  EXPECT_EQ(phone({"--staff", "an", "sync", "--pin-file", (folder_ / "pin").string()}).code, 0);
  expect_told(phone({"staff-remove", "an", "--yes"}), errc::vault_locked);
  expect_told(phone({"staff-remove", "an"}, with_pin(other_pin)), errc::pin_wrong);
  EXPECT_TRUE(fs::exists(phone_ / "an"));
  EXPECT_EQ(phone({"staff-remove", "an", "--anyway"}, with_pin(pin)).code, 0);
  EXPECT_FALSE(fs::exists(phone_ / "an"));
}

TEST_F(VaultCommandTest, DamagedStoreOfOneDoesNotHideTheOthers) {
  begin(phone_ / "an");
  begin(phone_ / "bình");
  write_file(phone_ / "an" / "device.db", std::string(8192, '\xa5'));
  const Outcome staff = phone({"staff"});
  EXPECT_EQ(staff.code, 0) << staff.err;
  EXPECT_TRUE(staff.says("an: dữ liệu bị hỏng")) << staff.out;
  EXPECT_TRUE(staff.says("bình: chờ gửi / unsent")) << staff.out;
}

/// A phone whose file is damaged.
class RescueTest : public VaultCommandTest {
 protected:
  RescueTest() : id_(begin(phone_)) {}

  /// Overwrites a page, as if the process had been cut off while it was being written.
  void damage(std::size_t page) {
    std::fstream file(store_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>((page - 1) * 4096));
    file << std::string(4096, '\xa5');
    write_file(phone_ / "device.db-wal", "");
  }
  std::size_t pages() const { return fs::file_size(store_) / 4096; }

  fs::path store_ = phone_ / "device.db";
  Id id_;
};

TEST_F(RescueTest, DamagedStoreIsPutAsideAndWhatIsWholeGoesOn) {
  const std::string before = read_file(store_);
  damage(pages());  // The last pages are the photo's.
  const Outcome told = phone({"status"});
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_TRUE(told.says("Tệp dữ liệu trên máy này bị hỏng")) << told.err;
  EXPECT_TRUE(told.says("data file was damaged")) << told.err;
  EXPECT_TRUE(fs::exists(phone_ / "device.db.damaged-1"));
  EXPECT_EQ(fs::file_size(phone_ / "device.db.damaged-1"), before.size());
  EXPECT_FALSE(phone({"status"}).says("was damaged")) << "told once";
  const Outcome sync = phone({"sync"});
  EXPECT_EQ(sync.code, 0) << sync.err;
  EXPECT_TRUE(phone({"status"}).says("chờ gửi / unsent: 0 bản ghi"));
  const auto audit = must(tools::audit_device(phone_));
  EXPECT_TRUE(audit.problems.empty());
}

TEST_F(RescueTest, EachDamageKeepsItsOwnFile) {
  for (const char* name : {"device.db.damaged-1", "device.db.damaged-2"}) {
    damage(pages());
    EXPECT_EQ(phone({"status"}).code, 0);
    EXPECT_TRUE(fs::exists(phone_ / name));
    EXPECT_FALSE(fs::exists(phone_ / "device.db.rescued"));
  }
  EXPECT_EQ(phone({"sync"}).code, 0);
  expect_told(tannha({"phone", "--data", folder_.path().string(), "staff-remove", "phone",
                      "--yes"}),
              errc::store_unsent);
}

TEST_F(RescueTest, StoreThatCannotBeReadAtAllStaysWhereItIs) {
  const std::uintmax_t size = fs::file_size(store_);
  damage(1);
  expect_told(phone({"status"}), errc::store_corrupt);
  expect_told(phone({"status"}), errc::store_corrupt);
  EXPECT_EQ(fs::file_size(store_), size);
  EXPECT_FALSE(fs::exists(phone_ / "device.db.damaged-1"));
  EXPECT_FALSE(fs::exists(phone_ / "device.db.rescuing"));
}

TEST_F(RescueTest, CutAtAnyStepIsMadeGood) {
  // Salvaged, and cut before, between and after the moves.
  for (int step = 0; step < 4; ++step) {
    const fs::path at = folder_ / ("cut-" + std::to_string(step));
    fs::create_directory(at);
    fs::copy_file(phone_ / "keystore.key", at / "keystore.key");
    fs::copy_file(store_, at / "device.db.rescued");
    const std::string damaged = "damaged";
    const std::string log = "its log of changes";
    write_file(at / (step < 1 ? "device.db" : "device.db.damaged-1"), damaged);
    write_file(at / (step < 2 ? "device.db-wal" : "device.db.damaged-1-wal"), log);
    if (step == 3) fs::rename(at / "device.db.rescued", at / "device.db");
    const auto device = must(tools::Device::open(at, host_), "step " + std::to_string(step));
    EXPECT_EQ(must(device->replica().dossiers()).size(), 1U);
    EXPECT_EQ(read_file(at / "device.db.damaged-1"), damaged);
    EXPECT_EQ(read_file(at / "device.db.damaged-1-wal"), log);
    EXPECT_FALSE(fs::exists(at / "device.db.rescued"));
  }
}

TEST_F(RescueTest, HalfARescueIsBegunAnew) {
  write_file(phone_ / "device.db.rescuing", "half");
  damage(pages());
  EXPECT_EQ(phone({"status"}).code, 0);
  EXPECT_FALSE(fs::exists(phone_ / "device.db.rescuing"));
}

TEST_F(RescueTest, PinOpensTheRescuedStoreToo) {
  write_file(folder_ / "pin", pin);
  EXPECT_EQ(phone({"pin", "set", (folder_ / "pin").string()}).code, 0);
  damage(pages());
  expect_told(phone({"status"}, with_pin(other_pin)), errc::pin_wrong);
  EXPECT_FALSE(fs::exists(phone_ / "device.db.damaged-1"));
  EXPECT_EQ(phone({"status"}, with_pin(pin)).code, 0);
  EXPECT_TRUE(fs::exists(phone_ / "device.db.damaged-1"));
  EXPECT_EQ(phone({"sync"}, with_pin(pin)).code, 0);
  expect_told(phone({"status"}), errc::vault_locked);
}

}  // namespace
}  // namespace tannha::process
