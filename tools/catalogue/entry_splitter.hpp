#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tannha::tools {

/// Cuts the text of a catalogue file into the texts of its entries, without parsing them, so that
/// a broken one does not take the others with it.
///
/// In an array an entry ends where its brackets close. When the caller says that a slice is no
/// JSON, reading goes on at the next text that looks like the beginning of an entry, `{"code":`,
/// even inside that slice: raw quotes cannot stand like that inside a JSON string.
/// Lifetime: slices are views of the text. Cost: linear; see is_given_up().
class EntrySplitter {
 public:
  enum class Form { array, lines };
  enum class State { whole, unfinished, too_large, no_entry };
  struct Slice {
    std::size_t number{};  ///< from 1; the line's number in the form of lines
    std::string_view text;
    State state = State::whole;
    bool is_recovered = false;  ///< found by its look after something broken
  };

  EntrySplitter(std::string_view text, Form form, std::size_t entry_bytes_max);

  /// Nothing at the end.
  [[nodiscard]] std::optional<Slice> next();
  /// The last slice is broken: go on at the next beginning of an entry.
  void reject_last();

  /// The array was never closed.
  [[nodiscard]] bool is_truncated() const { return truncated_; }
  /// So much is broken that going on would no longer be linear.
  [[nodiscard]] bool is_given_up() const { return given_up_; }

 private:
  [[nodiscard]] std::optional<Slice> next_line();
  [[nodiscard]] std::optional<Slice> next_element();
  [[nodiscard]] Slice scan_value();
  void skip_space();
  [[nodiscard]] std::size_t find_entry(std::size_t from);

  std::string_view text_;
  Form form_;
  std::size_t entry_bytes_max_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
  std::size_t slice_begin_ = 0;
  State slice_state_ = State::whole;
  bool recovered_ = false;
  bool rejected_ = false;
  bool truncated_ = false;
  bool given_up_ = false;
  bool done_ = false;
  std::size_t searched_from_ = std::string_view::npos;
  std::size_t found_ = 0;
  std::size_t work_left_;
};

}  // namespace tannha::tools
