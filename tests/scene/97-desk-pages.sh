#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A day at the desk in the console: a coordinator opens an incident in six fields, works on it, writes a note and sees
# before sending who reads it; a hospital's administrator finds their part of it, and nothing else; what somebody may
# not see answers as what is not there. Tasks, clocks of law and evidence, down to a package that its liaison takes.
. "${0%/*}/node.sh"
needs "the desk in the console" curl

node_init "Melati CERT"
for hospital in "RS Melur" "RSUD Kenanga"; do
    kt org add "$hospital" --relation constituent --kind hospital --sector health --country ID
    kt org state "$hospital" active --reason "the contract is signed"
done
kt org add "Polda Contoh" --kind police --country ID
kt org state "Polda Contoh" active --reason "a letter of the district"
kt user add wati --role coordinator --password-file password
kt user add iwan --role coordinator --password-file password
kt user add siti --role analyst --password-file password
kt user add budi --role constituent-admin --organisation "RS Melur" --password-file password
kt user add citra --role constituent-admin --organisation "RSUD Kenanga" --password-file password
kt user add polisi --role liaison --organisation "Polda Contoh" --password-file password

node_begin

for person in wati siti budi citra polisi; do
    like "$(signs_in $person)" "303 *" "$person signs in"
done

# ---- A new incident ----

like "$(page wati /incidents)" "200 *New incident*There is no such incident*" "a list without incidents says so"
like "$(page wati /incidents/new)" '200 *name="title"*name="class"*name="severity"*name="known"*name="victim"*name="text"*<details>*' "six fields come first"
like "$(post wati /incidents/new /incidents "title=Ransomware di rumah sakit" severity=critical "known=2026-11-20T22:40" "victim=RS Nowhere" "text=a call")" \
    '400 *there is no organisation of that name*value="Ransomware di rumah sakit"*' "what was typed stays, and the mistake is told"
like "$(post wati /incidents/new /incidents "title=Ransomware di rumah sakit" severity=critical "known=2026-11-20T22:40" "victim=RS Melur" \
    "text=The night nurse called: screens are red. evil.example/x" vital=yes personal-data=yes criticality=90)" "303 *" "an incident is opened"
like "$(page wati /incidents)" '200 *<a href="/incidents/1">1 · Ransomware di rumah sakit</a>*' "it is in the list"
shown=$(page wati /incidents/1)
like "$shown" '200 *1 · Ransomware di rumah sakit*20 Nov 2026 22:40*RS Melur*victim*The night nurse called*' "its page has what was told"
is "$(echo "$shown" | grep -c 'evil\.example')" 0 "and no name that somebody could follow"

# ---- Working on it ----

like "$(post wati /incidents/1 /incidents/1/state state=open "reason=it is real")" "303 *" "a button brings it into another state"
like "$(page wati /incidents/1)" '200 *name="state" value="contained"*An incident was opened*it is real*' "the timeline says so, and the next states are offered"
like "$(post wati /incidents/1 /incidents/1/set "title=Ransomware di rumah sakit" severity=critical class=information-content-security/unauthorised-information-modification \
    local-class=ransomware holder=siti "occurred=2026-11-20T20:00")" "303 *" "what is known is set, and what was so already stays"
like "$(json wati /incidents/1)" '200 *"severity":"critical"*"class":"information-content-security/unauthorised-information-modification"*"local_class":"ransomware"*"holder":"siti"*"what":"occurred","what_text":"Happened","at":{"utc":"2026-11-20T20:00:00*' \
    "and a script reads the same"
like "$(post wati /incidents/1 /incidents/1/observable value=hxxp://evil.example/x type=)" "303 *" "a value is taken by its looks"
post wati /incidents/1 /incidents/1/impact kind=loss least=1000000 most=2000000 currency=IDR "basis=quotes of two firms" confidence=low >/dev/null
post wati /incidents/1 /incidents/1/scale "level=uk-ncsc C3" "reason=said by their officer on the phone" >/dev/null
post wati /incidents/1 /incidents/1/party "organisation=Polda Contoh" role=liaison "reason=a letter" >/dev/null
shown=$(page wati /incidents/1)
like "$shown" '200 *hxxp://evil\[.]example/x*loss of money*1,000,000*2,000,000*IDR*uk-ncsc*C3*' "what was seen is defanged, what it costs has a range" ||
    note "$(echo "$shown" | grep -n 'evil\|loss\|ncsc' | head -5)"
