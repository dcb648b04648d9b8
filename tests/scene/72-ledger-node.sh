#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The ledger of a node: what happens becomes entries, entries get signed heads, an interval is an entry whatever happens
# in it; who looks from outside accepts it all; and the rows of a log make its tiles anew.
. "${0%/*}/tap.sh"

trap 'kill -9 ${server:-} 2>/dev/null; rm -rf "$scene_folder"' EXIT

ledger()
{
    "$KENTONGAN" ledger -c node "$@"
}
# signed KIND: how many entries of the log of that kind have a head
signed()
{
    ledger logs --json | sed -n "s/.*\"kind\":\"$1\".*\"open\":true.*\"signed\":\([0-9]*\).*/\1/p"
}
folder_of()
{
    ledger logs --json | sed -n "s/.*\"log\":\"\([^\"]*\)\",\"kind\":\"$1\".*\"open\":true.*/\1/p"
}
# until_at_least N KIND: until so many are signed, for some seconds
until_at_least()
{
    for _ in $(seq 100); do
        [ "$(signed "$2")" -ge "$1" ] 2>/dev/null && return 0
        sleep 0.05
    done
    return 1
}
begin()
{
    mkfifo ready
    "$KENTONGAN" -c node serve >ready 2>>log &
    server=$!
    exec 8<ready
    read -r first <&8
    exec 8<&-
    rm ready
}
end()
{
    kill "$server"
    wait "$server" 2>/dev/null
    server=
}

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
sed -i 's/^#interval = .*/interval = 1s/' node/node.conf
echo 192.0.2.7 >list
"$KENTONGAN" -c node import list >/dev/null
is "$(ledger logs | cut -f 2 | tr '\n' ' ')" "open open " "a node is made with a private log and a node log"
is "$(signed private)" 0 "without a server nothing is signed"
run ledger show private
like "$out" '*"kind":"import.done"*"actor":"local/*"subject":"import/1"*' "but what happened is entered"

begin
until_at_least 3 private
ok $? "a server signs what has gathered"
until_at_least 2 node
ok $? "and makes an entry of each interval, idle or not"
is "$(ledger verify | cut -f 2 | tr '\n' ' ')" "whole whole " "tiles, signatures and rows agree"
ledger vkey node >node.vkey
ledger vkey private >private.vkey
node=node/ledger/$(folder_of node)
private=node/ledger/$(folder_of private)
cp "$private/checkpoint" yesterday
run "$KENTONGAN" ledger verify "$private" --key "$(cat private.vkey)"
is "$status" 0 "who has the folder and the key alone verifies it"
if [ -n "${LEDGER_VERIFY:-}" ]; then
    run "$LEDGER_VERIFY" "$private" "$(cat private.vkey)"
    is "$status" 0 "and so does code that is not ours" || note "$err"
    run "$LEDGER_VERIFY" "$node" "$(cat node.vkey)"
    is "$status" 0 "of the node log, too" || note "$err"
else
    skip "and so does code that is not ours" "no Go, or no golang.org/x/mod, where this was built"
    skip "of the node log, too" "no Go, or no golang.org/x/mod, where this was built"
fi
size=$(signed private)
echo 192.0.2.8 >list
"$KENTONGAN" -c node import list >/dev/null
until_at_least $((size + 1)) private
run "$KENTONGAN" ledger verify "$private" --key "$(cat private.vkey)" --since yesterday
is "$status" 0 "it goes on from the checkpoint of before"

run ledger anchor private
like "$status:$out" '0:{"count":64,"entry":*/private*"path":*' "the node log commits to it" || note "$err"
ledger prove private 1 >proof
run "$KENTONGAN" ledger check-proof proof --key "$(cat private.vkey)"
is "$status" 0 "an entry is proved by a file"
like "$out" "*field kind: *" "which says what was entered"
sed 's/^\([^ ]\{30\}\)./\1x/' proof >forged
run "$KENTONGAN" ledger check-proof forged --key "$(cat private.vkey)"
is "$(test "$status" -ne 0 && echo refused)" refused "an altered one is refused"

run ledger erase private 1 detail --reason "a court said so"
like "$status:$out" "0:waits for a second person: *" "what was entered is erased by two persons"
end
cp node.high-water high-water
is "$(wc -l <high-water | awk '{print ($1 >= 2)}')" 1 "the high-water file lies beside the folder"

cp -r "$private" aside
run ledger rebuild "$(folder_of private)"
is "$status" 0 "tiles are written anew from rows" || note "$err"
(cd "$private" && find tile -type f) | while read -r tile; do
    cmp "aside/tile/${tile#tile/}" "$private/$tile"
done >different 2>&1
is "$(cat different)" "" "the same tiles"
is "$(ledger verify | cut -f 2 | tr '\n' ' ')" "whole whole " "and all is whole"

# ---- A backup, put back where the node was ----

acts()
{
    "$KENTONGAN" ledger -c node show private | sed -n 's/.*"kind":"\(ledger[^"]*\)".*"subject":"\([^"]*\)".*/\1 \2/p'
}
"$KENTONGAN" -c node backup node.tar >/dev/null 2>backup.err || note "$(cat backup.err)"
size=$(signed private)
begin
"$KENTONGAN" -c node import list >/dev/null
until_at_least $((size + 1)) private
end
mv node lost
run "$KENTONGAN" restore node.tar node
is "$status" 0 "the node is put back from a backup" || note "$err"
begin
until_at_least 3 private
end
like "$(acts)" "*ledger.renewed ledger/private-*" "it notices that it knows less than it had signed, and says so"
is "$(ledger verify | cut -f 2 | sort -u)" whole "and goes on, whole"
done_testing
