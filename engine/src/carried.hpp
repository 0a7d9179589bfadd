#pragma once

#include "tannha/protocol/exchange.hpp"

namespace tannha {

/// A record as it travels. Errors: those of decode_record.
inline Result<Record> decode_carried(const exchange::Carried& carried) {
  return decode_record(carried.envelope, carried.body ? BytesView(*carried.body) : BytesView());
}

}  // namespace tannha
