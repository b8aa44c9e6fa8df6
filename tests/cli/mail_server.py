"""The mail server that counts, as a process beside a test of the command line."""
import os
import socket
import subprocess


class MailServer:
    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, os.path.join(folder, "ledger")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.smtp, _, self.imap, self.control = map(
            int, self.process.stdout.readline().split())

    def count(self, recipient):
        with socket.create_connection(("127.0.0.1", self.control)) as peer:
            peer.sendall(f"COUNT {recipient}\n".encode())
            return int(peer.makefile().readline())

    def options(self):
        return ["--smtp", f"smtp://127.0.0.1:{self.smtp}", "--imap",
                f"imap://127.0.0.1:{self.imap}/Sent", "--from", "agent@example.net",
                "--mail-user", "agent"]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
