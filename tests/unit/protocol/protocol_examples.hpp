#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tannha::test {

/// The worked examples of docs/protocol.md: name and text of each, in the document's order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> protocol_examples();

}  // namespace tannha::test
