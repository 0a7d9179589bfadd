#include "tools/simulate/difference.hpp"

#include <algorithm>
#include <map>

namespace tannha::simulate {
namespace {

std::map<std::string, std::string> lines_of(const std::string& state) {
  std::map<std::string, std::string> lines;
  for (std::size_t at = 0; at < state.size();) {
    const std::size_t end = std::min(state.find('\n', at), state.size());
    const std::string line = state.substr(at, end - at);
    lines[line.substr(0, line.find_first_of(" :="))] += line;
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string difference(const std::string& a, const std::string& b) {
  const auto left = lines_of(a);
  auto right = lines_of(b);
  std::string out;
  for (const auto& [name, line] : left) {
    if (right[name] != line) out += name + " ";
    right.erase(name);
  }
  for (const auto& [name, line] : right) out += name + " ";
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace tannha::simulate
