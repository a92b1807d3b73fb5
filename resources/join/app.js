// The join page: what is known (the model), what is drawn from it (render), and what people do.

import { currentLanguage, has, setLanguage, t, translate } from "./i18n.js";
import { Media } from "./media.js";
import { Connection } from "./rtc.js";
import { ENDED, JoinError, Session, redeem, storeSession, storedSession, takeToken } from "./session.js";
import { $, fillDevices, note, open, play, say, show, toast, toggle, view } from "./ui.js";

const LOOK_MS = 2000;
const NAMES = "oc.names";
const LEAVE_MS = 30000;

const media = new Media();
const model = {
  token: takeToken(),
  host: "",
  session: null,
  state: { phase: "waiting" },
  end: "",
  joining: false,
  reported: false,
  connection: null,
  offers: 0,
  retry: 0,
  leaving: 0,
  light: "none",
  frames: 0,
  blockedSound: false,
  figures: null,
};

// ---- drawing

function phase() {
  if (model.end) return "end";
  if (!model.session) return "form";
  if (ENDED.has(model.state.phase)) return "end";
  return { lobby: "lobby", seat: "live" }[model.state.phase] ?? "loading";
}

function render() {
  const now = phase();
  view(now);
  const { state } = model;
  say($("title"), state.title || t("app_name"));
  say($("host"), state.host || model.host);
  say($("language"), currentLanguage() === "id" ? "EN" : "ID");
  $("language").setAttribute("aria-label", currentLanguage() === "id" ? "English" : "Bahasa Indonesia");
  renderLight(now);
  const inside = now === "live" || now === "lobby";
  show($("sign-recording"), inside && Boolean(state.recording));
  show($("sign-streaming"), inside && Boolean(state.streaming));
  ({ form: renderForm, lobby: renderLobby, live: renderLive, end: renderEnd }[now] ?? (() => {}))();
}

function renderLight(now) {
  let level = model.light;
  if (now !== "live" && now !== "lobby") level = "none";
  else if (!model.session.attached) level = "lost";
  else if (now === "lobby") level = "good";
  $("light").dataset.level = level;
  say($("light-text"), level === "none" ? "" : t(`light_${level}`));
}

// What stands beside the own picture: the stage says what is wrong with the camera, here the rest.
function besideWords() {
  if (!media.problem) return "";
  if (!media.audio && !media.video) return t("view_only");
  return media.video || !media.cameraOn ? t(media.problem) : "";
}

function renderPreview(video, empty) {
  const track = media.video;
  if (video.dataset.track !== (track?.id ?? "")) {
    video.dataset.track = track?.id ?? "";
    play(video, track ? new MediaStream([track]) : null);
  }
  show(video, Boolean(track));
  const words = media.cameraOn ? (media.problem ? t(media.problem) : t("no_devices_yet")) : t("no_camera_on");
  note(empty, track ? "" : words);
}

function renderForm() {
  renderPreview($("form-preview"), $("form-empty"));
  toggle($("form-mic"), media.micOn, media.micOn ? "mic" : "mic-off", t(media.micOn ? "mic_on" : "mic_off"));
  const camera = Boolean(media.video);
  toggle($("form-camera"), camera, camera ? "video" : "video-off", t(camera ? "camera_on" : "camera_off"));
  $("form-mic").disabled = !media.audio;
  note($("form-problem"), besideWords());
  $("go").disabled = model.joining;
  say($("go"), t(model.joining ? "joining" : "join"));
}

function renderLobby() {
  renderPreview($("lobby-preview"), $("lobby-empty"));
  say($("lobby-who"), [model.state.name, model.state.office].filter(Boolean).join(" · "));
}

