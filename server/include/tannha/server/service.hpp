#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "tannha/engine/cached_registry.hpp"
#include "tannha/engine/calendar.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/checkpoint_signer.hpp"
#include "tannha/engine/sync_server.hpp"
#include "tannha/server/app_files.hpp"
#include "tannha/server/blobs.hpp"
#include "tannha/server/code_messages.hpp"
#include "tannha/server/committer.hpp"
#include "tannha/server/http.hpp"
#include "tannha/server/listener.hpp"
#include "tannha/server/metrics.hpp"
#include "tannha/server/quotas.hpp"
#include "tannha/server/tokens.hpp"

namespace tannha::server {

struct ServiceConfig {
  unsigned verify_threads = 2;           ///< signature checks: one a core
  std::size_t verify_queue_max = 512;    ///< requests; over it: 503 with Retry-After
  std::size_t commit_queue_max = 1024;   ///< pieces of work; over it: 503 with Retry-After
  std::uint32_t retry_after_s = 2;
  /// Bundles; over it: 503 with Retry-After. Each is held about four times while it is opened.
  unsigned bundles_at_work_max = 2;
  /// Requests of whoever has not signed in that wait for a thread or a transaction; over it: 503
  /// with Retry-After. An eighth of commit_queue_max, so that they never keep exchanges out.
  unsigned strangers_at_work_max = 128;
  QuotaLimits device_quota = server::device_quota;    ///< over it: 429 with Retry-After
  QuotaLimits address_quota = server::address_quota;  ///< the same
  std::filesystem::path messages_folder{};  ///< for text messages; empty: no codes go out
};

/// Everything the server does between its sockets and its registry. docs/protocol.md lists the
/// addresses. Thread-safe; owns the committer and the pool for signature checks.
class Service : public Handler {
 public:
  /// All references must outlive this. @param registry, signer used by nobody else from here on
  Service(const ServiceConfig& config, Registry& registry, RegistryActor actor,
          const Seed& token_secret, std::string admin_secret, Catalogue catalogue, Blobs blobs,
          Host& host, CheckpointSigner& signer);
  ~Service() override;

  /// Shown in /metrics; set before the listener starts.
  void set_listener(const Listener* listener) { listener_ = listener; }
  /// Served under /apps/; set before the listener starts.
  void set_apps(AppFiles apps) { apps_ = std::move(apps); }
  /// Compares the journal with what was signed last. Once, before upgrade(). @return false: they
  /// contradict each other; why is told on stderr and in /healthz. The service then takes in no
  /// record and signs nothing, and may be read. Errors: the checkpoint store cannot be read.
  [[nodiscard]] Result<bool> open_journal();
  /// Rules on records that an older program had to leave undecided. Once, before the first request.
  [[nodiscard]] Result<void> upgrade();
  /// Begins to put text messages down, first those that are still wanted. Once, after upgrade().
  /// Errors: those of make_folders_durably.
  [[nodiscard]] Result<void> open_messages();
  /// Another node has written to these feeds: who listens here is told. None: nobody knows to which,
  /// so everybody is. On any thread, until stop().
  void changed_elsewhere(const std::vector<std::string>& audiences);
  /// Finishes what is queued; nothing is answered afterwards. Idempotent.
  void stop();

