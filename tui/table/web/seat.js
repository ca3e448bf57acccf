// The terminal of a seat: painted bytes come over a WebSocket, keys go back.
import { FitAddon } from "./addon-fit.mjs";
import { Terminal } from "./xterm.mjs";

const screen = document.getElementById("screen");
const state = document.getElementById("state");
const why = document.getElementById("why");
const again = document.getElementById("again");
const home = `/seat/${encodeURIComponent(screen.dataset.seat)}/`;
const LONGEST_PASTE = 2000; // a command has at most 600 characters
const FINAL = 4000; // close codes from here on are decisions of the table: do not try again by itself
const CLOSED = 4004; // but this one: the table may be opened again
const OVER = 4005; // and after this one there is nothing to return to

history.replaceState(null, "", home); // the token does not stay in the address bar

// The page allows only styles with its nonce; the terminal makes some.
const nonce = document.querySelector('meta[name="style-nonce"]').content;
const make = document.createElement.bind(document);
document.createElement = (name, options) => {
  const made = make(name, options);
  if (String(name).toLowerCase() === "style") made.nonce = nonce;
  return made;
};

const terminal = new Terminal({
  scrollback: 0,
  fontSize: 14,
  fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace',
  theme: { background: "#0f141a", foreground: "#c9d3dd" },
  macOptionIsMeta: true,
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(screen);
terminal.attachCustomKeyEventHandler((event) => {
  const control = event.ctrlKey || event.metaKey;
  if (["F5", "F11", "F12"].includes(event.key)) return false; // reload, full screen, tools
  if (control && ["r", "v"].includes(event.key.toLowerCase())) return false; // reload, paste
  if (control && event.key.toLowerCase() === "c" && terminal.hasSelection()) return false; // copy
  return true;
});

const encoder = new TextEncoder();
let socket = null;
let wait = 1;
let closed = ""; // after the table was closed in order: its reason, until the seat is back

function size() {
  fit.fit();
  return `${terminal.cols}x${terminal.rows}`;
}

function show(text, final) {
  why.textContent = text;
  again.hidden = !final;
  state.hidden = text === "";
  if (final) again.focus();
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${home}wire`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(size());
  socket.onmessage = (event) => {
    wait = 1;
    closed = "";
    if (!state.hidden) {
      show("", false);
      terminal.focus();
    }
    terminal.write(new Uint8Array(event.data));
  };
  socket.onclose = (event) => {
    const reason = event.reason ? event.reason[0].toUpperCase() + event.reason.slice(1) : "";
    if (event.code === OVER) {
      show(reason, false);
      return;
    }
    if (event.code === CLOSED) closed = `${reason}; the seat returns here when it opens again`;
    if ((event.code >= FINAL && event.code !== CLOSED) || event.code === 1008 || event.code === 1009) {
      show(reason || "The table has closed the connection", true);
      return;
    }
    show(closed || `${reason || "No connection to the table"}; trying again …`, false);
    setTimeout(connect, wait * 1000);
    wait = Math.min(wait * 2, 10);
  };
}

terminal.onData((text) => {
  if (socket === null || socket.readyState !== WebSocket.OPEN) return;
  const keys = Array.from(text).slice(0, LONGEST_PASTE);
  if (keys.length < text.length && text.endsWith("\x1b[201~")) keys.push("\x1b[201~");
  for (let from = 0; from < keys.length; from += 500) {
    socket.send(encoder.encode(keys.slice(from, from + 500).join("")));
  }
});
addEventListener("resize", () => {
  const now = size();
  if (socket !== null && socket.readyState === WebSocket.OPEN) socket.send(now);
});
again.addEventListener("click", () => {
  show("", false);
  connect();
  terminal.focus(); // the button that had the keyboard is hidden now
});
terminal.focus();
connect();
