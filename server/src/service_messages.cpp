// Text messages: from the registry, which wants them, to the folder and back.

#include <algorithm>
#include <future>

#include "tannha/server/data_dir.hpp"
#include "tannha/server/service.hpp"

namespace tannha::server {
namespace {

/// The node that admits a record has this long to put its message down before any other tries.
constexpr std::uint64_t own_time_ms = 60'000;

}  // namespace

Result<void> Service::open_messages() {
  if (!messages_) return {};
  TN_CHECK(make_folders_durably(config_.messages_folder));
  messages_->start();
  // Handed over before anything else is, so that stop() at any time finds them.
  std::promise<void> asked;
  ask_for_messages([&asked] { asked.set_value(); });
  asked.get_future().wait();
  return {};
}

void Service::put_messages(const std::vector<CodeMessage>& messages) {
  if (messages_) messages_->put(messages);
}

// What cannot be noted is asked for again, and then noted without a second file.
void Service::note_kept(std::vector<Hash> kept) {
  submit(
      [this, kept = std::move(kept)]() -> Result<void> {
        for (const Hash& sent_on : kept) TN_CHECK(registry_.code_message_kept(sent_on));
        return {};
      },
      [](const Result<void>&) {});
}

void Service::ask_for_messages(std::function<void()> asked) {
  auto wanted = std::make_shared<std::vector<CodeMessage>>();
  submit(
      [this, wanted]() -> Result<void> {
        TN_CHECK(journal_ready());
        const std::uint64_t now = host_.now_ms();
        TN_TRY(*wanted, sync_server_.wanted_messages(now - std::min(now, own_time_ms),
                                                     CodeMessages::asked_max));
        return {};
      },
      [this, wanted, asked = std::move(asked)](const Result<void>& done) {
        if (done) put_messages(*wanted);
        asked();
      });
}

}  // namespace tannha::server
