"""Settings are read once, and every fault is told at once."""

from pathlib import Path

import pytest

from service import settings
from service.settings import Secret, Settings, SettingsFault, Tls, printing

WHOLE = {
    "DATABASE_URL": "postgresql://owner:hunter2@db/loopkeeper",
    "REDIS_URL": "redis://redis:6379/0",
    "LOOPKEEPER_ROOT_KEY_FILE": "/run/secrets/root",
    "LOOPKEEPER_PUBLIC_URL": "https://refer.example.org",
    "LOOPKEEPER_SMTP_URL": "smtp://us%40er:p%2Fw@mail.example.org",
    "LOOPKEEPER_MAIL_FROM": "referrals@example.org",
}
DEMO = {
    "DATABASE_URL": "postgresql://loopkeeper@/loopkeeper?host=/tmp/lk-1",
    "REDIS_URL": "unix:///tmp/lk-1/redis.sock?db=0",
    "LOOPKEEPER_ROOT_KEY_FILE": ".loopkeeper/root.key",
    "LOOPKEEPER_DEMO": "yes",
}


def faults(**changes: str) -> list[str]:
    with pytest.raises(SettingsFault) as caught:
        Settings.read(WHOLE | changes)
    return caught.value.extra["faults"]


def test_a_whole_environment_is_taken() -> None:
    read = Settings.read(WHOLE | {"PATH": "/bin", "LOOPKEEPER_REQUIRE_BROWSER": "1"})
    assert read.secure
    assert read.allowed_hosts == ("refer.example.org",)
    assert read.smtp
    assert (read.smtp.port, read.smtp.tls, read.smtp.user) == (587, Tls.STARTTLS, "us@er")
    assert read.smtp.password.reveal() == "p/w"


def test_demo_mode_needs_no_mail_server_and_no_public_url() -> None:
    read = Settings.read(DEMO)
    assert read.demo
    assert read.smtp is None
    assert not read.secure
    assert "127.0.0.1" in read.allowed_hosts


def test_all_faults_are_told_at_once_with_their_names() -> None:
    with pytest.raises(SettingsFault) as caught:
        Settings.read({"LOOPKEEPER_PORT": "http"})
    for name in (*WHOLE, "LOOPKEEPER_PORT"):
        assert f"{name}: expected" in caught.value.detail


def test_no_fault_repeats_the_value_it_was_given() -> None:
    told = faults(
        DATABASE_URL="mysql://u:s3cret@h/d",
        LOOPKEEPER_SMTP_URL="http://u:s3cret@h",
        LOOPKEEPER_PUBLIC_URL="http://s3cret.example",
        LOOPKEEPER_MAIL_FROM="s3cret",
        LOOPKEEPER_TRUSTED_PROXIES="s3cret",
        LOOPKEEPER_HOST="s3cret",
        LOOPKEEPER_LOG_LEVEL="s3cret",
        LOOPKEEPER_DEMO="s3cret",
        LOOPKEEPER_WEB_POOL="9999",
    )
    assert len(told) == 9
    assert "s3cret" not in "".join(told)


@pytest.mark.parametrize(
    "url",
    [
        "http://refer.example.org",
        "http://127.0.0.1:8080",
        "https://refer.example.org/path",
        "https://refer.example.org:99999",
        "https://",
        "refer.example.org",
    ],
)
def test_outside_demo_mode_only_a_bare_https_url_is_taken(url: str) -> None:
    assert faults(LOOPKEEPER_PUBLIC_URL=url)


def test_in_demo_mode_http_is_taken_on_loopback_only() -> None:
    Settings.read(DEMO | {"LOOPKEEPER_PUBLIC_URL": "http://localhost:9000/"})
    with pytest.raises(SettingsFault):
        Settings.read(DEMO | {"LOOPKEEPER_PUBLIC_URL": "http://192.0.2.7:8080"})


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("smtp://mail.example.org", Tls.STARTTLS),
        ("smtps://mail.example.org", Tls.IMPLICIT),
        ("smtp://127.0.0.1:1025", Tls.NONE),
    ],
)
def test_mail_leaves_the_machine_only_under_tls(url: str, tls: Tls) -> None:
    read = Settings.read(WHOLE | {"LOOPKEEPER_SMTP_URL": url})
    assert read.smtp
    assert read.smtp.tls is tls


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://owner@db/other\n")
    environ = {name: value for name, value in WHOLE.items() if name != "DATABASE_URL"}
    read = Settings.read(environ | {"DATABASE_URL_FILE": str(file)})
    assert read.database_url.reveal() == "postgresql://owner@db/other"


def test_a_value_and_its_file_together_are_a_fault(tmp_path: Path) -> None:
    assert "both are given" in faults(REDIS_URL_FILE=str(tmp_path / "x"))[0]


def test_a_file_that_cannot_be_read_is_a_fault_by_its_own_name(tmp_path: Path) -> None:
    told = faults(REDIS_URL="", REDIS_URL_FILE=str(tmp_path / "absent"))
    assert told[0].startswith("REDIS_URL_FILE: expected")


