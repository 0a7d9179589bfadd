#include "tools/simulate/reference_steps.hpp"

#include <iterator>
#include <utility>

#include "tools/simulate/reference_fold.hpp"

namespace tannha::simulate {
namespace reference {
namespace {

template <class... Bodies>
AnyBody read(std::variant<std::monostate, Bodies...>*, const Record& record) {
  AnyBody out;
  const auto attempt = [&]<class B>(B*) {
    if (record.header.type != B::type) return;
    if (auto b = body::decode<B>(record.body)) out = std::move(*b);
  };
  (attempt(static_cast<Bodies*>(nullptr)), ...);
  return out;
}

bool counts(const Evidence& e) {
  return e.ruling.verdict == Verdict::effective || e.ruling.verdict == Verdict::provisional;
}

}  // namespace

Steps steps_of(std::span<const Evidence> evidence) {
  std::vector<Evidence> counting;
  std::ranges::copy_if(evidence, std::back_inserter(counting), counts);
  Steps steps;
  for (const std::size_t i : reference_order(counting)) {
    const Record& r = counting[i].record;
    steps.push_back({r.header.type, r.hash, r.header.log_id, counting[i].author, r.header.refs,
                     read(static_cast<AnyBody*>(nullptr), r),
                     counting[i].ruling.verdict == Verdict::provisional});
  }
  return steps;
}

}  // namespace reference

std::vector<std::size_t> reference_order(std::span<const Evidence> evidence) {
  const auto precedes = [&](std::size_t a, std::size_t b) {
    const RecordHeader& before = evidence[a].record.header;
    const RecordHeader& after = evidence[b].record.header;
    const bool same_log = before.log_id == after.log_id && before.seq < after.seq;
    return a != b && (same_log || std::ranges::count(after.refs, evidence[a].record.hash) > 0);
  };
  const auto sooner = [&](std::size_t a, std::size_t b) {
    const auto& x = evidence[a];
    const auto& y = evidence[b];
    if (x.leaf_index.has_value() != y.leaf_index.has_value()) return x.leaf_index.has_value();
    if (x.leaf_index != y.leaf_index) return *x.leaf_index < *y.leaf_index;
    return x.record.hash < y.record.hash;
  };
  std::vector<std::vector<std::size_t>> predecessors(evidence.size());
  std::vector<std::size_t> rest;
  for (std::size_t b = 0; b < evidence.size(); ++b) {
    rest.push_back(b);
    for (std::size_t a = 0; a < evidence.size(); ++a) {
      if (precedes(a, b)) predecessors[b].push_back(a);
    }
  }
  std::ranges::sort(rest, sooner);
  std::vector<bool> taken(evidence.size(), false);
  std::vector<std::size_t> order;
  while (!rest.empty()) {
    const auto next = std::ranges::find_if(rest, [&](std::size_t i) {
      return std::ranges::all_of(predecessors[i], [&](std::size_t p) { return taken[p]; });
    });
    if (next == rest.end()) break;
    taken[*next] = true;
    order.push_back(*next);
    rest.erase(next);
  }
  order.insert(order.end(), rest.begin(), rest.end());
  return order;
}

}  // namespace tannha::simulate
