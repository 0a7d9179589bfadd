#include "tannha/protocol/receipt.hpp"

#include "tannha/protocol/merkle.hpp"
#include "tannha/protocol/verdict.hpp"

namespace tannha {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::effective: return "effective";
    case Verdict::provisional: return "provisional";
    case Verdict::held: return "held";
    case Verdict::refused: return "refused";
    case Verdict::duplicate: return "duplicate";
    case Verdict::waiting: return "waiting";
  }
  return "unknown";
}

Result<Checkpoint> verify_receipt(const Receipt& receipt, std::string_view origin,
                                  const PublicKey& journal_key) {
  TN_TRY(Checkpoint checkpoint, open_checkpoint(receipt.checkpoint, origin, journal_key));
  TN_CHECK(merkle::verify_inclusion(receipt.leaf_index, checkpoint.size,
                                    merkle::leaf_hash(receipt.record), receipt.path,
                                    checkpoint.root));
  return checkpoint;
}

}  // namespace tannha
