// The what-if: every change asks again, and the answer takes its place beside what is in force.

const form = document.getElementById("what-if");
const refused = document.getElementById("refused");
const busy = document.getElementById("busy");
const reset = document.getElementById("reset");
const day = document.querySelector("[name=as_of]");
const dialog = document.getElementById("accounts-dialog");
const accounts = document.getElementById("accounts-fields");
const PATIENCE = 250; // milliseconds without a change before asking

let timer;
let asking;

/** What is asked: fields that say something, as name and value. */
function asked() {
  const fields = [...new FormData(form)].filter(([, value]) => (value instanceof File ? value.size : value !== ""));
  return fields.filter(([name, value]) => {
    const { neutral, beside } = form.elements[name]?.dataset ?? {};
    return neutral !== value && (!beside || form.elements[beside].value !== "");
  });
}

function label(output) {
  const value = Number(form.elements[output.dataset.for].value);
  const sign = form.elements[output.dataset.for].min < 0 && value > 0 ? "+" : value < 0 ? "−" : "";
  output.value = `${sign}${Math.abs(value)}${output.dataset.unit}`;
}

/** Ask, and put the answer's live parts in the place of those shown. */
async function ask() {
  asking?.abort();
  form.ariaBusy = true;
  asking = new AbortController();
  for (const output of form.querySelectorAll("output")) label(output);
  if (!form.checkValidity()) {
    form.ariaBusy = false;
    return form.reportValidity();
  }
  const fields = asked();
  const byPost = fields.some(([name]) => name.startsWith("accounts"));
  const address = new URL(form.action);
  if (!byPost) address.search = new URLSearchParams(fields);
  const options = { signal: asking.signal, headers: { Accept: "application/json" } };
  if (byPost) {
    options.method = "POST";
    options.body = new FormData();
    for (const [name, value] of fields) options.body.append(name, value);
    options.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  }
  const mine = asking;
  busy.hidden = false;
  try {
    const answer = await fetch(address, options);
    const text = await answer.text();
    refused.hidden = answer.ok;
    if (answer.status === 401) return refused.replaceChildren(document.getElementById("ended").content.cloneNode(true));
    if (!answer.ok) return refuse(text);
    show(new DOMParser().parseFromString(text, "text/html"));
    if (!byPost) history.replaceState(null, "", address);
    reset.hidden = fields.every(([name]) => name === "as_of");
  } catch (error) {
    if (error.name !== "AbortError") refuse(JSON.stringify({ detail: refused.dataset.lost }));
  } finally {
    if (mine === asking) {
      busy.hidden = true;
      form.ariaBusy = false;
    }
  }
}

function refuse(text) {
  refused.hidden = false;
  try {
    const { detail, errors } = JSON.parse(text);
    refused.textContent = errors?.length ? errors.map(({ field, remedy }) => `${field}: ${remedy}`).join("\n") : detail;
  } catch {
    refused.textContent = refused.dataset.lost;
  }
}

function show(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const open = [...part.querySelectorAll("details[open]")].map(({ id }) => id);
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    part.replaceChildren(...fresh.childNodes);
    for (const details of part.querySelectorAll("details")) details.open = open.includes(details.id);
  }
  const verdict = document.querySelector("[data-live=verdict] .said-short");
  document.getElementById("said").textContent = verdict.textContent;
}

form.addEventListener("input", (event) => {
  for (const output of form.querySelectorAll("output")) label(output);
  if (event.target.closest("dialog")) return; // asked when the dialog is
  form.ariaBusy = true;
  clearTimeout(timer);
  timer = setTimeout(ask, PATIENCE);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
reset.addEventListener("click", () => {
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = false;
    else if (field.type === "range") field.value = 0;
    else if (field !== day && field.name && !field.closest("dialog")) field.value = "";
  }
  accounts.disabled = true;
  ask();
});

// One click: a condition or a counterfactual fills the form
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-try]");
  if (!button) return;
  for (const [name, value] of new URLSearchParams(button.dataset.try)) {
    const field = form.elements[name];
    if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
  }
  ask();
});

// New accounts: a dialog whose fields count once they are asked
document.getElementById("new-accounts").addEventListener("click", () => {
  accounts.disabled = false;
  dialog.showModal();
});
for (const button of dialog.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => {
    if (button.dataset.close && !form.reportValidity()) return;
    form.ariaBusy = true; // the dialog tells of its end in its own time, and asks then
    dialog.close(button.dataset.close);
  });
}
dialog.addEventListener("close", () => {
  accounts.disabled = dialog.returnValue !== "ask";
  ask();
});

// What would be enough takes a moment to find: asked for once the page is painted
const enough = document.getElementById("counterfactuals");
requestIdleCallback(() =>
  fetch(`${enough.dataset.from}${location.search}`, { headers: { Accept: "text/html" } })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((text) => enough.append(...new DOMParser().parseFromString(text, "text/html").body.childNodes))
    .catch(() => {}),
);
