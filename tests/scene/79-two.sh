#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two persons: from when there is somebody who could agree, the machine changes users, collections and keys no more by
# itself. It proposes; a person agrees at the console or by command to just what was proposed, if that stands as it stood.
# In an emergency it does not wait, and that stands on the others' start page until one of them has seen it.
. "${0%/*}/node.sh"
needs "two persons at the console" curl

node_init "Melati CERT"
sets node from=jaga@melati.example # without a relay mail waits; it is written all the same

# ---- Nobody else is there yet ----

for who in "dodi sysadmin" "rini sysadmin" "citra auditor" "eka analyst"; do
    kt user add "${who% *}" --role "${who#* }" --password-file password
    is "$status:$err" "0:" "the machine makes its first users alone: ${who% *}"
done
kt taxii collection add News --read citra
is "$status:$err" "0:" "and its first collection"
kt contact add "Melati CERT" "Ruang siaga" --mail siaga@melati.example --languages en
is "$status" 0 "the team is a contact of its own organisation"
kt approval acts
like "$out" "*
user.add	change users: *
collection.grant	change collections: *
-	back up	only the machine does it*" "what needs two persons is one table"

node_begin

# answer WHO NUMBER ANSWER [REASON]: looks at an approval, and answers at the console.
answer()
{
    page "$1" "/approvals/$2" >/dev/null
    page "$1" "/approvals/$2" -F "key=$(hidden key)" -F "digest=$(hidden digest)" -F "answer=$3" -F "reason=${4:-}"
}
# The digest of an approval, as somebody reads it.
digest_of()
{
    "$KENTONGAN" -c node approval show "$1" | sed -n 's/^digest  *//p'
}
sure dodi
sure rini
signs_in citra >/dev/null

# ---- Users ----

kt user add fitri --role analyst
like "$status:$err" "2:*why? --reason*" "from then on it says why"
kt user add fitri --role analyst --reason "she begins today" --password-file password
like "$status:$err" "2:*gets a link*" "and nobody is asked to agree to a password"
kt user add fitri --role analyst --reason "she begins today"
like "$status:$out" "0:it waits for a second person: \`approval show 1\`*link   http*/set-up/*" "it waits, with its link"
kt user list
case $out in *fitri*) ok 1 "nobody was added yet" ;; *) ok 0 "nobody was added yet" ;; esac
like "$(page rini /)" "200 *1 proposal waits*" "a system administrator sees that something waits"
like "$(page rini /approvals/1)" "200 *Add a user*she begins today*fitri*analyst*" "and what"
like "$(answer rini 1 agree)" "303 *" "and agrees at the console"
kt user list
like "$out" "*fitri	invited	analyst*" "then it is done"
kt token add probe --for fitri --scope read --reason "to try"
like "$status:$out" "0:it waits*token  kt_*" "a token in somebody's name waits, too"
like "$(answer rini 2 refuse "no need")" "303 *" "and is refused"
kt token list --for fitri
is "$out" "" "it was not made"

# ---- Collections ----

kt taxii collection grant News --read eka --reason "for her report"
like "$status:$out" "0:it waits*approval show 3*" "a grant waits"
kt taxii collection grant News --write eka --reason "and her notes"
like "$status:$out" "0:it waits*approval show 4*" "and another"
kt approval agree 3 "$(digest_of 3)"
like "$status:$err" "2:*cannot be the second person*" "the machine does not agree with itself"
run as dodi approval agree 3 "$(digest_of 3)"
like "$status:$out" "0:3	done	*" "somebody agrees by command"
kt taxii collection show News
like "$out" "*read: user eka*" "then it is granted"
like "$(answer rini 4 agree)" "409 *was changed after this was proposed*" "what was changed meanwhile is not done"
like "$(page rini /approvals/4)" "200 *agreed, but could not be done*" "for good"
run as dodi taxii collection remove News --reason "nobody reads it"
like "$status:$out" "0:it waits*approval show 5*" "a person proposes by command"
kt approval agree 5 "$(digest_of 5)"
like "$status:$err" "2:*there is another person who could agree*" "nor is the machine, where somebody else could be"
run as dodi approval agree 5 "$(digest_of 5)"
like "$status:$err" "2:*cannot be the second person*" "and is not the second one"
kt user lock dodi
like "$status:$out" "0:dodi	locked*" "stopping somebody waits for nobody"
like "$(answer rini 5 agree)" "403 *dodi, who proposed it, is not let in any more*" "who was locked since is no first person"

# ---- Keys ----

kt partner key list --json
before=$(printf '%s\n' "$out" | grep -c '"purpose":"message"')
kt partner key rotate message --reason "every spring"
like "$status:$out" "0:it waits*approval show 6*" "a key of the node waits"
kt partner key list --json
is "$(printf '%s\n' "$out" | grep -c '"purpose":"message"')" "$before" "it is the old one still"
like "$(page rini /approvals/6)" "200 *Put another key of the node*every spring*key.rotate*" "what partners would be told is shown"
like "$(answer rini 6 agree)" "303 *" "another agrees"
kt partner key list --json
is "$(printf '%s\n' "$out" | grep -c '"purpose":"message"')" "$((before + 1))" "then it is certified"
kt doctor
[ ! -e node/keys/message.key.new ]
ok $? "and takes its place when the keys are opened next"

# ---- An emergency ----

kt user unlock dodi --reason "rini sleeps" --emergency --person rini --person-password password --code "$(code codes.rini)"
like "$status:$err" "2:*an emergency is the machine's*" "a person has no emergencies"
kt user unlock dodi --emergency
like "$status:$err" "2:*why? --reason*" "an emergency has a reason"
kt user unlock dodi --emergency --reason "nobody else is awake"
like "$status:$out" "0:dodi	active*" "in an emergency the machine does it at once"
like "$err" "*done without a second person*approval 7*" "and says what follows"
kt mail list
like "$out" "*	mail	emergency	*" "the team is written to"
kt mail show "${out%%	*}"
like "$out" "*To: *siaga@melati.example*Done without a second person*nobody else is awake*/approvals/7*" "with what was done, and why"
kt approval list
like "$out" "*7	emergency	user.unlock*" "it stands among what waits"
like "$(page rini /)" "200 *1 thing was done in an emergency*" "and on the start page"
like "$(page citra /)" "200 *1 thing was done in an emergency*" "an auditor is told, too"
case $(page citra /approvals/7) in *"I have seen it"*) ok 1 "but is not who has to see it" ;; *) ok 0 "but is not who has to see it" ;; esac
like "$(page rini /approvals)" '200 */approvals/7"*Let a locked user in again*' "with what it was"
like "$(page rini /approvals/7)" "200 *without a second person*nobody else is awake*I have seen it*" "and why"
like "$(answer rini 7 seen)" "303 *" "somebody has seen it"
case $(page rini /) in *emergency*) ok 1 "then it stands there no more" ;; *) ok 0 "then it stands there no more" ;; esac
like "$(page rini /approvals/7)" "200 *seen since*rini*" "with who that was"
like "$(page citra /journal)" "200 *Another person has seen*Done in an emergency, without a second person*" "the journal keeps both"
run "$KENTONGAN" ledger -c node show private
like "$out" "*approval.emergency*approval.seen*" "and so does the private log"

done_testing
