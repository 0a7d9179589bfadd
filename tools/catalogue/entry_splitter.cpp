#include "tools/catalogue/entry_splitter.hpp"

#include <algorithm>

namespace tannha::tools {

namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

EntrySplitter::EntrySplitter(std::string_view text, Form form, std::size_t entry_bytes_max)
    : text_(text),
      form_(form),
      entry_bytes_max_(entry_bytes_max),
      // Sound text is scanned once. A broken entry costs at most its largest size again.
      work_left_(8 * text.size() + 16 * entry_bytes_max) {
  if (form_ == Form::array) {
    skip_space();
    ++at_;
  }
}

std::optional<EntrySplitter::Slice> EntrySplitter::next() {
  auto slice = form_ == Form::lines ? next_line() : next_element();
  if (slice) {
    slice_state_ = slice->state;
    slice->is_recovered = recovered_;
    if (slice->state != State::no_entry) recovered_ = false;
  } else {
    done_ = true;
  }
  rejected_ = false;
  return slice;
}

std::optional<EntrySplitter::Slice> EntrySplitter::next_line() {
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++number_;
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
    if (line.empty()) continue;
    const State state = line.size() > entry_bytes_max_ ? State::too_large : State::whole;
    return Slice{number_, line, state};
  }
  return std::nullopt;
}

void EntrySplitter::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

std::optional<EntrySplitter::Slice> EntrySplitter::next_element() {
  if (given_up_ || done_) return std::nullopt;
  skip_space();
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    skip_space();
  }
  if (at_ >= text_.size()) {
    // After a broken element the closing bracket may have gone with it.
    truncated_ = slice_state_ == State::whole && !rejected_;
    return std::nullopt;
  }
  const char first = text_[at_];
  if (first == ']' && std::ranges::all_of(text_.substr(at_ + 1), is_space)) return std::nullopt;
  // Right after a broken element a name is one of its fields that came loose.
  const bool is_loose = rejected_ && first == '"';
  if (first == ']' || first == '}' || first == ',' || first == ':' || is_loose) {
    const std::size_t begin = at_;
    const std::size_t found = find_entry(begin);
    at_ = std::min(found, text_.size());
    recovered_ = found != npos;
    // What is left of an element that was already called broken is no further one.
    if (rejected_ && recovered_) return scan_value();
    if (rejected_) return std::nullopt;
    slice_begin_ = begin;
    return Slice{++number_, text_.substr(begin, at_ - begin), State::no_entry};
  }
  return scan_value();
}

EntrySplitter::Slice EntrySplitter::scan_value() {
  slice_begin_ = at_;
  const std::size_t end = std::min(text_.size() - at_, entry_bytes_max_ + 1) + at_;
  std::size_t depth = 0;
  bool in_string = false;
  bool closed = false;
  for (; at_ < end && !closed; ++at_) {
    const char c = text_[at_];
    if (in_string) {
      if (c == '\\') ++at_;
      if (c == '"') in_string = false;
      continue;
    }
    if (depth == 0 && at_ > slice_begin_ && (c == ',' || c == ']' || c == '}' || is_space(c))) {
      break;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) closed = true;
  }
  at_ = std::min(at_, text_.size());
  const std::size_t size = at_ - slice_begin_;
  if (work_left_ < size) given_up_ = true;
  work_left_ -= std::min(work_left_, size);
  const bool is_whole = !in_string && depth == 0;
  const State state = size > entry_bytes_max_ ? State::too_large
                      : is_whole              ? State::whole
                                              : State::unfinished;
  return Slice{++number_, text_.substr(slice_begin_, size), state};
}

void EntrySplitter::reject_last() {
  rejected_ = true;
  if (form_ == Form::lines) return;
  if (slice_state_ == State::no_entry) return;
  const std::size_t found = find_entry(slice_begin_ + 1);
  if (found != npos && (found < at_ || slice_state_ != State::whole)) {
    at_ = found;
    recovered_ = true;
  } else if (slice_state_ != State::whole) {
    at_ = text_.size();
  }
}

// Position of the next `{"code":`, with any white space; npos when there is none. The answer is
// kept, because many broken elements in a row would each look for the same one.
std::size_t EntrySplitter::find_entry(std::size_t from) {
  if (from >= searched_from_ && found_ >= from) return found_;
  constexpr std::string_view key = "\"code\"";
  searched_from_ = from;
  for (std::size_t at = text_.find(key, from); at != npos; at = text_.find(key, at + 1)) {
    std::size_t before = at;
    while (before > from && is_space(text_[before - 1])) --before;
    if (before == from || text_[before - 1] != '{') continue;
    std::size_t after = at + key.size();
    while (after < text_.size() && is_space(text_[after])) ++after;
    if (after < text_.size() && text_[after] == ':') return found_ = before - 1;
  }
  return found_ = npos;
}

}  // namespace tannha::tools
