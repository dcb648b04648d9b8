#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A hospital matches its own logs on its own machine, with the intelligence of the team that serves it: as much of it as
# its markings let clients have, and what changes while the stream runs.
. "${0%/*}/tap.sh"
export XDG_CACHE_HOME="$scene_folder/cache"

kt()
{
    run "$KENTONGAN" -c node "$@"
}
serve()
{
    : >serve.out # the port of the one before is not this one's
    "$KENTONGAN" -c node serve >serve.out 2>serve.err &
    server=$!
    for _ in $(seq 200); do
        grep -q listening serve.out && break
        sleep 0.02
    done
    url=$(sed -n 's/^listening on //p' serve.out)
}
stop()
{
    kill "$server"
    wait "$server"
}
elsewhere()
{
    run "$KENTONGAN" match --node "$url" --token-file "$1" -f eve "$2"
}
event()
{
    printf '{"timestamp":"2026-11-20T12:00:00+0000","event_type":"flow","src_ip":"%s"}\n' "$1"
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

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
kt org add "RS Kenanga" --kind hospital --relation constituent
kt org add "Partner" --kind team --relation partner
printf 'a long enough password\n' >password
chmod 600 password
for row in "rini - analyst" "sari RS_Kenanga constituent-admin" "paul Partner analyst" "joko - duty-officer"; do
    set -- $row
    organisation=$(echo "$2" | tr _ ' ')
    [ "$2" = - ] && kt user add "$1" --role "$3" --password-file password ||
        kt user add "$1" --role "$3" --password-file password --org "$organisation"
    is "$status:$err" "0:" "$1 is known"
    kt token add "$1-match" --for "$1" --scope match --json
    printf '%s\n' "$out" | sed 's/.*"token":"\([^"]*\)".*/\1/' >"$1.token"
    chmod 600 "$1.token"
done
indicator()
{
    printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-00000000%s","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-00000000%s","created":"2026-11-20T10:00:00.000Z","modified":"2026-11-20T10:00:00.000Z","pattern_type":"stix","valid_from":"2026-11-20T10:00:00Z","pattern":"[ipv4-addr:value = '"'%s'"']","labels":["%s"]}]}\n' "$1" "$1" "$2" "$3"
}
indicator 0001 192.0.2.1 tlp:green >green.json
indicator 0002 192.0.2.2 tlp:red >red.json
indicator 0003 192.0.2.3 tlp:amber >amber.json
kt import --source partner green.json
kt import --source partner red.json
serve
like "$url" "http://127.0.0.1:*/" "the node listens"
for last in 1 2 3; do event 192.0.2.$last; done >events

elsewhere rini.token events
is "$status:$(printf '%s\n' "$out" | grep -o '"value":"[^"]*"' | tr '\n' ' ')" '0:"value":"192.0.2.1" "value":"192.0.2.2" ' \
    "our own people match with all of it"
elsewhere sari.token events
is "$status:$(printf '%s\n' "$out" | grep -o '"value":"[^"]*"' | tr '\n' ' ')" '0:"value":"192.0.2.1" ' \
    "a constituent with what clients may have"
elsewhere paul.token events
like "$status:$err" "2:*for our own organisation and those that we serve*" "a partner with none of it"
printf 'nobody\n' >nobody.token
chmod 600 nobody.token
elsewhere nobody.token events
like "$status:$err" "2:*this token is not good*" "and a token that is none is refused"

# ---- It changes while it runs ----

mkfifo stream
: >rows
"$KENTONGAN" match --node "$url" --token-file sari.token -f eve stream >rows 2>told &
matching=$!
exec 3<>stream
event 192.0.2.3 >&3
sleep 0.5
is "$(hits 0)" 0 "nothing is known of it at first"
kt import --source partner amber.json
sleep 0.5
event 192.0.2.3 >&3
is "$(hits 1)" 1 "imported at the node, it is met elsewhere"
kt indicator revoke indicator--6b616c61-0000-4000-8000-000000000003 --reason "a mistake"
sleep 0.5
event 192.0.2.3 >&3
event 192.0.2.1 >&3
is "$(hits 2)" 2 "withdrawn, it is not, and the other still is"
stop
event 192.0.2.1 >&3
is "$(hits 3)" 3 "with the node away, what is known stays in use"
exec 3>&-
wait "$matching"
is "$?" 0 "and the stream ends with hits"
like "$(cat told)" "*could not be followed to the end*" "which says that the node was away"

elsewhere sari.token events
like "$status:$err" "0:*what is known from the last time is used*" "a new run begins with what was kept"
serve
kt import --source partner red.json
elsewhere sari.token events
is "$status:$err" "0:" "the node is back"
like "$(ls cache/kentongan)" "index-*.etag" "the index is kept for the next time"

# ---- Who may no longer does not listen on ----

# listen NAME: a stream in the background, which has begun.
listen()
{
    : >"$1.events"
    curl -sN -m 10 -H "Authorization: Bearer $(cat "$1.token")" "${url}live?after=0" >"$1.events" &
    listener=$!
    for _ in $(seq 300); do
        grep -q '^event: here' "$1.events" && break
        sleep 0.01
    done
}
if command -v curl >/dev/null; then
    listen sari
    kt token list --json
    kt token revoke "$(printf '%s\n' "$out" | sed -n '/"sari-match"/s/.*"number":"*\([0-9]*\).*/\1/p')"
    is "$status:$err" "0:" "a token is revoked"
    wait "$listener"
    is "$?" 0 "and the stream that it began ends"
    elsewhere sari.token events
    like "$status:$err" "2:*this token is not good*" "nor does another begin"
    listen rini
    kt user lock rini
    wait "$listener"
    is "$?" 0 "a user who is locked listens no longer"
    kt org state "RS Kenanga" active --reason "contract"
    kt token add sari-again --for sari --scope match --json
    printf '%s\n' "$out" | sed 's/.*"token":"\([^"]*\)".*/\1/' >sari.token
    listen sari
    kt org state "RS Kenanga" suspended --reason "contract is over"
    wait "$listener"
    is "$status:$?" 0:0 "nor does anybody of an organisation that is suspended"
else
    skip "a stream ends with what it was begun by" "curl is not installed"
fi

# ---- Too far behind ----

# wide LAST: an indicator with a description of 4.5 MB
wide()
{
    indicator "000$1" "192.0.2.$1" tlp:green >plain.json
    sed 's/"labels".*//' plain.json | tr -d '\n'
    printf '"description":"'
    head -c 4500000 /dev/zero | tr '\0' a
    printf '",'
    sed 's/.*\("labels".*\)/\1/' plain.json
}
for last in 5 6; do
    wide $last >wide.json
    kt import --source partner wide.json
    is "$status" 0 "a wide indicator is taken in" || note "$err"
done
if command -v curl >/dev/null; then
    kt token add joko --for joko --scope match --json
    printf '%s\n' "$out" | sed 's/.*"token":"\([^"]*\)".*/\1/' >joko.token
    for _ in 1 2 3; do
        is "$(curl -s -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $(cat joko.token)" "${url}live?after=0")" 409 \
            "who is too far behind for a stream takes the whole index"
    done
else
    skip "who is too far behind takes the whole index" "curl is not installed"
fi
stop
is "$?" 0 "the node ends, and nothing is left of what was refused" || note "$(cat serve.err)"
done_testing
