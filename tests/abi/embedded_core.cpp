#include "embedded_core.hpp"

#include <stdexcept>
#include <utility>

namespace tannha::abi {
namespace {

namespace json = boost::json;

std::string_view view(tn_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

json::object object_of(tn_bytes bytes) { return json::parse(view(bytes)).as_object(); }

std::string text_of(const json::object& head, std::string_view name) {
  return std::string(head.at(name).as_string());
}

}  // namespace

EmbeddedCore::EmbeddedCore(const std::filesystem::path& store, BytesView platform_key) {
  json::object wanted{{"path", store.string()}};
  if (!platform_key.empty()) wanted["platformKey"] = to_base64(platform_key);
  const std::string options = json::serialize(wanted);
  if (tn_open(options.data(), options.size(), &core_) != 0) {
    tn_bytes answer{};
    tn_call(core_, "{}", 2, &answer);
    const std::string why(view(answer));
    tn_close(core_);
    throw std::runtime_error(why);
  }
}

EmbeddedCore::~EmbeddedCore() { tn_close(core_); }

json::object EmbeddedCore::call(const json::object& request) {
  const std::string text = json::serialize(request);
  tn_bytes answer{};
  const std::int32_t code = tn_call(core_, text.data(), text.size(), &answer);
  json::object out = object_of(answer);
  if ((code != 0) != (out.at("@type") == "Error")) throw std::logic_error("code and answer differ");
  return out;
}

json::object EmbeddedCore::must(const json::object& request) {
  json::object out = call(request);
  if (out.at("@type") == "Error") throw std::runtime_error(json::serialize(out));
  return out;
}

json::object EmbeddedCore::add_file(const json::object& begin, BytesView bytes) {
  const std::string text = json::serialize(begin);
  std::uint32_t blob = 0;
  if (const auto code = tn_blob_begin(core_, text.data(), text.size(), &blob); code != 0) {
    return {{"@type", "Error"}, {"code", code}};
  }
  constexpr std::size_t piece = 10'000;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const BytesView part = bytes.subspan(at, std::min(piece, bytes.size() - at));
    if (tn_blob_write(core_, blob, part.data(), part.size()) != 0) throw std::logic_error("write");
  }
  tn_bytes answer{};
  tn_blob_end(core_, blob, &answer);
  return object_of(answer);
}

Bytes EmbeddedCore::read_file(const std::string& hash) {
  Bytes out;
  for (;;) {
    tn_bytes piece{};
    if (tn_blob_read(core_, hash.data(), hash.size(), out.size(), 10'000, &piece) != 0) return {};
    if (piece.size == 0) return out;
    out.insert(out.end(), piece.data, piece.data + piece.size);
  }
}

bool EmbeddedCore::carry_one() {
  tn_bytes call{};
  tn_bytes body{};
  if (tn_sync_next(core_, &call, &body) != 0 || call.size == 0) return false;
  const json::object head = object_of(call);
  json::object answer{{"call", head.at("call")}, {"status", 0}};
  Bytes bytes;
  if (!has_no_network_) {
    const std::string url = text_of(head, "url");
    const std::size_t path = url.find('/', url.find("//") + 2);
    if (!http_ || base_ != url.substr(0, path)) {
      base_ = url.substr(0, path);
      http_ = std::make_unique<tools::HttpClient>(base_);
    }
    tools::HttpCall sent{.method = text_of(head, "method"),
                         .path = url.substr(path),
                         .bearer = text_of(head, "bearer"),
                         .content_type = text_of(head, "contentType"),
                         .body = Bytes(body.data, body.data + body.size)};
    if (const std::string encoding = text_of(head, "contentEncoding"); !encoding.empty()) {
      sent.headers.emplace_back("Content-Encoding", encoding);
    }
    auto came = http_->send(std::move(sent));
    if (came && !std::exchange(loses_next_, false)) {
      answer["status"] = came->status;
      if (came->retry_after_s) answer["retryAfterS"] = *came->retry_after_s;
      bytes = std::move(came->body);
    }
  }
  const std::string text = json::serialize(answer);
  if (tn_sync_answer(core_, text.data(), text.size(), bytes.data(), bytes.size()) != 0) {
    throw std::logic_error("sync_answer");
  }
  return true;
}

std::vector<std::string> EmbeddedCore::carry() {
  while (carry_one()) {
  }
  std::vector<std::string> names;
  events_.clear();
  for (tn_bytes event{}; tn_receive(core_, &event) == 0 && event.size > 0;) {
    events_.push_back(object_of(event));
    names.push_back(text_of(events_.back(), "@type"));
  }
  return names;
}

std::uint32_t EmbeddedCore::step() {
  std::uint32_t wait_ms = 0;
  if (tn_step(core_, &wait_ms) != 0) throw std::logic_error("step");
  return wait_ms;
}

}  // namespace tannha::abi
