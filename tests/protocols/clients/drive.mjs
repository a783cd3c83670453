// Drives one published client, unmodified, and prints what it found as JSON.
import dns from "node:dns";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const [name, told] = process.argv.slice(2);
const { url, port, key, text } = JSON.parse(told);

// What a line in the hosts file does: the clients' own host names lead to us.
const lookup = dns.lookup;
dns.lookup = (host, options, callback) =>
  /\.example$/.test(host)
    ? lookup("127.0.0.1", options, callback)
    : lookup(host, options, callback);

const comment = {
  ip: "198.51.100.7",
  useragent: "Mozilla/5.0",
  content: text,
  email: "anna@mail.example",
  name: "Anna",
  type: "comment",
  permalink: "https://blog.example/a",
};
const settled = (promise) =>
  promise.then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: String(error.message ?? error) }),
  );

async function akismetApi() {
  const { AkismetClient } = require("akismet-api");
  const blog = "https://blog.example";
  const host = `rest.akismet.example:${port}`;
  const client = new AkismetClient({ key, blog, host, protocol: "http" });
  const inKey = new AkismetClient({
    key: `127.0.0.1:${port}/akismet/${key}?op=`,
    blog,
    protocol: "http",
  });
  const wrong = new AkismetClient({ key: "a".repeat(12), blog, host, protocol: "http" });
  return {
    verified: await client.verifyKey(),
    refused: await wrong.verifyKey(),
    checked: await client.checkSpam(comment),
    checkedByKey: await inKey.checkSpam(comment),
    honeypot: await client.checkSpam({ ...comment, content: text + " 2", honeypot: "x" }),
    unknown: await settled(wrong.checkSpam(comment)),
    spam: (await client.submitSpam(comment)).text,
    ham: (await client.submitHam(comment)).text,
  };
}

async function akismet() {
  const { client: make } = require("akismet");
  const client = make({
    apiKey: key,
    blog: "https://blog.example",
    host: "rest.akismet.example",
    port,
  });
  const call = (method, ...given) =>
    new Promise((resolve, reject) =>
      client[method](...given, (error, found) => (error ? reject(error) : resolve(found ?? null))),
    );
  const sent = {
    user_ip: comment.ip,
    comment_content: text,
    comment_author: "Anna",
    permalink: comment.permalink,
  };
  return {
    verified: await call("verifyKey"),
    checked: await call("checkComment", sent),
    spam: await call("submitSpam", sent),
    ham: await call("submitHam", sent),
  };
}

async function cedx() {
  const { Author, Blog, CheckResult, Client, Comment } = await import("@cedx/akismet");
  const blog = new Blog({ url: "https://blog.example", charset: "UTF-8", languages: ["en"] });
  const client = new Client(key, blog, { baseUrl: url });
  const author = new Author({ ipAddress: comment.ip, name: "Anna", email: comment.email });
  const sent = new Comment({ author, content: text, permalink: comment.permalink });
  const admin = new Author({ ipAddress: comment.ip, name: "Anna", role: "administrator" });
  return {
    verified: await client.verifyKey(),
    refused: await new Client("a".repeat(12), blog, { baseUrl: url }).verifyKey(),
    checked: (await client.checkComment(sent)) === CheckResult.spam,
    admin: await client.checkComment(new Comment({ author: admin, content: text + " 2" })),
    unknown: await settled(
      new Client("a".repeat(12), blog, { baseUrl: url }).checkComment(sent),
    ),
    spam: await settled(client.submitSpam(sent)),
    ham: await settled(client.submitHam(sent)),
  };
}

async function perspective() {
  const axios = require("axios");
  axios.interceptors.request.use((request) => ({
    ...request,
    url: request.url.replace("https://commentanalyzer.googleapis.com", url),
  }));
  const Perspective = require("perspective-api-client");
  const client = new Perspective({ apiKey: key });
  return {
    found: await client.analyze(text, { attributes: ["toxicity", "insult"] }),
    unknown: await settled(client.analyze(text, { attributes: ["incoherent"] })),
    wrong: await settled(new Perspective({ apiKey: "x" }).analyze(text)),
  };
}

async function openai() {
  const { default: OpenAI } = await import("openai");
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
  const wrong = new OpenAI({ apiKey: "x", baseURL: `${url}/v1`, maxRetries: 0 });
  return {
    found: await client.moderations.create({ input: [text, text] }),
    mixed: await client.moderations.create({
      input: [text, "Это очень плохая статья, и автор ничего не понимает в политике."],
    }),
    wrong: await wrong.moderations.create({ input: text }).catch((error) => ({
      status: error.status,
      code: error.code,
    })),
  };
}

const clients = { "akismet-api": akismetApi, akismet, cedx, perspective, openai };
console.log(JSON.stringify(await clients[name]()));
