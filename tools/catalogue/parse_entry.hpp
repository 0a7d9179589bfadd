#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/catalogue/import.hpp"

namespace tannha::tools {

/// Where problems go: at most so many, the rest counted.
class ProblemList {
 public:
  explicit ProblemList(std::size_t problems_max) : problems_max_(problems_max) {}

  void add(std::size_t entry, std::string_view code, std::string_view field,
           std::string_view source_text, Unclear why);

  [[nodiscard]] std::vector<ImportProblem> take() { return std::move(problems_); }
  [[nodiscard]] std::size_t left_out_count() const { return left_out_count_; }

 private:
  std::size_t problems_max_;
  std::size_t left_out_count_ = 0;
  std::vector<ImportProblem> problems_;
};

/// At most 120 characters of a text, white space as single blanks, cut with an ellipsis.
[[nodiscard]] std::string excerpt(std::string_view text);

struct ParsedTime {
  ProcedureTime time;
  std::optional<Unclear> unclear;
};
struct ParsedFee {
  ProcedureFee fee;
  std::optional<Unclear> unclear;
};

/// "25 WORKING_DAY", "45 ngày", "8 HOUR", "1 MONTH", "SAME_DAY"; anything else stays prose.
[[nodiscard]] ParsedTime parse_time(std::string_view text);
/// "8000 VNĐ (note)"; several are separated by " | ".
[[nodiscard]] ParsedFee parse_fee(std::string_view text);

/// One entry. Nothing when it is left out; then the last problem says why.
/// @param is_recovered the entry was found by its look: it must have more than a code and a name
/// @param is_json becomes false when the text is no JSON
[[nodiscard]] std::optional<Procedure> parse_entry(std::string_view json, std::size_t entry,
                                                   bool is_recovered, ProblemList& problems,
                                                   bool& is_json);

}  // namespace tannha::tools
