-- SPDX-License-Identifier: Apache-2.0
-- Events of those we serve: where they come from and how far they were read, what was counted, what was met, what is
-- remembered. Events themselves are not stored.

-- Somewhere events come from.
CREATE TABLE stream (
    number @I64@ NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,          -- "rs-melati/suricata", "shadowserver"
    organisation @I64@ NOT NULL,        -- whose sensor it is: all of it is about them; 0: reports about many
    format TEXT NOT NULL,               -- as -f takes it; auto: by its looks
    added_us @I64@ NOT NULL,
    events @I64@ NOT NULL,              -- all that ever came
    malformed @I64@ NOT NULL,
    shed @I64@ NOT NULL,                -- not looked at, because more came than could be taken
    last_us @I64@                       -- the last batch
) @STRICT@;
CREATE INDEX stream_organisation ON stream (organisation, number);

-- How far an input of a stream was read. Written in the transaction that counts what was read up to there.
CREATE TABLE stream_input (
    stream @I64@ NOT NULL REFERENCES stream (number),
    input TEXT NOT NULL,                -- which one: device and inode of a file with the digest of its beginning, or the
                                        -- id that a client gave to what it sends
    place TEXT NOT NULL,                -- of a file: device and inode, "2049:1311"; else empty
    beginning @I64@ NOT NULL,           -- how many bytes of its beginning the digest is of
    name TEXT NOT NULL,                 -- for people: the file's name
    bytes @I64@ NOT NULL,               -- read, unpacked
    records @I64@ NOT NULL,
    done @I64@ NOT NULL,                -- 1: to its end
    size @I64@ NOT NULL,                -- of the file as it lay there then; 0: not known
    moved_us @I64@ NOT NULL,
    PRIMARY KEY (stream, input)
) @STRICT@;
CREATE INDEX stream_input_place ON stream_input (stream, place, moved_us);
CREATE INDEX stream_input_moved ON stream_input (moved_us);

-- What one transaction took in: events of a stream, or the past that new intelligence met (stream 0). One row of the
-- journal each ("events.taken", subject "batch/7").
CREATE TABLE batch (
    number @I64@ NOT NULL PRIMARY KEY,
    stream @I64@ NOT NULL,
    taken_us @I64@ NOT NULL,
    events @I64@ NOT NULL,
    bytes @I64@ NOT NULL,
    malformed @I64@ NOT NULL,
    hits @I64@ NOT NULL,
    shed @I64@ NOT NULL
) @STRICT@;
CREATE INDEX batch_taken ON batch (taken_us);

-- Records that are no event, the first of each batch whole: nothing is dropped in silence.
CREATE TABLE quarantined (
    batch @I64@ NOT NULL,
    place @I64@ NOT NULL,               -- the record's line in its input
    input TEXT NOT NULL,
    why TEXT NOT NULL,
    record @BLOB@ NOT NULL,             -- its beginning
    PRIMARY KEY (batch, place, input)
) @STRICT@;

-- Counts, exact: events of a day, by whose they are and by class (RSIT, from the log or the report's type).
CREATE TABLE event_count (
    day @I64@ NOT NULL,                 -- of the event's own time, days since 1970 in UTC
    organisation @I64@ NOT NULL,        -- 0: nobody's that we know
    stream @I64@ NOT NULL,
    class TEXT NOT NULL,                -- taxonomy/type, or empty
    events @I64@ NOT NULL,
    hits @I64@ NOT NULL,
    doubles @I64@ NOT NULL,             -- of reports: the same as one before, by the rule of doc/why/counting.md
    PRIMARY KEY (day, organisation, stream, class)
) @STRICT@;

-- Which reports of a day came already, for doubles: the digests that a batch brought, eight bytes each, in order.
CREATE TABLE report_seen (
    stream @I64@ NOT NULL,
    day @I64@ NOT NULL,
    batch @I64@ NOT NULL,
    digests @BLOB@ NOT NULL,
    PRIMARY KEY (stream, day, batch)
) @STRICT@;
CREATE INDEX report_seen_batch ON report_seen (batch);

-- What somebody we serve met, folded: one row for each of them, cause, source and window.
CREATE TABLE met (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ NOT NULL,        -- 0: nobody's that we know
    cause_kind TEXT NOT NULL,           -- indicator: its STIX id; report: its type
    cause TEXT NOT NULL,
    class TEXT NOT NULL,                -- taxonomy/type
    stream @I64@ NOT NULL,              -- where it was seen; 0: in the memory
    window_us @I64@ NOT NULL,           -- when the window begins
    first_us @I64@ NOT NULL,            -- of the events' own time
    last_us @I64@ NOT NULL,
    events @I64@ NOT NULL,
    severity TEXT NOT NULL,             -- critical, high, medium, low, info
    details @I64@ NOT NULL,             -- rows of met_detail; of further events only the count is here
    batch @I64@ NOT NULL,               -- the last that changed it
    warning @I64@                       -- that speaks of it; empty: none yet
) @STRICT@;
CREATE UNIQUE INDEX met_once ON met (organisation, cause_kind, cause, class, stream, window_us);
CREATE INDEX met_batch ON met (batch, number);
CREATE INDEX met_warning ON met (warning, number);
CREATE INDEX met_cause ON met (cause_kind, cause, number);
CREATE INDEX met_reach ON met (cause_kind, cause, organisation);
CREATE INDEX met_last ON met (organisation, last_us, number);

-- Up to MET_DETAILS_MAX of the events of a met row, for who has to act on them.
CREATE TABLE met_detail (
    met @I64@ NOT NULL REFERENCES met (number),
    digest @BLOB@ NOT NULL,             -- of own, peer and their ports: equal ones are one row
    first_us @I64@ NOT NULL,
    last_us @I64@ NOT NULL,
    events @I64@ NOT NULL,
    own TEXT NOT NULL,                  -- the constituent's own address or name
    own_port @I64@,
    peer TEXT NOT NULL,                 -- what was met: type and value, "ipv4 203.0.113.77"
    peer_port @I64@,
    extra TEXT NOT NULL,                -- JSON of further columns of a report; or empty
    PRIMARY KEY (met, digest)
) @STRICT@;

-- Runs of the memory that count: files in the node's folder memory/ that no row names are left over and removed. A run
-- and the position of the input that it holds get in here in one transaction.
CREATE TABLE memory_run (
    file TEXT NOT NULL PRIMARY KEY,     -- its name there
    day @I64@ NOT NULL,
    level @I64@ NOT NULL,               -- 0: of one batch; higher: merged
    entries @I64@ NOT NULL,
    bytes @I64@ NOT NULL,
    digest @BLOB@ NOT NULL,             -- SHA-256 of the file
    made_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX memory_run_day ON memory_run (day, level, file);

-- How many of those we serve an indicator would have met, when it was last looked for in the memory; none: no row.
CREATE TABLE memory_reach (
    indicator TEXT NOT NULL PRIMARY KEY, -- STIX id
    organisations @I64@ NOT NULL,
    sightings @I64@ NOT NULL,
    first_us @I64@ NOT NULL,
    last_us @I64@ NOT NULL,
    looked_us @I64@ NOT NULL
) @STRICT@;
