#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who works on a node: its first administrator by a link, others by a password from a file or by a link of their own;
# and the organisations that it knows.
. "${0%/*}/tap.sh"

run "$KENTONGAN" init node --name "Melati CERT" --listen 192.0.2.10:8443
is "$status:$err" "0:" "a node is made"
like "$out" "*set-up https://192.0.2.10:8443/set-up/*" "it gives a link to begin with"
link=${out##*/}
is "${#link}" 43 "whose secret nobody guesses"
grep -rqF -e "$link" node
is $? 1 "and which is kept nowhere"
run "$KENTONGAN" init other --json
like "$out" '{"conf":"other/node.conf","url":"http://127.0.0.1:8443/","set-up":"http://127.0.0.1:8443/set-up/*"}' "as JSON, too"

run "$KENTONGAN" -c node user list
is "$status:$out" "0:administrator	invited	sysadmin	Melati CERT" "the first user has no password: there is no default one"

# ---- Users ----

printf 'correct drum battery\n' >password
chmod 600 password
run "$KENTONGAN" -c node user add melur --role analyst --role duty-officer --password-file password
is "$status:$out:$err" "0:melur	active	duty-officer analyst	Melati CERT:" "a user with a password can work at once"
printf 'another drum battery\n' | "$KENTONGAN" -c node user add cempaka --role auditor --password-file - >told
is "$(cat told)" "cempaka	active	auditor	Melati CERT" "the password may come from standard input"
run "$KENTONGAN" -c node user add kenanga --role manager
like "$status:$out" "0:kenanga	invited	manager	Melati CERT
link   https://192.0.2.10:8443/set-up/*" "without a password there is a link"
run "$KENTONGAN" -c node user add dahlia --role liaison --json
like "$out" '{"number":*,"name":"dahlia","state":"invited","second_factor":false,"roles":\["liaison"\],"organisation":"Melati CERT","added":"*Z","link":"https://*"}' "or JSON"
run "$KENTONGAN" -c node user list --json
is "$(printf '%s\n' "$out" | wc -l)" 5 "all of them are listed"
grep -rqF -e "correct drum" -e "another drum" node
is $? 1 "no password is kept"

# refused WORD... : the users are as they were; the last word is what is told.
refused()
{
    name=$1
    why=$2
    shift 2
    run "$KENTONGAN" -c node user add "$@"
    is "$status:$out" "2:" "$name is refused"
    like "$err" "kentongan user: $why" "and told why"
}
printf 'short\n' >short
printf 'drum.master@melati.example\n' >name
printf 'correct drum battery\n' >open
chmod 600 short name
chmod 644 open
refused "a name that is taken" "*melur*" melur --role analyst
refused "a short password" "the password is shorter than 12 characters*" anggrek --role analyst --password-file short
refused "the name as password" "the password is the name of the user*" drum.master@melati.example --role analyst --password-file name
refused "a password that others read" "open may be read by others than its owner; chmod 600 open" anggrek --role analyst --password-file open
refused "a file that is not there" "none: No such file or directory" anggrek --role analyst --password-file none
refused "no role" "which role? --role ROLE, once or more" anggrek
refused "a role that is none" "there is no role drummer*" anggrek --role drummer
refused "the role of this machine" "there is no role local*" anggrek --role local
refused "an organisation that is not there" "there is no organisation Nowhere*" anggrek --role analyst --organisation Nowhere
refused "a name with a blank" "*" "two words" --role analyst
refused "an empty name" "*" "" --role analyst
run "$KENTONGAN" -c node user list
is "$(printf '%s\n' "$out" | wc -l)" 5 "nobody was added by that"
run "$KENTONGAN" -c node user remove melur
like "$err" 'kentongan user: what? `user add NAME --role ROLE`, `user list`, *' "an unknown verb is told what there is"

# ---- Organisations ----

run "$KENTONGAN" -c node org add "RS Kenanga" --kind hospital --sector health --country ID
like "$status:$out" "0:RS Kenanga	constituent	*	hospital	health	ID	identity--*" "a constituent is added"
run "$KENTONGAN" -c node org add "RS Kenanga Timur" --kind hospital --parent "RS Kenanga" --json
like "$out" '{"number":*,"name":"RS Kenanga Timur","relation":"constituent",*' "and one that belongs to it"
run "$KENTONGAN" -c node org list
is "$(printf '%s\n' "$out" | cut -f 1,2 | tr '\t\n' ' ;')" "Melati CERT own;RS Kenanga constituent;RS Kenanga Timur constituent;" "they are listed, the own one first"
run "$KENTONGAN" -c node org show "RS Kenanga"
like "$out" "RS Kenanga	*
	20*Z to now: RS Kenanga" "one is shown with its names"
run "$KENTONGAN" -c node user add mawar --role constituent-admin --organisation "RS Kenanga"
like "$out" "mawar	invited	constituent-admin	RS Kenanga
link*" "it has people of its own"

run "$KENTONGAN" -c node org add "RS Kenanga"
is "$status" 2 "a name that is taken is refused"
run "$KENTONGAN" -c node org add Nowhere --relation own
is "$err" "kentongan org: --relation is constituent, partner or other" "there is one own organisation"
run "$KENTONGAN" -c node org add Nowhere --country Indonesia
is "$status" 2 "a country is two letters"
run "$KENTONGAN" -c node org add Nowhere --kind pub
is "$status" 2 "a kind is one of a few words"
run "$KENTONGAN" -c node org show Nowhere
is "$status:$err" "2:kentongan org: there is no organisation Nowhere" "one that is not there is told"
run "$KENTONGAN" -c node org
like "$err" 'kentongan org: what? `org add NAME`, `org list`, `org show NAME`, *' "a verb has to be named"

# ---- Who may ----

if [ "$(id -u)" -ne 0 ]; then
    chmod 000 node/keys/node.key
    run "$KENTONGAN" -c node user list
    is "$status:$out" "2:" "who cannot read the node's key is not local"
    chmod 600 node/keys/node.key
fi
chmod 644 node/keys/node.key
run "$KENTONGAN" -c node user list
is "$status:$out" "2:" "a key that others read works for nobody"
like "$err" "*chmod 600 node/keys/node.key*" "until that is mended"

done_testing
