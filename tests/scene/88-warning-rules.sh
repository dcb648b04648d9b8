#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A standing rule of warning at the console, from its proposal to the warning that goes out by it: one person proposes,
# another reads just that and agrees, and from then on what the rule covers goes out by itself. Who proposed it agrees to
# nothing, who has shown no second factor proposes nothing, and one person ends it. So it goes with the team of a sector.
. "${0%/*}/node.sh"
needs "standing rules at the console" curl

node_init "Melati CERT"
sets node from=jaga@melati.example
kt org add "RS Melur" --kind hospital --sector health --country ID
kt org state "RS Melur" active --reason "the contract is signed"
kt contact add "RS Melur" "Ruang siaga" --mail siaga@rs-melur.example
for who in "siti duty-officer" "ayu manager" "tono duty-officer"; do
    kt user add "${who% *}" --role "${who#* }" --password-file password
done
printf '198.51.100.77\n198.51.100.78\n198.51.100.79\n' >list
kt import list

node_begin

# meets LAST: a sensor of the hospital sees that one of its machines talks to that address.
meets()
{
    printf '{"timestamp":"2026-11-21T20:00:%s.000000+0000","event_type":"flow","src_ip":"192.0.2.9","src_port":51234,"dest_ip":"198.51.100.%s","dest_port":443,"proto":"TCP"}\n' \
        "$(($1 - 60))" "$1" >>eve.json
    kt ingest --stream melur --org "RS Melur" eve.json
}
# becomes N STATE: that warning has it, within some seconds.
becomes()
{
    for _ in $(seq 200); do
        "$KENTONGAN" -c node warn list --json >list.json
        grep -q "^{\"number\":$1,.*\"state\":\"$2\"" list.json && return 0
        sleep 0.05
    done
    note "$(cat list.json)"
    return 1
}

sure siti
sure ayu
signs_in tono >/dev/null
meets 77
becomes 1 drafted
ok $? "without a rule a warning waits"
like "$(page siti /warning-rules)" "200 *There is no rule: every warning waits*Propose a rule*" "and the page of rules says so"

# ---- One proposes ----

set -- "class=malicious-code/infected-system" severity=low cause_kind=indicator sector=health does=send days=
like "$(submit tono /warning-rules "$@" "reason=too many wait")" "403 *" "who has shown no second factor proposes none"
like "$(submit siti /warning-rules "$@" reason=)" "400 *" "nor anybody without saying why"
like "$(submit siti /warning-rules "$@" "reason=agreed with the sector in June")" "303 *" "a duty officer proposes one"
like "$(page siti /warning-rules)" "200 *There is no rule: every warning waits*" "which does not hold yet"
meets 78
becomes 2 drafted
ok $? "and lets nothing out"

# ---- Another agrees ----

like "$(page ayu /approvals)" "200 *A standing rule of warning*" "another sees that it waits"
like "$(page siti /approvals/1)" "200 *agreed with the sector in June*malicious-code/infected-system*" "with all that it says"
digest=$("$KENTONGAN" -c node approval show 1 | sed -n 's/^digest   //p')
like "$(submit siti /approvals/1 answer=agree "digest=$digest")" "403 *" "who proposed it is no second person"
like "$(submit ayu /approvals/1 answer=agree digest=00)" "409 *" "nobody agrees to what the page did not show"
page ayu /approvals/1 >/dev/null
is "$(hidden digest)" "$digest" "the page shows what is agreed to"
like "$(submit ayu /approvals/1 answer=agree "digest=$digest")" "303 *" "the other one agrees"
like "$(page siti /warning-rules)" "200 *Infected system*goes out at once*health*by two persons*" "and it holds"

# ---- A warning goes out by it ----

meets 79
becomes 3 approved
ok $? "what it covers goes out by itself"
shown=$(page siti /warnings/3)
like "$shown" "200 *Its life*drafted*@warn*approved*@warn*rule: 1*What was told*Ruang siaga*mail*" "by that rule, and was told"
becomes 2 drafted
ok $? "what waited before waits on"

# ---- The team of the sector ----

kt org add "TTIS Kesehatan" --kind team --sector health --country ID
kt org state "TTIS Kesehatan" active --reason "decree 4"
like "$(page siti /organisations/3)" "200 *The team of a sector*Propose it*" "the page of a team has a form for its sector"
like "$(submit siti /organisations/2/team sector=health "reason=decree 4")" "400 *no team or ministry*" \
    "a hospital is no team"
like "$(submit siti /organisations/3/team sector=health "reason=decree 4")" "303 *" "one person proposes it"
like "$(page ayu /approvals/2)" "200 *Name the team of a sector*decree 4*health*" "another reads what it is about"
digest=$(hidden digest)
like "$(submit ayu /approvals/2 answer=agree "digest=$digest")" "303 *" "and agrees"
like "$(page siti /organisations/3)" "200 *Team of the sector*health*" "then it is its team"
like "$(submit siti /organisations/3/team sector= "reason=it was dissolved")" "303 *" "and one person ends that"

# ---- And ends ----

like "$(submit tono /warning-rules/1/end "reason=too much goes out")" "403 *" "who has shown no second factor ends none"
like "$(submit siti /warning-rules/1/end "reason=too much goes out")" "303 *" "one person ends a rule that lets things out"
like "$(page siti /warning-rules)" "200 *over*" "and it is over"

node_end
is "$?" 0 "the server ends in order"
done_testing
