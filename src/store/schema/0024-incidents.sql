-- SPDX-License-Identifier: Apache-2.0
-- Incidents, and the work on them. Every row has one writer: the node whose `home` it is.

CREATE TABLE incident (
    number @I64@ NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,      -- id of its STIX incident
    home @I64@ NOT NULL REFERENCES organisation (number), -- whose case it is: we, or a partner that shared it with us
    title TEXT NOT NULL,
    state TEXT NOT NULL,                -- new, triaged, open, contained, recovered, closed, published; not-an-incident,
                                        -- duplicate, transferred
    class TEXT NOT NULL,                -- of today; incident_class has those before
    local_class TEXT NOT NULL,          -- a sub-class of ours, "ransomware"; or empty
    severity TEXT NOT NULL,             -- our own word, of severity.h; scales of others are in incident_severity
    criticality @I64@ NOT NULL,         -- 0 to 100
    determination TEXT NOT NULL,        -- suspected, confirmed ... (incident core extension)
    marking TEXT NOT NULL,              -- "TLP:AMBER"
    sector TEXT NOT NULL,
    vital @I64@ NOT NULL,               -- 1: vital information infrastructure is concerned
    personal_data @I64@ NOT NULL,       -- 1: personal data is concerned
    flags TEXT NOT NULL,                -- words between blanks: exercise, restricted
    holder @I64@ REFERENCES person (number),
    same_as @I64@ REFERENCES incident (number),
    occurred_us @I64@,
    detected_us @I64@,
    known_us @I64@,                     -- starts the clocks of law; changed by two persons only
    reported_us @I64@,
    acknowledged_us @I64@,
    contained_us @I64@,
    recovered_us @I64@,
    closed_us @I64@,
    opened_us @I64@ NOT NULL,
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX incident_state ON incident (state, number);
CREATE INDEX incident_open ON incident (number)
    WHERE state NOT IN ('closed', 'published', 'not-an-incident', 'duplicate', 'transferred');
CREATE INDEX incident_holder ON incident (holder, number);
CREATE INDEX incident_flags ON incident (number, flags, holder) WHERE flags <> '';
CREATE INDEX incident_home ON incident (home, number);
CREATE INDEX incident_opened ON incident (opened_us);

-- Classes that it had. Figures of a year are made with those that held at a moment.
CREATE TABLE incident_class (
    incident @I64@ NOT NULL REFERENCES incident (number),
    from_us @I64@ NOT NULL,
    class TEXT NOT NULL,
    local_class TEXT NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (incident, from_us)
) @STRICT@;

-- What a time was before it was changed, and by whom.
CREATE TABLE incident_time (
    incident @I64@ NOT NULL REFERENCES incident (number),
    changed_us @I64@ NOT NULL,
    what TEXT NOT NULL,                 -- occurred, detected, known ...
    before_us @I64@,
    after_us @I64@,
    actor TEXT NOT NULL,                -- who did it
    proposer TEXT NOT NULL,             -- the first of two persons; empty: one was enough
    why TEXT NOT NULL,
    PRIMARY KEY (incident, changed_us, what)
) @STRICT@;

-- How bad it is on other scales, side by side, never made of each other.
CREATE TABLE incident_severity (
    incident @I64@ NOT NULL REFERENCES incident (number),
    scale TEXT NOT NULL,                -- uk-ncsc, us-nciss, cn-2025, clinical
    from_us @I64@ NOT NULL,
    level TEXT NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (incident, scale, from_us)
) @STRICT@;

-- Who has to do with it.
CREATE TABLE incident_party (
    incident @I64@ NOT NULL REFERENCES incident (number),
    organisation @I64@ NOT NULL REFERENCES organisation (number),
    role TEXT NOT NULL,                 -- victim, supplier, lead, support, informed, liaison
    since_us @I64@ NOT NULL,
    until_us @I64@,
    actor TEXT NOT NULL,
    why TEXT NOT NULL,                  -- the rule of the responsibility table, or why it was overridden
    PRIMARY KEY (incident, organisation, role)
) @STRICT@;
CREATE INDEX incident_party_of ON incident_party (organisation, incident) WHERE until_us IS NULL;

CREATE TABLE incident_observable (
    incident @I64@ NOT NULL REFERENCES incident (number),
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    added_us @I64@ NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (incident, type, value)
) @STRICT@;
CREATE INDEX incident_observable_value ON incident_observable (type, value, incident);

-- What it costs: money, patients, records, hours. An unknown one is not nought.
CREATE TABLE incident_impact (
    incident @I64@ NOT NULL REFERENCES incident (number),
    number @I64@ NOT NULL,              -- from 1; a later one of the same kind replaces the earlier in figures
    kind TEXT NOT NULL,                 -- loss, records, patients-diverted, procedures-postponed ...
    low @I64@,                          -- in hundredths for money; empty: unknown
    high @I64@,
    unit TEXT NOT NULL,                 -- ISO 4217 for money; else empty
    basis TEXT NOT NULL,                -- of what it was made
    confidence TEXT NOT NULL,           -- low, medium, high
    organisation @I64@ REFERENCES organisation (number), -- to whom; empty: to all
    at_us @I64@ NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (incident, number)
) @STRICT@;

-- What happened, by hand; the rest of the timeline is the journal.
CREATE TABLE incident_entry (
    incident @I64@ NOT NULL REFERENCES incident (number),
    number @I64@ NOT NULL,              -- from 1
    identity TEXT NOT NULL,             -- id of its STIX note
    home @I64@ NOT NULL REFERENCES organisation (number), -- who wrote it
    kind TEXT NOT NULL,                 -- event (of the timeline), note, question, answer
    happened_us @I64@ NOT NULL,
    written_us @I64@ NOT NULL,
    audience TEXT NOT NULL,             -- own, parties, or the number of an organisation
    text TEXT NOT NULL,
    source TEXT NOT NULL,               -- where that is known from
    actor TEXT NOT NULL,
    due_us @I64@,                       -- of a question: until when an answer is wanted
    answers @I64@,                      -- of an answer: the question
    PRIMARY KEY (incident, number)
) @STRICT@;
CREATE UNIQUE INDEX incident_entry_identity ON incident_entry (identity);
CREATE INDEX incident_entry_happened ON incident_entry (incident, happened_us, number);
CREATE INDEX incident_entry_due ON incident_entry (due_us) WHERE due_us IS NOT NULL;

CREATE TABLE incident_link (
    incident @I64@ NOT NULL REFERENCES incident (number),
    other @I64@ NOT NULL REFERENCES incident (number),
    kind TEXT NOT NULL,                 -- same-campaign, caused-by, related
    actor TEXT NOT NULL,
    made_us @I64@ NOT NULL,
    PRIMARY KEY (incident, other, kind)
) @STRICT@;
CREATE INDEX incident_link_other ON incident_link (other, incident);

CREATE TABLE task (
    number @I64@ NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,      -- id of its STIX task
    incident @I64@ NOT NULL REFERENCES incident (number),
    home @I64@ NOT NULL REFERENCES organisation (number), -- who may change it
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    organisation @I64@ NOT NULL REFERENCES organisation (number), -- who is to do it
    person @I64@ REFERENCES person (number),
    state TEXT NOT NULL,                -- to-do, doing, waiting, done, cancelled
    due_us @I64@,
    result TEXT NOT NULL,
    agreed_by TEXT NOT NULL,            -- whose word it waits for, "clinical owner"; empty: nobody's
    agreed_us @I64@,
    playbook @I64@,                     -- of which run it is a step; empty: none
    step TEXT NOT NULL,
    made_us @I64@ NOT NULL,
    done_us @I64@,
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX task_incident ON task (incident, number);
-- Without a time: as if it were the last of all.
CREATE INDEX task_organisation ON task (organisation, COALESCE(due_us, 9223372036854775807), number, due_us, incident, person)
    WHERE state IN ('to-do', 'doing', 'waiting');
CREATE INDEX task_due ON task (due_us) WHERE state IN ('to-do', 'doing', 'waiting');

CREATE TABLE task_after (
    task @I64@ NOT NULL REFERENCES task (number),
    before @I64@ NOT NULL REFERENCES task (number), -- that has to be done first
    PRIMARY KEY (task, before)
) @STRICT@;
CREATE INDEX task_after_before ON task_after (before, task);

-- A playbook as it came, byte for byte, and a run of it in an incident.
CREATE TABLE playbook (
    number @I64@ NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    types TEXT NOT NULL,                -- words between blanks; with `attack` it is a text and nothing else
    class TEXT NOT NULL,                -- for which incidents it is proposed; or empty
    state TEXT NOT NULL,                -- draft, approved, retired
    signature TEXT NOT NULL,            -- good, bad, unknown-key, none
    added_us @I64@ NOT NULL,
    actor TEXT NOT NULL,
    bytes @BLOB@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX playbook_version ON playbook (identity, version);

CREATE TABLE playbook_run (
    number @I64@ NOT NULL PRIMARY KEY,
    playbook @I64@ NOT NULL REFERENCES playbook (number),
    incident @I64@ NOT NULL REFERENCES incident (number),
    begun_us @I64@ NOT NULL,
    ended_us @I64@,
    actor TEXT NOT NULL
) @STRICT@;
CREATE INDEX playbook_run_incident ON playbook_run (incident, number);

-- A clock of law: who must tell whom by when. The rule as it was when the clock began stays with it.
CREATE TABLE duty (
    number @I64@ NOT NULL PRIMARY KEY,
    incident @I64@ NOT NULL REFERENCES incident (number),
    rule TEXT NOT NULL,                 -- its name in the rule file
    version TEXT NOT NULL,              -- of the rule file
    text TEXT NOT NULL,                 -- the rule, as it is written there
    organisation @I64@ NOT NULL REFERENCES organisation (number), -- who must tell
    recipient TEXT NOT NULL,            -- whom, in words
    starts_us @I64@ NOT NULL,
    due_us @I64@,                       -- empty: "without undue delay"
    state TEXT NOT NULL,                -- running, met, late, waived, replaced
    reminded @I64@ NOT NULL,            -- 0, 50, 75, 90, 100: per cent of the time
    remind_us @I64@,                    -- when the next reminder is due
    filed_us @I64@,
    filed_by TEXT NOT NULL,
    reference TEXT NOT NULL,            -- of the recipient
    why TEXT NOT NULL,                  -- why late, or waived
    form @BLOB@ NOT NULL                -- what was filed, byte for byte; empty: nothing yet
) @STRICT@;
CREATE INDEX duty_incident ON duty (incident, number);
CREATE INDEX duty_state ON duty (state, number);
CREATE INDEX duty_remind ON duty (remind_us) WHERE remind_us IS NOT NULL;
-- Without a time: as if it were the last of all.
CREATE INDEX duty_running ON duty (COALESCE(due_us, 9223372036854775807), number) WHERE state = 'running';

-- postgres:
ALTER TABLE incident_observable ALTER COLUMN value TYPE TEXT COLLATE "C";
-- both:
