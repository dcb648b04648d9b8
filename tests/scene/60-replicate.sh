#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two nodes replicate: one sends all it has to a collection of the other, and reads it back under a source of its own.
# Either is killed in the middle, again and again; in the end every object is there once, byte for byte.
# KENTONGAN_REPLICATE: how many objects (100000 takes some minutes).
. "${0%/*}/tap.sh"

objects=${KENTONGAN_REPLICATE:-3000}
kills=${KENTONGAN_KILLS:-4}

# at: what is asked of the node that sends and reads
at()
{
    run "$KENTONGAN" -c sends "$@"
}

# begin: starts the server; $url is where it listens, $server its process.
begin()
{
    rm -f ready
    mkfifo ready
    "$KENTONGAN" -c serves serve >ready 2>>log &
    server=$!
    exec 8<ready
    read -r first <&8
    exec 8<&-
    url=${first#listening on }
}

# crash PROCESS: SIGKILL, and gone
crash()
{
    kill -9 "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}
trap 'kill -9 "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

# in_the_middle N: waits a while, longer with each N and the number of objects
in_the_middle()
{
    sleep "$(awk -v n="$1" -v o="$objects" 'BEGIN { printf "%.2f", 0.03 + n * o / 60000 }')"
}

# objects_of NODE OPTION...: what a node has, a line each, in order of bytes
objects_of()
{
    node=$1
    shift
    "$KENTONGAN" -c "$node" export --as stix --all-versions "$@" 2>told | sed 's/,$//' | grep '"type"' | grep -v '"type":"bundle"' | LC_ALL=C sort
}

"$KENTONGAN" init serves --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
"$KENTONGAN" init sends --name "Kenanga CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
(umask 077 && echo "a drum beaten at night" >password)
"$KENTONGAN" -c serves user add kenanga --role analyst --password-file password >made
"$KENTONGAN" -c serves taxii collection add All --read kenanga --write kenanga >made
(umask 077 && "$KENTONGAN" -c serves token add peer --for kenanga --scope taxii --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token)
"$KENTONGAN" simulate --seed 60 --indicators "$objects" --events 1 --intel all.json -o /dev/null
at import all.json --source ours
is "$status" 0 "a node has what it will share"
objects_of sends >expected

# From now on the server listens where it listened first.
begin
port=${url##*:}
sed "s/^listen = .*/listen = 127.0.0.1:${port%/}/" serves/node.conf >conf
cat conf >serves/node.conf
run "$KENTONGAN" taxii ls "$url" --token-file token
is "$status:$(printf '%s\n' "$out" | cut -f 1,3,4 | tail -n 1)" "0:collection	All	read, write" "the other says what may be read and written"
collection=$(printf '%s\n' "$out" | awk -F '\t' '$1 == "collection" { print $2 }')

# ---- Sending ----

n=0
while [ "$n" -lt "$kills" ]; do
    n=$((n + 1))
    "$KENTONGAN" -c sends taxii push "$collection" --token-file token >told 2>&1 &
    sender=$!
    in_the_middle "$n"
    if [ $((n % 2)) -eq 1 ]; then
        crash "$sender"
    else
        crash "$server"
        wait "$sender"
        begin
    fi
done
at taxii push "$collection" --token-file token
like "$status:$out" "0:$collection: * objects sent, 0 of them not taken" "after $kills kills the rest is sent"
objects_of serves >got
cmp expected got >differ 2>&1
is "$?:$(wc -l <got)" "0:$(wc -l <expected)" "all of it is there, once, byte for byte" || note "$(cat differ)"
at taxii push "$collection" --token-file token --json
like "$status:$out" '0:*"sent":0,*' "and nothing is sent twice"

# ---- Reading back ----

at taxii peer add melati "$collection" --token-file token
like "$status:$out" "0:melati	$collection	new	next *Z" "the collection becomes a peer"
n=0
while [ "$n" -lt "$kills" ]; do
    n=$((n + 1))
    "$KENTONGAN" -c sends taxii peer run melati >told 2>&1 &
    reader=$!
    in_the_middle "$n"
    if [ $((n % 2)) -eq 1 ]; then
        crash "$reader"
    else
        crash "$server"
        wait "$reader"
        begin
    fi
done
at taxii peer run melati
is "$status" 0 "after as many kills the rest is read" || note "$err"
source=peer/melati/$(basename "$collection")
objects_of sends --source "$source" >got
cmp expected got >differ 2>&1
is "$?:$(wc -l <got)" "0:$(wc -l <expected)" "all of it is there under a source of its own, once, byte for byte" || note "$(cat differ)"
at taxii peer run melati
is "$status:$out" "0:melati: nothing new" "and nothing is read twice"

# ---- What is new ----

"$KENTONGAN" simulate --seed 61 --indicators 25 --events 1 --intel more.json -o /dev/null
run "$KENTONGAN" taxii push "$collection" more.json --token-file token
like "$status:$out" "0:*: 2? objects sent, 0 of them not taken" "somebody else adds a few"
at taxii peer run
is "$status:$out" "0:" "which are not asked for before they are due"
at taxii peer run melati
like "$status:$out" "0:melati: 2? objects read as stix: 2? new*" "and then only they come"
at taxii push melati --json
like "$status:$out" '0:*"sent":0,*' "what was read there is not sent back there"

# ---- What keeps it ----

at taxii peer show melati --json
case $out$(cat log) in *"$(cat token)"*) leaked=1 ;; *) leaked=0 ;; esac
is "$leaked:$(find sends/keys -name 'peer-*' -perm 600 | wc -l)" "0:1" "the token lies in a file of its owner and is told nowhere"
at taxii peer remove melati
is "$status:$(find sends/keys -name 'peer-*' | wc -l)" "0:0" "and goes with the peer"
objects_of sends --source "$source" >got
is "$(wc -l <got)" "$(($(wc -l <expected) + 25))" "what came from it stays"
at taxii peer add melati "$collection" --token-file token
at taxii peer run melati
is "$status:$out" "0:melati: nothing new" "a peer that comes again goes on where it was"

kill -TERM "$server"
wait "$server"
done_testing
