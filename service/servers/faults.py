"""What can go wrong with the embedded servers, each with what to do next."""

from service.faults import Fault, Kind


class ServerMissing(Fault):
    """No usable server was found."""

    kind, slug = Kind.BROKEN, "server-missing"


class ServerFailed(Fault):
    """A server would not start."""

    kind, slug = Kind.BROKEN, "server-failed"


class FolderInUse(Fault):
    """The data folder is in use by another start."""

    kind, slug = Kind.CONFLICT, "folder-in-use"
