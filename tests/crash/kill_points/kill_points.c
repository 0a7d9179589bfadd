/* Preloaded into a program: counts the calls that change files, and lets one of them be its last or
 * fail. What a power cut, a kill, a full or a broken disk do, at a place that a test chooses.
 *
 * The calls are made by syscall() and not by the C library's functions, so that nothing here can be
 * counted by itself and, but for memory, there is no function to be looked up first.
 */
#define _GNU_SOURCE
#include "kill_points.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum action {
  none,
  kill_before,
  kill_after,
  kill_half,
  fail_once,
  fail_always,
  nomem_once,
  nomem_always
};

struct path {
  char text[PATH_MAX];
};

static char folder[PATH_MAX];
static size_t folder_size = 0;
static unsigned long at = 0;
static enum action action = none;
static int failure = 0;
static int trace = -1;
static bool ready = false;
static atomic_ulong points = 0;
static atomic_ulong allocations = 0;

static void set_action(const char* name) {
  static const struct {
    const char* name;
    enum action action;
    int failure;
  } known[] = {
      {"kill-before", kill_before, 0},
      {"kill-after", kill_after, 0},
      {"kill-half", kill_half, 0},
      {"enospc", fail_once, ENOSPC},
      {"eio", fail_once, EIO},
      {"enospc-forever", fail_always, ENOSPC},
      {"eio-forever", fail_always, EIO},
      {"nomem", nomem_once, 0},
      {"nomem-forever", nomem_always, 0},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) {
    if (strcmp(known[i].name, name) != 0) continue;
    action = known[i].action;
    failure = known[i].failure;
    return;
  }
  /* A test that means something else must not pass. */
  abort();
}

__attribute__((constructor)) static void begin(void) {
  const char* value = getenv(TANNHA_POINT_FOLDER);
  if (value && strlen(value) < sizeof folder) {
    strcpy(folder, value);
    folder_size = strlen(folder);
  }
  if ((value = getenv(TANNHA_POINT_ACTION))) set_action(value);
  if ((value = getenv(TANNHA_POINT_AT))) at = strtoul(value, NULL, 10);
  if ((value = getenv(TANNHA_POINT_TRACE))) {
    trace =
        (int)syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  alarm(TANNHA_POINT_SECONDS_MAX);
  ready = true;
}

__attribute__((destructor)) static void end(void) {
  const char* file = getenv(TANNHA_POINT_COUNT);
  if (!file) return;
  char text[64];
  const int size =
      snprintf(text, sizeof text, "%lu %lu\n", atomic_load(&points), atomic_load(&allocations));
  const long fd = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return;
  syscall(SYS_write, fd, text, size);
  syscall(SYS_close, fd);
}

/* Paths */

static bool is_watched(const char* path) {
  return folder_size > 0 && strncmp(path, folder, folder_size) == 0 &&
         (path[folder_size] == '/' || path[folder_size] == '\0');
}

static bool path_of_descriptor(int fd, struct path* out) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const long size = syscall(SYS_readlinkat, AT_FDCWD, link, out->text, sizeof out->text - 1);
  if (size <= 0) return false;
  out->text[size] = '\0';
  return true;
}

/* The path of an open file when it is watched; errno stays what it was. */
static bool watched_file(int fd, bool folders, struct path* out) {
  if (folder_size == 0) return false;
  const int before = errno;
  struct stat about;
  const bool watched = fstat(fd, &about) == 0 &&
                       (S_ISREG(about.st_mode) || (folders && S_ISDIR(about.st_mode))) &&
                       path_of_descriptor(fd, out) && is_watched(out->text);
  errno = before;
  return watched;
}

/* The absolute form of a path as a call gives it. */
static bool watched_name(int dir, const char* path, struct path* out) {
  if (folder_size == 0 || !path) return false;
  const int before = errno;
  size_t size = 0;
  bool known = true;
  if (path[0] != '/') {
    known = dir == AT_FDCWD ? syscall(SYS_getcwd, out->text, sizeof out->text) > 0
                            : path_of_descriptor(dir, out);
    size = known ? strlen(out->text) : 0;
    if (known && size + 1 < sizeof out->text) out->text[size++] = '/';
  }
  known = known && size + strlen(path) < sizeof out->text;
  if (known) strcpy(out->text + size, path);
  errno = before;
  return known && is_watched(out->text);
}

