#include "arc4random.h"

#include <stdlib.h>
#include <unistd.h>

void arc4random_buf(void *out, size_t size) {
  /* getentropy() gives no more than this at once. */
  const size_t piece_size_max = 256;
  uint8_t *at = out;
  while (size > 0) {
    const size_t piece_size = size < piece_size_max ? size : piece_size_max;
    if (getentropy(at, piece_size) != 0) abort();
    at += piece_size;
    size -= piece_size;
  }
}

uint32_t arc4random(void) {
  uint32_t out;
  arc4random_buf(&out, sizeof out);
  return out;
}
