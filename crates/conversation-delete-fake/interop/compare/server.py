"""Two hosts on loopback that play one scenario byte for byte and record what reaches them."""

import json
import socket
import ssl
import struct
import threading
import time

TOKEN_ROUTE = "/protocol/openid-connect/token"
REASONS = {200: "OK", 202: "Accepted", 204: "No Content", 302: "Found"}


class Stage:
    """Plays `steps`, one for each delete and the last one from then on, for the host that a client is told to use.

    `elsewhere` is a host that nobody configured: redirects lead to it, and it confirms whatever it is asked.
    """

    def __init__(self, steps, token=None, tls=None):
        self.steps, self.token, self.tls = steps, token or {}, tls
        self.requests, self.elsewhere, self.tokens = [], [], 0
        self.open = []
        self.vendor_port = self.listen(self.play)
        self.elsewhere_port = self.listen(self.confirm)

    @property
    def vendor_url(self):
        return f"http://127.0.0.1:{self.vendor_port}"

    @property
    def elsewhere_url(self):
        return f"http://127.0.0.1:{self.elsewhere_port}"

    def listen(self, handle):
        listener = socket.create_server(("127.0.0.1", 0))
        self.open.append(listener)
        threading.Thread(target=self.accept, args=(listener, handle), daemon=True).start()
        return listener.getsockname()[1]

    def accept(self, listener, handle):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection, handle), daemon=True).start()

    def serve(self, connection, handle):
        try:
            head = read_request(connection)
            if head.startswith("CONNECT "):
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                connection = self.tls.wrap_socket(connection, server_side=True)
                head = read_request(connection)
            if head:
                handle(connection, head)
        except (OSError, ssl.SSLError):
            pass  # The client hung up.
        finally:
            connection.close()

    def play(self, connection, head):
        if TOKEN_ROUTE in head.split("\r\n")[0]:
            self.tokens += 1
            step = self.token.get("step") or {"status": 200, "body": json.dumps(token_response(self.token))}
        else:
            step = self.steps[min(len(self.requests), len(self.steps) - 1)]
            self.requests.append({"head": head, "at": time.monotonic()})
        if step.get("act") == "stall":
            connection.recv(1)  # Returns once the client hangs up.
        elif step.get("act") == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            respond(connection, step, self.elsewhere_url)

    def confirm(self, connection, head):
        self.elsewhere.append({"head": head, "at": time.monotonic()})
        respond(connection, {"status": 200, "body": "{}"}, self.elsewhere_url)

    def retry_after(self):
        """The seconds that the first response asks the client to wait."""
        return float(self.steps[0].get("headers", {}).get("retry-after", 0))

    def is_older_than(self, seconds):
        """Whether the first request came that long ago."""
        return bool(self.requests) and time.monotonic() - self.requests[0]["at"] > seconds

    def close(self):
        for opened in self.open:
            opened.close()


def token_response(options):
    return {
        "access_token": "token-of-the-comparison",
        "expires_in": options.get("lifetime", 300),
        "token_type": "Bearer",
    }


def read_request(connection):
    """Reads one request; returns its head and its body, or nothing if the client hung up before."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return ""
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    text = head.decode("latin-1")
    lengths = [int(line.split(":")[1]) for line in text.split("\r\n") if line.lower().startswith("content-length:")]
    while lengths and len(body) < lengths[0]:
        body += connection.recv(65536)
    return text + "\r\n\r\n" + body.decode("latin-1")


def respond(connection, step, elsewhere):
    status, body = step["status"], step.get("body", "").encode()
    headers = {"content-type": "application/json", "connection": "close", **step.get("headers", {})}
    if status not in (204, 304):
        headers["content-length"] = len(body)
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"]
    lines += [f"{name}: {value}".replace("{elsewhere}", elsewhere) for name, value in headers.items()]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if status in (204, 304) else body))