function renderLive() {
  const { state } = model;
  renderPreview($("self"), $("self-empty"));
  say($("self-name"), state.name);
  say($("self-office"), state.office);
  show($("consent-light"), state.consent);
  note($("live-problem"), besideWords());
  const shown = state.sound_only ? t("program_sound_only") : model.frames ? "" : t("waiting_program");
  const program = state.away ? t("program_away") : shown;
  note($("program-note"), program);
  show($("sound-on"), model.blockedSound && !program);
  const tally = state.on_air ? "on_air" : state.on_preview ? "on_preview" : "";
  document.body.dataset.tally = tally;
  note($("tally"), tally && t(tally === "on_air" && state.streaming ? "on_air_streaming" : tally));
  renderControls();
  open($("ask"), state.ask?.action === "ask_mic" && !media.micOn);
}

function renderControls() {
  const { state } = model;
  const mic = state.muted ? "mic_muted" : media.micOn ? "mic_on" : "mic_off";
  toggle($("mic"), media.micOn, media.micOn ? "mic" : "mic-off", t(mic));
  $("mic").dataset.muted = state.muted ? "yes" : "";
  $("mic").disabled = !media.audio;
  const camera = Boolean(media.video);
  toggle($("camera-button"), camera, camera ? "video" : "video-off", t(camera ? "camera_on" : "camera_off"));
  toggle($("hand"), state.hand, "hand", t(state.hand ? "hand_up" : "hand_down"));
  $("hand").setAttribute("aria-label", t("hand_label"));
  $("consent-live").checked = state.consent;
}

function renderEnd() {
  const why = model.end || `end_${model.state.phase}`;
  say($("end-title"), t(why));
  say($("end-text"), t(`${why}_text`));
  show($("end-action"), why === "end_replaced");
  say($("end-action"), t("use_here"));
}

async function renderDevices() {
  const { audio, video } = await media.devices();
  const mic = media.audio?.getSettings().deviceId;
  const camera = media.video?.getSettings().deviceId;
  for (const suffix of ["", "-live"]) {
    fillDevices($(`camera-select${suffix}`), video, camera);
    fillDevices($(`mic-select${suffix}`), audio, mic);
  }
}

// ---- the session

function attach(secret) {
  const session = new Session(secret);
  model.session = session;
  model.end = "";
  model.leaving = 0;
  model.state = { phase: "waiting" };
  session.addEventListener("state", ({ detail }) => takeState(detail));
  session.addEventListener("answer", ({ detail }) => model.connection?.answer(detail));
  session.addEventListener("refused", ({ detail }) => model.connection?.refused(detail));
  session.addEventListener("attached", ({ detail }) => {
    model.reported = false;
    // An offer on the old socket gets no answer: the state that comes now has another one made.
    if (detail && model.connection?.pending) dropConnection();
    render();
  });
  render();
}

function takeState(state) {
  if (model.leaving) {
    if (ENDED.has(state.phase)) left(state.phase);
    else model.session.send({ t: "leave" });
    return;
  }
  const before = model.state;
  model.state = state;
  if (state.phase === "seat") enterSeat(before, state);
  else dropConnection();
  if (ENDED.has(state.phase)) endSession(state.phase);
  render();
}

function enterSeat(before, state) {
  if (before.phase !== "seat") keepAwake();
  if (state.muted && media.micOn) {
    media.setMic(false);
    toast(t(before.phase === "seat" ? "toast_muted" : "toast_muted_hint"));
  } else if (before.muted && !state.muted && !state.ask) toast(t("toast_unmuted"));
  // Told again after each attach: the room may be a new one that has heard nothing of us. Who was muted
  // meanwhile has closed his microphone by now.
  if (!model.reported || before.phase !== "seat") report();
  if (before.hand && !state.hand) toast(t("toast_hand_lowered"));
  if (state.ask && state.ask.id !== before.ask?.id) asked(state.ask);
  const held = model.connection;
  // The room holds another connection than ours, or none: it was restarted, or ours is gone.
  if (!held || (!held.pending && held.peer !== state.peer)) connect();
  else held.steer(state.send);
}

// With his standing consent the operator opens the microphone; else the dialog asks (drawn from the state).
function asked(ask) {
  if (ask.action !== "open_mic" || model.state.muted || !media.audio) return;
  media.setMic(true);
  toast(t("toast_opened"));
}

