#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Keys that were stolen: a third node of the same group is told and takes nothing more of that key; the node makes all
# its keys anew, is suspended, introduced once more, and shares again under an agreement whose log cites the one before.
. "${0%/*}/nodes.sh"
needs "keys that were stolen" python3 openssl

mkdir stolen

keys_of()
{
    "$KENTONGAN" -c "$1" partner key list "$2" | awk -F '\t' -v purpose="$3" '$1 == purpose { print $3 }' | sort | tr '\n' ' '
}
private()
{
    "$KENTONGAN" ledger -c "$1" show private
}

for node in kenanga melati mawar; do
    node "$node" interval=1s
    eval "$node=$server"
done
pair melati kenanga && pair melati mawar && pair mawar kenanga
ok $? "three nodes are partners of each other"
agree melati kenanga
ok $? "two have an agreement"

# ---- A group: what one reports the others take ----

member()
{
    printf '{"name":"%s","node":"%s"}' "$1" "$("$KENTONGAN" -c "$1" org list --json | sed -n '1s/.*"identity":"\([^"]*\)".*/\1/p')"
}
printf '{"name":"Health","purpose":"Protecting hospitals","marking":"TLP:GREEN","members":[%s,%s,%s],"rules":{"quorum":3,"majority":{"yes":2,"of":3},"days":14}}' \
    "$(member melati)" "$(member kenanga)" "$(member mawar)" >group.json
"$KENTONGAN" -c melati group propose group.json --reason "we work together" >made
agreed melati
for node in kenanga mawar; do
    until_like "*proposal *" "$KENTONGAN" -c $node group show 1
    motion=$("$KENTONGAN" -c $node group show 1 | sed -n 's/^proposal \([^	]*\).*/\1/p')
    "$KENTONGAN" -c $node group vote "$motion" yes --reason "we do" >made
    agreed $node
done
until_like "1	Health	active*" "$KENTONGAN" -c melati group list && until_like "1	Health	active*" "$KENTONGAN" -c mawar group list
ok $? "and all three a group"

# ---- A key is stolen ----

cp kenanga/keys/message.key stolen/
a=$(row kenanga melati node)
b=$(row melati kenanga node)
m=$(row kenanga mawar node)
at=$(sed -n 's/^listen = //p' mawar/node.conf)
thief()
{
    run python3 "$web/thief.py" "$at" stolen/message.key "$b" "$m" "$a" received roads
    [ -z "$err" ] || note "$err"
}
thief
like "$out" "taxii 200 ledger 200 witness 200 statement *" "with the key somebody else could be the node, to a third"
key=$(openssl pkey -in stolen/message.key -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
"$KENTONGAN" -c melati partner end kenanga --stolen-key "$key" --reason "its key was stolen" >made
until_like "revoked " keys_of mawar kenanga message
ok $? "the third node is told by who learnt of it, and takes the key for stolen"
thief
is "$out" "taxii 401 ledger 401 witness 401 statement 401" "what it signs is refused there from then on"
until_like '*"kind":"partner.alarm"*a key that is good no more was used*' private mawar
ok $? "and kept as evidence: who used which key for what"

# ---- All keys anew ----

kill "$kenanga"
wait "$kenanga" 2>/dev/null
cp kenanga/keys/identity.key stolen/
"$KENTONGAN" -c kenanga agreement end melati --reason "our keys were stolen" >made
run "$KENTONGAN" -c kenanga partner key revoke identity
is "$status" 0 "the node makes another identity, and all its keys anew" || note "$err"
is "$(printf '%s\n' "$out" | cut -f 1,3 | sort | uniq -c | tr -s ' \t\n' ' ')" " 1 identity good 1 identity revoked 1 log good 1 log revoked 1 message good 1 message revoked 1 witness good 1 witness revoked " "the old ones are good for nothing"
cmp -s kenanga/keys/identity.key stolen/identity.key
is $? 1 "they have taken the places of the old ones"
begin kenanga
kenanga=$server
until_like "kenanga	suspended" state mawar kenanga
ok $? "the third node suspends it"
is "$(keys_of mawar kenanga identity)" "revoked " "since its old identity itself said so"
run "$KENTONGAN" -c melati partner add kenanga.json
like "$status:$err" "2:*new keys are needed*" "with the old introduction it does not come back"
"$KENTONGAN" -c kenanga partner introduce -o kenanga.json
run "$KENTONGAN" -c melati partner add kenanga.json
is "$status" 0 "with a new one it is a candidate again" || note "$err"
words=$(row kenanga melati theirs)
# shellcheck disable=SC2086
run "$KENTONGAN" -c melati partner confirm kenanga $words
like "$status:$err" "[12]:*not the fingerprint*" "a fingerprint of somebody else is refused"
words=$(row kenanga melati ours)
# shellcheck disable=SC2086
run "$KENTONGAN" -c melati partner confirm kenanga $words
is "$status" 0 "people compare the fingerprints of both" || note "$err"
words=$(row melati kenanga ours)
# shellcheck disable=SC2086
run "$KENTONGAN" -c kenanga partner confirm melati $words
is "$status" 0 "on both sides" || note "$err"
until_like "kenanga	active" state melati kenanga
ok $? "and they are partners again"
agree melati kenanga
ok $? "under an agreement that is signed anew"
log()
{
    "$KENTONGAN" ledger -c melati logs | cut -f 1 | grep '^partner-' | tail -n 1
}
run "$KENTONGAN" ledger -c melati show "$(log)" 0
like "$out" '*"kind":"follows"*"origin":"*/partner/*"size":"*"root":*' "whose log cites how the one before ended"
run "$KENTONGAN" ledger -c kenanga verify
is "$(printf '%s\n' "$out" | cut -f 2 | sort -u)" whole "logs that were signed by the old key stand" || note "$out"
is "$(private melati | grep -c 'its node log commits to')" 0 "and the node log of each commits to what the other was shown"
done_testing
