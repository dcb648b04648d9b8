#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Figures of a year: two streams of reports are counted, and whoever asks by class, sector, month or day, at the console,
# as CSV or on the command line, is told what the counts add up to. Sums that somebody changed are found and made anew.
. "${0%/*}/tap.sh"

command -v curl >/dev/null || {
    skip "figures" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --listen 127.0.0.1:0 >/dev/null 2>&1 || exit 2
node="$KENTONGAN -c node"
year=$(date -u -d '366 days ago' +%Y-%m-%d)
for seed in 1 2; do
    "$KENTONGAN" simulate -f reports --seed $seed --events 70000 --days 365 --start "${year}T00:00:00Z" --owners owners >$seed.json
done
{ echo name,kind,sector,country,parent,memory_days; awk -F '\t' '{ print $1 ",hospital," $2 ",,," }' owners; } >organisations.csv
{ echo organisation,value,from,said_by; awk -F '\t' '{ print $1 "," $3 ",," }' owners; } >assets.csv
$node org import organisations.csv assets.csv >/dev/null || exit 2
for seed in 1 2; do
    $node ingest --stream reports-$seed --reports $seed.json 2>/dev/null || exit 2
done
$node ingest counts >counts # day, organisation, sector, stream, class, events, hits, doubles
from=$(date -u -d '370 days ago' +%Y-%m-%d)

# plainly KEY [FIRST [LAST]]: what the counts of these days add up to by that column, as `stats` prints it. KEY is of awk.
plainly()
{
    awk -F '\t' -v OFS='\t' -v first="${2:-$from}" -v last="${3:-9999}" '$1 >= first && $1 <= last {
        key = '"$1"'; events[key] += $6; hits[key] += $7; doubles[key] += $8
    } END {
        for (key in events) { print key, "events", events[key]; print key, "hits", hits[key]; print key, "doubles", doubles[key] }
    }' counts | sort
}
# figures BY [OPTION...]
figures()
{
    by=$1
    shift
    $node stats --by "$by" --from "$from" "$@" | grep -v '^#' | sort
}

ok $(($(wc -l <counts) < 35000)) "there are tens of thousands of counts"
is "$(figures class)" "$(plainly '$5 == "" ? "(no class)" : $5')" "by class the figures are what the counts add up to"
is "$(figures sector)" "$(plainly '$3 == "" ? "(no sector)" : $3')" "by sector"
is "$(figures month)" "$(plainly 'substr($1, 1, 7)')" "by month"
is "$(figures day)" "$(plainly '$1')" "and by day"
first=$(date -u -d '250 days ago' +%Y-%m-%d) last=$(date -u -d '33 days ago' +%Y-%m-%d)
is "$(figures sector --from "$first" --until "$last")" "$(plainly '$3 == "" ? "(no sector)" : $3' "$first" "$last")" \
    "months that are not whole are no trouble"
$node org change contoh-00 --sector drums >/dev/null
is "$(figures sector | grep -c '^drums	events')" 1 "who comes to be of another sector takes the past along"

# ---- The console ----

(umask 077 && printf 'correct drum battery' >password)
$node user add ayu --role manager --password-file password >/dev/null
token=$($node token add pages --for ayu --scope read --json | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r first <ready
url=${first#listening on }
page() { curl -s -m 10 -H "Authorization: Bearer $token" "$@"; }
page "${url}statistics?months=24" >page.json
page "${url}statistics/csv?months=24" >page.csv
page -H 'Accept: text/html' "${url}statistics?months=24" >page.html
sum=$(awk -F '\t' '{ sum += $6 } END { print sum }' counts)
like "$(cat page.json)" "*\"events\":{\"value\":$sum,*" "the page has the same sum"
is "$(tr -d '\r"' <page.csv | awk -F , '$1 == "class" { print $2 "\tevents\t" $5 }' | sort)" \
    "$(figures class | grep '	events	' | sed 's/^(no class)//')" "its CSV has the same classes"
is "$(tr -d '\r"' <page.csv | awk -F , '$1 == "month and class" { sum += $5 } END { print sum }')" "$sum" "and months"
ok $(($(wc -c <page.html) > 51200)) "with its picture and tables it is below 50 KiB"
kill "$server"
wait "$server"

# ---- Somebody changes a sum ----

like "$($node doctor)" "*ok   sums: *" "all is well"
if command -v python3 >/dev/null; then
    python3 -c 'import sqlite3; db = sqlite3.connect("node/node.db"); db.execute("UPDATE class_sum SET events = events + 1 WHERE class = (SELECT max(class) FROM class_sum)"); db.commit()'
    run $node doctor
    like "$status:$out" "1:*fail sums: *kentongan stats rebuild*" "what was changed is found"
    $node stats rebuild
    like "$($node doctor)" "*ok   sums: *" "and made anew"
    is "$(figures class)" "$(plainly '$5 == "" ? "(no class)" : $5')" "as the counts have it"
else
    skip "a sum that was changed" "python3 is not installed"
fi
done_testing
