#pragma once

#include <string_view>

namespace tannha::server {

/// Tells the service manager how this program stands, when one asked for it (Type=notify of
/// systemd): a datagram to the socket in NOTIFY_SOCKET. Source: sd_notify(3).
/// @param state "READY=1" or "STOPPING=1"
/// @return whether somebody was told; nothing depends on it
bool tell_service_manager(std::string_view state);

}  // namespace tannha::server