def test_a_misspelt_name_is_told_with_the_one_that_is_meant() -> None:
    assert faults(LOOPKEEPER_STMP_URL="x") == [
        "LOOPKEEPER_STMP_URL: no such setting. Is LOOPKEEPER_SMTP_URL meant?"
    ]


def test_secrets_do_not_print() -> None:
    printed = repr(Settings.read(WHOLE)) + str(Settings.read(WHOLE))
    assert "hunter2" not in printed
    assert "p/w" not in printed
    assert "<secret>" in printed


def test_a_token_prints_as_stars_and_is_long_enough() -> None:
    name = "LOOPKEEPER_METRICS_TOKEN"
    read = Settings.read(WHOLE | {name: "a-token-nobody-guesses"})
    assert read.metrics_token is not None
    assert printing.printed(read.metrics_token) == "***"
    assert Settings.read(WHOLE).metrics_token is None
    assert name in faults(**{name: "short"})[0]


def test_a_role_reaches_the_same_database_with_its_own_password() -> None:
    over_tcp = settings.for_role(Secret(WHOLE["DATABASE_URL"]), "lk_web", password="a/b")
    assert over_tcp.reveal() == "postgresql://lk_web:a%2Fb@db/loopkeeper"
    over_socket = settings.for_role(Secret(DEMO["DATABASE_URL"]), "lk_web", password="x")
    assert over_socket.reveal() == "postgresql://lk_web:x@/loopkeeper?host=/tmp/lk-1"


KANNEL = "kannels://us:p%2Fw@sms.example.org:13013/cgi-bin/sendsms?from=13013&hook=" + "s" * 16
TWILIO = f"twilio://AC{'0' * 32}:t0ken@api.twilio.com?from=+15035550100"


def test_providers_of_texts_are_read_from_their_urls() -> None:
    read = Settings.read(
        WHOLE | {"LOOPKEEPER_SMS_URL": TWILIO, "LOOPKEEPER_SMS_SECOND_URL": KANNEL}
    )
    twilio, kannel = read.sms
    assert (twilio.name, twilio.url) == ("twilio", "https://api.twilio.com")
    assert (twilio.sender, twilio.password.reveal()) == ("+15035550100", "t0ken")
    assert (kannel.name, kannel.user, kannel.sender) == ("kannel", "us", "13013")
    assert kannel.url == "https://sms.example.org:13013/cgi-bin/sendsms"
    assert (kannel.password.reveal(), kannel.hook.reveal()) == ("p/w", "s" * 16)
    told = f"{read} {printing.printed(read.sms)}"
    assert "t0ken" not in told
    assert "p/w" not in told
    assert "s" * 16 not in told
    assert printing.printed(read.sms).startswith("twilio https://api.twilio.com as AC")


@pytest.mark.parametrize(
    "url",
    [
        "http://u:s3cret@sms.example.org",
        "kannel://u:s3cret@sms.example.org/x?from=1&hook=" + "s" * 16,
        KANNEL.replace("hook", "hok"),
        KANNEL.replace("s" * 16, "s3cret"),
        KANNEL.replace("s" * 16, "s3cret@" + "s" * 16),
        KANNEL.replace(":13013", ":port"),
        KANNEL.replace("from=13013", "from=1%0a2"),
        TWILIO.replace(":t0ken", ""),
        TWILIO.replace("AC", "ac"),
        TWILIO.replace("from=", "form="),
        TWILIO + "&service=MG" + "0" * 32,
        "twilio://[s3cret",
    ],
)
def test_a_provider_that_is_none_is_told_with_the_form_and_without_the_value(url) -> None:
    [told] = faults(LOOPKEEPER_SMS_URL=url)
    assert told.startswith("LOOPKEEPER_SMS_URL: expected ")
    assert "s3cret" not in told


def test_the_second_provider_is_of_another_kind() -> None:
    [told] = faults(LOOPKEEPER_SMS_URL=KANNEL, LOOPKEEPER_SMS_SECOND_URL=KANNEL)
    assert told.startswith("LOOPKEEPER_SMS_SECOND_URL: expected a provider of another kind")


def test_a_certificate_and_its_key_come_together() -> None:
    both = {"LOOPKEEPER_MAILROOM_CERT": "/c.pem", "LOOPKEEPER_MAILROOM_KEY": "/k.pem"}
    assert Settings.read(WHOLE | both).mailroom_tls == (Path("/c.pem"), Path("/k.pem"))
    for name, value in both.items():
        with pytest.raises(SettingsFault, match="give both"):
            Settings.read(WHOLE | {name: value})


def test_a_region_is_one_whose_numbers_are_known() -> None:
    assert Settings.read(WHOLE).region == "US"
    assert Settings.read(WHOLE | {"LOOPKEEPER_REGION": "mx"}).region == "MX"
    [told] = faults(LOOPKEEPER_REGION="Oregon")
    assert told.startswith("LOOPKEEPER_REGION: expected a country's two letters")
