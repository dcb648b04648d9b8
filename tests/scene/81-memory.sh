#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The past is searched: what a hospital's sensor saw is remembered, found by people and by intelligence that comes later,
# and forgotten when its time is over, which is proved.
. "${0%/*}/tap.sh"

command -v curl >/dev/null || {
    skip "a node remembers" "curl is not installed"
    done_testing
}
trap 'kill -9 "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

kt()
{
    run "$KENTONGAN" -c node "$@"
}
# sql QUERY: the first value that the node's database answers
sql()
{
    python3 -c 'import sqlite3, sys
row = sqlite3.connect("file:node/node.db?mode=ro", uri=True).execute(sys.argv[1]).fetchone()
print("" if row is None or row[0] is None else row[0])' "$1"
}
# event DAYS_AGO ADDRESS: a flow of the hospital's sensor to there
event()
{
    printf '{"timestamp":"%s","event_type":"flow","src_ip":"192.0.2.5","dest_ip":"%s","dest_port":443}\n' \
        "$(date -u -d "$1 days ago" +%Y-%m-%dT10:00:00.000000+0000)" "$2"
}
# query DAYS_AGO NAME: a look-up of that name
query()
{
    printf '{"timestamp":"%s","event_type":"dns","src_ip":"192.0.2.5","dest_ip":"192.0.2.53","dns":{"type":"query","rrname":"%s"}}\n' \
        "$(date -u -d "$1 days ago" +%Y-%m-%dT11:00:00.000000+0000)" "$2"
}

run "$KENTONGAN" init node --listen 127.0.0.1:0
is "$status" 0 "a node"
kt org add "RS Mawar" --kind hospital
kt org state "RS Mawar" active --reason "their contract began"
kt org add "RS Melati" --kind hospital
kt org state "RS Melati" active --reason "their contract began"
{
    event 20 203.0.113.77
    event 3 203.0.113.77
    event 3 203.0.113.77
    event 1 203.0.113.78
    query 2 kabar.tiruan.example
} >mawar.json
event 2 203.0.113.77 >melati.json
kt ingest --stream mawar/suricata --org "RS Mawar" mawar.json
is "$status" 0 "a sensor's events come in"
kt ingest --stream melati/suricata --org "RS Melati" melati.json

kt hunt 203.0.113.77
is "$status" 0 "who met an address?"
is "$(printf '%s\n' "$out" | cut -f 2,5,6)" "RS Mawar	3	2
RS Melati	1	1" "two hospitals did: how often, on how many days"
kt hunt --since 7d '203[.]0.113.0/24' --json
like "$out" '{"value":"203.0.113.0/24","type":"cidr","organisation":"RS Mawar","first":"*","last":"*","count":3,"days":2}*' \
    "a prefix, of the last seven days"
kt hunt hxxps://kabar.tiruan[.]example/ tiruan.example
like "$out" "tiruan.example	RS Mawar	*	1	1" "a domain is met by the names below it"
printf 'value\n203.0.113.78\nlain.example\n' >list.txt
kt hunt -i list.txt
is "$status $(printf '%s\n' "$out" | cut -f 1,2)" "0 203.0.113.78	RS Mawar" "a whole list is looked for at once"
kt hunt 198.51.100.1
is "$status$out" "1" "nobody met what nobody met"
kt hunt 203.0.113.999
is "$status" 2 "what is no value is refused"
kt hunt --reach 203.0.113.0/24
is "$out" "203.0.113.0/24	would have met 2 organisations, 5 times" "its reach is told before it is activated"

# Intelligence that comes later.
rm -f ready
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
cat >late.json <<'END'
{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-000000000081","created":"2026-01-01T00:00:00.000Z",
"modified":"2026-01-01T00:00:00.000Z","pattern":"[ipv4-addr:value = '203.0.113.77']","pattern_type":"stix",
"valid_from":"2026-01-01T00:00:00.000Z","indicator_types":["malicious-activity"]}
END
kt import --source feed late.json
is "$status" 0 "an indicator comes, later than what it would have met"
port=${first##*:}
met=
until [ -n "$met" ] || ! kill -0 "$server" 2>/dev/null; do
    met=$(sql "SELECT group_concat(events, ' ') FROM (SELECT events FROM met WHERE stream = 0 ORDER BY organisation)")
    [ -n "$met" ] || sleep 0.05
done
is "$met" "3 1" "both hospitals met it, from the memory"
is "$(sql "SELECT count(*) FROM journal WHERE act = 'events.met'")" 1 "the journal tells it once"
is "$(sql "SELECT organisations FROM memory_reach")" 2 "and how far it reaches"
exec 8<&-
kill "$server"
wait "$server"
is "$?" 0 "the server ends"

# Forgetting.
kt hunt --prove-forgotten "RS Mawar"
is "$status" 0 "what is there may be there"
kt org service "RS Mawar" --memory-days 2
is "$status" 0 "less is agreed"
kt hunt --prove-forgotten "RS Mawar" --json
is "$status" 1 "then there is more than may be there"
like "$out" '*"days":2,*"overdue":[1-9]*' "and it is counted"
kt hunt --forget
is "$status" 0 "it is forgotten"
kt hunt --prove-forgotten "RS Mawar"
is "$status" 0 "that is proved"
like "$out" "*nothing is left that should be gone" "in words"
kt hunt 203.0.113.77
is "$(printf '%s\n' "$out" | cut -f 2,5,6)" "RS Melati	1	1" "what others met is still there"
is "$(sql "SELECT count(*) > 1 FROM journal WHERE act = 'memory.forgotten'")" 1 "the journal says what was forgotten"
done_testing
