-- SPDX-License-Identifier: Apache-2.0
-- The register of risks: what may hit which class of assets, as incidents show it by a written rule, and as people say.

ALTER TABLE incident ADD COLUMN assets TEXT NOT NULL DEFAULT ''; -- classes of assets that it hit, words between blanks
CREATE INDEX incident_assets ON incident (number) WHERE assets <> '';

-- One for each class of assets and threat. What is closed becomes open again when it grows.
CREATE TABLE risk (
    number @I64@ NOT NULL PRIMARY KEY,
    asset TEXT NOT NULL,                -- word of the rule file
    threat TEXT NOT NULL,
    source TEXT NOT NULL,               -- incidents, hand: where it came from first
    state TEXT NOT NULL,                -- identified, treated, accepted, reviewed, closed
    likelihood @I64@ NOT NULL,          -- 1 to 5, what holds: the higher of what the rule and people say
    impact @I64@ NOT NULL,
    likelihood_rule @I64@ NOT NULL,     -- 0: no incident counts
    impact_rule @I64@ NOT NULL,
    likelihood_said @I64@ NOT NULL,     -- 0: nobody said
    impact_said @I64@ NOT NULL,
    score @I64@ NOT NULL,               -- likelihood times impact
    level TEXT NOT NULL,                -- word of the rule file
    incidents @I64@ NOT NULL,           -- how many count
    version TEXT NOT NULL,              -- of the rule file
    again_us @I64@,                     -- when the next of them is too old for a step; empty: never
    organisation @I64@ REFERENCES organisation (number), -- who owns it; empty: nobody yet
    person @I64@ REFERENCES person (number),
    treatment TEXT NOT NULL,            -- avoid, reduce, transfer, accept; or empty
    text TEXT NOT NULL,                 -- what is done about it, or why it is borne
    review_us @I64@ NOT NULL,           -- when it is to be looked at again
    made_us @I64@ NOT NULL,
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX risk_of ON risk (asset, threat);
CREATE INDEX risk_open ON risk (score, number) WHERE state <> 'closed';
CREATE INDEX risk_closed ON risk (score, number) WHERE state = 'closed';
CREATE INDEX risk_cell ON risk (likelihood, impact, number) WHERE state <> 'closed';
CREATE INDEX risk_review ON risk (review_us) WHERE state <> 'closed';
CREATE INDEX risk_again ON risk (again_us) WHERE again_us IS NOT NULL;

-- Which incidents count for which risk.
CREATE TABLE risk_incident (
    asset TEXT NOT NULL,
    threat TEXT NOT NULL,
    known_us @I64@ NOT NULL,            -- the moment that its age is reckoned from
    incident @I64@ NOT NULL REFERENCES incident (number),
    impact @I64@ NOT NULL,
    PRIMARY KEY (incident, asset, threat)
) @STRICT@;
CREATE INDEX risk_incident_of ON risk_incident (asset, threat, known_us, incident, impact);

-- How it stood, whenever that changed.
CREATE TABLE risk_history (
    risk @I64@ NOT NULL REFERENCES risk (number),
    number @I64@ NOT NULL,              -- from 1
    at_us @I64@ NOT NULL,
    state TEXT NOT NULL,
    likelihood @I64@ NOT NULL,
    impact @I64@ NOT NULL,
    likelihood_rule @I64@ NOT NULL,
    impact_rule @I64@ NOT NULL,
    likelihood_said @I64@ NOT NULL,
    impact_said @I64@ NOT NULL,
    level TEXT NOT NULL,
    version TEXT NOT NULL,
    incidents @I64@ NOT NULL,           -- how many counted
    latest TEXT NOT NULL,               -- the numbers of the latest of them, between blanks
    treatment TEXT NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (risk, number)
) @STRICT@;
