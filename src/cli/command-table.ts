// All commands. Each is loaded only when it is asked for, so that `trespass --help` and a one-line query start fast
// and no command pays for what another one needs.
import type { CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'collector and server here: from the kernel to the dashboard',
    isDaemon: true,
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    name: 'serve',
    summary: 'the server alone: database, API, dashboard',
    isDaemon: true,
    isReloadable: true,
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'collect',
    summary: 'the collector alone: reads records and delivers them',
    isDaemon: true,
    load: async () => (await import('./collect.ts')).collectCommand,
  },
  {
    name: 'enroll',
    summary: 'make this host an agent of a server elsewhere',
    load: async () => (await import('./enroll.ts')).enrollCommand,
  },
  {
    name: 'agents',
    summary: 'list hosts that deliver from elsewhere; approve or revoke them',
    load: async () => (await import('./agents.ts')).agentsCommand,
  },
  {
    name: 'telemetry',
    summary: 'what leaves this host, before anything does',
    load: async () => (await import('./telemetry.ts')).telemetryCommand,
  },
  {
    name: 'demo',
    summary: 'make harmless real denials, to have something to look at',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    name: 'decode',
    summary: 'audit records in, one JSON document a line out',
    load: async () => (await import('./decode.ts')).decodeCommand,
  },
  {
    name: 'explain',
    summary: 'what was denied, in plain words: an id, or some records',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    name: 'suggest',
    summary: 'the least rules that would have let denials pass',
    load: async () => (await import('./suggest.ts')).suggestCommand,
  },
  {
    name: 'doctor',
    summary: 'why nothing is seen: checks every cause, and says the mend',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'check',
    summary: 'run a command and tell what Landlock refused to it',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  {
    name: 'why',
    summary: 'what was refused to a program, process or user, or on a path',
    load: async () => (await import('./why.ts')).whyCommand,
  },
  {
    name: 'import',
    summary: 'audit records from files into a database',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'denials',
    summary: 'list refused accesses, newest first',
    load: async () => (await import('./denials.ts')).denialsCommand,
  },
  {
    name: 'domains',
    summary: 'list Landlock domains',
    load: async () => (await import('./domains.ts')).domainsCommand,
  },
  {
    name: 'tree',
    summary: 'draw how domains are nested, with the evidence',
    load: async () => (await import('./tree.ts')).treeCommand,
  },
  {
    name: 'issues',
    summary: 'list issues: denials of one kind',
    load: async () => (await import('./issues.ts')).issuesCommand,
  },
  {
    name: 'packages',
    summary: 'compare versions of packages in a fleet, before and after updates',
    load: async () => (await import('./packages.ts')).packagesCommand,
  },
  {
    name: 'programs',
    summary: 'list programs that use Landlock, and how',
    load: async () => (await import('./programs.ts')).programsCommand,
  },
  {
    name: 'hosts',
    summary: 'list hosts with their counts',
    load: async () => (await import('./hosts.ts')).hostsCommand,
  },
  {
    name: 'fleets',
    summary: 'list fleets with their counts',
    load: async () => (await import('./fleets.ts')).fleetsCommand,
  },
  {
    name: 'link',
    summary: 'a new one-time sign-in link for the running dashboard',
    load: async () => (await import('./link.ts')).linkCommand,
  },
  {
    name: 'token',
    summary: 'create, list and revoke API tokens',
    load: async () => (await import('./token.ts')).tokenCommand,
  },
  {
    name: 'user',
    summary: 'people who sign in to the dashboard with a password',
    load: async () => (await import('./user.ts')).userCommand,
  },
  {
    name: 'audit-log',
    summary: 'list who changed what about Trespass itself',
    load: async () => (await import('./audit-log.ts')).auditLogCommand,
  },
  {
    name: 'db',
    summary: 'migrate, check, back up, prune or measure the database',
    load: async () => (await import('./db.ts')).dbCommand,
  },
  {
    name: 'config',
    summary: 'check or show the effective configuration',
    load: async () => (await import('./config.ts')).configCommand,
  },
  {
    name: 'completions',
    summary: 'completions for bash, zsh and fish, and manual pages',
    load: async () => (await import('./completions.ts')).completionsCommand(() => COMMANDS),
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./version.ts')).versionCommand,
  },
];
