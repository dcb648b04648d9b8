#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node learns of an address while a sensor's stream is being matched: the next event is met.
. "${0%/*}/tap.sh"

"$KENTONGAN" init node >/dev/null 2>&1 || exit 2

# learn STATE NUMBER MODIFIED ADDRESS [MORE]: an import of one indicator, or (undone) the end of one.
cat >learn.py <<'END'
import sqlite3, sys
state, number, modified, address = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
more = sys.argv[5] if len(sys.argv) > 5 else ''
id = 'indicator--6b616c61-0000-4000-8000-000000000001'
text = ('{"type":"indicator","spec_version":"2.1","id":"%s","created":"2026-11-20T10:00:00Z","modified":"%sZ",'
    '"pattern":"[ipv4-addr:value = \'%s\']","pattern_type":"stix","valid_from":"2026-11-20T10:00:00Z"%s}'
    % (id, modified, address, more))
def insert(db, table, **columns):
    db.execute('INSERT INTO %s (%s) VALUES (%s)' % (table, ','.join(columns), ','.join('?' * len(columns))),
        tuple(columns.values()))
with sqlite3.connect('node/node.db') as db:
    if state == 'undone':
        db.execute("UPDATE import SET state = 'undone' WHERE number = ?", (number,))
    else:
        if not db.execute('SELECT 1 FROM source').fetchone():
            insert(db, 'source', number=1, name='peer', kind='file', added_us=1)
        insert(db, 'import', number=number, source=1, organisation=0, actor='local', name='x', form='stix', state='done',
            why='', runner='', beat_us=1, swept=0, began_us=1, bytes=1, added=1, duplicates=0, conflicts=0, crowded=0,
            refused=0, dropped=0, first=number, last=number)
        insert(db, 'object', number=number, source=1, id=id, version=modified, variant=0, type='indicator',
            spec_version='2.1', created_by='', revoked='revoked' in more, made=0, meaning=b'', **{'import': number},
            added_us=1, bytes=text.encode())
    db.execute("INSERT INTO counter VALUES ('journal', 0) ON CONFLICT DO NOTHING")
    db.execute("UPDATE counter SET value = value + 1 WHERE family = 'journal'")
    seq = db.execute("SELECT value FROM counter WHERE family = 'journal'").fetchone()[0]
    insert(db, 'journal', seq=seq, time_us=1, organisation=0, actor='local', act='import.' + state,
        subject='import/%d' % number, detail='')
END
learn() { python3 learn.py "$@" || exit 2; }

# event ADDRESS
event() { printf '{"timestamp":"2026-11-20T12:00:00+0000","event_type":"flow","src_ip":"%s"}\n' "$1"; }

# hits N: waits until there are so many, at most five seconds.
hits()
{
    for _ in $(seq 500); do
        [ "$(wc -l <rows)" -ge "$1" ] && break
        sleep 0.01
    done
    wc -l <rows | tr -d ' '
}

# ---- A node that knows nothing ----

event 192.0.2.1 >events
run "$KENTONGAN" -c node match events
is "$status:$out:$err" "1::" "a node that knows nothing meets nothing"
[ -f node/index/base ]
ok $? "its index is in its folder"
run "$KENTONGAN" -c node match -i events events
is "$status" 2 "a node and files at once are refused"
run "$KENTONGAN" match events
like "$err" "*-i FILE*-c CONF*" "neither is refused, and says both"

# ---- A stream, while the node learns ----

mkfifo stream
: >rows
"$KENTONGAN" -c node match -f eve --stats stream >rows 2>told &
matching=$!
exec 3>stream
event 192.0.2.1 >&3
sleep 0.3
is "$(hits 0)" 0 "nothing is known of the first event"
learn done 1 2026-11-20T10:00:00 192.0.2.1
sleep 0.2
event 192.0.2.1 >&3
is "$(hits 1)" 1 "what the node learned a moment ago is met"
learn done 2 2026-11-20T11:00:00 192.0.2.2
sleep 0.2
event 192.0.2.1 >&3
event 192.0.2.2 >&3
is "$(hits 2)" 2 "a newer version takes the place of the older"
learn done 3 2026-11-20T12:00:00 192.0.2.2 ',"revoked":true'
sleep 0.2
event 192.0.2.2 >&3
sleep 0.2
is "$(hits 2)" 2 "what is revoked is not met any more"
learn undone 3 - -
sleep 0.2
event 192.0.2.2 >&3
is "$(hits 3)" 3 "when the import is undone, the version before it counts again"
exec 3>&-
wait $matching
is "$?" 0 "the stream ends with hits"
like "$(cat told)" "*hits=3 *position=5*" "and with where the journal was: init wrote the first row"

# ---- Another day ----

event 192.0.2.2 >events
run "$KENTONGAN" -c node match events
is "$status" 0 "the next run knows what the node knows"
run "$KENTONGAN" -c node match --plain events
like "$out" "*indicator--6b616c61-0000-4000-8000-000000000001*" "on the slow road as well"
head -c 5000 node/index/base >cut && cat cut >node/index/base
run "$KENTONGAN" -c node match events
is "$status:$err" "0:" "a damaged index is made anew"

done_testing
