-- SPDX-License-Identifier: Apache-2.0
-- What was agreed, with whom, and who of us agreed to it.

-- One with each partner at a time. What is released under it carries its generation: raising that takes effect on all
-- of it at once.
CREATE TABLE agreement (
    number @I64@ NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,            -- UUID, the same on both sides
    partner @I64@ NOT NULL REFERENCES partner (number),
    state TEXT NOT NULL,                -- draft, offered, in-force, suspended, ended
    suspended TEXT NOT NULL DEFAULT '', -- by whom: us, them, both; empty: nobody
    version @I64@ NOT NULL,             -- of the terms that hold; 0: none yet
    generation @I64@ NOT NULL,          -- raised with every change of what may leave under it
    terms @BLOB@ NOT NULL,              -- those that hold, JSON (RFC 8785)
    from_us @I64@ NOT NULL,
    until_us @I64@ NOT NULL,            -- as the terms have it, or earlier: who ends it moves it, so that all who ask
                                        -- for it are cut off in that very second
    log @I64@ NOT NULL,                 -- the partner log of it; 0: none yet
    reminded_us @I64@,                  -- the last moment before its end at which somebody was to be reminded
    added_us @I64@ NOT NULL,
    ended_us @I64@,
    why TEXT NOT NULL DEFAULT ''        -- it was suspended or ended
) @STRICT@;
CREATE UNIQUE INDEX agreement_one ON agreement (partner) WHERE state <> 'ended';
CREATE INDEX agreement_until ON agreement (until_us) WHERE state <> 'ended';
CREATE INDEX agreement_partner ON agreement (partner, number);

CREATE TABLE agreement_version (
    agreement @I64@ NOT NULL REFERENCES agreement (number),
    version @I64@ NOT NULL,
    terms @BLOB@ NOT NULL,
    state TEXT NOT NULL,                -- draft: ours, nobody signed; received: theirs; agreed: our two persons did;
                                        -- signed: it waits for them; held; refused; replaced
    ours @BLOB@ NOT NULL,               -- our signed statement; empty: not yet
    theirs @BLOB@ NOT NULL,             -- theirs; of a partner without keys the words in which it agreed
    narrows @I64@ NOT NULL,             -- 1: it allows nothing that the version before did not
    made_us @I64@ NOT NULL,
    held_us @I64@,                      -- since when it holds
    why TEXT NOT NULL,                  -- it was refused
    PRIMARY KEY (agreement, version)
) @STRICT@;

-- What two persons agreed to say and nobody has signed yet: who serves has the keys, and signs and sends in this order.
CREATE TABLE letter_to_sign (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,             -- to whom; 0: to all members of the group
    type TEXT NOT NULL,                 -- agreement.offer, group.vote, ...
    about TEXT NOT NULL,                -- UUID of the agreement or group
    version @I64@ NOT NULL,
    body @BLOB@ NOT NULL,
    made_us @I64@ NOT NULL
) @STRICT@;

-- Sharing groups: members, purpose and rules as a document in versions, each decided by votes that every member's node
-- checks by itself.
CREATE TABLE sharing_group (
    number @I64@ NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,            -- UUID, the same with all members
    name TEXT NOT NULL,
    state TEXT NOT NULL,                -- proposed, active, left (by us), dissolved
    version @I64@ NOT NULL,             -- the last that was decided; 0: none yet
    accepted @I64@ NOT NULL,            -- the version that our own two persons accepted: what holds here
    terms @BLOB@ NOT NULL,              -- of the version that holds, JSON (RFC 8785)
    added_us @I64@ NOT NULL
) @STRICT@;

CREATE TABLE group_version (
    sharing_group @I64@ NOT NULL REFERENCES sharing_group (number),
    version @I64@ NOT NULL,
    terms @BLOB@ NOT NULL,
    proposal TEXT NOT NULL,             -- by which it was decided
    narrows @I64@ NOT NULL,
    decided_us @I64@ NOT NULL,
    PRIMARY KEY (sharing_group, version)
) @STRICT@;

-- Members of the version that holds here who are members still.
CREATE TABLE group_member (
    sharing_group @I64@ NOT NULL REFERENCES sharing_group (number),
    node TEXT NOT NULL,                 -- id of the member's identity; ours too
    PRIMARY KEY (sharing_group, node)
) @STRICT@;
CREATE INDEX group_member_node ON group_member (node);

-- Members that left: nobody is held in a group until the others have voted.
CREATE TABLE group_left (
    sharing_group @I64@ NOT NULL REFERENCES sharing_group (number),
    node TEXT NOT NULL,
    statement @BLOB@ NOT NULL,          -- empty: our own
    left_us @I64@ NOT NULL,
    PRIMARY KEY (sharing_group, node)
) @STRICT@;

CREATE TABLE group_proposal (
    id TEXT NOT NULL PRIMARY KEY,       -- UUID of the proposing statement
    sharing_group @I64@ NOT NULL REFERENCES sharing_group (number),
    base @I64@ NOT NULL,                -- the version that it changes
    terms @BLOB@ NOT NULL,
    statement @BLOB@ NOT NULL,
    proposer TEXT NOT NULL,
    state TEXT NOT NULL,                -- open, carried, rejected, expired
    made_us @I64@ NOT NULL,
    ends_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX group_proposal_base ON group_proposal (sharing_group, base, id);
CREATE INDEX group_proposal_founding ON group_proposal (proposer) WHERE base = 0 AND state = 'open';
CREATE INDEX group_proposal_open ON group_proposal (ends_us) WHERE state = 'open';

CREATE TABLE group_vote (
    proposal TEXT NOT NULL REFERENCES group_proposal (id),
    node TEXT NOT NULL,
    answer TEXT NOT NULL,               -- yes, no
    statement @BLOB@ NOT NULL,
    received_us @I64@ NOT NULL,
    PRIMARY KEY (proposal, node)
) @STRICT@;

-- What needs a second person: proposed by one, done when another agrees.
CREATE TABLE approval (
    number @I64@ NOT NULL PRIMARY KEY,
    act TEXT NOT NULL,                  -- a row of the table in share/approve.c
    subject TEXT NOT NULL,              -- "agreement/3"
    detail @BLOB@ NOT NULL,             -- what is to be done, JSON; the second person sees and agrees to just this
    reason TEXT NOT NULL,
    state TEXT NOT NULL,                -- open, done, refused, expired, failed
    proposer @I64@ NOT NULL,            -- person; 0: who reads the node's keys on its machine
    proposed_by TEXT NOT NULL,
    proposed_us @I64@ NOT NULL,
    expires_us @I64@ NOT NULL,
    decider @I64@,
    decided_by TEXT NOT NULL,
    decided_us @I64@,
    why TEXT NOT NULL                   -- it was refused, or why it could not be done
) @STRICT@;
CREATE INDEX approval_open ON approval (number) WHERE state = 'open';
CREATE INDEX approval_subject ON approval (subject, number);
