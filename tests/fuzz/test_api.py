"""The API against its own OpenAPI document: no 500, and no answer that the document does not describe.

The same requests each time; FUZZ_EXAMPLES=1000 tries that many for each operation, and other ones each time.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any

import hypothesis
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema
from sqlalchemy import create_engine

from app.lifecycle import Lifecycle
from app.main import create_app
from app.models import Base
from tests.settings import settings_of

pytest_plugins = ("schemathesis.pytest.plugin",)

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
CONFIG = {
    # Beyond success, what a well-formed request may be answered: there is no such thing, a title is taken, a
    # precondition fails; and 400, for the document cannot say which cursors there are, and schemathesis does not take
    # a tag's pattern at its word.
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "400", "404", "409", "412", "428"]},
    },
    "operations": [
        {
            "include-name": "POST /api/v1/notes",
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "409"]}},
        }
    ],
}


def load() -> BaseSchema:
    """Return the document of an application on an empty database; what it describes is asked of that application."""
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    engine = create_engine(f"sqlite:///{directory}/test.db")
    Base.metadata.create_all(engine)
    engine.dispose()
    app = create_app(settings_of(database_url=f"sqlite+aiosqlite:///{directory}/test.db"), Lifecycle())
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig.from_dict(CONFIG))


# The parameters of the test come from the document, hence it is loaded on import.
schema = load()


@schema.parametrize()
@hypothesis.settings(
    max_examples=int(EXAMPLES or 50),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_answers_are_what_the_document_says(case: schemathesis.Case[Any]) -> None:
    """Statuses, media types, headers and bodies, for requests that fit the document and for those that do not."""
    case.call_and_validate()
