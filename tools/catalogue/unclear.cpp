#include <algorithm>
#include <array>

#include "tools/catalogue/import.hpp"

namespace tannha::tools {

namespace {

struct Row {
  Unclear why;
  std::string_view name;
  std::string_view english;
  std::string_view vietnamese;
};

constexpr std::array rows{
    Row{Unclear::file_truncated, "file_truncated",
        "The file ends too early; entries after this place are missing.",
        "Tệp bị cắt cụt; các mục sau chỗ này bị thiếu."},
    Row{Unclear::file_damaged, "file_damaged",
        "The compressed file is damaged; entries after this place are missing.",
        "Tệp nén bị hỏng; các mục sau chỗ này bị thiếu."},
    Row{Unclear::trailing_bytes, "trailing_bytes", "There is text after the end of the list.",
        "Có nội dung thừa sau khi danh sách kết thúc."},
    Row{Unclear::too_many_broken, "too_many_broken",
        "Too much of the file is broken; reading stopped here.",
        "Tệp hỏng quá nhiều chỗ; dừng đọc tại đây."},
    Row{Unclear::too_many_procedures, "too_many_procedures",
        "The catalogue is full; this entry was left out.",
        "Danh mục đã đầy; mục này không được nhập."},
    Row{Unclear::json_broken, "json_broken", "This entry is not JSON; it was left out.",
        "Mục này không đúng định dạng JSON; không được nhập."},
    Row{Unclear::entry_unfinished, "entry_unfinished", "This entry has no end; it was left out.",
        "Mục này không có phần kết; không được nhập."},
    Row{Unclear::entry_too_large, "entry_too_large",
        "This entry is larger than allowed; it was left out.",
        "Mục này lớn quá mức cho phép; không được nhập."},
    Row{Unclear::not_an_object, "not_an_object",
        "This entry is not an object with named fields; it was left out.",
        "Mục này không phải là một đối tượng có các trường; không được nhập."},
    Row{Unclear::code_missing, "code_missing", "This entry has no procedure code; it was left out.",
        "Mục này không có mã thủ tục; không được nhập."},
    Row{Unclear::code_twice, "code_twice",
        "This procedure code came before; the first entry stays.",
        "Mã thủ tục này đã có ở mục trước; giữ mục đầu tiên."},
    Row{Unclear::name_missing, "name_missing", "This entry has no procedure name; it was left out.",
        "Mục này không có tên thủ tục; không được nhập."},
    Row{Unclear::too_many_lines, "too_many_lines",
        "This entry has more documents or channels than allowed; it was left out.",
        "Mục này có quá nhiều giấy tờ hoặc cách thức; không được nhập."},
    Row{Unclear::text_not_usable, "text_not_usable",
        "A text of this entry is too long or not Unicode text; it was left out.",
        "Mục này có nội dung quá dài hoặc sai bảng mã; không được nhập."},
    Row{Unclear::code_odd, "code_odd",
        "The code does not have the form 1.001193; it was kept as it is.",
        "Mã không đúng dạng 1.001193; được giữ nguyên."},
    Row{Unclear::field_missing, "field_missing", "This field is missing; it stays empty.",
        "Thiếu trường này; để trống."},
    Row{Unclear::field_wrong_type, "field_wrong_type",
        "This field is not of the expected type; it stays empty.",
        "Trường này sai kiểu dữ liệu; để trống."},
    Row{Unclear::field_unknown, "field_unknown",
        "This field is not known; its content was not taken over.",
        "Không biết trường này; nội dung không được nhập."},
    Row{Unclear::level_unknown, "level_unknown",
        "The level is none of those known; it was kept as it is.",
        "Cấp thực hiện không thuộc các cấp đã biết; được giữ nguyên."},
    Row{Unclear::level_contradicts_name, "level_contradicts_name",
        "The name speaks of another level than the entry; both were kept.",
        "Tên thủ tục nói đến cấp khác với cấp đã ghi; giữ nguyên cả hai."},
    Row{Unclear::html_remains, "html_remains",
        "The text holds remains of HTML; it was kept as it is.",
        "Nội dung còn sót mã HTML; được giữ nguyên."},
    Row{Unclear::hidden_characters, "hidden_characters",
        "The text holds invisible characters; it was kept as it is.",
        "Nội dung có ký tự ẩn; được giữ nguyên."},
    Row{Unclear::channel_unknown, "channel_unknown",
        "The channel is none of DIRECT, ONLINE, POSTAL; this offer was left out.",
        "Cách thức không phải DIRECT, ONLINE hay POSTAL; cách thức này không được nhập."},
    Row{Unclear::channel_repeated, "channel_repeated",
        "One channel comes several times and the cases are not named; all were kept.",
        "Một cách thức được ghi nhiều lần mà không nêu trường hợp; giữ nguyên tất cả."},
    Row{Unclear::channels_missing, "channels_missing", "No way to submit is given.",
        "Không ghi cách thức nộp hồ sơ."},
    Row{Unclear::time_missing, "time_missing", "No time limit is given.",
        "Không ghi thời hạn giải quyết."},
    Row{Unclear::time_prose, "time_prose",
        "The time limit is a sentence; it was kept as text and no due date is computed from it.",
        "Thời hạn được viết thành câu; giữ nguyên văn và không tính ngày hẹn trả từ đó."},
    Row{Unclear::time_unit_other, "time_unit_other",
        "The time limit has the unit OTHER; it was kept as text.",
        "Thời hạn ghi đơn vị OTHER (khác); giữ nguyên văn."},
    Row{Unclear::time_fraction, "time_fraction",
        "The time limit is not a whole number; it was kept as text.",
        "Thời hạn không phải số nguyên; giữ nguyên văn."},
    Row{Unclear::time_out_of_range, "time_out_of_range",
        "The time limit is zero or too long to be true; it was kept as text.",
        "Thời hạn bằng không hoặc dài bất thường; giữ nguyên văn."},
    Row{Unclear::fee_missing, "fee_missing",
        "No fee is given; it does not mean that there is none.",
        "Không có thông tin phí, lệ phí; không có nghĩa là miễn phí."},
    Row{Unclear::fee_set_elsewhere, "fee_set_elsewhere",
        "The fee is set by another body or document.",
        "Phí, lệ phí do cơ quan khác hoặc văn bản khác quy định."},
    Row{Unclear::fee_in_prose, "fee_in_prose",
        "The fee is only in words; they were kept and no amount was taken from them.",
        "Phí, lệ phí chỉ được viết bằng lời; giữ nguyên văn và không lấy số tiền từ đó."},
    Row{Unclear::fee_several, "fee_several",
        "Several fees are given and the cases are not separate; all were kept as text.",
        "Có nhiều mức phí, lệ phí mà không tách trường hợp; giữ nguyên văn tất cả."},
    Row{Unclear::fee_too_small, "fee_too_small",
        "The amount is below 1.000 đồng and cannot be right; it was kept as text.",
        "Số tiền dưới 1.000 đồng là bất thường; giữ nguyên văn."},
    Row{Unclear::fee_differs_by_channel, "fee_differs_by_channel",
        "The fee differs between the channels; each was kept.",
        "Phí, lệ phí khác nhau giữa các cách thức; giữ nguyên từng mức."},
    Row{Unclear::documents_missing, "documents_missing", "No documents are listed.",
        "Không ghi thành phần hồ sơ."},
    Row{Unclear::document_name_missing, "document_name_missing", "A document has no name.",
        "Có giấy tờ không ghi tên."},
    Row{Unclear::document_without_quantity, "document_without_quantity",
        "A line has 0 originals and 0 copies; it may be an explanation, not a paper.",
        "Dòng ghi 0 bản chính và 0 bản sao; có thể là lời giải thích, không phải giấy tờ."},
    Row{Unclear::document_quantity_unclear, "document_quantity_unclear",
        "The number of originals or copies is missing or no whole number; 0 was written.",
        "Số bản chính hoặc bản sao bị thiếu hoặc không phải số nguyên; ghi là 0."},
    Row{Unclear::note_with_quantity, "note_with_quantity",
        "A note asks for originals or copies; it may be a paper to submit.",
        "Dòng lưu ý lại ghi số bản chính hoặc bản sao; có thể là giấy tờ phải nộp."},
};

const Row* find(Unclear why) {
  const auto row = std::ranges::find(rows, why, &Row::why);
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

std::string_view name(Unclear why) {
  const Row* row = find(why);
  return row ? row->name : "unknown";
}

std::string_view message(Unclear why, Language language) {
  const Row* row = find(why);
  if (!row) return {};
  return language == Language::english ? row->english : row->vietnamese;
}

}  // namespace tannha::tools
