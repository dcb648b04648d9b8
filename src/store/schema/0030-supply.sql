-- SPDX-License-Identifier: Apache-2.0
-- Who supplies whom: when a supplier is hit, its other customers are asked after.

-- One supplies another once at a time; what ended stays, and may begin again.
CREATE TABLE supply (
    number @I64@ NOT NULL PRIMARY KEY,
    supplier @I64@ NOT NULL REFERENCES organisation (number),
    customer @I64@ NOT NULL REFERENCES organisation (number),
    what TEXT NOT NULL,                 -- "laboratory", "hospital information system"; or empty
    since_us @I64@ NOT NULL,
    until_us @I64@                      -- empty: still
) @STRICT@;
CREATE UNIQUE INDEX supply_today ON supply (supplier, customer) WHERE until_us IS NULL;
CREATE INDEX supply_customers ON supply (supplier, customer, since_us);
CREATE INDEX supply_suppliers ON supply (customer) WHERE until_us IS NULL;
