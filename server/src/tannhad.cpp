// tannhad: the server program. Reads its settings, opens the data folder, serves until SIGTERM.

#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "tannha/server/checkpoint_file.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/listener.hpp"
#include "tannha/server/out_of_memory.hpp"
#include "tannha/server/postgres_news.hpp"
#include "tannha/server/postgres_registry.hpp"
#include "tannha/server/service.hpp"
#include "tannha/server/service_manager.hpp"
#include "tannha/server/settings.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tannha/server/system_host.hpp"

// Read by jemalloc at its start. Few arenas, and what is free goes back to the system within a second:
// otherwise what the process holds has little to do with what it uses.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:4,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true";
}

namespace {

using namespace tannha;
using namespace tannha::server;

constexpr std::size_t mib = 1024 * 1024;

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
Result<std::unique_ptr<PostgresRegistry>> open_postgres(const Settings& settings, DataDir& data,
                                                Host& host) {
  TN_TRY(auto registry, PostgresRegistry::open(settings.registry_url, settings.tenant_code,
                                               PostgresRegistry::Mode::write));
  TN_TRY(const bool bound, registry->is_bound());
  TN_TRY(const std::uint64_t size, registry->journal_size());
  if ((bound || size > 0) && !std::filesystem::exists(data.path() / "keys.cbor")) {
    return fail(errc::store_corrupt, "keys.cbor is missing");
  }
  TN_TRY(const Keys keys, data.keys(settings.tenant_code, settings.tenant_name, host));
  TN_CHECK(registry->begin());
  TN_CHECK(registry->bind_to(keys.tenant.journal_key));
  TN_CHECK(registry->commit());
  return registry;
}

Result<std::unique_ptr<CheckpointFile>> open_checkpoint_store(const Settings& settings,
                                                              const RegistryActor& actor) {
  const std::filesystem::path folder = settings.checkpoint_folder.empty()
                                           ? default_checkpoint_store(settings.data_folder)
                                           : std::filesystem::path(settings.checkpoint_folder);
  auto store = CheckpointFile::open(folder, actor.tenant.journal_key);
  if (!store) {
    return fail(store.error().code, "--checkpoint-store " + folder.string() + ": " +
                                        store.error().detail);
  }
  return store;
}

// Reads from the disk what the other connection has written there.
Result<std::unique_ptr<Registry>> open_reader(const Settings& settings, const DataDir& data) {
  std::unique_ptr<Registry> reader;
  if (settings.registry_url.empty()) {
    TN_TRY(reader, SqliteRegistry::open(data.registry_path(), sqlite::Mode::read_only));
  } else {
    TN_TRY(reader, PostgresRegistry::open(settings.registry_url, settings.tenant_code,
                                          PostgresRegistry::Mode::read_only));
  }
  return reader;
}

Result<int> serve(const Settings& settings) {
  SystemHost host(settings.clock_file);
  TN_TRY(DataDir data, DataDir::open(settings.data_folder, settings.registry_url.empty()
                                                               ? BlobsOf::one
                                                               : BlobsOf::several));
  std::unique_ptr<Registry> registry;
  std::string node_name;
  if (!settings.registry_url.empty()) {
    TN_TRY(auto postgres, open_postgres(settings, data, host));
    node_name = postgres->node_name();
    registry = std::move(postgres);
  }
  TN_TRY(const Keys keys, data.keys(settings.tenant_code, settings.tenant_name, host));
  TN_TRY(const std::string admin_secret, data.admin_secret(host));
  TN_TRY(Catalogue catalogue, data.catalogue());
  if (!registry) {
    TN_TRY(registry, SqliteRegistry::open(data.registry_path(), sqlite::Mode::shared));
  }
  const RegistryActor actor = make_actor(keys);
  TN_CHECK(register_own_log(*registry, actor));
  TN_TRY(const auto reader, open_reader(settings, data));
  TN_TRY(const auto newest, open_checkpoint_store(settings, actor));
  CheckpointSigner signer(*reader, actor.tenant.origin, actor.journal_key, *newest);

  // Signals are taken by this thread alone, at a place where it is easy to act on them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);

  TN_TRY(AppFiles apps, AppFiles::load(settings.apps_folder));
  Service service(settings.service, *registry, actor, keys.token_secret, admin_secret,
                  std::move(catalogue), Blobs(data.blobs_path()), host, signer);
  TN_TRY(const bool is_sound, service.open_journal());
  if (is_sound) TN_CHECK(service.upgrade());
  TN_CHECK(service.open_messages());
  Listener listener(settings.listener, service);
  service.set_listener(&listener);
  service.set_apps(std::move(apps));
  listener.start();
  std::optional<PostgresNews> news;
  if (!settings.registry_url.empty()) {
    news.emplace(settings.registry_url, settings.tenant_code, node_name,
                 [&service](const auto& audiences) { service.changed_elsewhere(audiences); },
                 [&service](bool is_connected) {
                   service.metrics().database_reachable = is_connected ? 1 : 0;
                   log::write(is_connected ? log::Level::info : log::Level::warning,
                              is_connected ? "database_connected" : "database_lost");
                 });
  }
  // For people and scripts that started it; everything later is in the log.
  std::cout << "tannhad: " << keys.tenant.code << " listens on http://" << settings.listener.address
            << ":" << listener.port() << std::endl;
  log::write(log::Level::info, "started",
             {{"tenant", keys.tenant.code},
              {"port", std::uint64_t{listener.port()}},
              {"journal_records", service.metrics().journal_size.load()}});
  tell_service_manager("READY=1");

  int signal = 0;
  sigwait(&signals, &signal);
  tell_service_manager("STOPPING=1");
  log::write(log::Level::info, "stopping", {{"signal", static_cast<std::uint64_t>(signal)}});
  // What was accepted is answered; what is queued becomes durable; then the store is closed.
  news.reset();
  listener.stop(settings.listener.stop_grace);
  service.stop();
  log::write(log::Level::info, "stopped",
             {{"journal_records", service.metrics().journal_size.load()}});
  return 0;
}

struct Arguments {
  std::string config;
  bool print_config = false;
  std::vector<std::pair<const Setting*, std::string>> given;  ///< one by one
};

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--config", arguments.config, "File with the settings (TOML)");
  app.add_flag("--print-config", arguments.print_config,
               "Print such a file with every setting and its default, and end");
  const Settings defaults;
  for (const Setting& setting : all_settings()) {
    if (setting.option.empty()) continue;
    std::string help(setting.help);
    std::ranges::replace(help, '\n', ' ');
    app.add_option_function<std::string>(
           std::string(setting.option),
           [&arguments, &setting](const std::string& text) {
             arguments.given.emplace_back(&setting, text);
           },
           help)
        ->default_str(value_text(setting, defaults));
  }
}

