#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/body.hpp"
#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha {

using body::Channel;

/// One time limit of an offer. What the source did not say clearly has no number: nothing that is
/// shown as a due date may be computed from a limit without `count`, except `same_day`.
struct ProcedureTime {
  enum class Unit : std::uint8_t {
    working_day = 1,
    calendar_day = 2,
    hour = 3,
    month = 4,
    prose = 5,
    /// Received before 15:00: the same day; otherwise the next working day (Luật Hộ tịch 2014
    /// Điều 5.3). The portal has no such unit; only curated entries carry it.
    same_day = 6,
  };
  /// Whole units, at least 1. Absent for prose and same_day, and when the source gives a fraction.
  std::optional<std::uint32_t> count;
  Unit unit = Unit::prose;
  /// The source's own words, always kept: "25 WORKING_DAY".
  std::string text;

  friend bool operator==(const ProcedureTime&, const ProcedureTime&) = default;
  static void fields(auto& v, auto& s) { v(1, s.count), v(2, s.unit), v(3, s.text); }
};

/// What the citizen pays the agency; never the postage.
struct ProcedureFee {
  enum class Certainty : std::uint8_t {
    /// The source gives one amount, in đồng; 0 is "no fee".
    stated = 1,
    /// The source says that another body or document sets it, mostly the provincial council. An
    /// amount, when there is one, is what the source prints beside that: not to be collected on.
    set_elsewhere = 2,
    /// No amount that can be relied on. `text` may hold several, or one in prose.
    not_given = 3,
  };
  std::optional<std::uint64_t> amount_dong;
  Certainty certainty = Certainty::not_given;
  /// The source's own words, always kept; parts are separated by " | ".
  std::string text;

  friend bool operator==(const ProcedureFee&, const ProcedureFee&) = default;
  static void fields(auto& v, auto& s) { v(1, s.amount_dong), v(2, s.certainty), v(3, s.text); }
};

/// How one channel is offered. A channel may come several times, for cases the source does not
/// name; they are kept in its order.
struct ProcedureOffer {
  Channel channel = Channel::direct;
  std::vector<ProcedureTime> times;
  ProcedureFee fee;

  friend bool operator==(const ProcedureOffer&, const ProcedureOffer&) = default;
  static void fields(auto& v, auto& s) { v(1, s.channel), v(2, s.times), v(3, s.fee); }
};

/// One line of the document list. Lines are often cases, not a minimum set.
struct DocumentLine {
  enum class Kind : std::uint8_t {
    to_submit = 1,   ///< the case is "Giấy tờ phải nộp"
    to_present = 2,  ///< "Giấy tờ phải xuất trình"; by post: enclosed as a certified copy
    note = 3,        ///< "Lưu ý"
    other = 4,       ///< any other case, or none: see `case_text`
  };
  /// From 1, in the order of the source; stable within a catalogue version.
  std::uint32_t number{};
  Kind kind = Kind::other;
  std::string case_text;
  std::string name;
  std::uint32_t originals{};
  std::uint32_t copies{};

  friend bool operator==(const DocumentLine&, const DocumentLine&) = default;
  static void fields(auto& v, auto& s) {
    v(1, s.number), v(2, s.kind), v(3, s.case_text);
    v(4, s.name), v(5, s.originals), v(6, s.copies);
  }
};

/// What may go by post. The catalogue's postal flag alone makes a candidate: it can mean that only
/// the result is posted, and each agency publishes its own list (QĐ 45/2016/QĐ-TTg Điều 13.1).
struct PostalPolicy {
  enum class Answer : std::uint8_t { no = 0, yes = 1, candidate = 2 };

  Answer submit = Answer::no;
  Answer return_result = Answer::no;
  /// The parties themselves must come to the agency.
  bool presence_required = false;
  /// The law or the flag on which this rests.
  std::string source;

  friend bool operator==(const PostalPolicy&, const PostalPolicy&) = default;
  static void fields(auto& v, auto& s) {
    v(1, s.submit), v(2, s.return_result), v(3, s.presence_required), v(4, s.source);
  }
};

/// One administrative procedure (thủ tục hành chính).
struct Procedure {
  std::string code;  ///< "1.001193"
  std::string name;
  std::string level;     ///< as the source says: "Cấp Xã"
  std::string field;     ///< sector: "Hộ tịch"
  std::string decision;  ///< the decision that published it: "163/QĐ-BTP"
  std::string kind;
  std::string subject;
  std::string result;
  std::string source;  ///< where the entry comes from, when it says so
  std::vector<ProcedureOffer> offers;
  std::vector<DocumentLine> documents;
  PostalPolicy postal;