  std::expected<Terms, HttpResponse> admit(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;
  HttpResponse transport_error(unsigned status) override;
  void live_opened(std::shared_ptr<LiveChannel> channel) override;
  void live_message(const std::shared_ptr<LiveChannel>& channel, Bytes message,
                    std::shared_ptr<MemoryShare> memory) override;
  void live_closed(const std::shared_ptr<LiveChannel>& channel) override;

  [[nodiscard]] Metrics& metrics() { return metrics_; }

 private:
  using Respond = std::function<void(Result<Bytes>)>;
  class Pool;

  void challenge(Reply reply);
  void token(HttpRequest request, Reply reply);
  void check_token_request(const exchange::TokenRequest& asked, const Reply& reply);
  void enrol(HttpRequest request, Reply reply);
  void tickets(HttpRequest request, Reply reply);
  void sync(HttpRequest request, Reply reply);
  void put_blob(HttpRequest request, Reply reply);
  void store_blob(const Hash& hash, Bytes bytes, Reply reply);
  void get_blob(HttpRequest request, Reply reply);
  HttpResponse read_blob(const Hash& hash, const std::string& type, const Hash& reader);
  void catalogue(const HttpRequest& request, const Reply& reply);
  // The journal: journal_service.cpp
  void checkpoint(const Reply& reply);
  void tile(const HttpRequest& request, Reply reply);
  void health(const Reply& reply);
  void readiness(Reply reply);
  void after_commit();
  void advance();
  void note_newest();
  void note_journal();
  /// Before a record is taken in. Errors: store_corrupt when nothing is signed any more.
  [[nodiscard]] Result<void> journal_ready() const;
  /// The note of an answer that has been committed; on the thread that answers.
  Result<std::string> sign(const Checkpoint& head);
  void front_page(const Reply& reply);
  [[nodiscard]] std::string app_links() const;

  struct Frame {
    Bytes bytes;
    bool is_deflated = false;
    std::shared_ptr<MemoryShare> memory;  ///< of the bytes; grows by the answer. May be empty
  };
  /// Errors: those of inflate(); overloaded when there is no room for it.
  static Result<Bytes> unpacked(const Frame& frame);
  /// Unpacks and verifies on the pool, commits, answers with the encoded response.
  void exchange(Frame sent, const Hash& sender, Respond respond);
  /// Verifies a bundle on the pool, commits its records, then its files, answers with receipts.
  struct BundleWork;
  void bundle(HttpRequest request, Reply reply);
  void commit_bundle(std::shared_ptr<BundleWork> work);
  void store_bundle_files(const std::shared_ptr<BundleWork>& work);
  void answer_bundle(BundleWork& work, const Result<BundleReceipts>& receipts);
  /// @return false when too much waits already
  bool on_pool(std::function<void()> work);
  /// For work that is bounded otherwise. @return false when this has been stopped
  bool on_pool_always(std::function<void()> work);
  /// The reply, holding one of the few places of strangers until it is gone; empty: none is free.
  [[nodiscard]] Reply in_strangers_place(Reply reply);
  /// Takes from a quota. @return after how many seconds to come again, when it is used up
  std::optional<std::uint32_t> over_quota(const std::optional<Hash>& log_id,
                                          const std::string& peer, std::uint64_t bytes);
  void tell(const std::vector<std::string>& audiences);
  void submit(Committer::Work work, Committer::Done done);
  /// Looks again, whenever nobody asks for anything, at what waited for records that have come.
  void release_due();
  // Text messages: service_messages.cpp
  void put_messages(const std::vector<CodeMessage>& messages);
  void note_kept(std::vector<Hash> kept);
  /// @param asked called once they are handed over, or could not be
  void ask_for_messages(std::function<void()> asked);
  HttpResponse refusal(const Error& error, std::optional<std::uint32_t> retry_after_s = {});
  // For operators: service_operations.cpp
  [[nodiscard]] std::string metrics_page() const;
  [[nodiscard]] std::size_t pool_waiting() const;
  /// Logs what is the server's own trouble, not the asker's.
  static void note_failure(const Error& error);
  /// Logs a refusal as this event, by its code alone. @param event a string literal
  static Reply noting(const char* event, Reply reply);
  /// Measures how long the answer takes from now on.
  Respond timed(Respond respond);
  HttpResponse refusal(errc code) { return refusal(Error{code, {}}); }

  // Live updates: service_live.cpp
  using Channel = std::shared_ptr<LiveChannel>;
  struct Live {
    std::optional<Hash> log_id;
    std::string audience;
  };
  void tell_all();
  void leave_audience(const Channel& channel, const Live& live);
  void refuse_live(const Channel& channel, std::uint64_t number, errc code,
                   std::optional<std::uint32_t> retry_after_s = {});
  void live_hello(const std::shared_ptr<LiveChannel>& channel, const exchange::LiveMessage& hello);

  const ServiceConfig config_;
  CachedRegistry registry_;
  const RegistryActor actor_;
  const std::string admin_secret_;
  const Catalogue catalogue_;
  const std::shared_ptr<const Bytes> encoded_catalogue_;
  Blobs blobs_;
  Host& host_;
  const WorkingCalendar calendar_ = WorkingCalendar::built_in();
  Metrics metrics_;
  Tokens tokens_;
  SyncServer sync_server_;
  const Listener* listener_ = nullptr;
  AppFiles apps_;
  std::atomic<unsigned> bundles_at_work_{0};
  std::atomic<unsigned> strangers_at_work_{0};
  Quotas devices_;
  Quotas addresses_;

  std::mutex live_mutex_;
  std::map<Channel, Live> live_;
  std::map<std::string, std::set<Channel>> audiences_;  ///< who has signed in, by audience
  std::set<std::string> changed_;  ///< audiences that are to be told
  bool telling_ = false;

  std::unique_ptr<Pool> pool_;
  CheckpointSigner& signer_;  ///< used by the committer's thread that answers
  std::mutex trouble_mutex_;
  std::string trouble_;       ///< of the journal, in words; empty when there is none
  std::mutex newest_mutex_;
  std::optional<Result<std::string>> newest_;  ///< checkpoint, as of the last commit
  std::uint64_t newest_ms_ = 0;   ///< when it was asked for or made, monotonic
  Committer committer_;
  std::unique_ptr<CodeMessages> messages_;
};

}  // namespace tannha::server
