#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk's image is taken as evidence: sealed on disk, never there as it came, each hand that it goes through signed. It
# is handed to the police by two persons; their officer sees the package and nothing else; the package is verified with
# sha256sum and openssl by the commands of its own page, without kentongan, and one byte that changes anywhere is named.
# What is held is not destroyed, what is destroyed is gone, and a backup carries it all.
. "${0%/*}/node.sh"

# sealed N: the file in which an item lies.
sealed()
{
    digest=$(k evidence list --json | sed -n "s/^{\"number\":\"$1\",.*\"sha256\":\"\([^\"]*\).*/\1/p")
    find node/evidence -name "${digest#??}-*" | sed -n 1p
}
# flip FILE PLACE: changes one bit of the byte at that place, from 0.
flip()
{
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# check FOLDER PAGE: gives the commands of a page of the package, where there is no kentongan.
check()
{
    sed -n 's/^    //p' "$1/$2" >commands
    (cd "$1" && env -i PATH=/usr/bin:/bin sh -e ../commands) >checked 2>&1
}

node_init "Melati CERT"
k org add "Polri" --kind police --sector government --country ID >made
k org state "Polri" active --reason "memorandum 3" >made
k user add wati --role coordinator --password-file password >made || exit 2
k user add iwan --org "Polri" --role liaison --password-file password >made || exit 2
node_begin
enrol wati iwan
k incident open "Ransomware di RS Melati" --class malicious-code/infected-system >made
k incident open "Another case" --class malicious-code/infected-system >made

# ---- It is taken ----

i=0
while [ $i -lt 4000 ]; do
    echo "a secret line of the disk's image, number $i"
    i=$((i + 1))
done >disk.img
echo "a note that lay beside it" >"a note.txt"
run k evidence take 1 disk.img --what "Disk of the file server"
like "$status:$err" "2:*place where it was taken*" "evidence says where it was taken, with what, and on which basis"
is "$(find node/evidence -type f)" "" "what is refused leaves no file"
run k evidence take 1 disk.img --what "Disk of the file server" --place "RS Melati, room 4" --tool "dd 9.1, bs=1M" \
    --basis "order 12" --clock-ahead 4200
like "$status:$out" "0:1	1	sealed	*	$(sha256sum <disk.img | cut -c 1-64)	disk.img	*" "its SHA-256 is taken at once"
k evidence take 1 - --name "a note; rm -rf *" --what "A note" --place "room 4" --tool "cat" --basis "order 12" <"a note.txt" >made
k evidence take 2 disk.img --what "Another" --place "room 5" --tool "dd" --basis "order 13" \
    --keep-until 2026-01-31T00:00:00Z >made
like "$(k evidence list 2):$("$KENTONGAN" doctor -c node)" "3	2	sealed	*	2026-01-31*:*warn evidence: 1 are past the time*" \
    "what is past its time is told, and stays until two persons destroy it"
is "$(grep -rl "secret line" node)" "" "nothing of it lies there as it came"
is "$(k evidence list 1 | wc -l)" 2 "an incident has its evidence"
k evidence copy 1 copied --reason "analysis" && cmp copied disk.img
ok $? "a copy is what was taken"
like "$(k evidence show 1)" "*1	acquired	*2	copied	*analysis*" "and an entry of its custody"
run k evidence verify
is "$status:$out" "0:1	yes
2	yes
3	yes" "all of it is what was sealed"

# ---- A byte that changes at rest ----

file=$(sealed 2)
size=$(stat -c %s "$file")
at=0
named=0
while [ $at -lt "$size" ]; do
    flip "$file" $at
    k evidence verify 2 2>/dev/null | grep -q "$file" && named=$((named + 1))
    flip "$file" $at
    at=$((at + 61))
done
is "$named" $(((size + 60) / 61)) "a byte that was changed at rest is named with its file"
mv "$file" gone
run k evidence verify
like "$status:$out" "2:1	yes*2	*$file*3	yes" "one that is gone, too, and the others are looked at"
mv gone "$file"

# ---- Two persons hand it over ----

run k evidence package
is "$status:$out" "0:" "nothing is a package before"
run k evidence hand 1 1 --org "Polri" --reason "their request 7"
like "$status:$err" "2:*evidence 1 is named twice*" "each item is named once"
k evidence hand 1 2 --org "Polri" --reason "their request 7" --reference "LP/7/2026" >made
is "$(k evidence package)" "" "one person hands nothing over"
second node codes.wati wati
like "$(k evidence package)" "1	*	Polri	LP/7/2026		" "two do"
run k evidence hand 1 3 --org "Polri" --reason "more"
second node codes.wati wati
is "$(k evidence package | wc -l)" 1 "items of two incidents are no package"
run as iwan evidence list
like "$status:$out:$err" "2::*may not verify evidence*" "the officer of the police sees no list of evidence"
run as iwan incident show 1
like "$status:$err" "[12]:*" "and no incident"
run as iwan evidence copy 1 mine --reason "I want it"
like "$status:$err:$(ls mine 2>/dev/null)" "2:*may not take evidence*:" "and takes no copy"
run as iwan evidence package
like "$status:$out" "0:1	*LP/7/2026*" "but the package for the police"
run as iwan evidence package 1 package
is "$status" 0 "and takes it"
like "$(k evidence show 1)" "*handed-over	*	Polri	their request 7*received	*iwan*package 1*" "which the custody tells"

# ---- It is verified without kentongan ----

for page in HOWTO.en HOWTO.id; do
    check package $page
    is $? 0 "the commands of $page find nothing wrong" || note "$(cat checked)"
done
is "$(sed -n 's/^    //p' package/HOWTO.en)" "$(sed -n 's/^    //p' package/HOWTO.id)" "both pages have the same commands"
cmp package/evidence/000001-disk.img disk.img
ok $? "the image is in it"
is "$(ls package/evidence | tail -n 1)" "000002-a-note--rm--rf--" "a name that a shell could take for orders is none any more"
missed=
for file in $(cd package && find . -type f | sort); do
    size=$(stat -c %s "package/$file")
    for at in $((size / 2)) $((size - 1)); do
        flip "package/$file" $at
        # The page itself may be what was changed: the commands are those of the one that was read before.
        (cd package && env -i PATH=/usr/bin:/bin sh -e ../commands) >checked 2>&1 && missed="$missed $file:$at"
        grep -q "${file#./}" checked || missed="$missed $file:$at"
        flip "package/$file" $at
    done
done
is "$missed" "" "one byte that changes anywhere in it is named"
cp package/custody/000001-0002.json kept
rm package/custody/000001-0002.json
check package HOWTO.en
like "$?:$(cat checked)" "[!0]*000001-0002.json*" "so is an entry that is missing"
cp kept package/custody/000001-0002.json
touch package/custody/more.txt
check package HOWTO.en
ok $((! $?)) "and something that was added"

# ---- Who took it signs, too ----

openssl genpkey -algorithm ed25519 -out iwan.key 2>/dev/null && openssl pkey -in iwan.key -pubout -out iwan.pub
step=$(k evidence show 1 | sed -n 's/^\([0-9]*\)	handed-over	.*/\1/p')
openssl pkeyutl -sign -rawin -inkey iwan.key -in "package/custody/000001-000$step.json" -out signature
run as iwan evidence sign 1 $((step + 1)) signature --key iwan.pub
like "$status:$err" "2:*no signature of this entry*" "a signature of another entry is none"
run as iwan evidence sign 3 1 signature --key iwan.pub
like "$status:$err" "2:*no such evidence*" "evidence that was not handed to them is not there for them"
run as iwan evidence sign 1 "$step" signature --key iwan.pub
is "$status:$err" "0:" "the hand-over has the signature of who took it"
run k evidence sign 1 "$step" signature --key iwan.pub
is "$status" 2 "once"
k evidence package 1 again && check again HOWTO.id
is "$?:$(ls again/custody | grep -c taker)" "0:2" "which the next package shows, and openssl verifies" || note "$(cat checked)"
flip "again/custody/000001-000$step.taker.sig" 9
check again HOWTO.en
like "$?:$(cat checked)" "[!0]*taker.sig*" "one byte of it is named as well"

node_end
"$KENTONGAN" -c node ledger vkey private >vkeys
k evidence package 1 third && cmp vkeys third/ledger/vkeys
ok $? "with the keys by which proofs of the log are checked"

# ---- Held, and destroyed ----

k evidence hold 2 --until 2099-01-01T00:00:00Z --reason "the court's order" >made
second node codes.wati wati
k evidence destroy 2 --reason "order 14" >made
second node codes.wati wati
like "$(k evidence list)" "*2	1	sealed	*2099-01-01*" "what is held is not destroyed"
k evidence hold 2 --reason "the court's word of today" >made
second node codes.wati wati
file=$(sealed 2)
k evidence destroy 2 --reason "order 15" >made
second node codes.wati wati
run k evidence copy 2 more --reason "too late"
like "$status:$err:$(ls more 2>/dev/null)" "2:*was destroyed*:" "what was destroyed nobody reads"
run k evidence verify
is "$status:$(ls "$file" 2>/dev/null)" "0:" "its file is gone"
like "$(k evidence show 2)" "*acquired*handed-over*destroyed	*order 15*" "its custody stays"

# ---- A backup has it ----

if [ -z "${KENTONGAN_POSTGRES:-}" ]; then
    k backup kept.tar >made 2>&1 && "$KENTONGAN" restore kept.tar restored >made 2>&1
    run "$KENTONGAN" -c restored evidence verify
    is "$status:$out" "0:1	yes
2	yes
3	yes" "a backup carries it, and it opens where that is restored" || note "$(cat made)"
fi
done_testing
