#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/checkpoint.hpp"
#include "tannha/protocol/fields.hpp"

namespace tannha {

/// When a record was made, as far as the registry can say: not before the checkpoint that the record
/// names, not after it came into the journal. By the registry's clock, Unix milliseconds.
struct ProvedWindow {
  std::optional<std::uint64_t> not_before_ms;  ///< none: the record names no checkpoint
  std::uint64_t not_after_ms{};
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.not_before_ms);
    v(2, s.not_after_ms);
  }
  friend bool operator==(const ProvedWindow&, const ProvedWindow&) = default;
};

/// Proof that a record stands in the tenant's journal, verifiable without the server.
struct Receipt {
  Hash record{};
  std::uint64_t leaf_index{};
  std::vector<Hash> path;  ///< inclusion proof towards the checkpoint
  std::string checkpoint;  ///< the signed note
  std::optional<ProvedWindow> window;  ///< the registry's word, not part of the proof
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.record);
    v(2, s.leaf_index);
    v(3, s.path);
    v(4, s.checkpoint);
    v(5, s.window);
  }
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// Errors: checkpoint_malformed, signature_invalid (the note); receipt_invalid (the proof).
[[nodiscard]] Result<Checkpoint> verify_receipt(const Receipt& receipt, std::string_view origin,
                                                const PublicKey& journal_key);

}  // namespace tannha
