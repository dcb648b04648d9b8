#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two teams work on one incident, each at a node of its own. Before anything is shared the coordinator sees what the other
# would get, byte for byte; two persons share it; each party gets what is for it and nothing that is for others. Opinions go
# as opinions, what is taken back is withdrawn on both, and each sees the other's released tasks only. While the link
# between them is cut both go on, and when it is mended both have the same.
. "${0%/*}/nodes.sh"

command -v python3 >/dev/null || {
    skip "an incident on two nodes" "python3 is needed for the links between them"
    done_testing
}

links_begin melati kenanga
node_make melati "Melati CERT"
node_make kenanga "Kenanga CERT"
serve melati
serve kenanga
codes_of melati
codes_of kenanga
partners melati "Melati CERT" kenanga "Kenanga CERT" incident report note opinion task event impact relationship domain-name
ok $? "two teams agreed to share incidents"
at melati org add "RS Contoh" --kind hospital --sector health --country ID >made
at melati org add "RS Rahasia" --kind hospital --sector health --country ID >made

# ---- Before it is shared ----

at melati incident open "Ransomware di RS Contoh" --class malicious-code/infected-system --severity high \
    --known 2026-11-20T22:40:00+07:00 >made
at melati incident party 1 victim "RS Contoh" --reason "they called" >made
at melati incident party 1 support "Kenanga CERT" --reason "they know this family" >made
at melati incident observable 1 domain pay.evil.example >made
at melati incident note 1 "The director is on leave" >made
at melati incident note 1 "The backup is good" --for parties >made
at melati incident note 1 "As at RS Rahasia last year" --for parties >made
at melati incident note 1 "Please look at the image" --for "Kenanga CERT" >made
at melati task add 1 "Take the image apart" --org "Kenanga CERT" --due 2099-01-01T00:00:00Z >made
run at melati incident share 1 --preview --observables
like "$status:$out" "0:party	Kenanga CERT*goes	incident--*TLP:AMBER	as it is*Please look at the image*" "the coordinator sees what the other would get"
like "$out" "*stays	note--*	template	*" "and what stays, and by which rule"
case $out in *"director is on leave"*) ok 1 "what is for our own people is no part of it" ;; *) ok 0 "what is for our own people is no part of it" ;; esac
printf '%s\n' "$out" | grep '^{' | sort >previewed
is "$(at kenanga incident list)" "" "looking shares nothing"
run at melati incident share 1 --observables --reason "they help us"
like "$status:$out" "0:it waits for a second person*" "nobody shares it alone"
is "$(at kenanga incident list)" "" "then neither"
agreed melati

# ---- Both see one case ----

until_like "1	new	high	malicious-code/infected-system	TLP:AMBER	Ransomware di RS Contoh" at kenanga incident list
ok $? "two do: the other has the incident"
until_like "*pay?.?evil?.?example*" at kenanga incident show 1
ok $? "and what was seen"
is "$(entries_of kenanga 1)" '"text":"Please look at the image"
"text":"The backup is good"' "what is for it and what is for all, nothing else"
at kenanga export --as stix --source "partner/Melati CERT" 2>/dev/null | sed 's/,$//' | grep '"spec_version"' | sort >came
sed 's/"created":"[^"]*","modified":"[^"]*"//' previewed >previewed.same
sed 's/"created":"[^"]*","modified":"[^"]*"//' came >came.same
cmp previewed.same came.same
ok $? "byte for byte what was shown, but for the moment of sending"
is "$(grep -c "Rahasia\|on leave\|ayu" came)" 0 "no name, no note of others, nobody of the team"
run at kenanga incident set 1 severity=low
like "$status:$err" "2:*is a partner's: only they change it*" "it is changed at home alone"

# ---- A question with a clock ----

at melati incident note 1 "Is it the family of 2025?" --kind question --for "Kenanga CERT" --until 2026-01-01T00:00:00Z >made
like "$(at melati incident questions)" "1	5	2026-01-01T00:00:00.000000Z	late	Kenanga CERT	Is it the family of 2025?" "an answer that is late is listed"
at kenanga incident share 1 --reason "so that they hear of us" >made
agreed kenanga
until_like "1	3	*	late	from Melati CERT	Is it the family of 2025?" at kenanga incident questions
ok $? "the other sees that it is asked"

# ---- Opinions, and what is taken back ----

