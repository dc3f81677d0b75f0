// Live progress of one session: server-sent events in, words and a bar out.
const box = document.getElementById("progress");
const stage = document.getElementById("stage");
const bar = document.getElementById("bar");
const detail = document.getElementById("detail");

if (box && bar) {
  const stream = new EventSource(box.dataset.stream);
  stream.onmessage = (event) => show(JSON.parse(event.data), stream);
}

function show(news, stream) {
  if (news.state === "ready" || news.state === "failed") {
    stream.close();
    location.reload();
    return;
  }
  if (!news.stage) return;
  stage.textContent = `Step ${news.stage} of ${news.stages}: ${news.stage_name}`;
  if (news.frame && news.frames) {
    bar.max = news.frames;
    bar.value = Math.min(news.frame, news.frames);
    detail.textContent = `${news.frame} of ${news.frames} frames${left(news.left_s)}`;
  } else {
    bar.removeAttribute("value");
    detail.textContent = "";
  }
}

function left(seconds) {
  if (seconds === null) return "";
  return seconds < 60 ? `, ${seconds} s left` : `, ${Math.round(seconds / 60)} min left`;
}
