#include "tannha/protocol/bundle.hpp"

#include <algorithm>
#include <charconv>

#include "tannha/protocol/cose.hpp"

namespace tannha {
namespace {

constexpr std::string_view magic = "TNB";
constexpr std::uint8_t bundle_version = 1;
constexpr std::size_t size_bytes = 4;
constexpr std::string_view receipts_typ = "vnd.tannha.receipts+cose";

constexpr std::string_view part_prefix = "TNB1/";
constexpr std::size_t part_hash_chars = 8;
// The longest that stands in front of a part's content.
constexpr std::size_t part_head_chars_max = part_prefix.size() + 5 + 5 + part_hash_chars + 1;
constexpr std::size_t part_chars_min = 64;
static_assert(limits::bundle_parts_max < 10'000, "a number and its slash have five characters");
static_assert(limits::bundle_bytes_max <= 0xffff'ffff, "the size has four bytes");

void append(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

/// What stands in front of the seal: a carrier may read it.
Bytes header_of(std::string_view tenant, std::size_t sealed_bytes) {
  Bytes out = to_bytes(as_bytes(magic));
  out.push_back(bundle_version);
  out.push_back(static_cast<std::uint8_t>(tenant.size()));
  append(out, as_bytes(tenant));
  for (std::size_t i = size_bytes; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(sealed_bytes >> (8 * i)));
  }
  return out;
}

/// The sealed part, when the header is one for this tenant.
Result<BytesView> sealed_part(BytesView bytes, std::string_view tenant) {
  if (bytes.size() > limits::bundle_bytes_max) return fail(errc::frame_too_large);
  constexpr std::size_t fixed = magic.size() + 2;
  if (bytes.size() < fixed || as_text(bytes.first(magic.size())) != magic) {
    return fail(errc::bundle_malformed, "magic");
  }
  if (bytes[magic.size()] != bundle_version) return fail(errc::frame_version_unknown);
  const std::size_t tenant_bytes = bytes[magic.size() + 1];
  if (bytes.size() < fixed + tenant_bytes + size_bytes) {
    return fail(errc::bundle_malformed, "header");
  }
  if (as_text(bytes.subspan(fixed, tenant_bytes)) != tenant) return fail(errc::bundle_not_for_us);
  const BytesView header = bytes.first(fixed + tenant_bytes + size_bytes);
  const BytesView sealed = bytes.subspan(header.size());
  if (!std::ranges::equal(header, header_of(tenant, sealed.size()))) {
    return fail(errc::bundle_malformed, "size");
  }
  return sealed;
}

std::string_view without_space_behind(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string hash_text(BytesView bytes) {
  return to_hex(sha256(bytes)).substr(0, part_hash_chars);
}

struct Part {
  std::size_t number{};
  std::size_t count{};
  std::string_view hash;
  Bytes content;
};

/// Reads "<digits>/" off the front. A number has one way to be written.
std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || text.front() == '0') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with('/')) return std::nullopt;
  text.remove_prefix(1);
  return number;
}

Result<Part> read_part(std::string_view text) {
  if (text.size() > limits::bundle_part_chars_max) return fail(errc::frame_too_large, "part");
  if (!text.starts_with(part_prefix)) return fail(errc::frame_malformed, "prefix");
  text.remove_prefix(part_prefix.size());
  const auto number = take_number(text);
  const auto count = number ? take_number(text) : std::nullopt;
  if (!count) return fail(errc::frame_malformed, "number");
  if (*count > limits::bundle_parts_max) return fail(errc::frame_too_large, "parts");
  if (*number > *count) return fail(errc::frame_malformed, "number");
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string_view hash = text.substr(0, part_hash_chars);
  if (text.size() <= part_hash_chars || text[part_hash_chars] != '/' ||
      hash.find_first_not_of(digits) != std::string_view::npos) {
    return fail(errc::frame_malformed, "hash");
  }
  auto content = from_base64url(text.substr(part_hash_chars + 1));
  if (!content || content->empty()) return fail(errc::frame_malformed, "base64url");
  return Part{*number, *count, hash, std::move(*content)};
}

}  // namespace

std::size_t bundle_overhead(std::string_view tenant) {
  return header_of(tenant, 0).size() + box_overhead;
}

Result<Bytes> seal_bundle(const Bundle& bundle, const PublicKey& key, const Seed& ephemeral) {
  const Bytes content = fields::encode(bundle);
  if (content.size() + bundle_overhead(bundle.tenant) > limits::bundle_bytes_max ||
      bundle.tenant.size() > limits::agency_code_chars_max) {
    return fail(errc::frame_too_large);
  }
  const auto box = seal_box(key, content, ephemeral);
  if (!box) return fail(errc::key_malformed, "bundle key");
  Bytes out = header_of(bundle.tenant, box->size());
  append(out, *box);
  return out;
}

Result<Bundle> open_bundle(BytesView bytes, std::string_view tenant, const BoxKeyPair& key) {
  TN_TRY(const BytesView& sealed, sealed_part(bytes, tenant));
  const auto content = key.open(sealed);
  if (!content) return fail(errc::bundle_malformed, "seal");
  auto bundle = exchange::decode<Bundle>(*content);
  if (!bundle) {
    if (bundle.error().code == errc::frame_version_unknown) return bundle;
    return fail(errc::bundle_malformed, "content: " + std::string(name(bundle.error().code)));
  }
  // The code in front of the seal could be anybody's; this one is the maker's.
  if (bundle->tenant != tenant) return fail(errc::bundle_malformed, "tenant");
  if (bundle->records.size() > limits::exchange_records_max ||
      bundle->logs.size() > limits::exchange_logs_max ||
      bundle->attachments.size() > limits::exchange_records_max) {
    return fail(errc::too_many_records);
  }
  return bundle;
}

Bytes sign_bundle_receipts(const BundleReceipts& receipts, const KeyPair& journal) {
  const cbor::Value header(
      cbor::Map{{cose::label_alg, cose::alg_ed25519}, {cose::label_typ, receipts_typ}});
  return cose::sign1(header, fields::encode(receipts), journal);
}

Result<BundleReceipts> open_bundle_receipts(BytesView bytes, std::string_view tenant,
                                            const PublicKey& journal) {
  if (bytes.size() > limits::frame_bytes_max) return fail(errc::frame_too_large);
  TN_TRY(const cose::Sign1& message, cose::decode_sign1(bytes));
  const cbor::Value* typ = message.protected_map.find(cose::label_typ);
  if (!typ || !typ->as_text() || *typ->as_text() != receipts_typ) {
    return fail(errc::cose_wrong_type, "receipts");
  }
  if (!message.unprotected.as_map()->empty()) return fail(errc::cose_malformed, "receipts");
  TN_CHECK(cose::verify_sign1(message, journal));
  TN_TRY(BundleReceipts receipts, exchange::decode<BundleReceipts>(message.payload));
  if (receipts.tenant != tenant) return fail(errc::tenant_mismatch, "receipts");
  return receipts;
}

Result<std::vector<std::string>> bundle_parts(BytesView bytes, std::size_t part_chars_max) {
  if (bytes.empty() || part_chars_max < part_chars_min ||
      part_chars_max > limits::bundle_part_chars_max) {
    return fail(errc::argument_invalid, "part_chars_max");
  }
  // Four characters of base64url are three bytes.
  const std::size_t part_bytes = (part_chars_max - part_head_chars_max) / 4 * 3;
  const std::size_t count = (bytes.size() + part_bytes - 1) / part_bytes;
  if (count > limits::bundle_parts_max) return fail(errc::frame_too_large, "parts");
  const std::string behind_number = "/" + std::to_string(count) + "/" + hash_text(bytes) + "/";
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    const BytesView rest = bytes.subspan(i * part_bytes);
    out.push_back(std::string(part_prefix) + std::to_string(i + 1) + behind_number +
                  to_base64url(rest.first(std::min(part_bytes, rest.size()))));
  }
  return out;
}

