#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""moments.py NODE.DB: for each first notice of a warning about an indicator, how many milliseconds it took from when the
import with the indicator was done until a mail server had taken the mail."""
import sqlite3
import sys

MOMENTS = """
SELECT min(n.sent_us) - min(j.time_us) FROM warning w
JOIN object o ON o.id = w.cause JOIN journal j ON j.subject = 'import/' || o.import AND j.act = 'import.done'
JOIN notice_warning nw ON nw.warning = w.number JOIN notice n ON n.number = nw.notice AND n.kind = 'warning'
WHERE n.sent_us IS NOT NULL GROUP BY w.number ORDER BY w.number
"""

for (took_us,) in sqlite3.connect(sys.argv[1]).execute(MOMENTS):
    print(took_us // 1000)
