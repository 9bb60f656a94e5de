// How far a job is: asked twice a second, until the page shows what came of it.

const place = document.querySelector("[data-progress]");
const bar = document.getElementById("progress");
const step = document.getElementById("step");

async function look() {
  const answer = await fetch(place.dataset.progress);
  if (!answer.ok) return location.reload();
  const job = await answer.json();
  if (!job.under_way) return location.reload();
  step.textContent = document.querySelector(`[data-step="${job.step}"]`)?.textContent ?? "";
  if (job.total > 1) {
    bar.max = job.total;
    bar.value = job.done;
  } else bar.removeAttribute("value");
  setTimeout(look, 500);
}

if (place) setTimeout(look, 300);
