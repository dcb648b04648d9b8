#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Other servers are slow, wrong and sometimes hostile: what can be lived with is, what cannot is told, and nothing of it
# loses an object or stops the others.
. "${0%/*}/tap.sh"

command -v python3 >/dev/null && command -v curl >/dev/null || {
    skip "peers with faults" "python3 or curl is not installed"
    done_testing
}
mkfifo hold ready
python3 "$KENTONGAN_ROOT/tests/web/taxii.py" <hold >ready 2>server.err &
exec 9>hold
while read -r name port && [ "$name" != ready ]; do
    web=http://127.0.0.1:$port
done <ready

kt()
{
    run "$KENTONGAN" -c node "$@"
}

# say FAULTS PATH: something beside TAXII (tests/web/taxii.py)
say()
{
    curl -s -m 20 "$web/$1/$2"
}

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2

# ---- Without a node ----

run "$KENTONGAN" taxii ls "$web/foreign/taxii2"
like "$status:$out" "0:root	*/foreign/api/	Root
collection	*/open/	Collection open	read, write
collection	*/read/	Collection read	read
collection	*/drop/	Collection drop	write
collection	*/none/	Collection none	nothing
root	https://stranger.example/api/		it is on another host*" "what lies there, and what we may; another host is not asked"
run "$KENTONGAN" taxii ls "$web/foreign/taxii2" --json
like "$status:$out" '0:{"title":"Faults",*"roots":\[{"url":*"can_read":true,"can_write":true}*' "or as JSON"
say relative+cap fill/read/25 >made
run "$KENTONGAN" taxii pull "$web/relative+cap/taxii2/" -o bundle.json
is "$status:$(grep -c indicator-- bundle.json)" "0:25" "a bundle of all that may be read"
run "$KENTONGAN" check bundle.json
is "$status" 0 "which is one"
run "$KENTONGAN" taxii pull "$web/html/api/collections/read/" -o none.json
like "$status:$err" "2:kentongan taxii: *what answers there is no TAXII, but text/html*" "a page for people is none"
[ ! -e none.json ]
ok $? "and no bundle"
for wrong in ftp://taxii.example/ taxii.example "http://drum:secret@taxii.example/"; do
    run "$KENTONGAN" taxii ls "$wrong"
    [ "$status" -eq 2 ] && [ -n "$err" ]
    ok $? "$wrong is not asked"
done
run "$KENTONGAN" taxii push "$web/plain/api/collections/open/" bundle.json
is "$status:$out" "0:$web/plain/api/collections/open/: 25 objects sent, 0 of them not taken" "objects of a file are sent"
is "$(say plain dump/open | wc -l)" 25 "and are there"
run "$KENTONGAN" taxii push "$web/plain/api/collections/read/" bundle.json
like "$status:$err" "2:*we may not write to this collection" "where we may not write nothing is sent"
run "$KENTONGAN" taxii push "$web/plain/taxii2/" bundle.json
like "$status:$err" "2:*is not one collection*taxii ls*" "nor where it is not clear where to"

# ---- Credentials ----

(umask 077 && echo rahasia >password && echo rahasia-token >token)
echo rahasia >open
chmod 644 open
say auth fill/read/3 >made
kt taxii peer add shut "$web/auth/taxii2/"
like "$status:$err" "2:*wants to know who asks*who is it?" "who is not let in adds no peer"
kt taxii peer add shut "$web/auth/taxii2/" --user drum --password-file open
like "$status:$err" "2:*others on this machine may read it*" "a password is for its owner alone"
kt taxii peer add shut "$web/auth/taxii2/" --user drum --password-file password
is "$status" 0 "with a password"
kt taxii peer add token "$web/auth+plain/taxii2/" --token-file token
is "$status" 0 "or a token"
rm password token
kt taxii peer run shut
like "$status:$out" "0:shut: 3 objects read as stix: 3 new*" "it is let in, from what the node keeps"
kt taxii peer show shut --json
case $out$err in *rahasia*) leaked=1 ;; *) leaked=0 ;; esac
is $leaked 0 "and tells it nobody"

