#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "tannha/engine/replica.hpp"
#include "tools/simulate/clock.hpp"
#include "tools/simulate/network.hpp"
#include "tools/simulate/server_node.hpp"
#include "tools/simulate/world.hpp"

namespace tannha::simulate {

/// The first byte of a message to a phone: an answer, or why there is none.
inline constexpr std::uint8_t answer_mark = 1;
inline constexpr std::uint8_t refusal_mark = 2;

/// What was done to an answer on its way, and what the phone must say to it.
struct Tampering {
  std::optional<Fault> fault;  ///< none: the answer is the registry's own
  std::vector<errc> expected;  ///< a refusal with one of these
  bool may_be_taken = false;   ///< taking it is right too
  std::uint64_t known = 0;     ///< journal size that the phone knew then
};

/// One person's phone: the real replica on a simulated disk, with a clock and a link of its own. It
/// is killed, loses power, comes back, and keeps a list of everything it ever called saved.
class Phone {
 public:
  /// All must outlive this. @param machine name of its disk
  Phone(World& world, Network& network, ServerNode& server, std::string machine);
  ~Phone();
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;

  [[nodiscard]] const std::string& machine() const { return machine_; }
  [[nodiscard]] bool is_open() const { return replica_ != nullptr; }
  [[nodiscard]] Replica& replica() { return *replica_; }
  [[nodiscard]] MachineClock& clock() { return clock_; }
  [[nodiscard]] Role role() const { return certificate_.role; }
  [[nodiscard]] const Id& actor() const { return certificate_.actor; }
  [[nodiscard]] const std::string& unit() const { return certificate_.unit; }
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  /// The one that it writes now.
  [[nodiscard]] const Hash& log_id() const { return log_id_; }

  /// Gets a key and a certificate. @return false when the registry is down or a disk fails: try
  /// again later
  bool enrol(const exchange::TicketRequest& request, const std::optional<Hash>& asker);
  /// From now on the disk fails as the plan says.
  void age();

  /// Makes a call of the person's, which the phone may not survive. What it called saved is noted.
  /// @param what for the story: "seals 1f2e3d4c"
  template <class F>
  auto act(const std::string& what, F call) -> decltype(call(std::declval<Replica&>())) {
    if (!is_open()) return fail(errc::store_busy, "off");
    before_call();
    auto result = call(*replica_);
    after_call(what, result ? errc{} : result.error().code);
    return result;
  }
  /// Records taken over from another device are saved too.
  void note_carried(const std::vector<Record>& records);
  /// The dossier as its screen shows it.
  [[nodiscard]] Result<Dossier> shown(const Id& id);

  // Synchronising
  /// Begins to synchronise every now and then until that time.
  void sync_until(Ms end, Ms mean_interval);
  void start_session();
  [[nodiscard]] bool is_busy() const { return session_.waiting; }
  /// Offline on purpose until then.
  void stay_away(Ms until) { away_until_ = until; }
  /// Exchanges that moved something, ever.
  [[nodiscard]] std::uint64_t moves() const { return moves_; }
  [[nodiscard]] std::uint64_t exchanges() const { return exchanges_; }

  /// Seals what is unsent; the carrier brings it, perhaps twice, and the receipts come back.
  /// @return whether there was anything to bring
  bool send_by(Phone& carrier);

  // Its life
  void crash(Crash how);
  void plan_troubles(Ms until);
  /// On, with a disk and a clock that work.
  void heal();
  /// Locks its vault; the next call opens it again.
  void lock();
  /// Becomes a copy of another phone that goes on beside it.
  void become_clone_of(Phone& other);
  void take_backup();
  void restore_backup();
  /// Nobody will use it again: its store is beyond repair, or it was revoked and erased itself.
  [[nodiscard]] bool is_given_up() const { return given_up_; }
  /// The owner needs another one, or a new ticket for this one.
  [[nodiscard]] bool needs_replacement();
  /// It cannot go on by itself, and may with a new ticket.
  [[nodiscard]] bool is_stranded();
  [[nodiscard]] std::uint64_t records_saved() const { return records_saved_; }

