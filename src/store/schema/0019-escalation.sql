-- SPDX-License-Identifier: Apache-2.0
-- How a warning goes on that waits for a consent, or that nobody answers; and how long notices are kept.

-- It is held until whoever said it agrees: when consents come, these are looked at again.
ALTER TABLE warning ADD COLUMN consent @I64@ NOT NULL DEFAULT 0;
UPDATE warning SET consent = 1 WHERE state = 'drafted' AND held LIKE '%consent%';
-- When the team of their sector was told that nobody answers; empty: never.
ALTER TABLE warning ADD COLUMN sector_us @I64@;
-- Why the team may not be told or cannot be, so that a person has to; or empty.
ALTER TABLE warning ADD COLUMN sector_why TEXT NOT NULL DEFAULT '';

-- The sector of which an organisation is the team, as two persons agreed; or empty. A sector has one.
ALTER TABLE organisation ADD COLUMN team_of TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX organisation_team ON organisation (team_of) WHERE team_of <> '';

-- A warning list held a value of it when it was looked for.
ALTER TABLE memory_reach ADD COLUMN listed @I64@ NOT NULL DEFAULT 0;

CREATE INDEX notice_made ON notice (made_us);
