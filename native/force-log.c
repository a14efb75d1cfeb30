// Runs a program and sets LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON in every landlock_restrict_self(2) that it and its
// descendants make, so that the kernel logs what their sandboxes refuse after execve(2) as well. Nothing else is changed.
//
//   force-log REPORT_FD [UID GID] COMMAND [ARGUMENT...]      UID and GID: `-` to keep them
//
// A seccomp filter stops that one system call alone (SECCOMP_RET_TRACE); everything else runs at full speed. The flag is
// put into the argument's register at the call's entry, and the register is put back at its exit. On REPORT_FD it says
// `pid N`, then `exec ERRNO` where the program could not be started, and `exit CODE` or `signal N` when the command has
// ended, which is not the end of this process: it goes on for as long as a descendant lives, since the call would fail
// without it. Should it be killed, they are, too: a sandbox must not be missing in silence.
#define _GNU_SOURCE
#include <errno.h>
#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESTRICT_SELF = 446, X32_BIT = 0x40000000, LOG_NEW_EXEC_ON = 2, EVENT_STOP = 128, CALLS_MAX = 4096 };

// The kernel's own header and that of the C library exclude each other.
static long trace(int request, pid_t tid, unsigned long address, unsigned long data)
{
	return syscall(SYS_ptrace, (long)request, (long)tid, address, data);
}

static pid_t command;
static int report_fd;

// A call whose register is to be put back.
struct call { pid_t tid; uint32_t arch; unsigned long long before; };
static struct call calls[CALLS_MAX];
static size_t calls_used;

static void report(const char *what, int value)
{
	char line[64];
	int length = snprintf(line, sizeof line, "%s %d\n", what, value);
	if (write(report_fd, line, length) != length) { /* Nobody listens any more: the program goes on. */ }
}

static void die(const char *what)
{
	fprintf(stderr, "force-log: %s: %s\n", what, strerror(errno));
	exit(125);
}

// Told by the caller's caller: whoever ends us means the command.
static void pass_on(int signal_number)
{
	if (command > 0) kill(command, signal_number);
}

static void install_filter(void)
{
	// The call has this number on every architecture that is supported, 32-bit programs and x32 included.
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RESTRICT_SELF, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RESTRICT_SELF | X32_BIT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return;
	if (errno != EACCES) die("seccomp");
	// Without CAP_SYS_ADMIN a filter costs the right to gain privileges by setuid programs.
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("prctl");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) die("seccomp");
	fprintf(stderr, "force-log: setuid programs gain no privileges below it: CAP_SYS_ADMIN is missing\n");
}

static void become(const char *uid, const char *gid)
{
	if (strcmp(gid, "-") != 0 && (setgroups(0, NULL) != 0 || setgid(strtoul(gid, NULL, 10)) != 0)) die("setgid");
	if (strcmp(uid, "-") != 0 && setuid(strtoul(uid, NULL, 10)) != 0) die("setuid");
}

static void run_command(int gate, char **argv, const sigset_t *mask)
{
	char word;
	if (read(gate, &word, 1) != 1) _exit(125);
	close(gate);
	install_filter();
	become(argv[0], argv[1]);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[2], argv + 2);
	int error = errno;
	report("exec", error);
	_exit(error == ENOENT ? 127 : 126);
}

// Where the second argument is, by architecture of the call.
#if defined(__x86_64__)
static int set_argument(pid_t tid, uint32_t arch, unsigned long long value)
{
	size_t offset = arch == AUDIT_ARCH_I386 ? offsetof(struct user_regs_struct, rcx)
						: offsetof(struct user_regs_struct, rsi);
	return trace(PTRACE_POKEUSR, tid, offset, value) == 0;
}
#elif defined(__aarch64__)
static int set_argument(pid_t tid, uint32_t arch, unsigned long long value)
{
	// A 32-bit program shows the kernel's 18 registers of 32 bits.
	union { uint64_t wide[34]; uint32_t narrow[18]; } registers;
	struct iovec area = { &registers, sizeof registers };
	if (trace(PTRACE_GETREGSET, tid, NT_PRSTATUS, (unsigned long)&area) != 0) return 0;
	if (arch == AUDIT_ARCH_ARM) registers.narrow[1] = value;
	else registers.wide[1] = value;
	return trace(PTRACE_SETREGSET, tid, NT_PRSTATUS, (unsigned long)&area) == 0;
}
#else
#error "force-log knows x86_64 and aarch64 only"
#endif

