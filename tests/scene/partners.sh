# SPDX-License-Identifier: Apache-2.0
# For scenes in which real nodes share incidents: read behind tap.sh. Each node NAME has a user ayu, who is manager and
# coordinator; her codes are in NAME.codes. Before each of them stands a link (tests/web/links.py), which takes orders
# through descriptor 7: "cut", "mend", with the place of the node before it for one alone.
web=$KENTONGAN_ROOT/tests/web
serving=

stop_all()
{
    for process in $serving "${links:-}" "${sink:-}"; do
        kill "$process" 2>/dev/null && wait "$process" 2>/dev/null
    done
}
trap 'stop_all; rm -rf "$scene_folder"' EXIT

# at NODE WORD...: a command there
at()
{
    node=$1
    shift
    "$KENTONGAN" -c "$node" "$@"
}
# serve NODE [OPTION...]: serves it
serve()
{
    node=$1
    shift
    rm -f "$node.ready"
    mkfifo "$node.ready"
    timeout --foreground 220 "$KENTONGAN" -c "$node" serve "$@" >"$node.ready" 2>>"$node.log" &
    serving="$serving $!"
    read -r _ <"$node.ready"
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
    # shellcheck disable=SC2046 # one word a port
    python3 "$web/links.py" 96 $(cat ports) <orders >answers &
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
# node_make NODE TITLE [OPTION...]: with its user ayu
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
# codes_of NODE
codes_of()
{
    eval "port=\$port_$1"
    python3 "$web/codes.py" "127.0.0.1:$port" "a drum beaten at night" ayu >"$1.codes" || note "$(cat "$1.codes")"
}
# agreed NODE OTHER: the last proposal there gets its second person
agreed()
{
    second "$1" "$1.codes"
    [ "$status" -eq 0 ] || note "$err"
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
    at "$one" partner add "$other.introduction" >said
    at "$other" partner add "$one.introduction" >said
    common=$(at "$one" partner show "$other_title" --json | sed 's/.*"common":{"words":"\([^"]*\)".*/\1/')
    at "$other" partner confirm "$one_title" "$common" >said
    at "$one" partner confirm "$other_title" "$common" >said
    until_like "*$other_title	active	*" at "$one" partner list && until_like "*$one_title	active	*" at "$other" partner list
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
