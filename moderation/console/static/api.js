// Speaks to the REST API with the cookie that no script can read.

const PATIENCE_MS = 10_000;

export class Refused extends Error {
  constructor(status, body) {
    super(body.message);
    this.status = status;
    this.code = body.code;
  }
}

// Answers the JSON body; throws `Refused` for a clear no, and anything else for a
// failure that may pass: no network, a server that is restarting.
export async function call(method, path, body, { keepalive = false } = {}) {
  const headers = { Accept: "application/json", "X-Moderation-Console": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(PATIENCE_MS),
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  if (response.ok) return answer;
  if (response.status >= 500 || response.status === 429) throw new Error(answer.message);
  throw new Refused(response.status, answer);
}
