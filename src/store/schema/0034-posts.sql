-- SPDX-License-Identifier: Apache-2.0
-- A post that somebody reports, and whose contact may have sent a mail.

-- A post in social media as whoever reported it says; each may be empty, not all.
CREATE TABLE report_post (
    report @I64@ NOT NULL PRIMARY KEY REFERENCES report (number),
    url TEXT NOT NULL,
    account TEXT NOT NULL,              -- who posted it, as it is called there: "@melati"
    platform TEXT NOT NULL,             -- where, in words
    captured_us @I64@                   -- when the capture was taken that hangs on the report; empty: not said
) @STRICT@;

-- Contacts by address, and by what stands behind its @, in the words of store/contact.c.
CREATE INDEX contact_mail ON contact (lower(mail)) WHERE mail <> '' AND state <> 'closed';
CREATE INDEX contact_domain ON contact (lower(substr(mail, length(rtrim(mail, replace(mail, '@', ''))) + 1)))
    WHERE mail <> '' AND state <> 'closed';
