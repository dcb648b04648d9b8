-- SPDX-License-Identifier: Apache-2.0
-- How far each mailbox was read: what was taken is told by its digest, however the mailbox counts.
CREATE TABLE mailbox (
    name TEXT NOT NULL PRIMARY KEY,     -- as the configuration has it
    validity @I64@ NOT NULL,            -- UIDVALIDITY of IMAP; else 0
    last @I64@ NOT NULL,                -- UID up to which all was taken
    looked_us @I64@ NOT NULL,
    taken @I64@ NOT NULL,
    why TEXT NOT NULL                   -- the last failure; or empty
) @STRICT@;

-- Mails that were taken, each once, however often and by whichever way it comes.
CREATE TABLE mailbox_mail (
    digest @BLOB@ NOT NULL PRIMARY KEY, -- SHA-256 of its bytes
    taken_us @I64@ NOT NULL
) @STRICT@;