  /// The first offer of a channel; null when there is none. Lives as long as this.
  [[nodiscard]] const ProcedureOffer* offer(Channel channel) const;

  friend bool operator==(const Procedure&, const Procedure&) = default;
  static void fields(auto& v, auto& s) {
    v(1, s.code), v(2, s.name), v(3, s.level), v(4, s.field), v(5, s.decision), v(6, s.kind);
    v(7, s.subject), v(8, s.result), v(9, s.source), v(10, s.offers), v(11, s.documents);
    v(12, s.postal);
  }
};

[[nodiscard]] bool is_valid(ProcedureTime::Unit unit);
[[nodiscard]] bool is_valid(ProcedureFee::Certainty certainty);
[[nodiscard]] bool is_valid(DocumentLine::Kind kind);
[[nodiscard]] bool is_valid(PostalPolicy::Answer answer);

/// The policy of a procedure: the hand-kept table where it has a line, otherwise the flag.
/// @param has_postal_offer the catalogue lists the postal channel
[[nodiscard]] PostalPolicy postal_policy(std::string_view code, bool has_postal_offer);

/// The procedure catalogue (danh mục thủ tục hành chính): immutable, versioned data. A dossier
/// keeps the version it was taken under. Threads: const use from several is safe.
class Catalogue {
 public:
  /// An empty catalogue: it has a version too.
  Catalogue();

  /// Sorts by code, so that the version does not depend on the order of a file.
  /// Errors: catalogue_malformed when a code or name is empty, a code comes twice, a document
  /// number is not its place, a limit above is exceeded, a name is longer than
  /// limits::text_bytes_max, a number contradicts its unit or certainty, or a text is not UTF-8;
  /// the detail names the code.
  [[nodiscard]] static Result<Catalogue> make(std::vector<Procedure> procedures);

  /// Ascending by code. Precondition: this was not opened.
  [[nodiscard]] const std::vector<Procedure>& procedures() const { return procedures_; }
  [[nodiscard]] std::size_t count() const {
    return opened_ ? opened_->entries.size() : procedures_.size();
  }
  /// BLAKE2b-256 of encode().
  [[nodiscard]] const Hash& version() const { return version_; }
  /// Null when there is none. Lives as long as this.
  [[nodiscard]] const Procedure* find(std::string_view code) const;

  /// Procedures for a typed text, best first: code begins with it; then every word of it begins a
  /// word of the name; then the name contains it. Letter case and tone marks do not count. An
  /// empty, ill-formed or too long text finds nothing.
  /// Lifetime: the pointers live as long as this. Cost: one pass over the folded names.
  [[nodiscard]] std::vector<const Procedure*> search(std::string_view text,
                                                     std::size_t limit) const;

  /// Deterministic CBOR: {1: format 1, 2: [procedures]}.
  [[nodiscard]] Bytes encode() const;
  /// Errors: catalogue_malformed for anything that encode() cannot have written.
  [[nodiscard]] static Result<Catalogue> decode(BytesView bytes);
  /// Of bytes that decode() has accepted before, a procedure is read when somebody asks for it: a
  /// phone needs a few of thousands. Threads: one. Errors: catalogue_malformed (damaged since then)
  [[nodiscard]] static Result<Catalogue> open(Bytes bytes);

  friend bool operator==(const Catalogue& a, const Catalogue& b) {
    return a.version_ == b.version_;
  }

 private:
  static Result<Catalogue> build(std::vector<Procedure> procedures, Bytes& encoded);

  struct Opened {
    struct Entry {
      BytesView bytes;
      std::string_view code;
      std::string_view name;
    };
    Bytes bytes;
    std::vector<Entry> entries;           ///< of all procedures, in `bytes`
    std::map<std::size_t, Procedure> read;  ///< by the place of its entry
  };
  [[nodiscard]] std::string_view code(std::size_t place) const;
  /// Null when it is damaged.
  [[nodiscard]] const Procedure* procedure(std::size_t place) const;
  [[nodiscard]] const std::vector<std::string>& folded_names() const;

  std::vector<Procedure> procedures_;
  std::shared_ptr<Opened> opened_;  ///< none: all procedures are in procedures_
  mutable std::vector<std::string> folded_names_;  ///< of an opened one empty until a search
  Hash version_{};
};

}  // namespace tannha
