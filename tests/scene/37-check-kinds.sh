#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every kind that check knows: a good file is "FILE: ok (KIND)", a bad one "FILE:LINE:COLUMN: reason", with the section
# where there is a standard. Every format of events has golden data and a fuzz seed.
. "${0%/*}/tap.sh"

data=$KENTONGAN_ROOT/tests/data
seeds=$KENTONGAN_ROOT/fuzz/seeds/event
echo '{}' >any
kinds=$("$KENTONGAN" check --as nothing any 2>&1 | sed 's/.*(\(.*\), or a format.*/\1/; s/,//g')
formats=$("$KENTONGAN" check --as nothing any 2>&1 | sed 's/.*format of events: \(.*\))$/\1/; s/,//g')

# good KIND FILE
good()
{
    run "$KENTONGAN" check --as "$1" "$2"
    is "$status:$out$err" "0:$2: ok ($1)" "$1: a good file"
}

# bad KIND FILE PATTERN: the first complaint.
bad()
{
    run "$KENTONGAN" check --as "$1" "$2"
    is "$status:$err" "1:" "$1: a bad file is refused"
    like "$(printf '%s\n' "$out" | head -n 1)" "$2:[0-9]*:[0-9]*: $3" "$1: where and why"
}

# A line that ends what is good, and what is said of it.
spoil()
{
    case $1 in
    zeek-tsv) printf 'too\tfew\n' ;;
    weblog | syslog | cef) printf '<999>\n' ;;
    summary) printf 'weather,melati,,,,\n' ;;
    csv) printf '"a"b\n' ;;
    shadowserver) head -n 1 "$file" | sed 's/^/1,/' ;;
    lines) printf 'a\000b\n' ;;
    *) printf '{"a":\n' ;;
    esac
}
said()
{
    case $1 in
    zeek-tsv) echo '2 columns where #fields names*' ;;
    weblog) echo 'no client*' ;;
    syslog) echo '*\[RFC 5424 section 6.2.1\]' ;;
    cef) echo 'no CEF*' ;;
    summary) echo 'column 1*' ;;
    csv) echo '*column*' ;;
    shadowserver) echo '* columns where the header has *' ;;
    lines) echo 'a NUL byte*' ;;
    *) echo '*\[RFC 8259 section [0-9]*\]' ;;
    esac
}

for format in $formats; do
    [ -f "$data/event/$format.log" ] && [ -f "$data/event/$format.expected" ] ||
        ls "$data/event/$format"-*.log "$data/event/$format"-*.expected >/dev/null 2>&1
    ok $? "$format: has golden data"
    grep -lE "^$format( |\$)" "$seeds/$format"* >/dev/null 2>&1
    ok $? "$format: has a fuzz seed"
    sample=$data/event/$format.log
    file=$format.log
    case $format in
    csv) sample=$data/event/csv-semicolon.log ;; # the plain one is a form of intelligence, too
    xarf) sample=$data/event/xarf-json.log ;;    # the other holds mails, of more than one line
    shadowserver)
        sample=$data/event/shadowserver-scan_exchange.log
        file=2026-01-01-scan_exchange-klinik.csv
        ;;
    esac
    # Golden data hold bad lines on purpose: those are what check names, and the rest is good.
    cp "$sample" "$file"
    "$KENTONGAN" check --as "$format" "$file" | sed -n "s/^$file:\([0-9]*\):.*/\1d/p" >bad-lines
    sed -i -f bad-lines "$file"
    [ "$(wc -l <"$file")" -gt "$(wc -l <bad-lines)" ]
    ok $? "$format: most of the golden data is good"
    good "$format" "$file"
    spoil "$format" >bad-line
    cat bad-line >>"$file"
    bad "$format" "$file" "$(said "$format")"
done

for kind in $kinds; do
    case $kind in
    json)
        printf '[1]\n' >good.json
        printf '[1,]\n' >bad.json
        why='*\[RFC 8259 section [0-9]*\]'
        ;;
    stix)
        cp "$data/stix/valid/tool.json" good.stix
        cp "$data/stix/invalid/tool-required-4.18.1.json" bad.stix
        why='name is required \[STIX 2.1 section 4.18.1\]'
        ;;
    misp)
        printf '{"Event":{"info":"Drill","Attribute":[{"type":"ip-dst","to_ids":true,"uuid":"27000000-0000-4000-8000-000000000003","timestamp":"1767225600","value":"192.0.2.2"}]}}\n' >good.misp
        sed 's/192.0.2.2/999.0.2.2/' good.misp >bad.misp
        why='*'
        ;;
    csv)
        printf 'type,value\nipv4,192.0.2.1\n' >good.csv
        printf 'type,value\nipv4\n' >bad.csv
        why='*\[RFC 4180 section 2\]'
        ;;
    list)
        printf 'melati.example\n' >good.list
        printf 'md5\tabc\n' >bad.list
        why='*'
        ;;
    text)
        printf 'We saw melati[.]example and readme.md.\n' >good.text
        printf 'a\000b\n' >bad.text
        why='here is a NUL*'
        ;;
    index)
        printf 'melati.example\n' >names
        "$KENTONGAN" compile -i names -o good.index 2>told
        head -c 200 good.index >bad.index
        why='*'
        ;;
    pattern)
        echo "[mutex:name = 'kembang']" >good.pattern
        echo "[mutex:name = 'kembang'" >bad.pattern
        why='*\[STIX 2.1 section 9.5\]'
        ;;
    playbook)
        cp "$KENTONGAN_ROOT/etc/playbooks/phishing.json" good.playbook
        sed 's/"type": *"playbook"/"type":"script"/' good.playbook >bad.playbook
        why='*'
        ;;
    responsibility)
        cp "$KENTONGAN_ROOT/etc/responsibility.conf" good.responsibility
        printf '[file]\nversion = 1\nsource = nobody\n[drum x]\n' >bad.responsibility
        why='a section is*'
        ;;
    risks)
        cp "$KENTONGAN_ROOT/etc/risks.conf" good.risks
        printf '[file]\nversion = 1\nsource = nobody\n[likelihood 9]\nincidents = 1\ndays = 1\n' >bad.risks
        why='a step is called 1, 2, 3, 4 or 5*'
        ;;
    classes)
        cp "$KENTONGAN_ROOT/etc/classes.conf" good.classes
        printf '[file]\nversion = 1\nsource = nobody\n[class x]\nen = drum\nclass = fraud\n' >bad.classes
        why='class: a taxonomy/type of RSIT*'
        ;;
    rates)
        printf '[file]\nversion = 1\nsource = us\n[rate usd-idr-2026-11-20]\nrate = 16650.25\nsource = bank\n' >good.rates
        printf '[file]\nversion = 1\nsource = us\n[rate usd-idr-2026-11-20]\nrate = 16.650,25\nsource = bank\n' >bad.rates
        why='rate: a number above nought as 16650.25*'
        ;;
    takedown)
        cp "$KENTONGAN_ROOT/etc/takedown.conf" good.takedown
        printf '[file]\nversion = 1\nsource = nobody\n[takedown x]\nlanguage = xx\n' >bad.takedown
        why='language: en, id or zh*'
        ;;
    config)
        printf '[node]\nname = Melati\n' >good.config
        printf '[node]\nname = Melati\nlisten = nowhere\n' >bad.config
        why='listen wants an address and a port*'
        ;;
    *)
        ok 1 "$kind: nobody said what is good and bad here"
        continue
        ;;
    esac
    good "$kind" "good.$kind"
    bad "$kind" "bad.$kind" "$why"
done
is "$(echo $kinds $formats | wc -w)" 30 "no kind is left out"

done_testing
