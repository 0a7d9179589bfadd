#pragma once

#include "tests/crash/processes/strike.hpp"
#include "tests/crash/processes/town.hpp"

/// What must hold after any strike, whatever a program was doing.
namespace tannha::crash {

/// Whether the first words are a program's name and the name of an error.
[[nodiscard]] bool is_told(const std::string& complaint);

/// Expects that a program ended in a way that the strike allows: killed; or well; or with an error
/// that is told; without memory also by stopping itself. Never by a wrong access, never by hanging.
/// @return whether the strike was felt
bool expect_end(const Outcome& outcome, const Strike& strike);

/// Expects of a device's folder, when it is one, that the store opens and is sound, that its log is
/// unbroken, and that it has each record whose hash was printed.
void expect_saved(const Town& town, const std::string& who, const std::string& printed);

/// The receipts on a town's devices for which its server has nothing, or something else.
[[nodiscard]] std::vector<std::string> broken_receipts(const Town& town);

/// Expects of a server that nobody runs that it is sound and has everything for which a device of
/// the town has a receipt, at the place in the journal that the receipt says.
void expect_sound_server(const Town& town);

}  // namespace tannha::crash
