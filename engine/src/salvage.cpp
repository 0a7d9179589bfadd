#include "tannha/engine/salvage.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>
#include <string_view>

#include "store_places.hpp"
#include "tannha/engine/store.hpp"
#include "tannha/protocol/fields.hpp"

namespace tannha {
namespace {

using sqlite::arg;
using sqlite::Database;
using sqlite::Row;

// Rows between the first and the last that are known are tried one by one; a damaged number must
// not make that endless. A device holds some ten thousand.
constexpr std::uint64_t gap_rows_max = 1'000'000;

// Nothing vouches for these values, and a wrong one does harm: a cursor hides records for ever, a
// root stops every exchange, a revocation erases. The feed is read anew, the root is the newest one
// that a signature vouches for, and the rest the registry says again at the next contact.
constexpr std::array<std::string_view, 8> values_left_out = {
    "feed_cursor", "snapshot", "journal_size",   "journal_root",
    "revoked",     "erasing",  "erased_records", "erased_attachments"};

/// Row numbers that several ways through a table give. What a way gives before it meets the damage
/// is good.
struct RowIds {
  std::set<std::uint64_t> ids;
  bool complete = true;  ///< no way met any damage
};
RowIds gather(Database& db, std::initializer_list<const char*> ways) {
  RowIds out;
  for (const char* sql : ways) {
    const auto walked = db.each(sql, {}, [&](Row row) {
      out.ids.insert(row.number(0));
      return true;
    });
    out.complete = out.complete && walked;
  }
  return out;
}

template <class Number>
std::optional<Number> optional_number(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return static_cast<Number>(row.number(column));
}

struct RawRecord {
  Bytes envelope;
  std::optional<Bytes> body;
  Id author{};
  std::optional<std::uint64_t> verdict;
  std::optional<std::uint64_t> reason;
  std::optional<std::uint64_t> leaf;
  std::uint64_t origin{};
  std::optional<Bytes> receipt;
  Hash hash{};
  bool erased{};
};

RawRecord read_raw(const Row& row) {
  RawRecord raw;
  raw.envelope = to_bytes(row.bytes(0));
  if (!row.is_null(1)) raw.body = to_bytes(row.bytes(1));
  raw.author = row.array<Id>(2);
  raw.verdict = optional_number<std::uint64_t>(row, 3);
  raw.reason = optional_number<std::uint64_t>(row, 4);
  raw.leaf = optional_number<std::uint64_t>(row, 5);
  raw.origin = row.number(6);
  if (!row.is_null(7)) raw.receipt = to_bytes(row.bytes(7));
  raw.hash = row.array<Hash>(8);
  raw.erased = row.number(9) != 0;
  return raw;
}

Ruling ruling_of(const RawRecord& raw) {
  Ruling ruling;
  if (!raw.verdict || *raw.verdict > static_cast<std::uint64_t>(Verdict::refused)) return ruling;
  ruling.verdict = static_cast<Verdict>(*raw.verdict);
  if (raw.reason && *raw.reason <= 0xffff && is_known(static_cast<std::uint16_t>(*raw.reason))) {
    ruling.reason = static_cast<errc>(*raw.reason);
  }
  return ruling;
}

class Salvager {
 public:
  Salvager(Store& from, Store& to) : old_(from.database()), vault_(from.vault()), to_(to) {}

  Result<SalvageReport> run() {
    // One transaction: an unfinished copy must not pass for a finished one.
    TN_TRY(auto transaction, sqlite::Transaction::begin(to_.database()));
    TN_CHECK(copy_secrets());
    TN_CHECK(copy_logs());
    TN_CHECK(copy_records());
    TN_CHECK(copy_attachments());
    TN_CHECK(copy_leases());
    TN_CHECK(copy_forgotten());
    TN_CHECK(copy_values());
    TN_CHECK(to_.set_number("rewound", 1));
    TN_CHECK(transaction.commit());
    return report_;
  }

 private:
  // Each table without row numbers is walked from both ends.
  template <class F>
  Result<void> from_both_ends(const char* forwards, const char* backwards, F take) {
    Result<void> state;
    for (const char* sql : {forwards, backwards}) {
      (void)old_
          .each(sql, {},
                [&](Row row) {
                  state = take(row);
                  return state.has_value();
                })
          .has_value();
      TN_CHECK(state);
    }
    return state;
  }

