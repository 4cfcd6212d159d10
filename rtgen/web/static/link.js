// The socket that steers and tells: sends the last value of each address once a frame, reconnects.

const AGAIN_MS = 1500;

export const token = () => decodeURIComponent(location.hash.slice(1));

export function socketAt(path) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}${path}`);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => socket.send(JSON.stringify({ token: token() })));
  return socket;
}

export async function ask(path, wish) {
  const headers = { Authorization: `Bearer ${token()}` };
  const options = { headers };
  if (wish !== undefined) {
    headers["Content-Type"] = "application/json";
    options.method = "POST";
    options.body = JSON.stringify(wish);
  }
  const answer = await fetch(path, options);
  if (answer.ok) return answer;
  const why = await answer.text();
  let told = why;
  try {
    told = JSON.parse(why).refused;
  } catch {
    // it was plain text
  }
  throw new Error(told.trim());
}

export class Link extends EventTarget {
  #socket = null;
  #waiting = new Map();
  #due = false;

  connect() {
    this.#socket = socketAt("/control");
    this.#socket.addEventListener("message", ({ data }) => this.#take(data));
    this.#socket.addEventListener("close", ({ reason }) => {
      this.#tell("away", reason || "no connection, trying again");
      setTimeout(() => this.connect(), AGAIN_MS);
    });
  }

  // Of a value that moves only the last in a frame is sent; `press` sends at once, in order.
  say(address, ...given) {
    this.#waiting.set(address, given);
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      for (const [path, values] of this.#waiting) this.press(path, ...values);
      this.#waiting.clear();
    }, 16);
  }

  press(address, ...given) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify([address, ...given]));
    }
  }

  #take(data) {
    if (data instanceof ArrayBuffer) {
      this.#tell("columns", new Uint8Array(data));
      return;
    }
    for (const [kind, detail] of Object.entries(JSON.parse(data))) this.#tell(kind, detail);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
