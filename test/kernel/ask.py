"""Asks nginx in other protocols than HTTP, and prints 200 where it answers as it should, else 0: imap PORT, udp PORT."""

import imaplib
import socket
import sys

kind, port = sys.argv[1], int(sys.argv[2])
try:
    if kind == "imap":
        client = imaplib.IMAP4("127.0.0.1", port, timeout=20)
        client.login("guest", "guest")
    else:
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.settimeout(5)
        client.connect(("127.0.0.1", port))
        client.send(b"question")
        if client.recv(100) != b"question":
            raise OSError("another answer")
    print(200)
except (OSError, imaplib.IMAP4.error):
    print(0)
