#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two nodes become partners: introductions by file, fingerprints by telephone, hello by themselves; what is forged is
# refused; keys are rotated and revoked; a partner without keys; and the end of it.
. "${0%/*}/nodes.sh"

state_of()
{
    "$KENTONGAN" -c "$1" partner list | cut -f 1,2 | tr '\t' :
}
# keys_of NODE PARTNER PURPOSE: states of the keys of it, the youngest first.
keys_of()
{
    "$KENTONGAN" -c "$1" partner key list "$2" | awk -F '\t' -v p="$3" '$1 == p { printf "%s ", $3 }'
}
digits()
{
    "$KENTONGAN" -c "$1" partner show "$2" | sed -n "/^$3 /{n;s/^ *//p;}"
}

# ---- Keys ----

"$KENTONGAN" init melati --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
"$KENTONGAN" init kenanga --name "Kenanga CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
is "$(cd melati/keys && find . -perm 600 -name '*.key' | sort | tr '\n' ' ')" "./identity.key ./log.key ./message.key ./node.key ./witness.key " "a node has a key for each purpose, for its owner alone"
run "$KENTONGAN" -c melati doctor
like "$out" "*warn sharing: melati/keys/identity.key lies on this machine; move it to a safe*warn sharing: melati/keys/identity.revocation lies*" "the doctor says where the identity belongs"
mkdir safe
mv melati/keys/identity.key melati/keys/identity.revocation safe
run "$KENTONGAN" -c melati doctor
like "$out" "*ok   sharing: *" "without it the node is well"
begin melati
melati=$server
begin kenanga
kenanga=$server

# ---- Introductions ----

run "$KENTONGAN" -c melati partner introduce
is "$status" 2 "nobody introduces the node without its identity"
like "$err" "*melati/keys/identity.key: --identity FILE*" "and is told so"
run "$KENTONGAN" -c melati partner introduce --identity safe/identity.key --contact "duty officer, +62 00 0000" -o melati.json
is "$status:$out:$err" "0::" "who brings it does"
"$KENTONGAN" -c kenanga partner introduce -o kenanga.json

# refused WHAT FILE WHY
refused()
{
    run "$KENTONGAN" -c kenanga partner add "$2"
    is "$status:$out" "2:" "$1 is refused"
    like "$err" "kentongan partner: *$3*" "and why is told"
}
sed 's/Melati CERT/Mawar CERT/' melati.json >altered.json
refused "an altered introduction" altered.json "was altered"
sed 's/"issued":"2\([^"]*","sequence":0,"statement":"kentongan.1","to":"","type":"introduction"\)/"issued":"3\1/' melati.json >altered.json
refused "one with another time" altered.json "altered or forged"
"$KENTONGAN" init forger --name "Melati CERT" >made
"$KENTONGAN" -c forger partner introduce -o forger.json
key=$("$KENTONGAN" -c forger partner key list | awk -F '\t' '$1 == "identity" { print $2 }')
sed "s/\(.*\)\"key\":\"[0-9a-f]*\",\"signature\"/\1\"key\":\"$key\",\"signature\"/" melati.json >altered.json
refused "one signed by nobody" altered.json "altered or forged"
{
    cat melati.json
    head -c 70000 /dev/zero | tr '\0' ' '
} >large.json
refused "a large file" large.json "at most 65536 bytes"
refused "a file of something else" made "no JSON"
refused "our own" kenanga.json "our own introduction"
is "$("$KENTONGAN" -c kenanga partner list; "$KENTONGAN" -c kenanga org list | wc -l)" 1 "and nothing of them is there"

# ---- Fingerprints ----

run "$KENTONGAN" -c kenanga partner add melati.json
like "$status:$out" "0:name      Melati CERT
state     candidate
*contact   duty officer, +62 00 0000
*theirs    [b-w]* *
          [0-9][0-9][0-9][0-9][0-9] *
ours *common *Call them by a number that you did not get with the file.*" "an introduction is taken, and what to compare is shown"
run "$KENTONGAN" -c melati partner add kenanga.json
is "$status" 0 "on the other side, too"
is "$(row melati "Kenanga CERT" theirs)" "$(row kenanga "Melati CERT" ours)" "what one side reads is what the other side has"
is "$(row melati "Kenanga CERT" common)" "$(row kenanga "Melati CERT" common)" "and there is one for both"

