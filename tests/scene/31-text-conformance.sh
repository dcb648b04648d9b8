#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What third parties wrote down of CEF, syslog and the reports of Shadowserver, which is not part of the project:
# KENTONGAN_CONFORMANCE says where it is. Where we differ on purpose, tests/data/exceptions.tsv says why.
. "${0%/*}/tap.sh"

export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$KENTONGAN_ROOT/tests/conformance"
export ASAN_OPTIONS="exitcode=99:$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=99:$UBSAN_OPTIONS"
events=${KENTONGAN_CONFORMANCE:-$KENTONGAN_ROOT/../shared/conformance}/events
if [ ! -d "$events" ]; then
    skip "third-party data" "there is none at $events"
    done_testing
fi

cat >decode.py <<'END'
import json, os, subprocess
BETWEEN = 'between.test'
def decode(files, *options, between='CEF:0|%s|b|1|x|y|3|\n' % BETWEEN):
    """For each of the files (name, text): its rows, and what was said of it on standard error. One call reads them all, in
    folders of their own, with a line between them that is an event."""
    paths = []
    with open('between', 'w') as file:
        file.write(between)
    for number, (name, text) in enumerate(files):
        os.makedirs('files/%d' % number, exist_ok=True)
        paths.append('files/%d/%s' % (number, name))
        with open(paths[-1], 'wb') as file:
            file.write(text.encode())
    both = [path for pair in zip(paths, ['between'] * len(paths)) for path in pair]
    done = subprocess.run([os.environ['KENTONGAN'], 'decode', '-j', '1', *options, *both], capture_output=True)
    rows, said = [[]], done.stderr.decode().splitlines(keepends=True)
    for line in done.stdout.decode().splitlines():
        if BETWEEN in line:
            rows.append([])
        else:
            rows[-1].append(json.loads(line))
    if len(rows) != len(files) + 1 or rows[-1]:
        raise SystemExit('%d files, %d read; %s' % (len(files), len(rows) - 1, said[-5:]))
    return [(some, ''.join(line for line in said if line.startswith(path + ':'))) for some, path in zip(rows, paths)]
END

if [ -f "$events/cef/cases-a.jsonl" ]; then
    cat >cef.py <<'END'
import json, sys
from decode import decode
good = 0
cases = [json.loads(line) for line in open(sys.argv[1])]
for number, (case, (rows, told)) in enumerate(zip(cases, decode([('log', case['line'] + '\n') for case in cases])), 1):
    if len(rows) == 1 and rows[0]['format'] == 'cef' and not told and \
            all(rows[0]['extra'].get(key) == value for key, value in case['expect'].items()):
        good += 1
    else:
        print('row', number, case, rows, told)
print(good, 'of', number)
END
    run python3 cef.py "$events/cef/cases-a.jsonl"
    is "$out$err" "9 of 9" "CEF: header and extension are taken apart as expected"
else
    skip "CEF" "there is no $events/cef/cases-a.jsonl"
fi

# A message is valid if it is one event, by itself on a line, and twice behind its count of octets.
if [ -f "$events/syslog/rfc-cases-a.jsonl" ]; then
    cat >syslog.py <<'END'
import json, sys
from decode import BETWEEN, decode
good = 0
def all_of(texts):
    return decode([('log', text) for text in texts], '-f', 'syslog', between='<14>1 - - %s - - -\n' % BETWEEN)
cases = [json.loads(line) for line in open(sys.argv[1])]
counted = ['%d %s' % (len(case['input'].encode()), case['input']) for case in cases]
alone, doubled = all_of(case['input'] + '\n' for case in cases), all_of(2 * text for text in counted)
for number, (case, (rows, told), (twice, said)) in enumerate(zip(cases, alone, doubled), 1):
    valid = len(rows) == 1 and not told
    if valid == case['valid'] == (len(twice) == 2 and not said):
        good += 1
    else:
        print('row', number, case, rows, told, twice, said)
print(good, 'of', number)
END
    run python3 syslog.py "$events/syslog/rfc-cases-a.jsonl"
    is "$out$err" "58 of 58" "syslog: what is valid is read, what is not is refused, in both framings"
else
    skip "syslog" "there is no $events/syslog/rfc-cases-a.jsonl"
