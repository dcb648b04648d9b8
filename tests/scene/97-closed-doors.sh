#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Words that stand nowhere else are in every text of an incident that is for all of ours, of one that is restricted, in a
# note for our own people, in one for a single party, and in who reported. Then each role asks the server for all that it
# serves: every address of /api, as a page and as a document, what is found by those words, the live stream, an export of
# everything. What came is searched for the words. The restricted one gets its second person all the same.
. "${0%/*}/nodes.sh"

command -v python3 >/dev/null && command -v curl >/dev/null || {
    skip "closed doors" "python3 and curl are needed"
    done_testing
}
links_begin melati
node_make melati "Melati CERT"
serve melati
codes_of melati
# shellcheck disable=SC2154 # links_begin says it
url=http://127.0.0.1:$port_melati
at melati org add "RS Melur" --relation constituent --kind hospital --sector health --country ID >made
at melati org state "RS Melur" active --reason "the contract is signed" >made
at melati org add "RS Seroja" --relation constituent --kind hospital --sector health --country ID >made
at melati org add "Polda Contoh" --kind police --country ID >made
at melati org state "Polda Contoh" active --reason "a letter of the district" >made

# A token of each.
for role in duty-officer analyst coordinator manager exercise-director sysadmin auditor; do
    at melati user add "$role" --role "$role" --password-file password >made
done
at melati user add constituent-admin --role constituent-admin --organisation "RS Melur" --password-file password >made
at melati user add liaison --role liaison --organisation "Polda Contoh" --password-file password >made
roles="duty-officer analyst coordinator manager liaison constituent-admin exercise-director sysadmin auditor"
for role in $roles; do
    at melati token add "$role" --for "$role" --scope read --scope write --scope taxii --scope match >token
    echo "header = \"Authorization: Bearer $(sed -n 's/.*\(kt_[A-Za-z0-9_-]*\).*/\1/p' token | tail -n 1)\"" >"$role.curl"
done

# ---- What is there ----

# planted NUMBER WORD WHOSE OPTION...: an incident and all that may stand around it, with that word in each text; its task
# is for them, who so hear of it
planted()
{
    number=$1 word=$2 whose=$3
    shift 3
    at melati incident open "$word di RS Melur" --class malicious-code/infected-system --severity high --criticality 90 "$@"
    at melati incident party "$number" victim "RS Melur" --reason "$word"
    at melati incident observable "$number" domain "$word.example"
    at melati incident impact "$number" loss 1 2 --currency IDR --basis "$word" --confidence low
    at melati incident note "$number" "Bisik-$word" --source "$word"
    at melati incident note "$number" "$word untuk semua" --for parties
    at melati incident note "$number" "Khusus-$word" --for "RS Seroja"
    at melati task add "$number" "$word: putuskan" --org "$whose" --text "$word"
    at melati takedown add "$number" "https://$word.example/masuk"
    echo "$word" >image
    at melati evidence take "$number" image --name "$word.img" --what "$word" --place "$word" --tool "$word" --basis "$word"
    at melati incident share "$number" --observables --reason "$word"
}
{
    planted 1 lumpuh "RS Melur"
    agreed melati
    at melati incident close 1 --reason lumpuh
    planted 2 zamrud "Melati CERT" --restricted
} >made 2>&1
for flag in advert restricted; do
    at melati report take --subject "$flag-subyek" --text "$flag-isi dari warga" --name "Pelapor $flag" \
        --mail "pelapor-$flag@warga.example" --flag $flag >made 2>&1
done
at melati report link 1 1 >made 2>&1

# ---- The second person of what is restricted ----

run at melati approval list
like "$out" "*incident.share	incident/2*" "the machine sees what waits"
second melati melati.codes
like "$status:$err" "2:*there is no such approval" "ayu, who is coordinator, does not see the incident, and agrees to nothing of it"
at melati incident set 2 holder=ayu >made
agreed melati
is "$status" 0 "it is handed to her: then she is the second person"
at melati incident close 2 --reason zamrud >made 2>&1
at melati incident set 2 holder= >made
until_like "*zamrud*" at melati export --as stix --type incident
ok $? "what is shared is objects"

# ---- Each asks for all there is ----

# addresses: all that may be got, where a number may stand each of 1 and 2; what is served without an end apart
curl -s -m 10 -K auditor.curl -H "Accept: application/json" "$url/api" >api.json
python3 - "$url" >addresses <<'P'
import json, re, sys
served = json.load(open("api.json"))
paths = {row["path"] for row in served["routes"] if row["method"] == "GET"}
for path in sorted(paths - {"/live", "/index"}):
    path = path.replace("{root}", "main")
    numbers = range(1, 3) if "{number}" in path else [0]
    for number in numbers:
        one = path.replace("{number}", str(number))
        if "{" not in one:
            print(one)
