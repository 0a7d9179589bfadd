#include "tests/crash/memory_fault.hpp"

#include <sqlite3.h>

#include <cstdlib>

namespace tannha::test {
namespace {

sqlite3_mem_methods real{};
std::uint64_t left = 0;
std::uint64_t refused = 0;
bool stays = false;

bool is_refused() {
  if (left == 0) return false;
  if (--left > 0) return false;
  left = stays ? 1 : 0;
  ++refused;
  return true;
}

void* x_malloc(int size) {
  return is_refused() ? nullptr : real.xMalloc(size);
}
void* x_realloc(void* old, int size) {
  return is_refused() ? nullptr : real.xRealloc(old, size);
}

// SQLite takes these only before its first use.
const bool installed = [] {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK) std::abort();
  sqlite3_mem_methods ours = real;
  ours.xMalloc = x_malloc;
  ours.xRealloc = x_realloc;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK) std::abort();
  if (sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) std::abort();
  if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) != SQLITE_OK) std::abort();
  return true;
}();

}  // namespace

void refuse_memory_at(std::uint64_t n, bool for_ever) {
  left = n;
  refused = 0;
  stays = for_ever;
}
void give_memory_again() {
  left = 0;
}
std::uint64_t memory_refused() {
  return refused;
}
std::int64_t memory_in_use() {
  return installed ? sqlite3_memory_used() : 0;
}

}  // namespace tannha::test
