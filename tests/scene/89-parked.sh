#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A row of the journal that a follower could not do is parked. Doctor says what to do about it; it is done again by a
# node that is served, or given up with a reason.
. "${0%/*}/tap.sh"

command -v python3 >/dev/null || {
    skip "rows that are parked" "python3 is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --listen 127.0.0.1:0 >/dev/null 2>&1 || exit 2
node="$KENTONGAN -c node"
echo 203.0.113.9 | $node import --as list - >/dev/null 2>&1 || exit 2
is "$($node follower parked)" "" "at first nothing is parked"
# What only a fault of the program or of its disk brings about is put there by hand: two rows that were too much.
seq=$(python3 -c '
import sqlite3
db = sqlite3.connect("node/node.db")
seq = db.execute("SELECT max(seq) FROM journal WHERE act = ?", ("import.done",)).fetchone()[0]
for name in "hunt", "warn":
    db.execute("INSERT INTO parked (follower, seq, parked_us, why) VALUES (?, ?, 1, ?)", (name, seq, "the disk\033[2J was full"))
db.execute("INSERT INTO follower VALUES (?, ?, 1, 0)", ("hunt", seq))
db.commit()
print(seq)')
run $node follower parked
is "$out" "hunt	$seq	import.done	import/1	-	the disk␛[2J was full
warn	$seq	import.done	import/1	-	the disk␛[2J was full" "what is parked is shown, and moves no cursor"
like "$($node doctor)" "*warn followers: hunt could not do 1 rows*kentongan follower retry hunt $seq*" "doctor says what to do"
run $node follower retry hunt 99
like "$status:$err" "2:*no such row is parked*" "only what is parked is done again"
run $node follower dismiss warn "$seq"
like "$status:$err" "2:*why?*" "nothing is given up without a reason"
run $node follower dismiss warn "$seq" --reason "the warning went by telephone"
is "$status" 0 "with one it is"
run $node follower retry hunt "$seq"
like "$status:$($node follower parked --json)" "0:{\"follower\":\"hunt\",\"seq\":$seq,*\"again\":true,*" "another is to be done again"
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r first <ready
tries=0
until [ -z "$($node follower parked)" ] || [ $tries -gt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
is "$($node follower parked)" "" "which is done once the node is served"
like "$($node follower list)" "*hunt	*0 parked*" "and nothing is parked any more"
kill "$server"
wait "$server"
is "$?" 0 "the server ends in order"
done_testing
