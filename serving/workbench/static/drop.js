// A file that is dropped is sent; the columns asked for are those of the chosen kind of file.

const drop = document.getElementById("drop");
if (drop) {
  const file = drop.querySelector("[type=file]");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
    });
  }
  drop.addEventListener("drop", ({ dataTransfer }) => {
    if (!dataTransfer.files.length) return;
    file.files = dataTransfer.files;
    drop.requestSubmit();
  });
  drop.addEventListener("submit", () => {
    document.getElementById("sending").hidden = false;
    drop.querySelector("button").disabled = true;
  });
}

document.getElementById("mapping")?.addEventListener("change", ({ target }) => {
  if (target.name !== "table") return;
  for (const part of document.querySelectorAll("[data-kind]")) {
    part.hidden = part.disabled = part.dataset.kind !== target.value;
  }
});
