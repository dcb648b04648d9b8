#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node at work: it says where it listens, answers who may ask and nobody else, does what nobody asks for, and ends when
# it is told to.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

for tool in curl python3; do
    command -v $tool >/dev/null || {
        skip "a node is served" "$tool is not installed"
        done_testing
    }
done

# begin OPTION...: starts a server; $url is where it listens, $server its process.
begin()
{
    rm -f ready
    mkfifo ready
    "$@" "$KENTONGAN" -c node serve >ready 2>log &
    server=$!
    exec 8<ready
    read -r first <&8
    url=${first#listening on }
}

# end: told to end, it does, with status 0
end()
{
    kill -TERM "$server"
    wait "$server"
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

# get PATH CURL-OPTION...: "STATUS BODY"
get()
{
    path=$1
    shift
    curl -s -m 10 --path-as-is -w '\n%{http_code}' "$@" "${url%/}$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}

# ---- What it does not begin with ----

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
cp node/node.conf conf
sed 's/^listen = .*/listen = 192.0.2.10:8443/' conf >node/node.conf
kt serve
is "$status" 2 "without a certificate it does not listen where others could reach it"
like "$err" "kentongan serve: 192.0.2.10:8443 can be reached by others*certificate*behind-proxy = yes*127.0.0.1" "and says what to do"
{ cat conf && printf '\n'; } | sed 's/^#certificate =.*/certificate = no.pem/' >node/node.conf
kt serve
is "$status:$err" "2:kentongan serve: [tls] says certificate and no key; they belong together" "a certificate has a key"
sed 's/^#behind-proxy = no/behind-proxy = yes/' conf >node/node.conf
kt serve
like "$status:$err" "2:*behind-proxy wants url*" "behind a proxy it has to know what people type"
cp conf node/node.conf
run "$KENTONGAN" serve
is "$status:$err" "2:kentongan serve: which node? -c CONF names its node.conf, or the folder of it" "it wants a node"
kt serve extra
is "$status" 2 "and nothing else"

# ---- It begins ----

umask 077
printf 'correct drum battery' >password
kt user add ayu --role duty-officer --password-file password
kt user add all --password-file password --role duty-officer --role analyst --role coordinator --role manager --role liaison \
    --role constituent-admin --role exercise-director --role sysadmin --role auditor
is "$status" 0 "there are people" || note "$err"
begin env
like "$first" "listening on http://127.0.0.1:[1-9]*/" "it says where it listens"
is "$(get /health)" "200 ok" "it is well"
kt serve
like "$status:$err" "2:kentongan serve: a server (process $server) is at work on *" "one server works on a node"
kt import "$KENTONGAN_ROOT/tests/data/form/list-typed.txt"
is "$status" 0 "other commands go on" || note "$err"

# ---- Who is let in ----

like "$(get /metrics)" "401 *" "metrics are not for strangers"
like "$(get /metrics -u ayu:wrong)" "401 *" "nor for who has the wrong password"
like "$(get /api -u nobody:wrong -H 'Accept: application/json')" "401 *" "nor is anybody told whether it was the name"
metrics=$(get /metrics -u "ayu:correct drum battery")
like "$metrics" "200 *kentongan_build_info{version=\"*\"} 1*kentongan_requests_total{route=\"health\",method=\"GET\",status=\"2xx\"} 1*" "a duty officer sees how it does"
like "$metrics" "*kentongan_index_indicators [1-9]*kentongan_index_behind 0*" "the index has what was imported"
is "$(printf '%s\n' "$metrics" | sed -n 's/^kentongan_\([a-z_]*\).*/\1/p' | sort -u | while read -r name; do
    grep -q "kentongan_$name\\*" "$KENTONGAN_ROOT/doc/man/kentongan-serve.1.scd" || echo "$name"
done)" "" "every metric is in its man page"
api=$(get /api -u "ayu:correct drum battery" -H 'Accept: application/json')
like "$api" '200 *"method":"GET","path":"/metrics","name":"metrics"*"right":"see the node'\''s health","scope":"metrics"*' "the routes are listed from their table"

# ---- Nobody is let in anywhere else ----

run "$KENTONGAN_ROOT/tests/web/walk.py" "$(expr "$url" : 'http://\(.*\)/')" all "correct drum battery" \
    "$KENTONGAN_ROOT/src/app/routes.c"
like "$out" "*[0-9] routes, [0-9]* asked" "every route is asked by nobody, and what scanners try"
is "$(printf '%s\n' "$out" | sed '$d')$err" "" "the answers are those that are documented"
note "$(printf '%s\n' "$out" | tail -n 1)"

# ---- What nobody asks for ----

printf '192.0.2.99\n' >feed.txt
kt feed add "$PWD/feed.txt" --name list --every 1h
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    kt search 192.0.2.99
    [ -z "$out" ] || break
    sleep 0.2
done
like "$out" "indicator--*	feed/list	192.0.2.99*" "a feed that is due is fetched"

# ---- The log ----

get "/about?q=a-secret-word" >/dev/null
like "$(grep about log | tail -n 1)" 'time=* level=info event=gate.answered method="GET" route="about" status=200 ms=* who="-" from="127.0.0.1"' "a request is a line of the log"
is "$(grep -c 'a-secret-word\|correct drum' log)" 0 "without what was asked for"

# ---- It is told something ----

kill -HUP "$server"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q event=serve.reload log && break
    sleep 0.1
done
like "$(cat log)" "*event=serve.reloaded*" "SIGHUP has it read its certificates again"
is "$(get /health)" "200 ok" "and go on"
end
is $? 0 "SIGTERM ends it in order"
like "$(tail -n 1 log)" "*event=serve.stopping" "which it logs"
run curl -s -m 5 "${url}health"
is "$status" 7 "nobody listens any more"

# ---- TLS ----

if command -v openssl >/dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=node.example \
        -addext subjectAltName=IP:127.0.0.1 -keyout node/tls.key -out node/tls.pem 2>/dev/null
    sed 's/^#certificate =.*/certificate = tls.pem/; s/^#key =.*/key = tls.key/' conf >node/node.conf
    begin env
    like "$first" "listening on https://127.0.0.1:[1-9]*/" "with a certificate it is reached by TLS"
    like "$(get /health --cacert node/tls.pem -i)" "200 *Strict-Transport-Security: max-age=*" "and browsers are told to stay with that"
    cookie=$(curl -s --cacert node/tls.pem -i -H "Origin: ${url%/}" --data-urlencode name=ayu \
        --data-urlencode "password=correct drum battery" "${url}sign-in" | tr -d '\r' | sed -n 's/^Set-Cookie: //p')
    like "$cookie" "__Host-session=*; Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=*" "the cookie of a session is for this host by TLS alone"
    end
    cp conf node/node.conf
else
    skip "with a certificate it is reached by TLS" "openssl is not installed"
fi

# ---- A manager: it is told of the node, and hands it a socket ----

cat >manager.py <<'PY'
import atexit, os, socket, subprocess, sys, urllib.request
program, node, name = sys.argv[1:]
listening = socket.create_server(("127.0.0.1", 0))
if listening.fileno() != 3:
    os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
told.bind(b"\0" + name.encode())
told.settimeout(20)
# The socket is for the process of this number, which is only known once it is there.
become = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"
server = subprocess.Popen([sys.executable, "-c", become, program, "-c", node, "serve"], pass_fds=[3],
                          env={**os.environ, "NOTIFY_SOCKET": "@" + name, "LISTEN_FDS": "1", "WATCHDOG_USEC": "200000"},
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
atexit.register(server.kill)
said = [told.recv(100).decode() for _ in range(3)]
address = f"http://127.0.0.1:{listening.getsockname()[1]}/health"
said.append(urllib.request.urlopen(address, timeout=10).read().decode().strip())
server.terminate()
while said[-1] != "STOPPING=1":
    said.append(told.recv(100).decode())
print(server.wait(20), *[word for word in said if word != "WATCHDOG=1"], said.count("WATCHDOG=1") >= 2)
PY
run python3 manager.py "$KENTONGAN" node "kentongan-scene-$$"
is "$out$err" "0 READY=1 ok STOPPING=1 True" "a manager learns that it is ready, lives and ends, and its socket is used"

done_testing