function answered() {
  if (model.state.ask) model.session.send({ t: "asked", id: model.state.ask.id });
}

function endSession(why) {
  if (why !== "replaced") storeSession("");
  letGo(why !== "replaced");
}

function letGo(closeMedia) {
  dropConnection();
  if (closeMedia) media.close();
  open($("ask"), false);
}

function report() {
  if (model.state.phase !== "seat") return;
  model.reported = model.session.send({ t: "report", mic_on: media.micOn, camera_on: Boolean(media.video) });
}

// ---- the connection

function connect() {
  dropConnection();
  const connection = new Connection((message) => model.session.send(message), model.state.ice_servers ?? []);
  model.connection = connection;
  model.frames = 0;
  connection.addEventListener("program", ({ detail }) => showProgram(detail));
  connection.addEventListener("light", ({ detail }) => {
    model.light = detail;
    render();
  });
  connection.addEventListener("again", () => {
    if (model.connection !== connection) return;
    model.connection = null;
    model.light = "lost";
    render();
    clearTimeout(model.retry);
    model.retry = setTimeout(() => {
      if (!model.connection && model.session?.attached && model.state.phase === "seat") connect();
    }, 500);
  });
  connection.steer(model.state.send);
  connection.start(++model.offers, media.audio, media.video);
}

function dropConnection() {
  clearTimeout(model.retry);
  model.connection?.close();
  model.connection = null;
}

function showProgram(stream) {
  const video = $("program");
  if (video.srcObject !== stream) video.srcObject = stream;
  video.play().then(() => {
    model.blockedSound = video.muted;
    render();
  }, () => {
    // Without a gesture only a silent picture may start; the button brings the sound.
    video.muted = true;
    model.blockedSound = true;
    video.play().catch(() => {});
    render();
  });
}

async function look() {
  const seen = await model.connection?.look();
  if (seen) {
    model.figures = seen;
    model.frames = seen.frames;
    render();
  }
}

// The first picture must not wait for the next look.
function firstPicture() {
  const video = $("program");
  const seen = () => {
    if (!model.frames) {
      model.frames = 1;
      render();
    }
  };
  video.addEventListener("playing", seen);
  video.addEventListener("loadeddata", seen);
}

let lock = null;

async function keepAwake() {
  if (model.state.phase !== "seat" || document.visibilityState !== "visible") return;
  try {
    lock = lock && !lock.released ? lock : await navigator.wakeLock?.request("screen");
  } catch { /* low battery: the screen may go dark */ }
}

// ---- what people do

async function join(event) {
  event.preventDefault();
  const name = $("name").value.trim();
  const problem = !name ? "need_name" : !$("recorded").checked ? "need_recorded" : "";
  note($("form-error"), problem && t(problem));
  if (problem) {
    (name ? $("recorded") : $("name")).focus();
    return;
  }
  const office = $("office").value.trim();
  try {
    localStorage.setItem(NAMES, JSON.stringify({ name, office }));
  } catch { /* private mode */ }
  model.joining = true;
  media.setMic(false);
  render();
  try {
    const details = { token: model.token, name, office, consent: $("consent").checked };
    const secret = await redeem(details, () => say($("go"), t("joining")));
    await storeSession(secret, model.token);
    model.token = "";
    attach(secret);
  } catch (error) {
    if (!(error instanceof JoinError)) throw error;
    const word = `err_${error.code}`;
    note($("form-error"), t(has(word) ? word : "err_other"));
  } finally {
    model.joining = false;
    render();
  }
}

function toggleMic() {
  if (model.state.muted) {
    toast(t("toast_muted_hint"));
    return;
  }
  media.setMic(!media.micOn);
}

function toggleHand() {
  const up = !model.state.hand;
  model.session.send({ t: "hand", up });
  if (up) toast(t("toast_hand"));
}

// The page is done at once; the good-bye is repeated with each state until the room confirms it.
function leave() {
  open($("bye"), false);
  model.leaving = setTimeout(() => left("left"), LEAVE_MS);
  model.session.send({ t: "leave" });
  letGo(true);
  model.state = { ...model.state, phase: "left" };
  render();
}

