"""A small real SMTP server on this machine, which keeps the mails and answers as a test wants."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class MailBox:
    """What arrived, and what the server answers."""

    port: int = 0
    mails: list[tuple[str, Message]] = field(default_factory=list)
    """(address of the envelope, mail)."""
    answers: dict[str, str] = field(default_factory=dict)
    """By the first word of a command, or the address of a recipient: `450 later`."""

    @property
    def url(self) -> str:
        """For PUSHOFF_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def mail_server() -> Iterator[MailBox]:
    """Run until the block ends. It offers neither TLS nor sign-in."""
    box = MailBox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self) -> None:
            to = ""
            self.say("220 ready")
            for raw in self.rfile:
                line = raw.decode().strip()
                verb = line.split(" ")[0].split(":")[0].upper()
                if verb == "RCPT":
                    to = line.partition("<")[2].rstrip(">").split(">")[0]
                answer = box.answers.get(to if verb == "RCPT" else verb, "")
                if answer:
                    self.say(answer)
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                elif verb == "DATA":
                    self.say("354 go on")
                    data = b""
                    while (row := self.rfile.readline()) != b".\r\n":
                        data += row
                    box.mails.append((to, message_from_bytes(data)))
                    self.say("250 kept")
                else:
                    self.say("250 fine")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()
