#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server with every fault that a client has to live with, on loopback; for tests.

    server.py FOLDER

Makes an authority and certificates in FOLDER (needs openssl), listens on ports that the system chooses, prints
`NAME PORT` a line (http, https, expired, stranger, mutual, noise, proxy, guarded) and `ready`, and ends when its input does.
"""
import gzip
import hashlib
import http.server
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

MODIFIED = "Wed, 01 Jan 2025 10:00:00 GMT"
CA_CONF = """[ca]
default_ca = drum
[drum]
database = {0}/index
new_certs_dir = {0}
certificate = {0}/ca.pem
private_key = {0}/ca.key
serial = {0}/serial
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def authority(folder):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", "/CN=Drum test authority", "-keyout", "ca.key", "-out", "ca.pem")
    for name, text in (("index", ""), ("serial", "01\n"), ("ca.conf", CA_CONF.format(folder))):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)


def certificate(folder, name, alternatives, begin, end):
    """A certificate of the authority, as the context of a server."""
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName={alternatives}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    openssl(folder, "ca", "-batch", "-notext", "-config", "ca.conf", "-in", f"{name}.csr", "-out", f"{name}.pem",
            "-startdate", begin, "-enddate", end)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key"))
    return context


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # pylint: disable=invalid-name
        self.dispatch("get_")

    def do_POST(self):  # pylint: disable=invalid-name
        self.dispatch("post_")

    def dispatch(self, kind):
        path, _, query = self.path.partition("?")
        name, _, rest = path.lstrip("/").partition("/")
        try:
            getattr(self, kind + name)(query or rest)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def get_ok(self, _):
        same = self.headers.get("If-None-Match") == '"v1"' or self.headers.get("If-Modified-Since") == MODIFIED
        tags = {"ETag": '"v1"', "Last_Modified": MODIFIED}
        if same:
            self.send_response(304)
            self.send_header("ETag", '"v1"')
            self.end_headers()
        else:
            self.answer(b"the drum was beaten\n", Content_Type="text/plain", **tags)

    def get_echo(self, _):
        self.answer(str(self.headers).encode())

    def sent(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def post_echo(self, status):
        """What was sent, behind its headers."""
        body = self.sent()
        self.answer(str(self.headers).encode() + body, int(status or 202), X_TAXII_Date_Added_Last="2026-01-01T00:00:00Z")

    def post_to(self, url):
        self.sent()
        self.answer(b"elsewhere", 307, Location=url)

    def post_see(self, _):
        self.sent()
        self.answer(b"elsewhere", 303, Location="/ok")

    def get_later(self, seconds):
        self.answer(b'{"title":"not now"}', 503, Retry_After=seconds)

    def get_who(self, _):
        """Whose certificate was shown."""
        shown = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        self.answer(str(dict(part[0] for part in shown["subject"]) if shown else "nobody").encode())

    def get_gzip(self, _):
        self.answer(gzip.compress(b"drum " * 1000), Content_Encoding="gzip")

    def get_gzips(self, _):
        """Two members, and pieces of a few bytes each."""
        packed = gzip.compress(b"drum " * 400) + gzip.compress(b"drum " * 600)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        for start in range(0, len(packed), 7):
            self.wfile.write(packed[start : start + 7])
            self.wfile.flush()

    def get_emptygzip(self, _):
        self.answer(b"\x1f\x8b\x08\xff" + bytes(30), Content_Encoding="gzip")

    def get_sumgzip(self, _):
        """All of it, with the checksum of something else."""
        packed = bytearray(gzip.compress(b"drum " * 1000))
        packed[-8] ^= 1
        self.answer(bytes(packed), Content_Encoding="gzip")

    def get_brotli(self, _):
        self.answer(b"packed otherwise", Content_Encoding="br")

    def get_bomb(self, _):
        self.answer(gzip.compress(bytes(32 << 20)), Content_Encoding="gzip")

    def get_badgzip(self, _):
        self.answer(b"this is no gzip at all", Content_Encoding="gzip")

    def get_cutgzip(self, _):
        packed = gzip.compress(os.urandom(4000))
        self.answer(packed[: len(packed) // 2], Content_Encoding="gzip")

    def get_feed(self, path):
        """The file of that name in FOLDER/feed, unless who asks has it already; FOLDER/asked is what was said."""
        name = os.path.join(self.server.folder, "feed", *(part for part in path.split("/") if part != ".."))
        status, body, tag = 404, b"", ""
        if os.path.isfile(name):
            with open(name, "rb") as file:
                body = file.read()
            tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
            status = 304 if self.headers.get("If-None-Match") == tag else 200
        with open(os.path.join(self.server.folder, "asked"), "a", encoding="ascii") as file:
            file.write(f"{status} {path}\n")
        self.answer(body if status == 200 else b"", status, ETag=tag)

    def get_large(self, size):
        self.answer(b"d" * int(size))

    def chunks(self, chunk, pause, status=200):
        self.send_response(status)
        self.send_header("Location", "/ok")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            time.sleep(pause)

    def get_endless(self, _):
        self.chunks(b"d" * 65536, 0)

    def get_page(self, status):
        self.chunks(b"d" * 65536, 0, int(status))

    def get_dribble(self, _):
        self.chunks(b"d" * 10, 0.1)

    def get_silent(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"d")
        time.sleep(20)

    def get_hang(self, _):
        time.sleep(20)

    def get_short(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"d" * 10)
        self.close_connection = True

    def get_nothing(self, _):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def get_headers(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-Drum: " + b"d" * 1000 + b"\r\n")

    def get_status(self, number):
        self.answer(b"<html>a page for people</html>", int(number))

    def get_hop(self, number):
        left = int(number)
        self.answer(b"", 302, Location=f"/hop/{left - 1}" if left > 1 else "/ok")

    def get_loop(self, _):
        self.answer(b"round", 301, Location="/loop")

    def get_to(self, url):
        self.answer(b"elsewhere", 302, Location=url)


class Proxy(http.server.BaseHTTPRequestHandler):
    """Knows the one name drum.test, which is this machine, and answers for http://names.test itself."""
    password = None

    def log_message(self, *_):
        pass

    def refused(self):
        if self.password and self.headers.get("Proxy-Authorization") != self.password:
            self.send_error(407)
            return True
        return False

    def do_GET(self):  # pylint: disable=invalid-name
        if self.refused():
            return
        if not self.path.startswith("http://names.test/"):
            self.send_error(403)
            return
        body = b"by the proxy\n" + str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self):  # pylint: disable=invalid-name
        host, _, port = self.path.rpartition(":")
        if self.refused():
            return
        if host != "drum.test":
            self.send_error(403)
            return
        with socket.create_connection(("127.0.0.1", int(port))) as there:
            self.send_response(200)
            self.end_headers()
            self.splice(there)
        self.close_connection = True

    def splice(self, there):
        ways = {self.connection: there, there: self.connection}
        while True:
            for ready in select.select(list(ways), [], [], 20)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                ways[ready].sendall(data)


class Guarded(Proxy):
    password = "Basic ZHJ1bTptZWxhdGkgc2VjcmV0"  # drum:melati secret


class Noise(socket.socket):
    """Something that is no web server."""

    def __init__(self):
        super().__init__()
        self.bind(("127.0.0.1", 0))
        self.listen()
        self.server_port = self.getsockname()[1]

    def serve_forever(self):
        while True:
            there, _ = self.accept()
            there.recv(1000)
            there.sendall(b"220 drum.test ready\r\n")
            there.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    folder = None

    def __init__(self, handler, context=None):
        super().__init__(("127.0.0.1", 0), handler)
        self.context = context

    def handle_error(self, request, client_address):
        pass

    def finish_request(self, request, client_address):
        if self.context:  # in the thread of the connection: a handshake may take as long as it likes
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)


def main(folder):
    Server.folder = folder
    authority(folder)
    here = "IP:127.0.0.1,DNS:drum.test"
    good = certificate(folder, "good", here, "20200101000000Z", "20991231235959Z")
    expired = certificate(folder, "expired", here, "20200101000000Z", "20210101000000Z")
    stranger = certificate(folder, "stranger", "DNS:stranger.test", "20200101000000Z", "20991231235959Z")
    mutual = certificate(folder, "mutual", here, "20200101000000Z", "20991231235959Z")
    mutual.load_verify_locations(os.path.join(folder, "ca.pem"))
    mutual.verify_mode = ssl.CERT_OPTIONAL
    certificate(folder, "client", "DNS:client.test", "20200101000000Z", "20991231235959Z")
    servers = {
        "mutual": Server(Handler, mutual),
        "http": Server(Handler), "https": Server(Handler, good), "expired": Server(Handler, expired),
        "stranger": Server(Handler, stranger), "noise": Noise(), "proxy": Server(Proxy), "guarded": Server(Guarded),
    }
    for name, server in servers.items():
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(name, server.server_port)
    print("ready", flush=True)
    sys.stdin.read()


main(sys.argv[1])
