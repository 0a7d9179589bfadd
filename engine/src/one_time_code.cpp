#include "tannha/engine/one_time_code.hpp"

namespace tannha {

std::string one_time_code(const Seed& registry, const Hash& sent_on) {
  const Hash bytes = mac(derive_seed(registry, "one-time code"), sent_on);
  // Sixty-four bits onto a million codes: no code is noticeably likelier than another.
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | bytes[i];
  std::string code(limits::one_time_code_digits, '0');
  for (std::size_t i = code.size(); i-- > 0; number /= 10) {
    code[i] = static_cast<char>('0' + number % 10);
  }
  return code;
}

}  // namespace tannha
