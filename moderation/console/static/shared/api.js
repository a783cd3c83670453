// Speaks to the REST API with the cookie that no script can read.

const PATIENCE_MS = 10_000;
const FILE = "application/octet-stream";

// A clear no: trying again changes nothing.
export class Refused extends Error {
  constructor(status, body) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.fields = body.fields ?? {};
    this.current = body.current ?? null; // how a comment stands that has changed
  }
}

// The service has a problem, or is asked too often: it may pass.
export class Troubled extends Error {}

function kindOf(body) {
  if (body instanceof Blob) return FILE;
  return typeof body === "string" ? "text/plain" : "application/json";
}

// Answers the body, JSON, plain text or a file; throws `Refused`, `Troubled`, or what
// `fetch` throws where there is no network. A string is sent as plain text, a file as
// it is.
export async function call(method, path, body, { keepalive = false, patience = PATIENCE_MS } = {}) {
  const headers = { Accept: "application/json", "X-Moderation-Console": "1" };
  if (body !== undefined) headers["Content-Type"] = kindOf(body);
  const isRaw = body === undefined || typeof body === "string" || body instanceof Blob;
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    body: isRaw ? body : JSON.stringify(body),
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(patience),
  });
  if (response.status === 204) return null;
  const passes = response.status >= 500 || response.status === 429;
  if (passes) throw new Troubled(String(response.status));
  const kind = response.headers.get("Content-Type") ?? "";
  if (kind.startsWith(FILE)) return response.blob();
  const answer = await (kind.startsWith("text/plain") ? response.text() : response.json());
  if (response.ok) return answer;
  throw new Refused(response.status, answer);
}

// Leads to the log-in page where the session is over.
export function leaveIfLoggedOut(error) {
  if (error instanceof Refused && error.status === 401) {
    location.assign(document.documentElement.dataset.loginPage);
  }
}
