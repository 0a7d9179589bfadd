#include "tools/audit/http_audit.hpp"

#include <algorithm>
#include <map>

#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/merkle.hpp"
#include "tannha/protocol/tile.hpp"

namespace tannha::tools {
namespace {

constexpr std::uint8_t ed25519_signature_type = 1;

/// Type and key, as the signed note has them.
Bytes typed_key(const PublicKey& key) {
  Bytes out{ed25519_signature_type};
  out.insert(out.end(), key.begin(), key.end());
  return out;
}

/// The journal while its entries come by: its newest subtrees, and of each level of tiles what the
/// last tile must have.
class Tree {
 public:
  using TileDone = std::function<Result<void>(std::uint32_t level, std::uint64_t index,
                                              const std::vector<Hash>& hashes)>;

  /// @param done called for each tile when it is full
  Result<void> add(const Hash& entry, const TileDone& done) {
    TN_CHECK(put(0, merkle::leaf_hash(entry), done));
    for (const merkle::Node& n : merkle::append(size_, merkle::leaf_hash(entry), reader())) {
      nodes_[n.level] = n;
    }
    ++size_;
    return {};
  }
  Result<void> partial_tiles(const TileDone& done) const {
    for (const auto& [level, row] : rows_) {
      if (!row.hashes.empty()) TN_CHECK(done(level, row.index, row.hashes));
    }
    return {};
  }
  [[nodiscard]] Hash root() const { return merkle::root(size_, reader()); }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Row {
    std::uint64_t index = 0;
    std::vector<Hash> hashes;
  };
  Result<void> put(std::uint32_t level, const Hash& hash, const TileDone& done) {
    Row& row = rows_[level];
    row.hashes.push_back(hash);
    if (row.hashes.size() < tlog::tile_width_max) return {};
    TN_CHECK(done(level, row.index, row.hashes));
    const Hash top = subtree(row.hashes);
    row.hashes.clear();
    ++row.index;
    return put(level + 1, top, done);
  }
  static Hash subtree(std::vector<Hash> hashes) {
    while (hashes.size() > 1) {
      for (std::size_t i = 0; i < hashes.size() / 2; ++i) {
        hashes[i] = merkle::node_hash(hashes[2 * i], hashes[2 * i + 1]);
      }
      hashes.resize(hashes.size() / 2);
    }
    return hashes.front();
  }
  /// Of a level only its newest node is ever asked for.
  [[nodiscard]] merkle::NodeReader reader() const {
    return [this](std::uint32_t level, std::uint64_t) { return nodes_.at(level).hash; };
  }

  std::uint64_t size_ = 0;
  std::map<std::uint32_t, merkle::Node> nodes_;
  std::map<std::uint32_t, Row> rows_;
};

class Auditor {
 public:
  Auditor(const HttpGet& get, const std::optional<RememberedCheckpoint>& before)
      : get_(get), before_(before) {}

  Result<HttpAudit> run() {
    TN_CHECK(take_key());
    TN_CHECK(take_checkpoint());
    const std::uint64_t size = out_.checkpoint.size;
    TN_CHECK(compare_before());
    for (std::uint64_t first = 0; first < size; first += tlog::tile_width_max) {
      TN_CHECK(take_entries(first / tlog::tile_width_max,
                            std::min<std::uint64_t>(size - first, tlog::tile_width_max)));
    }
    TN_CHECK(tree_.partial_tiles(compare_tile()));
    if (tree_.root() != out_.checkpoint.root) {
      return fail(errc::store_corrupt, "the entries do not give the signed root");
    }
    return std::move(out_);
  }

 private:
  Result<HttpAnswer> fetch(const std::string& path) {
    TN_TRY(HttpAnswer answer, get_(path));
    if (answer.status == 404) return fail(errc::store_not_found, path + " is missing (404)");
    if (answer.status != 200) {
      return fail(errc::server_refused, path + ": HTTP status " + std::to_string(answer.status));
    }
    return answer;
  }

  Result<void> take_key() {
    if (before_) {
      out_.remember = *before_;
      return {};
    }
    TN_TRY(const HttpAnswer answer, fetch("/v1/tenant"));
    TN_TRY(const auto tenant,
           fields::decode<exchange::Tenant>(answer.body, errc::server_reply_malformed));
    out_.remember = {tenant.origin, tenant.journal_key, {}};
    return {};
  }