like "$(post wati /incidents/1 /incidents/1/observable value=what type=ipv4)" '400 *role="alert"*value="what"*' "a value that is none stands there to be mended"
like "$(post wati /incidents/1 /incidents/1/close "reason=done")" "403 *" "what takes two persons is not for who is known by a password alone"

# ---- Who reads a note ----

like "$(page wati /incidents/1)" '200 *Who sees this*value="own" checked*siti*RS Melur*all parties but liaisons*RS Melur; wati, iwan, siti*' \
    "before it is sent the form names who reads a note"
is "$(page wati /incidents/1 | sed -n '/Who sees this/,/fieldset/p' | grep -c 'Polda')" 0 "a liaison is not among them"
post wati /incidents/1 /incidents/1/note kind=note "text=For all parties: pull the plug" audience=parties >/dev/null
post wati /incidents/1 /incidents/1/note kind=note "text=Only ours: who left the door open" audience=own >/dev/null
post wati /incidents/1 /incidents/1/note kind=question "text=Which machines were on?" audience=2 "due=2026-12-01T10:00" >/dev/null

# ---- Tasks, and the board ----

like "$(post wati /incidents/1 /incidents/1/task "title=Cut the ward off" "organisation=RS Melur" "due=2026-11-20T23:00" "agreed_by=clinical owner")" "303 *" "a task is given"
post wati /incidents/1 /incidents/1/task "title=Keep what is in memory" person=siti "due=2099-01-01T10:00" >/dev/null
post wati /incidents/1 /incidents/1/task "title=Write the report" after=2 >/dev/null
like "$(page wati /tasks)" '200 *RS Melur*data-label="Late"*squares late*Melati CERT*Cut the ward off*Keep what is in memory*' "the board has who is late first"
like "$(json wati /tasks)" '200 *"board":true*"name":"RS Melur"*"open":{"value":1*"name":"Melati CERT"*"open":{"value":2*' "and so has its document"
like "$(page siti "/tasks?show=mine")" "200 *Keep what is in memory*" "mine are mine"
is "$(page siti "/tasks?show=mine" | grep -c 'Cut the ward')" 0 "and nobody else's"
like "$(post wati /tasks/3 /tasks/3/state state=doing)" "409 *waits for 1 others*" "what waits for another cannot be begun"
like "$(post wati /tasks/2 /tasks/2/set "title=Keep what is in memory" "due=2098-01-01T10:00")" "303 *" "who gave it changes it"
like "$(json wati /tasks/2)" '200 *"due":{"utc":"2098-01-01T10:00:00*' "and nothing else of it"

# ---- A party's people ----

like "$(page budi /incidents)" '200 *1 · Ransomware di rumah sakit*' "the hospital has its incident in its list"
shown=$(page budi /incidents/1)
like "$shown" '200 *What you are asked to do*Cut the ward off*nobody is blamed*Which machines were on*pull the plug*' "it finds its tasks, what was written for it, and a place to answer"
is "$(echo "$shown" | grep -c 'Only ours\|evil\|1,000,000\|uk-ncsc\|Keep what is in memory\|Polda\|night nurse\|siti')" 0 "and nothing of the rest"
is "$(json budi /incidents/1 | grep -c 'Only ours\|evil\|criticality\|uk-ncsc\|Keep what is in memory\|Polda\|night nurse\|siti\|wati')" 0 "nor in the document"
like "$(post budi /incidents/1 /incidents/1/note "text=Two machines, since ten" kind=answer answers=4)" "303 *" "it answers"
like "$(page wati /incidents/1)" '200 *Two machines, since ten*budi*read by: RS Melur*' "and the coordinator reads it"
like "$(post budi /tasks/1 /tasks/1/state state=doing)" "409 *waits for the word of clinical owner*" "a task that waits for a word waits"
post budi /tasks/1 /tasks/1/agree "reason=dr. Ratna, by phone" >/dev/null
like "$(post budi /tasks/1 /tasks/1/state state=done "result=Cut off at 23:10")" "303 *" "the hospital says that it is done"
like "$(page wati /incidents/1)" '200 *A task was done*Cut off at 23:10*' "and the timeline tells it"
like "$(post budi /incidents/1 /incidents/1/state state=closed)" "40[34] *" "a party closes nothing"

