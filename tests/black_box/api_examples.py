#!/usr/bin/env python3
"""A client that knows the OpenAPI documents of both services only, and does what the table below says.

Each request is checked by its schema before it is sent, and each answer by what the document says of its status:
headers and schema. Problems are caused too. The examples of the documents are these requests and answers, with ids and times made alike;
--update writes them. Without a member that the document requires, a request must be refused.
"""

import argparse
import json
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

from jsonschema import Draft202012Validator, FormatChecker

from api_journey import FAULTS, LAST, STEPS

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SOME_TIME = "2026-01-31T09:30:00Z"
# The headers that an answer has exactly where the document says so.
HEADERS = ("ETag", "Location", "Signpost-Position", "X-Request-Id")
SECRETS = {"token": "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}


class Untrue(Exception):
    """The document says something else than the service does."""


class Service:
    """A service, by its document."""

    def __init__(self, url, token):
        self.url, self.token = url, token
        with urllib.request.urlopen(f"{url}/api/openapi.json", timeout=30) as answer:
            self.document = json.load(answer)
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }
        self.examples = {}

    def resolve(self, node):
        """What a reference refers to."""
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def validate(self, schema, value, what):
        """Checks a value by a schema of the document."""
        whole = {**schema, "components": self.document["components"]}
        for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value):
            raise Untrue(f"{what}: {error.json_path}: {error.message[:300]}")

    def send(self, operation_id, parameters, body, headers):
        """Sends a request; returns status, headers and body."""
        method, path, operation = self.operations[operation_id]
        names = {parameter["name"] for parameter in map(self.resolve, operation["parameters"]) if parameter["in"] == "query"}
        query = {name: value for name, value in parameters.items() if name in names}
        address = path.format_map({name: urllib.parse.quote(str(value), safe="") for name, value in parameters.items()})
        url = f"{self.url}{address}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers.setdefault("Content-Type", next(iter(operation["requestBody"]["content"])))
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def checked(self, operation_id, parameters, body, headers=()):
        """Sends a request and checks request and answer by the document; returns the answer's body and headers."""
        operation = self.operations[operation_id][2]
        if body is not None:
            self.validate(media_of(operation["requestBody"])["schema"], body, f"request of {operation_id}")
        status, sent, text = self.send(operation_id, parameters, body, dict(headers))
        described = operation["responses"].get(str(status))
        if described is None:
            raise Untrue(f"{operation_id} answers {status}, which is not described: {text[:500]}")
        described = self.resolve(described)
        if status >= 400:
            raise Untrue(f"{operation_id} answers {status}: {text[:500]}")
        for name in HEADERS:
            if (name in sent) != (name in described["headers"]):
                raise Untrue(f"{operation_id}: header {name}: {sent.get(name)}")
        kind = sent["Content-Type"].split(";")[0]
        answer = json.loads(text)
        self.validate(described["content"][kind]["schema"], answer, f"answer of {operation_id}")
        return answer, sent

    def demands(self, operation_id, parameters, body):
        """Checks that the service refuses a body without a required member."""
        method, _, operation = self.operations[operation_id]
        schema = self.resolve(media_of(operation["requestBody"])["schema"])
        for name in schema.get("required", ()):
            rest = {member: value for member, value in body.items() if member != name}
            status, _, text = self.send(operation_id, parameters, rest, {})
            if ":batch" in self.operations[operation_id][1]:
                status = json.loads(text)["status"]
                text = json.dumps(json.loads(text)["problem"])
            problem = json.loads(text)
            self.validate({"$ref": "#/components/schemas/Problem"}, problem, f"problem of {operation_id}")
            wrong = [error["field"].split(".")[0] for error in problem.get("errors", ())]
            if status != 422 or name not in wrong:
                raise Untrue(f"{operation_id} without {name}: {status}: {text[:300]}")


def media_of(body):
    """The first media type of a body."""
    return next(iter(body["content"].values()))


