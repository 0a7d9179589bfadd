#include "tannha/engine/replica.hpp"

#include <algorithm>
#include <array>

#include "tannha/protocol/cose.hpp"
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

Result<Replica> Replica::open(const std::string& path, Host& host) {
  TN_TRY(Store store, Store::open(path, sqlite::Mode::exclusive));
  Replica replica(std::move(store), host);
  TN_CHECK(replica.load_identity());
  return replica;
}

Result<void> Replica::load_identity() {
  TN_TRY(const auto certificate, store_.value(key_certificate));
  if (!certificate) return {};
  TN_TRY(const auto seed, store_.value(key_seed));
  TN_TRY(const auto incarnation, store_.value(key_incarnation));
  TN_TRY(const auto tenant_bytes, store_.value(key_tenant));
  const auto seed_array = to_array<Seed>(seed.value_or(Bytes()));
  const auto incarnation_array = to_array<Id>(incarnation.value_or(Bytes()));
  if (!seed_array || !incarnation_array || !tenant_bytes) {
    return fail(errc::store_corrupt, "identity");
  }
  TN_TRY(exchange::Tenant tenant,
         fields::decode<exchange::Tenant>(*tenant_bytes, errc::store_corrupt));
  TN_TRY(Certificate opened, open_certificate(*certificate, tenant.code, tenant.authority_key));
  LogIntro log{*certificate, *incarnation_array};
  const Hash log_id = log.log_id();
  identity_.emplace(Identity{std::move(tenant), std::move(log), log_id, std::move(opened),
                             KeyPair::from_seed(*seed_array)});
  return {};
}

Result<exchange::EnrolRequest> Replica::begin_enrolment(std::string_view ticket) {
  if (identity_) return fail(errc::already_enrolled);
  TN_TRY(const auto begun, store_.value(key_ticket));
  TN_TRY(auto seed, store_.value(key_seed));
  TN_TRY(auto incarnation, store_.value(key_incarnation));
  if (!begun || as_text(*begun) != ticket || !seed || !incarnation) {
    seed = to_bytes(random_array<Seed>(host_));
    incarnation = to_bytes(random_array<Id>(host_));
    TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
    TN_CHECK(store_.set_value(key_ticket, as_bytes(ticket)));
    TN_CHECK(store_.set_value(key_seed, *seed));
    TN_CHECK(store_.set_value(key_incarnation, *incarnation));
    TN_CHECK(transaction.commit());
  }
  const auto seed_array = to_array<Seed>(*seed);
  const auto incarnation_array = to_array<Id>(*incarnation);
  if (!seed_array || !incarnation_array) return fail(errc::store_corrupt, "identity");
  const KeyPair key = KeyPair::from_seed(*seed_array);
  exchange::EnrolRequest request;
  request.ticket = ticket;
  request.public_key = key.public_key();
  request.incarnation = *incarnation_array;
  request.proof = key.sign(exchange::enrol_statement(ticket, *incarnation_array));
  return request;
}

Result<void> Replica::finish_enrolment(const exchange::EnrolAnswer& answer) {
  if (identity_) return fail(errc::already_enrolled);
  TN_TRY(const auto seed, store_.value(key_seed));
  const auto seed_array = seed ? to_array<Seed>(*seed) : std::nullopt;
  if (!seed_array) return fail(errc::not_enrolled);
  TN_TRY(const Certificate certificate,
         open_certificate(answer.certificate, answer.tenant.code, answer.tenant.authority_key));
  if (certificate.public_key != KeyPair::from_seed(*seed_array).public_key()) {
    return fail(errc::key_malformed, "the certificate is for another key");
  }
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  TN_CHECK(store_.set_value(key_tenant, fields::encode(answer.tenant)));
  TN_CHECK(store_.set_value(key_certificate, answer.certificate));
  TN_CHECK(transaction.commit());
  return load_identity();
}

Result<exchange::TokenRequest> Replica::sign_in(BytesView challenge) const {
  if (!identity_) return fail(errc::not_enrolled);
  exchange::TokenRequest request;
  request.log = identity_->log;
  request.challenge = to_bytes(challenge);
  request.signature =
      identity_->key.sign(exchange::token_statement(challenge, identity_->tenant.code));
  return request;
}

Result<Replica::Change> Replica::begin() {
  if (!identity_) return fail(errc::not_enrolled);
  TN_TRY(auto transaction, sqlite::Transaction::begin(store_.database()));
  return Change(*this, std::move(transaction));
}

Result<Record> Replica::Change::append(Draft draft) {
  Replica& r = *replica_;
  const Identity& me = *r.identity_;
  if (draft.body.size() > limits::body_bytes_max ||
      draft.refs.size() > limits::record_refs_max) {
    return fail(errc::record_too_large);
  }
  // The head is read from the store every time, inside the transaction: a number kept in memory
  // would fork the log after a rolled-back write.
  TN_TRY(const auto head, r.store_.head(me.log_id));
  TN_TRY(const Beacon beacon, r.checkpoint());
  RecordHeader header;
  header.tenant = me.tenant.code;
  header.log_id = me.log_id;
  header.seq = head ? head->next_seq : 0;
  header.prev = head ? head->hash : me.log_id;
  header.subject = draft.subject;
  header.type = draft.type;
  header.refs = std::move(draft.refs);
  if (beacon.size > 0) header.beacon = beacon;
  header.claimed_ms = r.host_.now_ms();
  header.boot_id = r.host_.boot_id();
  header.monotonic_ms = r.host_.monotonic_ms();
  Record record = sign_record(std::move(header), std::move(draft.body), me.key);
  if (record.envelope.size() > limits::envelope_bytes_max) return fail(errc::record_too_large);
  TN_CHECK(r.store_.insert({record, {}, std::nullopt, me.certificate.actor, 0}, Origin::own));
  return record;
}

Result<Hash> Replica::Change::attach(BytesView bytes, std::string_view media_type) {
  TN_CHECK(check_attachment(bytes, media_type));
  const Hash hash = blake2b_256(bytes);
  TN_CHECK(replica_->store_.put_attachment(hash, bytes, media_type));
  return hash;
}

Result<std::string> Replica::Change::take_number(body::NumberKind kind) {
  TN_TRY(auto number, replica_->store_.take_number(kind));
  if (!number) return fail(errc::numbers_exhausted);
  return std::move(*number);
}

Result<void> Replica::Change::commit() { return transaction_.commit(); }

Result<Bytes> Replica::countersign(const Record& record) const {
  if (!identity_) return fail(errc::not_enrolled);
  TN_TRY(const cose::Sign1 message, cose::decode_sign1(record.envelope));
  const cbor::Value header(cbor::Map{{cose::label_alg, cose::alg_ed25519},
                                     {cose::label_kid, identity_->log_id}});
  return cose::countersign(message, header, identity_->key);
}

Result<Dossier> Replica::dossier(const Id& id) {
  TN_TRY(const std::vector<Evidence> evidence, store_.dossier(id));
  if (evidence.empty()) return fail(errc::dossier_unknown);
  return fold(id, evidence);
}

Result<std::vector<Dossier>> Replica::dossiers() {
  TN_TRY(const std::vector<Id> ids, store_.dossiers());
  std::vector<Dossier> out;
  for (const Id& id : ids) {
    TN_TRY(out.emplace_back(), dossier(id));
  }
  return out;
}

Result<std::optional<StoredRecord>> Replica::record(const Hash& hash) {
  return store_.record(hash);
}

}  // namespace tannha