  /// Everything it ever called saved is there, its chain is whole, its receipts are the journal's,
  /// and its screens show what the reference says.
  void check_everything();
  /// After faults have stopped: nothing unsent, and what it has is what the registry has.
  void check_converged();

 private:
  struct Session {
    std::uint64_t number = 0;  ///< of the exchange that is waited for
    bool waiting = false;
    bool crossed = false;  ///< an older answer was taken meanwhile
    std::uint32_t exchanges = 0;
    std::uint64_t cursor = 0;
  };
  /// One log of this phone's: it goes on in another one after a fork or with a new key.
  struct Saved {
    std::vector<Hash> records;   ///< as the log stands in the store, by seq
    std::vector<bool> promised;  ///< whether a call that wrote it said so
  };

  bool open();
  void before_call();
  void after_call(const std::string& what, errc code);
  void note_saved(bool promised);
  void note_saved(const Hash& log, bool promised);
  void note_identity();
  void note_files(bool promised);
  void check_saved();
  void check_saved(const Hash& log, Saved& saved);
  void check_record(const StoredRecord& stored);
  void check_shown(const Id& id, const std::vector<Evidence>& evidence);
  void check_listed(const DossierSummary& line, const std::vector<Evidence>& evidence);
  void check_files();
  void check_sealed(std::string_view content, const std::string& where);
  void check_agrees(const Id& id);
  void check_forgotten();
  void tell_rulings(const Id& id, const std::vector<Evidence>& evidence);
  [[nodiscard]] std::optional<std::vector<Hash>> log_from(const Hash& log, std::uint64_t seq);
  void note_disk_faults();
  [[nodiscard]] bool sees(const Id& id) const;
  void give_up();
  void forget_newest();
  void clean_up();

  void send_request();
  void send_to_server(std::uint64_t number, Bytes frame);
  void take_answer(std::uint64_t number, const Bytes& message, const Tampering& tampering);
  void take_refusal(bool current, errc code);
  void take_response(bool current, exchange::Response response, const Tampering& tampering);
  void judge_refusal(bool current, const Error& error, const Tampering& tampering);
  void check_taken(const exchange::Response& response, const Tampering& tampering);
  void go_on(const exchange::Response& response, const Replica::SyncReport& report);
  void upload(std::vector<Hash> wanted);
  void timed_out(std::uint64_t number);
  void bring(Phone& carrier, const Bytes& bundle);
  void take_receipts(const Bytes& message);

  World& world_;
  Network& network_;
  ServerNode& server_;
  std::string machine_;
  Rng rng_;
  MachineClock clock_;
  Network::Link link_;
  Unlock unlock_;
  std::unique_ptr<Replica> replica_;
  Certificate certificate_;
  Hash log_id_{};
  std::uint64_t life_ = 0;

  Session session_;
  std::uint64_t next_number_ = 1;
  bool answer_was_lost_ = false;
  Ms sync_end_ = 0;
  Ms away_until_ = 0;
  std::uint64_t moves_ = 0;
  std::uint64_t exchanges_ = 0;
  Bytes old_answer_;  ///< of a journal that was shorter: for a registry that rolls back

  std::map<Hash, Saved> saved_;  ///< by log
  std::set<Hash> unsent_files_;
  std::unordered_set<Hash, ArrayHasher> carried_;
  std::uint64_t records_saved_ = 0;
  Beacon newest_checkpoint_;
  bool is_aged_ = false;
  bool disk_lies_ = false;  ///< what such a phone loses, the engine has not lost
  bool given_up_ = false;
  errc unlock_failed_{};  ///< why it is still locked, in the present call
  bool adopts_ = false;  ///< what the store has at its next start was promised before
  std::uint32_t store_errors_ = 0;
  std::optional<DiskSnapshot> backup_;
  SimulatedDisk::Fired fired_{};
};

}  // namespace tannha::simulate
