#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo: three nodes that share; every step is as expected, and whatever ends it, nothing is left running.
. "${0%/*}/tap.sh"

TMPDIR=$scene_folder/tmp
export TMPDIR
mkdir "$TMPDIR"

# How many nodes of this folder are served.
running()
{
    for process in /proc/[0-9]*; do
        { tr '\0' ' ' <"$process/cmdline"; echo; } 2>/dev/null
    done | grep -c -- "-c $1/[a-z]* serve"
}
# ended FOLDER: none has any more, within some seconds.
ended()
{
    for _ in $(seq 100); do
        [ "$(running "$1")" = 0 ] && return 0
        sleep 0.1
    done
    return 1
}
# until_said FILE TEXT
until_said()
{
    for _ in $(seq 600); do
        grep -q "$2" "$1" && return 0
        sleep 0.1
    done
    return 1
}

# ---- The self-test ----

run "$KENTONGAN" demo --check --json
is "$status:$err" "0:" "every step is as expected"
is "$(printf '%s\n' "$out" | grep -c '"ok":true,"us":[0-9]*}$')" 25 "all are told"
printf '%s\n' "$out" | grep -v '"ok":true' | sed 's/^/# /'
is "$(ls "$TMPDIR")" "" "nothing is left behind"

# ---- What is in its way ----

mkdir there
run "$KENTONGAN" demo --check --folder there
is "$status" 2 "a folder that is there is not touched"
like "$err" "*there is there already: name a folder that is not*" "and why is told"
python3 -c 'import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(60)' >port &
taker=$!
until_said port .
run "$KENTONGAN" demo --check --folder made --port "$(cat port)"
like "$status:$err" "2:*port * of 127.0.0.1 cannot be used (*); --port (make run PORT=N) takes another*" "a port that is taken is told"
kill "$taker"
is "$(ls -d made 2>/dev/null)" "" "and nothing is left of the attempt"
run "$KENTONGAN" demo --check file
is "$status" 2 "it takes no files"

# ---- Ctrl-C, and worse ----

# begun NAME: a demo whose nodes serve; $demo is its process, $folder theirs.
begun()
{
    folder=$scene_folder/$1
    "$KENTONGAN" demo --folder "$folder" >said 2>&1 &
    demo=$!
    until_said said "^ok "
    is "$(running "$folder")" 3 "three nodes serve"
}
begun first
kill -INT "$demo"
wait "$demo"
is "$?" 0 "Ctrl-C ends it in order"
is "$(running "$folder")" 0 "with all of its nodes"
run "$KENTONGAN" -c first/melati partner list
is "$status" 0 "which are there to look at"

# ---- Killed, and consoles to look at: each a demo of its own, so only in long runs ----

if [ -n "${KENTONGAN_DEMO_STAYS:-}" ]; then
    begun second
    kill -KILL "$demo"
    wait "$demo" 2>/dev/null
    ended "$folder"
    ok $? "killed, it leaves nothing running"

    "$KENTONGAN" demo --folder third >said 2>&1 &
    demo=$!
    until_said said "Ctrl-C stops all of it"
    ok $? "it stays"
    link=$(sed -n 's/.*duty-officer *ayu *\(http.*\)/\1/p' said | head -n 1)
    python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$link" >page
    grep -q 'ayu' page
    ok $? "a link lets a person choose a password"
    seen=
    for _ in $(seq 300); do
        seen=$("$KENTONGAN" -c third/melati search Gaharu --json | grep -c 'Gaharu scanner 2"')
        [ "$seen" -gt 0 ] && break
        sleep 0.2
    done
    is "$seen" 1 "indicators go on to cross"
    kill -INT "$demo"
    wait "$demo"
    is "$?" 0 "until Ctrl-C"
fi
done_testing
