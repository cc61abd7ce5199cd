
"use strict";
// Moves the picture, filters it, copies commands. It writes text and attributes of its own making, never markup.
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  // Copying.
  for (const button of all(".copy")) {
    button.hidden = false;
    const name = button.textContent;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        // A page from a file may not be allowed to: select the command, so that the keys for copying work.
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = name; }, 1600);
    });
  }

  // A link into something folded unfolds it; paper shows everything.
  const unfold = (to) => {
    for (let at = to && to.parentElement; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  };
  const follow = () => {
    const to = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (to) { unfold(to); to.scrollIntoView(); }
  };
  addEventListener("hashchange", follow);
  if (location.hash) follow();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])").filter((one) => !one.classList.contains("events"));
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

  // The picture.
  const svg = document.querySelector(".picture");
  if (!svg) return;
  const chart = svg.parentElement;
  const tip = chart.querySelector(".tip");
  const status = document.querySelector(".status");
  const controls = document.querySelector(".controls");
  const search = controls.querySelector("input[type=search]");
  const french = chart.dataset.lang === "fr";
  const first = Number(svg.dataset.first), range = Number(svg.dataset.range);
  const AXIS = 26, rank = { context: 0, success: 1, failure: 2 };
  const axis = svg.querySelector(".axis");
  const lanes = all(".lane", svg).map((g) => ({
    g, name: g.dataset.lane, height: Number(g.dataset.height), band: g.querySelector(".band"),
    marks: all(".m", g).map((m) => ({
      g: m, row: document.getElementById("t" + m.dataset.i), lane: g.dataset.lane, tone: m.dataset.tone,
      a: Number(m.dataset.a), b: Number(m.dataset.b), count: Number(m.dataset.c), y: Number(m.dataset.y),
      bar: m.classList.contains("b"), open: m.classList.contains("open"), shape: m.querySelector(".s"),
      label: m.querySelector("text"),
    })),
  }));
  const marks = lanes.flatMap((lane) => lane.marks).sort((a, b) => a.a - b.a);
  for (const mark of marks) {
    // The tip says more than the browser's own.
    const title = mark.g.querySelector("title");
    mark.g.setAttribute("aria-label", title.textContent);
    title.remove();
    mark.text = mark.row.textContent.toLowerCase();
  }
  controls.hidden = false;
  document.querySelector(".legend .keys").hidden = false;
  chart.classList.add("live");

  const SPARE = range * 0.02 + 1, LEAST = 1000;
  let from = -SPARE, to = range + SPARE, width = 0, shown = [], current = null;
  const pad = 18;
  const x = (t) => pad + (t - from) / (to - from) * (width - 2 * pad);
  const passes = (mark) => mark.wanted;

  const STEPS = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1.5e7, 3e7, 6e7, 1.2e8, 3e8, 6e8, 9e8, 1.8e9,
    3.6e9, 7.2e9, 1.08e10, 2.16e10, 4.32e10, 8.64e10, 6.048e11, 2.592e12, 3.1536e13];
  const make = (name, attributes, text) => {
    const it = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
    if (text) it.textContent = text;
    return it;
  };
  const scale = (height) => {
    const ticks = Math.max(2, Math.floor(width / 120));
    const step = STEPS.find((it) => (to - from) / it <= ticks) || STEPS[STEPS.length - 1];
    const drawn = [];
    let day = "";
    for (let at = Math.ceil((first + from) / step) * step; at <= first + to; at += step) {
      const at_x = Math.round(x(at - first));
      const [date, time] = new Date(at / 1000).toISOString().split("T");
      let text = time.slice(0, step < 1e6 ? 12 : 8);
      if (step >= 8.64e10) text = date;
      else if (day !== date) { day = date; text = date.slice(5) + " " + text; }
      drawn.push(make("path", { class: "tick", d: `M${at_x} 20V${height}` }));
      drawn.push(make("text", { class: "when", x: Math.min(Math.max(at_x, 42), width - 42), y: 14, "text-anchor": "middle" }, text));
    }
    axis.replaceChildren(...drawn);
  };

  const draw = () => {
    width = Math.max(280, Math.round(chart.clientWidth));
    let top = AXIS;
    shown = [];
    let events = 0;
    for (const lane of lanes) {
      const there = lane.marks.filter(passes);
      lane.g.classList.toggle("folded", there.length === 0);
      if (there.length === 0) continue;
      lane.g.setAttribute("transform", `translate(0 ${top})`);
      lane.band.setAttribute("width", width);
      top += lane.height;
      let cluster = [], start = 0, sum = 0;
      const close = () => {
        if (cluster.length === 0) return;
        const leader = cluster.reduce((worst, one) => rank[one.tone] > rank[worst.tone] ? one : worst);
        leader.g.classList.remove("folded");
        leader.label.textContent = sum > 1 ? sum : "";
        leader.with = cluster;
        shown.push(leader);
        cluster = [];
        sum = 0;
      };
      for (const mark of lane.marks) {
        mark.g.classList.add("folded");
        if (!mark.wanted || mark.b < from && !mark.open || mark.a > to) continue;
        events += mark.count;
        if (mark.bar) {
          const left = Math.max(0, x(mark.a)), right = Math.min(width, mark.open ? width : x(mark.b));
          const wide = Math.max(6, right - left), letters = Math.floor((wide - 10) / 6), title = mark.label.dataset.t;
          mark.g.setAttribute("transform", `translate(${left.toFixed(1)} ${mark.y})`);
          mark.shape.setAttribute("width", wide.toFixed(1));
          mark.label.textContent = title.length <= letters ? title : letters > 6 ? title.slice(0, letters - 1) + "…" : "";
          mark.g.classList.remove("folded");
          mark.with = [mark];
          shown.push(mark);
        } else {
          const at = x(mark.a);
          if (mark.a < from) continue;
          if (at - start >= (sum >= 100 ? 28 : sum >= 10 ? 20 : 14)) close();
          if (cluster.length === 0) start = at;
          cluster.push(mark);
          sum += mark.count;
          mark.g.setAttribute("transform", `translate(${at.toFixed(1)} ${mark.y})`);
        }
      }
      close();
    }
    shown.sort((one, other) => one.a - other.a);
    svg.setAttribute("viewBox", `0 0 ${width} ${top}`);
    svg.setAttribute("height", top);
    scale(top);
    for (const mark of marks) mark.g.setAttribute("tabindex", "-1");
    const entry = shown.includes(current) ? current : shown[0];
    if (entry) entry.g.setAttribute("tabindex", "0");
    const hidden = marks.reduce((count, one) => count + one.count, 0) - events;
    const number = (count) => count.toLocaleString(french ? "fr" : "en");
    status.textContent = french
      ? `${number(events)} événements montrés${hidden ? `, ${number(hidden)} filtrés ou hors de vue` : ""}`
      : `${number(events)} events shown${hidden ? `, ${number(hidden)} filtered or out of view` : ""}`;
  };

  const filter = () => {
    const off = new Set(all("input[data-what]", controls).filter((one) => !one.checked).map((one) => one.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const mark of marks) {
      mark.wanted = !off.has(mark.lane) && !off.has(mark.tone) && words.every((word) => mark.text.includes(word));
      mark.row.hidden = !mark.wanted;
    }
    hide();
    draw();
  };
  controls.addEventListener("input", filter);

  const show = (a, b) => {
    const wide = Math.min(Math.max(b - a, LEAST), range + 2 * SPARE);
    from = Math.min(Math.max(a + (b - a - wide) / 2, -SPARE), range + SPARE - wide);
    to = from + wide;
    hide();
    draw();
  };
  const zoom = (factor, around = (from + to) / 2) => show(around - (around - from) * factor, around + (to - around) * factor);
  // What the reader looks for is most likely at the mark with the focus, then at the first incident.
  const incident = () => marks.find((mark) => mark.lane === "incidents" && mark.wanted);
  const middle = () => {
    const mark = current && shown.includes(current) ? current : incident();
    const at = mark ? (mark.a + mark.b) / 2 : NaN;
    return at >= from && at <= to ? at : (from + to) / 2;
  };
  const acts = {
    in: () => zoom(0.5, middle()), incident: () => { const it = incident(); if (it) show(it.a - (it.b - it.a) / 2 - 1e6, it.b + (it.b - it.a) / 2 + 1e6); },
    out: () => zoom(2), all: () => show(-SPARE, range + SPARE),
    left: () => show(from - (to - from) / 3, to - (to - from) / 3), right: () => show(from + (to - from) / 3, to + (to - from) / 3),
  };
  for (const button of all("button[data-act]", controls)) button.addEventListener("click", acts[button.dataset.act]);

  // The tip takes its text from the row of the table.
  const line = (text, strong) => {
    const p = document.createElement("p");
    if (strong) { const it = document.createElement("strong"); it.textContent = text; p.append(it); } else p.textContent = text;
    return p;
  };
  function hide() { tip.hidden = true; }
  const tell = (mark) => {
    const [time, , what, who, where] = Array.from(mark.row.cells, (cell) => cell.textContent.trim());
    const lines = [line(what, true), line(time), line([who, where].filter(Boolean).join(" · "))];
    const more = mark.with ? mark.with.length - 1 : 0;
    if (more > 0) lines.push(line(french ? `et ${more} autres ici\u00a0: zoomer pour les séparer` : `and ${more} more here: zoom in to part them`));
    tip.replaceChildren(...lines.filter((one) => one.textContent));
    tip.hidden = false;
    const at = mark.g.getBoundingClientRect(), box = chart.getBoundingClientRect();
    const left = Math.min(Math.max(at.left - box.left + 8, 4), Math.max(4, box.width - tip.offsetWidth - 4));
    const below = at.bottom - box.top + 10;
    tip.style.left = left + "px";
    tip.style.top = (below + tip.offsetHeight > box.height && at.top - box.top > tip.offsetHeight + 10
      ? at.top - box.top - tip.offsetHeight - 10 : below) + "px";
  };
  const go = (mark) => {
    for (const row of all(".events tr.chosen")) row.classList.remove("chosen");
    mark.row.classList.add("chosen");
    const link = mark.row.querySelector("a");
    if (link) { location.hash = ""; location.hash = link.hash; return; }
    unfold(mark.row);
    mark.row.scrollIntoView({ block: "center" });
  };
  const of = (event) => {
    const g = event.target.closest && event.target.closest(".m");
    return g ? marks.find((mark) => mark.g === g) : null;
  };
  let drag = null;
  svg.addEventListener("pointerover", (event) => { const mark = of(event); if (mark && !drag) tell(mark); });
  svg.addEventListener("pointerout", hide);
  svg.addEventListener("focusin", (event) => { const mark = of(event); if (mark) { current = mark; tell(mark); } });
  svg.addEventListener("focusout", hide);
  svg.addEventListener("click", (event) => { const mark = of(event); if (mark && !(drag && drag.moved)) go(mark); });

  // Dragging moves it; a wheel with the control key, or a pinch, zooms.
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { x: event.clientX, from, to, moved: false };
  });
  addEventListener("pointermove", (event) => {
    if (!drag || !(event.buttons & 1)) return;
    const by = event.clientX - drag.x;
    if (Math.abs(by) > 4) { drag.moved = true; svg.classList.add("drag"); }
    if (drag.moved) show(drag.from - by / (width - 2 * pad) * (drag.to - drag.from), drag.to - by / (width - 2 * pad) * (drag.to - drag.from));
  });
  addEventListener("pointerup", () => { svg.classList.remove("drag"); setTimeout(() => { drag = null; }); });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = (event.clientX - svg.getBoundingClientRect().left - pad) / (width - 2 * pad);
    zoom(event.deltaY < 0 ? 0.8 : 1.25, from + at * (to - from));
  }, { passive: false });
  svg.addEventListener("dblclick", (event) => {
    const at = (event.clientX - svg.getBoundingClientRect().left - pad) / (width - 2 * pad);
    zoom(0.4, from + at * (to - from));
  });

  // Keys: from mark to mark, nearer and farther.
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = (by) => {
      const at = shown.indexOf(current);
      const next = shown[at + by];
      if (next) next.g.focus(); else acts[by < 0 ? "left" : "right"]();
    };
    const around = () => current ? current.a : (from + to) / 2;
    const keep = () => { if (current && shown.includes(current)) { current.g.focus(); tell(current); } };
    const keys = {
      ArrowRight: () => step(1), ArrowLeft: () => step(-1),
      ArrowDown: () => lane_step(1), ArrowUp: () => lane_step(-1),
      Home: () => shown[0] && shown[0].g.focus(), End: () => shown.length && shown[shown.length - 1].g.focus(),
      "+": () => { zoom(0.5, around()); keep(); }, "=": () => { zoom(0.5, around()); keep(); },
      "-": () => { zoom(2, around()); keep(); }, "0": () => { acts.all(); keep(); },
      Enter: () => current && go(current), " ": () => current && go(current), Escape: hide,
    };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  function lane_step(by) {
    const order = lanes.map((lane) => lane.name).filter((name) => shown.some((mark) => mark.lane === name));
    const at = current ? order.indexOf(current.lane) : -1;
    const there = shown.filter((mark) => mark.lane === order[at + by]);
    if (there.length === 0) return;
    there.reduce((near, mark) => Math.abs(mark.a - current.a) < Math.abs(near.a - current.a) ? mark : near).g.focus();
  }

  new ResizeObserver(() => { if (Math.round(chart.clientWidth) !== width) draw(); }).observe(chart);
  filter();
})();
