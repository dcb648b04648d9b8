-- SPDX-License-Identifier: Apache-2.0
-- What happened to one thing: the journal read by what it is about.

CREATE INDEX journal_subject ON journal (subject, seq);
