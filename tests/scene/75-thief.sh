#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A partner's key in the wrong hands, and a partner that wants more than was agreed: what it may not read is as if it were
# not there, what it may not change stays, what it claims is answered alike, and it is out the moment that its key is
# reported.
. "${0%/*}/nodes.sh"
needs "a thief has a partner's key" python3 openssl

: >received

# thief STEP
thief()
{
    run python3 "$web/thief.py" "$here" kenanga/keys/message.key "$b" "$a" "$c" received "$1"
    [ -z "$err" ] || note "$err"
}

node kenanga
end "$server"
node melati
meet melati kenanga
carry melati kenanga
carry kenanga melati
"$KENTONGAN" -c melati agreement draft kenanga --purpose "Protecting hospitals" --kind indicator --until 2099-12-31T23:59:59Z >made
"$KENTONGAN" -c melati agreement offer kenanga --reason "as talked over" >made
agreed melati
carry melati kenanga
"$KENTONGAN" -c kenanga agreement accept melati --reason "it is good" >made
agreed kenanga
carry kenanga melati
"$KENTONGAN" -c melati partner add --no-url --name "Dinas Contoh" --country GB >made
"$KENTONGAN" -c melati agreement draft "Dinas Contoh" --purpose "Protecting hospitals" --kind indicator --until 2099-12-31T23:59:59Z >made
"$KENTONGAN" -c melati agreement offer "Dinas Contoh" --reason "as talked over" >made
agreed melati
a=$(row kenanga melati node)
b=$(row melati kenanga node)
c=$(row melati "Dinas Contoh" node)
for _ in $(seq 60); do
    "$KENTONGAN" -c melati agreement list | grep -q '^kenanga	in-force' && break
    sleep 0.05
done
printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-000000000001","objects":[' >bundle.json
for n in 1 2 3; do
    printf '%s{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-%012d","created_by_ref":"%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"secret-%d","pattern":"[domain-name:value = \047host%d.example\047]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]}' \
        "$([ $n = 1 ] || echo ,)" $n "$a" $n $n >>bundle.json
done
printf ']}' >>bundle.json
"$KENTONGAN" -c melati import bundle.json >made || note "$(cat made)"

thief visits
is "$(printf '%s\n' "$out" | sed 's/.* //' | sort | uniq -c | tr -s ' ')" " 7 401" "a visit that is old, long, forged or for others lets nobody in"
thief "{\"collections\":[\"$(row melati "Dinas Contoh" reads)\",\"$(row melati "Dinas Contoh" 'writes to')\"],\"logs\":[\"$(ls melati/ledger | grep private)\"]}"
is "$out" "node log 200 its openings 404 as beyond its end True
heads of a third True
logs node partner" "collections, logs and openings of others are not there, nor those of the node log"
thief change
is "$out" "consent that nobody asked for 422 we did not ask for this consent True
hello http://169.254.169.254/ 422
hello file:///etc/passwd 422
hello itself 422
hello http://127.0.0.1:1/ 422
folder ../node.db 422
folder http://169.254.169.254/ 422
folder a//b 422
receipt 422 there is no log of that origin about an agreement with this partner
receipt 422 there is no log of that origin about an agreement with this partner
receipt 422 there is no log of that origin about an agreement with this partner
receipt of more 422
agreement of others 422 there is no such agreement with this partner
version that nobody offered 422
key by a message key 401
twice [422, 422]
key twice 400
deep 413" "nothing that it says changes anything that is not its own"
thief claim
is "$out" "claims are alike True 202
so is taking away True 200" "and what it sends is answered alike, whether it is here or not"
is "$(grep -a -c -E 'secret-|host[0-9]' received)" 0 "no byte of what it must not have is in what it got"
key=$(openssl pkey -in kenanga/keys/message.key -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
"$KENTONGAN" -c melati partner suspend kenanga --reason "for now" >made
thief roads
like "$out" "taxii 401 ledger 401 witness 401 statement *" "suspended, it reads nothing"
"$KENTONGAN" -c melati partner resume kenanga --reason "again" >made
thief roads
like "$out" "taxii 200 ledger 200 witness 200 statement 422" "resumed, it does"
"$KENTONGAN" -c melati partner end kenanga --at 2099-01-01T00:00:00Z --stolen-key "$key" --reason "its key was stolen" >made
thief roads
is "$out" "taxii 401 ledger 401 witness 401 statement 401" "a stolen key is good for nothing from that moment on, though its partner stays"
done_testing
