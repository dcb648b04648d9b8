#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A standing rule of warning at the console, from its proposal to the warning that goes out by it: one person proposes,
# another reads just that and agrees, and from then on what the rule covers goes out by itself. Who proposed it agrees to
# nothing, who has shown no second factor proposes nothing, and one person ends it. So it goes with the team of a sector.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "standing rules at the console" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
sed -i 's/^\[mail]$/&\nfrom = jaga@melati.example/' node/node.conf
(umask 077 && printf 'a long drum battery' >password)
kt org add "RS Melur" --kind hospital --sector health --country ID
kt org state "RS Melur" active --reason "the contract is signed"
kt contact add "RS Melur" "Ruang siaga" --mail siaga@rs-melur.example
for who in "siti duty-officer" "ayu manager" "tono duty-officer"; do
    kt user add "${who% *}" --role "${who#* }" --password-file password
done
printf '198.51.100.77\n198.51.100.78\n198.51.100.79\n' >list
kt import list

mkfifo ready
timeout --foreground 100 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r first <ready
url=${first#listening on }
url=${url%/}

# page WHO PATH [CURL-OPTION...]: "STATUS PAGE", as the browser of that person asks.
page()
{
    who=$1 path=$2
    shift 2
    curl -s -m 10 -w '\n%{http_code}' -b "jar-$who" -c "jar-$who" -H "Origin: $url" -H "Accept: text/html" "$@" \
        "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
hidden()
{
    sed -n "s/.*name=\"$1\" value=\"\\([^\"]*\\)\".*/\\1/p" answer | head -n 1
}
# post WHO PATH FIELD...: a form, with the key of this session.
post()
{
    poster=$1 target=$2
    shift 2
    for field; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    page "$poster" /about >/dev/null
    page "$poster" "$target" --data-urlencode "key=$(hidden key)" "$@"
}
# simply WHO: signs in with a password alone; sure WHO: with a second factor, too.
simply()
{
    page "$1" /sign-in >/dev/null
    page "$1" /sign-in --data-urlencode "key=$(hidden key)" -d "name=$1" --data-urlencode "password=a long drum battery" >/dev/null
}
sure()
{
    python3 "$KENTONGAN_ROOT/tests/web/codes.py" "${url#http://}" "a long drum battery" "$1" >codes || note "$(cat codes)"
    simply "$1"
    page "$1" /sign-in >/dev/null
    page "$1" /sign-in --data-urlencode "key=$(hidden key)" --data-urlencode "code=$(head -n 1 codes)" >/dev/null
}
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
simply tono
meets 77
becomes 1 drafted
ok $? "without a rule a warning waits"
like "$(page siti /warning-rules)" "200 *There is no rule: every warning waits*Propose a rule*" "and the page of rules says so"

# ---- One proposes ----

set -- "class=malicious-code/infected-system" severity=low cause_kind=indicator sector=health does=send days=
like "$(post tono /warning-rules "$@" "reason=too many wait")" "403 *" "who has shown no second factor proposes none"
like "$(post siti /warning-rules "$@" reason=)" "400 *" "nor anybody without saying why"
like "$(post siti /warning-rules "$@" "reason=agreed with the sector in June")" "303 *" "a duty officer proposes one"
like "$(page siti /warning-rules)" "200 *There is no rule: every warning waits*" "which does not hold yet"
meets 78
becomes 2 drafted
ok $? "and lets nothing out"

# ---- Another agrees ----

like "$(page ayu /approvals)" "200 *A standing rule of warning*" "another sees that it waits"
like "$(page siti /approvals/1)" "200 *agreed with the sector in June*malicious-code/infected-system*" "with all that it says"
digest=$("$KENTONGAN" -c node approval show 1 | sed -n 's/^digest   //p')
like "$(post siti /approvals/1 answer=agree "digest=$digest")" "403 *" "who proposed it is no second person"
like "$(post ayu /approvals/1 answer=agree digest=00)" "409 *" "nobody agrees to what the page did not show"
page ayu /approvals/1 >/dev/null
is "$(hidden digest)" "$digest" "the page shows what is agreed to"
like "$(post ayu /approvals/1 answer=agree "digest=$digest")" "303 *" "the other one agrees"
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
like "$(post siti /organisations/2/team sector=health "reason=decree 4")" "400 *no team or ministry*" \
    "a hospital is no team"
like "$(post siti /organisations/3/team sector=health "reason=decree 4")" "303 *" "one person proposes it"
like "$(page ayu /approvals/2)" "200 *Name the team of a sector*decree 4*health*" "another reads what it is about"
digest=$(hidden digest)
like "$(post ayu /approvals/2 answer=agree "digest=$digest")" "303 *" "and agrees"
like "$(page siti /organisations/3)" "200 *Team of the sector*health*" "then it is its team"
like "$(post siti /organisations/3/team sector= "reason=it was dissolved")" "303 *" "and one person ends that"

# ---- And ends ----

like "$(post tono /warning-rules/1/end "reason=too much goes out")" "403 *" "who has shown no second factor ends none"
like "$(post siti /warning-rules/1/end "reason=too much goes out")" "303 *" "one person ends a rule that lets things out"
like "$(page siti /warning-rules)" "200 *over*" "and it is over"

kill "$server"
wait "$server"
is "$?" 0 "the server ends in order"
done_testing
