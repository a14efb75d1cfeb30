CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  password_ms INTEGER NOT NULL,
  signed_in_ms INTEGER,
  disabled_ms INTEGER
) STRICT;

CREATE TABLE actors (
  id INTEGER PRIMARY KEY,
  program INTEGER NOT NULL,
  comm INTEGER NOT NULL,
  uid INTEGER,
  audit_uid INTEGER,
  package INTEGER NOT NULL DEFAULT 0,
  unit INTEGER NOT NULL DEFAULT 0,
  user_unit INTEGER NOT NULL DEFAULT 0,
  login TEXT NOT NULL,
  UNIQUE (login, program, comm)
) STRICT;

CREATE INDEX actors_by_comm ON actors (comm);

CREATE INDEX actors_by_program ON actors (program);

CREATE TABLE admin_acts (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  address TEXT,
  action TEXT NOT NULL,
  target TEXT,
  outcome TEXT NOT NULL,
  detail TEXT
) STRICT;

CREATE INDEX admin_acts_by_at_ms ON admin_acts (at_ms);

CREATE TABLE agent_spools (
  agent INTEGER NOT NULL REFERENCES agents (id),
  spool TEXT NOT NULL,
  acked_seq INTEGER NOT NULL,
  PRIMARY KEY (agent, spool)
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  agent_id TEXT NOT NULL UNIQUE,
  host_id TEXT NOT NULL,
  name TEXT NOT NULL,
  key_hash BLOB NOT NULL UNIQUE,
  fleet INTEGER NOT NULL REFERENCES fleets (id),
  labels TEXT NOT NULL,
  version TEXT NOT NULL,
  boots TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  contact_ms INTEGER,
  skew_ms INTEGER,
  approved_ms INTEGER,
  revoked_ms INTEGER,
  conflict_ms INTEGER,
  replaces INTEGER,
  config_etag TEXT,
  config_report TEXT,
  privacy TEXT
) STRICT;

CREATE INDEX agents_by_host_id ON agents (host_id);

