#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/checkpoint.hpp"
#include "tannha/protocol/fields.hpp"

namespace tannha {

/// Proof that a record stands in the tenant's journal, verifiable without the server.
struct Receipt {
  Hash record{};
  std::uint64_t leaf_index{};
  std::vector<Hash> path;  ///< inclusion proof towards the checkpoint
  std::string checkpoint;  ///< the signed note
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.record);
    v(2, s.leaf_index);
    v(3, s.path);
    v(4, s.checkpoint);
  }
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// Errors: checkpoint_malformed, signature_invalid (the note); receipt_invalid (the proof).
[[nodiscard]] Result<Checkpoint> verify_receipt(const Receipt& receipt, std::string_view origin,
                                                const PublicKey& journal_key);

}  // namespace tannha
