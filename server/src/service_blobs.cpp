// PUT and GET /v1/blobs/<hash>.

#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/media.hpp"
#include "tannha/engine/log_standing.hpp"
#include "tannha/server/service.hpp"

namespace tannha::server {
namespace {

std::optional<Hash> blob_hash(std::string_view path) {
  constexpr std::string_view blob_path = "/v1/blobs/";
  if (!path.starts_with(blob_path)) return std::nullopt;
  const auto bytes = from_hex(path.substr(blob_path.size()));
  return bytes ? to_array<Hash>(*bytes) : std::nullopt;
}

}  // namespace

void Service::put_blob(HttpRequest request, Reply reply) {
  if (auto log_id = tokens_.check_token(request.bearer); !log_id) {
    return reply(refusal(log_id.error()));
  }
  const auto hash = blob_hash(request.path);
  if (!hash) return reply(refusal(errc::frame_malformed));
  auto found = std::make_shared<std::optional<Registry::Attachment>>();
  submit(
      [this, hash, found]() -> Result<void> {
        TN_TRY(*found, registry_.attachment(*hash));
        return {};
      },
      [this, hash = *hash, found, bytes = std::move(request.body),
       reply = std::move(reply)](Result<void> done) mutable {
        if (!done) return reply(refusal(done.error()));
        // Only what a signed record names is stored, so the disk cannot be filled by strangers.
        if (!*found) return reply(refusal(errc::attachment_not_wanted));
        if ((*found)->present) return reply(HttpResponse{.status = 200});
        if (bytes.size() != (*found)->size) return reply(refusal(errc::attachment_mismatch));
        // The reply is kept here too, in case the pool does not take the work.
        auto shared = std::make_shared<Reply>(std::move(reply));
        const bool taken = on_pool([this, hash, bytes = std::move(bytes), shared,
                                        type = (*found)->media_type]() mutable {
          if (blake2b_256(bytes) != hash) return (*shared)(refusal(errc::attachment_mismatch));
          if (auto allowed = check_attachment(bytes, type); !allowed) {
            return (*shared)(refusal(allowed.error()));
          }
          store_blob(hash, std::move(bytes), *shared);
        });
        if (!taken) (*shared)(refusal(errc::overloaded));
      });
}

void Service::store_blob(const Hash& hash, Bytes bytes, Reply reply) {
  if (auto stored = blobs_.put(hash, bytes); !stored) return reply(refusal(stored.error()));
  submit([this, hash]() -> Result<void> { return registry_.attachment_arrived(hash); },
         [this, size = bytes.size(), reply = std::move(reply)](Result<void> done) {
           if (!done) return reply(refusal(done.error()));
           ++metrics_.attachments_stored_total;
           metrics_.attachment_bytes_total += size;
           reply(HttpResponse{.status = 201});
         });
}

void Service::get_blob(HttpRequest request, Reply reply) {
  const auto log_id = tokens_.check_token(request.bearer);
  if (!log_id) return reply(refusal(log_id.error()));
  const auto hash = blob_hash(request.path);
  if (!hash) return reply(refusal(errc::frame_malformed));
  auto type = std::make_shared<std::string>();
  submit(
      [this, hash, log_id = *log_id, type]() -> Result<void> {
        TN_TRY(const auto log, registry_.log(log_id));
        if (!log) return fail(errc::certificate_unknown);
        if (!is_current(*log, host_.now_ms())) {
          return fail(log->state.revoked ? errc::log_revoked : errc::certificate_expired);
        }
        TN_TRY(const bool visible,
               registry_.attachment_in_audience(*hash, audience_of(log->certificate)));
        if (!visible) return fail(errc::store_not_found);
        TN_TRY(const auto attachment, registry_.attachment(*hash));
        if (!attachment || !attachment->present) return fail(errc::store_not_found);
        *type = attachment->media_type;
        return {};
      },
      [this, hash = *hash, log_id = *log_id, type,
       reply = std::move(reply)](Result<void> done) mutable {
        if (!done) return reply(refusal(done.error()));
        // Not here: reading a large file would hold up every commit.
        auto shared = std::make_shared<Reply>(std::move(reply));
        const bool taken =
            on_pool([this, hash, type, log_id, shared] {
              (*shared)(read_blob(hash, *type, log_id));
            });
        if (!taken) (*shared)(refusal(errc::overloaded));
      });
}

HttpResponse Service::read_blob(const Hash& hash, const std::string& type, const Hash& reader) {
  auto file = blobs_.open(hash);
  if (!file) {
    // The registry says that it is here: a file that is gone is damage, and no unknown name.
    const bool gone = file.error().code == errc::store_not_found;
    return refusal(gone ? errc::store_corrupt : file.error().code);
  }
  devices_.spend(std::string(as_text(reader)), {.bytes = file->size()}, host_.monotonic_ms());
  HttpResponse response;
  response.file = std::move(*file);
  response.content_type = type;
  response.attachment = true;
  return response;
}

}  // namespace tannha::server
