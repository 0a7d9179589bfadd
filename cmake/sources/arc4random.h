#pragma once

/* libsodium takes its randomness from these where it is built for WASI, whose C library has not got
 * them. */

#include <stddef.h>
#include <stdint.h>

uint32_t arc4random(void);
void arc4random_buf(void *out, size_t size);
