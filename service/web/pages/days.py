"""Days as forms send them: read, and made into moments of an office's own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def span(
    asked: dict[str, str], zone: str
) -> tuple[datetime | None, datetime | None, dict[str, str]]:
    """Return the moments from the day `from` to the end of the day `to`, and what was no day."""
    errors: dict[str, str] = {}
    since, until = _day(asked, "from", errors), _day(asked, "to", errors)
    return _begin(since, zone), _begin(until + timedelta(days=1), zone) if until else None, errors


def _day(asked: dict[str, str], name: str, errors: dict[str, str]) -> date | None:
    if not asked[name]:
        return None
    try:
        day = date.fromisoformat(asked[name])
    except ValueError:
        errors[name] = "invalid"
        return None
    if not 1900 <= day.year <= 2100:
        errors[name] = "invalid"
        return None
    return day


def _begin(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None
