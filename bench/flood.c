// Denials as fast as one core makes them, or at a rate: `flood SECONDS FILES DIRECTORY RATE(0 = full)`.
// A child in a domain of its own opens DIRECTORY/fNNNN in turn for writing, which the domain refuses.
// Prints one line: events=N seconds=S cpu_seconds=C pid=P
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITE_FILE (1u << 1)

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void restrict_writes(void) {
  uint64_t handled[3] = {WRITE_FILE, 0, 0};
  int ruleset = syscall(444, handled, sizeof handled, 0);
  if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(446, ruleset, 0)) {
    perror("landlock");
    _exit(1);
  }
  close(ruleset);
}

static void wait_until(double due) {
  double left = due - now();
  if (left > 50e-6) {
    struct timespec pause = {left, (left - (long)left) * 1e9};
    nanosleep(&pause, NULL);
  }
}

static void flood(double seconds, int files, char (*names)[256], double rate) {
  restrict_writes();
  long events = 0;
  double start = now(), end = start + seconds;
  while ((events & 15) != 0 || now() < end) {
    int fd = open(names[events % files], O_WRONLY);
    if (fd >= 0) {
      fprintf(stderr, "flood: not denied\n");
      _exit(1);
    }
    events++;
    if (rate > 0) wait_until(start + events / rate);
  }
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("events=%ld seconds=%.3f cpu_seconds=%.3f pid=%d\n", events, now() - start,
         used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6, getpid());
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: flood SECONDS FILES DIRECTORY RATE\n");
    return 2;
  }
  int files = atoi(argv[2]);
  char(*names)[256] = calloc(files, sizeof *names);
  mkdir(argv[3], 0755);
  for (int i = 0; i < files; i++) {
    snprintf(names[i], sizeof *names, "%s/f%05d", argv[3], i);
    close(open(names[i], O_CREAT | O_RDONLY, 0644));
  }
  pid_t child = fork();
  if (child == 0) {
    flood(atof(argv[1]), files, names, atof(argv[4]));
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  return status != 0;
}
