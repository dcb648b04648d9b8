#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From the desk to the wire: what is imported, judged and undone on a node is met, or not, in a stream that is being
# matched all the while.
. "${0%/*}/tap.sh"

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
kt()
{
    run "$KENTONGAN" -c node "$@"
}
event()
{
    printf '{"timestamp":"2026-11-20T12:00:00+0000","event_type":"flow","src_ip":"%s"}\n' "$1" >&3
}
# hits N: how many there are, when there are N, or after five seconds.
hits()
{
    for _ in $(seq 500); do
        [ "$(wc -l <rows)" -ge "$1" ] && break
        sleep 0.01
    done
    wc -l <rows | tr -d ' '
}
# settled: longer than a node needs to follow
settled()
{
    sleep 0.5
}

mkfifo stream
: >rows
"$KENTONGAN" -c node match -f eve stream >rows 2>told &
matching=$!
exec 3>stream
event 192.0.2.7
settled
is "$(hits 0)" 0 "nothing is known at first"
printf '192.0.2.7\n198.51.100.7\n' >list.txt
kt import --source list list.txt
settled
event 192.0.2.7
is "$(hits 1)" 1 "what was imported is met"
id=$("$KENTONGAN" -c node search 192.0.2.7 | cut -f 1)
kt indicator false-positive "$id" --reason "our own scanner"
settled
event 192.0.2.7
event 198.51.100.7
is "$(hits 2)" 2 "what is a false positive is not, the other is"
kt indicator false-positive "$id" --undo --reason "it was not"
settled
event 192.0.2.7
is "$(hits 3)" 3 "taken back, it is met again"
kt indicator revoke "$id" --reason "withdrawn"
settled
event 192.0.2.7
kt indicator revoke "$id" --undo --reason "not withdrawn"
settled
event 192.0.2.7
is "$(hits 4)" 4 "withdrawn it is not, and then again"
kt indicator expire "$id" --at 2026-11-01T00:00:00Z --reason "gone"
settled
event 192.0.2.7
event 198.51.100.7
is "$(hits 5)" 5 "expired it is not"
kt import --undo 1 --reason "the wrong list"
settled
event 198.51.100.7
settled
is "$(hits 5)" 5 "and of an import that was undone nothing is"
exec 3>&-
wait $matching
is "$?" 0 "the stream ends with hits"
like "$(head -n 1 rows)" "{\"line\":2,*\"value\":\"192.0.2.7\",*\"indicator\":\"$id\"*" "that name the indicator"

done_testing
