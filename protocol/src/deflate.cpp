#include "tannha/protocol/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace tannha {
namespace {

// Room for what a push usually becomes; a larger result doubles it.
constexpr std::size_t first_room_bytes = 64 * 1024;

class Inflater {
 public:
  Inflater() : ready_(inflateInit(&stream_) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  [[nodiscard]] bool is_ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_;
};

}  // namespace

Result<Bytes> deflate(BytesView bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes out(size);
  // The best level: a push is small, and a link at the end of a valley is slower than any phone.
  if (compress2(out.data(), &size, bytes.data(), bytes.size(), Z_BEST_COMPRESSION) != Z_OK) {
    return fail(errc::store_memory, "deflate");
  }
  out.resize(size);
  return out;
}

Result<Bytes> inflate(BytesView bytes, std::size_t bytes_max) {
  // zlib counts in 32 bits and asks for pointers to what it does not change.
  if (bytes.size() > std::numeric_limits<uInt>::max()) return fail(errc::frame_too_large);
  Inflater inflater;
  if (!inflater.is_ready()) return fail(errc::store_memory, "inflate");
  z_stream& stream = inflater.stream();
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  Bytes out;
  std::size_t written = 0;
  for (;;) {
    if (written == out.size()) {
      // One byte over the limit shows that there is more; none is unpacked behind it.
      if (written > bytes_max) return fail(errc::frame_too_large, "unpacked");
      out.resize(std::min(bytes_max + 1, std::max(first_room_bytes, written * 2)));
    }
    const std::size_t room = std::min<std::size_t>(out.size() - written,
                                                   std::numeric_limits<uInt>::max());
    stream.next_out = out.data() + written;
    stream.avail_out = static_cast<uInt>(room);
    const int state = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = room - stream.avail_out;
    written += got;
    if (state == Z_STREAM_END) break;
    if (state == Z_MEM_ERROR) return fail(errc::store_memory, "inflate");
    const bool is_stuck = state == Z_BUF_ERROR && stream.avail_out > 0;
    if ((state != Z_OK && state != Z_BUF_ERROR) || is_stuck) {
      return fail(errc::frame_malformed, "deflate");
    }
  }
  if (written > bytes_max) return fail(errc::frame_too_large, "unpacked");
  if (stream.avail_in > 0) return fail(errc::frame_malformed, "bytes behind the deflate stream");
  out.resize(written);
  return out;
}

}  // namespace tannha
