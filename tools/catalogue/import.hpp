#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/engine/catalogue.hpp"

/// Reads the national procedure catalogue as JSON: an array of entries, or one entry a line
/// (.jsonl), either of them plain or in gzip. What an entry does not say clearly is kept as the
/// source's own text and reported; nothing is guessed, and no bad entry costs a good one.
namespace tannha::tools {

struct ImportLimits {
  /// Of the file, before and after decompression: 70 times the real one; stops a gzip bomb.
  std::size_t file_bytes_max = std::size_t{256} * 1024 * 1024;
  /// Of one entry's JSON: 7 times the longest real one.
  std::size_t entry_bytes_max = std::size_t{1024} * 1024;
  /// Problems listed; further ones are counted.
  std::size_t problems_max = 100'000;
};

/// What could not be understood. Up to `text_not_usable` the whole entry is left out.
enum class Unclear : std::uint8_t {
  // The file.
  file_truncated,
  file_damaged,
  trailing_bytes,
  too_many_broken,
  too_many_procedures,
  // An entry that is left out.
  json_broken,
  entry_unfinished,
  entry_too_large,
  not_an_object,
  code_missing,
  code_twice,
  name_missing,
  too_many_lines,
  text_not_usable,
  // A field of an entry that is imported.
  code_odd,
  field_missing,
  field_wrong_type,
  field_unknown,
  level_unknown,
  level_contradicts_name,
  html_remains,
  hidden_characters,
  channel_unknown,
  channel_repeated,
  channels_missing,
  time_missing,
  time_prose,
  time_unit_other,
  time_fraction,
  time_out_of_range,
  fee_missing,
  fee_set_elsewhere,
  fee_in_prose,
  fee_several,
  fee_too_small,
  fee_differs_by_channel,
  documents_missing,
  document_name_missing,
  document_without_quantity,
  document_quantity_unclear,
  note_with_quantity,
};

/// The enumerator's own name.
[[nodiscard]] std::string_view name(Unclear why);
/// One sentence: what is unclear and what was done with it.
[[nodiscard]] std::string_view message(Unclear why, Language language);

struct ImportProblem {
  /// Place of the entry from 1: the element of the array, the line of a .jsonl; 0 for the file.
  std::size_t entry{};
  /// Empty when the entry has none.
  std::string code;
  /// "channels[2].fee"; empty when it is the whole entry.
  std::string field;
  /// Of the source, at most 120 characters, on one line.
  std::string excerpt;
  Unclear why{};

  friend bool operator==(const ImportProblem&, const ImportProblem&) = default;
};

struct ImportReport {
  Catalogue catalogue;
  /// In the order of the file.
  std::vector<ImportProblem> problems;
  /// Problems beyond ImportLimits::problems_max.
  std::size_t problems_left_out_count{};
  /// Entries seen, broken ones included.
  std::size_t entry_count{};

  /// How often each occurs among `problems`.
  [[nodiscard]] std::map<Unclear, std::size_t> count_by_kind() const;
};

/// Errors: file_unreadable (the detail is the system's reason); catalogue_malformed when the file
/// is larger than the limit or no entry at all could be read.
[[nodiscard]] Result<ImportReport> import_catalogue(const std::filesystem::path& file,
                                                    const ImportLimits& limits = {});
/// The same from memory. A text that begins with '[' is an array, any other has an entry a line.
[[nodiscard]] Result<ImportReport> import_catalogue(BytesView bytes,
                                                    const ImportLimits& limits = {});

}  // namespace tannha::tools
