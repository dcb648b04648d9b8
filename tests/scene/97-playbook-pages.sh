#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Playbooks in the console: a broken one is refused with its places, a good one is read step by step, approved and begun in
# an incident, whose page says how far it is; one that attacks is a text. The incident has its reports, which are linked
# and unlinked there, and says what each party would see; whoever is only a party never learns who told what.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "playbooks in the console" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
(umask 077 && printf 'correct drum battery\n' >password)
for name in "RS Melur" "Lab Melur" "RSUD Kenanga"; do
    kt org add "$name" --relation constituent --kind hospital --sector health --country ID
    kt org state "$name" active --reason "the contract is signed"
done
kt user add wati --role coordinator --password-file password
kt user add budi --role constituent-admin --organisation "RS Melur" --password-file password
kt incident open "Ransomware di RS Melur" --class malicious-code/infected-system --severity critical
kt incident party 1 "RS Melur" victim --reason "they called"

mkfifo ready
timeout 100 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
url=${first#listening on }
url=${url%/}

# page WHO PATH [CURL-OPTION...]: "STATUS PAGE", as the browser of that person asks
page()
{
    who=$1 path=$2
    shift 2
    curl -s -m 10 -w '\n%{http_code}' -b "jar-$who" -c "jar-$who" -H "Origin: $url" -H "Accept: ${accept:-text/html}" "$@" \
        "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
# post WHO FROM TO FIELD...: a form of the page FROM; "file=@NAME" is a file
post()
{
    who=$1 from=$2 to=$3
    page "$who" "$from" >/dev/null
    key=$(sed -n 's/.*name="key" value="\([^"]*\)".*/\1/p' answer | head -n 1)
    shift 3
    for field; do
        case $field in
        file=@*) set -- "$@" -F "$field" ;;
        *) [ "$to" = /playbooks ] && set -- "$@" -F "$field" || set -- "$@" --data-urlencode "$field" ;;
        esac
        shift
    done
    if [ "$to" = /playbooks ]; then
        page "$who" "$to" -F "key=$key" "$@"
    else
        page "$who" "$to" --data-urlencode "key=$key" "$@"
    fi
}
json()
{
    accept=application/json page "$1" "$2"
}
for person in wati budi; do
    like "$(post $person /sign-in /sign-in name=$person "password=correct drum battery")" "303 *" "$person signs in"
done

# ---- One is taken in ----

data=$KENTONGAN_ROOT/tests/data/playbook
sed '/"next_steps"/,/]/s/000000000013/000000000099/' "$data/each-type.json" >missing.json
like "$(page wati /playbooks)" '200 *No playbook is in this state*enctype="multipart/form-data"*' "a list without playbooks says so, and has the form"
like "$(post wati /playbooks /playbooks file=@missing.json)" \
    '400 *<span class="fixed">missing.json:[0-9]*:[0-9]*</span> there is no such step in the workflow*' "what is wrong is told with its place"
like "$(post wati /playbooks /playbooks class=)" '400 *choose a file*' "no file is no playbook"
like "$(json wati "/playbooks?state=draft")" '200 *"rows":\[],"empty":true*' "nothing of these is kept"
like "$(post wati /playbooks /playbooks "file=@$KENTONGAN_ROOT/etc/playbooks/ransomware.json" class=malicious-code/infected-system)" "303 *" "a good one is taken in"
like "$(post wati /playbooks /playbooks "file=@$data/attack.json")" "303 *" "so is one that attacks, as a text"
like "$(page wati "/playbooks?state=draft")" '200 */playbooks/1*Infected system*/playbooks/2*to be read only*' "both are drafts"

# ---- Read, approved, begun ----

like "$(page wati /playbooks/1)" '200 *class="in-0" id="step-1"*What whoever does it reads*waits for*name="act" value="approve"*' "it is read step by step"
is "$(page wati /playbooks/1 | grep -c 'value="start"')" 0 "and a draft is not begun"
like "$(post wati /playbooks/1 /playbooks/1 act=approve reason=)" '400 *say why*' "to approve it wants a reason"
for number in 1 2; do
    like "$(post wati /playbooks/$number /playbooks/$number act=approve "reason=read by the team")" "303 *" "playbook $number is approved"
