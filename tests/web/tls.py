#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server of src/http over TLS: versions, tickets, certificates of clients, and all of it changing while it runs.

    tls.py PROGRAM

PROGRAM is built from served.c. Makes its authorities itself, which needs openssl.
"""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings

from served import LIMIT, Served, expect, hear, run, wait_for

PROGRAM = sys.argv[1]
FOLDER = tempfile.mkdtemp()
CA_CONF = """[ca]
default_ca = drum
[drum]
database = {0}/index
new_certs_dir = {0}
certificate = {0}/ca.pem
private_key = {0}/ca.key
serial = {0}/serial
crlnumber = {0}/crlnumber
default_md = sha256
default_crl_days = 30
policy = any
copy_extensions = copy
[any]
organizationName = optional
commonName = supplied
"""
GET = b"GET /g HTTP/1.1\r\nHost: a.example\r\n\r\n"


def path(name):
    return os.path.join(FOLDER, name)


def openssl(*words):
    subprocess.run(["openssl", *words], cwd=FOLDER, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def own_authority(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", f"/CN=Drum test {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def certificate(name, usage, begin="20200101000000Z", end="20450101000000Z"):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/O=Melati/CN={name}",
            "-addext", "subjectAltName=DNS:localhost", "-addext", f"extendedKeyUsage={usage}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-in", f"{name}.csr", "-out", f"{name}.pem",
            "-startdate", begin, "-enddate", end)


def crl():
    openssl("ca", "-config", "ca.conf", "-gencrl", "-out", "new.crl")
    os.replace(path("new.crl"), path("crl.pem"))


def make_all():
    for name, text in (("index", ""), ("serial", "01\n"), ("crlnumber", "01\n"), ("ca.conf", CA_CONF.format(FOLDER))):
        with open(path(name), "w", encoding="ascii") as file:
            file.write(text)
    own_authority("ca")
    own_authority("stranger")
    certificate("localhost", "serverAuth")
    certificate("second", "serverAuth")
    for name in ("anggrek", "kenanga", "teratai"):
        certificate(name, "clientAuth")
    certificate("wrong", "serverAuth")
    certificate("expired", "clientAuth", "20200101000000Z", "20210101000000Z")
    certificate("future", "clientAuth", "20440101000000Z", "20450101000000Z")
    crl()
    use("localhost")


def use(name):
    """This certificate is the server's from now on."""
    for end in ("key", "pem"):
        shutil.copy(path(f"{name}.{end}"), path(f"new.{end}"))
        os.replace(path(f"new.{end}"), path(f"server.{end}"))


def context(client=None, version=None):
    made = ssl.create_default_context(cafile=path("ca.pem"))
    if client:
        made.load_cert_chain(path(f"{client}.pem"), path(f"{client}.key"))
    if version:
        made.minimum_version = made.maximum_version = version
    return made


def dial(served, made, session=None):
    plain = socket.create_connection(("127.0.0.1", served.port), timeout=LIMIT)
    return made.wrap_socket(plain, server_hostname="localhost", session=session)


def get(sock):
    sock.sendall(GET)
    return hear_tls(sock)


def hear_tls(sock):
    """An answer of at least its head and what /g says; select would not see what TLS holds already."""
    answer = b""
    while b"\r\n\r\n" not in answer or (b" 200 " in answer[:16] and b"body 0\n" not in answer):
        try:
            piece = sock.recv(65536)
        except ConnectionError:
            break
        if not piece:
            break
        answer += piece
    return answer


def serve(**more):
    return Served(PROGRAM, certificate=path("server.pem"), key=path("server.key"), **more)


def serve_clients(**more):
    return serve(clients=path("ca.pem"), revoked=path("crl.pem"), **more)


def shown(served):
    """The subject of what the server shows now."""
    with dial(served, context()) as sock:
        return dict(pair[0] for pair in sock.getpeercert()["subject"])["commonName"]


