#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Warnings: what a hospital's sensor met is drafted and waits for a person; a rule that two persons agreed to lets the
# next go by itself; one notice a day and class, the rest with the digest; what is on a warning list waits; who does not
# answer is reminded, then the second contact, then it is on our list; what was wrong is corrected; figures say what they
# count.
. "${0%/*}/node.sh"

# meets ADDRESS [TIME]: a sensor of the hospital sees that one of its machines talks to that address.
meets()
{
    printf '{"timestamp":"%s.000000+0000","event_type":"flow","src_ip":"192.0.2.7","src_port":50000,"dest_ip":"%s","dest_port":443,"proto":"TCP"}\n' \
        "${2:-2026-11-20T10:29:58}" "$1" >>eve.json
    k ingest --stream melati ${org:+--org "$org"} eve.json 2>>log
    org=
}
# warned FIELD...: these fields of all warnings, oldest first.
warned()
{
    k warn list | tac | cut -f "$1" | tr '\t\n' ' ;'
}
# field N NAME: a field of one warning.
field()
{
    k warn list --json | sed -n "s/^{\"number\":$1,.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

# ---- A node, its manager, a hospital with two contacts, and what is bad ----

node_init "Melati CERT"
k user add ayu --role manager --password-file password >made || exit 2
sets node lists=noise from=siaga@melati-cert.example
echo 203.0.113.80 >node/noise
node_begin
enrol ayu
k org add "RS Melati" --kind hospital --sector health --country ID >made
k org state "RS Melati" active --reason "agreement 12" >made
for name in siaga direktur; do
    rank=$((${rank:-0} + 1))
    k contact add "RS Melati" "$name" --rank "$rank" --mail "$name@rs-melati.example" >made
    k contact verify "$rank" --reason "called them" >made
done
for last in 77 78 79 80 81; do
    echo "203.0.113.$last" >list
    k import list >made
done
org="RS Melati"

# ---- Without a rule a person looks ----

meets 203.0.113.77
until_like "1 drafted RS Melati;" warned 1,2,4
ok $? "what a sensor met is a warning for whose sensor it is"
like "$(field 1 held)" "persons: *" "that waits for a person"
is "$(field 1 class):$(field 1 marking):$(field 1 told)" "malicious-code/infected-system:TLP:AMBER:null" "with class and marking, and was told to nobody"
run k warn hold 1 --reason "we ask the vendor first"
like "$status:$(field 1 held)" "0:person: we ask the vendor first" "a person may hold it"

# ---- A rule that two persons agreed to ----

run k warn rule add --does send --class malicious-code/ --severity low --reason "agreed in June"
like "$status:$out" "0:it waits for a second person: *" "a rule wants two persons"
is "$(k warn rule list)" "" "and does not hold before"
second node codes.ayu
like "$(k warn rule list)" "1	send	malicious-code/	low	any	any	" "then it holds"
run k warn rule add --does send --class malicious-cod/ --reason x
is "$status" 2 "a class that RSIT does not have is refused"

meets 203.0.113.78
until_like "approved" field 2 state
ok $? "what the rule covers goes out by itself"
like "$(field 2 told)" "2*Z" "at once"
meets 203.0.113.79
until_like "approved" field 3 state
ok $? "another of the same class and day is approved, too"
is "$(field 3 does):$(field 3 told)" "digest:null" "but goes with the digest"
meets 203.0.113.78 2026-11-20T11:00:00
until_like 2 field 2 events
ok $? "an open warning grows"
is "$(k warn list | wc -l)" 3 "and stays one"
run k warn digest --now
is "$status:$out" "0:1 notices" "the digest may be sent by hand"
like "$(field 3 told)" "2*Z" "and tells of what waited for it"

meets 203.0.113.80
until_like "drafted" field 4 state
ok $? "what is on a warning list waits"
like "$(field 4 held)" "warning-list: ipv4 203.0.113.80 is on a warning list" "with that reason"
run k warn approve 1 --reason "the vendor agrees"
is "$status:$(field 1 state)" "0:approved" "an approved warning goes out"
run k warn approve 1 --reason "once more"
is "$status" 2 "once"

# ---- Answers ----

run k warn answer 2 acknowledged --reason "they called"
is "$status:$(field 2 state)" "0:acknowledged" "an answer can be entered for who called"
run k warn answer 2 done
is "$status:$(field 2 state)" "0:done" "and another one later"
run k warn answer 4 done
is "$status" 2 "but not to what was told to nobody"
run k warn show 2
like "$out" "*	drafted	@warn	*	approved	@warn	rule: 1*	acknowledged	local/*	they called*	done	local/*	met	2026-11-20T10:29:58.000000Z to *	192.0.2.7	203\[.\]0\[.\]113\[.\]78*" "its life is told in order, and what was met, defanged"
run k warn remind 2
is "$status" 2 "nobody is reminded of what is done"

# ---- What was wrong is corrected ----

id=$(field 3 cause)
run k indicator false-positive "$id" --reason "a resolver"
is "$status" 0 "an indicator turns out to be harmless"
until_like withdrawn field 3 state
ok $? "its warning is withdrawn"
meets 203.0.113.79 2026-11-21T09:00:00
meets 203.0.113.81 2026-11-21T09:00:00
until_like approved field 5 state
is "$(k warn list | wc -l)" 5 "and what is harmless makes no other"

# ---- Figures ----

run k stats --by class --from 2026-11-01 --until 2026-11-30
like "$out" "# 2026-11-01 to 2026-11-30 (UTC)
# events: *
# what 1 streams of 1 constituents told us*
(no class)	events	7*" "figures say of which days, what they count, and what they cover"
run k stats --by warnings --csv
like "$out" "by,key,figure,from,until,definition,coverage,value*\"drafted: one for a constituent*" "in CSV each row does"

# ---- Warning lists that change, and noise before it is taken in ----

echo 203.0.113.82 >>node/noise
kill -HUP "$server"
until_like 1 grep -c warning.lists.read log
ok $? "lists that changed are read anew"
echo 203.0.113.82 >list
k import list >made
meets 203.0.113.82 2026-11-21T10:00:00
until_like drafted field 6 state
like "$(field 6 held)" "warning-list: *" "and hold what they name now"
printf '203.0.113.80\n203.0.113.81\n203.0.113.99\n' >list
run k import --dry-run list
like "$status:$out" "0:*203*80	would have met 1 organisation; on a warning list
*203*81	would have met 1 organisation
	of 3 values 2 would have met somebody; 0 are probably noise, 1 are on a warning list" "what would be imported is shown with what it would have met"
run k import --dry-run --json list
like "$out" '*"value":"203.0.113.80","type":"ipv4","organisations":1,"count":*,"listed":true,"large":false}*' "as JSON, too"
run k search 203.0.113.99
is "$status" 1 "and nothing of it is kept"
run k doctor
like "$out" "*ok   lists: 2 values in 1 file, the newest of 20*" "the doctor knows how many values they hold, and of when"
node_end

done_testing
