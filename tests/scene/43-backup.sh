#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node is put into one file while it works, and made again from it: on PostgreSQL where there is one, else on SQLite.
. "${0%/*}/tap.sh"

engine=${KENTONGAN_POSTGRES:+postgresql}
engine=${engine:-sqlite}
if [ $engine = postgresql ] && ! command -v psql >/dev/null; then
    skip "all of it on PostgreSQL" "psql is not installed"
    done_testing
fi

# ---- Names of databases: on PostgreSQL each node has one of its own ----

# url NAME: of a new, empty database, or nothing on SQLite.
url()
{
    [ "$engine" = postgresql ] || return 0
    psql -q "$KENTONGAN_POSTGRES" -c "CREATE DATABASE $1" >&2
    printf '%s' "$KENTONGAN_POSTGRES" | sed "s|/postgres?|/$1?|"
}

# init NODE, restore FILE NODE: with such a database where there has to be one.
init()
{
    where=$(url "$1")
    run "$KENTONGAN" init "$1" --name "Melati CERT" ${where:+--database "$where"}
}
restore()
{
    where=$(url "$2")
    run "$KENTONGAN" restore ${where:+--database "$where"} "$@"
}

# stages: what a backup or restore that was broken off has left.
stages()
{
    find . -name '.kentongan-*' -prune | wc -l
}

# take NODE FILE: into the node, whatever is said of it.
take()
{
    "$KENTONGAN" -c "$1" import "$2" >/dev/null 2>&1
}

# values NODE: how many indicators are seen there.
values()
{
    "$KENTONGAN" -c "$1" export --as csv | tail -n +2 | wc -l
}

