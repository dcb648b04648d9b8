-- SPDX-License-Identifier: Apache-2.0
-- What was released to whom: a partner's collection is these rows and nothing else.

-- One version of one object for one partner. Narrow: bytes only where they are not the object's own. It is served while
-- it is valid, under the generation that holds, and its entry stands under a signed head with this digest. Entry, leaf and
-- digest of a row never change, so an entry's leaves are its rows; of what is no longer released only the validity ends.
CREATE TABLE released (
    agreement @I64@ NOT NULL,           -- with the partner: its log holds the entry
    added_us @I64@ NOT NULL,            -- its moment in the partner's collection: only later ones come
    object @I64@ NOT NULL,
    id TEXT NOT NULL,                   -- as the partner sees it: of a derived object a random one
    type TEXT NOT NULL,
    version TEXT NOT NULL,
    spec_version TEXT NOT NULL,
    standing @I64@ NOT NULL,            -- as in collection_object
    shown @I64@ NOT NULL,
    generation @I64@ NOT NULL,          -- of the agreement
    from_us @I64@ NOT NULL,
    until_us @I64@ NOT NULL,
    entry @I64@ NOT NULL,               -- of the partner log
    leaf @I64@ NOT NULL,                -- its place in the batch that the entry commits to
    digest @BLOB@ NOT NULL,             -- SHA-256 of the bytes that leave
    derived @BLOB@ NOT NULL,            -- those bytes; empty: the object's
    recall @I64@ NOT NULL,              -- 1: it only takes back: served even when the agreement has ended
    PRIMARY KEY (agreement, added_us)
) @STRICT@;

-- Which kinds a partner was ever given: the first of a kind is asked about.
CREATE TABLE released_kind (
    partner @I64@ NOT NULL,
    type TEXT NOT NULL,
    first_us @I64@ NOT NULL,
    PRIMARY KEY (partner, type)
) @STRICT@;

-- How far everything was decided under an agreement's generation: rows behind that moment are not served yet, so that
-- nobody reads past one that comes back, and objects behind that number are still to be looked at.
CREATE TABLE release_progress (
    agreement @I64@ NOT NULL PRIMARY KEY,
    generation @I64@ NOT NULL,
    decided_us @I64@ NOT NULL,
    object @I64@ NOT NULL,
    until_object @I64@ NOT NULL,        -- what comes later has a row of release_due
    begun_us @I64@ NOT NULL,
    done_us @I64@                       -- NULL: under way
) @STRICT@;

-- What is to be decided, noted in the order of the journal and done in batches: an import, an id, what waited for
-- something of one partner.
CREATE TABLE release_due (
    number @I64@ NOT NULL PRIMARY KEY,
    what TEXT NOT NULL,                 -- import, undone, id, rule, waits, ended
    partner @I64@ NOT NULL,             -- 0: all
    subject TEXT NOT NULL,              -- number of the import or agreement, id, rule
    at @I64@ NOT NULL,                  -- objects up to this number were decided
    made_us @I64@ NOT NULL,
    source @I64@ NOT NULL               -- of an import: each source has its turn; 0: what no source makes more of
) @STRICT@;
CREATE INDEX release_due_source ON release_due (source, number);
CREATE INDEX release_due_subject ON release_due (subject, what);

-- A decision that something stays here, by rule: for people, and so that it is decided anew when what it waits for comes.
CREATE TABLE withheld (
    partner @I64@ NOT NULL,
    object @I64@ NOT NULL,
    rule TEXT NOT NULL,
    generation @I64@ NOT NULL,
    decided_us @I64@ NOT NULL,
    PRIMARY KEY (partner, object)
) @STRICT@;
CREATE INDEX withheld_rule ON withheld (partner, rule, object);
-- An id that it refers to and the partner does not know.
CREATE TABLE withheld_for (
    partner @I64@ NOT NULL,
    id TEXT NOT NULL,
    object @I64@ NOT NULL,
    PRIMARY KEY (partner, id, object)
) @STRICT@;

