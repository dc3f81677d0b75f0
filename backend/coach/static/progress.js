// Shows the progress of an analysis from server-sent events.
const progress = document.getElementById("progress");
const stage = document.getElementById("stage");
const bar = document.getElementById("bar");
const detail = document.getElementById("detail");

if (progress && bar) {
  const stream = new EventSource(progress.dataset.stream);
  stream.onmessage = (event) => show(JSON.parse(event.data), stream);
}

function show(status, stream) {
  if (status.state === "ready" || status.state === "failed") {
    stream.close();
    location.reload();
    return;
  }
  if (!status.stage) {
    stage.textContent = waiting(status.ahead);
    return;
  }
  stage.textContent = `Step ${status.stage} of ${status.stages}: ${status.stage_name}`;
  if (status.frame && status.frames) {
    bar.max = status.frames;
    bar.value = Math.min(status.frame, status.frames);
    detail.textContent = `${status.frame} of ${status.frames} frames${timeLeft(status.left_s)}`;
  } else {
    bar.removeAttribute("value");
    detail.textContent = "";
  }
}

function waiting(ahead) {
  if (!ahead) return "Waiting for the analysis to start.";
  return `Waiting for the analysis to start: ${ahead} other job${ahead === 1 ? "" : "s"} before it.`;
}

function timeLeft(seconds) {
  if (seconds === null) return "";
  return seconds < 60 ? `, ${seconds} s left` : `, ${Math.round(seconds / 60)} min left`;
}