fi

if [ -f "$events/intelmq/parser-cases-a.jsonl" ]; then
    cat >reports.py <<'END'
import csv, datetime, io, json, random, re, sys
import exceptions
from decode import decode
excepted = exceptions.read('shadowserver')
needed = set()

def moment(text):
    return None if text is None else datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))

def bare(url):
    return re.sub(r'^\w+://', '', url).lower()

def parts(expected, row):
    """Each part of the event: its name, what was expected, what there is."""
    yield 'format', 'shadowserver', row['format']
    yield 'time', moment(expected.get('time.source')), moment(row.get('time'))
    for end in 'source', 'destination':
        address, port = expected.get(end + '.ip'), expected.get(end + '.port')
        yield end + '.address', address and address.lower(), row.get(end, {}).get('address', '').lower() or None
        yield end + '.port', port or None, row.get(end, {}).get('port')
    for key in 'taxonomy', 'type', 'identifier':
        yield 'class.' + key, expected.get('classification.' + key), row.get('class', {}).get(key)
    seen = [(item['type'], item['value']) for item in row.get('observables', [])]
    values = {value.lower().rstrip('.') for kind, value in seen}
    urls = {bare(value) for kind, value in seen if kind == 'url'}
    for key, value in expected.items():
        if re.fullmatch(r'(source|destination)\.(ip|fqdn|reverse_dns)|malware\.hash\.\w+', key):
            yield key, True, value.lower().rstrip('.') in values
        elif re.fullmatch(r'(source|destination)\.url', key):
            yield key, True, bare(value) in urls

def shuffled(text, chance):
    """The same report with its columns in another order, and one that nobody knows."""
    table = list(csv.reader(io.StringIO(text)))
    order = list(range(len(table[0])))
    chance.shuffle(order)
    at = chance.randrange(len(order) + 1)
    out = io.StringIO()
    for number, row in enumerate(table):
        cells = [row[i] if i < len(row) else '' for i in order]
        cells.insert(at, 'tomorrow' if number == 0 else 'kept %d' % number)
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator='\n').writerow(cells)
    return out.getvalue()

def alike(row):
    """A row without what the order of columns decides: where it stands, and which value comes first."""
    extra = dict(row.get('extra', {}))
    extra.pop('tomorrow', None)
    return {**{key: value for key, value in row.items() if key != 'line'}, 'extra': extra,
            'observables': sorted({(item['type'], item['value']) for item in row.get('observables', [])})}

cases = events = kept = 0
chance = random.Random(7)
reports = [case for case in map(json.loads, open(sys.argv[1])) if case['parser'].startswith('shadowserver.')]
def ordered(case):
    """JSON has no order of columns; and quotes behind backslashes Python reads otherwise than Shadowserver writes them."""
    return not case['raw_text'].lstrip().startswith(('[', '{')) and '\\"' not in case['raw_text']
def name_of(case):
    return case['report']['extra.file_name']
first = decode([(name_of(case), case['raw_text']) for case in reports])
again = iter(decode([(name_of(case), shuffled(case['raw_text'], chance)) for case in reports if ordered(case)]))
for number, (case, (rows, told)) in enumerate(zip(reports, first), 1):
    name = name_of(case)
    report = re.match(r'[\d-]+-([a-z0-9_]+)', name).group(1)
    others, said = next(again) if ordered(case) else ([], '')
    unknown = report + ' format' in excepted
    if unknown:
        if all(row['format'] != 'shadowserver' for row in rows):
            needed.add(report + ' format')
    elif told or len(rows) != len(case['events']):
        print('row', number, name, 'rows', len(rows), 'of', len(case['events']), told)
    for expected, row in zip(case['events'], [] if unknown else rows):
        events += 1
        for part, want, got in parts(expected, row):
            if want != got and f'{report} {part}' in excepted:
                needed.add(f'{report} {part}')
            elif want != got:
                print('row', number, name, part, 'expected', want, 'got', got)
    cases += not unknown
    if unknown or not ordered(case):
        continue
    if said or list(map(alike, others)) != list(map(alike, rows)):
        print('row', number, name, 'differs with its columns in another order', said)
    kept += sum(row.get('extra', {}).get('tomorrow', '').startswith('kept ') for row in others)
