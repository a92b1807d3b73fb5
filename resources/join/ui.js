// The page's elements: finding them, showing views, filling lists. Text of others only ever as textContent.

import { t } from "./i18n.js";

export const $ = (id) => document.getElementById(id);

export function view(name) {
  if (document.body.dataset.view === name) return;
  document.body.dataset.view = name;
  const heading = document.querySelector(`#view-${name} h2`);
  if (heading && name !== "form") {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

export function show(element, visible) {
  element.hidden = !visible;
}

export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

// A message that is there only when it has something to say.
export function note(element, words) {
  say(element, words);
  show(element, Boolean(words));
}

export function icon(button, name) {
  const use = button.querySelector("use");
  const address = `/static/icons.svg#${name}`;
  if (use.getAttribute("href") !== address) use.setAttribute("href", address);
}

export function toggle(button, on, iconName, label) {
  button.setAttribute("aria-pressed", String(on));
  icon(button, iconName);
  const words = button.querySelector("span");
  if (words) say(words, label);
  else button.setAttribute("aria-label", label);
}

export function play(video, stream) {
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  if (stream) video.play().catch(() => {});
}

export function fillDevices(select, devices, current) {
  const wanted = devices.map((device) => device.deviceId).join();
  if (select.dataset.devices !== wanted) {
    select.dataset.devices = wanted;
    select.replaceChildren(...devices.map((device, index) => {
      const option = document.createElement("option");
      option.value = device.deviceId;
      option.textContent = device.label || `${t("default_device")} ${index + 1}`;
      return option;
    }));
  }
  select.disabled = devices.length === 0;
  if (current) select.value = current;
}

let toastTimer = 0;

export function toast(words) {
  const element = $("toast");
  element.textContent = words;
  element.dataset.shown = "yes";
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => delete element.dataset.shown, 5000);
}

export function open(dialog, visible) {
  if (visible && !dialog.open) dialog.showModal();
  if (!visible && dialog.open) dialog.close();
}
