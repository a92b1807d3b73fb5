// The peer connection: two transceivers in fixed order, never renegotiated; another connection is a new one.

const GATHER_MS = 1500;
const DISCONNECTED_MS = 3000;
const ANSWER_MS = 12000;

// How much smaller than the camera's picture to send, so that the area is the one asked for. Exported for the tests.
export function scaleFor(settings, send) {
  if (!settings.width || !settings.height || !send.width_px || !send.height_px) return 1;
  const exact = settings.width / send.width_px;
  if (Math.abs(settings.height / send.height_px - exact) < 0.01) return Math.max(1, exact);
  return Math.max(1, Math.sqrt((settings.width * settings.height) / (send.width_px * send.height_px)));
}

// Events: program (a stream to show), light (good | weak | lost), again (make a new connection).
export class Connection extends EventTarget {
  #pc = null;
  #audio = null;
  #video = null;
  #send = { mode: "off" };
  #offer = 0;
  #timer = 0;
  #steering = Promise.resolve();
  #seen = { frames: 0, lost: 0, received: 0 };

  constructor(signal, iceServers) {
    super();
    this.signal = signal;
    this.peer = "";
    this.pending = false;
    this.iceServers = iceServers;
    this.startedAt = performance.now();
  }

  get connected() {
    return this.#pc?.connectionState === "connected";
  }

  // Makes the offer and sends it; `number` tells its answer from an older one. What fails is tried again.
  async start(number, audioTrack, videoTrack) {
    this.pending = true;
    this.#offer = number;
    try {
      await this.#makeOffer(audioTrack, videoTrack);
    } catch (error) {
      if (!this.pending) return;
      console.warn("No offer could be made:", error);
      this.#again();
    }
  }

  async #makeOffer(audioTrack, videoTrack) {
    const pc = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.#pc = pc;
    pc.onconnectionstatechange = () => this.#stateChanged(pc);
    const program = new MediaStream();
    pc.ontrack = (event) => {
      program.addTrack(event.track);
      this.#tell("program", program);
    };
    this.#audio = pc.addTransceiver("audio", { direction: "sendrecv" }).sender;
    const first = { maxBitrate: 150000, scaleResolutionDownBy: 4, maxFramerate: 15, active: false };
    this.#video = pc.addTransceiver("video", { direction: "sendrecv", sendEncodings: [first] }).sender;
    await this.setTracks(audioTrack, videoTrack);
    await pc.setLocalDescription();
    await gathered(pc);
    if (this.#pc !== pc) return;
    if (this.signal({ t: "offer", id: this.#offer, sdp: pc.localDescription.sdp })) {
      this.#timer = setTimeout(() => this.#again(), ANSWER_MS);
    } else this.#again();
  }

  async answer(message) {
    if (message.id !== this.#offer || !this.pending || !this.#pc) return;
    clearTimeout(this.#timer);
    this.pending = false;
    this.peer = message.peer;
    try {
      await this.#pc.setRemoteDescription({ type: "answer", sdp: message.sdp });
    } catch {
      this.#again();
      return;
    }
    this.steer(this.#send);
  }

  refused(message) {
    if (message.id !== this.#offer || !this.pending) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), message.retry_ms || 1000);
  }

  async setTracks(audioTrack, videoTrack) {
    await this.#audio?.replaceTrack(audioTrack);
    await this.#video?.replaceTrack(videoTrack);
    this.steer(this.#send);
  }

  // Sends what the room asks for: off, tile or spotlight. One change after the other, the newest counts.
  steer(send) {
    this.#send = send;
    this.#steering = this.#steering.then(() => this.#apply(send)).catch(() => {});
  }

  async #apply(send) {
    const sender = this.#video;
    if (!sender || send !== this.#send) return;
    const parameters = sender.getParameters();
    const encoding = parameters.encodings?.[0];
    if (!encoding) return;
    encoding.active = send.mode !== "off" && Boolean(sender.track);
    if (encoding.active) {
      encoding.maxBitrate = send.bitrate_bps;
      encoding.maxFramerate = send.fps;
      encoding.scaleResolutionDownBy = scaleFor(sender.track.getSettings(), send);
    }
    parameters.degradationPreference = "maintain-resolution";
    await sender.setParameters(parameters);
  }

  #stateChanged(pc) {
    if (this.#pc !== pc) return;
    clearTimeout(this.#timer);
    const state = pc.connectionState;
    if (state === "connected") this.#tell("light", "good");
    else if (state === "failed" || state === "closed") this.#again();
    else if (state === "disconnected") {
      this.#tell("light", "lost");
      this.#timer = setTimeout(() => this.#again(), DISCONNECTED_MS);
    }
  }

  #again() {
    this.close();
    this.#tell("again", null);
  }

  // Looks at what arrived since the last call: the light, and the figures for who wants them.
  async look() {
    const pc = this.#pc;
    if (!pc || pc.connectionState !== "connected") return null;
    const report = await pc.getStats();
    const now = { frames: 0, lost: 0, received: 0, sent: 0, width: 0, height: 0, codec: "" };
    for (const row of report.values()) {
      if (row.type === "inbound-rtp") {
        now.lost += row.packetsLost || 0;
        now.received += row.packetsReceived || 0;
        if (row.kind === "video") {
          now.frames = row.framesDecoded || 0;
          now.codec = report.get(row.codecId)?.mimeType || "";
        }
      } else if (row.type === "outbound-rtp" && row.kind === "video") {
        now.sent = row.framesEncoded || 0;
        now.width = row.frameWidth || 0;
        now.height = row.frameHeight || 0;
      }
    }
    const lost = now.lost - this.#seen.lost;
    const all = lost + now.received - this.#seen.received;
    this.#seen = now;
    this.#tell("light", all > 10 && lost / all > 0.08 ? "weak" : "good");
    return now;
  }

  close() {
    clearTimeout(this.#timer);
    const pc = this.#pc;
    this.#pc = null;
    this.pending = false;
    this.peer = "";
    pc?.close();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Until all addresses are known, but no longer than 1.5 s: a relay that does not answer must not keep us.
function gathered(pc) {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}
