#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""events.py PROGRAM DATA SUITE: decodes third-party events and compares them with a reading of our own.

Prints what differs, then "CASES cases, N as expected, N excepted". Exits 1 if something differs that is not excepted
or is excepted and does not differ, 77 if there is no such data. The reading here shares nothing with the program: it is
by Python's json, datetime and ipaddress.
"""
import datetime
import gzip
import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile

import exceptions

PROGRAM, DATA, SUITE = sys.argv[1:4]


def moment(text):
    """Microseconds since 1970 of a time in any of the spellings that the suites use."""
    if isinstance(text, (int, float)) or re.fullmatch(r'\d+(\.\d+)?', text):
        whole, _, part = str(text).partition('.')
        return int(whole) * 1000000 + int((part + '000000')[:6])
    text = re.sub(r'Z$', '+00:00', text.replace(' ', 'T'))
    part = re.search(r'\.(\d+)', text)
    text = re.sub(r'\.\d+', '', text)
    at = datetime.datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
    return int(at.timestamp()) * 1000000 + (int((part.group(1) + '000000')[:6]) if part else 0)


def address(text):
    """The address in its one spelling, None if it is none."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return str(ip.ipv4_mapped) if ip.version == 6 and ip.ipv4_mapped else str(ip)


def decode(format_name, texts):
    """The rows for a list of records, each written on a line of its own; a dict by line."""
    with tempfile.NamedTemporaryFile('w', suffix='.log', delete=False) as file:
        file.write('\n'.join(texts) + '\n')
    try:
        done = subprocess.run([PROGRAM, 'decode', '-f', format_name, file.name], capture_output=True, text=True)
        plain = subprocess.run([PROGRAM, 'decode', '-f', format_name, '--plain', '-j', '1', file.name],
                               capture_output=True, text=True)
    finally:
        os.unlink(file.name)
    if format_name != 'fhir' and done.stdout != plain.stdout:
        sys.exit('the plain road differs')
    if done.stderr:
        sys.stderr.write(done.stderr)
    return {row['line']: row for row in map(json.loads, done.stdout.splitlines())}, done.stdout


def got(row):
    """What the program says of one event, in the words that are compared."""
    def end(name):
        return row.get(name, {}).get('address'), row.get(name, {}).get('port')
    kinds = row.get('observables', [])
    return {
        'time': moment(row['time']) if 'time' in row else None,
        'source': (address(end('source')[0]) or end('source')[0], end('source')[1]),
        'destination': (address(end('destination')[0]) or end('destination')[0], end('destination')[1]),
        'class': row.get('class', {}),
        'observables': {(o['type'], address(o['value']) or o['value'].lower().rstrip('.')) for o in kinds},
    }


def hosts(text):
    """What a field for a host name has to give: the name, or the address that stands for one."""
    if not text:
        return set()
    ip = address(text)
    if ip:
        return {('ipv6' if ':' in ip else 'ipv4', ip)}
    return {('host', text.lower().rstrip('.'))}


def addresses(*texts):
    ips = [address(text) for text in texts if text]
    return {('ipv6' if ':' in ip else 'ipv4', ip) for ip in ips if ip}


def hashes(**values):
    return {(kind, value.lower()) for kind, value in values.items() if value}


def urls(*texts):
    return {('url', text.lower().rstrip('.')) for text in texts if text}


def differs(row, want, exact_observables=False):
    """The names of what is not as wanted."""
    if row is None:
        return ['no event']
    have = got(row)
    wrong = [f'{name}: {have[name]} not {want[name]}' for name in ('time', 'source', 'destination')
             if name in want and have[name] != want[name]]
    for name, value in want.get('class', {}).items():
        if have['class'].get(name) != value:
            wrong.append(f'class.{name}: {have["class"].get(name)} not {value}')
    if want.get('observables', set()) - have['observables']:
        wrong.append(f'missing: {want["observables"] - have["observables"]}')
    if exact_observables and have['observables'] - want['observables']:
        wrong.append(f'too many: {have["observables"] - want["observables"]}')
    return wrong


# ---- The suites: each gives (what differs) for every case ----

