"""The link of a delivery and the code of a mail: derived from keys, so that no row holds a secret.

Two callers: the courier, which writes the link before it mails it, and the pages of the link,
which check what somebody typed.
"""

from datetime import datetime
from uuid import UUID

from crypto import token
from crypto.ports import Keyring
from crypto.token import Minted
from service.domain import pickup


async def link_of(keys: Keyring, *, delivery_id: UUID) -> Minted:
    """Return the secret of one delivery's link and the digest that is stored, always the same.

    The address in the mail is `{public_url}/r/{minted.text}`; only `minted.digest` goes into
    `store.links.insert`, committed before the mail leaves.
    """
    secret = token.link_secret(await keys.network_key("link"), delivery_id)
    return Minted(text=secret, digest=token.secret_hash(secret))


async def text_link_of(keys: Keyring, *, delivery_id: UUID) -> Minted:
    """Return the secret of the link in one text and the digest that is stored, always the same.

    The address in the text is `{public_url}/p/{minted.text}`; the digest is committed before the
    text leaves.
    """
    secret = token.text_link_secret(await keys.network_key("link"), delivery_id)
    return Minted(text=secret, digest=token.secret_hash(secret))


async def pickup_words(keys: Keyring, leg_id: UUID) -> str:
    """Return the words that a patient says where something is handed out for this leg.

    Who is given them is `pickup.is_offered`.
    """
    return pickup.spoken(token.pickup_number(await keys.network_key("link"), leg_id))


async def code_for(keys: Keyring, link_id: UUID, *, at: datetime) -> str:
    """Return the 8 digits of a link in one window.

    For a mail, `at` is `store.links.code_window(connection, effect_id)`: the window the code was
    asked in, and not the moment of sending, so that a mail sent twice says the same.
    """
    return token.link_code(await keys.network_key("code"), link_id, at=at.timestamp())
