# SPDX-License-Identifier: Apache-2.0
# For scenes of a node, which is the folder `node`: how it is made and served, its clock, its mail, its users, its console.
. "${0%/*}/tap.sh"

# k WORD...: a command there; kt WORD...: the same by run
k()
{
    "$KENTONGAN" -c node "$@"
}
kt()
{
    run k "$@"
}

# node_init NAME [OPTION...]: makes it, in PostgreSQL where a scene is run on one; and the file password, for its users
node_init()
{
    (umask 077 && echo "a long drum battery" >password)
    name=$1
    shift
    "$KENTONGAN" init node --name "$name" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} "$@" \
        >made || exit 2
}
# sets NODE KEY=VALUE...: keys of its configuration, which has them as comments
sets()
{
    settings=$1/node.conf
    shift
    for setting; do
        sed -i "s|^#${setting%%=*} =.*|${setting%%=*} = ${setting#*=}|" "$settings"
    done
}
# node_begin [OPTION...]: serves it; $server is the process, $first what it says, $url its place, without a slash at the end
node_begin()
{
    rm -f ready
    mkfifo ready
    timeout --foreground 200 "$KENTONGAN" -c node serve "$@" >ready 2>>log &
    server=$!
    read -r first <ready
    url=${first#listening on } url=${url%/} port=${url##*:}
}
# node_end: its exit status
node_end()
{
    kill "$server"
    wait "$server"
    set -- $?
    server=
    return "$1"
}
# clock ORDER...: to the clock of a node that is served with --clock clock.sock; what it says is in $out
clock()
{
    out=$(python3 -c '
import socket, sys
at = socket.socket(socket.AF_UNIX)
at.settimeout(5)
at.connect("clock.sock")
for line in sys.argv[1:]:
    at.sendall((line + "\n").encode())
    print(at.makefile().readline(), end="")
' "$@")
}

# ---- Mail ----

# sink_begin: a mail server, which keeps each mail as mails/*.eml; $smtp is its port, and it takes orders by descriptor 6
sink_begin()
{
    mkdir mails
    mkfifo sink.orders sink.port
    /usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails <sink.orders >sink.port 2>sink.log &
    sink=$!
    exec 6>sink.orders 5<sink.port
    read -r smtp <&5
}
# mails: how many came
mails()
{
    find mails -name '*.eml' | wc -l
}

# ---- Users: the password is what the file password has ----

# enrol USER...: each gets a second factor; the codes for who lost it, each of which serves once, are in codes.USER
enrol()
{
    for user; do
        python3 "$KENTONGAN_ROOT/tests/web/codes.py" "127.0.0.1:$port" "$(cat password)" "$user" >"codes.$user" ||
            note "$(cat "codes.$user")"
    done
}
# code FILE: the next of these codes
code()
{
    head -n 1 "$1"
    sed -i 1d "$1"
}
# as USER WORD...: a command, by that user
as()
{
    user=$1
    shift
    k "$@" --person "$user" --person-password password --code "$(code "codes.$user")"
}
# second NODE CODES [USER]: a user of that node (ayu) agrees there to the latest of what waits for a second person
second()
{
    number=$("$KENTONGAN" -c "$1" approval list | tail -n 1 | cut -f 1)
    digest=$("$KENTONGAN" -c "$1" approval show "$number" | sed -n 's/^digest   //p')
    run "$KENTONGAN" -c "$1" approval agree "$number" "$digest" --person "${3:-ayu}" --person-password password --code "$(code "$2")"
}

# ---- The console: each person has a browser ----

# page USER PATH [CURL-OPTION...]: "STATUS PAGE"; the same is in the file answer
page()
{
    visitor=$1 path=$2
    shift 2
    curl -s -m 10 -w '\n%{http_code}' -b "jar-$visitor" -c "jar-$visitor" ${from:+--interface "$from"} -H "Origin: ${origin:-$url}" \
        -H "Accept: ${accept:-text/html}" "$@" "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
# json USER PATH: "STATUS DOCUMENT", the same for a script
json()
{
    accept=application/json page "$@"
}
# hidden NAME: that field of the form on the page that was asked for last
hidden()
{
    sed -n "s/.*name=\"$1\" value=\"\\([^\"]*\\)\".*/\\1/p" answer | head -n 1
}
# post USER FROM TO FIELD...: the form of the page FROM
post()
{
    poster=$1 target=$3
    page "$poster" "$2" >/dev/null
    key=$(hidden key)
    shift 3
    for field; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    page "$poster" "$target" --data-urlencode "key=$key" "$@"
}
# submit USER TO FIELD...: a form, in parts, as with a file (NAME=@FILE), whatever page it is of
submit()
{
    poster=$1 target=$2
    page "$poster" /about >/dev/null
    key=$(hidden key)
    shift 2
    for field; do
        set -- "$@" -F "$field"
        shift
    done
    page "$poster" "$target" -F "key=$key" "$@"
}
# signs_in USER: by password alone
signs_in()
{
    post "$1" /sign-in /sign-in "name=$1" "password=$(cat password)"
}
# sure USER: gets a second factor, and signs in with it
sure()
{
    enrol "$1"
    rm -f "jar-$1"
    signs_in "$1" >/dev/null
    post "$1" /sign-in /sign-in "code=$(code "codes.$1")" >/dev/null
}
