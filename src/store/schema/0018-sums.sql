-- SPDX-License-Identifier: Apache-2.0
-- Sums of the counts of events, so that who asks for a year does not wait until all of its counts are added up; and of
-- what was put aside, how much there was, so that it can be told whether it is whole.

-- Whoever adds to event_count adds here in the same work; all of it can be made anew from there (store/count.h).
CREATE TABLE class_sum (
    day @I64@ NOT NULL,                 -- as in event_count
    class TEXT NOT NULL,
    events @I64@ NOT NULL,
    hits @I64@ NOT NULL,
    doubles @I64@ NOT NULL,
    PRIMARY KEY (day, class)
) @STRICT@;
INSERT INTO class_sum (day, class, events, hits, doubles)
    SELECT day, class, SUM(events), SUM(hits), SUM(doubles) FROM event_count GROUP BY day, class;

-- By whose they are: sectors are added up of these, since an organisation may come to be of another one.
CREATE TABLE organisation_sum (
    month @I64@ NOT NULL,               -- since January of the year 0, of the event's own time
    organisation @I64@ NOT NULL,        -- 0: nobody's that we know
    events @I64@ NOT NULL,
    hits @I64@ NOT NULL,
    doubles @I64@ NOT NULL,
    PRIMARY KEY (month, organisation)
) @STRICT@;

-- The month that a day is in, in the calendar of base/clock.h, with March as the first of a year: its eras have 146097
-- days, and its months begin on day (153 m + 2) / 5.
INSERT INTO organisation_sum (month, organisation, events, hits, doubles)
    SELECT (era * 400 + year) * 12 + (5 * (rest - (365 * year + year / 4 - year / 100)) + 2) / 153 + 2, organisation,
        SUM(events), SUM(hits), SUM(doubles)
    FROM (SELECT era, rest, (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365 AS year, organisation, events,
            hits, doubles
        FROM (SELECT (day + 719468) / 146097 AS era, (day + 719468) % 146097 AS rest, organisation, events, hits,
                doubles
            FROM event_count) days) years
    GROUP BY 1, 2;

-- How many bytes a record had of which this is the beginning, and at which of them it went wrong, from 1; 0: not known.
ALTER TABLE quarantined ADD COLUMN bytes @I64@ NOT NULL DEFAULT 0;
ALTER TABLE quarantined ADD COLUMN at_byte @I64@ NOT NULL DEFAULT 0;
UPDATE quarantined SET bytes = length(record) WHERE length(record) < 1024;

-- For who looks at one stream.
CREATE INDEX batch_malformed ON batch (stream, number) WHERE malformed > 0;
CREATE INDEX batch_stream ON batch (stream, number);
CREATE INDEX stream_input_of ON stream_input (stream, moved_us);
