#include "tannha/server/settings.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <chrono>
#include <sstream>

#include "tannha/engine/authority.hpp"

namespace tannha::server {
namespace {

// A setting names its member by the path to it: &Settings::listener, &ListenerConfig::port.
template <auto... Path>
decltype(auto) at(auto& settings) {
  return (settings.* ... .*Path);
}

template <class T>
std::uint64_t to_number(const T& value) {
  return static_cast<std::uint64_t>(value);
}
std::uint64_t to_number(std::chrono::seconds value) {
  return static_cast<std::uint64_t>(value.count());
}

template <auto... Path>
constexpr Setting::Number number(std::uint64_t min, std::uint64_t max) {
  return {[](const Settings& s) { return to_number(at<Path...>(s)); },
          [](Settings& s, std::uint64_t value) {
            auto& member = at<Path...>(s);
            member = static_cast<std::remove_reference_t<decltype(member)>>(value);
          },
          min, max};
}

constexpr bool anything(std::string_view) { return true; }

template <auto... Path>
constexpr Setting::Text text(bool (*is_valid)(std::string_view) = anything,
                             std::string_view range = {},
                             errc invalid = errc::argument_invalid) {
  return {[](const Settings& s) { return at<Path...>(s); },
          [](Settings& s, std::string value) { at<Path...>(s) = std::move(value); }, is_valid,
          range, invalid};
}

bool is_address(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> out{};
  const std::string whole(text);
  return inet_pton(AF_INET, whole.c_str(), out.data()) == 1 ||
         inet_pton(AF_INET6, whole.c_str(), out.data()) == 1;
}

bool is_level(std::string_view text) {
  for (const auto level : {log::Level::info, log::Level::warning, log::Level::error}) {
    if (text == log::name(level)) return true;
  }
  return false;
}

bool is_tenant(std::string_view text) { return can_have_dossiers(text); }
bool is_not_empty(std::string_view text) { return !text.empty(); }

constexpr std::size_t mib = 1024 * 1024;

using S = Settings;
using L = ListenerConfig;
using V = ServiceConfig;
using G = log::Config;

// The sizes of requests, records and attachments are not here: they are the protocol's
// (protocol/limits.hpp), and a server that took less than a phone may send would keep it stuck.
const std::array table{
    Setting{"tenant", "code",
            text<&S::tenant_code>(is_tenant, "an agency code that takes in dossiers",
                                  errc::agency_code_malformed),
            "Agency code of the province (QĐ 20/2020/QĐ-TTg).", "--tenant", "H42"},
    Setting{"tenant", "name", text<&S::tenant_name>(),
            "Name of the province, for a new data folder. Empty: its code.", "--tenant-name", {}},

    Setting{"store", "data_folder", text<&S::data_folder>(is_not_empty, "not empty"),
            "Folder for registry, attachments and keys; made when it is missing. Relative to the\n"
            "folder in which the server runs, which is /var/lib/tannha in the Debian package.",
            "--data", {}},
    Setting{"store", "checkpoint_folder", text<&S::checkpoint_folder>(),
            "Folder for the newest signed checkpoint: on another disk, in no backup of the data.\n"
            "Empty: tannha-checkpoints beside the data folder.",
            "--checkpoint-store", {}},
    Setting{"store", "registry_url", text<&S::registry_url>(),
            "PostgreSQL for the registry, as postgres://user@host/database; the password better in\n"
            "PGPASSFILE. Empty: SQLite in the data folder.",
            "--registry", {}, true},

    Setting{"listener", "address",
            text<&S::listener, &L::address>(is_address, "an IPv4 or IPv6 address"),
            "Address to listen on. TLS is the business of a proxy before it.", "--address", {}},
    Setting{"listener", "port", number<&S::listener, &L::port>(0, 65'535),
            "Port to listen on; 0 takes a free one.", "--port", {}},
    Setting{"listener", "threads", number<&S::listener, &L::threads>(1, 64),
            "Threads for connections.", "--threads", {}},
    Setting{"listener", "connections_max",
            number<&S::listener, &L::connections_max>(1, 1'000'000),
            "Open connections; who comes beyond gets 503. Each needs a file descriptor.", {}, {}},
    Setting{"listener", "connections_per_address_max",
            number<&S::listener, &L::connections_per_address_max>(1, 1'000'000),
            "Of them from one address (IPv6: one /64). Mobile operators' gateways share one among\n"
            "many phones; behind a proxy all come from the proxy's.",
            {}, {}},
    Setting{"listener", "header_bytes_max",
            number<&S::listener, &L::header_bytes_max>(1'024, 65'536),
            "Bytes of a request's head.", {}, {}},
    Setting{"listener", "header_timeout_s", number<&S::listener, &L::header_timeout>(1, 3'600),
            "Seconds for a request's head.", {}, {}},
    Setting{"listener", "body_timeout_s", number<&S::listener, &L::body_timeout>(1, 3'600),
            "Seconds for a request's body, and one more for each 4 KiB of it.", {}, {}},
    Setting{"listener", "idle_timeout_s", number<&S::listener, &L::idle_timeout>(1, 3'600),
            "Seconds that a connection may rest between two requests.", {}, {}},
    Setting{"listener", "reply_timeout_s", number<&S::listener, &L::reply_timeout>(1, 3'600),
            "Seconds in which a request is answered; then the answer is 503.", {}, {}},
    Setting{"listener", "live_sign_in_timeout_s",
            number<&S::listener, &L::live_sign_in_timeout>(1, 3'600),
            "Seconds in which a WebSocket must say who it is.", {}, {}},
    Setting{"listener", "live_idle_timeout_s",
            number<&S::listener, &L::live_idle_timeout>(1, 86'400),
            "Seconds that a WebSocket may then be silent.", {}, {}},
    Setting{"listener", "live_outbox_messages_max",
            number<&S::listener, &L::live_outbox_messages_max>(1, 65'536),
            "Messages that wait for a slow WebSocket; it is closed beyond.", {}, {}},
    Setting{"listener", "memory_mib_max",
            number<&S::memory_mib>(MemoryBudget::bytes_min / mib, 1'048'576),
            "MiB of requests and answers held at one time; more is refused and comes again. The\n"
            "process needs some 100 MiB beside, and 16 KiB a connection.",
            "--memory-max", {}},
    Setting{"listener", "stop_grace_s", number<&S::listener, &L::stop_grace>(0, 3'600),
            "Seconds that requests being answered are given when the server stops.", {}, {}},

    Setting{"service", "quota_percent", number<&S::quota_percent>(0, 100'000),
            "Of the usual quotas of a device and of an address; 0: none. Over it: 429.",
            "--quota-percent", {}},
    Setting{"service", "verify_threads", number<&S::service, &V::verify_threads>(1, 64),
            "Threads for signature checks and attachments; one a core.", "--verify-threads", {}},
    Setting{"service", "verify_queue_max",
            number<&S::service, &V::verify_queue_max>(1, 1'000'000),
            "Requests that wait for those threads; who comes beyond gets 503.", {}, {}},
    Setting{"service", "commit_queue_max",
            number<&S::service, &V::commit_queue_max>(1, 1'000'000),
            "Pieces of work that wait for a transaction; who comes beyond gets 503.", {}, {}},
    Setting{"service", "bundles_at_work_max",
            number<&S::service, &V::bundles_at_work_max>(1, 1'000),
            "Bundles opened at one time; each takes up to 130 MB of memory meanwhile.", {}, {}},
    Setting{"service", "retry_after_s", number<&S::service, &V::retry_after_s>(1, 3'600),
            "Seconds after which whoever got 503 may come again.", {}, {}},

    Setting{"apps", "folder", text<&S::apps_folder>(),
            "Folder of the phone apps, one in each folder of it, served under /apps/. They are read\n"
            "once, at the start. Empty: none are served.",
            "--apps", {}},

    Setting{"messages", "folder", text<&S::messages_folder>(),
            "Folder into which the text messages to citizens are put, one file of JSON each, for the\n"
            "operator's own program to send and then to remove: one-time codes. Made when it is\n"
            "missing. Empty: no codes are sent.",
            "--messages", {}},

    Setting{"log", "level", text<&S::log, &G::level>(is_level, "info, warning or error"),
            "The least that is logged.", {}, {}},
    Setting{"log", "lines_per_event_per_minute_max",
            number<&S::log, &G::lines_per_event_per_minute_max>(1, 1'000'000),
            "Lines of one event in a minute; more are counted and left out, so that a flood cannot\n"
            "fill the disk.",
            {}, {}},
    Setting{"log", "slow_commit_ms_min", number<&S::log, &G::slow_commit_ms_min>(0, 3'600'000),
            "Milliseconds from which on a transaction is logged as slow.", {}, {}},

    Setting{"demonstration", "clock_file", text<&S::clock_file>(),
            "A file with the time in Unix milliseconds, for demonstrations. Empty: the clock.",
            "--clock-file", {}},
};

std::string quoted(const std::string& text) { return log::json_text(text); }

std::string range_text(const Setting& setting) {
  if (const auto* number = std::get_if<Setting::Number>(&setting.kind)) {
    return std::to_string(number->min) + " to " + std::to_string(number->max);
  }
  return std::string(std::get<Setting::Text>(setting.kind).range);
}

std::unexpected<Error> out_of_range(const Setting& setting, const std::string& where,
                                    const std::string& value) {
  const auto* const text = std::get_if<Setting::Text>(&setting.kind);
  return fail(text ? text->invalid : errc::argument_invalid,
              where + " = " + value + ": phải là / must be " + range_text(setting));
}

void comment(std::string& out, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += "# " + line + "\n";
}

}  // namespace

std::span<const Setting> all_settings() { return table; }

std::string value_text(const Setting& setting, const Settings& settings) {
  if (const auto* number = std::get_if<Setting::Number>(&setting.kind)) {
    return std::to_string(number->get(settings));
  }
  return quoted(std::get<Setting::Text>(setting.kind).get(settings));
}

Result<void> set_number(Settings& settings, const Setting& setting, std::uint64_t number,
                        const std::string& where) {
  const auto& kind = std::get<Setting::Number>(setting.kind);
  if (number < kind.min || number > kind.max) {
    return out_of_range(setting, where, std::to_string(number));
  }
  kind.set(settings, number);
  return {};
}

Result<void> set_text(Settings& settings, const Setting& setting, const std::string& text,
                      const std::string& where) {
  if (const auto* kind = std::get_if<Setting::Text>(&setting.kind)) {
    if (!kind->is_valid(text)) return out_of_range(setting, where, quoted(text));
    kind->set(settings, text);
    return {};
  }
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return out_of_range(setting, where, quoted(text));
  return set_number(settings, setting, number, where);
}

std::string settings_text() {
  const Settings defaults;
  std::string out =
      "# Settings of tannhad: all of them, each with its default. What is left out has it;\n"
      "# what the server does not know, and what is out of its range, keeps it from starting.\n"
      "# An option on the command line goes before what stands here.\n"
      "# Written by: tannhad --print-config\n";
  std::string_view section;
  for (const Setting& setting : table) {
    if (setting.section != section) {
      section = setting.section;
      out.append("\n[").append(section).append("]\n");
    } else {
      out += "\n";
    }
    comment(out, std::string(setting.help));
    std::string more = range_text(setting);
    if (!more.empty()) more = "Range: " + more + ".";
    if (!setting.option.empty()) {
      more += (more.empty() ? "Option: " : " Option: ") + std::string(setting.option) + ".";
    }
    comment(out, more);
    if (setting.example.empty()) {
      out.append(setting.key).append(" = ").append(value_text(setting, defaults)).append("\n");
    } else {
      out.append("# It has no default and must be set.\n#").append(setting.key).append(" = ");
      out.append(quoted(std::string(setting.example))).append("\n");
    }
  }
  return out;
}

void log_settings(const Settings& settings) {
  // The fields are views, so that what they look at is kept here.
  std::vector<std::string> names, values;
  for (const Setting& setting : table) {
    names.push_back(setting.name());
    const auto* text = std::get_if<Setting::Text>(&setting.kind);
    values.push_back(text ? text->get(settings) : "");
    if (setting.is_secret && !values.back().empty()) values.back() = "(set)";
  }
  std::vector<log::Field> fields;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto* number = std::get_if<Setting::Number>(&table[i].kind);
    if (number) {
      fields.push_back({names[i], number->get(settings)});
    } else {
      fields.push_back({names[i], std::string_view(values[i])});
    }
  }
  log::write(log::Level::info, "settings", fields);
}

}  // namespace tannha::server
