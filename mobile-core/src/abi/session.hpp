#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api.hpp"
#include "core_host.hpp"
#include "tannha/core/citizen.hpp"
#include "tannha/core/courier.hpp"
#include "tannha/core/dispatcher.hpp"
#include "tannha/core/officer.hpp"
#include "tannha/core/sync_session.hpp"

namespace tannha::core {

/// One app's core: what the C ABI's functions do, without C. One thread.
///
/// A request that writes may carry a "@key", a UUID of the caller's choice. When the caller does not
/// hear the answer, because what runs the core was killed, it asks again with the same key, and gets
/// the same record and no second one.
class Session {
 public:
  /// Errors: argument_invalid; those of Replica::open. A store whose vault is not made yet is opened
  /// as it is, and `setPin` makes it.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(std::string_view options);

  /// @return the answer's text; an error is the caller's to put into words
  [[nodiscard]] Result<std::string> call(std::string_view request);
  /// The next event's text; empty: none.
  [[nodiscard]] std::string receive();
  /// @return milliseconds until something is due; none: nothing is
  [[nodiscard]] std::optional<std::uint64_t> step();

  struct SyncCall {
    std::string head;  ///< empty: nothing to send
    Bytes body;
  };
  [[nodiscard]] SyncCall sync_next();
  [[nodiscard]] Result<void> sync_answer(std::string_view head, BytesView body);

  /// @return the file's number. Errors: argument_invalid; attachment_too_large; attachment_empty.
  [[nodiscard]] Result<std::uint32_t> blob_begin(std::string_view begin);
  /// Errors: argument_invalid (another file's number); attachment_too_large (more than was said).
  [[nodiscard]] Result<void> blob_write(std::uint32_t blob, BytesView piece);
  /// @return the answer's text. Errors: argument_invalid (less than was said); those of writing.
  [[nodiscard]] Result<std::string> blob_end(std::uint32_t blob);
  [[nodiscard]] Result<Bytes> blob_read(std::string_view hash, std::uint64_t offset,
                                        std::size_t size_max);

  /// An error as the ABI tells it.
  [[nodiscard]] static api::ErrorInfo info(const Error& error);
  [[nodiscard]] static std::string text(const Error& error);

 private:
  explicit Session(std::string path) : path_(std::move(path)) {}

  struct Blob {
    std::uint32_t number{};
    api::BlobBegin begin;
    Bytes bytes;
  };

  /// A vault that is being made.
  Result<api::Done> make(const Unlock& unlock);
  template <class R>
  Result<std::string> dispatch(const json::Value& object, std::size_t more);
  Result<void> use(Replica replica);
  Result<Replica*> replica();
  Result<const Catalogue*> catalogue();
  Result<Courier> courier();
  void take_event(SyncSession::Event event);
  /// The vault has been locked.
  void locked();
  Result<void> let_go_if_emptied();
  template <class E>
  void tell(const E& event);
  /// A change was written: what is remembered of dossiers may be old, and it is to be sent.
  void written();

  // session.cpp
  Result<api::Status> answer(const api::status&);
  Result<api::Done> answer(const api::unlock&);
  Result<api::Done> answer(const api::lock&);
  Result<api::Done> answer(const api::touch&);
  Result<api::Done> answer(const api::setPin&);
  Result<api::Done> answer(const api::makeVault&);
  Result<api::Done> answer(const api::train&);
  Result<api::Done> answer(const api::holdFiles&);
  Result<api::Done> answer(const api::enrol&);
  Result<api::Done> answer(const api::fetchFile&);
  Result<api::Done> answer(const api::citizenLink&);
  Result<api::Done> answer(const api::sync&);
  Result<api::Live> answer(const api::live&);
  Result<api::Done> answer(const api::newKey&);
  // session_views.cpp
  Result<api::DossierList> answer(const api::dossiers&);
  Result<api::DossierList> answer(const api::round&);
  Result<api::DossierList> answer(const api::queue&);
  Result<api::DossierView> answer(const api::dossier&);
  Result<api::ProcedureList> answer(const api::procedures&);
  Result<api::ProcedureView> answer(const api::procedure&);
  Result<api::WorkItems> answer(const api::workItems&);
  /// Those that the registry does not have yet.
  Result<std::set<Hash>> files_here();
  static api::DossierLine line(const DossierSummary& dossier, const Catalogue& entries,
                               const std::set<Hash>& files_here);
  Result<api::DossierList> lines(const std::vector<DossierSummary>& dossiers);
  using Signers = std::map<Hash, std::optional<api::Signer>>;  ///< by log, as far as they were read
  Result<std::optional<api::Signer>> signer(const Hash& log_id, Signers& known);
  Result<api::RecordView> view(const Hash& record);
  Result<api::RecordView> view(const StoredRecord& stored, Signers& signers);
  // session_work.cpp
  Result<api::Written> answer(const api::addNote&);
  Result<api::Written> answer(const api::requestPickup&);
  Result<api::Written> answer(const api::assign&);
  Result<api::Written> answer(const api::openDossier&);
  Result<api::Scanned> answer(const api::scanCard&);
  Result<api::Written> answer(const api::writeField&);
  Result<api::Written> answer(const api::checkDocument&);
  Result<api::Written> answer(const api::takeMoney&);
  Result<api::Written> answer(const api::seal&);
  Result<api::Written> answer(const api::supplement&);
  Result<api::Written> answer(const api::offerHandover&);
  Result<api::Written> answer(const api::acceptReturn&);
  Result<api::Written> answer(const api::attemptDelivery&);
  Result<api::Done> answer(const api::checkItemCode&);
  Result<api::Parcel> answer(const api::makeParcel&);
  Result<api::Taken> answer(const api::takeParcel&);
  Result<api::Written> answer(const api::confirmByCode&);
  Result<api::Written> answer(const api::confirm&);
  Result<api::Written> answer(const api::confirmDelivery&);
  Result<api::Written> answer(const api::rate&);
  Result<api::Written> answer(const api::acceptHandover&);
  Result<api::Written> answer(const api::accept&);
  Result<api::Written> answer(const api::requestSupplement&);
  Result<api::Written> answer(const api::refuse&);
  Result<api::Written> answer(const api::forward&);
  Result<api::Written> answer(const api::finish&);
  Result<api::Written> answer(const api::offerReturn&);
  Result<api::Written> answer(const api::adjudicate&);
  Result<api::Written> answer(const api::resolveDispute&);
  Result<api::Written> write_blob(const Blob& blob);
  Result<api::Written> as_courier(Result<Record> (*work)(Courier&, const void*), const void* with);
  template <class F>
  Result<api::Written> as_courier(const F& work);
  Result<api::Written> as_officer(Result<Record> (*work)(Officer&, const void*), const void* with);
  template <class F>
  Result<api::Written> as_officer(const F& work);

  const std::string path_;
  CoreHost host_;
  std::optional<Seed> platform_key_;
  std::optional<Replica> replica_;      ///< none before the vault is made
  std::optional<body::RevocationReason> emptied_;  ///< of the vault that was there before
  std::optional<SyncSession> sync_;     ///< uses the replica
  std::optional<Catalogue> catalogue_;  ///< none until it is needed
  std::vector<std::string> events_;
  std::optional<Blob> blob_;
  std::vector<SyncSession::GotFile> fetched_;  ///< others' files, to look at: the last few
  std::uint32_t blobs_ = 0;
};

}  // namespace tannha::core
