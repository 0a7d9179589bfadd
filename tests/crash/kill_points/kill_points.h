/* What the preload library reads from its environment; the tests write it there.
 *
 * A point is a call that changes files at or below TANNHA_POINT_FOLDER: write, pwrite, writev,
 * fsync, fdatasync and ftruncate of a regular file, fsync of a folder, and unlink, rename, mkdir,
 * open with O_CREAT where they would change a name. Points are numbered from 1 over all threads, in
 * the order in which the calls begin. Allocations are numbered by themselves.
 */
#ifndef TANNHA_TESTS_CRASH_KILL_POINTS_H
#define TANNHA_TESTS_CRASH_KILL_POINTS_H

/* Absolute, without symbolic links. Without it nothing is counted. */
#define TANNHA_POINT_FOLDER "TANNHA_POINT_FOLDER"

/* The number of the point at which something happens; without it nothing does. */
#define TANNHA_POINT_AT "TANNHA_POINT_AT"

/* What happens there:
 *   kill-before, kill-after    SIGKILL, before or after the call is carried out
 *   kill-half                  half of what is written is written, then SIGKILL; another call than
 *                              a write: as kill-before
 *   enospc, eio                the call fails with this error
 *   enospc-forever, eio-forever    and every later point too
 *   nomem, nomem-forever       TANNHA_POINT_AT counts allocations: that one fails, or all from it
 * on
 */
#define TANNHA_POINT_ACTION "TANNHA_POINT_ACTION"

/* A file for two numbers in decimal, written at the exit: points, allocations. */
#define TANNHA_POINT_COUNT "TANNHA_POINT_COUNT"

/* A file for one line a point, when its call has returned: number, name of the call, its result,
 * its path and, for a rename, the new path, separated by tabs. Must lie outside the folder. */
#define TANNHA_POINT_TRACE "TANNHA_POINT_TRACE"

/* A program under these rules that has not ended after so long hangs, and ends by SIGALRM. */
#define TANNHA_POINT_SECONDS_MAX 120

#endif