// The file first: what is on the command line goes before it.
Result<void> apply(const Arguments& arguments, Settings& settings) {
  if (!arguments.config.empty()) {
    TN_CHECK(read_settings(settings, arguments.config));
  }
  for (const auto& [setting, text] : arguments.given) {
    TN_CHECK(set_text(settings, *setting, text, std::string(setting->option)));
  }
  if (settings.tenant_code.empty()) {
    return fail(errc::argument_invalid,
                "thiếu mã đơn vị / the agency code is missing: --tenant, or code under [tenant]");
  }
  return {};
}

// @return the exit code, when that was all
std::optional<int> read_arguments(int argc, char** argv, Settings& settings) {
  CLI::App app{"tannhad: the Tận Nhà dossier server"};
  Arguments arguments;
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    return report({errc::argument_invalid, e.what()});
  }
  if (arguments.print_config) {
    std::cout << settings_text();
    return 0;
  }
  const Result<void> applied = apply(arguments, settings);
  if (!applied) return report(applied.error());
  return std::nullopt;
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

}  // namespace

int main(int argc, char** argv) {
  stop_when_out_of_memory("tannhad");
  // What is written here holds personal data: for the owner of the account only.
  umask(077);
  Settings settings;
  if (const std::optional<int> code = read_arguments(argc, argv, settings)) return *code;
  if (settings.tenant_name.empty()) settings.tenant_name = settings.tenant_code;
  settings.listener.connections_max = connections_possible(settings.listener.connections_max);
  settings.listener.memory = std::make_shared<MemoryBudget>(settings.memory_mib * mib);
  const double quota = static_cast<double>(settings.quota_percent) / 100;
  settings.service.device_quota = scaled(device_quota, quota);
  settings.service.address_quota = scaled(address_quota, quota);
  settings.service.messages_folder = settings.messages_folder;
  log::configure(settings.log);
  log_settings(settings);
  try {
    const Result<int> code = serve(settings);
    return code ? *code : report(code.error());
  } catch (const boost::system::system_error& e) {
    return report({errc::argument_invalid,
                   "không mở được cổng / cannot listen on " + settings.listener.address + ":" +
                       std::to_string(settings.listener.port) + ": " + e.code().message()});
  } catch (const std::exception& e) {
    // Start-up is where exceptions still travel.
    std::cerr << "tannhad: cannot start: " << e.what() << "\n"
              << "         Không khởi động được máy chủ.\n";
    return 1;
  }
}
