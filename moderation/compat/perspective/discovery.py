"""The discovery document, from which Google's clients generate their calls.

Its form: https://developers.google.com/discovery/v1/reference/apis (read 2026-11-24).
"""

from __future__ import annotations

from typing import Any

VERSION = "v1alpha1"
SCOPE = "https://www.googleapis.com/auth/userinfo.email"

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_NUMBER = {"type": "number", "format": "float"}
_WHOLE = {"type": "integer", "format": "int32"}

# Name of a schema to its properties; a capital word names another schema, `[]` a list
# and `{}` a map of it.
SCHEMAS: dict[str, dict[str, Any]] = {
    "AnalyzeCommentRequest": {
        "comment": "TextEntry",
        "context": "Context",
        "requestedAttributes": "{AttributeParameters}",
        "languages": ["string"],
        "spanAnnotations": _FLAG,
        "doNotStore": _FLAG,
        "dropUnsupportedAttributes": _FLAG,
        "clientToken": _TEXT,
        "sessionId": _TEXT,
        "communityId": _TEXT,
    },
    "AnalyzeCommentResponse": {
        "attributeScores": "{AttributeScores}",
        "languages": ["string"],
        "detectedLanguages": ["string"],
        "clientToken": _TEXT,
        "modelVersion": {**_TEXT, "description": "The model that scored."},
        "attributesLeftOut": ["string"],
    },
    "SuggestCommentScoreRequest": {
        "comment": "TextEntry",
        "context": "Context",
        "attributeScores": "{AttributeScores}",
        "languages": ["string"],
        "clientToken": _TEXT,
        "sessionId": _TEXT,
        "communityId": _TEXT,
    },
    "SuggestCommentScoreResponse": {
        "clientToken": _TEXT,
        "detectedLanguages": ["string"],
        "requestedLanguages": ["string"],
        "attributesLeftOut": ["string"],
    },
    "TextEntry": {"text": _TEXT, "type": _TEXT},
    "Context": {
        "entries": ["TextEntry"],
        "articleAndParentComment": "ArticleAndParentComment",
    },
    "ArticleAndParentComment": {"article": "TextEntry", "parentComment": "TextEntry"},
    "AttributeParameters": {"scoreType": _TEXT, "scoreThreshold": _NUMBER},
    "AttributeScores": {"spanScores": ["SpanScore"], "summaryScore": "Score"},
    "SpanScore": {"begin": _WHOLE, "end": _WHOLE, "score": "Score"},
    "Score": {"value": _NUMBER, "type": _TEXT},
}

PARAMETERS = {
    "$.xgafv": "V1 error format.",
    "access_token": "OAuth access token; a site key is taken, too.",
    "alt": "Format of the answer: json.",
    "callback": "JSONP; not answered.",
    "fields": "Which fields to include; all are.",
    "key": "The site's key.",
    "oauth_token": "OAuth 2.0 token.",
    "prettyPrint": "Indentation; ignored.",
    "quotaUser": "Ignored.",
    "uploadType": "Ignored.",
    "upload_protocol": "Ignored.",
}


def document(root_url: str) -> dict[str, Any]:
    """Return the document for a base URL that ends in a slash."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "revision": "20200301",
        "title": "Comment Analyzer, answered by this moderation service",
        "description": "Scores comments; speaks the Perspective API.",
        "protocol": "rest",
        "rootUrl": root_url,
        "servicePath": "",
        "baseUrl": root_url,
        "basePath": "",
        "batchPath": "batch",
        "fullyEncodeReservedExpansion": True,
        "ownerName": "This newsroom",
        "icons": {},
        "auth": {"oauth2": {"scopes": {SCOPE: {"description": "Not needed."}}}},
        "parameters": {
            name: {"type": "string", "location": "query", "description": meaning}
            for name, meaning in PARAMETERS.items()
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeComment"),
                    "suggestscore": _method("suggestscore", "SuggestCommentScore"),
                }
            }
        },
        "schemas": {
            name: {
                "id": name,
                "type": "object",
                "properties": {
                    part: _property(kind) for part, kind in properties.items()
                },
            }
            for name, properties in SCHEMAS.items()
        },
    }


def _method(name: str, schema: str) -> dict[str, Any]:
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": f"{VERSION}/comments:{name}",
        "flatPath": f"{VERSION}/comments:{name}",
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{schema}Request"},
        "response": {"$ref": f"{schema}Response"},
        "scopes": [SCOPE],
    }


def _property(kind: Any) -> dict[str, Any]:
    if isinstance(kind, list):
        (inner,) = kind
        items = _property(inner) if inner in SCHEMAS else {"type": inner}
        return {"type": "array", "items": items}
    if isinstance(kind, str) and kind.startswith("{"):
        return {"type": "object", "additionalProperties": _property(kind[1:-1])}
    return {"$ref": kind} if isinstance(kind, str) else dict(kind)
