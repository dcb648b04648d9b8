-- SPDX-License-Identifier: Apache-2.0
-- Tasks that come again, and the mail that says when one is due.

-- How long after it is done the next one is due; empty: it does not come again, or its next one is there already.
ALTER TABLE task ADD COLUMN every_us @I64@;
-- What its result tells: clinical, for figures that become impacts; or empty.
ALTER TABLE task ADD COLUMN asks TEXT NOT NULL DEFAULT '';
-- When who is to do it was told that it is due; empty: not yet.
ALTER TABLE task ADD COLUMN told_us @I64@;
CREATE INDEX task_to_tell ON task (due_us, number) WHERE told_us IS NULL AND state IN ('to-do', 'doing', 'waiting');
