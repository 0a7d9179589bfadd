#include "tools/simulate/shown_text.hpp"

#include <map>

#include "tannha/protocol/fields.hpp"

namespace tannha::simulate {

namespace text {

std::string of(const Hash& hash) { return to_hex(BytesView(hash).first(8)); }
std::string of(const Id& id) { return to_hex(id); }
std::string of(std::uint64_t number) { return std::to_string(number); }

}  // namespace text

namespace {

std::string counts_text(const Dossier::Counts& c) {
  return text::of(c.effective) + " " + text::of(c.provisional) + " " + text::of(c.held) + " " +
         text::of(c.refused);
}

std::map<std::string, std::string> lines_of(const std::string& state) {
  std::map<std::string, std::string> lines;
  for (std::size_t at = 0; at < state.size();) {
    const std::size_t end = std::min(state.find('\n', at), state.size());
    const std::string line = state.substr(at, end - at);
    lines[line.substr(0, line.find(' '))] += line;
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string shown_text(const Dossier& d) {
  std::string out = "records " + counts_text(d.records);
  const auto line = [&out](std::string_view name, const std::string& value) {
    out.append("\n").append(name).append(" ").append(value);
  };
  line("stage", std::string(name(d.stage)));
  line("procedure", d.procedure);
  line("unit", d.unit);
  line("courier", text::of(d.courier));
  line("citizen_log", text::of(d.citizen_log));
  line("opened", text::of(d.opened));
  for (const auto& [field, values] : d.fields) {
    std::string shown = field;
    for (const auto& v : values) shown += " " + text::of(v.record) + "=" + v.value;
    line("field", shown);
  }
  for (const auto& [number, count] : d.documents) line("document", to_hex(fields::encode(count)));
  for (const auto& a : d.attachments) line("attachment", text::of(a.hash));
  line("money", text::of(d.money_dong));
  line("sealed", text::of(d.sealed));
  line("slip", d.slip ? d.slip->send_slip_no + " " + d.slip->item_id : "-");
  line("confirmation",
       d.confirmation ? text::of(static_cast<std::uint64_t>(*d.confirmation)) : "-");
  line("heads", text::of(d.capture_heads));
  line("custodian", std::string(name(d.custodian)));
  line("offer", d.offer ? text::of(d.offer->record) : "-");
  line("answered", text::of(d.answered_offers));
  line("handovers", text::of(d.handovers));
  line("custody", text::of(d.custody));
  line("decision", text::of(d.decision));
  line("acceptance", text::of(d.acceptance));
  line("code", d.dossier_code);
  line("due", text::of(d.due_ms));
  line("supplement", text::of(d.supplement));
  line("asked", text::of(d.supplements_asked));
  line("refusal", d.refusal_reason);
  line("result", text::of(d.result));
  line("attempts", text::of(d.delivery_attempts));
  line("delivered", text::of(d.delivered));
  line("delivery_confirmed", d.delivery_confirmed ? "yes" : "no");
  line("notes", text::of(d.notes));
  return out;
}

std::string difference(const std::string& a, const std::string& b) {
  const auto left = lines_of(a);
  auto right = lines_of(b);
  std::string out;
  for (const auto& [name, line] : left) {
    if (right[name] != line) out += name + " ";
    right.erase(name);
  }
  for (const auto& [name, line] : right) out += name + " ";
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace tannha::simulate
