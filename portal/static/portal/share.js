// Sharing works without this file. It sends each file by itself, with its progress, tries again
// after a lost connection, and keeps what was typed until the portal has it.

const TOGETHER = 2;
const TRIES = 8;
const PREFIX = "share-";

// What was typed stays in this browser until an answer says that it is kept. -------------------

const form = document.querySelector("form[data-share]");
const store = (() => {
  try {
    localStorage.setItem(`${PREFIX}probe`, "1");
    localStorage.removeItem(`${PREFIX}probe`);
    return localStorage;
  } catch {
    return null; // switched off: everything else still works
  }
})();

function forgetKept() {
  const kept = new URLSearchParams(location.search).get("kept");
  const keys = Object.keys(store).filter((key) => key.startsWith(PREFIX));
  for (const key of keys) {
    let token = "";
    try {
      token = JSON.parse(store.getItem(key)).token;
    } catch {
      store.removeItem(key);
    }
    if (kept && token === kept) store.removeItem(key);
  }
  const sent = new URLSearchParams(location.search).get("sent");
  if (sent) for (const key of [sent, `${sent}-check`]) store.removeItem(PREFIX + key);
}

function typed() {
  const values = {};
  for (const field of form.elements) {
    const isText = ["text", "textarea", "select-one"].includes(field.type);
    if (field.name && (isText || (field.type === "radio" && field.checked))) {
      values[field.name] = field.value;
    }
  }
  return values;
}

function putBack(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
}

if (store) forgetKept();
if (form && store) {
  const key = PREFIX + form.dataset.share;
  let token = Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(36)).join("");
  try {
    const saved = JSON.parse(store.getItem(key));
    if (saved) {
      putBack(saved.values);
      token = saved.token;
    }
  } catch {
    store.removeItem(key);
  }
  const hidden = document.createElement("input");
  Object.assign(hidden, { type: "hidden", name: "kept", value: token });
  form.append(hidden);
  form.addEventListener("input", () => {
    store.setItem(key, JSON.stringify({ token, values: typed() }));
  });
}

// Files, two at a time. -------------------------------------------------------------------------

const pause = (tries) => new Promise((go) => { setTimeout(go, Math.min(30, 2 ** tries) * 1000); });

function post(address, body, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (onProgress && event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      // A portal that is busy or being restarted is asked again, like a lost connection.
      if (request.status >= 500 || !request.response) reject(new Error(String(request.status)));
      else resolve({ status: request.status, answer: request.response });
    };
    request.onerror = () => reject(new Error("connection"));
    request.ontimeout = request.onerror;
    request.send(body);
  });
}

async function postUntilHeard(address, makeBody, { onProgress, onLost } = {}) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await post(address, makeBody(), onProgress);
    } catch (error) {
      if (tries >= TRIES) throw error;
      if (onLost) onLost();
      await pause(tries);
    }
  }
}

function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const word = document.createElement("span");
  const isolated = document.createElement("bdi");
  isolated.textContent = file.name;
  name.append(isolated);
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, bar, word);
  form.querySelector(".progress").append(item);
  return { bar, word };
}

async function sendFile(address, file, token) {
  const { bar, word } = line(file);
  const body = () => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", token);
    data.append("files", file);
    return data;
  };
  try {
    const { answer } = await postUntilHeard(address, body, {
      onProgress: (share) => { bar.value = share; word.textContent = ""; },
      onLost: () => { word.textContent = form.dataset.lost; },
    });
    const problems = answer.problems || [answer.error];
    bar.value = 1;
    word.textContent = problems.length ? problems.join(" ") : form.dataset.done;
    word.className = problems.length ? "fault" : "";
    return problems.length === 0;
  } catch {
    word.textContent = form.dataset.failed;
    word.className = "fault";
    return false;
  }
}

async function sendAll(address, files, token) {
  const waiting = [...files];
  let well = true;
  const worker = async () => {
    while (waiting.length) well = (await sendFile(address, waiting.shift(), token)) && well;
  };
  await Promise.all(Array.from({ length: TOGETHER }, worker));
  return well;
}

async function submit(button) {
  const files = [...form.elements.files.files];
  const token = form.elements.csrfmiddlewaretoken.value;
  const { title } = form.elements;
  if (!title.value) title.value = files[0].name.replace(/\.[^.]*$/, "").replaceAll("_", " ");
  const words = () => {
    const data = new FormData(form);
    data.delete("files");
    return data;
  };
  const list = form.querySelector(".progress");
  const lost = document.createElement("li");
  button.disabled = true;
  list.hidden = false;
  const onLost = () => {
    lost.textContent = form.dataset.lost;
    list.append(lost);
  };
  try {
    const { status, answer } = await postUntilHeard(form.action, words, { onLost });
    lost.remove();
    if (status !== 200) throw new Error(String(status));
    const well = await sendAll(answer.files, files, token);
    if (well) {
      location.assign(answer.next);
      return;
    }
    // The lines say which were lost. They can be chosen again, or the same button goes on without.
    form.elements.files.value = "";
    button.disabled = false;
    button.focus();
  } catch {
    form.submit(); // the plain way says what is wrong
  }
}

if (form?.elements.files) {
  form.addEventListener("submit", (event) => {
    if (!form.elements.files.files.length) return;
    event.preventDefault();
    submit(event.submitter || form.querySelector("button"));
  });
  const programme = form.elements.namedItem("programme");
  const country = form.elements.namedItem("country");
  if (programme && country && country.tagName === "SELECT") {
    const narrow = () => {
      const name = country.value && country.selectedOptions[0].textContent;
      for (const group of programme.querySelectorAll("optgroup")) {
        group.hidden = Boolean(name) && group.label !== name;
      }
    };
    country.addEventListener("change", narrow);
    narrow();
  }
}

// How far the files have been read. -------------------------------------------------------------

// The page was shown before the text was read: what was only guessed is put right, a choice is not.
function tellLanguage(code) {
  const { language, read_as: told } = form?.elements || {};
  const option = language?.querySelector(`option[value="${code}"]`);
  if (!option || told.value === code) return;
  told.value = code;
  const hint = document.getElementById("language-hint");
  hint.textContent = hint.dataset.words.replace("{}", option.textContent);
  if (language.dataset.guessed) language.value = code;
}

form?.elements.language?.addEventListener("change", (event) => {
  delete event.target.dataset.guessed;
});

const states = document.querySelector("[data-states]");
if (states?.querySelector(".reading-pending")) {
  const look = async (tries) => {
    await pause(1);
    try {
      const response = await fetch(states.dataset.states, { headers: { Accept: "application/json" } });
      const answer = await response.json();
      for (const file of answer.files) {
        const shown = states.querySelector(`[data-file="${file.id}"] .reading`);
        if (shown) {
          shown.textContent = file.label;
          shown.className = `reading reading-${file.state}`;
        }
      }
      tellLanguage(answer.read_as);
    } catch {
      // asked again below
    }
    if (tries > 0 && states.querySelector(".reading-pending")) look(tries - 1);
  };
  look(60);
}
