#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/replica.hpp"

namespace tannha::core {

/// A device's conversation with its server, without the network: it says what to send and takes what
/// came. Enrols, signs in, exchanges records, sends attachments, renews the catalogue, and comes
/// back by itself after whatever went wrong. One thread.
class SyncSession {
 public:
  /// @param replica and host must outlive this
  SyncSession(Replica& replica, Host& host) : replica_(replica), host_(host) {}

  struct Call {
    std::uint64_t number{};  ///< of the answer
    std::string method;
    std::string url;
    std::string bearer;            ///< token; empty: none
    std::string content_type;
    std::string content_encoding;  ///< "deflate" or empty
    Bytes body;
    std::uint64_t timeout_ms{};
  };
  /// What came for it. @param status of HTTP; 0: nothing, the network failed
  struct Answer {
    std::uint64_t number{};
    std::uint32_t status{};
    std::optional<std::uint32_t> retry_after_s;
    BytesView body;
  };

  struct Enrolled {};
  struct Synced {
    std::uint32_t received{};
    std::uint32_t rejected{};
    std::uint32_t pulled{};
    std::uint32_t attachments{};
  };
  /// Something of what is stored has changed; the conversation goes on.
  struct Changed {};
  /// @param next_try_ms by the device's clock; none: it needs somebody to do something first
  struct Failed {
    Error error;
    std::optional<std::uint64_t> next_try_ms;
  };
  struct NewCatalogue {
    Bytes bytes;
  };
  /// What a person asks the server for, beside the exchange of records: either of the two.
  struct Errand {
    std::optional<Id> citizen_of;  ///< a link for the citizen of this dossier
    std::optional<Hash> file;      ///< an attachment that is not on this device
  };
  struct GotLink {
    Id dossier{};
    std::string link;
  };
  struct GotFile {
    Hash hash{};
    Bytes bytes;
  };
  /// It is not tried again by itself: who asked is told at once.
  struct ErrandFailed {
    Errand errand;
    Error error;
  };
  using Event = std::variant<Enrolled, Synced, Changed, Failed, NewCatalogue, GotLink, GotFile,
                             ErrandFailed>;

  /// Begins with a ticket; the same one again is harmless. Errors: those of
  /// Replica::begin_enrolment; argument_invalid (the link); the store's.
  [[nodiscard]] Result<void> enrol(std::string_view link);
  /// Synchronises now. While one is under way it makes another one follow; where the last has
  /// failed it does not wait any longer.
  void start();
  /// Synchronises soon, so that what is written one after the other goes together.
  void start_soon();
  /// Goes before the next exchange.
  void run(Errand errand);
  /// Whether attachments stay here for now, for want of a cheap link; records always go. Kept over
  /// restarts; the one that is under way still goes.
  [[nodiscard]] Result<void> hold_files(bool hold);
  [[nodiscard]] Result<bool> holds_files();
  /// What does not fit the server's catalogue is asked for. @param version that the device has
  void set_catalogue(const Hash& version) { catalogue_ = version; }

  /// What to send now; none: nothing, or an answer is awaited.
  [[nodiscard]] Result<std::optional<Call>> next();
  /// An answer to another call than the last is dropped. @return what has happened
  [[nodiscard]] std::vector<Event> answer(const Answer& answer);
  /// What next() failed with, or whoever received for it: ends the conversation until the next try.
  [[nodiscard]] Event give_up(Error error);
  /// What is awaited will not come: the network is gone, the page was put to sleep.
  void abandon();

  /// When start() is due by itself, on the monotonic clock; none: not before something happens.
  [[nodiscard]] std::optional<std::uint64_t> due_ms() const { return due_ms_; }
  /// Does what is due.
  void step();
  [[nodiscard]] bool is_busy() const { return step_ != Step::nothing; }
  [[nodiscard]] const std::optional<Failed>& failed() const { return failed_; }
  /// By the device's clock; none in this life of the program.
  [[nodiscard]] std::optional<std::uint64_t> synced_ms() const { return synced_ms_; }
  [[nodiscard]] Result<std::string> server();
  /// What a WebSocket to the server's /v1/live begins with; whatever comes there says that there may
  /// be news. Empty before the first exchange of this life of the program.
  [[nodiscard]] Bytes live_hello() const;

 private:
  enum class Step : std::uint8_t { nothing, enrol, errand, exchange, upload, catalogue };
  enum class SignIn : std::uint8_t { nothing, challenge, token };

  Result<Call> make_call();
  Result<Call> make_exchange();
  Result<Call> make_upload();
  Result<Call> make_errand();
  Result<std::vector<Event>> take(const Answer& answer);
  Result<std::vector<Event>> take_sign_in(const Answer& answer);
  Result<std::vector<Event>> take_enrolment(const Answer& answer);
  Result<std::vector<Event>> take_exchange(const Answer& answer);
  Result<std::vector<Event>> take_upload(const Answer& answer);
  Result<std::vector<Event>> take_errand(const Answer& answer);
  void end_errand();
  Result<std::vector<Event>> take_catalogue(const Answer& answer);
  Result<std::vector<Event>> after_uploads();
  Result<std::vector<Event>> finish();
  Result<void> plan_uploads(const std::vector<Hash>& wanted);
  void wait_ms(std::uint64_t ms);

  Replica& replica_;
  Host& host_;
  Step step_ = Step::nothing;
  SignIn sign_in_ = SignIn::nothing;
  std::uint64_t last_number_ = 0;
  std::uint64_t given_up_ms_ = 0;  ///< when the host stops waiting for the call, on its own clock
  bool is_awaited_ = false;
  bool is_again_ = false;      ///< start() came in between
  bool token_is_new_ = false;  ///< one that was got since the call was first made
  bool makes_smaller_ = true;  ///< what it pushes; false once the server has refused that
  bool was_smaller_ = false;   ///< the call that is awaited
  bool asks_less_ = false;
  std::uint32_t exchanges_ = 0;
  std::uint32_t put_off_ = 0;
  unsigned busy_ = 0;      ///< refusals of a busy server, one after the other
  unsigned failures_ = 0;  ///< one after the other
  std::string token_;
  Bytes challenge_;
  std::string ticket_;
  std::vector<Errand> errands_;
  std::vector<Hash> uploads_;  ///< the next is the last
  bool may_want_more_ = false;
  Hash catalogue_{};
  Hash catalogue_wanted_{};
  Synced summary_;
  bool moved_ = false;
  std::optional<Failed> failed_;
  std::optional<std::uint64_t> due_ms_;
  std::optional<std::uint64_t> synced_ms_;
};

}  // namespace tannha::core
