#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The clock of an exercise: a node that was made for exercises is served with a clock that its owner sets; days pass in
# seconds, commands take its time, every page says EXERCISE, and each setting is a row of the journal. No other node has
# such a clock.
. "${0%/*}/node.sh"

"$KENTONGAN" init real --name "Tim Contoh" --listen 127.0.0.1:0 >made || exit 2
run timeout 10 "$KENTONGAN" -c real serve --clock clock.sock
like "$status:$err" "2:*not for exercises*" "a real node has no clock to be set"
node_init "Tim Contoh" --exercise
node_begin --clock clock.sock
like "$(curl -s "$url/sign-in")" "*EXERCISE EXERCISE EXERCISE*" "every page of one for exercises says so"
is "$(stat -c %a clock.sock)" 700 "only its owner reaches the clock"
clock "set 2026-11-20T22:40:00+07:00" now
is "$out" "ok 2026-11-20T15:40:00.000000Z
ok 2026-11-20T15:40:00.000000Z" "it is set, and stands still"
k incident open "Ransomware di RS Melati" >made
like "$(k incident list --json)" '*"reported":"2026-11-20T15:40:00.000000Z"*' "a command on the node takes its time"
clock "set 2026-11-23T22:41:00+07:00" run
like "$out" "ok 2026-11-23T15:41:00.000000Z
ok 2026-11-23T15:41:00.*" "days pass in an instant, and it runs on"
clock now
like "$out" "ok 2026-11-23T15:41:0*" "from there"
clock "set yesterday" "drop everything"
like "$out" "no a time is as*
no now, set TIME or run" "what is wrong is told"
is "$(k incident show 1 | grep -c 2026-11-20T15:40)" 1 "what was done then stays then"
node_end
for _ in $(seq 100); do
    [ -e clock.sock ] || break
    sleep 0.05
done
like "$(k incident open "Later" --json)" '*"reported":"20*' "a node that is not served takes the machine's time"
is "$(find node/clock clock.sock 2>/dev/null)" "" "and nothing of the clock is left"
done_testing