-- The random ids under which a partner has our derived objects; the latest holds, all are known when they come back.
CREATE TABLE derived_id (
    derived TEXT NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,
    id TEXT NOT NULL,                   -- of the object that it was made from
    made_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX derived_id_of ON derived_id (partner, id, made_us);

-- Consent of an originator that a partner of ours may have its object; asked for each such object or given for a kind.
CREATE TABLE consent (
    number @I64@ NOT NULL PRIMARY KEY,
    originator @I64@ NOT NULL,          -- partner; 0: somebody outside, whose consent is on paper
    id TEXT NOT NULL,                   -- of the object; empty: all of that type
    type TEXT NOT NULL,
    recipient @I64@ NOT NULL,           -- partner; 0: any
    state TEXT NOT NULL,                -- to-ask, asked, given, refused, withdrawn
    paper TEXT NOT NULL,                -- the words on paper; empty: it came as a statement
    statement @BLOB@ NOT NULL,          -- as it was signed; empty: none yet
    asked_us @I64@ NOT NULL,
    answered_us @I64@,
    until_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX consent_once ON consent (originator, id, type, recipient);
CREATE INDEX consent_to_ask ON consent (originator, number) WHERE state = 'to-ask';
-- What partners asked us: may an object of ours go on to somebody?
CREATE TABLE consent_request (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,             -- that asks
    statement_id TEXT NOT NULL,         -- UUID of its statement
    ids TEXT NOT NULL,                  -- of the objects, one a line
    recipient TEXT NOT NULL,            -- id of the node that would get them
    state TEXT NOT NULL,                -- open, given, refused
    told @I64@ NOT NULL,                -- 1: the answer is on its way
    asked_us @I64@ NOT NULL,
    answered_us @I64@
) @STRICT@;
CREATE UNIQUE INDEX consent_request_once ON consent_request (partner, statement_id);
CREATE INDEX consent_request_open ON consent_request (number) WHERE state = 'open';
CREATE INDEX consent_request_untold ON consent_request (number) WHERE state <> 'open' AND told = 0;

-- What may leave without being asked each time: agreed to by two persons beforehand.
CREATE TABLE standing_rule (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,             -- 0: any
    type TEXT NOT NULL,                 -- of objects; empty: all
    id TEXT NOT NULL,                   -- of the one object; empty: all of that type
    highest TEXT NOT NULL,              -- TLP
    approval @I64@ NOT NULL,            -- of the two persons
    from_us @I64@ NOT NULL,
    until_us @I64@ NOT NULL,
    ended_us @I64@
) @STRICT@;
CREATE INDEX standing_rule_partner ON standing_rule (partner, id);

-- Questions for a person: one for a partner, an originator, a kind and a rule, however many objects raise it.
CREATE TABLE ask (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,
    originator @I64@ NOT NULL,          -- partner; 0: we, or somebody outside
    type TEXT NOT NULL,
    rule TEXT NOT NULL,
    highest TEXT NOT NULL,              -- TLP of the strictest of them
    state TEXT NOT NULL,                -- open, allowed, denied, expired
    count @I64@ NOT NULL,
    first_us @I64@ NOT NULL,
    last_us @I64@ NOT NULL,
    expires_us @I64@ NOT NULL,
    approval @I64@ NOT NULL             -- 0: nobody has proposed an answer yet
) @STRICT@;
CREATE UNIQUE INDEX ask_open ON ask (partner, originator, type, rule) WHERE state = 'open';
-- The first of its objects, as examples.
CREATE TABLE ask_object (
    ask @I64@ NOT NULL REFERENCES ask (number),
    object @I64@ NOT NULL,
    PRIMARY KEY (ask, object)
) @STRICT@;

-- What we asked a partner to stop using, and what it said. Requested, never removed: it has what it has.
CREATE TABLE recall (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,
    agreement @I64@ NOT NULL,
    id TEXT NOT NULL,                   -- as the partner has it
    version TEXT NOT NULL,
    cause TEXT NOT NULL,                -- revoked, withdrawn, agreement-ended, by-hand
    digest @BLOB@ NOT NULL,             -- of what it has: with id and version a leaf of the entry
    entry @I64@ NOT NULL,               -- of the partner log; below 0: -1 minus that of one that ended
    told @I64@ NOT NULL,                -- 1: the statement is on its way; 2: it cannot be told, nor acknowledge
    asked_us @I64@ NOT NULL,
    answer TEXT NOT NULL,               -- stopped, deleted, passed-on; empty: none yet
    passed_on TEXT NOT NULL,            -- to whom, as it says
    answered_us @I64@
) @STRICT@;
CREATE UNIQUE INDEX recall_once ON recall (partner, id, version, cause);
CREATE INDEX recall_missing ON recall (partner, number) WHERE answered_us IS NULL;
CREATE INDEX recall_entry ON recall (agreement, entry);
CREATE INDEX recall_untold ON recall (partner, number) WHERE told = 0;

-- What a partner asks us to stop using: it is heard, it deletes nothing, and a large one waits for a person.
CREATE TABLE recall_heard (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,
    statement_id TEXT NOT NULL,
    ids TEXT NOT NULL,                  -- as it sent them to us, one a line
    cause TEXT NOT NULL,
    state TEXT NOT NULL,                -- waits (for a person), agreed, refused, done (told to who follows)
    answer TEXT NOT NULL,               -- what we say
    told @I64@ NOT NULL,
    heard_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX recall_heard_once ON recall_heard (partner, statement_id);
CREATE INDEX recall_heard_untold ON recall_heard (number) WHERE told = 0;

-- postgres:
ALTER TABLE released ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE released ALTER COLUMN type TYPE TEXT COLLATE "C";
ALTER TABLE released ALTER COLUMN version TYPE TEXT COLLATE "C";
ALTER TABLE released ALTER COLUMN spec_version TYPE TEXT COLLATE "C";
-- both:

CREATE UNIQUE INDEX released_version ON released (agreement, id, spec_version, version);
CREATE INDEX released_object ON released (object, agreement);
CREATE INDEX released_shown ON released (agreement, added_us) WHERE shown = 1;
CREATE INDEX released_entry ON released (agreement, entry);
