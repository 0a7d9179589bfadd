#include "tannha/server/metrics.hpp"

#include <string_view>

namespace tannha::server {
namespace {

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void line(std::string& out, std::string_view name, std::string_view labels, std::uint64_t value) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(std::to_string(value)).append("\n");
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            std::uint64_t value) {
  head(out, name, type, help);
  line(out, name, "", value);
}

}  // namespace

void Metrics::answered(const exchange::Answer& answer) {
  ++verdicts_[static_cast<std::size_t>(answer.verdict)];
  if (answer.verdict != Verdict::duplicate && answer.reason) {
    ++reasons_[index(static_cast<errc>(*answer.reason))];
  }
}

std::string Metrics::text(const ListenerCounters& listener) const {
  std::string out;
  head(out, "tannha_records_total", "counter", "Pushed records by the verdict they were given.");
  for (std::uint8_t v = 0; v <= static_cast<std::uint8_t>(Verdict::waiting); ++v) {
    const auto verdict = static_cast<Verdict>(v);
    line(out, "tannha_records_total", "verdict=\"" + std::string(name(verdict)) + "\"",
         answers(verdict));
  }
  // Every code is shown from the start, so that a rate over it is right at its first event.
  head(out, "tannha_records_not_effective_total", "counter",
       "Pushed records that were held or refused, by reason.");
  for (const errc code : all_errc()) {
    line(out, "tannha_records_not_effective_total", "reason=\"" + std::string(name(code)) + "\"",
         reasons_[index(code)]);
  }
  head(out, "tannha_requests_refused_total", "counter", "Refused requests and frames, by reason.");
  for (const errc code : all_errc()) {
    line(out, "tannha_requests_refused_total", "reason=\"" + std::string(name(code)) + "\"",
         refused_[index(code)]);
  }
  single(out, "tannha_exchanges_total", "counter", "Exchanges answered.", exchanges_total);
  single(out, "tannha_bundles_total", "counter", "Bundles answered.", bundles_total);
  single(out, "tannha_commits_total", "counter", "Durable transactions.", commits_total);
  single(out, "tannha_commit_jobs_total", "counter", "Pieces of work in those transactions.",
         committed_jobs_total);
  single(out, "tannha_commit_queue", "gauge", "Pieces of work waiting for a transaction.",
         queue_now);
  single(out, "tannha_journal_records", "gauge", "Records in the journal.", journal_size);
  single(out, "tannha_checkpoints_total", "counter", "Checkpoints signed and stored apart.",
         checkpoints_total);
  single(out, "tannha_checkpoint_microseconds_total", "counter",
         "Time for reading again, signing and storing them.", checkpoint_microseconds_total);
  single(out, "tannha_journal_stopped", "gauge",
         "1: the journal contradicts what was signed; no record is taken in.", journal_stopped);
  single(out, "tannha_attachments_stored_total", "counter", "Attachments stored.",
         attachments_stored_total);
  single(out, "tannha_attachment_bytes_total", "counter", "Bytes of attachments stored.",
         attachment_bytes_total);
  single(out, "tannha_devices_enrolled_total", "counter", "Devices enrolled.",
         devices_enrolled_total);
  single(out, "tannha_connections", "gauge", "Open connections.", listener.connections_now);
  single(out, "tannha_connections_total", "counter", "Connections accepted.",
         listener.connections_total);
  single(out, "tannha_connections_refused_total", "counter", "Connections over the limit.",
         listener.connections_refused_total);
  single(out, "tannha_http_requests_total", "counter", "HTTP requests read.",
         listener.requests_total);
  single(out, "tannha_timeouts_total", "counter", "Connections closed for slowness.",
         listener.timeouts_total);
  single(out, "tannha_live_connections", "gauge", "Open WebSockets.", listener.live_now);
  single(out, "tannha_slow_readers_total", "counter",
         "Connections closed because the client did not read.", listener.slow_readers_total);
  single(out, "tannha_memory_bytes", "gauge", "Bytes of requests and answers held now.",
         listener.memory_bytes_now);
  single(out, "tannha_memory_refused_total", "counter",
         "Requests and answers for which there was no room.", listener.memory_refused_total);
  return out;
}

}  // namespace tannha::server
