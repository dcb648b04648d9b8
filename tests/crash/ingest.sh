#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A run of `kentongan ingest` is killed at random moments and begun again until it ends: afterwards its counts, what was
# met with its details, and the quarantine are what an undisturbed run gave, and every run of the memory that counts is
# there. KENTONGAN_KILLS says how often (3; 200 in the suite `long`); a failure names its seed, which KENTONGAN_CRASH_SEED repeats as far as the
# machine does.
. "${0%/*}/../scene/tap.sh"

kills_wanted=${KENTONGAN_KILLS:-3}
report_count=$((kills_wanted > 3 ? 400000 : 60000))
seed=${KENTONGAN_CRASH_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
day=$(date -u +%Y-%m-%d)

# ---- What is taken in ----

"$KENTONGAN" simulate --seed "$seed" --events 130000 --indicators 1000 --hits 0.002 --start "${day}T00:00:00Z" \
    --intel intel.json -o plain.json || exit 2
awk 'NR % 997 == 5 { print "{\"broken\":" NR } { print }' plain.json | gzip -1 >eve.json.gz
awk -v day="$day" -v count="$report_count" 'BEGIN { for (i = 0; i < count; i++) {
    n = i % 10 < 3 && i > 10 ? i - 5 : i
    printf "{\"time.source\":\"%sT%02d:%02d:00Z\",\"source.ip\":\"198.51.100.%d\",\"source.port\":%d,\"classification.type\":\"%s\",\"classification.identifier\":\"k%d\"}\n",
        day, i / 40000, i % 60, n % 250, n / 250 % 60000, n % 3 ? "infected-system" : "scanner", n % 7
} }' >reports.json
doubles=$((report_count * 3 / 10 - 4))

node()
{
    "$KENTONGAN" init "$1" >/dev/null 2>&1 && "$KENTONGAN" -c "$1" import intel.json >/dev/null 2>&1 &&
        "$KENTONGAN" -c "$1" org add Melati --kind hospital --sector health >/dev/null &&
        "$KENTONGAN" -c "$1" org add Mawar --kind hospital --sector health >/dev/null &&
        "$KENTONGAN" -c "$1" org state Melati active --reason test >/dev/null &&
        "$KENTONGAN" -c "$1" asset add Mawar 198.51.100.0/25 >/dev/null || exit 2
}
node control
node victim

sensor="--org Melati eve.json.gz"
reports="--reports reports.json"
"$KENTONGAN" -c control ingest --stream sensor $sensor 2>told || exit 2
"$KENTONGAN" -c control ingest --stream reports $reports 2>>told || exit 2
like "$(cat told)" "*130000 events*131 malformed*$report_count events* $doubles doubles*" "undisturbed, all of it is taken in"

# ---- Killed ----

kills=0
streams=0
while [ "$kills" -lt "$kills_wanted" ] || [ "$streams" -lt 2 ]; do
    streams=$((streams + 1))
    kind=sensor
    [ $((streams % 2)) -eq 0 ] && kind=reports
    tries=1
    while :; do
        timeout 100 "$KENTONGAN" -c victim ingest --stream "$kind-$streams" ${!kind} 2>killed &
        taking=$!
        # Later and later, so that a machine that is busy comes to an end.
        ms=$((RANDOM % 500 + RANDOM % (tries++ * 300 + 100)))
        sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
        # timeout's child is what works; both go at once.
        kill -9 $(ps -o pid= --ppid "$taking") "$taking" 2>/dev/null
        wait "$taking" 2>/dev/null
        case $? in
        137) kills=$((kills + 1)) ;;
        0) break ;;
        *) ok 1 "a run failed by itself (seed $seed)" || note "$(cat killed)" && break 2 ;;
        esac
    done
done
note "seed $seed: $kills kills, $streams inputs"

run "$KENTONGAN" -c victim ingest --stream sensor-1 eve.json.gz
like "$status:$err" "0:*nothing new*" "what was taken in whole adds nothing"

# ---- What it came to ----

python3 - >differs <<'COMPARE'
import os, sqlite3
control, victim = (sqlite3.connect(name + '/node.db') for name in ('control', 'victim'))
ASKS = {
    'counts': 'SELECT day, organisation, class, events, hits, doubles FROM event_count WHERE stream = ? ORDER BY 1, 2, 3',
    'met': 'SELECT organisation, cause_kind, cause, class, window_us, first_us, last_us, events, severity, details '
           'FROM met WHERE stream = ? ORDER BY 1, 2, 3, 4, 5',
    'details': 'SELECT m.organisation, m.cause, m.class, sum(d.events) <= m.events, count(*) FROM met m '
               'JOIN met_detail d ON d.met = m.number WHERE m.stream = ? GROUP BY m.number ORDER BY 1, 2, 3',
    'doubles': 'SELECT day, sum(length(digests)) FROM report_seen WHERE stream = ? GROUP BY day ORDER BY day',
    'totals': 'SELECT events, malformed FROM stream WHERE number = ?',
    'quarantine': 'SELECT min(q.place) FROM quarantined q JOIN batch b ON b.number = q.batch WHERE b.stream = ?',
    'inputs': 'SELECT bytes, records, done FROM stream_input WHERE stream = ?',
    'batches': 'SELECT sum(events), sum(bytes), sum(malformed), sum(hits) FROM batch WHERE stream = ?',
}
number = dict(control.execute('SELECT name, number FROM stream'))
for name, stream in victim.execute('SELECT name, number FROM stream ORDER BY number'):
    for what, ask in ASKS.items():
        expected = control.execute(ask, (number[name.split('-')[0]],)).fetchall()
        got = victim.execute(ask, (stream,)).fetchall()
        if got != expected:
            print(name, what, 'expected', expected[:3], 'got', got[:3])
for file, size in victim.execute('SELECT file, bytes FROM memory_run'):
    if os.path.getsize('victim/memory/' + file) != size:
        print('memory', file)
told = victim.execute("SELECT count(*) FROM journal WHERE act = 'events.taken'").fetchone()
kept = victim.execute('SELECT count(*) FROM batch WHERE events + malformed > 0').fetchone()
if told != kept:
    print('journal', told, kept)
COMPARE
like "$("$KENTONGAN" -c victim doctor)" "*ok   sums: *" "sums are what the counts add up to (seed $seed)"
is "$(cat differs)" "" "after $kills kills all counts are those of an undisturbed run (seed $seed)"
done_testing
