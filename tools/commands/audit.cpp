// tannha audit: check a registry from outside, over HTTP alone.

#include <iostream>

#include "tannha/server/data_dir.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/audit/http_audit.hpp"
#include "tools/commands/command.hpp"
#include "tools/net/patience.hpp"

namespace tannha::tools {
namespace {

struct Args {
  std::string url, key, remember;
};

Result<std::optional<RememberedCheckpoint>> remembered(const Args& args) {
  std::optional<RememberedCheckpoint> out;
  if (!args.remember.empty() && std::filesystem::exists(args.remember)) {
    TN_TRY(const Bytes bytes, read_whole_file(args.remember));
    TN_TRY(out, RememberedCheckpoint::parse(std::string(as_text(bytes))));
  }
  if (args.key.empty()) return out;
  TN_TRY(RememberedCheckpoint given, RememberedCheckpoint::parse(args.key));
  if (out && (out->origin != given.origin || out->key != given.key)) {
    return fail(errc::key_malformed, args.remember + " has another key");
  }
  if (!out) out = std::move(given);
  return out;
}

Result<void> run(const Args& args) {
  TN_TRY(const auto before, remembered(args));
  HttpClient client(args.url);
  // A long journal has more tiles than an address may ask for at one time.
  server::SystemHost host;
  const Patience patience(host, std::chrono::minutes(10));
  const HttpGet get = [&client, &patience](const std::string& path) {
    return patience.send(client, HttpCall{.path = path});
  };
  TN_TRY(const HttpAudit audit, audit_over_http(get, before));
  std::cout << "sổ nhật ký đúng / the journal is sound: " << audit.checkpoint.size
            << " bản ghi / records, " << audit.tiles << " tiles (" << audit.bytes << " bytes)\n"
            << "  root " << to_hex(audit.checkpoint.root) << "\n";
  if (audit.before) {
    std::cout << "nối tiếp lần trước / continues what was seen before: " << audit.before->size
              << " bản ghi / records\n";
  } else if (!before) {
    std::cout << "lần đầu, khoá do máy chủ đưa / first time, the key is the server's word:\n  "
              << verifier_key(audit.remember.origin, audit.remember.key) << "\n";
  }
  if (args.remember.empty()) return {};
  return server::write_file_durably(std::filesystem::absolute(args.remember),
                                    as_bytes(audit.remember.text()), 0600);
}

}  // namespace

void add_audit(CLI::App& app, Command& command) {
  auto args = std::make_shared<Args>();
  auto* audit = app.add_subcommand("audit", "Check a registry's journal over HTTP alone");
  audit->add_option("URL", args->url, "http://host:port")->required();
  audit->add_option("--remember", args->remember,
                    "File with what was seen last: compared, then renewed");
  audit->add_option("--key", args->key, "The journal's key, as name+id+base64, from somebody else");
  command.on(audit, [args] { return run(*args); });
}

}  // namespace tannha::tools
