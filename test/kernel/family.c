// Builds a family of Landlock domains and says what it built: `family DIRECTORY`.
//
//   L1 ─ L2 ─ L3 ─ L4 ─ L5      each in a process of its own, refused by its parent's domain first
//    │    │    └ S4             siblings
//    │    ├ PA ─ PB             one rename that both refuse
//    ├ S2a, S2b                 siblings; S2b also starts a program, whose refusal is not logged
//    ├ T1, T2, T3 ─ T3sub       threads of one process, each with a domain of its own
//    └ FB, FC                   FC's process was forked before its parent made FB
//
// One line of JSON for each domain and each refusal. A domain's label is its creator's thread name when it makes it,
// which the kernel writes into the domain's record.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3, REMOVE_FILE = 1 << 5, MAKE_DIR = 1 << 7,
       MAKE_REG = 1 << 8, MAKE_FIFO = 1 << 10, MAKE_SYM = 1 << 12, REFER = 1 << 13 };

struct ruleset_attr { uint64_t handled_fs; };
struct path_beneath { uint64_t allowed; int32_t parent_fd; } __attribute__((packed));

static __thread const char *domain; // the label of this thread's own

static void die(const char *what)
{
	fprintf(stderr, "family: %s: %s\n", what, strerror(errno));
	_exit(1);
}

// One write a line, so that those of several processes do not mix.
static void say(const char *line, int length)
{
	if (write(STDOUT_FILENO, line, length) != length) die("write");
}

static void say_domain(const char *label)
{
	char line[256], parent[32] = "null";
	if (domain != NULL) snprintf(parent, sizeof parent, "\"%s\"", domain);
	say(line, snprintf(line, sizeof line, "{\"kind\":\"domain\",\"label\":\"%s\",\"parent\":%s,\"pid\":%d}\n",
			   label, parent, getpid()));
}

static void say_denial(const char *label, int is_logged)
{
	char line[256];
	say(line, snprintf(line, sizeof line, "{\"kind\":\"denial\",\"domain\":\"%s\",\"pid\":%d,\"is_logged\":%s}\n",
			   label, getpid(), is_logged ? "true" : "false"));
}

static int new_ruleset(uint64_t handled)
{
	struct ruleset_attr attr = { handled };
	int fd = syscall(444, &attr, sizeof attr, 0);
	if (fd < 0) die("landlock_create_ruleset");
	return fd;
}

static void allow(int ruleset, uint64_t rights, const char *path)
{
	struct path_beneath rule = { rights, open(path, O_PATH | O_CLOEXEC) };
	if (rule.parent_fd < 0 || syscall(445, ruleset, 1, &rule, 0)) die("landlock_add_rule");
	close(rule.parent_fd);
}

// The label is the thread's name for this call alone.
static void enter_with(const char *label, int ruleset)
{
	char name[16];
	prctl(PR_GET_NAME, name);
	prctl(PR_SET_NAME, label);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(446, ruleset, 0)) die("landlock_restrict_self");
	close(ruleset);
	prctl(PR_SET_NAME, name);
	say_domain(label);
	domain = label;
}

static void enter(const char *label, uint64_t handled)
{
	enter_with(label, new_ruleset(handled));
}

static int attempt(int right)
{
	int fd;
	switch (right) {
	case WRITE_FILE: fd = open("file", O_WRONLY); break;
	case READ_FILE: fd = open("file", O_RDONLY); break;
	case READ_DIR: fd = open("from", O_RDONLY | O_DIRECTORY); break;
	case REMOVE_FILE: return unlink("victim");
	case MAKE_DIR: return mkdir("made", 0755);
	case MAKE_FIFO: return mkfifo("made", 0600);
	case MAKE_SYM: return symlink("x", "made");
	default: errno = EINVAL; return 0;
	}
	if (fd >= 0) close(fd);
	return fd;
}

static void is_refused(const char *label, int right, int is_logged)
{
	if (attempt(right) >= 0 || errno != EACCES) die(label);
	say_denial(label, is_logged);
}

static void refused(const char *label, int right)
{
	is_refused(label, right, 1);
}

#define IN_A_CHILD(...)                                            \
	do {                                                       \
		pid_t child = fork();                              \
		if (child < 0) die("fork");                        \
		if (child == 0) { __VA_ARGS__; _exit(0); }         \
		int status;                                        \
		if (waitpid(child, &status, 0) < 0 || status != 0) \
			_exit(1);                                  \
	} while (0)

static void level5(void)
{
	refused("L4", REMOVE_FILE);
	enter("L5", WRITE_FILE);
	refused("L5", WRITE_FILE);
	refused("L2", MAKE_FIFO);
}