# ---- What is not theirs is not there ----

page wati /incidents/new >/dev/null
post siti /incidents/new /incidents "title=Held close" severity=high restricted=yes >/dev/null
for who in citra budi wati; do
    page $who /incidents/2 | sed 's/incidents.2"/incidents\/999"/g; s/name="key" value="[^"]*"//g' >denied
    page $who /incidents/999 | sed 's/name="key" value="[^"]*"//g' >missing
    ok "$(cmp -s denied missing; echo $?)" "an incident that $who may not see answers as one that is not there" || note "$(diff denied missing | head -5)"
done
page citra /incidents/1 | sed 's/incidents.1"/incidents\/999"/g; s/name="key" value="[^"]*"//g' >denied
page citra /incidents/999 | sed 's/name="key" value="[^"]*"//g' >missing
ok "$(cmp -s denied missing; echo $?)" "so does one of another hospital" || note "$(diff denied missing | head -5)"
is "$(json wati /incidents | grep -c 'Held close')" 0 "a list does not have it"
like "$(json citra /tasks/1)" '404 *' "nor is a task of it there"
like "$(page polisi /incidents)" "403 *" "a liaison has no incidents"

# ---- Clocks of law ----

like "$(page wati /duties)" '200 *Running, the most urgent first*overdue*RS Melur*<progress*' "clocks run since it is known, and some are over"
like "$(page wati /board)" '200 *Clocks of law, the most urgent first*overdue*RS Melur*All clocks of law*' "the board of who is on duty has the most urgent"
number=$(json wati /duties | sed 's/.*"duties":\[{"number":\([0-9]*\).*/\1/')
like "$(page wati "/duties/$number")" '200 *What was sent, word for word*Why it is late*' "its page has the form, filled in"
like "$(post wati "/duties/$number" "/duties/$number/file" "form=We report." reference=BSSN-1 reason=)" "400 *it is late: say why*" "late is to be explained"
like "$(post wati "/duties/$number" "/duties/$number/file" "form=We report." reference=BSSN-1 "reason=the exchange was down")" "303 *" "it is filed"
like "$(page wati /duties)" '200 *Filed late*filed late*' "and stays to be seen as late"
like "$(page wati "/duties/$number")" '200 *filed late*the exchange was down*We report.*' "with why, and what was filed"
is "$(page wati "/duties/$number/form" | sed -n '1s/^200 //p')" "We report." "which is there byte for byte"
like "$(page budi /duties)" "403 *" "a party's people have no board of duties"

# ---- Two persons ----

# agrees WHO: to the latest of what waits
agrees()
{
    page "$1" /approvals >/dev/null
    waiting=$(sed -n 's/.*href="\/approvals\/\([0-9]*\)".*/\1/p' answer | tail -n 1)
    page "$1" "/approvals/$waiting" >/dev/null
    post "$1" "/approvals/$waiting" "/approvals/$waiting" answer=agree "digest=$(hidden digest)"
}
sure wati
sure iwan
like "$(post wati /incidents/1 /incidents/1/time what=known at=2026-11-20T21:40 "reason=the mail was older")" "303 *" "another moment is proposed"
like "$(page wati /incidents/1)" '200 *Change a time of an incident*Proposed by wati*waits for a second person*the mail was older*' "the page shows what waits"
like "$(agrees iwan)" "303 *" "a second person agrees"
like "$(page wati /incidents/1)" '200 *Times that were changed*Became known: *20 Nov 2026 22:40*20 Nov 2026 21:40*wati iwan the mail was older*' "and what was before stays"
number=$(json wati /duties | sed 's/.*"duties":\[{"number":\([0-9]*\).*/\1/')
post wati "/duties/$number" "/duties/$number/waive" "reason=no personal data was in it" >/dev/null
like "$(page wati "/duties/$number")" '200 *Waive it?*Proposed by wati*' "a waiver waits for a second person"

# ---- Evidence ----

