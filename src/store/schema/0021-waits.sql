-- SPDX-License-Identifier: Apache-2.0
-- A partner log that others know to be longer than it is here waits for the partner, who kept the rest: what is entered
-- meanwhile is not signed, so that nobody sees it, and nothing of the log is served.
ALTER TABLE log ADD COLUMN waits TEXT NOT NULL DEFAULT '';       -- who knows more of it; empty: it waits for nobody
ALTER TABLE log ADD COLUMN waits_size @I64@ NOT NULL DEFAULT 0;  -- the head that is known
ALTER TABLE log ADD COLUMN waits_root TEXT NOT NULL DEFAULT '';  -- in hexadecimal