done
page wati /playbooks/1/file -o came >/dev/null
is "$(cmp came "$KENTONGAN_ROOT/etc/playbooks/ransomware.json")" "" "it is there byte for byte"
like "$(page wati /playbooks/2)" '200 *It is a text to be read*' "why one that attacks is never begun is said"
is "$(page wati /playbooks/2 | grep -c 'value="start"')" 0 "and it has no button"
like "$(post wati /playbooks/1 /playbooks/2 act=start incident=1)" '403 *a type that attacks*' "nor a way around that"
like "$(post wati /playbooks/1 /playbooks/1 act=start incident=99)" '404 *' "an incident that is not there begins nothing"
like "$(post wati /playbooks/1 /playbooks/1 act=start incident=1)" "303 *" "the other is begun"
like "$(page wati /incidents/1)" '200 *0 of 11 steps are ended*href="/playbooks/1?incident=1"*href="/tasks/1"*' "the incident says how far it is"
kt task state 1 done --result "Twelve machines."
like "$(page wati /incidents/1)" '200 *1 of 11 steps are ended*' "and goes on saying so"
like "$(page wati "/playbooks/1?incident=1")" '200 *href="/incidents/1"*id="step-1"*state good*href="/tasks/1"*' "its own page has the task of each step"
like "$(json wati "/playbooks/1?incident=1")" '200 *"at":1,*"waits_for":\[],*"task":{"number":1,*"state":"done"*' "and so has its document"
like "$(page wati "/playbooks/2?incident=1")" '404 *' "one that was not begun there is not there"
like "$(post wati /playbooks/1 /playbooks/1 act=retire "reason=there is a newer one")" "303 *" "it is retired"
like "$(page wati "/playbooks?state=retired")" '200 *retired*/playbooks/1*' "and in that list"
like "$(page budi /playbooks)" "403 *" "a party has no playbooks"

# ---- Reports of an incident ----

kt report take --channel phone --subject "Layar merah" --text "Semua layar merah" --name "Suster Ani" --phone "021 555" --org "RS Melur"
kt report take --channel phone --subject "Tidak bisa masuk" --text "Kata sandi ditolak" --name "Warga Budiman"
like "$(post wati /incidents/1 /incidents/1/reports report=)" '400 *which report?*' "a report is named"
like "$(post wati /incidents/1 /incidents/1/reports report=1)" "303 *" "a report is linked on the incident's page"
reference=$(kt report show 2 --json && echo "$out" | sed -n 's/.*"reference":"\([^"]*\)".*/\1/p' | head -n 1)
like "$(post wati /incidents/1 /incidents/1/reports "report=$reference")" "303 *" "another by its reference"
like "$(page wati /incidents/1)" '200 *id="reports"*href="/reports/1"*Layar merah*telephone*RS Melur*href="/reports/2"*Tidak bisa masuk*' "and there they are"
like "$(json wati /incidents/1)" '200 *"reports":\[{"number":1,"reference":"*"channel":"phone"*"organisation":{"number":2*{"number":2,*"organisation":null}]*' "in the document, too"
for face in page json; do
    is "$($face budi /incidents/1 | grep -c 'Suster\|Warga\|Tidak bisa\|/reports/')" 0 "who is a party learns nothing of who told what ($face)"
done
like "$(post wati /incidents/1 /incidents/1/reports report=2 act=end)" "303 *" "one is taken out again"
like "$(post wati /incidents/1 /incidents/1/reports report=2 act=end)" "400 *does not belong to this incident*" "once"
is "$(json wati /incidents/1 | grep -c 'Tidak bisa')" 0 "and is gone from there"
like "$(json wati "/reports?view=waiting")" '200 *Tidak bisa masuk*' "it waits in the queue again"
like "$(page wati /reports)" '200 *name="act" value="take"*accesskey="t"*value="advert"*accesskey="v"*' "keys and plain buttons deal with it"
like "$(post wati /reports /reports/2 incident=1 "back=/reports?view=waiting")" "303 *" "one press puts it into an incident"
like "$(json wati /incidents/1)" '200 *Tidak bisa masuk*' "where it is then"
like "$(post budi /incidents/1 /incidents/1/reports report=2)" "40[34] *" "a party links nothing"

# ---- Who supplies whom ----

like "$(page wati /organisations/2)" '200 *id="suppliers"*id="customers"*name="way"*' "an organisation's page asks who supplies it"
like "$(post wati /organisations/2 /organisations/2/supply way=by "other=Lab Melur" "what=blood tests")" "303 *" "a supplier is entered there"
like "$(post wati /organisations/2 /organisations/2/supply way=to other=Nobody)" '404 *there is no organisation of that name*value="Nobody"*' "whom nobody knows is none"
like "$(page wati /organisations/2)" '200 *id="suppliers"*Lab Melur*blood tests*id="customers"*' "it stands there"
like "$(json wati /organisations/3)" '200 *"suppliers":\[],*"customers":\[{"organisation":{"number":2,*"what":"blood tests"*' "and on the supplier's page"
is "$(json budi /organisations/2 | grep -c 'Lab Melur\|may_supply')" 0 "a customer reads nothing of it"
like "$(post budi /organisations/2 /organisations/2/supply way=by "other=Lab Melur" act=end)" "40[34] *" "and ends nothing"
like "$(post wati /organisations/3 /organisations/3/supply way=to "other=RS Melur" act=end)" "303 *" "whoever works here does"
is "$(json wati /organisations/2 | grep -c 'Lab Melur')" 0 "and it is gone"

# ---- Before it is shared ----

like "$(page wati /incidents/1)" '200 *href="/incidents/1/share"*' "what each party would see is one press away"
like "$(page wati /incidents/1/share)" '200 *It is not shared*' "and says whether anything goes"
like "$(post wati /incidents/1 /incidents/1/share "reason=they help")" '403 *' "to offer it takes a second factor, and a second person"
like "$(page budi /incidents/1/share)" "404 *" "a party looks at no other's part"

kill "$server" 2>/dev/null
done_testing