static bool exists(int dir, const char* path) {
  const int before = errno;
  struct stat about;
  const bool there = fstatat(dir, path, &about, AT_SYMLINK_NOFOLLOW) == 0;
  errno = before;
  return there;
}

/* Points */

static void die(void) {
  for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

/* Counts a call. Returns its number, or 0 when it must fail; then errno says how. */
static unsigned long reach(void) {
  const unsigned long number = atomic_fetch_add(&points, 1) + 1;
  if (at == 0 || number < at) return number;
  if (action == fail_always || (action == fail_once && number == at)) {
    errno = failure;
    return 0;
  }
  if (number == at && action == kill_before) die();
  return number;
}

static void done(unsigned long number, const char* call, long result, const char* path,
                 const char* other) {
  const int before = errno;
  if (trace >= 0) {
    char line[2 * PATH_MAX + 96];
    const int size =
        snprintf(line, sizeof line, "%lu\t%s\t%ld\t%s\t%s\n", number, call, result, path, other);
    if (size > 0) syscall(SYS_write, trace, line, (size_t)size);
  }
  if (number == at && (action == kill_after || action == kill_half)) die();
  errno = before;
}

/* A call that is not a write has no half: it is not made. */
static void die_before_half(unsigned long number) {
  if (number == at && action == kill_half) die();
}

static bool is_half(unsigned long number) {
  return number == at && action == kill_half;
}

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t write(int fd, const void* bytes, size_t size) {
  struct path path;
  if (!watched_file(fd, false, &path)) return syscall(SYS_write, fd, bytes, size);
  const unsigned long number = reach();
  if (number == 0) return -1;
  if (is_half(number)) size /= 2;
  const ssize_t result = syscall(SYS_write, fd, bytes, size);
  done(number, "write", result, path.text, "");
  return result;
}

EXPORT ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  struct path path;
  if (!watched_file(fd, false, &path)) return syscall(SYS_pwrite64, fd, bytes, size, offset);
  const unsigned long number = reach();
  if (number == 0) return -1;
  if (is_half(number)) size /= 2;
  const ssize_t result = syscall(SYS_pwrite64, fd, bytes, size, offset);
  done(number, "write", result, path.text, "");
  return result;
}
EXPORT ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return pwrite64(fd, bytes, size, offset);
}

EXPORT ssize_t writev(int fd, const struct iovec* pieces, int count) {
  struct path path;
  if (!watched_file(fd, false, &path)) return syscall(SYS_writev, fd, pieces, count);
  const unsigned long number = reach();
  if (number == 0) return -1;
  if (is_half(number) && count > 0) {
    const struct iovec half = {pieces[0].iov_base, pieces[0].iov_len / 2};
    syscall(SYS_writev, fd, &half, 1);
    die();
  }
  const ssize_t result = syscall(SYS_writev, fd, pieces, count);
  done(number, "write", result, path.text, "");
  return result;
}

static int sync_file(const char* name, long call, int fd) {
  struct path path;
  if (!watched_file(fd, true, &path)) return (int)syscall(call, fd);
  const unsigned long number = reach();
  if (number == 0) return -1;
  die_before_half(number);
  const int result = (int)syscall(call, fd);
  done(number, name, result, path.text, "");
  return result;
}
EXPORT int fsync(int fd) {
  return sync_file("fsync", SYS_fsync, fd);
}
/* Both make what was written last; a test need not tell them apart. */
EXPORT int fdatasync(int fd) {
  return sync_file("fsync", SYS_fdatasync, fd);
}

EXPORT int ftruncate64(int fd, off64_t size) {
  struct path path;
  if (!watched_file(fd, false, &path)) return (int)syscall(SYS_ftruncate, fd, size);
  const unsigned long number = reach();
  if (number == 0) return -1;
  die_before_half(number);
  const int result = (int)syscall(SYS_ftruncate, fd, size);
  done(number, "ftruncate", result, path.text, "");
  return result;
}
EXPORT int ftruncate(int fd, off_t size) {
  return ftruncate64(fd, size);
}

EXPORT int unlinkat(int dir, const char* name, int flags) {
  struct path path;
  if (!watched_name(dir, name, &path) || !exists(dir, name)) {
    return (int)syscall(SYS_unlinkat, dir, name, flags);
  }
  const unsigned long number = reach();
  if (number == 0) return -1;
  die_before_half(number);
  const int result = (int)syscall(SYS_unlinkat, dir, name, flags);
  done(number, "unlink", result, path.text, "");
  return result;
}
EXPORT int unlink(const char* name) {
  return unlinkat(AT_FDCWD, name, 0);
}

