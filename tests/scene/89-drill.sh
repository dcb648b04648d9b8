#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The clock of an exercise: a node that was made for exercises is served with a clock that its owner sets; days pass in
# seconds, commands take its time, every page says EXERCISE, and each setting is a row of the journal. No other node has
# such a clock.
. "${0%/*}/tap.sh"

trap 'kill ${server:-} 2>/dev/null; rm -rf "$scene_folder"' EXIT

clock()
{
    python3 -c '
import socket, sys
at = socket.socket(socket.AF_UNIX)
at.settimeout(5)
at.connect("clock.sock")
for line in sys.argv[1:]:
    at.sendall((line + "\n").encode())
    print(at.makefile().readline(), end="")
' "$@"
}
begin()
{
    rm -f ready
    mkfifo ready
    timeout 60 "$KENTONGAN" -c node serve --clock clock.sock >ready 2>>log &
    server=$!
    read -r first <ready
    url=${first##* }
}

"$KENTONGAN" init real --name "Tim Contoh" --listen 127.0.0.1:0 >made || exit 2
run timeout 10 "$KENTONGAN" -c real serve --clock clock.sock
like "$status:$err" "2:*not for exercises*" "a real node has no clock to be set"
"$KENTONGAN" init node --exercise --name "Tim Contoh" --listen 127.0.0.1:0 >made || exit 2
begin
like "$(curl -s "${url}sign-in")" "*EXERCISE EXERCISE EXERCISE*" "every page of one for exercises says so"
is "$(stat -c %a clock.sock)" 700 "only its owner reaches the clock"
is "$(clock "set 2026-11-20T22:40:00+07:00" now)" "ok 2026-11-20T15:40:00.000000Z
ok 2026-11-20T15:40:00.000000Z" "it is set, and stands still"
"$KENTONGAN" -c node incident open "Ransomware di RS Melati" >made
like "$("$KENTONGAN" -c node incident list --json)" '*"reported":"2026-11-20T15:40:00.000000Z"*' "a command on the node takes its time"
like "$(clock "set 2026-11-23T22:41:00+07:00" run)" "ok 2026-11-23T15:41:00.000000Z
ok 2026-11-23T15:41:00.*" "days pass in an instant, and it runs on"
like "$(clock now)" "ok 2026-11-23T15:41:0*" "from there"
like "$(clock "set yesterday" "drop everything")" "no a time is as*
no now, set TIME or run" "what is wrong is told"
is "$("$KENTONGAN" -c node incident show 1 | grep -c 2026-11-20T15:40)" 1 "what was done then stays then"
kill "$server" && wait "$server"
server=
for _ in $(seq 100); do
    [ -e clock.sock ] || break
    sleep 0.05
done
like "$("$KENTONGAN" -c node incident open "Later" --json)" '*"reported":"20*' "a node that is not served takes the machine's time"
is "$(find node/clock clock.sock 2>/dev/null)" "" "and nothing of the clock is left"
done_testing
