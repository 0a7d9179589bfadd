#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::tools {

/// Requests of one connection, each the bytes as they go over it.
using Requests = std::vector<Bytes>;

struct LoadAnswer {
  unsigned status = 0;
  double took_ms{};  ///< from when it was to be sent to the answer's last byte
  Bytes body;
};

struct Load {
  double seconds{};                              ///< from the first request to the last answer
  std::vector<std::vector<LoadAnswer>> answers;  ///< by connection, in the order of its requests
};

/// An HTTP/1.1 POST as bytes. @param encoding of the body; empty: as it is
[[nodiscard]] Bytes post_request(const std::string& path, const std::string& bearer,
                                 BytesView body, const std::string& encoding = {});

/// Sends all of them over as many connections to 127.0.0.1, each its next when the answer is there;
/// one thread, and as little work as possible, because it shares the cores with what is measured.
/// @param per_second all connections together begin so many in a second; one whose turn comes late
/// counts from when it should have begun. 0: as fast as it goes
/// @param keep_bodies false: only statuses and times
/// Errors: network_unreachable, network_lost, network_timeout (a minute without anything).
[[nodiscard]] Result<Load> run_load(std::uint16_t port, const std::vector<Requests>& connections,
                                    double per_second, bool keep_bodies);

}  // namespace tannha::tools
