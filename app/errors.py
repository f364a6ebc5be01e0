"""Every error the service raises on purpose, in one tree; `app.problems` says how HTTP answers each."""


class ServiceError(Exception):
    """Something that a client is to read: the message says what is wrong with this request."""


class BadRequestError(ServiceError):
    """The request cannot be understood."""


class NotFoundError(ServiceError):
    """There is no such thing."""


class ConflictError(ServiceError):
    """The request contradicts what is stored."""


class StaleError(ServiceError):
    """The thing has changed since the client read it."""


class UnconditionalError(ServiceError):
    """The request must say which version it is about."""


class UnavailableError(ServiceError):
    """Something that the service depends on does not answer; the same request may succeed later."""


class DatabaseUnavailableError(UnavailableError):
    """The database cannot serve now; its cause, what the driver has raised, is for the log alone."""

    def __init__(self) -> None:
        super().__init__("The database does not answer; try again later.")


class SchemaError(Exception):
    """The database's schema does not serve this release: for whoever deploys it, not for a client."""


class OverloadedError(UnavailableError):
    """The service has no place for one more request."""
