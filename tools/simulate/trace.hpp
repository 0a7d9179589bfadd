#pragma once

#include <string>
#include <string_view>

#include "tannha/protocol/crypto.hpp"
#include "tools/simulate/scheduler.hpp"

namespace tannha::simulate {

/// What happened, one plain line an event: time, who, what. Shown to whoever replays a seed; hashed
/// to show that a replay is the same run. No personal data: the people are numbers.
class Trace {
 public:
  Trace(bool shown, bool hashed) : shown_(shown), hashed_(hashed) {}

  /// Whether anybody listens: a line is not worth making otherwise.
  [[nodiscard]] bool on() const { return shown_ || hashed_; }
  void line(Ms time, std::string_view who, std::string_view what);
  /// Bytes that travelled or were stored: hashed, not shown.
  void bytes(BytesView bytes);
  [[nodiscard]] Hash hash() { return stream_.finish(); }

 private:
  bool shown_;
  bool hashed_;
  Blake2bStream stream_;
};

/// The first eight hexadecimal digits: enough to tell one from another in a story.
[[nodiscard]] std::string brief(const Hash& hash);
[[nodiscard]] std::string brief(const Id& id);

}  // namespace tannha::simulate
