"""The doctor for mail: what a domain publishes, judged, and what to publish instead."""

from __future__ import annotations

import base64
import socketserver
import threading

import dns.message
import dns.rrset
import pytest

from service.commands import mail_records, published
from service.commands.mail_records import Asked, Records
from tests.cli.test_commands import cli

ED25519 = base64.b64encode(bytes(32)).decode()
RSA_2048 = base64.b64encode(bytes(294)).decode()
RSA_1024 = base64.b64encode(bytes(162)).decode()
GOOD = {
    "example.org": ["v=spf1 include:_spf.mail.example -all", "something=else"],
    "s1._domainkey.example.org": [f"v=DKIM1; k=rsa; p={RSA_2048}"],
    "_dmarc.example.org": ["v=DMARC1; p=reject; rua=mailto:d@example.org"],
}
MX = {"example.org": ["mx.example.org"]}
ASKED = Asked(domain="example.org", returns="example.org", selectors=("s1",))


def judged(txt, mx=MX, asked=ASKED):
    return mail_records.judge(asked, Records(txt=GOOD | txt, mx=mx))


def test_a_domain_that_publishes_all_of_it_is_well() -> None:
    assert [(each.what, each.mark) for each in judged({})] == [
        ("SPF", "ok"),
        ("DKIM", "ok"),
        ("DMARC", "ok"),
        ("bounces", "ok"),
    ]


@pytest.mark.parametrize(
    ("texts", "mark", "advice"),
    [
        ([], "bad", "Publish TXT example.org"),
        (["v=spf1 -all", "v=spf1 mx -all"], "bad", "Join them"),
        (["v=spf1 mx +all"], "bad", "everybody"),
        (["v=spf1 mx all"], "bad", "everybody"),
        (["v=spf1 mx ?all"], "note", "-all or ~all"),
        (["v=spf1 mx"], "note", "no end"),
        (["v=spf1 redirect=_spf.mail.example"], "ok", "who may send"),
        (["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a/24 ~all"], "ok", "who may send"),
        (["v=spf1 ptr -all"], "note", "ptr"),
        (["v=spf1 incldue:x.example -all"], "bad", "no mechanism"),
        (["v=spf1 " + " ".join(f"include:{n}.example" for n in range(11)) + " -all"], "bad", "11"),
        (["v=spf10 -all"], "bad", "publishes none"),
    ],
)
def test_spf_is_judged_with_what_to_do(texts, mark, advice) -> None:
    [found] = [each for each in judged({"example.org": texts}) if each.what == "SPF"]
    assert (found.mark, advice in found.says) == (mark, True), found.says


@pytest.mark.parametrize(
    ("texts", "mark", "advice"),
    [
        ([], "bad", "publishes nothing"),
        (["v=DKIM1; p="], "bad", "revoked"),
        (["v=DKIM1; k=rsa; p=MIGf"], "bad", "cut off"),
        (["v=DKIM1; k=rsa; p=not base64!"], "bad", "cut off"),
        (["v=DKIM2; p=" + RSA_2048], "bad", "v=DKIM1"),
        (["v=DKIM1; k=rsa; p=" + RSA_1024], "note", "2048"),
        (["v=DKIM1; t=y; p=" + RSA_2048], "note", "t=y"),
        (["v=DKIM1; k=ed25519; p=" + ED25519], "ok", "has a key"),
        (["p=" + RSA_2048], "ok", "has a key"),
        (["v=DKIM1; p=" + RSA_2048] * 2, "bad", "leave one"),
    ],
)
def test_dkim_is_judged_with_what_to_do(texts, mark, advice) -> None:
    [found] = [each for each in judged({"s1._domainkey.example.org": texts}) if each.what == "DKIM"]
    assert (found.mark, advice in found.says) == (mark, True), found.says


@pytest.mark.parametrize(
    ("texts", "mark", "advice"),
    [
        ([], "bad", "Publish TXT _dmarc.example.org"),
        (["v=DMARC1; rua=mailto:d@example.org"], "bad", "no p="),
        (["v=DMARC1; p=maybe"], "bad", "no p="),
        (["v=DMARC1; p=reject"] * 2, "bad", "Leave one"),
        (["v=DMARC1; p=none; rua=mailto:d@example.org"], "note", "only watches"),
        (["v=DMARC1; p=quarantine"], "note", "no reports"),
    ],
)
def test_dmarc_is_judged_with_what_to_do(texts, mark, advice) -> None:
    found = [each for each in judged({"_dmarc.example.org": texts}) if each.what == "DMARC"][-1]
    assert (found.mark, advice in found.says) == (mark, True), found.says


