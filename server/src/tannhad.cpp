// tannhad: the server program. Reads its settings, opens the data folder, serves until SIGTERM.

#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <boost/system/system_error.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "tannha/engine/authority.hpp"
#include "tannha/server/checkpoint_file.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/listener.hpp"
#include "tannha/server/out_of_memory.hpp"
#include "tannha/server/postgres_news.hpp"
#include "tannha/server/postgres_registry.hpp"
#include "tannha/server/service.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tannha/server/system_host.hpp"

namespace {

using namespace tannha;
using namespace tannha::server;

constexpr std::size_t mib = 1024 * 1024;

struct Options {
  std::string data = "tannhad-data";
  std::string tenant;
  std::string tenant_name;
  std::string clock_file;
  std::string registry;  ///< of PostgreSQL; empty: SQLite in the data folder
  std::string checkpoint_store;
  ListenerConfig listener;
  ServiceConfig service;
  std::size_t memory_mib = memory_bytes_max / mib;
  double quota_factor = 1;
};

int report(const Error& error) {
  std::cerr << "tannhad: " << name(error.code) << " ("
            << static_cast<unsigned>(error.code) << "): " << message(error.code, Language::english)
            << "\n         " << message(error.code, Language::vietnamese) << "\n";
  if (!error.detail.empty()) std::cerr << "         " << error.detail << "\n";
  return 1;
}

Result<void> register_own_log(Registry& registry, const RegistryActor& actor) {
  LogEntry log;
  log.intro = actor.log;
  log.id = actor.log.log_id();
  log.head = log.id;
  TN_CHECK(registry.begin());
  TN_CHECK(registry.put_log(log));
  return registry.commit();
}

// A registry that other nodes write too has the key of its journal with it: what another folder's
// keys sign would be nobody's.
Result<std::unique_ptr<PostgresRegistry>> open_postgres(const Options& options, DataDir& data,
                                                Host& host) {
  TN_TRY(auto registry, PostgresRegistry::open(options.registry, options.tenant,
                                               PostgresRegistry::Mode::write));
  TN_TRY(const bool bound, registry->is_bound());
  TN_TRY(const std::uint64_t size, registry->journal_size());
  if ((bound || size > 0) && !std::filesystem::exists(data.path() / "keys.cbor")) {
    return fail(errc::store_corrupt, "keys.cbor is missing");
  }
  TN_TRY(const Keys keys, data.keys(options.tenant, options.tenant_name, host));
  TN_CHECK(registry->begin());
  TN_CHECK(registry->bind_to(keys.tenant.journal_key));
  TN_CHECK(registry->commit());
  return registry;
}

Result<std::unique_ptr<CheckpointFile>> open_checkpoint_store(const Options& options,
                                                              const RegistryActor& actor) {
  const std::filesystem::path folder = options.checkpoint_store.empty()
                                           ? default_checkpoint_store(options.data)
                                           : std::filesystem::path(options.checkpoint_store);
  auto store = CheckpointFile::open(folder, actor.tenant.journal_key);
  if (!store) {
    return fail(store.error().code, "--checkpoint-store " + folder.string() + ": " +
                                        store.error().detail);
  }
  return store;
}

// Reads from the disk what the other connection has written there.
Result<std::unique_ptr<Registry>> open_reader(const Options& options, const DataDir& data) {
  std::unique_ptr<Registry> reader;
  if (options.registry.empty()) {
    TN_TRY(reader, SqliteRegistry::open(data.registry_path(), sqlite::Mode::read_only));
  } else {
    TN_TRY(reader, PostgresRegistry::open(options.registry, options.tenant,
                                          PostgresRegistry::Mode::read_only));
  }
  return reader;
}

Result<int> serve(const Options& options) {
  SystemHost host(options.clock_file);
  TN_TRY(DataDir data, DataDir::open(options.data));
  std::unique_ptr<Registry> registry;
  std::string node_name;
  if (!options.registry.empty()) {
    TN_TRY(auto postgres, open_postgres(options, data, host));
    node_name = postgres->node_name();
    registry = std::move(postgres);
  }
  TN_TRY(const Keys keys, data.keys(options.tenant, options.tenant_name, host));
  TN_TRY(const std::string admin_secret, data.admin_secret(host));
  TN_TRY(Catalogue catalogue, data.catalogue());
  if (!registry) {
    TN_TRY(registry, SqliteRegistry::open(data.registry_path(), sqlite::Mode::shared));
  }
  const RegistryActor actor = make_actor(keys);
  TN_CHECK(register_own_log(*registry, actor));
  TN_TRY(const auto reader, open_reader(options, data));
  TN_TRY(const auto newest, open_checkpoint_store(options, actor));
  CheckpointSigner signer(*reader, actor.tenant.origin, actor.journal_key, *newest);

  // Signals are taken by this thread alone, at a place where it is easy to act on them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);

  Service service(options.service, *registry, actor, keys.token_secret, admin_secret,
                  std::move(catalogue), Blobs(data.blobs_path()), host, signer);
  TN_TRY(const bool is_sound, service.open_journal());
  if (is_sound) TN_CHECK(service.upgrade());
  Listener listener(options.listener, service);
  service.set_listener(&listener);
  listener.start();
  std::optional<PostgresNews> news;
  if (!options.registry.empty()) {
    news.emplace(options.registry, options.tenant, node_name,
                 [&service](const auto& audiences) { service.changed_elsewhere(audiences); });
  }
  std::cout << "tannhad: " << keys.tenant.code << " listens on http://" << options.listener.address
            << ":" << listener.port() << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  std::cout << "tannhad: stopping" << std::endl;
  // What was accepted is answered; what is queued becomes durable; then the store is closed.
  news.reset();
  listener.stop(std::chrono::seconds(10));
  service.stop();
  std::cout << "tannhad: stopped" << std::endl;
  return 0;
}

// One descriptor a connection: as many as the system lets this account have. The rest is for files,
// so that a server full of connections can still open its store.
std::size_t connections_possible(std::size_t wanted) {
  constexpr std::size_t other_descriptors = 1000;
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return wanted;
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  const auto most = static_cast<std::size_t>(descriptors.rlim_max);
  return std::min(wanted, std::max(most / 2, most - std::min(most, other_descriptors)));
}

// What one thread frees another can use, and what is large goes back to the system: otherwise what
// the process holds has little to do with what it uses.
void keep_memory_small() {
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

}  // namespace

int main(int argc, char** argv) {
  stop_when_out_of_memory("tannhad");
  keep_memory_small();
  // What is written here holds personal data: for the owner of the account only.
  umask(077);
  Options options;
  options.listener.connections_max = connections_possible(options.listener.connections_max);
  CLI::App app{"tannhad: the Tận Nhà dossier server"};
  app.add_option("--data", options.data, "Folder for registry, attachments and keys")
      ->capture_default_str();
  app.add_option("--tenant", options.tenant, "Agency code of the province (QĐ 20/2020), e.g. H42")
      ->required();
  app.add_option("--tenant-name", options.tenant_name, "Name of the province");
  app.add_option("--registry", options.registry,
                 "PostgreSQL for the registry: postgres://user@host/database; the password better "
                 "in PGPASSFILE. Default: SQLite in the data folder");
  app.add_option("--checkpoint-store", options.checkpoint_store,
                 "Folder for the newest signed checkpoint: on another disk, and in no backup of "
                 "--data (default: tannha-checkpoints beside --data)");
  app.add_option("--address", options.listener.address, "Address to listen on")
      ->capture_default_str();
  app.add_option("--port", options.listener.port, "Port to listen on; 0 takes a free one")
      ->capture_default_str();
  app.add_option("--threads", options.listener.threads, "Threads for connections")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--verify-threads", options.service.verify_threads,
                 "Threads for signature checks; one a core")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--memory-max", options.memory_mib,
                 "MiB of requests and answers held at one time; more is refused and comes again. The "
                 "process needs some 100 MiB beside, and 16 KiB a connection")
      ->check(CLI::Range(MemoryBudget::bytes_min / mib, std::size_t{1} << 20))
      ->capture_default_str();
  app.add_option("--quota-factor", options.quota_factor,
                 "Times the usual quotas of a device and an address; 0: none")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  app.add_option("--clock-file", options.clock_file,
                 "Demonstrations only: a file with the time in Unix milliseconds");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    return report({errc::argument_invalid, e.what()});
  }
  if (!can_have_dossiers(options.tenant)) return report({errc::agency_code_malformed, "--tenant"});
  options.listener.memory = std::make_shared<MemoryBudget>(options.memory_mib * mib);
  options.service.device_quota = scaled(device_quota, options.quota_factor);
  options.service.address_quota = scaled(address_quota, options.quota_factor);
  if (options.tenant_name.empty()) options.tenant_name = options.tenant;
  try {
    const Result<int> code = serve(options);
    return code ? *code : report(code.error());
  } catch (const boost::system::system_error& e) {
    return report({errc::argument_invalid,
                   "không mở được cổng / cannot listen on " + options.listener.address + ":" +
                       std::to_string(options.listener.port) + ": " + e.code().message()});
  } catch (const std::exception& e) {
    // Start-up is where exceptions still travel.
    std::cerr << "tannhad: cannot start: " << e.what() << "\n"
              << "         Không khởi động được máy chủ.\n";
    return 1;
  }
}
