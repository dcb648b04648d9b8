#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two nodes become partners, agree, and share. The link is cut, and the one that publishes killed; in the end the other
# has each object once, byte for byte, and has said so. A third partner is no node at all, but any TAXII server.
# KENTONGAN_LINKS=bad: also over links that are bad for a while, and with more deaths.
# KENTONGAN_PUBLISH=N: instead, how long it takes N times until the other has it, by a link that adds 20 ms.
. "${0%/*}/nodes.sh"
needs "two nodes share" python3

# begin NODE: serves it; $began is the server itself, which is killed
begin()
{
    rm -f "$1.ready"
    mkfifo "$1.ready"
    "$KENTONGAN" -c "$1" serve >"$1.ready" 2>>"$1.log" &
    began=$!
    beside="$beside $began"
    read -r _ <"$1.ready"
}

# second NODE PERSON STEP: the last proposal gets its second person
second()
{
    number=$("$KENTONGAN" -c "$1" approval list --json | tail -n 1 | sed 's/.*"number":\([0-9]*\).*/\1/')
    digest=$("$KENTONGAN" -c "$1" approval show "$number" --json | grep -o '"digest":"[0-9a-f]*"' | head -n 1 | cut -d '"' -f 4)
    secret=$(cat "$1.$2")
    "$KENTONGAN" -c "$1" approval agree "$number" "$digest" --person "$2" --person-password password \
        --code "$(python3 "$web/person.py" code "$secret" "$3")" >>said 2>&1
}

# indicators NODE SOURCE: what it has of that, a line each, in order of bytes
indicators()
{
    "$KENTONGAN" -c "$1" export --as stix --all-versions --source "$2" 2>/dev/null | sed 's/,$//' |
        grep '"type":"indicator"' | LC_ALL=C sort
}

# arrived: how many of them the other node has
arrived()
{
    indicators kenanga "partner/Melati CERT" | wc -l
}

# publish COUNT SEED
publish()
{
    "$KENTONGAN" simulate --seed "$2" --indicators "$1" --events 1 --intel "new-$2.json" -o /dev/null 2>/dev/null
    "$KENTONGAN" -c melati import "new-$2.json" --source ours >>said 2>&1
}

# ---- Two nodes, and links between them ----

links_begin melati kenanga
node_make melati "Melati CERT"
node_make kenanga "Kenanga CERT"
"$KENTONGAN" -c melati user add dewi --role manager --password-file password >made
begin melati
melati=$began
begin kenanga
kenanga=$began
python3 "$web/person.py" enrol "127.0.0.1:$port_melati" ayu "a drum beaten at night" >melati.ayu
python3 "$web/person.py" enrol "127.0.0.1:$port_melati" dewi "a drum beaten at night" >melati.dewi
python3 "$web/person.py" enrol "127.0.0.1:$port_kenanga" ayu "a drum beaten at night" >kenanga.ayu

# ---- Partners ----

acquainted melati "Melati CERT" kenanga "Kenanga CERT"
ok $? "both nodes said hello: each is an active partner of the other"

"$KENTONGAN" -c melati agreement draft "Kenanga CERT" --kind indicator --highest TLP:AMBER --purpose "Protecting hospitals" \
    --until 2099-12-31T00:00:00Z >said 2>&1
"$KENTONGAN" -c melati agreement offer "Kenanga CERT" --reason "as talked over" >said 2>&1
second melati ayu 0
until_like "*offered*" "$KENTONGAN" -c kenanga agreement list
"$KENTONGAN" -c kenanga agreement accept "Melati CERT" --reason "it is good" >said 2>&1
second kenanga ayu 0
"$KENTONGAN" -c melati release rule add --highest TLP:AMBER --reason "agreed beforehand" >said 2>&1
second melati ayu 1
until_like "*in-force*" "$KENTONGAN" -c melati agreement list && until_like "*in-force*" "$KENTONGAN" -c kenanga agreement list
ok $? "two persons on each side agreed, and the terms hold on both" || note "$(cat said)"

# ---- Sharing ----

began_ms=$(date +%s%3N)
publish 20 1
until_like 20 arrived
ok $? "what one publishes is at the other" || note "$(tail -n 3 melati.log kenanga.log)"
note "published and seen in $(($(date +%s%3N) - began_ms)) ms, two commands included"
until_like '*"entries":[1-9]*"without_receipt":0*' "$KENTONGAN" -c kenanga partner post "Melati CERT"
ok $? "it has read the log of that and said that it holds all" || note "$got"
receipted()
{
    "$KENTONGAN" -c melati ledger logs --json 2>/dev/null | grep -c .
    "$KENTONGAN" -c melati partner post "Kenanga CERT"
}
until_like '*"sent":20,"refused":0,"failures":0,*"statements":\[\]*' receipted
ok $? "nothing waits any longer" || note "$got"

