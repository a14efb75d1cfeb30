// A suggestion as a C program that stands alone: it restricts itself to these rules by raw system calls and then runs a
// command. It needs no header of Landlock, and compiles without warnings.
import { inOrder, maskOf } from '../rights.ts';
import { type Rule, rulesetOf } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { cString } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';

const mask = (bits: bigint) => `0x${bits.toString(16)}ULL`;

function pathRows(rules: readonly Rule[]): string {
  return rules
    .flatMap((rule) =>
      rule.kind === 'path' ? [`\t{ ${mask(maskOf(rule.rights, 'fs'))}, ${cString(rule.path)} },\n`] : [],
    )
    .join('');
}

function portRows(rules: readonly Rule[]): string {
  return rules
    .flatMap((rule) => (rule.kind === 'port' ? [`\t{ ${mask(maskOf(rule.rights, 'net'))}, ${rule.port} },\n`] : []))
    .join('');
}

const HEAD = `#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
#ifndef O_PATH
#define O_PATH 010000000
#endif

/* include/uapi/linux/landlock.h */
struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
};
struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));
struct net_port_attr {
	uint64_t allowed_access;
	uint64_t port;
};
enum { RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2, CREATE_RULESET_VERSION = 1, LOG_NEW_EXEC_ON = 2 };

struct path_rule {
	uint64_t access;
	const char *path;
};
struct port_rule {
	uint64_t access;
	uint64_t port;
};
`;

const TAIL = `
static int fail(const char *what, const char *about)
{
	fprintf(stderr, "%s %s: %s\\n", what, about, strerror(errno));
	return 1;
}

static int add_paths(int ruleset)
{
	for (const struct path_rule *rule = path_rules; rule->path; rule++) {
		struct path_beneath_attr attr = { .allowed_access = rule->access };

		attr.parent_fd = open(rule->path, O_PATH | O_CLOEXEC);
		if (attr.parent_fd < 0)
			return fail("open", rule->path);
		if (syscall(__NR_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0))
			return fail("landlock_add_rule", rule->path);
		close(attr.parent_fd);
	}
	return 0;
}

static int add_ports(int ruleset)
{
	for (const struct port_rule *rule = port_rules; rule->access; rule++) {
		struct net_port_attr attr = { .allowed_access = rule->access, .port = rule->port };

		if (syscall(__NR_landlock_add_rule, ruleset, RULE_NET_PORT, &attr, 0))
			return fail("landlock_add_rule", "port");
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ruleset_attr attr = { .handled_access_fs = HANDLED_FS, .handled_access_net = HANDLED_NET };
	long abi = syscall(__NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	int ruleset;

	if (argc < 2) {
		fprintf(stderr, "usage: %s COMMAND [ARGUMENT...]\\n", argv[0]);
		return 2;
	}
	if (abi < 0)
		return fail("landlock_create_ruleset", "version");
	if (abi < NEEDED_ABI) {
		fprintf(stderr, "Landlock ABI %ld is too old: these rules need %d\\n", abi, NEEDED_ABI);
		return 1;
	}
	/* A kernel before ABI 4 knows the first member alone. */
	ruleset = (int)syscall(__NR_landlock_create_ruleset, &attr,
			       abi < 4 ? sizeof(attr.handled_access_fs) : sizeof(attr), 0);
	if (ruleset < 0)
		return fail("landlock_create_ruleset", "");
	if (add_paths(ruleset) || add_ports(ruleset))
		return 1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail("prctl", "PR_SET_NO_NEW_PRIVS");
	/* The flag makes the kernel log what the command is denied (ABI 7). */
	if (syscall(__NR_landlock_restrict_self, ruleset, abi < 7 ? 0 : LOG_NEW_EXEC_ON))
		return fail("landlock_restrict_self", "");
	close(ruleset);
	execvp(argv[1], argv + 1);
	return fail("execvp", argv[1]);
}
`;

export function renderC(suggestion: Suggestion): Rendered {
  const rules = suggestion.rules.map(({ rule }) => rule);
  const remarks = commentLines('//', [
    ...remarksOn(suggestion),
    'cc -o allow allow.c && ./allow COMMAND [ARGUMENT...]',
    'Handles the rights of its rules alone: these are refused everywhere else, all others pass.',
  ]);
  if (rules.length === 0) return { text: remarks, cannot: [] };
  const handled = inOrder(rulesetOf(rules).handled);
  return {
    text: `${remarks}${HEAD}
#define NEEDED_ABI ${suggestion.abi}
#define HANDLED_FS ${mask(maskOf(handled, 'fs'))}
#define HANDLED_NET ${mask(maskOf(handled, 'net'))}

static const struct path_rule path_rules[] = {
${pathRows(rules)}\t{ 0, NULL },
};
static const struct port_rule port_rules[] = {
${portRows(rules)}\t{ 0, 0 },
};
${TAIL}`,
    cannot: [],
  };
}
