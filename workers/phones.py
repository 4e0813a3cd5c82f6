"""The ways out for texts: which providers the settings name, and where they call back."""

from channels.sms import SmsProvider
from channels.sms_kannel import KannelRoute, KannelSms
from channels.sms_twilio import TwilioRoute, TwilioSms
from service.settings import Settings, Sms


def providers(settings: Settings) -> dict[str, SmsProvider]:
    """Make the providers of the settings, by name, the first of them first."""
    return {way.name: _provider(way, settings.public_url) for way in settings.sms}


def _provider(way: Sms, public_url: str) -> SmsProvider:
    receipts_url = f"{public_url}/hooks/sms/{way.name}/receipts"
    if way.name == TwilioSms.name:
        return TwilioSms(
            TwilioRoute(
                url=way.url,
                account=way.user,
                token=way.password.reveal(),
                receipts_url=receipts_url,
                sender=way.sender,
                service=way.service,
            )
        )
    return KannelSms(
        KannelRoute(
            url=way.url,
            username=way.user,
            password=way.password.reveal(),
            sender=way.sender,
            receipts_url=receipts_url,
            hook=way.hook.reveal(),
        )
    )
