#!/usr/bin/env python3
"""Compares an OpenAPI document with the one of the last release: clients of that release must get on with the new one.

usage: api_changes.py RELEASED NEW
"""

import json
import sys

# The bounds of what a client may send, and whether a larger value allows less.
BOUNDS = {"minimum": True, "minLength": True, "minItems": True, "maximum": False, "maxLength": False, "maxItems": False}


class Comparison:
    """What breaks clients, as sentences."""

    def __init__(self, old, new):
        self.old, self.new, self.broken, self.seen = old, new, [], set()

    def breaks(self, where, what):
        """Notes a change that breaks clients."""
        self.broken.append(f"{where}: {what}")

    def documents(self):
        """Compares all operations; returns what breaks."""
        for path, methods in self.old["paths"].items():
            for method, old in methods.items():
                where = f"{method.upper()} {path}"
                new = self.new["paths"].get(path, {}).get(method)
                if new is None:
                    self.breaks(where, "is removed")
                else:
                    self.operation(where, old, new)
        return self.broken

    def operation(self, where, old, new):
        """Compares an operation."""
        if old.get("operationId") != new.get("operationId"):
            self.breaks(where, "has another operation id")
        self.parameters(where, old, new)
        body, new_body = old.get("requestBody"), new.get("requestBody")
        if new_body and new_body.get("required") and not (body or {}).get("required"):
            self.breaks(where, "requires a body")
        if body:
            self.media(f"{where}, body", body, new_body or {}, True)
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                self.breaks(where, f"status {status} is removed")
                continue
            answer, new_answer = resolve(self.old, answer), resolve(self.new, new["responses"][status])
            for header in set(answer.get("headers", ())) - set(new_answer.get("headers", ())):
                self.breaks(where, f"{status}: header {header} is removed")
            self.media(f"{where}, {status}", answer, new_answer, False)

    def parameters(self, where, old, new):
        """Compares the parameters of an operation."""
        old, new = by_name(self.old, old), by_name(self.new, new)
        for key, parameter in new.items():
            if parameter.get("required") and not old.get(key, {}).get("required"):
                self.breaks(where, f"parameter {key[1]} is required now")
        for key, parameter in old.items():
            if key not in new:
                self.breaks(where, f"parameter {key[1]} is removed")
            else:
                self.schema(f"{where}, parameter {key[1]}", parameter["schema"], new[key]["schema"], True)

    def media(self, where, old, new, is_given):
        """Compares what a body or an answer holds in each media type."""
        for media, content in old.get("content", {}).items():
            found = new.get("content", {}).get(media)
            if found is None:
                self.breaks(where, f"{media} is removed")
            else:
                self.schema(where, content["schema"], found["schema"], is_given)

    def schema(self, where, old, new, is_given):
        """Compares schemas: a request may allow more, an answer may have more members."""
        pair = (old.get("$ref"), new.get("$ref"), is_given)
        if all(pair[:2]):
            if pair in self.seen:
                return
            self.seen.add(pair)
        old, new = resolve(self.old, old), resolve(self.new, new)
        self.values(where, old, new, is_given)
        self.members(where, old, new, is_given)
        if "items" in old:
            self.schema(f"{where}[]", old["items"], new.get("items", {}), is_given)
        for kind in ("anyOf", "oneOf", "allOf"):
            one, other = old.get(kind, []), new.get(kind, [])
            if len(one) > len(other) or (len(one) < len(other) and not is_given):
                self.breaks(where, f"{kind} has {len(other)} alternatives in place of {len(one)}")
            for first, second in zip(one, other):
                self.schema(where, first, second, is_given)

    def values(self, where, old, new, is_given):
        """Compares types, formats, words and bounds."""
        one, other = types(old), types(new)
        allowed = (not other or one and one <= other) if is_given else (not one or other and other <= one)
        if not allowed or old.get("format") != new.get("format"):
            self.breaks(where, "has another type")
        if "enum" in old or (is_given and "enum" in new):
            for word in [word for word in old.get("enum", ["any word"]) if word not in new.get("enum", [word])]:
                self.breaks(where, f"{word} is no word any more")
        if is_given and new.get("pattern") not in (None, old.get("pattern")):
            self.breaks(where, "has another pattern")
        for bound, larger_allows_less in BOUNDS.items() if is_given else ():
            one, other = old.get(bound), new.get(bound)
            if other is not None and (one is None or (other > one if larger_allows_less else other < one)):
                self.breaks(where, f"{bound} is {other} now")

    def members(self, where, old, new, is_given):
        """Compares the members of an object."""
        properties, new_properties = old.get("properties", {}), new.get("properties", {})
        for name, schema in properties.items():
            if name in new_properties:
                self.schema(f"{where}.{name}", schema, new_properties[name], is_given)
            else:
                self.breaks(where, f"member {name} is removed")
        required, now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(now - required if is_given else required & set(new_properties) - now):
            self.breaks(where, f"member {name} is {'required' if is_given else 'not always there'} now")


def resolve(document, node):
    """What a reference refers to."""
    while "$ref" in node:
        found = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def by_name(document, operation):
    """The parameters of an operation, by place and name."""
    found = [resolve(document, parameter) for parameter in operation.get("parameters", ())]
    return {(parameter["in"], parameter["name"]): parameter for parameter in found}


def types(schema):
    """The types that a schema names."""
    named = schema.get("type", [])
    return set([named] if isinstance(named, str) else named)


def main():
    old, new = ([json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3]])
    broken = Comparison(old, new).documents()
    print("\n".join(broken))
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
