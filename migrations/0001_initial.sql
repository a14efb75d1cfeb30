-- Everything that Trespass keeps. Conventions:
--   *_ms        milliseconds since the epoch
--   *_key,*_rest  the 130 bits of event.id: the first 32 as a signed integer, the other 98 as 13 bytes
--   slot        denials.id = (milliseconds since 2025-01-01) * 256 + running number; order of id is order of time
--   extra       JSON of what has no column, so that every document can be given back exactly
-- Text that repeats is kept once, in strings, shapes or actors.

-- `agent_config`: JSON of what the fleet wants of its agents (agent-configs.ts).
CREATE TABLE fleets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,
  agent_config TEXT
) STRICT;

INSERT INTO fleets (name, created_ms) VALUES ('default', 0);

-- Hosts that deliver from elsewhere (src/store/access/agent-register.ts). Times of decisions; states follow from them.
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

-- How far each spool of an agent was taken, written with what was taken.
CREATE TABLE agent_spools (
  agent INTEGER NOT NULL REFERENCES agents (id),
  spool TEXT NOT NULL,
  acked_seq INTEGER NOT NULL,
  PRIMARY KEY (agent, spool)
) STRICT, WITHOUT ROWID;

-- The counters are kept by the writer in the transaction that stores what they count. Those of denials and
-- domains leave out the canary; `canaries` counts its denials. They tell what was ever stored; `removed`: how many of
-- those denials, the canary's too, are not there any more.
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

-- `name` is the host's name as the boot's first document said it; a document that differs keeps its own in extra.
-- `open_domains`: its domains that no deallocation is known of, without the canary's; kept by the triggers of domains.
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

-- Whether a host has booted again since.
CREATE INDEX boots_by_host ON boots (host, first_ms, is_derived);

CREATE TABLE strings (
  id INTEGER PRIMARY KEY,
  value TEXT NOT NULL UNIQUE
) STRICT;

-- The members of a set of blockers (a JSON array in strings), so that one blocker finds all sets with it.
CREATE TABLE blocker_members (
  blocker TEXT NOT NULL,
  blockers INTEGER NOT NULL REFERENCES strings (id),
  PRIMARY KEY (blocker, blockers)
) STRICT, WITHOUT ROWID;

-- What was refused, and how it is said, apart from names and numbers. `value`: JSON of category, object, system call,
-- device. `form`: what denials.object and denials.number are (denial-columns.ts). `reason`: the sentence, with marks.
CREATE TABLE shapes (
  id INTEGER PRIMARY KEY,
  blockers INTEGER NOT NULL REFERENCES strings (id),
  kind TEXT NOT NULL,
  form TEXT NOT NULL,
  reason INTEGER NOT NULL REFERENCES strings (id),
  value TEXT NOT NULL,
  UNIQUE (value, blockers, reason, form)
) STRICT;

-- Packages of distributions that own programs, as their hosts said. `type`: whose records say so (dpkg, rpm, …).
CREATE TABLE packages (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  type TEXT NOT NULL,
  UNIQUE (name, version, type)
) STRICT;

-- Whose process it was. `login`: JSON of user, group, terminal, session, package, units, container. The rows of texts
-- and of the package are 0 where absent.
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

CREATE INDEX actors_by_program ON actors (program);
CREATE INDEX actors_by_comm ON actors (comm);

