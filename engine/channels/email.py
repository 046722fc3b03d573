"""E-mail over SMTP, as plain UTF-8 text (RFC 5321, 5322; RFC 3834 for automatic mail)."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime

from engine.channels.channel import OutboxMessage
from engine.errors import ChannelError

_LONGEST_SUBJECT = 200
_LONGEST_BODY = 100_000
_PERMANENT = range(500, 600)
# One plain address: no display name, list, comment, quote or control character can hide in it.
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>()\[\]\\,;:\"@]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_NOT_PRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class EmailSettings:
    """The mail server of the bureau; `security` is `none`, `starttls` or `tls`; the time-out is in seconds."""

    host: str
    sender: str
    port: int = 25
    security: str = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    timeout: float = 10.0


class EmailChannel:
    """Hands a message over to the mail server of the settings."""

    def send(self, message: OutboxMessage, settings: EmailSettings) -> None:
        """Send one mail; raises ChannelError, permanent where the address or the server's answer (5xx) is final."""
        letter = _compose(message, settings)
        try:
            with _connection(settings) as server:
                server.send_message(letter)
        except smtplib.SMTPAuthenticationError as wrong:
            raise ChannelError(reason=f"邮件服务器拒绝登录（{wrong.smtp_code}）") from wrong
        except smtplib.SMTPRecipientsRefused as wrong:
            codes = [code for code, _ in wrong.recipients.values()]
            raise ChannelError(permanent=_final(codes), reason=f"收件地址被拒绝（{codes}）") from wrong
        except smtplib.SMTPResponseException as wrong:
            code = wrong.smtp_code
            raise ChannelError(permanent=_final([code]), reason=f"邮件服务器拒收（{code}）") from wrong
        except smtplib.SMTPNotSupportedError as wrong:
            raise ChannelError(reason="邮件服务器不支持所要求的加密或地址格式") from wrong
        except (OSError, smtplib.SMTPException) as wrong:
            raise ChannelError(reason=f"无法连接邮件服务器（{type(wrong).__name__}）") from wrong


def _compose(message: OutboxMessage, settings: EmailSettings) -> EmailMessage:
    """Make the mail; nothing of the message can add a header or a recipient."""
    if _ADDRESS.fullmatch(message.address) is None:
        raise ChannelError(permanent=True, reason="收件地址格式不正确")
    letter = EmailMessage()
    try:
        letter["From"] = settings.sender
        letter["To"] = message.address
        letter["Subject"] = _one_line(message.subject)
        letter["Date"] = format_datetime(message.created_at)
        letter["Message-ID"] = f"<{_token(message.key)}@{settings.sender.rpartition('@')[2].strip('>')}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(_NOT_PRINTABLE.sub("", message.body)[:_LONGEST_BODY], charset="utf-8", cte="base64")
    except (MessageError, ValueError) as wrong:
        raise ChannelError(permanent=True, reason="邮件内容无法编码") from wrong
    return letter


@contextmanager
def _connection(settings: EmailSettings) -> Iterator[smtplib.SMTP]:
    """Open a connection as the settings demand; it never falls back to a weaker one."""
    if settings.security == "none":
        server: smtplib.SMTP = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    else:
        context = ssl.create_default_context(cafile=settings.ca_file)
        server = _secured(settings, context)
    with server:
        if settings.username:
            server.login(settings.username, settings.password)
        yield server


def _secured(settings: EmailSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    """Open an encrypted connection, at once (tls) or by STARTTLS."""
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _final(codes: list[int]) -> bool:
    return bool(codes) and all(code in _PERMANENT for code in codes)


def _one_line(text: str) -> str:
    """Return the text without line breaks, and without encoded words (RFC 2047), in which they could hide."""
    return " ".join(_NOT_PRINTABLE.sub(" ", text).replace("=?", "= ?").split())[:_LONGEST_SUBJECT]


def _token(key: str) -> str:
    """Return the key with nothing but characters that a Message-ID may hold."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", key)[:120] or "bihuan"