N6_RSIT = {'amplifier': ('vulnerable', 'ddos-amplifier'), 'cnc': ('malicious-code', 'c2-server'),
           'malurl': ('malicious-code', 'malware-distribution'), 'scanning': ('information-gathering', 'scanner'),
           'spam': ('abusive-content', 'spam'), 'vulnerable': ('vulnerable', 'vulnerable-system'),
           'bots': ('malicious-code', 'infected-system'), 'phish': ('fraud', 'phishing')}


def n6_want(event):
    first = (event.get('address') or [{}])[0].get('ip')
    taxonomy, kind = N6_RSIT.get(event.get('category'), ('n6', event.get('category')))
    return {
        'time': moment(event['time']),
        'source': (address(first) if first else None, int(event['sport']) if event.get('sport') else None),
        'destination': (address(event['dip']) if event.get('dip') else None,
                        int(event['dport']) if event.get('dport') else None),
        'class': {'taxonomy': taxonomy, 'type': kind} if event.get('category') else {},
        'observables': addresses(*[a.get('ip') for a in event.get('address', [])], event.get('dip'))
        | urls(event.get('url'))
        | hashes(md5=event.get('md5'), sha1=event.get('sha1'), sha256=event.get('sha256'))
        | hashes(sha1=event.get('x509fp_sha1')),
        'fqdn': event.get('fqdn'),
    }


def n6():
    for case in lines('n6/parser-cases-a.jsonl'):
        case = json.loads(case)
        if not isinstance(case['expected'], list):
            continue
        events = [{**case['constants'], 'source': case['source'], **event} for event in case['expected']]
        rows, _ = decode('n6', [json.dumps(event) for event in events])
        for number, event in enumerate(events, 1):
            want = n6_want(event)
            want['observables'] |= hosts(want.pop('fqdn')) if event.get('fqdn') else set()
            yield differs(rows.get(number), want)


IDEA_RSIT = {'Attempt.Login': ('intrusion-attempts', 'brute-force'),
             'Recon.Scanning': ('information-gathering', 'scanner'),
             'Availibility.DDoS': ('availability', 'ddos')}


def idea():
    texts = lines('idea/nemea-a.jsonl')
    rows, _ = decode('idea', texts)
    for number, text in enumerate(texts, 1):
        event = json.loads(text)

        def end(name):
            first = (event.get(name) or [{}])[0]
            ports = first.get('Port')
            ports = ports if isinstance(ports, list) else [ports]
            return (first.get('IP4') or first.get('IP6') or [None])[0], ports[0]
        category = event['Category'][0]
        taxonomy, kind = IDEA_RSIT.get(category, ('idea', category))
        yield differs(rows.get(number), {
            'time': moment(event.get('EventTime', event['DetectTime'])), 'source': end('Source'),
            'destination': end('Target'), 'class': {'taxonomy': taxonomy, 'type': kind},
            'observables': addresses(*[ip for name in ('Source', 'Target') for part in event.get(name, [])
                                       for ip in part.get('IP4', []) + part.get('IP6', [])])
            | hosts((re.findall(r'domain name: (\S+)', event.get('Note', '')) or [None])[0]),
        }, True)


