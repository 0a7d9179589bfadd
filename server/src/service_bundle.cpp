// POST /v1/bundle: what somebody else's device could not send itself.

#include <utility>

#include "tannha/server/service.hpp"

namespace tannha::server {

/// One bundle on its way through the pool and the committer. Holds its place among the few that are
/// at work until it is answered.
struct Service::BundleWork {
  BundleWork(std::atomic<unsigned>& places, const Hash& from, Reply to)
      : at_work(places), sender(from), reply(std::move(to)) {}
  ~BundleWork() { let_go(); }
  BundleWork(const BundleWork&) = delete;
  BundleWork& operator=(const BundleWork&) = delete;

  void let_go() {
    prepared = {};
    delivered = {};
    if (std::exchange(has_place, false)) --at_work;
  }

  std::atomic<unsigned>& at_work;
  bool has_place = true;
  Hash sender;
  Reply reply;
  PreparedBundle prepared;
  SyncServer::Delivered delivered;
  BundleReceipts receipts;
};

void Service::bundle(HttpRequest request, Reply reply) {
  const auto log_id = tokens_.check_token(request.bearer);
  if (!log_id) return reply(refusal(log_id.error()));
  const bool is_free = bundles_at_work_.fetch_add(1) < config_.bundles_at_work_max;
  auto work = std::make_shared<BundleWork>(bundles_at_work_, *log_id, std::move(reply));
  if (!is_free) return answer_bundle(*work, fail(errc::overloaded));
  auto bytes = std::make_shared<Bytes>(std::move(request.body));
  // Sealed, opened, decoded, and as records that are ready.
  if (request.memory && !request.memory->cover(4 * bytes->size())) {
    return answer_bundle(*work, fail(errc::overloaded));
  }
  const bool taken = on_pool([this, work, bytes]() mutable {
    auto prepared = prepare_bundle(*bytes, actor_);
    bytes.reset();
    if (!prepared) return answer_bundle(*work, std::unexpected(prepared.error()));
    work->prepared = std::move(*prepared);
    commit_bundle(std::move(work));
  });
  if (!taken) answer_bundle(*work, fail(errc::overloaded));
}

void Service::commit_bundle(std::shared_ptr<BundleWork> work) {
  submit(
      [this, work]() -> Result<void> {
        TN_CHECK(journal_ready());
        TN_TRY(work->delivered, sync_server_.deliver_bundle(work->prepared, work->sender));
        return {};
      },
      [this, work](Result<void> done) {
        if (!done) return answer_bundle(*work, std::unexpected(done.error()));
        put_messages(work->delivered.code_messages);
        auto note = sign(work->delivered.head);
        if (!note) return answer_bundle(*work, std::unexpected(note.error()));
        work->delivered.receipts.checkpoint = std::move(*note);
        for (const exchange::Answer& answer : work->delivered.receipts.answers) {
          metrics_.answered(answer);
        }
        tell(work->delivered.changed_audiences);
        if (work->delivered.is_any_due) release_due();
        if (work->delivered.wanted.empty()) {
          return answer_bundle(*work, std::move(work->delivered.receipts));
        }
        if (!on_pool([this, work] { store_bundle_files(work); })) {
          answer_bundle(*work, fail(errc::overloaded));
        }
      });
}

// The records are in by now. When a file cannot be stored, the carrier is told so and brings the
// same bundle again: what is here is then answered as a duplicate.
void Service::store_bundle_files(const std::shared_ptr<BundleWork>& work) {
  std::uint64_t bytes = 0;
  for (const std::size_t i : work->delivered.wanted) {
    const BundleAttachment& file = work->prepared.bundle.attachments[i];
    if (auto stored = blobs_.put(file.hash, file.bytes); !stored) {
      return answer_bundle(*work, std::unexpected(stored.error()));
    }
    bytes += file.bytes.size();
  }
  submit(
      [this, work]() -> Result<void> {
        TN_TRY(work->receipts,
               sync_server_.attachments_arrived(work->prepared, work->delivered));
        return {};
      },
      [this, work, bytes](Result<void> done) {
        if (!done) return answer_bundle(*work, std::unexpected(done.error()));
        metrics_.attachments_stored_total += work->delivered.wanted.size();
        metrics_.attachment_bytes_total += bytes;
        answer_bundle(*work, std::move(work->receipts));
      });
}

void Service::answer_bundle(BundleWork& work, const Result<BundleReceipts>& receipts) {
  HttpResponse response;
  if (receipts) {
    ++metrics_.bundles_total;
    response.body = sign_bundle_receipts(*receipts, actor_.journal_key);
  } else {
    response = refusal(receipts.error());
  }
  // Whoever has the answer may come with the next one at once.
  work.let_go();
  work.reply(std::move(response));
}

}  // namespace tannha::server
