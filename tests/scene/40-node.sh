#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An organisation makes a node, mistypes its configuration, and asks whether the node is well.
. "${0%/*}/tap.sh"

# ---- It is made ----

run "$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:9443
is "$status:$err" "0:" "a node is made"
like "$out" "conf   node/node.conf
url    http://127.0.0.1:9443/*" "it says where things are"
is "$(stat -c %a node node/node.conf node/keys/node.key node/node.db | tr '\n' ' ')" "700 600 600 600 " "nobody else looks into it"

run "$KENTONGAN" init node
is "$status" 2 "a folder that is a node is refused"
like "$err" "kentongan init: node is a node already; *" "as what it is, and nobody is told to remove it"
mkdir taken
: >taken/thing
run "$KENTONGAN" init taken
like "$status:$err" "2:kentongan init: taken is not empty (thing); *" "a folder that is not empty is refused with what is in it"
run "$KENTONGAN" -c node config
is "$status" 0 "and the node there is as it was"

run "$KENTONGAN" init json --name Kenanga --json
is "$status" 0 "the answer can be JSON"
like "$out" '{"conf":"json/node.conf","url":"http://127.0.0.1:8443/"*}' "with the same in it"

run "$KENTONGAN" init never --listen nowhere
is "$status:$out" "2:" "an address that is none makes no node"
like "$err" "*listen wants an address and a port*" "and is told"
[ ! -e never ]
ok $? "nothing is left behind"
run "$KENTONGAN" init
is "$err" 'kentongan init: where? `kentongan init DIR` names one folder' "the folder has to be named"
run "$KENTONGAN" init ""
is "$status" 2 "by a name that is one"

if command -v openssl >/dev/null; then
    openssl pkey -in node/keys/node.key -pubout -out derived.pub 2>/dev/null
    cmp -s derived.pub node/keys/node.pub
    ok $? "openssl reads the keys, and they belong together"
else
    skip "openssl reads the keys" "openssl is not installed"
fi

# ---- Its configuration ----

run "$KENTONGAN" -c node/node.conf config
is "$status" 0 "the configuration can be shown"
like "$out" "*[[]node]
name = Melati CERT
listen = 127.0.0.1:9443
database = node/node.db
*idle-timeout = 30s*" "what was said and what holds without"
first=$out
run "$KENTONGAN" config -c node
is "$out" "$first" "the node may be named behind the command, and by its folder"
run "$KENTONGAN" config
is "$status" 2 "a node has to be named"
like "$err" "kentongan config: which node? -c CONF *" "which is told"
run "$KENTONGAN" -c nowhere config
is "$err" "kentongan config: nowhere: No such file or directory" "one that is not there, too"

run "$KENTONGAN" config --defaults
is "$status" 0 "the defaults need no node"
printf '%s\n' "$out" | sed 's/^#name =/name = Melati/' >sample.conf
run "$KENTONGAN" check --as config sample.conf
is "$out" "sample.conf: ok (config)" "and are a node.conf but for the name"
run "$KENTONGAN" config --defaults --json
is "$(printf '%s\n' "$out" | grep -c '"section".*"key".*"type".*"about"')" "$(grep -c '^#*[a-z-]* =' sample.conf)" "every key is a line of JSON"

cp -r node secret
printf '\n' >>secret/node.conf
sed -i 's|^#database = .*|database = postgresql://drum:kenanga@192.0.2.1/node?password=kenanga|
    s|^#proxy.*|proxy = http://drum:kenanga@192.0.2.1:3128|' secret/node.conf
run "$KENTONGAN" -c secret config
like "$out" "*database = postgresql://192.0.2.1/node?...*proxy = http://192.0.2.1:3128*" "URLs are shown"
case $out in *kenanga*) ok 1 "without passwords" ;; *) ok 0 "without passwords" ;; esac

