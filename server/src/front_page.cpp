// The page a person sees who opens the server's address: what this is, and that it is alive.

#include <string>

#include "tannha/server/service.hpp"

namespace tannha::server {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

void row(std::string& out, std::string_view label, std::uint64_t value) {
  out += "<tr><th scope=\"row\">" + std::string(label) + "</th><td>" + std::to_string(value) +
         "</td></tr>\n";
}

constexpr std::string_view head = R"html(<!doctype html>
<html lang="vi"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tận Nhà</title>
<style>
:root{color-scheme:light dark}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}p.sub{margin-top:.2rem;opacity:.8}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{text-align:left;padding:.45rem .6rem;border-bottom:1px solid #8886}
td{text-align:right;font-variant-numeric:tabular-nums}
a{display:inline-block;padding:.3rem 0}
</style></head><body>
<h1>Tận Nhà</h1>
)html";

}  // namespace

// A link or QR of an enrolment opens this page with the ticket behind '#': the app goes on with it.
std::string Service::app_links() const {
  if (apps_.apps().empty()) return {};
  std::string html = "<p>Ứng dụng / apps:</p>\n<ul>\n";
  for (const std::string& app : apps_.apps()) {
    const std::string_view title = app == "courier"   ? "Bưu tá / courier"
                                   : app == "citizen" ? "Người dân / citizen"
                                   : app == "officer" ? "Cán bộ một cửa / officer"
                                                      : std::string_view(app);
    html += "<li><a class=\"app\" href=\"" + std::string(AppFiles::path_prefix) + escape(app) +
            "/\">" + escape(title) + "</a></li>\n";
  }
  return html +
         "</ul>\n<script>document.querySelectorAll('a.app').forEach(a=>a.hash=location.hash)"
         "</script>\n";
}

void Service::front_page(const Reply& reply) {
  std::string html(head);
  html += "<p class=\"sub\">Máy chủ hồ sơ của " + escape(actor_.tenant.name) + " (" +
          escape(actor_.tenant.code) + ") đang hoạt động. / The dossier server is running.</p>\n";
  html += "<table>\n";
  row(html, "Bản ghi trong sổ nhật ký / records in the journal", metrics_.journal_size);
  row(html, "Có hiệu lực / effective", metrics_.answers(Verdict::effective));
  row(html, "Chờ xem xét / held", metrics_.answers(Verdict::held));
  row(html, "Từ chối nhưng vẫn giữ / refused but kept", metrics_.answers(Verdict::refused));
  row(html, "Gửi lại, đã có / repeated", metrics_.answers(Verdict::duplicate));
  row(html, "Ảnh đã lưu / attachments stored", metrics_.attachments_stored_total);
  row(html, "Thiết bị đăng ký / devices enrolled", metrics_.devices_enrolled_total);
  row(html, "Thủ tục trong danh mục / procedures", catalogue_.procedures().size());
  html +=
      "</table>\n";
  html += app_links();
  html +=
      "<p>Số bản ghi theo kết quả được đếm từ lúc máy chủ khởi động. / Records by verdict "
      "are counted since the server started.</p>\n<ul>\n"
      "<li><a href=\"/log/checkpoint\">Điểm chốt sổ nhật ký / journal checkpoint</a></li>\n"
      "<li><a href=\"/metrics\">Số đo / metrics</a></li>\n"
      "<li><a href=\"/healthz\">Tình trạng / health</a></li>\n</ul>\n</body></html>\n";
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = to_bytes(as_bytes(html));
  reply(std::move(response));
}

}  // namespace tannha::server
