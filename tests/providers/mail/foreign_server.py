"""An SMTP server that we did not write (aiosmtpd), in a process of its own.

Prints its port, then for each mail one line of JSON: the envelope, and the mail as Python's email
package reads it. Needs a login. Serves until its input ends.
"""
import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "header": {name: str(value) for name, value in mail.items()},
            "body": mail.get_content(),
            "defects": [str(defect) for defect in mail.defects],
        }, ensure_ascii=False, sort_keys=True), flush=True)
        return "250 2.0.0 taken"


def is_login(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"agent", b"correct horse"))


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
server = loop.run_until_complete(loop.create_server(
    lambda: SMTP(Handler(), loop=loop, hostname="foreign.example.net", authenticator=is_login,
                 auth_required=True, auth_require_tls=False),
    host="127.0.0.1", port=0))
print(server.sockets[0].getsockname()[1], flush=True)
loop.add_reader(sys.stdin, loop.stop)
loop.run_forever()
