#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The register of risks. Three incidents that hit one class of assets raise its likelihood just as the rule says, and whoever
# has the table and the rule reckons the same by hand, as awk does here. What is restricted counts and is not named; what
# grows is to be decided on again; a grave risk is accepted by two; a rule that is broken is refused with its place.
. "${0%/*}/tap.sh"

trap 'kill ${server:-} 2>/dev/null; rm -rf "$scene_folder"' EXIT

k()
{
    "$KENTONGAN" -c node "$@"
}
# hit SEVERITY ASSETS [OPTION...]: an incident that is over.
hit()
{
    severity=$1
    assets=$2
    shift 2
    number=$(k incident open "Rahasia Melati" --class malicious-code/infected-system --severity "$severity" "$@" --json |
        sed 's/.*"number":\([0-9]*\).*/\1/')
    k incident set "$number" assets="$assets" >made && k incident state "$number" open >made &&
        k incident state "$number" closed --reason "all works" >made
}
# stands ASSET: level, likelihood and impact, incidents.
stands()
{
    k risk list | awk -F '\t' -v asset="$1" '$6 == asset { print $3, $5, $8, $2 }'
}
# again: the rule and the table, reckoned by hand; each risk that comes out otherwise, and how many were reckoned.
again()
{
    k risk rule >rule && k risk list --csv | tr -d '\r"' >table && awk '
        function moment(text,    year, month) {
            year = substr(text, 1, 4); month = substr(text, 6, 2)
            if (month < 3) { year--; month += 12 }
            return (365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5) \
                + substr(text, 9, 2)) * 86400 + substr(text, 12, 2) * 3600 + substr(text, 15, 2) * 60 + substr(text, 18, 2)
        }
        FNR == NR && /^\[/ { gsub(/[][]/, ""); kind = $1; name = $2 }
        FNR == NR && kind == "likelihood" && /^incidents/ { needs[name] = $3 }
        FNR == NR && kind == "likelihood" && /^days/ { days[name] = $3 }
        FNR == NR && kind == "level" && /^score/ { from[name] = $3 }
        FNR == NR || FNR == 1 { next }
        { split($0, cell, ","); risk = cell[1]; told[risk] = cell[12] " x " cell[13] ", " cell[10] " " cell[11] }
        cell[21] != "" {
            for (step in days) if (moment(cell[7]) - moment(cell[21]) < days[step] * 86400) within[risk, step]++
            if (cell[22] > worst[risk]) worst[risk] = cell[22]
        }
        END {
            for (risk in worst) {
                likely = 1; least = 0; reckoned++
                for (step in needs) if (within[risk, step] >= needs[step] && step > likely) likely = step
                for (name in from) if (from[name] <= likely * worst[risk] && from[name] > least) { least = from[name]; level = name }
                hand = likely " x " worst[risk] ", " likely * worst[risk] " " level
                if (told[risk] != hand) print "risk " risk ": " told[risk] ", by hand " hand
            }
            print reckoned + 0 " reckoned"
        }
    ' rule table
}
# as NAME COMMAND...: by that user.
as()
{
    name=$1
    shift
    code=$(head -n 1 "codes.$name")
    sed -i 1d "codes.$name"
    k "$@" --person "$name" --person-password password --code "$code"
}
# page LANGUAGE PATH: as HTML, for who has the token.
page()
{
    curl -s -H "Authorization: Bearer $token" -H "Accept-Language: $1" -H "Accept: text/html" "http://127.0.0.1:$port$2"
}
begin()
{
    rm -f ready
    mkfifo ready
    timeout 60 "$KENTONGAN" -c node serve >ready 2>>log &
    server=$!
    read -r first <ready
    port=${first##*:}
    port=${port%/}
}

printf 'a long drum battery\n' >password
chmod 600 password
"$KENTONGAN" init node --name "Tim Contoh" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
for user in wati:coordinator tono:manager; do
    k user add "${user%:*}" --role "${user#*:}" --password-file password >made || exit 2
done
begin
for name in wati tono; do
    python3 "$KENTONGAN_ROOT/tests/web/codes.py" "127.0.0.1:$port" "a long drum battery" "$name" >"codes.$name" || note "$first"
done
token=$(k token add risks --for wati --scope read --expires 1d | sed -n 's/^token  //p')

# ---- Three incidents ----

run k incident open "An incident" --class malicious-code/infected-system
run k incident set 1 assets="network goats"
like "$status:$err" '2:*the rule of risks has no class of assets "goats"*' "an incident hits what the rule knows"
k incident set 1 assets=network >made && k incident state 1 open >made
is "$(k risk list)" "" "what is still open shows no risk"
k incident state 1 closed --reason "all works" >made
until_like "medium 3x3 1 identified" stands network
ok $? "the first that is closed shows one"
hit high "network patient-records"
until_like "high 3x4 2 identified" stands network
ok $? "a worse one raises the impact"
hit medium network
until_like "high 4x4 3 identified" stands network
ok $? "three raise the likelihood, as the rule says"
is "$(stands patient-records)" "high 3x4 1 identified" "and what was hit once has one that counts"
is "$(again)" "2 reckoned" "by hand the same comes of the rule and the table"
run k risk show 1
like "$out" "*4x4	rule 2026-11	3 incidents	3 2 1	@risks*3x4	rule 2026-11	2 incidents	2 1	*3x3	*1 incidents	1	*" \
    "its history has the numbers of the incidents, each time"

# ---- What is restricted ----

hit high network --restricted
until_like "high 4x4 4 identified" stands network
ok $? "one that is restricted counts"
case $(as wati risk list --csv) in *",4,\""????-*) ok 1 "and its number is told to nobody who does not see it" ;;
*) ok 0 "and its number is told to nobody who does not see it" ;; esac
is "$(again)" "2 reckoned" "the table can be reckoned again all the same"
english=$(page en /risks/1)
like "$english" "*Network: Malware*and 1 that you do not see*" "the page says that it is there"
is "$(printf '%s' "$english" | grep -cE '/incidents/4|Rahasia|Melati')" 0 "and neither which, nor what it was"

