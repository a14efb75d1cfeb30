import type { Config } from '../../src/runtime/config.ts';

/** `[server]` of a configuration under test: a free port of the loopback, everything else as by default. */
export const SERVER_CONFIG: Config['server'] = {
  listen: '127.0.0.1:0',
  user: 'nobody',
  sessionIdleMinutes: 720,
  sessionDays: 7,
  agentDocumentsPerSecond: 1_000,
  sharedHostsMin: 5,
  behindProxy: false,
  trustedProxies: '127.0.0.1, ::1',
  requestsPerMinute: 1_200,
};