-- The records of a few hundred events, deflated together. `raw` elsewhere is (block * 256 + place in the block).
CREATE TABLE raw_blocks (
  id INTEGER PRIMARY KEY,
  dictionary INTEGER NOT NULL,
  stored_ms INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

-- One row a domain: the sum of its documents. `number` is the kernel's id in hexadecimal. `logged`: denials that audit
-- told of; `traced`: those that only the tracepoints told of. `parent`: of its creation; null there: it has none.
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

CREATE INDEX domains_by_host ON domains (host);
CREATE INDEX domains_by_allocated_ms ON domains (allocated_ms) WHERE allocated_ms IS NOT NULL;
CREATE INDEX domains_by_deallocated_ms ON domains (deallocated_ms) WHERE deallocated_ms IS NOT NULL;
CREATE INDEX domains_by_boot ON domains (boot);
CREATE INDEX domains_by_live_boot ON domains (boot, first_ms, is_canary, host) WHERE deallocated_ms IS NULL;
CREATE INDEX domains_by_parent ON domains (boot, parent) WHERE parent IS NOT NULL;
CREATE INDEX domains_by_unlogged ON domains (id) WHERE total > logged OR traced > 0;

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

CREATE TRIGGER domains_deleted AFTER DELETE ON domains
WHEN old.deallocated_ms IS NULL AND old.is_canary = 0
BEGIN
  UPDATE boots SET open_domains = open_domains - 1 WHERE id = old.boot;
END;

-- The records of a domain's allocation and deallocation, as they came.
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

CREATE INDEX domain_events_by_domain ON domain_events (domain);
CREATE INDEX domain_events_by_at_ms ON domain_events (at_ms);

-- What the kernel's tracepoint said of a domain's creation. `ruleset`: JSON of its id, version, handled rights, rules.
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

CREATE INDEX domain_creations_by_domain ON domain_creations (domain);
CREATE INDEX domain_creations_by_at_ms ON domain_creations (at_ms);

-- Which domains have to do with which processes of a boot: as what was refused or made them, or as the parent of
-- what was refused. Finds the relatives of a domain without reading all of its boot. `is_parent` is 0 where it
-- was both.
CREATE TABLE domain_processes (
  boot INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  is_parent INTEGER NOT NULL,
  PRIMARY KEY (boot, pid, domain)
) STRICT, WITHOUT ROWID;

-- Landlock's system calls, where audit rules for them are loaded. `call`: 0 create_ruleset, 1 add_rule,
-- 2 restrict_self. `details`: JSON of what repeats (user, group, terminal, session, system call).
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

-- Who uses Landlock, by the hour: kept when the calls themselves are gone, and without the canary's. `program` is 0
-- where it is not known. `domains`: allocated, by the program of their creator.
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

-- Denials that are of one kind: they share a fingerprint (src/landlock/fingerprint.ts), which is made of `version` and
-- the columns up to object_detail. `id` is positive where these say exactly which path or port it is of: whoever looks for
-- a path finds such denials by their issue, and only the others need an index. `rules`: JSON, which rules the templates in them are by. The canary's have issues of
-- their own. object_detail is 'gathered' for what would have been too many (src/store/interning/issue-register.ts). Times and
-- counts are kept by the writer; status, note and assignee are people's.
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

CREATE UNIQUE INDEX issues_by_fingerprint ON issues (fingerprint, is_canary);

CREATE INDEX issues_by_program ON issues (program, blockers);
-- To count them: monitoring asks all the time. Without the open ones, which are most, so that batches need not write it.
CREATE INDEX issues_by_status ON issues (status) WHERE status <> 'open' AND is_canary = 0;
CREATE INDEX issues_by_canary ON issues (id) WHERE is_canary = 1;
CREATE INDEX issues_by_path ON issues (object_key) WHERE id > 0 AND object_class = 'path';

-- One row a refused access. `flags`: bits 0 to 3 as everywhere; 4 to 7 the record's index in its event, of which (with
-- boot, time and serial) event.id is made, or 15 where event.id is in foreign_ids; 8 whether it is in repeats; from 9 on
-- how many milliseconds the slot stands after the true time, when its millisecond was full. `object` and `number`: see shapes.form. `parent`: how
-- far the parent's number is below the pid. `args`: JSON, U+0001 for the program as the first; a number: in strings.
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

CREATE INDEX denials_by_host ON denials (host);
CREATE INDEX denials_by_domain ON denials (domain);
CREATE INDEX denials_by_issue ON denials (issue);
-- Of issues that do not say it all themselves (see issues.id).
CREATE INDEX denials_by_object ON denials (object) WHERE issue < 0 AND object IS NOT NULL;
-- By their true millisecond: the few that do not stand in it.
CREATE INDEX denials_by_spill ON denials ((id >> 8) - (flags >> 9), serial) WHERE flags >= 512;