  Result<void> copy_secrets() {
    const auto take = [&](const Row& row) -> Result<void> {
      const std::string key = row.text(0);
      TN_TRY(auto known, to_.secret(key));
      if (known) {
        wipe(*known);
        return {};
      }
      auto plain = vault_.unseal(as_bytes(place_of_secret(key)), row.bytes(1));
      if (!plain) return {};
      const auto kept = to_.set_secret(key, *plain);
      wipe(*plain);
      return kept;
    };
    TN_CHECK(from_both_ends("SELECT key, value FROM secret ORDER BY key",
                            "SELECT key, value FROM secret ORDER BY key DESC", take));
    TN_CHECK(from_both_ends("SELECT key, value FROM secret_copy ORDER BY key",
                            "SELECT key, value FROM secret_copy ORDER BY key DESC", take));
    TN_TRY(const auto& tenant, to_.secret("tenant"));
    if (tenant) {
      auto decoded = fields::decode<exchange::Tenant>(*tenant, errc::store_corrupt);
      if (decoded) tenant_ = std::move(*decoded);
    }
    report_.identity = tenant_.has_value();
    for (const char* key : {"key_seed", "incarnation", "certificate"}) {
      TN_TRY(auto value, to_.secret(key));
      report_.identity = report_.identity && value;
      if (value) wipe(*value);
    }
    // Half an identity is none: the store would not open. The person enrols again, and the records
    // are delivered as another device's.
    if (report_.identity) return {};
    for (const char* key : {"tenant", "certificate"}) TN_CHECK(to_.erase_secret(key));
    return {};
  }

  Result<void> copy_logs() {
    std::set<Hash> seen;
    const auto take = [&](const Row& row) -> Result<void> {
      const Hash id = row.array<Hash>(0);
      const auto plain = vault_.unseal(as_bytes(place_of_log(id)), row.bytes(1));
      if (!plain || !seen.insert(id).second) return {};
      const auto intro = fields::decode<LogIntro>(*plain, errc::store_corrupt);
      if (!intro || intro->log_id() != id) return {};
      ++report_.logs;
      return to_.put_log(*intro);
    };
    return from_both_ends("SELECT id, intro FROM log ORDER BY id",
                          "SELECT id, intro FROM log ORDER BY id DESC", take);
  }

  Result<void> copy_records() {
    RowIds rows = gather(
        old_, {"SELECT id FROM record NOT INDEXED ORDER BY id",
               "SELECT id FROM record NOT INDEXED ORDER BY id DESC",
               "SELECT id FROM record INDEXED BY record_by_log ORDER BY log, seq",
               "SELECT id FROM record INDEXED BY record_by_log ORDER BY log DESC, seq DESC",
               "SELECT record FROM dossier_record ORDER BY dossier, record",
               "SELECT record FROM dossier_record ORDER BY dossier DESC, record DESC",
               "SELECT record FROM dossier_record INDEXED BY dossier_of_record ORDER BY record",
               "SELECT record FROM dossier_record INDEXED BY dossier_of_record "
               "ORDER BY record DESC"});
    unproved_ = gather(
        old_, {"SELECT id FROM record INDEXED BY record_unproved WHERE receipt IS NULL ORDER BY id",
               "SELECT id FROM record INDEXED BY record_unproved WHERE receipt IS NULL "
               "ORDER BY id DESC"});
    rows.ids.insert(unproved_.ids.begin(), unproved_.ids.end());
    if (rows.ids.empty()) return {};
    if (const auto [from, to] = std::pair(*rows.ids.begin(), *rows.ids.rbegin());
        to - from <= gap_rows_max) {
      for (std::uint64_t id = from; id < to; ++id) rows.ids.insert(id);
    }
    for (const std::uint64_t id : rows.ids) TN_CHECK(copy_record(id));
    return {};
  }

