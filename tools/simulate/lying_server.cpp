#include "tools/simulate/lying_server.hpp"

#include <algorithm>

#include "tannha/protocol/fields.hpp"

namespace tannha::simulate {
namespace {

using exchange::Response;

Bytes as_message(const Response& response) {
  Bytes message = fields::encode(response);
  message.insert(message.begin(), answer_mark);
  return message;
}

Spoiled must_refuse(Fault fault, const Response& response, std::vector<errc> codes) {
  return {as_message(response), {fault, std::move(codes), false}};
}
Spoiled harmless(Fault fault, const Response& response, std::vector<errc> codes) {
  return {as_message(response), {fault, std::move(codes), true}};
}

// Answers or the end of the feed are missing: the phone asks again.
std::optional<Spoiled> omit(Response response, Rng& rng) {
  if (!response.feed.empty() && rng.chance(0.5)) {
    response.feed.pop_back();
    // The cursor still says that all of it was there. Right to take only where it is read already.
    return harmless(Fault::server_omitted, response, {errc::server_reply_malformed});
  }
  if (response.answers.empty()) return std::nullopt;
  response.answers.erase(response.answers.begin() +
                         static_cast<std::ptrdiff_t>(rng.below(response.answers.size())));
  return harmless(Fault::server_omitted, response, {});
}

std::optional<Spoiled> reorder(Response response, Rng& rng) {
  if (response.feed.size() < 2 && response.answers.size() < 2) return std::nullopt;
  rng.shuffle(response.feed);
  rng.shuffle(response.answers);
  return harmless(Fault::server_reordered, response, {errc::server_reply_malformed});
}

// Another history for this phone alone, well signed.
std::optional<Spoiled> equivocate(Response response, const Beacon& seen,
                                  const RegistryActor& actor, Rng& rng) {
  const auto honest = open_checkpoint(response.checkpoint, actor.tenant.origin,
                                      actor.tenant.journal_key);
  if (!honest || seen.size == 0) return std::nullopt;
  Checkpoint other = *honest;
  rng.fill(other.root);
  response.checkpoint = sign_checkpoint(other, actor.journal_key);
  return must_refuse(Fault::server_equivocated, response, {errc::checkpoint_inconsistent});
}

std::optional<Spoiled> roll_back(const Bytes& older, const Beacon& seen,
                                 const RegistryActor& actor) {
  if (older.size() < 2) return std::nullopt;
  const auto response = exchange::decode<Response>(BytesView(older).subspan(1));
  if (!response) return std::nullopt;
  const auto checkpoint =
      open_checkpoint(response->checkpoint, actor.tenant.origin, actor.tenant.journal_key);
  if (!checkpoint || checkpoint->size >= seen.size) return std::nullopt;
  return must_refuse(Fault::server_rolled_back, *response, {errc::checkpoint_inconsistent});
}

std::optional<Spoiled> forge_receipt(Response response, Rng& rng) {
  const auto answer = std::ranges::find_if(
      response.answers, [](const exchange::Answer& a) { return a.leaf_index.has_value(); });
  if (answer == response.answers.end()) return std::nullopt;
  switch (rng.below(3)) {
    case 0: answer->path.emplace_back(); break;
    case 1: ++*answer->leaf_index; break;
    default:
      // A verdict that nobody could prove.
      if (answer->standing.value_or(answer->verdict) == Verdict::refused) return std::nullopt;
      answer->leaf_index.reset();
      answer->path.clear();
  }
  return must_refuse(Fault::server_forged_receipt, response, {errc::receipt_invalid});
}

}  // namespace

std::optional<Spoiled> spoil(const Bytes& message, const Beacon& seen, const Bytes& older,
                             const RegistryActor& actor, World& world, Rng& rng) {
  const auto response = exchange::decode<Response>(BytesView(message).subspan(1));
  if (!response) return std::nullopt;
  const auto wants = [&](Fault fault) { return rng.chance(world.plan.rate(fault)); };
  if (wants(Fault::server_omitted)) return omit(*response, rng);
  if (wants(Fault::server_reordered)) return reorder(*response, rng);
  if (wants(Fault::server_equivocated)) return equivocate(*response, seen, actor, rng);
  if (wants(Fault::server_rolled_back)) return roll_back(older, seen, actor);
  if (wants(Fault::server_forged_receipt)) return forge_receipt(*response, rng);
  return std::nullopt;
}

}  // namespace tannha::simulate
