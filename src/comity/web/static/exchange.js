// The alarm: how many messages are unread, asked again and again from whatever page is open, in
// front or not. And the form of a message: how complete it is, while it is written.
"use strict";

(() => {
  const EVERY = 15_000; // milliseconds; a browser may make it a minute in a tab not in front
  const plain = document.title;
  const icon = document.querySelector("link[rel=icon]");
  const usual = icon?.getAttribute("href");
  const bell = document.querySelector("[data-bell]");
  const said = document.querySelector("[data-bell-said]");
  const kept = {
    get: (name) => { try { return localStorage.getItem(`comity-${name}`); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(`comity-${name}`, value); } catch { /* private */ } },
  };
  let told = kept.get("told") ?? "";
  let sound = null;

  const words = () => ({
    title: said?.dataset.title ?? kept.get("title") ?? "Comity",
    one: said?.dataset.one ?? kept.get("one") ?? "1",
    many: said?.dataset.many ?? kept.get("many") ?? "{n}",
  });
  if (said) for (const name of ["title", "one", "many"]) kept.set(name, said.dataset[name]);

  const beep = () => {
    if (kept.get("sound") !== "on" || !sound) return;
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    tone.frequency.value = 660;
    loud.gain.setValueAtTime(0.0001, sound.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.08, sound.currentTime + 0.05);
    loud.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + 0.6);
    tone.connect(loud).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.65);
  };

  const show = (count, latest) => {
    document.title = count ? `(${count}) ${plain}` : plain;
    icon?.setAttribute("href", count ? `/exchange/icon/${Math.min(count, 99)}.svg` : usual);
    if (navigator.setAppBadge) (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {});
    if (!count || latest <= told) return;
    told = latest;
    kept.set("told", latest);
    beep();
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const text = words();
    const body = count === 1 ? text.one : text.many.replace("{n}", String(count));
    const note = new Notification(text.title, { body, tag: "comity-exchange", icon: usual });
    note.addEventListener("click", () => { window.focus(); location.assign("/exchange"); });
  };

  const ask = async () => {
    let wait = EVERY;
    try {
      const answer = await fetch("/exchange/unread.json", { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403) { show(0, ""); return; }
      if (answer.ok) {
        const found = await answer.json();
        show(found.unread, found.latest);
      }
    } catch { wait = 2 * EVERY; }
    setTimeout(ask, wait);
  };
  // Only where somebody has signed in from this browser: a page of nobody asks nothing.
  if (document.querySelector("[data-me]")) kept.set("signed", "1");
  else if (document.querySelector("form.signin")) kept.set("signed", "");
  if (kept.get("signed")) ask();

  if (kept.get("sound") === "on") {
    document.addEventListener("pointerdown", () => { sound ??= new AudioContext(); }, { once: true });
  }

  if (bell) {
    bell.hidden = false;
    const notify = bell.querySelector("[data-notify]");
    const loud = bell.querySelector("[data-sound]");
    const state = () => {
      const may = "Notification" in window ? Notification.permission : "denied";
      notify.hidden = may === "granted";
      said.textContent = may === "granted" ? said.dataset.granted : may === "denied" ? said.dataset.denied : "";
      loud.setAttribute("aria-pressed", String(kept.get("sound") === "on" && sound !== null));
    };
    notify.addEventListener("click", async () => {
      if ("Notification" in window) await Notification.requestPermission();
      state();
    });
    loud.addEventListener("click", () => { // a browser lets a page sound only after a click
      const on = !(kept.get("sound") === "on" && sound !== null);
      if (on) sound ??= new AudioContext();
      kept.set("sound", on ? "on" : "");
      if (on) beep();
      state();
    });
    state();
  }

  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const box = document.getElementById("complete");
  let turn = 0;
  let timer = 0;
  let dirty = false;
  const check = async () => {
    const mine = ++turn;
    const sent = new FormData(form);
    sent.delete("stix");
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: sent });
      const text = await answer.text();
      if (answer.ok && mine === turn) box.innerHTML = text;
    } catch { /* it is said when the form is sent */ }
  };
  form.addEventListener("input", (event) => {
    dirty = true;
    if (event.target.type === "file") return;
    clearTimeout(timer);
    timer = setTimeout(check, 300);
  });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