def what_is_spoken_is_TLS_1_2_and_1_3():  # pylint: disable=invalid-name
    warnings.simplefilter("ignore")
    with serve() as served:
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            with dial(served, context(version=version)) as sock:
                expect(sock.version() == name, f"{sock.version()} and not {name}")
                for _ in range(3):
                    answer = get(sock)
                    expect(b"tls\n" not in answer.split(b"\r\n\r\n")[0] and b"body 0\n" in answer, repr(answer))
        old = context(version=ssl.TLSVersion.TLSv1_1)
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            with dial(served, old) as sock:
                raise AssertionError(f"{sock.version()} is spoken")
        except (ssl.SSLError, ConnectionError):
            pass


def a_session_is_taken_up_again():
    with serve_clients() as served:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            made = context("anggrek", version)
            with dial(served, made) as sock:
                get(sock)
                session = sock.session
            with dial(served, made, session) as sock:
                expect(sock.session_reused, f"no ticket in {version}")
                expect(b"subject CN=anggrek,O=Melati\n" in get(sock), "the certificate is forgotten")


def ambiguous_bytes_are_seen_within_TLS():  # pylint: disable=invalid-name
    evil = b"GET /evil HTTP/1.1\r\nHost: a.example\r\n\r\n"
    with serve() as served:
        for line in (b"X: 1\0\n\r\n", b"X: 1\n\r\n", b"X: 1\r\n\n", b"X: 1\r\n Y: 2\r\n\r\n", b"Content-Length: 0\n\r\n"):
            with dial(served, context()) as sock:
                sock.sendall(GET[:-2] + line + evil)
                answer = hear_tls(sock)
                expect(answer.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in answer, f"{line}: {answer!r}")
        with dial(served, context()) as sock:
            sock.sendall(GET + evil)
            expect(b"Connection: close" in hear_tls(sock), "two at once")
        expect(served.counts()["evil"] == 0, "the second request reached a handler")


def handshakes_that_do_not_end_are_cut_off():
    with serve(header_ms=500) as served:
        with served.dial() as silent, served.dial() as begun, served.dial() as plain:
            begun.sendall(b"\x16\x03\x01\x02\x00\x01")
            plain.sendall(GET)
            for sock in (silent, begun, plain):
                expect(hear(sock, 3)[1], "it stays open")
        with dial(served, context()) as sock:
            expect(b"body 0\n" in get(sock), "others are not served")


def certificates_of_clients_are_judged():
    with serve_clients() as served:
        with dial(served, context()) as sock:
            answer = get(sock)
            expect(b"subject" not in answer and b"body 0\n" in answer, f"without one: {answer!r}")
        with dial(served, context("anggrek")) as sock:
            expect(b"subject CN=anggrek,O=Melati\nfingerprint " in get(sock), "a good one is not seen")
            expect(b"subject CN=anggrek" in get(sock), "nor a second time")
        for number, name in enumerate(("stranger", "wrong", "expired", "future"), 1):
            with dial(served, context(name)) as sock:
                answer = get(sock)
                expect(answer.startswith(b"HTTP/1.1 403 "), f"{name}: {answer!r}")
            expect(served.counts()["certificates"] == number, "it is not counted")
    with serve() as served, dial(served, context("anggrek")) as sock:
        expect(b"subject" not in get(sock), "one is judged though none was asked for")


def a_certificate_is_revoked_while_it_is_used():
    with serve_clients() as served:
        made = context("kenanga", ssl.TLSVersion.TLSv1_3)
        with dial(served, made) as sock, dial(served, context("anggrek")) as other:
            expect(b"subject CN=kenanga" in get(sock) and b"subject CN=anggrek" in get(other), "it is not good before")
            session = sock.session
            openssl("ca", "-config", "ca.conf", "-revoke", "kenanga.pem")
            crl()
            expect(served.ask("reload") == "reloaded", "no reload")
            expect(get(sock).startswith(b"HTTP/1.1 403 "), "the connection goes on")
            expect(b"subject CN=anggrek" in get(other), "others suffer")
        with dial(served, made, session) as sock:
            expect(get(sock).startswith(b"HTTP/1.1 403 "), "a ticket outlives it")


