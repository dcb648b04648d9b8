#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two nodes agree: terms drafted by one, offered by two of its persons, accepted by two of the other's; what narrows
# holds at once, what widens waits; what is forged, late, said twice or about other terms is refused with the reason and
# changes nothing; suspension and end; and a sharing group that is founded by vote. Statements are carried as files.
. "${0%/*}/nodes.sh"

# ayu NODE COMMAND...: ayu of that node does it, with one of her codes.
ayu()
{
    where=$1
    shift
    run "$KENTONGAN" -c "$where" "$@" --person ayu --person-password password --code "$(code "$where.codes")"
}
state()
{
    "$KENTONGAN" -c "$1" agreement list | cut -f 2-3 | tr '\t' ' '
}

for node in melati kenanga; do
    node "$node"
    end "$server"
done
meet melati kenanga
carry melati kenanga
carry kenanga melati
is "$(row melati kenanga state):$(row kenanga melati state)" "active:active" "two nodes are partners"

# ---- Two persons ----

run "$KENTONGAN" -c melati agreement draft kenanga --purpose "Protecting hospitals" --kind indicator --kind sighting \
    --until 2099-12-31T23:59:59Z
like "$status:$out" "0:kenanga	draft	version 0	until -	version 1 is draft*" "terms are drafted"
run "$KENTONGAN" -c melati agreement offer kenanga --reason "as talked over"
is "$status:$out" "0:it waits for a second person: \`approval show 1\`" "nobody offers them alone"
run "$KENTONGAN" -c melati approval show 1 --json
like "$out" '*"act":"agreement.offer"*"proposed_by":"local/*"digest":"*"terms":{*' "the second person sees the whole of it"
digest=$("$KENTONGAN" -c melati approval show 1 | sed -n 's/^digest   //p')
run "$KENTONGAN" -c melati approval agree 1 "$digest"
like "$status:$err" "2:*who proposed it cannot be the second person*" "who proposed it is not the second person, by any account of the machine"
ayu melati approval agree 1 0123456789abcdef0123
like "$status:$err" "2:*not the digest*" "nobody agrees to what was not seen"
printf 'another drum battery\n' >wrong
chmod 600 wrong
run "$KENTONGAN" -c melati approval agree 1 "$digest" --person ayu --person-password wrong
like "$status" "2" "nor as somebody else without the password"
run "$KENTONGAN" -c melati approval agree 1 "$digest" --person ayu --person-password password
like "$status:$err" "2:*has a second factor*" "nor without the code"
agreed melati
like "$status:$out" "0:1	done	agreement.offer	agreement/1*" "another person agrees"
run "$KENTONGAN" -c melati approval list
is "$out" "" "and nothing waits"

# What has no command of its own for who needs a second person.
"$KENTONGAN" -c melati user add budi --role analyst --password-file password >made
budi=user/$("$KENTONGAN" -c melati user list --json | sed -n 's/^{"number":\([0-9]*\),"name":"budi".*/\1/p')
run "$KENTONGAN" -c melati approval propose user.roles "$budi" '{"roles":["local"]}' --reason "because"
like "$status:$err" "2:*no such role*" "nobody proposes what cannot be"
run "$KENTONGAN" -c melati approval propose user.roles "$budi" '{"roles":["coordinator"]}' --reason "moves on"
is "$status:$out" "0:" "who may do it alone has it done at once"
run "$KENTONGAN" -c melati user list
like "$out" "*budi	active	coordinator	*" "just as it was said"

# ---- Both sign ----

carry melati kenanga
like "$status:$out" "0:*agreement.offer	taken" "the offer reaches the other node"
cp said offer
run "$KENTONGAN" -c kenanga agreement import offer
like "$status:$out" "0:*agreement.offer	taken before" "once"
is "$(state melati):$(state kenanga)" "offered version 0:offered version 0" "one signature is none"
"$KENTONGAN" -c kenanga agreement accept melati --reason "it is good" >made
agreed kenanga
carry kenanga melati
is "$(state melati):$(state kenanga)" "in-force version 1:in-force version 1" "both have signed"
run "$KENTONGAN" -c kenanga agreement versions melati
like "$out" "1	held	-	ours theirs	*" "and each has both signatures"

# ---- Versions ----

