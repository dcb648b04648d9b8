#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who is on call: a week comes in as a table, a broken one not at all; what is missing is told by the command, the doctor and
# the board; a duty officer gives a shift away at the console, nobody else's; the note of a hand-over names who comes next.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "who is on call" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; wait "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
(umask 077 && printf 'correct drum battery' >password)
for user in siti budi; do
    kt user add $user --role duty-officer --password-file password
done
kt org add "RS Melur" --relation constituent --kind hospital --sector health --country ID
kt user add citra --role constituent-admin --organisation "RS Melur" --password-file password

# at HOURS: the full hour so many from now on
now=$(($(date +%s) / 3600 * 3600))
at()
{
    date -u -d "@$((now + $1 * 3600))" +%Y-%m-%dT%H:%M:%SZ
}

# ---- By hand ----

kt roster now
is "$status $err" "2 kentongan roster: nobody is on call now" "nobody is on call"
kt doctor
like "$out" "*ok   roster: none is kept*" "which the doctor takes as it is, while no roster is kept"
printf 'from,until,user,rank,phone\n%s,%s,siti,first,+62 21 5550101\n%s,%s,budi,third,\n' "$(at 0)" "$(at 8)" "$(at 8)" "$(at 16)" >week.csv
kt roster import week.csv
like "$err" "*line 3: the rank is first or second*" "a broken table is refused with its line"
kt roster list
like "$out" "gap*" "and nothing of it is kept"
sed -i 's/third/first/' week.csv
kt roster import week.csv
is "$status" 0 "a whole one comes in"
kt roster now
like "$out" "*siti*+62 21 5550101
*first*budi*
gap*$(at 16 | cut -c 1-13)*" "who is on call, who comes next, and when nobody does"
kt roster set siti "$(at 16)" "$(at 100)"
kt roster set siti "$(at 10)" "$(at 12)" first
kt roster list --days 3 --json
like "$out" "*{\"doubled\":\"first\",\"from\":\"$(at 10 | tr -d Z).000000Z\",\"until\":\"$(at 12 | tr -d Z).000000Z\"}*" "two at once are told"
shift=$(printf '%s\n' "$out" | sed -n "s/.*\"shift\":\([0-9]*\),\"from\":\"$(at 10 | tr -d Z).*/\1/p")
kt roster drop "$shift"
kt roster set citra "$(at 0)" "$(at 1)"
like "$err" "*citra is none of our own people*" "a hospital's administrator is not on call for us"
kt doctor
like "$out" "*ok   roster: somebody is on call*" "there is no gap any more"
kt report handover --json
like "$out" '*"next":"budi"*On call next: budi*' "the note of a hand-over names who comes next"

# ---- At the console ----

mkfifo ready
timeout 60 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r first <ready
url=${first#listening on }
url=${url%/}
page()
{
    who=$1 path=$2
    shift 2
    curl -s -m 10 -w '\n%{http_code}' -b "jar-$who" -c "jar-$who" -H "Origin: $url" -H "Accept: text/html" "$@" "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
# post WHO FROM TO FIELD...
post()
{
    who=$1 to=$3
    page "$who" "$2" >/dev/null
    key=$(sed -n 's/.*name="key" value="\([^"]*\)".*/\1/p' answer | head -n 1)
    shift 3
    for field; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    page "$who" "$to" --data-urlencode "key=$key" "$@"
}
for who in siti budi citra; do
    like "$(post $who /sign-in /sign-in "name=$who" "password=correct drum battery")" "303 *" "$who signs in"
done
like "$(page siti /board)" '200 *On call:*siti*+62 21 5550101*next:*budi*' "the board shows who is on call now, and next"
like "$(page siti /roster)" '200 *siti*called first*Give a shift to somebody else*' "the week is a table"
[ "$(wc -c <answer)" -lt 50000 ]
ok $? "of less than 50 KB"
like "$(page citra /roster)" "403 *" "it is for our own people"
mine=$(page siti /roster | sed -n 's/.*<option value="\([0-9]*\)">siti,.*/\1/p')
theirs=$("$KENTONGAN" -c node roster list | sed -n 's/^\([0-9]*\)\t.*budi.*/\1/p')
like "$(post siti /roster /roster/shift act=give "shift=$theirs" user=siti)" "403 *" "nobody takes a shift from another"
like "$(post siti /roster /roster/shift act=give "shift=$mine" user=budi)" "303 *" "whoever has one gives it away"
like "$(post siti /roster /roster user=siti "from=2027-01-01T08:00" "until=2027-01-01T16:00")" "403 *" "and does not plan"
like "$(post budi /roster /roster/person mail=nowhere phone=)" '400 *aria-invalid="true"*' "an address is one"
like "$(post budi /roster /roster/person mail=budi@melati.example "phone=+62 21 5550102")" "303 *" "budi says how to be reached"
like "$(page siti /board)" "200 *On call:*budi*+62 21 5550102*" "the board shows the other one"
kt roster set siti "$(at 16)" "$(at 60)"
like "$(page siti /board)" "200 *Nobody is on call from *" "and a gap within three days"
done_testing
