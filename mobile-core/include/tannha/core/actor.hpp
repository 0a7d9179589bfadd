#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tannha/engine/authority.hpp"
#include "tannha/engine/replica.hpp"

namespace tannha::core {

/// What every role shares: writing records that the registry's own rules allow, as far as this
/// device can know. A step that would be refused is refused here, before it is signed, with the
/// same reason.
class Actor {
 public:
  /// @param replica enrolled; must outlive this
  explicit Actor(Replica& replica) : replica_(replica) {}

  [[nodiscard]] Replica& replica() { return replica_; }
  [[nodiscard]] Result<Dossier> dossier(const Id& id) { return replica_.dossier(id); }

  /// Any role with the dossier in scope. Errors: out_of_scope; argument_invalid (empty, too long,
  /// not UTF-8); those of writing.
  [[nodiscard]] Result<Record> add_note(const Id& dossier, std::string_view text);

  /// Officers and dispatchers of the log's unit: its records do not count by themselves any more.
  /// @param since_size compromised only: journal size up to which the key was in good hands
  /// Errors: certificate_unknown (the log is not known here), out_of_scope, role_not_allowed.
  [[nodiscard]] Result<Record> revoke(const Hash& log_id, body::RevocationReason reason,
                                      std::optional<std::uint64_t> since_size = {});

 protected:
  /// Adds to the change what belongs to the record: attachments, numbers.
  /// @param known the record's dossier as it stands, where the caller has it: it is not folded again
  template <class B>
  [[nodiscard]] Result<Record> write(const Id& subject, std::vector<Hash> refs, const B& body,
                                     const Dossier* known = nullptr) {
    TN_TRY(auto change, replica_.begin());
    TN_TRY(Record record, write(change, subject, std::move(refs), body, known));
    TN_CHECK(change.commit());
    return record;
  }
  template <class B>
  [[nodiscard]] Result<Record> write(Replica::Change& change, const Id& subject,
                                     std::vector<Hash> refs, const B& body,
                                     const Dossier* known = nullptr) {
    TN_TRY(Record record, change.append(subject, std::move(refs), body));
    TN_CHECK(check(record, known));
    return record;
  }
  /// Text typed by a person: not empty, UTF-8, within limits. Errors: argument_invalid.
  [[nodiscard]] static Result<std::string> typed(std::string_view text);

 private:
  [[nodiscard]] Result<void> check(const Record& record, const Dossier* known);

  Replica& replica_;
};

}  // namespace tannha::core
