// What every page does beside being read: explanations on focus, chart read-outs, menus, shortcuts.

const tip = document.getElementById("tip");
const said = document.getElementById("said");

/** Show `text` beside the box (a DOMRect), inside the window. */
function showTip(text, box) {
  tip.textContent = text;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - width / 2, 8), innerWidth - width - 8);
  const above = box.top - height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above < 8 ? box.bottom + 8 : above}px`;
}

function hideTip() {
  tip.hidden = true;
}

// Terms, flags and whatever else carries data-tip
for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(enter, ({ target }) => {
    const told = target.closest?.("[data-tip]");
    if (!told?.dataset.tip) return;
    told.setAttribute("aria-describedby", "tip");
    showTip(told.dataset.tip, told.getBoundingClientRect());
  });
  document.addEventListener(leave, ({ target }) => {
    const told = target.closest?.("[data-tip]");
    if (!told) return;
    told.removeAttribute("aria-describedby");
    hideTip();
  });
}

// Charts: the nearest point reads itself out, by pointer or by the arrow keys
function points(chart) {
  return [...chart.querySelectorAll("[data-says]")];
}

function readOut(chart, point, aloud) {
  for (const other of points(chart)) other.classList.toggle("at", other === point);
  if (!point) return hideTip();
  showTip(point.dataset.says, point.getBoundingClientRect());
  if (aloud) said.textContent = point.dataset.says;
}

function nearest(chart, x) {
  const away = (point) => {
    const box = point.getBoundingClientRect();
    return Math.abs(box.left + box.width / 2 - x);
  };
  return points(chart).reduce((best, one) => (!best || away(one) < away(best) ? one : best), null);
}

document.addEventListener("pointermove", ({ target, clientX }) => {
  const chart = target.closest?.(".chart");
  if (chart) readOut(chart, nearest(chart, clientX));
});
document.addEventListener("pointerout", ({ target, relatedTarget }) => {
  const chart = target.closest?.(".chart");
  if (chart && !chart.contains(relatedTarget)) readOut(chart, null);
});
document.addEventListener("focusout", ({ target }) => {
  if (target.matches?.(".chart")) readOut(target, null);
});
document.addEventListener("keydown", (event) => {
  const chart = event.target.closest?.(".chart");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!chart || !step) return;
  const all = points(chart);
  const at = all.findIndex((point) => point.classList.contains("at"));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  readOut(chart, all[Math.min(Math.max(next, 0), all.length - 1)], true);
  event.preventDefault();
});

// A field that is an address of its own: what it is changed to is gone to
document.addEventListener("change", ({ target }) => {
  if (target.dataset?.go && target.value) location.assign(target.dataset.go + encodeURIComponent(target.value));
});

// Shortcuts: Control+K finds a buyer, Escape closes what is open
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    document.querySelector(".find input")?.select();
    event.preventDefault();
  } else if (event.key === "Escape") {
    hideTip();
    const menu = event.target.closest?.("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});