bool is_bundle_part(std::string_view text) { return text.starts_with(part_prefix); }

BundleJoiner::Series& BundleJoiner::series_of(std::string name, std::size_t count) {
  const auto found = std::ranges::find(series_, name, &Series::name);
  if (found != series_.end()) {
    std::rotate(found, found + 1, series_.end());
    return series_.back();
  }
  if (series_.size() == limits::bundle_joins_max) series_.erase(series_.begin());
  Series& series = series_.emplace_back();
  series.name = std::move(name);
  series.parts.resize(count);
  return series;
}

Result<BundleJoiner::Progress> BundleJoiner::finish(Series& series, std::string_view hash) {
  Bytes whole;
  for (const auto& part : series.parts) append(whole, *part);
  if (hash_text(whole) != hash) {
    // The series stands last, where series_of() put it.
    series_.pop_back();
    return fail(errc::frame_malformed, "the parts do not make the whole");
  }
  // Its name stays, so that a camera that goes on reading does not begin it anew.
  series.given = true;
  series.parts.clear();
  return Progress{series.have, series.have, std::move(whole)};
}

Result<BundleJoiner::Progress> BundleJoiner::add(std::string_view text) {
  TN_TRY(Part part, read_part(without_space_behind(text)));
  Series& series = series_of(std::to_string(part.count) + "/" + std::string(part.hash), part.count);
  if (series.given) return Progress{part.count, part.count, std::nullopt};
  std::optional<Bytes>& place = series.parts[part.number - 1];
  if (place && *place != part.content) {
    return fail(errc::frame_malformed, "two parts with one number");
  }
  if (!place) ++series.have;
  place = std::move(part.content);
  if (series.have == series.parts.size()) return finish(series, part.hash);
  return Progress{series.have, series.parts.size(), std::nullopt};
}

std::size_t BundleJoiner::unfinished_count() const {
  return static_cast<std::size_t>(std::ranges::count(series_, false, &Series::given));
}

}  // namespace tannha
