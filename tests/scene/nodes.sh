# SPDX-License-Identifier: Apache-2.0
# For scenes of several nodes, each a folder of its name: behind NODE.codes there are codes of ayu, its manager.
# Where links stand before them (tests/web/links.py), these take orders through descriptor 7: "cut", "mend", with the
# place of the node before it for one alone.
. "${0%/*}/node.sh"
web=$KENTONGAN_ROOT/tests/web

# ---- A node ----

# at NODE WORD...: a command there
at()
{
    node=$1
    shift
    "$KENTONGAN" -c "$node" "$@"
}
# serve NODE [OPTION...]: serves it, behind the words of $before; $server is the process, $first what it says
serve()
{
    node=$1
    shift
    rm -f "$node.ready"
    mkfifo "$node.ready"
    # shellcheck disable=SC2086 # words
    ${before:-} timeout --foreground 220 "$KENTONGAN" -c "$node" serve "$@" >"$node.ready" 2>>"$node.log" &
    server=$!
    beside="$beside $server"
    read -r first <"$node.ready"
}
# begin NODE: the same, at the same place from then on, which is $here
begin()
{
    serve "$1"
    port=${first##*:} port=${port%/}
    here=127.0.0.1:$port
    eval "port_$1=$port"
    sed -i "s/^listen = .*/listen = $here/" "$1/node.conf"
}
# end PROCESS
end()
{
    kill "$1"
    wait "$1" 2>/dev/null
}
# codes_of NODE: of ayu there
codes_of()
{
    eval "port=\$port_$1"
    python3 "$web/codes.py" "127.0.0.1:$port" "$(cat password)" ayu >"$1.codes" || note "$(cat "$1.codes")"
}
# node NODE [KEY=VALUE...]: makes one of that name and begins it; its introduction is NODE.json
node()
{
    [ -f password ] || (umask 077 && echo "a long drum battery" >password)
    "$KENTONGAN" init "$1" --name "$1" --listen 127.0.0.1:0 >made || exit 2
    sets "$@"
    at "$1" user add ayu --role manager --password-file password >made || exit 2
    begin "$1"
    at "$1" partner introduce -o "$1.json" || exit 2
    codes_of "$1"
}
# links_begin NODE...: a port for each, in $port_NODE, and the link before it, in $link_NODE
links_begin()
{
    python3 -c 'import socket, sys
them = [socket.socket() for _ in sys.argv[1:]]
for one in them:
    one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in them])' "$@" >ports
    mkfifo orders answers
    seed=${0##*/}
    # shellcheck disable=SC2046 # one word a port
    python3 "$web/links.py" "${seed%%-*}" $(cat ports) <orders >answers &
    links=$!
    exec 7>orders 8<answers
    place=0
    for node in "$@"; do
        place=$((place + 1))
        read -r _ link <&8
        eval "port_$node=$(cut -d ' ' -f "$place" ports) link_$node=$link"
    done
    read -r _ <&8
}
# node_make NODE TITLE [OPTION...]: behind its link
node_make()
{
    node=$1 title=$2
    shift 2
    eval "port=\$port_$node link=\$link_$node"
    [ -f password ] || (umask 077 && echo "a drum beaten at night" >password)
    "$KENTONGAN" init "$node" --name "$title" --listen "127.0.0.1:$port" "$@" >made || exit 2
    sed -i "s|^\[http\]|[http]\nurl = http://127.0.0.1:$link/|" "$node/node.conf"
    at "$node" user add ayu --role manager --role coordinator --password-file password >made
    at "$node" partner introduce -o "$node.introduction" --contact "petugas jaga"
}

# ---- Partners ----

# row NODE PARTNER NAME: of what is known of a partner
row()
{
    at "$1" partner show "$2" | sed -n "s/^$3  *//p"
}
# state NODE PARTNER
state()
{
    at "$1" partner list | cut -f 1,2 | grep "^$2"
}
# meet NODE OTHER: each takes in who the other is
meet()
{
    for both in "$1 $2" "$2 $1"; do
        at "${both% *}" partner add "${both#* }.json" >made
    done
    for both in "$1 $2" "$2 $1"; do
        # shellcheck disable=SC2046 # the words are arguments of their own
        at "${both% *}" partner confirm "${both#* }" $(row "${both% *}" "${both#* }" theirs) >made || note "$(cat made)"
    done
}
# pair NODE OTHER: they become partners
pair()
{
    meet "$1" "$2"
    until_like "*	active" state "$1" "$2" && until_like "*	active" state "$2" "$1"
}
# carry FROM TO: what FROM has to say to TO, as a file
carry()
{
    at "$1" agreement export "$2" -o said && run at "$2" agreement import said
}
# agreed NODE: the last proposal there gets its second person
agreed()
{
    second "$1" "$1.codes"
    [ "$status" -eq 0 ] || note "$err"
}
# agree NODE OTHER: both sign that indicators go from one to the other
agree()
{
    at "$1" agreement draft "$2" --purpose "Protecting hospitals" --kind indicator --until 2099-12-31T23:59:59Z >made
    at "$1" agreement offer "$2" --reason "as talked over" >made
    agreed "$1"
    until_like "*offered*" at "$2" agreement show "$1"
    at "$2" agreement accept "$1" --reason "it is good" >made
    agreed "$2"
    until_like "*$2	in-force*" at "$1" agreement list
}
# acquainted NODE TITLE OTHER TITLE: they become partners, behind their links
acquainted()
{
    at "$1" partner add "$3.introduction" >said
    at "$3" partner add "$1.introduction" >said
    common=$(at "$1" partner show "$4" --json | sed 's/.*"common":{"words":"\([^"]*\)".*/\1/')
    at "$3" partner confirm "$2" "$common" >said
    at "$1" partner confirm "$4" "$common" >said
    until_like "*$4	active	*" at "$1" partner list && until_like "*$2	active	*" at "$3" partner list
}
# partners NODE TITLE OTHER TITLE KIND...: they know each other, agree, and two persons let go up to AMBER beforehand
partners()
{
    one=$1 one_title=$2 other=$3 other_title=$4
    shift 4
    kinds=
    for kind in "$@"; do
        kinds="$kinds --kind $kind"
    done
    acquainted "$one" "$one_title" "$other" "$other_title"
    # shellcheck disable=SC2086 # one word an option
    at "$one" agreement draft "$other_title" $kinds --highest TLP:AMBER --purpose "Protecting hospitals" \
        --until 2099-12-31T00:00:00Z >said 2>&1
    at "$one" agreement offer "$other_title" --reason "as talked over" >said 2>&1
    agreed "$one"
    until_like "*$one_title*offered*" at "$other" agreement list
    at "$other" agreement accept "$one_title" --reason "it is good" >said 2>&1
    agreed "$other"
    for node in "$one" "$other"; do
        [ -f "$node.rule" ] && continue
        at "$node" release rule add --highest TLP:AMBER --reason "agreed beforehand" >"$node.rule" 2>&1
        agreed "$node"
    done
    until_like "*$other_title*in-force*" at "$one" agreement list && until_like "*$one_title*in-force*" at "$other" agreement list
}
# entries_of NODE INCIDENT: what is written there, a text a line, in order
entries_of()
{
    at "$1" incident show "$2" --json | grep -o '"text":"[^"]*"' | sort
}
