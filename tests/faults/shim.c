/* Loaded into every process of a hall (LD_PRELOAD): sets the machine's wall clock apart, and remembers what was synced.
 *
 * FAULTS_CLOCK   a file of one 64-bit number: nanoseconds to add to CLOCK_REALTIME
 * FAULTS_SYNCED  a folder: for each *.aof that is fsynced, a file of its name with its size then, a 64-bit number
 *
 * A power cut is then: kill everything, and cut each file off where it was last synced.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t *offset;
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  const char *file = getenv("FAULTS_CLOCK");
  int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *at = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) offset = at;
  close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (!real_gettime) real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real_gettime(clock, now);
  if (!failed && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t whole = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + *offset;
    now->tv_sec = whole / 1000000000;
    now->tv_nsec = whole % 1000000000;
  }
  return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  (void)zone;
  int failed = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *where) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (where) *where = exact.tv_sec;
  return exact.tv_sec;
}

static void note(int fd, int64_t size) {
  const char *folder = getenv("FAULTS_SYNCED");
  char link[64], path[4096], kept[4096];
  if (!folder) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 4) return;
  path[length] = 0;
  if (strcmp(path + length - 4, ".aof")) return;
  snprintf(kept, sizeof kept, "%s/%s", folder, strrchr(path, '/') + 1);
  int out = open(kept, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (out < 0) return;
  if (pwrite(out, &size, sizeof size, 0) != sizeof size) abort();
  close(out);
}

static int synced(const char *name, int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, name);
  struct stat before;
  int known = !fstat(fd, &before);
  int failed = real(fd);
  if (!failed && known) note(fd, before.st_size);
  return failed;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
