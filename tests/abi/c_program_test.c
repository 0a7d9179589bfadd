/* A C11 program that embeds the core: what the header promises to those who do not know C++. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tannha/core/tannha.h"

static int failures = 0;

static void expect(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "not so: %s\n", what);
  ++failures;
}

static int says(tn_bytes bytes, const char *text) {
  const size_t size = strlen(text);
  for (size_t i = 0; i + size <= bytes.size; ++i) {
    if (memcmp(bytes.data + i, text, size) == 0) return 1;
  }
  return 0;
}

static int32_t call(tn_core *core, const char *request, tn_bytes *answer) {
  return tn_call(core, request, strlen(request), answer);
}

static int32_t open_at(const char *path, tn_core **core) {
  char options[600];
  snprintf(options, sizeof options, "{\"path\":\"%s\"}", path);
  return tn_open(options, strlen(options), core);
}

static void bad_input_costs_nothing(tn_core *core) {
  tn_bytes answer = {NULL, 0};
  const char *const bad[] = {"", "{", "[]", "null", "{}", "{\"@type\":7}", "{\"@type\":\"none\"}",
                             "{\"@type\":\"status\",\"more\":1}", "{\"@type\":\"dossier\"}",
                             "{\"@type\":\"dossier\",\"dossier\":\"x\"}",
                             "{\"@type\":\"status\",\"@key\":\"x\"}"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    expect(call(core, bad[i], &answer) != 0, bad[i]);
    expect(says(answer, "\"@type\":\"Error\"") && says(answer, "\"vi\":"), bad[i]);
  }
  expect(tn_call(core, NULL, 0, &answer) != 0, "no request");
  uint32_t blob = 0;
  expect(tn_blob_begin(core, "{}", 2, &blob) != 0, "a file without a use");
  expect(tn_last_error(core, &answer) == 0 && says(answer, "\"error\":\"argument_invalid\"") &&
             says(answer, "\"vi\":"),
         "why there is no file");
  expect(tn_blob_write(core, 7, (const uint8_t *)"x", 1) != 0, "a file that was not begun");
  expect(tn_blob_end(core, 7, &answer) != 0, "a file that was not begun");
  expect(tn_sync_answer(core, "{", 1, NULL, 0) != 0, "half a head");
  expect(call(core, "{\"@type\":\"status\"}", &answer) == 0, "status after all that");
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  expect(tn_abi_version() == TN_ABI_VERSION, "version");
  tn_core *core = NULL;
  tn_bytes answer = {NULL, 0};

  expect(open_at("/nowhere/at/all.db", &core) != 0, "a folder that is not there");
  expect(core != NULL, "something that says why");
  expect(call(core, "{\"@type\":\"status\"}", &answer) != 0 && says(answer, "\"error\":\"store_"),
         "why it is not open");
  expect(tn_last_error(core, &answer) == 0 && says(answer, "\"error\":\"store_"),
         "and again");
  tn_close(core);

  expect(tn_last_error(NULL, &answer) != 0, "no core");
  expect(open_at(argv[1], &core) == 0, "open");
  expect(tn_last_error(core, &answer) == 0 && answer.size == 0, "nothing has failed yet");
  bad_input_costs_nothing(core);
  expect(call(core, "{\"@type\":\"status\"}", &answer) == 0 && says(answer, "\"made\":false"),
         "no vault yet");
  expect(call(core, "{\"@type\":\"round\"}", &answer) != 0 && says(answer, "vault_locked"),
         "nothing without a vault");
  expect(call(core, "{\"@type\":\"setPin\",\"next\":\"111111\"}", &answer) != 0 &&
             says(answer, "pin_too_weak"),
         "weak PIN");
  expect(call(core, "{\"@type\":\"setPin\",\"next\":\"825193\"}", &answer) == 0, "PIN");
  bad_input_costs_nothing(core);

  tn_core *second = NULL;
  expect(open_at(argv[1], &second) != 0, "one core, one store");
  expect(call(second, "{\"@type\":\"status\"}", &answer) != 0 && says(answer, "store_busy"),
         "and it says so");
  tn_close(second);
  tn_close(core);

  expect(open_at(argv[1], &core) == 0, "open again");
  expect(call(core, "{\"@type\":\"status\"}", &answer) == 0 && says(answer, "\"locked\":true"),
         "locked at every start");
  expect(call(core, "{\"@type\":\"unlock\",\"pin\":\"825194\"}", &answer) != 0 &&
             says(answer, "pin_wrong"),
         "wrong PIN");
  expect(call(core, "{\"@type\":\"unlock\",\"pin\":\"825193\"}", &answer) == 0, "right PIN");
  tn_bytes head = {NULL, 0};
  tn_bytes body = {NULL, 0};
  expect(tn_sync_next(core, &head, &body) == 0 && head.size == 0, "nobody to talk to");
  uint32_t wait_ms = 0;
  expect(tn_step(core, &wait_ms) == 0 && wait_ms > 0, "time passes");
  expect(tn_blob_read(core, "00", 2, 0, 10, &answer) != 0, "half a hash");
  tn_close(core);
  tn_close(NULL);

  uint8_t *bytes = tn_alloc(0);
  expect(bytes != NULL, "memory");
  tn_free(bytes);
  tn_free(NULL);
  return failures == 0 ? 0 : 1;
}
