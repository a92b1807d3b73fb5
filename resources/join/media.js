// Camera and microphone: asking for them, choosing, the level of the voice, and plain words for what goes wrong.

const KEY = "oc.devices";
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: "user" };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

function choices() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

// Events: change (tracks, switches or problem are others).
export class Media extends EventTarget {
  #analyser = null;
  #audioContext = null;
  #samples = null;
  #inUse = false;

  constructor() {
    super();
    this.audio = null;
    this.video = null;
    this.cameraOn = true;
    this.micOn = false;
    this.problem = "";
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#devicesChanged());
  }

  // Asks for what there is: both, else one of them. Never throws; `problem` is the word for what is missing.
  async open() {
    this.#inUse = true;
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.problem = "need_https";
      this.#changed();
      return;
    }
    const { camera, mic } = choices();
    const needs = { audio: !this.audio, video: !this.video && this.cameraOn };
    if (!needs.audio && !needs.video) return;
    const both = await this.#ask(needs.audio, needs.video, camera, mic);
    this.problem = both.error ? await this.#openEach(needs, camera, mic, both.error) : "";
    this.#take(both.stream);
    this.#changed();
  }

  // What there is of both, one after the other; the word for what there is not.
  async #openEach(needs, camera, mic, error) {
    if (!needs.audio || !needs.video) return explain(needs.audio ? error : "", needs.video ? error : "");
    const audio = await this.#ask(true, false, "", mic);
    const video = await this.#ask(false, true, camera, "");
    this.#take(audio.stream);
    this.#take(video.stream);
    return explain(audio.error, video.error);
  }

  async #ask(audio, video, camera, mic) {
    const constraints = {
      audio: audio && { ...AUDIO, ...(mic ? { deviceId: { ideal: mic } } : {}) },
      video: video && { ...VIDEO, ...(camera ? { deviceId: { ideal: camera } } : {}) },
    };
    try {
      return { stream: await navigator.mediaDevices.getUserMedia(constraints), error: "" };
    } catch (error) {
      return { stream: null, error: error.name || "Error" };
    }
  }

  #take(stream) {
    for (const track of stream?.getTracks() ?? []) {
      const before = this[track.kind];
      this[track.kind] = track;
      before?.stop();
      track.onended = () => this.#lost(track);
    }
    this.#apply();
    if (stream?.getAudioTracks().length) this.#listen();
  }

  #lost(track) {
    if (this[track.kind] !== track) return;
    this[track.kind] = null;
    this.problem = "device_gone";
    this.#changed();
  }

  // After the session nothing may turn the camera on again.
  async #devicesChanged() {
    if (!this.#inUse) return;
    await this.open();
    this.#changed();
  }

  // Chooses another device of a kind ("audio" or "video"); "" is the default one.
  async choose(kind, id) {
    const chosen = { ...choices(), [kind === "audio" ? "mic" : "camera"]: id };
    try {
      localStorage.setItem(KEY, JSON.stringify(chosen));
    } catch { /* private mode */ }
    const asked = await this.#ask(kind === "audio", kind === "video", chosen.camera, chosen.mic);
    if (asked.error) this.problem = explain(kind === "audio" ? asked.error : "", kind === "video" ? asked.error : "");
    this.#take(asked.stream);
    this.#changed();
  }

  async devices() {
    if (!navigator.mediaDevices) return { audio: [], video: [] };
    const all = await navigator.mediaDevices.enumerateDevices();
    const of = (kind) => all.filter((device) => device.kind === kind && device.deviceId);
    return { audio: of("audioinput"), video: of("videoinput") };
  }

  setMic(on) {
    this.micOn = on && Boolean(this.audio);
    this.#apply();
    this.#changed();
  }

  // Off gives the camera back, so that its lamp is dark too.
  async setCamera(on) {
    this.cameraOn = on;
    if (on) {
      await this.open();
      return;
    }
    this.video?.stop();
    this.video = null;
    this.#changed();
  }

  // The microphone stays open while it is off, so that it is heard again at once; a disabled track is silence.
  #apply() {
    if (this.audio) this.audio.enabled = this.micOn;
  }

  #listen() {
    this.#audioContext?.close();
    this.#audioContext = new AudioContext();
    this.#analyser = this.#audioContext.createAnalyser();
    this.#analyser.fftSize = 512;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#audioContext.createMediaStreamSource(new MediaStream([this.audio])).connect(this.#analyser);
    document.addEventListener("pointerdown", () => this.#audioContext?.resume(), { once: true });
  }

  // Loudness 0..1 of the microphone, -60 dB to 0 dB.
  level() {
    if (!this.#analyser || !this.micOn) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let power = 0;
    for (const sample of this.#samples) power += sample * sample;
    const db = 10 * Math.log10(power / this.#samples.length + 1e-10);
    return Math.max(0, Math.min(1, (db + 60) / 60));
  }

  close() {
    this.#inUse = false;
    this.audio?.stop();
    this.video?.stop();
    this.audio = this.video = null;
    this.#audioContext?.close();
    this.#audioContext = this.#analyser = null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

// The word for what kept us from the devices; "" when nothing did. Exported for the tests.
export function explain(audioError, videoError) {
  const denied = (error) => error === "NotAllowedError" || error === "SecurityError";
  const missing = (error) => error === "NotFoundError" || error === "OverconstrainedError";
  if (audioError && videoError) {
    if (denied(audioError) && denied(videoError)) return "denied";
    if (missing(audioError) && missing(videoError)) return "no_media";
    if (denied(audioError) || denied(videoError)) return denied(videoError) ? "denied_camera" : "denied_mic";
    return "busy_media";
  }
  if (videoError) return denied(videoError) ? "denied_camera" : missing(videoError) ? "no_camera" : "busy_camera";
  if (audioError) return denied(audioError) ? "denied_mic" : missing(audioError) ? "no_mic" : "busy_mic";
  return "";
}
