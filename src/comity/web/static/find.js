// In a site that anyone hosts nothing answers a search: this finds rows in the tables as they stand.
// Without this script a table is simply whole. What is sought stands in the address.
"use strict";

(() => {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // What a cell says in its first line, each of several values by itself.
  const said = (row, column) => {
    const cell = row.children[column];
    const first = cell?.firstChild;
    const text = first && first.nodeType === Node.TEXT_NODE ? first.data : cell?.textContent ?? "";
    return text.split(", ").map((value) => value.trim()).filter((value) => value !== "");
  };

  const begin = (box) => {
    const body = document.getElementById(box.dataset.finder)?.tBodies[0];
    if (!body) return;
    const own = [...body.rows];
    const words = box.querySelector("input");
    const selects = [...box.querySelectorAll("select")];
    const fields = [words, ...selects];
    const status = box.querySelector("[role='status']");
    const pagers = document.querySelectorAll("nav.pager");
    const others = [...box.querySelectorAll("[data-other] a")].map((a) => a.href);
    let rows = own;
    let alone = false;
    let reading = null;

    const offer = () => {
      for (const select of selects) {
        const there = new Set([...select.options].map((option) => option.value));
        const values = new Set(rows.flatMap((row) => said(row, Number(select.dataset.column))));
        const more = [...values].filter((value) => !there.has(value));
        for (const value of more) select.add(new Option(value, value));
        const [any, ...sorted] = [...select.options];
        const chosen = select.value;
        sorted.sort((a, b) => a.value.localeCompare(b.value));
        select.replaceChildren(any, ...sorted);
        select.value = chosen;
      }
    };

    const show = () => {
      const wanted = plain(words.value).split(/\s+/).filter((word) => word !== "");
      const chosen = selects.filter((select) => select.value !== "");
      const asked = wanted.length > 0 || chosen.length > 0;
      let n = 0;
      for (const row of rows) {
        const text = wanted.length ? plain(`${row.textContent} ${row.dataset.words ?? ""}`) : "";
        const fits = wanted.every((word) => text.includes(word)) &&
          chosen.every((select) => said(row, Number(select.dataset.column)).includes(select.value));
        row.hidden = asked ? !fits : !own.includes(row);
        n += asked && fits ? 1 : 0;
      }
      for (const pager of pagers) pager.hidden = asked && !alone;
      const count = asked ? box.dataset.found.replace("{n}", n).replace("{of}", rows.length) : "";
      status.textContent = asked && alone ? `${count} ${box.dataset.alone}` : count;
      const address = new URL(location.href);
      for (const field of fields) {
        if (field.value === "") address.searchParams.delete(field.name);
        else address.searchParams.set(field.name, field.value);
      }
      try { history.replaceState(null, "", address); } catch { /* a file's address cannot change */ }
    };

    // The rows of a long table's other pages, read when somebody first seeks.
    const page = async (address) => {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(address);
      const read = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = read.getElementById(box.dataset.finder)?.tBodies[0]?.rows ?? [];
      return [...found].map((row) => {
        const here = document.importNode(row, true);
        for (const a of here.querySelectorAll("a[href]")) a.href = new URL(a.getAttribute("href"), address).href;
        here.hidden = true;
        return here;
      });
    };
    const read = async () => {
      if (location.protocol === "file:") { alone = true; show(); return; }
      status.textContent = box.dataset.reading;
      try {
        const more = (await Promise.all(others.map(page))).flat();
        body.append(...more);
        rows = [...own, ...more];
        offer();
      } catch { alone = true; }
      show();
    };
    const seek = () => {
      if (others.length && !reading) reading = read();
      else show();
    };

    offer();
    box.hidden = false;
    const asked = new URLSearchParams(location.search);
    for (const field of fields) {
      const value = asked.get(field.name) ?? "";
      if (field instanceof HTMLSelectElement && value && ![...field.options].some((o) => o.value === value)) {
        field.add(new Option(value, value));
      }
      field.value = value;
      field.addEventListener("input", seek);
    }
    box.addEventListener("focusin", () => { if (others.length && !reading) reading = read(); });
    if (fields.some((field) => field.value !== "")) seek();
  };

  for (const box of document.querySelectorAll("[data-finder]")) begin(box);
})();
