#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first scenario, with real nodes, real mail and real HTTP. A foreign partner publishes an indicator. A hospital's
# machine talked to it nineteen days ago: the hospital gets a mail in its languages, and presses its button; its neighbour
# gets nothing. What is marked stricter, what a policy forbids and what lies on a warning list tells nobody; the same again
# no second mail; a revocation brings a correction. In all bytes that the partner gets there is nothing of the hospital.
# KENTONGAN_TRIES=N: nor does the time of an answer tell, N times asked.
# KENTONGAN_WARN=N: instead, how long it takes N times from acceptance until the mail was taken, for bench/run.sh.
. "${0%/*}/nodes.sh"
needs "a partner's indicator becomes a hospital's warning" aiosmtpd

k()
{
    "$KENTONGAN" -c kes "$@"
}

# ---- Two nodes, links that keep what they carry, and a mail server ----

links_begin gb kes
mkdir carried
echo "record $PWD/carried" >&7
sink_begin
node_make gb "GB CERT"
node_make kes "KES CERT"
sets kes lists=noise relay=smtp://127.0.0.1:$smtp from=siaga@kes-cert.example
echo 203.0.113.80 >kes/noise
serve gb
before=
command -v strace >/dev/null && before="strace -D -f --seccomp-bpf -qq -e trace=connect -o connects"
serve kes
for node in gb kes; do
    codes_of "$node"
done

# ---- Those whom KES serves, what they agreed to, and what their sensors saw ----

hospital()
{
    k org add "$1" --kind hospital --sector health --country ID >>said
    k org state "$1" active --reason "agreement" >>said
    k org service "$1" --memory-days 30 --reason "agreement" >>said
    k contact add "$1" siaga --mail "siaga@$2" >>said
    k contact verify "$(k contact list "$1" | cut -f 1)" --reason "called them" >>said
    k asset add "$1" "$3" --said-by "agreement" >>said 2>&1
}
hospital "RS Anggrek Bulan" rs-anggrek.example 192.0.2.0/25
hospital "RS Kenanga Putih" rs-kenanga.example 192.0.2.128/25
then=$(date -u -d '19 days ago' +%Y-%m-%d)
for last in 77 78 79 80 81 82 83; do
    for hour in 03 04 05; do
        printf '{"timestamp":"%sT%s:00:00.000000+0000","event_type":"flow","src_ip":"192.0.2.7","src_port":50000,"dest_ip":"203.0.113.%s","dest_port":443,"proto":"TCP"}\n' "$then" $hour $last
    done
done >x.json
sed 's/192.0.2.7/192.0.2.200/; s/203.0.113/198.51.100/' x.json >y.json
k ingest --stream x --org "RS Anggrek Bulan" x.json 2>>said
k ingest --stream y --org "RS Kenanga Putih" y.json 2>>said
k warn rule add --does send --class malicious-code/ --severity low --reason "agreed beforehand" >>said
agreed kes
like "$(k warn rule list)" "1	send	malicious-code/*" "two persons of KES agreed that such warnings go out by themselves"

# ---- Partners, and what they agreed ----

acquainted gb "GB CERT" kes "KES CERT"
at gb agreement draft "KES CERT" --kind indicator --highest TLP:AMBER+STRICT --affected yes \
    --purpose "Protecting hospitals" --until 2099-12-31T00:00:00Z >>said 2>&1
at gb agreement offer "KES CERT" --reason "as talked over" >>said 2>&1
agreed gb
until_like "*offered*" k agreement list
k agreement accept "GB CERT" --reason "it is good" >>said 2>&1
agreed kes
at gb release rule add --highest TLP:AMBER+STRICT --reason "agreed beforehand" >>said 2>&1
agreed gb
until_like "*in-force*" at gb agreement list && until_like "*in-force*" k agreement list
ok $? "indicators up to AMBER+STRICT, affected parties may be told, no sightings back" || note "$(cat said)"

# ---- What GB publishes ----

amber=55d920b0-5e8b-4f79-9ee9-91f868d9b421
strict=939a9414-2ddd-4d32-a0cd-375ea402b003
own=$(at gb org show "GB CERT" --json | sed -n 's/.*"identity":"\([^"]*\)".*/\1/p')
# indicator LAST MARKING LABELS [MODIFIED MORE]: one on 203.0.113.LAST
indicator()
{
    printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-000000000000","objects":[{"type":"indicator","spec_version":"2.1","id":"%s","created_by_ref":"%s","created":"2026-01-01T00:00:00.000Z","modified":"%s","name":"control server","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '"'203.0.113.%s'"']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","labels":[%s],"object_marking_refs":["marking-definition--%s"]%s}]}' \
        "$(id_of "$1")" "$own" "${4:-2026-01-01T00:00:00.000Z}" "$1" "$3" "$2" "${5:-}"
}
id_of()
{
    printf 'indicator--6b616c61-0000-4000-8000-%012d' "$1"
}
publish()
{
    indicator "$@" >bundle.json
    at gb import bundle.json --source ours >>said 2>&1
}
# warned LAST FIELD: of the warning about it
warned()
{
    k warn list --json | grep "$(id_of "$1")" | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}
