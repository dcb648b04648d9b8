#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What leaves for a partner: seen before it leaves, asked about, let go by two persons, read by TAXII, recalled; and all
# that it ever received, with proofs.
. "${0%/*}/node.sh"

command -v curl >/dev/null || {
    skip "a node releases" "curl is not installed"
    done_testing
}
trap 'kill -9 "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT
printf 'a long drum battery\n' >password
chmod 600 password

kt()
{
    run "$KENTONGAN" -c node "$@"
}
# begin: starts the server; $url is where it is
begin()
{
    rm -f ready
    mkfifo ready
    "$KENTONGAN" -c node serve >ready 2>>log &
    server=$!
    exec 8<ready
    read -r first <&8
    exec 8<&-
    port=${first##*:}
    url=http://127.0.0.1:${port%/}/
}
# ayu COMMAND...: ayu does it, with one of her codes
ayu()
{
    code=$(head -n 1 codes)
    sed -i 1d codes
    kt "$@" --person ayu --person-password password --code "$code"
}
# object TYPE N MARKING [MORE]: one of ours
object()
{
    printf '{"type":"%s","spec_version":"2.1","id":"%s--6b616c61-0000-4000-8000-%012d","created_by_ref":"%s",' "$1" "$1" "$2" "$own"
    printf '"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"number %d",' "$2"
    [ "$1" = indicator ] && printf '"pattern":"[domain-name:value = \047host%d.example\047]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z",' "$2"
    [ "$1" = malware ] && printf '"is_family":false,'
    printf '"object_marking_refs":["marking-definition--%s"]%s}' "$3" "${4:-}"
}
amber=55d920b0-5e8b-4f79-9ee9-91f868d9b421
red=e828b379-4e03-4974-9ac4-e53a884c97c1
# import OBJECT...
import()
{
    list=
    for one in "$@"; do
        list=$list${list:+,}$one
    done
    printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-000000000001","objects":[%s]}' "$list" >bundle.json
    kt import bundle.json
}
# reads: the names of what the partner reads, between blanks
reads()
{
    curl -s -g -m 10 -H "Authorization: Bearer $(cat token)" -H 'Accept: application/taxii+json;version=2.1' \
        "${url%/}/taxii2/main/collections/$outbox/objects/" | tee -a received | grep -o '"name":"number [0-9]*"' | tr -cd '0-9\n' | tr '\n' ' '
}
# until_reads NAMES: for some seconds
until_reads()
{
    for _ in $(seq 60); do
        got=$(reads)
        [ "$got" = "$1" ] && return 0
        sleep 0.05
    done
    note "got: $got, expected: $1"
    return 1
}

# ---- A partner that only reads ----

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
"$KENTONGAN" -c node user add ayu --role manager --password-file password >made
begin
python3 "$KENTONGAN_ROOT/tests/web/codes.py" "127.0.0.1:${port%/}" "a long drum battery" ayu >codes || note "no codes"
own=$("$KENTONGAN" -c node org list --json | sed -n 's/.*"identity":"\([^"]*\)".*"relation":"own".*/\1/p')
[ -n "$own" ] || own=$("$KENTONGAN" -c node org show "Melati CERT" --json | sed -n 's/.*"identity":"\([^"]*\)".*/\1/p')
kt partner add --no-url --name "Dinas Contoh" --country ID
is "$status" 0 "a partner without keys"
(umask 077 && "$KENTONGAN" -c node token add client --for partner-dinas-contoh --scope taxii --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token)
kt agreement draft "Dinas Contoh" --purpose "Protecting hospitals" --kind indicator --kind malware --until 2099-12-31T23:59:59Z
is "$status" 0 "terms are drafted"
kt agreement offer "Dinas Contoh" --reason "as talked over"
second node codes
for _ in $(seq 100); do # until the node has signed
    "$KENTONGAN" -c node agreement versions "Dinas Contoh" | grep -q signed && break
    sleep 0.05
done
kt agreement accept "Dinas Contoh" --words "agreed by letter of today" --reason "their letter lies in the safe"
[ "$status" = 0 ] || note "$err"
second node codes
[ "$status" = 0 ] || note "$err"
kt agreement list
like "$out" "Dinas Contoh	in-force*" "and an agreement is in force"
outbox=$(curl -s -m 10 -H "Authorization: Bearer $(cat token)" -H 'Accept: application/taxii+json;version=2.1' "${url%/}/taxii2/main/collections/" |
    sed 's/.*"id":"\([^"]*\)","title":"released to Dinas Contoh".*/\1/')
is "$(reads)" "" "it has a collection in which nothing is"

# ---- Seen before it leaves; asked; let go by two persons ----

import "$(object indicator 1 $amber)" "$(object indicator 2 $red)"
is "$status" 0 "two indicators, one of them RED"
kt release preview --to "Dinas Contoh"
like "$out" "*stays	indicator--*0001	persons	two persons have to agree (somebody can agree)*" "the first of a kind is asked about"
like "$out" "*stays	indicator--*0002	tlp	its TLP does not permit this recipient*" "and RED stays"
for _ in $(seq 60); do
    kt release asks
    [ -n "$out" ] && break
    sleep 0.05
done
like "$out" "1	open	to Dinas Contoh	from -	indicator	persons	TLP:AMBER	1 objects" "there is one question"
kt release answer 1 --allow kind --reason "indicators may go"
like "$status:$out" "0:proposed as approval *: it waits for a second person" "which nobody answers alone"
is "$(reads)" "" "so nothing has left"
second node codes
is "$status" 0 "another person agrees"
until_reads "1 "
ok $? "and it is there for the partner"
kt release show "indicator--6b616c61-0000-4000-8000-000000000001"
like "$out" "Dinas Contoh	released	as indicator--*0001, entry *" "which says who has it"
kt release show "indicator--6b616c61-0000-4000-8000-000000000002"
like "$out" "Dinas Contoh	stays	tlp: *" "and why nobody has the other"
import "$(object indicator 3 $amber)" "$(object malware 4 $amber)"
until_reads "1 3 "
ok $? "the next of that kind goes at once; another kind is asked about again"
kt release preview --to "Dinas Contoh" "indicator--6b616c61-0000-4000-8000-000000000003"
[ "$status" = 0 ] || note "$err"
bytes=$(object indicator 3 $amber)
is "$(printf '%s\n' "$out" | sed -n 2p)" "$bytes" "a preview shows the very bytes"
is "$(grep -c -F "$bytes" received)" "$(grep -c 'number 3' received)" "that were read"

# ---- Recalled ----

kt release recall "indicator--6b616c61-0000-4000-8000-000000000003" --reason "a mistake"
like "$status:$out" "0:requested of 1 that have it*" "a recall is requested"
until_reads "1 3 "
is "$(tail -c 3000 received | grep -o '"name":"number 3".*"revoked":true' | wc -l)" 1 "who only reads finds it revoked"
kt release recall list --missing
like "$out" "*Dinas Contoh	indicator--*0003	*	by-hand	cannot acknowledge*" "and a partner without a node cannot acknowledge"
kt release recall "indicator--6b616c61-0000-4000-8000-000000000002" --reason "x"
like "$status:$err" "2:*nobody was given that*" "what nobody has cannot be recalled"

# ---- Everything that it ever received ----

kt release received --by "Dinas Contoh"
is "$status:$(printf '%s\n' "$out" | cut -f 1,2 | tr '\t\n' ' .')" "0:proven indicator--6b616c61-0000-4000-8000-000000000001.proven indicator--6b616c61-0000-4000-8000-000000000003.proven indicator--6b616c61-0000-4000-8000-000000000003." "all that it ever had is proven, recalled or not"
kt release received --by "Dinas Contoh" --json
like "$out" '*"tlp":"TLP:AMBER"*"leaf_bytes":"{*digest*"path":[[]]*"proven":true*"bytes":{"type":"indicator"*' "with markings, proofs and bytes"
is "$(grep -c 'number [24]"' received)" 0 "what was never released was in no answer"
kt agreement suspend "Dinas Contoh" --reason "for now"
[ "$status" = 0 ] || note "$err"
is "$(reads)" "3 " "when the agreement is suspended nothing is served but what takes back"
kt agreement end "Dinas Contoh" --reason "it is over"
[ "$status" = 0 ] || note "$err"
until_reads "1 3 "
ok $? "and at its end what it gave is taken back"
kt release recall list
like "$out" "*0001	*	agreement-ended	cannot acknowledge*" "which is a recall of each"
done_testing
