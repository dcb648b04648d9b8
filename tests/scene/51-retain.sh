#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A daily timer removes from a node what its configuration keeps no longer; what died in the middle goes with it.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
printf '192.0.2.1\n192.0.2.2\n' >list.txt
printf 'domain\nevil.example\n' >more.txt
kt import list.txt
kt import more.txt
kt import --undo 1 --reason "a mistake"

kt retain
is "$status:$out:$err" "0:nothing is past its time:" "a node that says nothing keeps everything"
kt import --original 1
is "$out" "$(cat list.txt)" "originals, too"
kt retain --json
is "$out" '{"originals":0,"refused":0,"objects":0,"details":0,"links":0,"sessions":0,"tokens":0,"notices":0,"more":false}' "or as JSON"
kt retain list.txt
like "$status:$err" "2:kentongan retain: takes no files*" "what is removed stands in the configuration alone"

sed 's/^\[retention\]$/[retention]\noriginals = 1ms\nundone = 1ms\njournal = 1ms/' node/node.conf >conf.new
cat conf.new >node/node.conf
sleep 0.1
kt retain
like "$status:$out" "0:removed: 2 parts of originals, 2 objects of imports that failed or were undone, [0-9]* details of the journal" "what is past its time goes"
kt import --original 1
is "$status" 2 "an original is gone"
kt search evil.example
is "$status" 0 "what is seen stays"
kt import --list
like "$out" "*undone*list.txt*" "and so does the record"
kt retain
like "$out" "removed: [0-9]* details of the journal" "the row about it had a detail"

# ---- What died in the middle ----

# killed: an import that is, while its first objects are there
killed()
{
    mkfifo pipe
    awk 'BEGIN { for (i = 0;; i++) printf "{\"type\":\"mutex\",\"spec_version\":\"2.1\",\"id\":\"mutex--6b616c61-0000-4000-8000-%012d\",\"name\":\"m%d\"}\n", i, i }' >pipe 2>/dev/null &
    "$KENTONGAN" -c node import --source endless <pipe >told 2>err &
    pid=$!
    for _ in $(seq 100); do
        "$KENTONGAN" -c node import --show 3 2>/dev/null | grep -q "[1-9][0-9]* added" && break
        sleep 0.05
    done
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    rm pipe
}
killed
kt doctor
like "$status:$out" "0:*warn imports: 1 did not end before their program did; nothing of them is seen, and the next import, or other command that changes something, ends them*" "the doctor knows of an import whose program died"
kt org list
kt import --list
like "$out" "3	*	failed	*	the program ended in the middle of it
*" "a command that changes things ends it"
kt retain --json
like "$status:$out" '0:{"originals":*,"objects":*,"more":false}' "and what it left is removed"
kt doctor
like "$status:$out" "0:*ok   imports: nothing is left of any that did not end*" "after which all is well"

# ---- What fails ----

cp list.txt lost.txt
kt feed add "$PWD/lost.txt" --name lost
rm lost.txt
kt feed run
kt doctor
like "$status:$out" "0:*warn feeds: *lost failed 1 times in a row: *lost.txt*" "the doctor knows of feeds that fail"
like "$out" "*ok   followers: no row of the journal is parked*" "and of followers that could not do their work"

if [ -n "${KENTONGAN_POSTGRES:-}" ] || ! command -v python3 >/dev/null; then
    skip "the doctor tells what a follower could not do" "it is written by hand into the file of SQLite, by Python"
else
    python3 - <<'PY'
import sqlite3
with sqlite3.connect('node/node.db') as db:
    db.execute("INSERT INTO follower VALUES ('mail', 5, 0, 0)")
    first, = db.execute("SELECT min(seq) FROM journal WHERE act LIKE 'import.%'").fetchone()
    db.executemany("INSERT INTO parked (follower, seq, parked_us, why) VALUES ('mail', ?, 0, ?)", [(first, 'no\tserver'), (first + 1, 'no server')])
PY
    kt doctor
    like "$status:$out" "0:*warn followers: mail could not do 2 rows of the journal, which are parked; the first is [0-9]* (import.*): no?server*" "the doctor tells what a follower could not do"
fi

done_testing