has()
{
    k export --as stix --source "partner/GB CERT" 2>/dev/null | grep -c "$(id_of "$1")"
}

if [ -n "${KENTONGAN_WARN:-}" ]; then
    look=0.02
    n=0
    while [ "$n" -lt "$KENTONGAN_WARN" ]; do # a hospital each, which met what nobody else did
        n=$((n + 1))
        hospital "RS Bangku $n" "rs-$n.example" "2001:db8:$n::/48"
        sed "s/203.0.113.77/203.0.113.$((n % 50 + 100))/; 3q" x.json | sed "s/dest_port\":443/dest_port\":$((1000 + n))/" >bench.json
        k ingest --stream "bench-$n" --org "RS Bangku $n" bench.json 2>>said
    done
    n=0
    while [ "$n" -lt "$KENTONGAN_WARN" ]; do
        n=$((n + 1))
        publish $((n % 50 + 100)) $amber '"PAP:AMBER"'
        until_like "$n" mails || break
    done
    python3 "$web/moments.py" kes/node.db >took
    is "$(wc -l <took)" "$KENTONGAN_WARN" "each hospital gets its mail"
    note "p50 $(sort -n took | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }')"
    note "p99 $(sort -n took | awk '{ t[NR] = $1 } END { print t[int(NR * 0.99 + 0.99)] }')"
    stop_all
    done_testing
fi

publish 77 $amber '"PAP:AMBER"'
until_like 1 mails
ok $? "a mail goes out" || note "$(k warn list; tail -n 5 kes.log; cat said)"
mail=$(find mails -name '*.eml')
python3 - "$mail" >read.mail <<'PY'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print("to:", mail["X-Envelope-To"], mail["To"])
print("subject:", mail["Subject"])
print("id:", mail["Message-ID"])
for part in mail.walk():
    if part.get_content_maintype() != "multipart":
        print("part:", part.get_content_type(), part.get_filename())
        print(part.get_content() if part.get_content_maintype() == "text" else part.get_content()[:10000])
PY
text=$(cat read.mail)
like "$text" "to: siaga@rs-anggrek.example*" "to the hospital that met it"
like "$text" "*subject: *TLP:AMBER*" "its marking stands in the subject"
like "$text" "*203[[].[]]0[[].[]]113[[].[]]77*" "it tells of the address, defanged"
like "$text" "*Log Anda sendiri menunjukkan mesin mana*Your own logs tell which machine it was*" "and where to look for the machine, in both languages"
is "$(grep -c "$(id_of 77)" "$mail"):$(grep -ci 'GB CERT' read.mail)" "0:0" "but neither of the indicator's id nor of who said so"
is "$(k warn list | wc -l):$(warned 77 organisation):$(warned 77 events):$(warned 77 class)" "1:RS Anggrek Bulan:3:malicious-code/infected-system" "three events, one warning, for it alone"
is "$(warned 77 first | cut -c 1-13)" "${then}T03" "of nineteen days ago"
until_like sent warned 77 state
ok $? "it is known to be sent"

