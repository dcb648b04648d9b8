# SPDX-License-Identifier: Apache-2.0
# What scenes of several nodes share; read before tap.sh. A node is a folder of its name, NAME.json its introduction,
# codes/NAME the recovery codes of ayu there, and the file password her password.

# begin NODE: starts its server, at the same place from then on; $server is its process, $here the place, $first its first
# line.
begin()
{
    mkfifo ready
    "$KENTONGAN" -c "$1" serve >ready 2>>"$1.log" &
    server=$!
    exec 8<ready
    read -r first <&8
    exec 8<&-
    rm ready
    port=${first##*:} port=${port%/}
    here=127.0.0.1:$port
    sed "s/^listen = .*/listen = $here/" "$1/node.conf" >conf
    cat conf >"$1/node.conf"
}
# end PROCESS
end()
{
    kill "$1"
    wait "$1" 2>/dev/null
}
# row NODE PARTNER NAME: of what is known of a partner
row()
{
    "$KENTONGAN" -c "$1" partner show "$2" | sed -n "s/^$3  *//p"
}
# state NODE PARTNER
state()
{
    "$KENTONGAN" -c "$1" partner list | cut -f 1,2 | grep "^$2"
}
# pair NODE OTHER: they become partners
pair()
{
    "$KENTONGAN" -c "$1" partner add "$2.json" >made
    "$KENTONGAN" -c "$2" partner add "$1.json" >made
    words=$(row "$1" "$2" theirs)
    # shellcheck disable=SC2086 # the words are arguments of their own
    "$KENTONGAN" -c "$1" partner confirm "$2" $words >made
    words=$(row "$2" "$1" theirs)
    # shellcheck disable=SC2086
    "$KENTONGAN" -c "$2" partner confirm "$1" $words >made
    until_like "*	active" state "$1" "$2" && until_like "*	active" state "$2" "$1"
}
# agree NODE OTHER: both sign that indicators go from one to the other
agree()
{
    "$KENTONGAN" -c "$1" agreement draft "$2" --purpose "Protecting hospitals" --kind indicator --until 2099-12-31T23:59:59Z >made
    "$KENTONGAN" -c "$1" agreement offer "$2" --reason "as talked over" >made
    second "$1" "codes/$1"
    until_like "*offered*" "$KENTONGAN" -c "$2" agreement show "$1"
    "$KENTONGAN" -c "$2" agreement accept "$1" --reason "it is good" >made
    second "$2" "codes/$2"
    until_like "*$2	in-force*" "$KENTONGAN" -c "$1" agreement list
}
