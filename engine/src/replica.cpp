#include "tannha/engine/replica.hpp"

#include <algorithm>
#include <array>

#include "key_of.hpp"
#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/media.hpp"

namespace tannha {
namespace {

constexpr std::string_view key_seed = "key_seed";
constexpr std::string_view key_incarnation = "incarnation";
constexpr std::string_view key_ticket = "ticket";
constexpr std::string_view key_certificate = "certificate";
constexpr std::string_view key_tenant = "tenant";

}  // namespace

Result<Replica> Replica::open(const std::string& path, Host& host, const Unlock& unlock) {
  TN_TRY(Store store, Store::open(path, sqlite::Mode::exclusive));
  return open(std::move(store), host, unlock);
}

Result<Replica> Replica::open(Store store, Host& host, const Unlock& unlock) {
  Replica replica(std::move(store), host);
  TN_TRY(const auto& needs, Vault::needs(replica.store_.database()));
  if (needs && unlock.empty()) return replica;
  TN_CHECK(replica.unlock(unlock));
  return replica;
}

Result<void> Replica::unlock(const Unlock& unlock) {
  TN_CHECK(store_.unlock(host_, unlock));
  auto loaded = load_identity();
  if (!loaded) lock();
  return loaded;
}

void Replica::lock() {
  store_.lock();
  identity_.reset();
  authors_.clear();
  listed_.clear();
}

bool Replica::lock_if_idle() {
  if (store_.lock_if_idle()) lock();
  return is_locked();
}

Result<void> Replica::change_unlock(const Unlock& now, const Unlock& next) {
  return store_.vault().change(store_.database(), host_, now, next);
}

Result<void> Replica::ready() const {
  if (is_locked()) return fail(errc::vault_locked);
  if (!identity_) return fail(errc::not_enrolled);
  return {};
}

Result<std::optional<Replica::Begun>> Replica::begun() {
  TN_TRY(auto seed, store_.secret(key_seed));
  TN_TRY(const auto& incarnation, store_.secret(key_incarnation));
  if (!seed || !incarnation) return std::optional<Begun>();
  const auto key = key_of(std::move(*seed));
  const auto incarnation_array = to_array<Id>(*incarnation);
  if (!key || !incarnation_array) return fail(errc::store_corrupt, "identity");
  return std::optional<Begun>(Begun{*key, *incarnation_array});
}

Result<void> Replica::load_identity() {
  TN_TRY(const auto& certificate, store_.secret(key_certificate));
  if (!certificate) return {};
  TN_TRY(auto own, begun());
  TN_TRY(const auto& tenant_bytes, store_.secret(key_tenant));
  if (!own || !tenant_bytes) return fail(errc::store_corrupt, "identity");
  TN_TRY(exchange::Tenant tenant,
         fields::decode<exchange::Tenant>(*tenant_bytes, errc::store_corrupt));
  // It was right when it was stored.
  auto opened = open_certificate(*certificate, tenant.code, tenant.authority_key);
  if (!opened) return fail(errc::store_corrupt, "identity");
  LogIntro log{*certificate, own->incarnation};
  const Hash log_id = log.log_id();
  identity_.emplace(
      Identity{std::move(tenant), std::move(log), log_id, std::move(*opened), own->key});
  return {};
}

Result<exchange::EnrolRequest> Replica::begin_enrolment(std::string_view ticket) {
  if (identity_) return begin_again(ticket);
  TN_TRY(const auto& known, store_.secret(key_ticket));
  TN_TRY(auto own, begun());
  if (!known || as_text(*known) != ticket || !own) {
    Seed seed = random_array<Seed>(host_);
    own.emplace(Begun{KeyPair::from_seed(seed), random_array<Id>(host_)});
    TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
    TN_CHECK(store_.set_secret(key_ticket, as_bytes(ticket)));
    TN_CHECK(store_.set_secret(key_seed, seed));
    TN_CHECK(store_.set_secret(key_incarnation, own->incarnation));
    TN_CHECK(transaction.commit());
    wipe(seed);
  }
  exchange::EnrolRequest request;
  request.ticket = ticket;
  request.public_key = own->key.public_key();
  request.incarnation = own->incarnation;
  request.proof = own->key.sign(exchange::enrol_statement(ticket, own->incarnation));
  return request;
}

Result<std::string> Replica::begun_ticket() {
  TN_TRY(const auto& ticket, store_.secret(key_ticket));
  return std::string(as_text(ticket.value_or(Bytes())));
}

Result<void> Replica::finish_enrolment(const exchange::EnrolAnswer& answer) {
  if (identity_) return finish_again(answer);
  TN_TRY(const auto& own, begun());
  if (!own) return fail(errc::not_enrolled);
  TN_TRY(const Certificate& certificate,
         open_certificate(answer.certificate, answer.tenant.code, answer.tenant.authority_key));
  if (certificate.public_key != own->key.public_key()) {
    return fail(errc::key_malformed, "the certificate is for another key");
  }
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_CHECK(store_.set_secret(key_tenant, fields::encode(answer.tenant)));
  TN_CHECK(store_.set_secret(key_certificate, answer.certificate));
  // Beside the identity, so that records can be delivered even if the identity is ever lost.
  TN_CHECK(store_.put_log({answer.certificate, own->incarnation}));
  TN_CHECK(store_.erase_secret(key_ticket));
  TN_CHECK(transaction.commit());
  return load_identity();
}

Result<void> Replica::put_identity(BytesView seed, BytesView incarnation, BytesView certificate) {
  TN_CHECK(store_.set_secret(key_seed, seed));
  TN_CHECK(store_.set_secret(key_incarnation, incarnation));
  // Also beside the identity, as at enrolment.
  TN_CHECK(store_.put_log({to_bytes(certificate), to_array<Id>(incarnation).value_or(Id{})}));
  return store_.set_secret(key_certificate, certificate);
}

Result<exchange::TokenRequest> Replica::sign_in(BytesView challenge) const {
  TN_CHECK(ready());
  exchange::TokenRequest request;
  request.log = identity_->log;
  request.challenge = to_bytes(challenge);
  request.signature =
      identity_->key.sign(exchange::token_statement(challenge, identity_->tenant.code));
  return request;
}

Result<Replica::Change> Replica::begin() {
  TN_CHECK(may_write());
  // The last room is for bringing what is here, not for more of it.
  TN_CHECK(store_.keep_reserve());
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  return Change(*this, std::move(transaction));
}

Result<Record> Replica::Change::append(Draft draft) { return replica_->append(std::move(draft)); }

Result<Record> Replica::append(Draft draft) {
  TN_CHECK(ready());
  const Identity& me = *identity_;
  if (draft.body.size() > limits::body_bytes_max ||
      draft.refs.size() > limits::record_refs_max) {
    return fail(errc::record_too_large);
  }
  // The head is read from the store every time, inside the transaction: a number kept in memory
  // would fork the log after a rolled-back write.
  TN_TRY(const auto& head, store_.head(me.log_id));
  TN_TRY(const Beacon& beacon, checkpoint());
  RecordHeader header;
  header.tenant = me.tenant.code;
  header.log_id = me.log_id;
  header.seq = head ? head->next_seq : 0;
  header.prev = head ? head->hash : me.log_id;
  header.subject = draft.subject;
  header.type = draft.type;
  header.refs = std::move(draft.refs);
  if (beacon.size > 0) header.beacon = beacon;
  header.claimed_ms = host_.now_ms();
  header.boot_id = host_.boot_id();
  header.monotonic_ms = host_.monotonic_ms();
  Record record = sign_record(std::move(header), std::move(draft.body), me.key);
  if (record.envelope.size() > limits::envelope_bytes_max) return fail(errc::record_too_large);
  TN_CHECK(store_.insert({record, {}, std::nullopt, me.certificate.actor, 0}, Origin::own));
  last_written_ = {record.header.subject, record.hash};
  return record;
}

Result<Hash> Replica::Change::attach(BytesView bytes, std::string_view media_type) {
  TN_CHECK(check_attachment(bytes, media_type));
  const Hash hash = blake2b_256(bytes);
  TN_CHECK(replica_->store_.put_attachment(hash, bytes, media_type));
  return hash;
}

Result<std::string> Replica::Change::take_number(body::NumberKind kind) {
  TN_TRY(const std::uint64_t now, replica_->server_now_ms());
  TN_TRY(auto number, replica_->store_.take_number(kind, now));
  if (!number) return fail(errc::numbers_exhausted);
  return std::move(*number);
}

Result<void> Replica::Change::commit() {
  TN_TRY(const auto& named, replica_->note_done());
  TN_CHECK(replica_->store_.database().take_room());
  TN_CHECK(transaction_.commit());
  // What is in memory says no more than what is durable.
  if (named) replica_->remember(*named);
  return {};
}

namespace {

constexpr std::string_view done_prefix = "named_change:";

}  // namespace

// The keys stand in a ring, of which each change writes the oldest place anew, and in memory: a key
// that is not there is not worth a look into the file.
Result<std::optional<Replica::NamedChange>> Replica::note_done() {
  if (!change_key_) return std::optional<NamedChange>();
  TN_CHECK(load_done());
  std::uint64_t number = 0;
  for (const NamedChange& before : *done_) number = std::max(number, before.number + 1);
  const NamedChange named{number, *change_key_, last_written_};
  const std::string place =
      std::string(done_prefix) + std::to_string(number % limits::done_keys_max);
  TN_CHECK(store_.set_value(place, fields::encode(named)));
  return std::optional<NamedChange>(named);
}

void Replica::remember(const NamedChange& named) {
  // Whoever is so far back has its place in the file taken.
  std::erase_if(*done_, [&](const NamedChange& before) {
    return before.number + limits::done_keys_max <= named.number;
  });
  done_->push_back(named);
}

Result<void> Replica::load_done() {
  if (done_) return {};
  TN_TRY(const std::vector<Bytes>& places, store_.values(done_prefix));
  std::vector<NamedChange> found;
  for (const Bytes& place : places) {
    // A place that cannot be read is an empty one: it holds nothing that is not in a record.
    const auto read = fields::decode<NamedChange>(place, errc::store_corrupt);
    if (read) found.push_back(*read);
  }
  done_ = std::move(found);
  return {};
}

Result<std::optional<Replica::Done>> Replica::done(const Id& key) {
  TN_CHECK(load_done());
  const auto it = std::ranges::find(*done_, key, &NamedChange::key);
  return it == done_->end() ? std::optional<Done>() : std::optional<Done>(it->done);
}

Result<Bytes> Replica::countersign(const Record& record) const {
  TN_CHECK(ready());
  TN_TRY(const cose::Sign1& message, cose::decode_sign1(record.envelope));
  const cbor::Value header(cbor::Map{{cose::label_alg, cose::alg_ed25519},
                                     {cose::label_kid, identity_->log_id}});
  return cose::countersign(message, header, identity_->key);
}

Result<Dossier> Replica::dossier(const Id& id) {
  TN_TRY(const std::vector<Evidence>& evidence, store_.dossier(id));
  TN_TRY(const bool forgotten, store_.is_forgotten(id));
  if (evidence.empty() || forgotten) return fail(errc::dossier_unknown);
  return fold(id, evidence);
}

Result<std::vector<StoredRecord>> Replica::records(const Id& dossier) {
  TN_TRY(std::vector<StoredRecord> records, store_.records(dossier));
  TN_TRY(const bool forgotten, store_.is_forgotten(dossier));
  if (records.empty() || forgotten) return fail(errc::dossier_unknown);
  return records;
}

Result<std::vector<Dossier>> Replica::dossiers() {
  TN_TRY(const std::vector<Id>& ids, store_.dossiers());
  std::vector<Dossier> out;
  for (const Id& id : ids) {
    TN_TRY(out.emplace_back(), dossier(id));
  }
  return out;
}

// One that does not open says nothing about the records: it is made anew.
std::optional<Replica::Listed> Replica::read(const Store::Summary& kept) {
  const auto plain = store_.open_summary(kept);
  if (!plain) return std::nullopt;
  auto summary = fields::decode<DossierSummary>(*plain, errc::store_corrupt);
  if (!summary) return std::nullopt;
  summary->id = kept.dossier;
  return Listed{*kept.sealed, std::move(*summary)};
}

Result<std::vector<DossierSummary>> Replica::summaries(std::size_t keep_min) {
  TN_TRY(const std::vector<Store::Summary>& kept, store_.summaries(summary_version));
  std::vector<DossierSummary> out;
  std::vector<DossierSummary> made;
  out.reserve(kept.size());
  // Whatever is not in this list is forgotten in memory too.
  std::map<Id, Listed> before = std::exchange(listed_, {});
  for (const Store::Summary& summary : kept) {
    if (summary.sealed) {
      std::optional<Listed> listed;
      const auto known = before.find(summary.dossier);
      if (known != before.end() && known->second.sealed == *summary.sealed) {
        listed = std::move(known->second);
      } else {
        listed = read(summary);
      }
      if (listed) {
        out.push_back(listed->summary);
        listed_.emplace(summary.dossier, std::move(*listed));
        continue;
      }
    }
    TN_TRY(const std::vector<Evidence>& evidence, store_.dossier(summary.dossier));
    out.push_back(summarize(fold(summary.dossier, evidence), evidence));
    made.push_back(out.back());
  }
  // What cannot be kept, because the disk is full, is as right. What an open change shows is kept
  // by a later question, if that is still so.
  const bool worth_it = !made.empty() && made.size() >= keep_min;
  if (worth_it && !store_.database().in_transaction()) (void)keep(made).has_value();
  return out;
}

Result<void> Replica::keep(const std::vector<DossierSummary>& made) {
  // The last room is for bringing what is here.
  TN_CHECK(store_.keep_reserve());
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  for (const DossierSummary& summary : made) {
    TN_CHECK(store_.keep_summary(summary.id, summary_version, fields::encode(summary)));
  }
  TN_CHECK(store_.database().take_room());
  return transaction.commit();
}

Result<std::optional<StoredRecord>> Replica::record(const Hash& hash) {
  return store_.record(hash);
}

}  // namespace tannha
