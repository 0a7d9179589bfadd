#include "tools/simulate/older_program.hpp"

#include <algorithm>

// As the compiler names tannha::is_known(RecordType).
extern "C" {
bool __real__ZN6tannha8is_knownENS_10RecordTypeE(tannha::RecordType type);
bool __wrap__ZN6tannha8is_knownENS_10RecordTypeE(tannha::RecordType type);
}

namespace tannha::simulate {
namespace {

const std::vector<RecordType>* unknown_now = nullptr;
std::uint64_t puzzled_now = 0;

}  // namespace

OlderProgram::OlderProgram(const std::vector<RecordType>& unknown) {
  unknown_now = &unknown;
  puzzled_now = 0;
}
OlderProgram::~OlderProgram() { unknown_now = nullptr; }
std::uint64_t OlderProgram::puzzled() const { return puzzled_now; }

}  // namespace tannha::simulate

bool __wrap__ZN6tannha8is_knownENS_10RecordTypeE(tannha::RecordType type) {
  using namespace tannha::simulate;
  if (unknown_now && std::ranges::find(*unknown_now, type) != unknown_now->end()) {
    ++puzzled_now;
    return false;
  }
  return __real__ZN6tannha8is_knownENS_10RecordTypeE(type);
}
