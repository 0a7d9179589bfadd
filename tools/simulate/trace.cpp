#include "tools/simulate/trace.hpp"

#include <array>
#include <cstdio>

namespace tannha::simulate {

void Trace::line(Ms time, std::string_view who, std::string_view what) {
  std::array<char, 48> clock{};
  std::snprintf(clock.data(), clock.size(), "%3llud %02llu:%02llu:%02llu.%03llu  ",
                static_cast<unsigned long long>(time / day),
                static_cast<unsigned long long>(time / hour % 24),
                static_cast<unsigned long long>(time / minute % 60),
                static_cast<unsigned long long>(time / second % 60),
                static_cast<unsigned long long>(time % second));
  std::string text = clock.data();
  text += who;
  if (who.size() < 14) text.append(14 - who.size(), ' ');
  text += what;
  text += '\n';
  if (hashed_) stream_.update(as_bytes(text));
  if (shown_) std::fputs(text.c_str(), stdout);
}

void Trace::bytes(BytesView bytes) {
  if (hashed_) stream_.update(bytes);
}

std::string brief(const Hash& hash) { return to_hex(BytesView(hash).first(4)); }
// The front of a UUID of version 7 is its time, which many share.
std::string brief(const Id& id) { return to_hex(BytesView(id).last(4)); }

}  // namespace tannha::simulate