# The hospital comes by a way of its own: what is kept is what the partner gets.
link=$(grep -o "http://127.0.0.1:$link_kes/w/[A-Za-z0-9_-]*" read.mail | head -n 1 | sed "s/:$link_kes/:$port_kes/")
python3 - "$link" get >pressed <<'PY'
import re, sys, urllib.parse, urllib.request
page = urllib.request.urlopen(sys.argv[1]).read().decode()
print("page", len(page))
open("page.html", "w").write(page)
PY
is "$(warned 77 state)" sent "opening the link, as scanners of mail do, answers nothing"
python3 - "$link" <<'PY'
import html.parser, sys, urllib.parse, urllib.request
class Form(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.at = [], None
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.at = {"action": attributes.get("action"), "fields": {}, "buttons": []}
            self.forms.append(self.at)
        elif self.at is not None and tag == "input" and attributes.get("name"):
            if attributes.get("type") in ("radio", "checkbox", "submit"):
                self.at["buttons"].append((attributes["name"], attributes.get("value", "")))
            else:
                self.at["fields"][attributes["name"]] = attributes.get("value", "")
        elif self.at is not None and tag == "button" and attributes.get("name"):
            self.at["buttons"].append((attributes["name"], attributes.get("value", "")))
reader = Form()
reader.feed(open("page.html").read())
form = next(form for form in reader.forms if any(value == "acknowledged" for _, value in form["buttons"] + list(form["fields"].items())))
fields = dict(form["fields"])
fields.update([button for button in form["buttons"] if button[1] == "acknowledged"])
target = urllib.parse.urljoin(sys.argv[1], form["action"] or "")
urllib.request.urlopen(urllib.request.Request(target, urllib.parse.urlencode(fields).encode(), method="POST"))
PY
is "$(warned 77 state)" acknowledged "pressing the button does"

# ---- The variants ----

publish 77 $amber '"PAP:AMBER"'
publish 78 $strict '"PAP:AMBER"'
until_like drafted warned 78 state
like "$(warned 78 held)" "tlp: *" "AMBER+STRICT tells the hospital nothing"
like "$(k warn list --held)" "*ask the originator's consent*--from \"GB CERT\" --to affected*" "and whoever is on duty reads what to ask"
publish 79 $amber '"iep2-policy:affected_party_notifications=\"must-not\""'
until_like drafted warned 79 state
like "$(warned 79 held)" "affected: *" "nor does what a policy forbids to tell"
publish 80 $amber '"PAP:AMBER"'
until_like drafted warned 80 state
like "$(warned 80 held)" "warning-list: *" "what is on a warning list waits for an analyst"
publish 81 $amber '"PAP:RED"'
until_like approved warned 81 state
is "$(warned 81 does)" digest "another of the same class and day goes with the digest"
is "$(mails)" 1 "all of that is no second mail"
publish 77 $amber '"PAP:AMBER"' 2026-11-02T00:00:00.000Z ',"revoked":true'
until_like withdrawn warned 77 state
ok $? "what is revoked is withdrawn"
until_like 2 mails
ok $? "and the hospital gets a correction"
grep -l 'siaga@rs-kenanga' mails/*.eml >neighbour
is "$(wc -l <neighbour)" 0 "its neighbour never got anything"
if [ -s connects ]; then
    is "$(grep -E 'sin_addr|sin6_addr' connects | grep -vcE '127\.0\.0\.1|::1')" 0 "no look-up and no request left this machine"
else
    skip "no look-up and no request left this machine" "strace cannot watch here"
fi

# ---- How long it took ----

python3 "$web/moments.py" kes/node.db >took
note "from acceptance until the mail was taken: $(cat took) ms"
ok "$([ "$(cat took)" -lt 5000 ]; echo $?)" "from acceptance to the mail it is a moment"

# ---- Another partner, which asks itself whether it was met ----

k partner add --no-url --name "Dinas Contoh" --country GB >>said 2>&1
(umask 077 && k token add client --for partner-dinas-contoh --scope taxii --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token)
inbox=$(k partner show "Dinas Contoh" | sed -n 's/^writes to //p')
run python3 "$web/control.py" "127.0.0.1:$port_kes" token "$inbox" 203.0.113.82 203.0.113.200 "${KENTONGAN_TRIES:-2}" times received
note "apart: $(printf '%s\n' "$out" | tail -n 1)"
like "$status:$out" "0:* answers, 0 differences" "what it asks after posting what was met is answered as for what was not"
approved()
{
    k warn list | grep -c '	approved	'
}
until_like "$((1 + ${KENTONGAN_TRIES:-2}))" approved
ok $? "though there it was warned of each"
if [ -n "${KENTONGAN_TRIES:-}" ]; then
    run python3 "$web/stopwatch.py" compare times times
    is "$status" 0 "nor does the time tell"
    note "$out"
fi

# ---- What partners got ----

cat carried/0.requests carried/1.answers received >partner.bytes 2>/dev/null
ok "$([ "$(wc -c <partner.bytes)" -gt 10000 ]; echo $?)" "all that KES sent to GB was kept"
printf '%s\n' "RS Anggrek Bulan" "Anggrek" "RS Kenanga Putih" "rs-anggrek.example" "rs-kenanga.example" \
    "siaga@rs-anggrek.example" "siaga@rs-kenanga.example" "192.0.2.7" "192.0.2.0" "192.0.2.200" >secrets
run python3 "$web/leaks.py" secrets partner.bytes
like "$status:$out" "0:* forms of 10 secrets, 0 hits" "in no spelling, encoding or hash is anything of the hospital in it"
[ -z "$err" ] || note "$err"
note "$out in $(wc -c <partner.bytes) bytes"
is "$(grep -a -c '"type":"sighting"' partner.bytes)" 0 "no sighting went back"
printf "x %s\n" "RS Anggrek Bulan" >bytes
run python3 "$web/leaks.py" secrets bytes
is "$status" 1 "the search would find it"
done_testing