-- Event ids that are not made of what the row says: kept whole.
CREATE TABLE foreign_ids (
  event_key INTEGER NOT NULL,
  event_rest BLOB NOT NULL,
  denial INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (event_key, event_rest)
) STRICT, WITHOUT ROWID;

-- Rows of denials that stand for many of a flood: identical ones of one second (flood-guard.ts). `count`: with the one
-- whose row it is; the times are those of all.
CREATE TABLE repeats (
  denial INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT;

-- What makes the event.ids of the others (repeats.ts). `denial` is null where the row was too old, as long as some of
-- them are not.
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

-- From the first 32 bits of event.id to denials.id, for those not in foreign_ids (id-runs.ts). A tail is in the order in
-- which denials were stored; a run is made of many tails, and its rows are told apart by the first 8 bits.
CREATE TABLE id_tails (
  id INTEGER PRIMARY KEY,
  entries BLOB NOT NULL
) STRICT;

CREATE TABLE id_runs (
  id INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  entries BLOB NOT NULL
) STRICT;

-- Denials by the hour or day (of their slots), host and issue, and what of it is coarser. Exact: written with the
-- denials. issue_days is the finest: `hosts` is a list as src/store/rollups/packed-counts.ts has them, its codes are
-- (host * 24 + hour of the day), `denials` their sum. A row that has become long is followed by another `part`; what is
-- in both adds up.
CREATE TABLE issue_days (
  issue INTEGER NOT NULL,
  day INTEGER NOT NULL,
  part INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  hosts TEXT NOT NULL,
  PRIMARY KEY (issue, day, part)
) STRICT, WITHOUT ROWID;

-- What there was of each issue on a day, without the long rows.
CREATE INDEX issue_days_by_day ON issue_days (day, issue, denials);

-- Its rows one by one; several may have the same key. Whoever asks for hours should name their days too.
CREATE VIEW hour_issues AS
SELECT issue, day, day * 24 + code % 24 AS hour, code / 24 AS host, denials
FROM (
  SELECT d.issue, d.day,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM issue_days d, json_each(d.hosts) j
);

-- One row for each issue of a host.
CREATE TABLE host_issues (
  host INTEGER NOT NULL,
  issue INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (host, issue)
) STRICT, WITHOUT ROWID;

-- What was denied on a host in an hour, by blockers, program and user (denials without one are not in the last two):
-- lists and parts as in issue_days.
CREATE TABLE host_hours (
  hour INTEGER NOT NULL,
  host INTEGER NOT NULL,
  part INTEGER NOT NULL,
  blockers TEXT NOT NULL,
  programs TEXT NOT NULL,
  users TEXT NOT NULL,
  PRIMARY KEY (hour, host, part)
) STRICT, WITHOUT ROWID;

-- The same by the day: a question about a month reads a twentieth of the rows.
CREATE TABLE host_days (
  day INTEGER NOT NULL,
  host INTEGER NOT NULL,
  part INTEGER NOT NULL,
  blockers TEXT NOT NULL,
  programs TEXT NOT NULL,
  users TEXT NOT NULL,
  PRIMARY KEY (day, host, part)
) STRICT, WITHOUT ROWID;

-- The rows of host_hours one by one; several may have the same key.
CREATE VIEW denial_hours AS
SELECT hour, host, CASE WHEN code < 0 THEN -1 - code ELSE code END AS blockers, code < 0 AS is_canary, denials
FROM (
  SELECT h.hour, h.host,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM host_hours h, json_each(h.blockers) j
);

CREATE VIEW program_hours AS
SELECT hour, host, CASE WHEN code < 0 THEN -1 - code ELSE code END AS program, code < 0 AS is_canary, denials
FROM (
  SELECT h.hour, h.host,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM host_hours h, json_each(h.programs) j
);

CREATE VIEW user_hours AS
SELECT hour, host, CASE WHEN code < 0 THEN -1 - code ELSE code END AS uid, code < 0 AS is_canary, denials
FROM (
  SELECT h.hour, h.host,
    CASE j.type WHEN 'integer' THEN j.value ELSE j.value ->> 0 END AS code,
    CASE j.type WHEN 'integer' THEN 1 ELSE j.value ->> 1 END AS denials
  FROM host_hours h, json_each(h.users) j
);

CREATE TABLE blocker_hours (
  hour INTEGER NOT NULL,
  blockers INTEGER NOT NULL,
  is_canary INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (hour, blockers, is_canary)
) STRICT, WITHOUT ROWID;

-- Of all hosts: few rows an hour, where program_hours has some for each host.
CREATE TABLE hour_programs (
  hour INTEGER NOT NULL,
  program INTEGER NOT NULL,
  is_canary INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (hour, program, is_canary)
) STRICT, WITHOUT ROWID;

-- By the day, for whole fleets. `kind`: whether `key` is the row of a set of blockers (0), a host (1) or a program (2).
CREATE TABLE day_counts (
  day INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  key INTEGER NOT NULL,
  is_canary INTEGER NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (kind, day, key, is_canary)
) STRICT, WITHOUT ROWID;

-- How often the counts of an hour were added to, so that whoever asks again can keep what it made of those that have
-- stayed as they were (src/store/rollups/count-changes.ts). The row of hour -1: how often some were taken away.
CREATE TABLE hour_changes (
  hour INTEGER PRIMARY KEY,
  changes INTEGER NOT NULL
) STRICT;

-- Which hosts have a package, as their denials and their agents say (package-sums.ts).
CREATE TABLE host_packages (
  host INTEGER NOT NULL,
  package INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (host, package)
) STRICT, WITHOUT ROWID;

CREATE INDEX host_packages_by_package ON host_packages (package);

-- Denials of the programs of a package, by the day; without the canary's.
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

-- What hosts tell that only count (aggregate-counts.ts). `reporter`: an id that a host has for a day. `object`: a template
-- or kind of place.
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

-- Everything of a kind that is older than `since_ms` is gone, and what comes from then is refused: it may have been
-- stored once. Documents with the tag `replay` have marks of their own.
CREATE TABLE retention_marks (
  kind TEXT NOT NULL,
  is_replay INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, is_replay)
) STRICT, WITHOUT ROWID;