function left(why) {
  clearTimeout(model.leaving);
  endSession(why);
  model.session.close();
}

function soundOn() {
  const video = $("program");
  video.muted = false;
  video.play().then(() => {
    model.blockedSound = false;
    render();
  }, () => {});
}

function keys(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || phase() !== "live") return;
  if (event.target.closest("input, select, dialog[open]")) return;
  const act = { m: toggleMic, v: () => media.setCamera(!media.video), h: toggleHand }[event.key.toLowerCase()];
  if (act) act();
}

function listen() {
  $("join").addEventListener("submit", join);
  $("form-mic").addEventListener("click", () => media.setMic(!media.micOn));
  $("form-camera").addEventListener("click", () => media.setCamera(!media.video));
  $("mic").addEventListener("click", toggleMic);
  $("camera-button").addEventListener("click", () => media.setCamera(!media.video));
  $("hand").addEventListener("click", toggleHand);
  $("more").addEventListener("click", () => open($("settings"), true));
  $("settings-close").addEventListener("click", () => open($("settings"), false));
  $("consent-live").addEventListener("change", (event) => model.session.send({ t: "report", consent: event.target.checked }));
  $("leave").addEventListener("click", () => open($("bye"), true));
  $("bye-no").addEventListener("click", () => open($("bye"), false));
  $("bye-yes").addEventListener("click", leave);
  $("lobby-leave").addEventListener("click", leave);
  $("ask-yes").addEventListener("click", () => {
    answered();
    media.setMic(true);
  });
  $("ask-no").addEventListener("click", answered);
  $("ask").addEventListener("cancel", answered);
  $("sound-on").addEventListener("click", soundOn);
  $("end-action").addEventListener("click", resume);
  $("language").addEventListener("click", () => {
    setLanguage(currentLanguage() === "id" ? "en" : "id");
    render();
  });
  for (const suffix of ["", "-live"]) {
    $(`camera-select${suffix}`).addEventListener("change", (event) => media.choose("video", event.target.value));
    $(`mic-select${suffix}`).addEventListener("change", (event) => media.choose("audio", event.target.value));
  }
  document.addEventListener("keydown", keys);
  document.addEventListener("visibilitychange", keepAwake);
  media.addEventListener("change", mediaChanged);
}

function mediaChanged() {
  model.connection?.setTracks(media.audio, media.video);
  report();
  renderDevices();
  render();
}

async function resume() {
  const secret = await storedSession("");
  if (secret) {
    await media.open();
    attach(secret);
  }
}

function showLevels() {
  const level = media.level();
  $("form-level").value = level;
  $("self-level").value = level;
  requestAnimationFrame(showLevels);
}

function storedNames() {
  try {
    return JSON.parse(localStorage.getItem(NAMES)) || {};
  } catch {
    return {};
  }
}

async function begin() {
  translate();
  listen();
  firstPicture();
  const names = storedNames();
  $("name").value = names.name ?? "";
  $("office").value = names.office ?? "";
  const secret = await storedSession(model.token);
  if (!secret && !model.token) model.end = "end_no_token";
  if (secret) attach(secret);
  else if (model.token) media.micOn = true;
  render();
  setInterval(look, LOOK_MS);
  requestAnimationFrame(showLevels);
  fetch("/api/info").then((answer) => answer.json()).then((info) => {
    model.host = info.host ?? "";
    show($("ca-foot"), Boolean(info.authority));
    render();
  }, () => {});
  if (!model.end) await media.open();
}

// For tests, and for whoever helps over the telephone: what the page knows, without its secrets.
window.joinPage = () => ({
  phase: phase(),
  state: model.state,
  figures: model.figures,
  light: model.light,
  peer: model.connection?.peer ?? "",
  connected: model.connection?.connected ?? false,
  mic: media.micOn,
  camera: Boolean(media.video),
  problem: media.problem,
  blockedSound: model.blockedSound,
});

begin();
