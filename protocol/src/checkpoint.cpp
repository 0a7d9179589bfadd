#include "tannha/protocol/checkpoint.hpp"

#include <charconv>

namespace tannha {
namespace {

/// An em dash and a space begin a signature line (c2sp.org/signed-note).
constexpr std::string_view signature_prefix = "\xe2\x80\x94 ";
constexpr std::size_t key_id_size = 4;
constexpr std::uint8_t ed25519_signature_type = 1;

std::string text_of(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root) + "\n";
}

/// Tells the keys of one name apart: a hint for finding the line, not a proof of anything.
Bytes key_id(std::string_view name, const PublicKey& key) {
  Bytes input = to_bytes(as_bytes(name));
  input.push_back('\n');
  input.push_back(ed25519_signature_type);
  input.insert(input.end(), key.begin(), key.end());
  return to_bytes(BytesView(sha256(input)).first(key_id_size));
}

/// The text up to the next line feed, which is taken off too; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> read_size(std::string_view line) {
  // One number has one text.
  if (line.size() > 1 && line.front() == '0') return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size);
  if (error != std::errc{} || end != line.data() + line.size()) return std::nullopt;
  return size;
}

Result<Checkpoint> read_text(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = take_line(text);
  const auto root_line = take_line(text);
  if (!origin || origin->empty()) return fail(errc::checkpoint_malformed, "origin");
  const auto size = size_line ? read_size(*size_line) : std::nullopt;
  if (!size) return fail(errc::checkpoint_malformed, "size");
  const auto root_bytes = root_line ? from_base64(*root_line) : std::nullopt;
  const auto root = root_bytes ? to_array<Hash>(*root_bytes) : std::nullopt;
  if (!root) return fail(errc::checkpoint_malformed, "root");
  // Further lines are extensions, which the form lets a reader pass over; none is empty.
  while (!text.empty()) {
    const auto extension = take_line(text);
    if (!extension || extension->empty()) return fail(errc::checkpoint_malformed, "extension");
  }
  return Checkpoint{std::string(*origin), *size, *root};
}

struct SignatureLine {
  std::string_view name;
  Bytes key_id;
  Bytes signature;
};

std::optional<SignatureLine> read_signature_line(std::string_view line) {
  if (!line.starts_with(signature_prefix)) return std::nullopt;
  line.remove_prefix(signature_prefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= key_id_size) return std::nullopt;
  const BytesView view(*bytes);
  return SignatureLine{line.substr(0, space), to_bytes(view.first(key_id_size)),
                       to_bytes(view.subspan(key_id_size))};
}

bool is_note_text(std::string_view note) {
  for (const char c : note) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
  }
  return is_utf8(note);
}

}  // namespace

std::string sign_checkpoint(const Checkpoint& checkpoint, const KeyPair& key) {
  const std::string text = text_of(checkpoint);
  Bytes blob = key_id(checkpoint.origin, key.public_key());
  const Signature signature = key.sign(as_bytes(text));
  blob.insert(blob.end(), signature.begin(), signature.end());
  std::string out = text;
  out += '\n';
  out += signature_prefix;
  out += checkpoint.origin + " " + to_base64(blob) + "\n";
  return out;
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   const PublicKey& key) {
  if (!is_note_text(note)) return fail(errc::checkpoint_malformed, "not plain UTF-8");
  // The signed text ends with the line feed before the last empty line.
  const std::size_t gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) return fail(errc::checkpoint_malformed, "no signatures");
  const std::string_view text = note.substr(0, gap + 1);
  std::string_view rest = note.substr(gap + 2);
  TN_TRY(Checkpoint checkpoint, read_text(text));
  if (rest.empty()) return fail(errc::checkpoint_malformed, "no signatures");

  const Bytes wanted_id = key_id(origin, key);
  std::optional<Bytes> signature;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    auto read = line ? read_signature_line(*line) : std::nullopt;
    if (!read) return fail(errc::checkpoint_malformed, "signature line");
    // The first line of the key counts, so that a note costs one verification at the most.
    if (!signature && read->name == origin && read->key_id == wanted_id) {
      signature = std::move(read->signature);
    }
  }
  if (!signature) return fail(errc::signature_invalid, "no line of this key");
  if (!verify(key, as_bytes(text), *signature)) return fail(errc::signature_invalid);
  if (checkpoint.origin != origin) return fail(errc::signature_invalid, "other origin");
  return checkpoint;
}

}  // namespace tannha
