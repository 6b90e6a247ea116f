"""E-mail by SMTP, from the standard library in a thread: one plain letter at a time."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

import anyio.to_thread

from accounts.notice_gates import Letter, NotCarried

SECONDS = 20.0
PORTS = {"smtp": 587, "smtps": 465}


class SmtpMail:
    """Sends through one server: smtp://user:password@host:587 (STARTTLS where offered) or smtps://…:465.

    `choices_url` leads to where the reader switches mail off.
    """

    def __init__(self, url: str, sender: str, *, choices_url: str) -> None:
        self._url, self._sender, self._choices_url = urlsplit(url), sender, choices_url

    async def send(self, address: str, letter: Letter) -> None:
        """Hands one letter to the server. Raises NotCarried."""
        message = self._written(address, letter)
        try:
            await anyio.to_thread.run_sync(self._hand_over, message)
        except smtplib.SMTPRecipientsRefused as refused:
            code = max(code for code, _ in refused.recipients.values())
            raise NotCarried(f"the mailbox was refused: {code}", is_final=code >= 500) from refused
        except (smtplib.SMTPException, OSError) as away:
            raise NotCarried(f"the mail server is away: {type(away).__name__}") from away

    def _written(self, address: str, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._sender, address
        message["Subject"] = letter.title
        message["Date"] = format_datetime(letter.at)
        domain = self._sender.rpartition("@")[2].strip(" >") or "localhost"
        message["Message-ID"] = make_msgid(letter.key.replace(":", "."), domain)
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{self._choices_url}>"
        message.set_content(f"{letter.words}\n\n{letter.url}\n\n--\nChợ 4.0\n{self._choices_url}\n")
        return message

    def _hand_over(self, message: EmailMessage) -> None:
        host, port = self._url.hostname or "localhost", self._url.port or PORTS.get(self._url.scheme, 25)
        kind = smtplib.SMTP_SSL if self._url.scheme == "smtps" else smtplib.SMTP
        with kind(host, port, timeout=SECONDS) as server:
            server.ehlo()
            if self._url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)