  Result<void> take_checkpoint() {
    TN_TRY(const HttpAnswer answer, fetch("/log/checkpoint"));
    const std::string note(as_text(answer.body));
    TN_TRY(out_.checkpoint, open_checkpoint(note, out_.remember.origin, out_.remember.key));
    out_.remember.note = note;
    return {};
  }

  Result<void> compare_before() {
    if (!before_ || before_->note.empty()) return {};
    TN_TRY(out_.before, open_checkpoint(before_->note, before_->origin, before_->key));
    if (out_.before->size > out_.checkpoint.size) {
      return fail(errc::checkpoint_inconsistent,
                  "rolled back: " + std::to_string(out_.checkpoint.size) + " records, and " +
                      std::to_string(out_.before->size) + " before");
    }
    return compare_past();
  }

  /// When the journal is as long as it was, it must be what it was.
  Result<void> compare_past() {
    if (out_.before && tree_.size() == out_.before->size && tree_.root() != out_.before->root) {
      return fail(errc::checkpoint_inconsistent,
                  "another past: the first " + std::to_string(tree_.size()) +
                      " records are not what they were");
    }
    return {};
  }

  Result<void> take_entries(std::uint64_t index, std::uint64_t count) {
    const tlog::Tile tile{{}, index, static_cast<std::uint32_t>(count)};
    TN_TRY(const Bytes bytes, fetch_tile(tile));
    TN_TRY(const std::vector<Hash> entries, tlog::decode_entries(bytes, tile.width));
    for (const Hash& entry : entries) {
      TN_CHECK(tree_.add(entry, compare_tile()));
      TN_CHECK(compare_past());
    }
    return {};
  }

  Result<Bytes> fetch_tile(const tlog::Tile& tile) {
    TN_TRY(HttpAnswer answer, fetch("/log/tile/" + tlog::tile_path(tile)));
    ++out_.tiles;
    out_.bytes += answer.body.size();
    return std::move(answer.body);
  }

  Tree::TileDone compare_tile() {
    return [this](std::uint32_t level, std::uint64_t index,
                  const std::vector<Hash>& hashes) -> Result<void> {
      const tlog::Tile tile{level, index, static_cast<std::uint32_t>(hashes.size())};
      TN_TRY(const Bytes bytes, fetch_tile(tile));
      TN_TRY(const std::vector<Hash> theirs, tlog::decode_hashes(bytes, tile.width));
      if (theirs != hashes) {
        return fail(errc::store_corrupt,
                    "tile " + tlog::tile_path(tile) + " is not that of the entries");
      }
      return {};
    };
  }

  const HttpGet& get_;
  const std::optional<RememberedCheckpoint>& before_;
  HttpAudit out_;
  Tree tree_;
};

}  // namespace

std::string verifier_key(std::string_view origin, const PublicKey& key) {
  const Bytes typed = typed_key(key);
  Bytes input = to_bytes(as_bytes(origin));
  input.push_back('\n');
  input.insert(input.end(), typed.begin(), typed.end());
  return std::string(origin) + "+" + to_hex(BytesView(sha256(input)).first(4)) + "+" +
         to_base64(typed);
}

std::string RememberedCheckpoint::text() const { return verifier_key(origin, key) + "\n" + note; }

Result<RememberedCheckpoint> RememberedCheckpoint::parse(const std::string& text) {
  const std::size_t end = text.find('\n');
  const std::string line = text.substr(0, end);
  // Neither a key id nor base64's last characters hold a plus sign of the name.
  const std::size_t name_end = line.find('+');
  const std::size_t id_end = name_end == std::string::npos ? name_end : line.find('+', name_end + 1);
  if (id_end == std::string::npos) return fail(errc::checkpoint_malformed, "verifier key");
  const auto typed = from_base64(line.substr(id_end + 1));
  if (!typed || typed->empty() || typed->front() != ed25519_signature_type) {
    return fail(errc::checkpoint_malformed, "verifier key");
  }
  const auto key = to_array<PublicKey>(BytesView(*typed).subspan(1));
  RememberedCheckpoint out{line.substr(0, name_end), key.value_or(PublicKey{}),
                           end == std::string::npos ? "" : text.substr(end + 1)};
  if (!key || verifier_key(out.origin, out.key) != line) {
    return fail(errc::checkpoint_malformed, "verifier key");
  }
  return out;
}

Result<HttpAudit> audit_over_http(const HttpGet& get,
                                  const std::optional<RememberedCheckpoint>& before) {
  return Auditor(get, before).run();
}

}  // namespace tannha::tools
