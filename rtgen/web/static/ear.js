// Listening: the socket of sound into a ring, on the audio thread where the browser has one. Plain
// HTTP from another machine has no worklets; there the page's own thread plays.

import { Ring } from "./ring.js";
import { socketAt } from "./link.js";

const BLOCK = 2048;
const REPORT_MS = 100;

export class Ear {
  #socket = null;
  #context = null;

  // reported({held, target, underruns, skipped, lost}), or null when it is over
  constructor(reported) {
    this.reported = reported;
  }

  get open() {
    return this.#context !== null;
  }

  // From a click: browsers play nothing before one, and some only what was made during one.
  async start(rate) {
    const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.#context = context;
    const push = await this.#outlet(context, rate);
    if (this.#context !== context) return;
    const socket = socketAt("/listen");
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) push(data);
    });
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.stop();
    });
  }

  stop() {
    const [socket, context] = [this.#socket, this.#context];
    this.#socket = this.#context = null;
    socket?.close();
    context?.close();
    this.reported(null);
  }

  async #outlet(context, rate) {
    if (context.audioWorklet) {
      await context.audioWorklet.addModule("/static/worklet.js");
      const node = new AudioWorkletNode(context, "out", { numberOfInputs: 0, outputChannelCount: [2] });
      node.port.onmessage = ({ data }) => this.reported(data);
      node.connect(context.destination);
      return (packet) => node.port.postMessage(packet, [packet]);
    }
    const ring = new Ring(rate);
    const node = context.createScriptProcessor(BLOCK, 0, 2);
    node.onaudioprocess = ({ outputBuffer }) => {
      ring.pull(outputBuffer.getChannelData(0), outputBuffer.getChannelData(1));
    };
    node.connect(context.destination);
    const timer = setInterval(() => {
      if (this.#context === context) this.reported(ring.report());
      else clearInterval(timer);
    }, REPORT_MS);
    return (packet) => ring.push(packet);
  }
}