static int is_known(uint32_t arch)
{
#if defined(__x86_64__)
	return arch == AUDIT_ARCH_X86_64 || arch == AUDIT_ARCH_I386;
#else
	return arch == AUDIT_ARCH_AARCH64 || arch == AUDIT_ARCH_ARM;
#endif
}

// Answers whether the call's exit is of interest.
static int add_flag(pid_t tid)
{
	struct ptrace_syscall_info info;
	memset(&info, 0, sizeof info);
	if (trace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, (unsigned long)&info) <= 0) return 0;
	if (info.op != PTRACE_SYSCALL_INFO_SECCOMP || !is_known(info.arch)) return 0;
	int ruleset = (int)info.seccomp.args[0];
	uint32_t flags = (uint32_t)info.seccomp.args[1];
	// Without a ruleset no domain is made, and the kernel refuses this flag.
	if (ruleset == -1 || (flags & LOG_NEW_EXEC_ON) != 0 || calls_used == CALLS_MAX) return 0;
	if (!set_argument(tid, info.arch, info.seccomp.args[1] | LOG_NEW_EXEC_ON)) return 0;
	calls[calls_used++] = (struct call){ tid, info.arch, info.seccomp.args[1] };
	return 1;
}

static struct call *find_call(pid_t tid)
{
	for (size_t i = 0; i < calls_used; i++)
		if (calls[i].tid == tid) return &calls[i];
	return NULL;
}

static void forget_call(pid_t tid)
{
	struct call *call = find_call(tid);
	if (call != NULL) *call = calls[--calls_used];
}

static void put_back(pid_t tid)
{
	struct call *call = find_call(tid);
	if (call == NULL) return;
	set_argument(tid, call->arch, call->before);
	forget_call(tid);
}

static int is_stop_signal(int number)
{
	return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

// A tracee that vanishes meanwhile is none of our business: every request may fail with ESRCH.
static void on_stop(pid_t tid, int status)
{
	int number = WSTOPSIG(status), event = status >> 16;
	int request = PTRACE_CONT, deliver = 0;
	if (event == PTRACE_EVENT_SECCOMP) {
		if (add_flag(tid)) request = PTRACE_SYSCALL;
	} else if (event == EVENT_STOP) {
		// Stopped by job control: it stays so until it is continued. Otherwise it has just been born.
		if (is_stop_signal(number)) request = PTRACE_LISTEN;
	} else if (event == PTRACE_EVENT_EXEC) {
		forget_call(tid);
	} else if (number == (SIGTRAP | 0x80)) {
		put_back(tid);
	} else if (event == 0) {
		deliver = number;
	}
	trace(request, tid, 0, deliver);
}

static void follow(void)
{
	for (;;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR) continue;
		if (tid < 0) return;
		if (WIFSTOPPED(status)) {
			on_stop(tid, status);
			continue;
		}
		forget_call(tid);
		if (tid != command) continue;
		if (WIFSIGNALED(status)) report("signal", WTERMSIG(status));
		else report("exit", WEXITSTATUS(status));
		command = 0;
	}
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: force-log REPORT_FD UID GID COMMAND [ARGUMENT...]\n");
		return 125;
	}
	report_fd = atoi(argv[1]);
	fcntl(report_fd, F_SETFD, FD_CLOEXEC);
	int gate[2];
	if (pipe2(gate, O_CLOEXEC) != 0) die("pipe");
	sigset_t none, mask, all;
	sigemptyset(&none);
	sigfillset(&all);
	// What comes between the fork and the handlers waits.
	sigprocmask(SIG_SETMASK, &all, &mask);
	command = fork();
	if (command < 0) die("fork");
	if (command == 0) {
		close(gate[1]);
		run_command(gate[0], argv + 2, &mask);
	}
	close(gate[0]);
	// The terminal sends these to the whole group; the command decides.
	int to_ignore[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };
	for (size_t i = 0; i < sizeof to_ignore / sizeof to_ignore[0]; i++) signal(to_ignore[i], SIG_IGN);
	int to_pass[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
	for (size_t i = 0; i < sizeof to_pass / sizeof to_pass[0]; i++) signal(to_pass[i], pass_on);
	long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	if (trace(PTRACE_SEIZE, command, 0, options) != 0) {
		int error = errno;
		kill(command, SIGKILL);
		errno = error;
		die("ptrace");
	}
	report("pid", command);
	if (write(gate[1], "!", 1) != 1) die("write");
	close(gate[1]);
	sigprocmask(SIG_SETMASK, &none, NULL);
	follow();
	return 0;
}