def files_that_changed_are_read_without_being_told():
    with serve_clients() as served:
        expect(shown(served) == "localhost", shown(served))
        with dial(served, context("teratai")) as sock:
            expect(b"subject CN=teratai" in get(sock), "it is not good before")
            openssl("ca", "-config", "ca.conf", "-revoke", "teratai.pem")
            crl()
            use("second")
            wait_for(lambda: shown(served) == "second", 10, "the new certificate is not shown")
            expect(get(sock).startswith(b"HTTP/1.1 403 "), "what was revoked is not read")
        use("localhost")


def broken_files_change_nothing_and_are_told():
    with serve() as served:
        shutil.copy(path("anggrek.key"), path("server.key"))
        told = served.ask("reload")
        expect(told.startswith("not reloaded: ") and "are no certificate with its key" in told, told)
        expect(shown(served) == "localhost", "the old one is gone")
        with open(path("server.pem"), "w", encoding="ascii") as file:
            file.write("rubbish\n")
        expect("server.pem" in served.ask("reload"), "the file is not named")
        os.remove(path("server.pem"))
        expect("No such file" in served.ask("reload"), "it is not said that it is gone")
        with dial(served, context()) as sock:
            expect(b"body 0\n" in get(sock), "it does not serve any more")
        use("localhost")
        expect(served.ask("reload") == "reloaded", "it does not come back")
        with open(path("server.pem"), "w", encoding="ascii") as file:
            file.write("rubbish again\n")
        time.sleep(6.5)  # looked at every two seconds
        expect(shown(served) == "localhost", "the old one is gone")
        served.end(100)
        expect(len(served.errors) == 1 and served.errors[0].startswith("trouble: ") and "server.pem" in served.errors[0],
               f"not told once: {served.errors}")
        use("localhost")


def what_cannot_be_read_does_not_start():
    rows = (
        ({"certificate": path("none.pem"), "key": path("server.key")}, "none.pem: No such file"),
        ({"certificate": path("server.pem"), "key": path("anggrek.key")}, "are no certificate with its key"),
        ({"certificate": path("server.key"), "key": path("server.key")}, "are no certificate with its key"),
        ({"certificate": path("server.pem"), "key": path("server.key"), "clients": path("server.key")},
         "holds no certificates of authorities"),
        ({"certificate": path("server.pem"), "key": path("server.key"), "clients": path("ca.pem"),
          "revoked": path("ca.pem")}, "cannot be read as lists of revoked certificates"),
        ({"certificate": path("server.pem"), "key": path("server.key"), "clients": path("stranger.pem"),
          "revoked": path("crl.pem")}, "is not signed by an authority"),
    )
    for settings, part in rows:
        try:
            with Served(PROGRAM, **settings):
                raise AssertionError(f"it starts with {settings}")
        except RuntimeError as error:
            expect(str(error).startswith("input: ") and part in str(error), str(error))


if shutil.which("openssl") is None:
    print("1..0 # SKIP openssl is needed to make certificates")
    sys.exit(0)
try:
    make_all()
    STATUS = run([
        what_is_spoken_is_TLS_1_2_and_1_3,
        a_session_is_taken_up_again,
        ambiguous_bytes_are_seen_within_TLS,
        handshakes_that_do_not_end_are_cut_off,
        certificates_of_clients_are_judged,
        a_certificate_is_revoked_while_it_is_used,
        files_that_changed_are_read_without_being_told,
        broken_files_change_nothing_and_are_told,
        what_cannot_be_read_does_not_start,
    ])
finally:
    shutil.rmtree(FOLDER)
sys.exit(STATUS)