CREATE TABLE aggregate_counts (
  hour INTEGER NOT NULL,
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  fleet INTEGER NOT NULL REFERENCES fleets (id),
  reporter TEXT NOT NULL,
  subject TEXT NOT NULL,
  cause TEXT,
  blockers INTEGER,
  object_kind TEXT,
  object INTEGER,
  program INTEGER,
  package INTEGER,
  count INTEGER NOT NULL,
  PRIMARY KEY (hour, event_key, event_rest)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocker_hours (
  hour INTEGER NOT NULL,
  blockers INTEGER NOT NULL,
  is_canary INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (hour, blockers, is_canary)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocker_members (
  blocker TEXT NOT NULL,
  blockers INTEGER NOT NULL REFERENCES strings (id),
  PRIMARY KEY (blocker, blockers)
) STRICT, WITHOUT ROWID;

CREATE TABLE boots (
  id INTEGER PRIMARY KEY,
  host INTEGER NOT NULL REFERENCES hosts (id),
  boot_id TEXT NOT NULL,
  name TEXT,
  is_derived INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  open_domains INTEGER NOT NULL DEFAULT 0,
  UNIQUE (host, boot_id)
) STRICT;

CREATE INDEX boots_by_host ON boots (host, first_ms, is_derived);

CREATE TABLE collectors (
  host INTEGER PRIMARY KEY REFERENCES hosts (id),
  contact_ms INTEGER NOT NULL,
  heartbeat TEXT NOT NULL
) STRICT;

CREATE TABLE day_counts (
  day INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  key INTEGER NOT NULL,
  is_canary INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (kind, day, key, is_canary)
) STRICT, WITHOUT ROWID;

CREATE VIEW denial_hours AS
SELECT hour, host, CASE WHEN code < 0 THEN -1 - code ELSE code END AS blockers, code < 0 AS is_canary, denials
FROM (
  SELECT h.hour, h.host,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM host_hours h, json_each(h.blockers) j
);

CREATE TABLE denials (
  id INTEGER PRIMARY KEY,
  flags INTEGER NOT NULL,
  host INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  issue INTEGER NOT NULL,
  shape INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  object INTEGER,
  number INTEGER,
  pid INTEGER,
  parent INTEGER,
  source_port INTEGER,
  destination_port INTEGER,
  args ANY,
  raw INTEGER,
  extra TEXT
) STRICT;

CREATE INDEX denials_by_domain ON denials (domain);

CREATE INDEX denials_by_host ON denials (host);

CREATE INDEX denials_by_issue ON denials (issue);

CREATE INDEX denials_by_object ON denials (object) WHERE issue < 0 AND object IS NOT NULL;

CREATE INDEX denials_by_spill ON denials ((id >> 8) - (flags >> 9), serial) WHERE flags >= 512;

CREATE TABLE domain_creations (
  id INTEGER PRIMARY KEY,
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  domain INTEGER NOT NULL REFERENCES domains (id),
  parent TEXT,
  ruleset TEXT,
  creator_pid INTEGER,
  creator_thread INTEGER,
  creator_name INTEGER REFERENCES strings (id),
  raw INTEGER,
  extra TEXT,
  UNIQUE (event_key, event_rest)
) STRICT;

CREATE INDEX domain_creations_by_at_ms ON domain_creations (at_ms);

CREATE INDEX domain_creations_by_domain ON domain_creations (domain);

CREATE TABLE domain_events (
  id INTEGER PRIMARY KEY,
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  domain INTEGER NOT NULL REFERENCES domains (id),
  is_allocation INTEGER NOT NULL,
  mode TEXT,
  creator_pid INTEGER,
  creator_uid INTEGER,
  creator_executable INTEGER REFERENCES strings (id),
  creator_name INTEGER REFERENCES strings (id),
  total INTEGER,
  raw INTEGER,
  extra TEXT,
  UNIQUE (event_key, event_rest)
) STRICT;

CREATE INDEX domain_events_by_at_ms ON domain_events (at_ms);

CREATE INDEX domain_events_by_domain ON domain_events (domain);

CREATE TABLE domain_processes (
  boot INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  is_parent INTEGER NOT NULL,
  PRIMARY KEY (boot, pid, domain)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER domains_deleted AFTER DELETE ON domains
WHEN old.deallocated_ms IS NULL AND old.is_canary = 0
BEGIN
  UPDATE boots SET open_domains = open_domains - 1 WHERE id = old.boot;
END;

CREATE TRIGGER domains_inserted AFTER INSERT ON domains
WHEN new.deallocated_ms IS NULL AND new.is_canary = 0
BEGIN
  UPDATE boots SET open_domains = open_domains + 1 WHERE id = new.boot;
END;

CREATE TRIGGER domains_updated AFTER UPDATE OF deallocated_ms, is_canary ON domains
WHEN (old.deallocated_ms IS NULL AND old.is_canary = 0) <> (new.deallocated_ms IS NULL AND new.is_canary = 0)
BEGIN
  UPDATE boots
  SET open_domains = open_domains + CASE WHEN new.deallocated_ms IS NULL AND new.is_canary = 0 THEN 1 ELSE -1 END
  WHERE id = new.boot;
END;

CREATE TABLE domains (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL,
  boot INTEGER NOT NULL REFERENCES boots (id),
  host INTEGER NOT NULL REFERENCES hosts (id),
  is_canary INTEGER NOT NULL DEFAULT 0,
  is_counted INTEGER NOT NULL DEFAULT 0,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  logged INTEGER NOT NULL DEFAULT 0,
  first_denial_ms INTEGER,
  last_denial_ms INTEGER,
  allocation INTEGER,
  allocated_ms INTEGER,
  deallocation INTEGER,
  deallocated_ms INTEGER,
  total INTEGER,
  traced INTEGER NOT NULL DEFAULT 0,
  creation INTEGER,
  created_ms INTEGER,
  parent TEXT,
  UNIQUE (number, boot)
) STRICT;

CREATE INDEX domains_by_allocated_ms ON domains (allocated_ms) WHERE allocated_ms IS NOT NULL;

CREATE INDEX domains_by_boot ON domains (boot);

CREATE INDEX domains_by_deallocated_ms ON domains (deallocated_ms) WHERE deallocated_ms IS NOT NULL;

CREATE INDEX domains_by_host ON domains (host);

CREATE INDEX domains_by_live_boot ON domains (boot, first_ms, is_canary, host) WHERE deallocated_ms IS NULL;

CREATE INDEX domains_by_parent ON domains (boot, parent) WHERE parent IS NOT NULL;

CREATE INDEX domains_by_unlogged ON domains (id) WHERE total > logged OR traced > 0;

CREATE TABLE enrolments (
  token INTEGER PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
  fleet TEXT NOT NULL,
  needs_approval INTEGER NOT NULL,
  uses_max INTEGER,
  uses INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE fleets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,
  agent_config TEXT
) STRICT;

CREATE TABLE foreign_ids (
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  denial INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (event_key, event_rest)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  id INTEGER PRIMARY KEY,
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  seen_ms INTEGER NOT NULL,
  since_ms INTEGER,
  flags INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES hosts (id),
  boot INTEGER NOT NULL REFERENCES boots (id),
  cause TEXT NOT NULL,
  count INTEGER NOT NULL,
  first INTEGER,
  last INTEGER,
  raw INTEGER,
  extra TEXT,
  UNIQUE (event_key, event_rest)
) STRICT;

CREATE INDEX gaps_by_host_cause ON gaps (host, cause);

CREATE INDEX gaps_by_seen_ms ON gaps (seen_ms);

CREATE TABLE host_days (
  day INTEGER NOT NULL,
  host INTEGER NOT NULL,
  part INTEGER NOT NULL,
  blockers TEXT NOT NULL,
  programs TEXT NOT NULL,
  users TEXT NOT NULL,
  PRIMARY KEY (day, host, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_hours (
  hour INTEGER NOT NULL,
  host INTEGER NOT NULL,
  part INTEGER NOT NULL,
  blockers TEXT NOT NULL,
  programs TEXT NOT NULL,
  users TEXT NOT NULL,
  PRIMARY KEY (hour, host, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_issues (
  host INTEGER NOT NULL,
  issue INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (host, issue)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_packages (
  host INTEGER NOT NULL,
  package INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (host, package)
) STRICT, WITHOUT ROWID;

CREATE INDEX host_packages_by_package ON host_packages (package);

CREATE TABLE hosts (
  id INTEGER PRIMARY KEY,
  host_id TEXT NOT NULL UNIQUE,
  name TEXT,
  name_ms INTEGER,
  fleet INTEGER NOT NULL DEFAULT 1 REFERENCES fleets (id),
  is_replay INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  kernel TEXT,
  arch TEXT,
  distribution TEXT,
  landlock_abi INTEGER,
  denials INTEGER NOT NULL DEFAULT 0,
  canaries INTEGER NOT NULL DEFAULT 0,
  removed INTEGER NOT NULL DEFAULT 0,
  domains INTEGER NOT NULL DEFAULT 0,
  malformed INTEGER NOT NULL DEFAULT 0,
  unlogged INTEGER NOT NULL DEFAULT 0,
  last_denial_ms INTEGER
) STRICT;

CREATE INDEX hosts_by_fleet ON hosts (fleet);

CREATE TABLE hour_changes (
  hour INTEGER PRIMARY KEY,
  changes INTEGER NOT NULL
) STRICT;

CREATE VIEW hour_issues AS
SELECT issue, day, day * 24 + code % 24 AS hour, code / 24 AS host, denials
FROM (
  SELECT d.issue, d.day,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM issue_days d, json_each(d.hosts) j
);

CREATE TABLE hour_programs (
  hour INTEGER NOT NULL,
  program INTEGER NOT NULL,
  is_canary INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (hour, program, is_canary)
) STRICT, WITHOUT ROWID;

CREATE TABLE id_runs (
  id INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  entries BLOB NOT NULL
) STRICT;

CREATE TABLE id_tails (
  id INTEGER PRIMARY KEY,
  entries BLOB NOT NULL
) STRICT;

CREATE TABLE issue_days (
  issue INTEGER NOT NULL,
  day INTEGER NOT NULL,
  part INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  hosts TEXT NOT NULL,
  PRIMARY KEY (issue, day, part)
) STRICT, WITHOUT ROWID;

CREATE INDEX issue_days_by_day ON issue_days (day, issue, denials);

CREATE TABLE issues (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  is_canary INTEGER NOT NULL,
  version INTEGER NOT NULL,
  program INTEGER NOT NULL REFERENCES strings (id),
  program_class TEXT NOT NULL,
  blockers INTEGER NOT NULL REFERENCES strings (id),
  object_class TEXT NOT NULL,
  object_key TEXT NOT NULL,
  object_detail TEXT NOT NULL,
  rules TEXT,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  denials INTEGER NOT NULL DEFAULT 0,
  hosts INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'open',
  status_ms INTEGER,
  note TEXT,
  assignee TEXT
) STRICT;

CREATE INDEX issues_by_canary ON issues (id) WHERE is_canary = 1;

CREATE UNIQUE INDEX issues_by_fingerprint ON issues (fingerprint, is_canary);

CREATE INDEX issues_by_path ON issues (object_key) WHERE id > 0 AND object_class = 'path';

CREATE INDEX issues_by_program ON issues (program, blockers);

CREATE INDEX issues_by_status ON issues (status) WHERE status <> 'open' AND is_canary = 0;

CREATE TABLE malformed (
  id INTEGER PRIMARY KEY,
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  seen_ms INTEGER NOT NULL,
  at_ms INTEGER,
  flags INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES hosts (id),
  boot INTEGER NOT NULL REFERENCES boots (id),
  reason TEXT NOT NULL,
  text TEXT NOT NULL,
  file INTEGER REFERENCES strings (id),
  line INTEGER,
  byte INTEGER,
  raw INTEGER,
  extra TEXT,
  UNIQUE (event_key, event_rest)
) STRICT;

CREATE INDEX malformed_by_seen_ms ON malformed (seen_ms);

CREATE TABLE migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_ms INTEGER NOT NULL
  ) STRICT;

CREATE TABLE package_days (
  package INTEGER NOT NULL,
  day INTEGER NOT NULL,
  host INTEGER NOT NULL,
  issue INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (package, day, host, issue)
) STRICT, WITHOUT ROWID;

CREATE INDEX package_days_by_host ON package_days (host);

CREATE INDEX package_days_by_issue ON package_days (issue);

CREATE TABLE packages (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  type TEXT NOT NULL,
  UNIQUE (name, version, type)
) STRICT;

CREATE VIEW program_hours AS
SELECT hour, host, CASE WHEN code < 0 THEN -1 - code ELSE code END AS program, code < 0 AS is_canary, denials
FROM (
  SELECT h.hour, h.host,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM host_hours h, json_each(h.programs) j
);

CREATE TABLE raw_blocks (
  id INTEGER PRIMARY KEY,
  dictionary INTEGER NOT NULL,
  stored_ms INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE removals (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE repeat_ids (
  id INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL REFERENCES boots (id),
  second INTEGER NOT NULL,
  first_serial INTEGER NOT NULL,
  last_serial INTEGER NOT NULL,
  denial INTEGER REFERENCES repeats (denial),
  is_replay INTEGER NOT NULL,
  members BLOB NOT NULL
) STRICT;

CREATE INDEX repeat_ids_by_boot ON repeat_ids (boot, second, last_serial);

CREATE INDEX repeat_ids_by_denial ON repeat_ids (denial, second);

CREATE TABLE repeats (
  denial INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE retention_marks (
  kind TEXT NOT NULL,
  is_replay INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, is_replay)
) STRICT, WITHOUT ROWID;

CREATE TABLE sandbox_calls (
  id INTEGER PRIMARY KEY,
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES hosts (id),
  boot INTEGER NOT NULL REFERENCES boots (id),
  call INTEGER NOT NULL,
  is_success INTEGER NOT NULL,
  makes_domain INTEGER,
  is_probe INTEGER NOT NULL,
  call_flags INTEGER,
  ruleset_fd INTEGER,
  rule_type TEXT,
  pid INTEGER,
  parent_pid INTEGER,
  program INTEGER REFERENCES strings (id),
  comm INTEGER REFERENCES strings (id),
  details INTEGER NOT NULL REFERENCES strings (id),
  raw INTEGER,
  extra TEXT,
  UNIQUE (event_key, event_rest)
) STRICT;

CREATE INDEX sandbox_calls_by_at_ms ON sandbox_calls (at_ms);

CREATE INDEX sandbox_calls_by_pid ON sandbox_calls (boot, pid);

CREATE TABLE sandbox_hours (
  hour INTEGER NOT NULL,
  host INTEGER NOT NULL,
  program INTEGER NOT NULL,
  sandboxes INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  rulesets INTEGER NOT NULL DEFAULT 0,
  rules INTEGER NOT NULL DEFAULT 0,
  log_same_exec_off INTEGER NOT NULL DEFAULT 0,
  log_new_exec_on INTEGER NOT NULL DEFAULT 0,
  log_subdomains_off INTEGER NOT NULL DEFAULT 0,
  domains INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, host, program)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  account INTEGER REFERENCES accounts (id),
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_account ON sessions (account);

CREATE TABLE shapes (
  id INTEGER PRIMARY KEY,
  blockers INTEGER NOT NULL REFERENCES strings (id),
  kind TEXT NOT NULL,
  form TEXT NOT NULL,
  reason INTEGER NOT NULL REFERENCES strings (id),
  value TEXT NOT NULL,
  UNIQUE (value, blockers, reason, form)
) STRICT;

CREATE TABLE sign_in_codes (
  hash BLOB PRIMARY KEY,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE silences (
  host INTEGER NOT NULL REFERENCES hosts (id),
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (host, since_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX silences_by_until_ms ON silences (until_ms);

CREATE TABLE strings (
  id INTEGER PRIMARY KEY,
  value TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  used_ms INTEGER,
  revoked_ms INTEGER
) STRICT;

CREATE VIEW user_hours AS
SELECT hour, host, CASE WHEN code < 0 THEN -1 - code ELSE code END AS uid, code < 0 AS is_canary, denials
FROM (
  SELECT h.hour, h.host,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM host_hours h, json_each(h.users) j
);

CREATE TABLE user_names (
  uid INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES hosts (id),
  name TEXT NOT NULL,
  PRIMARY KEY (uid, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE views (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  name TEXT NOT NULL,
  page TEXT NOT NULL,
  is_shared INTEGER NOT NULL,
  content TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  UNIQUE (owner, page, name)
) STRICT;