def strings(value):
    """Every string in a value, but for the codes of terminologies."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != 'coding':
                yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def fhir_people(event):
    """What says who acted and on whom or what: not one of these may be told."""
    for agent in event.get('agent', []):
        yield from strings([agent.get(name) for name in ('who', 'name', 'altId', 'policy')])
    for entity in event.get('entity', []):
        yield from strings([entity.get(name) for name in ('what', 'name', 'description', 'query', 'detail')])
    yield from strings([event.get('text'), event.get('patient'), event.get('contained'), event.get('outcomeDesc'),
                        event['source'].get('observer')])


def fhir_network(agent):
    return (agent.get('network') or {}).get('address') or agent.get('networkString') or agent.get('networkUri')


def fhir_host(text):
    match = re.match(r'[a-z]+://(?:[^/@]*@)?(\[[^]]*\]|[^/:]*)', text or '')
    return match.group(1) if match else text


def fhir():
    texts = lines('fhir/auditevent-r4-balp-a.jsonl')
    for name in ('r4', 'r4b', 'r5'):
        texts.append(open(f'{DATA}/fhir/auditevent-example-{name}.json').read().strip())
    for text in texts:
        rows, out = decode('fhir', [text])
        event = json.loads(text)
        ends = {'110153': None, '110152': None}
        told = [fhir_host(fhir_network(agent)) for agent in event.get('agent', [])]
        for agent in event['agent']:
            code = ((agent.get('type') or {}).get('coding') or [{}])[0].get('code')
            host = address(fhir_host(fhir_network(agent)) or '')
            code = '110153' if agent.get('requestor') and code not in ends else code
            if host and code in ends and ends[code] is None:
                ends[code] = host
        wrong = differs(rows.get(1), {
            'time': moment(event['recorded']), 'source': (ends['110153'], None),
            'destination': (ends['110152'], None),
            'class': {'taxonomy': 'fhir', 'type': event['type']['code'], 'identifier': event['subtype'][0]['code']},
            'observables': set().union(*[hosts(host) for host in told if host and ' ' not in host]),
        }, True)
        row = rows.get(1, {})
        may = {host for host in told if host}
        wrong += [f'told: {secret}' for secret in fhir_people(event) if secret not in may and f'{secret}' in out]
        patients = {entity['what']['reference'] for entity in event.get('entity', [])
                    if entity.get('what', {}).get('reference', '').startswith('Patient/')}
        if len(row.get('extra', {}).get('patients', [])) != len(patients):
            wrong.append('patients')
        yield wrong


RSIT = {}


def intelmq_want(event):
    kind, taxonomy = event.get('classification.type'), event.get('classification.taxonomy') or None
    return {
        'time': moment(event['time.source'] if event.get('time.source') else event['time.observation'])
        if event.get('time.source') or event.get('time.observation') else None,
        'source': (address(event.get('source.ip') or ''), event.get('source.port')),
        'destination': (address(event.get('destination.ip') or ''), event.get('destination.port')),
        'class': {'taxonomy': taxonomy or RSIT.get(kind), 'type': kind,
                  'identifier': event.get('classification.identifier')},
        'observables': addresses(*[event.get(side + '.ip') for side in ('source', 'destination')])
        | set().union(*[hosts(event.get(f'{side}.{name}')) for side in ('source', 'destination')
                        for name in ('fqdn', 'reverse_dns')])
        | urls(*[event.get(side + '.url') for side in ('source', 'destination')])
        | hashes(md5=event.get('malware.hash.md5'), sha1=event.get('malware.hash.sha1'),
                 sha256=event.get('malware.hash.sha256')),
    }


def intelmq():
    taxonomy = os.path.join(DATA, '..', 'taxonomies', 'rsit', 'machinev1')
    for predicate in json.load(open(taxonomy))['values']:
        for entry in predicate['entry']:
            RSIT[entry['value']] = predicate['predicate']
    events = [event for case in lines('intelmq/parser-cases-a.jsonl') for event in json.loads(case)['events']]
    rows, _ = decode('intelmq', [json.dumps(event) for event in events])
    for number, event in enumerate(events, 1):
        yield differs(rows.get(number), intelmq_want(event))


def zeek_want(event):
    icmp = event.get('proto') == 'icmp'
    seen = addresses(event.get('id.orig_h'), event.get('id.resp_h'), event.get('src'), event.get('dst'),
                     *event.get('tx_hosts', []), *event.get('rx_hosts', []), *event.get('san.ip', []),
                     *[answer for answer in event.get('answers', []) if ' ' not in answer])
    seen |= hashes(md5=event.get('md5'), sha1=event.get('sha1'), sha256=event.get('sha256'))
    if 'host' in event and event.get('uri', '').startswith('/'):
        port = '' if event['id.resp_p'] == 80 else f':{event["id.resp_p"]}'
        seen |= urls(f'http://{event["host"]}{port}{event["uri"]}')
    if event.get('seen.indicator_type') in ('Intel::ADDR', 'Intel::DOMAIN', 'Intel::EMAIL'):
        kind = event['seen.indicator_type']
        seen |= {('email', event['seen.indicator'])} if kind == 'Intel::EMAIL' else hosts(event['seen.indicator'])
    return {
        'time': moment(event['ts']),
        'source': (address(event.get('id.orig_h') or event.get('src') or ''),
                   None if icmp else event.get('id.orig_p') or None),
        'destination': (address(event.get('id.resp_h') or event.get('dst') or ''),
                        None if icmp else event.get('id.resp_p') or None),
        'class': {'taxonomy': 'zeek', 'type': event['note']} if 'note' in event else {},
        'observables': seen,
    }


def names_of(event):
    """Names that can be host names; what else stands there (NetBIOS, TXT) has no one reading."""
    plain = re.compile(r'[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)+')
    every = [event.get('query'), event.get('server_name')] + event.get('san.dns', []) + \
        [answer for answer in event.get('answers', []) if ' ' not in answer]
    return set().union(*[hosts(name) for name in every if name and plain.fullmatch(name) and len(name) < 250])


def zeek_files():
    folder = os.path.join(DATA, 'zeek')
    for name in sorted(os.listdir(folder)):
        if '.json' in name:
            with (gzip.open if name.endswith('.gz') else open)(os.path.join(folder, name), 'rt') as file:
                yield name, file.read().splitlines()


def zeek_compare(format_name, write):
    for name, texts in zeek_files():
        events = [json.loads(text, parse_float=str) for text in texts]
        records, first = write(texts, events)
        rows, _ = decode(format_name, records)
        for number, event in enumerate(events, first):
            want = zeek_want(event)
            want['observables'] |= names_of(event)
            yield differs(rows.pop(number, None), want)
        if rows:
            yield [f'{name}: {len(rows)} events that are none']


def zeek():
    yield from zeek_compare('zeek', lambda texts, events: (texts, 1))


def cell(value):
    """As Zeek's ASCII writer escapes (base/frameworks/logging/writers/ascii)."""
    text = {True: 'T', False: 'F'}.get(value, value) if isinstance(value, bool) else str(value)
    return re.sub(r'[\\,\t\n\x00-\x1f]|^[#-]$|^\(empty\)$|^#', lambda match: ''.join(
        '\\x%02x' % byte for byte in match.group(0).encode()), text) or '(empty)'


