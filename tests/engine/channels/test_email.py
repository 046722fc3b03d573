"""E-mail against a real SMTP server on this machine."""

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from engine.channels import CHANNELS, EmailSettings, OutboxMessage
from engine.errors import ChannelError

MESSAGE = OutboxMessage("outbox-7", "wang.fang@example.org", "【红灯】LD-徐汇-2026-00012 核查", "剩余时间：今天 17:30 到期\n请及时办理。",
                        datetime(2026, 11, 25, 1, 0, tzinfo=UTC))  # fmt: skip


class Postbox:
    """Keeps what arrives; answers as told."""

    def __init__(self):
        self.letters, self.answer, self.greeting = [], "250 OK", "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.greeting.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.greeting

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.letters.append((envelope, message_from_bytes(envelope.content, policy=default)))
        return self.answer


@pytest.fixture
def postbox():
    return Postbox()


class FreePortController(Controller):
    """Listens on whichever port is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _serve(postbox, **options):
    controller = FreePortController(postbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    return controller


def _settings(controller, **more):
    return EmailSettings(
        host="127.0.0.1", port=controller.port, sender="闭环提醒 <bihuan@example.org>", timeout=5, **more
    )


@pytest.fixture
def settings(postbox):
    controller = _serve(postbox)
    yield _settings(controller)
    controller.stop()


@pytest.fixture
def certificate():
    """A self-signed certificate of the loopback address that serves these tests only, valid until 2126."""
    pem = Path(__file__).with_name("certificate.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context, str(pem)


def send(message, settings):
    CHANNELS["email"].send(message, settings)


def test_a_chinese_message_arrives_as_it_was_written(postbox, settings):
    send(MESSAGE, settings)
    envelope, letter = postbox.letters[0]
    assert envelope.rcpt_tos == [MESSAGE.address]
    assert envelope.mail_from == "bihuan@example.org"
    assert letter["Subject"] == MESSAGE.subject
    assert letter.get_content().replace("\r\n", "\n").strip() == MESSAGE.body
    assert letter["From"].addresses[0].display_name == "闭环提醒"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_retry_carries_the_same_message_id(postbox, settings):
    send(MESSAGE, settings)
    send(MESSAGE, settings)
    assert {letter["Message-ID"] for _, letter in postbox.letters} == {"<outbox-7@example.org>"}


@pytest.mark.parametrize(
    "subject",
    [
        "标题\r\nBcc: x@example.org",
        "标题\nX-Evil: 1",
        "标题\rX-Evil: 1",
        "标题\u2028Bcc: x@example.org",
        "标题\x00\x0b\x1fX",
        "标题\ud800",
        "=?utf-8?q?=0D=0ABcc=3A_x=40example=2Eorg?=",
        "长" * 5000,
    ],
)
def test_a_subject_can_never_add_a_header_or_a_recipient(postbox, settings, subject):
    send(replace(MESSAGE, subject=subject), settings)
    envelope, letter = postbox.letters[0]
    assert envelope.rcpt_tos == [MESSAGE.address]
    assert set(letter.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version", "X-Peer", "X-MailFrom", "X-RcptTo",
    } - {"X-Peer", "X-MailFrom", "X-RcptTo"}  # fmt: skip
    assert len(letter["Subject"]) <= 200


@pytest.mark.parametrize(
    "address",
    [
        "", "nobody", "a@b@c.org", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nRCPT TO:<b@example.org>", "<a@example.org>", "甲 <a@example.org>", "a b@example.org",
        "a@", "@example.org", "a@example.org;b@example.org", "a@-x", "a\x00@example.org", '"a\r\nb"@example.org',
        "a@[127.0.0.1]",
    ],
)  # fmt: skip
def test_a_strange_address_is_refused_for_good_before_any_connection(postbox, settings, address):
    with pytest.raises(ChannelError) as refusal:
        send(replace(MESSAGE, address=address), settings)
    assert refusal.value.permanent
    assert postbox.letters == []


def test_a_body_with_dots_nul_and_lone_surrogates_arrives_clean(postbox, settings):
    send(replace(MESSAGE, body="一\r\n.\r\n二\x00\ud800三"), settings)
    assert postbox.letters[0][1].get_content().replace("\r\n", "\n") == "一\n.\n二三\n"


@pytest.mark.parametrize(
    ("answer", "permanent"), [("451 try later", False), ("554 refused", True), ("552 too big", True)]
)
def test_only_a_final_answer_of_the_server_is_permanent(postbox, settings, answer, permanent):
    postbox.answer = answer
    with pytest.raises(ChannelError) as refusal:
        send(MESSAGE, settings)
    assert refusal.value.permanent is permanent


@pytest.mark.parametrize(("greeting", "permanent"), [("450 busy", False), ("550 unknown", True)])
def test_an_unknown_recipient_is_permanent_and_a_busy_one_is_not(postbox, settings, greeting, permanent):
    postbox.greeting = greeting
    with pytest.raises(ChannelError, match="收件地址被拒绝") as refusal:
        send(MESSAGE, settings)
    assert refusal.value.permanent is permanent


def test_a_server_that_is_away_can_be_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(ChannelError, match="无法连接") as refusal:
            send(MESSAGE, EmailSettings("127.0.0.1", "bihuan@example.org", port=port, timeout=1))
    assert not refusal.value.permanent


def test_a_server_that_never_answers_is_left_after_the_time_out():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ChannelError, match="无法连接") as refusal:
            send(MESSAGE, EmailSettings("127.0.0.1", "bihuan@example.org", port=silent.getsockname()[1], timeout=0.2))
    assert not refusal.value.permanent


def test_starttls_encrypts_and_logs_in(postbox, certificate):
    context, ca_file = certificate

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"bihuan", b"geheim"), handled=False)

    controller = _serve(postbox, tls_context=context, require_starttls=True, authenticator=login, auth_required=True)
    settings = _settings(controller, security="starttls", ca_file=ca_file, username="bihuan", password="geheim")
    try:
        send(MESSAGE, settings)
        with pytest.raises(ChannelError, match="拒绝登录") as refusal:
            send(MESSAGE, replace(settings, password="wrong"))
        with pytest.raises(ChannelError, match="无法连接"):
            send(MESSAGE, replace(settings, ca_file=None))
    finally:
        controller.stop()
    assert not refusal.value.permanent, "the operator mends the password, then it goes out"
    assert len(postbox.letters) == 1


def test_a_server_without_starttls_gets_nothing_when_it_is_demanded(postbox, settings):
    with pytest.raises(ChannelError, match="不支持"):
        send(MESSAGE, replace(settings, security="starttls"))
    assert postbox.letters == []


def test_the_password_is_not_shown():
    assert "geheim" not in repr(EmailSettings("h", "s@example.org", password="geheim"))
