-- SPDX-License-Identifier: Apache-2.0
-- Incidents that travel between nodes: which are shared with those who have to do with them, and which objects of the
-- store are parts of an incident.

CREATE TABLE incident_shared (
    incident @I64@ NOT NULL PRIMARY KEY REFERENCES incident (number),
    since_us @I64@ NOT NULL,
    until_us @I64@,                     -- empty: still
    observables @I64@ NOT NULL,         -- 1: what was seen goes with it
    due @I64@ NOT NULL,                 -- changes since its objects were made
    actor TEXT NOT NULL,                -- who did it, the second of two persons
    why TEXT NOT NULL
) @STRICT@;
CREATE INDEX incident_shared_due ON incident_shared (incident) WHERE due > 0;

-- By the id of its STIX incident, which a partner's part may name before we have it.
CREATE TABLE incident_part (
    source @I64@ NOT NULL REFERENCES source (number),
    id TEXT NOT NULL,
    incident TEXT NOT NULL,             -- id of its STIX incident
    audience @I64@ NOT NULL,            -- -1: every party but the liaison; a number: that organisation; 0: nobody else
    PRIMARY KEY (source, id)
) @STRICT@;
CREATE INDEX incident_part_of ON incident_part (incident, source, id);

-- Questions, the most urgent first, without a clock last; and what answers them.
CREATE INDEX incident_question ON incident_entry (COALESCE(due_us, 9223372036854775807), incident, number)
    WHERE kind = 'question';
CREATE INDEX incident_answer ON incident_entry (incident, answers) WHERE answers IS NOT NULL;
