#pragma once

#include <vector>

#include "tannha/protocol/record.hpp"

namespace tannha::simulate {

/// While one lives, this thread's program is of an older version: tannha::is_known() says no to the
/// record types that came later. The linker puts the question here (`--wrap`); the engine has no
/// switch for it.
class OlderProgram {
 public:
  /// @param unknown must outlive this; empty: the program is today's
  explicit OlderProgram(const std::vector<RecordType>& unknown);
  ~OlderProgram();
  OlderProgram(const OlderProgram&) = delete;
  OlderProgram& operator=(const OlderProgram&) = delete;
  /// How often it did not know a type.
  [[nodiscard]] std::uint64_t puzzled() const;
};

}  // namespace tannha::simulate