EXPORT int renameat(int dir, const char* name, int new_dir, const char* new_name) {
  struct path path;
  struct path new_path;
  const bool from = watched_name(dir, name, &path);
  const bool to = watched_name(new_dir, new_name, &new_path);
  if (!from && !to) return (int)syscall(SYS_renameat2, dir, name, new_dir, new_name, 0);
  const unsigned long number = reach();
  if (number == 0) return -1;
  die_before_half(number);
  const int result = (int)syscall(SYS_renameat2, dir, name, new_dir, new_name, 0);
  done(number, "rename", result, from ? path.text : "", to ? new_path.text : "");
  return result;
}
EXPORT int rename(const char* name, const char* new_name) {
  return renameat(AT_FDCWD, name, AT_FDCWD, new_name);
}

EXPORT int mkdirat(int dir, const char* name, mode_t mode) {
  struct path path;
  if (!watched_name(dir, name, &path) || exists(dir, name)) {
    return (int)syscall(SYS_mkdirat, dir, name, mode);
  }
  const unsigned long number = reach();
  if (number == 0) return -1;
  die_before_half(number);
  const int result = (int)syscall(SYS_mkdirat, dir, name, mode);
  done(number, "mkdir", result, path.text, "");
  return result;
}
EXPORT int mkdir(const char* name, mode_t mode) {
  return mkdirat(AT_FDCWD, name, mode);
}

static int open_file(int dir, const char* name, int flags, mode_t mode) {
  struct path path;
  if (!(flags & O_CREAT) || !watched_name(dir, name, &path) || exists(dir, name)) {
    return (int)syscall(SYS_openat, dir, name, flags, mode);
  }
  const unsigned long number = reach();
  if (number == 0) return -1;
  die_before_half(number);
  const int result = (int)syscall(SYS_openat, dir, name, flags, mode);
  done(number, "create", result, path.text, "");
  return result;
}

/* The mode is only there when the flags ask for it. */
static mode_t mode_in(int flags, va_list rest) {
  const bool given = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
  return given ? va_arg(rest, mode_t) : 0;
}
#define WITH_MODE(dir)                      \
  va_list rest;                             \
  va_start(rest, flags);                    \
  const mode_t mode = mode_in(flags, rest); \
  va_end(rest);                             \
  return open_file(dir, name, flags, mode)

EXPORT int open(const char* name, int flags, ...) {
  WITH_MODE(AT_FDCWD);
}
EXPORT int open64(const char* name, int flags, ...) {
  WITH_MODE(AT_FDCWD);
}
EXPORT int openat(int dir, const char* name, int flags, ...) {
  WITH_MODE(dir);
}
EXPORT int openat64(int dir, const char* name, int flags, ...) {
  WITH_MODE(dir);
}

/* Memory, of whichever allocator the program brings: the one thing that is looked up, as what it
 * gives must be its own to take back. The look-up itself asks for no memory unless it fails. */

#define NEXT(result, name, ...)               \
  static result (*next)(__VA_ARGS__);         \
  if (!next) {                                \
    *(void**)&next = dlsym(RTLD_NEXT, #name); \
    if (!next) abort();                       \
  }

static bool is_refused(void) {
  if (!ready) return false;
  const unsigned long number = atomic_fetch_add(&allocations, 1) + 1;
  if (at == 0 || number < at) return false;
  if (action != nomem_always && !(action == nomem_once && number == at)) return false;
  errno = ENOMEM;
  return true;
}

EXPORT void* malloc(size_t size) {
  NEXT(void*, malloc, size_t);
  return is_refused() ? NULL : next(size);
}
EXPORT void* calloc(size_t count, size_t size) {
  NEXT(void*, calloc, size_t, size_t);
  return is_refused() ? NULL : next(count, size);
}
EXPORT void* realloc(void* old, size_t size) {
  NEXT(void*, realloc, void*, size_t);
  return is_refused() ? NULL : next(old, size);
}
EXPORT void* memalign(size_t alignment, size_t size) {
  NEXT(void*, memalign, size_t, size_t);
  return is_refused() ? NULL : next(alignment, size);
}
EXPORT void* aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}
EXPORT int posix_memalign(void** out, size_t alignment, size_t size) {
  const int before = errno;
  void* memory = memalign(alignment, size);
  errno = before;
  if (!memory) return ENOMEM;
  *out = memory;
  return 0;
}