at kenanga incident opinion 1 disagree "That is a parking page" --about 'pay[.]evil.example' --for parties >made
until_like '*"kind":"opinion"*"text":"That is a parking page"*"opinion":"disagree","about":"pay.evil.example"*' at melati incident show 1 --json
ok $? "what one thinks of a value is an opinion to the other"
at kenanga incident opinion 1 strongly-disagree "It is a school" --about pay.evil.example --for parties >made
until_like '*"text":"It is a school"*"opinion":"strongly-disagree"*' at melati incident show 1 --json
ok $? "who thinks otherwise now changes it"
is "$(at melati incident show 1 --json | grep -o '"kind":"opinion"' | wc -l)" 1 "and has one still"
run at kenanga incident note 1 --withdraw 1
like "$status:$err" "2:*who wrote it withdraws it*" "nobody takes back what another wrote"
at melati incident note 1 --withdraw 2 --reason "the backup was not tried" >made
until_like '*"text":"The backup is good"*"withdrawn":"2*' at kenanga incident show 1 --json
ok $? "what is taken back is withdrawn there, too, and stays"
is "$(at kenanga incident report 1 --as csv | grep -c "The backup is good")$(at melati incident report 1 --as csv | grep -c "The backup is good")" 00 \
    "and no account tells of it"
like "$(at melati incident report 1 --as csv)" "*opinion*strongly-disagree: It is a school*" "while it tells who thinks what"

# ---- Two nations share one incident; each sees the other's released tasks only (F42) ----

# tasks NODE: titles, in order
tasks()
{
    at "$1" incident show 1 --json | sed 's/.*"tasks":\[//; s/\],"entries".*//' | grep -o '"title":"[^"]*"' | cut -d '"' -f 4 | sort
}
at kenanga org add "Klinik Seberang" --kind hospital --sector health --country MY >made
at melati task add 1 "Melati: ask the provider" >made
at melati task add 1 "Melati: unplug the ward" --org "RS Contoh" >made
at kenanga task add 1 "Kenanga: watch the exchange" >made
at kenanga task add 1 "Kenanga: look at the logs" --org "Klinik Seberang" >made
at kenanga task add 1 "Kenanga: send us the mail" --org "Melati CERT" --due 2099-01-02T00:00:00Z >made
until_like "*Kenanga: send us the mail*Kenanga: watch the exchange*" tasks melati && until_like "*Melati: ask the provider*" tasks kenanga
ok $? "each sees what the other does, and what it is asked to do until when"
is "$(tasks melati)" "Kenanga: send us the mail
Kenanga: watch the exchange
Melati: ask the provider
Melati: unplug the ward
Take the image apart" "one has its own, and of the other's those that were released"
is "$(tasks kenanga)" "Kenanga: look at the logs
Kenanga: send us the mail
Kenanga: watch the exchange
Melati: ask the provider
Take the image apart" "so has the other"
is "$(grep -rl "unplug the ward" kenanga)$(grep -rl "look at the logs" melati)" "" "what each does with its own is in no byte of the other's node"

# ---- The link is cut ----

echo "cut" >&7
at kenanga incident note 1 "It is" --kind answer --answers 3 --for parties >made
at kenanga task state 1 doing >made
at melati incident set 1 severity=critical >made
at melati incident state 1 triaged >made && at melati incident state 1 open >made
at melati incident note 1 "All machines are off" --for parties >made
at kenanga task state 1 done --result "Two images, one key." >made
at melati task state 1 cancelled --result "We found it ourselves" >made
until_like '*"failures":[1-9]*' at kenanga partner post "Melati CERT"
ok $? "neither hears of the other"
is "$(at kenanga incident list | cut -f 2,3)" "new	high" "each goes on with what it has"
echo "mend" >&7

# ---- And mended ----

until_like "1	open	critical	*" at kenanga incident list
ok $? "one has what the other did meanwhile"
until_like "*All machines are off*" at kenanga incident show 1
ok $? "and what it wrote"
until_like "" at melati incident questions
ok $? "the answer answers the question"
until_like '*"state":"done"*"result":"Two images, one key."*' at melati incident show 1 --json
ok $? "what is done is done, whoever was told first"
like "$(at kenanga incident show 1 --json)" '*"state":"done"*"result":"Two images, one key."*' "on both"

# ---- Who leaves ----

at melati incident party 1 support "Kenanga CERT" --end --reason "their part is over" >made
at melati incident note 1 "The press was told" --for parties >made
run at melati incident share 1 --preview
like "$status:$err" "0:*none of its parties is a partner*" "who is no party gets nothing"
at melati incident party 1 informed "Kenanga CERT" --reason "once more" >made
until_like "*The press was told*" at kenanga incident show 1
ok $? "and all there is once it is one again"
at melati incident share 1 --end --reason "it is over"
like "$?:$(at melati incident share 1 --preview 2>/dev/null | grep -c '^goes')" "0:[1-9]*" "one person ends the sharing"
at melati incident note 1 "Behind the end" --for parties >made
until_like "@across	*	0 behind	0 parked*" at melati follower list
case $(at melati export --as stix --source incidents 2>/dev/null; at kenanga incident show 1) in *"Behind the end"*) ok 1 "then nothing goes any more" ;; *) ok 0 "then nothing goes any more" ;; esac
done_testing
