#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A tampered ledger: an entry is edited, one is deleted, a database is put back, a clock is set back, and a log shows two
# faces. Each is found by the node itself or by its partners within an interval, with the first bad entry named.
. "${0%/*}/nodes.sh"

# sql FILE TEXT: changes a database as who has the machine could.
sql()
{
    python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20)
print(*(row[0] for row in db.execute(sys.argv[2])), sep="\n", end="")
db.commit()' "$1" "$2"
}
ledger()
{
    node=$1
    shift
    "$KENTONGAN" ledger -c "$node" "$@"
}
acts()
{
    sql "$1/node.db" "SELECT act || ' ' || detail FROM journal WHERE act LIKE 'ledger.%' ORDER BY seq"
}
log_of()
{
    sql "$1/node.db" "SELECT number FROM log WHERE kind = '$2' AND state = 'open'"
}
words()
{
    "$KENTONGAN" -c "$1" partner show "$2" | sed -n "s/^theirs  *//p"
}
# pair NODE NAME OTHER NAME: they become partners
pair()
{
    "$KENTONGAN" -c "$1" partner introduce -o "$1.json"
    "$KENTONGAN" -c "$3" partner introduce -o "$3.json"
    "$KENTONGAN" -c "$1" partner add "$3.json" >/dev/null
    "$KENTONGAN" -c "$3" partner add "$1.json" >/dev/null
    # shellcheck disable=SC2046 # each word is an argument
    "$KENTONGAN" -c "$1" partner confirm "$4" $(words "$1" "$4") >/dev/null
    # shellcheck disable=SC2046
    "$KENTONGAN" -c "$3" partner confirm "$2" $(words "$3" "$2") >/dev/null
}
state()
{
    "$KENTONGAN" -c "$1" partner list | cut -f 1,2 | grep "^$2"
}

for node in mawar melati kenanga; do
    "$KENTONGAN" init $node --name "$node" --listen 127.0.0.1:0 >made || exit 2
    sed -i 's/^#interval = .*/interval = 1s/' $node/node.conf
done
begin mawar
mawar=$server
begin melati
melati=$server
begin kenanga
kenanga=$server
pair mawar mawar melati melati
pair mawar mawar kenanga kenanga
pair melati melati kenanga kenanga
until_like "*active" state melati mawar
until_like "*active" state kenanga mawar
until_like "*active" state melati kenanga
ok $? "three nodes are partners"

# ---- Witnesses ----

checkpoint()
{
    cat mawar/ledger/node-*/checkpoint
}
until_like "*/node *
*/witness *
*/witness *" checkpoint
ok $? "both others cosign the node log of one"

at=$(sed -n 's/^listen = //p' mawar/node.conf)
run "$KENTONGAN" ledger -c melati verify "http://$at/ledger/node"
like "$status:$out" "0:*/node	whole: * entries" "a partner reads a log whole over the wire" || note "$err"
run "$KENTONGAN" ledger -c melati verify "http://$at/ledger/$(ledger mawar logs | cut -f 1 | grep private)"
is "$status:$out" "2:" "one that is not for it is not there"

# ---- Edited, deleted ----

number=$(log_of mawar private)
sql mawar/node.db "UPDATE journal SET subject = 'nothing' WHERE seq = (SELECT first + 2 FROM log WHERE number = $number)"
number=$(log_of melati node)
sql melati/node.db "UPDATE log_entry SET opening = (SELECT opening FROM log_entry WHERE log = $number AND seq = 0) WHERE log = $number AND seq = 1"
number=$(log_of kenanga node)
until_like "[3-9]*" sql kenanga/node.db "SELECT size FROM log WHERE number = $number"
sql kenanga/node.db "DELETE FROM log_entry WHERE log = $number AND seq = 2"
until_like "*entry 2 of log private-*" ledger mawar logs
ok $? "an edited row of the journal is found by the node, and its entry named"
until_like "*entry 1 of log node-*" ledger melati logs
ok $? "so is an edited entry"
until_like "*entry 2 of log node-*" ledger kenanga logs
ok $? "and a deleted one"
run ledger kenanga clear node --reason "we looked"
like "$status:$out" "0:waits for a second person*" "it goes on when two persons say so"
until_like "*ledger.doubt *its node log rests at *" acts mawar
ok $? "partners are told that a node does not sign any more"

# ---- Put back; a clock ----

put_back()
{
    sql "$1/node.db" "UPDATE log SET alarm = ''"
    sql "$1/node.db" "DELETE FROM log_entry WHERE log = $(log_of "$1" node) AND seq > 0"
    sql "$1/node.db" "DELETE FROM log_head WHERE log = $(log_of "$1" node)"
    sql "$1/node.db" "UPDATE log SET size = 1 WHERE kind = 'node'"
}
kill "$mawar" "$melati" "$kenanga"
wait "$mawar" "$melati" "$kenanga" 2>/dev/null
put_back melati
put_back kenanga
rm -rf kenanga.high-water kenanga/ledger/*
begin mawar
mawar=$server
begin melati
melati=$server
begin kenanga
kenanga=$server
until_like "*ledger.renewed *known-size*the high-water file*" acts melati
ok $? "a database that was put back is noticed by the high-water file, and told as a gap"
until_like "*/node
*/node/????????*" ledger melati logs
ok $? "the log goes on under an origin that cites both"
until_like "*ledger.renewed *\"known-by\":\"partner *" acts kenanga
ok $? "without that file, by what partners saw"
sql melati/node.db "UPDATE log_head SET signed_us = signed_us + 3600000000"
until_like "*ledger.alarm *seconds behind the last head*" acts melati
ok $? "a clock behind the last head is found, and nothing is signed"
sql melati/node.db "UPDATE log_head SET signed_us = signed_us - 3600000000"
until_like "*ledger.cleared*" acts melati
ok $? "until it is right again"

# ---- Two faces ----

end "$mawar"
cp -r mawar twin
sed -i 's/^listen = .*/listen = 127.0.0.1:0/' twin/node.conf
sql twin/node.db "UPDATE partner SET url = ''" # it keeps away from who could tell
begin twin
twin=$server
twin_url=http://127.0.0.1:${port%/}/
begin mawar
mawar=$server
own=$(sql mawar/node.db "SELECT identity FROM organisation WHERE relation = 'own'")
sql kenanga/node.db "UPDATE partner SET url = '$twin_url' WHERE node = '$own'"
until_like "1	partner *	*/node	*	open" ledger melati splits
ok $? "two partners who compare what they saw find two faces of a log"
run "$KENTONGAN" -c melati partner show mawar
like "$out" "*its log *has two faces*" "and nothing is released to it until people decide"
ledger melati proof 1 >proof
run "$KENTONGAN" ledger check-proof proof --key "$(ledger mawar vkey node)"
is "$status" 0 "the proof convicts it without a node" || note "$out$err"
run ledger melati forgive mawar --reason "the twin was a drill"
like "$status:$out" "0:waits for a second person*" "two persons go on with it"
done_testing
