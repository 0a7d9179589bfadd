#include "tools/catalogue/file_contents.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tannha::tools {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} * 1024;

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  [[nodiscard]] bool is_ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

bool is_gzip(BytesView bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& file, std::size_t bytes_max) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(errc::file_unreadable, std::string(std::strerror(errno)));
  Bytes bytes;
  std::array<std::uint8_t, chunk_bytes> chunk;
  int error = 0;
  while (bytes.size() <= bytes_max) {
    const ssize_t got = read(descriptor, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + got);
  }
  close(descriptor);
  if (error != 0) return fail(errc::file_unreadable, std::string(std::strerror(error)));
  if (bytes.size() > bytes_max) {
    return fail(errc::catalogue_malformed, "larger than " + std::to_string(bytes_max) + " bytes");
  }
  return bytes;
}

Result<FileContents> decompress(Bytes bytes, std::size_t bytes_max) {
  if (!is_gzip(bytes)) {
    if (bytes.size() <= bytes_max) return FileContents{std::move(bytes)};
    return fail(errc::catalogue_malformed, "larger than " + std::to_string(bytes_max) + " bytes");
  }
  Inflater inflater;
  if (!inflater.is_ready()) return fail(errc::file_unreadable, "zlib could not start");
  FileContents out;
  z_stream& stream = inflater.stream();
  std::array<std::uint8_t, chunk_bytes> chunk;
  std::size_t at = 0;
  while (true) {
    // zlib counts input in 32 bits; the limit of a file may be larger one day.
    const std::size_t offered = std::min(bytes.size() - at, chunk_bytes);
    stream.next_in = bytes.data() + at;
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    at += offered - stream.avail_in;
    const std::size_t made = chunk.size() - stream.avail_out;
    if (out.bytes.size() + made > bytes_max) {
      return fail(errc::catalogue_malformed,
                  "larger than " + std::to_string(bytes_max) + " bytes when decompressed");
    }
    out.bytes.insert(out.bytes.end(), chunk.data(), chunk.data() + made);
    if (status == Z_STREAM_END) {
      // A further member may follow; what follows and is none is padding, as for gzip(1).
      if (!is_gzip(BytesView(bytes).subspan(at))) return out;
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR || (status == Z_OK && offered == 0 && made == 0)) {
      out.truncated = true;
      return out;
    } else if (status != Z_OK) {
      out.damaged = true;
      return out;
    }
  }
}

}  // namespace tannha::tools
