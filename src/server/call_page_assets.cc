#include "src/server/call_page_assets.h"

namespace dragoman {

const std::string_view kCallPageStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f4f0, #131417);
  --card: light-dark(#ffffff, #1b1d21);
  --line: light-dark(#e4e0d8, #2d3036);
  --ink: light-dark(#1d1c1a, #ececea);
  --soft: light-dark(#6b675f, #9a9b9f);
  --caller: light-dark(#1f6f8b, #63b6d3);
  --agent: light-dark(#b4541a, #ec9a5f);
  --tool: light-dark(#6a4fb3, #a991ee);
  --cut: light-dark(#c02a4b, #ff7590);
  --good: light-dark(#23744b, #6bcf9c);
  --s1: light-dark(#c9c2b4, #565a63);
  --s2: light-dark(#6a4fb3, #a991ee);
  --s3: light-dark(#b4541a, #ec9a5f);
  --s4: light-dark(#1f6f8b, #63b6d3);
}
:root[data-theme=light] { color-scheme: light; }
:root[data-theme=dark] { color-scheme: dark; }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  -webkit-text-size-adjust: 100%;
}
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 56px; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
:focus-visible { outline: 2px solid var(--caller); outline-offset: 2px; border-radius: 4px; }
code { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 15px; margin: 0 0 4px; letter-spacing: -.005em; }
header { display: flex; gap: 20px; justify-content: space-between; align-items: flex-start; }
header p { margin: 4px 0 0; color: var(--soft); }
.aside { display: flex; gap: 10px; align-items: stretch; flex: none; }
.verdict {
  margin: 0; padding: 7px 14px 7px 34px; border-radius: 10px; position: relative; font-size: 13px;
  line-height: 1.35; background: color-mix(in srgb, currentColor 9%, transparent); max-width: 340px;
}
.verdict b, .verdict span { display: block; }
.verdict span { color: var(--soft); overflow-wrap: anywhere; }
.verdict::before { content: "\2713"; position: absolute; left: 13px; font-weight: 700; }
.good { color: var(--good); } .bad { color: var(--cut); }
.verdict.bad::before { content: "\2717"; }
.theme {
  border: 1px solid var(--line); border-radius: 10px; padding: 0 12px; font-size: 13px;
  color: var(--soft);
}
.tiles { display: flex; flex-wrap: wrap; gap: 4px 36px; margin: 22px 0 16px; }
.tile dt { font-size: 12.5px; color: var(--soft); }
.tile dd {
  margin: 0; font-size: 20px; font-weight: 600; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 18px 20px; margin: 0 0 16px; min-width: 0;
}
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; margin-bottom: 12px; }
.play {
  width: 40px; height: 40px; border-radius: 50%; background: var(--ink); flex: none;
  display: grid; place-items: center; transition: opacity .15s;
}
.play:disabled { opacity: .3; cursor: default; }
.play::before {
  content: ""; border-left: 13px solid var(--card); border-top: 8px solid transparent;
  border-bottom: 8px solid transparent; margin-left: 3px;
}
.playing .play::before {
  width: 12px; height: 14px; border: solid var(--card); border-width: 0 4px; margin: 0;
}
.clock { font-size: 18px; font-weight: 600; font-variant-numeric: tabular-nums; min-width: 4ch; }
.of { color: var(--soft); font-variant-numeric: tabular-nums; }
.legend { margin-left: auto; display: flex; flex-wrap: wrap; gap: 2px 14px; }
.legend b { font-weight: 400; font-size: 13px; color: var(--soft); }
.legend b::before {
  content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px;
  margin-right: 6px; background: var(--k);
}
.legend .c { --k: var(--caller); } .legend .a { --k: var(--agent); }
.legend .t { --k: var(--tool); } .legend .x { --k: var(--cut); }
.speed { font-size: 13px; color: var(--soft); }
.speed select {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 7px; padding: 2px 4px;
}
.scroll { overflow-x: auto; overflow-y: hidden; padding: 0 1px; scrollbar-width: thin; }
.time { position: relative; cursor: pointer; touch-action: pan-x pan-y; }
.lane { position: relative; height: 84px; color: var(--caller); }
.lane.agent { color: var(--agent); }
.wave { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.wave path {
  stroke: currentColor; stroke-width: 1.6px; vector-effect: non-scaling-stroke; fill: none;
}
.band {
  position: absolute; top: 3px; bottom: 3px; border-radius: 7px; min-width: 3px;
  background: color-mix(in srgb, currentColor 11%, transparent);
}
.band:hover, .band.now { background: color-mix(in srgb, currentColor 22%, transparent); }
.middle { position: relative; height: 14px; }
.middle::before {
  content: ""; position: absolute; left: 0; right: 0; top: 50%; border-top: 1px solid var(--line);
}
.middle .tool {
  position: absolute; top: 3px; height: 8px; min-width: 6px; border-radius: 4px;
  background: var(--tool);
}
.middle .cut {
  position: absolute; top: -2px; width: 18px; height: 18px; margin-left: -9px;
  display: grid; place-items: center;
}
.middle .cut::before {
  content: ""; width: 10px; height: 10px; background: var(--cut); transform: rotate(45deg);
  border-radius: 2px; box-shadow: 0 0 0 2px var(--card);
}
.head {
  position: absolute; top: 0; bottom: 20px; left: 0; width: 2px; margin-left: -1px;
  background: var(--ink); pointer-events: none; border-radius: 1px;
}
.axis { position: relative; height: 20px; margin-top: 2px; }
.axis i {
  position: absolute; font-style: normal; font-size: 11.5px; color: var(--soft); top: 3px;
  font-variant-numeric: tabular-nums; padding-left: 4px; border-left: 1px solid var(--line);
}
.silent { margin: 10px 0 0; color: var(--cut); font-size: 13px; }
.columns { display: grid; grid-template-columns: minmax(0, 1.45fr) minmax(0, 1fr); gap: 16px; }
.talk { list-style: none; margin: 10px 0 0; padding: 0; }
.talk > li { display: grid; grid-template-columns: 52px minmax(0, 1fr); }
.at {
  color: var(--soft); font-size: 12.5px; text-align: left; font-variant-numeric: tabular-nums;
  line-height: 22px; align-self: start; white-space: nowrap;
}
.at:hover, .q:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 3px; }
.turn { padding: 7px 0; }
.said { border-left: 3px solid var(--who); padding: 0 0 0 13px; border-radius: 2px; }
.turn.caller { --who: var(--caller); } .turn.agent { --who: var(--agent); }
.turn.now { background: color-mix(in srgb, var(--who) 9%, transparent); border-radius: 8px; }
.name { color: var(--who); font-size: 12.5px; font-weight: 600; }
.name em { color: var(--soft); font-style: normal; font-weight: 400; margin-left: 8px; }
.said p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
del { color: var(--soft); text-decoration-color: var(--cut); }
.moment span { color: var(--soft); font-size: 13px; line-height: 22px; overflow-wrap: anywhere; }
.moment.cut span { color: var(--cut); }
.moment.cut span::before { content: "\25C6"; font-size: 10px; margin-right: 7px; }
.talk > .toolcall {
  display: block; margin: 6px 0 6px 52px; padding: 8px 12px 9px; border-radius: 10px;
  background: color-mix(in srgb, var(--tool) 8%, transparent);
}
.toolcall > div { display: flex; gap: 10px; align-items: baseline; }
.toolcall > div b { color: var(--tool); font-size: 13.5px; overflow-wrap: anywhere; }
.toolcall > div span { margin-left: auto; color: var(--soft); font-size: 12.5px; flex: none; }
.toolcall dl { margin: 2px 0 0; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 10px; }
.toolcall dt { color: var(--soft); font-size: 12.5px; line-height: 20px; }
.toolcall dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; max-height: 15em; overflow: auto; }
.toolcall.failed { background: color-mix(in srgb, var(--cut) 9%, transparent); }
.toolcall.failed > div b, .toolcall.failed dt:last-of-type { color: var(--cut); }
.hint { margin: 0 0 12px; color: var(--soft); font-size: 13px; line-height: 1.45; }
.falls { list-style: none; margin: 0; padding: 0; }
.falls li { padding: 9px 0 7px; border-top: 1px solid var(--line); }
.top { display: flex; gap: 8px; align-items: baseline; }
.top .n { color: var(--soft); font-size: 12.5px; min-width: 1.2em; font-variant-numeric: tabular-nums; }
.top .q {
  flex: 1; min-width: 0; text-align: left; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; font-size: 13.5px;
}
.top b { flex: none; font-variant-numeric: tabular-nums; }
.fall { display: flex; height: 12px; margin: 5px 0 4px; border-radius: 4px; overflow: hidden; gap: 1px; }
.fall i { background: var(--s); min-width: 1px; }
.pause { --s: var(--s1); } .model { --s: var(--s2); } .voice { --s: var(--s3); } .line { --s: var(--s4); }
.parts { display: flex; flex-wrap: wrap; gap: 0 13px; font-size: 12px; color: var(--soft); }
.parts span::before {
  content: ""; display: inline-block; width: 7px; height: 7px; border-radius: 2px;
  background: var(--s, transparent); margin-right: 5px;
}
.parts b { color: var(--ink); font-weight: 500; font-variant-numeric: tabular-nums; }
.parts .ahead::before { content: none; }
.checks, .files { list-style: none; margin: 8px 0 0; padding: 0; font-size: 14px; }
.checks li { position: relative; padding: 3px 0 3px 22px; color: var(--ink); overflow-wrap: anywhere; }
.checks li::before { position: absolute; left: 2px; font-weight: 700; content: "\2713"; color: var(--good); }
.checks .bad::before { content: "\2717"; color: var(--cut); }
.checks small { display: block; color: var(--soft); }
.files li { padding: 2px 0; overflow-wrap: anywhere; }
.files a { color: var(--caller); }
.files code { color: var(--soft); margin-left: 6px; }
.facts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 3px 16px; margin: 8px 0 0; font-size: 14px; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; font-weight: 600; }
.wide { overflow-x: auto; margin-top: 10px; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
td { padding: 2px 14px 2px 0; vertical-align: top; overflow-wrap: anywhere; border-top: 1px solid var(--line); }
td:nth-child(2) { white-space: nowrap; color: var(--caller); }
@media (max-width: 820px) {
  .columns { grid-template-columns: minmax(0, 1fr); gap: 0; }
  main { padding: 18px 12px 40px; }
  header { flex-wrap: wrap; }
  .aside { width: 100%; }
  .verdict { flex: 1; max-width: none; }
  .tiles { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 10px 14px; }
  .tile dd { font-size: 17px; }
  .card { padding: 15px 14px; border-radius: 12px; }
  .lane { height: 66px; }
  .legend { margin-left: 0; width: 100%; order: 9; }
  .speed { margin-left: auto; }
}
@media print { .theme, .play, .speed { display: none; } .card { break-inside: avoid; } }
@media (prefers-reduced-motion: no-preference) { .scroll { scroll-behavior: smooth; } }
)css";

const std::string_view kCallPageScript = R"js(
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const root = document.documentElement, player = one('.player'), audio = one('audio');
  const scroll = one('.scroll'), time = one('.time'), head = one('.head'), clock = one('.clock');
  const play = one('.play'), speed = one('.speed select'), silent = one('.silent');
  const length = Number(time.dataset.duration) || 0;
  let at = 0;

  const theme = one('.theme');
  const order = ['', 'dark', 'light'], names = ['Theme: auto', 'Theme: dark', 'Theme: light'];
  let chosen = 0;
  const dress = () => { root.dataset.theme = order[chosen]; theme.textContent = names[chosen]; };
  theme.hidden = false;
  theme.addEventListener('click', () => { chosen = (chosen + 1) % 3; dress(); });
  dress();

  const rows = all('.turn').map((row) => [Number(row.dataset.s), Number(row.dataset.e), row]);
  const show = () => {
    const part = length ? Math.min(at / length, 1) : 0;
    head.style.left = `${part * 100}%`;
    const tenths = Math.floor(at * 10);
    clock.textContent = `${Math.floor(tenths / 600)}:` +
        `${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
    scroll.setAttribute('aria-valuenow', String(Math.round(at)));
    for (const [from, to, row] of rows) row.classList.toggle('now', at > 0 && at >= from && at < to);
  };
  const seek = (to) => {
    at = Math.max(0, Math.min(to, length));
    if (audio && audio.readyState > 0) audio.currentTime = at;
    show();
  };
  const follow = () => {
    at = audio.currentTime;
    show();
    const x = head.offsetLeft;
    if (x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth - 40) {
      scroll.scrollLeft = x - 40;
    }
    if (!audio.paused) requestAnimationFrame(follow);
  };
  const toggle = () => {
    if (!audio || audio.readyState === 0) return;
    if (audio.paused) audio.play(); else audio.pause();
  };

  time.addEventListener('click', (event) => {
    if (event.target.closest('[data-t]')) return;
    const box = time.getBoundingClientRect();
    seek((event.clientX - box.left) / box.width * length);
  });
  for (const button of all('[data-t]')) {
    button.addEventListener('click', () => seek(Number(button.dataset.t)));
  }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const busy = document.activeElement?.closest('button, select, a, summary');
    if (event.key === ' ' && !busy) { toggle(); event.preventDefault(); }
    if (busy?.matches('select')) return;
    if (event.key === 'ArrowLeft') { seek(at - 2); event.preventDefault(); }
    if (event.key === 'ArrowRight') { seek(at + 2); event.preventDefault(); }
  });

  if (audio) {
    const ready = () => { play.disabled = false; if (at) audio.currentTime = at; };
    const fail = () => { silent.hidden = false; play.disabled = true; };
    audio.addEventListener('loadedmetadata', ready);
    audio.addEventListener('error', fail);
    if (audio.error) fail(); else if (audio.readyState > 0) ready();
    audio.addEventListener('play', () => {
      player.classList.add('playing'); play.ariaLabel = 'Pause'; follow();
    });
    audio.addEventListener('pause', () => {
      player.classList.remove('playing'); play.ariaLabel = 'Play';
    });
    play.addEventListener('click', toggle);
    speed.addEventListener('change', () => { audio.playbackRate = Number(speed.value); });
  }
  show();
})();
)js";

const std::string_view kCallPageScriptHash = "1mL8Z5a7WvE6psp2bgWyL/BjLcEZa5N7YXLmarIoZaI=";

}  // namespace dragoman
