-- SPDX-License-Identifier: Apache-2.0
-- What may tell of the same stands together in the queue, however long that is: each report has a pile, which is called
-- by the number of its first report. One joins the pile of the earliest that it may be the same as and that waits; a
-- pile of its own, where there is none.
ALTER TABLE report ADD COLUMN pile @I64@ NOT NULL DEFAULT 0;
UPDATE report SET pile = COALESCE((SELECT MIN(a.other) FROM report_alike a JOIN report o ON o.number = a.other
    WHERE a.report = report.number AND a.state <> 'different' AND o.state IN ('received', 'acknowledged')
    AND o.same_as IS NULL), number);
CREATE INDEX report_pile ON report (pile, number) WHERE state IN ('received', 'acknowledged') AND same_as IS NULL;

-- Who supplies somebody today, in an order of their own: what a page of an organisation asks.
CREATE INDEX supply_of ON supply (customer, supplier) WHERE until_us IS NULL;
DROP INDEX supply_suppliers;
