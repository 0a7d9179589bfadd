#include "tools/bench/filled.hpp"

#include <future>
#include <iostream>

#include "tannha/engine/admission.hpp"
#include "tannha/engine/cached_registry.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/bench/http_load.hpp"

namespace tannha::tools {
namespace {

constexpr std::uint64_t brief_records = 20'000;
constexpr std::uint64_t long_records = 5'000'000;
constexpr std::size_t dossiers_per_commit = 1'000;
/// So many phones wrote them: a province's.
constexpr std::size_t phones_count = 200;

/// One phone's dossiers, signed on another thread while the ones before are stored.
std::vector<Record> sign_batch(BenchPhone& phone, std::uint64_t number) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < dossiers_per_commit; ++i) {
    for (Record& record : door_dossier(phone, number * dossiers_per_commit + i)) {
      records.push_back(std::move(record));
    }
  }
  return records;
}

Result<void> store(Registry& registry, const BenchPhone& phone, const std::vector<Record>& records) {
  server::SystemHost host;
  TN_CHECK(registry.begin());
  for (const Record& record : records) {
    const Id& dossier = record.header.subject;
    const Evidence evidence{record, {Verdict::effective, {}}, {}, phone.actor, host.now_ms()};
    TN_CHECK(registry.append(evidence, std::span(&dossier, 1)));
    const std::vector<std::string> audiences{actor_audience(phone.actor), "unit:" + phone.unit,
                                             "unit:H42"};
    for (const std::string& audience : audiences) {
      if (record.header.type == RecordType::dossier_opened) {
        TN_CHECK(registry.add_audience(dossier, audience));
      } else {
        TN_CHECK(registry.feed(audience, record.hash));
      }
    }
  }
  TN_CHECK(registry.move_head(phone.log_id, phone.next_seq, phone.head));
  return registry.commit();
}

Result<std::vector<BenchPhone>> enrol_writers(const BenchOptions& options,
                                              const std::filesystem::path& folder) {
  TN_TRY(const auto server, BenchServer::start(options, folder));
  std::vector<BenchPhone> phones;
  for (std::size_t i = 0; i < (options.brief ? 4 : phones_count); ++i) {
    TN_TRY(BenchPhone phone, server->enrol(Role::courier, "H42." + std::to_string(10 + i % 50)));
    phones.push_back(std::move(phone));
  }
  // A short journal of its own that was signed, as every server has it.
  TN_CHECK(run_load(server->port(), {sign_load(phones.front(), 1, 1).requests}, 0, false));
  server->stop();
  return phones;
}

}  // namespace

std::uint64_t long_journal(const BenchOptions& options) {
  if (options.records > 0) return options.records;
  return options.brief ? brief_records : long_records;
}

Result<std::filesystem::path> filled_folder(const BenchOptions& options, std::uint64_t records) {
  const std::filesystem::path folder =
      (options.filled.empty() ? options.folder : options.filled) / "long";
  if (std::filesystem::exists(folder)) {
    TN_TRY(const auto there, server::SqliteRegistry::open((folder / "registry.db").string(),
                                                          sqlite::Mode::read_only));
    TN_TRY(const std::uint64_t size, there->journal_size());
    if (size >= records) return folder;
    return fail(errc::argument_invalid, folder.string() + " has another length");
  }
  std::filesystem::create_directories(folder.parent_path());
  TN_TRY(std::vector<BenchPhone> phones, enrol_writers(options, folder));
  TN_TRY(const auto sqlite,
         server::SqliteRegistry::open((folder / "registry.db").string(), sqlite::Mode::shared));
  CachedRegistry registry(*sqlite);
  TN_TRY(const std::uint64_t begun, registry.journal_size());
  const auto sign_next = [&phones](std::uint64_t number) {
    BenchPhone& phone = phones[number % phones.size()];
    return std::async(std::launch::async, [&phone, number] { return sign_batch(phone, number); });
  };
  auto next = sign_next(0);
  for (std::uint64_t number = 0, size = begun; size < records; ++number) {
    const std::vector<Record> batch = next.get();
    const BenchPhone phone = phones[number % phones.size()];
    next = sign_next(number + 1);
    TN_CHECK(store(registry, phone, batch));
    size += batch.size();
    if (size % 500'000 < batch.size()) std::cerr << "filling: " << size << " records\n";
  }
  next.wait();
  return folder;
}

}  // namespace tannha::tools
