#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An incident from the night nurse's call to its end: opened, triaged, with a victim, tasks that wait for each other and
# for a clinical owner, what was seen and what it costs; when it was known is told once and changed by two persons only,
# what was before stays; what is critical is closed by two; nothing of a text from outside reaches the terminal as orders.
. "${0%/*}/node.sh"

# field N NAME: a field of one incident.
field()
{
    k incident list --all --json | sed -n "s/^{\"number\":$1,.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

node_init "Melati CERT"
k user add wati --role coordinator --password-file password >made || exit 2
node_begin
enrol wati
k org add "RS Melati" --kind hospital --sector health --country ID >made
k org state "RS Melati" active --reason "agreement 12" >made

# ---- It begins ----

run k incident open "Ransomware di RS Melati" --class information-content-security/unauthorised-information-modification \
    --local-class ransomware --severity critical --criticality 90 --vital --personal-data --known 2026-11-20T22:40:00+07:00
is "$status:$(field 1 state):$(field 1 known)" "0:new:2026-11-20T15:40:00.000000Z" "an incident has the moment when it was known"
is "$(field 1 marking)" "TLP:AMBER" "and a marking from the first"
run k incident open "Something" --class malicious-code/ransom
like "$status:$err" "2:*class: *RSIT*" "a class that RSIT does not have is refused"
k incident state 1 triaged >made && k incident state 1 open >made
is "$(field 1 state)" "open" "it is triaged and opened"
run k incident state 1 published
like "$status:$err" "2:*incident 1 is open: it cannot be published*" "it goes along its ways only"
run k incident party 1 victim "RS Melati" --reason "they called"
is "$status:$(k incident list --org "RS Melati" | cut -f 1)" "0:1" "whose it is has it on their list"

# ---- Found ----

k incident note 1 "The ransom note names lockers.example" >made
is "$(k incident list --search ransomware | cut -f 1):$(k incident list --search lockers[.]example | cut -f 1)" "1:1" \
    "it is found by its title and by what its timeline says"
is "$(k incident list --search '"rs melati"' | cut -f 1):$(k incident list --search 1 | cut -f 1)" "1:1" \
    "by whom it concerns, and by its number"
run k incident list --search "absent"
is "$status:$out" "0:" "by nothing that nobody said"
run k incident list --search 'lo*'
like "$status:$err" "2:*at least 3 letters before the star*" "and not by what nearly everything begins with"
k report take --name "Pak Joko" --mail joko@toko.example --subject "Somebody uses our name" --text "See lapak-murah.example" >made
is "$(k report list --search lapak-murah.example | cut -f 1):$(k report list --search '"uses our name"' | cut -f 1)" "1:1" \
    "a report is found by what was told"
is "$(k report list --search joko)$(k report list --search toko.example)" "" "and not by who told it"

# ---- Tasks ----

k task add 1 "Keep what is in memory" >made
k task add 1 "Isolate the laboratory" --org "RS Melati" --agreed-by "clinical owner" --after 1 --due 2026-11-21T01:00:00+07:00 >made
run k task state 2 doing
like "$status:$err" "2:*waits for the word of clinical owner*" "no machine is cut off before its clinical owner agrees"
k task agree 2 "dr. Ayu, by telephone" >made
run k task state 2 doing
like "$status:$err" "2:*waits for 1 others*" "nor before what comes first"
k task state 1 done --result "Two images." >made
k task state 2 done --result "Twelve machines." >made
is "$(k task list --org "RS Melati")" "" "then it is done"

# ---- What is known of it ----

k incident observable 1 domain 'Pay[.]Evil.example' >made
run k incident show 1
like "$out" "*observable	domain	pay?.?evil?.?example	0*" "what was seen is shown defanged"
k incident impact 1 loss unknown >made
k incident impact 1 procedures-postponed 12 20 --basis "ward list" --confidence high >made
run k incident show 1
like "$out" "*impact	loss	unknown	unknown*impact	procedures-postponed	12	20*" "an unknown loss is not nought"
run k incident impact 1 loss 5 7
like "$status:$err" "2:*currency*" "money has a currency"
k incident note 1 "$(printf 'They said: \033[2J\nnothing works.')" >made 2>&1
like "$?" 2 "a note with orders for a terminal is refused"
k incident note 1 "$(printf 'Nothing works.\nThe night nurse called.')" --kind event --at 2026-11-20T22:41:00+07:00 --source "telephone" >made
run k incident show 1
like "$out" "*entry	2	2026-11-20T15:41:00.000000Z	event	*Nothing works.*telephone*" "what people write stands in the timeline"
like "$out" "*journal	*incident.new*incident.triaged*incident.opened*" "which writes itself from the journal"

# ---- What takes two ----

run k incident set 1 known=2026-11-20T23:40:00+07:00
like "$status:$err" "2:*two persons change it*" "when it was known is told once"
run k incident time 1 known 2026-11-20T23:40:00+07:00 --reason "the log says so"
like "$status:$out" "0:it waits for a second person: *" "another moment is proposed"
is "$(field 1 known)" "2026-11-20T15:40:00.000000Z" "and changes nothing before"
second node codes.wati wati
is "$(field 1 known)" "2026-11-20T16:40:00.000000Z" "the second person's word changes it"
run k incident show 1
like "$out" "*incident.time*before*15:40*after*16:40*" "and what was before stays"
like "$out" "*time	known	2026-11-20T15:40:00.000000Z	2026-11-20T16:40:00.000000Z	local/*	wati	the log says so*" "with who proposed and who agreed"
run k incident state 1 closed --reason "all is well"
is "$status" 2 "one person does not close what is critical"
k incident close 1 --reason "all is well" >made
second node codes.wati wati
is "$(field 1 state)" "closed" "two do"
run k incident set 1 marking=TLP:GREEN
like "$status:$err" "2:*two persons*" "nobody alone makes its marking wider"
run k incident show 7
is "$status" 2 "there is no other"

node_end
done_testing
