#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "tannha/engine/one_time_code.hpp"

namespace tannha::server {

/// Puts each message as one file of JSON into the folder, for the operator's own program to send:
/// there is no gateway that suits every province. docs/operations.md says what stands in it. On a
/// thread of its own, after the transaction that wants the message: a slow folder holds up nobody.
/// What cannot be put down is logged, stays wanted in the registry, and is asked for again.
class CodeMessages {
 public:
  /// More are not held: the rest is asked for when these are written.
  static constexpr std::size_t queue_max = 1024;
  /// So many are asked for at once, and the next ones when they are written: nobody else waits long
  /// for the registry, and little is written twice by whoever goes on after a sudden end.
  static constexpr std::size_t asked_max = 64;
  /// How often what is still wanted is asked for.
  static constexpr std::chrono::seconds ask_again{30};

  /// These messages are durable: the registry wants them no more. On this thread.
  using Note = std::function<void(std::vector<Hash> kept)>;
  /// To put() what the registry still wants, in its own time. Again and again, on this thread.
  using Ask = std::function<void()>;

  /// @param folder that is there when this is started
  CodeMessages(std::filesystem::path folder, Note note, Ask ask);
  ~CodeMessages();
  CodeMessages(const CodeMessages&) = delete;
  CodeMessages& operator=(const CodeMessages&) = delete;

  /// Begins to write. Once.
  void start();
  /// On any thread; returns at once.
  void put(const std::vector<CodeMessage>& messages);
  /// Writes what waits, as far as two seconds reach. Idempotent.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  std::vector<Hash> write(const std::vector<CodeMessage>& messages);

  const std::filesystem::path folder_;
  const Note note_;
  const Ask ask_;
  std::set<Hash> written_;  ///< by this process: what the registry could not note is not sent twice
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<CodeMessage> queue_;
  std::optional<Clock::time_point> end_;  ///< being stopped
  std::thread thread_;
};

}  // namespace tannha::server
