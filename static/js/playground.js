// Asks several systems at once, shows their answers as they are written, and stores a vote.

import { shown } from "./hidden.js";

const EVERY_MS = 200;
const SLOWEST_MS = 5000;
const NUMBERS = ["max_new_tokens", "temperature", "top_p", "top_k", "repetition_penalty", "seed"];

const form = document.querySelector("[data-playground]");
const thread = document.querySelector("[data-thread]");
const live = document.querySelector("[data-live]");
if (form) start();

function start() {
  const words = form.dataset;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const chosen = () => new FormData(form);
  let running = null; // the request that is being answered
  let last = null; // a chat's last turn

  function showMode() {
    const mode = chosen().get("mode");
    for (const element of form.querySelectorAll("[data-when]")) {
      element.hidden = !element.dataset.when.split(" ").includes(mode);
    }
    part("new").hidden = mode !== "chat" || !last;
  }

  function complain(message) {
    part("error").textContent = message;
    part("error").hidden = !message;
  }

  async function call(address, body) {
    const response = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Refused(answer.error.message);
    return answer;
  }

  function wish() {
    const data = chosen();
    const mode = data.get("mode");
    if (mode === "chat" && last) return { text: data.get("text"), follows: last, decoding: decoding(data) };
    const asked = {
      text: data.get("text"),
      mode,
      systems: data.getAll("systems"),
      raw: data.has("raw"),
      blind: data.has("blind"),
      source_lang: data.get("source_lang"),
      decoding: decoding(data),
    };
    if (mode === "translate" || mode === "stacked") asked.target_lang = data.get("target_lang");
    if (mode === "stacked") asked.translator = data.get("translator");
    return asked;
  }

  function decoding(data) {
    const given = NUMBERS.filter((name) => data.get(name) !== "");
    return Object.fromEntries(given.map((name) => [name, Number(data.get(name))]));
  }

  async function send(event) {
    event?.preventDefault();
    if (running) return;
    const asked = wish();
    const n = asked.systems?.length;
    if (n === 0) return complain(words.choose);
    if (n > Number(words.mostSystems)) return complain(`${words.tooMany} ${words.mostSystems}.`);
    complain("");
    busy(true);
    try {
      follow(await call(words.ask, asked));
    } catch (problem) {
      busy(false);
      complain(problem instanceof Refused ? problem.message : words.lost);
    }
  }

  function busy(is) {
    part("send").disabled = is;
    part("stop").hidden = !is;
  }

  function follow(request) {
    running = request.id;
    busy(true);
    live.textContent = words.answering;
    const turn = addTurn(request);
    let wait = EVERY_MS;
    async function ask() {
      try {
        const answer = await call(`${words.ask}${request.id}/`);
        complain("");
        wait = answer.state === "queued" ? 2 * EVERY_MS : EVERY_MS;
        show(turn, answer);
        if (answer.finished) return ended(answer);
      } catch (problem) {
        complain(problem instanceof Refused ? problem.message : words.lost);
        wait = Math.min(2 * wait, SLOWEST_MS);
      }
      setTimeout(ask, wait);
    }
    setTimeout(ask, EVERY_MS);
  }

  function ended(request) {
    running = null;
    busy(false);
    last = request.mode === "chat" && request.state === "done" ? request.id : null;
    live.textContent = request.error || words.answered;
    if (request.mode === "chat") form.elements.text.value = "";
    showMode();
  }

  async function stop() {
    if (running) await call(`${words.ask}${running}/cancel/`, {}).catch(() => complain(words.lost));
  }

  function addTurn(request) {
    const turn = make("section", "turn");
    const question = make("h2");
    question.append(...shown(request.text));
    question.dir = "auto";
    turn.append(question, make("p", "soft"), make("div", "lanes"));
    if (request.mode === "chat" && last) thread.append(turn);
    else thread.replaceChildren(turn);
    show(turn, request);
    return turn;
  }

  function show(turn, request) {
    const [, status, lanes] = turn.children;
    status.textContent = request.error || (request.finished ? "" : `${request.label} ${request.message}`);
    status.className = request.error ? "error" : "soft";
    while (lanes.children.length < request.answers.length) lanes.append(makeLane());
    request.answers.forEach((answer, n) => fill(lanes.children[n], answer, request));
    turn.querySelector(".vote")?.remove();
    if (request.can_vote) turn.append(voteBox(turn, request));
    else if (request.vote) turn.append(verdict(request));
  }

  function makeLane() {
    const lane = make("article", "card lane");
    const shown = make("details");
    shown.append(make("summary", "", words.prompt), make("pre"));
    lane.append(make("h3"), make("p", "lane-text"), make("p", "item-label", words.translation));
    lane.append(make("p", "lane-text"), make("p", "small-text soft"), shown);
    return lane;
  }

  function fill(lane, answer, request) {
    const [name, text, label, translation, facts, prompt] = lane.children;
    const writing = !request.finished && !answer.finish_reason && !answer.failed;
    name.textContent = answer.system ?? `${words.system} ${answer.letter}`;
    if (answer.system && request.blind) name.textContent = `${answer.letter}: ${answer.system}`;
    write(text, answer.text, answer.lang, writing && !answer.translation);
    write(translation, answer.translation, answer.translation_lang, writing);
    label.hidden = translation.hidden = !answer.translation;
    facts.textContent = factsOf(answer, request);
    prompt.hidden = !answer.prompt;
    prompt.lastElementChild.replaceChildren(...shown(answer.prompt ?? ""));
    lane.classList.toggle("best", request.vote?.best === answer.letter);
  }

  function write(element, text, lang, writing) {
    element.replaceChildren(...shown(text));
    element.lang = lang || "";
    element.dir = "auto";
    element.classList.toggle("writing", writing);
  }

  function factsOf(answer, request) {
    const facts = [];
    if (answer.failed) facts.push(answer.error || words.failed);
    else if (request.state === "cancelled") facts.push(words.cancelled);
    else if (request.finished && !answer.text) facts.push(words.empty);
    if (answer.finish_reason === "length") facts.push(words.length);
    if (answer.finish_reason === "time") facts.push(words.time);
    if (answer.n_tokens != null) facts.push(`${answer.n_tokens} ${words.tokens}`);
    if (answer.seconds != null) facts.push(`${answer.seconds} ${words.seconds}`);
    return facts.join(" · ");
  }

  function voteBox(turn, request) {
    const box = make("fieldset", "card vote");
    const note = make("input");
    note.maxLength = 2000;
    note.dir = "auto";
    const label = make("label", "", words.note);
    label.append(note);
    const actions = make("div", "actions");
    const choices = request.answers.map(({ letter }) => [letter, `${letter} ${words.best}`]);
    for (const [choice, text] of [...choices, ["tie", words.tie], ["both_bad", words.both_bad]]) {
      const button = make("button", "button", text);
      button.type = "button";
      button.addEventListener("click", () => vote(turn, request, choice, note.value));
      actions.append(button);
    }
    box.append(make("legend", "", words.vote), label, actions);
    return box;
  }

  async function vote(turn, request, choice, note) {
    try {
      show(turn, await call(`${words.ask}${request.id}/vote/`, { choice, note }));
      complain("");
      live.textContent = turn.querySelector(".vote").textContent;
    } catch (problem) {
      complain(problem instanceof Refused ? problem.message : words.lost);
    }
  }

  function verdict({ vote: stored }) {
    const said = stored.best ? `${stored.best} ${words.best}` : words[stored.verdict];
    return make("p", "vote message success", `${words.voted} ${said}`);
  }

  form.addEventListener("submit", send);
  form.addEventListener("change", showMode);
  form.elements.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  part("stop").addEventListener("click", stop);
  part("new").addEventListener("click", () => {
    last = null;
    thread.replaceChildren();
    showMode();
    form.elements.text.focus();
  });
  showMode();
  if (words.open) call(`${words.ask}${words.open}/`).then(follow).catch(() => complain(words.lost));
}

class Refused extends Error {}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
