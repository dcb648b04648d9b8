#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node learns of an address while a sensor's stream is being matched: the next event is met.
. "${0%/*}/tap.sh"

"$KENTONGAN" init node >/dev/null 2>&1 || exit 2

# learn MODIFIED ADDRESS [MORE]: another version of one indicator.
learn()
{
    printf '{"type":"indicator","spec_version":"2.1","id":"%s","created":"2026-11-20T10:00:00.000Z","modified":"%s.000Z","pattern":"[ipv4-addr:value = '"'%s'"']","pattern_type":"stix","valid_from":"2026-11-20T10:00:00Z"%s}' \
        indicator--6b616c61-0000-4000-8000-000000000001 "$1" "$2" "${3:-}" | "$KENTONGAN" -c node import - >/dev/null || exit 2
}

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
mv node/keys/node.key away
run "$KENTONGAN" -c node match events
like "$status:$out:$err" "2::kentongan match: node/keys/node.key: *" "who cannot read the keys of a node does not read its intelligence"
mv away node/keys/node.key

# ---- A stream, while the node learns ----

mkfifo stream
: >rows
"$KENTONGAN" -c node match -f eve --stats stream >rows 2>told &
matching=$!
exec 3>stream
event 192.0.2.1 >&3
sleep 0.3
is "$(hits 0)" 0 "nothing is known of the first event"
learn 2026-11-20T10:00:00 192.0.2.1
sleep 0.2
event 192.0.2.1 >&3
is "$(hits 1)" 1 "what the node learned a moment ago is met"
learn 2026-11-20T11:00:00 192.0.2.2
sleep 0.2
event 192.0.2.1 >&3
event 192.0.2.2 >&3
is "$(hits 2)" 2 "a newer version takes the place of the older"
learn 2026-11-20T12:00:00 192.0.2.2 ',"revoked":true'
sleep 0.2
event 192.0.2.2 >&3
sleep 0.2
is "$(hits 2)" 2 "what is revoked is not met any more"
"$KENTONGAN" -c node import --undo 3 --reason "a mistake" >/dev/null || exit 2
sleep 0.2
event 192.0.2.2 >&3
is "$(hits 3)" 3 "when the import is undone, the version before it counts again"
exec 3>&-
wait $matching
is "$?" 0 "the stream ends with hits"
like "$(cat told)" "*hits=3 *position=*" "and with where the journal was"

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
