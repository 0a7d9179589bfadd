#include "tannha/server/open_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tannha::server {

OpenFile::OpenFile(int descriptor, std::uint64_t size)
    : descriptor_(new int(descriptor),
                  [](const int* owned) {
                    ::close(*owned);
                    delete owned;
                  }),
      size_(size) {}

Result<void> OpenFile::read(std::uint64_t from, std::span<std::uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t count =
        ::pread(*descriptor_, out.data(), out.size(), static_cast<off_t>(from));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(errc::file_unreadable, std::string(std::strerror(errno)));
    if (count == 0) return fail(errc::file_unreadable, "shorter than it was");
    from += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace tannha::server
