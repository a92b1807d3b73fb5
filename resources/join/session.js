// The session with the room: redeeming the invite, the WebSocket that comes back by itself, the stored secret.

const KEY = "oc.session";
const RETRY_MIN_MS = 300;
const RETRY_MAX_MS = 3000;
const PING_MS = 5000;
const SILENT_MS = 12000;

export const ENDED = new Set(["refused", "removed", "left", "closed", "unknown", "replaced"]);

const bytes = (count) => crypto.getRandomValues(new Uint8Array(count));
const text = (array) => btoa(String.fromCharCode(...array)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function digest(token) {
  if (!crypto.subtle) return "";
  return text(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}

// The invite token of the address, which is then taken out of the address bar.
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("t") || "";
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

// The session of before, if it belongs to this invite (or if the page was opened without one).
export async function storedSession(token) {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || "null");
    if (!found || typeof found.secret !== "string") return "";
    return !token || found.invite === await digest(token) ? found.secret : "";
  } catch {
    return "";
  }
}

export async function storeSession(secret, token) {
  try {
    if (secret) localStorage.setItem(KEY, JSON.stringify({ secret, invite: token ? await digest(token) : "" }));
    else localStorage.removeItem(KEY);
  } catch { /* private mode: a reload will need the link again */ }
}

export class JoinError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// Redeems the token. Keeps trying while the room is busy or away; `waiting` is called then.
export async function redeem(details, waiting) {
  const attempt = text(bytes(16));
  for (;;) {
    let answer = null;
    try {
      const response = await fetch("/api/join", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...details, attempt }),
        cache: "no-store",
      });
      answer = { status: response.status, body: await response.json() };
    } catch { /* no connection: try again */ }
    if (answer?.status === 200) return answer.body.session;
    const code = answer?.body?.error;
    if (answer && !["engine", "busy", "rate", "internal", "slow"].includes(code)) throw new JoinError(code || "other");
    waiting();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

// One WebSocket at a time, for as long as the session lasts. Events: state, answer, refused, attached.
export class Session extends EventTarget {
  #socket = null;
  #delay = RETRY_MIN_MS;
  #retry = 0;
  #pinger = 0;
  #heardAt = 0;
  #over = false;
  #secret = "";

  constructor(secret) {
    super();
    this.#secret = secret;
    this.attached = false;
    this.#connect();
    this.#pinger = setInterval(() => this.#ping(), PING_MS);
    window.addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
  }

  send(message) {
    if (!this.attached) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close() {
    this.#over = true;
    clearTimeout(this.#retry);
    clearInterval(this.#pinger);
    window.removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    this.#socket?.close();
  }

  #connect() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(`wss://${location.host}/api/session`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#heardAt = performance.now();
      this.attached = true;
      socket.send(JSON.stringify({ t: "hello", session: this.#secret }));
      this.#tell("attached", true);
    };
    socket.onmessage = (event) => {
      this.#heardAt = performance.now();
      const message = JSON.parse(event.data);
      if (message.t === "state") this.#delay = RETRY_MIN_MS;
      if (message.t === "state" && ENDED.has(message.phase)) this.#over = true;
      this.#tell(message.t, message);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      const was = this.attached;
      this.attached = false;
      if (was) this.#tell("attached", false);
      if (this.#over) return;
      // The spread keeps a hundred pages from coming back in the same moment.
      this.#retry = setTimeout(() => this.#connect(), this.#delay * (0.7 + 0.6 * Math.random()));
      this.#delay = Math.min(RETRY_MAX_MS, this.#delay * 1.6);
    };
  }

  // A phone that wakes up, or a network that is back, does not wait for the next try.
  #hurry = () => {
    if (this.#over || document.visibilityState === "hidden") return;
    if (!this.attached && this.#socket?.readyState !== WebSocket.CONNECTING) {
      this.#delay = RETRY_MIN_MS;
      this.#connect();
    }
  };

  #ping() {
    if (!this.attached) return;
    if (performance.now() - this.#heardAt > SILENT_MS) this.#socket.close();
    else this.send({ t: "ping", n: 1 });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