  Result<void> copy_record(std::uint64_t id) {
    const auto raw = old_.one(
        "SELECT envelope, body, author, verdict, reason, leaf, origin, receipt, hash, erased "
        "FROM record NOT INDEXED WHERE id=?",
        {arg(id)}, read_raw);
    const bool unproved = unproved_.ids.contains(id) || !unproved_.complete;
    if (!raw || !*raw) {
      // Records are never deleted, so every number belonged to one.
      lose_record(unproved);
      return {};
    }
    return put_record(id, **raw);
  }

  void lose_record(bool maybe_unsent) {
    ++report_.records_lost;
    if (maybe_unsent) ++report_.unsent_lost;
  }

  Result<void> put_record(std::uint64_t id, const RawRecord& raw) {
    const Hash hash = sha256(raw.envelope);
    Result<Bytes> body;
    if (raw.body) body = vault_.unseal(hash, *raw.body);
    const auto origin = raw.origin <= static_cast<std::uint64_t>(Origin::feed)
                            ? static_cast<Origin>(raw.origin)
                            : Origin::carried;
    const auto receipt = valid_receipt(raw, hash);
    const bool received = receipt || origin == Origin::feed;
    auto record = decode_record(raw.envelope, body ? BytesView(*body) : BytesView());
    // A body that opens was sealed for this very envelope. Without one the stored hash must agree,
    // and the registry must have the body, or else there is nothing left to send.
    const bool whole = record && body && raw.body;
    const bool envelope_only = record && hash == raw.hash && received && !whole;
    if (!whole && !envelope_only) {
      lose_record(!received);
      return {};
    }
    if (!whole) record->body.clear();
    ++(whole ? report_.records : report_.envelopes);
    // What has lost its receipt is sent again, whatever was said about it.
    Evidence evidence{std::move(*record), received ? ruling_of(raw) : Ruling{}, raw.leaf,
                      raw.author, 0};
    if (!received) evidence.leaf_index.reset();
    TN_TRY([[maybe_unused]] const bool added, to_.insert(evidence, origin));
    if (receipt) {
      TN_CHECK(to_.set_receipt(*receipt));
    }
    return whole ? Result<void>() : put_places(id, hash, raw.erased);
  }

  /// Which dossiers a record without its body is about, as far as that was written down.
  Result<void> put_places(std::uint64_t id, const Hash& hash, bool erased) {
    if (erased) {
      TN_CHECK(
          to_.database().run("UPDATE record SET erased=1 WHERE hash=?", {arg(BytesView(hash))}));
    }
    std::vector<Id> dossiers;
    (void)old_
        .each(
            "SELECT dossier FROM dossier_record INDEXED BY dossier_of_record "
            "WHERE record=?",
            {arg(id)},
            [&](Row row) {
              dossiers.push_back(row.array<Id>(0));
              return true;
            })
        .has_value();
    for (const Id& dossier : dossiers) {
      TN_CHECK(to_.database().run(
          "INSERT OR IGNORE INTO dossier_record SELECT ?, id FROM record WHERE hash=?",
          {arg(BytesView(dossier)), arg(BytesView(hash))}));
    }
    return {};
  }

  std::optional<Receipt> valid_receipt(const RawRecord& raw, const Hash& hash) {
    if (!raw.receipt) return std::nullopt;
    auto receipt = fields::decode<Receipt>(*raw.receipt, errc::store_corrupt);
    if (receipt && receipt->record == hash && tenant_) {
      const auto checkpoint = verify_receipt(*receipt, tenant_->origin, tenant_->journal_key);
      if (checkpoint) {
        if (!newest_ || checkpoint->size > newest_->size) newest_ = *checkpoint;
        return std::move(*receipt);
      }
    }
    ++report_.receipts_lost;
    return std::nullopt;
  }

  Result<void> copy_attachments() {
    const RowIds rows =
        gather(old_, {"SELECT rowid FROM attachment NOT INDEXED ORDER BY rowid",
                      "SELECT rowid FROM attachment NOT INDEXED ORDER BY rowid DESC",
                      "SELECT rowid FROM attachment ORDER BY hash",
                      "SELECT rowid FROM attachment ORDER BY hash DESC"});
    const RowIds pending =
        gather(old_, {"SELECT rowid FROM attachment INDEXED BY attachment_pending "
                      "WHERE stored_by_server=0 ORDER BY hash",
                      "SELECT rowid FROM attachment INDEXED BY attachment_pending "
                      "WHERE stored_by_server=0 ORDER BY hash DESC"});
    std::set<std::uint64_t> ids = rows.ids;
    ids.insert(pending.ids.begin(), pending.ids.end());
    for (const std::uint64_t id : ids) {
      TN_TRY(const bool copied, copy_attachment(id));
      if (copied) continue;
      ++report_.attachments_lost;
      if (pending.ids.contains(id) || !pending.complete) ++report_.pending_lost;
    }
    return {};
  }