def as_columns(texts, events):
    """The same events as text in columns, the lines before them as Zeek writes them."""
    names = sorted({name for event in events for name in event})
    lists = {name for event in events for name in event if isinstance(event[name], list)}
    head = ['#separator \\x09', '#set_separator\t,', '#empty_field\t(empty)', '#unset_field\t-', '#path\tx',
            '\t'.join(['#fields'] + names),
            '\t'.join(['#types'] + ['vector[string]' if name in lists else 'string' for name in names])]
    rows = ['\t'.join('-' if name not in event else
                      (','.join(map(cell, event[name])) or '(empty)') if name in lists else cell(event[name])
                      for name in names) for event in events]
    return head + rows, len(head) + 1


def zeek_tsv():
    yield from zeek_compare('zeek-tsv', as_columns)


def lines(path):
    with open(os.path.join(DATA, path)) as file:
        return file.read().splitlines()


def main():
    suites = {'n6': n6, 'idea': idea, 'fhir': fhir, 'intelmq': intelmq, 'zeek': zeek, 'zeek-tsv': zeek_tsv}
    excepted = exceptions.read(SUITE)
    needed = set()
    count = failed = 0
    try:
        for count, wrong in enumerate(suites[SUITE](), 1):
            if wrong and str(count) in excepted:
                needed.add(str(count))
            elif wrong:
                failed += 1
                if failed <= 20:
                    print(f'{SUITE} {count}: {"; ".join(wrong)}')
    except FileNotFoundError as missing:
        print(f'there is no {missing.filename}', file=sys.stderr)
        sys.exit(77)
    for case in excepted.keys() - needed:
        print(f'{SUITE} {case}: is an exception without need')
    print(f'{count} cases, {count - failed - len(needed)} as expected, {len(needed)} excepted')
    sys.exit(failed > 0 or needed != excepted.keys())


main()
