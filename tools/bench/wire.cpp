// wire: what a collected record costs on the way, everything included.

#include <iostream>

#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/deflate.hpp"
#include "tools/bench/bench.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/pickup_records.hpp"
#include "tools/bench/server.hpp"

namespace tannha::tools {
namespace {

// The peer that needed least for the same records, in the same batches, compressed: without
// signatures.
constexpr double best_peer_bytes = 314;

struct Sent {
  Requests requests;
  double bytes{};
  double deflated_bytes{};  ///< the same with the records whole
  double plain_bytes{};     ///< and not deflated
};

/// As a device sends them: in exchanges of the usual size.
Result<Sent> make_requests(const BenchPhone& phone, std::span<const Record> records) {
  Sent out;
  for (std::size_t at = 0; at < records.size(); at += limits::push_records_target) {
    const auto some = records.subspan(at, std::min(limits::push_records_target,
                                                   records.size() - at));
    const exchange::Request request = push_request(phone, some);
    const Bytes plain = fields::encode(request);
    out.plain_bytes += static_cast<double>(post_request("/v1/sync", phone.token, plain).size());
    TN_TRY(const Bytes deflated, deflate(plain));
    out.deflated_bytes +=
        static_cast<double>(post_request("/v1/sync", phone.token, deflated, "deflate").size());
    TN_TRY(const Bytes smaller, deflate(exchange::encode_compact(request)));
    out.requests.push_back(post_request("/v1/sync", phone.token, smaller, "deflate"));
    out.bytes += static_cast<double>(out.requests.back().size());
  }
  return out;
}

Result<void> push(const BenchServer& server, const Requests& requests, std::size_t records) {
  TN_TRY(const Load load, run_load(server.port(), {requests}, 0, true));
  std::size_t effective = 0;
  for (const LoadAnswer& answer : load.answers.front()) {
    if (answer.status != 200) {
      return fail(errc::server_reply_malformed, "status " + std::to_string(answer.status));
    }
    TN_TRY(const auto response, exchange::decode<exchange::Response>(answer.body));
    for (const exchange::Answer& one : response.answers) {
      if (one.verdict == Verdict::effective && one.leaf_index) ++effective;
    }
  }
  if (effective == records) return {};
  return fail(errc::server_reply_malformed,
              std::to_string(records - effective) + " records are not effective");
}

body::DossierOpened opening(const BenchPhone& phone) {
  return {.procedure = "1.001193",
          .unit = phone.unit,
          .channel = body::Channel::postal,
          .service = body::ServiceKind::both,
          .catalogue_version = {},
          .procedure_case = {}};
}

}  // namespace

Result<Figure> bench_wire(const BenchOptions& options) {
  TN_TRY(std::vector<PickupRecord> lines, pickup_records(options.data));
  if (options.brief) lines.resize(std::min<std::size_t>(lines.size(), 400));
  TN_TRY(const auto server, BenchServer::start(options, options.folder / "server"));
  TN_TRY(BenchPhone phone, server->enrol(Role::courier, "H42.13"));

  std::vector<Record> openings;
  for (const PickupRecord& line : lines) openings.push_back(phone.sign(line.id, opening(phone)));
  TN_TRY(const Sent opened, make_requests(phone, openings));
  TN_CHECK(push(*server, opened.requests, openings.size()));
  TN_TRY(const Checkpoint checkpoint, server->checkpoint());
  phone.beacon = Beacon{checkpoint.size, checkpoint.root};

  std::vector<Record> records;
  double record_bytes = 0;
  for (const PickupRecord& line : lines) {
    phone.claimed_ms = line.at_ms;
    records.push_back(phone.sign(line.id, line.fields));
    record_bytes +=
        static_cast<double>(records.back().envelope.size() + records.back().body.size());
  }
  TN_TRY(const Sent sent, make_requests(phone, records));
  TN_CHECK(push(*server, sent.requests, records.size()));

  const auto count = static_cast<double>(records.size());
  const double bytes = sent.bytes / count;
  return Figure{.name = "wire",
                .value = bytes,
                .unit = "bytes",
                .limit_is = "the best unsigned peer, compressed",
                .limit = best_peer_bytes,
                .ratio = bytes / best_peer_bytes,
                .more = {{"bytes_per_record", bytes},
                         {"whole_deflated_bytes_per_record", sent.deflated_bytes / count},
                         {"uncompressed_bytes_per_record", sent.plain_bytes / count},
                         {"record_bytes", record_bytes / count},
                         {"records", count},
                         {"exchanges", static_cast<double>(sent.requests.size())}}};
}

}  // namespace tannha::tools
