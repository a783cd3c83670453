"""The reference of the REST API, out of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docs.site.markdown import code, page, prose, table

FOLDER = "docs/reference/api"
SCHEMAS = "bodies"
#: Of a schema, with how each limit reads.
LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "up to {} characters",
    "minimum": "at least {}",
    "maximum": "up to {}",
    "minItems": "at least {} entries",
    "maxItems": "up to {} entries",
    "format": "{}",
}
CREDENTIALS = {"siteKey": "a site key", "staffToken": "a staff token"}
Schema = dict[str, Any]


def pages(document: dict[str, Any]) -> dict[str, str]:
    """Return the pages by path: an overview, one for each tag, and the bodies."""
    tags = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
    made = {f"{FOLDER}/index.md": _overview(document, tags)}
    for tag, audience in tags.items():
        operations = [each for each in list_operations(document) if tag in each["tags"]]
        made[f"{FOLDER}/{tag}.md"] = page(
            title_of(tag), f"{prose(audience)}.", *map(_operation, operations)
        )
    schemas = document["components"]["schemas"]
    made[f"{FOLDER}/{SCHEMAS}.md"] = page(
        "Request and response bodies",
        *(_schema(name, schemas[name]) for name in sorted(schemas)),
    )
    return made


def title_of(tag: str) -> str:
    """Return a tag as a heading."""
    return tag.removesuffix("_api").replace("_", " ").capitalize()


def list_operations(document: dict[str, Any]) -> Iterator[Schema]:
    """Yield the operations, each with its method, path, and all its parameters."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
            yield {
                **operation,
                "method": method.upper(),
                "path": path,
                "parameters": parameters,
            }


def _overview(document: dict[str, Any], tags: dict[str, str]) -> str:
    rows = [
        (f"[{title_of(tag)}]({tag}.md)", prose(audience), str(count))
        for tag, audience in tags.items()
        for count in [sum(tag in each["tags"] for each in list_operations(document))]
    ]
    return page(
        "REST API",
        prose(document["info"]["description"]),
        "This part is generated from the OpenAPI document, which a running service has "
        "at `/api/v1/openapi.json`. [The calls by role](../../api.md) is shorter.",
        table(("group", "for", "operations"), rows),
        "```{toctree}\n:hidden:\n\n" + "\n".join([*tags, SCHEMAS]) + "\n```",
        f"[Request and response bodies]({SCHEMAS}.md)",
    )


def _operation(operation: Schema) -> str:
    parameters = [
        (
            code(each["name"]) + (" (required)" if each.get("required") else ""),
            each["in"],
            type_of(each.get("schema", {})),
            prose(each.get("description", "")),
        )
        for each in operation["parameters"]
    ]
    body = operation.get("requestBody", {}).get("content", {})
    answers = [
        (code(status), prose(each.get("description", "")), _content(each))
        for status, each in sorted(operation["responses"].items())
        if "content" in each or status[0] in "23"
    ]
    return "\n\n".join(
        part
        for part in (
            f"## {operation['method']} {code(operation['path'])}",
            f"**{prose(operation['summary'])}**",
            prose(operation.get("description", "")),
            _credentials(operation.get("security", [])),
            table(("parameter", "in", "type", "meaning"), parameters),
            "".join(
                f"Body, {code(kind)}: {type_of(each.get('schema', {}))}"
                for kind, each in body.items()
            ),
            table(("status", "meaning", "body"), answers),
        )
        if part
    )


def _credentials(security: list[dict[str, list[str]]]) -> str:
    kinds = []
    for requirement in security:
        for scheme, scopes in requirement.items():
            named = " and ".join(code(each) for each in scopes)
            kinds.append(CREDENTIALS[scheme] + (f" with {named}" if named else ""))
    return f"Needs {', or '.join(kinds)}." if kinds else "Needs no credentials."


def _content(answer: Schema) -> str:
    content = answer.get("content", {})
    return ", ".join(
        type_of(each.get("schema", {}))
        if kind == "application/json"
        else f"{code(kind)}"
        for kind, each in content.items()
    )


def _schema(name: str, schema: Schema) -> str:
    required = schema.get("required", [])
    rows = [
        (
            code(field) + (" (required)" if field in required else ""),
            type_of(each),
            prose(each.get("description", "")),
        )
        for field, each in schema.get("properties", {}).items()
    ]
    rest = schema.get("additionalProperties")
    others = f"Any further field: {type_of(rest)}." if isinstance(rest, dict) else ""
    nothing = "" if rows or others else "No fields."
    return "\n\n".join(
        part
        for part in (
            f"## {name}",
            prose(schema.get("description", "")),
            table(("field", "type", "meaning"), rows),
            others,
            nothing,
        )
        if part
    )


def type_of(schema: Schema) -> str:
    """Return what a schema allows, in a few words of Markdown."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}]({SCHEMAS}.md#{name.lower()})"
    if choices := schema.get("anyOf"):
        return " or ".join(type_of(each) for each in choices)
    if "enum" in schema:
        return ", ".join(code(str(each)) for each in schema["enum"] if each is not None)
    kinds = schema.get("type", "anything")
    words = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if "items" in schema:
        words = words.replace("array", f"array of {type_of(schema['items'])}")
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict) and rest:
        words = f"object of {type_of(rest)}"
    limits = [form.format(schema[key]) for key, form in LIMITS.items() if key in schema]
    return ", ".join([words, *limits])