  Result<bool> copy_attachment(std::uint64_t id) {
    struct Raw {
      Hash hash{};
      std::string media_type;
      bool stored{};
      Bytes bytes;
    };
    const auto raw = old_.one(
        "SELECT hash, media_type, stored_by_server, bytes FROM attachment NOT INDEXED WHERE "
        "rowid=?",
        {arg(id)}, [](Row row) {
          return Raw{row.array<Hash>(0), row.text(1), row.number(2) == 1, to_bytes(row.bytes(3))};
        });
    if (!raw || !*raw) return false;
    const auto plain = vault_.unseal((*raw)->hash, (*raw)->bytes);
    if (!plain || blake2b_256(*plain) != (*raw)->hash) return false;
    TN_CHECK(to_.put_attachment((*raw)->hash, *plain, (*raw)->media_type));
    if ((*raw)->stored) {
      TN_CHECK(to_.attachment_stored((*raw)->hash));
    }
    ++report_.attachments;
    return true;
  }

  Result<void> copy_leases() {
    const auto take = [&](const Row& row) -> Result<void> {
      TN_CHECK(to_.database().run(
          "INSERT OR IGNORE INTO lease(kind,prefix,first,count,used,expires_ms) "
          "VALUES(?,?,?,?,?,?)",
          {arg(row.number(0)), arg(std::string_view(row.text(1))), arg(row.number(2)),
           arg(row.number(3)), arg(row.number(4)), arg(row.number(5))}));
      report_.leases += to_.database().changes();
      return {};
    };
    return from_both_ends(
        "SELECT kind, prefix, first, count, used, expires_ms FROM lease ORDER BY kind, prefix, "
        "first",
        "SELECT kind, prefix, first, count, used, expires_ms FROM lease "
        "ORDER BY kind DESC, prefix DESC, first DESC",
        take);
  }

  Result<void> copy_forgotten() {
    const auto take = [&](const Row& row) -> Result<void> {
      return to_.database().run(
          "INSERT OR IGNORE INTO forget VALUES(?,?,?,?)",
          {arg(row.bytes(0)), arg(row.number(1)), arg(row.number(2)), arg(row.number(3))});
    };
    return from_both_ends("SELECT dossier, asked, erased, told FROM forget ORDER BY dossier",
                          "SELECT dossier, asked, erased, told FROM forget ORDER BY dossier DESC",
                          take);
  }

  Result<void> copy_values() {
    const auto take = [&](const Row& row) -> Result<void> {
      const std::string key = row.text(0);
      if (std::ranges::find(values_left_out, key) != values_left_out.end()) return {};
      return row.number(2) != 0 ? to_.set_number(key, row.number(1))
                                : to_.set_value(key, row.bytes(1));
    };
    TN_CHECK(from_both_ends(
        "SELECT key, value, typeof(value)='integer' FROM meta ORDER BY key",
        "SELECT key, value, typeof(value)='integer' FROM meta ORDER BY key DESC", take));
    // What is missing of these is fetched again; a store of before has none.
    (void)old_.each("SELECT key, value FROM large", {}, [&](Row row) {
      return to_.set_large_value(row.text(0), row.bytes(1)).has_value();
    }).has_value();
    if (!newest_) return {};
    TN_CHECK(to_.set_number("journal_size", newest_->size));
    return to_.set_value("journal_root", newest_->root);
  }

