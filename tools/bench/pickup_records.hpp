#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tannha/protocol/body.hpp"

namespace tannha::tools {

/// One line of the records on which peers were measured, as it is written here: the line's id is
/// the subject, its time the claimed time, all else a field.
struct PickupRecord {
  Id id{};
  std::uint64_t at_ms{};
  body::FieldsWritten fields;
};

/// Reads `pickup-records.jsonl.gz`, or makes as many of the same kind from a seed when there is no
/// such file. Every line is put together again from its record and compared with what it was.
/// @param file empty: it is looked for in shared/data beside the working directory and above it
/// Errors: file_unreadable (named and not there), catalogue_malformed (a line has another form or
/// loses something).
[[nodiscard]] Result<std::vector<PickupRecord>> pickup_records(const std::filesystem::path& file);

}  // namespace tannha::tools
