"use strict";
/* Draws the page's data: lanes on a canvas, names and firings as elements. Texts of the replay become
   text nodes and drawn text only, never markup. Instants are µs after `data.base`. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const MARK = 7, WINDOW = 7, EVENT = 5;
  const RIGHT = 14, LANE = 24, METRIC = 40, HEAD = 42, FIRING_ROW = 46;
  let NAMES = 250;
  const SECOND = 1e6, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const texts = data.texts, events = data.events, lanes = data.lanes, firings = data.firings;
  const $ = (id) => document.getElementById(id);
  const canvas = document.querySelector("#stage canvas");
  const axisCanvas = document.querySelector("#axis canvas");
  const miniCanvas = document.querySelector("#minimap canvas");
  const scroller = $("scroller"), names = $("names"), tip = $("tip");

  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const number = (value) => value.toLocaleString("en-US");
  const counted = (value, one, many) => `${number(value)} ${value === 1 ? one : many || one + "s"}`;

  // --- Times ---------------------------------------------------------------------------------
  const formats = {};
  const parts = (kind, options) => {
    formats[kind] ||= new Intl.DateTimeFormat("en-GB", { timeZone: data.zone, hourCycle: "h23", ...options });
    return formats[kind];
  };
  const two = { hour: "2-digit", minute: "2-digit" };
  const date = (at) => new Date(Math.floor((data.base + at) / 1000));
  const day = (at) => {
    const found = {};
    for (const part of parts("day", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(date(at))) {
      found[part.type] = part.value;
    }
    return `${found.year.padStart(4, "0")}-${found.month}-${found.day}`;
  };
  const fraction = (at) => (((data.base + at) % SECOND) + SECOND) % SECOND;
  const clock = (at) => parts("clock", { ...two, second: "2-digit" }).format(date(at));
  const exact = (at) => {
    const rest = fraction(at);
    if (!rest) return clock(at);
    return `${clock(at)}.${String(rest).padStart(6, "0").replace(/000$/, "")}`;
  };
  const manyDays = day(0) !== day(data.end);
  /* The date of another day, with the year if it is another; as tables have it. */
  const dated = (at) => {
    const [first, told] = [day(0), day(at)];
    if (told.slice(0, 4) !== first.slice(0, 4)) return `${told} `;
    return manyDays || told !== first ? `${told.slice(5)} ` : "";
  };
  const brief = (at) => dated(at) + clock(at) + (fraction(at) ? `.${String(fraction(at)).padStart(6, "0").slice(0, 3)}` : "");
  const moment = (at) => dated(at) + exact(at);
  const length = (span) => {
    if (!span) return "0 s";
    if (span < 1000) return `${Math.round(span)} µs`;
    if (span < SECOND) return `${+(span / 1000).toFixed(1)} ms`;
    if (span < MINUTE) return `${+(span / SECOND).toFixed(3)} s`;
    const units = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"]];
    const told = [];
    for (const [unit, word] of units) {
      const count = Math.floor(span / unit);
      if (count) told.push(`${count} ${word}`);
      span -= count * unit;
    }
    return told.slice(0, 2).join(" ");
  };

  // --- Rows ----------------------------------------------------------------------------------
  const kindOf = Object.fromEntries(data.kinds.map((kind, place) => [kind, place]));
  const FIRED = kindOf.fired;
  const stateNames = data.states.map((state) => state[0]);
  const OPEN = stateNames.indexOf("open"), COOLING = stateNames.indexOf("cooling");
  const eventName = (event) => texts[events[event * EVENT + 1]];
  const caption = (lane) => texts[lane.caption];
  let last = data.end;
  for (const lane of lanes) {
    lane.w.length && (last = Math.max(last, Math.min(lane.w[lane.w.length - WINDOW + 1], data.end * 1.5)));
    lane.firedAt = [];
    for (let place = 0; place < lane.m.length; place += MARK) {
      if (lane.m[place + 1] === FIRED) lane.firedAt.push(lane.m[place]);
    }
  }
  const pad = Math.max(last * 0.015, 1000);
  const WHOLE = [-pad, Math.max(last, 1000) + pad];
  const firedOf = data.automations.map(() => []), listed = lanes.map(() => []);
  firings.forEach((firing) => {
    firedOf[firing[0]].push(firing[3]);
    if (firing[1] >= 0) listed[firing[1]].push(firing[3]);
  });
  // Where transitions are left out, the list of firings has more of them.
  lanes.forEach((lane, place) => { if (lane.hidden && listed[place].length > lane.firedAt.length) lane.firedAt = listed[place]; });

  const view = { from: WHOLE[0], to: WHOLE[1] };
  const closed = new Set();
  let query = "", found = null, rows = [], height = 0, shown = firings.map((_, place) => place);
  let chosenFiring = -1, chosenLane = -1, active = 0, hovered = null, colors = {};
  let wide = 0, tall = 0;
  // A sheet of paper does not scroll: it gets all rows and firings, up to these bounds.
  const PRINTED_HEIGHT = 8000, PRINTED_FIRINGS = 300;
  let printed = null;

  // If there are many buckets, only those with most marks are shown, until the user asks for all.
  const FEW = 40, expanded = new Set();

  const laneHeight = (lane) => (lane.metric || lane.hidden ? METRIC : LANE);
  function layOut() {
    rows = [];
    let top = 0;
    data.automations.forEach((one, place) => {
      const own = [];
      for (let lane = one.lanes[0]; lane < one.lanes[1]; lane++) {
        if (!found || found.lanes[lane]) own.push(lane);
      }
      if (found && !own.length && !found.automations[place]) return;
      // An automation with a single bucket for all events is one row.
      const only = own.length === 1 && one.lanes[1] - one.lanes[0] === 1 && !lanes[own[0]].labels.length;
      rows.push({ automation: place, lane: only ? own[0] : -1, head: true, top, height: HEAD });
      top += HEAD;
      if (only) return;
      if (closed.has(place) && !found) return;
      const whole = found || expanded.has(place) || own.length <= FEW + 10;
      for (const lane of whole ? own : own.slice(0, FEW)) {
        rows.push({ automation: place, lane, top, height: laneHeight(lanes[lane]) });
        top += laneHeight(lanes[lane]);
      }
      if (!whole) {
        rows.push({ automation: place, lane: -1, more: own.length - FEW, top, height: LANE });
        top += LANE;
      }
    });
    height = top + 12;
    $("spacer").style.height = `${height}px`;
    $("nothing").hidden = rows.length > 0;
    $("nothing").textContent = query ? "Nothing here is called that." : "No automation is shown.";
    const visible = rows.filter((row) => row.lane >= 0).length;
    document.body.dataset.shownAutomations = rows.filter((row) => row.head).length;
    document.body.dataset.lanes = lanes.length;
    document.body.dataset.shownLanes = visible;
  }

  // --- Search --------------------------------------------------------------------------------
  function search(text) {
    query = text.trim().toLowerCase();
    if (!query) {
      found = null;
      shown = firings.map((_, place) => place);
    } else {
      const hit = texts.map((one) => one.toLowerCase().includes(query));
      const count = events.length / EVENT;
      const ofEvent = new Uint8Array(count);
      for (let event = 0; event < count; event++) {
        const at = event * EVENT;
        ofEvent[event] = hit[events[at + 1]] || hit[events[at + 2]] || hit[events[at + 3]] || `#${events[at]}` === query ? 1 : 0;
      }
      const automations = data.automations.map((one) => hit[one.name] || hit[one.source]);
      const ofLane = lanes.map((lane) => automations[lane.a] || hit[lane.caption] || lane.labels.some((label) => hit[label[0]] || hit[label[1]]));
      const byEvent = lanes.map((lane, place) => {
        if (ofLane[place]) return true;
        for (let mark = 3; mark < lane.m.length; mark += MARK) if (lane.m[mark] >= 0 && ofEvent[lane.m[mark]]) return true;
        return false;
      });
      found = { automations, events: ofEvent, lanes: byEvent, named: ofLane };
      const led = (firing) => (firing[1] >= 0 ? ofLane[firing[1]] : automations[firing[0]]) ||
        (firing[4] >= 0 && ofEvent[firing[4]]) || firing[6].some(led);
      shown = [];
      firings.forEach((firing, place) => { if (led(firing)) shown.push(place); });
    }
    layOut();
    scroller.scrollTop = 0;
    $("list").scrollTop = 0;
    active = 0;
    tellCount();
    drawAll();
    drawList();
  }
  function tellCount() {
    const all = firings.length + data.left_out.firings;
    $("count").textContent = found ? `${number(shown.length)} of ${number(all)}` : number(all);
    document.body.dataset.firings = firings.length;
    document.body.dataset.shownFirings = shown.length;
  }

  // --- Drawing -------------------------------------------------------------------------------
  function readColors() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["paper", "ground", "line", "ink", "soft", "faint", "band", "accent", "hit", "brush", "tick", ...stateNames]) {
      colors[name] = style.getPropertyValue(`--${name}`).trim();
    }
  }
  function fitCanvas(target) {
    const ratio = window.devicePixelRatio || 1;
    const box = target.getBoundingClientRect();
    const width = Math.round(box.width * ratio), high = Math.round(box.height * ratio);
    if (target.width !== width || target.height !== high) { target.width = width; target.height = high; }
    const pen = target.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    return [pen, box.width, box.height];
  }
  const x = (at) => NAMES + ((at - view.from) / (view.to - view.from)) * (wide - NAMES - RIGHT);
  const time = (px) => view.from + ((px - NAMES) / (wide - NAMES - RIGHT)) * (view.to - view.from);

  const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5,
    ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND), ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
    ...[1, 2, 3, 6, 12].map((n) => n * HOUR), ...[1, 2, 7, 14, 28, 91, 182, 365, 3650, 36500].map((n) => n * DAY)];
  function ticks() {
    const most = Math.max(2, (wide - NAMES) / 95);
    const span = view.to - view.from;
    const step = STEPS.find((one) => span / one <= most) || STEPS[STEPS.length - 1];
    // Rounded in the displayed zone: counted from its midnight.
    const at = Math.max(0, Math.min(view.from, data.end));
    const [hours, minutes, seconds] = clock(at).split(":").map(Number);
    const midnight = at - (hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction(at));
    const places = [];
    for (let n = Math.ceil((view.from - midnight) / step); midnight + n * step <= view.to && places.length < 200; n++) places.push(midnight + n * step);
    return [places, step];
  }
  function tickLabel(at, step) {
    if (step >= DAY) return day(at);
    const text = clock(at);
    if (text === "00:00:00" && !fraction(at) && manyDays) return day(at).slice(5);
    if (step >= MINUTE) return text.slice(0, 5);
    if (step >= SECOND) return text;
    return `${text.slice(3)}.${String(fraction(at)).padStart(6, "0").slice(0, step >= 1000 ? 3 : 6)}`;
  }

  function drawAxis(places, step) {
    const [pen, , high] = fitCanvas(axisCanvas);
    // What the labels leave out: the day, and in a close view the hour.
    const from = Math.max(view.from, 0);
    $("zone").textContent = [manyDays && step < DAY && day(from), step < SECOND && clock(from).slice(0, 5), data.zone].filter(Boolean).join(" ");
    pen.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    for (const at of places) {
      const px = Math.round(x(at)) + 0.5;
      if (px < NAMES) continue;
      pen.fillStyle = colors.line;
      pen.fillRect(px, high - 6, 1, 6);
      pen.fillStyle = colors.soft;
      if (px + 60 < wide) pen.fillText(tickLabel(at, step), px + 4, 17);
    }
  }

  const firstAfter = (list, stride, value, field) => {
    let low = 0, high = list.length / stride;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle * stride + field] < value) low = middle + 1; else high = middle;
    }
    return low;
  };

  function drawWindows(pen, lane, top, high) {
    const from = time(NAMES), to = time(wide);
    const list = lane.w, y = top + (high - 14) / 2;
    let drawnTo = -1, drawnState = -1;
    for (let place = firstAfter(list, WINDOW, from, 1); place * WINDOW < list.length; place++) {
      const at = place * WINDOW;
      if (list[at] > to) break;
      const left = Math.max(x(list[at]), NAMES - 4), right = Math.min(x(list[at + 1]), wide + 4);
      const state = stateNames[list[at + 2]];
      if (right - left < 1.5) {
        // Of windows narrower than a pixel, one is drawn for each state.
        const px = Math.floor(left);
        if (px === drawnTo && (drawnState === list[at + 2] || state !== "fired")) continue;
        drawnTo = px;
        drawnState = list[at + 2];
        pen.fillStyle = colors[state];
        pen.globalAlpha = 0.6;
        pen.fillRect(px, y, 1.5, 14);
        pen.globalAlpha = 1;
        continue;
      }
      if (list[at + 2] === COOLING) {
        pen.strokeStyle = colors.cooling;
        pen.lineWidth = 1.5;
        pen.setLineDash([2, 3]);
        pen.beginPath();
        pen.moveTo(left, y + 7);
        pen.lineTo(right, y + 7);
        pen.stroke();
        pen.setLineDash([]);
        continue;
      }
      pen.beginPath();
      pen.roundRect(left + 0.5, y + 0.5, Math.max(right - left - 1, 0.5), 13, Math.min(3, (right - left) / 2));
      pen.fillStyle = pen.strokeStyle = colors[state];
      pen.globalAlpha = state === "fired" ? 0.24 : state === "expired" || state === "dropped" ? 0.1 : 0.16;
      pen.fill();
      pen.globalAlpha = 0.8;
      pen.lineWidth = 1;
      if (list[at + 2] === OPEN) pen.setLineDash([4, 3]);
      pen.stroke();
      pen.setLineDash([]);
      pen.globalAlpha = 1;
      const need = lane.metric ? "" : list[at + 3] >= 0 ? `${list[at + 3]}/${lane.need}` : "";
      if (need && right - left > 46 && lane.m.length < 4000) {
        pen.fillStyle = colors.faint;
        pen.font = "9.5px system-ui, 'DejaVu Sans', sans-serif";
        pen.textAlign = "right";
        pen.fillText(need, Math.min(right, wide) - (state === "fired" ? 11 : 5), y + 10.5);
        pen.textAlign = "left";
      }
    }
  }
  /* Where transitions are left out, the lane has no windows and no events. */
  function drawGap(pen, lane, top, high) {
    const left = Math.max(x(lane.m[(lane.kept - 1) * MARK]), NAMES), right = Math.min(x(lane.m[lane.kept * MARK]), wide);
    const told = `${counted(lane.hidden, "transition")} left out`;
    pen.font = "10px system-ui, 'DejaVu Sans', sans-serif";
    if (right - left < pen.measureText(told).width + 20) return;
    pen.fillStyle = colors.soft;
    pen.textAlign = "center";
    pen.fillText(told, (left + right) / 2, top + high - 2);
    pen.textAlign = "left";
  }
  function drawMetric(pen, lane, top, high) {
    const list = lane.m, bound = lane.metric[2];
    let low = bound, most = bound;
    for (let at = 4; at < list.length; at += MARK) {
      if (list[at] === null) continue;
      low = Math.min(low, list[at]);
      most = Math.max(most, list[at]);
    }
    const scale = (value) => top + high - 5 - ((value - low) / (most - low || 1)) * (high - 10);
    pen.strokeStyle = colors.fired;
    pen.globalAlpha = 0.55;
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(NAMES, scale(bound));
    pen.lineTo(wide - RIGHT, scale(bound));
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    pen.strokeStyle = colors.tick;
    pen.lineWidth = 1.3;
    pen.beginPath();
    let before = null, px = 0;
    for (let at = 0; at < list.length; at += MARK) {
      px = x(list[at]);
      // No line while the value is undefined.
      if (before !== null) pen.lineTo(px, scale(before));
      const value = list[at + 4];
      if (value !== null && before === null) pen.moveTo(px, scale(value));
      else if (value !== null) pen.lineTo(px, scale(value));
      before = value;
    }
    if (before !== null) pen.lineTo(Math.min(x(data.end), wide), scale(before));
    pen.stroke();
  }
  const TICKED = new Set(["counted", "stored", "ignored", "superseded", "expired"].map((kind) => kindOf[kind]));
  const FAINT = new Set(["ignored", "superseded", "expired"].map((kind) => kindOf[kind]));
  function drawMarks(pen, lane, top, high) {
    const list = lane.m, from = time(NAMES - 4), to = time(wide), middle = top + high / 2;
    let drawnTo = -9;
    for (let place = firstAfter(list, MARK, from, 0); place * MARK < list.length; place++) {
      const at = place * MARK;
      if (list[at] > to) break;
      if (!TICKED.has(list[at + 1])) continue;
      const px = Math.round(x(list[at]));
      const matched = found && list[at + 3] >= 0 && found.events[list[at + 3]];
      if (px === drawnTo && !matched) continue;
      drawnTo = px;
      const faint = FAINT.has(list[at + 1]);
      pen.fillStyle = matched ? colors.accent : faint ? colors.faint : colors.tick;
      pen.globalAlpha = found && !matched && !found.named[lane.place] ? 0.3 : faint ? 0.7 : 1;
      const half = matched ? 8 : faint ? 2.5 : 5;
      pen.fillRect(px - (matched ? 1.5 : 0.75), middle - half, matched ? 3 : 1.5, half * 2);
      pen.globalAlpha = 1;
    }
  }
  function drawFirings(pen, times, middle, size) {
    let place = firstAfter(times, 1, time(NAMES - 6), 0);
    const to = time(wide);
    // Markers that touch each other have one number: that of all their firings.
    let touching = 0, isMerged = false;
    while (place < times.length && times[place] <= to) {
      const px = x(times[place]);
      let many = 1;
      // Markers that would overlap become one, with their number.
      while (place + many < times.length && x(times[place + many]) - px < size * 1.3) many++;
      const right = x(times[place + many - 1]);
      const at = (px + right) / 2, half = many > 1 ? size + 1 : size;
      pen.beginPath();
      pen.moveTo(at, middle - half);
      pen.lineTo(at + half, middle);
      pen.lineTo(at, middle + half);
      pen.lineTo(at - half, middle);
      pen.closePath();
      pen.fillStyle = colors.fired;
      pen.strokeStyle = colors.paper;
      pen.lineWidth = 1.5;
      pen.stroke();
      pen.fill();
      place += many;
      touching += many;
      isMerged ||= many > 1;
      const next = place < times.length ? x(times[place]) : Infinity;
      if (next - at <= 2 * half) continue;
      pen.fillStyle = colors.fired;
      pen.font = "bold 10px system-ui, 'DejaVu Sans', sans-serif";
      const told = `×${number(touching)}`, end = at + half + 2 + pen.measureText(told).width;
      // A number that is cut would be another number.
      if (isMerged && end < wide && next - size > end) pen.fillText(told, at + half + 2, middle + 3.5);
      touching = 0;
      isMerged = false;
    }
  }

  function visibleRows() {
    let low = 0, high = rows.length;
    const top = scroller.scrollTop;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].top + rows[middle].height <= top) low = middle + 1; else high = middle;
    }
    let end = low;
    while (end < rows.length && rows[end].top < top + tall) end++;
    return rows.slice(low, end);
  }

  function drawBoard() {
    const past = rows.find((row) => row.top + row.height > PRINTED_HEIGHT);
    tall = printed ? (past ? past.top : height) : scroller.clientHeight;
    wide = scroller.clientWidth;
    // On a phone, the timelines get more than half of the width.
    NAMES = Math.round(Math.min(Math.max(wide * 0.27, Math.min(180, wide * 0.4)), 340));
    document.documentElement.style.setProperty("--names", `${NAMES}px`);
    $("stage").style.height = `${tall}px`;
    const [pen] = fitCanvas(canvas);
    const [places, step] = ticks();
    pen.fillStyle = colors.paper;
    pen.fillRect(0, 0, wide, tall);
    const seen = visibleRows();
    for (const row of seen) {
      const top = row.top - scroller.scrollTop;
      if (row.head) {
        pen.fillStyle = row.lane < 0 ? colors.band : colors.paper;
        pen.fillRect(0, top, wide, row.height);
        pen.fillStyle = colors.line;
        pen.fillRect(0, top, wide, 1);
      }
      if (row.lane >= 0 && row.lane === chosenLane) {
        pen.fillStyle = colors.brush;
        pen.fillRect(0, top, wide, row.height);
      }
    }
    pen.fillStyle = colors.line;
    for (const at of places) if (x(at) >= NAMES) pen.fillRect(Math.round(x(at)), 0, 1, tall);
    // After the end of the replay there are only deadlines.
    const end = x(data.end);
    if (end < wide) {
      pen.fillStyle = colors.faint;
      pen.globalAlpha = 0.08;
      pen.fillRect(Math.max(end, NAMES), 0, wide - end, tall);
      pen.globalAlpha = 1;
    }
    pen.save();
    pen.beginPath();
    pen.rect(NAMES - 5, 0, wide, tall);
    pen.clip();
    for (const row of seen) {
      const top = row.top - scroller.scrollTop;
      if (row.more) continue;
      if (row.lane < 0) {
        drawFirings(pen, firedOf[row.automation], top + row.height / 2, 5);
        continue;
      }
      const lane = lanes[row.lane];
      drawWindows(pen, lane, top, row.height);
      if (lane.hidden) drawGap(pen, lane, top, row.height);
      if (lane.metric) drawMetric(pen, lane, top, row.height);
      drawMarks(pen, lane, top, row.height);
      drawFirings(pen, lane.firedAt, top + row.height / 2, 5.5);
    }
    if (chosenFiring >= 0) {
      const at = x(firings[chosenFiring][3]);
      pen.fillStyle = colors.fired;
      pen.globalAlpha = 0.5;
      pen.fillRect(Math.round(at) - 0.5, 0, 1, tall);
      pen.globalAlpha = 1;
    }
    pen.restore();
    drawNames(seen);
    drawAxis(places, step);
    document.body.dataset.view = `${view.from} ${view.to}`;
  }

  function drawNames(seen) {
    const made = document.createDocumentFragment();
    // One more on each side, so that Tab can reach it.
    const first = rows.indexOf(seen[0]);
    for (const row of rows.slice(Math.max(first - 1, 0), first + seen.length + 1)) {
      const element = make("button", undefined, "row");
      element.dataset.row = row.top;
      element.style.transform = `translateY(${row.top - scroller.scrollTop}px)`;
      element.style.height = `${row.height}px`;
      if (row.head) {
        const one = data.automations[row.automation];
        element.classList.add("automation");
        if (!one.firings) element.classList.add("quiet");
        const foldable = row.lane < 0 && one.lanes[1] > one.lanes[0];
        element.append(make("span", foldable ? (closed.has(row.automation) && !found ? "▶" : "▼") : "", "arrow"));
        const name = make("span", texts[one.name], "text");
        name.append(make("span", one.says, "says"));
        element.append(name);
        element.append(make("span", one.firings ? `◆ ${number(one.firings)}` : "", "tally"));
        if (foldable) element.setAttribute("aria-expanded", String(!closed.has(row.automation) || Boolean(found)));
        if (row.lane < 0) element.dataset.automation = row.automation;
        else element.dataset.lane = row.lane;
        element.title = `${texts[one.name]}\n${one.says}${one.where ? `\nwhere ${one.where}` : ""}\n${texts[one.kind]} · ${counted(one.buckets, "bucket")} · ${texts[one.source]}${one.enabled ? "" : " · disabled"}`;
      } else if (row.more) {
        element.classList.add("more");
        element.append(make("span", `… ${counted(row.more, "more bucket")}`, "text"));
        element.dataset.expand = row.automation;
      } else {
        const lane = lanes[row.lane];
        element.classList.add("lane");
        if (row.lane === chosenLane) element.classList.add("chosen");
        element.style.paddingLeft = `${26 + Math.min(lane.depth, 6) * 12}px`;
        const letters = [...caption(lane)], cut = letters.length > 16 ? -6 : letters.length;
        element.append(make("span", letters.slice(0, cut).join(""), "text"));
        if (cut < 0) element.append(make("span", letters.slice(cut).join(""), "end"));
        element.append(make("span", lane.fired ? `◆ ${number(lane.fired)}` : "", "tally"));
        element.dataset.lane = row.lane;
        element.title = [caption(lane), ...lane.labels.map((label) => `${texts[label[0]]} = ${texts[label[1]]}`)].join("\n");
      }
      made.append(element);
    }
    // The keyboard focus stays.
    const focused = names.contains(document.activeElement) ? document.activeElement.dataset.row : undefined;
    names.replaceChildren(made);
    if (focused !== undefined) [...names.children].find((one) => one.dataset.row === focused)?.focus({ preventScroll: true });
  }

  let bins = null;
  function drawMinimap() {
    const [pen, width, high] = fitCanvas(miniCanvas);
    const count = Math.max(Math.floor(width / 2), 1);
    if (!bins || bins.events.length !== count) {
      bins = { events: new Float64Array(count), fired: new Float64Array(count), most: 1 };
      const place = (at) => Math.min(count - 1, Math.max(0, Math.floor(((at - WHOLE[0]) / (WHOLE[1] - WHOLE[0])) * count)));
      for (const lane of lanes) {
        for (let at = 0; at < lane.m.length; at += MARK) if (TICKED.has(lane.m[at + 1])) bins.events[place(lane.m[at])]++;
      }
      for (const firing of firings) bins.fired[place(firing[3])]++;
      bins.most = bins.events.reduce((most, one) => Math.max(most, one), 1);
    }
    pen.fillStyle = colors.ground;
    pen.fillRect(0, 0, width, high);
    for (let bin = 0; bin < count; bin++) {
      const share = Math.sqrt(bins.events[bin] / bins.most);
      pen.fillStyle = colors.tick;
      pen.globalAlpha = 0.75;
      if (share) pen.fillRect(bin * 2, high - 2 - share * (high - 14), 1.6, share * (high - 14));
      pen.globalAlpha = 1;
      pen.fillStyle = colors.fired;
      if (bins.fired[bin]) { pen.beginPath(); pen.arc(bin * 2 + 1, 6, bins.fired[bin] > 3 ? 3.4 : 2.6, 0, 7); pen.fill(); }
    }
    const px = (at) => ((at - WHOLE[0]) / (WHOLE[1] - WHOLE[0])) * width;
    const left = Math.max(px(view.from), 0), right = Math.min(px(view.to), width);
    if (right - left < width - 2) {
      pen.fillStyle = colors.brush;
      pen.fillRect(left, 0, Math.max(right - left, 2), high);
      pen.fillStyle = colors.accent;
      pen.fillRect(left, 0, 1.5, high);
      pen.fillRect(Math.max(right - 1.5, left + 1.5), 0, 1.5, high);
    }
  }
  function drawAll() { drawBoard(); drawMinimap(); }
  let waiting = false;
  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; drawAll(); });
  }

  // --- Navigation ----------------------------------------------------------------------------
  function look(from, to) {
    const least = 200, span = Math.min(Math.max(to - from, least), WHOLE[1] - WHOLE[0]);
    const middle = (from + to) / 2;
    from = Math.min(Math.max(middle - span / 2, WHOLE[0]), WHOLE[1] - span);
    view.from = from;
    view.to = from + span;
    soon();
  }
  /* The chosen firing stays where it is, if it is in view; else the middle. */
  function focus() {
    const at = chosenFiring >= 0 ? firings[chosenFiring][3] : NaN;
    return at >= view.from && at <= view.to ? at : (view.from + view.to) / 2;
  }
  function zoom(factor, at = focus()) {
    look(at - (at - view.from) * factor, at + (view.to - at) * factor);
  }
  const pan = (share) => { const by = (view.to - view.from) * share; look(view.from + by, view.to + by); };
  function reveal(lane, at) {
    if (lane >= 0) {
      if (found && !found.lanes[lane]) { $("search").value = ""; search(""); }
      if (closed.delete(lanes[lane].a)) layOut();
      if (!rows.some((one) => one.lane === lane)) { expanded.add(lanes[lane].a); layOut(); }
      const row = rows.find((one) => one.lane === lane);
      if (row && (row.top < scroller.scrollTop || row.top + row.height > scroller.scrollTop + tall)) {
        scroller.scrollTop = Math.max(0, row.top - tall / 3);
      }
    }
    const span = view.to - view.from;
    if (at < view.from + span * 0.03 || at > view.to - span * 0.03) look(at - span / 2, at + span / 2);
    soon();
  }
  function jumpTo(lane, at) {
    chosenLane = lane;
    reveal(lane, at);
  }

  // --- Firings -------------------------------------------------------------------------------
  const laneOf = (firing) => (firing[1] >= 0 ? lanes[firing[1]] : null);
  function drawList() {
    const list = $("list"), box = $("rows");
    box.style.height = `${shown.length * FIRING_ROW}px`;
    const first = printed ? 0 : Math.max(0, Math.floor(list.scrollTop / FIRING_ROW) - 3);
    const count = printed ? PRINTED_FIRINGS : Math.ceil(list.clientHeight / FIRING_ROW) + 6;
    const made = document.createDocumentFragment();
    for (let place = first; place < Math.min(first + count, shown.length); place++) {
      const firing = firings[shown[place]], lane = laneOf(firing);
      const option = make("div", undefined, "firing");
      option.classList.toggle("chosen", shown[place] === chosenFiring);
      option.classList.toggle("active", place === active);
      option.id = `firing-${shown[place]}`;
      const said = { role: "option", "aria-selected": shown[place] === chosenFiring, "aria-posinset": place + 1, "aria-setsize": shown.length };
      for (const [name, value] of Object.entries(said)) option.setAttribute(name, value);
      option.style.top = `${place * FIRING_ROW}px`;
      option.dataset.firing = shown[place];
      const top = make("b");
      top.append(make("time", brief(firing[3])), document.createTextNode(texts[data.automations[firing[0]].name]));
      const whose = lane && lane.labels.length ? `${caption(lane)} · ` : "";
      const what = firing[4] >= 0 ? eventName(firing[4]).replace(/^prefect\./, "") : "no event: a deadline";
      option.append(top, make("small", whose + what));
      made.append(option);
    }
    box.replaceChildren(made);
    if ($(`firing-${shown[active]}`)) list.setAttribute("aria-activedescendant", `firing-${shown[active]}`);
    else list.removeAttribute("aria-activedescendant");
    if (shown.length) return;
    const nothing = make("p", firings.length ? "No firing has anything of that name." : data.log.events && !data.log.matched ? "Nothing fired: no event matched a trigger." : "Nothing fired.");
    nothing.setAttribute("role", "option");
    nothing.setAttribute("aria-disabled", "true");
    box.append(nothing);
  }
  /* Makes a firing of the list the one that Enter chooses, and brings it into view. */
  function activate(place) {
    const list = $("list");
    active = Math.min(Math.max(place, 0), shown.length - 1);
    list.scrollTop = Math.min(Math.max(list.scrollTop, (active + 1) * FIRING_ROW - list.clientHeight), active * FIRING_ROW);
    drawList();
  }
  function labelFacts(list, lane) {
    for (const label of lane.labels) fact(list, texts[label[0]], texts[label[1]]);
    return list;
  }
  function fact(list, name, value) { list.append(make("dt", name), make("dd", value)); }
  function eventFacts(list, event) {
    const at = event * EVENT;
    fact(list, "event", eventName(event));
    if (texts[events[at + 3]]) fact(list, "resource", texts[events[at + 3]]);
    fact(list, "id", texts[events[at + 2]]);
    fact(list, "line", `#${events[at]}`);
    fact(list, "occurred", moment(events[at + 4]));
  }
  const said = {
    opened: "opened the window", counted: "counted", ignored: "ignored", fired: "fired", closed: "ended the window",
    renewed: "renewed the window", dropped: "dropped", stored: "a child's firing held", superseded: "replaced by a later firing",
    expired: "too long ago, let go", cleared: "used up by the firing", breached: "the bound is breached", recovered: "back within the bound",
    measured: "the value changed", resolved: "resolved",
  };
  function markText(lane, at) {
    const kind = data.kinds[lane.m[at + 1]];
    let text = said[kind] || kind;
    if (lane.m[at + 5] >= 0) text = text.replace("a child's", `child ${texts[lane.m[at + 5]]}'s`);
    const value = lane.m[at + 4];
    if (value !== null) text += lane.metric ? ` · ${+value.toFixed(4)}` : ` · ${Math.max(value, 0)}/${lane.need}`;
    return `${text} · ${data.rules[lane.m[at + 2]]}`;
  }
  function step(at, what, from, lane, fired) {
    const item = make("li", undefined, fired ? "fired" : "");
    const button = make("button");
    button.append(make("time", moment(at)), make("span", what, "what"));
    if (from) button.append(make("span", from, "from"));
    button.addEventListener("click", () => jumpTo(lane, at));
    item.append(button);
    return item;
  }
  const eventText = (event) => `${eventName(event)}${texts[events[event * EVENT + 3]] ? ` · ${texts[events[event * EVENT + 3]]}` : ""} · #${events[event * EVENT]}`;
  const STEPS_SHOWN = 60;
  const markStep = (lane, at) =>
    step(lane.m[at], markText(lane, at), lane.m[at + 3] >= 0 ? eventText(lane.m[at + 3]) : "", lane.place, lane.m[at + 1] === FIRED);
  /* A firing and, below it, its causes: firings of children, or the events of its window. */
  function chain(firing) {
    const lane = laneOf(firing), where = texts[firing[5]] === "$" ? "" : `${lane ? caption(lane) : texts[firing[5]]} `;
    const item = step(firing[3], `${where}fired`, firing[4] >= 0 ? eventText(firing[4]) : "a deadline", firing[1], true);
    const below = make("ol");
    for (const child of firing[6]) below.append(chain(child));
    if (!firing[6].length && lane && firing[2] >= 0) {
      const windowed = windowOf(lane, firing[2]);
      const marks = [];
      for (let mark = windowed; mark < firing[2]; mark++) {
        const kind = data.kinds[lane.m[mark * MARK + 1]];
        if (kind === "counted" || kind === "opened" || kind === "breached" || kind === "measured") marks.push(mark);
      }
      // An event that opened the window and was counted in it is shown once.
      const told = marks.filter((mark, place) => !(place + 1 < marks.length && data.kinds[lane.m[mark * MARK + 1]] === "opened" && lane.m[marks[place + 1] * MARK + 3] === lane.m[mark * MARK + 3]));
      if (told.length > STEPS_SHOWN) below.append(make("li", `… ${counted(told.length - STEPS_SHOWN, "earlier step")}`));
      for (const mark of told.slice(-STEPS_SHOWN)) below.append(markStep(lane, mark * MARK));
    }
    if (below.childNodes.length) item.append(below);
    return item;
  }
  function windowOf(lane, mark) {
    for (let at = 0; at < lane.w.length; at += WINDOW) {
      if (lane.w[at + 6] === mark && lane.w[at + 5] >= 0) return lane.w[at + 5];
      if (lane.metric && lane.w[at + 5] <= mark && mark <= lane.w[at + 6]) return lane.w[at + 5];
    }
    // A window that closed at once: everything at the same instant.
    let first = mark;
    while (first > 0 && lane.m[(first - 1) * MARK] === lane.m[mark * MARK] && lane.m[(first - 1) * MARK + 1] !== FIRED) first--;
    return first;
  }
  function openDetails(title, says) {
    const box = $("details");
    box.replaceChildren();
    const close = make("button", "×", "close");
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => { choose(-1); $("list").focus(); });
    box.append(close, make("h3", title));
    if (says) box.append(make("p", says, "says"));
    // If there is room for only one of them, the details replace the list and get its focus.
    const within = $("list").contains(document.activeElement);
    box.hidden = false;
    box.scrollTop = 0;
    if (within && !$("list").clientHeight) close.focus();
    return box;
  }
  function choose(place, moves = true) {
    chosenFiring = place;
    if (place < 0) {
      chosenLane = -1;
      $("details").hidden = true;
    } else {
      const firing = firings[place], lane = laneOf(firing), one = data.automations[firing[0]];
      const box = openDetails(texts[one.name], one.says);
      const list = make("dl");
      fact(list, "fired", moment(firing[3]));
      fact(list, "after", `${length(firing[3])} from the start`);
      if (lane) labelFacts(list, lane);
      if (lane && firing[2] >= 0) fact(list, "rule", data.rules[lane.m[firing[2] * MARK + 2]]);
      if (firing[4] >= 0) eventFacts(list, firing[4]);
      else fact(list, "event", "none: a deadline passed");
      box.append(list);
      const steps = make("ol", undefined, "chain");
      steps.append(chain(firing));
      box.append(steps);
      if (moves) {
        jumpTo(firing[1], firing[3]);
        if (shown.includes(place)) activate(shown.indexOf(place));
      }
    }
    document.body.dataset.chosen = place;
    drawList();
    soon();
  }
  /* The steps of a bucket, for the keyboard; the pointer finds them in the lane. */
  function chooseLane(place) {
    const lane = lanes[place], one = data.automations[lane.a];
    chosenFiring = -1;
    chosenLane = place;
    const box = openDetails(caption(lane), `${texts[one.name]} · ${texts[lane.kind]}`);
    box.append(labelFacts(make("dl"), lane));
    const marks = [];
    for (let at = 0; at < lane.m.length; at += MARK) marks.push(at);
    const steps = make("ol", undefined, "chain");
    if (!marks.length) steps.append(make("li", "No event reached this bucket."));
    if (marks.length > STEPS_SHOWN) steps.append(make("li", `… ${counted(marks.length - STEPS_SHOWN, "earlier step")}`));
    for (const at of marks.slice(-STEPS_SHOWN)) steps.append(markStep(lane, at));
    box.append(steps);
  }
  function chooseNext(by) {
    if (!shown.length) return;
    const at = shown.indexOf(chosenFiring);
    if (at >= 0) { choose(shown[(at + by + shown.length) % shown.length]); return; }
    // The first or the last that is in view.
    choose(by > 0
      ? shown.find((place) => firings[place][3] >= view.from) ?? shown[0]
      : shown.findLast((place) => firings[place][3] <= view.to) ?? shown[shown.length - 1]);
  }

  // --- Pointer -------------------------------------------------------------------------------
  function under(clientX, clientY) {
    const box = canvas.getBoundingClientRect();
    const px = clientX - box.left, py = clientY - box.top + scroller.scrollTop;
    const row = visibleRows().find((one) => one.top <= py && py < one.top + one.height);
    if (!row || px < NAMES - 5) return null;
    if (row.more) return null;
    const firingAt = (mine) => {
      let near = -1, distance = 7;
      firings.forEach((firing, place) => {
        const off = Math.abs(x(firing[3]) - px);
        if (mine(firing) && off < distance) { near = place; distance = off; }
      });
      return near >= 0 ? { firing: near, lane: firings[near][1], mark: firings[near][2] } : null;
    };
    if (row.lane < 0) return firingAt((firing) => firing[0] === row.automation);
    const lane = lanes[row.lane];
    let best = -1, distance = 7, fired = false;
    for (let place = firstAfter(lane.m, MARK, time(px - 8), 0); place * MARK < lane.m.length && lane.m[place * MARK] <= time(px + 8); place++) {
      const off = Math.abs(x(lane.m[place * MARK]) - px), isFired = lane.m[place * MARK + 1] === FIRED;
      if (!isFired && !TICKED.has(lane.m[place * MARK + 1]) && !lane.metric) continue;
      if (off > 7 || (fired && !isFired) || (off >= distance && !(isFired && !fired))) continue;
      best = place; distance = off; fired = isFired;
    }
    if (best >= 0) return { lane: row.lane, mark: best };
    const listed = lane.hidden ? firingAt((firing) => firing[1] === row.lane) : null;
    if (listed) return listed;
    const at = time(px);
    for (let place = firstAfter(lane.w, WINDOW, at, 1); place * WINDOW < lane.w.length; place++) {
      if (lane.w[place * WINDOW] > at) break;
      return { lane: row.lane, window: place };
    }
    return null;
  }
  function describe(found) {
    const lane = found.lane >= 0 ? lanes[found.lane] : null;
    const box = document.createDocumentFragment(), list = make("dl");
    if (lane && found.window !== undefined) {
      const at = found.window * WINDOW, state = data.states[lane.w[at + 2]];
      box.append(make("h4", `${state[0]} · ${caption(lane)}`));
      fact(list, "state", state[1]);
      fact(list, "window", `${moment(lane.w[at])} – ${moment(lane.w[at + 1])}`);
      fact(list, "length", length(lane.w[at + 1] - lane.w[at]));
      if (lane.w[at + 3] >= 0) fact(list, "count", `${number(lane.w[at + 3])} of ${lane.need}${lane.proactive && lane.w[at + 3] >= lane.need ? ", satisfied" : ""}`);
      fact(list, "rule", data.rules[lane.w[at + 4]]);
    } else if (lane && found.mark >= 0) {
      const at = found.mark * MARK;
      box.append(make("h4", `${moment(lane.m[at])} · ${markText(lane, at)}`));
      if (lane.m[at + 3] >= 0) eventFacts(list, lane.m[at + 3]);
      else fact(list, "event", "none: a deadline");
    } else if (found.firing !== undefined) {
      box.append(make("h4", `${moment(firings[found.firing][3])} · fired`));
      if (firings[found.firing][4] >= 0) eventFacts(list, firings[found.firing][4]);
    }
    if (lane) for (const label of lane.labels.slice(0, 8)) fact(list, texts[label[0]], texts[label[1]]);
    if (lane && lane.hidden) fact(list, "left out", counted(lane.hidden, "transition"));
    box.append(list);
    return box;
  }
  function showTip(event) {
    hovered = under(event.clientX, event.clientY);
    canvas.classList.toggle("over", Boolean(hovered));
    tip.hidden = !hovered;
    if (!hovered) return;
    tip.replaceChildren(describe(hovered));
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(6, Math.min(event.clientX + 14, window.innerWidth - box.width - 8))}px`;
    tip.style.top = `${event.clientY + 18 + box.height > window.innerHeight ? Math.max(6, event.clientY - box.height - 12) : event.clientY + 18}px`;
  }
  function pick(target) {
    if (!target) { choose(-1); return; }
    const mark = target.mark, lane = target.lane;
    let firing = target.firing ?? -1;
    if (firing < 0 && lane >= 0 && mark >= 0 && lanes[lane].m[mark * MARK + 1] === FIRED) {
      firing = firings.findIndex((one) => one[1] === lane && one[2] === mark);
    }
    if (firing >= 0) { choose(firing); return; }
    chosenFiring = -1;
    chosenLane = lane;
    const one = data.automations[lanes[lane].a];
    const box = openDetails(caption(lanes[lane]), `${texts[one.name]} · ${texts[lanes[lane].kind]}`);
    box.append(describe(target));
    drawList();
    soon();
  }

  // --- Input ---------------------------------------------------------------------------------
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    drag = { x: event.clientX, y: event.clientY, from: view.from, to: view.to, top: scroller.scrollTop, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) { showTip(event); return; }
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    tip.hidden = true;
    canvas.classList.add("grabbed");
    const by = (dx / (wide - NAMES - RIGHT)) * (drag.to - drag.from);
    look(drag.from - by, drag.to - by);
    scroller.scrollTop = drag.top - dy;
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) pick(under(event.clientX, event.clientY));
    drag = null;
    canvas.classList.remove("grabbed");
  });
  // The browser takes over the pointer when a finger scrolls the lanes.
  canvas.addEventListener("pointercancel", () => { drag = null; canvas.classList.remove("grabbed"); });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("dblclick", (event) => zoom(0.4, time(event.clientX - canvas.getBoundingClientRect().left)));
  const wheel = (event) => {
    const box = canvas.getBoundingClientRect();
    if (event.clientX - box.left < NAMES) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      pan(((event.deltaX || event.deltaY) * unit) / (wide - NAMES));
    } else {
      zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY * unit * 0.002))), time(event.clientX - box.left));
    }
    tip.hidden = true;
  };
  canvas.addEventListener("wheel", wheel, { passive: false });
  axisCanvas.addEventListener("wheel", wheel, { passive: false });
  scroller.addEventListener("scroll", soon);
  $("list").addEventListener("scroll", drawList);
  names.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    if (row.dataset.automation !== undefined) {
      const place = Number(row.dataset.automation);
      if (!closed.delete(place)) closed.add(place);
      layOut();
    } else if (row.dataset.expand !== undefined) {
      expanded.add(Number(row.dataset.expand));
      layOut();
    } else {
      chooseLane(Number(row.dataset.lane));
      drawList();
    }
    drawAll();
  });
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("list").focus(); });
  $("list").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor($("list").clientHeight / FIRING_ROW) - 1);
    const to = { ArrowUp: active - 1, ArrowDown: active + 1, PageUp: active - page, PageDown: active + page, Home: 0, End: shown.length - 1 }[event.key];
    if (to !== undefined) activate(to);
    else if ((event.key === "Enter" || event.key === " ") && shown.length) choose(shown[active]);
    else return;
    event.preventDefault();
  });
  $("list").addEventListener("click", (event) => {
    const row = event.target.closest(".firing");
    if (row) choose(Number(row.dataset.firing));
  });
  function dragged(element, left, all) {
    let start = null;
    const at = (event) => {
      const box = element.getBoundingClientRect();
      return all()[0] + ((event.clientX - box.left - left) / (box.width - left)) * (all()[1] - all()[0]);
    };
    element.addEventListener("pointerdown", (event) => {
      start = { at: at(event), x: event.clientX, scale: [...all()] };
      element.setPointerCapture(event.pointerId);
    });
    element.addEventListener("pointermove", (event) => {
      if (start && Math.abs(event.clientX - start.x) > 4) {
        const now = at(event);
        look(Math.min(start.at, now), Math.max(start.at, now));
      }
    });
    element.addEventListener("pointerup", (event) => {
      if (start && Math.abs(event.clientX - start.x) <= 4) {
        const span = view.to - view.from;
        look(start.at - span / 2, start.at + span / 2);
      }
      start = null;
    });
  }
  dragged(miniCanvas, 0, () => WHOLE);
  let pulled = null;
  axisCanvas.addEventListener("pointerdown", (event) => {
    pulled = { x: event.clientX, from: view.from, to: view.to };
    axisCanvas.setPointerCapture(event.pointerId);
  });
  axisCanvas.addEventListener("pointermove", (event) => {
    if (!pulled) return;
    const by = ((event.clientX - pulled.x) / (wide - NAMES - RIGHT)) * (pulled.to - pulled.from);
    look(pulled.from - by, pulled.to - by);
  });
  axisCanvas.addEventListener("pointerup", () => { pulled = null; });
  let typed = 0;
  $("search").addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => search($("search").value), 120);
  });
  const fit = () => look(WHOLE[0], WHOLE[1]);
  function setTheme(name) {
    document.documentElement.dataset.theme = name;
    readColors();
    drawAll();
  }
  const swap = () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  const actions = { previous: () => chooseNext(-1), next: () => chooseNext(1), in: () => zoom(0.6), out: () => zoom(1 / 0.6), fit, theme: swap };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
  const keys = {
    "+": actions.in, "=": actions.in, "-": actions.out, 0: fit, ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15),
    ArrowUp: () => { scroller.scrollTop -= 60; }, ArrowDown: () => { scroller.scrollTop += 60; }, n: actions.next, p: actions.previous,
    t: swap, Escape: () => choose(-1), "/": () => $("search").focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === $("search")) {
      if (event.key === "Escape") { $("search").value = ""; search(""); $("search").blur(); }
      if (event.key === "Enter") { search($("search").value); if (shown.length) choose(shown[0]); }
      return;
    }
    if (!(event.key in keys)) return;
    if (event.key.startsWith("Arrow") && event.target.closest("aside")) return; // The element scrolls.
    event.preventDefault();
    keys[event.key]();
  });

  // --- Printing ------------------------------------------------------------------------------
  window.addEventListener("beforeprint", () => {
    const root = document.documentElement, notes = $("notes");
    printed = { theme: root.dataset.theme, top: scroller.scrollTop, place: $("list").scrollTop, text: notes.textContent, className: notes.className };
    const missing = [];
    const past = rows.filter((row) => row.top + row.height > PRINTED_HEIGHT).length;
    if (past) missing.push(counted(past, "more row"));
    if (shown.length > PRINTED_FIRINGS) missing.push(counted(shown.length - PRINTED_FIRINGS, "more firing"));
    if (missing.length) {
      notes.className = "left-out";
      notes.textContent = `Not printed: ${missing.join(" and ")}.`;
    }
    root.classList.add("printed");
    setTheme("light");
    drawList();
  });
  window.addEventListener("afterprint", () => {
    const { theme, top, place, text, className } = printed;
    printed = null;
    $("notes").textContent = text;
    $("notes").className = className;
    document.documentElement.classList.remove("printed");
    scroller.scrollTop = top;
    $("list").scrollTop = place;
    setTheme(theme);
    drawList();
  });

  // --- Notes and legend ----------------------------------------------------------------------
  function tellAbout() {
    const total = data.automations.reduce((sum, one) => sum + one.firings, 0);
    const buckets = lanes.length + data.left_out.buckets;
    const one = data.automations.length === 1 ? texts[data.automations[0].name] : counted(data.automations.length + data.left_out.automations, "automation");
    const told = [`${one}:`, total ? counted(total, "firing") : "no firing"];
    told.forEach((text, place) => { $("title").children[place].textContent = text; });
    $("title").title = one;
    document.title = `${told.join(" ")} · trigger-cli`;
    const span = data.empty ? "no event, so no time passed" : `${day(0)} ${clock(0)} – ${manyDays ? `${day(data.end)} ` : ""}${clock(data.end)} ${data.zone} (${length(data.end)})`;
    const facts = [span, counted(data.log.events, "event"), counted(buckets, "bucket"), `${data.dialect} dialect`];
    if (data.other) facts.push(`${data.other[0]} dialect: ${counted(data.other[1], "firing")}`);
    if (data.pending) facts.push(`${counted(data.pending, "deadline")} pending`);
    if (data.log.malformed) facts.push(counted(data.log.malformed, "malformed line"));
    // Its line is broken between facts.
    $("facts").textContent = facts.map((fact, place) => (place ? fact.replaceAll(" ", "\u00a0") : fact)).join(" · ");
    $("facts").title = data.log.sources.map((source) => texts[source]).join(", ");
    const left = data.left_out, missing = [];
    if (left.automations) missing.push(counted(left.automations, "automation"));
    if (left.buckets) missing.push(counted(left.buckets, "bucket"));
    if (left.transitions) missing.push(counted(left.transitions, "transition"));
    if (left.firings) missing.push(counted(left.firings, "firing"));
    if (missing.length) {
      $("notes").className = "left-out";
      $("notes").textContent = `To keep this page small, it leaves out ${missing.join(", ")}. Counts are complete.`;
    } else {
      $("notes").textContent = "Wheel, + and − zoom; drag and arrows move; n and p go from firing to firing; / searches.";
    }
    $("made").textContent = `trigger-cli ${data.version}`;
    // Only what is drawn.
    const used = new Set(lanes.flatMap((lane) => lane.w.filter((_, place) => place % WINDOW === 2)));
    const marks = [...new Set(lanes.flatMap((lane) => lane.m.filter((_, place) => place % MARK === 1)))];
    const legend = $("legend");
    const entry = (mark, text) => { const span = make("span"); span.append(mark, document.createTextNode(text)); legend.append(span); };
    if (total || marks.includes(FIRED)) entry(make("i", undefined, "diamond"), "firing");
    if (marks.some((kind) => TICKED.has(kind) && !FAINT.has(kind))) entry(make("i", undefined, "tick"), "event");
    if (marks.some((kind) => FAINT.has(kind))) entry(make("i", undefined, "tick faint"), "ignored or let go");
    if (lanes.some((lane) => lane.metric)) {
      entry(make("i", undefined, "value"), "value of a metric");
      entry(make("i", undefined, "bound"), "its bound");
    }
    data.states.forEach(([state, text], place) => {
      if (!used.has(place)) return;
      const mark = make("i", undefined, `is-${state}`);
      mark.style.borderColor = `var(--${state})`;
      mark.style.background = `color-mix(in srgb, var(--${state}) 20%, transparent)`;
      entry(mark, text);
    });
    entry(make("i", undefined, "after"), "after the replay");
  }

  lanes.forEach((lane, place) => { lane.place = place; });
  const asked = new URLSearchParams(location.hash.slice(1));
  const wantsDark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = asked.get("theme");
  document.documentElement.dataset.theme = theme === "dark" || theme === "light" ? theme : wantsDark.matches ? "dark" : "light";
  wantsDark.addEventListener("change", () => setTheme(wantsDark.matches ? "dark" : "light"));
  readColors();
  tellAbout();
  layOut();
  tellCount();
  drawAll();
  drawList();
  if (asked.get("q")) { $("search").value = asked.get("q"); search(asked.get("q")); }
  const wanted = Number(asked.get("firing"));
  if (wanted >= 1 && wanted <= firings.length) choose(wanted - 1);
  new ResizeObserver(() => { bins = null; drawAll(); drawList(); }).observe($("board"));
  document.body.dataset.ready = "yes";
})();
