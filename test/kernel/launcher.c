// A launcher like those that people use: restricts itself and starts a program. `launcher [-t] [-k] [-d] FLAGS COMMAND…`
//
//   FLAGS  of landlock_restrict_self; writing to files and making them is refused, nothing else
//   -t     by a thread that is not the first, which also starts the program
//   -k     only make sure that the call keeps the register of its second argument, and end
//   -d     as a daemon: a grandchild in a session of its own starts the program, and its parents end first
//   -v     by vfork, in a child that is waited for
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITE_FILE = 1 << 1, MAKE_REG = 1 << 8, RULESET_VERSION = 1 };

static char **command;
static unsigned flags;
static int is_kept_checked;

static void die(const char *what)
{
	fprintf(stderr, "launcher: %s: %s\n", what, strerror(errno));
	_exit(99);
}

// The call with its registers in sight: what the second argument's holds afterwards.
static long restrict_self(int ruleset, unsigned long second, unsigned long *after)
{
#if defined(__x86_64__)
	long answer;
	register unsigned long rsi __asm__("rsi") = second;
	__asm__ volatile("syscall" : "=a"(answer), "+r"(rsi) : "0"(446L), "D"((long)ruleset) : "rcx", "r11", "memory");
	*after = rsi;
	return answer;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = 446;
	register long x0 __asm__("x0") = ruleset;
	register unsigned long x1 __asm__("x1") = second;
	__asm__ volatile("svc 0" : "+r"(x0), "+r"(x1) : "r"(x8) : "memory");
	*after = x1;
	return x0;
#else
#error "x86_64 and aarch64 only"
#endif
}

static void *start(void *unused)
{
	struct { uint64_t fs, net, scoped; } attribute = { WRITE_FILE | MAKE_REG, 0, 0 };
	int ruleset = syscall(444, &attribute, sizeof attribute, 0);
	if (ruleset < 0) die("landlock_create_ruleset");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("prctl");
	// The upper half is not the kernel's to look at.
	unsigned long before = 0x1234567800000000UL | flags, after;
	if (restrict_self(ruleset, before, &after) != 0) die("landlock_restrict_self");
	if (is_kept_checked) {
		printf(after == before ? "kept\n" : "changed\n");
		exit(0);
	}
	execvp(command[0], command);
	die(command[0]);
	return unused;
}

int main(int argc, char **argv)
{
	int option, by_thread = 0, as_daemon = 0, by_vfork = 0;
	while ((option = getopt(argc, argv, "+tkdv")) != -1) {
		if (option == 't') by_thread = 1;
		else if (option == 'k') is_kept_checked = 1;
		else if (option == 'd') as_daemon = 1;
		else if (option == 'v') by_vfork = 1;
		else return 98;
	}
	if (optind >= argc) return 98;
	flags = strtoul(argv[optind], NULL, 10);
	command = argv + optind + 1;
	if (as_daemon) {
		if (fork() != 0) return 0;
		setsid();
		if (fork() != 0) return 0;
		usleep(200000);
	}
	if (by_vfork) {
		pid_t child = vfork();
		if (child == 0) start(NULL);
		int status;
		waitpid(child, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
	}
	if (!by_thread) start(NULL);
	pthread_t thread;
	if (pthread_create(&thread, NULL, start, NULL) != 0) die("pthread_create");
	pthread_join(thread, NULL);
	return 96;
}