static void level4(void)
{
	refused("L3", MAKE_SYM);
	enter("L4", REMOVE_FILE);
	refused("L4", REMOVE_FILE);
	IN_A_CHILD(level5());
}

static void sibling(const char *label, const char *parent, int parent_right)
{
	refused(parent, parent_right);
	enter(label, READ_DIR);
	refused(label, READ_DIR);
}

static void level3(void)
{
	refused("L2", MAKE_FIFO);
	enter("L3", MAKE_SYM);
	refused("L3", MAKE_SYM);
	IN_A_CHILD(level4());
	IN_A_CHILD(sibling("S4", "L3", MAKE_SYM));
}

// The inner domain refuses that the file leaves, the outer one that it arrives.
static void one_call_two_domains(void)
{
	refused("L2", MAKE_FIFO);
	int outer = new_ruleset(MAKE_REG | REFER), inner = new_ruleset(REMOVE_FILE | REFER);
	allow(outer, MAKE_REG | REFER, "from");
	allow(inner, REMOVE_FILE | REFER, "to");
	enter_with("PA", outer);
	enter_with("PB", inner);
	if (rename("from/a", "to/a") == 0) die("rename");
	say_denial("PA", 1);
	say_denial("PB", 1);
}

static void level2(void)
{
	refused("L1", MAKE_DIR);
	enter("L2", MAKE_FIFO);
	refused("L2", MAKE_FIFO);
	IN_A_CHILD(level3());
	IN_A_CHILD(one_call_two_domains());
}

// Logged until the program is another one.
static void start_program(void)
{
	sibling("S2b", "L1", MAKE_DIR);
	execl("/proc/self/exe", "family", "--again", NULL);
	die("execl");
}

static pthread_barrier_t one_inside, all_inside;

struct worker { const char *label, *name; int right; };

static void *work(void *argument)
{
	const struct worker *self = argument;
	prctl(PR_SET_NAME, self->name);
	domain = "L1";
	enter(self->label, self->right);
	refused(self->label, self->right);
	pthread_barrier_wait(&one_inside);
	pthread_barrier_wait(&all_inside);
	refused(self->label, self->right);
	if (!strcmp(self->label, "T3")) {
		enter("T3sub", MAKE_SYM);
		refused("T3sub", MAKE_SYM);
	}
	return NULL;
}

static void threads(void)
{
	static const struct worker workers[] = {
		{ "T1", "one", READ_FILE }, { "T2", "two", READ_FILE }, { "T3", "three", READ_DIR }
	};
	pthread_t ids[3];
	refused("L1", MAKE_DIR);
	pthread_barrier_init(&one_inside, NULL, 2);
	pthread_barrier_init(&all_inside, NULL, 3);
	for (int i = 0; i < 3; i++) {
		if (pthread_create(&ids[i], NULL, work, (void *)&workers[i])) die("pthread_create");
		pthread_barrier_wait(&one_inside);
	}
	for (int i = 0; i < 3; i++) pthread_join(ids[i], NULL);
	refused("L1", MAKE_DIR);
}

// Far enough apart for clock ticks to tell.
static void fork_before_restriction(void)
{
	int go[2];
	refused("L1", MAKE_DIR);
	if (pipe(go)) die("pipe");
	pid_t child = fork();
	if (child == 0) {
		char byte;
		if (read(go[0], &byte, 1) != 1) die("read");
		refused("L1", MAKE_DIR);
		enter("FC", MAKE_SYM);
		refused("FC", MAKE_SYM);
		usleep(300000); // there to be looked at
		_exit(0);
	}
	usleep(300000);
	enter("FB", READ_DIR);
	refused("FB", READ_DIR);
	int status;
	if (write(go[1], "x", 1) != 1 || waitpid(child, &status, 0) < 0 || status != 0) _exit(1);
}

static void level1(void)
{
	enter("L1", MAKE_DIR);
	refused("L1", MAKE_DIR);
	IN_A_CHILD(level2());
	IN_A_CHILD(sibling("S2a", "L1", MAKE_DIR));
	IN_A_CHILD(start_program());
	IN_A_CHILD(threads());
	IN_A_CHILD(fork_before_restriction());
}

static void touch(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0644);
	if (fd < 0) die(path);
	close(fd);
}

int main(int count, char **arguments)
{
	if (count == 2 && !strcmp(arguments[1], "--again")) {
		is_refused("S2b", READ_DIR, 0);
		return 0;
	}
	if (count != 2 || chdir(arguments[1])) die("usage: family DIRECTORY");
	if (mkdir("from", 0755) || mkdir("to", 0755)) die("mkdir");
	touch("file");
	touch("victim");
	touch("from/a");
	IN_A_CHILD(level1());
	return 0;
}
