// Decisions on their way: kept on the device until the server has them, so that
// neither a closed tab nor a lost network loses one. Holds ids, never a comment's text.

import { call, Refused, Unavailable } from "../shared/api.js";

const RETRY_MS = 3000;

export class Outbox {
  constructor(login, { onSent, onRefused, onConnection }) {
    this.key = `moderation-outbox-${login}`;
    this.callbacks = { onSent, onRefused, onConnection };
    this.login = login;
    this.items = JSON.parse(localStorage.getItem(this.key) ?? "[]");
    this.sending = null;
    this.isRetrying = false;
    addEventListener("online", () => this.flush());
  }

  has(id) {
    return this.items.some((item) => item.id === id);
  }

  add(item) {
    this.items.push(item);
    this.save();
    return this.flush();
  }

  // Withdraws what has not left yet; returns false if it has.
  withdraw(id) {
    const index = this.items.findIndex((item) => item.id === id);
    if (index < 0 || (index === 0 && this.sending)) return false;
    this.items.splice(index, 1);
    this.save();
    return true;
  }

  flush() {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async sendAll() {
    while (this.items.length) {
      const [item] = this.items;
      try {
        await this.send(item);
      } catch (error) {
        if (!(error instanceof Refused)) return this.retryLater(error);
        if (error.status === 401) throw error;
        this.callbacks.onRefused(item, error);
      }
      this.items.shift();
      this.save();
      this.callbacks.onConnection(null);
    }
    return undefined;
  }

  async send({ id, version, verdict, reasons, basis = null, labels = {}, tried: isRepeated, name }) {
    const decision = { verdict, version, reasons, basis, labels };
    try {
      await call("POST", `/comments/${id}/decisions`, decision, { keepalive: true });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) {
        this.items[0].tried = true;
        this.save();
        throw error;
      }
      const newest = await this.newestDecision(id);
      const isOurs = newest?.decided_by === this.login && newest.verdict === verdict;
      // The answer to an earlier attempt was lost, but the decision had arrived.
      if (!(isRepeated && isOurs)) throw Object.assign(error, { newest });
    }
    this.callbacks.onSent({ id, version: version + 1, verdict, name });
  }

  async newestDecision(id) {
    const { decisions } = await call("GET", `/comments/${id}/history`);
    return decisions.at(-1);
  }

  retryLater(error) {
    this.callbacks.onConnection(error instanceof Unavailable ? "service" : "network");
    if (this.isRetrying) return;
    this.isRetrying = true;
    setTimeout(() => {
      this.isRetrying = false;
      this.flush();
    }, RETRY_MS);
  }

  save() {
    localStorage.setItem(this.key, JSON.stringify(this.items));
  }
}