# ---- Faults that can be lived with ----

for faults in nonext+ms nonext+noheader repeat forget+cap same+nonext notype nofilter slash; do
    say "$faults" fill/read/30 >made
    kt taxii peer add "$faults" "$web/$faults/api/collections/read/"
    kt taxii peer run "$faults"
    kt taxii peer run "$faults"
    is "$status:$("$KENTONGAN" -c node export --as stix --source "peer/$faults/read" 2>told | grep -c '"type":"indicator"\|"type": "indicator"')" \
        "0:30" "$faults: every object comes, once"
done

# ---- One bad object ----

for faults in twice deep; do
    say "$faults" fill/read/5 >made
    kt taxii peer add "$faults" "$web/$faults/api/collections/read/"
    kt taxii peer run "$faults"
    like "$status:$out" "0:$faults: 5 objects read as stix: 5 new, 1 refused*" "$faults: one that is refused does not keep the others out"
done

# ---- Faults that cannot ----

for faults in broken cut later nonext+noheader+nomanifest; do
    say "$faults" fill/read/3000 >made
done
kt taxii peer add late "$web/later/taxii2/"
like "$status:$err" "2:*was asked too often (status 429)*not so often" "a server that puts us off is no peer yet"
for faults in broken cut nonext+noheader+nomanifest; do
    kt taxii peer add "$faults" "$web/$faults/api/collections/read/"
    kt taxii peer run "$faults"
    [ "$status" -eq 1 ] && [ -n "$err" ]
    ok $? "$faults: fails, and says how" || note "$status $out $err"
done
kt taxii peer list
like "$out" "*broken	*	failing	next *Z	*out of order*" "which the list tells, too"
kt taxii peer pause broken
kt taxii peer list --json
like "$out" '*{"name":"broken",*"paused":true,*"failures":1,*' "a peer rests"
kt taxii peer resume broken
is "$status" 0 "and goes on"
kt taxii peer run nobody
is "$status:$err" "2:kentongan taxii: there is no peer nobody" "a peer that nobody added"
kt taxii peer add often "$web/plain/taxii2/" --every 1s
like "$status:$err" "2:*60 seconds*" "nobody is asked all the time"
kt taxii peer add broken "$web/plain/taxii2/"
like "$status:$err" '2:*there is a peer "broken" already' "a name is taken once"

# ---- Sending ----

kt import bundle.json --source ours
for faults in pending posttype slash; do
    kt taxii push "$web/$faults/api/collections/open/" --source ours
    is "$status:$(say "$faults" dump/open | wc -l)" "0:25" "$faults: all are sent"
done
kt taxii push "$web/small/api/collections/open/" --source ours --json
like "$status:$out:$(say small dump/open | wc -l)" '0:*"sent":25,"refused":0,*:25' "in as many envelopes as a server wants"
printf '%s\n' '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-0000000000b1","objects":[' >bad.json
grep indicator-- bundle.json | head -n 3 >>bad.json
sed -n 's/^\({.*\)"id": "indicator--6b616c61-0000-4000-8000-000000000005"\(.*\)},$/\1"x_bad": 1, "id": "indicator--6b616c61-0000-4000-8000-0000000000bb"\2}]}/p' \
    bundle.json >>bad.json
for faults in fussy plain+pending; do
    run "$KENTONGAN" taxii push "$web/$faults/api/collections/open/" bad.json
    like "$status:$out:$(say "$faults" dump/open | wc -l)" "1:*: 4 objects sent, 1 of them not taken:3" "$faults: one that is not taken does not keep the others out"
    like "$err" "not taken: indicator--6b616c61-0000-4000-8000-0000000000bb: *" "and is named with the reason"
done
run "$KENTONGAN" taxii push "$web/away/api/collections/open/" bundle.json
like "$status:$err" "2:*what is meant for one host is not sent to another*" "a server does not pass us on to another host"

exec 9>&-
done_testing
