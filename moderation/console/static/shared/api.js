// Speaks to the REST API with the cookie that no script can read.

const TIMEOUT_MS = 10_000;
const FILE_TYPE = "application/octet-stream";
const FILE_TYPES = [FILE_TYPE, "text/csv"]; // that are returned as they are

// A clear no: trying again changes nothing.
export class Refused extends Error {
  constructor(status, body) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.fields = body.fields ?? {};
    this.current = body.current ?? null; // a comment that has changed, as it is now
  }
}

// The service has a problem, or is asked too often: it may pass.
export class Unavailable extends Error {}

function contentTypeOf(body) {
  if (body instanceof Blob) return FILE_TYPE;
  return typeof body === "string" ? "text/plain" : "application/json";
}

// Returns the body, JSON, plain text or a file; throws `Refused`, `Unavailable`, or what
// `fetch` throws where there is no network. A string is sent as plain text, a file as
// it is.
export async function call(method, path, body, { keepalive = false, timeoutMs = TIMEOUT_MS } = {}) {
  const headers = { Accept: "application/json", "X-Moderation-Console": "1" };
  if (body !== undefined) headers["Content-Type"] = contentTypeOf(body);
  const isRaw = body === undefined || typeof body === "string" || body instanceof Blob;
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    body: isRaw ? body : JSON.stringify(body),
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(timeoutMs),
  });
  if (response.status === 204) return null;
  if (response.status >= 500 || response.status === 429) throw new Unavailable(String(response.status));
  const contentType = response.headers.get("Content-Type") ?? "";
  if (FILE_TYPES.some((type) => contentType.startsWith(type))) return response.blob();
  const isText = /^text\/(plain|html)/.test(contentType);
  const content = await (isText ? response.text() : response.json());
  if (response.ok) return content;
  throw new Refused(response.status, content);
}

// Returns a page of the console as a document; throws as `call` does.
export async function readPage(address) {
  const response = await fetch(address, {
    headers: { Accept: "text/html" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const loginPage = new URL(document.documentElement.dataset.loginPage, location.href);
  if (new URL(response.url).pathname === loginPage.pathname) throw new Refused(401, {});
  if (!response.ok) throw new Unavailable(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// Leads to the log-in page where the session is over.
export function leaveIfLoggedOut(error) {
  if (error instanceof Refused && error.status === 401) {
    location.assign(document.documentElement.dataset.loginPage);
  }
}
