#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A webhook for tests: keeps what is posted to it as files, and fails as it is told to.

usage: hook.py FOLDER [--tls CERT KEY]

Its port is the first line on standard output; it ends when standard input does. What is posted is FOLDER/NNNN.eml, the
header fields first. Its status is the one in FOLDER/faults ("status 503", "redirect"), else 204.
"""
import http.server
import os
import ssl
import sys
import threading

FOLDER = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        count = len([name for name in os.listdir(FOLDER) if name.endswith(".eml")]) + 1
        path = os.path.join(FOLDER, f"{count:04}.eml")
        with open(path + ".new", "wb") as kept:
            kept.write(f"{self.command} {self.path}\n{self.headers}".encode() + body)
        os.rename(path + ".new", path)
        self.answer()

    def answer(self):
        fault = []
        if os.path.exists(os.path.join(FOLDER, "faults")):
            with open(os.path.join(FOLDER, "faults"), encoding="utf-8") as told:
                fault = told.read().split()
        if fault[:1] == ["redirect"]:
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
        else:
            self.send_response(int(fault[1]) if fault[:1] == ["status"] else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if sys.argv[2:3] == ["--tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[3:5])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
