// The state of a dossier as text: what two folds are compared by, and what inspection shows.

#include <algorithm>
#include <array>
#include <string>

#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/fields.hpp"

namespace tannha {
namespace {

struct StageName {
  Stage stage;
  std::string_view english;
  std::string_view vietnamese;
};
constexpr auto stage_names = std::to_array<StageName>({
    {Stage::empty, "empty", "chưa có dữ liệu"},
    {Stage::requested, "requested", "có yêu cầu"},
    {Stage::assigned, "assigned", "đã phân công"},
    {Stage::collecting, "collecting", "đang thu nhận"},
    {Stage::sealed, "sealed", "đã niêm phong"},
    {Stage::confirmed, "confirmed", "người dân đã xác nhận"},
    {Stage::handed_over, "handed_over", "đã giao nhận"},
    {Stage::accepted, "accepted", "đã tiếp nhận"},
    {Stage::needs_supplement, "needs_supplement", "cần bổ sung"},
    {Stage::supplemented, "supplemented", "đã bổ sung"},
    {Stage::processing, "processing", "đang giải quyết"},
    {Stage::refused, "refused", "từ chối tiếp nhận"},
    {Stage::result_ready, "result_ready", "đã có kết quả"},
    {Stage::returned, "returned", "đã trả kết quả"},
});

std::string text(const Hash& hash) { return to_hex(hash); }
std::string text(const Id& id) { return uuid_text(id); }
std::string text(std::uint64_t n) { return std::to_string(n); }
template <class T>
std::string text(const std::optional<T>& item) {
  return item ? text(*item) : "-";
}
template <class E>
std::string number(const std::optional<E>& item) {
  return item ? std::to_string(static_cast<unsigned>(*item)) : "-";
}
template <class T>
std::string bytes(const std::optional<T>& item) {
  return item ? to_hex(fields::encode(*item)) : "-";
}

class Lines {
 public:
  void add(std::string_view name, std::string_view value) {
    out_.append(name).append(" ").append(value).append("\n");
  }
  template <class T>
  void list(std::string_view name, const std::vector<T>& items) {
    std::string value;
    for (const T& item : items) value += text(item) + ",";
    add(name, value);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void add_capture(Lines& lines, const Dossier& d) {
  lines.add("opened", text(d.opened));
  lines.add("channel", number(d.channel));
  lines.add("catalogue", text(d.catalogue_version));
  for (const auto& [name, values] : d.fields) {
    for (const auto& v : values) lines.add("field " + name, text(v.record) + "=" + v.value);
  }
  for (const auto& s : d.superseded) {
    lines.add("superseded " + s.name, text(s.value.record) + "=" + s.value.value);
  }
  for (const auto& s : d.suggestions) {
    lines.add("suggestion " + s.name, text(s.value.record) + "=" + s.value.value);
  }
  for (const auto& [line, count] : d.documents) {
    lines.add("document " + text(std::uint64_t{line}), to_hex(fields::encode(count)));
  }
  for (const auto& a : d.attachments) lines.add("attachment", to_hex(fields::encode(a)));
  lines.add("money", text(d.money_dong));
  lines.add("sealed", text(d.sealed));
  lines.add("slip", bytes(d.slip));
  lines.add("confirmation", number(d.confirmation));
  lines.add("one_time_code", text(d.code_sent_on) + (d.code_used ? " used" : "") +
                                 (d.code_claimed ? " claimed" : ""));
  lines.list("heads", d.capture_heads);
}

void add_custody(Lines& lines, const Dossier& d) {
  lines.add("custodian", name(d.custodian));
  if (d.offer) {
    lines.add("offer", text(d.offer->record) + " " +
                           std::to_string(static_cast<unsigned>(d.offer->direction)) + " " +
                           text(d.offer->receiver));
  }
  lines.list("answered", d.answered_offers);
  lines.add("handovers", text(std::uint64_t{d.handovers}));
  lines.add("custody", text(d.custody));
  for (const auto& link : d.links) {
    lines.add("link",
              text(link.record) + " " + text(link.follows) + " " + std::string(name(link.to)));
  }
  lines.add("last_link", text(d.last_link));
  lines.list("disputed", d.disputed);
  if (d.resolution) {
    lines.add("resolution", text(d.resolution->link) + " " + text(d.resolution->officer));
  }
}

void add_decisions(Lines& lines, const Dossier& d) {
  lines.add("decision", text(d.decision));
  lines.add("acceptance", text(d.acceptance));
  lines.add("code", d.dossier_code);
  lines.add("due", text(d.due_ms));
  lines.add("supplement", text(d.supplement));
  for (const std::string& item : d.supplement_items) lines.add("supplement_item", item);
  lines.add("supplements", text(std::uint64_t{d.supplements_asked}));
  lines.add("refusal", d.refusal_reason);
  lines.add("result", text(d.result));
  lines.add("attempts", text(std::uint64_t{d.delivery_attempts}));
  lines.add("delivered", text(d.delivered));
  lines.add("delivery_confirmed", d.delivery_confirmed ? "yes" : "no");
  lines.add("notes", text(std::uint64_t{d.notes}));
}

}  // namespace

std::string_view name(Stage stage) {
  return std::ranges::find(stage_names, stage, &StageName::stage)->english;
}
std::string_view vietnamese(Stage stage) {
  return std::ranges::find(stage_names, stage, &StageName::stage)->vietnamese;
}
std::string_view name(Custodian custodian) {
  switch (custodian) {
    case Custodian::citizen: return "citizen";
    case Custodian::courier: return "courier";
    case Custodian::desk: return "desk";
    case Custodian::disputed: return "disputed";
  }
  return "unknown";
}

std::string state_text(const Dossier& d) {
  Lines lines;
  lines.add("id", text(d.id));
  lines.add("stage", name(d.stage));
  lines.add("records", text(std::uint64_t{d.records.effective}) + " " +
                           text(std::uint64_t{d.records.provisional}) + " " +
                           text(std::uint64_t{d.records.held}) + " " +
                           text(std::uint64_t{d.records.refused}));
  lines.add("procedure", d.procedure);
  lines.add("unit", d.unit);
  lines.add("service", number(d.service));
  lines.add("requested_by", bytes(d.requested_by));
  lines.add("courier", text(d.courier));
  lines.add("citizen", text(d.citizen) + " " + text(d.citizen_log));
  add_capture(lines, d);
  add_custody(lines, d);
  add_decisions(lines, d);
  if (d.payout) {
    const Dossier::Payout& p = *d.payout;
    std::string before;
    for (const Hash& log : p.leased_before) before += " before " + text(log);
    lines.add("payout", p.unit + " " + p.beneficiary + " " + p.period + " " + text(p.amount_dong) +
                            " " + text(p.courier) + " " + text(p.leased_to) + " " + text(p.paid) +
                            (p.returned ? " returned" : "") + before);
  }
  return lines.take();
}

}  // namespace tannha
