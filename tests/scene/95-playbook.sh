#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A playbook for ransomware is looked at, taken in, approved and started in an incident: its steps are tasks that wait for
# those before them and for people, however long that takes, and nothing is run. One that attacks is a text. One that was
# changed after it was signed, lacks a step or goes in a ring is refused with its place.
. "${0%/*}/tap.sh"

k()
{
    "$KENTONGAN" -c node "$@"
}
# number TITLE: of the task that begins so.
number()
{
    k task list --json | sed -n "s/^{\"number\":\([0-9]*\),.*\"title\":\"$1.*/\1/p"
}

data=$KENTONGAN_ROOT/tests/data/playbook
books=$KENTONGAN_ROOT/etc/playbooks
"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
k incident open "Ransomware di RS Melati" --class malicious-code/infected-system --severity critical >made

# ---- What is wrong is found out ----

run "$KENTONGAN" check "$books"/*.json
is "$status:$(printf '%s\n' "$out" | grep -c 'ok (playbook)$')" "0:4" "those that are shipped are good"
sed 's/Ask the owner/Ask nobody/' "$data/signed-rs256.json" >changed.json
run "$KENTONGAN" check "$data/signed-rs256.json" changed.json
like "$status:$out" "1:*signed-rs256.json: ok*changed.json:*the signature does not hold*[[]CACAO 2.0 section 10.15]" \
    "a playbook that was changed after it was signed is found out"
run k playbook add changed.json
like "$status:$err" "2:*changed.json:*the signature does not hold*" "and is not taken in"
sed '/"on_true": "playbook-action/s/"playbook-action[^"]*"/"action--7d000000-0000-4000-8000-000000000011"/' "$data/each-type.json" >ring.json
run "$KENTONGAN" check ring.json
like "$status:$out" "1:ring.json:*a way leads back to it, for ever*" "so is a ring"
sed '/"next_steps"/,/]/s/000000000013/000000000099/' "$data/each-type.json" >missing.json
run "$KENTONGAN" check missing.json
like "$status:$out" "1:*missing.json:*there is no such step in the workflow*" "and a step that is missing"
is "$(k playbook list)" "" "nothing of these is kept"

# ---- A playbook is begun ----

run k playbook add "$books/ransomware.json" --class malicious-code/infected-system
like "$status:$out" "0:1	draft	none	investigation mitigation remediation	malicious-code/infected-system	*" "one is taken in as a draft"
k playbook show 1 --raw >raw
is "$(cmp raw "$books/ransomware.json")" "" "byte for byte"
run k playbook start 1 1
like "$status:$err" "2:*playbook 1 is draft: approve it first*" "a draft is not begun"
k playbook approve 1 --reason "read by the team" >made
run k playbook start 1 1
is "$status:$out" "0:playbook 1 is started in incident 1: 11 tasks" "each step in which somebody does or decides something is a task"
run k incident show 1
like "$out" "*playbook.started*" "the incident's timeline says so"
run k task state "$(number 'Find the way in')" doing
like "$status:$err" "2:*waits for 3 others*" "what comes behind waits for all that is side by side"
k task state "$(number Confirm)" done --result "Twelve machines." >made
run k task state "$(number 'Keep evidence')" doing
is "$status" 0 "what is side by side is done at once"
run k task state "$(number 'Isolate what')" doing
like "$status:$err" "2:*waits for 1 others*" "nothing is cut off before its owner's word"
run k playbook start 1 1
like "$status:$err" "2:*started in that incident before*" "it is begun once"

# ---- One that attacks ----

k playbook add "$data/attack.json" >made
k playbook approve 2 >made
run k playbook start 2 1
like "$status:$err" "2:*it is a text, and nothing of it is ever started*" "one that attacks is a text"
k playbook add "$data/each-type.json" >made 2>&1
like "$(cat made)" "*is here already*" "a version that is here is not changed"
k playbook retire 1 --reason "a newer one" >made
like "$(cat made)" "1	retired	*" "one that is retired stays to be read"

# ---- Who is responsible ----

k org add "RS Melati" --kind hospital --sector health --country ID >made
run k incident open "Phishing on behalf of RS Melati" --class fraud/phishing --severity high
like "$out" "2	*lead	own	Melati CERT	proposed*informed	Police		nobody here is called so*" "the table proposes who leads when an incident is opened"
run k incident responsible 2 --take
like "$out" "lead	own	Melati CERT	is so*" "it is taken as proposed"
run k incident party 2 lead "RS Melati"
like "$status:$err" "2:*why? --reason*" "to have it otherwise takes a reason"
printf '[file]\nversion = 2\nsource = our board\n[responsible all]\nlead = RS Melati\n' >node/responsibility.conf
run k incident responsible 2
is "$out" "lead	RS Melati	RS Melati	proposed" "the node's own table comes instead"
printf '[file]\nversion = 2\nsource = our board\n[responsible all]\nlead = \nleads = x\n' >node/responsibility.conf
run k incident open "Another"
like "$status:$err" "2:*responsibility.conf:5:*" "with a table that is wrong, its place is told"
run "$KENTONGAN" check --as responsibility node/responsibility.conf "$KENTONGAN_ROOT/etc/responsibility.conf"
like "$status:$out" "1:*responsibility.conf:5:*responsibility.conf: ok*" "which check tells without a node"
is "$(k incident list | wc -l)" 2 "and no incident is opened half"

done_testing
