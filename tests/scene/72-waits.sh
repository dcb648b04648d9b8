#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node is put back from a backup while its partner cannot be reached: the log that both keep waits, all else goes on; when
# the partner answers, what was lost comes back, and behind it what was done meanwhile.
. "${0%/*}/nodes.sh"
needs "a log that waits" python3

private()
{
    "$KENTONGAN" ledger -c "$1" show private
}

# publish NODE FIRST LAST: indicators of its own
publish()
{
    {
        printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-%012d","objects":[' "$2"
        for n in $(seq "$2" "$3"); do
            [ "$n" = "$2" ] || printf ,
            printf '{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-%012d","created_by_ref":"%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"ours-%d","pattern":"[domain-name:value = \047host%d.example\047]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}' \
                "$n" "$a" "$n" "$n"
        done
        printf ']}'
    } >bundle.json
    "$KENTONGAN" -c "$1" import bundle.json >made
}
found()
{
    "$KENTONGAN" -c "$1" search ours | grep -o 'ours-[0-9]*' | sort -u | tr -cd '0-9\n' | tr '\n' ' '
}
shared()
{
    "$KENTONGAN" ledger -c melati logs | grep -A 1 '^partner-'
}
# What stands in it.
entries()
{
    "$KENTONGAN" ledger -c melati show "$(shared | sed -n 's/^\(partner-[^	]*\).*/\1/p')"
}
# What kenanga holds of the log that melati keeps with it.
held()
{
    python3 -c 'import sqlite3
print(sqlite3.connect("kenanga/node.db", timeout=20).execute("SELECT size FROM partner_log").fetchone()[0])'
}
# Whether the last that was released is in it; a receipt behind it comes with the next.
holds_released()
{
    [ "$(held)" -gt "$(entries | sed -n 's/^{"entry":\([0-9]*\),"kind":"release".*/\1/p' | tail -n 1)" ] && echo yes
}
acts()
{
    private "$1" | sed -n 's/.*"kind":"\(ledger[^"]*\)".*/\1/p' | sort -u | tr '\n' ' '
}

for node in kenanga melati; do
    node "$node" interval=1s
    eval "$node=$server"
done
pair melati kenanga
agree melati kenanga
"$KENTONGAN" -c melati release rule add --to kenanga --type indicator --highest TLP:AMBER --reason "as agreed" >made
agreed melati
a=$(row kenanga melati node)
publish melati 1 1
until_like "1 " found kenanga
ok $? "one gives the other what was agreed"
until_like '*"kind":"receipt"*' entries

# ---- A backup, and what came after it ----

"$KENTONGAN" -c melati backup node.tar >/dev/null 2>made
publish melati 2 3
until_like "1 2 3 " found kenanga
until_like '*"kind":"receipt"*"kind":"release"*"kind":"receipt"*' entries
until_like yes holds_released
size=$(held)
end "$kenanga"
end "$melati"
mv melati lost
run "$KENTONGAN" restore node.tar melati
is "$status" 0 "the node is put back from before" || note "$err"
at=$(sed -n 's/^listen = //p' lost/node.conf)
sed -i "s/^listen = .*/listen = $at/" melati/node.conf

# ---- Nobody answers ----

begin melati
melati=$server
until_like "*	waits	*the high-water file knows * entries*" shared
ok $? "the log that both keep waits for the partner, and says why"
run "$KENTONGAN" doctor -c melati
like "$out" "*warn ledger: log partner-*waits for its partner*" "so does the doctor"
publish melati 4 4
until_like "1 4 " found melati
ok $? "the node goes on by itself"
is "$(shared | sed -n 's/.*	\([0-9]*\) of .*/\1/p' | awk -v size="$size" '{ print ($1 < size) }')" 1 "nothing is signed under that log meanwhile"

# ---- The partner is there again ----

begin kenanga
kenanga=$server
until_like "*	open	*" shared
ok $? "when the partner answers, it goes on"
until_like "1 2 3 4 " found kenanga
ok $? "and what was released meanwhile arrives"
until_like "*ledger.recovered *ledger.waits *" acts melati
ok $? "all of that is told"
received()
{
    "$KENTONGAN" -c melati release received --by kenanga 2>/dev/null | grep -c 'indicator--'
}
until_like 4 received
ok $? "what the partner ever had is listed, with proofs"
run "$KENTONGAN" ledger -c melati verify
is "$(printf '%s\n' "$out" | cut -f 2 | sort -u)" whole "all logs are whole" || note "$out"
is "$(private kenanga | grep 'is gone')" "" "and to the partner nothing of it was ever gone"
done_testing
