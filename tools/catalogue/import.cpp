#include "tools/catalogue/import.hpp"

#include <set>
#include <utility>

#include "tools/catalogue/entry_splitter.hpp"
#include "tools/catalogue/file_contents.hpp"
#include "tools/catalogue/parse_entry.hpp"

namespace tannha::tools {

namespace {

using State = EntrySplitter::State;
using Form = EntrySplitter::Form;

class Importer {
 public:
  explicit Importer(const ImportLimits& limits) : limits_(limits), problems_(limits.problems_max) {}

  Result<ImportReport> run(const FileContents& contents, Form form);

 private:
  void take(EntrySplitter& splitter, const EntrySplitter::Slice& slice);
  void keep(Procedure procedure, const EntrySplitter::Slice& slice);

  ImportLimits limits_;
  ProblemList problems_;
  std::set<std::string, std::less<>> codes_;
  std::vector<Procedure> procedures_;
};

void Importer::take(EntrySplitter& splitter, const EntrySplitter::Slice& slice) {
  switch (slice.state) {
    case State::no_entry:
      return problems_.add(
          slice.number, {}, {}, slice.text,
          slice.text.starts_with(']') ? Unclear::trailing_bytes : Unclear::json_broken);
    case State::unfinished:
      problems_.add(slice.number, {}, {}, slice.text, Unclear::entry_unfinished);
      return splitter.reject_last();
    case State::too_large:
      problems_.add(slice.number, {}, {}, slice.text, Unclear::entry_too_large);
      return splitter.reject_last();
    case State::whole:
      break;
  }
  bool is_json = true;
  auto procedure = parse_entry(slice.text, slice.number, slice.is_recovered, problems_, is_json);
  if (!is_json) splitter.reject_last();
  if (procedure) keep(std::move(*procedure), slice);
}

void Importer::keep(Procedure procedure, const EntrySplitter::Slice& slice) {
  const auto leave_out = [&](Unclear why) {
    problems_.add(slice.number, procedure.code, {}, procedure.name, why);
  };
  // The catalogue refuses as a whole what one entry breaks, so each is tried alone first.
  const bool has_too_many_lines = procedure.documents.size() > limits::procedure_documents_max ||
                                  procedure.offers.size() > limits::procedure_offers_max;
  if (codes_.contains(procedure.code)) return leave_out(Unclear::code_twice);
  if (has_too_many_lines) return leave_out(Unclear::too_many_lines);
  if (!Catalogue::make({procedure})) return leave_out(Unclear::text_not_usable);
  if (procedures_.size() == limits::catalogue_procedures_max) {
    return leave_out(Unclear::too_many_procedures);
  }
  codes_.insert(procedure.code);
  procedures_.push_back(std::move(procedure));
}

Result<ImportReport> Importer::run(const FileContents& contents, Form form) {
  std::string_view text = as_text(contents.bytes);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  EntrySplitter splitter(text, form, limits_.entry_bytes_max);
  ImportReport report;
  while (const auto slice = splitter.next()) {
    ++report.entry_count;
    take(splitter, *slice);
  }
  if (contents.truncated || (splitter.is_truncated() && !contents.damaged)) {
    problems_.add(0, {}, {}, {}, Unclear::file_truncated);
  }
  if (contents.damaged) problems_.add(0, {}, {}, {}, Unclear::file_damaged);
  if (splitter.is_given_up()) problems_.add(0, {}, {}, {}, Unclear::too_many_broken);
  if (procedures_.empty()) {
    return fail(errc::catalogue_malformed,
                "none of " + std::to_string(report.entry_count) + " entries could be read");
  }
  TN_TRY(report.catalogue, Catalogue::make(std::move(procedures_)));
  report.problems_left_out_count = problems_.left_out_count();
  report.problems = problems_.take();
  return report;
}

Form form_of(BytesView bytes) {
  std::string_view text = as_text(bytes);
  const std::size_t first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  return first != std::string_view::npos && text[first] == '[' ? Form::array : Form::lines;
}

Result<ImportReport> import_bytes(Bytes bytes, bool has_lines, const ImportLimits& limits) {
  TN_TRY(const auto contents, decompress(std::move(bytes), limits.file_bytes_max));
  const Form form = has_lines ? Form::lines : form_of(contents.bytes);
  return Importer(limits).run(contents, form);
}

}  // namespace

std::map<Unclear, std::size_t> ImportReport::count_by_kind() const {
  std::map<Unclear, std::size_t> counts;
  for (const auto& problem : problems) ++counts[problem.why];
  return counts;
}

Result<ImportReport> import_catalogue(const std::filesystem::path& file,
                                      const ImportLimits& limits) {
  TN_TRY(auto bytes, read_file(file, limits.file_bytes_max));
  auto name = file.filename();
  if (name.extension() == ".gz") name = name.stem();
  return import_bytes(std::move(bytes), name.extension() == ".jsonl", limits);
}

Result<ImportReport> import_catalogue(BytesView bytes, const ImportLimits& limits) {
  return import_bytes(to_bytes(bytes), false, limits);
}

}  // namespace tannha::tools
