#pragma once

#include <cstdint>

/// The memory that SQLite asks for, refused as told. In place before main() in every program that
/// links this. Without lookaside, so that every allocation is asked for here.
namespace tannha::test {

/// The n-th allocation from now, from 1, is refused; all after it too when `for_ever`.
void refuse_memory_at(std::uint64_t n, bool for_ever);
void give_memory_again();
/// How many were refused since refuse_memory_at().
[[nodiscard]] std::uint64_t memory_refused();
/// Bytes that SQLite holds.
[[nodiscard]] std::int64_t memory_in_use();

}  // namespace tannha::test