  Database& old_;
  Vault& vault_;
  Store& to_;
  SalvageReport report_;
  RowIds unproved_;
  std::optional<exchange::Tenant> tenant_;
  std::optional<Checkpoint> newest_;
};

// A damaged page elsewhere must not make guessing at the PIN free. Where the count cannot be kept
// the work of Argon2id is what is left against it.
Result<void> count_try(const std::string& damaged_path, Host& host, const Unlock& unlock) {
  if (!unlock.pin) return {};
  auto store = Store::open(damaged_path, sqlite::Mode::exclusive);
  if (!store) return {};
  const auto needs = Vault::needs(store->database());
  if (!needs || !*needs || !(*needs)->pin) return {};
  auto tried = store->vault().unlock(store->database(), host, unlock);
  if (tried) return {};
  const errc code = tried.error().code;
  return code == errc::pin_wrong || code == errc::pin_too_soon ? tried : Result<void>();
}

}  // namespace

Result<SalvageReport> salvage(const std::string& damaged_path, const std::string& new_path,
                              Host& host, const Unlock& unlock) {
  TN_CHECK(count_try(damaged_path, host, unlock));
  auto from = Store::open(damaged_path, sqlite::Mode::read_only);
  if (!from) {
    const bool unreadable = from.error().code == errc::store_not_found;
    return fail(unreadable ? errc::store_corrupt : from.error().code, from.error().detail);
  }
  auto needs = Vault::needs(from->database());
  if (!needs || !*needs) return fail(errc::store_corrupt, "vault");
  TN_CHECK(from->vault().unlock_damaged(from->database(), host, unlock));
  TN_TRY(Store to, Store::open(new_path, sqlite::Mode::exclusive));
  TN_TRY(const auto& taken, Vault::needs(to.database()));
  if (taken) return fail(errc::argument_invalid, "the new store is there already");
  // The new lock needs what the old one needed, and not whatever else the host named.
  Unlock next = unlock;
  if (!(*needs)->pin) next.pin.reset();
  if (!(*needs)->platform_key) next.platform_key.reset();
  TN_CHECK(to.unlock(host, next));
  return Salvager(*from, to).run();
}

std::vector<std::string> SalvageReport::words(Language language) const {
  const bool vi = language == Language::vietnamese;
  const auto count = [](std::uint64_t n) { return std::to_string(n); };
  std::vector<std::string> out;
  out.push_back(vi ? "Tệp dữ liệu trên máy này bị hỏng. Bản hỏng được giữ nguyên; đã khôi phục " +
                         count(records) + " bản ghi và " + count(attachments) + " ảnh."
                   : "This device's data file was damaged. The damaged file is kept as it is; " +
                         count(records) + " records and " + count(attachments) +
                         " photos were recovered.");
  const std::uint64_t safe = records_lost - unsent_lost + envelopes;
  if (safe + attachments_lost - pending_lost > 0) {
    out.push_back(vi ? count(safe) + " bản ghi và " + count(attachments_lost - pending_lost) +
                           " ảnh không đọc được ở đây nhưng máy chủ đã có."
                     : count(safe) + " records and " + count(attachments_lost - pending_lost) +
                           " photos cannot be read here, but the server has them.");
  }
  if (unsent_lost + pending_lost > 0) {
    out.push_back(
        vi ? count(unsent_lost) + " bản ghi và " + count(pending_lost) +
                 " ảnh không đọc được có thể chưa gửi lên máy chủ. Hãy đối chiếu với giấy "
                 "tờ và ghi lại."
           : count(unsent_lost) + " records and " + count(pending_lost) +
                 " photos that cannot be read may not be at the server. Compare with the "
                 "papers and enter them again.");
  } else {
    out.push_back(vi ? "Không mất gì chưa gửi." : "Nothing unsent was lost.");
  }
  if (receipts_lost > 0) {
    out.push_back(vi ? count(receipts_lost) + " biên nhận bị hỏng; các bản ghi đó sẽ được gửi lại."
                     : count(receipts_lost) +
                           " receipts were damaged; those records are sent again.");
  }
  out.push_back(identity ? (vi ? "Hãy đồng bộ ngay khi có mạng."
                               : "Synchronise as soon as there is a network.")
                         : (vi ? "Thông tin đăng ký của máy không khôi phục được: hãy xin phiếu và "
                                 "đăng ký lại; các bản ghi đã khôi phục vẫn sẽ được gửi."
                               : "The device's enrolment could not be recovered: ask for a ticket "
                                 "and enrol again; the recovered records will still be sent."));
  return out;
}

}  // namespace tannha