class Names:
    """What answers told, for later requests; and values of examples in place of those of this run."""

    def __init__(self, bases):
        self.kept, self.bases, self.ids = {}, bases, {}

    def fill(self, value):
        """Puts what was told in the place of `$name.member`."""
        if isinstance(value, dict):
            return {name: self.fill(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, str) and value.startswith("$"):
            found = self.kept
            for part in value[1:].split("."):
                found = found[part]
            return found
        return value

    def alike(self, value, name=""):
        """The value as an example has it, the same in each run."""
        if isinstance(value, dict):
            return {name: self.alike(member, name) for name, member in value.items()}
        if isinstance(value, list):
            return [self.alike(item, name) for item in value]
        if not isinstance(value, str):
            return 7 if name in ("position", "took_ms") and value is not None else value
        if name in SECRETS:
            return SECRETS[name]
        if name == "customer_number":
            return "4821973064"
        for base, example in self.bases.items():
            value = value.replace(base, example)
        value = UUID.sub(lambda found: self.ids.setdefault(found[0], f"01970000-0000-7000-8000-{len(self.ids) + 1:012}"), value)
        return TIME.sub(SOME_TIME, value)


def shape(value):
    """The members and their types. A list has the shape of its first item."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


def take(services, names, step):
    """Takes one step of the journey."""
    service, operation_id, parameters, body, name = step
    service = services[service]
    parameters, body = names.fill(parameters), names.fill(body)
    headers = {}
    if "If-Match" in parameters:
        headers["If-Match"] = parameters.pop("If-Match")
    is_new = operation_id not in service.examples
    if body is not None and is_new and service.operations[operation_id][0] != "PATCH":
        service.demands(operation_id, parameters, body)
    answer, sent = service.checked(operation_id, parameters, body, headers)
    if name:
        names.kept[name] = {**answer, "etag": sent.get("ETag"), "position": sent.get("Signpost-Position", "0")}
    if body is not None and is_new:
        service.examples[operation_id] = {"request": names.alike(body), "answer": names.alike(answer)}


def fails(services, names, fault):
    """Checks that a status and its headers occur as the document says."""
    service, operation_id, parameters, body, headers, expected = fault
    service, where = services[service], f"{operation_id}, which must answer {expected},"
    headers = {name: " ".join(map(names.fill, value.split(" "))) for name, value in headers.items()}
    status, sent, text = service.send(operation_id, names.fill(parameters), body, headers)
    described = service.operations[operation_id][2]["responses"].get(str(status))
    if status != expected or described is None:
        raise Untrue(f"{where} answers {status}: {text[:300]}")
    described = service.resolve(described)
    for name in described["headers"]:
        if name not in sent:
            raise Untrue(f"{where} has no header {name}")
    for media, content in described.get("content", {}).items():
        if sent["Content-Type"] != media:
            raise Untrue(f"{where} sends {sent['Content-Type']}")
        service.validate(content["schema"], json.loads(text), where)


def compare(service):
    """Checks that the document shows what was sent and answered."""
    for operation_id, (_, _, operation) in service.operations.items():
        if "requestBody" not in operation:
            continue
        if operation_id not in service.examples:
            raise Untrue(f"the journey does not use {operation_id}")
        example, media = service.examples[operation_id], media_of(operation["requestBody"])
        if media.get("example") != example["request"]:
            raise Untrue(f"{operation_id}: the request of the document is not that of the journey")
        answers = [media_of(answer) for status, answer in operation["responses"].items() if status[0] == "2"]
        shown = next((answer for answer in answers if "example" in answer), answers[0])
        service.validate(shown["schema"], shown.get("example"), f"example of the answer of {operation_id}")
        if shape(shown["example"]) != shape(example["answer"]):
            raise Untrue(f"{operation_id}: the answer of the document is {shown['example']}, and now {example['answer']}")


def main():
    arguments = argparse.ArgumentParser()
    for name in ("agents", "signup", "token"):
        arguments.add_argument(f"--{name}", required=True)
    arguments.add_argument("--update", type=pathlib.Path, help="the folder of the project, to write the examples")
    given = arguments.parse_args()
    services = {name: Service(getattr(given, name), given.token) for name in ("agents", "signup")}
    names = Names({given.signup: "https://signup.example.org", given.agents: "https://agents.example.org"})
    for step in STEPS:
        take(services, names, step)
    for fault in FAULTS:
        fails(services, names, fault)
    for step in LAST:
        take(services, names, step)
    for name, service in services.items():
        if given.update:
            path = given.update / f"{name}-service/examples.json"
            path.write_text(json.dumps(service.examples, indent=2, ensure_ascii=False) + "\n")
        else:
            compare(service)
    print(sum(len(service.examples) for service in services.values()), "examples are true")


if __name__ == "__main__":
    try:
        main()
    except Untrue as untrue:
        sys.exit(str(untrue))
