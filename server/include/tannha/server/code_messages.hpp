#pragma once

#include <filesystem>

#include "tannha/engine/one_time_code.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::server {

/// Puts each message as one file of JSON into the folder, for the operator's own program to send:
/// there is no gateway that suits every province. docs/operations.md says what stands in it. A
/// message that cannot be kept is logged and not sent; the citizen then confirms in another way.
/// @param folder made when it is missing; empty: no codes are sent, and the result is empty
/// Errors: as make_folders_durably.
[[nodiscard]] Result<SendCode> code_messages(const std::filesystem::path& folder);

}  // namespace tannha::server
