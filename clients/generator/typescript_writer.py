"""Writes the TypeScript client: one file over `fetch` alone."""

import re
from typing import Any

from clients.generator.operations import Operation, Parameter, class_name, operations

_HEAD = """// Client of the Samaan Sathi API. Written by `python -m clients.generator`: change the API, not this file.
//
// The client sends an Idempotency-Key with every write and repeats a request that met a fault (503, 429, a lost
// connection) with the same key, so that nothing takes place twice.
//
//   const client = new Client("http://127.0.0.1:8000");
//   client.token = (await client.auth_login({ email: "meena@example.in", password: "..." })).access_token;
//   await client.sales_post_sale({ lines: [{ item_id: "sugar-1kg", quantity_milli: 1000 }] });

/** What the API answered instead: `code` is stable, `detail` is for people. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field: string | null,
    readonly hint: string | null,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | null,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}
"""

_CLIENT = """
/** A value of a query or a header; what is undefined or null is left out. */
type Plain = string | number | boolean | null | undefined;

const pause = (seconds: number): Promise<void> => new Promise((go) => setTimeout(go, seconds * 1000));

/** Calls the API of one address for one shop. */
export class Client {
  token: string | null = null;
  apiKey: string | null = null;
  timeoutSeconds = 30;
  /** How often a request that met a fault is sent at most. */
  attempts = 3;
  private readonly baseUrl: string;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl.replace(/\\/$/, "");
  }

  private async call<T>(
    method: string,
    path: string,
    query: Record<string, Plain | Array<Plain>>,
    headers: Record<string, Plain>,
    body?: unknown,
  ): Promise<T> {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const one of Array.isArray(value) ? value : [value]) if (one != null) asked.append(name, String(one));
    const sent: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) if (value != null) sent[name] = String(value);
    if (this.token !== null) sent["Authorization"] = `Bearer ${this.token}`;
    else if (this.apiKey !== null) sent["X-Api-Key"] = this.apiKey;
    let data: BodyInit | undefined;
    if (body instanceof FormData) data = body;
    else if (body !== undefined) {
      data = JSON.stringify(body);
      sent["Content-Type"] = "application/json";
    }
    const url = this.baseUrl + path + (asked.size ? `?${asked}` : "");
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.send<T>(url, { method, headers: sent, body: data });
      } catch (error) {
        const last = attempt >= this.attempts;
        if (error instanceof ApiProblem) {
          if (last || (error.status !== 429 && error.status !== 503)) throw error;
          await pause(Math.min(error.retryAfterSeconds ?? attempt, 30));
        } else {
          if (last || (method !== "GET" && !("Idempotency-Key" in sent))) throw error;
          await pause(0.2 * attempt);
        }
      }
    }
  }

  private async send<T>(url: string, request: RequestInit): Promise<T> {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(this.timeoutSeconds * 1000) });
    const text = await answer.text();
    if (!answer.ok) {
      let problem: Record<string, unknown> = { code: "unreadable_answer", detail: answer.statusText };
      try {
        problem = JSON.parse(text) as Record<string, unknown>;
      } catch {
        // not the API's own answer: known errors are raised above
      }
      const word = (name: string): string | null => (typeof problem[name] === "string" ? problem[name] : null);
      const wait = answer.headers.get("Retry-After");
      throw new ApiProblem(
        answer.status, word("code") ?? "unknown", word("detail") ?? "", word("field"), word("hint"),
        word("request_id"), wait === null ? null : Number(wait),
      );
    }
    const json = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    return (json ? JSON.parse(text) : text) as T;
  }
"""


def write_typescript(document: dict[str, Any]) -> str:
    """Return the text of the client."""
    models = [_model(name, schema) for name, schema in document["components"]["schemas"].items()]
    methods = [_method(operation) for operation in operations(document)]
    return _HEAD + "".join(models) + _CLIENT + "".join(methods) + "}\n"


def typescript_type(schema: dict[str, Any]) -> str:
    """Write the type of a schema."""
    if "$ref" in schema:
        return class_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(each) for each in schema["enum"])
    if "anyOf" in schema or "oneOf" in schema:
        parts = [typescript_type(each) for each in schema.get("anyOf") or schema["oneOf"]]
        return " | ".join(dict.fromkeys(parts))
    match schema.get("type"):
        case "array":
            return f"Array<{typescript_type(schema.get('items', {}))}>"
        case "object":
            inner = schema.get("additionalProperties")
            return f"Record<string, {typescript_type(inner) if isinstance(inner, dict) else 'unknown'}>"
    plain = {
        "string": "string",
        "integer": "number",
        "number": "number",
        "boolean": "boolean",
        "null": "null",
    }
    return plain.get(str(schema.get("type")), "unknown")


def _literal(value: Any) -> str:
    """Write a constant."""
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _model(name: str, schema: dict[str, Any]) -> str:
    """Write one schema as an interface."""
    own = class_name(name)
    about = _sentence(schema.get("description", own))
    if "properties" not in schema:
        return f"\n/** {about} */\nexport type {own} = {typescript_type(schema)};\n"
    required = schema.get("required", [])
    lines = []
    for field, part in schema["properties"].items():
        if part.get("description"):
            lines.append(f"  /** {_sentence(part['description'])} */")
        lines.append(f"  {field}{'' if field in required else '?'}: {typescript_type(part)};")
    return f"\n/** {about} */\nexport interface {own} {{\n" + "\n".join(lines) + "\n}\n"


def _method(operation: Operation) -> str:
    """Write one operation as a method."""
    given = [f"{p.word}: {typescript_type(p.schema)}" for p in operation.of("path")]
    given += [f"body: {typescript_type(operation.body)}"] if operation.body else []
    given += ["content: Blob", 'fileName = "file"'] if operation.file_field else []
    named = [_field(p) for p in (*operation.of("query"), *operation.of("header"))]
    named += ["idempotency_key?: string"] if operation.has_key else []
    if named:
        all_optional = not any(p.required for p in (*operation.of("query"), *operation.of("header")))
        given.append(f"options: {{ {'; '.join(named)} }}{' = {}' if all_optional else ''}")
    answer = typescript_type(operation.answer) if operation.answer else "string"
    path = re.sub(r"\{(\w+)\}", r"${encodeURIComponent(\1)}", operation.path)
    query = ", ".join(f'"{p.name}": options.{p.word}' for p in operation.of("query"))
    headers = [f'"{p.name}": options.{p.word}' for p in operation.of("header")]
    if operation.has_key:
        headers.append('"Idempotency-Key": options.idempotency_key ?? crypto.randomUUID()')
    sent = f"{{ {query} }}, {{ {', '.join(headers)} }}"
    sent += ", body" if operation.body else ""
    before = ""
    if operation.file_field:
        before = (
            f'    const form = new FormData();\n    form.set("{operation.file_field}", content, fileName);\n'
        )
        sent += ", form"
    return (
        f"\n  /** {_sentence(operation.description)} */\n"
        f"  async {operation.name}({', '.join(given)}): Promise<{answer}> {{\n{before}"
        f'    return this.call("{operation.method.upper()}", `{path}`, {sent});\n  }}\n'
    )


def _field(parameter: Parameter) -> str:
    """Write a parameter among the options."""
    return f"{parameter.word}{'' if parameter.required else '?'}: {typescript_type(parameter.schema)}"


def _sentence(text: str) -> str:
    """Return the first paragraph as one line that a comment can hold."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("*/", "* /")
