#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A log on disk, verified by us and by code that is not ours (golang.org/x/mod/sumdb); then changed in every way that
# somebody might think of. LEDGER_WRITE makes logs (tests/ledger/write.c), LEDGER_VERIFY is tests/ledger/verify.go, built.
. "${0%/*}/tap.sh"

export KEY=$PWD/log.key
"$LEDGER_WRITE" log 1 2 3 100 255 256 257 512 700
FORGED=1 "$LEDGER_WRITE" face 300 512 600
vkey=$(cat log.vkey)
witness=$(cat log.witness)

# others STATUS FOLDER NAME: what the verifier of others says; 2: it is not here.
others()
{
    if [ -z "${LEDGER_VERIFY:-}" ]; then
        skip "$3" "no Go, or no golang.org/x/mod, where this was built"
        return
    fi
    run "$LEDGER_VERIFY" "$2" "$vkey"
    is "$status" "$1" "$3" || note "$err"
}

# ours STATUS FOLDER WHY NAME
ours()
{
    run "$KENTONGAN" ledger verify "$2" --key "$vkey"
    is "$status" "$1" "$4" || note "$out$err"
    like "$out" "*$3*" "... and says so"
}

ours 0 log 'verdict: "whole"' "a log is whole"
others 0 log "and so say others"
for size in 1 255 256 512; do
    run "$KENTONGAN" ledger verify log --key "$vkey" --since log/checkpoint.$size
    is "$status" 0 "it goes on from its checkpoint of $size"
done

# change FOLDER FILE OFFSET: a copy of the log with one bit changed
change()
{
    rm -rf bad
    cp -r log bad
    chmod -R u+w bad
    byte=$(od -An -tu1 -j "$2" -N 1 "bad/$1")
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="bad/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

change tile/entries/001 300
ours 1 bad 'first-bad-entry: 25?' "an edited entry is found, and named"
others 1 bad "others find it, too"
change tile/0/000 3200
ours 1 bad 'tile/0/000: is not what its entries lead to; the entries are whole' "a changed tile is found, and named"
others 1 bad "others find it, too"
change checkpoint 22
ours 1 bad 'why: "bad/checkpoint: the signature of node.example/log does not verify' "a changed checkpoint is found"
others 1 bad "others find it, too"
rm -rf bad; cp -r log bad; rm -f bad/tile/entries/001
ours 1 bad 'tile/entries/001: is not there' "a removed tile is found"

# Cut back to an older state with all that belongs to it: only an older checkpoint tells.
"$LEDGER_WRITE" short 300
run "$KENTONGAN" ledger verify short --key "$(cat short.vkey)" --since log/checkpoint.512
is "$status" 1 "a log that went back is found"
like "$out" '*went back: it had 512 entries, and has 300*' "... and says so"
run "$KENTONGAN" ledger verify face --key "$vkey"
is "$status" 0 "another face of a log is whole by itself"
run "$KENTONGAN" ledger verify face --key "$vkey" --since log/checkpoint.512
is "$status" 1 "but not for who has seen the first"
like "$out" '*the log was written anew*' "... and says so"

# ---- Proofs ----

run "$KENTONGAN" ledger prove log 511
printf '%s\n' "$out" >511.tlog-proof
is "$status:$(sed -n 1p 511.tlog-proof)" "0:c2sp.org/tlog-proof@v1" "an entry has a proof"
run "$KENTONGAN" ledger check-proof 511.tlog-proof --key "$vkey" --key "$witness"
is "$status" 0 "which holds"
like "$out" 'entry: 511
origin: "node.example/log"
size: 700
root: *
signed: "node.example/log, witness.example/w1 at 20*Z"' "and says who signed, and when a witness did"
sed 's/^index 511/index 510/' 511.tlog-proof >510.tlog-proof
run "$KENTONGAN" ledger check-proof 510.tlog-proof --key "$vkey"
is "$status" 1 "not for another place"
run "$KENTONGAN" ledger check-proof 511.tlog-proof --key "$witness"
is "$status:$err" "1:kentongan ledger: witnesses signed the checkpoint, but no key of a log that we know" "nor with a witness alone"
run "$KENTONGAN" ledger check-proof log.tlog-proof --key "$vkey" --json
like "$status:$out" '0:{"entry":0,*"field object":"indicator--0"}' "a proof opens what it has the salts of"
run "$KENTONGAN" ledger show log 511
like "$out" 'origin: "node.example/log"
sequence: 511
kind: "*="
object: "*="' "the log itself tells nothing but digests"
run "$KENTONGAN" ledger show log 700
is "$status:$err" "2:kentongan ledger: the log has no entry 700: it has 700" "and no more entries than it has"

# ---- Two faces ----

run "$KENTONGAN" ledger split log/checkpoint.512 face/checkpoint.512 --key "$vkey"
printf '%s\n' "$out" >same.split
is "$status" 0 "two roots for one size are proof"
run "$KENTONGAN" ledger check-proof same.split --key "$vkey"
is "$status:$out" '0:convicts: "node.example/log"' "that convicts"
run "$KENTONGAN" ledger split log/checkpoint.512 face/checkpoint.600 --key "$vkey"
like "$status:$err" '2:*two sizes*' "two sizes want the log of the larger one"
run "$KENTONGAN" ledger split face/checkpoint.600 log/checkpoint.512 face --key "$vkey"
printf '%s\n' "$out" >path.split
is "$status" 0 "with it, they are proof"
run "$KENTONGAN" ledger check-proof path.split --key "$vkey"
is "$status:$out" '0:convicts: "node.example/log"' "that convicts"
sed '2s/^./A/;2s/^\(.\)A/\1B/' path.split >wrong.split
run "$KENTONGAN" ledger check-proof wrong.split --key "$vkey"
is "$status:$err" "1:kentongan ledger: the path does not rebuild the newer checkpoint: nothing is proved" "a wrong path is none"
run "$KENTONGAN" ledger split log/checkpoint.512 log/checkpoint.700 log --key "$vkey"
is "$status:$err" "1:kentongan ledger: the newer checkpoint follows from the older one: nothing is proved" "nor are two that agree"
run "$KENTONGAN" ledger split log/checkpoint.512 face/checkpoint.600 log --key "$vkey"
like "$status:$err" "2:*log: does not lead to the larger checkpoint" "the log has to be that of the larger one"
run "$KENTONGAN" ledger split log/checkpoint.512 face/checkpoint.512 --key "$(cat short.witness)"
is "$status" 1 "and the signatures those of the key"

# ---- What was typed wrong ----

run "$KENTONGAN" ledger
like "$status:$err" "2:kentongan ledger: takes verify, show, prove, check-proof or split*" "a verb is wanted"
run "$KENTONGAN" ledger prove log
is "$status:$err" '2:kentongan ledger: `kentongan ledger prove DIR SEQ`' "and its words"
run "$KENTONGAN" ledger prove log 07
is "$status:$err" "2:kentongan ledger: 07 is no number of an entry" "numbers are decimal"
run "$KENTONGAN" ledger verify none
like "$status:$err" "2:kentongan ledger: none: *" "a folder that is not there is an error"
run "$KENTONGAN" ledger verify log --key x
like "$status:$err" "2:kentongan ledger: --key x: a verifier key is NAME+HASH+BASE64*" "a key is spelled as the text says"
run "$KENTONGAN" ledger check-proof 511.tlog-proof
like "$status:$err" "2:*--key VKEY*" "a proof without a key proves nothing"
run "$KENTONGAN" ledger check-proof log/checkpoint --key "$vkey"
like "$status:$err" "1:kentongan ledger: line 1 is not *" "a file that is no proof is refused"
done_testing
