// tannha fsck: recompute every hash, signature, chain, root and receipt.

#include <iostream>

#include "tools/audit/audit.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {

void add_fsck(CLI::App& app, Command& command) {
  auto* fsck = app.add_subcommand("fsck", "Recompute everything in a server's or device's folder");
  auto folder = std::make_shared<std::string>();
  fsck->add_option("FOLDER", *folder)->required();
  auto registry = std::make_shared<std::string>();
  fsck->add_option("--registry", *registry,
                   "The server's registry on PostgreSQL: postgres://user@host/database");
  command.on(fsck, [folder, registry, &command]() -> Result<void> {
    const std::filesystem::path path(*folder);
    const bool is_registry =
        !registry->empty() || std::filesystem::exists(path / "registry.db");
    if (!is_registry && !std::filesystem::exists(path / "device.db")) {
      return fail(errc::store_not_found, *folder);
    }
    TN_TRY(const std::string pin, command.pin());
    TN_TRY(const Audit audit, is_registry ? audit_registry(path, *registry)
                                          : audit_device(path, pin));
    for (const std::string& problem : audit.problems) std::cout << "problem: " << problem << "\n";
    std::cout << audit.records << " records in " << audit.logs << " logs, " << audit.attachments
              << " attachments (" << audit.attachment_bytes << " bytes)";
    if (is_registry) {
      std::cout << ", root " << to_hex(audit.root);
    } else {
      std::cout << ", " << audit.receipts << " receipts verified";
    }
    std::cout << ", " << audit.problems.size() << " problems\n";
    if (!audit.problems.empty()) return fail(errc::store_corrupt, *folder);
    return {};
  });
}

}  // namespace tannha::tools
