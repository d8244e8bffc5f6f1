"""Services for nginx to talk to. Each argument is one: http:PORT, http:/PATH, dns:PORT, udp:PORT, imap:PORT, log:/PATH,
and activated: HTTP on the socket that systemd hands over."""

import http.server
import os
import socket
import socketserver
import sys
import threading


class Http(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        # What nginx's mail proxy asks for: who may log in, and where to.
        self.send_header("Auth-Status", "OK")
        # Every policy lets nginx connect to the port of name servers.
        self.send_header("Auth-Server", "127.0.0.2")
        self.send_header("Auth-Port", "53")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"


class OnSocket(socketserver.ThreadingUnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ("client", 0)


class Imap(socketserver.StreamRequestHandler):
    """Lets everybody in."""

    def handle(self):
        self.wfile.write(b"* OK ready\r\n")
        tag = b"*"
        for line in self.rfile:
            words = line.split()
            if words[1:2] == [b"LOGIN"]:
                tag = words[0]
            more = line.rstrip().endswith(b"}")
            self.wfile.write(b"+ OK\r\n" if more else tag + b" OK done\r\n")


class Dns(socketserver.BaseRequestHandler):
    """Every name is 127.0.0.1."""

    def handle(self):
        query, sock = self.request
        question = query[12 : query.index(b"\0", 12) + 5]
        is_a = question[-4:-2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_a else b""
        counts = b"\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
        sock.sendto(query[:2] + b"\x81\x80" + counts + question + answer, self.client_address)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)


class Log(socketserver.BaseRequestHandler):
    def handle(self):
        pass


socketserver.TCPServer.allow_reuse_address = True
socketserver.ThreadingMixIn.daemon_threads = True


def serve(kind, where):
    if where.startswith("/") and os.path.exists(where):
        os.unlink(where)
    if kind == "activated":
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Http, bind_and_activate=False)
        server.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=3)
        server.get_request = lambda: (server.socket.accept()[0], ("client", 0))
    elif kind == "http" and where.startswith("/"):
        server = OnSocket(where, Http)
    elif kind == "http":
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(where)), Http)
    elif kind == "imap":
        # An address of its own, where others have the port too.
        server = socketserver.ThreadingTCPServer(("127.0.0.2", int(where)), Imap)
    elif kind == "log":
        server = socketserver.UnixDatagramServer(where, Log)
    else:
        server = socketserver.UDPServer(("127.0.0.1", int(where)), Dns if kind == "dns" else Echo)
    if where.startswith("/"):
        os.chmod(where, 0o666)
    return threading.Thread(target=server.serve_forever)


threads = [serve(*argument.partition(":")[::2]) for argument in sys.argv[1:]]
for thread in threads:
    thread.start()
# A service of the type "notify" has started when all of them listen.
if "NOTIFY_SOCKET" in os.environ:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1))
        notify.send(b"READY=1")
for thread in threads:
    thread.join()
