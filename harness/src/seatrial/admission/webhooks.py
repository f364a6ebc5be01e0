"""Webhooks that the API server asks before it takes an object."""

from seatrial.admission import names
from seatrial.admission.refusal import (
    Fields,
    Path,
    Refusal,
    Refusals,
    between,
    exactly_one,
    listed,
    one_of,
    part,
    required,
    unique,
)
from seatrial.manifests.kustomize import Object

SIDE_EFFECTS = ("None", "NoneOnDryRun")
TIMEOUT_SECONDS = (1, 30)
PARTS_OF_NAME = 3


def webhooks(found: Object) -> Refusals:
    """Refuse a ValidatingWebhookConfiguration or a MutatingWebhookConfiguration."""
    given = list(listed(found, (), "webhooks"))
    yield from unique(((*here, "name"), hook.get("name")) for here, hook in given)
    for here, hook in given:
        yield from _webhook(hook, here)


def _webhook(hook: Fields, path: Path) -> Refusals:
    yield from required(hook, path, "name", "admissionReviewVersions", "sideEffects")
    name = str(hook.get("name", ""))
    if wrong := names.subdomain(name):
        yield Refusal((*path, "name"), wrong)
    elif name.count(".") + 1 < PARTS_OF_NAME:
        yield Refusal((*path, "name"), f"given {name!r}; allowed: three parts at least, as pods.example.com")
    yield from one_of(hook, path, "sideEffects", SIDE_EFFECTS)
    yield from one_of(hook, path, "failurePolicy", ("Ignore", "Fail"))
    yield from one_of(hook, path, "matchPolicy", ("Exact", "Equivalent"))
    yield from one_of(hook, path, "reinvocationPolicy", ("Never", "IfNeeded"))
    yield from between(hook, path, "timeoutSeconds", *TIMEOUT_SECONDS)
    client, here = part(hook, "clientConfig"), (*path, "clientConfig")
    yield from exactly_one(client, here, ("url", "service"), "receiver")
    if (url := client.get("url")) is not None and not str(url).startswith("https://"):
        yield Refusal((*here, "url"), f"given {url!r}; allowed: https://HOST/PATH")
    if (service := client.get("service")) is not None:
        yield from required(service, (*here, "service"), "name", "namespace")
    for name_of in ("namespaceSelector", "objectSelector"):
        yield from names.selector(part(hook, name_of), (*path, name_of))
    for at, rule in listed(hook, path, "rules"):
        yield from required(rule, at, "operations", "apiGroups", "apiVersions", "resources")
        yield from one_of(rule, at, "scope", ("Cluster", "Namespaced", "*"))
