#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real mail server for tests (aiosmtpd): keeps what it takes as files, and fails as it is told to.

usage: sink.py FOLDER [--starttls CERT KEY | --tls CERT KEY] [--auth USER PASSWORD]

Its port is the first line on standard output; it ends when standard input does. Each message is FOLDER/NNNN.eml,
written whole before it is answered, with the envelope in fields of its own before the others: X-Envelope-From,
X-Envelope-To. What it does is looked up in FOLDER/faults anew for each message, words in lines:

    rcpt WORD ANSWER...   a recipient that holds WORD is answered so: "rcpt penuh 452 4.2.2 mailbox full"
    data ANSWER...        so the message itself is answered, and not kept
    drop                  kept, and the connection is closed before the answer
    cut                   the connection is closed at DATA; nothing is kept
    slow SECONDS          waits before the answer
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

KEEP_MAX = 64 << 20


def faults(folder):
    try:
        with open(os.path.join(folder, "faults"), encoding="utf-8") as told:
            return [line.split() for line in told if line.strip()]
    except FileNotFoundError:
        return []


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.count = len([name for name in os.listdir(folder) if name.endswith(".eml")])

    async def handle_RCPT(self, server, session, envelope, address, options):
        for fault in faults(self.folder):
            if fault[0] == "rcpt" and fault[1] in address:
                return " ".join(fault[2:])
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    def keep(self, envelope):
        self.count += 1
        name = os.path.join(self.folder, f"{self.count:04}.eml")
        with open(name + ".new", "wb") as kept:
            for to in envelope.rcpt_tos:
                kept.write(f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {to}\r\n".encode())
            kept.write(envelope.original_content)
        os.rename(name + ".new", name)

    async def handle_DATA(self, server, session, envelope):
        told = {fault[0]: fault[1:] for fault in faults(self.folder)}
        if "slow" in told:
            await asyncio.sleep(float(told["slow"][0]))
        if "cut" in told:
            server.transport.abort()
            return "421 gone"
        if "data" in told:
            return " ".join(told["data"])
        self.keep(envelope)
        if "drop" in told:
            server.transport.abort()
        return "250 2.0.0 kept"


def option(arguments, name, count):
    if name not in arguments:
        return None
    at = arguments.index(name)
    return arguments[at + 1:at + 1 + count]


def context_of(pair):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    return context


def settings_of(arguments):
    starttls, auth = option(arguments, "--starttls", 2), option(arguments, "--auth", 2)
    settings = {"data_size_limit": KEEP_MAX, "hostname": "sink.example"}
    if starttls:
        settings["tls_context"] = context_of(starttls)
        settings["require_starttls"] = True
    if auth:
        def ask(server, session, envelope, mechanism, data):
            good = [part.decode() for part in (data.login, data.password)] == auth
            return AuthResult(success=good, handled=False)
        settings["authenticator"] = ask
        settings["auth_required"] = True
        settings["auth_require_tls"] = bool(starttls)
    return settings


async def serve(folder, arguments):
    loop = asyncio.get_running_loop()
    tls, settings, handler = option(arguments, "--tls", 2), settings_of(arguments), Handler(folder)
    port = int((option(arguments, "--port", 1) or ["0"])[0])
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, **settings), "127.0.0.1", port, ssl=context_of(tls) if tls else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2:]))
