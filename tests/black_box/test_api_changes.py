"""The comparison of documents, with a broken document for each rule."""

import copy
import unittest

from api_changes import Comparison

RELEASED = {
    "paths": {
        "/things": {
            "post": {
                "operationId": "createThing",
                "parameters": [
                    {"$ref": "#/components/parameters/Key"},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}},
                ],
                "requestBody": {"required": False, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Given"}}}},
                "responses": {
                    "201": {
                        "headers": {"ETag": {}, "Location": {}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}, "text/csv": {"schema": {}}},
                    },
                    "404": {"$ref": "#/components/responses/NotFound"},
                },
            },
            "get": {"operationId": "listThings", "responses": {}},
        },
        "/others": {"get": {"operationId": "listOthers", "responses": {}}},
    },
    "components": {
        "parameters": {"Key": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}},
        "responses": {"NotFound": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}},
        "schemas": {
            "Given": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 40, "pattern": "^[a-z]+$"},
                    "kind": {"type": "string", "enum": ["old", "new"]},
                    "note": {"type": ["string", "null"]},
                },
            },
            "Thing": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "state": {"type": "string", "enum": ["active", "closed"]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                    "owner": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            },
        },
    },
}


def broken(change):
    """What breaks after a change of the released document."""
    new = copy.deepcopy(RELEASED)
    paths, schemas = new["paths"], new["components"]["schemas"]
    change(paths["/things"]["post"], schemas["Given"], schemas["Thing"], paths)
    return Comparison(RELEASED, new).documents()


class Rules(unittest.TestCase):
    """Each rule, by a change that breaks it, and changes that break none."""

    def breaks(self, change, *expected):
        """The change breaks exactly this."""
        found = broken(change)
        self.assertEqual([sentence.split(": ", 1)[1] for sentence in found], list(expected), found)

    def test_operations_stay(self):
        self.breaks(lambda post, given, thing, paths: paths.pop("/others"), "is removed")
        self.breaks(lambda post, given, thing, paths: paths["/things"].pop("get"), "is removed")
        self.breaks(lambda post, *_: post.update(operationId="makeThing"), "has another operation id")

    def test_parameters_stay_and_none_becomes_required(self):
        self.breaks(lambda post, *_: post["parameters"].pop(), "parameter limit is removed")
        self.breaks(lambda post, *_: post["parameters"].pop(0), "parameter Idempotency-Key is removed")
        self.breaks(lambda post, *_: post["parameters"][1].update(required=True), "parameter limit is required now")
        new = {"name": "by", "in": "query", "required": True, "schema": {"type": "string"}}
        self.breaks(lambda post, *_: post["parameters"].append(new), "parameter by is required now")
        self.breaks(lambda post, *_: post["parameters"][1]["schema"].update(type="string"), "has another type")

    def test_requests_of_before_stay_allowed(self):
        self.breaks(lambda post, *_: post["requestBody"].update(required=True), "requires a body")
        self.breaks(lambda post, *_: post.pop("requestBody"), "application/json is removed")
        self.breaks(lambda post, given, *_: given["required"].append("kind"), "member kind is required now")
        self.breaks(lambda post, given, *_: given["properties"].pop("note"), "member note is removed")
        self.breaks(lambda post, given, *_: given["properties"]["kind"]["enum"].pop(), "new is no word any more")
        self.breaks(lambda post, given, *_: given["properties"]["note"].update(type="string"), "has another type")
        self.breaks(lambda post, given, *_: given["properties"]["note"].update(enum=["x"]), "any word is no word any more")
        self.breaks(lambda post, given, *_: given["properties"]["name"].update(maxLength=20), "maxLength is 20 now")
        self.breaks(lambda post, given, *_: given["properties"]["name"].update(minLength=2), "minLength is 2 now")
        self.breaks(lambda post, given, *_: given["properties"]["name"].update(pattern="^[a-f]+$"), "has another pattern")

    def test_answers_keep_what_they_had(self):
        self.breaks(lambda post, *_: post["responses"].pop("404"), "status 404 is removed")
        self.breaks(lambda post, *_: post["responses"]["201"]["headers"].pop("ETag"), "201: header ETag is removed")
        self.breaks(lambda post, *_: post["responses"]["201"]["content"].pop("text/csv"), "text/csv is removed")
        self.breaks(lambda post, given, thing, _: thing["properties"].pop("parts"), "member parts is removed")
        self.breaks(lambda post, given, thing, _: thing["required"].remove("id"), "member id is not always there now")
        self.breaks(lambda post, given, thing, _: thing["properties"]["state"]["enum"].pop(), "closed is no word any more")
        self.breaks(lambda post, given, thing, _: thing["properties"]["id"].pop("format"), "has another type")
        self.breaks(lambda post, given, thing, _: thing["properties"]["state"].update(type=["string", "null"]), "has another type")
        self.breaks(lambda post, given, thing, _: thing["properties"]["parts"].update(items={"type": "string"}), "has another type",
                    *[f"member {name} is removed" for name in ("id", "state", "parts", "owner")])
        more = {"type": "integer"}
        sentence = "anyOf has 3 alternatives in place of 2"
        self.breaks(lambda post, given, thing, _: thing["properties"]["owner"]["anyOf"].append(more), sentence)

    def test_additions_break_nothing(self):
        def add(post, given, thing, paths):
            paths["/new"] = {"get": {"operationId": "listNew", "responses": {}}}
            post["parameters"].append({"name": "by", "in": "query", "schema": {"type": "string"}})
            post["parameters"][1]["schema"]["maximum"] = 500
            post["responses"]["409"] = {}
            given["properties"]["more"] = {"type": "string"}
            given["properties"]["kind"]["enum"].append("newest")
            given["properties"]["name"].update(type=["string", "null"], maxLength=80)
            given["required"].remove("name")
            thing["properties"]["more"] = {"type": "string"}
            thing["properties"]["state"]["enum"].append("asleep")
            thing["required"] += ["more", "owner"]

        self.breaks(add)


if __name__ == "__main__":
    unittest.main()