# ---- Decisions ----

k risk accept 1 --reason "the network is replaced in May" >made
is "$(stands network)" "high 4x4 4 identified" "one person does not accept a grave risk"
number=$(k approval list | tail -n 1 | cut -f 1)
digest=$(k approval show "$number" | sed -n 's/^digest   //p')
as tono approval agree "$number" "$digest" >/dev/null
is "$(stands network)" "high 4x4 4 accepted" "two do"
k risk treat 2 reduce "Segments between wards" --owner wati >made
run k risk show 2 --json
like "$out" '*"organisation":"Tim Contoh","person":"wati","treatment":"reduce"*' "another is treated, and has an owner"
hit high network && hit high network
until_like "extreme 5x4 6 identified" stands network
ok $? "one that grows is to be decided on again, though it was accepted"
run k risk review 1 --likelihood 2 --reason "we think otherwise"
is "$(stands network)" "extreme 5x4 6 identified" "what a person says lower does not hide what incidents show"
k risk review 2 --likelihood 5 --reason "the wards share one switch" >made
k incident state 2 open >made
until_like "medium 5x1 0 reviewed" stands patient-records
ok $? "and a rule that falls does not lower what a person said"
is "$(stands network)" "high 4x4 5 identified" "though it lowers what nobody said"
run k risk add suppliers outage --likelihood 3 --impact 5 --reason "one laboratory for twelve hospitals" --review 2027-01-31T00:00:00Z
like "$status:$out" "0:3	identified	high	15	3x5	suppliers	outage	0	due	2027-01-31T*" "one that no incident shows is added by hand"
is "$(again)" "1 reckoned" "by hand the same comes of it still"

# ---- The page ----

english=$(page en /risks)
like "$english" "*<caption>Risks that are not closed*<th scope=\"row\">5</th>*data-label=\"Impact 4\"*likelihood=4&amp;impact=4*" \
    "the matrix is a table"
like "$(page id /risks)" "*Risiko*ekstrem*Jaringan: Perangkat perusak*Pemasok: Gangguan*" "in two languages"
[ "$(printf '%s' "$english" | wc -c)" -lt 51200 ] && [ "$(page en /risks/1 | wc -c)" -lt 51200 ]
ok $? "pages stay below 50 KB"
like "$(curl -s -H "Authorization: Bearer $token" "http://127.0.0.1:$port/risks?likelihood=4&impact=4")" \
    '*"rows":[[]{"number":1,*' "a cell of it has its risks, for scripts, too"

# ---- Another rule, and broken ones ----

kill "$server" && wait "$server" 2>/dev/null
k risk rule | sed 's/^version = .*/version = own-7/; s/^incidents = 3/incidents = 5/' >own && cp own node/risks.conf
begin
until_like '*"rule":"own-7"*"why":"the rule was changed"*' k risk show 1 --json
ok $? "the node's own rule reckons all again"
is "$(stands network)" "high 4x4 5 identified" "for which as many are as likely"
is "$(again)" "1 reckoned" "and by hand the same comes of that, too"
kill "$server" && wait "$server" 2>/dev/null
server=
# broken LINE... WHERE: what is said of a rule that ends so, by check and by who would use it
broken()
{
    k risk rule >rule && { cat rule; printf '%b' "$1"; } >broken.conf
    run "$KENTONGAN" check --as risks broken.conf
    like "$status:$out" "1:broken.conf:[0-9]*:[0-9]*: $2" "a rule with $3 is refused with its place"
}
broken '[goat x]\n' "a section is *asset NAME*" "an unknown section"
broken '[asset x]\n' "this asset has no title" "a class of assets without a title"
broken '[threat x]\ntitle = X\nclasses = fraud/goats\n' "classes: \"fraud/goats\" is no taxonomy/type of RSIT" "an unknown class"
broken '[likelihood 7]\nincidents = 1\ndays = 1\n' "a step is called 1, 2, 3, 4 or 5" "a step too much"
broken '[likelihood 1]\nincidents = 0\ndays = 1\n' "incidents: a whole number from 1 to*" "no incident that makes it likely"
broken '[impact 1]\ncounts = goats 3\n' "counts: kinds of impact*" "an unknown kind of impact"
broken '[level x]\ntitle = X\nscore = 5\ncolour = red\nreview-days = 9\n' "two levels begin at the same score" "two levels of one score"
broken '[level x]\ntitle = X\nscore = 6\ncolour = pink\nreview-days = 9\n' "colour: green, yellow, orange or red" "an unknown colour"
cp broken.conf node/risks.conf
run timeout 10 "$KENTONGAN" -c node serve
like "$status:$err" "2:*risks.conf:[0-9]*:[0-9]*: colour: *" "and no server begins with it"
done_testing