echo "a secret line of the disk" >disk.img
page wati "/evidence?incident=1" >/dev/null
key=$(hidden key)
like "$(page wati /evidence -F "key=$key" -F incident=1 -F file=@disk.img -F "what=Disk of the file server" -F "place=room 4" -F "tool=dd 9.1" -F "basis=")" \
    '400 *basis in law*value="dd 9.1"*' "evidence says on which basis it was taken"
like "$(page wati /evidence -F "key=$key" -F incident=1 -F file=@disk.img -F "what=Disk of the file server" -F "place=room 4" -F "tool=dd 9.1" -F "basis=order 12")" \
    "303 *" "a file is taken"
is "$(grep -rl "a secret line" node)" "" "nothing of it lies there as it came"
like "$(page wati /evidence/1)" "200 *disk.img*$(sha256sum <disk.img | cut -c 1-64)*Custody*1 · acquired*wati*order 12*" "it has its digest, and its custody"
like "$(post wati /evidence/1 /evidence/1/verify)" "303 *" "it is verified"
post wati /evidence/1 /evidence/1/copy "reason=analysis" >/dev/null
ok "$(head -c "$(wc -c <disk.img)" answer | cmp -s - disk.img; echo $?)" "a copy is what was taken"
like "$(page wati /evidence/1)" "200 *2 · copied*analysis*" "and an entry of the custody"
like "$(post wati "/evidence?incident=1" /evidence/act pick=1 act=hand "organisation=Polda Contoh" reference=LP/7 "reason=their letter")" "303 *" "a package is proposed"
like "$(page polisi /evidence)" "200 *Nothing was handed over*" "one person alone hands nothing over"
agrees iwan >/dev/null
shown=$(page polisi /evidence)
like "$shown" '200 *What was handed over to you*LP/7*disk.img*/packages/1/take*' "the liaison sees the package"
is "$(echo "$shown" | grep -c 'Ransomware\|/incidents\|room 4\|wati')" 0 "and nothing else of the incident"
is "$(json polisi /evidence | grep -c '"incident\|Ransomware\|wati\|"items":\[')" 0 "nor in the document"
like "$(page polisi /evidence/1)" "403 *" "an item is not theirs to look at"
page polisi /evidence >/dev/null
curl -s -m 10 -b jar-polisi -H "Origin: $url" --data-urlencode "key=$(hidden key)" -o package.tar "$url/packages/1/take"
tar -xf package.tar
ok "$( (cd package-1 && sha256sum -c --quiet MANIFEST) >/dev/null 2>&1; echo $?)" "they fetch it, and sha256sum verifies it"
ok "$(cmp -s package-1/evidence/000001-disk.img disk.img; echo $?)" "with what was taken"
like "$(page wati /evidence/1)" "200 *handed over*Polda Contoh*received*polisi*" "both hands stand in the custody"
openssl genpkey -algorithm ed25519 -out taker.key 2>/dev/null
openssl pkey -in taker.key -pubout -out taker.pub 2>/dev/null
openssl pkeyutl -sign -inkey taker.key -rawin -in package-1/custody/000001-0004.json -out taker.sig
page polisi /evidence >/dev/null
key=$(hidden key)
like "$(page polisi /evidence/sign -F "key=$key" -F number=1 -F step=1 -F file=@taker.sig -F "public=<taker.pub")" "400 *" "who took it signs nothing else"
like "$(page polisi /evidence/sign -F "key=$key" -F number=1 -F step=4 -F file=@taker.sig -F "public=<taker.pub")" "303 *" "who took it signs that they did"
like "$(page wati /evidence/1)" "200 *4 · received*signed by*" "which stands in the custody"
like "$(post budi /evidence /packages/1/take)" "40[34] *" "nobody else fetches it"
like "$(page budi /evidence)" "403 *" "a party's people have no evidence here"
like "$(page citra /packages/1/take)" "40[45] *" "nor is there anything to read"

# ---- How large, in which language ----

for path in /incidents /incidents/new /incidents/1 /tasks /tasks/1 /duties "/duties/$number" /evidence /evidence/1; do
    page wati "$path" >/dev/null
    ok $(($(wc -c <answer) > 50000)) "$path is small ($(wc -c <answer) bytes)"
done
page wati /incidents/1 >/dev/null
post wati /incidents/1 /language language=id next=/incidents/1 >/dev/null
done_testing
