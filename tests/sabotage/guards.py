"""Every guard that is taken away, room by room."""

from tests.sabotage.guards_pages import PAGES
from tests.sabotage.guards_rules import KEYS, RULES
from tests.sabotage.guards_store import STORE
from tests.sabotage.guards_systems import SYSTEMS
from tests.sabotage.guards_texts import TEXTS
from tests.sabotage.guards_web import WEB

GUARDS = (*RULES, *KEYS, *PAGES, *STORE, *SYSTEMS, *TEXTS, *WEB)