run "$KENTONGAN" -c kenanga partner add forger.json --name "Another Melati"
wrong=$(row kenanga "Another Melati" theirs)
# shellcheck disable=SC2086 # each word is an argument
run "$KENTONGAN" -c kenanga partner confirm "Melati CERT" $wrong
is "$status" 2 "a wrong fingerprint is refused"
like "$err" "*this is not the fingerprint of the key that we were given*" "and why is told"
run "$KENTONGAN" -c kenanga partner confirm "Melati CERT" yes
is "$status" 2 "nobody confirms without it"
is "$(state_of kenanga | head -n 1)" "Melati CERT:candidate" "and nothing is confirmed by it"
spoken=$(row melati "Kenanga CERT" ours | tr 'a-z ' 'A-Z-')
run "$KENTONGAN" -c kenanga partner confirm "Melati CERT" "$spoken"
like "$status:$out" "0:*state     confirmed*" "words are, however they were written down"
# shellcheck disable=SC2046 # each group is an argument
run "$KENTONGAN" -c melati partner confirm "Kenanga CERT" $(digits kenanga "Melati CERT" common)
is "$status" 0 "or digits of the common one"
until_like "Kenanga CERT:active" state_of melati
ok $? "the nodes say hello to each other: one is active"
until_like "Melati CERT:active
Another Melati:candidate" state_of kenanga
ok $? "and the other"
run "$KENTONGAN" -c melati partner show "Kenanga CERT" --json
like "$out" '*"remote_inbox":"http://127.0.0.1:*/taxii2/main/collections/*/","remote_outbox":"http://127.0.0.1:*/taxii2/main/collections/*/"*' "each knows where the other takes and gives"

# ---- Rotation and revocation ----

run "$KENTONGAN" -c melati partner key rotate message --identity safe/identity.key
is "$status" 0 "a key is rotated"
until_like "good good " keys_of kenanga "Melati CERT" message
ok $? "of which the other side learns: both are good for a while"
run "$KENTONGAN" -c melati partner key revoke log --identity safe/identity.key
is "$status" 0 "a key is revoked"
until_like "good revoked " keys_of kenanga "Melati CERT" log
ok $? "and the other side knows the new one alone"
run "$KENTONGAN" -c kenanga partner key revoked melati.json
is "$status" 2 "what revokes nothing is refused"
run "$KENTONGAN" -c kenanga partner key revoked safe/identity.revocation
is "$status" 0 "what lay in the safe revokes all keys of a node"
is "$(keys_of kenanga "Melati CERT" message)$(keys_of kenanga "Melati CERT" identity)" "revoked revoked revoked " "whoever brings it"
is "$(state_of kenanga | head -n 1)" "Melati CERT:suspended" "and suspends it"
run "$KENTONGAN" -c kenanga partner resume "Melati CERT"
like "$status:$err" "2:*introduced anew*" "which nobody takes back"

# ---- The end ----

run "$KENTONGAN" -c kenanga partner end "Melati CERT" --reason "their key was stolen" --at tomorrow
like "$status:$err" "2:*--at takes a time*" "a time is one"
run "$KENTONGAN" -c kenanga partner end "Melati CERT" --reason "their key was stolen"
like "$status:$out" "0:*state     ended*" "a partner ends"
run "$KENTONGAN" -c kenanga partner add melati.json
like "$status:$err" "2:*new keys are needed*" "and does not come back with the same keys"
key=$("$KENTONGAN" -c melati partner key list "Kenanga CERT" | awk -F '\t' '$1 == "message" { print $2 }')
run "$KENTONGAN" -c melati partner end "Kenanga CERT" --at 2999-01-01T00:00:00Z --stolen-key "$key"
like "$status:$out" "0:*state     active
*ends      2999-01-01T00:00:00.000000Z*" "an end is to come"
is "$(keys_of melati "Kenanga CERT" message)" "revoked " "but a stolen key is not waited for"

# ---- Without keys ----

run "$KENTONGAN" -c melati partner add --name "Dinas Contoh"
like "$status:$err" "2:*which?*" "a TAXII server has a URL, or none on purpose"
run "$KENTONGAN" -c melati partner add --no-url --name "Dinas Contoh" --country ID
like "$status:$out" "0:*account   partner-dinas-contoh
*note      It has no key: *note      It acknowledges no recall: *" "one without keys is a partner, and what it cannot do is told"
(umask 077 && "$KENTONGAN" -c melati token add client --for partner-dinas-contoh --scope taxii --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token)
url=$("$KENTONGAN" -c melati config --json | sed -n 's/.*"listen","value":"\([^"]*\)".*/\1/p')
url=http://${url:-$(sed -n 's/^listen = //p' melati/node.conf)}/
run "$KENTONGAN" taxii ls "$url" --token-file token
like "$status:$out" "0:*partner/Dinas Contoh	write*" "it signs in by a token, and may write to its inbox"
run "$KENTONGAN" -c melati partner suspend "Dinas Contoh"
run "$KENTONGAN" taxii ls "$url" --token-file token
is "$status" 2 "suspended, it is nobody at once"
run "$KENTONGAN" -c melati partner resume "Dinas Contoh"
run "$KENTONGAN" taxii ls "$url" --token-file token
is "$status" 0 "and somebody again"
run "$KENTONGAN" -c melati partner end "Dinas Contoh" --at "$(date -u -d '+1 second' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u +%Y-%m-%dT%H:%M:%SZ)"
is "$status" 0 "its end is set"
sleep 1.1
run "$KENTONGAN" taxii ls "$url" --token-file token
is "$status" 2 "and comes by itself, to the second"
done_testing