@pytest.mark.parametrize(
    ("returns", "dmarc", "counts"),
    [
        ("bounces.example.org", "v=DMARC1; p=reject; rua=mailto:d@example.org", True),
        ("bounces.example.org", "v=DMARC1; p=reject; aspf=s; rua=mailto:d@example.org", False),
        ("mail.provider.example", "v=DMARC1; p=reject; rua=mailto:d@example.org", False),
    ],
)
def test_a_bounce_domain_must_count_for_the_senders(returns, dmarc, counts) -> None:
    asked = Asked(domain="example.org", returns=returns, selectors=("s1",))
    txt = {returns: ["v=spf1 -all"], "_dmarc.example.org": [dmarc]}
    found = [each for each in judged(txt, asked=asked) if each.what == "DMARC"]
    assert any("does not count" in each.says for each in found) is not counts


def test_a_domain_below_is_held_by_the_policy_above() -> None:
    asked = Asked(domain="refer.example.org", returns="refer.example.org", selectors=())
    found = judged({"_dmarc.example.org": ["v=DMARC1; p=reject; sp=none; rua=x"]}, asked=asked)
    assert any("asks for none" in each.says for each in found)
    assert any("--selector" in each.says for each in found)


@pytest.mark.parametrize(("mx", "mark"), [({}, "note"), ({"example.org": ["."]}, "bad")])
def test_mail_that_comes_back_needs_a_way(mx, mark) -> None:
    assert judged({}, mx=mx)[-1].mark == mark


FILE = f"""
; as a zone has it
example.org. 3600 IN TXT "v=spf1 include:_spf.mail.example " "-all"
s1._domainkey.EXAMPLE.org TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
_dmarc.example.org TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"
example.org MX 10 mx.example.org.
"""


def test_the_command_judges_records_of_a_file(tmp_path) -> None:
    file = tmp_path / "records"
    file.write_text(FILE)
    words = ("doctor", "mail", "Example.org.", "--selector", "s1", "--records", str(file))
    well = cli(*words)
    assert well.returncode == 0, well.stdout + well.stderr
    assert well.stdout.count("ok ") == 4
    file.write_text(FILE.replace("-all", "+all"))
    ill = cli(*words)
    assert ill.returncode == 1
    assert "BAD   SPF" in ill.stdout


@pytest.mark.parametrize("line", ["example.org", "example.org A 192.0.2.1", 'x TXT "open', "x TXT"])
def test_a_line_that_is_no_record_is_named(tmp_path, line) -> None:
    file = tmp_path / "records"
    file.write_text(f"; first\n{line}\n")
    with pytest.raises(published.UnreadableRecords, match=r"Line 2\."):
        published.from_file(file)


@pytest.mark.parametrize("name", ["", "a b", "exämple.org", "a..b", "x" * 300, "-;-"])
def test_what_is_no_domain_is_told_so(name) -> None:
    with pytest.raises(published.NotADomain):
        published.named(name)


class _NameServer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        raw, way = self.request
        asked = dns.message.from_wire(raw)
        answer = dns.message.make_response(asked)
        [question] = asked.question
        records = dict(GOOD) if question.rdtype == dns.rdatatype.TXT else {}
        name = question.name.to_text(omit_final_dot=True)
        texts = [f'"{text}"' for text in records.get(name, [])]
        if question.rdtype == dns.rdatatype.MX and name in MX:
            texts = [f"10 {MX[name][0]}."]
        if texts:
            kind = dns.rdatatype.to_text(question.rdtype)
            long = [text if len(text) < 250 else f'{text[:200]}" "{text[200:]}' for text in texts]
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *long))
        way.sendto(answer.to_wire(), self.client_address)


def test_records_are_asked_of_a_name_server() -> None:
    with socketserver.UDPServer(("127.0.0.1", 0), _NameServer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            where = f"127.0.0.1:{server.server_address[1]}"
            found = published.from_dns(ASKED, server=where)
        finally:
            server.shutdown()
            thread.join()
    assert mail_records.judge(ASKED, found) == judged({})


def test_without_a_name_server_the_command_says_what_to_do() -> None:
    with pytest.raises(published.NoNameServer):
        published.from_dns(ASKED, server="127.0.0.1:9")
