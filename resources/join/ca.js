// The page about the local certificate authority.

import { currentLanguage, setLanguage, t, translate } from "./i18n.js";
import { $, say, show } from "./ui.js";

function render(info) {
  translate();
  document.title = t("ca_title");
  say($("host"), info.host);
  say($("language"), currentLanguage() === "id" ? "EN" : "ID");
  show($("with"), Boolean(info.authority));
  show($("without"), !info.authority);
  say($("fingerprint"), info.authority);
}

const info = await (await fetch("/api/info")).json();
$("language").addEventListener("click", () => {
  setLanguage(currentLanguage() === "id" ? "en" : "id");
  render(info);
});
render(info);
