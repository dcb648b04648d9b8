-- SPDX-License-Identifier: Apache-2.0
-- What people think of an incident or of a part of it, and what its writer withdrew: that stays, and is struck out.

ALTER TABLE incident_entry ADD COLUMN opinion TEXT NOT NULL DEFAULT ''; -- strongly-disagree ... strongly-agree; or empty
ALTER TABLE incident_entry ADD COLUMN about TEXT NOT NULL DEFAULT '';   -- of an opinion or an answer: id of what it is about
ALTER TABLE incident_entry ADD COLUMN withdrawn_us @I64@;               -- empty: it stands
UPDATE incident_entry SET about = COALESCE((SELECT q.identity FROM incident_entry q
    WHERE q.incident = incident_entry.incident AND q.number = incident_entry.answers), '') WHERE answers IS NOT NULL;
CREATE INDEX incident_entry_about ON incident_entry (incident, about);

ALTER TABLE task ADD COLUMN withdrawn_us @I64@;                         -- its writer took it back; empty: no