-- Rows that retention and deletion have taken, by kind, and documents that were refused as too old (`too_old`).
CREATE TABLE removals (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `seen_ms` is the document's time or, where it has none, when it was stored.
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

CREATE INDEX gaps_by_seen_ms ON gaps (seen_ms);
CREATE INDEX gaps_by_host_cause ON gaps (host, cause);

-- What each collector last said of itself (JSON of delivery's Heartbeat).
CREATE TABLE collectors (
  host INTEGER PRIMARY KEY REFERENCES hosts (id),
  contact_ms INTEGER NOT NULL,
  heartbeat TEXT NOT NULL
) STRICT;

-- When the collector of a host was not heard of, from its last heartbeat before to the next one.
CREATE TABLE silences (
  host INTEGER NOT NULL REFERENCES hosts (id),
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (host, since_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX silences_by_until_ms ON silences (until_ms);

-- What users are called on a host, as its collector last said.
CREATE TABLE user_names (
  uid INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES hosts (id),
  name TEXT NOT NULL,
  PRIMARY KEY (uid, host)
) STRICT, WITHOUT ROWID;

-- Secrets are kept as SHA-256 only.
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

-- What tokens with the scope enroll are limited to.
CREATE TABLE enrolments (
  token INTEGER PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
  fleet TEXT NOT NULL,
  needs_approval INTEGER NOT NULL,
  uses_max INTEGER,
  uses INTEGER NOT NULL DEFAULT 0
) STRICT;

-- People who sign in with a password. `password`: how it was hashed and the hash (src/store/access/passwords.ts). `disabled_ms`:
-- since when nobody may sign in with it.
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

-- Signed-in browsers. `account` is null where a one-time link let it in. `agent`: what the browser says of itself.
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

CREATE TABLE sign_in_codes (
  hash BLOB PRIMARY KEY,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Views that people keep. `owner`: the key of an account or a token, or of the server. `content`: JSON, what is shown.
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

-- Who changed what about Trespass itself, or tried to. `detail`: JSON.
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
