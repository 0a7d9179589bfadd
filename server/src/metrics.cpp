#include "tannha/server/metrics.hpp"

#include <algorithm>
#include <cstdio>

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

std::string decimal(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

void decimal_single(std::string& out, std::string_view name, std::string_view type,
                    std::string_view help, double value) {
  head(out, name, type, help);
  out.append(name).append(" ").append(decimal(value)).append("\n");
}

void histogram(std::string& out, std::string_view name, std::string_view help,
               const Histogram& values) {
  head(out, name, "histogram", help);
  values.text(out, name);
}

// The names that Prometheus' own libraries use, so that common dashboards show them.
void process_text(std::string& out, const NodeGauges& node) {
  decimal_single(out, "process_start_time_seconds", "gauge",
                 "When this process started, in Unix seconds.", node.start_time_s);
  decimal_single(out, "process_cpu_seconds_total", "counter", "Processor time used.", node.cpu_s);
  single(out, "process_resident_memory_bytes", "gauge", "Memory in use.", node.resident_bytes);
  single(out, "process_open_fds", "gauge", "Open file descriptors.", node.open_fds);
  single(out, "process_max_fds", "gauge", "File descriptors that may be open.", node.max_fds);
  single(out, "tannha_data_disk_free_bytes", "gauge",
         "Room left where the attachments are stored.", node.disk_free_bytes);
  single(out, "tannha_verify_queue", "gauge",
         "Requests waiting for signature checks and files, or in them.", node.verify_queue);
}

void listener_text(std::string& out, const ListenerCounters& listener) {
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
  single(out, "tannha_slow_readers_total", "counter", "WebSockets closed with a full outbox.",
         listener.slow_readers_total);
}

}  // namespace

void Histogram::observe(double value) {
  const auto bound = std::ranges::lower_bound(bounds_, value);
  ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
  sum_ += value;
}

void Histogram::text(std::string& out, std::string_view name) const {
  const std::string bucket = std::string(name) + "_bucket";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    count += counts_[i];
    line(out, bucket, "le=\"" + decimal(bounds_[i]) + "\"", count);
  }
  // Counted from the same numbers, so that the last bucket is never less than one before it.
  count += counts_[bounds_.size()];
  line(out, bucket, "le=\"+Inf\"", count);
  out.append(name).append("_sum ").append(decimal(sum_)).append("\n");
  line(out, std::string(name) + "_count", "", count);
}

void Metrics::answered(const exchange::Answer& answer) {
  ++verdicts_[static_cast<std::size_t>(answer.verdict)];
  if (answer.verdict != Verdict::duplicate && answer.reason) {
    ++reasons_[index(static_cast<errc>(*answer.reason))];
  }
}

std::string Metrics::text(const ListenerCounters& listener, const NodeGauges& node) const {
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
  single(out, "tannha_commits_failed_total", "counter",
         "Transactions that could not be made durable.", commits_failed_total);
  single(out, "tannha_commit_queue", "gauge", "Pieces of work waiting for a transaction.",
         queue_now);
  histogram(out, "tannha_commit_duration_seconds",
            "From the beginning of a transaction until it was durable.", commit_duration_s);
  histogram(out, "tannha_commit_records", "Records that one transaction appended to the journal.",
            commit_records);
  histogram(out, "tannha_exchange_duration_seconds",
            "From a whole request until its durable answer; answered exchanges only.",
            exchange_duration_s);
  single(out, "tannha_database_reachable", "gauge",
         "1: the database answers; 0: the connection to PostgreSQL is lost.", database_reachable);
  single(out, "tannha_journal_records", "gauge", "Records in the journal.", journal_size);
  single(out, "tannha_checkpoints_total", "counter", "Checkpoints signed and stored apart.",
         checkpoints_total);
  histogram(out, "tannha_checkpoint_duration_seconds",
            "Reading a new head again, signing and storing it.", checkpoint_duration_s);
  single(out, "tannha_journal_stopped", "gauge",
         "1: the journal contradicts what was signed; no record is taken in.", journal_stopped);
  single(out, "tannha_attachments_stored_total", "counter", "Attachments stored.",
         attachments_stored_total);
  single(out, "tannha_attachment_bytes_total", "counter", "Bytes of attachments stored.",
         attachment_bytes_total);
  single(out, "tannha_devices_enrolled_total", "counter", "Devices enrolled.",
         devices_enrolled_total);
  listener_text(out, listener);
  process_text(out, node);
  return out;
}

}  // namespace tannha::server
