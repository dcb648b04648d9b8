#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A page that imitates a shop is to be taken down, in simulated time: whoever answers for it is asked in their language when
# a person approves; the page is looked at until it was gone three times, and when it returns it is open again. What PAP
# forbids is not looked at, a private address only where an exercise says so, and no page is run.
. "${0%/*}/node.sh"
needs "a page is taken down" aiosmtpd openssl curl

# state N: state, how often it came back
state()
{
    k takedown show "$1" --json | sed -n '1s/.*"state":"\([^"]*\)".*"returned":\([0-9]*\).*/\1 \2/p'
}
looks()
{
    k takedown show "$1" --json | grep -c '"looked"'
}
# asked: what was asked of the server since it was last looked at
asked()
{
    cat web/asked 2>/dev/null
    rm -f web/asked
}

# ---- A page, a mail server, a node ----

mkdir web web/feed
mkfifo hold ready_web
python3 "$KENTONGAN_ROOT/tests/web/server.py" "$PWD/web" <hold >ready_web 2>server.err &
exec 9>hold
while read -r name port && [ "$name" != ready ]; do
    eval "port_$name=$port"
done <ready_web
# shellcheck disable=SC2154
page=http://127.0.0.1:$port_http/feed/masuk
sink_begin
there()
{
    printf '<html><head><TITLE>\n Toko Melati \033[31m</TITLE><script>alert(1)</script>\n' >web/feed/masuk
}
there
node_init "Tim Contoh" --exercise
sets node relay=smtp://127.0.0.1:$smtp from=siaga@cert.example private=yes
node_begin --clock clock.sock
clock "set 2026-11-21T08:00:00+07:00"
k org add "Toko Melati" --kind other --country ID >made
k org state "Toko Melati" active --reason "agreement 7" >made
k incident open "Pages that imitate Toko Melati" --class fraud/phishing --severity high >made

# ---- Which page, and whom to ask ----

run k takedown add 1 "$page?korban=budi@warga.example" --imitates "Toko Melati"
like "$status:$out" "0:1	drafted	hxxp://127[[].[]]0[[].[]]0[[].[]]1:*/feed/masuk	1	0	0	PAP:GREEN" "a page is added, without what names a victim"
run k takedown add 1 "$page"
like "$status:$err" "2:*has a take-down of that page already" "the same page is one"
run k takedown draft 1
like "$status:$err" "0:nothing new for 1: say whom to ask with --to" "nobody is known who answers for that address"
printf '[file]\nversion = 1\nsource = us\n[takedown hoster]\nrecipient = hoster\n' >node/takedown.conf
run k takedown draft 1
like "$status:$err" "2:*node/takedown.conf:5:13: recipient: host, registrar, registry or platform*" "a slip in the table is told with its place"
cat >node/takedown.conf <<TABLE
[file]
version = 1
source = us
[takedown hoster]
recipient = host
name = Hoster
networks = 127.0.0.0/8
address = abuse@hoster.example
language = id
TABLE
run k takedown draft 1
like "$status:$out" "0:*drafted*host*abuse@hoster.example*id*Permohonan penurunan halaman penipuan: 127[[].[]]0*hxxp://127[[].[]]0[[].[]]0[[].[]]1:*Meniru: Toko Melati*" \
    "with the node's own table the host gets a draft in its language"
like "$(k takedown draft 1 --to registrar=abuse@registrar.example --language zh)" "*registrar*域名注册商*" "another is said by hand"
is "$(mails)" 0 "nothing leaves by itself"

sed -i "s|^private =.*|private = no|" node/node.conf
run k takedown look 1
like "$status:$out:$(asked)" "0:1	drafted*not-allowed	http://127.0.0.1:*nobody's on the Internet*:" "an address of our own network is not looked at"
sed -i "s|^private =.*|private = yes|" node/node.conf

# ---- A person approves ----