cat >wrong.conf <<'INI'
first = 1
[nod]
name = lost
[node]
nane = Melati
listen = 192.0.2.1
listen = 192.0.2.1:8443
proxy = http://192.0.2.1:3128
listen = 192.0.2.1:0
[feeds]
proxy = ftp://drum:kenanga@192.0.2.1
redirects = 21
timeout = soon
bytes =
plain-http = maybe
[node]
[import
objects
INI
printf 'objects = 1\0\ncaf\351 = 1\n' >>wrong.conf
mkdir mistaken
cp wrong.conf mistaken/node.conf
run "$KENTONGAN" -c mistaken config
is "$status:$out" "2:" "a configuration with mistakes shows nothing"
is "$err" "kentongan config: mistaken/node.conf has 18 mistakes
mistaken/node.conf:1: a key stands below a section; begin with one, as [node]
mistaken/node.conf:2: there is no section [nod]; did you mean [node]?
mistaken/node.conf:5: [node] has no key nane; did you mean name?
mistaken/node.conf:6: listen wants an address and a port up to 65535, as 127.0.0.1:8443 or [::1]:8443
mistaken/node.conf:7: listen stands in line 6 already
mistaken/node.conf:8: [node] has no key proxy; it belongs into [feeds]
mistaken/node.conf:9: listen stands in line 6 already
mistaken/node.conf:11: proxy wants http://HOST:PORT or socks5h://HOST:PORT
mistaken/node.conf:12: redirects goes from 0 to 20
mistaken/node.conf:13: timeout wants a time in ms, s, min, h or d, as 30s
mistaken/node.conf:14: bytes has no value; leave the line out for the default, 1GiB
mistaken/node.conf:15: plain-http wants yes or no
mistaken/node.conf:16: the section [node] began in line 4 already; say all of it there
mistaken/node.conf:17: the section has no ] at its end; write \`[section]\`
mistaken/node.conf:18: there is no = in this line; write \`key = value\`, or begin a comment with #
mistaken/node.conf:19: a NUL byte; is this a text file?
mistaken/node.conf:20: this is not UTF-8; save the file as UTF-8
mistaken/node.conf:20: [node] does not say name: The organisation that runs this node, as its partners know it" "but every one of them with its line"
run "$KENTONGAN" check --as config wrong.conf
is "$status" 1 "check tells the same"
is "$(printf '%s\n' "$out" | wc -l)" 18 "as often"
like "$out" "*
wrong.conf:12:13: redirects goes from 0 to 20
*" "with columns"

# ---- Is it well? ----

# doctor NODE: its answer without the clock, which is this machine's own, and the disk.
doctor()
{
    run "$KENTONGAN" -c "$1" doctor
    findings=$(printf '%s\n' "$out" | grep -v -e '^warn clock:' -e ' disk:')
}

doctor node
is "$status:$err" "0:" "a new node is well"
case $findings in *fail*) ok 1 "nothing fails" || note "$findings" ;; *) ok 0 "nothing fails" ;; esac
like "$findings" "ok   config: node/node.conf has no mistakes*ok   keys: *ok   database: *are sound; the journal goes to *" "and it says what is well"
run "$KENTONGAN" -c node doctor --json
is "$(printf '%s\n' "$out" | grep -c '^{"state":"[a-z]*","what":"[a-z]*","why":".*"}$')" "$(printf '%s\n' "$out" | wc -l)" "or as lines of JSON"

doctor mistaken
is "$status" 1 "mistakes in the configuration are a failure"
like "$findings" "fail config: mistaken/node.conf has 18 mistakes*" "which is told, all of it"

# broken WHAT COMMAND PATTERN: after the command, run in a copy of the node, doctor fails and says so.
broken()
{
    rm -rf broken
    cp -r node broken
    (cd broken && eval "$2")
    doctor broken
    is "$status" 1 "$1 is a failure"
    like "$findings" "*fail $3*" "with what to do about it"
}
broken "a key that others read" "chmod 644 keys/node.key" "keys: broken/keys/node.key may be read by others*chmod 600 broken/keys/node.key*"
broken "a folder of keys that others read" "chmod 755 keys" "permissions: others than its owner may look into broken/keys; chmod 700 broken/keys"
broken "a folder that others write into" "chmod 777 ." "config: others than its owner may write into broken; chmod 700 broken"
broken "a key that is gone" "rm keys/node.key" "keys: broken/keys/node.key: No such file or directory"
broken "a key that is none" "echo drum >keys/node.key" "keys: broken/keys/node.key is no Ed25519 private key in PEM*"
broken "a key of another node" "cp ../json/keys/node.key keys" "keys: broken/keys/node.pub does not belong to node.key beside it*"
broken "a database that is gone" "rm node.db" "database: broken/node.db: *look at [[]node] database, or restore a backup"
broken "a database that is none" "echo drum >node.db" "database: broken/node.db: *restore a backup"
broken "a database of something else" "rm node.db; touch node.db; chmod 600 node.db" "database: it holds no tables of a node*"
broken "a database that others read" "chmod 644 node.db" "database: others than its owner may look into broken/node.db; chmod 600 broken/node.db"
if command -v dd >/dev/null; then
    broken "a database with a damaged page" "dd if=/dev/zero of=node.db bs=4096 seek=3 count=4 conv=notrunc 2>/dev/null" "database: *; restore a backup"
fi
broken "an index that is damaged" "echo drum >index/base" "index: *remove it, it is made anew"
rm -rf broken
cp -r node broken
: >broken/index/base.tmp-$$
doctor broken
is "$status" 0 "an index that is being written is none"
like "$findings" "*ok   index: *" "and nothing to be told"
mv broken/index/base.tmp-$$ "broken/index/base.tmp-$(sh -c 'echo $$')"
doctor broken
is "$status" 0 "one whose program died is none either"
like "$findings" "*warn index: broken/index/base.tmp-[0-9]* is what a program left that died; remove it*" "but a warning"
broken "a folder that is gone" "rmdir index" "index: broken/index: No such file or directory"
broken "a clock before its files" "touch -d '+2 days' node.conf" "clock: the clock stands before the last change of node.conf; set it"

rm -rf broken
cp -r node broken
chmod 755 broken
doctor broken
is "$status" 0 "a folder that others only look into is none"
like "$findings" "*warn permissions: others than its owner may look into broken; chmod 700 broken*" "but a warning"
run "$KENTONGAN" -c nowhere doctor
is "$status" 2 "a node that is not there is an error"

# ---- Of somebody else ----

chmod 755 .
if setpriv --reuid=65534 --clear-groups true 2>/dev/null && setpriv --reuid=65534 --clear-groups test -x "$KENTONGAN"; then
    for named in node node/node.conf; do
        run setpriv --reuid=65534 --clear-groups "$KENTONGAN" -c "$named" search melati
        is "$status:$err" "2:kentongan search: node/node.conf: Permission denied; a node is open to the account that made it: work as that" "somebody else is told whose it is, by $named"
    done
else
    skip "the node of another account" "only root can become another"
fi

# ---- Its database emptied ----

# What an empty file is opened as is a new database: nobody may go on in it as if nothing had been lost.
cp -a node emptied
: >emptied/node.db
run "$KENTONGAN" -c emptied search melati
is "$status:$out" "2:" "a node whose database was emptied does not go on"
like "$err" "kentongan search: emptied/node.db holds nothing of this node, *restore a backup" "and says what to do"
printf 'melati.example\n' >list.txt
run "$KENTONGAN" -c emptied import list.txt
like "$status:$out:$err" "2::kentongan import: emptied/node.db holds nothing of this node, *" "nor takes anything in"
run "$KENTONGAN" -c emptied doctor
like "$status:$out" "1:*fail database: it holds no tables of a node; *" "and is left for the doctor as it is"

done_testing
