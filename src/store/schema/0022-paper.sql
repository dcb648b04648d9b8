-- SPDX-License-Identifier: Apache-2.0
-- Consent on paper: who gave it, and when, and which scan shows it. The scan itself is kept where papers are kept; its
-- digest says which one it is.
ALTER TABLE consent ADD COLUMN giver TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN given_us @I64@;
ALTER TABLE consent ADD COLUMN scan TEXT NOT NULL DEFAULT '';    -- SHA-256, hexadecimal; empty: there is none
