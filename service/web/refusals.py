"""Faults that only HTTP knows: its methods, media types, host names and ranges."""

from service.faults import Fault, Kind


class MethodRefused(Fault):
    """That method is not taken here."""

    kind, slug = Kind.INVALID, "method-not-allowed"
    advice = "Use one of the methods in the Allow header."


class MediaTypeRefused(Fault):
    """That kind of body is not taken here."""

    kind, slug = Kind.INVALID, "unsupported-media-type"
    advice = "Send the body as the documented content type, with that in Content-Type."


class HostRefused(Fault):
    """This service does not answer to that name."""

    kind, slug = Kind.INVALID, "unknown-host"
    advice = "Use the public address of the service, or add the name to LOOPKEEPER_ALLOWED_HOSTS."


class RangeRefused(Fault):
    """There is no such part of it."""

    kind, slug = Kind.INVALID, "range-not-satisfiable"
    advice = "Ask for a part that begins before its end; Content-Range says how long it is."
