-- SPDX-License-Identifier: Apache-2.0
-- What a second person agrees to is about something that stands as it stood when it was proposed; and what the machine
-- did in an emergency, without a second person, waits until another one has seen it (states emergency, seen).

ALTER TABLE approval ADD COLUMN about TEXT NOT NULL DEFAULT ''; -- SHA-256 in hex of how it stood; empty: of nothing
CREATE INDEX approval_emergency ON approval (number) WHERE state = 'emergency';
