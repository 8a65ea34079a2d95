// The workbench without this script is whole: forms have a button, addresses do the rest. With it a
// control that is moved recomputes the page's parts at once and keeps the address true.
"use strict";

(() => {
  const AFTER_HAND = 250; // milliseconds without a change before the whole verdict is asked
  const form = document.querySelector("form[data-live]");

  const labelled = (select) => select.selectedOptions[0]?.textContent.trim() ?? "";

  // A select whose options are an order gets a slider beside it; the select stays what is sent.
  for (const select of document.querySelectorAll("select[data-slider]")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = "0";
    slider.max = String(select.options.length - 1);
    slider.value = String(select.selectedIndex);
    slider.setAttribute("aria-label", select.labels[0]?.textContent ?? select.name);
    const say = () => slider.setAttribute("aria-valuetext", labelled(select));
    say();
    slider.addEventListener("input", () => {
      select.selectedIndex = Number(slider.value);
      say();
      select.dispatchEvent(new Event("input", { bubbles: true }));
    });
    select.addEventListener("change", () => { slider.value = String(select.selectedIndex); say(); });
    select.after(slider);
  }

  // Filters that only read submit themselves; what is empty stays out of the address.
  const query = (from) => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(from)) if (value !== "") asked.append(name, value);
    return asked;
  };
  for (const filter of document.querySelectorAll("form.filter")) {
    filter.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = query(filter).toString();
      location.assign(filter.getAttribute("action") + (asked ? `?${asked}` : ""));
    });
    for (const select of filter.querySelectorAll("select")) {
      select.addEventListener("change", () => filter.requestSubmit());
    }
  }

  // Parts that were not computed when the page was asked for come when they are.
  for (const part of document.querySelectorAll("[data-later]")) {
    const ask = async () => {
      try {
        const answer = await fetch(part.dataset.later, { headers: { Accept: "text/html" } });
        if (!answer.ok) return;
        if (answer.headers.get("X-Comity-Settled")) { setTimeout(ask, 700); return; }
        part.innerHTML = await answer.text();
        part.removeAttribute("data-later");
        part.removeAttribute("aria-busy");
      } catch { setTimeout(ask, 2000); }
    };
    ask();
  }

  if (!form) return;
  const path = form.getAttribute("action");
  const parts = form.dataset.live.split(" ").map((name) => ({ name, box: document.getElementById(name) }));
  const working = document.querySelector("[data-working]");
  const spoken = document.querySelector("[data-spoken]");
  const words = { working: working?.dataset.working ?? "", failed: working?.dataset.failed ?? "" };
  let turn = 0;
  let timer = 0;
  let under = new AbortController();

  const wait = (on) => {
    for (const { box } of parts) {
      box.classList.toggle("waiting", on);
      box.setAttribute("aria-busy", String(on));
    }
  };

  const links = (asked) => {
    const text = asked.toString();
    const tail = text ? `?${text}` : "";
    for (const a of document.querySelectorAll("[data-permanent]")) { a.href = path + tail; a.textContent = path + tail; }
    for (const a of document.querySelectorAll("[data-form]")) a.href = `${path}.${a.dataset.form}${tail}`;
    for (const a of document.querySelectorAll("[data-keeps]")) a.href = a.dataset.keeps + tail;
    const kept = document.querySelector("[data-kept]");
    if (kept) {
      kept.replaceChildren(...[...asked].map(([name, value]) => {
        const input = document.createElement("input");
        [input.type, input.name, input.value] = ["hidden", name, value];
        return input;
      }));
    }
    for (const field of form.querySelectorAll(".field")) {
      const select = field.querySelector("select");
      if (select) field.classList.toggle("moved", select.value !== "");
    }
    return tail;
  };

  const ask = async (part, asked, mine) => {
    const wanted = new URLSearchParams(asked);
    wanted.set("part", part.name);
    const answer = await fetch(`${path}?${wanted}`, { signal: under.signal, headers: { Accept: "text/html" } });
    const text = await answer.text();
    if (mine !== turn) return false;
    if (!answer.ok) {
      const said = new DOMParser().parseFromString(text, "text/html").querySelector(".message");
      throw new Error(said ? said.textContent : words.failed);
    }
    const focused = document.activeElement?.id;
    part.box.innerHTML = text;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    part.box.classList.remove("waiting");
    part.box.setAttribute("aria-busy", "false");
    return true;
  };

  const move = (settled) => {
    const mine = ++turn;
    under.abort();
    under = new AbortController();
    clearTimeout(timer);
    const asked = query(form);
    const tail = links(asked);
    history.replaceState(null, "", path + tail);
    wait(true);
    if (working) working.textContent = words.working;
    const failed = (error) => {
      if (error.name === "AbortError" || mine !== turn) return;
      wait(false);
      if (working) working.textContent = error.message;
    };
    ask(parts[0], asked, mine).then((shown) => {
      if (!shown) return;
      const line = parts[0].box.querySelector("[data-line]");
      if (spoken && line) spoken.textContent = line.textContent;
      document.dispatchEvent(new CustomEvent("comity:shown", { detail: parts[0].name }));
      timer = setTimeout(async () => {
        try {
          for (const part of parts.slice(1)) if (!(await ask(part, asked, mine))) return;
          if (working) working.textContent = "";
          document.dispatchEvent(new CustomEvent("comity:shown", { detail: "all" }));
        } catch (error) { failed(error); }
      }, settled ? 0 : AFTER_HAND);
    }).catch(failed);
  };

  form.addEventListener("input", () => move(false));
  form.addEventListener("submit", (event) => { event.preventDefault(); move(true); });
  form.querySelector("[data-reset]")?.addEventListener("click", (event) => {
    event.preventDefault();
    for (const select of form.querySelectorAll("select")) {
      select.value = "";
      select.dispatchEvent(new Event("change"));
    }
    move(true);
  });
})();