# A backup of a node at rest.
at_rest()
{
    init quiet
    is "$status:$err" "0:" "$engine: a node is made"
    seq -f 'first%.0f.example' 1 500 >first.txt
    take quiet first.txt
    mkdir -p quiet/evidence/ab quiet/ledger/tile/0
    printf 'a mail that came' >quiet/evidence/ab/cdef
    printf 'half written' >quiet/evidence/.cdef.part
    head -c 8192 /dev/zero >quiet/ledger/tile/0/000
    echo damaged >quiet/index/base

    run "$KENTONGAN" -c quiet backup quiet.tar
    is "$status:$out$err" "0:" "$engine: a backup without a terminal says nothing"
    is "$(stat -c %a quiet.tar)" 600 "$engine: nobody else reads it"
    is "$(tar -tf quiet.tar | tr '\n' ' ')" \
        "MANIFEST database evidence/ab/cdef keys/identity.key keys/identity.pub keys/identity.revocation keys/log.key keys/log.pub keys/message.key keys/message.pub keys/node.key keys/node.pub keys/witness.key keys/witness.pub ledger/tile/0/000 node.conf " \
        "$engine: tar lists what is in it, and no index and nothing half written"
    mkdir -p unpacked
    tar -xf quiet.tar -C unpacked
    sed -n 's/^member \([0-9a-f]*\) [0-9]* /\1  /p' unpacked/MANIFEST >unpacked/sums
    (cd unpacked && sha256sum --quiet --strict -c sums)
    ok $? "$engine: sha256sum finds all of it as the manifest says"
    is "$(sed -n '1p;3p;5,6p' unpacked/MANIFEST | tr '\n' ' ')" \
        "kentongan archive 1 node Melati CERT engine $engine keys yes " "$engine: which says what it is of"

    run "$KENTONGAN" -c quiet backup quiet.tar
    is "$status" 2 "$engine: a file that is there is not replaced"
    like "$err" "kentongan backup: quiet.tar is there already; take another name, or --force to replace it" "$engine: which is told"
    before=$(sha256sum <quiet.tar)
    run "$KENTONGAN" -c quiet backup --force --json quiet.tar
    is "$status" 0 "$engine: unless it is to be"
    like "$out" "{\"file\":\"quiet.tar\",\"bytes\":$(stat -c %s quiet.tar),\"sha256\":\"$(sha256sum <quiet.tar | cut -c1-64)\",*\"engine\":\"$engine\",\"members\":15,\"keys\":true}" "$engine: the answer can be JSON, with its digest"
    [ "$(sha256sum <quiet.tar)" != "$before" ]
    ok $? "$engine: it is a new one"
    run "$KENTONGAN" -c quiet backup quiet.tar.zst
    is "$(head -c 4 quiet.tar.zst | od -An -tx1 | tr -d ' ')" 28b52ffd "$engine: .zst is packed"

    restore quiet.tar.zst again
    is "$status:$err" "0:" "$engine: a node is made from it"
    like "$out" "conf   again/node.conf
node   Melati CERT
made   20*Z by kentongan *
note   the index is not in a backup*note   it listens on 127.0.0.1:8443, as before; on another machine*must not work beside it*" "$engine: with what is left to do"
    run "$KENTONGAN" -c again doctor
    is "$status" 0 "$engine: the doctor has nothing against it" || note "$out"
    is "$(values again):$(cat again/evidence/ab/cdef)" "500:a mail that came" "$engine: what it knew, it knows"
    cmp -s quiet/keys/node.key again/keys/node.key && cmp -s quiet/ledger/tile/0/000 again/ledger/tile/0/000
    ok $? "$engine: its keys and its ledger are the same"
    is "$(stat -c %a again again/node.conf again/evidence/ab again/evidence/ab/cdef | tr '\n' ' ')" "700 600 700 600 " "$engine: nobody else looks into it"
    is "$(ls again/index)" "" "$engine: its index is to be made anew"
    printf 'first7.example\n' >asked
    run "$KENTONGAN" -c again match -f lines asked
    like "$status:$out" "0:{*\"value\":\"first7.example\"*}" "$engine: and is, so that what it knows is met"
    seq -f 'later%.0f.example' 1 10 >later.txt
    take again later.txt
    is "$(values again):$(values quiet)" "510:500" "$engine: it works on, apart from the first"

    run "$KENTONGAN" -c quiet backup --without-keys --json bare.tar
    like "$out" '*"members":4,"keys":false}' "$engine: keys can be left out"
    case $(tar -tf bare.tar) in *keys*) ok 1 "$engine: and are" ;; *) ok 0 "$engine: and are" ;; esac
    restore bare.tar bare
    like "$out" "*note   the keys are not in this backup: put node.key and node.pub into keys/*" "$engine: then they have to come from elsewhere"
    cp -p quiet/keys/* bare/keys
    run "$KENTONGAN" -c bare doctor
    is "$status" 0 "$engine: with them it is well"
}

# A backup while an import has come half of its way.
in_the_middle()
{
    init source && init busy
    seq -f 'b%.0f.example' 1 12000 >many.txt
    take source many.txt
    "$KENTONGAN" -c source export --as stix >many.json
    take busy first.txt
    mkfifo pipe
    "$KENTONGAN" -c busy import pipe >/dev/null 2>&1 &
    exec 9<>pipe # waits for nobody
    timeout 60 head -c "$(($(stat -c %s many.json) * 11 / 12))" many.json >&9
    for _ in $(seq 300); do
        case $("$KENTONGAN" -c busy import --list | head -1) in *running*[1-9]*000" added"*) break ;; esac
        sleep 0.05
    done
    like "$("$KENTONGAN" -c busy import --list | head -1)" "2	*	running	*[1-9]*000 added*" "$engine: an import has come some of its way"
    run "$KENTONGAN" -c busy backup middle.tar
    is "$status" 0 "$engine: a backup is made meanwhile"
    timeout 60 tail -c "+$(($(stat -c %s many.json) * 11 / 12 + 1))" many.json >&9
    exec 9>&-
    wait
    is "$(values busy)" 12500 "$engine: the import ends as if nothing had been"
    restore middle.tar middle
    like "$out" "*Imports that were in the middle then: 1; *" "$engine: what is restored tells of it"
    is "$(values middle)" 500 "$engine: nothing of it is seen, and what was done is whole"
    like "$("$KENTONGAN" -c middle import --list)" "2	*	failed	*	the backup was made in the middle of it
1	*	done	*500 added*" "$engine: it has failed there"
    run "$KENTONGAN" -c middle import many.json
    is "$(values middle)" 12500 "$engine: and can be imported again"
    rm -f pipe
}

# Backups while one import follows another.
under_load()
{
    init load
    : >go
    (
        i=0
        while [ -e go ]; do
            i=$((i + 1))
            seq -f "i$i-%.0f.example" 1 700 >load.txt
            "$KENTONGAN" -c load import --source "s$i" load.txt >/dev/null 2>&1
        done
    ) &
    whole=0 dones=
    for i in 1 2 3; do
        "$KENTONGAN" -c load backup "load$i.tar"
        restore "load$i.tar" "loaded$i"
        "$KENTONGAN" -c "loaded$i" import --list >list
        done=$(grep -c '	done	' list)
        [ "$(grep -c '	done	.*	700 added' list):$(values "loaded$i"):$(grep -c '	running	' list)" = "$done:$((done * 700)):0" ] && whole=$((whole + 1))
        "$KENTONGAN" -c "loaded$i" doctor >/dev/null || whole=0
        dones="$dones$done "
        for _ in $(seq 300); do
            [ "$("$KENTONGAN" -c load import --list | grep -c '	done	')" -gt "$done" ] && break
            sleep 0.05
        done
    done
    rm go
    wait
    is "$whole" 3 "$engine: three backups under load: each import whole or not there" || note "done: $dones"
    [ "${dones%% *}" -lt "$(echo $dones | cut -d' ' -f3)" ]
    ok $? "$engine: the later, the more" || note "done: $dones"
}

# What ends a backup in the middle.
faults()
{
    rm -rf ./.kentongan-*
    slow=0
    for pause in 0.001 0.003 0.005 0.01 0.015 0.02 0.03 0.05; do
        "$KENTONGAN" -c busy backup killed.tar &
        sleep "$pause"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        if [ -e killed.tar ]; then
            tar -tf killed.tar >/dev/null || slow=$((slow + 1))
            rm killed.tar
        fi
    done
    is "$slow" 0 "$engine: killed at eight moments, no half file under its name"
    is "$(values busy)" 12500 "$engine: the node works"
    find . -name '.kentongan-*' -prune -exec touch -d '5 minutes ago' {} +
    run "$KENTONGAN" -c busy backup after.tar
    is "$status:$(stages)" "0:0" "$engine: the next one takes away what they left"

    half=0
    for pause in 0.005 0.02 0.05 0.1; do
        where=$(url "killed${pause#*.}")
        "$KENTONGAN" restore ${where:+--database "$where"} after.tar killed >/dev/null &
        sleep "$pause"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        if [ -e killed ]; then
            "$KENTONGAN" -c killed doctor >/dev/null || half=$((half + 1))
            rm -r killed
        fi
    done
    is "$half" 0 "$engine: a restore killed at four moments leaves a whole node or none"
    find . -name '.kentongan-*' -prune -exec touch -d '5 minutes ago' {} +
    restore after.tar alive
    is "$status:$(stages):$(values alive)" "0:0:12500" "$engine: and the next one takes away what they left"

    [ "$(stat -c %s after.tar)" -gt 2000000 ]
    ok $? "$engine: a backup is larger than the room that follows"
    for room in 200 3000; do
        run sh -c "ulimit -f $room; exec \"\$KENTONGAN\" -c busy backup full.tar"
        is "$status" 2 "$engine: a disk with $room blocks of room is an error"
        like "$err" "kentongan backup: *full.tar: *; *" "$engine: which is told"
        [ ! -e full.tar ] && [ "$(stages)" = 0 ]
        ok $? "$engine: and nothing is left behind"
    done
    run sh -c "ulimit -f 1000; exec \"\$KENTONGAN\" restore after.tar filled ${where:+--database $(url filled)}"
    is "$status" 2 "$engine: so it is for a restore"
    [ ! -e filled ] && [ "$(stages)" = 0 ]
    ok $? "$engine: which leaves nothing either" || note "$err"
}

mkdir $engine
cd $engine || exit 2
at_rest
in_the_middle
under_load
faults
cd ..

# ---- What cannot be restored ----

# refused WHAT PATTERN ARGUMENT...: restore says so, and there is nothing.
refused()
{
    name=$1 pattern=$2
    shift 2
    run "$KENTONGAN" restore "$@" never
    is "$status:$out" "2:" "$name is refused"
    like "$err" "kentongan restore: $pattern" "with what is wrong"
    [ ! -e never ] && [ "$(stages)" = 0 ]
    ok $? "and nothing is made"
}
if [ $engine = postgresql ]; then
    refused "a backup of PostgreSQL without one" "postgresql/quiet.tar is of a node on PostgreSQL: name a new, empty database*" postgresql/quiet.tar
    refused "a PostgreSQL in use" "the database of postgresql/quiet.tar: *not empty*" \
        --database "$(printf '%s' "$KENTONGAN_POSTGRES" | sed "s|/postgres?|/quiet?|")" postgresql/quiet.tar
    done_testing # what else is refused and typed has nothing to do with the database
fi
cp sqlite/quiet.tar good.tar
head -c 20000 good.tar >cut.tar
refused "an archive that was cut" "cut.tar, byte 20000 (database): the archive ends here, before its end; *" cut.tar
head -c 5000 sqlite/quiet.tar.zst >cut.tar.zst
refused "a packed one that was cut" "cut.tar.zst: *ends*" cut.tar.zst
cp good.tar flipped.tar
printf '\001' | dd of=flipped.tar bs=1 seek=30000 conv=notrunc 2>/dev/null
refused "one with another byte" "flipped.tar, byte * (database): it is damaged: its SHA-256 *" flipped.tar
echo "Selamat pagi" >text
refused "a file that is none" "text, byte 13 (MANIFEST): *" text
tar -cf foreign.tar text
refused "a tar of something else" "foreign.tar, byte 0 (MANIFEST): *" foreign.tar
refused "a file that is not there" "nowhere: No such file or directory" nowhere
refused "a database that SQLite does not need" "good.tar is of a node on SQLite*leave --database out" --database postgresql://192.0.2.1/node good.tar
mkdir used && touch used/anything
run "$KENTONGAN" restore good.tar used
is "$status:$(ls used)" "2:anything" "a folder that is not empty is left alone"
like "$err" "kentongan restore: used is not empty (anything); *" "which is told"
mkdir empty
run "$KENTONGAN" restore good.tar empty/ --json
is "$status" 0 "an empty one is taken"
like "$out" '{"conf":"empty/node.conf","node":"Melati CERT","made":"*","version":"*","listen":"127.0.0.1:8443","imports_ended":0,"notes":[[]"*"]}' "the answer can be JSON"
run sh -c "cat sqlite/quiet.tar.zst | \"\$KENTONGAN\" restore - piped"
is "$status" 0 "a backup may come through a pipe"

# ---- A database that lay elsewhere ----

"$KENTONGAN" init elsewhere --name Kenanga --database "$PWD/other.db" >/dev/null
take elsewhere sqlite/first.txt
"$KENTONGAN" -c elsewhere backup elsewhere.tar
before=$(sha256sum other.db)
run "$KENTONGAN" restore elsewhere.tar moved
is "$status" 0 "a node whose database lies elsewhere is restored"
is "$(grep '^database = ' moved/node.conf):$(values moved)" "database = node.db:500" "with its database in its own folder"
take moved sqlite/later.txt
is "$(sha256sum other.db)" "$before" "and the other one is not touched"

# ---- What is typed, and who looks on ----

run "$KENTONGAN" backup x.tar
is "$status" 2 "a node has to be named"
run "$KENTONGAN" -c moved backup
is "$err" 'kentongan backup: where? `kentongan -c CONF backup FILE` names one file' "and a file"
run "$KENTONGAN" -c moved backup nowhere/x.tar
is "$status" 2 "in a folder that is there"
ln -s /dev/null moved/evidence/link
run "$KENTONGAN" -c moved backup x.tar
is "$status" 2 "a link among the evidence cannot be kept"
like "$err" "*moved/evidence/link is neither a file nor a folder*" "which is told"
rm moved/evidence/link
if command -v script >/dev/null; then
    like "$(script -qec '"$KENTONGAN" -c moved backup tty.tar' /dev/null </dev/null)" \
        "file   tty.tar*sha256 $(sha256sum tty.tar 2>/dev/null | cut -c1-64)*It holds the keys of the node, personal data*" "on a terminal it says what the file holds"
else
    skip "on a terminal it says what the file holds" "script is not installed"
fi

done_testing
