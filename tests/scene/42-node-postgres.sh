#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node whose database is a PostgreSQL: made, asked, and without it.
. "${0%/*}/tap.sh"

run "$KENTONGAN" init node --database "postgresql://drum:kenanga@192.0.2.1/node"
is "$status:$out" "2:" "a password on the command line is refused"
like "$err" "*~/.pgpass*" "with where it belongs"
run "$KENTONGAN" init node --database "postgresql://drum@192.0.2.1/node?password=kenanga"
is "$status:$out" "2:" "however it is written"
[ ! -e node ]
ok $? "and nothing is made"

if [ -z "${KENTONGAN_POSTGRES:-}" ]; then
    skip "a node on PostgreSQL" "PostgreSQL is not installed"
    done_testing
fi

run "$KENTONGAN" init node --name "Melati CERT" --database "$KENTONGAN_POSTGRES"
is "$status:$err" "0:" "a node is made"
like "$out" "*set-up http://*" "with its link"
[ ! -e node/node.db ]
ok $? "and no file for a database"
run "$KENTONGAN" -c node config
like "$out" "*database = postgresql:///postgres[?]...*" "the configuration says where, and no more than that"
printf 'correct drum battery\n' | "$KENTONGAN" -c node user add melur --role analyst --password-file - >told
is "$(cat told)" "melur	active	analyst	Melati CERT" "users are added"
run "$KENTONGAN" -c node org list
like "$out" "Melati CERT	own	*" "organisations are listed"
run "$KENTONGAN" -c node doctor
is "$status" 0 "the doctor has nothing against it"
like "$out" "*ok   database: * are sound; the journal goes to *" "and looked at the database"

run "$KENTONGAN" init second --database "$KENTONGAN_POSTGRES"
is "$status:$out" "2:" "a database that belongs to a node makes no second one"
like "$err" "kentongan init: the database belongs to a node already; *" "and is told as that"
[ ! -e second ]
ok $? "nothing of it is left"
run "$KENTONGAN" -c node user list
is "$(printf '%s\n' "$out" | wc -l)" 2 "and the first is as it was"

sed -i 's|^database = .*|database = postgresql://kentongan@127.0.0.1:1/node?connect_timeout=2|' node/node.conf
run "$KENTONGAN" -c node doctor
is "$status" 1 "a database that is not reached is a failure"
like "$out" "*fail database: *look at [[]node] database*" "which is told"
run "$KENTONGAN" -c node user list
is "$status:$out" "2:" "and other commands tell it too"

done_testing
