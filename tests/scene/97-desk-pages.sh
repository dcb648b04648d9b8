#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A day at the desk in the console: a coordinator opens an incident in six fields, works on it, writes a note and sees
# before sending who reads it; a hospital's administrator finds their part of it, and nothing else; what somebody may
# not see answers as what is not there. Tasks, clocks of law and evidence, down to a package that its liaison takes.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "the desk in the console" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
(umask 077 && printf 'correct drum battery\n' >password)
for hospital in "RS Melur" "RSUD Kenanga"; do
    kt org add "$hospital" --relation constituent --kind hospital --sector health --country ID
    kt org state "$hospital" active --reason "the contract is signed"
done
kt org add "Polda Contoh" --kind police --country ID
kt org state "Polda Contoh" active --reason "a letter of the district"
kt user add wati --role coordinator --password-file password
kt user add siti --role analyst --password-file password
kt user add budi --role constituent-admin --organisation "RS Melur" --password-file password
kt user add citra --role constituent-admin --organisation "RSUD Kenanga" --password-file password
kt user add polisi --role liaison --organisation "Polda Contoh" --password-file password

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
hidden()
{
    sed -n "s/.*name=\"$1\" value=\"\\([^\"]*\\)\".*/\\1/p" answer | head -n 1
}
# post WHO FROM TO FIELD...: a form of the page FROM
post()
{
    who=$1 to=$3
    page "$who" "$2" >/dev/null
    key=$(hidden key)
    shift 3
    for field; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    page "$who" "$to" --data-urlencode "key=$key" "$@"
}
json()
{
    accept=application/json page "$1" "$2"
}
for person in wati siti budi citra polisi; do
    like "$(post $person /sign-in /sign-in name=$person "password=correct drum battery")" "303 *" "$person signs in"
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
[ -z "${KENTONGAN_SHOW:-}" ] || tail -3 log
done_testing