for path in ("/incidents", "/reports", "/tasks", "/intelligence", "/lessons", "/takedowns", "/journal", "/evidence"):
    for word in ("zamru*", "lumpu*", "bisi*", "khusu*", "pelapo*", "warga.example"):
        print(f"{path}?q={word}")
for path in ("/approvals?all=yes", "/incidents?show=all", "/tasks?show=all", "/object?id=", "/journal?subject=incident/2",
             "/journal?subject=approval/2", "/statistics/csv", "/figures/csv"):
    print(path)
for number in range(3, 25):
    print(f"/objects/{number}")
P
[ "$(wc -l <addresses)" -gt 150 ]
ok $? "all that the server says it serves" || note "$(cat addresses)"
grep -n . addresses | sed 's|\*|%2A|g' >json
grep -v '?\|/objects' json >html
# asked ROLE: everything, each answer a file, in ROLE/; what is served as a page, too, without what is looked for
asked()
{
    mkdir "$1"
    for form in json html; do
        sed "s|^\([0-9]*\):\(.*\)|url = \"$url\2\"\noutput = \"$1/\1.$form\"|" $form >"$1.$form"
    done
    curl -s -m 60 -H "Accept: application/json" -K "$1.curl" -K "$1.json"
    curl -s -m 60 -H "Accept: text/html" -K "$1.curl" -K "$1.html"
    curl -s -m 1 -K "$1.curl" "$url/live" -o "$1/live"
    curl -s -m 1 -K "$1.curl" "$url/index" -o "$1/index"
}
for role in $roles; do
    asked "$role" &
    asking="${asking:-} $!"
done
# shellcheck disable=SC2086 # one word a process
wait $asking
# has ROLE WORD...: how many of its answers have one of these words, that nobody typed
has()
{
    role=$1
    shift
    grep -rlE "$(echo "$*" | tr ' ' '|')" "$role" | wc -l
}

# where ROLE WORD: at which addresses
where()
{
    grep -rl "$2" "$1" | while read -r file; do
        sed -n "$(basename "${file%.*}" | tr -cd 0-9)p" addresses
    done | sort -u
}

# ---- What came ----

for word in zamrud restricted-subyek restricted-isi; do
    [ "$(has auditor $word)" -gt 0 ]
    ok $? "an auditor finds $word"
    for role in duty-officer analyst coordinator manager liaison constituent-admin exercise-director sysadmin; do
        is "$(has "$role" $word)" 0 "nothing that $role may ask for says $word" || note "$(where "$role" $word)"
    done
done
for role in duty-officer analyst coordinator auditor; do
    [ "$(has "$role" lumpuh)" -gt 5 ] && [ "$(has "$role" Bisik-lumpuh)" -gt 0 ] && [ "$(has "$role" advert-isi)" -gt 0 ]
    ok $? "$role, who works on incidents or looks at all acts, finds the one that is for all of ours"
done
# number ROLE WORD: an object that it found with that word
number()
{
    where "$1" "$2" | sed -n 's|^/objects/||p' | grep -x '[0-9]*' | head -n 1
}
# exported NUMBER: what an analyst gets who picks it
exported()
{
    curl -s -m 10 -K analyst.curl -H "Accept: application/json" -H "Origin: $url" -d "pick=$1&kind=stix&download=yes" "$url/intelligence/export"
}
like "$(exported "$(number analyst lumpuh)")" "*lumpuh*" "it can be exported"
is "$(exported "$(number auditor zamrud)")" "$(exported 999)" "the other is as if it were not there"
[ "$(has constituent-admin lumpuh)" -gt 0 ]
ok $? "its victim finds its part"
for role in manager liaison exercise-director sysadmin constituent-admin; do
    is "$(has "$role" Bisik Khusus advert-isi Pelapor pelapor-)" 0 "nothing for own people, for another party, of who reported reaches $role"
done
for role in liaison exercise-director sysadmin; do
    is "$(has "$role" lumpuh)" 0 "and nothing of incidents $role" || note "$(where "$role" lumpuh)"
done

# ---- At the terminal ----

python3 "$KENTONGAN_ROOT/tests/web/codes.py" "127.0.0.1:$port_melati" "$(cat password)" analyst >codes.analyst
# says WORD...: what a command says to the analyst, whatever it says
says()
{
    at melati "$@" --person analyst --person-password password --code "$(code codes.analyst)" 2>&1
}
{
    says report list --all
    says report show 1
    says report show 2
    says report list --incident 2
    says incident list --all
    says incident show 2
    says task list
    says takedown list 2
    says approval list
} >said
[ "$(grep -c lumpuh said)" -gt 0 ]
ok $? "commands tell an analyst of the one"
is "$(grep -cE 'zamrud|restricted-' said)" 0 "and nothing of the other" || note "$(grep -nE 'zamrud|restricted-' said)"

# A manager is the second person of some acts: what is proposed stands under Approvals, and nowhere else.
is "$(where manager lumpuh | grep -v ^/approvals)" "" "a manager sees proposals, and figures"
done_testing