clock "set 2026-11-21T09:00:00+07:00"
k takedown approve 1 1 >made
until_like "requested 0" state 1
ok $? "when one is approved it is sent, and the page requested"
like "$(/usr/bin/python3 -c '
import email, email.policy
mail = email.message_from_binary_file(open("mails/0001.eml", "rb"), policy=email.policy.default)
print(mail["X-Envelope-To"], mail["Subject"])
print(mail.get_body(("plain",)).get_content())')" "*abuse@hoster.example*Permohonan penurunan*Rujukan kami: TD-1*" "as a letter"
run k takedown answer 1 1 answered --text "We asked our customer."
like "$status:$out" "0:*answered*We asked our customer.*" "what they say is kept"

# ---- Looking until it is gone ----

is "$(asked)" "" "it was not looked at yet"
clock "set 2026-11-21T10:00:01+07:00"
until_like 2 looks 1
is "$(asked):$(state 1)" "200 masuk:requested 0" "an hour later it is looked at, and is there"
like "$(k takedown show 1 | tail -n 1)" "*there	200 Toko Melati ␛[[]31m" "under a title that is shown harmlessly"
rm web/feed/masuk
clock "set 2026-11-21T11:00:02+07:00"
until_like "gone-once 0" state 1
clock "set 2026-11-21T12:00:03+07:00"
until_like "gone-twice 0" state 1
clock "set 2026-11-21T13:00:04+07:00"
until_like "down 0" state 1
ok $? "gone three times it is down"
is "$(k takedown times 1 | sed 's/  */ /g')" "pages 1
requested 1
down 1
returned 0
to_request 60 min
to_down 180 min" "it is told how long that took"
printf '<title>This domain is parked</title>' >web/feed/masuk
clock "set 2026-11-22T13:00:05+07:00"
until_like 6 looks 1
is "$(state 1)" "down 0" "another page in its place is left for a person to look at"
there
clock "set 2026-11-23T13:00:06+07:00"
until_like "requested 1" state 1
ok $? "when it returns it is open again"
like "$(k takedown times 1)" "*down         0*returned     1*to_down      -*" "and not down any more"

# ---- What is not looked at ----

asked >/dev/null
k takedown add 1 "http://127.0.0.1:$port_http/feed/merah" --pap PAP:RED >made
run k takedown look 2
like "$status:$out:$(asked)" "0:2	drafted*not-allowed	this take-down is PAP:RED:" "what PAP forbids is not looked at"
run k takedown look 2 gone --text "the host, by telephone"
like "$status:$out" "0:2	gone-once*gone	*the host, by telephone" "what people say of it counts"
run k takedown look 1
like "$status:$out:$(asked)" "0:1	requested*there*:200 masuk" "an exercise looks into its own network if it is told to"
# ---- The same as pages ----

url=${first#listening on }
(umask 077 && printf 'a long drum battery' >password)
k user add siti --role duty-officer --password-file password >made
token=$(k token add console --for siti --scope read,write | sed -n 's/^token *//p')
# get PATH [CURL-OPTION...]: "STATUS DOCUMENT"
get()
{
    path=$1
    shift
    curl -s -m 10 -w ' %{http_code}' -H "Authorization: Bearer $token" -H "Accept: application/json" "$@" "${url%/}$path"
}
like "$(get "/takedowns?incident=1")" '*"url":"hxxp://127[[].[]]0[[].[]]0[[].[]]1:*"state":"requested"*"times":{*"to_request":60,*200' "the list tells the same to a script"
like "$(get /takedowns/2 --data-urlencode act=draft --data-urlencode address=https://form.example/ --data-urlencode recipient=platform --data-urlencode language=en)" "*303" "a request is drafted there"
like "$(get /takedowns/2)" '*"requests":[{"number":1,"state":"drafted"*"is_form":true*Request to take down a page*' "and read"
like "$(get /takedowns/2 --data-urlencode act=approve --data-urlencode request=1)$(get /takedowns/2 --data-urlencode act=answer --data-urlencode request=1 --data-urlencode state=sent)" "*303*303" "approved, and said to be filled in where it is a form"
like "$(get /takedowns/2)" '*"state":"gone-once"*"state":"sent"*' "then it is requested, too"
like "$(get /takedowns/2 --data-urlencode act=give-up --data-urlencode reason=)" '*"error":{*reason*4*' "nobody gives up without a reason"

node_end
is "$?" 0 "the node ends at once"
done_testing
