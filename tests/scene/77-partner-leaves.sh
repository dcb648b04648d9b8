#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A partner leaves, and its key was stolen: it ends to the second, what waited for it does not leave, what was agreed for
# afterwards is told, everything that it ever had is printed with proofs, and it comes back with other keys or not at all.
. "${0%/*}/nodes.sh"
needs "a partner leaves" python3 openssl curl

: >received

# indicators FIRST LAST: of ours, as a bundle
indicators()
{
    printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-%012d","objects":[' "$1"
    for n in $(seq "$1" "$2"); do
        [ "$n" = "$1" ] || printf ,
        printf '{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-%012d","created_by_ref":"%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"ours-%d","pattern":"[domain-name:value = \047host%d.example\047]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}' \
            "$n" "$a" "$n" "$n"
    done
    printf ']}'
}
# reads: names of what the partner's account reads, between blanks; all bytes are kept
reads()
{
    curl -s -m 10 -H "Authorization: Bearer $(cat token)" -H 'Accept: application/taxii+json;version=2.1' \
        "http://$at/taxii2/main/collections/$outbox/objects/" | tee -a received | grep -o '"name":"ours-[0-9]*"' | tr -cd '0-9\n' | tr '\n' ' '
}
thief()
{
    run python3 "$web/thief.py" "$at" kenanga/keys/message.key "$b" "$a" "$a" stolen "$1"
    [ -z "$err" ] || note "$err"
}

# ---- Two nodes and an agreement ----

node kenanga
end "$server"
node melati
melati=$server
at=$here
meet melati kenanga
carry melati kenanga
carry kenanga melati
"$KENTONGAN" -c melati agreement draft kenanga --purpose "Protecting hospitals" --kind indicator --until 2099-12-31T23:59:59Z --after-end delete >made
"$KENTONGAN" -c melati agreement offer kenanga --reason "as talked over" >made
agreed melati
carry melati kenanga
"$KENTONGAN" -c kenanga agreement accept melati --reason "it is good" >made
agreed kenanga
carry kenanga melati
"$KENTONGAN" -c melati release rule add --to kenanga --type indicator --highest TLP:AMBER --reason "as agreed" >made
agreed melati
a=$(row kenanga melati node)
b=$(row melati kenanga node)
outbox=$(row melati kenanga reads)
account=$(row melati kenanga account)
(umask 077 && "$KENTONGAN" -c melati token add client --for "$account" --scope taxii --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token)
until_like "kenanga	in-force*" "$KENTONGAN" -c melati agreement list
ok $? "an agreement is in force, under which everything is deleted at its end"
indicators 1 2 >bundle.json
"$KENTONGAN" -c melati import bundle.json >made
until_like "1 2 " reads
ok $? "the partner reads what was released to it; its own node is down, and a push waits"

# ---- It ends, to the second; its key was stolen ----

key=$(openssl pkey -in kenanga/keys/message.key -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
thief roads
like "$out" "taxii 200 ledger 200 witness 200 statement *" "with the key somebody else could be the partner"
python3 - "$at" "$outbox" <<'PYTHON' >seen &
import http.client, sys, time
at, outbox = sys.argv[1:]
token, refused, until = open("token").read().strip(), 0, time.time() + 60
while refused < 25 and time.time() < until:
    before = time.time()
    connection = http.client.HTTPConnection(at, timeout=20)
    connection.request("GET", f"/taxii2/main/collections/{outbox}/objects/", headers={
        "Authorization": "Bearer " + token, "Accept": "application/taxii+json;version=2.1"})
    answer = connection.getresponse()
    text = answer.read()
    print(before, time.time(), answer.status, flush=True)
    with open("received", "ab") as file:
        file.write(text + b"\n")
    refused += answer.status == 401
    time.sleep(0.01)
PYTHON
reader=$!
beside="$beside $reader"
until_like "*200*" cat seen
end_s=$(($(date +%s) + 2))
end=$(date -u -d "@$end_s" +%Y-%m-%dT%H:%M:%SZ)
run "$KENTONGAN" -c melati partner end kenanga --at "$end" --stolen-key "$key" --reason "it leaves, and its key was stolen"
is "$status" 0 "its end is set, and the key reported" || note "$err"
thief roads
is "$out" "taxii 401 ledger 401 witness 401 statement 401" "the key is good for nothing at once"
indicators 3 3 >bundle.json
"$KENTONGAN" -c melati import bundle.json >made
wait "$reader"
run python3 - "$end_s" <<'PYTHON'
import sys
end, seen = int(sys.argv[1]), [line.split() for line in open("seen")]
early = {status for _, after, status in seen if float(after) < end}
late = {status for before, _, status in seen if float(before) > end + 0.05}
print("before", *sorted(early), "after", *sorted(late))
PYTHON
is "$out" "before 200 after 401" "it reads until that second, and nothing from then on" || note "$err"
mv received before
: >received

# ---- Afterwards ----

indicators 4 5 >bundle.json
"$KENTONGAN" -c melati import bundle.json >made
log()
{
    "$KENTONGAN" ledger -c melati show private
}
until_like '*"kind":"agreement.ended"*' log
ok $? "the agreement ended with it"
recalls()
{
    "$KENTONGAN" -c melati release recall list
}
until_like "*0001*0002*" recalls
ok $? "all that it has is recalled"
begin kenanga
kenanga=$server
heard()
{
    "$KENTONGAN" -c kenanga release recall heard; "$KENTONGAN" ledger -c kenanga show private | grep -a '"kind":"recall.heard"'
}
until_like '*agreement-ended: delete*' heard
ok $? "its own node is told, with the clause that both had agreed on"
until_like '*"kind":"partner.alarm"*a key that is good no more was used*' log
ok $? "what the stolen key signs is refused, and alarms"
run "$KENTONGAN" -c kenanga search ours
is "$out" "" "nothing that waited was sent to its node"
is "$(reads)" "" "and its account reads nothing"
thief roads
is "$out" "taxii 401 ledger 401 witness 401 statement 401" "nor does the thief"
is "$(grep -a -c -E 'ours-|host[0-9]' received)" 0 "no byte of ours is in what it got after the end"
is "$(grep -a -c -E 'ours-[45]' before stolen | tr '\n' ' ')" "before:0 stolen:0 " "nor, before, of what came later"
run "$KENTONGAN" -c melati release received --by kenanga
like "$status:$(printf '%s\n' "$out" | grep -c 'indicator--')" "0:[23]" "one command prints all that it ever had, with proofs" || note "$out$err"
run "$KENTONGAN" -c melati partner add kenanga.json
like "$status:$err" "[12]:*key*" "it does not come back with the keys that it had"
like "$("$KENTONGAN" -c melati partner list)" "kenanga	ended	*" "its history stays readable"
done_testing