# ---- How long it takes, for bench/run.sh ----

if [ -n "$KENTONGAN_PUBLISH" ]; then
    look=0.02
    echo "delay 10" >&7 # and as much on the way back
    n=0
    while [ "$n" -lt "$KENTONGAN_PUBLISH" ]; do
        n=$((n + 1))
        "$KENTONGAN" simulate --seed "$((1000 + n))" --indicators 1 --events 1 --intel one.json -o /dev/null 2>/dev/null
        began_ms=$(date +%s%3N)
        "$KENTONGAN" -c melati import one.json --source ours >>said 2>&1
        until_like "$((20 + n))" arrived || break
        echo "$(($(date +%s%3N) - began_ms))" >>took
    done
    is "$(wc -l <took)" "$KENTONGAN_PUBLISH" "each arrives"
    note "p50 $(sort -n took | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }')"
    note "p99 $(sort -n took | awk '{ t[NR] = $1 } END { print t[int(NR * 0.99 + 0.99)] }')"
    stop_all
    done_testing
fi

# ---- Links that are bad, and a node that dies ----

echo "cut" >&7
publish 5 2
until_like '*"failures":[1-9]*' "$KENTONGAN" -c melati partner post "Kenanga CERT"
ok $? "a partner that cannot be reached says why" || note "$got"
kill -9 "$melati"
wait "$melati" 2>/dev/null
publish 5 3
echo "mend" >&7
begin melati
melati=$began
all=30
if [ -n "$KENTONGAN_LINKS" ]; then
    for order in "lose 0.3" "forget 0.3" "truncate 0.2" "double 0.3" "delay 5"; do
        echo "$order" >&7
    done
    for seed in 4 5 6 7 8 9; do
        publish 5 "$seed"
        all=$((all + 5))
        sleep 0.5
        [ $((seed % 2)) -eq 0 ] && continue
        kill -9 "$melati"
        wait "$melati" 2>/dev/null
        begin melati
        melati=$began
    done
    echo "mend" >&7
fi
until_like "$all" arrived
ok $? "it goes on by itself, whatever died" || note "$(arrived) of $all; $("$KENTONGAN" -c melati partner post "Kenanga CERT")"
indicators melati ours >here
indicators kenanga "partner/Melati CERT" >there
cmp -s here there
ok $? "once, and byte for byte"
until_like '*"without_receipt":0*"wrong":""*' "$KENTONGAN" -c kenanga partner post "Melati CERT"
ok $? "and its log is as it was signed" || note "$got"
echo "1 count" >&7
read -r counts <&8
note "the link that it sends by: $counts"

# ---- A partner without a node ----

mkfifo from-other to-other
python3 "$web/taxii.py" <to-other >from-other &
beside="$beside $!"
exec 5>to-other 6<from-other
read -r _ port_other <&6
collection=$("$KENTONGAN" taxii ls "http://127.0.0.1:$port_other/none/taxii2/" | awk -F '\t' '$1 == "collection" && $3 == "open" { print $2 }')
[ -n "$collection" ] || collection=$("$KENTONGAN" taxii ls "http://127.0.0.1:$port_other/none/taxii2/" | awk -F '\t' '$1 == "collection" && $4 == "read, write" { print $2; exit }')
run "$KENTONGAN" -c melati partner add --taxii "$collection" --name "Dinas Contoh"
is "$status" 0 "any TAXII server can be a partner" || note "$err"
"$KENTONGAN" -c melati agreement draft "Dinas Contoh" --kind indicator --highest TLP:AMBER --purpose "Protecting schools" \
    --until 2099-12-31T00:00:00Z >said 2>&1
"$KENTONGAN" -c melati agreement offer "Dinas Contoh" --reason "as talked over" >said 2>&1
second melati dewi 0
until_like '*Dinas Contoh*version 1 is signed*' "$KENTONGAN" -c melati agreement list
"$KENTONGAN" -c melati agreement accept "Dinas Contoh" --words "Surat 76/2026" --reason "their letter" >said 2>&1
second melati dewi 1
until_like "*\"sent\":$all,*" "$KENTONGAN" -c melati partner post "Dinas Contoh"
ok $? "it is sent the same, by Add Objects" || note "$got $(cat said) $("$KENTONGAN" -c melati agreement list)"
is "$(curl -s -m 10 "http://127.0.0.1:$port_other/none/dump/open" | grep -c '"indicator"')" "$all" "and has it"

stop_all
done_testing