"$KENTONGAN" -c melati agreement draft kenanga --kind indicator >made
"$KENTONGAN" -c melati agreement offer kenanga --reason "no sightings any more" >made
agreed melati
carry melati kenanga
is "$(state melati):$(state kenanga)" "in-force version 2:in-force version 2" "what only narrows holds at once"
"$KENTONGAN" -c melati agreement draft kenanga --highest TLP:RED >made
"$KENTONGAN" -c melati agreement offer kenanga --reason "more" >made
agreed melati
carry melati kenanga
is "$(state melati):$(state kenanga)" "in-force version 2:in-force version 2" "what widens waits for two persons there"
"$KENTONGAN" -c kenanga agreement refuse melati --reason "too much" >made
carry kenanga melati
run "$KENTONGAN" -c melati agreement versions kenanga
like "$out" "*3	refused	*too much" "who may say no"

# ---- What is refused ----

# refused NAME WHY FILE: nothing is applied, and the reason is told.
refused()
{
    before=$("$KENTONGAN" -c kenanga agreement show melati)
    run "$KENTONGAN" -c kenanga agreement import "$3"
    like "$status:$out" "2:*refused: $2*" "$1 is refused"
    is "$("$KENTONGAN" -c kenanga agreement show melati)" "$before" "and changes nothing"
}
sed 's/"TLP:AMBER"/"TLP:GREEN"/' offer | tail -n 1 >forged
refused "a statement that was changed" "*" forged
sed 's/"signature":"..../"signature":"AAAA/' offer | tail -n 1 >forged
refused "a signature that is none" "*" forged
tail -n 1 offer | head -c 300 >forged
refused "half a statement" "*" forged
run "$KENTONGAN" -c melati agreement draft kenanga --until 2001-01-01T00:00:00Z
like "$status:$err" "2:*until: it is not later*" "terms that ended before they begin are none"
printf '{"surprise":1}' >terms.json
run "$KENTONGAN" -c melati agreement draft kenanga --terms terms.json
like "$status:$err" "2:*surprise: no such key is known*" "nor are terms that nobody understands"

# ---- Suspension and end ----

run "$KENTONGAN" -c kenanga agreement suspend melati --reason elections
like "$status:$out" "0:melati	suspended	version 2*" "either side suspends at once"
carry kenanga melati
is "$(state melati)" "suspended version 2" "and the other knows"
run "$KENTONGAN" -c kenanga agreement resume melati --reason over
like "$out" "it waits for a second person*" "to go on takes two"
agreed kenanga
carry kenanga melati
is "$(state melati)" "in-force version 2" "then it goes on"
run "$KENTONGAN" -c melati agreement end kenanga --at 2090-01-01T00:00:00Z --reason "by law"
like "$status:$out" "0:kenanga	in-force	version 2	until 2090-01-01T00:00:00*" "it ends when it was said to"
run "$KENTONGAN" -c melati agreement end kenanga --reason "now"
carry melati kenanga
is "$(state melati):$(state kenanga)" "ended version 2:ended version 2" "or at once"

# ---- A group ----

member()
{
    printf '{"name":"%s","node":"%s"}' "$1" "$("$KENTONGAN" -c "$1" org list --json | sed -n '1s/.*"identity":"\([^"]*\)".*/\1/p')"
}
printf '{"name":"Health","purpose":"Protecting hospitals","marking":"TLP:GREEN","members":[%s,%s],%s}' "$(member melati)" \
    "$(member kenanga)" '"rules":{"quorum":2,"majority":{"yes":2,"of":3},"days":14}' >group.json
"$KENTONGAN" -c melati group propose group.json --reason "we work together" >made
agreed melati
carry melati kenanga
carry melati kenanga
run "$KENTONGAN" -c kenanga group show 1
like "$out" "1	Health	proposed*proposal *1 of 2 yes, 2 needed*" "a group is proposed, with the vote of who proposed it"
motion=$(printf '%s\n' "$out" | sed -n 's/^proposal \([^	]*\).*/\1/p')
run "$KENTONGAN" -c kenanga group vote "$motion" maybe --reason "well"
like "$status:$err" "2:*yes or no*" "a vote is yes or no"
"$KENTONGAN" -c kenanga group vote "$motion" yes --reason "we do" >made
agreed kenanga
carry kenanga melati
for node in melati kenanga; do
    run "$KENTONGAN" -c $node group list
    is "$out" "1	Health	active	version 1" "$node counts two votes"
done
run "$KENTONGAN" -c kenanga group leave 1 --reason "no time"
like "$status:$out" "0:1	Health	left*" "nobody is held in it"
carry kenanga melati
run "$KENTONGAN" -c melati group show 1 --json
like "$out" '*"members":\["identity--????????-????-????-????-????????????"\],"proposals"*' "and the others know"
run "$KENTONGAN" -c melati group dissolve 1 --reason "alone"
like "$out" "it waits for a second person*" "a group is dissolved by vote"

done_testing
