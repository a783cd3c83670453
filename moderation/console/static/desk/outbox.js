// Decisions on their way: kept on the device until the server has them, so that
// neither a closed tab nor a lost network loses one. Holds ids, never a text.

import { call, Refused, Troubled } from "../shared/api.js";

const RETRY_MS = 3000;

export class Outbox {
  constructor(login, { onSent, onRefused, onOffline }) {
    this.key = `moderation-outbox-${login}`;
    this.tell = { onSent, onRefused, onOffline };
    this.login = login;
    this.items = JSON.parse(localStorage.getItem(this.key) ?? "[]");
    this.sending = null;
    this.retries = false;
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

  // Takes back what has not left yet; false if it has.
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
      const item = this.items[0];
      try {
        await this.send(item);
      } catch (error) {
        if (!(error instanceof Refused)) return this.wait(error);
        if (error.status === 401) throw error;
        this.tell.onRefused(item, error);
      }
      this.items.shift();
      this.save();
      this.tell.onOffline(null);
    }
    return undefined;
  }

  async send({ id, version, verdict, reasons, labels = {}, tried, name }) {
    try {
      await call("POST", `/comments/${id}/decisions`, { verdict, version, reasons, labels }, { keepalive: true });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) {
        this.items[0].tried = true;
        this.save();
        throw error;
      }
      const newest = await this.newest(id);
      const isOurs = newest?.decided_by === this.login && newest.verdict === verdict;
      // The answer to an earlier try was lost, but the decision had arrived.
      if (!(tried && isOurs)) throw Object.assign(error, { newest });
    }
    this.tell.onSent({ id, version: version + 1, verdict, name });
  }

  async newest(id) {
    const { decisions } = await call("GET", `/comments/${id}/history`);
    return decisions.at(-1);
  }

  wait(error) {
    this.tell.onOffline(error instanceof Troubled ? "service" : "network");
    if (this.retries) return;
    this.retries = true;
    setTimeout(() => {
      this.retries = false;
      this.flush();
    }, RETRY_MS);
  }

  save() {
    localStorage.setItem(this.key, JSON.stringify(this.items));
  }
}
