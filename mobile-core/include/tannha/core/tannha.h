#ifndef TANNHA_CORE_TANNHA_H
#define TANNHA_CORE_TANNHA_H

/* The core as a C11 library: what a phone app embeds.
 *
 * Conventions
 *  1. Text is UTF-8 and comes with its size in bytes; nothing needs to end in NUL.
 *  2. Requests, answers and events are JSON objects: docs/core-api.md lists them all. Photographs
 *     and what goes over the network are bytes beside them.
 *  3. Every function that can fail returns a code: 0, or a number of docs/protocol.md §"Errors". The
 *     same error, with its name and a sentence in Vietnamese and English, is the answer, and what
 *     tn_last_error() tells afterwards.
 *  4. What a function hands out belongs to the core and stays as it is until the next call with the
 *     same core. What is handed in is read before the call returns.
 *  5. One core, one thread at a time. One core, one store: a second one on the same store gets
 *     store_busy.
 *  6. What an answer calls saved is durable when the call returns.
 *  7. Nothing here waits for a network, opens a socket or starts a thread: tn_sync_next() says what
 *     to send, the host sends it, and tn_sync_answer() takes what came.
 *  8. Only what this header names is exported. Within one TN_ABI_VERSION functions and JSON fields
 *     are added and never changed; unknown JSON fields are refused.
 *  9. Times are Unix milliseconds, waits milliseconds, sizes bytes, money đồng.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TN_API __attribute__((visibility("default")))
#else
#define TN_API
#endif

#define TN_ABI_VERSION 1

typedef struct tn_core tn_core;

/* Bytes of the core's, until its next call. `data` may be NULL when `size` is 0. */
typedef struct tn_bytes {
  const uint8_t *data;
  size_t size;
} tn_bytes;

TN_API uint32_t tn_abi_version(void);

/* Memory for a host that cannot share its own (WebAssembly). NULL when there is none left. */
TN_API uint8_t *tn_alloc(size_t size);
TN_API void tn_free(uint8_t *bytes);

/* Opens the store, makes it when it is missing, and starts nothing outside it.
 * @param options OpenOptions @param core the core, also when 0 is not returned and it is not NULL:
 * then it knows only why (tn_receive tells), and is to be closed. */
TN_API int32_t tn_open(const char *options, size_t size, tn_core **core);
/* NULL is allowed. */
TN_API void tn_close(tn_core *core);

/* @param error why the last function that did not return 0 with this core did not: an Error; empty:
 * all did */
TN_API int32_t tn_last_error(tn_core *core, tn_bytes *error);

/* @param request one of the requests @param answer its answer, or an Error */
TN_API int32_t tn_call(tn_core *core, const char *request, size_t size, tn_bytes *answer);

/* @param event the next event, oldest first; empty: there is none */
TN_API int32_t tn_receive(tn_core *core, tn_bytes *event);

/* Does what is due by the clock: locks an idle vault, makes the next try of a synchronisation.
 * @param wait_ms when to call again at the latest; UINT32_MAX: not before something else was called */
TN_API int32_t tn_step(tn_core *core, uint32_t *wait_ms);

/* @param call SyncCall: what to send now; empty: nothing @param body what it sends
 * The same call is handed out once. */
TN_API int32_t tn_sync_next(tn_core *core, tn_bytes *call, tn_bytes *body);
/* @param head SyncHead: whose answer it is and its status, or that none came @param body its body */
TN_API int32_t tn_sync_answer(tn_core *core, const char *head, size_t size, const uint8_t *body,
                              size_t body_size);

/* A file in pieces. @param begin BlobBegin @param blob its number
 * Nothing of it is saved before tn_blob_end(). At most one at a time; another begin drops it. */
TN_API int32_t tn_blob_begin(tn_core *core, const char *begin, size_t size, uint32_t *blob);
TN_API int32_t tn_blob_write(tn_core *core, uint32_t blob, const uint8_t *piece, size_t size);
/* @param answer as of tn_call() */
TN_API int32_t tn_blob_end(tn_core *core, uint32_t blob, tn_bytes *answer);
/* @param hash 64 hexadecimal digits @param piece up to `size_max` bytes from `offset` on; empty at the
 * end. Errors: store_not_found (it is not on this device). */
TN_API int32_t tn_blob_read(tn_core *core, const char *hash, size_t size, uint64_t offset,
                            size_t size_max, tn_bytes *piece);

#ifdef __cplusplus
}
#endif

#endif
