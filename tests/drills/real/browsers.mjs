// Drives Chromium for test_table_hour.py: one line of JSON in, one line of JSON out.
//   node browsers.mjs FOLDER-OF-PLAYWRIGHT CHROMIUM FOLDER-FOR-BYTES
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, program, bytes] = process.argv.slice(2);
const { chromium } = createRequire(`${folder}/`)("playwright-core");
const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
const pages = new Map();
const asked = new Set(); // hosts that any page asked for anything

function keep(name, data) {
  appendFileSync(`${bytes}/${name}.bytes`, data);
}

function follow(name, page) {
  page.on("request", (request) => asked.add(new URL(request.url()).host));
  page.on("websocket", (socket) => {
    asked.add(new URL(socket.url()).host);
    socket.on("framereceived", (frame) => keep(name, frame.payload));
  });
  page.on("response", async (response) => {
    if (response.headers()["content-type"]?.startsWith("text/html")) {
      keep(name, await response.body().catch(() => ""));
    }
  });
  page.on("console", (message) => {
    if (message.type() === "error") keep("console", `${name}: ${message.text()}\n`);
  });
}

const acts = {
  // A browser of its own for each name, as on a machine of its own.
  async open({ name, url }) {
    const context = await browser.newContext({ viewport: { width: 1480, height: 860 } });
    const page = await context.newPage();
    follow(name, page);
    pages.set(name, page);
    await page.goto(url);
  },
  async close({ name }) {
    const context = pages.get(name).context();
    await pages.get(name).close();
    const page = await context.newPage(); // the same browser, with its cookies
    follow(name, page);
    pages.set(name, page);
  },
  async go({ name, url }) {
    await pages.get(name).goto(url);
  },
  async type({ name, text, enter }) {
    await pages.get(name).keyboard.type(text);
    if (enter) await pages.get(name).keyboard.press("Enter");
  },
  async text({ name }) {
    const text = await pages.get(name).evaluate(() => {
      const rows = [...document.querySelectorAll(".xterm-rows > div")].map((row) => row.textContent);
      const state = document.getElementById("state");
      const told = state && !state.hidden ? document.getElementById("why").textContent : "";
      return rows.length ? `${told}\n${rows.join("\n")}` : document.body.innerText;
    });
    return text.replaceAll("\u00a0", " ");
  },
  async shot({ name, path }) {
    await pages.get(name).screenshot({ path });
  },
  async hosts() {
    return [...asked];
  },
  // A page of another site in the browser of a player tries to use the seat.
  async attack({ name, url, target }) {
    const page = await pages.get(name).context().newPage();
    await page.goto(url);
    const found = await page.evaluate(async (target) => {
      const wire = await new Promise((done) => {
        const socket = new WebSocket(`${target.replace("http", "ws")}wire`);
        socket.onopen = () => done("open");
        socket.onerror = () => done("refused");
      });
      const read = await fetch(target, { credentials: "include" }).then(
        (answer) => answer.text(),
        () => "refused",
      );
      const framed = await new Promise((done) => {
        const frame = document.createElement("iframe");
        frame.onload = () => done(frame.contentDocument === null ? "closed" : "open");
        frame.src = target;
        document.body.append(frame);
      });
      return { wire, read, framed };
    }, target);
    await page.close();
    return found;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...more } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ told: (await acts[act](more)) ?? null }));
  } catch (mistake) {
    console.log(JSON.stringify({ mistake: String(mistake) }));
  }
}
await browser.close();
