// SPDX-License-Identifier: Apache-2.0
//
// node duckdb.mjs EVENTS LIST exact|full: counts the hits of a list (type TAB value) in a file of EVE lines with DuckDB,
// one thread, explicit columns. Prints one line of key=value with the CPU seconds of loading the list and of the query
// apart. Of the ways tried to write these queries, these are the fastest.
//
// exact  every observable of the event against every value of the list as text
// full   also names below domains, addresses in prefixes, and URLs that the log keeps as host and path
import { DuckDBInstance, version } from "@duckdb/node-api";

const EVENTS = `read_json($file, format = 'newline_delimited', columns = {
  src_ip: 'VARCHAR', dest_ip: 'VARCHAR',
  dns: 'STRUCT(rrname VARCHAR, answers STRUCT(rrname VARCHAR, rdata VARCHAR)[], query STRUCT(rrname VARCHAR)[])',
  tls: 'STRUCT(sni VARCHAR, fingerprint VARCHAR, ja3 STRUCT(hash VARCHAR), ja3s STRUCT(hash VARCHAR))',
  http: 'STRUCT(hostname VARCHAR, url VARCHAR, http_user_agent VARCHAR, http_refer VARCHAR)',
  fileinfo: 'STRUCT(filename VARCHAR, md5 VARCHAR, sha1 VARCHAR, sha256 VARCHAR)'
})`;

const LIST = `read_csv($list, delim = '\t', header = false, quote = '', escape = '',
  columns = {type: 'VARCHAR', value: 'VARCHAR'})`;

const VALUES = `[src_ip, dest_ip, dns.rrname, tls.sni, tls.fingerprint, tls.ja3.hash, tls.ja3s.hash, http.hostname,
  http.http_user_agent, http.http_refer, fileinfo.filename, fileinfo.md5, fileinfo.sha1, fileinfo.sha256]
  || coalesce(list_transform(dns.answers, lambda a: a.rrname), [])
  || coalesce(list_transform(dns.answers, lambda a: a.rdata), [])
  || coalesce(list_transform(dns.query, lambda q: q.rrname), [])`;

// All that a name lies below, but for the last label.
const ABOVE = `flatten(list_transform(
  list_transform(list_filter([dns.rrname, tls.sni, http.hostname, dns.query[1].rrname], lambda n: n IS NOT NULL),
    lambda n: string_split(n, '.')),
  lambda p: list_transform(range(2, len(p)), lambda i: array_to_string(p[i:], '.'))))`;

const NUMBER = (ip) => `(try_cast(split_part(${ip}, '.', 1) AS BIGINT) * 16777216
  + try_cast(split_part(${ip}, '.', 2) AS BIGINT) * 65536 + try_cast(split_part(${ip}, '.', 3) AS BIGINT) * 256
  + try_cast(split_part(${ip}, '.', 4) AS BIGINT))`;

const MET = (values) => `SELECT count(*) FROM (SELECT value FROM (SELECT unnest(${values}) AS value FROM ${EVENTS})
  WHERE value IS NOT NULL) JOIN list USING (value)`;

// Each address cut to every length that occurs, then joined by hash.
const HELD = (lengths) => `SELECT count(*) FROM (SELECT unnest([${lengths}]) AS bits, number FROM (
    SELECT ${NUMBER("ip")} AS number FROM (SELECT unnest([src_ip, dest_ip]) AS ip FROM ${EVENTS})
    WHERE ip NOT LIKE '%:%')) AS a
  JOIN prefix AS p ON p.bits = a.bits AND p.first = (a.number >> (32 - a.bits)) << (32 - a.bits)`;

const QUERIES = {
  exact: () => MET(VALUES),
  full: (lengths) => `SELECT (${MET(`${VALUES} || ['http://' || http.hostname || http.url] || ${ABOVE}`)})
    + (${HELD(lengths)})`,
};

const [events, list, semantics] = process.argv.slice(2);

function seconds(since) {
  const used = process.cpuUsage(since);
  return ((used.user + used.system) / 1e6).toFixed(6);
}

const database = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await database.connect();
let begin = process.cpuUsage();
await connection.run(`CREATE TABLE list AS SELECT value FROM ${LIST} WHERE type <> 'cidr'`, { list });
await connection.run(`CREATE TABLE prefix AS SELECT ${NUMBER("split_part(value, '/', 1)")} AS first,
  split_part(value, '/', 2)::INTEGER AS bits FROM ${LIST} WHERE type = 'cidr'`, { list });
const lengths = (await connection.runAndReadAll("SELECT DISTINCT bits FROM prefix")).getRows();
const load = seconds(begin);
begin = process.cpuUsage();
const result = await connection.runAndReadAll(QUERIES[semantics](lengths.join()), { file: events });
console.log(`hits=${result.getRows()[0][0]} load=${load} query=${seconds(begin)} version=${version()}`);
