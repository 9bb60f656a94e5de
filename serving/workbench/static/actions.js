// Forms that ask the API in place: `data-post` is the address; what is refused is told beside them.

const token = document.querySelector('meta[name="csrf-token"]')?.content;
const refused = document.getElementById("refused");

/** The fields of a form as JSON; what is left empty is not said, and numbers are numbers. */
function content(form) {
  const fields = {};
  for (const field of form.elements) {
    if (!field.name || field.value === "") continue;
    fields[field.name] = field.type === "number" ? Number(field.value) : field.value;
  }
  return fields;
}

function tell(...told) {
  refused.replaceChildren(...told);
  refused.hidden = !told.length;
  if (told.length) refused.scrollIntoView({ block: "nearest" });
}

async function post(form) {
  const answer = await fetch(form.dataset.post, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { "X-CSRF-Token": token }) },
    body: JSON.stringify(content(form)),
  });
  if (answer.ok) return;
  if (answer.status === 401) throw document.getElementById("ended").content.cloneNode(true);
  const problem = await answer.json().catch(() => ({}));
  const errors = (problem.errors ?? []).map(({ field, remedy }) => `${field}: ${remedy}`);
  throw errors.join("; ") || problem.detail || answer.statusText;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset?.post) return;
  event.preventDefault();
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  tell();
  try {
    await post(form);
    document.getElementById("said").textContent = form.dataset.said ?? "";
    const place = form.closest("article");
    const next = place?.nextElementSibling?.querySelector("a, button");
    if (place) {
      place.replaceChildren(Object.assign(document.createElement("p"), { className: "said good", textContent: form.dataset.said ?? "✓" }));
      next?.focus();
    } else location.reload();
  } catch (error) {
    tell(error instanceof Error ? refused.dataset.lost : error);
    for (const button of buttons) button.disabled = false;
  }
});
