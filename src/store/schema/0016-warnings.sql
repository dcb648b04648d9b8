-- SPDX-License-Identifier: Apache-2.0
-- Warnings, and the notices by which they are heard.

-- What goes out by itself: rules that two persons agreed to beforehand. The narrowest that fits decides; without any, a
-- warning waits for an analyst.
CREATE TABLE warning_rule (
    number @I64@ NOT NULL PRIMARY KEY,
    class TEXT NOT NULL,                -- taxonomy/type, taxonomy/, or empty: any
    cause_kind TEXT NOT NULL,           -- indicator, report, or empty: any
    severity TEXT NOT NULL,             -- at least
    sector TEXT NOT NULL,               -- of the constituent, or empty
    does TEXT NOT NULL,                 -- send, digest, hold
    from_us @I64@ NOT NULL,
    until_us @I64@,
    approval @I64@ NOT NULL,            -- by which two persons agreed
    added_us @I64@ NOT NULL
) @STRICT@;

CREATE TABLE warning (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ NOT NULL REFERENCES organisation (number), -- who is warned
    cause_kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    class TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,                -- drafted, approved, sent, delivered, acknowledged, not-mine, done, withdrawn
    held TEXT NOT NULL,                 -- why it waits for a person; empty: it does not
    marking TEXT NOT NULL,              -- "TLP:AMBER", the widest of what it tells of
    does TEXT NOT NULL,                 -- send or digest: how it goes out once it is approved
    first_us @I64@ NOT NULL,
    last_us @I64@ NOT NULL,
    events @I64@ NOT NULL,
    drafted_us @I64@ NOT NULL,
    due_us @I64@,                       -- until when they are to have done something
    told_us @I64@,                      -- when a notice of it was last written; empty: never
    told TEXT NOT NULL,                 -- the severity that it had then; or empty
    chased @I64@ NOT NULL,              -- how often they were reminded
    chase_us @I64@,                     -- when the next step is due: reminder, second contact, sector; empty: never
    changed_us @I64@ NOT NULL
) @STRICT@;
-- There is one open warning for the same.
CREATE UNIQUE INDEX warning_once ON warning (organisation, cause_kind, cause, class)
    WHERE state NOT IN ('not-mine', 'done', 'withdrawn');
CREATE INDEX warning_last ON warning (organisation, cause_kind, cause, class, number);
CREATE INDEX warning_organisation ON warning (organisation, number);
CREATE INDEX warning_open ON warning (number) WHERE state NOT IN ('not-mine', 'done', 'withdrawn');
CREATE INDEX warning_open_organisation ON warning (organisation, number)
    WHERE state NOT IN ('not-mine', 'done', 'withdrawn');
CREATE INDEX warning_held ON warning (number) WHERE held <> '';
CREATE INDEX warning_unanswered ON warning (number)
    WHERE chased > 0 AND chase_us IS NULL AND state IN ('approved', 'sent', 'delivered');
CREATE INDEX warning_cause ON warning (cause_kind, cause, number);
CREATE INDEX warning_lasting ON warning (cause, number) WHERE cause_kind = 'indicator' AND state <> 'withdrawn';
CREATE INDEX warning_digest ON warning (organisation, class, number)
    WHERE state = 'approved' AND does = 'digest' AND told_us IS NULL;
CREATE INDEX warning_told ON warning (organisation, class, told_us);
CREATE INDEX warning_drafted ON warning (drafted_us);
CREATE INDEX warning_chase ON warning (chase_us) WHERE chase_us IS NOT NULL;

-- Whose warnings are to be looked at again, and how far that went: an import may take back very many.
CREATE TABLE warning_note (
    number @I64@ NOT NULL PRIMARY KEY,
    what TEXT NOT NULL,                 -- import, cause, consent, untold
    subject TEXT NOT NULL,              -- number of the import, the indicator's id; or empty
    cause TEXT NOT NULL,                -- warnings up to this cause
    warning @I64@ NOT NULL              -- and this number were looked at
) @STRICT@;

-- Its life.
CREATE TABLE warning_step (
    warning @I64@ NOT NULL REFERENCES warning (number),
    step @I64@ NOT NULL,                -- from 1
    time_us @I64@ NOT NULL,
    actor TEXT NOT NULL,
    state TEXT NOT NULL,                -- that it got
    why TEXT NOT NULL,
    PRIMARY KEY (warning, step)
) @STRICT@;

-- One message to one contact by one channel. What leaves is here, byte for byte, before it leaves.
CREATE TABLE notice (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ REFERENCES organisation (number), -- empty: of a letter to somebody else
    contact @I64@ REFERENCES contact (number),           -- empty: of a letter, which goes to an address
    address TEXT NOT NULL,              -- of a letter: to whom; or empty
    channel TEXT NOT NULL,              -- mail, webhook
    kind TEXT NOT NULL,                 -- warning, digest, reminder, escalation, correction, contact, letter ...
    language TEXT NOT NULL,             -- of its first part
    reference TEXT NOT NULL UNIQUE,     -- 128 random bits, in base32: what people quote, the left side of Message-ID
    message @BLOB@ NOT NULL,            -- headers and body, or what is posted
    state TEXT NOT NULL,                -- waiting, begun (nobody knows yet whether it was taken), sent, delivered,
                                        -- bounced, failed
    uncertain @I64@ NOT NULL,           -- attempts that began and of which nobody knows how they ended
    attempts @I64@ NOT NULL,
    next_us @I64@ NOT NULL,             -- not before
    made_us @I64@ NOT NULL,
    sent_us @I64@,
    answered_us @I64@,
    why TEXT NOT NULL                   -- the last failure or bounce; or empty
) @STRICT@;
CREATE INDEX notice_next ON notice (channel, next_us, number) WHERE state = 'waiting';
CREATE INDEX notice_begun ON notice (channel, number) WHERE state = 'begun';
CREATE INDEX notice_sent ON notice (sent_us) WHERE sent_us IS NOT NULL;
CREATE INDEX notice_organisation ON notice (organisation, number);
CREATE INDEX notice_contact ON notice (contact, sent_us);
CREATE INDEX notice_address ON notice (address, sent_us) WHERE address <> '';

CREATE TABLE notice_warning (
    notice @I64@ NOT NULL REFERENCES notice (number),
    warning @I64@ NOT NULL REFERENCES warning (number),
    PRIMARY KEY (notice, warning)
) @STRICT@;
CREATE INDEX notice_warning_of ON notice_warning (warning, notice);

CREATE TABLE notice_attempt (
    notice @I64@ NOT NULL REFERENCES notice (number),
    attempt @I64@ NOT NULL,
    begun_us @I64@ NOT NULL,            -- durable before the first byte of DATA
    ended_us @I64@,                     -- empty: nobody knows
    outcome TEXT NOT NULL,              -- taken, refused, deferred, uncertain; or empty
    answer TEXT NOT NULL,               -- the other side's words
    PRIMARY KEY (notice, attempt)
) @STRICT@;