for case in excepted.keys() - needed:
    print('exception no longer needed:', case)
print(cases, 'reports of known types,', events, 'events;', kept, 'with an unknown column, which is kept')
END
    run python3 reports.py "$events/intelmq/parser-cases-a.jsonl"
    is "$out$err" "129 reports of known types, 1200 events; 820 with an unknown column, which is kept" \
        "Shadowserver: time, ends, class and observables as expected, but for the exceptions; columns in any order"
else
    skip "reports of Shadowserver" "there is no $events/intelmq/parser-cases-a.jsonl"
fi

# Every type of the schema, with all its columns in an order of our own: what each column means is the schema's word.
schema=$events/shadowserver-report_schema/intelmq.json
if [ -f "$schema" ]; then
    cat >schema.py <<'END'
import json, sys
from decode import decode
samples = {'validate_ip': '192.0.2.%d', 'convert_int': '40%02d', 'validate_fqdn': 'n%d.klinik.example',
           'add_UTC_to_timestamp': '2026-11-20 10:29:%02d', 'validate_network': '198.51.100.0/24',
           'invalidate_zero': '645%02d'}
hashes = {'malware.hash.md5': 32, 'malware.hash.sha1': 40, 'malware.hash.sha256': 64}
schema = json.load(open(sys.argv[1]))
good = 0
types = []
for report in sorted(key for key in schema if not key.startswith('_')):
    mapping = schema[report]
    columns, said = {}, {}
    for key, column, *how in mapping['required_fields'] + mapping['optional_fields']:
        number = len(columns)
        sample = samples.get(how[0], 'text %d') if how else 'text %d'
        if key in hashes:
            sample = '%0' + str(hashes[key]) + 'x'
        elif key.endswith('.reverse_dns'):
            sample = 'n%d.klinik.example'
        elif key.endswith('.url'):
            sample = 'http://n%d.klinik.example/a'
        columns.setdefault(column, sample % number if '%' in sample else sample)
        said.setdefault(key, column)
    names = sorted(columns, reverse=True)
    text = '%s\n%s\n' % (','.join(names), ','.join('"%s"' % columns[name] for name in names))
    types += [(file_name, text, report, mapping, columns, said, names) for file_name in {report, mapping['file_name']}]
decoded = decode([('2026-11-20-%s-klinik-id.csv' % file_name, text) for file_name, text, *_ in types])
for (file_name, text, report, mapping, columns, said, names), (rows, told) in zip(types, decoded):
    row = rows[0] if rows else {}
    values = {item['value'] for item in row.get('observables', [])}
    wrong = []
    for end in 'source', 'destination':
        for key, part in ('.ip', 'address'), ('.port', 'port'):
            want = columns.get(said.get(end + key))
            got = row.get(end, {}).get(part)
            # blocklist: one column is an address or a network, and holds an address here
            if (want is not None or got is not None) and str(got) != str(want):
                wrong.append((end + key, want, got))
    for key, column in said.items():
        if key in hashes or key.endswith(('.fqdn', '.reverse_dns')):
            if columns[column] not in values:
                wrong.append((key, columns[column], sorted(values)))
        elif key.endswith('.url') and not any(value.endswith('.klinik.example/a') for value in values):
            wrong.append((key, columns[column], sorted(values)))
    for key in 'taxonomy', 'type', 'identifier':
        want = mapping['constant_fields'].get('classification.' + key) or columns.get(said.get('classification.' + key))
        if want is not None and 'exchange' not in report and row.get('class', {}).get(key) != want:
            wrong.append((key, want, row.get('class')))
    kept = json.dumps(row, ensure_ascii=False)
    lost = [name for name in names if columns[name] not in kept and name != 'timestamp']
    if told or wrong or lost or row.get('time', '')[:17] != '2026-11-20T10:29:':
        print(file_name, told, wrong, lost, row.get('time'))
    else:
        good += 1
print(good, 'of', len(types))
END
    run python3 schema.py "$schema"
    is "$out$err" "188 of 188" "Shadowserver: each of the 170 types, also by its other name, as the schema maps it"
else
    skip "schema of Shadowserver" "there is no $schema"
fi

done_testing
